package org.qiantang.core;

import static java.util.Objects.requireNonNull;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.interfaces.EdECPrivateKey;
import java.security.spec.NamedParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.HexFormat;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * The installation's two keys at work: one keeps small secrets (source passwords) unreadable in the database and marks what only this
 * installation can have written, the other signs receipts so that anybody can check them without the platform. Thread-safe.
 */
public final class Sealing {
    /** The signature algorithm of receipts. */
    public static final String ALGORITHM = "Ed25519";

    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;

    private final SecureRandom random = new SecureRandom();
    private final SecretKey master;
    private final KeyPair receipts;

    /** @param masterKey 32 bytes */
    public Sealing(byte[] masterKey, KeyPair receipts) {
        if (masterKey.length != 32) {
            throw new IllegalArgumentException("The master key has " + masterKey.length + " bytes, not 32");
        }
        this.master = new SecretKeySpec(masterKey, "AES");
        this.receipts = requireNonNull(receipts, "receipts is null");
    }

    /** Encrypts a secret. {@code purpose} must be given again to open it, so that one secret cannot be put in another's place. */
    public byte[] seal(String secret, String purpose) {
        byte[] nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        try {
            byte[] sealed =
                    cipher(Cipher.ENCRYPT_MODE, nonce, purpose).doFinal(secret.getBytes(StandardCharsets.UTF_8));
            return ByteBuffer.allocate(nonce.length + sealed.length)
                    .put(nonce)
                    .put(sealed)
                    .array();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("A secret cannot be sealed", e);
        }
    }

    /** Opens what {@link #seal} made; refuses what was changed, moved, or sealed with another key. */
    public String open(byte[] sealed, String purpose) {
        try {
            byte[] nonce = java.util.Arrays.copyOf(sealed, NONCE_BYTES);
            byte[] secret = cipher(Cipher.DECRYPT_MODE, nonce, purpose)
                    .doFinal(sealed, NONCE_BYTES, Math.max(0, sealed.length - NONCE_BYTES));
            return new String(secret, StandardCharsets.UTF_8);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("A secret cannot be opened: is it the right master key?", e);
        }
    }

    private Cipher cipher(int mode, byte[] nonce, String purpose) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, master, new GCMParameterSpec(TAG_BITS, nonce));
        cipher.updateAAD(purpose.getBytes(StandardCharsets.UTF_8));
        return cipher;
    }

    /**
     * A code that only who has the master key can make for a message (HMAC-SM3). Each purpose has a key of its own, derived as by HKDF's
     * expansion (RFC 5869), so that a code made for one says nothing for another.
     */
    public byte[] mac(String purpose, byte[] message) {
        byte[] label = purpose.getBytes(StandardCharsets.UTF_8);
        byte[] info = java.util.Arrays.copyOf(label, label.length + 1);
        info[label.length] = 1;
        return Sm3.hmac(Sm3.hmac(master.getEncoded(), info), message);
    }

    public byte[] sign(byte[] message) {
        try {
            Signature signature = Signature.getInstance(ALGORITHM);
            signature.initSign(receipts.getPrivate());
            signature.update(message);
            return signature.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("A receipt cannot be signed", e);
        }
    }

    public PublicKey publicKey() {
        return receipts.getPublic();
    }

    public static boolean verify(PublicKey key, byte[] message, byte[] signature) {
        try {
            Signature check = Signature.getInstance(ALGORITHM);
            check.initVerify(key);
            check.update(message);
            return check.verify(signature);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    /** SHA-256 over the key's X.509 form: {@code sha256:} and 64 hexadecimal digits. */
    public static String fingerprint(PublicKey key) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(key.getEncoded());
            return "sha256:" + HexFormat.of().formatHex(digest);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    public static KeyPair newKeyPair() {
        try {
            return KeyPairGenerator.getInstance(ALGORITHM).generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A key pair from its private half, PKCS #8, as PEM text or as bytes. */
    public static KeyPair keyPair(byte[] pkcs8) {
        try {
            PrivateKey privateKey =
                    KeyFactory.getInstance(ALGORITHM).generatePrivate(new PKCS8EncodedKeySpec(decoded(pkcs8)));
            byte[] seed = ((EdECPrivateKey) privateKey).getBytes().orElseThrow();
            // The JDK computes a public half only while it makes a pair; so it makes this pair again, from the same
            // seed.
            KeyPairGenerator generator = KeyPairGenerator.getInstance(ALGORITHM);
            generator.initialize(NamedParameterSpec.ED25519, new SecureRandom() {
                @Override
                public void nextBytes(byte[] bytes) {
                    System.arraycopy(seed, 0, bytes, 0, bytes.length);
                }
            });
            KeyPair pair = new KeyPair(generator.generateKeyPair().getPublic(), privateKey);
            Sealing proof = new Sealing(new byte[32], pair);
            if (!verify(pair.getPublic(), seed, proof.sign(seed))) {
                throw new IllegalStateException("The public half of the receipt key cannot be computed");
            }
            return pair;
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("Not an Ed25519 private key (PKCS #8)", e);
        }
    }

    /** A public key in X.509 form, as PEM text or as bytes. */
    public static PublicKey publicKey(byte[] x509) {
        try {
            return KeyFactory.getInstance(ALGORITHM).generatePublic(new X509EncodedKeySpec(decoded(x509)));
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("Not an Ed25519 public key (X.509)", e);
        }
    }

    private static byte[] decoded(byte[] pemOrDer) {
        String text = new String(pemOrDer, StandardCharsets.ISO_8859_1);
        if (!text.startsWith("-----BEGIN ")) {
            return pemOrDer;
        }
        return Base64.getMimeDecoder().decode(text.replaceAll("-----[A-Z0-9 ]+-----", ""));
    }
}

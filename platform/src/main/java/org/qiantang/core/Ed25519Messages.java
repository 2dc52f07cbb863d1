package org.qiantang.core;

import java.security.PrivateKey;
import java.security.PublicKey;
import java.util.Arrays;
import org.bouncycastle.math.ec.rfc8032.Ed25519;

/**
 * Ed25519 (RFC 8032) where many messages a second are signed: the same signatures as the JDK's, at a fraction of what those cost. Two
 * installations sign whatever passes between them.
 */
final class Ed25519Messages {
    /** What stands before the key in its X.509 and PKCS #8 forms (RFC 8410). */
    private static final int PUBLIC_PREFIX = 12;

    private static final int PRIVATE_PREFIX = 16;
    private static final int KEY_BYTES = 32;
    private static final int SIGNATURE_BYTES = 64;

    private Ed25519Messages() {}

    static byte[] sign(PrivateKey key, byte[] message) {
        byte[] secret = raw(key.getEncoded(), PRIVATE_PREFIX);
        byte[] signature = new byte[SIGNATURE_BYTES];
        Ed25519.sign(secret, 0, message, 0, message.length, signature, 0);
        Arrays.fill(secret, (byte) 0);
        return signature;
    }

    static boolean verify(PublicKey key, byte[] message, byte[] signature) {
        return signature.length == SIGNATURE_BYTES
                && Ed25519.verify(signature, 0, raw(key.getEncoded(), PUBLIC_PREFIX), 0, message, 0, message.length);
    }

    private static byte[] raw(byte[] encoded, int prefix) {
        if (encoded.length != prefix + KEY_BYTES) {
            throw new IllegalArgumentException("Not an Ed25519 key in its shortest form");
        }
        return Arrays.copyOfRange(encoded, prefix, encoded.length);
    }
}

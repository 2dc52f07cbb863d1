package org.qiantang.evidence;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import org.bouncycastle.asn1.gm.GMNamedCurves;
import org.bouncycastle.asn1.x9.X9ECParameters;
import org.bouncycastle.crypto.CryptoException;
import org.bouncycastle.crypto.params.ECDomainParameters;
import org.bouncycastle.crypto.params.ECPrivateKeyParameters;
import org.bouncycastle.crypto.params.ECPublicKeyParameters;
import org.bouncycastle.crypto.signers.SM2Signer;
import org.bouncycastle.jcajce.provider.digest.SM3;

/** SM3 (GB/T 32905) and SM2 (GB/T 32918) with the usual identity: the suite of Chinese administrations. */
public final class Sm2Suite implements Suite {
    private static final X9ECParameters CURVE = GMNamedCurves.getByName("sm2p256v1");
    private static final ECDomainParameters DOMAIN =
            new ECDomainParameters(CURVE.getCurve(), CURVE.getG(), CURVE.getN(), CURVE.getH());

    @Override
    public String id() {
        return "sm3-sm2";
    }

    @Override
    public MessageDigest digest() {
        return new SM3.Digest();
    }

    @Override
    public byte[] keyType() {
        byte[] name = "\u0000qiantang.org/sm2-sm3".getBytes(StandardCharsets.US_ASCII);
        // 0xff: an algorithm that the specification does not number.
        name[0] = (byte) 0xff;
        return name;
    }

    @Override
    public byte[] publicKey(byte[] secret) {
        return DOMAIN.getG().multiply(scalar(secret)).normalize().getEncoded(true);
    }

    @Override
    public byte[] sign(byte[] secret, byte[] message) {
        try {
            SM2Signer signer = new SM2Signer();
            signer.init(true, new ECPrivateKeyParameters(scalar(secret), DOMAIN));
            signer.update(message, 0, message.length);
            return signer.generateSignature();
        } catch (CryptoException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public boolean verify(byte[] publicKey, byte[] message, byte[] signature) {
        try {
            SM2Signer signer = new SM2Signer();
            signer.init(false, new ECPublicKeyParameters(CURVE.getCurve().decodePoint(publicKey), DOMAIN));
            signer.update(message, 0, message.length);
            return signer.verifySignature(signature);
        } catch (RuntimeException notAKey) {
            return false;
        }
    }

    /** SM2 wants 1 to n-2. */
    private static BigInteger scalar(byte[] secret) {
        BigInteger most = DOMAIN.getN().subtract(BigInteger.TWO);
        return new BigInteger(1, secret).mod(most).add(BigInteger.ONE);
    }
}

package org.qiantang.core;

import org.bouncycastle.crypto.digests.SM3Digest;
import org.bouncycastle.crypto.macs.HMac;
import org.bouncycastle.crypto.params.KeyParameter;

/** The hash of Chinese administrations (SM3, GB/T 32905-2016), alone and with a key (HMAC, RFC 2104). */
public final class Sm3 {
    private Sm3() {}

    /** 32 bytes. */
    public static byte[] digest(byte[] message) {
        SM3Digest digest = new SM3Digest();
        digest.update(message, 0, message.length);
        byte[] hash = new byte[digest.getDigestSize()];
        digest.doFinal(hash, 0);
        return hash;
    }

    /** Begins a message that others go on with, each in their own way. */
    public static Begun begin(byte[] message) {
        return new Begun(message);
    }

    /** The hash of a message up to where it is different each time: what comes before is looked at once. Thread-safe. */
    public static final class Begun {
        private final SM3Digest begun = new SM3Digest();

        private Begun(byte[] message) {
            begun.update(message, 0, message.length);
        }

        /** 32 bytes, of the message with this behind it. */
        public byte[] digest(byte[] rest) {
            SM3Digest digest = new SM3Digest(begun);
            digest.update(rest, 0, rest.length);
            byte[] hash = new byte[digest.getDigestSize()];
            digest.doFinal(hash, 0);
            return hash;
        }
    }

    /** 32 bytes. */
    public static byte[] hmac(byte[] key, byte[] message) {
        HMac hmac = new HMac(new SM3Digest());
        hmac.init(new KeyParameter(key));
        hmac.update(message, 0, message.length);
        byte[] code = new byte[hmac.getMacSize()];
        hmac.doFinal(code, 0);
        return code;
    }
}

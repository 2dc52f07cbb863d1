package org.qiantang.app.install;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** The application on an administrator's telephone (RFC 6238), written apart from what it is to agree with. */
public final class Authenticator {
    private static final String ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    private static final int SECRET_BYTES = 20;

    private Authenticator() {}

    /** The code that belongs to a key now. */
    public static String code(String key) throws Exception {
        String digits = key.chars()
                .mapToObj(each -> Integer.toString(ALPHABET.indexOf(each), 32))
                .collect(Collectors.joining());
        byte[] number = new BigInteger(digits, 32).toByteArray();
        byte[] secret = new byte[SECRET_BYTES];
        int length = Math.min(number.length, SECRET_BYTES);
        System.arraycopy(number, number.length - length, secret, SECRET_BYTES - length, length);
        Mac mac = Mac.getInstance("HmacSHA1");
        mac.init(new SecretKeySpec(secret, "HmacSHA1"));
        byte[] hash = mac.doFinal(ByteBuffer.allocate(Long.BYTES)
                .putLong(Instant.now().getEpochSecond() / 30)
                .array());
        int at = hash[hash.length - 1] & 0xf;
        return "%06d".formatted((ByteBuffer.wrap(hash).getInt(at) & 0x7fff_ffff) % 1_000_000);
    }
}

package org.qiantang.evidence;

import static java.util.Objects.requireNonNull;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * By which the signatures of one log are known: what a court, a resident's lawyer or another city keeps. Written as one line (C2SP
 * signed-note).
 *
 * @param name of the log, such as {@code qiantang/杭州市/hub-1}
 */
public record LogKey(String name, Suite suite, byte[] publicKey) {
    private static final Pattern FORM = Pattern.compile("([^+\\s]+)\\+([0-9a-f]{8})\\+([A-Za-z0-9+/=]+)");

    public LogKey {
        requireNonNull(suite, "suite is null");
        if (!name.matches("[^+\\s]+")) {
            throw new IllegalArgumentException("A log's name has neither spaces nor +: " + name);
        }
        publicKey = publicKey.clone();
    }

    static LogKey of(String name, Suite suite, byte[] secret) {
        return new LogKey(name, suite, suite.publicKey(secret));
    }

    /** Reads what {@link #line} wrote. */
    public static LogKey parse(String line) {
        Matcher form = FORM.matcher(line.strip());
        if (form.matches()) {
            byte[] key = Base64.getDecoder().decode(form.group(3));
            for (Suite suite : known(key)) {
                byte[] type = suite.keyType();
                if (key.length > type.length && Arrays.equals(type, Arrays.copyOf(key, type.length))) {
                    LogKey parsed = new LogKey(form.group(1), suite, Arrays.copyOfRange(key, type.length, key.length));
                    if (parsed.line().equals(line.strip())) {
                        return parsed;
                    }
                }
            }
        }
        throw new IllegalArgumentException("Not a log's key: " + line);
    }

    private static List<Suite> known(byte[] key) {
        // The national suite wants its library, which who checks the other one need not have.
        return key[0] == 1 ? List.of(new Ed25519Suite()) : List.of(new Sm2Suite());
    }

    public String line() {
        return name + "+" + HexFormat.of().formatHex(id()) + "+"
                + Base64.getEncoder().encodeToString(typed());
    }

    byte[] id() {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update((name + "\n").getBytes(StandardCharsets.UTF_8));
            return Arrays.copyOf(digest.digest(typed()), 4);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private byte[] typed() {
        byte[] type = suite.keyType();
        byte[] typed = Arrays.copyOf(type, type.length + publicKey.length);
        System.arraycopy(publicKey, 0, typed, type.length, publicKey.length);
        return typed;
    }
}

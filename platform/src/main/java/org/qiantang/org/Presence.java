package org.qiantang.org;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.util.Locale;
import org.qiantang.core.Sealing;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;

/**
 * The code somebody reads out, face to face, to the administrator who appoints them (当面核对): it is shown in their own account alone, so
 * whoever came into the account before them is found out when they cannot show it.
 */
@Service
public final class Presence {
    private static final Duration STEP = Duration.ofMinutes(10);
    private static final String ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz";
    private static final int LETTERS = 10;

    private final JdbcClient jdbc;
    private final Sealing sealing;
    private final Clock clock;

    Presence(JdbcClient jdbc, Sealing sealing, Clock clock) {
        this.jdbc = jdbc;
        this.sealing = sealing;
        this.clock = clock;
    }

    /** Counts for ten to twenty minutes, and no longer than the password. */
    public String code(String username) {
        return code(username, step());
    }

    boolean matches(String username, String shown) {
        byte[] typed = shown.strip().toLowerCase(Locale.ROOT).replace("-", "").getBytes(StandardCharsets.UTF_8);
        long now = step();
        return isSame(typed, code(username, now)) | isSame(typed, code(username, now - 1));
    }

    private static boolean isSame(byte[] typed, String code) {
        return MessageDigest.isEqual(typed, code.replace("-", "").getBytes(StandardCharsets.UTF_8));
    }

    private String code(String username, long step) {
        long revision = jdbc.sql("select password_revision from org_accounts where username = ?")
                .param(username)
                .query(Long.class)
                .single();
        byte[] mac = sealing.mac(
                "presence",
                String.join("\n", username, Long.toString(revision), Long.toString(step))
                        .getBytes(StandardCharsets.UTF_8));
        StringBuilder code = new StringBuilder();
        for (int i = 0; i < LETTERS; i++) {
            // Of two bytes each, so that no letter is noticeably more likely.
            int chance = (mac[2 * i] & 0xff) << 8 | mac[2 * i + 1] & 0xff;
            code.append(i == LETTERS / 2 ? "-" : "").append(ALPHABET.charAt(chance % ALPHABET.length()));
        }
        return code.toString();
    }

    private long step() {
        return clock.instant().getEpochSecond() / STEP.toSeconds();
    }
}

package org.qiantang.org;

import jakarta.servlet.http.HttpServletRequest;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.qiantang.core.Sealing;
import org.springframework.http.ResponseCookie;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;

/**
 * Browsers in which an account was signed in to: while strangers guess at its password they wait for each other, and the owner does not
 * wait for them. Such a mark opens nothing, and is worth nothing once the password is another.
 */
@Service
public final class TrustedDevices {
    static final String COOKIE = "QT-DEVICE-";
    private static final String PATH = "/api/session";
    private static final Duration LIFE = Duration.ofDays(180);
    private static final Pattern FORM = Pattern.compile("([0-9a-f]{32})\\.(\\d{1,7})\\.([0-9a-f]{64})");
    private static final SecureRandom RANDOM = new SecureRandom();

    private final JdbcClient jdbc;
    private final Sealing sealing;
    private final Clock clock;

    TrustedDevices(JdbcClient jdbc, Sealing sealing, Clock clock) {
        this.jdbc = jdbc;
        this.sealing = sealing;
        this.clock = clock;
    }

    /** The number of the browser when the account was signed in to in it, and its password has been the same since. */
    Optional<String> find(String username, Origin origin) {
        if (origin.devices().isEmpty()) {
            return Optional.empty();
        }
        Optional<Long> revision = revision(username);
        return revision.flatMap(now -> origin.devices().stream()
                .map(FORM::matcher)
                .filter(Matcher::matches)
                .filter(shown -> isOurs(shown, username, now))
                .map(shown -> shown.group(1))
                .findFirst());
    }

    private boolean isOurs(Matcher shown, String username, long revision) {
        long day = Long.parseLong(shown.group(2));
        return day > today() - LIFE.toDays()
                && MessageDigest.isEqual(
                        HexFormat.of().parseHex(shown.group(3)), mac(username, shown.group(1), day, revision));
    }

    /** What the browser, in which the account was signed in to just now, has to keep; empty for no account. */
    Optional<Mark> mark(String username, Origin origin) {
        return revision(username)
                .map(revision -> mark(username, find(username, origin).orElseGet(TrustedDevices::fresh), revision));
    }

    /** What a browser keeps. */
    record Mark(String name, String value) {
        ResponseCookie cookie(HttpServletRequest request) {
            return ResponseCookie.from(HostCookies.name(name, request), value)
                    .path(HostCookies.path(PATH, request))
                    .httpOnly(true)
                    .secure(request.isSecure())
                    .sameSite("Strict")
                    .maxAge(LIFE)
                    .build();
        }

        @Override
        public String toString() {
            return "Mark[" + name + "]";
        }
    }

    private Mark mark(String username, String id, long revision) {
        String mac = HexFormat.of().formatHex(mac(username, id, today(), revision));
        // Several people may use one browser; a name of a cookie gives no account away.
        String name = HexFormat.of()
                .formatHex(sealing.mac("cookie of a device", username.getBytes(StandardCharsets.UTF_8)), 0, 4);
        return new Mark(COOKIE + name, id + "." + today() + "." + mac);
    }

    private static String fresh() {
        byte[] id = new byte[16];
        RANDOM.nextBytes(id);
        return HexFormat.of().formatHex(id);
    }

    private Optional<Long> revision(String username) {
        return jdbc.sql("select password_revision from org_accounts where username = ?")
                .param(username)
                .query(Long.class)
                .optional();
    }

    private byte[] mac(String username, String id, long day, long revision) {
        return sealing.mac(
                "trusted device",
                String.join("\n", username, id, Long.toString(day), Long.toString(revision))
                        .getBytes(StandardCharsets.UTF_8));
    }

    private long today() {
        return LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC).toEpochDay();
    }
}

package org.qiantang.app.oidc;

import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import org.qiantang.core.Sealing;
import org.qiantang.org.HostCookies;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseCookie;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a browser carries from one step of a sign-in to the next: sealed, so that nobody reads or changes it, short-lived, and sent by
 * our own pages alone. The hub remembers nothing of people who are not in yet.
 */
@Component
final class Notes {
    private static final String COOKIE = "QT-OIDC";
    private static final String PATH = "/api/session/oidc";
    private static final Duration LIFE = Duration.ofMinutes(10);
    private static final JsonMapper JSON = JsonMapper.shared();

    private final Sealing sealing;
    private final Clock clock;

    Notes(Sealing sealing, Clock clock) {
        this.sealing = sealing;
        this.clock = clock;
    }

    private record Note(long until, String content) {}

    void write(Record content, HttpServletRequest request, HttpServletResponse response) {
        String note = JSON.writeValueAsString(
                new Note(clock.instant().plus(LIFE).toEpochMilli(), JSON.writeValueAsString(content)));
        byte[] sealed = sealing.seal(note, purpose(content.getClass()));
        put(Base64.getUrlEncoder().withoutPadding().encodeToString(sealed), LIFE, request, response);
    }

    /** What was written, once: the browser is told to forget it. Empty for what is too old, of another step, or not ours. */
    <T extends Record> Optional<T> take(Class<T> type, HttpServletRequest request, HttpServletResponse response) {
        Optional<T> note = read(type, request);
        put("", Duration.ZERO, request, response);
        return note;
    }

    private <T extends Record> Optional<T> read(Class<T> type, HttpServletRequest request) {
        Cookie[] cookies = request.getCookies();
        if (cookies == null) {
            return Optional.empty();
        }
        for (Cookie cookie : cookies) {
            if (cookie.getName().equals(HostCookies.name(COOKIE, request))) {
                try {
                    byte[] sealed =
                            Base64.getUrlDecoder().decode(cookie.getValue().getBytes(StandardCharsets.US_ASCII));
                    Note note = JSON.readValue(sealing.open(sealed, purpose(type)), Note.class);
                    return note.until < clock.instant().toEpochMilli()
                            ? Optional.empty()
                            : Optional.of(JSON.readValue(note.content, type));
                } catch (IllegalStateException | IllegalArgumentException e) {
                    return Optional.empty();
                }
            }
        }
        return Optional.empty();
    }

    private static String purpose(Class<?> type) {
        return "sign-in step " + type.getSimpleName();
    }

    private static void put(String value, Duration life, HttpServletRequest request, HttpServletResponse response) {
        response.addHeader(
                HttpHeaders.SET_COOKIE,
                ResponseCookie.from(HostCookies.name(COOKIE, request), value)
                        .path(HostCookies.path(PATH, request))
                        .httpOnly(true)
                        .secure(request.isSecure())
                        .sameSite("Strict")
                        .maxAge(life)
                        .build()
                        .toString());
    }
}

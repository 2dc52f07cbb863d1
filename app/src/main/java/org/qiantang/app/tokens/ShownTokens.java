package org.qiantang.app.tokens;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.jwt.JwtDecoder;

/**
 * Tokens that were shown and held: their signature is looked at once. A token says the same as long as it lasts, and no signing key ends
 * before the last token that it signed; whether its client still counts is asked at each call.
 */
final class ShownTokens implements JwtDecoder {
    private static final int MOST = 10_000;

    private final JwtDecoder decoder;
    private final Clock clock;
    private final ConcurrentMap<ByteBuffer, Jwt> held = new ConcurrentHashMap<>();

    ShownTokens(JwtDecoder decoder, Clock clock) {
        this.decoder = decoder;
        this.clock = clock;
    }

    @Override
    public Jwt decode(String token) {
        Optional<Jwt> known = find(token);
        if (known.isPresent()) {
            return known.get();
        }
        Jwt jwt = decoder.decode(token);
        if (held.size() >= MOST) {
            held.values().removeIf(each -> !lasts(each));
            if (held.size() >= MOST) {
                held.clear();
            }
        }
        held.put(print(token), jwt);
        return jwt;
    }

    /** One that held before and has not ended. */
    Optional<Jwt> find(String token) {
        return Optional.ofNullable(held.get(print(token))).filter(this::lasts);
    }

    private boolean lasts(Jwt token) {
        Instant now = clock.instant();
        Instant ends = token.getExpiresAt();
        Instant begins = token.getNotBefore();
        return ends != null && now.isBefore(ends) && (begins == null || !now.isBefore(begins));
    }

    /** The tokens themselves stay nowhere. */
    private static ByteBuffer print(String token) {
        try {
            return ByteBuffer.wrap(MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}

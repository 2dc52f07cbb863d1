package org.qiantang.flight;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.arrow.flight.CallHeaders;
import org.apache.arrow.flight.CallStatus;
import org.apache.arrow.flight.auth2.CallHeaderAuthenticator;
import org.jspecify.annotations.Nullable;

/**
 * Who is signed in through this gateway. A password is shown to the hub once and then forgotten; from then on the tool shows a token that
 * opens nothing anywhere else. A token of the hub's own is passed on to the hub, which judges it.
 */
final class Sessions implements CallHeaderAuthenticator, AutoCloseable {
    private static final String AUTHORIZATION = "Authorization";
    private static final Duration IDLE = Duration.ofMinutes(30);
    private static final int TOKEN_BYTES = 32;
    private static final int MOST = 10_000;

    private final Hub hub;
    private final SecureRandom random = new SecureRandom();
    private final Map<String, Session> byToken = new ConcurrentHashMap<>();

    Sessions(Hub hub) {
        this.hub = hub;
    }

    @Override
    public AuthResult authenticate(CallHeaders headers) {
        endIdle();
        String shown = headers.get(AUTHORIZATION);
        if (shown == null) {
            throw refused(headers, "请提供用户名和密码。", "Give a user name and a password.");
        }
        String[] parts = shown.strip().split("\\s+", 2);
        String value = parts.length == 2 ? parts[1] : "";
        return switch (parts[0].toLowerCase(java.util.Locale.ROOT)) {
            case "basic" -> signIn(value, headers);
            case "bearer" -> known(value, headers);
            default -> throw refused(headers, "请提供用户名和密码。", "Give a user name and a password.");
        };
    }

    Session get(String token) {
        Session session = byToken.get(token);
        if (session == null) {
            throw CallStatus.UNAUTHENTICATED
                    .withDescription("登录已过期，请重新连接。 The session has ended: connect again.")
                    .toRuntimeException();
        }
        session.touch();
        return session;
    }

    void end(String token) {
        Session session = byToken.remove(token);
        if (session != null) {
            session.close();
        }
    }

    private AuthResult signIn(String credentials, CallHeaders headers) {
        String[] pair;
        try {
            pair = new String(Base64.getDecoder().decode(credentials), StandardCharsets.UTF_8).split(":", 2);
        } catch (IllegalArgumentException e) {
            pair = new String[0];
        }
        if (pair.length != 2) {
            throw refused(headers, "请提供用户名和密码。", "Give a user name and a password.");
        }
        Hub.Caller caller = hub.stranger(Asked.language(headers));
        try {
            // Whatever is asked first brings the anti-forgery token.
            caller.get("api/health");
            Map<String, String> body = new LinkedHashMap<>();
            body.put("username", pair[0]);
            body.put("password", pair[1]);
            String code = headers.get(Asked.SECOND_FACTOR);
            if (code != null) {
                body.put("code", code);
            }
            return admit(newToken(), new Session(caller, roles(caller.post("api/session", body)), true));
        } catch (RuntimeException e) {
            caller.close();
            throw e;
        }
    }

    private AuthResult known(String token, CallHeaders headers) {
        Session session = byToken.get(token);
        if (session != null) {
            session.touch();
            return new Admitted(token);
        }
        Hub.Caller caller = hub.bearer(token, Asked.language(headers));
        try {
            return admit(token, new Session(caller, roles(caller.get("api/session")), false));
        } catch (RuntimeException e) {
            caller.close();
            throw e;
        }
    }

    private AuthResult admit(String token, Session session) {
        if (byToken.size() >= MOST) {
            session.close();
            throw CallStatus.RESOURCE_EXHAUSTED
                    .withDescription("Too many sessions; try again later.")
                    .toRuntimeException();
        }
        Session before = byToken.putIfAbsent(token, session);
        if (before != null) {
            session.close();
        }
        return new Admitted(token);
    }

    private String newToken() {
        byte[] bytes = new byte[TOKEN_BYTES];
        random.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static Set<String> roles(JsonNode session) {
        Set<String> roles = new HashSet<>();
        session.path("roles").forEach(role -> roles.add(role.asText()));
        return roles;
    }

    private static RuntimeException refused(CallHeaders headers, String zh, String en) {
        return CallStatus.UNAUTHENTICATED
                .withDescription(Asked.language(headers).startsWith("zh") ? zh : en)
                .toRuntimeException();
    }

    private void endIdle() {
        byToken.forEach((token, session) -> {
            if (session.isIdleFor(IDLE)) {
                end(token);
            }
        });
    }

    @Override
    public void close() {
        Set.copyOf(byToken.keySet()).forEach(this::end);
    }

    /** The tool shows the token from its next call on. */
    private record Admitted(String token) implements AuthResult {
        @Override
        public String getPeerIdentity() {
            return token;
        }

        @Override
        public void appendToOutgoingHeaders(@Nullable CallHeaders outgoing) {
            if (outgoing != null && !outgoing.containsKey(AUTHORIZATION)) {
                outgoing.insert(AUTHORIZATION, "Bearer " + token);
            }
        }

        @Override
        public String toString() {
            return "Admitted";
        }
    }
}

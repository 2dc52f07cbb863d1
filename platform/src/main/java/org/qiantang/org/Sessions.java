package org.qiantang.org;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.authority.AuthorityUtils;
import org.springframework.security.core.context.SecurityContext;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.web.authentication.session.SessionAuthenticationStrategy;
import org.springframework.security.web.context.SecurityContextRepository;
import org.springframework.stereotype.Component;

/** How a browser's session begins and what it remembers, the same whether a password or a provider of identities opened it. */
@Component
public final class Sessions {
    private static final String PROVIDER = "qiantang.provider";
    private static final String BEGUN = "qiantang.begun";

    private final SessionAuthenticationStrategy fresh;
    private final SecurityContextRepository contexts;
    private final TrustedDevices devices;
    private final Longest longest;
    private final Clock clock;

    Sessions(
            SessionAuthenticationStrategy fresh,
            SecurityContextRepository contexts,
            TrustedDevices devices,
            Longest longest,
            Clock clock) {
        this.fresh = fresh;
        this.contexts = contexts;
        this.devices = devices;
        this.longest = longest;
        this.clock = clock;
    }

    /** How long a session lasts at most, however busy it is; afterwards one signs in again. */
    public record Longest(Duration life) {
        public Longest {
            if (!life.isPositive() || life.compareTo(Duration.ofHours(24)) > 0) {
                throw new IllegalArgumentException("qiantang.session-longest is at most 24h, not " + life);
            }
        }
    }

    /** Whether the session has had its time. */
    public boolean hasEnded(HttpServletRequest request) {
        @Nullable HttpSession session = request.getSession(false);
        return session != null
                && session.getAttribute(BEGUN) instanceof Instant begun
                && !clock.instant().isBefore(begun.plus(longest.life));
    }

    /** Begins a session under a new number and with a new anti-forgery token. */
    public void begin(Account account, HttpServletRequest request, HttpServletResponse response) {
        request.getSession(true).removeAttribute(PROVIDER);
        fresh.onAuthentication(authentication(account), request, response);
        request.getSession(true).setAttribute(BEGUN, clock.instant());
        keep(account, request, response);
    }

    /** The same, for somebody a provider vouched for. */
    public void begin(Account account, String provider, HttpServletRequest request, HttpServletResponse response) {
        begin(account, request, response);
        request.getSession(true).setAttribute(PROVIDER, provider);
    }

    /** The session goes on with the account as it is now, and the browser is known as its own. */
    public void keep(Account account, HttpServletRequest request, HttpServletResponse response) {
        SecurityContext context = SecurityContextHolder.createEmptyContext();
        context.setAuthentication(authentication(account));
        SecurityContextHolder.setContext(context);
        contexts.saveContext(context, request, response);
        devices.mark(account.username(), Origin.of(request))
                .ifPresent(mark -> response.addHeader(
                        HttpHeaders.SET_COOKIE, mark.cookie(request).toString()));
    }

    /** By which provider the session was opened; empty where a password did. */
    public Optional<String> provider(HttpServletRequest request) {
        @Nullable HttpSession session = request.getSession(false);
        return session != null && session.getAttribute(PROVIDER) instanceof String provider
                ? Optional.of(provider)
                : Optional.empty();
    }

    private static Authentication authentication(Account account) {
        return UsernamePasswordAuthenticationToken.authenticated(
                account,
                null,
                AuthorityUtils.createAuthorityList(
                        account.roles().stream().map(role -> "ROLE_" + role).toList()));
    }
}

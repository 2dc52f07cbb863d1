package org.qiantang.app.tokens;

import org.jspecify.annotations.Nullable;
import org.qiantang.core.Problem;
import org.qiantang.invoke.Clients;
import org.qiantang.org.SecretThrottle;
import org.springframework.security.authentication.AuthenticationProvider;
import org.springframework.security.core.Authentication;
import org.springframework.security.oauth2.core.OAuth2AuthenticationException;
import org.springframework.security.oauth2.core.OAuth2Error;
import org.springframework.security.oauth2.server.authorization.authentication.OAuth2ClientAuthenticationToken;
import org.springframework.security.web.authentication.WebAuthenticationDetails;

/** Looks at clients' secrets no faster than guessing is slowed down. Whoever names no client that there is costs nothing and is not counted. */
final class SlowedSecrets implements AuthenticationProvider {
    private final AuthenticationProvider secrets;
    private final Clients clients;
    private final SecretThrottle throttle;

    SlowedSecrets(AuthenticationProvider secrets, Clients clients, SecretThrottle throttle) {
        this.secrets = secrets;
        this.clients = clients;
        this.throttle = throttle;
    }

    /** Too soon after too many wrong ones. */
    static final class TooSoon extends OAuth2AuthenticationException {
        private static final long serialVersionUID = 1;

        private final String seconds;

        TooSoon(String seconds) {
            super(new OAuth2Error("temporarily_unavailable"));
            this.seconds = seconds;
        }

        /** How long to wait. */
        String seconds() {
            return seconds;
        }
    }

    @Override
    public @Nullable Authentication authenticate(Authentication shown) {
        String client = shown.getName();
        boolean secret = shown instanceof OAuth2ClientAuthenticationToken token
                && token.getClientAuthenticationMethod().getValue().startsWith("client_secret_")
                && shown.getDetails() instanceof WebAuthenticationDetails
                && clients.standing(client).isPresent();
        if (!secret || !(shown.getDetails() instanceof WebAuthenticationDetails from)) {
            return secrets.authenticate(shown);
        }
        SecretThrottle.Attempt attempt;
        try {
            attempt = throttle.begin(client, from.getRemoteAddress());
        } catch (Problem tooSoon) {
            throw new TooSoon(tooSoon.arguments().getOrDefault("seconds", "1"));
        }
        Authentication right;
        try {
            right = secrets.authenticate(shown);
        } catch (OAuth2AuthenticationException wrong) {
            throw wrong;
        } catch (RuntimeException | Error e) {
            attempt.giveBack();
            throw e;
        }
        if (right == null) {
            attempt.giveBack();
        } else {
            attempt.succeeded();
        }
        return right;
    }

    @Override
    public boolean supports(Class<?> authentication) {
        return secrets.supports(authentication);
    }
}

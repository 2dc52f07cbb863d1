package org.qiantang.app.tokens;

import jakarta.servlet.http.HttpServletRequest;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.Date;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.qiantang.app.security.ClientCertificateValve;
import org.qiantang.invoke.Certificates;
import org.qiantang.invoke.Client;
import org.qiantang.invoke.Clients;
import org.springframework.security.authentication.AuthenticationProvider;
import org.springframework.security.core.Authentication;
import org.springframework.security.oauth2.core.ClientAuthenticationMethod;
import org.springframework.security.oauth2.core.OAuth2AuthenticationException;
import org.springframework.security.oauth2.core.OAuth2ErrorCodes;
import org.springframework.security.oauth2.core.endpoint.OAuth2ParameterNames;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.server.authorization.authentication.OAuth2ClientAuthenticationToken;
import org.springframework.security.oauth2.server.authorization.client.RegisteredClient;
import org.springframework.stereotype.Component;

/**
 * Clients that prove themselves by the certificate of their connection (RFC 8705), and tokens that count on no other. Whether it is theirs the
 * proxy has seen in the handshake; whose it is is said here. No bean of Spring's own kinds, which would be put to other doors too.
 */
@Component
final class ClientCertificates {
    /** The member of {@code cnf} that holds a token to a certificate. */
    static final String PRINT = "x5t#S256";

    private final Clients clients;
    private final ClientRepository repository;
    private final ClientAuthorities authorities;
    private final Clock clock;

    ClientCertificates(Clients clients, ClientRepository repository, ClientAuthorities authorities, Clock clock) {
        this.clients = clients;
        this.repository = repository;
        this.authorities = authorities;
        this.clock = clock;
    }

    /** Who names a client and shows nothing else. */
    @Nullable
    Authentication convert(HttpServletRequest request) {
        X509Certificate @Nullable [] chain = ClientCertificateValve.shown(request);
        String[] named = request.getParameterValues(OAuth2ParameterNames.CLIENT_ID);
        boolean byItAlone = chain != null
                && named != null
                && named.length == 1
                && !named[0].isEmpty()
                && request.getHeader("Authorization") == null
                && request.getParameter(OAuth2ParameterNames.CLIENT_SECRET) == null
                && request.getParameter(OAuth2ParameterNames.CLIENT_ASSERTION) == null;
        return byItAlone && named != null
                ? new OAuth2ClientAuthenticationToken(
                        named[0], ClientAuthenticationMethod.SELF_SIGNED_TLS_CLIENT_AUTH, chain, Map.of())
                : null;
    }

    AuthenticationProvider provider() {
        return new AuthenticationProvider() {
            @Override
            public @Nullable Authentication authenticate(Authentication shown) {
                return proved(shown);
            }

            @Override
            public boolean supports(Class<?> authentication) {
                return OAuth2ClientAuthenticationToken.class.isAssignableFrom(authentication);
            }
        };
    }

    private @Nullable Authentication proved(Authentication shown) {
        if (!(shown instanceof OAuth2ClientAuthenticationToken token)
                || !(token.getCredentials() instanceof X509Certificate[] chain)) {
            return null;
        }
        @Nullable RegisteredClient registered = repository.findByClientId(shown.getName());
        @Nullable ClientAuthenticationMethod method = registered == null ? null : method(shown.getName(), chain);
        if (registered == null || method == null) {
            throw new OAuth2AuthenticationException(OAuth2ErrorCodes.INVALID_CLIENT);
        }
        return new OAuth2ClientAuthenticationToken(registered, method, chain[0]);
    }

    private @Nullable ClientAuthenticationMethod method(String client, X509Certificate[] chain) {
        try {
            chain[0].checkValidity(Date.from(clock.instant()));
        } catch (CertificateException e) {
            return null;
        }
        String print = Certificates.print(chain[0]);
        String subject = Certificates.subject(chain[0].getSubjectX500Principal().getName());
        for (Client.Credential each : clients.find(client).orElseThrow().credentials()) {
            if (!each.isValid(clock.instant())) {
                continue;
            }
            if (each.kind() == Client.Credential.Kind.CERTIFICATE
                    && each.fingerprint().equals(print)) {
                return ClientAuthenticationMethod.SELF_SIGNED_TLS_CLIENT_AUTH;
            }
            if (each.kind() == Client.Credential.Kind.SUBJECT
                    && Certificates.subject(each.fingerprint()).equals(subject)
                    && authorities.vouchFor(chain)) {
                return ClientAuthenticationMethod.TLS_CLIENT_AUTH;
            }
        }
        return null;
    }

    /** Whether a token that is held to a certificate comes by the connection of that one; one that is held to none comes by any. */
    static boolean fits(Jwt token, HttpServletRequest request) {
        if (!(token.getClaims().get("cnf") instanceof Map<?, ?> held)) {
            return !token.hasClaim("cnf");
        }
        X509Certificate @Nullable [] chain = ClientCertificateValve.shown(request);
        return chain != null && Certificates.print(chain[0]).equals(held.get(PRINT));
    }
}

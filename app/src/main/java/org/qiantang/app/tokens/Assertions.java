package org.qiantang.app.tokens;

import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.source.ImmutableJWKSet;
import com.nimbusds.jose.proc.SecurityContext;
import java.text.ParseException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.qiantang.invoke.Client;
import org.qiantang.invoke.Clients;
import org.springframework.security.oauth2.core.OAuth2Error;
import org.springframework.security.oauth2.core.OAuth2ErrorCodes;
import org.springframework.security.oauth2.core.OAuth2TokenValidator;
import org.springframework.security.oauth2.core.OAuth2TokenValidatorResult;
import org.springframework.security.oauth2.jose.jws.SignatureAlgorithm;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.JwtDecoderFactory;
import org.springframework.security.oauth2.jwt.NimbusJwtDecoder;
import org.springframework.security.oauth2.server.authorization.client.RegisteredClient;
import org.springframework.security.oauth2.server.authorization.context.AuthorizationServerContextHolder;
import org.springframework.stereotype.Component;

/**
 * What a client signs to say who it is (RFC 7523): by one of its keys that count now, for this server, for a few minutes, and once.
 */
@Component
final class Assertions implements JwtDecoderFactory<RegisteredClient> {
    private static final Duration LONGEST = Duration.ofMinutes(10);
    private static final Duration SKEW = Duration.ofSeconds(30);
    private static final int LONGEST_ID = 200;

    private final Clients clients;
    private final Clock clock;

    Assertions(Clients clients, Clock clock) {
        this.clients = clients;
        this.clock = clock;
    }

    @Override
    public JwtDecoder createDecoder(RegisteredClient registered) {
        List<JWK> keys = clients.find(registered.getClientId()).stream()
                .flatMap(client -> client.credentials().stream())
                .filter(credential -> credential.isValid(clock.instant()))
                .map(Client.Credential::publicKey)
                .filter(key -> key != null)
                .map(Assertions::parsed)
                .toList();
        NimbusJwtDecoder decoder = NimbusJwtDecoder.withJwkSource(
                        new ImmutableJWKSet<SecurityContext>(new JWKSet(keys)))
                .jwsAlgorithms(algorithms -> algorithms.addAll(
                        Set.of(SignatureAlgorithm.ES256, SignatureAlgorithm.PS256, SignatureAlgorithm.RS256)))
                .build();
        decoder.setJwtValidator(validator(registered.getClientId()));
        return decoder;
    }

    private OAuth2TokenValidator<Jwt> validator(String client) {
        return jwt -> {
            Instant now = clock.instant();
            Instant ends = jwt.getExpiresAt();
            Instant begins = jwt.getNotBefore();
            String id = jwt.getId();
            boolean own = client.equals(jwt.getClaimAsString("iss")) && client.equals(jwt.getSubject());
            boolean timely = ends != null
                    && now.isBefore(ends.plus(SKEW))
                    && ends.isBefore(now.plus(LONGEST))
                    && (begins == null || !now.plus(SKEW).isBefore(begins));
            if (!own) {
                return refused("iss, sub");
            }
            List<String> audience = jwt.getAudience();
            if (audience == null || audience.stream().noneMatch(audiences()::contains)) {
                return refused("aud");
            }
            if (!timely || ends == null) {
                return refused("exp");
            }
            if (id == null || id.isEmpty() || id.length() > LONGEST_ID || !clients.isFirst(client, id, ends)) {
                return refused("jti");
            }
            return OAuth2TokenValidatorResult.success();
        };
    }

    /** The server, or the endpoint at which it is shown. */
    private static Set<String> audiences() {
        String issuer = AuthorizationServerContextHolder.getContext().getIssuer();
        return Set.of(issuer, issuer + TokensConfiguration.TOKEN);
    }

    private static OAuth2TokenValidatorResult refused(String claim) {
        return OAuth2TokenValidatorResult.failure(
                new OAuth2Error(OAuth2ErrorCodes.INVALID_CLIENT, "The assertion does not hold: " + claim, null));
    }

    private static JWK parsed(String key) {
        try {
            return JWK.parse(key);
        } catch (ParseException e) {
            throw new IllegalStateException("A stored key cannot be read", e);
        }
    }
}

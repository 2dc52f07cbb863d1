package org.qiantang.app.oidc;

import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.qiantang.app.QiantangProperties;
import org.qiantang.core.Problem;
import org.springframework.core.ParameterizedTypeReference;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.http.converter.FormHttpMessageConverter;
import org.springframework.security.oauth2.client.authentication.OAuth2LoginAuthenticationToken;
import org.springframework.security.oauth2.client.endpoint.RestClientAuthorizationCodeTokenResponseClient;
import org.springframework.security.oauth2.client.http.OAuth2ErrorResponseErrorHandler;
import org.springframework.security.oauth2.client.oidc.authentication.OidcAuthorizationCodeAuthenticationProvider;
import org.springframework.security.oauth2.client.oidc.authentication.OidcIdTokenDecoderFactory;
import org.springframework.security.oauth2.client.oidc.authentication.OidcIdTokenValidator;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.client.registration.ClientRegistrations;
import org.springframework.security.oauth2.core.ClientAuthenticationMethod;
import org.springframework.security.oauth2.core.DelegatingOAuth2TokenValidator;
import org.springframework.security.oauth2.core.OAuth2Error;
import org.springframework.security.oauth2.core.OAuth2TokenValidator;
import org.springframework.security.oauth2.core.OAuth2TokenValidatorResult;
import org.springframework.security.oauth2.core.converter.ClaimTypeConverter;
import org.springframework.security.oauth2.core.endpoint.OAuth2AuthorizationExchange;
import org.springframework.security.oauth2.core.http.converter.OAuth2AccessTokenResponseHttpMessageConverter;
import org.springframework.security.oauth2.core.oidc.user.DefaultOidcUser;
import org.springframework.security.oauth2.core.oidc.user.OidcUser;
import org.springframework.security.oauth2.jose.jws.SignatureAlgorithm;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.JwtTimestampValidator;
import org.springframework.security.oauth2.jwt.NimbusJwtDecoder;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.RestTemplate;

/**
 * One provider of identities as the configuration names it. What it says of itself is asked when it is first needed, so that the hub
 * starts without it, and again every hour; its keys whenever a token names one that is not known. Thread-safe.
 */
final class Provider {
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final Duration KNOWN_FOR = Duration.ofHours(1);
    /** Who comes right after somebody found nobody there is told so at once. */
    private static final Duration AWAY_FOR = Duration.ofSeconds(1);

    /** Signatures whose key only the provider has; never none, never a shared secret. */
    private static final Set<SignatureAlgorithm> ALGORITHMS = Set.of(SignatureAlgorithm.values());

    static final String WRONG_ISSUER = "wrong_issuer";
    static final String WRONG_AUDIENCE = "wrong_audience";
    static final String EXPIRED = "expired";

    final String id;
    final QiantangProperties.Oidc settings;
    private final Clock clock;
    private final JdkClientHttpRequestFactory requests;
    private final ReentrantLock asking = new ReentrantLock();
    private volatile @Nullable Known known;
    private volatile Instant away = Instant.MIN;

    /** What a provider has said of itself. */
    private record Known(
            ClientRegistration registration, OidcAuthorizationCodeAuthenticationProvider checks, Instant until) {}

    Provider(String id, QiantangProperties.Oidc settings, Clock clock) {
        this.id = id;
        this.settings = settings;
        this.clock = clock;
        if (settings.clientId() == null || settings.issuer() == null) {
            throw new IllegalStateException("qiantang.oidc." + id + " needs an issuer and a client-id");
        }
        if (!settings.scopes().contains("openid")) {
            throw new IllegalStateException("qiantang.oidc." + id + ".scopes must contain openid");
        }
        if (settings.clientSecret() != null && settings.clientSecretFile() != null) {
            throw new IllegalStateException(
                    "qiantang.oidc." + id + " has a client-secret and a client-secret-file: keep one");
        }
        if (!isPrivate(URI.create(settings.issuer()))) {
            throw new IllegalStateException("qiantang.oidc." + id + ".issuer must begin with https://");
        }
        requests = new JdkClientHttpRequestFactory(HttpClient.newBuilder()
                .connectTimeout(PATIENCE)
                .followRedirects(HttpClient.Redirect.NEVER)
                .build());
        requests.setReadTimeout(PATIENCE);
    }

    /** Nobody between here and there can read or change what is said. */
    private static boolean isPrivate(URI address) {
        if ("https".equals(address.getScheme())) {
            return address.getHost() != null;
        }
        try {
            return "http".equals(address.getScheme())
                    && address.getHost() != null
                    && InetAddress.getByName(address.getHost()).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }

    ClientRegistration registration() {
        return known().registration;
    }

    /** Exchanges the code for a token, checks it whole, and returns whom it is about. */
    OidcUser redeem(OAuth2AuthorizationExchange exchange) {
        Known now = known();
        OAuth2LoginAuthenticationToken person = (OAuth2LoginAuthenticationToken) Objects.requireNonNull(
                now.checks.authenticate(new OAuth2LoginAuthenticationToken(now.registration, exchange)));
        return (OidcUser) Objects.requireNonNull(person.getPrincipal());
    }

    private Known known() {
        Known before = known;
        if (before != null && before.until.isAfter(clock.instant())) {
            return before;
        }
        asking.lock();
        try {
            Known meanwhile = known;
            if (meanwhile != null && meanwhile.until.isAfter(clock.instant())) {
                return meanwhile;
            }
            if (away.isAfter(clock.instant())) {
                throw new Problem(OidcProblem.UNREACHABLE, "provider", settings.name());
            }
            Known fresh = askNow();
            known = fresh;
            return fresh;
        } finally {
            asking.unlock();
        }
    }

    /** Whoever finds nobody there says from when on somebody may look again; who was only told so does not put it off. */
    private Known askNow() {
        try {
            return ask();
        } catch (RuntimeException e) {
            away = clock.instant().plus(AWAY_FOR);
            if (e instanceof Problem problem) {
                throw problem;
            }
            Problem unreachable = new Problem(OidcProblem.UNREACHABLE, "provider", settings.name());
            unreachable.initCause(e);
            throw unreachable;
        }
    }

    private Known ask() {
        Map<String, Object> said = RestClient.builder()
                .requestFactory(requests)
                .build()
                .get()
                .uri(settings.issuer().replaceFirst("/$", "") + "/.well-known/openid-configuration")
                .retrieve()
                .body(new ParameterizedTypeReference<Map<String, Object>>() {});
        if (said == null || !settings.issuer().equals(said.get("issuer"))) {
            throw new Problem(OidcProblem.WRONG_ISSUER, "provider", settings.name());
        }
        ClientRegistration.Builder builder = ClientRegistrations.fromOidcConfiguration(said)
                .registrationId(id)
                .clientId(settings.clientId())
                .redirectUri("{baseUrl}/sign-in/{registrationId}")
                .scope(settings.scopes());
        String secret = secret();
        if (secret == null) {
            builder.clientAuthenticationMethod(ClientAuthenticationMethod.NONE);
        } else {
            builder.clientSecret(secret);
        }
        ClientRegistration registration = builder.build();
        ClientRegistration.ProviderDetails details = registration.getProviderDetails();
        for (String address :
                List.of(details.getAuthorizationUri(), details.getTokenUri(), String.valueOf(details.getJwkSetUri()))) {
            if (!isPrivate(URI.create(address))) {
                throw new IllegalStateException(id + " names an address that is not https: " + address);
            }
        }
        OidcAuthorizationCodeAuthenticationProvider checks = new OidcAuthorizationCodeAuthenticationProvider(
                tokens(), request -> new DefaultOidcUser(List.of(), request.getIdToken()));
        JwtDecoder decoder = decoder(registration);
        checks.setJwtDecoderFactory(any -> decoder);
        return new Known(registration, checks, clock.instant().plus(KNOWN_FOR));
    }

    private @Nullable String secret() {
        if (settings.clientSecretFile() == null) {
            return settings.clientSecret();
        }
        try {
            return Files.readString(settings.clientSecretFile(), StandardCharsets.UTF_8)
                    .strip();
        } catch (IOException e) {
            throw new IllegalStateException("The secret of " + id + " cannot be read", e);
        }
    }

    private RestClientAuthorizationCodeTokenResponseClient tokens() {
        RestClientAuthorizationCodeTokenResponseClient client = new RestClientAuthorizationCodeTokenResponseClient();
        client.setRestClient(RestClient.builder()
                .requestFactory(requests)
                .configureMessageConverters(converters -> converters
                        .addCustomConverter(new FormHttpMessageConverter())
                        .addCustomConverter(new OAuth2AccessTokenResponseHttpMessageConverter()))
                .defaultStatusHandler(new OAuth2ErrorResponseErrorHandler())
                .build());
        return client;
    }

    private JwtDecoder decoder(ClientRegistration registration) {
        NimbusJwtDecoder decoder = NimbusJwtDecoder.withJwkSetUri(
                        Objects.requireNonNull(registration.getProviderDetails().getJwkSetUri()))
                .restOperations(new RestTemplate(requests))
                .jwsAlgorithms(algorithms -> algorithms.addAll(ALGORITHMS))
                .build();
        decoder.setClaimSetConverter(
                new ClaimTypeConverter(OidcIdTokenDecoderFactory.createDefaultClaimTypeConverters()));
        OAuth2TokenValidator<Jwt> issuer = jwt -> settings.issuer().equals(jwt.getClaimAsString("iss"))
                ? OAuth2TokenValidatorResult.success()
                : refused(WRONG_ISSUER);
        OAuth2TokenValidator<Jwt> audience =
                jwt -> jwt.getAudience() != null && jwt.getAudience().contains(settings.clientId())
                        ? OAuth2TokenValidatorResult.success()
                        : refused(WRONG_AUDIENCE);
        JwtTimestampValidator times = new JwtTimestampValidator();
        times.setClock(clock);
        OAuth2TokenValidator<Jwt> time =
                jwt -> times.validate(jwt).hasErrors() ? refused(EXPIRED) : OAuth2TokenValidatorResult.success();
        OidcIdTokenValidator whole = new OidcIdTokenValidator(registration);
        whole.setClock(clock);
        decoder.setJwtValidator(new DelegatingOAuth2TokenValidator<>(List.of(issuer, audience, time, whole)));
        return decoder;
    }

    private static OAuth2TokenValidatorResult refused(String why) {
        return OAuth2TokenValidatorResult.failure(new OAuth2Error(why, why, null));
    }
}

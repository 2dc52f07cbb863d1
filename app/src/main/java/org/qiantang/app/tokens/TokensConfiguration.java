package org.qiantang.app.tokens;

import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.proc.DefaultJOSEObjectTypeVerifier;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URI;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.qiantang.app.QiantangProperties;
import org.qiantang.app.security.AccessRules;
import org.qiantang.app.web.Problems;
import org.qiantang.core.CoreProblem;
import org.qiantang.core.Problem;
import org.qiantang.invoke.Certificates;
import org.qiantang.invoke.Client;
import org.qiantang.invoke.Clients;
import org.qiantang.invoke.InvokeProblem;
import org.qiantang.invoke.Scope;
import org.qiantang.invoke.web.QuickAnswers;
import org.qiantang.org.SecretThrottle;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.converter.HttpMessageConverter;
import org.springframework.http.server.ServletServerHttpResponse;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;
import org.springframework.security.config.http.SessionCreationPolicy;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.AuthenticationException;
import org.springframework.security.oauth2.core.OAuth2AuthenticationException;
import org.springframework.security.oauth2.core.OAuth2Error;
import org.springframework.security.oauth2.core.OAuth2ErrorCodes;
import org.springframework.security.oauth2.core.OAuth2TokenValidator;
import org.springframework.security.oauth2.core.OAuth2TokenValidatorResult;
import org.springframework.security.oauth2.core.http.converter.OAuth2ErrorHttpMessageConverter;
import org.springframework.security.oauth2.jose.jws.SignatureAlgorithm;
import org.springframework.security.oauth2.jwt.BadJwtException;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.jwt.JwtClaimValidator;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.JwtTimestampValidator;
import org.springframework.security.oauth2.jwt.NimbusJwtDecoder;
import org.springframework.security.oauth2.jwt.NimbusJwtEncoder;
import org.springframework.security.oauth2.server.authorization.authentication.ClientSecretAuthenticationProvider;
import org.springframework.security.oauth2.server.authorization.authentication.JwtClientAssertionAuthenticationProvider;
import org.springframework.security.oauth2.server.authorization.authentication.OAuth2ClientAuthenticationToken;
import org.springframework.security.oauth2.server.authorization.authentication.X509ClientCertificateAuthenticationProvider;
import org.springframework.security.oauth2.server.authorization.settings.AuthorizationServerSettings;
import org.springframework.security.oauth2.server.authorization.token.JwtGenerator;
import org.springframework.security.oauth2.server.authorization.web.authentication.X509ClientCertificateAuthenticationConverter;
import org.springframework.security.oauth2.server.resource.InvalidBearerTokenException;
import org.springframework.security.oauth2.server.resource.authentication.BearerTokenAuthenticationToken;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.access.AccessDeniedHandler;
import org.springframework.security.web.servlet.util.matcher.PathPatternRequestMatcher;
import org.springframework.security.web.util.matcher.OrRequestMatcher;
import org.springframework.security.web.util.matcher.RequestMatcher;

/**
 * Two doors for programs: where a client gets a token, and where it is shown. Neither knows a session, and a person's session opens neither.
 */
@Configuration(proxyBeanMethods = false)
class TokensConfiguration {
    static final String TOKEN = "/oauth2/token";
    static final String KEYS = "/oauth2/jwks";
    /** For whom tokens are, so that one for something else does not count here. */
    private static final String AUDIENCE = "urn:qiantang:services";

    private static final String TYPE = "at+jwt";
    private static final PathPatternRequestMatcher.Builder PATHS = PathPatternRequestMatcher.withDefaults();

    @Bean
    AuthorizationServerSettings authorizationServer(QiantangProperties properties) {
        AuthorizationServerSettings.Builder settings =
                AuthorizationServerSettings.builder().tokenEndpoint(TOKEN).jwkSetEndpoint(KEYS);
        issuer(properties).ifPresent(settings::issuer);
        return settings.build();
    }

    /** Empty where nobody said under which address people come: then that of the request. */
    static Optional<String> issuer(QiantangProperties properties) {
        @Nullable URI address = properties.publicUrl();
        return address == null
                ? Optional.empty()
                : Optional.of(address.toString().replaceFirst("/+$", ""));
    }

    /** What a token says, short-lived and signed by the newest key. */
    @Bean
    JwtGenerator accessTokens(SigningSource keys, Clock clock) {
        NimbusJwtEncoder encoder = new NimbusJwtEncoder(keys);
        encoder.setJwkSelector(List::getFirst);
        JwtGenerator tokens = new JwtGenerator(encoder);
        tokens.setClock(clock);
        tokens.setJwtCustomizer(context -> {
            context.getJwsHeader().algorithm(SignatureAlgorithm.ES256).type(TYPE);
            context.getClaims().audience(List.of(AUDIENCE));
            if (context.getPrincipal() instanceof OAuth2ClientAuthenticationToken client
                    && client.getCredentials() instanceof X509Certificate certificate) {
                // Whoever finds it cannot use it (RFC 8705, 3.1).
                context.getClaims().claim("cnf", Map.of(ClientCertificates.PRINT, Certificates.print(certificate)));
            }
        });
        return tokens;
    }

    @Bean
    ShownTokens shownTokens(SigningSource keys, QiantangProperties properties, Clock clock) {
        NimbusJwtDecoder decoder = NimbusJwtDecoder.withJwkSource(keys)
                .jwsAlgorithm(SignatureAlgorithm.ES256)
                .jwtProcessorCustomizer(processor ->
                        processor.setJWSTypeVerifier(new DefaultJOSEObjectTypeVerifier<>(new JOSEObjectType(TYPE))))
                .build();
        JwtTimestampValidator times = new JwtTimestampValidator(Duration.ZERO);
        times.setClock(clock);
        JwtClaimValidator<List<String>> audience =
                new JwtClaimValidator<>("aud", said -> said != null && said.contains(AUDIENCE));
        Optional<String> issuer = issuer(properties);
        OAuth2TokenValidator<Jwt> ours =
                token -> issuer.isEmpty() || issuer.get().equals(token.getClaimAsString("iss"))
                        ? OAuth2TokenValidatorResult.success()
                        : OAuth2TokenValidatorResult.failure(new OAuth2Error(OAuth2ErrorCodes.INVALID_TOKEN));
        decoder.setJwtValidator(token -> {
            for (OAuth2TokenValidator<Jwt> each : List.<OAuth2TokenValidator<Jwt>>of(times, audience, ours)) {
                OAuth2TokenValidatorResult result = each.validate(token);
                if (result.hasErrors()) {
                    return result;
                }
            }
            return OAuth2TokenValidatorResult.success();
        });
        return new ShownTokens(decoder, clock);
    }

    /** Where a token is got. Its answers are those of RFC 6749, which clients' libraries know. */
    @Bean
    @Order(1)
    SecurityFilterChain tokens(
            HttpSecurity http,
            ClientRepository clients,
            Clients registered,
            SecretThrottle throttle,
            ClientCertificates certificates,
            Assertions assertions,
            JwtGenerator accessTokens,
            AuthorizationServerSettings settings) {
        return http.securityMatcher(new OrRequestMatcher(PATHS.matcher(TOKEN), PATHS.matcher(KEYS)))
                .oauth2AuthorizationServer(server -> server.registeredClientRepository(clients)
                        .authorizationService(new Issued())
                        .authorizationServerSettings(settings)
                        .tokenGenerator(accessTokens)
                        .clientAuthentication(shown -> shown.authenticationConverter(certificates::convert)
                                .authenticationConverter(new AssertedClient())
                                .authenticationConverters(converters -> converters.removeIf(
                                        X509ClientCertificateAuthenticationConverter.class::isInstance))
                                .authenticationProvider(certificates.provider())
                                .errorResponseHandler(TokensConfiguration::refuse)
                                .authenticationProviders(providers -> {
                                    providers.removeIf(X509ClientCertificateAuthenticationProvider.class::isInstance);
                                    providers.replaceAll(provider -> switch (provider) {
                                        case JwtClientAssertionAuthenticationProvider signed -> {
                                            signed.setJwtDecoderFactory(assertions);
                                            yield signed;
                                        }
                                        case ClientSecretAuthenticationProvider secret -> {
                                            secret.setPasswordEncoder(clients.secrets());
                                            yield new SlowedSecrets(secret, registered, throttle);
                                        }
                                        default -> provider;
                                    });
                                })))
                .csrf(AbstractHttpConfigurer::disable)
                .sessionManagement(session -> session.sessionCreationPolicy(SessionCreationPolicy.STATELESS))
                .requestCache(AbstractHttpConfigurer::disable)
                .logout(AbstractHttpConfigurer::disable)
                .authorizeHttpRequests(requests -> requests.requestMatchers(PATHS.matcher(HttpMethod.POST, TOKEN))
                        .authenticated()
                        .anyRequest()
                        .access(new AccessRules()))
                .exceptionHandling(refused -> refused.authenticationEntryPoint(TokensConfiguration::refuse))
                .build();
    }

    private static void refuse(HttpServletRequest request, HttpServletResponse response, AuthenticationException e)
            throws IOException {
        OAuth2Error error = e instanceof OAuth2AuthenticationException refused
                ? refused.getError()
                : new OAuth2Error(OAuth2ErrorCodes.INVALID_CLIENT);
        boolean unknown = error.getErrorCode().equals(OAuth2ErrorCodes.INVALID_CLIENT);
        if (e instanceof SlowedSecrets.TooSoon soon) {
            response.setStatus(HttpStatus.TOO_MANY_REQUESTS.value());
            response.setHeader("Retry-After", soon.seconds());
        } else {
            response.setStatus(unknown ? HttpServletResponse.SC_UNAUTHORIZED : HttpServletResponse.SC_BAD_REQUEST);
        }
        if (unknown) {
            response.setHeader("WWW-Authenticate", "Basic realm=\"qiantang\", charset=\"UTF-8\"");
        }
        response.setHeader("Cache-Control", "no-store");
        HttpMessageConverter<OAuth2Error> json = new OAuth2ErrorHttpMessageConverter();
        // Why is nobody's business who is not in; which code it is, their library wants to know.
        json.write(new OAuth2Error(error.getErrorCode()), null, new ServletServerHttpResponse(response));
    }

    /** Before all other doors, for those who have come through them with the same question. */
    @Bean
    FilterRegistrationBean<QuickDoor> quickDoor(ShownTokens shownTokens, QuickAnswers quick) {
        FilterRegistrationBean<QuickDoor> door = new FilterRegistrationBean<>(new QuickDoor(shownTokens, quick));
        door.addUrlPatterns("/services/*");
        door.setOrder(Ordered.HIGHEST_PRECEDENCE);
        return door;
    }

    /** Where a token is shown. */
    @Bean
    @Order(2)
    SecurityFilterChain services(HttpSecurity http, ShownTokens shownTokens, Clients clients, Problems problems) {
        AccessDeniedHandler denied = (request, response, e) -> deny(problems, request, response);
        return http.securityMatcher(new OrRequestMatcher(
                        AccessRules.PROGRAMS.stream().map(PATHS::matcher).toArray(RequestMatcher[]::new)))
                .oauth2ResourceServer(server -> server.authenticationManagerResolver(
                                request -> shown -> caller(shown, shownTokens, clients, request))
                        .authenticationEntryPoint((request, response, e) -> refuse(problems, request, response, e))
                        .accessDeniedHandler(denied))
                .csrf(AbstractHttpConfigurer::disable)
                .sessionManagement(session -> session.sessionCreationPolicy(SessionCreationPolicy.STATELESS))
                .requestCache(AbstractHttpConfigurer::disable)
                .logout(AbstractHttpConfigurer::disable)
                .authorizeHttpRequests(
                        requests -> requests.dispatcherTypeMatchers(DispatcherType.ERROR, DispatcherType.ASYNC)
                                .permitAll()
                                .anyRequest()
                                .access(new AccessRules()))
                .exceptionHandling(refused -> refused.authenticationEntryPoint(
                                (request, response, e) -> refuse(problems, request, response, e))
                        .accessDeniedHandler(denied))
                .build();
    }

    /** Whose token it is, what it is for and the client still may, and until when. */
    private static Authentication caller(
            Authentication shown, JwtDecoder tokens, Clients clients, HttpServletRequest request) {
        Jwt token;
        try {
            token = tokens.decode(((BearerTokenAuthenticationToken) shown).getToken());
        } catch (BadJwtException e) {
            throw new InvalidBearerTokenException(String.valueOf(e.getMessage()), e);
        }
        if (!ClientCertificates.fits(token, request)) {
            throw new InvalidBearerTokenException("The token is another connection's");
        }
        // A client that was revoked is nobody, whatever it still holds.
        Client client = Optional.ofNullable(token.getSubject())
                .flatMap(clients::standing)
                .orElseThrow(() -> new InvalidBearerTokenException("The client is revoked"));
        UsernamePasswordAuthenticationToken caller = UsernamePasswordAuthenticationToken.authenticated(
                client.account(),
                null,
                AccessRules.authorities(TokenScopes.of(token).stream()
                        .filter(client.scopes()::contains)
                        .toList()));
        caller.setDetails(token.getExpiresAt());
        return caller;
    }

    /** RFC 6750, 3.1. */
    private static void deny(Problems problems, HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        Optional<Scope> needed = AccessRules.scope(request);
        needed.ifPresent(scope -> response.setHeader(
                "WWW-Authenticate", "Bearer error=\"insufficient_scope\", scope=\"" + scope.word() + "\""));
        Problem problem = needed.map(scope -> new Problem(InvokeProblem.SCOPE_MISSING, "scope", scope.word()))
                .orElseGet(() -> new Problem(CoreProblem.NOT_FOUND, "what", request.getRequestURI()));
        problems.write(problem, request, response);
    }

    private static void refuse(
            Problems problems, HttpServletRequest request, HttpServletResponse response, AuthenticationException e)
            throws IOException {
        boolean shown = e instanceof OAuth2AuthenticationException;
        response.setHeader("WWW-Authenticate", shown ? "Bearer error=\"invalid_token\"" : "Bearer");
        Problem problem = new Problem(
                InvokeProblem.TOKEN_REFUSED,
                "reason",
                shown ? "令牌无效、已过期或已撤销 / invalid, expired or revoked" : "未出示 / none was shown");
        problems.write(problem, request, response);
    }
}

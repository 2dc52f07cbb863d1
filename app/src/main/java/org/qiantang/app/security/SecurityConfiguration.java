package org.qiantang.app.security;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.qiantang.app.QiantangProperties;
import org.qiantang.app.web.Problems;
import org.qiantang.core.CoreProblem;
import org.qiantang.core.Problem;
import org.qiantang.core.Site;
import org.qiantang.org.Account;
import org.qiantang.org.Accounts;
import org.qiantang.org.HostCookies;
import org.qiantang.org.OrgProblem;
import org.qiantang.org.Sessions;
import org.springframework.boot.web.server.Cookie;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.boot.web.server.servlet.ConfigurableServletWebServerFactory;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpMethod;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.core.userdetails.UsernameNotFoundException;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.access.intercept.AuthorizationFilter;
import org.springframework.security.web.authentication.session.ChangeSessionIdAuthenticationStrategy;
import org.springframework.security.web.authentication.session.CompositeSessionAuthenticationStrategy;
import org.springframework.security.web.authentication.session.SessionAuthenticationStrategy;
import org.springframework.security.web.context.HttpSessionSecurityContextRepository;
import org.springframework.security.web.context.SecurityContextRepository;
import org.springframework.security.web.csrf.CookieCsrfTokenRepository;
import org.springframework.security.web.csrf.CsrfAuthenticationStrategy;
import org.springframework.security.web.csrf.CsrfException;
import org.springframework.security.web.csrf.CsrfFilter;
import org.springframework.security.web.csrf.CsrfTokenRequestAttributeHandler;
import org.springframework.security.web.header.writers.ReferrerPolicyHeaderWriter.ReferrerPolicy;
import org.springframework.security.web.servlet.util.matcher.PathPatternRequestMatcher;

/** One chain for everything: session or operator token, anti-forgery token, the table of {@link AccessRules}, strict headers. */
@Configuration(proxyBeanMethods = false)
class SecurityConfiguration {
    private static final String CONTENT_POLICY =
            "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline';"
                    + " img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; object-src 'none';"
                    + " base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

    /** What devices send is answered with JSON and nothing else. */
    private static final String DEVICES_POLICY = "default-src 'none'; frame-ancestors 'none'";

    private static final String CSRF = "QT-CSRF";
    private static final String SESSION = "QTSESSION";

    @Bean
    CookieCsrfTokenRepository csrfTokens(QiantangProperties properties) {
        CookieCsrfTokenRepository tokens = CookieCsrfTokenRepository.withHttpOnlyFalse();
        tokens.setHeaderName("X-CSRF-Token");
        tokens.setCookiePath("/");
        if (usedByHttps(properties)) {
            tokens.setCookieName(HostCookies.PREFIX + CSRF);
            tokens.setCookieCustomizer(cookie -> cookie.sameSite("Strict").secure(true));
        } else {
            tokens.setCookieName(CSRF);
            tokens.setCookieCustomizer(cookie -> cookie.sameSite("Strict"));
        }
        return tokens;
    }

    /** Where people come by HTTPS, no other host of the city's domain can plant a session here. */
    @Bean
    WebServerFactoryCustomizer<ConfigurableServletWebServerFactory> sessionCookie(QiantangProperties properties) {
        return factory -> {
            if (usedByHttps(properties)) {
                Cookie cookie = factory.getSettings().getSession().getCookie();
                cookie.setName(HostCookies.PREFIX + SESSION);
                cookie.setPath("/");
                cookie.setSecure(true);
            }
        };
    }

    private static boolean usedByHttps(QiantangProperties properties) {
        return properties.publicUrl() != null
                && "https".equals(properties.publicUrl().getScheme());
    }

    @Bean
    SecurityContextRepository securityContexts() {
        return new HttpSessionSecurityContextRepository();
    }

    /** Signing in gets a session and an anti-forgery token nobody could have planted. */
    @Bean
    SessionAuthenticationStrategy newSession(CookieCsrfTokenRepository csrfTokens) {
        CsrfAuthenticationStrategy newToken = new CsrfAuthenticationStrategy(csrfTokens);
        newToken.setRequestHandler(csrfAtOnce());
        return new CompositeSessionAuthenticationStrategy(
                List.of(new ChangeSessionIdAuthenticationStrategy(), newToken));
    }

    /** The token goes out with the first answer, so that a page has it before it needs it. */
    private static CsrfTokenRequestAttributeHandler csrfAtOnce() {
        CsrfTokenRequestAttributeHandler handler = new CsrfTokenRequestAttributeHandler();
        handler.setCsrfRequestAttributeName(null);
        return handler;
    }

    /** There is no other way to sign in than ours; without this a user with a printed password would be made up. */
    @Bean
    UserDetailsService noOtherUsers() {
        return username -> {
            throw new UsernameNotFoundException(username);
        };
    }

    /** Devices have neither session nor form, and are many: their door has nothing before it but the table. */
    @Bean
    @Order(Ordered.HIGHEST_PRECEDENCE)
    SecurityFilterChain devices(HttpSecurity http) {
        return http.securityMatcher(
                        PathPatternRequestMatcher.withDefaults().matcher(HttpMethod.POST, AccessRules.DEVICES_DOOR))
                .csrf(AbstractHttpConfigurer::disable)
                .headers(headers -> headers.contentSecurityPolicy(policy -> policy.policyDirectives(DEVICES_POLICY)))
                .securityContext(AbstractHttpConfigurer::disable)
                .sessionManagement(AbstractHttpConfigurer::disable)
                .requestCache(AbstractHttpConfigurer::disable)
                .logout(AbstractHttpConfigurer::disable)
                .authorizeHttpRequests(
                        requests -> requests.dispatcherTypeMatchers(DispatcherType.ERROR, DispatcherType.ASYNC)
                                .permitAll()
                                .anyRequest()
                                .access(new AccessRules()))
                .build();
    }

    @Bean
    SecurityFilterChain security(
            HttpSecurity http,
            CookieCsrfTokenRepository csrfTokens,
            SecurityContextRepository contexts,
            QiantangProperties properties,
            Site site,
            Accounts accounts,
            Sessions sessions,
            Problems problems) {
        // The sign-in page says where a trial installation keeps its accounts.
        Problem notSignedIn = new Problem(OrgProblem.NOT_SIGNED_IN).with("trial", site.kind() == Site.Kind.TRIAL);
        return http.securityContext(context -> context.securityContextRepository(contexts))
                .csrf(csrf -> csrf.csrfTokenRepository(csrfTokens)
                        .csrfTokenRequestHandler(csrfAtOnce())
                        .ignoringRequestMatchers(OperatorFilter::showsToken))
                .addFilterBefore(new OperatorFilter(properties.operatorToken(), problems), CsrfFilter.class)
                .addFilterBefore(new CurrentAccountFilter(accounts, sessions, problems), AuthorizationFilter.class)
                .authorizeHttpRequests(requests -> requests.dispatcherTypeMatchers(
                                DispatcherType.ERROR, DispatcherType.ASYNC, DispatcherType.FORWARD)
                        .permitAll()
                        .anyRequest()
                        .access(new AccessRules()))
                .exceptionHandling(refused -> refused.authenticationEntryPoint(
                                (request, response, e) -> problems.write(notSignedIn, request, response))
                        .accessDeniedHandler(
                                (request, response, e) -> problems.write(refusal(request, e), request, response)))
                .formLogin(AbstractHttpConfigurer::disable)
                .httpBasic(AbstractHttpConfigurer::disable)
                .logout(AbstractHttpConfigurer::disable)
                .requestCache(AbstractHttpConfigurer::disable)
                .headers(headers -> headers.contentSecurityPolicy(policy -> policy.policyDirectives(CONTENT_POLICY))
                        .frameOptions(frames -> frames.deny())
                        .referrerPolicy(referrer -> referrer.policy(ReferrerPolicy.SAME_ORIGIN))
                        .permissionsPolicyHeader(
                                policy -> policy.policy("camera=(), microphone=(), geolocation=(), payment=()")))
                .build();
    }

    private static Problem refusal(HttpServletRequest request, AccessDeniedException e) {
        if (e instanceof CsrfException) {
            return new Problem(OrgProblem.NO_CSRF_TOKEN);
        }
        Authentication signedIn = SecurityContextHolder.getContext().getAuthentication();
        @Nullable Account who = signedIn != null && signedIn.getPrincipal() instanceof Account account ? account : null;
        return switch (AccessRules.judge(request, who)) {
            case SIGN_IN -> new Problem(OrgProblem.NOT_SIGNED_IN);
            case NO_SUCH_METHOD -> new Problem(CoreProblem.METHOD_NOT_ALLOWED, "method", request.getMethod());
            case NO_SUCH_PATH -> new Problem(CoreProblem.NOT_FOUND, "what", request.getRequestURI());
            case OBLIGED -> OrgProblem.obliged(Objects.requireNonNull(who).obligations());
            case INSIDE_ZONE -> new Problem(OrgProblem.INSIDE_ZONE);
            case OPEN, ALLOWED, NOT_ALLOWED -> new Problem(OrgProblem.NOT_ALLOWED);
        };
    }
}

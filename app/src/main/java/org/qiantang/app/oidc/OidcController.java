package org.qiantang.app.oidc;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.Size;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.qiantang.core.Problem;
import org.qiantang.org.Account;
import org.qiantang.org.Identities;
import org.qiantang.org.OrgProblem;
import org.qiantang.org.Origin;
import org.qiantang.org.Sessions;
import org.qiantang.org.Vouched;
import org.springframework.http.HttpStatus;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.client.web.DefaultOAuth2AuthorizationRequestResolver;
import org.springframework.security.oauth2.client.web.OAuth2AuthorizationRequestCustomizers;
import org.springframework.security.oauth2.core.OAuth2AuthenticationException;
import org.springframework.security.oauth2.core.endpoint.OAuth2AuthorizationExchange;
import org.springframework.security.oauth2.core.endpoint.OAuth2AuthorizationRequest;
import org.springframework.security.oauth2.core.endpoint.OAuth2AuthorizationResponse;
import org.springframework.security.oauth2.core.endpoint.PkceParameterNames;
import org.springframework.security.oauth2.core.oidc.endpoint.OidcParameterNames;
import org.springframework.security.oauth2.core.oidc.user.OidcUser;
import org.springframework.security.oauth2.jwt.BadJwtException;
import org.springframework.security.oauth2.jwt.JwtException;
import org.springframework.security.oauth2.jwt.JwtValidationException;
import org.springframework.security.web.authentication.logout.SecurityContextLogoutHandler;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.client.ResourceAccessException;
import org.springframework.web.util.UriComponentsBuilder;

/**
 * Signing in by a provider of identities. The provider sends the browser back to a page of the console, and that page, being ours, hands
 * in what it was given: so every cookie stays with our own pages, and a refusal reads like any other.
 */
@RestController
@RequestMapping("/api/session/oidc")
@Tag(name = "session", description = "登录 · signing in and out")
class OidcController {
    private static final String END = "qiantang.provider.end";

    private final Providers providers;
    private final Notes notes;
    private final Identities identities;
    private final Sessions sessions;
    private final PublicAddress address;

    OidcController(Providers providers, Notes notes, Identities identities, Sessions sessions, PublicAddress address) {
        this.providers = providers;
        this.notes = notes;
        this.identities = identities;
        this.sessions = sessions;
        this.address = address;
    }

    @GetMapping
    @Operation(summary = "By which providers one may sign in 统一身份认证的入口")
    List<Entrance> list() {
        return providers.list().stream()
                .map(each ->
                        new Entrance(each.id, each.settings.name(), each.settings.nameEn(), each.settings.issuer()))
                .toList();
    }

    @PostMapping("/{provider}/request")
    @Operation(summary = "Begin to sign in by a provider; the browser goes to the address 开始统一身份登录")
    Elsewhere begin(@PathVariable String provider, HttpServletRequest request, HttpServletResponse response) {
        Provider chosen = providers.get(provider);
        String back = address.find(request).orElseThrow(() -> new Problem(OidcProblem.NO_PUBLIC_URL))
                + "/sign-in/"
                + provider;
        ClientRegistration registration = chosen.registration();
        DefaultOAuth2AuthorizationRequestResolver resolver =
                new DefaultOAuth2AuthorizationRequestResolver(id -> registration);
        resolver.setAuthorizationRequestCustomizer(
                OAuth2AuthorizationRequestCustomizers.withPkce().andThen(builder -> builder.redirectUri(back)));
        OAuth2AuthorizationRequest asked = Objects.requireNonNull(resolver.resolve(request, provider));
        notes.write(
                new Asked(
                        provider,
                        Objects.requireNonNull(asked.getState()),
                        Objects.requireNonNull(asked.<String>getAttribute(OidcParameterNames.NONCE)),
                        Objects.requireNonNull(asked.<String>getAttribute(PkceParameterNames.CODE_VERIFIER)),
                        Objects.requireNonNull(asked.getRedirectUri())),
                request,
                response);
        return new Elsewhere(asked.getAuthorizationRequestUri());
    }

    @PostMapping("/{provider}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    @Operation(summary = "Sign in with what the provider sent back 完成统一身份登录")
    void finish(
            @PathVariable String provider,
            @Valid @RequestBody Returned returned,
            HttpServletRequest request,
            HttpServletResponse response) {
        Provider chosen = providers.get(provider);
        String subject = provider;
        try {
            Asked asked = notes.take(Asked.class, request, response)
                    .filter(note -> note.provider.equals(provider) && note.state.equals(returned.state))
                    .orElseThrow(() -> new Problem(OidcProblem.BAD_STATE));
            // RFC 9207: an answer that names its sender must name the one that was asked.
            if (returned.iss != null && !returned.iss.equals(chosen.settings.issuer())) {
                throw new Problem(OidcProblem.WRONG_ISSUER, "provider", chosen.settings.name());
            }
            if (returned.error != null || returned.code == null) {
                throw refused(chosen, returned.error == null ? "no code" : returned.error);
            }
            OidcUser person = redeem(chosen, asked, returned.code);
            Vouched vouched = vouched(chosen, person);
            subject = vouched.subject();
            enter(vouched, ending(chosen, person), null, request, response);
        } catch (Problem refused) {
            if (refused.code() != OrgProblem.SECOND_FACTOR_NEEDED) {
                identities.refuse(provider, request.getRemoteAddr(), refused.code(), subject);
            }
            throw refused;
        }
    }

    @PostMapping("/{provider}/second-factor")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    @Operation(summary = "Show one's second factor after the provider 统一身份登录后的双因素验证")
    void confirm(
            @PathVariable String provider,
            @Valid @RequestBody SecondFactor shown,
            HttpServletRequest request,
            HttpServletResponse response) {
        Waiting waiting = notes.take(Waiting.class, request, response)
                .filter(note -> note.vouched.provider().equals(provider))
                .orElseThrow(() -> new Problem(OidcProblem.BAD_STATE));
        enter(waiting.vouched, waiting.end, shown.code, request, response);
    }

    @DeleteMapping
    @Operation(summary = "Sign out here, and say where to sign out of the provider 退出统一身份登录")
    Ended signOut(HttpServletRequest request, HttpServletResponse response) {
        @Nullable HttpSession session = request.getSession(false);
        @Nullable String end = session != null && session.getAttribute(END) instanceof String address ? address : null;
        new SecurityContextLogoutHandler().logout(request, response, null);
        response.setHeader("Clear-Site-Data", "\"cache\"");
        if (end == null) {
            return new Ended(null);
        }
        UriComponentsBuilder there = UriComponentsBuilder.fromUriString(end);
        address.find(request).ifPresent(here -> there.queryParam("post_logout_redirect_uri", here + "/sign-in"));
        return new Ended(there.encode().toUriString());
    }

    private void enter(
            Vouched vouched,
            @Nullable String end,
            @Nullable String code,
            HttpServletRequest request,
            HttpServletResponse response) {
        Account account;
        try {
            account = identities.signIn(vouched, code, Origin.of(request));
        } catch (Problem problem) {
            if (problem.code() == OrgProblem.SECOND_FACTOR_NEEDED || problem.code() == OrgProblem.BAD_CODE) {
                notes.write(new Waiting(vouched, end), request, response);
            }
            throw problem;
        }
        sessions.begin(account, vouched.provider(), request, response);
        if (end != null) {
            request.getSession(true).setAttribute(END, end);
        }
    }

    private static OidcUser redeem(Provider provider, Asked asked, String code) {
        ClientRegistration registration = provider.registration();
        OAuth2AuthorizationRequest request = OAuth2AuthorizationRequest.authorizationCode()
                .authorizationUri(
                        Objects.requireNonNull(registration.getProviderDetails().getAuthorizationUri()))
                .clientId(registration.getClientId())
                .redirectUri(asked.redirectUri)
                .scopes(registration.getScopes())
                .state(asked.state)
                .attributes(
                        Map.of(OidcParameterNames.NONCE, asked.nonce, PkceParameterNames.CODE_VERIFIER, asked.verifier))
                .build();
        OAuth2AuthorizationResponse response = OAuth2AuthorizationResponse.success(code)
                .redirectUri(asked.redirectUri)
                .state(asked.state)
                .build();
        try {
            return provider.redeem(new OAuth2AuthorizationExchange(request, response));
        } catch (OAuth2AuthenticationException e) {
            throw problem(provider, e);
        }
    }

    private static Problem problem(Provider provider, OAuth2AuthenticationException e) {
        String name = provider.settings.name();
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof JwtValidationException invalid) {
                String first = invalid.getErrors().iterator().next().getErrorCode();
                OidcProblem code = switch (first) {
                    case Provider.WRONG_ISSUER -> OidcProblem.WRONG_ISSUER;
                    case Provider.WRONG_AUDIENCE -> OidcProblem.WRONG_AUDIENCE;
                    case Provider.EXPIRED -> OidcProblem.EXPIRED;
                    default -> OidcProblem.BAD_TOKEN;
                };
                return new Problem(code, "provider", name);
            }
            if (cause instanceof BadJwtException) {
                return new Problem(OidcProblem.BAD_TOKEN, "provider", name);
            }
            if (cause instanceof ResourceAccessException || cause instanceof JwtException) {
                // The token or the keys could not be fetched.
                return new Problem(OidcProblem.UNREACHABLE, "provider", name);
            }
        }
        return switch (e.getError().getErrorCode()) {
            case "invalid_nonce" -> new Problem(OidcProblem.BAD_NONCE, "provider", name);
            case "invalid_id_token" -> new Problem(OidcProblem.BAD_TOKEN, "provider", name);
            default -> refused(provider, e.getError().getErrorCode());
        };
    }

    /** Its own word for it, as far as it is one. */
    private static Problem refused(Provider provider, String error) {
        String reason = error.matches("[a-z_ ]{1,60}") ? error : "?";
        return new Problem(OidcProblem.REFUSED, "provider", provider.settings.name(), "reason", reason);
    }

    private static Vouched vouched(Provider provider, OidcUser person) {
        String name = person.getClaimAsString(provider.settings.nameClaim());
        String subject = person.getSubject();
        if (subject == null || subject.isBlank() || subject.length() > 255) {
            throw new Problem(OidcProblem.BAD_TOKEN, "provider", provider.settings.name());
        }
        String claim = provider.settings.usernameClaim();
        String username = claim == null || claim.equals("email") && !Boolean.TRUE.equals(person.getEmailVerified())
                ? null
                : person.getClaimAsString(claim);
        List<String> amr = person.getAuthenticationMethods();
        boolean factor = provider.settings.secondFactorAcr().contains(person.getAuthenticationContextClass())
                || amr != null && amr.stream().anyMatch(provider.settings.secondFactorAmr()::contains);
        return new Vouched(
                provider.id,
                provider.settings.issuer(),
                subject,
                name == null || name.isBlank() ? subject : name,
                username,
                factor ? Vouched.Factor.SEEN_BY_PROVIDER : Vouched.Factor.NOT_SEEN);
    }

    /** Where the provider's own session ends, if it says so. */
    private static @Nullable String ending(Provider provider, OidcUser person) {
        Object end = provider.registration()
                .getProviderDetails()
                .getConfigurationMetadata()
                .get("end_session_endpoint");
        return end instanceof String address && address.matches("https?://.+")
                ? UriComponentsBuilder.fromUriString(address)
                        .queryParam("client_id", provider.settings.clientId())
                        .queryParam("id_token_hint", person.getIdToken().getTokenValue())
                        .encode()
                        .toUriString()
                : null;
    }

    /** What was asked of a provider, until it answers. */
    record Asked(String provider, String state, String nonce, String verifier, String redirectUri) {}

    /** Who was vouched for and has to show a second factor yet. */
    record Waiting(Vouched vouched, @Nullable String end) {}

    record Entrance(String id, String name, String nameEn, String issuer) {}

    /** Where the browser has to go. */
    record Elsewhere(String url) {}

    /** @param url where the provider's own session ends; null where there is nothing to end */
    record Ended(@Nullable String url) {}

    /** What the provider's address had behind the question mark. */
    record Returned(
            @NotBlank @Size(max = 500) String state,
            @Size(max = 4000) @Nullable String code,
            @Size(max = 500) @Nullable String iss,
            @Size(max = 200) @Nullable String error) {
        @Override
        public String toString() {
            return "Returned[]";
        }
    }

    record SecondFactor(@NotBlank @Size(max = 40) String code) {
        @Override
        public String toString() {
            return "SecondFactor[]";
        }
    }
}

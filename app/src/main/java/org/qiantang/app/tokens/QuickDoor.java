package org.qiantang.app.tokens;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.qiantang.invoke.Scope;
import org.qiantang.invoke.web.QuickAnswers;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Lets calls in that the same client has made with the same token before, up to the values; whether they still may is asked as they are
 * answered. All others go on through every door.
 */
final class QuickDoor extends OncePerRequestFilter {
    private static final String BEARER = "Bearer ";

    private final ShownTokens tokens;
    private final QuickAnswers answers;

    QuickDoor(ShownTokens tokens, QuickAnswers answers) {
        this.tokens = tokens;
        this.answers = answers;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        @Nullable String shown = request.getHeader("Authorization");
        if (shown != null && shown.startsWith(BEARER)) {
            Optional<Jwt> token = tokens.find(shown.substring(BEARER.length()));
            if (token.isPresent()
                    && TokenScopes.of(token.get()).contains(Scope.SERVICES)
                    && ClientCertificates.fits(token.get(), request)) {
                @Nullable String client = token.get().getSubject();
                if (client != null && answers.answer(client, request, response)) {
                    return;
                }
            }
        }
        chain.doFilter(request, response);
    }
}

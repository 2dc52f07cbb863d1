package org.qiantang.app.tokens;

import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.qiantang.app.web.TraceFilter;
import org.qiantang.invoke.Scope;
import org.qiantang.invoke.web.QuickAnswers;
import org.springframework.security.oauth2.jwt.Jwt;

/**
 * Lets calls in that the same client has made with the same token before, up to the values; whether they still may is asked as they are
 * answered. It stands before all other doors and opens for nothing else: everything it does not answer goes on through every one of them.
 */
final class QuickDoor implements Filter {
    private static final String BEARER = "Bearer ";
    /** For so long a browser that was here by HTTPS comes by nothing else, as everywhere. */
    private static final String HTTPS_ONLY = "max-age=31536000 ; includeSubDomains";

    private final ShownTokens tokens;
    private final QuickAnswers answers;

    QuickDoor(ShownTokens tokens, QuickAnswers answers) {
        this.tokens = tokens;
        this.answers = answers;
    }

    @Override
    public void doFilter(ServletRequest asked, ServletResponse given, FilterChain chain)
            throws ServletException, IOException {
        if (!(asked instanceof HttpServletRequest request)
                || !(given instanceof HttpServletResponse response)
                || !isAnswered(request, response)) {
            chain.doFilter(asked, given);
        }
    }

    private boolean isAnswered(HttpServletRequest request, HttpServletResponse response) throws IOException {
        @Nullable String shown = request.getHeader("Authorization");
        if (shown == null || !shown.startsWith(BEARER)) {
            return false;
        }
        Optional<Jwt> token = tokens.find(shown.substring(BEARER.length()));
        if (token.isEmpty()
                || !TokenScopes.of(token.get()).contains(Scope.SERVICES)
                || !ClientCertificates.fits(token.get(), request)) {
            return false;
        }
        @Nullable String client = token.get().getSubject();
        Optional<QuickAnswers.Answer> answer = client == null ? Optional.empty() : answers.answer(client, request);
        if (answer.isEmpty()) {
            return false;
        }
        head(request, response);
        answer.get().write(response);
        return true;
    }

    /** What the doors behind would have said. */
    private static void head(HttpServletRequest request, HttpServletResponse response) {
        response.setHeader(TraceFilter.HEADER, TraceFilter.fresh());
        response.setHeader("X-Content-Type-Options", "nosniff");
        response.setHeader("X-XSS-Protection", "0");
        response.setHeader("X-Frame-Options", "DENY");
        if (request.isSecure()) {
            response.setHeader("Strict-Transport-Security", HTTPS_ONLY);
        }
    }
}

package org.qiantang.app.security;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Optional;
import org.qiantang.app.web.Problems;
import org.qiantang.core.Problem;
import org.qiantang.org.Account;
import org.qiantang.org.OrgProblem;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.core.authority.AuthorityUtils;
import org.springframework.security.core.context.SecurityContext;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Lets in the installation's operator by the token in the home folder. A request with a wrong token is refused even if it carries a good
 * session: whoever shows a token means to come in by it, and such requests are not checked for forgery.
 */
final class OperatorFilter extends OncePerRequestFilter {
    private static final Logger LOG = LoggerFactory.getLogger(OperatorFilter.class);
    private static final String SCHEME = "Bearer ";

    private final Path tokenFile;
    private final Problems problems;

    OperatorFilter(Path tokenFile, Problems problems) {
        this.tokenFile = tokenFile;
        this.problems = problems;
    }

    static boolean showsToken(HttpServletRequest request) {
        String header = request.getHeader("Authorization");
        return header != null && header.regionMatches(true, 0, SCHEME, 0, SCHEME.length());
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        if (!showsToken(request)) {
            chain.doFilter(request, response);
            return;
        }
        byte[] shown = request.getHeader("Authorization")
                .substring(SCHEME.length())
                .strip()
                .getBytes(StandardCharsets.UTF_8);
        Optional<byte[]> token = token();
        if (token.isEmpty() || !MessageDigest.isEqual(shown, token.get())) {
            LOG.info(
                    "A wrong operator token from {}: {} {}",
                    request.getRemoteAddr(),
                    request.getMethod(),
                    request.getRequestURI());
            problems.write(new Problem(OrgProblem.NOT_SIGNED_IN), request, response);
            return;
        }
        Account operator = Account.operator();
        SecurityContext context = SecurityContextHolder.createEmptyContext();
        context.setAuthentication(UsernamePasswordAuthenticationToken.authenticated(
                operator,
                null,
                AuthorityUtils.createAuthorityList(
                        operator.roles().stream().map(role -> "ROLE_" + role).toList())));
        SecurityContextHolder.setContext(context);
        chain.doFilter(request, response);
    }

    /** Read each time, so that a replaced token counts at once; empty and short ones never do. */
    private Optional<byte[]> token() {
        try {
            String token = Files.readString(tokenFile, StandardCharsets.UTF_8).strip();
            return token.length() < 20 ? Optional.empty() : Optional.of(token.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}

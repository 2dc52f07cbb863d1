package org.qiantang.app.security;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import java.io.IOException;
import java.util.Optional;
import org.qiantang.app.web.Problems;
import org.qiantang.core.CoreProblem;
import org.qiantang.core.Problem;
import org.qiantang.org.Account;
import org.qiantang.org.Accounts;
import org.qiantang.org.Role;
import org.qiantang.org.Sessions;
import org.springframework.dao.DataAccessException;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.authority.AuthorityUtils;
import org.springframework.security.core.context.SecurityContext;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.transaction.TransactionException;
import org.springframework.web.filter.OncePerRequestFilter;

/** Lets a session do what its account may do now, not what it might when it began: a role that was taken away is gone at once. */
final class CurrentAccountFilter extends OncePerRequestFilter {
    private final Accounts accounts;
    private final Sessions sessions;
    private final Problems problems;

    CurrentAccountFilter(Accounts accounts, Sessions sessions, Problems problems) {
        this.accounts = accounts;
        this.sessions = sessions;
        this.problems = problems;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        Authentication signedIn = SecurityContextHolder.getContext().getAuthentication();
        boolean asked = request.getRequestURI().startsWith("/api/")
                && signedIn != null
                && signedIn.getPrincipal() instanceof Account account
                && !account.has(Role.OPERATOR);
        if (asked && signedIn != null && signedIn.getPrincipal() instanceof Account account) {
            Optional<Account> current;
            try {
                current = sessions.hasEnded(request) ? Optional.empty() : accounts.current(account);
            } catch (DataAccessException | TransactionException e) {
                problems.write(new Problem(CoreProblem.UNAVAILABLE), request, response);
                return;
            }
            if (current.isEmpty()) {
                SecurityContextHolder.clearContext();
                HttpSession session = request.getSession(false);
                if (session != null) {
                    session.invalidate();
                }
            } else if (current.get() != account) {
                SecurityContext context = SecurityContextHolder.createEmptyContext();
                context.setAuthentication(UsernamePasswordAuthenticationToken.authenticated(
                        current.get(),
                        null,
                        AuthorityUtils.createAuthorityList(current.get().roles().stream()
                                .map(role -> "ROLE_" + role)
                                .toList())));
                SecurityContextHolder.setContext(context);
            }
        }
        chain.doFilter(request, response);
    }
}

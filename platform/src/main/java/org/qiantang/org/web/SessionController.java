package org.qiantang.org.web;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.qiantang.core.Problem;
import org.qiantang.org.Account;
import org.qiantang.org.Accounts;
import org.qiantang.org.Department;
import org.qiantang.org.OrgProblem;
import org.qiantang.org.Role;
import org.springframework.http.HttpStatus;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.security.core.authority.AuthorityUtils;
import org.springframework.security.core.context.SecurityContext;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.web.authentication.logout.SecurityContextLogoutHandler;
import org.springframework.security.web.authentication.session.SessionAuthenticationStrategy;
import org.springframework.security.web.context.SecurityContextRepository;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping("/api/session")
@Tag(name = "session", description = "登录 · signing in and out")
class SessionController {
    private final Accounts accounts;
    private final SessionAuthenticationStrategy newSession;
    private final SecurityContextRepository contexts;

    SessionController(Accounts accounts, SessionAuthenticationStrategy newSession, SecurityContextRepository contexts) {
        this.accounts = accounts;
        this.newSession = newSession;
        this.contexts = contexts;
    }

    @PostMapping
    @Operation(summary = "Sign in 登录")
    Session signIn(
            @Valid @RequestBody Credentials credentials, HttpServletRequest request, HttpServletResponse response) {
        Account account = accounts.signIn(credentials.username(), credentials.password(), request.getRemoteAddr());
        Authentication authentication = UsernamePasswordAuthenticationToken.authenticated(
                account,
                null,
                AuthorityUtils.createAuthorityList(
                        account.roles().stream().map(role -> "ROLE_" + role).toList()));
        request.getSession(true);
        newSession.onAuthentication(authentication, request, response);
        SecurityContext context = SecurityContextHolder.createEmptyContext();
        context.setAuthentication(authentication);
        SecurityContextHolder.setContext(context);
        contexts.saveContext(context, request, response);
        return Session.of(account);
    }

    @GetMapping
    @Operation(summary = "Who is signed in 当前登录人")
    Session get(@AuthenticationPrincipal @Nullable Account account) {
        if (account == null) {
            throw new Problem(OrgProblem.NOT_SIGNED_IN);
        }
        return Session.of(account);
    }

    @DeleteMapping
    @ResponseStatus(HttpStatus.NO_CONTENT)
    @Operation(summary = "Sign out 退出登录")
    void signOut(HttpServletRequest request, HttpServletResponse response) {
        new SecurityContextLogoutHandler().logout(request, response, null);
    }

    /** No longer than what anybody could mean: failed names are remembered for a while. */
    record Credentials(
            @NotBlank @Size(max = 100) String username,
            @NotNull @Size(max = 1000) String password) {
        @Override
        public String toString() {
            return "Credentials[" + username + "]";
        }
    }

    record Session(
            String username,
            String displayName,
            List<Role> roles,
            @Nullable Department department) {
        static Session of(Account account) {
            return new Session(
                    account.username(),
                    account.displayName(),
                    account.roles().stream().sorted().toList(),
                    account.department());
        }
    }
}

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
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.qiantang.core.Problem;
import org.qiantang.org.Account;
import org.qiantang.org.Accounts;
import org.qiantang.org.Actor;
import org.qiantang.org.Department;
import org.qiantang.org.Identities;
import org.qiantang.org.Identity;
import org.qiantang.org.Obligation;
import org.qiantang.org.OrgProblem;
import org.qiantang.org.Origin;
import org.qiantang.org.Person;
import org.qiantang.org.Posts;
import org.qiantang.org.Presence;
import org.qiantang.org.Role;
import org.qiantang.org.SecondFactors;
import org.qiantang.org.Sessions;
import org.springframework.http.HttpStatus;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.security.web.authentication.logout.SecurityContextLogoutHandler;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping("/api/session")
@Tag(name = "session", description = "登录 · signing in and out")
class SessionController {
    private final Accounts accounts;
    private final SecondFactors secondFactors;
    private final Posts posts;
    private final Today today;
    private final Sessions sessions;
    private final Identities identities;
    private final Presence presence;

    SessionController(
            Accounts accounts,
            SecondFactors secondFactors,
            Posts posts,
            Today today,
            Sessions sessions,
            Identities identities,
            Presence presence) {
        this.accounts = accounts;
        this.secondFactors = secondFactors;
        this.posts = posts;
        this.today = today;
        this.sessions = sessions;
        this.identities = identities;
        this.presence = presence;
    }

    @PostMapping
    @Operation(summary = "Sign in 登录")
    Session signIn(
            @Valid @RequestBody Credentials credentials, HttpServletRequest request, HttpServletResponse response) {
        Account account = accounts.signIn(
                new Accounts.Credentials(credentials.username(), credentials.password(), credentials.code()),
                Origin.of(request));
        sessions.begin(account, request, response);
        return session(account, request);
    }

    @GetMapping
    @Operation(summary = "Who is signed in, as whom and for what they answer 当前登录人")
    Session get(@AuthenticationPrincipal @Nullable Account account, HttpServletRequest request) {
        if (account == null) {
            throw new Problem(OrgProblem.NOT_SIGNED_IN);
        }
        return session(account, request);
    }

    @GetMapping("/identities")
    @Operation(summary = "Whom providers of identities know one as 本人绑定的统一身份")
    List<Identity> identities(@AuthenticationPrincipal Account who) {
        return identities.list(who.username());
    }

    @DeleteMapping
    @ResponseStatus(HttpStatus.NO_CONTENT)
    @Operation(summary = "Sign out 退出登录")
    void signOut(HttpServletRequest request, HttpServletResponse response) {
        new SecurityContextLogoutHandler().logout(request, response, null);
        response.setHeader("Clear-Site-Data", "\"cache\"");
    }

    @PutMapping("/password")
    @Operation(summary = "Change one's own password; one's other sessions end 修改密码")
    Session changePassword(
            @Valid @RequestBody PasswordChange change,
            HttpServletRequest request,
            HttpServletResponse response,
            @AuthenticationPrincipal Account who) {
        if (who.has(Role.OPERATOR)) {
            throw new Problem(OrgProblem.NOT_ALLOWED);
        }
        Account account = accounts.changePassword(
                new Actor(who.username(), request.getRemoteAddr()), change.before(), change.after());
        sessions.keep(account, request, response);
        return session(account, request);
    }

    @PostMapping("/second-factor")
    @Operation(summary = "Begin to set one's second factor 开始设置双因素验证")
    SecondFactors.Enrolment beginSecondFactor(@AuthenticationPrincipal Account who) {
        if (who.has(Role.OPERATOR)) {
            throw new Problem(OrgProblem.NOT_ALLOWED);
        }
        return secondFactors.begin(who.username());
    }

    @PutMapping("/second-factor")
    @Operation(summary = "Take one's second factor into use; the recovery codes come this once 启用双因素验证")
    RecoveryCodes confirmSecondFactor(
            @Valid @RequestBody FirstCode shown,
            HttpServletRequest request,
            HttpServletResponse response,
            @AuthenticationPrincipal Account who) {
        List<String> codes = secondFactors.confirm(new Actor(who.username(), request.getRemoteAddr()), shown.code());
        accounts.find(who.username())
                .ifPresent(account -> sessions.keep(account.excusedFrom(who.excused()), request, response));
        return new RecoveryCodes(codes);
    }

    @PostMapping("/presence")
    @Operation(summary = "A code to read out face to face to who appoints one an administrator 当面核对码")
    PresenceCode presence(@AuthenticationPrincipal Account who) {
        if (who.has(Role.OPERATOR)) {
            throw new Problem(OrgProblem.NOT_ALLOWED);
        }
        return new PresenceCode(presence.code(who.username()));
    }

    private Session session(Account account, HttpServletRequest request) {
        Optional<Posts.Standing> standing =
                account.has(Role.OPERATOR) ? Optional.empty() : posts.find(account.username(), today.or(null));
        return new Session(
                account.username(),
                account.displayName(),
                account.roles().stream().sorted().toList(),
                account.department(),
                account.obligations().stream().sorted().toList(),
                !account.has(Role.OPERATOR) && secondFactors.isSet(account.username()),
                standing.map(Posts.Standing::person).orElse(null),
                standing.map(Posts.Standing::posts).orElse(List.of()),
                standing.map(each -> each.jurisdiction().codes()).orElse(List.of()),
                standing.map(Posts.Standing::line).orElse(List.of()),
                sessions.provider(request).orElse(null));
    }

    /** No longer than what anybody could mean: failed names are remembered for a while. */
    record Credentials(
            @NotBlank @Size(max = 100) String username,
            @NotNull @Size(max = 1000) String password,
            @Size(max = 40) @Nullable String code) {
        @Override
        public String toString() {
            return "Credentials[" + username + "]";
        }
    }

    record PasswordChange(
            @NotNull @Size(max = 1000) String before,
            @NotNull @Size(max = 1000) String after) {
        @Override
        public String toString() {
            return "PasswordChange[]";
        }
    }

    record FirstCode(@NotBlank @Size(max = 40) String code) {
        @Override
        public String toString() {
            return "FirstCode[]";
        }
    }

    record PresenceCode(String code) {
        @Override
        public String toString() {
            return "PresenceCode[]";
        }
    }

    record RecoveryCodes(List<String> codes) {
        @Override
        public String toString() {
            return "RecoveryCodes[]";
        }
    }

    /**
     * @param obligations what has to be done before anything else
     * @param jurisdiction the codes of the divisions they answer for, with all that lies in them
     * @param line whom they report to, the nearest first
     * @param provider the provider of identities that opened the session; null where a password did
     */
    record Session(
            String username,
            String displayName,
            List<Role> roles,
            @Nullable Department department,
            List<Obligation> obligations,
            boolean secondFactor,
            @Nullable Person person,
            List<Posts.Held> posts,
            List<String> jurisdiction,
            List<Posts.Held> line,
            @Nullable String provider) {}
}

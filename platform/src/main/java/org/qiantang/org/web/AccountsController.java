package org.qiantang.org.web;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.qiantang.core.CoreProblem;
import org.qiantang.core.Problem;
import org.qiantang.org.Account;
import org.qiantang.org.AccountEntry;
import org.qiantang.org.Accounts;
import org.qiantang.org.Actor;
import org.qiantang.org.Administration;
import org.qiantang.org.Residents;
import org.qiantang.org.Role;
import org.springframework.http.HttpStatus;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping("/api/accounts")
@Tag(name = "accounts", description = "账号 · accounts, roles and the three administrators")
class AccountsController {
    private final Administration administration;

    private final Accounts accounts;
    private final Residents residents;

    AccountsController(Administration administration, Accounts accounts, Residents residents) {
        this.administration = administration;
        this.accounts = accounts;
        this.residents = residents;
    }

    @GetMapping
    @Operation(summary = "All accounts 全部账号")
    List<AccountEntry> list() {
        return administration.list();
    }

    @PostMapping
    @ResponseStatus(HttpStatus.CREATED)
    @Operation(
            summary =
                    "Make an account without roles; its first password comes this once, opens one session and ends after three days 创建账号")
    Administration.Invitation create(
            @Valid @RequestBody NewAccount account, HttpServletRequest request, @AuthenticationPrincipal Account who) {
        return administration.create(
                actor(who, request),
                account.username(),
                new Administration.Wanted(account.displayName().strip(), account.departmentId()));
    }

    @PutMapping("/{username}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    @Operation(summary = "Name and department of an account 修改账号")
    void change(
            @PathVariable String username,
            @Valid @RequestBody AccountEdit edit,
            HttpServletRequest request,
            @AuthenticationPrincipal Account who) {
        administration.change(
                actor(who, request),
                username,
                new Administration.Wanted(edit.displayName().strip(), edit.departmentId()));
    }

    @PutMapping("/{username}/resident")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    @Operation(summary = "Say whom a resident's account is about, before it becomes one 绑定身份证号或统一社会信用代码")
    void bindResident(
            @PathVariable String username,
            @Valid @RequestBody ResidentNumber number,
            HttpServletRequest request,
            @AuthenticationPrincipal Account who) {
        Account account =
                accounts.find(username).orElseThrow(() -> new Problem(CoreProblem.NOT_FOUND, "what", username));
        residents.bind(actor(who, request), account, number.number());
    }

    @PostMapping("/{username}/disable")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    @Operation(summary = "Let nobody in by an account and end its sessions 停用账号")
    void disable(@PathVariable String username, HttpServletRequest request, @AuthenticationPrincipal Account who) {
        administration.disable(actor(who, request), username);
    }

    @PostMapping("/{username}/enable")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    @Operation(summary = "Let an account be used again 启用账号")
    void enable(@PathVariable String username, HttpServletRequest request, @AuthenticationPrincipal Account who) {
        administration.enable(actor(who, request), username);
    }

    @PostMapping("/{username}/password")
    @Operation(
            summary =
                    "Set a new first password, which comes this once, opens one session and ends after three days 重置密码")
    Administration.Invitation resetPassword(
            @PathVariable String username, HttpServletRequest request, @AuthenticationPrincipal Account who) {
        return administration.resetPassword(actor(who, request), username);
    }

    @PutMapping("/{username}/roles")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    @Operation(summary = "Give an account these roles and no others; a new duty takes the person's presence code 授予角色")
    void setRoles(
            @PathVariable String username,
            @Valid @RequestBody WantedRoles wanted,
            HttpServletRequest request,
            @AuthenticationPrincipal Account who) {
        administration.setRoles(actor(who, request), username, wanted.roles(), wanted.presence());
    }

    @PostMapping("/{username}/unlock")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    @Operation(summary = "Forgive an account its failed sign-ins, wherever they came from 解锁账号")
    void unlock(@PathVariable String username, HttpServletRequest request, @AuthenticationPrincipal Account who) {
        administration.unlock(actor(who, request), username);
    }

    @DeleteMapping("/{username}/second-factor")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    @Operation(summary = "Forget an account's second factor 重置双因素验证")
    void resetSecondFactor(
            @PathVariable String username, HttpServletRequest request, @AuthenticationPrincipal Account who) {
        administration.resetSecondFactor(actor(who, request), username);
    }

    private static Actor actor(Account who, HttpServletRequest request) {
        return new Actor(who.username(), request.getRemoteAddr());
    }

    record NewAccount(
            @NotBlank @Size(max = 40) String username,
            @NotBlank @Size(max = 60) String displayName,
            @Nullable String departmentId) {}

    record AccountEdit(
            @NotBlank @Size(max = 60) String displayName,
            @Nullable String departmentId) {}

    record ResidentNumber(@NotBlank @Size(max = 40) String number) {
        @Override
        public String toString() {
            return "ResidentNumber[]";
        }
    }

    /** @param presence what the person has read out, where a duty is new to them */
    record WantedRoles(
            @NotNull Set<Role> roles,
            @Size(max = 40) @Nullable String presence) {
        @Override
        public String toString() {
            return "WantedRoles[" + roles + "]";
        }
    }
}

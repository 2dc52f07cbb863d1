package org.qiantang.org.web;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.Size;
import java.util.List;
import org.qiantang.org.Account;
import org.qiantang.org.Actor;
import org.qiantang.org.Identities;
import org.qiantang.org.Identity;
import org.qiantang.org.Newcomer;
import org.springframework.http.HttpStatus;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

@RestController
@Tag(name = "identities", description = "统一身份 · which person of a provider is which account")
class IdentitiesController {
    private final Identities identities;

    IdentitiesController(Identities identities) {
        this.identities = identities;
    }

    @GetMapping("/api/identities/newcomers")
    @Operation(summary = "Who was vouched for and has no account 未绑定的来访者")
    List<Newcomer> listNewcomers() {
        return identities.listNewcomers();
    }

    @GetMapping("/api/accounts/{username}/identities")
    @Operation(summary = "Identities bound to an account 账号绑定的统一身份")
    List<Identity> list(@PathVariable String username) {
        return identities.list(username);
    }

    @PostMapping("/api/accounts/{username}/identities")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    @Operation(summary = "Let a person of a provider in as an account 绑定统一身份")
    void bind(
            @PathVariable String username,
            @Valid @RequestBody Binding binding,
            HttpServletRequest request,
            @AuthenticationPrincipal Account who) {
        identities.bind(
                new Actor(who.username(), request.getRemoteAddr()),
                username,
                binding.issuer().strip(),
                binding.subject().strip());
    }

    @DeleteMapping("/api/accounts/{username}/identities")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    @Operation(summary = "Unbind a person of a provider; the account's sessions end 解除绑定")
    void unbind(
            @PathVariable String username,
            @RequestParam String issuer,
            @RequestParam String subject,
            HttpServletRequest request,
            @AuthenticationPrincipal Account who) {
        identities.unbind(new Actor(who.username(), request.getRemoteAddr()), username, issuer, subject);
    }

    record Binding(
            @NotBlank @Size(max = 500) String issuer,
            @NotBlank @Size(max = 255) String subject) {}
}

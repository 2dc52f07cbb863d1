package org.qiantang.share.web;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.qiantang.org.Account;
import org.qiantang.share.Applications;
import org.qiantang.share.Grants;
import org.qiantang.share.Terms;
import org.springframework.http.HttpStatus;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

@RestController
@Tag(name = "grants", description = "共享授权 · what opens fields to departments, and who may read what and why")
class GrantsController {
    private static final int LONGEST_WORDS = 2_000;

    private final Grants grants;
    private final Applications applications;

    GrantsController(Grants grants, Applications applications) {
        this.grants = grants;
        this.applications = applications;
    }

    @GetMapping("/api/share/grants")
    @Operation(summary = "The grants that one's department gave or received 授权列表")
    List<Grants.GrantBrief> list(
            @RequestParam(defaultValue = "ALL") Grants.Of of, @AuthenticationPrincipal Account who) {
        return grants.list(who, of);
    }

    @GetMapping("/api/share/grants/{id}")
    @Operation(summary = "A grant, its versions, its history, and what one may do 授权详情")
    Grants.GrantWhole get(@PathVariable UUID id, @AuthenticationPrincipal Account who) {
        return grants.get(who, id);
    }

    @PostMapping("/api/share/grants/{id}/change")
    @Operation(summary = "Make its next version, never more than was applied for 变更授权")
    Grants.GrantWhole change(
            @PathVariable UUID id, @Valid @RequestBody Changed changed, @AuthenticationPrincipal Account who) {
        return applications.change(who, id, changed.terms(), changed.words());
    }

    @PostMapping("/api/share/grants/{id}/suspend")
    @Operation(summary = "Let nothing be read under it for a while, at once 暂停")
    Grants.GrantWhole suspend(
            @PathVariable UUID id, @Valid @RequestBody Because reason, @AuthenticationPrincipal Account who) {
        return grants.suspend(who, id, reason.words());
    }

    @PostMapping("/api/share/grants/{id}/resume")
    @Operation(summary = "Let it be used again 恢复")
    Grants.GrantWhole resume(
            @PathVariable UUID id, @Valid @RequestBody Because reason, @AuthenticationPrincipal Account who) {
        return grants.resume(who, id, reason.words());
    }

    @PostMapping("/api/share/grants/{id}/revoke")
    @Operation(summary = "End it for good, at once 撤销")
    Grants.GrantWhole revoke(
            @PathVariable UUID id, @Valid @RequestBody Because reason, @AuthenticationPrincipal Account who) {
        return grants.revoke(who, id, reason.words());
    }

    @PostMapping("/api/share/grants/{id}/renew")
    @ResponseStatus(HttpStatus.CREATED)
    @Operation(summary = "Begin an application that goes on from it 续期申请")
    Applications.ApplicationWhole renew(@PathVariable UUID id, @AuthenticationPrincipal Account who) {
        return applications.renew(who, id);
    }

    @GetMapping("/api/resources/{id}/readers")
    @Operation(summary = "Who may read which field of a resource, and why 谁能读取")
    List<Grants.Reading> readers(@PathVariable UUID id, @AuthenticationPrincipal Account who) {
        return grants.readers(who, id);
    }

    @GetMapping("/api/share/readable/{username}")
    @Operation(summary = "Every field that a person can read by a grant, and why 某人能读取的字段")
    List<Grants.Readable> readable(@PathVariable String username, @AuthenticationPrincipal Account who) {
        return grants.readable(who, username);
    }

    record Because(@Nullable @Size(max = LONGEST_WORDS) String words) {}

    record Changed(
            @NotNull Terms terms,
            @Nullable @Size(max = LONGEST_WORDS) String words) {}
}

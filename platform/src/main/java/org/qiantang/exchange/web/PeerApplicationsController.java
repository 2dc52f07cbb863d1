package org.qiantang.exchange.web;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotEmpty;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.qiantang.exchange.PeerApplication;
import org.qiantang.exchange.PeerApplications;
import org.qiantang.exchange.PeerGrant;
import org.qiantang.exchange.PeerGrants;
import org.qiantang.org.Account;
import org.qiantang.share.Asked;
import org.springframework.http.HttpStatus;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping("/api/exchange")
@Tag(
        name = "peer applications",
        description = "跨平台申请 · what our departments ask of other installations, and what they were granted")
class PeerApplicationsController {
    private static final int LONGEST_WORDS = 2_000;

    private final PeerApplications applications;
    private final PeerGrants grants;

    PeerApplicationsController(PeerApplications applications, PeerGrants grants) {
        this.applications = applications;
        this.grants = grants;
    }

    @GetMapping("/applications")
    @Operation(summary = "The applications to other installations that one may see 跨平台申请列表")
    List<PeerApplication> list(@AuthenticationPrincipal Account who) {
        return applications.list(who);
    }

    @PostMapping("/applications")
    @ResponseStatus(HttpStatus.CREATED)
    @Operation(summary = "Begin an application for what a peer offers 新建跨平台申请")
    PeerApplication begin(@Valid @RequestBody Begun begun, @AuthenticationPrincipal Account who) {
        return applications.begin(who, begun.peer(), begun.entries());
    }

    @GetMapping("/applications/{id}")
    @Operation(summary = "An application, how it stands there, and what one may do 跨平台申请详情")
    PeerApplication get(@PathVariable UUID id, @AuthenticationPrincipal Account who) {
        return applications.get(who, id);
    }

    @PutMapping("/applications/{id}")
    @Operation(summary = "Write what is asked for 填写申请")
    PeerApplication save(
            @PathVariable UUID id, @Valid @RequestBody PeerAsked written, @AuthenticationPrincipal Account who) {
        return applications.save(who, id, written.revision(), written.asked());
    }

    @PostMapping("/applications/{id}/submit")
    @Operation(summary = "Hand it to our own bureau 提交本市数据局")
    PeerApplication submit(@PathVariable UUID id, @AuthenticationPrincipal Account who) {
        return applications.submit(who, id);
    }

    @PostMapping("/applications/{id}/release")
    @Operation(summary = "Let it go to the other side 放行")
    PeerApplication release(@PathVariable UUID id, @AuthenticationPrincipal Account who, HttpServletRequest request) {
        return applications.release(who, request.getRemoteAddr(), id);
    }

    @PostMapping("/applications/{id}/return")
    @Operation(summary = "Give it back to be completed 退回补正")
    PeerApplication giveBack(
            @PathVariable UUID id, @Valid @RequestBody PeerSaid said, @AuthenticationPrincipal Account who) {
        return applications.giveBack(who, id, said.words());
    }

    @PostMapping("/applications/{id}/withdraw")
    @Operation(summary = "Take back what is not granted yet 撤回")
    PeerApplication withdraw(@PathVariable UUID id, @AuthenticationPrincipal Account who) {
        return applications.withdraw(who, id);
    }

    @PostMapping("/applications/{id}/parts/{part}/negotiate")
    @Operation(summary = "Answer a rejection; both sides speak from here on 提请协商")
    PeerApplication negotiate(
            @PathVariable UUID id,
            @PathVariable UUID part,
            @Valid @RequestBody PeerSaid said,
            @AuthenticationPrincipal Account who) {
        return applications.negotiate(who, id, part, said.words());
    }

    @PostMapping("/applications/{id}/parts/{part}/statements")
    @Operation(summary = "Say something in a negotiation 发表意见")
    PeerApplication say(
            @PathVariable UUID id,
            @PathVariable UUID part,
            @Valid @RequestBody PeerSaid said,
            @AuthenticationPrincipal Account who) {
        return applications.say(who, id, part, said.words());
    }

    @PostMapping("/applications/{id}/parts/{part}/escalate")
    @Operation(summary = "Let the other side's bureau decide 提请对方数据局协调")
    PeerApplication escalate(
            @PathVariable UUID id,
            @PathVariable UUID part,
            @Valid @RequestBody PeerSaid said,
            @AuthenticationPrincipal Account who) {
        return applications.escalate(who, id, part, said.words());
    }

    @GetMapping("/grants")
    @Operation(summary = "What other installations have granted to one's department 跨平台授权")
    List<PeerGrant> grants(@AuthenticationPrincipal Account who) {
        return grants.list(who);
    }

    record Begun(
            @NotBlank @Size(max = 40) String peer,
            @NotEmpty @Size(max = 50) List<UUID> entries) {}

    record PeerAsked(int revision, @NotNull Asked asked) {}

    record PeerSaid(@Nullable @Size(max = LONGEST_WORDS) String words) {}
}

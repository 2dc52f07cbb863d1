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
import org.qiantang.share.Asked;
import org.qiantang.share.Carts;
import org.qiantang.share.Offered;
import org.qiantang.share.Terms;
import org.springframework.http.HttpStatus;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping("/api/share")
@Tag(name = "applications", description = "共享申请 · what departments ask of each other, and the answers")
class ApplicationsController {
    private static final int LONGEST_WORDS = 2_000;

    private final Carts carts;
    private final Applications applications;

    ApplicationsController(Carts carts, Applications applications) {
        this.carts = carts;
        this.applications = applications;
    }

    @GetMapping("/cart")
    @Operation(summary = "What one has gathered to apply for 申请车")
    List<Offered> cart(@AuthenticationPrincipal Account who) {
        return carts.list(who);
    }

    @PutMapping("/cart/{id}")
    @Operation(summary = "Gather a directory entry 加入申请")
    List<Offered> add(@PathVariable UUID id, @AuthenticationPrincipal Account who) {
        return carts.add(who, id);
    }

    @PutMapping("/cart/resources/{id}")
    @Operation(summary = "Gather what the directory says of a resource 将数据资源加入申请")
    List<Offered> addResource(@PathVariable UUID id, @AuthenticationPrincipal Account who) {
        return carts.addResource(who, id);
    }

    @DeleteMapping("/cart/{id}")
    @Operation(summary = "Leave it out 移出申请车")
    List<Offered> remove(@PathVariable UUID id, @AuthenticationPrincipal Account who) {
        return carts.remove(who, id);
    }

    @GetMapping("/applications")
    @Operation(summary = "The applications one may see 申请列表")
    List<Applications.ApplicationBrief> list(
            @RequestParam(defaultValue = "ALL") Applications.Wanted wanted, @AuthenticationPrincipal Account who) {
        return applications.list(who, wanted);
    }

    @PostMapping("/applications")
    @ResponseStatus(HttpStatus.CREATED)
    @Operation(summary = "Begin an application for what is in the cart 新建申请")
    Applications.ApplicationWhole begin(@AuthenticationPrincipal Account who) {
        return applications.begin(who);
    }

    @GetMapping("/applications/{id}")
    @Operation(summary = "An application, its parts, its history, and what one may do 申请详情")
    Applications.ApplicationWhole get(@PathVariable UUID id, @AuthenticationPrincipal Account who) {
        return applications.get(who, id);
    }

    @PutMapping("/applications/{id}")
    @Operation(summary = "Write what is asked for 填写申请")
    Applications.ApplicationWhole save(
            @PathVariable UUID id, @Valid @RequestBody AskedWritten written, @AuthenticationPrincipal Account who) {
        return applications.save(who, id, written.revision(), written.asked());
    }

    @PostMapping("/applications/{id}/submit")
    @Operation(summary = "Hand it in 提交")
    Applications.ApplicationWhole submit(@PathVariable UUID id, @AuthenticationPrincipal Account who) {
        return applications.submit(who, id);
    }

    @PostMapping("/applications/{id}/withdraw")
    @Operation(summary = "Take back what is not granted yet 撤回")
    Applications.ApplicationWhole withdraw(@PathVariable UUID id, @AuthenticationPrincipal Account who) {
        return applications.withdraw(who, id);
    }

    @PostMapping("/applications/{id}/return")
    @Operation(summary = "Give it back to be completed 退回补正")
    Applications.ApplicationWhole giveBack(
            @PathVariable UUID id, @Valid @RequestBody Said said, @AuthenticationPrincipal Account who) {
        return applications.giveBack(who, id, said.words());
    }

    @PostMapping("/applications/{id}/pass")
    @Operation(summary = "It complies: grant what is unconditional, forward the rest 通过合规审查")
    Applications.ApplicationWhole pass(
            @PathVariable UUID id, @Valid @RequestBody Said said, @AuthenticationPrincipal Account who) {
        return applications.pass(who, id, said.words());
    }

    @PostMapping("/applications/{id}/refuse")
    @Operation(summary = "It does not comply, with reason and legal basis 不予通过")
    Applications.ApplicationWhole refuse(
            @PathVariable UUID id, @Valid @RequestBody Refused refused, @AuthenticationPrincipal Account who) {
        return applications.refuse(who, id, refused.words(), refused.legalBasis());
    }

    @PostMapping("/parts/{id}/grant")
    @Operation(summary = "Grant a part, as asked or less 同意共享")
    Applications.ApplicationWhole grant(
            @PathVariable UUID id, @Valid @RequestBody GrantWritten written, @AuthenticationPrincipal Account who) {
        return applications.grantPart(who, id, written.terms(), written.words());
    }

    @PostMapping("/parts/{id}/reject")
    @Operation(summary = "Reject a part, with reason and legal basis 不同意共享")
    Applications.ApplicationWhole reject(
            @PathVariable UUID id, @Valid @RequestBody Refused refused, @AuthenticationPrincipal Account who) {
        return applications.reject(who, id, refused.words(), refused.legalBasis());
    }

    @PostMapping("/parts/{id}/negotiate")
    @Operation(summary = "Answer a rejection; both sides speak from here on 提请协商")
    Applications.ApplicationWhole negotiate(
            @PathVariable UUID id, @Valid @RequestBody Said said, @AuthenticationPrincipal Account who) {
        return applications.negotiate(who, id, said.words());
    }

    @PostMapping("/parts/{id}/statements")
    @Operation(summary = "Say something in a negotiation 发表意见")
    Applications.ApplicationWhole say(
            @PathVariable UUID id, @Valid @RequestBody Said said, @AuthenticationPrincipal Account who) {
        return applications.say(who, id, said.words());
    }

    @PostMapping("/parts/{id}/escalate")
    @Operation(summary = "Let the bureau decide 提请数据局协调")
    Applications.ApplicationWhole escalate(
            @PathVariable UUID id, @Valid @RequestBody Said said, @AuthenticationPrincipal Account who) {
        return applications.escalate(who, id, said.words());
    }

    record AskedWritten(int revision, @NotNull Asked asked) {}

    record Said(@Nullable @Size(max = LONGEST_WORDS) String words) {}

    record Refused(
            @Nullable @Size(max = LONGEST_WORDS) String words,
            @Nullable @Size(max = LONGEST_WORDS) String legalBasis) {}

    /** @param terms null for all that was asked for */
    record GrantWritten(
            @Nullable Terms terms,
            @Nullable @Size(max = LONGEST_WORDS) String words) {}
}

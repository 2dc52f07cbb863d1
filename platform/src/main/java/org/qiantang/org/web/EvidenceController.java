package org.qiantang.org.web;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.qiantang.core.CoreProblem;
import org.qiantang.core.Problem;
import org.qiantang.evidence.Proof;
import org.qiantang.org.Account;
import org.qiantang.org.Actor;
import org.qiantang.org.EvidenceHold;
import org.qiantang.org.EvidenceHolds;
import org.qiantang.org.EvidenceRecords;
import org.qiantang.org.Role;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.json.JsonMapper;

@RestController
@RequestMapping("/api/evidence")
@Tag(name = "evidence", description = "存证 · what can be proved later of every access and act")
class EvidenceController {
    private final EvidenceRecords records;
    private final EvidenceHolds holds;

    EvidenceController(EvidenceRecords records, EvidenceHolds holds) {
        this.records = records;
        this.holds = holds;
    }

    /** What is to be held, and why. */
    record HoldRequest(
            @NotNull Instant from,
            @NotNull Instant until,
            @NotNull String reason) {}

    /** Why it is held no longer. */
    record ReleaseRequest(@NotNull String reason) {}

    @GetMapping
    @Operation(summary = "The log's key and its newest signed root 存证日志的公钥与最新签名根")
    EvidenceRecords.LogState newestRoot() {
        return records.state();
    }

    @GetMapping("/holds")
    @Operation(summary = "Legal holds on evidence, the newest first 证据保全清单")
    List<EvidenceHold> listHolds() {
        return holds.list();
    }

    @PostMapping("/holds")
    @ResponseStatus(HttpStatus.CREATED)
    @Operation(summary = "Keep the evidence of a span of time beyond its retention 保全一段时间的存证")
    EvidenceHold hold(
            @Valid @RequestBody HoldRequest asked, HttpServletRequest request, @AuthenticationPrincipal Account who) {
        return holds.place(actor(who, request), asked.from, asked.until, asked.reason);
    }

    @PostMapping("/holds/{id}/release")
    @Operation(summary = "Release a legal hold 解除保全")
    EvidenceHold release(
            @PathVariable UUID id,
            @Valid @RequestBody ReleaseRequest asked,
            HttpServletRequest request,
            @AuthenticationPrincipal Account who) {
        return holds.release(actor(who, request), id, asked.reason);
    }

    private static Actor actor(Account who, HttpServletRequest request) {
        return new Actor(who.username(), request.getRemoteAddr());
    }

    /** What is another person's is, to whoever may not see it, not there. */
    @GetMapping(path = "/{index}", produces = MediaType.TEXT_PLAIN_VALUE)
    @Operation(summary = "An entry with what proves it, for the program that checks it 存证条目及其证明")
    @ApiResponse(
            responseCode = "200",
            content = @Content(mediaType = MediaType.TEXT_PLAIN_VALUE, schema = @Schema(type = "string")))
    String prove(@PathVariable long index, @AuthenticationPrincipal Account who) {
        return records.prove(index)
                .filter(proof -> who.has(Role.AUDITOR) || who.has(Role.AUDIT_ADMIN) || isOf(proof, who))
                .orElseThrow(() -> new Problem(CoreProblem.NOT_FOUND, "what", Long.toString(index)))
                .text();
    }

    private static boolean isOf(Proof proof, Account who) {
        return JsonMapper.shared()
                .readTree(proof.entry())
                .path("who")
                .asString("")
                .equals(who.username());
    }
}

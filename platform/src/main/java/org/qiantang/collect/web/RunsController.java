package org.qiantang.collect.web;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.qiantang.collect.Collections;
import org.qiantang.collect.Receipt;
import org.qiantang.collect.Receipts;
import org.qiantang.collect.Rejects;
import org.qiantang.collect.RunObject;
import org.qiantang.collect.RunState;
import org.qiantang.collect.RunSummary;
import org.qiantang.org.Account;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

@RestController
@RequestMapping("/api/runs")
@Tag(name = "runs", description = "归集任务与回执 · collection runs and their receipts")
class RunsController {
    private static final int LARGEST_PAGE = 500;

    private final Collections collections;
    private final Receipts receipts;
    private final Rejects rejects;

    RunsController(Collections collections, Receipts receipts, Rejects rejects) {
        this.collections = collections;
        this.receipts = receipts;
        this.rejects = rejects;
    }

    @GetMapping
    @Operation(summary = "Runs of all sources, newest first 全部归集任务")
    List<RunSummary> list(@RequestParam(required = false) @Nullable RunState state) {
        return collections.list(state == null ? Set.of(RunState.values()) : Set.of(state));
    }

    @GetMapping("/{id}")
    @Operation(summary = "A run, with everything it found unless objects is false 任务详情")
    Run get(@PathVariable UUID id, @RequestParam(defaultValue = "true") boolean objects) {
        return new Run(collections.get(id), objects ? collections.objects(id) : List.of());
    }

    @GetMapping(path = "/{id}/events", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
    @Operation(summary = "Follow a run: events run, object and, at last, end 实时进度")
    @ApiResponse(
            responseCode = "200",
            content = @Content(mediaType = MediaType.TEXT_EVENT_STREAM_VALUE, schema = @Schema(type = "string")))
    SseEmitter events(@PathVariable UUID id) {
        collections.get(id);
        return RunFollower.follow(collections, id);
    }

    @PostMapping("/{id}/cancel")
    @ResponseStatus(HttpStatus.ACCEPTED)
    @Operation(summary = "Stop a run 取消归集")
    RunSummary cancel(@PathVariable UUID id) {
        collections.cancel(id);
        return collections.get(id);
    }

    @GetMapping(path = "/{id}/receipt", produces = MediaType.APPLICATION_JSON_VALUE)
    @Operation(summary = "The signed receipt, byte for byte 归集回执")
    @ApiResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = SignedReceipt.class)))
    ResponseEntity<byte[]> receipt(@PathVariable UUID id) {
        byte[] document = receipts.getDocument(id);
        return ResponseEntity.ok()
                .contentType(MediaType.APPLICATION_JSON)
                .header("Content-Disposition", "inline; filename=\"receipt-" + id + ".json\"")
                .body(document);
    }

    @GetMapping("/{id}/rejects")
    @Operation(summary = "What was not taken, with place and reason 拒收记录")
    Rejects.RejectPage rejects(
            @PathVariable UUID id,
            @RequestParam(defaultValue = "") String object,
            @RequestParam(defaultValue = "0") long offset,
            @RequestParam(defaultValue = "50") int limit,
            @AuthenticationPrincipal Account who) {
        return rejects.list(who, id, object, Math.max(0, offset), Math.clamp(limit, 1, LARGEST_PAGE));
    }

    /** How a receipt document reads. */
    record SignedReceipt(Receipt receipt, Signature signature) {}

    /** @param value over the receipt's canonical JSON */
    record Signature(String algorithm, String publicKey, String value) {}

    record Run(@JsonUnwrapped RunSummary run, List<RunObject> objects) {}
}

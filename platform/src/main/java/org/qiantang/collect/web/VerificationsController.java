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
import org.qiantang.collect.TableComparison;
import org.qiantang.collect.Verification;
import org.qiantang.collect.Verifications;
import org.qiantang.org.Account;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

@RestController
@Tag(name = "verifications", description = "核对 · the lake held against its sources")
class VerificationsController {
    private final Verifications verifications;

    VerificationsController(Verifications verifications) {
        this.verifications = verifications;
    }

    @PostMapping("/api/sources/{id}/verification")
    @ResponseStatus(HttpStatus.ACCEPTED)
    @Operation(summary = "Hold the lake against the source 开始核对")
    Verification start(
            @PathVariable UUID id,
            @RequestBody(required = false) @Nullable Wanted wanted,
            @AuthenticationPrincipal Account who) {
        boolean values = wanted != null && wanted.values() != null && wanted.values();
        List<String> tables = wanted == null ? null : wanted.tables();
        Verification.Aim aim = wanted == null || wanted.aim() == null ? Verification.Aim.REPAIR : wanted.aim();
        return verifications.start(id, values, aim, tables == null ? Set.of() : Set.copyOf(tables), who.username());
    }

    @GetMapping("/api/sources/{id}/verifications")
    @Operation(summary = "Its verifications, newest first 核对历史")
    List<Verification> list(@PathVariable UUID id) {
        return verifications.listOf(id);
    }

    @GetMapping("/api/verifications/{id}")
    @Operation(summary = "A verification with every table it compared 核对详情")
    Verified get(@PathVariable UUID id) {
        return new Verified(verifications.get(id), verifications.tables(id));
    }

    @PostMapping("/api/verifications/{id}/cancel")
    @ResponseStatus(HttpStatus.ACCEPTED)
    @Operation(summary = "Stop a verification 取消核对")
    Verification cancel(@PathVariable UUID id) {
        return verifications.cancel(id);
    }

    @GetMapping(path = "/api/verifications/{id}/document", produces = MediaType.APPLICATION_JSON_VALUE)
    @Operation(summary = "The signed result, byte for byte 核对结果（签名）")
    @ApiResponse(responseCode = "200", content = @Content(schema = @Schema(type = "object")))
    ResponseEntity<byte[]> document(@PathVariable UUID id) {
        return ResponseEntity.ok()
                .contentType(MediaType.APPLICATION_JSON)
                .header("Content-Disposition", "inline; filename=\"verification-" + id + ".json\"")
                .body(verifications.getDocument(id));
    }

    /**
     * @param values whether values are compared, or numbers of rows
     * @param aim whether what differs is put right as well, which it is when nothing is said
     * @param tables as the source or the lake calls them; all where there are none
     */
    record Wanted(
            @Nullable Boolean values,
            Verification.@Nullable Aim aim,
            @Nullable List<String> tables) {}

    record Verified(@JsonUnwrapped Verification verification, List<TableComparison> tables) {}
}

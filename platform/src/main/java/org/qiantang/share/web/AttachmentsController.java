package org.qiantang.share.web;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import org.qiantang.core.CoreProblem;
import org.qiantang.core.Problem;
import org.qiantang.org.Account;
import org.qiantang.share.Attachments;
import org.springframework.http.ContentDisposition;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping("/api/share/applications/{id}/attachments")
@Tag(name = "share")
class AttachmentsController {
    private final Attachments attachments;

    AttachmentsController(Attachments attachments) {
        this.attachments = attachments;
    }

    @GetMapping
    @Operation(summary = "What was handed in with an application 申请附件")
    List<Attachments.Attachment> list(@PathVariable UUID id, @AuthenticationPrincipal Account who) {
        return attachments.list(who, id);
    }

    @PostMapping(consumes = MediaType.APPLICATION_OCTET_STREAM_VALUE)
    @ResponseStatus(HttpStatus.CREATED)
    @Operation(summary = "Put a file to a draft, 10 MiB at the most 添加附件")
    List<Attachments.Attachment> add(
            @PathVariable UUID id,
            @RequestParam String name,
            HttpServletRequest request,
            @AuthenticationPrincipal Account who)
            throws IOException {
        byte[] bytes = request.getInputStream().readNBytes(Attachments.LARGEST_BYTES + 1);
        if (bytes.length > Attachments.LARGEST_BYTES) {
            throw new Problem(CoreProblem.TOO_LARGE);
        }
        return attachments.add(who, id, name, bytes);
    }

    @GetMapping("/{attachment}")
    @Operation(summary = "One file as it was handed in 下载附件")
    @ApiResponse(
            responseCode = "200",
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_OCTET_STREAM_VALUE,
                            schema = @Schema(type = "string", format = "binary")))
    ResponseEntity<byte[]> read(
            @PathVariable UUID id, @PathVariable UUID attachment, @AuthenticationPrincipal Account who) {
        Attachments.Content file = attachments.read(who, id, attachment);
        // Never shown in the console's own origin.
        return ResponseEntity.ok()
                .contentType(MediaType.parseMediaType(file.mediaType()))
                .header(
                        HttpHeaders.CONTENT_DISPOSITION,
                        ContentDisposition.attachment()
                                .filename(file.name(), StandardCharsets.UTF_8)
                                .build()
                                .toString())
                .body(file.bytes());
    }

    @DeleteMapping("/{attachment}")
    @Operation(summary = "Take a file from a draft 删除附件")
    List<Attachments.Attachment> remove(
            @PathVariable UUID id, @PathVariable UUID attachment, @AuthenticationPrincipal Account who) {
        return attachments.remove(who, id, attachment);
    }
}

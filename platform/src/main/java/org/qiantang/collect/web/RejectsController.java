package org.qiantang.collect.web;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletResponse;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.qiantang.collect.Rejects;
import org.qiantang.collect.Rejects.Kept;
import org.qiantang.collect.Rejects.Wanted;
import org.qiantang.collect.Sources;
import org.qiantang.core.CoreProblem;
import org.qiantang.core.Csv;
import org.qiantang.core.Problem;
import org.qiantang.org.Account;
import org.qiantang.org.Role;
import org.springframework.http.HttpStatus;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.json.JsonMapper;

@RestController
@RequestMapping("/api/sources/{id}/rejects")
@Tag(name = "rejects", description = "拒收记录 · what could not be taken, kept with its text")
class RejectsController {
    private static final int LARGEST_PAGE = 500;
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final List<String> HEADER = List.of(
            "object",
            "where",
            "column",
            "code",
            "reason",
            "state",
            "firstAt",
            "lastAt",
            "runs",
            "replayedAt",
            "replayedBy",
            "replayedInto",
            "raw");

    private final Rejects rejects;
    private final Sources sources;

    RejectsController(Rejects rejects, Sources sources) {
        this.rejects = rejects;
        this.sources = sources;
    }

    @GetMapping
    @Operation(summary = "What a source gave that could not be taken, each once 拒收记录")
    Rejects.KeptPage list(
            @PathVariable UUID id,
            @RequestParam(defaultValue = "") String object,
            @RequestParam(defaultValue = "") String code,
            @RequestParam(required = false) @Nullable Boolean open,
            @RequestParam(defaultValue = "0") long offset,
            @RequestParam(defaultValue = "50") int limit,
            @AuthenticationPrincipal Account who) {
        return rejects.listOfSource(
                who, id, new Wanted(object, code, open), Math.max(0, offset), Math.clamp(limit, 1, LARGEST_PAGE));
    }

    @GetMapping("/counts")
    @Operation(summary = "How many, by object and code 按表和原因统计")
    List<Rejects.Count> counts(@PathVariable UUID id, @AuthenticationPrincipal Account who) {
        return rejects.counts(who, id);
    }

    @GetMapping("/export")
    @Operation(summary = "All of them as a file: csv or ndjson 导出拒收记录")
    @ApiResponse(
            responseCode = "200",
            content = {
                @Content(mediaType = "text/csv", schema = @Schema(type = "string")),
                @Content(mediaType = "application/x-ndjson", schema = @Schema(type = "string"))
            })
    void export(
            @PathVariable UUID id,
            @RequestParam(defaultValue = "") String object,
            @RequestParam(defaultValue = "") String code,
            @RequestParam(required = false) @Nullable Boolean open,
            @RequestParam(defaultValue = "csv") String format,
            @AuthenticationPrincipal Account who,
            HttpServletResponse response)
            throws IOException {
        if (!format.equals("csv") && !format.equals("ndjson")) {
            throw new Problem(CoreProblem.BAD_REQUEST, "reason", "format=" + format);
        }
        boolean csv = format.equals("csv");
        Csv.Form form = who.has(Role.OPERATOR) ? Csv.Form.EXACT : Csv.Form.SPREADSHEET;
        String name = sources.get(id).name() + "-rejects." + format;
        response.setContentType(csv ? "text/csv;charset=UTF-8" : "application/x-ndjson;charset=UTF-8");
        response.setHeader("Content-Disposition", "attachment; filename=\"" + name + "\"");
        response.setHeader("Cache-Control", "no-store");
        try (Writer out = new BufferedWriter(
                new OutputStreamWriter(response.getOutputStream(), StandardCharsets.UTF_8), 1 << 16)) {
            if (csv) {
                out.write(form.beginning() + Csv.line(HEADER, form));
            }
            rejects.export(who, id, new Wanted(object, code, open), kept -> {
                try {
                    out.write(csv ? Csv.line(cells(kept), form) : JSON.writeValueAsString(kept) + "\n");
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private static List<@Nullable String> cells(Kept kept) {
        Rejects.Replay replay = kept.replay();
        return Arrays.asList(
                kept.object(),
                kept.where(),
                kept.column(),
                kept.code(),
                kept.reason(),
                kept.state().name(),
                kept.firstAt().toString(),
                kept.lastAt().toString(),
                Long.toString(kept.runs()),
                replay == null ? null : replay.at().toString(),
                replay == null ? null : replay.by(),
                replay == null ? null : replay.snapshot(),
                kept.raw());
    }

    @PostMapping("/replay")
    @ResponseStatus(HttpStatus.ACCEPTED)
    @Operation(summary = "Read what was refused again, by the rules of now 重放拒收记录")
    Rejects.Replaying replay(
            @PathVariable UUID id,
            @RequestBody(required = false) @Nullable Which which,
            @AuthenticationPrincipal Account who) {
        String object = which == null || which.object() == null ? "" : which.object();
        String code = which == null || which.code() == null ? "" : which.code();
        return rejects.replay(who, id, new Wanted(object, code, true));
    }

    /** Which rejects: all of a source's where nothing is said. */
    record Which(@Nullable String object, @Nullable String code) {}
}

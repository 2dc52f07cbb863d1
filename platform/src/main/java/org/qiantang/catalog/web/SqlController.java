package org.qiantang.catalog.web;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.Size;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.qiantang.catalog.Extracts;
import org.qiantang.catalog.LakeReader;
import org.qiantang.core.CoreProblem;
import org.qiantang.core.Csv;
import org.qiantang.core.Problem;
import org.qiantang.lake.Extract;
import org.qiantang.org.Account;
import org.qiantang.org.Role;
import org.springframework.http.HttpStatus;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping("/api/sql")
@Tag(name = "sql", description = "查询 · ask the lake, read only")
class SqlController {
    private static final int USUAL_ROWS = 1_000;
    private static final int MOST_ROWS = 10_000;
    private static final int LONGEST_ID = 100;
    static final int LONGEST_STATEMENT = 100_000;

    private final LakeReader reader;
    private final Extracts extracts;

    SqlController(LakeReader reader, Extracts extracts) {
        this.reader = reader;
        this.extracts = extracts;
    }

    @PostMapping
    @Operation(summary = "Run one SELECT 执行一条只读查询")
    LakeReader.SqlAnswer ask(@Valid @RequestBody Statement statement, @AuthenticationPrincipal Account who) {
        Integer limit = statement.limit();
        return reader.ask(who, statement.asked(), limit == null ? USUAL_ROWS : Math.clamp(limit, 1, MOST_ROWS));
    }

    @PostMapping("/export")
    @Operation(summary = "Run one SELECT and download all its rows as CSV, Parquet or an Arrow stream 导出")
    @ApiResponse(
            responseCode = "200",
            content = {
                @Content(mediaType = "text/csv", schema = @Schema(type = "string")),
                @Content(mediaType = ExtractAnswer.PARQUET, schema = @Schema(type = "string", format = "binary")),
                @Content(mediaType = ExtractAnswer.ARROW, schema = @Schema(type = "string", format = "binary"))
            })
    void export(
            @Valid @RequestBody Statement statement,
            @RequestParam(defaultValue = "csv") String format,
            @AuthenticationPrincipal Account who,
            HttpServletResponse response)
            throws IOException {
        if (ExtractAnswer.isForm(format)) {
            Extract.Form form = ExtractAnswer.form(format);
            Integer limit = statement.limit();
            long most = limit == null ? Long.MAX_VALUE : Math.max(0, limit);
            ExtractAnswer.send(response, extracts.make(who, statement.asked(), most, form), form, "query");
            return;
        }
        if (!format.equals("csv")) {
            throw new Problem(CoreProblem.BAD_REQUEST, "reason", "format=" + format);
        }
        CsvSink csv = new CsvSink(response, who.has(Role.OPERATOR) ? Csv.Form.EXACT : Csv.Form.SPREADSHEET);
        try {
            reader.export(who, statement.asked(), csv);
            csv.finish();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    @DeleteMapping("/{id}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    @Operation(summary = "Stop the statement that one asks under this id 停止查询")
    void stop(@PathVariable String id, @AuthenticationPrincipal Account who) {
        reader.stop(who, id);
    }

    record Statement(
            @Nullable @Size(max = LONGEST_ID) String id,
            @NotBlank @Size(max = LONGEST_STATEMENT) String sql,
            @Nullable String asOf,
            @Nullable Integer limit,
            @Nullable UUID grant,
            @Nullable @Size(max = LONGEST_ID) String caseNumber) {
        LakeReader.Asked asked() {
            return new LakeReader.Asked(id, sql, asOf, grant, caseNumber);
        }
    }
}

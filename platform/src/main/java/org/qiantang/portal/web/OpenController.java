package org.qiantang.portal.web;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotEmpty;
import jakarta.validation.constraints.NotNull;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.qiantang.catalog.DcatExport;
import org.qiantang.catalog.PublicBase;
import org.qiantang.catalog.RdfForm;
import org.qiantang.core.Csv;
import org.qiantang.lake.RowSink;
import org.qiantang.org.Account;
import org.qiantang.portal.OpenData;
import org.qiantang.portal.OpenThrottle;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.request.WebRequest;
import org.springframework.web.servlet.support.ServletUriComponentsBuilder;
import tools.jackson.databind.json.JsonMapper;

/** Open to everybody: nobody signs in here, and nothing here looks at who does. */
@RestController
@Tag(name = "open", description = "数据开放 · what the city opens to everybody, without a sign-in")
class OpenController {
    private static final Duration FRESH = Duration.ofMinutes(5);
    private static final int MOST_LISTED = 100;
    private static final int MOST_ROWS = 1_000;
    private static final int MOST_OFFSET = 1_000_000;
    private static final Set<String> OWN_PARAMETERS = Set.of("limit", "offset");

    private final OpenData open;
    private final OpenThrottle throttle;
    private final DcatExport dcat;
    private final PublicBase address;

    OpenController(OpenData open, OpenThrottle throttle, DcatExport dcat, PublicBase address) {
        this.open = open;
        this.throttle = throttle;
        this.dcat = dcat;
        this.address = address;
    }

    /** A file of all rows. */
    enum FileForm {
        CSV,
        JSON,
    }

    @GetMapping("/api/open/datasets")
    @Operation(summary = "What is open, by words in it 检索开放数据")
    ResponseEntity<OpenData.Datasets> search(
            @RequestParam(defaultValue = "") String q,
            @RequestParam(defaultValue = "0") long offset,
            @RequestParam(defaultValue = "20") int limit,
            HttpServletRequest request) {
        throttle.call(request.getRemoteAddr());
        return fresh().body(open.search(q, Math.max(0, offset), Math.clamp(limit, 1, MOST_LISTED)));
    }

    @GetMapping("/api/open/datasets/{id}")
    @Operation(summary = "What one is: its fields, how good, how fresh, on what terms 开放数据详情")
    ResponseEntity<OpenData.DatasetWhole> get(@PathVariable UUID id, HttpServletRequest request) {
        throttle.call(request.getRemoteAddr());
        return fresh().body(open.get(id));
    }

    /** Every other parameter is a field and the value it must have. */
    @GetMapping("/api/open/datasets/{id}/rows")
    @Operation(summary = "A page of its rows; any field may be given with the value it must have 分页读取")
    @Nullable
    ResponseEntity<OpenData.OpenRows> rows(
            @PathVariable UUID id,
            @RequestParam(defaultValue = "0") long offset,
            @RequestParam(defaultValue = "100") int limit,
            @Parameter(hidden = true) @RequestParam Map<String, String> all,
            WebRequest asked,
            HttpServletRequest request) {
        throttle.call(request.getRemoteAddr());
        OpenData.Opened opened = open.open(id);
        if (asked.checkNotModified(quoted(opened))) {
            return null;
        }
        Map<String, String> equal = new LinkedHashMap<>(all);
        equal.keySet().removeAll(OWN_PARAMETERS);
        return fresh().eTag(quoted(opened))
                .body(open.rows(
                        opened,
                        new OpenData.Wanted(
                                equal, Math.clamp(offset, 0, MOST_OFFSET), Math.clamp(limit, 1, MOST_ROWS))));
    }

    @GetMapping("/api/open/datasets/{id}/file")
    @Operation(summary = "All of its rows 下载")
    @ApiResponse(
            responseCode = "200",
            content = {
                @Content(mediaType = "text/csv", schema = @Schema(type = "string")),
                @Content(mediaType = "application/json", schema = @Schema(type = "string"))
            })
    void file(
            @PathVariable UUID id,
            @RequestParam(defaultValue = "CSV") FileForm form,
            WebRequest asked,
            HttpServletRequest request,
            HttpServletResponse response)
            throws IOException {
        throttle.file(request.getRemoteAddr());
        OpenData.Opened opened = open.open(id);
        if (asked.checkNotModified(quoted(opened))) {
            return;
        }
        FileSink sink = new FileSink(response, form, id);
        try {
            open.all(opened, sink);
            sink.finish();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    @GetMapping("/api/open/dcat")
    @Operation(summary = "What is open as DCAT-AP, for other portals to harvest 开放目录 DCAT-AP")
    @ApiResponse(
            responseCode = "200",
            content = {
                @Content(mediaType = "application/ld+json", schema = @Schema(type = "string")),
                @Content(mediaType = "application/rdf+xml", schema = @Schema(type = "string")),
                @Content(mediaType = "text/turtle", schema = @Schema(type = "string"))
            })
    void dcat(
            @RequestParam(defaultValue = "JSON_LD") RdfForm form,
            HttpServletRequest request,
            HttpServletResponse response)
            throws IOException {
        throttle.file(request.getRemoteAddr());
        response.setContentType(form.mediaType() + ";charset=UTF-8");
        response.setHeader("Cache-Control", cached().getHeaderValue());
        String base = address.told()
                .orElseGet(() ->
                        ServletUriComponentsBuilder.fromCurrentContextPath().toUriString());
        try (Writer out = writer(response)) {
            dcat.writeOpen(form, base, out);
        }
    }

    @PutMapping("/api/directory/{id}/statistic")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    @Operation(summary = "Say that its open data are statistics, of which small cells are not told 声明为统计数据")
    void declare(@PathVariable UUID id, @Valid @RequestBody Declared declared, @AuthenticationPrincipal Account who) {
        Integer threshold = declared.threshold();
        open.declare(
                who,
                id,
                new OpenData.Statistic(
                        declared.dimensions(),
                        declared.counts(),
                        threshold == null ? open.usualThreshold() : threshold));
    }

    record Declared(
            @NotNull @NotEmpty List<String> dimensions,
            @NotNull @NotEmpty List<String> counts,
            @Nullable Integer threshold) {}

    private static String quoted(OpenData.Opened opened) {
        return '"' + opened.tag() + '"';
    }

    private static CacheControl cached() {
        return CacheControl.maxAge(FRESH).cachePublic();
    }

    private static ResponseEntity.BodyBuilder fresh() {
        return ResponseEntity.ok().cacheControl(cached());
    }

    private static Writer writer(HttpServletResponse response) throws IOException {
        return new BufferedWriter(new OutputStreamWriter(response.getOutputStream(), StandardCharsets.UTF_8), 1 << 16);
    }

    /** Begins with the header, so that a refusal before it is a proper problem; a failure after it breaks the transfer off. */
    private static final class FileSink implements RowSink {
        private final HttpServletResponse response;
        private final FileForm form;
        private final UUID id;
        private List<String> names = List.of();
        private @Nullable Writer out;
        private boolean first = true;

        FileSink(HttpServletResponse response, FileForm form, UUID id) {
            this.response = response;
            this.form = form;
            this.id = id;
        }

        @Override
        public void columns(List<ResultColumn> columns) {
            names = columns.stream().map(ResultColumn::name).toList();
            boolean csv = form == FileForm.CSV;
            response.setContentType(csv ? "text/csv;charset=UTF-8" : "application/json");
            response.setHeader("Content-Disposition", "attachment; filename=\"" + id + (csv ? ".csv" : ".json") + "\"");
            response.setHeader("Cache-Control", cached().getHeaderValue());
            try {
                out = writer(response);
                out.write(csv ? Csv.Form.SPREADSHEET.beginning() + Csv.line(names, Csv.Form.SPREADSHEET) : "[");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void row(List<@Nullable String> values) {
            if (out == null) {
                throw new IllegalStateException("Rows before their header");
            }
            try {
                if (form == FileForm.CSV) {
                    out.write(Csv.line(values, Csv.Form.SPREADSHEET));
                    return;
                }
                Map<String, @Nullable String> row = new LinkedHashMap<>();
                for (int i = 0; i < names.size(); i++) {
                    row.put(names.get(i), values.get(i));
                }
                out.write((first ? "\n" : ",\n") + JsonMapper.shared().writeValueAsString(row));
                first = false;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        void finish() throws IOException {
            if (out != null) {
                if (form == FileForm.JSON) {
                    out.write("\n]\n");
                }
                out.flush();
            }
        }
    }
}

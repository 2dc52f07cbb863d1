package org.qiantang.invoke.web;

import static java.util.Objects.requireNonNull;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.qiantang.catalog.LakeReader;
import org.qiantang.core.CoreProblem;
import org.qiantang.core.Csv;
import org.qiantang.core.Problem;
import org.qiantang.invoke.Calls;
import org.qiantang.invoke.DataService;
import org.qiantang.invoke.DataServices;
import org.qiantang.invoke.Definition;
import org.qiantang.invoke.MadeUp;
import org.qiantang.invoke.QuickCalls;
import org.qiantang.invoke.ServiceDocument;
import org.qiantang.org.Account;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.json.JsonMapper;

/** Where data services are called: by clients with a token, and by people who try one out under their own grants. */
@RestController
@Tag(name = "calls", description = "调用 · what data services answer")
class CallController {
    private static final Pattern TAG = Pattern.compile("(?:W/)?\"([0-9a-f]+)-(json|csv)\"");

    private static final DateTimeFormatter HTTP_DATE =
            DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ENGLISH);

    private final Calls calls;
    private final QuickCalls quick;
    private final DataServices services;
    private final JsonMapper json;

    CallController(Calls calls, QuickCalls quick, DataServices services, JsonMapper json) {
        this.calls = calls;
        this.quick = quick;
        this.services = services;
        this.json = json;
    }

    @GetMapping("/services/{name}/v{version}")
    void call(
            @PathVariable String name,
            @PathVariable int version,
            @AuthenticationPrincipal Account who,
            HttpServletRequest request,
            HttpServletResponse response)
            throws IOException {
        answer(name, version, who, request, response);
    }

    @GetMapping("/api/services/{name}/v{version}/try")
    @Operation(summary = "Call it under one's own grant; takes all its parameters 试用")
    @ApiResponse(responseCode = "200", content = @Content(schema = @Schema(type = "object")))
    void attempt(
            @PathVariable String name,
            @PathVariable int version,
            @AuthenticationPrincipal Account who,
            @Parameter(hidden = true) HttpServletRequest request,
            HttpServletResponse response)
            throws IOException {
        answer(name, version, who, request, response);
    }

    @GetMapping("/services/{name}/v{version}/mock")
    void mock(
            @PathVariable String name,
            @PathVariable int version,
            @AuthenticationPrincipal Account who,
            HttpServletRequest request,
            HttpServletResponse response)
            throws IOException {
        example(services.shown(who, name, version), request, response);
    }

    @GetMapping("/api/services/{name}/v{version}/mock")
    @Operation(summary = "A few made-up rows of its fields 模拟数据")
    @ApiResponse(responseCode = "200", content = @Content(schema = @Schema(type = "object")))
    void example(
            @PathVariable String name,
            @PathVariable int version,
            @AuthenticationPrincipal Account who,
            @Parameter(hidden = true) HttpServletRequest request,
            HttpServletResponse response)
            throws IOException {
        example(services.shown(who, name, version), request, response);
    }

    private void answer(String name, int version, Account who, HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        Format format = Format.of(request);
        Calls.Wanted wanted = wanted(query(request), request, format);
        Calls.Page page = calls.call(who, name, version, wanted);
        quick.heard(who, name, version, wanted);
        write(page, format, request, response);
    }

    static Calls.Wanted wanted(Map<String, String> query, HttpServletRequest request, Format format) {
        return new Calls.Wanted(
                query,
                said(request, "X-Grant"),
                said(request, "X-Scenario"),
                said(request, "X-Operator"),
                said(request, "X-Case"),
                known(request, format));
    }

    void write(Calls.Page page, Format format, HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        write(page, format, request.getRequestURI(), query(request), response);
    }

    /** @param path with the query, where the caller has asked: the next page is there */
    void write(Calls.Page page, Format format, String path, Map<String, String> query, HttpServletResponse response)
            throws IOException {
        headers(page, format, response);
        LakeReader.SqlAnswer answer = page.answer();
        if (answer == null) {
            response.setStatus(HttpServletResponse.SC_NOT_MODIFIED);
            return;
        }
        String next = next(page, path, query);
        if (next != null) {
            response.setHeader("Link", "<" + next + ">; rel=\"next\"");
        }
        switch (format) {
            case JSON -> writeJson(page, answer, next, response);
            case CSV -> writeCsv(answer, response);
        }
    }

    /** How an answer is written. Parquet and Arrow come here once the reader hands out columns. */
    enum Format {
        JSON("application/json"),
        CSV("text/csv");

        private final String mediaType;

        Format(String mediaType) {
            this.mediaType = mediaType;
        }

        static Format of(HttpServletRequest request) {
            return of(request.getParameter("format"), request.getHeader("Accept"));
        }

        static Format of(@Nullable String asked, @Nullable String accept) {
            if (asked == null) {
                return accept != null && accept.contains(CSV.mediaType) && !accept.contains(JSON.mediaType)
                        ? CSV
                        : JSON;
            }
            return named(asked);
        }

        static Format named(String asked) {
            return switch (asked) {
                case "json" -> JSON;
                case "csv" -> CSV;
                default -> throw new Problem(CoreProblem.BAD_REQUEST, "reason", "format=" + asked);
            };
        }

        String suffix() {
            return this == CSV ? "csv" : "json";
        }
    }

    /** A parameter that comes twice is one that nobody meant. */
    static Map<String, String> query(HttpServletRequest request) {
        Map<String, String> query = new HashMap<>();
        request.getParameterMap().forEach((name, values) -> {
            if (values.length != 1) {
                throw new Problem(CoreProblem.BAD_REQUEST, "reason", name + " × " + values.length);
            }
            query.put(name, values[0]);
        });
        return query;
    }

    /** Headers carry ASCII; what is not comes percent-encoded. */
    private static @Nullable String said(HttpServletRequest request, String header) {
        String value = request.getHeader(header);
        if (value == null || value.isBlank()) {
            return null;
        }
        if (value.indexOf('%') < 0) {
            return value.strip();
        }
        try {
            return URLDecoder.decode(value.replace("+", "%2B"), StandardCharsets.UTF_8)
                    .strip();
        } catch (IllegalArgumentException e) {
            throw new Problem(CoreProblem.BAD_REQUEST, "reason", header);
        }
    }

    private static Set<String> known(HttpServletRequest request, Format format) {
        return known(request.getHeader("If-None-Match"), format);
    }

    static Set<String> known(@Nullable String header, Format format) {
        Set<String> known = new HashSet<>();
        if (header != null) {
            Matcher tags = TAG.matcher(header);
            while (tags.find()) {
                if (tags.group(2).equals(format.suffix())) {
                    known.add(tags.group(1));
                }
            }
        }
        return known;
    }

    private static void headers(Calls.Page page, Format format, HttpServletResponse response) {
        DataService.Version version = page.version();
        if (!page.cut()) {
            // Weak: the same rows, whatever else is said beside them.
            response.setHeader("ETag", "W/\"" + page.state() + "-" + format.suffix() + "\"");
        }
        int seconds = version.definition().cacheSeconds();
        response.setHeader(
                "Cache-Control", seconds > 0 && !page.cut() ? "private, max-age=" + seconds : "private, no-cache");
        response.setHeader("Vary", "Authorization, Accept, X-Grant");
        Calls.Left left = page.left();
        long window = Math.max(1, (left.burst() + left.perSecond() - 1) / left.perSecond());
        response.setHeader("RateLimit-Policy", "\"calls\";q=" + left.burst() + ";w=" + window);
        response.setHeader("RateLimit", "\"calls\";r=" + left.calls() + ";t=1");
        response.setHeader(
                "Qiantang-Evidence",
                "log=\"" + encoded(page.evidence().log()) + "\";index="
                        + page.evidence().index() + ";leaf=\"" + page.evidence().leafHash() + "\"");
        deprecation(version, response);
        LakeReader.SqlAnswer answer = page.answer();
        if (answer != null && !answer.contested().isEmpty()) {
            response.setHeader(
                    "Qiantang-Contested",
                    answer.contested().stream()
                            .map(each -> URLEncoder.encode(each.table(), StandardCharsets.UTF_8) + "=" + each.records())
                            .collect(Collectors.joining(", ")));
        }
        if (page.cut()) {
            response.setHeader("Qiantang-Cut", "quota");
        }
    }

    /** A hub has one log. */
    private record Encoded(String text, String encoded) {}

    private static volatile Encoded log = new Encoded("", "");

    private static String encoded(String name) {
        Encoded known = log;
        if (!known.text.equals(name)) {
            known = new Encoded(name, URLEncoder.encode(name, StandardCharsets.UTF_8));
            log = known;
        }
        return known.encoded;
    }

    /** RFC 9745 and RFC 8594. */
    private static void deprecation(DataService.Version version, HttpServletResponse response) {
        Instant since = version.deprecatedAt();
        if (since != null) {
            response.setHeader("Deprecation", "@" + since.getEpochSecond());
        }
        Instant sunset = version.sunsetAt();
        if (sunset != null) {
            response.setHeader("Sunset", HTTP_DATE.format(sunset.atOffset(ZoneOffset.UTC)));
        }
    }

    /** The same call, going on where this page ends. */
    private static @Nullable String next(Calls.Page page, String path, Map<String, String> asked) {
        String after = page.next();
        if (after == null) {
            return null;
        }
        Map<String, String> query = new java.util.TreeMap<>(asked);
        query.put("after", after);
        return path + "?"
                + query.entrySet().stream()
                        .map(each -> URLEncoder.encode(each.getKey(), StandardCharsets.UTF_8) + "="
                                + URLEncoder.encode(each.getValue(), StandardCharsets.UTF_8))
                        .collect(Collectors.joining("&"));
    }

    private void writeJson(
            Calls.Page page, LakeReader.SqlAnswer answer, @Nullable String next, HttpServletResponse response)
            throws IOException {
        response.setContentType("application/json;charset=UTF-8");
        try (JsonGenerator out = json.createGenerator(response.getOutputStream())) {
            out.writeStartObject();
            begin(page.version(), out);
            rows(
                    answer.columns().stream().map(LakeReader.SqlColumn::name).toList(),
                    answer.columns().stream().map(LakeReader.SqlColumn::type).toList(),
                    answer.rows(),
                    out);
            list("contestedRows", answer.contestedRows(), out);
            list("contested", answer.contested(), out);
            out.writeName("masked");
            out.writeStartArray();
            for (LakeReader.SqlColumn column : answer.columns()) {
                if (column.masked()) {
                    out.writeString(column.name());
                }
            }
            out.writeEndArray();
            out.writeStringProperty("asOf", Objects.toString(answer.asOf(), null));
            out.writeStringProperty("grant", answer.grant());
            out.writeBooleanProperty("cut", page.cut());
            out.writeStringProperty("next", next);
            out.writeEndObject();
        }
    }

    /** Mostly there is nothing in it. */
    private static void list(String name, List<?> values, JsonGenerator out) {
        if (values.isEmpty()) {
            out.writeName(name);
            out.writeStartArray();
            out.writeEndArray();
        } else {
            out.writePOJOProperty(name, values);
        }
    }

    private static void begin(DataService.Version version, JsonGenerator out) {
        out.writeStringProperty("service", version.service());
        out.writeStringProperty("version", "v" + version.number());
    }

    private static void rows(
            List<String> names,
            List<String> types,
            List<? extends List<? extends @Nullable String>> rows,
            JsonGenerator out) {
        out.writeName("rows");
        out.writeStartArray();
        for (List<? extends @Nullable String> row : rows) {
            out.writeStartObject();
            for (int i = 0; i < names.size(); i++) {
                out.writeName(names.get(i));
                value(types.get(i), row.get(i), out);
            }
            out.writeEndObject();
        }
        out.writeEndArray();
    }

    private static void value(String type, @Nullable String value, JsonGenerator out) {
        if (value == null) {
            out.writeNull();
            return;
        }
        switch (ServiceDocument.Kind.of(type)) {
            case BOOLEAN -> out.writeBoolean(Boolean.parseBoolean(value));
            case INTEGER -> out.writeNumber(Long.parseLong(value));
            case NUMBER -> {
                double number = Double.parseDouble(value);
                // JSON has no word for these.
                if (Double.isFinite(number)) {
                    out.writeNumber(number);
                } else {
                    out.writeString(value);
                }
            }
            case TEXT -> out.writeString(value);
        }
    }

    private static void writeCsv(LakeReader.SqlAnswer answer, HttpServletResponse response) throws IOException {
        writeCsv(answer.columns().stream().map(LakeReader.SqlColumn::name).toList(), answer.rows(), response);
    }

    private static void writeCsv(
            List<String> names, List<? extends List<? extends @Nullable String>> rows, HttpServletResponse response)
            throws IOException {
        response.setContentType("text/csv;charset=UTF-8");
        StringBuilder text = new StringBuilder(Csv.line(names, Csv.Form.EXACT));
        rows.forEach(row -> text.append(Csv.line(row, Csv.Form.EXACT)));
        response.getOutputStream().write(text.toString().getBytes(StandardCharsets.UTF_8));
    }

    private void example(DataService.Version version, HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        Definition definition = version.definition();
        List<String> names =
                definition.fields().stream().map(Definition.Field::name).toList();
        List<List<String>> rows = MadeUp.rows(definition);
        response.setHeader("Qiantang-Made-Up", "true");
        response.setHeader("Cache-Control", "no-store");
        deprecation(version, response);
        if (requireNonNull(Format.of(request)) == Format.CSV) {
            writeCsv(names, rows, response);
            return;
        }
        response.setContentType("application/json;charset=UTF-8");
        try (JsonGenerator out = json.createGenerator(response.getOutputStream())) {
            out.writeStartObject();
            begin(version, out);
            out.writeBooleanProperty("madeUp", true);
            out.writeStringProperty("note", "示例数据，不是真实数据 · These rows are made up");
            rows(names, definition.fields().stream().map(Definition.Field::type).toList(), rows, out);
            out.writeEndObject();
        }
    }
}

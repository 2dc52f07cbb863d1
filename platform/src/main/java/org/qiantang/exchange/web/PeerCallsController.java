package org.qiantang.exchange.web;

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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.qiantang.core.CoreProblem;
import org.qiantang.core.Problem;
import org.qiantang.exchange.PeerCalls;
import org.qiantang.exchange.PeerProblem;
import org.qiantang.org.Account;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/** Where our clients and people call what other installations give: as they call our own, under another address. */
@RestController
@Tag(name = "peer calls", description = "跨平台调用 · data services of other installations")
class PeerCallsController {
    /** What the peer says beside its answer, for the caller. */
    private static final List<String> TOLD = List.of(
            "ETag",
            "Retry-After",
            "RateLimit",
            "RateLimit-Policy",
            "Deprecation",
            "Sunset",
            "Qiantang-Evidence",
            "Qiantang-Contested",
            "Qiantang-Cut");

    private static final Set<String> KINDS = Set.of("application/json", "application/problem+json", "text/csv");

    private final PeerCalls calls;

    PeerCallsController(PeerCalls calls) {
        this.calls = calls;
    }

    @GetMapping("/peers/{peer}/services/{name}/v{version}")
    void call(
            @PathVariable String peer,
            @PathVariable String name,
            @PathVariable int version,
            @AuthenticationPrincipal Account who,
            HttpServletRequest request,
            HttpServletResponse response)
            throws IOException {
        PeerCalls.Wanted wanted = wanted(who, request);
        write(calls.call(who, peer, name(name), version, wanted), wanted, response);
    }

    @GetMapping("/api/exchange/peers/{peer}/services/{name}/v{version}/try")
    @Operation(summary = "Call it under one's department's grant; takes all its parameters 试用")
    @ApiResponse(responseCode = "200", content = @Content(schema = @Schema(type = "object")))
    void attempt(
            @PathVariable String peer,
            @PathVariable String name,
            @PathVariable int version,
            @AuthenticationPrincipal Account who,
            @Parameter(hidden = true) HttpServletRequest request,
            HttpServletResponse response)
            throws IOException {
        PeerCalls.Wanted wanted = wanted(who, request);
        write(calls.call(who, peer, name(name), version, wanted), wanted, response);
    }

    @GetMapping("/api/exchange/peers/{peer}/services")
    @Operation(summary = "The data services that it gives under what it has granted 对方的数据服务")
    @ApiResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = PeerService[].class)))
    void services(@PathVariable String peer, @AuthenticationPrincipal Account who, HttpServletResponse response)
            throws IOException {
        write(calls.services(who, peer), null, response);
    }

    /** The name becomes part of the address that is asked. */
    private static String name(String name) {
        if (!name.matches("[a-z0-9-]{1,64}")) {
            throw new Problem(CoreProblem.NOT_FOUND, "what", name);
        }
        return name;
    }

    private static PeerCalls.Wanted wanted(Account who, HttpServletRequest request) {
        Map<String, String> query = new HashMap<>();
        request.getParameterMap().forEach((name, values) -> {
            if (values.length != 1) {
                throw new Problem(CoreProblem.BAD_REQUEST, "reason", name + " × " + values.length);
            }
            query.put(name, values[0]);
        });
        String format = query.remove("format");
        String accept = request.getHeader("Accept");
        if (format == null) {
            format = accept != null && accept.contains("text/csv") && !accept.contains("json") ? "csv" : "json";
        }
        return new PeerCalls.Wanted(
                query,
                said(request, "X-Grant"),
                said(request, "X-Scenario"),
                said(request, "X-Operator"),
                said(request, "X-Case"),
                request.getHeader("If-None-Match"),
                format,
                request.getRequestURI());
    }

    private static @Nullable String said(HttpServletRequest request, String header) {
        String value = request.getHeader(header);
        if (value == null || value.isBlank()) {
            return null;
        }
        try {
            return URLDecoder.decode(value.replace("+", "%2B"), StandardCharsets.UTF_8)
                    .strip();
        } catch (IllegalArgumentException e) {
            throw new Problem(CoreProblem.BAD_REQUEST, "reason", header);
        }
    }

    /** What a peer says is told as data, whatever it calls it. */
    private static void write(
            PeerCalls.Answered answered, PeerCalls.@Nullable Wanted wanted, HttpServletResponse response)
            throws IOException {
        int status = answered.status();
        if (status != 200 && status != 304 && (status < 400 || status == 401)) {
            throw new Problem(PeerProblem.AWAY, "reason", "HTTP " + status);
        }
        String type = answered.headers().getOrDefault("content-type", "");
        String kind = type.contains(";") ? type.substring(0, type.indexOf(';')).strip() : type;
        if (answered.content().length > 0 && !KINDS.contains(kind)) {
            throw new Problem(PeerProblem.AWAY, "reason", "Content-Type");
        }
        response.setStatus(status);
        if (answered.content().length > 0) {
            response.setContentType(kind + ";charset=UTF-8");
        }
        response.setHeader("Cache-Control", "private, no-cache");
        response.setHeader("Content-Security-Policy", "sandbox");
        String link = answered.headers().get("link");
        if (link != null && wanted != null && link.startsWith("<" + wanted.path() + "?")) {
            response.setHeader("Link", link);
        }
        for (String name : TOLD) {
            String value = answered.headers().get(name.toLowerCase(java.util.Locale.ROOT));
            if (value != null) {
                response.setHeader(name, value);
            }
        }
        response.setHeader("Vary", "Authorization, Accept, X-Grant");
        var evidence = answered.evidence();
        if (evidence != null) {
            response.setHeader(
                    "Qiantang-Exchange-Evidence",
                    "log=\"" + URLEncoder.encode(evidence.log(), StandardCharsets.UTF_8) + "\";index="
                            + evidence.index() + ";leaf=\"" + evidence.leafHash() + "\"");
        }
        response.getOutputStream().write(answered.content());
    }

    /** A service of a peer, as it tells of it. */
    record PeerService(
            String name,
            int version,
            String title,
            @Nullable String description,
            List<PeerParameter> parameters,
            List<PeerField> fields,
            boolean personal) {}

    record PeerParameter(String name, String title, String type, boolean required) {}

    record PeerField(String name, String title, String type) {}
}

package org.qiantang.invoke.web;

import io.swagger.v3.oas.annotations.Hidden;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.qiantang.core.CoreProblem;
import org.qiantang.core.HttpSignature;
import org.qiantang.core.Problem;
import org.qiantang.invoke.Calls;
import org.qiantang.invoke.DataService;
import org.qiantang.invoke.Definition;
import org.qiantang.invoke.QuickCalls;
import org.qiantang.org.Account;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Where peers call our data services: several calls in one message, whose target says nothing of what is asked, for the target is kept as
 * evidence. Each call and each answer is a text of its own whose digest the message's signature covers, so that each can be proved without
 * the others.
 */
@RestController
@Hidden
class PeerCallController {
    /** So many calls come at once. */
    private static final int MOST = 32;

    private static final int SALT_BYTES = 16;
    private static final SecureRandom RANDOM = new SecureRandom();

    /** The digests of what is asked and answered, in order. */
    private static final String CALLS = "Qiantang-Calls";

    private static final String ANSWERS = "Qiantang-Answers";

    private final Calls calls;
    private final QuickCalls quick;
    private final CallController answers;
    private final JsonMapper json;

    PeerCallController(Calls calls, QuickCalls quick, CallController answers, JsonMapper json) {
        this.calls = calls;
        this.quick = quick;
        this.answers = answers;
        this.json = json;
    }

    @GetMapping("/peer/services")
    List<Told> services(@AuthenticationPrincipal Account peer) {
        return calls.callable(peer).stream().map(Told::of).toList();
    }

    @PostMapping("/peer/calls")
    Answers call(
            @Valid @RequestBody PeerAsks asks,
            @AuthenticationPrincipal Account peer,
            HttpServletRequest request,
            HttpServletResponse response)
            throws InterruptedException {
        if (!HttpSignature.digests(asks.calls()).equals(request.getHeader(CALLS))) {
            throw new Problem(CoreProblem.BAD_REQUEST, "reason", CALLS);
        }
        List<String> answered = new ArrayList<>();
        try (ExecutorService each = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<String>> underway = asks.calls().stream()
                    .map(text -> each.submit(() -> answer(text, peer, response)))
                    .toList();
            for (Future<String> one : underway) {
                answered.add(one.get());
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        }
        response.setHeader(ANSWERS, HttpSignature.digests(answered));
        return new Answers(answered);
    }

    private String answer(String text, Account peer, HttpServletResponse response) {
        Captured captured = new Captured(response);
        String body;
        try {
            PeerAsk ask = read(text);
            CallController.Format format = CallController.Format.named(ask.format());
            Calls.Wanted wanted = new Calls.Wanted(
                    ask.query(),
                    ask.grant(),
                    ask.scenario(),
                    ask.operator(),
                    ask.caseNumber(),
                    CallController.known(ask.known(), format));
            Optional<Calls.Page> known = quick.answer(QuickCalls.caller(peer), ask.service(), ask.version(), wanted);
            Calls.Page page;
            if (known.isPresent()) {
                page = known.get();
            } else {
                page = calls.call(peer, ask.service(), ask.version(), wanted);
                quick.heard(peer, ask.service(), ask.version(), wanted);
            }
            answers.write(page, format, ask.path(), ask.query(), captured);
            body = captured.text();
        } catch (Problem refused) {
            captured = new Captured(response);
            captured.setStatus(refused.code().status());
            captured.setContentType("application/problem+json");
            Object seconds = refused.members().get("retryAfter");
            if (seconds != null) {
                captured.setHeader("Retry-After", seconds.toString());
            }
            body = json.writeValueAsString(problem(refused));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("status", captured.getStatus());
        answer.put("headers", captured.headers());
        answer.put("body", body);
        answer.put("salt", salt());
        return json.writeValueAsString(answer);
    }

    private PeerAsk read(String text) {
        try {
            PeerAsk ask = json.readValue(text, PeerAsk.class);
            boolean whole = ask.service() != null
                    && ask.query() != null
                    && ask.format() != null
                    && ask.path() != null
                    && ask.path().length() <= 300
                    && ask.path().matches("/[A-Za-z0-9_./-]*")
                    && ask.salt() != null
                    && ask.salt().length() >= SALT_BYTES;
            if (!whole) {
                throw new Problem(CoreProblem.BAD_REQUEST, "reason", "JSON");
            }
            return ask;
        } catch (JacksonException e) {
            throw new Problem(CoreProblem.BAD_REQUEST, "reason", "JSON");
        }
    }

    private static Map<String, Object> problem(Problem refused) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("type", "urn:qiantang:problem:" + refused.code().id());
        body.put("status", refused.code().status());
        body.put("detail", refused.zh());
        body.put("code", refused.code().id());
        body.put("zh", refused.zh());
        body.put("en", refused.en());
        body.putAll(refused.members());
        return body;
    }

    /** An answer of few values could be guessed by its digest. */
    private static String salt() {
        byte[] bytes = new byte[SALT_BYTES];
        RANDOM.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /** @param calls each a JSON text */
    record PeerAsks(@NotNull @Size(min = 1, max = MOST) List<@NotNull String> calls) {}

    /** @param answers each a JSON text: status, headers, body, and a salt */
    record Answers(List<String> answers) {}

    /**
     * What a peer asks on behalf of one of its callers.
     *
     * @param path where its caller asks
     * @param salt keeps what is asked from being guessed by its digest
     */
    record PeerAsk(
            String service,
            int version,
            Map<String, String> query,
            @Nullable String grant,
            @Nullable String scenario,
            @Nullable String operator,
            @Nullable String caseNumber,
            @Nullable String known,
            String format,
            String path,
            String salt) {}

    /** A service, as peers are told of it. */
    record Told(
            String name,
            int version,
            String title,
            @Nullable String description,
            List<ToldParameter> parameters,
            List<Definition.Field> fields,
            boolean personal) {
        static Told of(DataService.Version version) {
            Definition definition = version.definition();
            return new Told(
                    version.service(),
                    version.number(),
                    definition.title(),
                    definition.description(),
                    definition.parameters().stream()
                            .map(each -> new ToldParameter(
                                    each.name(), each.title(), each.type().name(), each.required()))
                            .toList(),
                    definition.fields(),
                    definition.personal());
        }
    }

    record ToldParameter(String name, String title, String type, boolean required) {}
}

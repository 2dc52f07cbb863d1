package org.qiantang.invoke.web;

import io.swagger.v3.oas.annotations.Hidden;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.qiantang.invoke.Calls;
import org.qiantang.invoke.DataService;
import org.qiantang.invoke.Definition;
import org.qiantang.org.Account;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/** Where peers call our data services: by a message whose target says nothing of what is asked, for the target is kept as evidence. */
@RestController
@Hidden
class PeerCallController {
    private final Calls calls;
    private final CallController answers;

    PeerCallController(Calls calls, CallController answers) {
        this.calls = calls;
        this.answers = answers;
    }

    @GetMapping("/peer/services")
    List<Told> services(@AuthenticationPrincipal Account peer) {
        return calls.callable(peer).stream().map(Told::of).toList();
    }

    @PostMapping("/peer/services/{name}/v{version}")
    void call(
            @PathVariable String name,
            @PathVariable int version,
            @Valid @RequestBody PeerAsks asks,
            @AuthenticationPrincipal Account peer,
            HttpServletResponse response)
            throws IOException {
        CallController.Format format = CallController.Format.named(asks.format());
        Calls.Page page = calls.call(
                peer,
                name,
                version,
                new Calls.Wanted(
                        asks.query(),
                        asks.grant(),
                        asks.scenario(),
                        asks.operator(),
                        asks.caseNumber(),
                        CallController.known(asks.known(), format)));
        String next = page.next();
        if (next != null) {
            // The link to it repeats what was asked, and the headers of an answer are kept as evidence.
            response.setHeader("Qiantang-Next", next);
        }
        answers.write(page, format, asks.path(), asks.query(), response);
    }

    /**
     * What a peer asks on behalf of one of its callers.
     *
     * @param path where its caller asks
     * @param salt keeps what is asked from being guessed by its digest
     */
    record PeerAsks(
            @NotNull Map<String, String> query,
            @Nullable @Size(max = 100) String grant,
            @Nullable String scenario,
            @Nullable String operator,
            @Nullable String caseNumber,
            @Nullable @Size(max = 4_000) String known,
            @NotBlank String format,

            @NotNull @Size(max = 300) @Pattern(regexp = "/[A-Za-z0-9_./-]*")
            String path,

            @NotNull @Size(min = 20, max = 100) String salt) {}

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

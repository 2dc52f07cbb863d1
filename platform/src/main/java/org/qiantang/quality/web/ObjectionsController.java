package org.qiantang.quality.web;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import java.util.List;
import java.util.UUID;
import org.qiantang.org.Account;
import org.qiantang.quality.Objection;
import org.qiantang.quality.Objections;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping("/api/objections")
@Tag(name = "objections", description = "异议 · what people say is wrong about themselves")
class ObjectionsController {
    private static final int LONGEST_WORDS = 2_000;

    private final Objections objections;

    ObjectionsController(Objections objections) {
        this.objections = objections;
    }

    @GetMapping
    @Operation(summary = "The objections one may see, by deadline 异议列表")
    List<Objections.ObjectionBrief> list(
            @RequestParam(defaultValue = "OPEN") Objections.Wanted wanted, @AuthenticationPrincipal Account who) {
        return objections.list(who, wanted);
    }

    @GetMapping("/{id}")
    @Operation(summary = "An objection, its history, and what one may do 异议详情")
    Objections.ObjectionWhole get(@PathVariable UUID id, @AuthenticationPrincipal Account who) {
        return objections.get(who, id);
    }

    @PostMapping("/{id}/accept")
    @Operation(summary = "Take it on; the record carries its mark from here on 受理并标注")
    Objections.ObjectionWhole accept(@PathVariable UUID id, @AuthenticationPrincipal Account who) {
        return objections.accept(who, id);
    }

    @PostMapping("/{id}/refuse")
    @Operation(summary = "Refuse it, saying why 不予受理")
    Objections.ObjectionWhole refuse(
            @PathVariable UUID id, @Valid @RequestBody ObjectionReason reason, @AuthenticationPrincipal Account who) {
        return objections.refuse(who, id, reason.words());
    }

    @PostMapping("/{id}/handle")
    @Operation(summary = "Say what was found and done 答复处理结果")
    Objections.ObjectionWhole handle(
            @PathVariable UUID id, @Valid @RequestBody Handled handled, @AuthenticationPrincipal Account who) {
        return objections.handle(who, id, handled.result(), handled.words());
    }

    @PostMapping("/{id}/archive")
    @Operation(summary = "Take the mark away and archive it 去除标注并归档")
    Objections.ObjectionWhole archive(
            @PathVariable UUID id, @Valid @RequestBody ObjectionReason reason, @AuthenticationPrincipal Account who) {
        return objections.archive(who, id, reason.words());
    }

    record ObjectionReason(
            @NotBlank @Size(max = LONGEST_WORDS) String words) {}

    record Handled(
            Objection.@NotNull Result result,
            @NotBlank @Size(max = LONGEST_WORDS) String words) {}
}

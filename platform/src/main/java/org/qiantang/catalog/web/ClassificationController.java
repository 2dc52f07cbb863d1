package org.qiantang.catalog.web;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.qiantang.catalog.Classifications;
import org.qiantang.catalog.ContentKind;
import org.qiantang.catalog.Grade;
import org.qiantang.catalog.Level;
import org.qiantang.org.Account;
import org.springframework.http.HttpStatus;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping("/api/resources/{id}/classification")
@Tag(name = "catalogue", description = "目录 · what the city has")
class ClassificationController {
    private static final int LONGEST_NAME = 1_000;
    private static final int LONGEST_REASON = 500;

    private final Classifications classifications;

    ClassificationController(Classifications classifications) {
        this.classifications = classifications;
    }

    @GetMapping
    @Operation(summary = "How each field is classified, why, and who decided what 分类分级")
    Classifications.Classified classification(@PathVariable UUID id, @AuthenticationPrincipal Account who) {
        return classifications.get(who, id);
    }

    @PostMapping
    @ResponseStatus(HttpStatus.NO_CONTENT)
    @Operation(summary = "Confirm or overrule what is proposed of a field 确认或改定")
    void classify(
            @PathVariable UUID id, @Valid @RequestBody ClassDecision decision, @AuthenticationPrincipal Account who) {
        classifications.decide(who, id, decision.field(), decision.wanted(), decision.seen());
    }

    @PostMapping("/undo")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    @Operation(summary = "Take back the newest decision of a field 撤回最近一次决定")
    void unclassify(
            @PathVariable UUID id, @Valid @RequestBody ClassUndone undone, @AuthenticationPrincipal Account who) {
        classifications.undo(who, id, undone.field(), undone.after());
    }

    /**
     * @param kind null for none of the kinds
     * @param after the newest decision that the person had seen, so that nobody overrules another without knowing
     * @param proposedLevel what the person had seen proposed, so that nobody passes over what was found meanwhile
     */
    record ClassDecision(
            @NotBlank @Size(max = LONGEST_NAME) String field,
            @NotNull Level level,
            @Nullable ContentKind kind,
            @NotNull Grade grade,
            @NotBlank @Size(max = LONGEST_REASON) String reason,
            @Nullable Long after,
            @NotNull Level proposedLevel,
            @Nullable ContentKind proposedKind) {
        Classifications.Wanted wanted() {
            return new Classifications.Wanted(level, kind, grade, reason.strip());
        }

        Classifications.Seen seen() {
            return new Classifications.Seen(after, proposedLevel, proposedKind);
        }
    }

    /** @param after the newest decision that the person had seen */
    record ClassUndone(
            @NotBlank @Size(max = LONGEST_NAME) String field,
            @NotNull Long after) {}
}

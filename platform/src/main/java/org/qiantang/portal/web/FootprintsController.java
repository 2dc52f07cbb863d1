package org.qiantang.portal.web;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.time.Instant;
import java.time.YearMonth;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.qiantang.catalog.Withheld;
import org.qiantang.org.Account;
import org.qiantang.org.Actor;
import org.qiantang.portal.Delays;
import org.qiantang.portal.Holdings;
import org.qiantang.portal.OwnFootprints;
import org.qiantang.portal.Questions;
import org.springframework.http.HttpStatus;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

@RestController
@Tag(name = "footprints", description = "数据足迹 · who read what about whom, and why")
class FootprintsController {
    private static final int LONGEST_WORDS = 2_000;

    private final Holdings holdings;
    private final OwnFootprints footprints;
    private final Questions questions;
    private final Delays delays;
    private final Withheld withheld;

    FootprintsController(
            Holdings holdings, OwnFootprints footprints, Questions questions, Delays delays, Withheld withheld) {
        this.holdings = holdings;
        this.footprints = footprints;
        this.questions = questions;
        this.delays = delays;
        this.withheld = withheld;
    }

    @GetMapping("/api/my/holdings")
    @Operation(summary = "What the city holds about oneself, by resource 我的数据")
    List<Holdings.Holding> holdings(@AuthenticationPrincipal Account who) {
        return holdings.list(who);
    }

    @GetMapping("/api/my/footprints")
    @Operation(summary = "Who read what about oneself in a month, and why 谁查询过我")
    OwnFootprints.Timeline footprints(
            @RequestParam(required = false) @Pattern(regexp = "[0-9]{4}-(0[1-9]|1[0-2])") @Nullable String month,
            @AuthenticationPrincipal Account who) {
        return footprints.timeline(who, month == null ? null : YearMonth.parse(month));
    }

    @GetMapping("/api/my/footprints/{index}/proof")
    @Operation(summary = "What proves that a read is written down 查询记录的存证证明")
    OwnFootprints.ReadProof proof(@PathVariable long index, @AuthenticationPrincipal Account who) {
        return footprints.prove(who, index);
    }

    @PostMapping("/api/my/footprints/{index}/question")
    @ResponseStatus(HttpStatus.CREATED)
    @Operation(summary = "Ask why it was read; the clock runs from here on 询问原因")
    Questions.Question ask(
            @PathVariable long index, @Valid @RequestBody QuestionWords words, @AuthenticationPrincipal Account who) {
        return questions.ask(who, index, words.words());
    }

    @GetMapping("/api/my/questions")
    @Operation(summary = "One's own questions and their answers 我的询问")
    List<Questions.Question> own(@AuthenticationPrincipal Account who) {
        return questions.listOwn(who);
    }

    @GetMapping("/api/footprints/questions")
    @Operation(summary = "What people ask about reads of their data, by deadline 居民询问")
    List<Questions.Question> list(@AuthenticationPrincipal Account who) {
        return questions.list(who);
    }

    @PostMapping("/api/footprints/questions/{id}/answer")
    @Operation(summary = "Say why it was read 答复询问")
    Questions.Question answer(
            @PathVariable UUID id, @Valid @RequestBody QuestionWords words, @AuthenticationPrincipal Account who) {
        return questions.answer(who, id, words.words());
    }

    @GetMapping("/api/footprints/delays")
    @Operation(summary = "Reads that people are told of later, by law 暂缓告知")
    List<Delays.Delay> delays() {
        return delays.list();
    }

    @PostMapping("/api/footprints/delays")
    @ResponseStatus(HttpStatus.CREATED)
    @Operation(summary = "Tell of reads under a grant or for a case later 设置暂缓告知")
    DelayCreated delay(
            @Valid @RequestBody NewDelay delay, HttpServletRequest request, @AuthenticationPrincipal Account who) {
        return new DelayCreated(delays.delay(
                actor(who, request),
                new Delays.Wanted(delay.grant(), delay.caseNumber(), delay.until(), delay.law(), delay.reason())));
    }

    @PostMapping("/api/footprints/delays/{id}/end")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    @Operation(summary = "Tell of them now 恢复告知")
    void end(@PathVariable UUID id, HttpServletRequest request, @AuthenticationPrincipal Account who) {
        delays.end(actor(who, request), id);
    }

    @GetMapping("/api/footprints/withheld")
    @Operation(summary = "Resources that the law keeps from those whom they are about 依法不予本人查阅")
    List<Withheld.WithheldResource> withheld() {
        return withheld.list();
    }

    @PutMapping("/api/resources/{id}/withheld")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    @Operation(summary = "Keep its records from those whom they are about, by law 设为依法不予查阅")
    void withhold(
            @PathVariable UUID id,
            @Valid @RequestBody WithheldLaw law,
            HttpServletRequest request,
            @AuthenticationPrincipal Account who) {
        withheld.withhold(actor(who, request), id, law.law(), law.reason());
    }

    @DeleteMapping("/api/resources/{id}/withheld")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    @Operation(summary = "Show people again what it holds about them 恢复本人查阅")
    void show(@PathVariable UUID id, HttpServletRequest request, @AuthenticationPrincipal Account who) {
        withheld.show(actor(who, request), id);
    }

    private static Actor actor(Account who, HttpServletRequest request) {
        return new Actor(who.username(), request.getRemoteAddr());
    }

    record QuestionWords(
            @NotBlank @Size(max = LONGEST_WORDS) String words) {}

    record DelayCreated(UUID id) {}

    record NewDelay(
            @Nullable @Size(max = 100) String grant,
            @Nullable @Size(max = 200) String caseNumber,
            @NotNull Instant until,
            @NotBlank @Size(max = LONGEST_WORDS) String law,
            @NotBlank @Size(max = LONGEST_WORDS) String reason) {}

    record WithheldLaw(
            @NotBlank @Size(max = LONGEST_WORDS) String law,
            @NotBlank @Size(max = LONGEST_WORDS) String reason) {}
}

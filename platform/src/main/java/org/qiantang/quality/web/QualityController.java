package org.qiantang.quality.web;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.validation.Valid;
import jakarta.validation.constraints.DecimalMax;
import jakarta.validation.constraints.DecimalMin;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.qiantang.catalog.ContentKind;
import org.qiantang.catalog.Guide;
import org.qiantang.catalog.Resource;
import org.qiantang.catalog.Resources;
import org.qiantang.org.Account;
import org.qiantang.quality.Characteristic;
import org.qiantang.quality.Evaluations;
import org.qiantang.quality.Requirement;
import org.qiantang.quality.Rule;
import org.qiantang.quality.Rules;
import org.qiantang.quality.Scores;
import org.qiantang.quality.Severity;
import org.springframework.http.HttpStatus;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

@RestController
@Tag(name = "quality", description = "质量 · rules, what came of them, scores")
class QualityController {
    private static final int USUAL_ROWS = 20;
    private static final int MOST_ROWS = 200;

    private final Rules rules;
    private final Scores scores;
    private final Evaluations evaluations;
    private final Resources resources;

    QualityController(Rules rules, Scores scores, Evaluations evaluations, Resources resources) {
        this.rules = rules;
        this.scores = scores;
        this.evaluations = evaluations;
        this.resources = resources;
    }

    @GetMapping("/api/quality")
    @Operation(summary = "Departments by the six characteristics 各部门质量得分")
    Scores.Board board() {
        return scores.board();
    }

    @GetMapping("/api/quality/departments/{id}")
    @Operation(summary = "The resources of a department, the worst first, and how it stood before 部门质量")
    DepartmentQuality department(@PathVariable String id) {
        return new DepartmentQuality(scores.resources(id), scores.historyOf(id));
    }

    @PostMapping("/api/quality/adopt")
    @Operation(summary = "Take up the proposals for all resources one answers for 采纳全部建议规则")
    Adopted adoptAll(@AuthenticationPrincipal Account who) {
        int adopted = rules.adoptAll(who);
        evaluations.hurry();
        return new Adopted(adopted);
    }

    @GetMapping("/api/resources/{id}/quality")
    @Operation(summary = "The rules of a resource, proposals, and how it stood 资源质量")
    ResourceQuality resource(@PathVariable UUID id, @AuthenticationPrincipal Account who) {
        Resource resource = resources.get(id);
        return new ResourceQuality(
                rules.list(id), rules.propose(id), scores.history(id), Rules.mayChange(who, resource));
    }

    @PostMapping("/api/resources/{id}/quality/rules")
    @ResponseStatus(HttpStatus.CREATED)
    @Operation(summary = "Add a rule to a resource 新增规则")
    Rule create(@PathVariable UUID id, @Valid @RequestBody RuleForm form, @AuthenticationPrincipal Account who) {
        Rule made = rules.create(who, id, form.wanted());
        evaluations.hurry();
        return made;
    }

    @PostMapping("/api/resources/{id}/quality/attempt")
    @Operation(summary = "Try a rule on what there is now, keeping nothing 试运行规则")
    Rules.Trial attempt(
            @PathVariable UUID id, @Valid @RequestBody RuleForm form, @AuthenticationPrincipal Account who) {
        return rules.attempt(who, id, form.wanted(), USUAL_ROWS);
    }

    @PostMapping("/api/resources/{id}/quality/adopt")
    @Operation(summary = "Take up the proposals for a resource 采纳建议规则")
    Adopted adopt(@PathVariable UUID id, @AuthenticationPrincipal Account who) {
        int adopted = rules.adopt(who, id);
        evaluations.hurry();
        return new Adopted(adopted);
    }

    @GetMapping("/api/quality/rules/{id}")
    @Operation(summary = "A rule with its versions and outcomes 规则详情")
    RuleDetail rule(@PathVariable UUID id) {
        return new RuleDetail(rules.get(id), rules.versions(id), rules.outcomes(id));
    }

    @PutMapping("/api/quality/rules/{id}")
    @Operation(summary = "Make a new version of a rule 修改规则")
    Rule change(@PathVariable UUID id, @Valid @RequestBody RuleEdit edit, @AuthenticationPrincipal Account who) {
        Rule changed = rules.change(who, id, edit.seen(), edit.rule().wanted());
        evaluations.hurry();
        return changed;
    }

    @PostMapping("/api/quality/rules/{id}/retire")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    @Operation(summary = "Demand it no more; what was found stays 停用规则")
    void retire(@PathVariable UUID id, @AuthenticationPrincipal Account who) {
        rules.retire(who, id);
    }

    @PostMapping("/api/quality/rules/{id}/run")
    @ResponseStatus(HttpStatus.ACCEPTED)
    @Operation(summary = "Look at it now 立即检查")
    void run(@PathVariable UUID id, @AuthenticationPrincipal Account who) {
        rules.ask(who, id);
        evaluations.hurry();
    }

    @GetMapping("/api/quality/rules/{id}/failing")
    @Operation(summary = "The rows that fail, masked, as of its newest outcome 问题记录")
    Rules.Failing failing(
            @PathVariable UUID id, @RequestParam(defaultValue = "50") int limit, @AuthenticationPrincipal Account who) {
        return rules.failing(who, id, Math.clamp(limit, 1, MOST_ROWS));
    }

    record DepartmentQuality(List<Scores.ResourceScore> resources, List<Scores.Point> history) {}

    record ResourceQuality(
            List<Rule> rules, List<Rules.Proposal> proposals, List<Scores.Point> history, boolean mayChange) {}

    record RuleDetail(Rule rule, List<Rule.Version> versions, List<Rule.Outcome> outcomes) {}

    record Adopted(int rules) {}

    /** @param seen the version its author had before them */
    record RuleEdit(@NotNull Integer seen, @NotNull @Valid RuleForm rule) {}

    /**
     * A rule as it is written.
     *
     * @param characteristic null for the one its kind judges
     * @param columns of the resource
     */
    record RuleForm(
            Requirement.@NotNull Kind kind,
            @Nullable Characteristic characteristic,
            @Nullable List<@Size(max = 200) String> columns,
            @Nullable @Size(max = 500) String pattern,
            Requirement.@Nullable ReadsAs readsAs,
            @Nullable List<@Size(max = 200) String> codes,
            @Nullable ContentKind content,
            @Nullable @Size(max = 40) String least,
            @Nullable @Size(max = 40) String most,
            @Nullable @Size(max = 200) String table,
            @Nullable List<@Size(max = 200) String> tableColumns,
            Guide.@Nullable UpdateCycle cycle,
            @Nullable @Size(max = 20_000) String sql,
            @Nullable @Size(max = 500) String note,
            @DecimalMin("0") @DecimalMax("1") double tolerance,
            @NotNull Severity severity) {
        Rule.Wanted wanted() {
            return new Rule.Wanted(
                    characteristic == null ? kind.characteristic() : characteristic,
                    new Requirement(
                            kind,
                            orNone(columns),
                            pattern,
                            readsAs,
                            orNone(codes),
                            content,
                            least,
                            most,
                            table,
                            orNone(tableColumns),
                            cycle,
                            sql),
                    note == null ? "" : note,
                    tolerance,
                    severity);
        }

        private static List<String> orNone(@Nullable List<String> list) {
            return list == null ? List.of() : list;
        }
    }
}

package org.qiantang.org.web;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.LocalDate;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.qiantang.core.CoreProblem;
import org.qiantang.core.Problem;
import org.qiantang.org.Division;
import org.qiantang.org.DivisionTree;
import org.qiantang.org.Divisions;
import org.qiantang.org.Validity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping("/api/divisions")
@Tag(name = "organisation", description = "机构 · divisions, departments, posts and people")
class DivisionsController {
    private static final int MOST_FOUND = 100;

    private final Divisions divisions;
    private final Today today;

    DivisionsController(Divisions divisions, Today today) {
        this.divisions = divisions;
        this.today = today;
    }

    @GetMapping
    @Operation(summary = "The divisions in one, or those that are searched for, as of a day 行政区划")
    List<DivisionRow> list(
            @RequestParam(defaultValue = "") String parent,
            @RequestParam(defaultValue = "") String q,
            @RequestParam(required = false) @Nullable LocalDate asOf) {
        LocalDate day = today.or(asOf);
        DivisionTree tree = divisions.tree();
        List<Division> found = !q.isBlank()
                ? tree.search(q, day, MOST_FOUND)
                : parent.isBlank() ? tree.roots(day) : tree.children(parent, day);
        return rows(found, tree, day);
    }

    @GetMapping("/{code}")
    @Operation(summary = "A code: what it means on a day, what it was, and what became of it 区划代码的沿革")
    DivisionDetail get(@PathVariable String code, @RequestParam(required = false) @Nullable LocalDate asOf) {
        LocalDate day = today.or(asOf);
        DivisionTree tree = divisions.tree();
        List<Division> periods = tree.periods(code);
        if (periods.isEmpty()) {
            throw new Problem(CoreProblem.NOT_FOUND, "what", "division " + code);
        }
        @Nullable Division current = tree.find(code, day).orElse(null);
        List<Division> resolved = tree.resolve(code, day).stream()
                .flatMap(each -> tree.find(each, day).stream())
                .toList();
        return new DivisionDetail(
                code,
                day,
                current,
                rows(resolved, tree, day),
                current == null ? List.of() : rows(tree.ancestors(current, day).reversed(), tree, day),
                periods,
                tree.predecessors(code));
    }

    private static List<DivisionRow> rows(Collection<Division> found, DivisionTree tree, LocalDate day) {
        return found.stream()
                .map(each -> new DivisionRow(
                        each.code(),
                        each.name(),
                        each.nameEn(),
                        each.validity(),
                        !tree.children(each.code(), day).isEmpty()))
                .toList();
    }

    /** A division in a list. */
    record DivisionRow(String code, String name, @Nullable String nameEn, Validity validity, boolean hasChildren) {}

    /**
     * @param current what the code means on the day
     * @param resolved the codes in force on the day that stand for it
     * @param periods all it has meant
     * @param predecessors what became it
     */
    record DivisionDetail(
            String code,
            LocalDate day,
            @Nullable Division current,
            List<DivisionRow> resolved,
            List<DivisionRow> path,
            List<Division> periods,
            List<Division> predecessors) {}
}

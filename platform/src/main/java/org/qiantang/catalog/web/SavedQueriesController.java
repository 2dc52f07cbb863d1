package org.qiantang.catalog.web;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotEmpty;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.qiantang.catalog.SavedQueries;
import org.qiantang.org.Account;
import org.springframework.http.HttpStatus;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping("/api/sql/saved")
@Tag(name = "sql")
class SavedQueriesController {
    private final SavedQueries queries;

    SavedQueriesController(SavedQueries queries) {
        this.queries = queries;
    }

    @GetMapping
    @Operation(summary = "One's own statements and those one's department shares 保存的查询")
    List<SavedQueries.Saved> list(@AuthenticationPrincipal Account who) {
        return queries.list(who);
    }

    @PostMapping
    @ResponseStatus(HttpStatus.CREATED)
    @Operation(summary = "Keep a statement 保存查询")
    SavedQueries.Saved add(@Valid @RequestBody ToSave wanted, @AuthenticationPrincipal Account who) {
        return queries.add(who, wanted.wanted());
    }

    @PutMapping("/{id}")
    @Operation(summary = "Change a statement of one's own 修改保存的查询")
    SavedQueries.Saved change(
            @PathVariable UUID id, @Valid @RequestBody ToSave wanted, @AuthenticationPrincipal Account who) {
        return queries.change(who, id, wanted.wanted());
    }

    @DeleteMapping("/{id}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    @Operation(summary = "Forget a statement of one's own 删除保存的查询")
    void remove(@PathVariable UUID id, @AuthenticationPrincipal Account who) {
        queries.remove(who, id);
    }

    record ToSave(
            @NotBlank @Size(max = 100) String title,

            @NotBlank @Size(max = SqlController.LONGEST_STATEMENT)
            String sql,

            @Nullable @Valid Drawn chart,
            boolean shared) {
        SavedQueries.Wanted wanted() {
            return new SavedQueries.Wanted(
                    title, sql, chart == null ? null : new SavedQueries.Chart(chart.kind, chart.x, chart.y), shared);
        }
    }

    record Drawn(
            @NotNull SavedQueries.Chart.Kind kind,
            @NotNull @Size(max = 200) String x,
            @NotEmpty @Size(max = 8) List<@NotNull @Size(max = 200) String> y) {}
}

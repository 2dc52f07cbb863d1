package org.qiantang.refine.web;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotEmpty;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.util.List;
import java.util.Map;
import org.qiantang.core.CoreProblem;
import org.qiantang.core.Problem;
import org.qiantang.lake.TableName;
import org.qiantang.org.Account;
import org.qiantang.refine.GoldenRecord;
import org.qiantang.refine.GoldenRecords;
import org.qiantang.refine.MappingState;
import org.qiantang.refine.Mappings;
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
@RequestMapping("/api/mappings")
@Tag(name = "mappings", description = "治理 · how standard and base tables, indicators and code lists are made")
class MappingsController {
    private final Mappings mappings;
    private final GoldenRecords records;

    MappingsController(Mappings mappings, GoldenRecords records) {
        this.mappings = mappings;
        this.records = records;
    }

    @GetMapping
    @Operation(summary = "Every mapping and how its table stands 治理规则")
    List<MappingState> list() {
        return mappings.list();
    }

    @GetMapping("/{table}")
    @Operation(summary = "A mapping with its versions and runs 治理规则详情")
    MappingState.Whole get(@PathVariable String table) {
        return mappings.get(named(table));
    }

    @PostMapping
    @Operation(summary = "Keep a text as a mapping's newest version; its table is made shortly 保存治理规则")
    MappingState.Whole apply(@Valid @RequestBody MappingText given, @AuthenticationPrincipal Account who) {
        return mappings.apply(who, given.text());
    }

    @PostMapping("/check")
    @Operation(summary = "Try a text without keeping it: its tests and first rows 试运行治理规则")
    Mappings.MappingCheck check(@Valid @RequestBody MappingText given, @AuthenticationPrincipal Account who) {
        return mappings.check(who, given.text());
    }

    @PostMapping("/{table}/run")
    @ResponseStatus(HttpStatus.ACCEPTED)
    @Operation(summary = "Make its table now, as a whole 立即整表生成")
    void run(@PathVariable String table) {
        mappings.run(named(table));
    }

    /** The key is in the body, since what is in an address is written into logs. */
    @PostMapping("/{table}/record")
    @Operation(summary = "One record by its key, and where each of its values comes from 一条记录的取值溯源")
    GoldenRecord record(
            @PathVariable String table, @Valid @RequestBody RecordKey given, @AuthenticationPrincipal Account who) {
        return records.get(who, named(table), given.key());
    }

    @PostMapping("/{table}/retire")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    @Operation(summary = "Make its table no more; what it holds stays 停用")
    void retire(
            @PathVariable String table, @Valid @RequestBody Retirement given, @AuthenticationPrincipal Account who) {
        mappings.retire(who, named(table), given.reason());
    }

    private static TableName named(String table) {
        int dot = table.indexOf('.');
        if (dot <= 0 || dot == table.length() - 1) {
            throw new Problem(CoreProblem.NOT_FOUND, "what", table);
        }
        return new TableName(table.substring(0, dot), table.substring(dot + 1));
    }

    /** @param text a head of {@code -- word: value} lines, then one SELECT or a code list's rows */
    record MappingText(@NotBlank @Size(max = 2_000_000) String text) {}

    /** @param key a value for each column of the table's key */
    record RecordKey(
            @NotEmpty @Size(max = 20) Map<@NotBlank @Size(max = 200) String, @NotBlank @Size(max = 500) String> key) {}

    record Retirement(
            @NotBlank @Size(max = 2000) @Pattern(regexp = "(?s).*\\S.*")
            String reason) {}
}

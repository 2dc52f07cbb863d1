package org.qiantang.catalog.web;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.qiantang.catalog.Lineage;
import org.qiantang.catalog.LineageGraph;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping("/api/resources")
@Tag(name = "lineage", description = "血缘 · where it comes from, where it goes")
class LineageController {
    private static final int DEEPEST = 50;

    private final Lineage lineage;

    LineageController(Lineage lineage) {
        this.lineage = lineage;
    }

    @GetMapping("/{id}/lineage")
    @Operation(summary = "Where a resource or one of its columns comes from and goes 数据血缘")
    LineageGraph graph(
            @PathVariable UUID id,
            @RequestParam(defaultValue = "BOTH") Lineage.Direction direction,
            @RequestParam(defaultValue = "20") int depth,
            @RequestParam(required = false) @Nullable String column) {
        return lineage.graph(
                id,
                new Lineage.Around(
                        direction, column == null || column.isBlank() ? null : column, Math.clamp(depth, 1, DEEPEST)));
    }

    @GetMapping("/{id}/lineage/versions")
    @Operation(summary = "How a table was made, the newest way first 血缘历史")
    List<LineageGraph.Version> versions(@PathVariable UUID id) {
        return lineage.listVersions(id);
    }

    @GetMapping("/{id}/impact")
    @Operation(summary = "What would break if a column went 影响分析")
    LineageGraph.Impact impact(@PathVariable UUID id, @RequestParam String column) {
        return lineage.impact(id, column);
    }
}

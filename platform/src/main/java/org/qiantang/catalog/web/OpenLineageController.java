package org.qiantang.catalog.web;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.UUID;
import java.util.stream.Collectors;
import org.qiantang.catalog.OpenLineage;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.json.JsonMapper;

@RestController
@RequestMapping("/api/lineage/openlineage")
@Tag(name = "lineage", description = "血缘 · where it comes from, where it goes")
class OpenLineageController {
    private static final JsonMapper JSON = JsonMapper.shared();

    private final OpenLineage events;

    OpenLineageController(OpenLineage events) {
        this.events = events;
    }

    @GetMapping
    @Operation(summary = "Who is told of lineage, and how that goes 血缘事件外送状态")
    OpenLineage.Telling state() {
        return events.state();
    }

    @GetMapping(path = "/{id}", produces = "application/x-ndjson")
    @Operation(summary = "The OpenLineage events of a run, one a line 血缘事件（OpenLineage）")
    String events(@PathVariable UUID id) {
        return events.listEvents(id).stream()
                .map(event -> JSON.writeValueAsString(event) + "\n")
                .collect(Collectors.joining());
    }
}

package org.qiantang.collect.web;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;
import org.qiantang.collect.Fleet;
import org.qiantang.collect.Fleets;
import org.qiantang.org.Account;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping("/api/fleet")
@Tag(name = "fleet", description = "全部数据表 · every table and how it stands")
class FleetController {
    private final Fleets fleets;

    FleetController(Fleets fleets) {
        this.fleets = fleets;
    }

    @GetMapping
    @Operation(summary = "Every table of every source in one compact answer, with counts 全部数据表")
    Fleet get(
            @RequestParam(defaultValue = "") String q,
            @RequestParam(required = false) @Nullable String department,
            @RequestParam(required = false) Fleet.@Nullable State state,
            @AuthenticationPrincipal Account who) {
        return fleets.get(
                new Fleets.Wanted(q, department == null || department.isBlank() ? null : department, state), who);
    }
}

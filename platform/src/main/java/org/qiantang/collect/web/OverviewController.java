package org.qiantang.collect.web;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import org.qiantang.collect.Overview;
import org.qiantang.collect.Overviews;
import org.qiantang.org.Account;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping("/api/overview")
@Tag(name = "overview", description = "总览 · the city at a glance")
class OverviewController {
    private final Overviews overviews;

    OverviewController(Overviews overviews) {
        this.overviews = overviews;
    }

    @GetMapping
    @Operation(summary = "Completeness, volume and freshness by department 各部门全量率、数据量与新鲜度")
    Overview get(@AuthenticationPrincipal Account who) {
        return overviews.get(who);
    }
}

package org.qiantang.catalog.web;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.qiantang.catalog.Found;
import org.qiantang.catalog.Guide;
import org.qiantang.catalog.Level;
import org.qiantang.catalog.Resources;
import org.qiantang.catalog.Search;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping("/api/search")
@Tag(name = "search", description = "搜索 · one box for everything the city has")
class SearchController {
    private static final int LARGEST_PAGE = 100;
    private static final int LONGEST_QUESTION = 200;

    private final Search search;

    SearchController(Search search) {
        this.search = search;
    }

    @GetMapping
    @Operation(
            summary =
                    "Search data, directory, ledger and departments in Chinese, English or pinyin 搜索数据资源、目录、台账与部门（中文、英文、拼音）")
    Found find(
            @RequestParam(defaultValue = "") String q,
            @RequestParam(defaultValue = "") Set<Found.Kind> kind,
            @RequestParam(defaultValue = "") Set<String> department,
            @RequestParam(defaultValue = "") Set<Guide.Theme> theme,
            @RequestParam(defaultValue = "") Set<Level> level,
            @RequestParam(defaultValue = "") Set<Found.Layer> layer,
            @RequestParam(defaultValue = "") Set<Guide.ShareClass> shareClass,
            @RequestParam(defaultValue = "") Set<Found.Freshness> freshness,
            @RequestParam(defaultValue = "0") long offset,
            @RequestParam(defaultValue = "20") int limit) {
        Map<String, Set<String>> chosen = new HashMap<>();
        chosen.put("kind", names(kind));
        chosen.put("department", department);
        chosen.put("theme", names(theme));
        chosen.put("level", names(level));
        chosen.put("layer", names(layer));
        chosen.put("shareClass", names(shareClass));
        chosen.put("freshness", names(freshness));
        String asked = q.length() > LONGEST_QUESTION ? q.substring(0, LONGEST_QUESTION) : q;
        return search.search(
                new Search.Wanted(asked, chosen),
                new Resources.Range(Math.max(0, offset), Math.clamp(limit, 1, LARGEST_PAGE)));
    }

    private static Set<String> names(Set<? extends Enum<?>> values) {
        return values.stream().map(Enum::name).collect(Collectors.toSet());
    }
}

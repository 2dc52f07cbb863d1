package org.qiantang.collect.web;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.qiantang.collect.Collections;
import org.qiantang.collect.Deliveries;
import org.qiantang.collect.Following;
import org.qiantang.collect.Followings;
import org.qiantang.collect.RunSummary;
import org.qiantang.collect.Source;
import org.qiantang.collect.SourceObject;
import org.qiantang.collect.SourcePreview;
import org.qiantang.collect.Sources;
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
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping("/api/sources")
@Tag(name = "sources", description = "数源系统 · departments' systems")
class SourcesController {
    private final Sources sources;
    private final Collections collections;
    private final Followings followings;
    private final Deliveries deliveries;

    SourcesController(Sources sources, Collections collections, Followings followings, Deliveries deliveries) {
        this.sources = sources;
        this.collections = collections;
        this.followings = followings;
        this.deliveries = deliveries;
    }

    @GetMapping
    @Operation(summary = "All connected sources 全部来源")
    List<Source> list() {
        return sources.list();
    }

    @GetMapping("/{id}")
    @Operation(summary = "One source 来源详情")
    Source get(@PathVariable UUID id) {
        return sources.get(id);
    }

    @PostMapping
    @ResponseStatus(HttpStatus.CREATED)
    @Operation(summary = "Connect a source 添加来源")
    Source add(@Valid @RequestBody NewSource source, @AuthenticationPrincipal Account who) {
        return sources.add(
                new Sources.NewSource(
                        source.name().strip(),
                        orEmpty(source.title()),
                        source.departmentId(),
                        source.location(),
                        orEmpty(source.username()),
                        orEmpty(source.password()),
                        orEmpty(source.settings())),
                who.username());
    }

    @PostMapping("/test")
    @Operation(summary = "Connect and count, keeping nothing 测试连接")
    Report test(@Valid @RequestBody Connection connection) {
        return report(sources.test(
                connection.location(),
                orEmpty(connection.username()),
                orEmpty(connection.password()),
                orEmpty(connection.settings())));
    }

    @PutMapping("/{id}")
    @Operation(summary = "Change a source; without a password its own stays 修改来源（密码不填则不变）")
    Followings.Edited edit(
            @PathVariable UUID id, @Valid @RequestBody SourceEdit edit, @AuthenticationPrincipal Account who) {
        return followings.edit(id, edit.edit(), who.username());
    }

    @PostMapping("/{id}/test")
    @Operation(summary = "Connect as it would be after a change, keeping nothing 测试修改后的连接")
    Report test(@PathVariable UUID id, @Valid @RequestBody SourceEdit edit) {
        return report(sources.test(id, edit.edit()));
    }

    private static Report report(Sources.Tested tested) {
        var report = tested.report();
        return new Report(
                true,
                report.product(),
                report.version(),
                report.objects(),
                report.unreadable(),
                report.estimatedRows(),
                report.estimatedBytes(),
                tested.took().toMillis(),
                report.previews());
    }

    @DeleteMapping("/{id}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    @Operation(summary = "Disconnect a source; lake data and receipts stay 删除来源（保留湖中数据和回执）")
    void delete(
            @PathVariable UUID id,
            @RequestParam(defaultValue = "") String confirm,
            @AuthenticationPrincipal Account who) {
        sources.delete(id, confirm, who.username());
    }

    @PostMapping("/{id}/runs")
    @ResponseStatus(HttpStatus.ACCEPTED)
    @Operation(summary = "Collect it in full 开始全量归集")
    RunSummary start(
            @PathVariable UUID id,
            @RequestParam(defaultValue = "false") boolean full,
            @AuthenticationPrincipal Account who) {
        return full ? collections.startInFull(id, who.username()) : collections.start(id, who.username());
    }

    @GetMapping("/{id}/runs")
    @Operation(summary = "Its runs, newest first 归集历史")
    List<RunSummary> runs(@PathVariable UUID id) {
        return collections.listOf(id);
    }

    @GetMapping("/{id}/following")
    @Operation(summary = "How its changes are followed 增量跟踪状态")
    Following following(@PathVariable UUID id) {
        return followings.get(id);
    }

    @PostMapping("/{id}/following")
    @ResponseStatus(HttpStatus.ACCEPTED)
    @Operation(summary = "Follow its changes from now on 开始跟踪变化")
    Following follow(@PathVariable UUID id, @AuthenticationPrincipal Account who) {
        return followings.start(id, who.username());
    }

    @DeleteMapping("/{id}/following")
    @Operation(summary = "Follow it no longer; what is in the lake stays 停止跟踪")
    Following unfollow(@PathVariable UUID id) {
        return followings.stop(id);
    }

    @GetMapping("/{id}/deliveries")
    @Operation(summary = "What another platform says it has sent against what arrived 回流台账")
    Deliveries.Ledger deliveries(@PathVariable UUID id) {
        return deliveries.get(id);
    }

    private static String orEmpty(@Nullable String text) {
        return text == null ? "" : text;
    }

    private static Map<String, String> orEmpty(@Nullable Map<String, String> settings) {
        return settings == null ? Map.of() : settings;
    }

    record NewSource(
            @NotBlank String name,
            @Nullable String title,
            @NotBlank String departmentId,
            @NotBlank String location,
            @Nullable String username,
            @Nullable String password,
            @Nullable Map<String, String> settings) {
        @Override
        public String toString() {
            return "NewSource[" + name + "]";
        }
    }

    /** @param password null to leave it as it is */
    record SourceEdit(
            @Nullable String title,
            @NotBlank String departmentId,
            @NotBlank String location,
            @Nullable String username,
            @Nullable String password,
            @Nullable Map<String, String> settings) {
        Sources.Edit edit() {
            return new Sources.Edit(
                    orEmpty(title), departmentId, location, orEmpty(username), password, orEmpty(settings));
        }

        @Override
        public String toString() {
            return "SourceEdit[" + location + "]";
        }
    }

    record Connection(
            @NotBlank String location,
            @Nullable String username,
            @Nullable String password,
            @Nullable Map<String, String> settings) {
        @Override
        public String toString() {
            return "Connection[" + location + "]";
        }
    }

    record Report(
            boolean ok,
            String product,
            String version,
            Map<SourceObject.Kind, Integer> objects,
            List<String> unreadable,
            long estimatedRows,
            long estimatedBytes,
            long millis,
            List<SourcePreview> previews) {}
}

package org.qiantang.catalog.web;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.qiantang.catalog.Completeness;
import org.qiantang.catalog.LakeReader;
import org.qiantang.catalog.Level;
import org.qiantang.catalog.Resource;
import org.qiantang.catalog.Resources;
import org.qiantang.catalog.SchemaVersion;
import org.qiantang.org.Account;
import org.springframework.http.HttpStatus;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping("/api/resources")
@Tag(name = "catalogue", description = "目录 · what the city has")
class ResourcesController {
    private static final int LARGEST_PAGE = 200;
    private static final int LARGEST_PREVIEW = 200;

    private final Resources resources;
    private final LakeReader reader;

    ResourcesController(Resources resources, LakeReader reader) {
        this.resources = resources;
        this.reader = reader;
    }

    @GetMapping
    @Operation(summary = "Search resources by name, title, comment, column and department 检索数据资源")
    Resource.Page search(
            @RequestParam(defaultValue = "") String q,
            @RequestParam(required = false) @Nullable String department,
            @RequestParam(required = false) @Nullable Level level,
            @RequestParam(defaultValue = "") Set<Completeness> completeness,
            @RequestParam(defaultValue = "0") long offset,
            @RequestParam(defaultValue = "50") int limit) {
        Resources.Range range = new Resources.Range(Math.max(0, offset), Math.clamp(limit, 1, LARGEST_PAGE));
        return resources.search(
                q, department == null || department.isBlank() ? null : department, level, completeness, range);
    }

    @GetMapping("/{id}")
    @Operation(summary = "A resource with its columns, details and receipts 数据资源详情")
    ResourceDetail get(@PathVariable UUID id) {
        Resource.Whole whole = resources.getWhole(id);
        return new ResourceDetail(whole.resource(), whole.columns(), whole.details(), whole.receipts());
    }

    @GetMapping("/{id}/schemas")
    @Operation(summary = "How its columns changed, the newest version first 结构版本")
    Schemas schemas(@PathVariable UUID id, @AuthenticationPrincipal Account who) {
        return new Schemas(resources.listVersions(id), resources.unseen(who).contains(id));
    }

    @PostMapping("/schemas/seen")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    @Operation(summary = "Take note of the changes of a resource, or of all of a source 知悉结构变化")
    void seen(
            @RequestParam(required = false) @Nullable UUID resource,
            @RequestParam(required = false) @Nullable UUID source,
            @AuthenticationPrincipal Account who) {
        resources.seen(who, resource, source);
    }

    @GetMapping("/{id}/preview")
    @Operation(summary = "The first rows, masked by level 预览（按级别脱敏）")
    LakeReader.Preview preview(
            @PathVariable UUID id, @RequestParam(defaultValue = "50") int limit, @AuthenticationPrincipal Account who) {
        return reader.preview(who, id, Math.clamp(limit, 1, LARGEST_PREVIEW));
    }

    /** @param unseen whether whoever asks has not taken note of the newest changes yet */
    record Schemas(List<SchemaVersion> versions, boolean unseen) {}

    record ResourceDetail(
            @JsonUnwrapped Resource resource,
            List<Resource.Field> columns,
            Map<String, String> details,
            List<Resource.ReceiptRef> receipts) {}
}

package org.qiantang.catalog.web;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.qiantang.catalog.Datum;
import org.qiantang.catalog.DcatExport;
import org.qiantang.catalog.DirectoryFile;
import org.qiantang.catalog.DirectoryForm;
import org.qiantang.catalog.DirectoryProblem;
import org.qiantang.catalog.Entries;
import org.qiantang.catalog.Entry;
import org.qiantang.catalog.Guide;
import org.qiantang.catalog.PublicBase;
import org.qiantang.catalog.RdfForm;
import org.qiantang.catalog.Resources;
import org.qiantang.catalog.SingleSources;
import org.qiantang.catalog.Violation;
import org.qiantang.core.CoreProblem;
import org.qiantang.core.Problem;
import org.qiantang.org.Account;
import org.qiantang.org.Department;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.util.MimeTypeUtils;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.support.ServletUriComponentsBuilder;

@RestController
@RequestMapping("/api/directory")
@Tag(name = "directory", description = "公共数据目录 · what departments state of their data")
class DirectoryController {
    private static final int LARGEST_PAGE = 200;
    private static final int LARGEST_FILE = 20_000_000;

    private final Entries entries;
    private final DcatExport dcat;
    private final DirectoryFile file;
    private final SingleSources sources;
    private final PublicBase address;

    DirectoryController(
            Entries entries, DcatExport dcat, DirectoryFile file, SingleSources sources, PublicBase address) {
        this.entries = entries;
        this.dcat = dcat;
        this.file = file;
        this.sources = sources;
        this.address = address;
    }

    @GetMapping
    @Operation(summary = "Search the directory 检索公共数据目录")
    Entry.Page search(
            @RequestParam(defaultValue = "") String q,
            @RequestParam(required = false) Entry.@Nullable State state,
            @RequestParam(required = false) @Nullable String department,
            @RequestParam(required = false) Guide.@Nullable ShareClass shareClass,
            @RequestParam(required = false) Guide.@Nullable Theme theme,
            @RequestParam(required = false) Entries.@Nullable Concern concern,
            @RequestParam(defaultValue = "0") long offset,
            @RequestParam(defaultValue = "50") int limit) {
        return entries.search(
                new Entries.Wanted(q, state, blankIsAny(department), shareClass, theme, concern),
                new Resources.Range(Math.max(0, offset), Math.clamp(limit, 1, LARGEST_PAGE)));
    }

    @PostMapping
    @ResponseStatus(HttpStatus.CREATED)
    @Operation(
            summary =
                    "A department states data that is not collected yet, or anew what its retired entry was about 新建目录项")
    EntryDetail create(@Valid @RequestBody NewEntry wanted, @AuthenticationPrincipal Account who) {
        Department own = who.department();
        if (own == null) {
            throw new Problem(
                    DirectoryProblem.NOT_YOURS, "act", Entry.Act.EDIT.zh(), "who", "部门人员 (an officer of a department)");
        }
        return detail(entries.create(own, wanted.resource(), wanted.statement(), who), who);
    }

    @GetMapping("/export")
    @Operation(summary = "The entries in the guide's form, as a workbook or as CSV 导出编制表")
    @ApiResponse(
            responseCode = "200",
            content = @Content(mediaType = "application/octet-stream", schema = @Schema(type = "string")))
    void export(
            @RequestParam(defaultValue = "XLSX") DirectoryForm form,
            @RequestParam(defaultValue = "") String q,
            @RequestParam(required = false) Entry.@Nullable State state,
            @RequestParam(required = false) @Nullable String department,
            @RequestParam(required = false) Guide.@Nullable ShareClass shareClass,
            @RequestParam(required = false) Guide.@Nullable Theme theme,
            @RequestParam(required = false) Entries.@Nullable Concern concern,
            HttpServletResponse response)
            throws IOException {
        response.setContentType(form.mediaType());
        response.setHeader("Content-Disposition", "attachment; filename=\"directory." + form.extension() + "\"");
        response.setHeader("Cache-Control", "no-store");
        file.write(
                form,
                new Entries.Wanted(q, state, blankIsAny(department), shareClass, theme, concern),
                response.getOutputStream());
    }

    @PostMapping(path = "/import")
    @Operation(summary = "Bring a filled form in, or only say what that would change 导入编制表")
    DirectoryFile.FormReport bringIn(
            @RequestParam(defaultValue = "true") boolean dryRun,
            @AuthenticationPrincipal Account who,
            HttpServletRequest request)
            throws IOException {
        byte[] filled = request.getInputStream().readNBytes(LARGEST_FILE + 1);
        if (filled.length > LARGEST_FILE) {
            throw new Problem(CoreProblem.TOO_LARGE);
        }
        return dryRun ? file.tryOut(filled, who) : file.take(filled, who);
    }

    static @Nullable String blankIsAny(@Nullable String text) {
        return text == null || text.isBlank() ? null : text;
    }

    @GetMapping("/dcat")
    @Operation(summary = "What is shared or opened as DCAT-AP, in the form that is accepted, or by its name 导出 DCAT-AP")
    @ApiResponse(
            responseCode = "200",
            content = {
                @Content(mediaType = "application/ld+json", schema = @Schema(type = "string")),
                @Content(mediaType = "application/rdf+xml", schema = @Schema(type = "string")),
                @Content(mediaType = "text/turtle", schema = @Schema(type = "string"))
            })
    void dcat(
            @RequestParam(required = false) @Nullable RdfForm form,
            @RequestHeader(value = "Accept", defaultValue = "*/*") List<MediaType> accepted,
            HttpServletResponse response)
            throws IOException {
        RdfForm chosen = form == null ? accepted(accepted) : form;
        response.setContentType(chosen.mediaType() + ";charset=UTF-8");
        response.setHeader("Vary", "Accept");
        response.setHeader(
                "Content-Disposition",
                (form == null ? "inline" : "attachment") + "; filename=\"directory." + chosen.extension() + "\"");
        String base = address.told()
                .orElseGet(() ->
                        ServletUriComponentsBuilder.fromCurrentContextPath().toUriString());
        try (Writer out = new BufferedWriter(
                new OutputStreamWriter(response.getOutputStream(), StandardCharsets.UTF_8), 1 << 16)) {
            dcat.write(chosen, base, out);
        }
    }

    /** The first of what is accepted that there is. */
    private static RdfForm accepted(List<MediaType> accepted) {
        List<MediaType> preferred = new ArrayList<>(accepted);
        MimeTypeUtils.sortBySpecificity(preferred);
        for (MediaType type : preferred) {
            for (RdfForm form : RdfForm.values()) {
                if (type.includes(MediaType.parseMediaType(form.mediaType()))) {
                    return form;
                }
            }
        }
        throw new Problem(CoreProblem.NOT_ACCEPTABLE);
    }

    @GetMapping("/{id}")
    @Operation(summary = "An entry with what is wrong with it and what one may do 目录项")
    EntryDetail get(@PathVariable UUID id, @AuthenticationPrincipal Account who) {
        return detail(entries.get(id), who);
    }

    @GetMapping("/{id}/versions")
    @Operation(summary = "What was published of it, the newest first 发布过的版本")
    List<Entry.Version> versions(@PathVariable UUID id) {
        return entries.listVersions(id);
    }

    @PutMapping("/{id}")
    @Operation(summary = "Save what the providing department states 保存")
    EntryDetail save(@PathVariable UUID id, @Valid @RequestBody EntryEdit edit, @AuthenticationPrincipal Account who) {
        return detail(entries.save(id, edit.revision(), edit.statement(), who), who);
    }

    @PostMapping("/{id}/submit")
    @Operation(summary = "The department submits it to the bureau 提交审核")
    EntryDetail submit(
            @PathVariable UUID id, @Valid @RequestBody EntryStep step, @AuthenticationPrincipal Account who) {
        return detail(entries.submit(id, step.revision(), who), who);
    }

    @PostMapping("/{id}/take")
    @Operation(summary = "The bureau begins its review 受理")
    EntryDetail take(@PathVariable UUID id, @Valid @RequestBody EntryStep step, @AuthenticationPrincipal Account who) {
        return detail(entries.take(id, step.revision(), who), who);
    }

    @PostMapping("/{id}/return")
    @Operation(summary = "The bureau gives it back with words 退回补正")
    EntryDetail giveBack(
            @PathVariable UUID id, @Valid @RequestBody EntryStep step, @AuthenticationPrincipal Account who) {
        return detail(entries.giveBack(id, step.revision(), step.said(), who), who);
    }

    @PostMapping("/{id}/publish")
    @Operation(summary = "The bureau publishes it as its next version 发布")
    EntryDetail publish(
            @PathVariable UUID id, @Valid @RequestBody EntryStep step, @AuthenticationPrincipal Account who) {
        return detail(entries.publish(id, step.revision(), step.words(), who), who);
    }

    @PostMapping("/{id}/change")
    @Operation(summary = "The department begins its next version 变更")
    EntryDetail change(
            @PathVariable UUID id, @Valid @RequestBody EntryStep step, @AuthenticationPrincipal Account who) {
        return detail(entries.change(id, step.revision(), step.said(), who), who);
    }

    @PostMapping("/{id}/retire")
    @Operation(summary = "The bureau retires it 停用")
    EntryDetail retire(
            @PathVariable UUID id, @Valid @RequestBody EntryStep step, @AuthenticationPrincipal Account who) {
        return detail(entries.retire(id, step.revision(), step.said(), who), who);
    }

    @PostMapping("/{id}/discard")
    @Operation(summary = "The department takes back what was never published and is about no collected data 删除")
    EntryDetail discard(
            @PathVariable UUID id, @Valid @RequestBody EntryStep step, @AuthenticationPrincipal Account who) {
        return detail(entries.discard(id, step.revision(), who), who);
    }

    private EntryDetail detail(Entry entry, Account who) {
        return new EntryDetail(
                entry,
                entries.violations(entry),
                entry.acts(who),
                entries.listEvents(entry.id()),
                sources.listParts(entry.id()));
    }

    /**
     * @param violations what keeps it from being submitted
     * @param acts what whoever asks may do with it now
     * @param data which of its items others hold too
     */
    record EntryDetail(
            @JsonUnwrapped Entry entry,
            List<Violation> violations,
            Set<Entry.Act> acts,
            List<Entry.Event> events,
            List<Datum.Part> data) {}

    /** @param resource what is collected of it, where an entry about that was retired */
    record NewEntry(@Nullable UUID resource, @NotNull Entry.Statement statement) {}

    /** @param revision the one that was on the screen */
    record EntryEdit(int revision, @NotNull Entry.Statement statement) {}

    /** @param words why; for whoever has to act on it */
    record EntryStep(
            int revision, @Nullable @Size(max = 2000) String words) {
        String said() {
            return words == null ? "" : words;
        }
    }
}

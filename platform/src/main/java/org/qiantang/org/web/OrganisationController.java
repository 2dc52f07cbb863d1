package org.qiantang.org.web;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.qiantang.core.CoreProblem;
import org.qiantang.core.Problem;
import org.qiantang.org.Account;
import org.qiantang.org.Actor;
import org.qiantang.org.DepartmentEntry;
import org.qiantang.org.Departments;
import org.qiantang.org.ImportKind;
import org.qiantang.org.ImportPlan;
import org.qiantang.org.OrganisationImport;
import org.qiantang.org.Posts;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping("/api/organisation")
@Tag(name = "organisation", description = "机构 · divisions, departments, posts and people")
class OrganisationController {
    private static final String WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    private static final int LARGEST_FILE = 16 * 1024 * 1024;

    private final Departments departments;
    private final Posts posts;
    private final OrganisationImport imports;
    private final Today today;

    OrganisationController(Departments departments, Posts posts, OrganisationImport imports, Today today) {
        this.departments = departments;
        this.posts = posts;
        this.imports = imports;
        this.today = today;
    }

    @GetMapping("/departments")
    @Operation(summary = "The departments of a day with their place in the organisation 某日的部门")
    List<DepartmentEntry> list(@RequestParam(required = false) @Nullable LocalDate asOf) {
        LocalDate day = today.or(asOf);
        return departments.entries().stream()
                .filter(entry -> entry.validity().covers(day))
                .toList();
    }

    @GetMapping("/departments/{id}")
    @Operation(summary = "A department on a day: its posts and who holds them 部门的岗位与人员")
    DepartmentDetail get(@PathVariable String id, @RequestParam(required = false) @Nullable LocalDate asOf) {
        LocalDate day = today.or(asOf);
        DepartmentEntry entry = departments.entries().stream()
                .filter(each -> each.department().id().equals(id))
                .findFirst()
                .orElseThrow(() -> new Problem(CoreProblem.NOT_FOUND, "what", "department " + id));
        List<DepartmentEntry> parts = departments.entries().stream()
                .filter(each -> id.equals(each.parent()) && each.validity().covers(day))
                .toList();
        return new DepartmentDetail(entry, day, parts, posts.of(id, day));
    }

    @GetMapping("/export/{kind}")
    @Operation(summary = "What there is as a spreadsheet to go on from 下载模板与现有数据")
    ResponseEntity<byte[]> export(@PathVariable ImportKind kind) {
        return ResponseEntity.ok()
                .contentType(new MediaType("text", "csv", StandardCharsets.UTF_8))
                .header(
                        HttpHeaders.CONTENT_DISPOSITION,
                        "attachment; filename=\"" + kind.name().toLowerCase(java.util.Locale.ROOT) + ".csv\"")
                .body(imports.export(kind).getBytes(StandardCharsets.UTF_8));
    }

    @GetMapping("/template")
    @Operation(summary = "An empty workbook to fill in, a sheet for each kind 下载工作簿模板")
    ResponseEntity<byte[]> template() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        imports.writeTemplate(out);
        return ResponseEntity.ok()
                .contentType(MediaType.parseMediaType(WORKBOOK))
                .header(HttpHeaders.CONTENT_DISPOSITION, "attachment; filename=\"organisation.xlsx\"")
                .body(out.toByteArray());
    }

    @PostMapping(
            value = "/import/{kind}",
            consumes = {"text/csv", WORKBOOK})
    @Operation(summary = "What a spreadsheet would change; nothing is written 预演导入")
    ImportPlan plan(@PathVariable ImportKind kind, HttpServletRequest request) throws IOException {
        return imports.plan(kind, body(request));
    }

    @PostMapping(
            value = "/import/{kind}/apply",
            consumes = {"text/csv", WORKBOOK})
    @Operation(summary = "Do what a dry run said, whole or not at all 导入")
    ImportPlan apply(
            @PathVariable ImportKind kind,
            @RequestParam String token,
            HttpServletRequest request,
            @AuthenticationPrincipal Account who)
            throws IOException {
        return imports.apply(new Actor(who.username(), request.getRemoteAddr()), kind, body(request), token);
    }

    private static byte[] body(HttpServletRequest request) throws IOException {
        byte[] file = request.getInputStream().readNBytes(LARGEST_FILE + 1);
        if (file.length > LARGEST_FILE) {
            throw new Problem(CoreProblem.TOO_LARGE);
        }
        return file;
    }

    /** @param parts the departments that are a part of it */
    record DepartmentDetail(
            DepartmentEntry department, LocalDate day, List<DepartmentEntry> parts, List<Posts.Held> posts) {}
}

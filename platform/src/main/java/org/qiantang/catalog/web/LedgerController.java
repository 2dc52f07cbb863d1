package org.qiantang.catalog.web;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.qiantang.catalog.Ledger;
import org.qiantang.catalog.LedgerItem;
import org.qiantang.catalog.Project;
import org.qiantang.org.Account;
import org.springframework.http.HttpStatus;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
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
@RequestMapping("/api/ledger")
@Tag(name = "ledger", description = "一本账 · data, applications, components and cloud resources in one ledger")
class LedgerController {
    private final Ledger ledger;

    LedgerController(Ledger ledger) {
        this.ledger = ledger;
    }

    @GetMapping
    @Operation(summary = "What the city has besides data, and how much of each kind 台账")
    LedgerPage list(
            @RequestParam(required = false) LedgerItem.@Nullable Kind kind, @RequestParam(defaultValue = "") String q) {
        LedgerItem.Page page = ledger.list(kind, q);
        return new LedgerPage(ledger.counts(), page.total(), page.items());
    }

    @PostMapping
    @ResponseStatus(HttpStatus.CREATED)
    @Operation(summary = "Enter something into the ledger 登记")
    LedgerItem add(@Valid @RequestBody NewLedgerItem wanted, @AuthenticationPrincipal Account who) {
        return ledger.add(wanted.item(), DirectoryController.blankIsAny(wanted.department()), who);
    }

    @GetMapping("/{id}")
    @Operation(summary = "A thing of the ledger 台账项")
    LedgerItem get(@PathVariable UUID id) {
        return ledger.get(id);
    }

    @PutMapping("/{id}")
    @Operation(summary = "Change it 修改台账项")
    LedgerItem change(
            @PathVariable UUID id, @Valid @RequestBody LedgerEdit edit, @AuthenticationPrincipal Account who) {
        return ledger.change(id, edit.revision(), edit.item(), who);
    }

    @GetMapping("/projects")
    @Operation(summary = "Registered projects, the newest first 已登记项目")
    List<Project> projects() {
        return ledger.listProjects();
    }

    @PostMapping("/projects")
    @ResponseStatus(HttpStatus.CREATED)
    @Operation(summary = "Register a project: it is held against the ledger 登记项目并比对台账")
    Project register(@Valid @RequestBody NewProject wanted, @AuthenticationPrincipal Account who) {
        return ledger.register(wanted.project(), DirectoryController.blankIsAny(wanted.department()), who);
    }

    @GetMapping("/projects/{id}")
    @Operation(summary = "A project with its overlaps 项目")
    Project project(@PathVariable UUID id) {
        return ledger.getProject(id);
    }

    /**
     * @param counts of all kinds; data are the published entries of the directory
     * @param total how many were found, of which the first are the items
     */
    record LedgerPage(Map<LedgerItem.Kind, Long> counts, long total, List<LedgerItem> items) {}

    record NewLedgerItem(
            @Nullable String department, @NotNull LedgerItem.Written item) {}

    record LedgerEdit(int revision, @NotNull LedgerItem.Written item) {}

    record NewProject(@Nullable String department, @NotNull Project.Wanted project) {}
}

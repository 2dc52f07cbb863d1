package org.qiantang.quality.web;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.qiantang.org.Account;
import org.qiantang.quality.Severity;
import org.qiantang.quality.Tickets;
import org.springframework.http.HttpStatus;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping("/api/tickets")
@Tag(name = "tickets", description = "工单 · defects that a department has to mend by a day")
class TicketsController {
    private static final int LONGEST_WORDS = 2_000;

    private final Tickets tickets;

    TicketsController(Tickets tickets) {
        this.tickets = tickets;
    }

    @GetMapping
    @Operation(summary = "The tickets one may see, by deadline 工单列表")
    List<Tickets.TicketBrief> list(
            @RequestParam(defaultValue = "MINE") Tickets.Wanted wanted,
            @RequestParam(required = false) @Nullable UUID resource,
            @AuthenticationPrincipal Account who) {
        return tickets.list(who, wanted, resource);
    }

    @PostMapping
    @ResponseStatus(HttpStatus.CREATED)
    @Operation(summary = "Say that something is wrong with a resource 提出质量问题")
    Tickets.TicketWhole open(@Valid @RequestBody NewTicket ticket, @AuthenticationPrincipal Account who) {
        return tickets.open(who, ticket.resource(), ticket.words(), ticket.severity());
    }

    @GetMapping("/{id}")
    @Operation(summary = "A ticket, its history, and what one may do 工单详情")
    Tickets.TicketWhole get(@PathVariable UUID id, @AuthenticationPrincipal Account who) {
        return tickets.get(who, id);
    }

    @PostMapping("/{id}/dispatch")
    @Operation(summary = "Give it to a department 派发")
    Tickets.TicketWhole dispatch(
            @PathVariable UUID id, @Valid @RequestBody Dispatch dispatch, @AuthenticationPrincipal Account who) {
        return tickets.dispatch(who, id, dispatch.department(), dispatch.words());
    }

    @PostMapping("/{id}/accept")
    @Operation(summary = "Take it on 受理")
    Tickets.TicketWhole accept(@PathVariable UUID id, @AuthenticationPrincipal Account who) {
        return tickets.accept(who, id);
    }

    @PostMapping("/{id}/return")
    @Operation(summary = "Give it back to the bureau: it is another's 退回")
    Tickets.TicketWhole giveBack(
            @PathVariable UUID id, @Valid @RequestBody TicketWords reason, @AuthenticationPrincipal Account who) {
        return tickets.giveBack(who, id, reason.words());
    }

    @PostMapping("/{id}/begin")
    @Operation(summary = "Begin to mend it 开始整改")
    Tickets.TicketWhole begin(@PathVariable UUID id, @AuthenticationPrincipal Account who) {
        return tickets.begin(who, id);
    }

    @PostMapping("/{id}/fix")
    @Operation(summary = "Say that it is mended; the next snapshot tells 报告已整改")
    Tickets.TicketWhole fix(
            @PathVariable UUID id, @Valid @RequestBody TicketWords reason, @AuthenticationPrincipal Account who) {
        return tickets.fix(who, id, reason.words());
    }

    @PostMapping("/{id}/close")
    @Operation(summary = "Close it without a snapshot that passes, saying why 办结")
    Tickets.TicketWhole close(
            @PathVariable UUID id, @Valid @RequestBody TicketWords reason, @AuthenticationPrincipal Account who) {
        return tickets.close(who, id, reason.words());
    }

    record NewTicket(
            @NotNull UUID resource,
            @NotBlank @Size(max = LONGEST_WORDS) String words,
            @NotNull Severity severity) {}

    record Dispatch(
            @NotBlank String department,
            @Nullable @Size(max = LONGEST_WORDS) String words) {}

    record TicketWords(@NotBlank @Size(max = LONGEST_WORDS) String words) {}
}

package org.qiantang.catalog.web;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import java.util.List;
import java.util.UUID;
import org.qiantang.catalog.Datum;
import org.qiantang.catalog.SingleSources;
import org.qiantang.org.Account;
import org.springframework.http.HttpStatus;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping("/api/data")
@Tag(name = "single-source", description = "一数一源 · which source is authoritative for what several departments hold")
class SingleSourcesController {
    private final SingleSources sources;

    SingleSourcesController(SingleSources sources) {
        this.sources = sources;
    }

    @GetMapping
    @Operation(summary = "The data whose source was named 已确定来源的数据项")
    List<Datum> list() {
        return sources.list();
    }

    @GetMapping("/candidates")
    @Operation(summary = "Items of several departments that look like one datum 待确定来源的数据项")
    List<Datum.Candidate> candidates() {
        return sources.listCandidates();
    }

    @GetMapping("/{id}")
    @Operation(summary = "A datum with everything that was its source 数据项")
    DatumHistory get(@PathVariable UUID id) {
        return new DatumHistory(sources.get(id), sources.listAuthorities(id), sources.listWithdrawals(id));
    }

    @PostMapping
    @ResponseStatus(HttpStatus.CREATED)
    @Operation(summary = "Say that items are one datum, and which is its source 确定权威来源")
    Datum name(@Valid @RequestBody NewDatum wanted, @AuthenticationPrincipal Account who) {
        return sources.name(wanted.name(), wanted.subject(), wanted.claims(), wanted.authority(), wanted.words(), who);
    }

    @PutMapping("/{id}")
    @Operation(summary = "Add items to a datum and name its source anew 变更权威来源")
    Datum nameAuthority(
            @PathVariable UUID id, @Valid @RequestBody NamedSource named, @AuthenticationPrincipal Account who) {
        return sources.nameAuthority(id, named.claims(), named.authority(), named.words(), who);
    }

    @PostMapping("/{id}/withdrawals")
    @Operation(summary = "Say that an item is not this datum after all 撤回信息项")
    Datum withdraw(
            @PathVariable UUID id, @Valid @RequestBody WithdrawnItem withdrawn, @AuthenticationPrincipal Account who) {
        return sources.withdraw(id, withdrawn.claim(), withdrawn.words(), who);
    }

    record DatumHistory(Datum datum, List<Datum.Authority> authorities, List<Datum.Withdrawal> withdrawals) {}

    record WithdrawnItem(
            @NotNull SingleSources.ItemRef claim,
            @NotNull @Size(max = 2000) String words) {}

    /** @param subject whom or what it is of, such as 自然人 */
    record NewDatum(
            @NotBlank @Size(max = 200) String name,
            @NotBlank @Size(max = 200) String subject,
            @NotNull @Size(max = 500) List<SingleSources.ItemRef> claims,
            @NotNull SingleSources.ItemRef authority,
            @NotNull @Size(max = 2000) String words) {}

    record NamedSource(
            @NotNull @Size(max = 500) List<SingleSources.ItemRef> claims,
            @NotNull SingleSources.ItemRef authority,
            @NotNull @Size(max = 2000) String words) {}
}

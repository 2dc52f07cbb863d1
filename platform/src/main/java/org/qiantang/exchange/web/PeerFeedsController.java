package org.qiantang.exchange.web;

import io.swagger.v3.oas.annotations.Hidden;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.qiantang.exchange.PeerFeeds;
import org.qiantang.exchange.Subscriptions;
import org.qiantang.lake.TableName;
import org.qiantang.org.Account;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Where peers are told of tables that they were granted; no person and no program comes here. */
@RestController
@RequestMapping("/peer/subscriptions")
@Hidden
class PeerFeedsController {
    private final PeerFeeds feeds;

    PeerFeedsController(PeerFeeds feeds) {
        this.feeds = feeds;
    }

    @PostMapping
    PeerFeeds.Begun begin(@Valid @RequestBody WantedFeed wanted, @AuthenticationPrincipal Account peer) {
        return feeds.begin(peer, wanted.grant(), new TableName(wanted.namespace(), wanted.table()), wanted.title());
    }

    @GetMapping("/{id}/events")
    PeerFeeds.Told told(
            @PathVariable UUID id,
            @RequestParam @Nullable String after,
            @RequestParam(defaultValue = "1000") @Min(2) @Max(PeerFeeds.LARGEST_BATCH) int limit,
            @AuthenticationPrincipal Account peer) {
        return feeds.told(peer, id, after, limit);
    }

    @PostMapping("/{id}/acknowledge")
    Map<String, String> acknowledge(
            @PathVariable UUID id, @Valid @RequestBody Reached at, @AuthenticationPrincipal Account peer) {
        return Map.of("position", feeds.acknowledge(peer, id, at.position()).position());
    }

    @PostMapping("/{id}/restart")
    Map<String, String> restart(@PathVariable UUID id, @AuthenticationPrincipal Account peer) {
        return Map.of("position", feeds.restart(peer, id).position());
    }

    @PostMapping("/{id}/end")
    Map<String, String> end(@PathVariable UUID id, @AuthenticationPrincipal Account peer) {
        return Map.of("state", feeds.end(peer, id).state().name());
    }

    @GetMapping("/{id}/ledger")
    List<Subscriptions.LedgerDay> ledger(@PathVariable UUID id, @AuthenticationPrincipal Account peer) {
        return feeds.ledger(peer, id);
    }

    record WantedFeed(
            @NotNull UUID grant,
            @NotBlank @Size(max = 200) String namespace,
            @NotBlank @Size(max = 200) String table,
            @NotBlank @Size(max = 100) String title) {}

    record Reached(@NotBlank @Size(max = 100) String position) {}
}

package org.qiantang.exchange.web;

import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.qiantang.core.Problem;
import org.qiantang.exchange.EventBatch;
import org.qiantang.exchange.ExchangeProblem;
import org.qiantang.exchange.Subscription;
import org.qiantang.exchange.Subscriptions;
import org.qiantang.org.Account;
import org.qiantang.org.Programs;
import org.springframework.http.MediaType;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/** The door at which programs take the changes of what their department subscribed to; people make and end subscriptions. */
@RestController
@RequestMapping("/feeds")
class FeedsController {
    private static final String SCOPE = "subscriptions";

    private final Subscriptions subscriptions;
    private final Streams streams;
    private final Programs programs;
    private final Clock clock;

    FeedsController(Subscriptions subscriptions, Streams streams, Programs programs, Clock clock) {
        this.subscriptions = subscriptions;
        this.streams = streams;
        this.programs = programs;
        this.clock = clock;
    }

    @GetMapping
    List<Subscription> list(@AuthenticationPrincipal Account who) {
        return subscriptions.list(who, null);
    }

    @GetMapping("/{id}")
    Subscription get(@PathVariable UUID id, @AuthenticationPrincipal Account who) {
        return subscriptions.get(who, id);
    }

    @GetMapping("/{id}/events")
    EventBatch events(
            @PathVariable UUID id,
            @RequestParam @Nullable String after,
            @RequestParam(defaultValue = "100") @Min(1) @Max(Subscriptions.LARGEST_BATCH) int limit,
            @AuthenticationPrincipal Account who) {
        return subscriptions.events(who, id, after, limit);
    }

    @PostMapping("/{id}/acknowledge")
    Subscription acknowledge(
            @PathVariable UUID id,
            @Valid @RequestBody SubscriptionsController.Acknowledged at,
            @AuthenticationPrincipal Account who) {
        return subscriptions.acknowledge(who, id, at.position());
    }

    /** Ends with the token it was opened by: whoever holds a line may not outlast what let them in. */
    @GetMapping(path = "/{id}/stream", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
    SseEmitter stream(
            @PathVariable UUID id,
            @RequestParam @Nullable String after,
            @RequestHeader(name = "Last-Event-ID", required = false) @Nullable String last,
            @AuthenticationPrincipal Account who,
            Authentication shown) {
        @Nullable Instant ends = shown.getDetails() instanceof Instant until ? until : null;
        return streams.open(() -> current(who, ends), id, last == null ? after : last);
    }

    private Account current(Account who, @Nullable Instant ends) {
        if (ends == null || !clock.instant().isBefore(ends)) {
            throw new Problem(ExchangeProblem.TOKEN_ENDED);
        }
        return programs.current(who, SCOPE).orElseThrow(() -> new Problem(ExchangeProblem.TOKEN_ENDED));
    }
}

package org.qiantang.exchange.web;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.qiantang.core.Problem;
import org.qiantang.exchange.Delivery;
import org.qiantang.exchange.EventBatch;
import org.qiantang.exchange.Subscription;
import org.qiantang.exchange.Subscriptions;
import org.qiantang.lake.TableName;
import org.qiantang.org.Account;
import org.qiantang.org.Accounts;
import org.qiantang.org.OrgProblem;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
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
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

@RestController
@RequestMapping("/api/exchange/subscriptions")
@Tag(name = "exchange", description = "数据交换 · who is told of the changes of a granted table")
class SubscriptionsController {
    private final Subscriptions subscriptions;
    private final Streams streams;
    private final Accounts accounts;

    SubscriptionsController(Subscriptions subscriptions, Streams streams, Accounts accounts) {
        this.subscriptions = subscriptions;
        this.streams = streams;
        this.accounts = accounts;
    }

    @GetMapping
    @Operation(summary = "The subscriptions of a grant, or of one's department 订阅列表")
    List<Subscription> list(@RequestParam @Nullable UUID grant, @AuthenticationPrincipal Account who) {
        return subscriptions.list(who, grant);
    }

    @PostMapping
    @ResponseStatus(HttpStatus.CREATED)
    @Operation(summary = "Subscribe to the changes of a granted table 新建订阅")
    Subscriptions.NewSubscription create(
            @Valid @RequestBody WantedSubscription wanted, @AuthenticationPrincipal Account who) {
        return subscriptions.create(
                who,
                new Subscriptions.Wanted(
                        wanted.grant(),
                        new TableName(wanted.table().namespace(), wanted.table().name()),
                        wanted.title(),
                        wanted.delivery(),
                        wanted.url(),
                        wanted.from()));
    }

    @GetMapping("/{id}")
    @Operation(summary = "How far a subscription has come 订阅详情")
    Subscription get(@PathVariable UUID id, @AuthenticationPrincipal Account who) {
        return subscriptions.get(who, id);
    }

    @GetMapping("/{id}/events")
    @Operation(summary = "What comes after a position, as CloudEvents 拉取变更")
    EventBatch events(
            @PathVariable UUID id,
            @RequestParam @Nullable String after,
            @RequestParam(defaultValue = "100") @Min(1) @Max(Subscriptions.LARGEST_BATCH) int limit,
            @AuthenticationPrincipal Account who) {
        return subscriptions.events(who, id, after, limit);
    }

    @PostMapping("/{id}/acknowledge")
    @Operation(summary = "Everything before a position was taken in 确认")
    Subscription acknowledge(
            @PathVariable UUID id, @Valid @RequestBody Acknowledged at, @AuthenticationPrincipal Account who) {
        return subscriptions.acknowledge(who, id, at.position());
    }

    @GetMapping(path = "/{id}/stream", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
    @Operation(summary = "The changes as they come, as server-sent events 变更事件流")
    SseEmitter stream(
            @PathVariable UUID id,
            @RequestParam @Nullable String after,
            @RequestHeader(name = "Last-Event-ID", required = false) @Nullable String last,
            @AuthenticationPrincipal Account who) {
        return streams.open(
                () -> accounts.current(who).orElseThrow(() -> new Problem(OrgProblem.NOT_SIGNED_IN)),
                id,
                last == null ? after : last);
    }

    @PostMapping("/{id}/restart")
    @Operation(summary = "Begin anew from earliest, latest or a position 重新开始")
    Subscription restart(@PathVariable UUID id, @Valid @RequestBody Start from, @AuthenticationPrincipal Account who) {
        return subscriptions.restart(who, id, from.from());
    }

    @PostMapping("/{id}/resume")
    @Operation(summary = "Go on now, on one's own behalf 恢复并接管")
    Subscription resume(@PathVariable UUID id, @AuthenticationPrincipal Account who) {
        return subscriptions.resume(who, id);
    }

    @PostMapping("/{id}/end")
    @Operation(summary = "End it for good 终止订阅")
    Subscription end(@PathVariable UUID id, @AuthenticationPrincipal Account who) {
        return subscriptions.end(who, id);
    }

    @PutMapping("/{id}/address")
    @Operation(summary = "Send a webhook's calls elsewhere, once whoever is there answers a challenge 更改接收地址")
    Subscription move(@PathVariable UUID id, @Valid @RequestBody NewAddress to, @AuthenticationPrincipal Account who) {
        return subscriptions.move(who, id, to.url());
    }

    @PostMapping("/{id}/secret")
    @Operation(summary = "The next secret of a webhook; the one before counts for a day more 更换签名密钥")
    Subscriptions.NewSubscription rotate(@PathVariable UUID id, @AuthenticationPrincipal Account who) {
        return subscriptions.rotate(who, id);
    }

    @GetMapping("/{id}/ledger")
    @Operation(summary = "What was sent and received, by day 收发对账")
    List<Subscriptions.LedgerDay> ledger(@PathVariable UUID id, @AuthenticationPrincipal Account who) {
        return subscriptions.ledger(who, id);
    }

    @GetMapping("/{id}/letters")
    @Operation(summary = "What the receiver did not take 死信")
    List<Subscriptions.DeadLetter> letters(@PathVariable UUID id, @AuthenticationPrincipal Account who) {
        return subscriptions.letters(who, id);
    }

    @PostMapping("/{id}/letters/{letter}/redeliver")
    @Operation(summary = "Send it again, now 重新送达")
    List<Subscriptions.DeadLetter> redeliver(
            @PathVariable UUID id, @PathVariable UUID letter, @AuthenticationPrincipal Account who) {
        return subscriptions.redeliver(who, id, letter);
    }

    @PostMapping("/{id}/letters/{letter}/discard")
    @Operation(summary = "Give it up, and say why 丢弃")
    List<Subscriptions.DeadLetter> discard(
            @PathVariable UUID id,
            @PathVariable UUID letter,
            @Valid @RequestBody LetterNote note,
            @AuthenticationPrincipal Account who) {
        return subscriptions.discard(who, id, letter, note.words());
    }

    record WantedSubscription(
            @NotNull UUID grant,
            @NotNull @Valid WantedTable table,
            @NotBlank @Size(max = 100) String title,
            @NotNull Delivery delivery,
            @Nullable @Size(max = 1_000) String url,
            @NotBlank @Size(max = 100) String from) {}

    record WantedTable(
            @NotBlank @Size(max = 200) String namespace,
            @NotBlank @Size(max = 200) String name) {}

    record Acknowledged(@NotBlank @Size(max = 100) String position) {}

    record Start(@NotBlank @Size(max = 100) String from) {}

    record NewAddress(@NotBlank @Size(max = 1_000) String url) {}

    record LetterNote(@Nullable @Size(max = 2_000) String words) {}
}

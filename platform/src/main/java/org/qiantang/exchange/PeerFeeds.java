package org.qiantang.exchange;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.qiantang.catalog.Resource;
import org.qiantang.catalog.Resources;
import org.qiantang.lake.TableName;
import org.qiantang.org.Account;
import org.springframework.stereotype.Service;

/**
 * What peers are told of tables that they were granted: their subscriptions, in the form in which an installation makes a table of them. The
 * peer's account is who reads; everything that holds for subscriptions holds here.
 */
@Service
public final class PeerFeeds {
    /** So many changes are told at once. */
    public static final int LARGEST_BATCH = 5_000;

    private final Subscriptions subscriptions;
    private final Resources resources;

    PeerFeeds(Subscriptions subscriptions, Resources resources) {
        this.subscriptions = subscriptions;
        this.resources = resources;
    }

    /** @param title of the table, as people here call it */
    public record Begun(UUID subscription, String title) {}

    /**
     * A column as the grant shows it.
     *
     * @param type a {@link org.qiantang.lake.LakeType#label()}
     */
    public record Shown(String name, String type, @Nullable String comment) {}

    /**
     * Some changes of one step.
     *
     * @param after the position that was asked with, or where it stood when none was
     * @param position behind them
     * @param first the number of the first of them, {@code step-change}; null when there is none
     * @param begins whether they begin the table anew: what the receiver has is to be forgotten once the step is whole
     * @param whole whether their step is the whole table
     * @param rows so many the whole has
     * @param events so many as the ledger counts them: to begin is one too
     * @param endsStep whether the step is whole behind them
     * @param changes the operation ({@code I}, {@code U}, {@code D}) and the values in the order of the columns, each as its exact text
     * @param contested places among the changes of records that somebody says are wrong about them
     * @param evidence where the provider has written it down: log and number
     */
    public record Told(
            UUID subscription,
            String after,
            String position,
            @Nullable String first,
            boolean begins,
            boolean whole,
            long rows,
            long events,
            boolean endsStep,
            @Nullable Instant at,
            List<Shown> columns,
            List<String> key,
            List<List<@Nullable String>> changes,
            List<Integer> contested,
            @Nullable String evidence) {
        public Told {
            columns = List.copyOf(columns);
            key = List.copyOf(key);
            changes = List.copyOf(changes);
            contested = List.copyOf(contested);
        }
    }

    public Begun begin(Account peer, UUID grant, TableName table, String title) {
        Subscriptions.NewSubscription made = subscriptions.create(
                peer, new Subscriptions.Wanted(grant, table, title, Delivery.PULL, null, Subscriptions.EARLIEST));
        return new Begun(
                made.subscription().id(),
                resources.find(table).map(Resource::title).orElse(table.name()));
    }

    /** @param after null for what is not acknowledged */
    public Told told(Account peer, UUID id, @Nullable String after, int limit) {
        String asked = after == null ? subscriptions.get(peer, id).position() : after;
        Feed.Read read = subscriptions.read(peer, id, asked, limit);
        Feed.Told step = read.step();
        if (step == null) {
            return new Told(
                    id,
                    asked,
                    read.batch().position(),
                    null,
                    false,
                    false,
                    0,
                    0,
                    true,
                    null,
                    List.of(),
                    List.of(),
                    List.of(),
                    List.of(),
                    null);
        }
        Map<String, String> comments = comments(read);
        boolean begins = read.events().getFirst().type().equals(ChangeEvent.RESET);
        List<List<@Nullable String>> changes = new ArrayList<>();
        List<Integer> contested = new ArrayList<>();
        for (ChangeEvent event :
                read.events().subList(begins ? 1 : 0, read.events().size())) {
            List<@Nullable String> change = new ArrayList<>();
            change.add(event.type()
                    .substring(ChangeEvent.TYPE.length(), ChangeEvent.TYPE.length() + 1)
                    .toUpperCase(java.util.Locale.ROOT));
            read.columns().forEach(column -> change.add((String) event.data().get(column.name())));
            if (event.contested() != null) {
                contested.add(changes.size());
            }
            changes.add(change);
        }
        var evidence = read.batch().evidence();
        return new Told(
                id,
                asked,
                read.batch().position(),
                read.events().getFirst().id(),
                begins,
                step.whole(),
                step.rows(),
                read.events().size(),
                read.endsStep(),
                step.at(),
                read.columns().stream()
                        .map(column ->
                                new Shown(column.name(), column.lakeType().label(), comments.get(column.name())))
                        .toList(),
                step.key(),
                changes,
                contested,
                evidence == null ? null : evidence.log() + " " + evidence.index());
    }

    private Map<String, String> comments(Feed.Read read) {
        Map<String, String> comments = new HashMap<>();
        resources
                .find(tableOf(read.events().getFirst().subject()))
                .ifPresent(found -> resources.getWhole(found.id()).columns().forEach(field -> {
                    String comment = field.comment();
                    if (comment != null) {
                        comments.put(field.name(), comment);
                    }
                }));
        return comments;
    }

    private static TableName tableOf(String subject) {
        int dot = subject.indexOf('.');
        return new TableName(subject.substring(0, dot), subject.substring(dot + 1));
    }

    /** Everything before a position is safe at the peer. */
    public Subscription acknowledge(Account peer, UUID id, String position) {
        return subscriptions.acknowledge(peer, id, position);
    }

    /** The whole comes again. */
    public Subscription restart(Account peer, UUID id) {
        return subscriptions.restart(peer, id, Subscriptions.EARLIEST);
    }

    public Subscription end(Account peer, UUID id) {
        return subscriptions.end(peer, id);
    }

    /** What we say that was offered, handed out and acknowledged, by day. */
    public List<Subscriptions.LedgerDay> ledger(Account peer, UUID id) {
        return subscriptions.ledger(peer, id);
    }
}

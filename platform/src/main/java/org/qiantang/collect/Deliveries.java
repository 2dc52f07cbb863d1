package org.qiantang.collect;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.qiantang.collect.Delivery.Standing;
import org.qiantang.core.Problem;
import org.springframework.context.event.EventListener;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;

/**
 * The ledger of what came back from other platforms (回流台账): what each says it has sent, batch by batch, against what arrived. What
 * differs is asked for again by itself, at growing distances, until both are equal or the other platform takes its word back.
 */
@Service
public final class Deliveries {
    /** Who starts a run that asks again. */
    public static final String AUTHOR = "backflow";

    private static final Duration FIRST_WAIT = Duration.ofMinutes(1);
    private static final int MOST_DOUBLINGS = 6;

    private static final Set<RunState> LISTED = Set.of(RunState.COMPLETE, RunState.INCOMPLETE);
    private static final Set<RunState> OPEN = Set.of(RunState.QUEUED, RunState.RUNNING, RunState.CANCELLING);

    private final JdbcClient jdbc;
    private final RunStore runs;
    private final Sources sources;
    private final Collections collections;
    private final Clock clock;

    Deliveries(JdbcClient jdbc, RunStore runs, Sources sources, Collections collections, Clock clock) {
        this.jdbc = jdbc;
        this.runs = runs;
        this.sources = sources;
        this.collections = collections;
        this.clock = clock;
    }

    /**
     * A line of the ledger.
     *
     * @param asked runs that asked for the batch so far
     * @param settledAt when both became equal; null while they are not
     * @param nextAskAt when it is asked for again without anybody's doing; null when there is no need
     */
    public record DeliveryEntry(
            Delivery delivery,
            Standing standing,
            int asked,
            Instant firstAskedAt,
            Instant askedAt,
            @Nullable Instant settledAt,
            @Nullable Instant nextAskAt,
            UUID runId) {}

    /** How many batches and rows were sent and arrived; the entries that differ first. */
    public record Ledger(
            long batchesSent,
            long batchesEqual,
            long batchesDiffering,
            long rowsSent,
            long rowsArrived,
            List<DeliveryEntry> entries) {
        public Ledger {
            entries = List.copyOf(entries);
        }
    }

    /** The ledger of a source; empty when it is no platform or was never collected. */
    public Ledger get(UUID source) {
        sources.get(source);
        List<DeliveryEntry> entries =
                jdbc.sql("""
                        select * from collect_deliveries where source_id = ?
                        order by standing in ('MISSING', 'DIFFERENT') desc, sent_at desc nulls last, resource, batch""").param(source).query((row, n) -> entry(row)).list();
        List<DeliveryEntry> standing = entries.stream()
                .filter(each -> each.standing != Standing.WITHDRAWN)
                .toList();
        long equal = standing.stream()
                .filter(each -> each.standing == Standing.EQUAL)
                .count();
        return new Ledger(
                standing.size(),
                equal,
                standing.size() - equal,
                standing.stream().mapToLong(each -> each.delivery.rows()).sum(),
                standing.stream()
                        .filter(each -> each.standing == Standing.EQUAL)
                        .mapToLong(each -> each.delivery.rows())
                        .sum(),
                entries);
    }

    /** Takes down what a run brought, in the transaction that ends it. */
    @EventListener
    void ended(CollectionFinished finished) {
        RunSummary run = runs.find(finished.runId()).orElseThrow();
        if (!LISTED.contains(finished.state()) || sources.kindOf(finished.sourceId()) != SourceKind.PLATFORM) {
            return;
        }
        Timestamp at = Timestamp.from(finished.at());
        Set<String> spoken = new HashSet<>();
        for (Receipt.Item item : runs.items(finished.runId(), "raw_" + run.sourceName())) {
            for (Delivery delivery : Delivery.of(item.details())) {
                spoken.add(delivery.resource() + "\0" + delivery.batch());
                put(finished, delivery, at);
            }
        }
        jdbc
                .sql("select resource, batch from collect_deliveries where source_id = ? and standing <> 'WITHDRAWN'")
                .param(finished.sourceId())
                .query((row, n) -> new String[] {row.getString(1), row.getString(2)})
                .list()
                .stream()
                .filter(key -> !spoken.contains(key[0] + "\0" + key[1]))
                .forEach(key -> jdbc.sql("""
                                update collect_deliveries set standing = 'WITHDRAWN', asked_at = ?, run_id = ?
                                where source_id = ? and resource = ? and batch = ?""")
                        .params(at, finished.runId(), finished.sourceId(), key[0], key[1])
                        .update());
    }

    private void put(CollectionFinished finished, Delivery delivery, Timestamp at) {
        Instant sentAt = delivery.sentAt();
        jdbc.sql("""
                        insert into collect_deliveries as d (source_id, resource, batch, sent_at, rows, sha256, arrived_rows,
                            arrived_sha256, reason, standing, first_asked_at, asked_at, settled_at, run_id)
                        values (:source, :resource, :batch, :sentAt, :rows, :sha256, :arrivedRows, :arrivedSha256, :reason, :standing,
                            :at, :at, case when :standing = 'EQUAL' then cast(:at as timestamptz) end, :run)
                        on conflict (source_id, resource, batch) do update set sent_at = excluded.sent_at, rows = excluded.rows,
                            sha256 = excluded.sha256, arrived_rows = excluded.arrived_rows, arrived_sha256 = excluded.arrived_sha256,
                            reason = excluded.reason, standing = excluded.standing, asked_at = excluded.asked_at, run_id = excluded.run_id,
                            asked = case when d.standing = 'EQUAL' and excluded.standing = 'EQUAL' then d.asked else d.asked + 1 end,
                            settled_at = case when excluded.standing = 'EQUAL' then coalesce(d.settled_at, excluded.settled_at) end""")
                .param("source", finished.sourceId())
                .param("resource", delivery.resource())
                .param("batch", delivery.batch())
                .param("sentAt", sentAt == null ? null : Timestamp.from(sentAt))
                .param("rows", delivery.rows())
                .param("sha256", delivery.sha256())
                .param("arrivedRows", delivery.arrivedRows())
                .param("arrivedSha256", delivery.arrivedSha256())
                .param("reason", delivery.reason())
                .param("standing", delivery.standing().name())
                .param("at", at)
                .param("run", finished.runId())
                .update();
    }

    /** Starts a run of each platform of which something is due to be asked for again; the number of runs. */
    int askAgain() {
        int started = 0;
        for (UUID source : jdbc.sql("""
                        select d.source_id from collect_deliveries d join collect_sources s on s.id = d.source_id
                        where d.standing in ('MISSING', 'DIFFERENT') and s.deleted_at is null
                        group by d.source_id
                        having min(d.asked_at + cast(? as interval) * power(2, least(d.asked - 1, ?))) <= ?""")
                .params(FIRST_WAIT.toSeconds() + " seconds", MOST_DOUBLINGS, Timestamp.from(clock.instant()))
                .query((row, n) -> row.getObject(1, UUID.class))
                .list()) {
            boolean underWay = collections.listOf(source).stream().anyMatch(run -> OPEN.contains(run.state()));
            if (underWay) {
                continue;
            }
            try {
                collections.start(source, AUTHOR);
                started++;
            } catch (Problem somebodyWasFaster) {
                if (somebodyWasFaster.code() != CollectProblem.ALREADY_RUNNING) {
                    throw somebodyWasFaster;
                }
            }
        }
        return started;
    }

    private static DeliveryEntry entry(ResultSet row) throws SQLException {
        Standing standing = Standing.valueOf(row.getString("standing"));
        int asked = row.getInt("asked");
        Instant askedAt = row.getTimestamp("asked_at").toInstant();
        boolean open = standing == Standing.MISSING || standing == Standing.DIFFERENT;
        return new DeliveryEntry(
                new Delivery(
                        row.getString("resource"),
                        row.getString("batch"),
                        RunStore.instant(row, "sent_at"),
                        row.getLong("rows"),
                        row.getString("sha256"),
                        (Long) row.getObject("arrived_rows"),
                        row.getString("arrived_sha256"),
                        row.getString("reason")),
                standing,
                asked,
                row.getTimestamp("first_asked_at").toInstant(),
                askedAt,
                RunStore.instant(row, "settled_at"),
                open ? askedAt.plus(FIRST_WAIT.multipliedBy(1L << Math.min(asked - 1, MOST_DOUBLINGS))) : null,
                row.getObject("run_id", UUID.class));
    }
}

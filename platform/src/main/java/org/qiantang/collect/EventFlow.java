package org.qiantang.collect;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.qiantang.catalog.Completeness;
import org.qiantang.catalog.Resources;
import org.qiantang.catalog.TableCollected;
import org.qiantang.collect.internal.events.EventLander;
import org.qiantang.collect.internal.events.EventLog;
import org.qiantang.collect.internal.events.EventRecord;
import org.qiantang.collect.internal.events.LogWindow;
import org.qiantang.lake.LakeException;
import org.qiantang.lake.Queries;
import org.qiantang.lake.Query;
import org.qiantang.lake.RowSink;
import org.qiantang.lake.TableName;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Moves events from the log into the lake, a window at a time: the worker lands it, the hub notes in one transaction how far it has come
 * and what came, and only then lets the log forget it. Whoever dies in between, the same window is landed again and changes nothing.
 */
@Component
public final class EventFlow implements SmartLifecycle {
    private static final System.Logger LOG = System.getLogger(EventFlow.class.getName());
    private static final long WINDOW_BYTES = 16L << 20;
    /** So long may events gather before they land; small files cost every later reader. */
    private static final Duration GATHER = Duration.ofSeconds(2);

    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);
    private static final int RELEASED_BYTES = 1 << 20;

    /** The purpose of a stream's newest events in the words of the catalogue, after the stream's own title. */
    private static final String LATEST_TITLE =
            " 最新值 · newest values。每台设备最新的一条事件，随事件到达更新；完整历史见 events。The newest event of each device, kept as events come; their history is in events.";

    private final EventStreams streams;
    private final EventIntake intake;
    private final Sources sources;
    private final EventLanding landing;
    private final Queries queries;
    private final Resources resources;
    private final Storage storage;
    private final TransactionTemplate transaction;
    private volatile @Nullable Thread thread;
    private volatile boolean stopping;

    EventFlow(
            EventStreams streams,
            EventIntake intake,
            Sources sources,
            EventLanding landing,
            Queries queries,
            Resources resources,
            Storage storage,
            TransactionTemplate transaction) {
        this.streams = streams;
        this.intake = intake;
        this.sources = sources;
        this.landing = landing;
        this.queries = queries;
        this.resources = resources;
        this.storage = storage;
        this.transaction = transaction;
    }

    @Override
    public void start() {
        stopping = false;
        thread = Thread.ofPlatform().daemon().name("event-flow").start(this::loop);
    }

    @Override
    public void stop() {
        stopping = true;
        Thread running = thread;
        if (running != null) {
            running.interrupt();
            try {
                running.join(Duration.ofSeconds(10));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        thread = null;
    }

    @Override
    public boolean isRunning() {
        return thread != null;
    }

    /** Why nothing lands at the moment; what came is safe in the log. */
    public Optional<String> failure() {
        return streams.failure(intake.log().id());
    }

    /** Bytes that are safe and have not landed yet, of all streams. */
    public long waitingBytes() {
        return intake.log().durable() - streams.landed(intake.log().id());
    }

    private void loop() {
        Duration pause = GATHER;
        while (!stopping) {
            try {
                streams.toRelease().forEach(this::release);
                boolean more = land();
                pause = GATHER;
                if (more) {
                    continue;
                }
            } catch (RuntimeException e) {
                if (stopping) {
                    return;
                }
                LOG.log(System.Logger.Level.WARNING, "Events wait in the log: " + e.getMessage());
                storage.failed(e);
                fail(e);
                pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : LONGEST_PAUSE;
            }
            java.util.concurrent.locks.LockSupport.parkNanos(pause.toNanos());
            if (Thread.interrupted()) {
                return;
            }
        }
    }

    private void fail(RuntimeException e) {
        try {
            streams.failed(intake.log().id(), String.valueOf(e.getMessage()));
        } catch (RuntimeException databaseIsGone) {
            LOG.log(System.Logger.Level.DEBUG, "Nor can that be written down", databaseIsGone);
        }
    }

    /** Lands the next window, if there is anything; returns whether another full one waits. */
    private boolean land() {
        EventLog log = intake.log();
        long from = streams.landed(log.id());
        log.release(from);
        long end = log.durable();
        if (from >= end) {
            return false;
        }
        long to = streams.window(log.id(), from, LogWindow.boundary(intake.folder(), from, end, WINDOW_BYTES));
        EventLanding.Landed landed = landing.land(
                new EventLanding.Order(intake.folder().toString(), log.id(), from, to, streams.landings()));
        for (String stretch : landed.damaged()) {
            LOG.log(System.Logger.Level.ERROR, "The event log is damaged from " + stretch);
            intake.reject(EventRecord.NO_STREAM, "log " + stretch, CollectProblem.EVENT_LOG_DAMAGED, stretch, "");
        }
        transaction.executeWithoutResult(status -> {
            if (streams.record(log.id(), from, to, landed)) {
                landed.streams().forEach(this::catalogue);
            }
        });
        log.release(to);
        return log.durable() - to >= WINDOW_BYTES / 4;
    }

    private void catalogue(EventLanding.OfStream stream) {
        EventLanding.Table table = stream.table();
        if (table == null) {
            return;
        }
        Source source = sources.get(stream.id());
        EventStreams.Totals totals = streams.totals(stream.id());
        catalogue(
                source,
                totals,
                EventLander.TABLE,
                source.title(),
                new TableCollected.Landed(table.snapshotId(), totals.landed(), table.bytes()),
                table.fields());
        EventLanding.Latest newest = stream.newest();
        if (newest != null) {
            catalogue(
                    source,
                    totals,
                    EventLander.LATEST,
                    source.title() + LATEST_TITLE,
                    new TableCollected.Landed(newest.snapshotId(), newest.rows(), newest.bytes()),
                    table.fields());
        }
    }

    private void catalogue(
            Source source,
            EventStreams.Totals totals,
            String table,
            String comment,
            TableCollected.Landed landed,
            List<EventLanding.Field> fields) {
        boolean whole = totals.rejected() == 0 && totals.quarantined() == 0;
        resources.record(new TableCollected(
                source.id(),
                source.id(),
                source.name(),
                source.department().id(),
                new TableName("raw_" + source.name(), table),
                "STREAM",
                table,
                comment,
                whole ? Completeness.COMPLETE : Completeness.INCOMPLETE,
                Instant.now(),
                null,
                landed,
                fields.stream()
                        .map(field -> new TableCollected.Field(
                                field.name(),
                                field.name(),
                                field.type(),
                                field.sourceType(),
                                null,
                                true,
                                0,
                                null,
                                null,
                                null,
                                field.findings()))
                        .toList(),
                Map.of()));
    }

    /** Takes what waits of a device out of quarantine and through the log again, as if it had just come. */
    private void release(EventStreams.Sender device) {
        String sql = "SELECT raw, origin, epoch_us(received_at), stream FROM ops_collect.quarantine WHERE device = '"
                + device.device().replace("'", "''") + "' AND stream IN ('" + device.stream() + "', '"
                + EventRecord.NO_STREAM + "') ORDER BY 4, 3, 2";
        Releasing releasing = new Releasing(device);
        try {
            queries.run(new Query(sql, null, Long.MAX_VALUE, Map.of()), releasing);
            releasing.send();
        } catch (LakeException e) {
            if (e.kind() != LakeException.Kind.NO_SUCH_TABLE && e.kind() != LakeException.Kind.NO_SUCH_SNAPSHOT) {
                throw e;
            }
        }
        streams.released(device);
    }

    /** Rows of the quarantine on their way back into the log; those that came together go together. */
    private final class Releasing implements RowSink {
        private final EventStreams.Sender device;
        private final StringBuilder lines = new StringBuilder();
        private EventRecord.Kind kind = EventRecord.Kind.RELEASED;
        private String origin = "";
        private long receivedAt;

        Releasing(EventStreams.Sender device) {
            this.device = device;
        }

        @Override
        public void columns(List<ResultColumn> columns) {
            // known
        }

        @Override
        public void row(List<@Nullable String> values) {
            String from = String.valueOf(values.get(1));
            long at = Long.parseLong(String.valueOf(values.get(2)));
            if (lines.length() > RELEASED_BYTES || !from.equals(origin) || at != receivedAt) {
                send();
            }
            // What nobody could place was never counted as this stream's.
            kind = EventRecord.NO_STREAM.toString().equals(values.get(3))
                    ? EventRecord.Kind.EVENTS
                    : EventRecord.Kind.RELEASED;
            origin = from;
            receivedAt = at;
            lines.append(values.getFirst()).append('\n');
        }

        void send() {
            if (!lines.isEmpty()) {
                intake.release(List.of(new EventRecord(
                        kind,
                        device.stream(),
                        receivedAt,
                        device.device(),
                        origin,
                        lines.toString().getBytes(java.nio.charset.StandardCharsets.UTF_8))));
                lines.setLength(0);
            }
        }
    }
}

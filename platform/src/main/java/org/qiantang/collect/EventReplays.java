package org.qiantang.collect;

import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.qiantang.collect.internal.events.EventLines;
import org.qiantang.collect.internal.events.EventRecord;
import org.qiantang.collect.internal.events.Refused;
import org.qiantang.core.Problem;
import org.qiantang.lake.Queries;
import org.qiantang.lake.Query;
import org.qiantang.lake.RowSink;
import org.springframework.stereotype.Service;

/**
 * Reads what a stream rejected again, by the rules of now. What is an event this time goes through the log like any other and lands once;
 * behind it goes a mark for its reject, so that no crash leaves a mark without its event.
 */
@Service
final class EventReplays {
    private static final int TOGETHER_BYTES = 1 << 20;
    private static final int TOGETHER = 1_000;

    private final EventStreams streams;
    private final EventIntake intake;
    private final Queries queries;
    private final Clock clock;

    /** Up to where in the log the last replay of a stream has come. */
    private final Map<UUID, Long> landing = new ConcurrentHashMap<>();

    EventReplays(EventStreams streams, EventIntake intake, Queries queries, Clock clock) {
        this.streams = streams;
        this.intake = intake;
        this.queries = queries;
        this.clock = clock;
    }

    /**
     * One replay at a time, for two of them would read the same rejects.
     *
     * @param sql asks for id, sender, origin, microseconds of receipt, form, exact bytes and text of each reject
     */
    synchronized Rejects.Messages replay(UUID stream, String by, String sql) {
        EventStreams.Stream found = streams.stream(stream);
        if (streams.landed(intake.log().id()) < landing.getOrDefault(stream, 0L)) {
            throw new Problem(CollectProblem.REPLAY_LANDING, "source", found.name());
        }
        Rereading rereading = new Rereading(found, by);
        try {
            queries.run(new Query(sql, null, Long.MAX_VALUE, Map.of()), rereading);
            rereading.send();
        } finally {
            if (rereading.taken > 0) {
                landing.put(stream, intake.log().durable());
            }
        }
        return new Rejects.Messages(rereading.read, rereading.taken);
    }

    private final class Rereading implements RowSink {
        private final EventStreams.Stream stream;
        private final EventLocation location;
        private final String by;
        private final List<EventRecord> records = new ArrayList<>();
        private final StringBuilder ids = new StringBuilder();
        private int bytes;
        private long read;
        private long taken;

        Rereading(EventStreams.Stream stream, String by) {
            this.stream = stream;
            this.location = EventLocation.find(stream.location()).orElseThrow();
            this.by = by;
        }

        @Override
        public void columns(List<ResultColumn> columns) {
            // known
        }

        @Override
        public void row(List<@Nullable String> row) {
            read++;
            String form = row.get(4);
            Optional<List<Refused.Told>> told = form == null
                    ? Optional.empty()
                    : Refused.read(
                            EventLines.Form.valueOf(form),
                            text(row, 6),
                            row.get(5),
                            EventSettings.encoding(stream.settings()));
            if (told.isEmpty()) {
                return;
            }
            String origin = text(row, 2);
            String sender = EventBrokers.device(location, stream.settings(), origin, text(row, 1));
            for (Refused.Told each : told.get()) {
                records.add(new EventRecord(
                        EventRecord.Kind.EVENTS,
                        stream.id(),
                        Long.parseLong(text(row, 3)),
                        each.device().isEmpty() ? sender : each.device(),
                        origin,
                        each.events()));
                bytes += each.events().length;
            }
            ids.append(text(row, 0)).append('\n');
            taken++;
            if (bytes > TOGETHER_BYTES || taken % TOGETHER == 0) {
                send();
            }
        }

        private void send() {
            if (ids.isEmpty()) {
                return;
            }
            records.add(new EventRecord(
                    EventRecord.Kind.REPLAYED,
                    stream.id(),
                    EventIntake.micros(clock.instant()),
                    by,
                    "",
                    ids.toString().getBytes(StandardCharsets.UTF_8)));
            intake.release(records);
            records.clear();
            ids.setLength(0);
            bytes = 0;
        }

        private static String text(List<@Nullable String> row, int column) {
            String value = row.get(column);
            return value == null ? "" : value;
        }
    }
}

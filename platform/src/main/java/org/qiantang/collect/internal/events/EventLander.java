package org.qiantang.collect.internal.events;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.qiantang.catalog.Classifier;
import org.qiantang.collect.EventLanding;
import org.qiantang.collect.EventSettings;
import org.qiantang.collect.internal.Connector.Message;
import org.qiantang.collect.internal.Connector.RejectedRow;
import org.qiantang.collect.internal.Rejects;
import org.qiantang.lake.Batch;
import org.qiantang.lake.ChunkReader;
import org.qiantang.lake.Column;
import org.qiantang.lake.Commit;
import org.qiantang.lake.Lake;
import org.qiantang.lake.LakeType;
import org.qiantang.lake.Newest;
import org.qiantang.lake.Queries;
import org.qiantang.lake.TableName;
import org.qiantang.lake.TableWrite;

/**
 * Brings events from the log's files into the lake. Each table's commit says up to which position of the log it has everything, so that
 * no record lands twice whoever dies in between; and a table takes an event only once, however often and in whatever order it was sent.
 */
public final class EventLander implements EventLanding {
    private static final System.Logger LOG = System.getLogger(EventLander.class.getName());

    /** The table of every stream, in its source's namespace. */
    public static final String TABLE = "events";

    /** The table beside it with the newest event of each device. */
    public static final String LATEST = "latest";

    static final TableName QUARANTINE = new TableName("ops_collect", "quarantine");

    private static final String POSITION = "qiantang.events.position";
    private static final String COUNTS = "qiantang.events.counts";
    private static final long LATEST_EVERY_NANOS = 1_000_000_000L;
    private static final long LATEST_AGAIN_NANOS = 30_000_000_000L;

    /** One packet of HJ 212 is as many events as it has factors, each with its command (real time, minutes, hours, days). */
    private static final List<String> LATEST_OF = List.of("_device", "cn", "factor");

    private static final List<String> SORTED_BY = List.of("_device", "_time");
    private static final List<Column> QUARANTINE_COLUMNS = List.of(
            text("stream"),
            text("source"),
            text("device"),
            text("reason"),
            text("origin"),
            new Column("received_at", LakeType.TIMESTAMP_TZ, "timestamp", null),
            text("raw"));

    /** Which rejects have become events; what they are joined with is {@link Rejects#TABLE}. */
    static final TableName REPLAYS = new TableName("ops_collect", "replays");

    private static final List<Column> REPLAYS_COLUMNS =
            List.of(text("stream"), text("id"), new Column("at", LakeType.TIMESTAMP_TZ, "timestamp", null), text("by"));

    private final Lake lake;
    private final Map<TableName, Kept> kept = new HashMap<>();

    /** What is remembered of a table between two landings. */
    private record Kept(EventColumns columns, KnownEvents known) {}

    private final Map<TableName, Newest> newest = new ConcurrentHashMap<>();

    /** Tables whose newest events are to be looked for, by when on the clock of {@link System#nanoTime}. */
    private final Map<TableName, Long> behind = new ConcurrentHashMap<>();

    /** When, on the same clock, it may be done for a table again. */
    private final Map<TableName, Long> notBefore = new ConcurrentHashMap<>();

    /** Tables whose newest events are being looked for: whoever comes second goes on without. */
    private final Set<TableName> lookedFor = ConcurrentHashMap.newKeySet();

    /** The snapshot of the newest events that whoever lands has noted down last. */
    private final Map<TableName, Long> told = new HashMap<>();

    /** What the last answer said of it: noted down once what comes after that window is asked for, and not before. */
    private final Map<TableName, Long> saying = new HashMap<>();

    /** What has landed of the last window, for whoever asks for it again. */
    private final Map<TableName, EventLanding.Table> landedLast = new HashMap<>();

    private String lastWindow = "";

    private volatile boolean lookedAround;

    public EventLander(Lake lake) {
        this.lake = lake;
    }

    /**
     * Brings the newest events of the streams up to date where something has landed since, a tenth of the time at most. After a start it
     * looks at every stream once, for nobody knows how far whoever died had come. What fails is tried again.
     */
    public void keepLatest() {
        if (!lookedAround) {
            Rejects.reshape(lake);
            for (TableName table : lake.names()) {
                if (table.name().equals(TABLE)
                        && lake.summary(table).orElse(Map.of()).containsKey(POSITION)) {
                    behind.putIfAbsent(table, System.nanoTime());
                }
            }
            lookedAround = true;
        }
        List.copyOf(behind.keySet()).forEach(this::latest);
    }

    private Kept kept(TableName table) {
        return kept.computeIfAbsent(table, any -> new Kept(EventColumns.of(lake, table), new KnownEvents(lake, table)));
    }

    private static TableName latestOf(TableName table) {
        return new TableName(table.namespace(), LATEST);
    }

    /** Does nothing when it is not its turn yet; and when it fails, for it may be behind. */
    private void latest(TableName table) {
        long begun = System.nanoTime();
        Long due = behind.get(table);
        if (due == null || due - begun > 0 || !lookedFor.add(table)) {
            return;
        }
        try {
            // What lands from here on is behind again.
            behind.remove(table);
            newest.computeIfAbsent(
                            table,
                            any -> lake.newest(
                                    table, latestOf(table), new Newest.Rule(LATEST_OF, "_time", "_received_at", "_id")))
                    .refresh();
            long now = System.nanoTime();
            long next = now + Math.max(LATEST_EVERY_NANOS, 9 * (now - begun));
            notBefore.put(table, next);
            behind.computeIfPresent(table, (any, early) -> next);
        } catch (RuntimeException e) {
            behind.put(table, System.nanoTime() + LATEST_AGAIN_NANOS);
            LOG.log(System.Logger.Level.WARNING, "The newest events of " + table + " come later", e);
        } finally {
            lookedFor.remove(table);
        }
    }

    @Override
    public synchronized Landed land(Order order) {
        String asked = order.log() + "/" + order.from() + "/" + order.to();
        if (!asked.equals(lastWindow)) {
            told.putAll(saying);
            landedLast.clear();
            lastWindow = asked;
        }
        saying.clear();
        LogWindow window = LogWindow.read(Path.of(order.folder()), order.log(), order.from(), order.to());
        Map<UUID, Stream> streams = new HashMap<>();
        order.streams().forEach(stream -> streams.put(stream.id(), stream));
        Map<UUID, List<EventRecord>> events = new LinkedHashMap<>();
        Map<UUID, List<RejectedRow>> rejects = new LinkedHashMap<>();
        List<EventRecord> replayed = new ArrayList<>();
        for (LogWindow.Entry entry : window.entries()) {
            EventRecord record = entry.record();
            switch (record.kind()) {
                case EVENTS, RELEASED ->
                    events.computeIfAbsent(record.stream(), any -> new ArrayList<>())
                            .add(record);
                case REJECT ->
                    rejects.computeIfAbsent(record.stream(), any -> new ArrayList<>())
                            .addAll(rejected(record));
                case REPLAYED -> replayed.add(record);
            }
        }
        Quarantine quarantine = new Quarantine();
        List<Landing> landings = new ArrayList<>();
        events.forEach((id, records) -> {
            Stream stream = streams.get(id);
            if (stream == null) {
                records.forEach(record -> quarantine.addAll(id, "", record, "no such stream"));
            } else {
                Landing landing = new Landing(stream, order);
                landing.look(records, quarantine);
                landings.add(landing);
            }
        });
        rejects.forEach((id, bad) -> keepRejects(streams.get(id), id, bad));
        quarantine.commit(order);
        Map<UUID, OfStream> landed = new LinkedHashMap<>();
        for (Landing landing : landings) {
            landed.put(
                    landing.stream.id(),
                    landing.commit(
                            rejects.getOrDefault(landing.stream.id(), List.of()).size(),
                            marks(replayed, landing.stream.id())));
        }
        rejects.forEach((id, bad) -> landed.computeIfAbsent(
                id, any -> new OfStream(id, 0, 0, 0, 0, bad.size(), marks(replayed, id), List.of(), null, null)));
        replayed.stream()
                .map(EventRecord::stream)
                .forEach(id -> landed.computeIfAbsent(
                        id, any -> new OfStream(id, 0, 0, 0, 0, 0, marks(replayed, id), List.of(), null, null)));
        markReplayed(order, replayed);
        return new Landed(
                List.copyOf(landed.values()),
                quarantine.counts(),
                window.damaged().stream()
                        .map(each -> each.from() + "–" + each.to())
                        .toList());
    }

    private static List<RejectedRow> rejected(EventRecord record) {
        return Reject.read(record.content()).stream()
                .map(reject -> new RejectedRow(
                        reject.where(),
                        "",
                        reject.code(),
                        reject.reason(),
                        reject.raw(),
                        new Message(
                                reject.id(record.stream()),
                                record.device(),
                                record.origin(),
                                record.receivedAtMicros(),
                                reject.form() == null ? null : reject.form().name(),
                                reject.exact())))
                .toList();
    }

    private static long marks(List<EventRecord> replayed, UUID stream) {
        return replayed.stream()
                .filter(record -> record.stream().equals(stream))
                .mapToLong(record -> ids(record).size())
                .sum();
    }

    private static List<String> ids(EventRecord replayed) {
        return new String(replayed.content(), UTF_8).lines().toList();
    }

    /** Says of rejects that they are events now, after those have landed; saying it twice is harmless. */
    private void markReplayed(Order order, List<EventRecord> replayed) {
        if (replayed.isEmpty() || hasLanded(REPLAYS, order)) {
            return;
        }
        record Mark(EventRecord of, String id) {}
        List<Mark> marks = replayed.stream()
                .flatMap(record -> ids(record).stream().map(id -> new Mark(record, id)))
                .toList();
        try (TableWrite write = lake.append(REPLAYS, REPLAYS_COLUMNS)) {
            int[] next = {0};
            write.write(batch -> {
                int n = 0;
                for (; n < batch.capacity() && next[0] < marks.size(); n++) {
                    Mark mark = marks.get(next[0]++);
                    batch.setText(0, n, mark.of.stream().toString());
                    batch.setText(1, n, mark.id);
                    batch.setLong(2, n, mark.of.receivedAtMicros());
                    batch.setText(3, n, mark.of.device());
                }
                return n;
            });
            write.commit(Map.of(POSITION, position(order)));
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException("It cannot be kept that rejects were replayed", e);
        }
    }

    private void keepRejects(@Nullable Stream stream, UUID id, List<RejectedRow> bad) {
        Rejects rejects = new Rejects(lake, id.toString(), stream == null ? "" : stream.source());
        Rejects.Of of = rejects.of(TABLE);
        bad.forEach(of::add);
        of.commit();
    }

    private static String position(Order order) {
        return order.log() + "/" + order.to();
    }

    /** Whether the table has everything up to the order's end; a position of another log says nothing. */
    private boolean hasLanded(TableName table, Order order) {
        return lake.summary(table)
                .map(summary -> summary.getOrDefault(POSITION, ""))
                .filter(said -> said.startsWith(order.log() + "/"))
                .map(said -> Long.parseLong(said.substring(said.indexOf('/') + 1)) >= order.to())
                .orElse(false);
    }

    /** The events of one stream in one window. */
    private final class Landing {
        private final Stream stream;
        private final Order order;
        private final TableName table;
        private final Kept kept;
        private final EventSettings settings;
        private final EventReader reader;
        private final Events fresh = new Events();
        private final Map<String, Heard> devices = new TreeMap<>();
        private long received;
        private long duplicates;
        private long quarantined;

        Landing(Stream stream, Order order) {
            this.stream = stream;
            this.order = order;
            table = new TableName("raw_" + stream.source(), TABLE);
            kept = kept(table);
            settings = EventSettings.of(stream.settings());
            reader = new EventReader(settings, kept.columns);
        }

        /** Finds out which events are new and puts aside those of strangers. */
        void look(List<EventRecord> records, Quarantine quarantine) {
            Events all = new Events();
            for (EventRecord record : records) {
                byte[] content = record.content();
                for (int from = 0; from < content.length; ) {
                    int to = from;
                    while (to < content.length && content[to] != '\n') {
                        to++;
                    }
                    int end = to;
                    int start = from;
                    while (end > start && isBlank(content[end - 1])) {
                        end--;
                    }
                    while (start < end && isBlank(content[start])) {
                        start++;
                    }
                    if (start < end) {
                        look(record, start, end, all, quarantine);
                    }
                    from = to + 1;
                }
            }
            keepNew(all);
        }

        private void look(EventRecord record, int from, int to, Events all, Quarantine quarantine) {
            reader.look(record, from, to);
            if (record.kind() == EventRecord.Kind.RELEASED) {
                // counted when it went into quarantine
                quarantined--;
            } else {
                received++;
            }
            String device = reader.device();
            String why = refusal(record, device);
            if (why != null) {
                quarantined++;
                quarantine.add(stream, device, record, from, to, why);
                return;
            }
            devices.computeIfAbsent(device, any -> new Heard()).add(record.receivedAtMicros());
            all.add(record, from, to, reader.time(), reader.most(), reader.least());
        }

        /** Why an event has to wait, or null. */
        private @Nullable String refusal(EventRecord record, String device) {
            if (settings.devices() == EventSettings.Devices.ANY) {
                boolean may = record.device().isEmpty()
                        || device.equals(record.device())
                        || stream.gateways().contains(record.device());
                return may ? null : "not a gateway";
            }
            if (device.isEmpty()) {
                return "no device";
            }
            if (!stream.devices().contains(device)) {
                return "not registered";
            }
            boolean own = record.device().isEmpty()
                    || record.device().equals(device)
                    || stream.gateways().contains(record.device());
            return own ? null : "not a gateway";
        }

        private void keepNew(Events all) {
            Map<Long, IdSet> minutes = new HashMap<>();
            for (int i = 0; i < all.size; i++) {
                minutes.computeIfAbsent(KnownEvents.minute(all.times[i]), any -> new IdSet())
                        .add(all.mosts[i], all.leasts[i]);
            }
            kept.known.look(minutes);
            IdSet seen = new IdSet();
            for (int i = 0; i < all.size; i++) {
                long minute = KnownEvents.minute(all.times[i]);
                if (kept.known.contains(minute, all.mosts[i], all.leasts[i])
                        || !seen.add(all.mosts[i], all.leasts[i])) {
                    duplicates++;
                } else {
                    fresh.add(all.records[i], all.froms[i], all.tos[i], all.times[i], all.mosts[i], all.leasts[i]);
                }
            }
        }

        OfStream commit(long rejected, long replayed) {
            Optional<long[]> before = countsOfThisWindow();
            if (before.isPresent()) {
                // Committed before somebody died; what was new then is a duplicate now.
                behind.putIfAbsent(table, System.nanoTime());
                long landedThen = before.get()[0];
                return answer(landedThen, before.get()[1], rejected, replayed, landedLast.get(table));
            }
            if (fresh.size == 0) {
                return answer(0, duplicates, rejected, replayed, null);
            }
            List<Column> columns = kept.columns.all();
            try (TableWrite write = lake.append(table, columns, SORTED_BY)) {
                int[] next = {0};
                ChunkReader rows = (Batch batch) -> {
                    int n = 0;
                    for (; n < batch.capacity() && next[0] < fresh.size; n++, next[0]++) {
                        int i = next[0];
                        reader.fill(
                                batch,
                                n,
                                fresh.records[i],
                                fresh.froms[i],
                                fresh.tos[i],
                                fresh.times[i],
                                fresh.mosts[i],
                                fresh.leasts[i]);
                    }
                    return n;
                };
                write.write(rows);
                Commit commit = write.commit(Map.of(
                        "qiantang.source",
                        stream.source(),
                        POSITION,
                        position(order),
                        COUNTS,
                        order.from() + " " + fresh.size + " " + duplicates));
                for (int i = 0; i < fresh.size; i++) {
                    kept.known.add(KnownEvents.minute(fresh.times[i]), fresh.mosts[i], fresh.leasts[i]);
                }
                behind.putIfAbsent(table, notBefore.getOrDefault(table, System.nanoTime()));
                EventLanding.Table landed = table(commit, columns);
                landedLast.put(table, landed);
                return answer(fresh.size, duplicates, rejected, replayed, landed);
            } catch (RuntimeException e) {
                EventLander.this.kept.remove(table);
                throw e;
            } catch (Exception e) {
                EventLander.this.kept.remove(table);
                throw new IllegalStateException("Events of " + stream.source() + " do not land", e);
            }
        }

        private Optional<long[]> countsOfThisWindow() {
            return hasLanded(table, order)
                    ? lake.summary(table)
                            .map(summary -> summary.getOrDefault(COUNTS, ""))
                            .map(counts -> counts.split(" "))
                            .filter(counts -> counts.length == 3 && counts[0].equals(Long.toString(order.from())))
                            .map(counts -> new long[] {Long.parseLong(counts[1]), Long.parseLong(counts[2])})
                    : Optional.empty();
        }

        private OfStream answer(
                long landed, long repeated, long rejected, long replayed, EventLanding.@Nullable Table in) {
            return new OfStream(
                    stream.id(),
                    received,
                    landed,
                    repeated,
                    quarantined,
                    rejected,
                    replayed,
                    devices.entrySet().stream()
                            .map(each ->
                                    new OfDevice(each.getKey(), each.getValue().events, instant(each.getValue().last)))
                            .toList(),
                    in,
                    in == null ? null : newest());
        }

        /** Null when nothing is to be said of them that was not said before. */
        private EventLanding.@Nullable Latest newest() {
            latest(table);
            Queries.TableState state;
            try {
                state = lake.state(latestOf(table)).orElse(null);
            } catch (RuntimeException e) {
                // The events are in the lake, whatever is the matter with this.
                LOG.log(System.Logger.Level.WARNING, "The newest events of " + table + " cannot be read", e);
                return null;
            }
            if (state == null || Objects.equals(told.get(table), state.snapshotId())) {
                return null;
            }
            saying.put(table, state.snapshotId());
            return new EventLanding.Latest(state.snapshotId(), state.rows(), state.bytes());
        }

        private static EventLanding.Table table(Commit commit, List<Column> columns) {
            List<EventLanding.Field> said = new ArrayList<>();
            for (Column column : columns) {
                List<String> samples = commit.samples().getOrDefault(column.name(), List.of());
                said.add(new EventLanding.Field(
                        column.name(),
                        column.type().label(),
                        column.sourceType(),
                        Classifier.look(column.type().label(), samples)));
            }
            return new EventLanding.Table(commit.snapshotId(), commit.bytes(), said);
        }
    }

    private static boolean isBlank(byte b) {
        return b == ' ' || b == '\t' || b == '\r';
    }

    private static final class Heard {
        private long events;
        private long first = Long.MAX_VALUE;
        private long last = Long.MIN_VALUE;

        void add(long receivedAt) {
            events++;
            first = Math.min(first, receivedAt);
            last = Math.max(last, receivedAt);
        }
    }

    /** Where events stand and what they are known by, without an object each. */
    private static final class Events {
        private int size;
        private EventRecord[] records = new EventRecord[256];
        private int[] froms = new int[256];
        private int[] tos = new int[256];
        private long[] times = new long[256];
        private long[] mosts = new long[256];
        private long[] leasts = new long[256];

        void add(EventRecord record, int from, int to, long time, long most, long least) {
            if (size == records.length) {
                int more = 2 * size;
                records = Arrays.copyOf(records, more);
                froms = Arrays.copyOf(froms, more);
                tos = Arrays.copyOf(tos, more);
                times = Arrays.copyOf(times, more);
                mosts = Arrays.copyOf(mosts, more);
                leasts = Arrays.copyOf(leasts, more);
            }
            records[size] = record;
            froms[size] = from;
            tos[size] = to;
            times[size] = time;
            mosts[size] = most;
            leasts[size++] = least;
        }
    }

    /** Events nobody answers for yet: kept in a table of their own until their device is registered. */
    private final class Quarantine {
        private record Row(
                UUID stream, String source, String device, String reason, String origin, long at, byte[] raw) {}

        private final List<Row> rows = new ArrayList<>();

        void add(Stream stream, String device, EventRecord record, int from, int to, String reason) {
            rows.add(new Row(
                    stream.id(),
                    stream.source(),
                    device,
                    reason,
                    record.origin(),
                    record.receivedAtMicros(),
                    Arrays.copyOfRange(record.content(), from, to)));
        }

        void addAll(UUID stream, String source, EventRecord record, String reason) {
            for (String line : new String(record.content(), UTF_8).split("\n")) {
                if (!line.isBlank()) {
                    rows.add(new Row(
                            stream,
                            source,
                            record.device(),
                            reason,
                            record.origin(),
                            record.receivedAtMicros(),
                            line.strip().getBytes(UTF_8)));
                }
            }
        }

        void commit(Order order) {
            String counts = order.from() + " " + rows.size() + " " + fingerprint();
            boolean before = hasLanded(QUARANTINE, order)
                    && lake.summary(QUARANTINE)
                            .map(summary -> counts.equals(summary.get(COUNTS)))
                            .orElse(false);
            if (rows.isEmpty() || before) {
                return;
            }
            try (TableWrite write = lake.append(QUARANTINE, QUARANTINE_COLUMNS)) {
                int[] next = {0};
                write.write(batch -> {
                    int n = 0;
                    for (; n < batch.capacity() && next[0] < rows.size(); n++) {
                        Row row = rows.get(next[0]++);
                        batch.setText(0, n, row.stream.toString());
                        batch.setText(1, n, row.source);
                        batch.setText(2, n, row.device);
                        batch.setText(3, n, row.reason);
                        batch.setText(4, n, row.origin);
                        batch.setLong(5, n, row.at);
                        batch.setText(6, n, row.raw);
                    }
                    return n;
                });
                write.commit(Map.of(POSITION, position(order), COUNTS, counts));
            } catch (RuntimeException e) {
                throw e;
            } catch (Exception e) {
                throw new IllegalStateException("The quarantine cannot be kept", e);
            }
        }

        /** Who is a stranger may have changed since the window was landed for the first time. */
        private int fingerprint() {
            int fingerprint = 0;
            for (Row row : rows) {
                fingerprint = 31 * fingerprint + Arrays.hashCode(row.raw);
            }
            return fingerprint;
        }

        List<Quarantined> counts() {
            record Whose(UUID stream, String device) {}
            Map<Whose, Heard> counts = new LinkedHashMap<>();
            for (Row row : rows) {
                counts.computeIfAbsent(new Whose(row.stream, row.device), any -> new Heard())
                        .add(row.at);
            }
            return counts.entrySet().stream()
                    .map(each -> new Quarantined(
                            each.getKey().stream,
                            each.getKey().device,
                            each.getValue().events,
                            instant(each.getValue().first),
                            instant(each.getValue().last)))
                    .sorted(Comparator.comparing(Quarantined::device))
                    .toList();
        }
    }

    private static Instant instant(long micros) {
        return Instant.ofEpochSecond(Math.floorDiv(micros, 1_000_000L), Math.floorMod(micros, 1_000_000L) * 1_000L);
    }

    private static Column text(String name) {
        return new Column(name, LakeType.TEXT, "text", null);
    }
}

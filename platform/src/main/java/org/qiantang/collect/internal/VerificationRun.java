package org.qiantang.collect.internal;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.qiantang.collect.CollectProblem;
import org.qiantang.collect.CollectionWorker.Limits;
import org.qiantang.collect.CollectionWorker.Shown;
import org.qiantang.collect.CollectionWorker.VerifyOrder;
import org.qiantang.collect.SourceObject;
import org.qiantang.collect.SourceObject.SourceColumn;
import org.qiantang.collect.TableComparison;
import org.qiantang.collect.TableComparison.Repair;
import org.qiantang.collect.TableComparison.State;
import org.qiantang.collect.Verification.Aim;
import org.qiantang.collect.VerifyEvent;
import org.qiantang.collect.internal.Connector.Part;
import org.qiantang.collect.internal.Connector.PartReader;
import org.qiantang.collect.internal.Connector.Unreadable;
import org.qiantang.core.Problem;
import org.qiantang.lake.ChunkReader;
import org.qiantang.lake.Column;
import org.qiantang.lake.Comparison;
import org.qiantang.lake.Comparison.Differences;
import org.qiantang.lake.Lake;
import org.qiantang.lake.LakeException;
import org.qiantang.lake.LakeType;
import org.qiantang.lake.Mask;
import org.qiantang.lake.Queries.TableState;
import org.qiantang.lake.TableChanges.Applied;
import org.qiantang.lake.TableName;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * One verification of one source: the source is read again through its connector, and the lake is read as of the snapshots that were its
 * newest when this was made. Nothing of the source is landed but the rows that differ. Each lane compares one table at a time; a table
 * that cannot be compared costs only itself.
 */
public final class VerificationRun {
    private static final Duration PROGRESS = Duration.ofMillis(250);
    private static final int LISTED = 1_000;

    /** With more rows than this a table is collected anew rather than repaired. */
    private static final long REPAIRABLE = 100_000;

    private static final TypeReference<List<String>> NAMES = new TypeReference<>() {};

    private final VerifyOrder order;
    private final Connector connector;
    private final Lake lake;
    private final int lanes;
    private final String namespace;
    private final Set<String> followed;
    private final RowPace pace;
    private final Map<String, TableState> pinned = new HashMap<>();
    private final Map<String, Map<String, Mask>> shown = new HashMap<>();
    private final Deque<SourceObject> waiting = new ArrayDeque<>();
    private final Map<String, AtomicLong> reading = new ConcurrentHashMap<>();
    private final Set<PartReader> open = ConcurrentHashMap.newKeySet();
    private final BlockingQueue<Optional<VerifyEvent>> events = new LinkedBlockingQueue<>();
    private volatile boolean cancelled;
    private volatile @Nullable Problem lost;

    /** @param followed lake names of the tables that have just what the source has at the connector's position */
    public VerificationRun(VerifyOrder order, Connector connector, Lake lake, int lanes, Set<String> followed) {
        this.followed = Set.copyOf(followed);
        this.order = order;
        this.connector = connector;
        this.lake = lake;
        this.lanes = lanes;
        this.namespace = "raw_" + order.sourceName();
        Limits limits = order.limits();
        Long rows = limits == null ? null : limits.rowsPerSecond();
        this.pace = new RowPace(rows == null ? 0 : rows);
        for (TableState state : lake.tables()) {
            if (state.table().namespace().equals(namespace)) {
                pinned.put(state.table().name(), state);
            }
        }
        for (Shown each : order.shown()) {
            shown.computeIfAbsent(each.table(), any -> new HashMap<>())
                    .put(each.column(), Mask.of(each.mask()).orElseGet(Mask.Hide::new));
        }
    }

    /** Compares until every table has ended or {@link #cancel} was called, handing events to the caller's thread. */
    public void verify(Consumer<VerifyEvent> sink) {
        Set<String> found = new java.util.HashSet<>();
        for (SourceObject object : connector.discover()) {
            String lakeName = object.lakeName();
            if (lakeName != null && found.add(lakeName) && isWanted(lakeName)) {
                waiting.add(object);
            }
        }
        List<String> gone = pinned.keySet().stream()
                .filter(name -> !found.contains(name) && isWanted(name))
                .sorted()
                .toList();
        sink.accept(new VerifyEvent.Began(connector.position(), now(), waiting.size() + gone.size()));
        for (String name : gone) {
            sink.accept(
                    new VerifyEvent.Compared(new Table(name, name).notCompared(CollectProblem.TABLE_GONE.id(), "")));
        }
        ExecutorService executor = Executors.newFixedThreadPool(
                lanes, Thread.ofPlatform().name("verify-lane-", 1).factory());
        try {
            for (int i = 0; i < lanes; i++) {
                executor.submit(this::lane);
            }
            relay(sink);
        } finally {
            cancel();
            executor.shutdownNow();
            CollectionRun.awaitQuietly(executor);
        }
        Problem why = lost;
        if (why != null) {
            throw why;
        }
    }

    public void cancel() {
        cancelled = true;
        open.forEach(PartReader::close);
    }

    private boolean isWanted(String lakeName) {
        return !order.finished().contains(lakeName)
                && (order.tables().isEmpty() || order.tables().contains(lakeName));
    }

    private void relay(Consumer<VerifyEvent> sink) {
        int lanesLeft = lanes;
        long nextProgress = System.nanoTime();
        try {
            while (lanesLeft > 0) {
                Optional<VerifyEvent> event = events.poll(PROGRESS.toMillis(), TimeUnit.MILLISECONDS);
                if (event != null) {
                    if (event.isPresent()) {
                        sink.accept(event.get());
                    } else {
                        lanesLeft--;
                    }
                }
                if (System.nanoTime() >= nextProgress) {
                    reading.forEach((object, rows) -> sink.accept(new VerifyEvent.Progress(object, rows.get())));
                    nextProgress = System.nanoTime() + PROGRESS.toNanos();
                }
            }
        } catch (InterruptedException e) {
            cancel();
            Thread.currentThread().interrupt();
        }
    }

    private void lane() {
        try {
            for (SourceObject next = next(); next != null; next = next()) {
                Table table = new Table(next.qualifiedName(), requireNonNull(next.lakeName()));
                TableComparison compared;
                try {
                    compared = table.compare(next);
                } catch (Exception | LinkageError | VirtualMachineError e) {
                    if (cancelled || isLoss(e)) {
                        return;
                    }
                    compared = table.failed(e);
                } finally {
                    reading.remove(next.qualifiedName());
                }
                events.add(Optional.of(new VerifyEvent.Compared(compared)));
            }
        } finally {
            events.add(Optional.empty());
        }
    }

    private @Nullable SourceObject next() {
        synchronized (waiting) {
            return cancelled ? null : waiting.poll();
        }
    }

    private boolean isLoss(Throwable e) {
        if (e instanceof Exception failure && CollectionRun.isConnectionLoss(failure)) {
            lost = new Problem(CollectProblem.SOURCE_UNREACHABLE, "reason", String.valueOf(e.getMessage()));
            cancel();
            return true;
        }
        return false;
    }

    /** One table and what is known of it. */
    private final class Table {
        private final String name;
        private final String lakeName;
        private final TableName table;
        private final @Nullable TableState at;
        private final Map<String, String> summary;
        private final Instant startedAt = now();
        private final AtomicLong rows = new AtomicLong();
        private boolean valuesCompared;
        private @Nullable Long rowsAtSource;
        private long rejected;
        private List<Comparison.ColumnSums> columns = List.of();
        private @Nullable Differences differences;
        private String position = connector.position();
        private Optional<String> fingerprint = Optional.empty();

        Table(String name, String lakeName) {
            this.name = name;
            this.lakeName = lakeName;
            table = new TableName(namespace, lakeName);
            at = pinned.get(lakeName);
            summary = at == null ? Map.of() : lake.summary(table, at.snapshotId());
        }

        TableComparison compare(SourceObject found) throws Exception {
            reading.put(name, rows);
            fingerprint = found.fingerprint();
            Optional<Unreadable> why = connector.unreadable(found);
            if (why.isPresent()) {
                return notCompared(why.get().code(), why.get().reason());
            }
            TableState there = at;
            if (there == null) {
                return asWhole(CollectProblem.NOT_COLLECTED_YET.id(), "");
            }
            SourceObject object = asInLake(found);
            boolean isLearned = !connector.learns();
            if (!isLearned && !fits(object)) {
                object = learned(object);
                isLearned = true;
            }
            position = object.details().getOrDefault("qiantang.position", connector.position());
            if (!fits(object)) {
                return asWhole(CollectProblem.SHAPE_CHANGED.id(), shape(object) + " ≠ " + lake.shape(table));
            }
            List<Part> parts = connector.parts(object);
            boolean isCounted = object.columns().stream()
                    .anyMatch(column -> column.details().containsKey("synthetic"));
            if (!order.values() || isCounted) {
                OptionalLong counted = count(object, parts);
                if (counted.isPresent() && (counted.getAsLong() == there.rows() || isCounted)) {
                    rowsAtSource = counted.getAsLong();
                    return rowsAtSource == there.rows()
                            ? result(State.EQUAL, null, null, Repair.NONE, null)
                            : asWhole(null, null);
                }
            }
            if (!isLearned) {
                // Nothing can be read of it before all of it has been.
                object = learned(object);
                position = object.details().getOrDefault("qiantang.position", connector.position());
                parts = connector.parts(object);
                if (!fits(object)) {
                    return asWhole(CollectProblem.SHAPE_CHANGED.id(), shape(object) + " ≠ " + lake.shape(table));
                }
            }
            try {
                return hold(object, parts, there);
            } catch (LakeException e) {
                if (e.kind() == LakeException.Kind.VALUE_DOES_NOT_FIT) {
                    return asWhole(CollectProblem.SHAPE_CHANGED.id(), String.valueOf(e.getMessage()));
                }
                throw e;
            }
        }

        /** Value by value. */
        private TableComparison hold(SourceObject object, List<Part> parts, TableState there) throws Exception {
            valuesCompared = true;
            List<Column> asRead =
                    object.columns().stream().map(SourceColumn::column).toList();
            try (Comparison comparison = lake.compare(table, there.snapshotId(), asRead, key(object))) {
                read(object, parts, comparison::read);
                boolean equal = comparison.compare();
                columns = comparison.columns();
                if (equal) {
                    return result(State.EQUAL, null, null, Repair.NONE, null);
                }
                read(object, parts, reader -> {
                    comparison.readAgain(reader);
                    return 0;
                });
                columns = comparison.columns();
                Differences found;
                try {
                    found = comparison.differences(LISTED, shown.getOrDefault(lakeName, Map.of()));
                } catch (LakeException e) {
                    if (e.kind() == LakeException.Kind.OUT_OF_MEMORY) {
                        return asWhole(CollectProblem.TOO_MUCH_DIFFERS.id(), "");
                    }
                    throw e;
                }
                differences = found;
                if (cancelled) {
                    throw new LakeException(LakeException.Kind.CANCELLED, "The verification was cancelled");
                }
                if (order.aim() == Aim.LOOK || found.total() == 0 || found.total() > REPAIRABLE) {
                    return asWhole(null, null);
                }
                try {
                    return result(State.DIFFERENT, null, null, Repair.ROWS_REPAIRED, comparison.repair(repaired()));
                } catch (LakeException e) {
                    return asWhole(null, String.valueOf(e.getMessage()));
                }
            }
        }

        private Map<String, String> repaired() {
            Map<String, String> kept = new HashMap<>(summary);
            kept.keySet().removeIf(key -> !key.startsWith("qiantang."));
            kept.put("qiantang.position", position);
            kept.put("qiantang.verification", order.id());
            kept.remove(CollectionRun.FINGERPRINT);
            fingerprint.ifPresent(content -> kept.put(CollectionRun.FINGERPRINT, content));
            connector.followPosition().ifPresent(follow -> kept.put(Following.POSITION, follow));
            return kept;
        }

        private interface Taking {
            long take(ChunkReader reader) throws Exception;
        }

        private void read(SourceObject object, List<Part> parts, Taking taking) throws Exception {
            AtomicLong refused = new AtomicLong();
            long seen = 0;
            boolean counts = true;
            for (Part part : parts) {
                try (PartReader reader = connector.open(object, part, row -> {
                    if (row.column().isEmpty()) {
                        refused.incrementAndGet();
                    }
                })) {
                    open.add(reader);
                    long before = rows.get();
                    try {
                        taking.take(paced(reader));
                    } finally {
                        open.remove(reader);
                    }
                    OptionalLong counted = reader.rowsAtSource();
                    counts &= counted.isPresent();
                    seen += counted.orElse(rows.get() - before);
                    Optional<Unreadable> shortfall = reader.shortfall();
                    if (shortfall.isPresent()) {
                        throw new Problem(
                                CollectProblem.TABLE_FAILED,
                                "reason",
                                shortfall.get().reason());
                    }
                }
            }
            rejected = refused.get();
            rowsAtSource = counts ? seen : seen + rejected;
        }

        private ChunkReader paced(PartReader reader) {
            return batch -> {
                if (cancelled) {
                    throw new LakeException(LakeException.Kind.CANCELLED, "The verification was cancelled");
                }
                int read = reader.read(batch);
                rows.addAndGet(read);
                pace.took(read);
                return read;
            };
        }

        private OptionalLong count(SourceObject object, List<Part> parts) throws Exception {
            long sum = 0;
            for (Part part : parts) {
                OptionalLong counted = connector.count(object, part);
                if (counted.isEmpty()) {
                    return counted;
                }
                sum += counted.getAsLong();
            }
            return parts.isEmpty() ? OptionalLong.empty() : OptionalLong.of(sum);
        }

        /** Some kinds of source know their columns only when every row has been met. */
        private SourceObject learned(SourceObject object) throws Exception {
            SourceObject known = object;
            for (int round = 0; round < 10; round++) {
                try {
                    List<Column> asRead =
                            known.columns().stream().map(SourceColumn::column).toList();
                    read(known, connector.parts(known), reader -> {
                        lake.skim(asRead, reader);
                        return 0;
                    });
                    return known;
                } catch (Connector.Learned again) {
                    known = asInLake(again.object());
                }
            }
            return known;
        }

        /** Columns that the lake keeps as text stay text. */
        private SourceObject asInLake(SourceObject object) {
            SourceObject widened = object;
            String names = summary.get(CollectionRun.AS_TEXT);
            for (String name : names == null ? List.<String>of() : Arrays.asList(names.split("\n", -1))) {
                if (widened.columns().stream()
                        .anyMatch(column -> column.column().name().equals(name)
                                && !column.column().type().equals(LakeType.TEXT))) {
                    widened = connector.asText(widened, name);
                }
            }
            return widened;
        }

        private boolean fits(SourceObject object) {
            return List.copyOf(shape(object).entrySet())
                    .equals(List.copyOf(lake.shape(table).entrySet()));
        }

        private static Map<String, LakeType> shape(SourceObject object) {
            Map<String, LakeType> shape = new LinkedHashMap<>();
            object.columns()
                    .forEach(column ->
                            shape.put(column.column().name(), column.column().type()));
            return shape;
        }

        /** The key in the lake's names; empty when only the whole row tells rows apart. */
        private static List<String> key(SourceObject object) {
            String primary = object.details().get("primaryKey");
            if (primary == null) {
                return List.of();
            }
            List<String> names = new ArrayList<>();
            for (String name : JsonMapper.shared().readValue(primary, NAMES)) {
                object.columns().stream()
                        .filter(column -> column.name().equals(name))
                        .findFirst()
                        .ifPresentOrElse(column -> names.add(column.column().name()), () -> names.add(""));
            }
            return names.contains("") ? List.of() : List.copyOf(names);
        }

        TableComparison notCompared(String code, String reason) {
            return result(State.NOT_COMPARED, code, reason, Repair.NONE, null);
        }

        /** What is not put right row by row is collected anew, unless it is only looked. */
        private TableComparison asWhole(@Nullable String code, @Nullable String reason) {
            Repair repair = switch (order.aim()) {
                case REPAIR -> Repair.TO_BE_COLLECTED;
                case LOOK -> Repair.LEFT;
            };
            return result(State.DIFFERENT, code, reason, repair, null);
        }

        TableComparison failed(Throwable e) {
            String words = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
            if (e instanceof Problem problem) {
                return notCompared(problem.code().id(), problem.arguments().getOrDefault("reason", ""));
            }
            System.getLogger(VerificationRun.class.getName())
                    .log(System.Logger.Level.WARNING, "Table " + table + " could not be compared", e);
            return notCompared(CollectProblem.TABLE_FAILED.id(), words);
        }

        private TableComparison result(
                State state, @Nullable String code, @Nullable String reason, Repair repair, @Nullable Applied applied) {
            Differences found = differences;
            TableState there = at;
            return new TableComparison(
                    name,
                    lakeName,
                    state,
                    code,
                    reason,
                    position,
                    summary.getOrDefault(Following.POSITION, summary.get("qiantang.position")),
                    there == null ? null : Long.toString(there.snapshotId()),
                    there == null ? null : there.committedAt(),
                    followed.contains(lakeName),
                    valuesCompared,
                    rowsAtSource,
                    rejected,
                    there == null ? null : there.rows(),
                    found == null ? null : found.missing(),
                    found == null ? null : found.extra(),
                    found == null ? null : found.different(),
                    columns,
                    found == null ? List.of() : found.rows(),
                    repair,
                    applied == null || found == null ? 0 : found.total(),
                    applied == null ? null : Long.toString(applied.snapshotId()),
                    applied == null ? null : applied.rows(),
                    applied == null ? null : applied.bytes(),
                    startedAt,
                    now());
        }
    }

    private static Instant now() {
        return Instant.now().truncatedTo(ChronoUnit.MICROS);
    }
}

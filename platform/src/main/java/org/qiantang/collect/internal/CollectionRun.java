package org.qiantang.collect.internal;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.qiantang.catalog.Classifier;
import org.qiantang.catalog.Findings;
import org.qiantang.collect.CollectProblem;
import org.qiantang.collect.CollectionWorker.Limits;
import org.qiantang.collect.CollectionWorker.RunOrder;
import org.qiantang.collect.Profiling;
import org.qiantang.collect.RunEvent;
import org.qiantang.collect.RunEvent.ColumnResult;
import org.qiantang.collect.RunEvent.ObjectResult;
import org.qiantang.collect.RunEvent.State;
import org.qiantang.collect.SourceObject;
import org.qiantang.collect.SourceObject.SourceColumn;
import org.qiantang.collect.internal.Connector.Part;
import org.qiantang.collect.internal.Connector.PartReader;
import org.qiantang.collect.internal.Connector.Unreadable;
import org.qiantang.core.Problem;
import org.qiantang.lake.Batch;
import org.qiantang.lake.ChunkReader;
import org.qiantang.lake.ColumnProof;
import org.qiantang.lake.Commit;
import org.qiantang.lake.DiskFault;
import org.qiantang.lake.Lake;
import org.qiantang.lake.LakeException;
import org.qiantang.lake.TableName;
import org.qiantang.lake.TableWrite;

/**
 * One run over one source. A few lanes each take the next part of the next table, write it and prove it; when a table's last part is
 * there the table is committed beside them, for a commit mostly waits for the disk and the catalogue while a lane mostly computes. A
 * table that goes wrong ends alone; a value that does not fit its column makes the table start again with that column as text, which
 * later runs remember.
 */
public final class CollectionRun {
    private static final Duration PROGRESS = Duration.ofMillis(250);
    /** What a table without parts has instead, so that it too is committed. */
    private static final Part NO_PART = new Part("", 0);

    /** The snapshot property that names the columns kept as text because a value did not fit their type. */
    static final String AS_TEXT = "qiantang.as-text";

    /** The snapshot property that says of which content, read in which way, it was made. */
    static final String FINGERPRINT = "qiantang.fingerprint";

    private final RunOrder order;
    private final Connector connector;
    private final Lake lake;
    private final int lanes;
    private final Profiling profiling;
    private final Rejects rejects;
    private final RowPace pace;
    private final Deque<TableJob> waiting = new ArrayDeque<>();
    private final List<TableJob> active = new ArrayList<>();
    private final BlockingQueue<Optional<RunEvent>> events = new LinkedBlockingQueue<>();
    private final ThreadPoolExecutor committers;
    private volatile boolean cancelled;

    /** Set when the source, the lake's catalogue or its disk has gone: the tables that are open did not fail, the run has to go on later. */
    private volatile @Nullable RuntimeException lost;

    /** Tables that were found and wait until they are given to this collector; empty when it has the run for itself. */
    private final Map<String, TableJob> unassigned = new HashMap<>();

    private boolean allGiven;
    private int openTables;

    public CollectionRun(RunOrder order, Connector connector, Lake lake, int lanes, Profiling profiling) {
        this.order = order;
        this.profiling = profiling;
        this.connector = connector;
        this.lake = lake;
        this.lanes = lanes;
        this.rejects = new Rejects(lake, order.runId(), order.sourceName());
        Limits limits = order.limits();
        Long rows = limits == null ? null : limits.rowsPerSecond();
        this.pace = new RowPace(rows == null ? 0 : rows);
        // A lane that is far ahead of them commits its table itself.
        this.committers = new ThreadPoolExecutor(
                lanes,
                lanes,
                0,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(lanes),
                Thread.ofPlatform().name("collect-commit-", 1).factory(),
                new ThreadPoolExecutor.CallerRunsPolicy());
    }

    /** Collects until everything has ended or {@link #cancel} was called, handing events to the caller's thread. */
    public void collect(Consumer<RunEvent> sink) {
        List<SourceObject> objects = connector.discover();
        plan(objects);
        sink.accept(new RunEvent.Discovered(
                connector.position(), now(), objects, connector.sharedState().orElse(""), 2 * lanes));
        ExecutorService executor = Executors.newFixedThreadPool(
                lanes, Thread.ofPlatform().name("collect-lane-", 1).factory());
        try {
            for (int i = 0; i < lanes; i++) {
                executor.submit(this::lane);
            }
            relay(sink);
            committers.shutdown();
            awaitQuietly(committers);
            // Of a run that was cancelled: what was being committed when the lanes left.
            events.stream().flatMap(Optional::stream).forEach(sink);
        } finally {
            cancelled = true;
            executor.shutdownNow();
            committers.shutdown();
            awaitQuietly(executor);
            awaitQuietly(committers);
            active.forEach(TableJob::abandon);
        }
        RuntimeException why = lost;
        if (why != null) {
            throw why;
        }
    }

    public void cancel() {
        cancelled = true;
        synchronized (active) {
            active.forEach(TableJob::stop);
        }
    }

    /** Takes tables of a shared run; they are read after those that were given before. */
    public void give(List<String> lakeNames, boolean last) {
        synchronized (active) {
            for (String name : lakeNames) {
                TableJob job = unassigned.remove(name);
                if (job == null) {
                    throw new IllegalStateException("There is no table " + name + " to be given");
                }
                waiting.add(job);
                openTables++;
            }
            allGiven |= last;
            active.notifyAll();
        }
    }

    private void plan(List<SourceObject> objects) {
        objects.stream()
                .filter(object -> object.isCopied() && !order.finished().contains(object.lakeName()))
                .filter(object -> !isUnchanged(object))
                .sorted(Comparator.comparingLong(
                                (SourceObject object) -> object.estimatedBytes().orElse(0))
                        .reversed())
                .map(TableJob::new)
                .forEach(order.sharing() == null ? waiting::add : job -> unassigned.put(job.table.name(), job));
        openTables = waiting.size();
        allGiven = order.sharing() == null;
    }

    /** Whether the lake has an object's content already; then that is told, and nothing of it is read. */
    private boolean isUnchanged(SourceObject object) {
        Optional<String> fingerprint = object.fingerprint();
        TableName table = new TableName("raw_" + order.sourceName(), lakeName(object));
        if (fingerprint.isEmpty()
                || !Objects.equals(
                        object.details().get(SourceObject.CONTENT),
                        order.carriable().get(table.name()))
                || connector.unreadable(object).isPresent()
                || !lake.summary(table).map(summary -> summary.get(FINGERPRINT)).equals(fingerprint)) {
            return false;
        }
        Instant now = now();
        events.add(Optional.of(new RunEvent.Ended(new ObjectResult(
                object.qualifiedName(),
                table.name(),
                State.UNCHANGED,
                connector.position(),
                null,
                null,
                OptionalLong.empty(),
                0,
                0,
                0,
                0,
                null,
                now,
                now,
                List.of(),
                Map.of(),
                List.of()))));
        return true;
    }

    /** Passes on what the lanes say, and how far they are in between, until the last lane has left. */
    private void relay(Consumer<RunEvent> sink) {
        int lanesLeft = lanes;
        long nextProgress = System.nanoTime();
        try {
            while (lanesLeft > 0) {
                Optional<RunEvent> event = events.poll(PROGRESS.toMillis(), TimeUnit.MILLISECONDS);
                if (event != null) {
                    if (event.isPresent()) {
                        sink.accept(event.get());
                    } else {
                        lanesLeft--;
                    }
                }
                if (System.nanoTime() >= nextProgress) {
                    progress().forEach(sink);
                    nextProgress = System.nanoTime() + PROGRESS.toNanos();
                }
            }
        } catch (InterruptedException e) {
            cancel();
            Thread.currentThread().interrupt();
        }
    }

    private List<RunEvent> progress() {
        synchronized (active) {
            return active.stream().map(TableJob::progress).toList();
        }
    }

    static void awaitQuietly(ExecutorService executor) {
        boolean interrupted = false;
        while (true) {
            try {
                if (executor.awaitTermination(1, TimeUnit.MINUTES)) {
                    break;
                }
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void lane() {
        try {
            for (Work work = next(); work != null; work = next()) {
                work.job.run(work.part);
            }
        } finally {
            events.add(Optional.empty());
        }
    }

    /** Ends the run when what went wrong is that the source, the lake's catalogue or its disk is not there any more. */
    private boolean isLoss(Exception e) {
        Optional<DiskFault> fault = DiskFault.of(e);
        if (fault.isPresent()) {
            lost = new LakeException(fault.get().kind(), String.valueOf(e.getMessage()), e);
            cancel();
            return true;
        }
        boolean gone = isConnectionLoss(e);
        if (gone) {
            lost = e instanceof Problem || e instanceof SQLException
                    ? new Problem(CollectProblem.SOURCE_UNREACHABLE, "reason", String.valueOf(e.getMessage()))
                    : new Problem(CollectProblem.WORKER_LOST);
            cancel();
        }
        return gone;
    }

    /** Whether something went wrong because a database is not there any more. */
    static boolean isConnectionLoss(Exception e) {
        boolean gone = e instanceof Problem problem && problem.code() == CollectProblem.SOURCE_UNREACHABLE;
        for (Throwable cause = e; cause != null && !gone; cause = cause.getCause()) {
            gone = cause instanceof SQLException sql && isConnectionLoss(sql.getSQLState());
        }
        return gone;
    }

    /** Class 08 is a broken connection; 57P01 to 57P03 are a server that is going down or coming up. */
    private static boolean isConnectionLoss(@Nullable String state) {
        return state != null && (state.startsWith("08") || state.startsWith("57P0"));
    }

    private record Work(TableJob job, Part part) {}

    /** The next part of a table that is open, else the first part of the next table; null when the run is over for this lane. */
    private @Nullable Work next() {
        while (true) {
            TableJob job;
            synchronized (active) {
                if (cancelled || (allGiven && openTables == 0)) {
                    active.notifyAll();
                    return null;
                }
                for (TableJob open : active) {
                    Part part = open.poll();
                    if (part != null) {
                        return new Work(open, part);
                    }
                }
                job = waiting.poll();
                if (job == null) {
                    // Others still work on the last tables, one of which may have to start again, or more are given.
                    try {
                        active.wait(PROGRESS.toMillis());
                    } catch (InterruptedException e) {
                        return null;
                    }
                    continue;
                }
            }
            if (job.open()) {
                synchronized (active) {
                    active.add(job);
                    active.notifyAll();
                }
            }
        }
    }

    private void ended(TableJob job, ObjectResult result) {
        events.add(Optional.of(new RunEvent.Ended(result)));
        leave(job, true);
    }

    private void leave(TableJob job, boolean forGood) {
        synchronized (active) {
            active.remove(job);
            if (forGood) {
                openTables--;
            }
            active.notifyAll();
        }
    }

    /** One table, from its first part to its commit. */
    private final class TableJob {
        private final TableName table;
        private final Set<String> asText = new HashSet<>();
        private final Instant startedAt = now();
        /** Of what was found; what is learned while reading does not make it another. */
        private final Optional<String> fingerprint;

        private SourceObject object;
        private final Deque<Part> parts = new ArrayDeque<>();
        private final List<PartReader> readers = new ArrayList<>();
        private @Nullable TableWrite write;
        private Rejects.@Nullable Of refused;
        private @Nullable Exception failure;
        private @Nullable Unreadable shortfall;
        private int inFlight;
        private long rowsAtSource;
        private long rowsLanded;
        private long bytesRead;
        private final LongAdder rowsSeen = new LongAdder();

        TableJob(SourceObject object) {
            this.object = object;
            this.fingerprint = object.fingerprint();
            this.table = new TableName("raw_" + order.sourceName(), lakeName(object));
        }

        /** Called by one lane, before others see the table. False when it has ended already, because it cannot be read. */
        boolean open() {
            try {
                Optional<Unreadable> why = connector.unreadable(object);
                if (why.isPresent()) {
                    ended(
                            this,
                            result(State.UNREADABLE, why.get().code(), why.get().reason(), null));
                    return false;
                }
                remembered().forEach(this::widen);
                rowsAtSource = 0;
                rowsLanded = 0;
                bytesRead = 0;
                rowsSeen.reset();
                failure = null;
                shortfall = null;
                readers.clear();
                parts.clear();
                parts.addAll(connector.parts(object));
                if (parts.isEmpty()) {
                    parts.add(NO_PART);
                }
                TableWrite writing = lake.replace(
                        table,
                        object.columns().stream().map(SourceColumn::column).toList());
                if (profiling == Profiling.ON) {
                    writing.profile();
                }
                write = writing;
                refused = rejects.of(object.qualifiedName());
                return true;
            } catch (RuntimeException e) {
                if (isLoss(e)) {
                    leave(this, true);
                } else {
                    ended(this, failed(e));
                }
                return false;
            } catch (LinkageError | VirtualMachineError e) {
                ended(this, failed(new IllegalStateException(e)));
                return false;
            }
        }

        /** Called under the run's lock. */
        @Nullable
        Part poll() {
            if (failure != null) {
                return null;
            }
            Part part = parts.poll();
            if (part != null) {
                inFlight++;
            }
            return part;
        }

        void run(Part part) {
            if (part != NO_PART) {
                try (PartReader reader = open(part)) {
                    long rows = writer().write(counting(reader));
                    done(reader, rows);
                } catch (Exception e) {
                    fail(e);
                } catch (LinkageError | VirtualMachineError e) {
                    fail(new IllegalStateException(e));
                }
            }
            boolean last;
            synchronized (active) {
                inFlight--;
                last = inFlight == 0 && (parts.isEmpty() || failure != null);
            }
            if (last) {
                committers.execute(this::finish);
            }
        }

        private PartReader open(Part part) throws Exception {
            PartReader reader =
                    connector.open(object, part, row -> refusedRows().add(row));
            synchronized (active) {
                readers.add(reader);
            }
            return reader;
        }

        private void done(PartReader reader, long rows) {
            synchronized (active) {
                readers.remove(reader);
                bytesRead += reader.bytesRead();
                rowsLanded += rows;
                OptionalLong counted = reader.rowsAtSource();
                if (counted.isPresent()) {
                    rowsAtSource += counted.getAsLong();
                } else {
                    rowsAtSource = Long.MIN_VALUE;
                }
                shortfall = reader.shortfall().orElse(shortfall);
            }
        }

        private void fail(Exception e) {
            synchronized (active) {
                if (failure == null) {
                    failure = e;
                }
            }
            stop();
        }

        /** Ends the reading of the parts that are open. */
        void stop() {
            List<PartReader> open;
            synchronized (active) {
                open = List.copyOf(readers);
            }
            open.forEach(PartReader::close);
        }

        private ChunkReader counting(PartReader reader) {
            return (Batch batch) -> {
                if (cancelled || failure != null) {
                    throw new LakeException(LakeException.Kind.CANCELLED, "The run was cancelled");
                }
                int rows = reader.read(batch);
                rowsSeen.add(rows);
                pace.took(rows);
                return rows;
            };
        }

        private void finish() {
            try {
                finish(failure);
            } catch (RuntimeException | LinkageError | VirtualMachineError e) {
                ended(this, failed(new IllegalStateException(e)));
            }
        }

        private void finish(@Nullable Exception why) {
            if (cancelled || (why != null && isLoss(why))) {
                writer().close();
                leave(this, true);
                return;
            }
            if (why instanceof Connector.Learned learned) {
                startAgain(() -> learned.object());
                return;
            }
            if (why instanceof LakeException e
                    && e.kind() == LakeException.Kind.VALUE_DOES_NOT_FIT
                    && asText.add(e.column())) {
                startAgain(() -> connector.asText(object, e.column()));
                return;
            }
            try (TableWrite writing = writer()) {
                ended(this, why == null ? commit(writing) : failed(why));
            } catch (RuntimeException e) {
                if (isLoss(e)) {
                    leave(this, true);
                } else {
                    ended(this, failed(e));
                }
            }
        }

        /** Leaves the table as it was before the run. */
        void abandon() {
            writer().close();
        }

        private void startAgain(Supplier<SourceObject> as) {
            writer().close();
            try {
                object = as.get();
            } catch (RuntimeException e) {
                ended(this, failed(e));
                return;
            }
            synchronized (active) {
                active.remove(this);
                waiting.addFirst(this);
                active.notifyAll();
            }
        }

        private ObjectResult commit(TableWrite writing) {
            Rejects.Of mine = refusedRows();
            if (rowsAtSource < 0) {
                rowsAtSource = rowsLanded + mine.rows();
            }
            Unreadable absent = shortfall;
            if (absent == null && rowsAtSource != rowsLanded + mine.rows()) {
                return result(
                        State.FAILED,
                        "collect.rows_do_not_add_up",
                        rowsAtSource + " ≠ " + rowsLanded + " + " + mine.rows(),
                        null);
            }
            mine.commit();
            Map<String, String> summary = new HashMap<>();
            summary.put("qiantang.run-id", order.runId());
            summary.put("qiantang.collector", "pid " + ProcessHandle.current().pid());
            summary.put("qiantang.source", order.sourceName());
            summary.put("qiantang.object", object.qualifiedName());
            summary.put("qiantang.position", position());
            fingerprint.ifPresent(content -> summary.put(FINGERPRINT, content));
            connector.followPosition().ifPresent(position -> summary.put(Following.POSITION, position));
            if (!asText.isEmpty()) {
                summary.put(AS_TEXT, String.join("\n", asText));
            }
            object.details().forEach((name, value) -> {
                if (name.startsWith("qiantang.")) {
                    summary.put(name, value);
                }
            });
            Commit commit = writing.commit(summary);
            if (absent != null) {
                return result(State.INCOMPLETE, absent.code(), absent.reason(), commit);
            }
            String unreadableColumns = object.details().get("unreadableColumns");
            if (unreadableColumns != null) {
                return result(State.INCOMPLETE, "collect.columns_unreadable", unreadableColumns, commit);
            }
            if (mine.rows() + mine.values() > 0) {
                return result(
                        State.INCOMPLETE,
                        "collect.rejects",
                        mine.rows() + " rows and " + mine.values()
                                + " single values were rejected; each is kept with its reason",
                        commit);
            }
            return result(State.COMPLETE, null, null, commit);
        }

        private ObjectResult failed(Exception e) {
            if (e instanceof SQLException sql && "42501".equals(sql.getSQLState())) {
                return result(State.UNREADABLE, "collect.no_privilege", words(e), null);
            }
            String code =
                    e instanceof LakeException lakeFailure && lakeFailure.kind() == LakeException.Kind.PROOF_FAILED
                            ? "collect.proof_failed"
                            : e instanceof org.qiantang.core.Problem problem
                                    ? problem.code().id()
                                    : "collect.table_failed";
            if (!(e instanceof SQLException) && code.equals("collect.table_failed")) {
                System.getLogger(CollectionRun.class.getName())
                        .log(System.Logger.Level.WARNING, "Table " + table + " failed", e);
            }
            return result(State.FAILED, code, words(e), null);
        }

        private static String words(Exception e) {
            String message = e.getMessage();
            return message == null || message.isBlank() ? e.getClass().getSimpleName() : message;
        }

        private ObjectResult result(
                State state, @Nullable String code, @Nullable String reason, @Nullable Commit commit) {
            Rejects.Of mine = refused;
            boolean landed = commit != null;
            return new ObjectResult(
                    object.qualifiedName(),
                    table.name(),
                    state,
                    position(),
                    code,
                    reason,
                    landed ? OptionalLong.of(rowsAtSource) : object.estimatedRows(),
                    landed ? rowsLanded : 0,
                    landed && mine != null ? mine.rows() : 0,
                    landed && mine != null ? mine.values() : 0,
                    commit == null ? 0 : commit.bytes(),
                    commit == null ? null : commit.snapshotId(),
                    startedAt,
                    now(),
                    commit == null ? List.of() : columns(commit),
                    commit == null ? Map.of() : findings(commit),
                    commit == null ? List.of() : commit.profiles());
        }

        /** Where the source stood for this table. */
        private String position() {
            return object.details().getOrDefault("qiantang.position", connector.position());
        }

        private List<ColumnResult> columns(Commit commit) {
            List<ColumnResult> columns = new ArrayList<>();
            for (int i = 0; i < commit.columns().size(); i++) {
                SourceColumn column = object.columns().get(i);
                ColumnProof proof = commit.columns().get(i);
                columns.add(new ColumnResult(
                        column.name(),
                        proof.column(),
                        column.column().sourceType(),
                        column.column().type().label(),
                        proof.nulls(),
                        proof.read(),
                        proof.written()));
            }
            return columns;
        }

        private Map<String, Findings> findings(Commit commit) {
            Map<String, Findings> findings = new HashMap<>();
            for (SourceColumn column : object.columns()) {
                String name = column.column().name();
                List<String> samples = commit.samples().getOrDefault(name, List.of());
                if (!samples.isEmpty()) {
                    findings.put(name, Classifier.look(column.column().type().label(), samples));
                }
            }
            return findings;
        }

        RunEvent progress() {
            long bytes = bytesRead;
            for (PartReader reader : readers) {
                bytes += reader.bytesRead();
            }
            return new RunEvent.Progress(object.qualifiedName(), RunEvent.Phase.READING, rowsSeen.sum(), bytes);
        }

        private void widen(String column) {
            if (asText.add(column)
                    && object.columns().stream()
                            .anyMatch(each -> each.column().name().equals(column))) {
                object = connector.asText(object, column);
            }
        }

        /** The columns that earlier runs found too narrow. */
        private List<String> remembered() {
            return lake.summary(table)
                    .map(summary -> summary.get(AS_TEXT))
                    .map(names -> Arrays.asList(names.split("\n", -1)))
                    .orElse(List.of());
        }

        private TableWrite writer() {
            return java.util.Objects.requireNonNull(write, "the table is not open");
        }

        private Rejects.Of refusedRows() {
            return java.util.Objects.requireNonNull(refused, "the table is not open");
        }
    }

    /** To the microsecond, which is what the hub's database keeps: a receipt says the same before and after a restart. */
    private static Instant now() {
        return Instant.now().truncatedTo(ChronoUnit.MICROS);
    }

    private static String lakeName(SourceObject object) {
        return java.util.Objects.requireNonNull(object.lakeName(), "only what is copied has a job");
    }
}

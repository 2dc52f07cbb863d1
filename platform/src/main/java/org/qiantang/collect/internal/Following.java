package org.qiantang.collect.internal;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.qiantang.collect.CollectProblem;
import org.qiantang.collect.FollowEvent;
import org.qiantang.collect.FollowEvent.State;
import org.qiantang.collect.internal.ChangeFeed.FollowedTable;
import org.qiantang.core.Problem;
import org.qiantang.lake.DiskFault;
import org.qiantang.lake.Lake;
import org.qiantang.lake.LakeException;
import org.qiantang.lake.TableChanges;
import org.qiantang.lake.TableChanges.Applied;
import org.qiantang.lake.TableChanges.Delivery;
import org.qiantang.lake.TableName;

/**
 * Brings what changes in a source into its lake tables. Whole transactions are gathered for a moment, then applied table by table while
 * the next are gathered, each commit carrying the position it stands for; only then does the source hear that it may forget them. After
 * a crash the source begins again from what it heard, and each table skips what its own position says it has: nothing is lost and
 * nothing is there twice.
 */
public final class Following {
    /** The snapshot property that says up to where a table has its source's changes: the follower's name, a space, the position. */
    public static final String POSITION = "qiantang.follow-position";

    private static final Duration GATHER = Duration.ofMillis(400);
    private static final long GATHERED_CHANGES = 200_000;
    private static final Duration PATIENCE = Duration.ofMillis(100);
    private static final Duration BEAT = Duration.ofSeconds(2);
    private static final Duration LOOK = Duration.ofSeconds(20);

    private final String namespace;
    private final String follower;
    private final ChangeFeed feed;
    private final Lake lake;
    private final long mayKeepBytes;
    private final Map<String, Table> tables = new LinkedHashMap<>();
    private final Gathering sink = new Gathering();
    private final Consumer<FollowEvent> events;
    private volatile boolean stopped;

    /** Where to end; null to go on until somebody stops it. */
    private @Nullable String until;

    private boolean reached;

    private @Nullable Instant gatheringSince;
    private Instant sourceAt = Instant.EPOCH;
    private @Nullable String complete;
    private String transaction = "";
    private String confirmed = "";
    private final ExecutorService landing = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().name("following").factory());
    private @Nullable Flight flight;

    /** @param mayKeepBytes when the source keeps more log than this for us, it is let go and collected anew */
    public Following(
            String sourceName,
            String follower,
            ChangeFeed feed,
            Lake lake,
            long mayKeepBytes,
            Consumer<FollowEvent> events) {
        this.namespace = "raw_" + sourceName;
        this.follower = follower;
        this.feed = feed;
        this.lake = lake;
        this.mayKeepBytes = mayKeepBytes;
        this.events = events;
    }

    /** Follows until {@link #stop} is called. */
    public void follow() throws Exception {
        follow(() -> false);
    }

    private void follow(BooleanSupplier isEnough) throws Exception {
        try {
            feed.tables().forEach(this::admit);
            feed.start(earliest());
            events.accept(new FollowEvent.Started(
                    tables.values().stream().map(Table::state).toList()));
            long nextBeat = System.nanoTime();
            long nextLook = System.nanoTime() + LOOK.toNanos();
            while (!stopped && !isEnough.getAsBoolean()) {
                feed.read(sink, PATIENCE);
                lookWhetherReached();
                if (isDue()) {
                    apply();
                } else if (hasLanded()) {
                    settle();
                }
                if (System.nanoTime() >= nextBeat) {
                    beat();
                    nextBeat = System.nanoTime() + BEAT.toNanos();
                }
                if (System.nanoTime() >= nextLook) {
                    feed.look(sink);
                    nextLook = System.nanoTime() + LOOK.toNanos();
                }
            }
            apply();
            settle();
        } finally {
            landing.close();
            Flight last = flight;
            if (last != null) {
                last.loads.forEach(load -> load.changes.close());
            }
            tables.values().forEach(Table::close);
        }
    }

    /**
     * Follows until the lake has what was committed before a position and nothing that came later; whoever follows next takes that.
     *
     * @return whether it came there in time
     */
    public boolean followTo(String position, Duration patience) throws Exception {
        until = position;
        long deadline = System.nanoTime() + patience.toNanos();
        follow(() -> reached || System.nanoTime() >= deadline);
        return reached;
    }

    /** Lake names of the tables whose changes have all arrived. */
    public Set<String> followed() {
        return tables.values().stream()
                .filter(table -> table.state == State.FOLLOWED)
                .map(table -> table.shape.lakeName())
                .collect(Collectors.toSet());
    }

    /** Ends {@link #follow} soon, with everything gathered so far applied if whole. */
    public void stop() {
        stopped = true;
    }

    /** A source in which nothing happens sends no transaction that would show that its log is beyond the position. */
    private void lookWhetherReached() {
        String end = until;
        String caughtUp = end == null || reached ? null : feed.caughtUpTo();
        reached |= caughtUp != null && end != null && !sink.isInTransaction() && caughtUp.compareTo(end) >= 0;
    }

    /** What the least advanced of the tables has. */
    private String earliest() {
        return tables.values().stream()
                .filter(table -> table.state == State.FOLLOWED)
                .map(table -> table.position)
                .min(Comparator.naturalOrder())
                .orElse("");
    }

    private void admit(FollowedTable table) {
        Table known = new Table(table);
        tables.put(table.lakeName(), known);
    }

    private boolean isDue() {
        Instant since = gatheringSince;
        if (since == null || complete == null) {
            return false;
        }
        long waiting = tables.values().stream().mapToLong(Table::waiting).sum();
        return waiting >= GATHERED_CHANGES
                || (flight == null || hasLanded())
                        && Duration.between(since, Instant.now()).compareTo(GATHER) >= 0;
    }

    private boolean hasLanded() {
        Flight last = flight;
        return last != null && last.landed.isDone();
    }

    /** Sends the whole transactions gathered so far on their way; those before them have landed then. */
    private void apply() throws Exception {
        String position = complete;
        if (position == null || (sink.isInTransaction() && !reached)) {
            return;
        }
        settle();
        List<Load> loads = new ArrayList<>();
        for (Table table : tables.values()) {
            table.load().ifPresent(loads::add);
        }
        complete = null;
        gatheringSince = null;
        if (loads.isEmpty()) {
            feed.confirm(position);
            confirmed = position;
            return;
        }
        flight = new Flight(
                position,
                sourceAt,
                loads,
                CompletableFuture.supplyAsync(
                        () -> loads.stream().map(load -> land(load, position)).toList(), landing));
    }

    /** Waits until what is on its way has landed; then the source may forget it. */
    private void settle() throws Exception {
        Flight last = flight;
        if (last == null) {
            return;
        }
        List<Landed> landed = await(last);
        flight = null;
        List<FollowEvent.TableApplied> applied = new ArrayList<>();
        for (Landed each : landed) {
            each.load.table.landed(each, last.position);
            each.applied.ifPresent(applied::add);
        }
        feed.confirm(last.position);
        confirmed = last.position;
        if (!applied.isEmpty()) {
            events.accept(new FollowEvent.Applied(last.position, last.sourceAt, Instant.now(), applied));
        }
    }

    /** Waits until the lake has everything that was sent on its way. */
    private void await() {
        Flight last = flight;
        if (last != null) {
            await(last);
        }
    }

    private static List<Landed> await(Flight flight) {
        try {
            return flight.landed.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw e;
        }
    }

    /** The changes of one table that are applied together. */
    private record Load(Table table, TableChanges changes, long count) {}

    /** How that ended. */
    private record Landed(
            Load load,
            Optional<FollowEvent.TableApplied> applied,
            @Nullable LakeException failure) {}

    /** Whole transactions on their way into the lake. */
    private record Flight(
            String position, Instant sourceAt, List<Load> loads, CompletableFuture<List<Landed>> landed) {}

    /**
     * Applies changes; a table that cannot take its changes costs only itself.
     *
     * @throws LakeException when no table could take them
     */
    private Landed land(Load load, String upTo) {
        TableName name = load.table.name;
        try {
            Map<String, String> summary = new HashMap<>(lake.summary(name).orElse(Map.of()));
            summary.keySet().removeIf(key -> !key.startsWith("qiantang."));
            summary.put(POSITION, follower + " " + upTo);
            Optional<Applied> applied = load.changes.commit(summary);
            return new Landed(
                    load,
                    applied.map(done -> new FollowEvent.TableApplied(
                            name.name(),
                            load.count,
                            done.rowsAdded(),
                            done.rowsRemoved(),
                            done.rows(),
                            done.bytes(),
                            Long.toString(done.snapshotId()))),
                    null);
        } catch (LakeException e) {
            if (e.kind() == LakeException.Kind.STORAGE
                    || e.kind() == LakeException.Kind.OUT_OF_MEMORY
                    || DiskFault.of(e).isPresent()) {
                throw e;
            }
            return new Landed(load, Optional.empty(), e);
        }
    }

    private void beat() throws Exception {
        String caughtUp = feed.caughtUpTo();
        if (caughtUp != null && complete == null && flight == null && caughtUp.compareTo(confirmed) > 0) {
            // Nothing of ours was in between, so there is nothing to apply.
            feed.confirm(caughtUp);
            confirmed = caughtUp;
        }
        ChangeFeed.Lag lag = feed.lag();
        events.accept(new FollowEvent.Beat(confirmed, lag.bytesBehind(), lag.bytesKept(), Instant.now()));
        if (lag.bytesKept() > mayKeepBytes) {
            feed.forget();
            throw new Problem(CollectProblem.FOLLOWING_LEFT_BEHIND, "reason", lag.bytesKept() + " bytes");
        }
    }

    /** Sorts the feed's changes into tables. */
    private final class Gathering implements ChangeFeed.Sink {
        private boolean inTransaction;

        boolean isInTransaction() {
            return inTransaction;
        }

        @Override
        public void begin(String position) {
            String end = until;
            reached |= end != null && position.compareTo(end) >= 0;
            if (!reached) {
                transaction = position;
                inTransaction = true;
            }
        }

        @Override
        public boolean wants(String lakeName) {
            Table table = tables.get(lakeName);
            return table != null && table.wants(transaction);
        }

        @Override
        public @Nullable TableChanges changes(String lakeName) {
            Table table = tables.get(lakeName);
            if (reached || table == null || !table.wants(transaction)) {
                return null;
            }
            if (gatheringSince == null) {
                gatheringSince = Instant.now();
            }
            return table.changes();
        }

        @Override
        public Map<Integer, Object> former(TableChanges changes, BitSet wanted) {
            await();
            return changes.former(wanted);
        }

        @Override
        public void committed(String position, Instant at) {
            if (reached) {
                return;
            }
            inTransaction = false;
            complete = position;
            sourceAt = at;
            if (gatheringSince == null) {
                gatheringSince = Instant.now();
            }
        }

        @Override
        public void reshaped(FollowedTable shape, Map<String, String> renamed) throws Exception {
            Table table = tables.get(shape.lakeName());
            if (!reached && table != null && table.wants(transaction)) {
                table.reshape(shape, renamed);
            }
        }

        @Override
        public void collectAnew(String lakeName, String code, String reason) {
            Table table = tables.get(lakeName);
            if (!reached && table != null && (!isInTransaction() || table.wants(transaction))) {
                table.leave(State.TO_BE_COLLECTED, code, reason);
            }
        }

        @Override
        public void appeared(FollowedTable table) {
            admit(table);
            events.accept(new FollowEvent.Changed(
                    requireNonNull(tables.get(table.lakeName())).state()));
        }

        @Override
        public void vanished(String lakeName) {
            Table table = tables.get(lakeName);
            if (table != null) {
                table.leave(State.GONE, CollectProblem.TABLE_GONE.id(), "");
            }
        }
    }

    /** One table and the changes that wait for it. */
    private final class Table {
        private final TableName name;
        private FollowedTable shape;
        private State state;
        private @Nullable String code;
        private @Nullable String reason;
        private String position = "";
        private String changedIn = "";
        private @Nullable TableChanges changes;
        /** Applied, and empty again. */
        private @Nullable TableChanges spare;

        Table(FollowedTable shape) {
            this.name = new TableName(namespace, shape.lakeName());
            this.shape = shape;
            Connector.Unreadable why = shape.why();
            if (why != null) {
                state = State.NOT_FOLLOWABLE;
                code = why.code();
                reason = why.reason();
                return;
            }
            this.shape = asInLake(shape);
            Optional<String> known = lake.summary(name)
                    .map(summary -> summary.get(POSITION))
                    .filter(stands -> stands.startsWith(follower + " "));
            if (known.isPresent() && !lake.shape(name).equals(this.shape.types())) {
                state = State.TO_BE_COLLECTED;
                code = CollectProblem.SHAPE_CHANGED.id();
            } else if (known.isPresent()) {
                state = State.FOLLOWED;
                position = known.get().substring(follower.length() + 1);
            } else {
                state = State.TO_BE_COLLECTED;
                code = CollectProblem.NOT_COLLECTED_YET.id();
            }
        }

        FollowEvent.TableState state() {
            return new FollowEvent.TableState(shape.object(), shape.lakeName(), state, code, reason);
        }

        /** Whether the lake does not have what a transaction that commits there changes. */
        boolean wants(String transaction) {
            return state == State.FOLLOWED && transaction.compareTo(position) >= 0;
        }

        TableChanges changes() {
            changedIn = transaction;
            TableChanges open = changes;
            if (open == null) {
                open = spare == null ? lake.change(name, shape.columns(), shape.key(), Delivery.EXACTLY_ONCE) : spare;
                spare = null;
                changes = open;
            }
            return open;
        }

        long waiting() {
            TableChanges open = changes;
            return open == null ? 0 : open.waiting();
        }

        /** Takes what waits; a table in which nothing happens keeps nothing open. */
        Optional<Load> load() {
            TableChanges open = changes;
            if (open == null || open.isEmpty() || state != State.FOLLOWED) {
                close();
                return Optional.empty();
            }
            changes = null;
            return Optional.of(new Load(this, open, open.waiting()));
        }

        /** Hears how the changes before those that wait now have ended. */
        void landed(Landed landed, String upTo) {
            TableChanges done = landed.load.changes;
            if (state == State.FOLLOWED
                    && landed.failure == null
                    && spare == null
                    && done.columns().equals(shape.columns())) {
                spare = done;
            } else {
                done.close();
            }
            if (landed.failure == null) {
                position = upTo;
            } else if (state == State.FOLLOWED) {
                leave(
                        State.TO_BE_COLLECTED,
                        CollectProblem.FOLLOWING_DIVERGED.id(),
                        String.valueOf(landed.failure.getMessage()));
            }
        }

        /** Goes on with other columns; what came before is applied under the former ones. */
        void reshape(FollowedTable next, Map<String, String> renamed) throws Exception {
            String upTo = complete;
            if (changedIn.equals(transaction)) {
                leave(State.TO_BE_COLLECTED, CollectProblem.SHAPE_CHANGED.id(), "");
                return;
            }
            settle();
            Optional<Load> before = upTo == null ? Optional.empty() : load();
            if (before.isPresent()) {
                Landed landed = land(before.get(), requireNonNull(upTo));
                landed(landed, requireNonNull(upTo));
                landed.applied.ifPresent(done ->
                        events.accept(new FollowEvent.Applied(confirmed, sourceAt, Instant.now(), List.of(done))));
            }
            if (state != State.FOLLOWED) {
                return;
            }
            close();
            shape = asInLake(next);
            lake.reshape(name, shape.columns(), renamed);
            events.accept(new FollowEvent.Reshaped(
                    shape.lakeName(),
                    shape.columns().stream()
                            .map(column -> new FollowEvent.ColumnShape(
                                    column.name(),
                                    column.type().label(),
                                    column.sourceType(),
                                    column.comment(),
                                    shape.key().indexOf(column.name()) + 1))
                            .toList(),
                    renamed,
                    transaction,
                    Instant.now()));
            events.accept(new FollowEvent.Changed(state()));
        }

        /** Columns that the lake keeps as text, because a value did not fit their type, stay text. */
        private FollowedTable asInLake(FollowedTable table) {
            String names = lake.summary(name)
                    .map(summary -> summary.get(CollectionRun.AS_TEXT))
                    .orElse(null);
            return names == null ? table : table.withText(Set.of(names.split("\n", -1)));
        }

        void leave(State next, String why, String words) {
            await();
            close();
            state = next;
            code = why;
            reason = words;
            events.accept(new FollowEvent.Changed(state()));
        }

        void close() {
            TableChanges open = changes;
            TableChanges kept = spare;
            changes = null;
            spare = null;
            if (open != null) {
                open.close();
            }
            if (kept != null) {
                kept.close();
            }
        }
    }
}

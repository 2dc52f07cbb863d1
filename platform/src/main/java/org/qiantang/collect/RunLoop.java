package org.qiantang.collect;

import static java.util.Objects.requireNonNull;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.qiantang.catalog.Completeness;
import org.qiantang.catalog.Findings;
import org.qiantang.catalog.Profiles;
import org.qiantang.catalog.Resources;
import org.qiantang.catalog.TableCollected;
import org.qiantang.core.Problem;
import org.qiantang.lake.LakeException;
import org.qiantang.lake.TableName;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.SmartLifecycle;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Carries out queued runs, as many at a time as there are collectors; one that has nothing to do joins the run of another where the source
 * lets several see one state. The result of each table is stored, in one transaction with the catalogue, before the next
 * event is taken from the worker: that is the acknowledgement, and whatever was acknowledged is never collected again in the run. When
 * the worker or the database goes away in the middle, the loop waits for it and goes on with what is left; when the hub itself goes away,
 * it goes on at the next start.
 */
@Component
final class RunLoop implements SmartLifecycle {
    private static final System.Logger LOG = System.getLogger(RunLoop.class.getName());
    private static final Duration FIRST_PAUSE = Duration.ofMillis(250);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);
    /** So often in a row may the worker be lost without any table ending before the tables it was reading are given up. */
    private static final int PATIENCE = 5;
    /** So often in a row, before anything was being read at all, before the run is given up. */
    private static final int LONG_PATIENCE = 12;

    private static final Duration STORAGE_PAUSE = Duration.ofSeconds(1);
    /** So often is a source that does not answer asked before its run is given up: a server that starts again takes some seconds. */
    private static final int SOURCE_PATIENCE = 7;

    private final Collections collections;
    private final RunStore store;
    private final Sources sources;
    private final Followings followings;
    private final Receipts receipts;
    private final Resources resources;
    private final Profiles profiles;
    /** The first one also follows sources and lands events: runs of followed sources are its own. */
    private final CollectionWorker first;

    private final Set<CollectionWorker> free = new LinkedHashSet<>();
    private final Map<UUID, Thread> underWay = new ConcurrentHashMap<>();
    private final Map<UUID, Attempt> shared = new ConcurrentHashMap<>();
    private final boolean several;
    private final Storage storage;
    private final TransactionTemplate transaction;
    private final ApplicationEventPublisher events;
    private final Clock clock;
    private volatile @Nullable Thread thread;
    private volatile boolean stopping;

    RunLoop(
            Collections collections,
            RunStore store,
            Sources sources,
            Followings followings,
            Receipts receipts,
            Resources resources,
            Profiles profiles,
            CollectionWorker first,
            List<CollectionWorker> workers,
            Storage storage,
            TransactionTemplate transaction,
            ApplicationEventPublisher events,
            Clock clock) {
        this.collections = collections;
        this.store = store;
        this.sources = sources;
        this.followings = followings;
        this.receipts = receipts;
        this.resources = resources;
        this.profiles = profiles;
        this.first = first;
        this.free.add(first);
        this.free.addAll(workers);
        this.several = free.size() > 1;
        this.storage = storage;
        this.transaction = transaction;
        this.events = events;
        this.clock = clock;
    }

    @Override
    public void start() {
        stopping = false;
        thread = Thread.ofVirtual().name("run-loop").start(this::loop);
    }

    @Override
    public void stop() {
        stopping = true;
        Thread running = thread;
        if (running != null) {
            List<Thread> all = new ArrayList<>(underWay.values());
            all.add(running);
            all.forEach(Thread::interrupt);
            try {
                for (Thread each : all) {
                    each.join(Duration.ofSeconds(10));
                }
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

    private void loop() {
        boolean requeued = false;
        Duration pause = FIRST_PAUSE;
        while (!stopping) {
            try {
                if (!requeued) {
                    store.requeueInterrupted(underWay.keySet());
                    requeued = true;
                }
                for (UUID cancelled : store.inState(RunState.CANCELLING)) {
                    if (!underWay.containsKey(cancelled)) {
                        end(cancelled, RunState.CANCELLED, null, CollectProblem.CANCELLED);
                    }
                }
                if (!employ()) {
                    collections.awaitWork();
                }
                pause = FIRST_PAUSE;
            } catch (InterruptedException e) {
                return;
            } catch (RuntimeException e) {
                if (stopping) {
                    return;
                }
                LOG.log(System.Logger.Level.WARNING, "The run loop goes on after a failure", e);
                requeued = false;
                pause = pause(pause);
            }
        }
    }

    /** Gives one collector that is free something to do; false when there is nothing, or nowhere to keep it. */
    private boolean employ() {
        if (storage.refusal().isPresent()) {
            return false;
        }
        for (CollectionWorker collector : freeOnes()) {
            Optional<UUID> run = store.claim(collector == first);
            if (run.isPresent()) {
                begin(run.get(), collector);
                return true;
            }
            for (Attempt attempt : shared.values()) {
                String state = attempt.tables.joinable(collector);
                if (state != null) {
                    join(attempt, collector, state);
                    return true;
                }
            }
        }
        return false;
    }

    private List<CollectionWorker> freeOnes() {
        synchronized (free) {
            return List.copyOf(free);
        }
    }

    private void begin(UUID run, CollectionWorker collector) {
        employ(collector, "run-" + run, thread -> underWay.put(run, thread), () -> {
            try {
                execute(run, collector);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (RuntimeException e) {
                // What could not be stored stays as it was stored last, and is taken up from there.
                LOG.log(System.Logger.Level.WARNING, "Run " + run + " goes on after a failure", e);
                pause(FIRST_PAUSE);
                requeue(run);
            } finally {
                underWay.remove(run);
            }
        });
    }

    private void requeue(UUID run) {
        Duration pause = FIRST_PAUSE;
        while (!stopping) {
            try {
                store.requeue(run);
                return;
            } catch (DataAccessException | TransactionException e) {
                pause = pause(pause);
            }
        }
    }

    private void join(Attempt attempt, CollectionWorker collector, String state) {
        employ(collector, "join-" + attempt.run, thread -> {}, () -> {
            try {
                attempt.collect(collector, new CollectionWorker.Sharing(state));
            } catch (RuntimeException e) {
                LOG.log(System.Logger.Level.INFO, "A collector left run " + attempt.run + ": " + e.getMessage());
                storage.failed(e);
                pause(FIRST_PAUSE);
            }
        });
    }

    private void employ(CollectionWorker collector, String name, Consumer<Thread> known, Runnable work) {
        synchronized (free) {
            free.remove(collector);
        }
        Thread thread = Thread.ofVirtual().name(name).unstarted(() -> {
            try {
                work.run();
            } finally {
                synchronized (free) {
                    // The first one is asked first: it alone may take the runs of followed sources.
                    Set<CollectionWorker> others = new LinkedHashSet<>(free);
                    free.clear();
                    if (collector == first || others.remove(first)) {
                        free.add(first);
                    }
                    free.add(collector);
                    free.addAll(others);
                }
                collections.wake();
            }
        });
        known.accept(thread);
        thread.start();
    }

    /** Brings one run to its end. Returns early, leaving it for the next start, only when the hub stops. */
    private void execute(UUID run, CollectionWorker collector) throws InterruptedException {
        RunSummary summary = store.find(run).orElseThrow();
        String namespace = "raw_" + summary.sourceName();
        LiveRun live = new LiveRun(summary, store.objects(run, namespace), clock);
        collections.watch(run, live);
        try {
            Attempts attempts = new Attempts();
            while (!stopping) {
                if (waitsForStorage(live)) {
                    continue;
                }
                Outcome outcome = attempt(run, summary, live, attempts, collector);
                switch (outcome) {
                    case Outcome.Over over -> {
                        end(run, over.state, over.message, over.code);
                        return;
                    }
                    case Outcome.Again ignored -> attempts.pause = pause(attempts.pause);
                }
            }
        } finally {
            collections.watch(run, null);
        }
    }

    /** Waits a moment when nothing can be kept; somebody who cancels the run meanwhile is heard. */
    private boolean waitsForStorage(LiveRun live) throws InterruptedException {
        Optional<Problem> why = storage.refusal();
        if (why.isEmpty() || live.summary().state() == RunState.CANCELLING) {
            return false;
        }
        live.waits(new RunSummary.Words(why.get().zh(), why.get().en()));
        storage.await(STORAGE_PAUSE);
        return true;
    }

    private sealed interface Outcome {
        record Over(RunState state, RunSummary.@Nullable Words message, CollectProblem code) implements Outcome {}

        record Again() implements Outcome {}
    }

    /** What the attempts of a run have gone through. */
    private static final class Attempts {
        private int lostInARow;
        private boolean discoveredBefore;
        private Duration pause = FIRST_PAUSE;
    }

    private Outcome attempt(UUID run, RunSummary summary, LiveRun live, Attempts attempts, CollectionWorker collector)
            throws InterruptedException {
        Attempt attempt = null;
        try {
            if (store.state(run) == RunState.CANCELLING) {
                return new Outcome.Over(RunState.CANCELLED, null, CollectProblem.CANCELLED);
            }
            String follower = followings.follower(summary.sourceId()).orElse("");
            int number = requireNonNull(transaction.execute(status -> {
                store.carryOver(run);
                store.follower(run, follower.isEmpty() ? null : follower);
                return store.beginAttempt(run);
            }));
            Set<String> finished = store.finished(run);
            attempt =
                    new Attempt(run, number, summary, live, sources.order(run, summary.sourceId(), follower, finished));
            live.replace(store.find(run).orElseThrow(), store.objects(run, "raw_" + summary.sourceName()));
            attempt.collect(collector);
            checkInterrupted();
            boolean cancelled = store.state(run) == RunState.CANCELLING;
            return cancelled
                    ? new Outcome.Over(RunState.CANCELLED, null, CollectProblem.CANCELLED)
                    : new Outcome.Over(RunState.COMPLETE, null, CollectProblem.NOT_ENDED);
        } catch (DataAccessException | TransactionException e) {
            checkInterrupted();
            LOG.log(System.Logger.Level.WARNING, "Run " + run + " waits for the database: " + e.getMessage());
            storage.failed(e);
            collections.stop(run);
            return new Outcome.Again();
        } catch (Problem | LakeException e) {
            checkInterrupted();
            if (storage.failed(e).isPresent()) {
                LOG.log(System.Logger.Level.WARNING, "Run " + run + " waits for storage: " + e.getMessage());
                return new Outcome.Again();
            }
            return refused(run, live, attempts, attempt, e);
        } catch (RuntimeException e) {
            checkInterrupted();
            LOG.log(System.Logger.Level.ERROR, "Run " + run + " broke off", e);
            collections.stop(run);
            String reason = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
            return failed(new Problem(CollectProblem.RUN_BROKE, "reason", reason));
        }
    }

    private Outcome refused(
            UUID run, LiveRun live, Attempts attempts, @Nullable Attempt attempt, RuntimeException refusal) {
        boolean workerLost = refusal instanceof LakeException
                || (refusal instanceof Problem problem && problem.code() == CollectProblem.WORKER_LOST);
        if (attempt != null) {
            attempts.discoveredBefore |= attempt.discovered;
            if (attempt.endedTables > 0) {
                attempts.lostInARow = 0;
                attempts.pause = FIRST_PAUSE;
            }
        }
        attempts.lostInARow++;
        if (!workerLost && !attempts.discoveredBefore && !wasDiscovered(run)) {
            // The source itself could not be opened, and never could in this run. That it does not answer may pass.
            Problem problem = (Problem) refusal;
            if (problem.code() != CollectProblem.SOURCE_UNREACHABLE || attempts.lostInARow >= SOURCE_PATIENCE) {
                return failed(problem);
            }
        }
        LOG.log(System.Logger.Level.WARNING, "Run " + run + " lost its worker or source: " + refusal.getMessage());
        List<String> reading = live.reading();
        if (attempts.lostInARow >= PATIENCE && workerLost && !reading.isEmpty()) {
            giveUp(run, live, reading);
            attempts.lostInARow = 0;
        } else if (attempts.lostInARow >= LONG_PATIENCE) {
            return failed(refusal instanceof Problem problem ? problem : new Problem(CollectProblem.WORKER_LOST));
        }
        return new Outcome.Again();
    }

    private boolean wasDiscovered(UUID run) {
        return store.find(run).orElseThrow().position() != null;
    }

    private static Outcome failed(Problem problem) {
        CollectProblem code = problem.code() instanceof CollectProblem known ? known : CollectProblem.RUN_BROKE;
        return new Outcome.Over(RunState.FAILED, new RunSummary.Words(problem.zh(), problem.en()), code);
    }

    /** Tables over which the worker dies again and again must not keep the others from being collected. */
    private void giveUp(UUID run, LiveRun live, List<String> tables) {
        Set<String> given = Set.copyOf(tables);
        for (Receipt.Item item : store.items(run, "raw_" + live.summary().sourceName())) {
            String table = item.lakeTable();
            if (table != null && given.contains(table) && !item.state().hasEnded()) {
                Receipt.Item failed = with(
                        item,
                        RunObject.State.FAILED,
                        new Receipt.Reason(
                                CollectProblem.WORKER_LOST.id(),
                                "The lake worker stopped over it " + PATIENCE + " times"),
                        clock.instant());
                transaction.executeWithoutResult(
                        status -> store.ended(run, table.substring(table.indexOf('.') + 1), failed));
                live.ended(failed);
            }
        }
    }

    private static Receipt.Item with(
            Receipt.Item item, RunObject.State state, Receipt.Reason reason, Instant finishedAt) {
        return new Receipt.Item(
                item.kind(),
                item.schema(),
                item.name(),
                item.lakeTable(),
                state,
                reason,
                item.rowsAtSource(),
                item.rowsLanded(),
                item.rowsRejected(),
                item.valuesRejected(),
                item.bytes(),
                item.snapshotId(),
                item.committedAt(),
                item.position(),
                item.startedAt(),
                finishedAt,
                item.columns(),
                item.details());
    }

    /** Ends a run for good: what has not ended is named, the receipt is signed, and the state is set, all or nothing. */
    private void end(UUID run, RunState state, RunSummary.@Nullable Words message, CollectProblem code) {
        transaction.executeWithoutResult(status -> {
            store.closeAttempts(run);
            String words = message == null ? new Problem(code).en() : message.en();
            store.endWaiting(
                    run,
                    state == RunState.CANCELLED ? RunObject.State.CANCELLED : RunObject.State.FAILED,
                    code.id(),
                    words);
            RunSummary summary = store.find(run).orElseThrow();
            Instant at = clock.instant();
            RunSummary.Words shown = message;
            if (shown == null && state == RunState.CANCELLED) {
                Problem cancelled = new Problem(CollectProblem.CANCELLED);
                shown = new RunSummary.Words(cancelled.zh(), cancelled.en());
            }
            Receipt receipt = receipts.issue(summary, state, at, shown, code.id());
            RunState endState = Receipts.endState(state, receipt);
            store.end(run, endState, at, shown);
            events.publishEvent(new CollectionFinished(run, summary.sourceId(), summary.departmentId(), endState, at));
        });
    }

    private void checkInterrupted() throws InterruptedException {
        if (stopping || Thread.interrupted()) {
            throw new InterruptedException();
        }
    }

    /** Waits, and says how long to wait the next time. */
    private static Duration pause(Duration pause) {
        try {
            Thread.sleep(pause);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Duration next = pause.multipliedBy(2);
        return next.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : next;
    }

    /** One go at a run, by one collector or by several, event by event. */
    private final class Attempt {
        private final UUID run;
        private final int number;
        private final RunSummary summary;
        private final LiveRun live;
        private final CollectionWorker.RunOrder order;
        private final SharedRun tables = new SharedRun();
        private final Map<String, SourceObject> copied = new HashMap<>();
        private boolean discovered;
        private int endedTables;

        Attempt(UUID run, int number, RunSummary summary, LiveRun live, CollectionWorker.RunOrder order) {
            this.run = run;
            this.number = number;
            this.summary = summary;
            this.live = live;
            this.order = order;
        }

        /** Returns when all tables have ended, or the run was cancelled. */
        void collect(CollectionWorker collector) throws InterruptedException {
            if (!isShared()) {
                collector.run(order, this::take);
                return;
            }
            shared.put(run, this);
            try {
                try {
                    collect(collector, new CollectionWorker.Sharing(""));
                } catch (Problem | LakeException lost) {
                    goOn(collector);
                    if (!tables.awaitEnd()) {
                        throw lost;
                    }
                } catch (RuntimeException broken) {
                    collections.stop(run);
                    tables.awaitEnd();
                    throw broken;
                }
                tables.awaitEnd();
            } finally {
                shared.remove(run);
            }
        }

        /** Others may still see the state that this collector opened: then it comes back to it as they did. */
        private void goOn(CollectionWorker collector) {
            Duration pause = FIRST_PAUSE;
            for (String state = tables.joinable(collector);
                    state != null && !stopping;
                    state = tables.joinable(collector)) {
                pause = pause(pause);
                try {
                    collect(collector, new CollectionWorker.Sharing(state));
                } catch (Problem | LakeException again) {
                    LOG.log(System.Logger.Level.INFO, "A collector left run " + run + ": " + again.getMessage());
                }
            }
        }

        /** One collector's part of a shared run. */
        void collect(CollectionWorker collector, CollectionWorker.Sharing how) {
            try {
                collector.run(order.shared(how), event -> {
                    take(event);
                    switch (event) {
                        case RunEvent.Discovered found -> {
                            tables.enter(collector, found.state(), found.atOnce(), toCollect(found.objects()));
                            collections.wake();
                        }
                        case RunEvent.Ended ended ->
                            tables.ended(collector, ended.result().lakeName());
                        case RunEvent.Progress ignored -> {
                            return;
                        }
                    }
                    give();
                });
            } finally {
                tables.leave(collector);
                give();
            }
        }

        /** A source that is to be spared is not read by more than one. */
        private boolean isShared() {
            CollectionWorker.Limits limits = order.limits();
            boolean limited = limits != null && (limits.connections() != null || limits.rowsPerSecond() != null);
            return several && order.access().kind() == SourceKind.POSTGRES && !limited;
        }

        private List<String> toCollect(List<SourceObject> objects) {
            return objects.stream()
                    .filter(object -> object.isCopied() && !order.finished().contains(object.lakeName()))
                    .sorted(Comparator.comparingLong((SourceObject object) ->
                                    object.estimatedBytes().orElse(0))
                            .reversed())
                    .map(object -> requireNonNull(object.lakeName()))
                    .toList();
        }

        private void give() {
            for (SharedRun.Gift gift : tables.gifts()) {
                try {
                    gift.to().give(run.toString(), gift.tables(), gift.last());
                } catch (RuntimeException gone) {
                    // Its own call ends as well, and gives back what it had.
                    LOG.log(System.Logger.Level.DEBUG, "A collector cannot be given tables", gone);
                }
            }
        }

        synchronized void take(RunEvent event) {
            switch (event) {
                case RunEvent.Discovered found -> {
                    if (!discovered) {
                        discovered(found);
                    }
                }
                case RunEvent.Progress progress -> live.progress(progress);
                case RunEvent.Ended ended -> ended(ended.result());
            }
        }

        private String namespace() {
            return "raw_" + summary.sourceName();
        }

        private void discovered(RunEvent.Discovered found) {
            transaction.executeWithoutResult(status -> {
                store.discovered(run, number, namespace(), found);
                resources.found(
                        summary.sourceId(),
                        namespace(),
                        found.objects().stream()
                                .map(SourceObject::lakeName)
                                .filter(Objects::nonNull)
                                .collect(Collectors.toSet()),
                        run,
                        found.position(),
                        found.at());
            });
            for (SourceObject object : found.objects()) {
                if (object.lakeName() != null) {
                    copied.put(object.lakeName(), object);
                }
            }
            discovered = true;
            live.replace(store.find(run).orElseThrow(), store.objects(run, namespace()));
        }

        private void ended(RunEvent.ObjectResult result) {
            if (result.state() == RunEvent.State.CANCELLED) {
                return;
            }
            SourceObject object = copied.get(result.lakeName());
            if (object == null) {
                throw new IllegalStateException("The worker ended a table it never found: " + result.object());
            }
            if (result.state() == RunEvent.State.UNCHANGED) {
                unchanged(result);
                return;
            }
            Receipt.Item item = judged(item(object, result));
            boolean news = requireNonNull(transaction.execute(status -> {
                boolean stored = store.ended(run, result.lakeName(), item);
                if (stored) {
                    TableCollected collected = collected(object, result, item);
                    resources.record(collected);
                    TableCollected.Landed landed = collected.landed();
                    if (landed != null) {
                        profiles.record(collected.table(), landed.snapshotId(), collected.at(), result.profiles());
                    }
                }
                return stored;
            }));
            if (news) {
                endedTables++;
                live.ended(item);
            }
        }

        /** The proofs of the run before stand; only that they were asked for again is news. */
        private void unchanged(RunEvent.ObjectResult result) {
            requireNonNull(transaction.execute(status -> {
                        Optional<Receipt.Item> carried = store.carryUnchanged(run, namespace(), result.lakeName());
                        carried.ifPresent(item -> resources.unchanged(
                                new TableName(namespace(), result.lakeName()), run, result.endedAt()));
                        return carried;
                    }))
                    .ifPresent(item -> {
                        endedTables++;
                        live.ended(item);
                    });
        }

        private Receipt.Item item(SourceObject object, RunEvent.ObjectResult result) {
            Long snapshot = result.snapshotId();
            String code = result.reasonCode();
            RunObject.State state = switch (result.state()) {
                case COMPLETE -> RunObject.State.COMPLETE;
                case INCOMPLETE -> RunObject.State.INCOMPLETE;
                case UNREADABLE -> RunObject.State.UNREADABLE;
                case FAILED -> RunObject.State.FAILED;
                case CANCELLED -> RunObject.State.CANCELLED;
                case UNCHANGED -> throw new IllegalStateException("What did not change is carried over");
            };
            Receipt.Reason reason = null;
            if (code != null) {
                reason = new Receipt.Reason(code, result.reason());
            } else if (state.isShort()) {
                reason = new Receipt.Reason(CollectProblem.TABLE_FAILED.id(), result.reason());
            }
            return new Receipt.Item(
                    object.kind().name(),
                    object.schema(),
                    object.name(),
                    namespace() + "." + result.lakeName(),
                    state,
                    reason,
                    boxed(result.rowsAtSource()),
                    result.rowsLanded(),
                    result.rowsRejected(),
                    result.valuesRejected(),
                    result.bytes(),
                    snapshot == null ? null : snapshot.toString(),
                    snapshot == null ? null : result.endedAt(),
                    result.position(),
                    result.startedAt(),
                    result.endedAt(),
                    result.columns().stream()
                            .map(column -> new Receipt.ColumnProof(
                                    column.name(),
                                    column.lakeName(),
                                    column.sourceType(),
                                    column.type(),
                                    column.nulls(),
                                    column.checksumRead(),
                                    column.checksumWritten()))
                            .toList(),
                    object.details());
        }

        /** The worker's word that a table is complete is taken only when its own figures bear it out. */
        private Receipt.Item judged(Receipt.Item item) {
            if (item.state() != RunObject.State.COMPLETE) {
                return item;
            }
            Receipt.Reason why = Receipt.contradiction(item);
            List<String> absent = new ArrayList<>(Receipts.list(item.details().get("unreadableColumns")));
            if (why == null && !absent.isEmpty()) {
                why = new Receipt.Reason(CollectProblem.COLUMNS_UNREADABLE.id(), String.join(", ", absent));
            }
            if (why == null) {
                why = Delivery.difference(item.details());
            }
            if (why == null) {
                Set<String> landed = item.columns().stream()
                        .map(Receipt.ColumnProof::lakeName)
                        .collect(Collectors.toSet());
                String table = requireNonNull(item.lakeTable());
                SourceObject object = requireNonNull(copied.get(table.substring(table.indexOf('.') + 1)));
                for (SourceObject.SourceColumn column : object.columns()) {
                    if (!landed.contains(column.column().name())) {
                        absent.add(column.name());
                    }
                }
                if (!absent.isEmpty()) {
                    why = new Receipt.Reason(CollectProblem.PROOF_FAILED.id(), String.join(", ", absent));
                }
            }
            return why == null ? item : with(item, RunObject.State.INCOMPLETE, why, requireNonNull(item.finishedAt()));
        }

        private TableCollected collected(SourceObject object, RunEvent.ObjectResult result, Receipt.Item item) {
            Long snapshot = result.snapshotId();
            List<String> key = Receipts.list(object.details().get("primaryKey"));
            Map<String, SourceObject.SourceColumn> byLakeName = object.columns().stream()
                    .collect(Collectors.toMap(column -> column.column().name(), column -> column));
            List<TableCollected.Field> fields = snapshot == null
                    ? object.columns().stream()
                            .map(column -> new TableCollected.Field(
                                    column.column().name(),
                                    column.name(),
                                    column.column().type().label(),
                                    column.column().sourceType(),
                                    column.column().comment(),
                                    column.nullable(),
                                    key.indexOf(column.name()) + 1,
                                    null,
                                    null,
                                    identity(column),
                                    Findings.NONE))
                            .toList()
                    : result.columns().stream()
                            .map(column -> {
                                SourceObject.SourceColumn source = byLakeName.get(column.lakeName());
                                return new TableCollected.Field(
                                        column.lakeName(),
                                        column.name(),
                                        column.type(),
                                        column.sourceType(),
                                        source == null ? null : source.column().comment(),
                                        source == null || source.nullable(),
                                        key.indexOf(column.name()) + 1,
                                        column.nulls(),
                                        column.checksumWritten(),
                                        source == null ? null : identity(source),
                                        result.findings().getOrDefault(column.lakeName(), Findings.NONE));
                            })
                            .toList();
            return new TableCollected(
                    run,
                    summary.sourceId(),
                    summary.sourceName(),
                    summary.departmentId(),
                    new TableName(namespace(), result.lakeName()),
                    object.kind().name(),
                    object.qualifiedName(),
                    object.comment(),
                    switch (item.state()) {
                        case COMPLETE -> Completeness.COMPLETE;
                        case INCOMPLETE -> Completeness.INCOMPLETE;
                        case UNREADABLE -> Completeness.UNREADABLE;
                        default -> Completeness.FAILED;
                    },
                    result.endedAt(),
                    result.position(),
                    snapshot == null ? null : new TableCollected.Landed(snapshot, result.rowsLanded(), result.bytes()),
                    fields,
                    object.details());
        }
    }

    private static @Nullable String identity(SourceObject.SourceColumn column) {
        return column.details().get(SourceObject.SourceColumn.IDENTITY);
    }

    private static @Nullable Long boxed(OptionalLong value) {
        return value.isPresent() ? value.getAsLong() : null;
    }
}

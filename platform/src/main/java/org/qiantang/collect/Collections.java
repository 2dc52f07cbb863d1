package org.qiantang.collect;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.qiantang.core.CoreProblem;
import org.qiantang.core.Problem;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.stereotype.Service;

/**
 * The collection runs (归集任务) of the city: started, followed, cancelled, looked back on. A run is queued in the database before anybody
 * is told that it was, so no crash forgets it; {@link RunLoop} carries it out.
 */
@Service
public final class Collections {
    private static final int LONGEST_LIST = 200;

    private final RunStore store;
    private final Sources sources;
    private final List<CollectionWorker> workers;
    private final Map<UUID, LiveRun> live = new ConcurrentHashMap<>();
    private final Semaphore queued = new Semaphore(0);

    Collections(RunStore store, Sources sources, List<CollectionWorker> workers) {
        this.store = store;
        this.sources = sources;
        this.workers = List.copyOf(workers);
    }

    /** Queues a run of a source; refuses while it has one that has not ended. */
    public RunSummary start(UUID source, String by) {
        return queue(source, by, null, 0, false);
    }

    /** The same, and everything is read even of what is usually read by its changes. */
    public RunSummary startInFull(UUID source, String by) {
        return queue(source, by, null, 0, true);
    }

    /** The same for a schedule. */
    RunSummary startScheduled(UUID source, String by, int priority) {
        return queue(source, by, null, priority, false);
    }

    /** Queues a run of some tables of a source; its receipt speaks of the others as they were in the run before. */
    public RunSummary start(UUID source, String by, Set<String> lakeNames) {
        return queue(source, by, lakeNames, 0, false);
    }

    /** The same, and they are read even where the lake seems to have their content already. */
    RunSummary startInFull(UUID source, String by, Set<String> lakeNames) {
        return queue(source, by, lakeNames, 0, true);
    }

    private RunSummary queue(UUID source, String by, @Nullable Set<String> only, int priority, boolean inFull) {
        Source found = sources.get(source);
        if (found.kind() == SourceKind.EVENTS) {
            throw new Problem(CollectProblem.EVENTS_FLOW, "source", found.name());
        }
        if (found.kind() == SourceKind.PEER && !by.equals(FollowLoop.BY)) {
            throw new Problem(CollectProblem.PEER_IS_FOLLOWED);
        }
        UUID run = UUID.randomUUID();
        try {
            store.queue(run, source, by, only, priority, inFull);
        } catch (DuplicateKeyException e) {
            Set<RunState> open = Set.of(RunState.QUEUED, RunState.RUNNING, RunState.CANCELLING);
            Optional<RunSummary> other =
                    current(store.list(source, open, 1)).stream().findFirst();
            String id = other.map(each -> each.id().toString()).orElse("-");
            Problem problem = new Problem(CollectProblem.ALREADY_RUNNING, "source", found.name(), "run", id);
            throw other.isPresent() ? problem.with("run", other.get()) : problem;
        }
        queued.release();
        return get(run);
    }

    /** Asks a run to stop. It ends with the tables that are finished; a run that still waits ends at once. */
    public void cancel(UUID run) {
        get(run);
        RunState before = store.requestCancel(run).orElseThrow(() -> new Problem(CollectProblem.RUN_ENDED));
        LiveRun watched = live.get(run);
        if (watched != null) {
            watched.state(RunState.CANCELLING);
        }
        queued.release();
        if (before != RunState.QUEUED) {
            stop(run);
        }
    }

    /** Makes every collector leave a run. One that is not there runs nothing. */
    void stop(UUID run) {
        for (CollectionWorker worker : workers) {
            try {
                worker.cancel(run.toString());
            } catch (RuntimeException gone) {
                System.getLogger(Collections.class.getName())
                        .log(System.Logger.Level.DEBUG, "No collector to stop", gone);
            }
        }
    }

    public RunSummary get(UUID run) {
        return find(run).orElseThrow(() -> new Problem(CoreProblem.NOT_FOUND, "what", run.toString()));
    }

    public Optional<RunSummary> find(UUID run) {
        LiveRun watched = live.get(run);
        return watched == null ? store.find(run) : Optional.of(watched.summary());
    }

    /** Everything the run found, in order of discovery. */
    public List<RunObject> objects(UUID run) {
        LiveRun watched = live.get(run);
        return watched == null ? store.objects(run, namespace(run)) : watched.objects();
    }

    /** Runs, newest first. */
    public List<RunSummary> list(Set<RunState> states) {
        return current(store.list(null, states, LONGEST_LIST));
    }

    /** Runs of a source, newest first. */
    public List<RunSummary> listOf(UUID source) {
        return current(store.list(source, Set.of(RunState.values()), LONGEST_LIST));
    }

    /**
     * What people watching a run have not seen yet.
     *
     * @param after the version of the last answer, or 0 for everything
     */
    public Watch watch(UUID run, long after) {
        LiveRun watched = live.get(run);
        if (watched == null) {
            return new Watch(get(run), 0, List.of());
        }
        LiveRun.Changes changes = watched.since(after);
        return new Watch(watched.summary(), changes.version(), changes.objects());
    }

    /** A run, the objects of it that changed, and where to go on from; version 0 when it is not under way. */
    public record Watch(RunSummary run, long version, List<RunObject> objects) {}

    private List<RunSummary> current(List<RunSummary> stored) {
        return stored.stream()
                .map(run -> {
                    LiveRun watched = live.get(run.id());
                    return watched == null ? run : watched.summary();
                })
                .toList();
    }

    private String namespace(UUID run) {
        return "raw_" + get(run).sourceName();
    }

    void watch(UUID run, @Nullable LiveRun progress) {
        if (progress == null) {
            live.remove(run);
        } else {
            live.put(run, progress);
        }
    }

    /** Something may be done that could not before. */
    void wake() {
        queued.release();
    }

    /** Waits until something was queued or cancelled, or a while has passed. */
    void awaitWork() throws InterruptedException {
        if (queued.tryAcquire(5, TimeUnit.SECONDS)) {
            queued.drainPermits();
        }
    }
}

package org.qiantang.collect;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.qiantang.core.Problem;
import org.qiantang.lake.LakeException;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * Keeps every source that is to be followed followed: asks for the collection it goes on from, starts its follower in the worker, starts
 * it again when it ended, and has tables collected that cannot go on by changes alone. What a follower says is stored as it says it; that
 * a hub dies costs nothing, for positions are in the lake.
 */
@Component
final class FollowLoop implements SmartLifecycle {
    private static final System.Logger LOG = System.getLogger(FollowLoop.class.getName());
    private static final Duration LOOK = Duration.ofSeconds(2);

    /** Who starts the runs that a follower needs. */
    static final String BY = "follow";

    private final Followings followings;
    private final Sources sources;
    private final Collections collections;
    private final CollectionWorker worker;
    private final Storage storage;
    private final Map<UUID, Thread> running = new ConcurrentHashMap<>();
    private @Nullable ScheduledExecutorService looks;
    private volatile boolean stopping;

    FollowLoop(
            Followings followings, Sources sources, Collections collections, CollectionWorker worker, Storage storage) {
        this.storage = storage;
        this.followings = followings;
        this.sources = sources;
        this.collections = collections;
        this.worker = worker;
    }

    @Override
    public void start() {
        stopping = false;
        ScheduledExecutorService executor = new ScheduledThreadPoolExecutor(
                1, Thread.ofPlatform().daemon().name("follow-loop").factory());
        executor.scheduleWithFixedDelay(this::look, 0, LOOK.toMillis(), TimeUnit.MILLISECONDS);
        looks = executor;
    }

    @Override
    public void stop() {
        stopping = true;
        ScheduledExecutorService executor = looks;
        if (executor != null) {
            executor.shutdownNow();
        }
        looks = null;
        running.values().forEach(Thread::interrupt);
    }

    @Override
    public boolean isRunning() {
        return looks != null;
    }

    private void look() {
        try {
            for (UUID id : followings.wanted()) {
                Thread follower = running.get(id);
                if (follower == null || !follower.isAlive()) {
                    prepare(id);
                } else {
                    repair(id);
                }
            }
        } catch (RuntimeException e) {
            if (!stopping) {
                LOG.log(System.Logger.Level.WARNING, "Followers are looked after later: " + e.getMessage());
            }
        }
    }

    /** Starts a follower, or the collection it needs first. */
    private void prepare(UUID id) {
        if (followings.hasOpenRun(id)) {
            return;
        }
        Optional<String> follower = followings.follower(id);
        if (follower.isEmpty()) {
            return;
        }
        Optional<Problem> full = storage.refusal();
        if (full.isPresent()) {
            followings.state(id, Following.State.WAITING, full.get());
            return;
        }
        if (!followings.isCollected(id, follower.get())) {
            Optional<RunSummary.Words> refused = followings.refused(id, BY);
            if (refused.isPresent()) {
                // Somebody has to change something at the source and then collect it or start again.
                followings.wait(id, refused.get());
                return;
            }
            if (!followings.hasSomethingToCollect(id)) {
                followings.state(id, Following.State.WAITING, new Problem(CollectProblem.PEER_NOT_ARRIVED));
                return;
            }
            followings.state(id, Following.State.COLLECTING, null);
            collections.start(id, BY);
            return;
        }
        Source source = sources.get(id);
        running.put(id, Thread.ofVirtual().name("follow-" + source.name()).start(() -> follow(source, follower.get())));
    }

    /** Has tables collected that cannot go on by themselves; the run makes the follower pause. */
    private void repair(UUID id) {
        Set<String> tables = followings.toBeCollected(id);
        if (!tables.isEmpty() && !followings.hasOpenRun(id)) {
            followings.requested(id, tables);
            collections.start(id, BY, tables);
        }
    }

    private void follow(Source source, String follower) {
        try {
            worker.follow(followings.order(source, follower), event -> followings.take(source, follower, event));
        } catch (Problem e) {
            if (stopping) {
                return;
            }
            LOG.log(System.Logger.Level.INFO, "Following " + source.name() + " stopped: " + e.getMessage());
            followings.state(source.id(), Following.State.WAITING, e);
            if (e.code() == CollectProblem.POSITION_LOST || e.code() == CollectProblem.FOLLOWING_LEFT_BEHIND) {
                followings.nextGeneration(source.id());
            }
        } catch (LakeException e) {
            if (!stopping) {
                Problem why = storage.failed(e).orElseGet(() -> new Problem(CollectProblem.WORKER_LOST));
                followings.state(source.id(), Following.State.WAITING, why);
            }
        } catch (RuntimeException e) {
            if (!stopping) {
                LOG.log(System.Logger.Level.WARNING, "Following " + source.name() + " broke off", e);
                followings.state(source.id(), Following.State.WAITING, new Problem(CollectProblem.WORKER_LOST));
            }
        }
    }
}

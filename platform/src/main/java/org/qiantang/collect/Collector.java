package org.qiantang.collect;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.sql.SQLException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.qiantang.collect.internal.ChangeFeed;
import org.qiantang.collect.internal.CollectionRun;
import org.qiantang.collect.internal.Connector;
import org.qiantang.collect.internal.Following;
import org.qiantang.collect.internal.events.EventLander;
import org.qiantang.collect.internal.files.FolderConnector;
import org.qiantang.collect.internal.jdbc.BinlogFeed;
import org.qiantang.collect.internal.jdbc.DatabaseConnector;
import org.qiantang.collect.internal.jdbc.Drivers;
import org.qiantang.collect.internal.postgres.PostgresConnector;
import org.qiantang.collect.internal.postgres.PostgresFeed;
import org.qiantang.collect.internal.postgres.PostgresLocation;
import org.qiantang.core.Problem;
import org.qiantang.lake.Lake;

/**
 * The collecting end of the lake worker: opens a source, copies everything it holds into the lake with several lanes, and says how each
 * table ended. It keeps nothing between runs; what must survive is in the lake and, once acknowledged, with the hub.
 */
public final class Collector implements CollectionWorker, EventLanding {
    private final Lake lake;
    private final int lanes;
    private final Drivers drivers;
    private final EventLander events;
    private final Map<String, CollectionRun> running = new ConcurrentHashMap<>();
    private final Map<String, String> collecting = new ConcurrentHashMap<>();
    private final Map<String, Followed> followed = new ConcurrentHashMap<>();

    /**
     * @param lanes parts that are read, written and proven at the same time
     * @param drivers the folder of JDBC drivers
     */
    public Collector(Lake lake, int lanes, Path drivers) {
        this.lake = requireNonNull(lake, "lake is null");
        this.drivers = new Drivers(drivers);
        if (lanes < 1) {
            throw new IllegalArgumentException("At least one lane is needed");
        }
        this.lanes = lanes;
        this.events = new EventLander(lake);
    }

    @Override
    public void run(RunOrder order, Consumer<RunEvent> events) {
        if (collecting.putIfAbsent(order.sourceName(), order.runId()) != null) {
            throw new Problem(CollectProblem.WORKER_LOST);
        }
        try {
            unfollow(order.sourceName());
            collect(order, events);
        } finally {
            collecting.remove(order.sourceName());
        }
    }

    private void collect(RunOrder order, Consumer<RunEvent> events) {
        try (Connector connector = open(order.access(), order.follower())) {
            CollectionRun run = new CollectionRun(order, connector, lake, lanes);
            running.put(order.runId(), run);
            try {
                run.collect(events);
            } finally {
                running.remove(order.runId());
            }
        }
    }

    @Override
    public void cancel(String runId) {
        CollectionRun run = running.get(runId);
        if (run != null) {
            run.cancel();
        }
    }

    @Override
    public Landed land(Order order) {
        return events.land(order);
    }

    @Override
    public SourceReport inspect(SourceAccess access) {
        try (Connector connector = open(access, "")) {
            List<SourceObject> objects = connector.discover();
            Map<SourceObject.Kind, Integer> counts = new EnumMap<>(SourceObject.Kind.class);
            long rows = 0;
            long bytes = 0;
            List<String> unreadable = new java.util.ArrayList<>();
            for (SourceObject object : objects) {
                counts.merge(object.kind(), 1, Integer::sum);
                if (object.isCopied()) {
                    rows += object.estimatedRows().orElse(0);
                    bytes += object.estimatedBytes().orElse(0);
                }
                Optional<Connector.Unreadable> reason = connector.unreadable(object);
                reason.ifPresent(why -> unreadable.add(object.qualifiedName() + ": " + why.reason()));
            }
            return new SourceReport(connector.product(), connector.version(), counts, unreadable, rows, bytes);
        }
    }

    @Override
    public void follow(FollowOrder order, Consumer<FollowEvent> events) {
        try (ChangeFeed feed = feed(order)) {
            Following following =
                    new Following(order.sourceName(), order.follower(), feed, lake, order.mayKeepBytes(), events);
            CountDownLatch ended = new CountDownLatch(1);
            if (followed.putIfAbsent(order.sourceName(), new Followed(following, ended)) != null) {
                throw new IllegalStateException(order.sourceName() + " is followed already");
            }
            try {
                // A collection replaces what a follower changes: the one that comes later waits for the other's end.
                if (!collecting.containsKey(order.sourceName())) {
                    following.follow();
                }
            } finally {
                followed.remove(order.sourceName());
                ended.countDown();
            }
        } catch (SQLException e) {
            throw new Problem(CollectProblem.SOURCE_UNREACHABLE, "reason", String.valueOf(e.getMessage()));
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void unfollow(String sourceName) {
        Followed running = followed.get(sourceName);
        if (running != null) {
            running.following.stop();
            try {
                running.ended.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Like {@link #unfollow}, but without waiting, for a caller on the follower's own thread. */
    public void stopFollowing(String sourceName) {
        Followed running = followed.get(sourceName);
        if (running != null) {
            running.following.stop();
        }
    }

    @Override
    public void release(FollowOrder order) {
        switch (order.access().kind()) {
            case POSTGRES -> PostgresFeed.release(location(order.access()), order.follower());
            case DATABASE, FOLDER, SFTP, WEBDAV, S3, EVENTS -> {}
        }
    }

    private record Followed(Following following, CountDownLatch ended) {}

    private ChangeFeed feed(FollowOrder order) {
        return switch (order.access().kind()) {
            case POSTGRES -> PostgresFeed.open(location(order.access()), order.follower());
            case DATABASE -> BinlogFeed.open(order.access(), drivers, order.from());
            case FOLDER, SFTP, WEBDAV, S3 ->
                throw new Problem(CollectProblem.FOLLOWING_IMPOSSIBLE, "reason", "a folder");
            case EVENTS -> throw new Problem(CollectProblem.EVENTS_FLOW, "source", order.sourceName());
        };
    }

    private Connector open(SourceAccess access, String follower) {
        return switch (access.kind()) {
            case POSTGRES ->
                follower.isEmpty()
                        ? PostgresConnector.open(access.location(), access.username(), access.secret(), lanes)
                        : PostgresConnector.openToFollow(location(access), lanes, follower);
            case DATABASE -> DatabaseConnector.open(access, drivers, lanes, follower);
            case FOLDER -> FolderConnector.open(Path.of(access.location()));
            case SFTP, WEBDAV, S3 -> FolderConnector.open(access);
            case EVENTS -> throw new Problem(CollectProblem.EVENTS_FLOW, "source", access.location());
        };
    }

    private static PostgresLocation location(SourceAccess access) {
        return PostgresLocation.of(access.location(), access.username(), access.secret());
    }
}

package org.qiantang.collect;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.qiantang.collect.internal.ChangeFeed;
import org.qiantang.collect.internal.CollectionRun;
import org.qiantang.collect.internal.Connector;
import org.qiantang.collect.internal.Following;
import org.qiantang.collect.internal.VerificationRun;
import org.qiantang.collect.internal.api.ApiConnector;
import org.qiantang.collect.internal.api.Earlier;
import org.qiantang.collect.internal.events.EventLander;
import org.qiantang.collect.internal.files.FolderConnector;
import org.qiantang.collect.internal.jdbc.BinlogFeed;
import org.qiantang.collect.internal.jdbc.DatabaseConnector;
import org.qiantang.collect.internal.jdbc.Drivers;
import org.qiantang.collect.internal.peer.PeerConnector;
import org.qiantang.collect.internal.peer.PeerFeed;
import org.qiantang.collect.internal.postgres.PostgresConnector;
import org.qiantang.collect.internal.postgres.PostgresFeed;
import org.qiantang.collect.internal.postgres.PostgresLocation;
import org.qiantang.core.Problem;
import org.qiantang.lake.Lake;
import org.qiantang.lake.Query;
import org.qiantang.lake.RowSink;
import org.qiantang.lake.TableName;

/**
 * The collecting end of the lake worker: opens a source, copies everything it holds into the lake with several lanes, and says how each
 * table ended. It keeps nothing between runs; what must survive is in the lake and, once acknowledged, with the hub.
 */
public final class Collector implements CollectionWorker, EventLanding {
    /** So long may a follower take to come to the position at which its source is verified. */
    private static final Duration CATCH_UP = Duration.ofSeconds(60);

    private final Lake lake;
    private final int lanes;
    private final Path temp;
    private final Profiling profiling;
    private final Drivers drivers;
    private final EventLander events;
    private final Map<String, CollectionRun> running = new ConcurrentHashMap<>();
    private final Map<String, String> collecting = new ConcurrentHashMap<>();
    private final Map<String, Followed> followed = new ConcurrentHashMap<>();
    private final Map<String, VerificationRun> verifying = new ConcurrentHashMap<>();
    private final Map<String, Following> catchingUp = new ConcurrentHashMap<>();
    private final Map<String, ReentrantLock> feedTurns = new ConcurrentHashMap<>();

    /**
     * @param lanes parts that are read, written and proven at the same time
     * @param drivers the folder of JDBC drivers
     */
    public Collector(Lake lake, int lanes, Path drivers) {
        this(lake, lanes, drivers, Path.of(System.getProperty("java.io.tmpdir")));
    }

    /** @param temp folder for what waits between source and lake */
    public Collector(Lake lake, int lanes, Path drivers, Path temp) {
        this(lake, lanes, drivers, temp, Profiling.ON);
    }

    /** @param profiling of what is collected */
    public Collector(Lake lake, int lanes, Path drivers, Path temp, Profiling profiling) {
        this.profiling = requireNonNull(profiling, "profiling is null");
        this.temp = requireNonNull(temp, "temp is null");
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
        CollectionWorker.Limits limits = order.limits();
        int most = limits == null || limits.connections() == null ? lanes : Math.min(lanes, limits.connections());
        try (Connector connector = open(order, most)) {
            CollectionRun run = new CollectionRun(order, connector, lake, most, profiling);
            running.put(order.runId(), run);
            try {
                run.collect(events);
            } finally {
                running.remove(order.runId());
            }
        }
    }

    @Override
    public void give(String runId, List<String> lakeNames, boolean last) {
        CollectionRun run = running.get(runId);
        if (run == null) {
            throw new Problem(CollectProblem.WORKER_LOST);
        }
        run.give(lakeNames, last);
    }

    @Override
    public void cancel(String runId) {
        CollectionRun run = running.get(runId);
        if (run != null) {
            run.cancel();
        }
        VerificationRun verification = verifying.get(runId);
        if (verification != null) {
            verification.cancel();
        }
        Following following = catchingUp.get(runId);
        if (following != null) {
            following.stop();
        }
    }

    @Override
    public void verify(VerifyOrder order, Consumer<VerifyEvent> events) {
        CollectionWorker.Limits limits = order.limits();
        int most = limits == null || limits.connections() == null ? lanes : Math.min(lanes, limits.connections());
        FollowOrder follow = order.follow();
        if (follow == null) {
            try (Connector connector = open(order.access(), order.sourceName(), "", most)) {
                verify(order, new VerificationRun(order, connector, lake, most, Set.of()), events);
            }
            return;
        }
        Connector connector = null;
        try {
            VerificationRun verification;
            if (collecting.putIfAbsent(order.sourceName(), order.id()) != null) {
                throw new Problem(CollectProblem.WORKER_LOST);
            }
            ReentrantLock turn = feedTurn(order.sourceName());
            try {
                unfollow(order.sourceName());
                turn.lock();
                try (ChangeFeed feed = feed(follow)) {
                    // Behind the point that was followed to, so that the follower can be brought there.
                    connector = open(order.access(), order.sourceName(), follow.follower(), most);
                    Following following = new Following(
                            order.sourceName(),
                            follow.follower(),
                            feed,
                            lake,
                            follow.mayKeepBytes(),
                            event -> events.accept(new VerifyEvent.Followed(event)));
                    catchingUp.put(order.id(), following);
                    String point = connector.followPosition().orElseThrow();
                    if (!following.followTo(point.substring(point.indexOf(' ') + 1), CATCH_UP)) {
                        throw new Problem(CollectProblem.FOLLOWER_BEHIND, "source", order.sourceName());
                    }
                    verification = new VerificationRun(order, connector, lake, most, following.followed());
                } finally {
                    catchingUp.remove(order.id());
                    turn.unlock();
                }
            } finally {
                collecting.remove(order.sourceName());
            }
            verify(order, verification, events);
        } catch (SQLException e) {
            throw new Problem(CollectProblem.SOURCE_UNREACHABLE, "reason", String.valueOf(e.getMessage()));
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        } finally {
            if (connector != null) {
                connector.close();
            }
        }
    }

    private void verify(VerifyOrder order, VerificationRun verification, Consumer<VerifyEvent> events) {
        verifying.put(order.id(), verification);
        try {
            verification.verify(events);
        } finally {
            verifying.remove(order.id());
        }
    }

    /** A source's log is read by one at a time. */
    private ReentrantLock feedTurn(String sourceName) {
        return feedTurns.computeIfAbsent(sourceName, any -> new ReentrantLock());
    }

    @Override
    public Landed land(Order order) {
        return events.land(order);
    }

    /** Brings the newest events of the streams up to date; to be called every second or so. */
    public void keepLatest() {
        events.keepLatest();
    }

    @Override
    public SourceReport inspect(SourceAccess access) {
        try (Connector connector = open(access, null, "", lanes)) {
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
            return new SourceReport(
                    connector.product(), connector.version(), counts, unreadable, rows, bytes, connector.previews());
        }
    }

    @Override
    public void follow(FollowOrder order, Consumer<FollowEvent> events) {
        ReentrantLock turn = feedTurn(order.sourceName());
        if (collecting.containsKey(order.sourceName())) {
            return;
        }
        if (!turn.tryLock()) {
            throw new IllegalStateException(order.sourceName() + " is followed already");
        }
        try (ChangeFeed feed = feed(order)) {
            Following following =
                    new Following(order.sourceName(), order.follower(), feed, lake, order.mayKeepBytes(), events);
            CountDownLatch ended = new CountDownLatch(1);
            followed.put(order.sourceName(), new Followed(following, ended));
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
        } finally {
            turn.unlock();
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
            case DATABASE, FOLDER, API, SFTP, WEBDAV, S3, PLATFORM, PEER, EVENTS -> {}
        }
    }

    private record Followed(Following following, CountDownLatch ended) {}

    private ChangeFeed feed(FollowOrder order) {
        return switch (order.access().kind()) {
            case POSTGRES -> PostgresFeed.open(location(order.access()), order.follower());
            case DATABASE -> BinlogFeed.open(order.access(), drivers, order.from());
            case PEER ->
                new PeerFeed(spool(order.access()), table -> position(order.sourceName(), order.follower(), table));
            case FOLDER, SFTP, WEBDAV, S3 ->
                throw new Problem(CollectProblem.FOLLOWING_IMPOSSIBLE, "reason", "a folder");
            case EVENTS -> throw new Problem(CollectProblem.EVENTS_FLOW, "source", order.sourceName());
            case PLATFORM -> throw new Problem(CollectProblem.FOLLOWING_IMPOSSIBLE, "reason", "another platform");
            case API -> throw new Problem(CollectProblem.FOLLOWING_IMPOSSIBLE, "reason", "an HTTP interface");
        };
    }

    private Connector open(RunOrder order, int connections) {
        Sharing sharing = order.sharing();
        if (sharing != null && !sharing.state().isEmpty() && order.access().kind() == SourceKind.POSTGRES) {
            return PostgresConnector.openAt(location(order.access()), connections, sharing.state());
        }
        return open(order.access(), order.sourceName(), order.follower(), connections);
    }

    /** @param source whose tables are in the lake; null for one that only is looked at */
    private Connector open(SourceAccess access, @Nullable String source, String follower, int connections) {
        return switch (access.kind()) {
            case POSTGRES ->
                follower.isEmpty()
                        ? PostgresConnector.open(access.location(), access.username(), access.secret(), connections)
                        : PostgresConnector.openToFollow(location(access), connections, follower);
            case DATABASE -> DatabaseConnector.open(access, drivers, connections, follower);
            case FOLDER -> FolderConnector.open(Path.of(access.location()));
            case SFTP, WEBDAV, S3, PLATFORM -> FolderConnector.open(access);
            case PEER -> new PeerConnector(spool(access), follower, Following.POSITION);
            case EVENTS -> throw new Problem(CollectProblem.EVENTS_FLOW, "source", access.location());
            case API ->
                ApiConnector.open(access, temp, Optional.ofNullable(source).map(this::earlier));
        };
    }

    private static PeerSpool spool(SourceAccess access) {
        return new PeerSpool(Path.of(requireNonNull(access.settings().get(PeerSources.FOLDER), "where it waits")));
    }

    /** Up to where a table has what its follower brought; empty when that is nothing. */
    private String position(String source, String follower, String lakeName) {
        return lake.summary(new TableName("raw_" + source, lakeName))
                .map(summary -> summary.get(Following.POSITION))
                .filter(stands -> stands.startsWith(follower + " "))
                .map(stands -> stands.substring(follower.length() + 1))
                .orElse("");
    }

    private Earlier earlier(String source) {
        String namespace = "raw_" + source;
        return new Earlier() {
            @Override
            public Optional<Map<String, String>> summary(String lakeName) {
                return lake.summary(new TableName(namespace, lakeName));
            }

            @Override
            public void rows(String lakeName, RowSink sink) {
                String table = '"' + namespace + "\".\"" + lakeName.replace("\"", "\"\"") + '"';
                lake.run(new Query("SELECT * FROM " + table, null, Long.MAX_VALUE, Map.of()), sink);
            }
        };
    }

    private static PostgresLocation location(SourceAccess access) {
        return PostgresLocation.of(access.location(), access.username(), access.secret());
    }
}

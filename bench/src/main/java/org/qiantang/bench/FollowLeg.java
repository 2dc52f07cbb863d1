package org.qiantang.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;

/**
 * Our following, into committed tables that anyone may query. While others are measured the source refuses our follower's account;
 * the hub tries again every two seconds, as it does at a source that is down. The time counts from its first session at the source
 * until the source has heard that everything is safe.
 */
final class FollowLeg implements Leg {
    private static final String ACCOUNT = "follower";
    private static final String NAME = "follow";
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    private final Source source;
    private final Changes changes;
    private final Hub hub;
    private final String id;

    /** Collects the source and lets it be followed. @param checkout the folder that holds bin/, built */
    FollowLeg(Source source, Changes changes, Path work, Path checkout)
            throws IOException, InterruptedException, SQLException {
        this.source = source;
        this.changes = changes;
        execute("create role " + ACCOUNT + " superuser login password '" + Source.PASSWORD + "'");
        this.hub = Hub.start(work, checkout);
        JsonNode added = hub.post(
                "api/sources",
                Map.of(
                        "name",
                        NAME,
                        "title",
                        NAME,
                        "departmentId",
                        "environment",
                        "location",
                        source.url(),
                        "username",
                        ACCOUNT,
                        "password",
                        Source.PASSWORD));
        this.id = added.get("id").asString();
        hub.post("api/sources/" + id + "/following", null);
        awaitFollowing();
    }

    Hub hub() {
        return hub;
    }

    /** The lake's table of a table of the source's schema {@code public}. */
    static String lakeTable(String table) {
        return "raw_" + NAME + ".public__" + table;
    }

    /** The lake's copy of the changed table. */
    Digest digest() throws IOException, InterruptedException {
        return Digest.ofCsv(hub.csv(Digest.query(Changes.COLUMNS, lakeTable(Changes.TABLE), Digest.Dialect.DUCKDB)));
    }

    /** Waits until every table is followed. */
    void awaitFollowing() throws IOException, InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            JsonNode following = hub.get("api/sources/" + id + "/following");
            JsonNode tables = following.path("tables");
            boolean isFollowed = following.path("state").asString("").equals("FOLLOWING") && !tables.isEmpty();
            for (JsonNode table : tables) {
                isFollowed &= table.path("state").asString("").equals("FOLLOWED");
            }
            if (isFollowed) {
                return;
            }
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException("The source is not followed: " + following);
            }
            TimeUnit.MILLISECONDS.sleep(100);
        }
    }

    /** Ends our sessions at the source and lets no new one in. */
    void refuse() throws SQLException, InterruptedException {
        execute("alter role " + ACCOUNT + " nologin");
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (source.single("select count(pg_terminate_backend(pid)) from pg_stat_activity where usename = '" + ACCOUNT
                        + "'")
                > 0) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException("Our sessions at the source do not end.");
            }
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    void admit() throws SQLException {
        execute("alter role " + ACCOUNT + " login");
    }

    @Override
    public String name() {
        return CollectLeg.NAME;
    }

    @Override
    public String version() {
        return Hub.VERSION;
    }

    @Override
    public Measured run() throws IOException, InterruptedException, SQLException {
        long worker = hub.worker();
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        try (Connection connection = source.connect();
                Statement statement = connection.createStatement()) {
            Processes.forgetPeak(worker);
            admit();
            double began;
            do {
                TimeUnit.MILLISECONDS.sleep(5);
                began = seconds(
                        statement,
                        "select extract(epoch from min(backend_start)) from pg_stat_activity where usename = '"
                                + ACCOUNT + "'",
                        deadline);
            } while (began == 0);
            double sourceBefore = Processes.cpuSeconds(source.pid());
            double ownBefore = hub.cpuSeconds();
            double active = 0;
            double done = 0;
            while (done == 0) {
                TimeUnit.MILLISECONDS.sleep(20);
                if (active == 0) {
                    active = seconds(
                            statement,
                            "select extract(epoch from clock_timestamp()) from pg_replication_slots"
                                    + " where slot_name like 'qt\\_%' and active",
                            deadline);
                }
                done = seconds(
                        statement,
                        "select extract(epoch from clock_timestamp()) from pg_replication_slots"
                                + " where slot_name like 'qt\\_%' and confirmed_flush_lsn >= '" + changes.end() + "'",
                        deadline);
            }
            Measured measured = new Measured(
                    done - began,
                    done - active,
                    hub.cpuSeconds() - ownBefore,
                    Processes.cpuSeconds(source.pid()) - sourceBefore,
                    Processes.peakBytes(worker),
                    OptionalLong.empty());
            refuse();
            if (measured.peakBytes() == 0) {
                throw new IllegalStateException("The worker did not outlive the changes.");
            }
            return measured;
        }
    }

    /** The single number of a query; 0 when there is none yet. */
    private double seconds(Statement statement, String sql, long deadline)
            throws SQLException, IOException, InterruptedException {
        if (System.nanoTime() > deadline) {
            throw new IllegalStateException(
                    "The changes do not arrive: " + hub.get("api/sources/" + id + "/following"));
        }
        try (ResultSet row = statement.executeQuery(sql)) {
            return row.next() ? row.getDouble(1) : 0;
        }
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection = source.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @Override
    public void close() throws IOException, InterruptedException {
        hub.close();
    }
}

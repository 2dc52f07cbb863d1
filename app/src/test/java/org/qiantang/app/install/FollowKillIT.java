package org.qiantang.app.install;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qiantang.app.cli.HubClient;
import org.qiantang.testing.TestPostgres;
import tools.jackson.databind.JsonNode;

/**
 * A source that is followed while it goes on changing, and the hub, the lake worker, PostgreSQL and the follower's connection are killed in
 * turn: in the end the lake has each row of the source once, as it is.
 */
class FollowKillIT {
    private static final int ROUNDS = Integer.getInteger("qiantang.test.rounds", 12);
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final String SOURCE = "followed_killed";

    @TempDir
    Path folder;

    private final TestPostgres source = TestPostgres.shared();
    private HubProcess hub;
    private HubClient client;
    private String sourceId;

    @BeforeEach
    void makeSourceAndStart() throws IOException {
        source.createDatabase(SOURCE);
        source.execute(
                SOURCE,
                "CREATE TABLE account (id int PRIMARY KEY, balance bigint NOT NULL, note text)",
                "INSERT INTO account SELECT i, 1000, 'n' || i FROM generate_series(1, 3000) i",
                "CREATE TABLE entry (n bigserial PRIMARY KEY, debit int, credit int, amount int)",
                "CREATE TABLE mark (round int)",
                "ALTER TABLE mark REPLICA IDENTITY FULL");
        start();
    }

    @AfterEach
    void stop() {
        client.stopFollowing(sourceId);
        hub.kill();
        await().atMost(Duration.ofSeconds(60)).until(() -> Processes.of(folder).isEmpty());
    }

    @Test
    void everyRowIsThereOnceWhoeverIsKilled() throws Exception {
        sourceId = client.createSource(
                        SOURCE, SOURCE, "police", source.url(SOURCE), TestPostgres.USER, TestPostgres.PASSWORD)
                .path("id")
                .asString();
        client.startFollowing(sourceId);
        await().atMost(PATIENCE).until(() -> state().equals("FOLLOWING"));
        AtomicBoolean enough = new AtomicBoolean();
        try (var executor = Executors.newSingleThreadExecutor()) {
            Future<Long> transfers = executor.submit(() -> transfer(enough));
            for (int round = 0; round < ROUNDS; round++) {
                source.execute(SOURCE, "INSERT INTO mark VALUES (" + round + ")");
                kill(round);
                awaitMark(round);
            }
            enough.set(true);
            assertThat(transfers.get()).isPositive();
        }
        source.execute(SOURCE, "INSERT INTO mark VALUES (" + ROUNDS + ")");
        awaitMark(ROUNDS);

        for (String table : List.of("account", "entry", "mark")) {
            String sql = "SELECT count(*), " + sum(table) + " FROM ";
            assertThat(lake(sql + "raw_" + SOURCE + ".public__" + table))
                    .as(table)
                    .isEqualTo(atSource(sql + table));
        }
        JsonNode following = client.getFollowing(sourceId);
        assertThat(following.path("state").asString("")).isEqualTo("FOLLOWING");
        assertThat(following.path("sourceAt").isNull()).isFalse();
        assertThat(following.path("tables").valueStream()).hasSize(3).allSatisfy(table -> {
            assertThat(table.path("state").asString("")).isEqualTo("FOLLOWED");
            assertThat(table.path("changes").asLong(0)).isPositive();
        });
        assertThat(lake("SELECT sum(balance) FROM raw_" + SOURCE + ".public__account"))
                .containsExactly("3000000");
    }

    /** Something that changes with any value of any row, in words that both engines have. */
    private static String sum(String table) {
        return switch (table) {
            case "account" -> "sum(id * 31 + balance * 7 + length(note)), max(note)";
            case "entry" -> "sum(n * 13 + debit * 5 + credit * 3 + amount), min(n)";
            default -> "sum(round), max(round)";
        };
    }

    /** Moves money to and fro, each transfer a transaction, until told to stop. */
    private long transfer(AtomicBoolean enough) throws SQLException {
        Random random = new Random(7);
        long transfers = 0;
        try (Connection connection = source.connect(SOURCE);
                Statement statement = connection.createStatement()) {
            while (!enough.get()) {
                int debit = 1 + random.nextInt(3000);
                int credit = 1 + random.nextInt(3000);
                int amount = random.nextInt(20);
                statement.execute("BEGIN; UPDATE account SET balance = balance - " + amount + " WHERE id = " + debit
                        + "; UPDATE account SET balance = balance + " + amount + ", note = note || 'x' WHERE id = "
                        + credit + "; INSERT INTO entry (debit, credit, amount) VALUES (" + debit + ", " + credit + ", "
                        + amount + "); COMMIT");
                if (transfers % 50 == 49) {
                    statement.execute("DELETE FROM entry WHERE n = (SELECT min(n) FROM entry)");
                }
                transfers++;
            }
        }
        return transfers;
    }

    private void kill(int round) throws Exception {
        switch (round % 4) {
            case 0 -> hub.worker().ifPresent(worker -> Processes.kill(worker.pid()));
            case 1 -> {
                Processes.kill(hub.pid());
                await().atMost(Duration.ofSeconds(60))
                        .until(() -> Processes.of(folder).isEmpty());
                start();
            }
            case 2 -> Processes.kill(hub.postgres());
            default ->
                source.execute(
                        "postgres",
                        "SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE active AND database = '"
                                + SOURCE + "'");
        }
    }

    private void awaitMark(int round) {
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(200))
                .ignoreExceptions()
                .until(() -> lake("SELECT count(*) FROM raw_" + SOURCE + ".public__mark WHERE round = " + round)
                        .equals(List.of("1")));
    }

    private String state() {
        return client.getFollowing(sourceId).path("state").asString("");
    }

    private List<String> lake(String sql) {
        JsonNode row = client.query(sql, Optional.empty()).path("rows").path(0);
        return row.valueStream().map(JsonNode::asString).toList();
    }

    private List<String> atSource(String sql) throws SQLException {
        try (Connection connection = source.connect(SOURCE);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            List<String> values = new ArrayList<>();
            for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
                values.add(row.getString(i));
            }
            return values;
        }
    }

    private void start() throws IOException {
        hub = HubProcess.start(Home.at(folder.resolve("home")), "--empty", "--port", "0");
        client = hub.client();
    }
}

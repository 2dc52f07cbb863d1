package org.qiantang.app.install;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.StringJoiner;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qiantang.app.cli.HubClient;
import org.qiantang.testing.TestPostgres;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A collection in whose middle the hub, the lake worker or PostgreSQL is killed, again and again. */
class KillIT {
    private static final int ROUNDS = 3 * Integer.getInteger("qiantang.test.rounds", 7);
    private static final int TABLES = 24;
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final Set<String> ENDED = Set.of("COMPLETE", "INCOMPLETE", "FAILED", "CANCELLED");

    private static final JsonMapper JSON = JsonMapper.shared();

    @TempDir
    Path folder;

    private final TestPostgres source = TestPostgres.shared();
    private HubProcess hub;
    private HubClient client;

    @BeforeEach
    void makeSourceAndStart() throws IOException {
        source.createDatabase("killed");
        for (int i = 0; i < TABLES; i++) {
            int rows = i == 0 ? 150_000 : 4_000;
            source.execute(
                    "killed",
                    "CREATE TABLE t" + i
                            + " AS SELECT g AS id, 'name ' || g AS name, g * 1.25::numeric(12,2) AS amount FROM generate_series(1, "
                            + rows + ") g");
        }
        start();
    }

    @AfterEach
    void stop() {
        hub.kill();
        await().atMost(Duration.ofSeconds(60)).until(() -> Processes.of(folder).isEmpty());
    }

    @Test
    void collectionEndsCompleteWhoeverIsKilledInItsMiddle() throws Exception {
        String sourceId = client.createSource(
                        "killed", "killed", "police", source.url("killed"), TestPostgres.USER, TestPostgres.PASSWORD)
                .path("id")
                .asString();

        for (int round = 0; round < ROUNDS; round++) {
            String run = client.startRun(sourceId).path("id").asString();
            int enough = 1 + round * 7 % (TABLES / 2);
            await().atMost(PATIENCE)
                    .pollInterval(Duration.ofMillis(20))
                    .until(() -> finished(run).size() >= enough);
            Map<String, String> acknowledged = finished(run);

            kill(round);

            await().atMost(PATIENCE).ignoreExceptions().until(() -> ENDED.contains(state(run)));
            assertThat(state(run)).as("round " + round).isEqualTo("COMPLETE");
            assertThat(finished(run)).as("round " + round).hasSize(TABLES).containsAllEntriesOf(acknowledged);
            assertThat(client.getReceipt(run)).contains("\"verdict\":\"complete\"");
            assertThat(
                            rows(
                                    "SELECT (SELECT count(*) FROM raw_killed.public__t0), (SELECT sum(id) FROM raw_killed.public__t23)"))
                    .as("round " + round)
                    .containsExactly("150000", String.valueOf(4_000L * 4_001 / 2));
            assertThat(inTheLake())
                    .as("round " + round + ": what was proved is what is there, and nothing came after it")
                    .isEqualTo(proved(run));
        }
    }

    /** Snapshots by table, as the receipt of a run has them. */
    private Map<String, String> proved(String run) {
        Map<String, String> snapshots = new TreeMap<>();
        for (JsonNode item :
                JSON.readTree(client.getReceipt(run)).path("receipt").path("objects")) {
            if (!item.path("lakeTable").asString("").isEmpty()) {
                snapshots.put(
                        item.path("lakeTable").asString(),
                        item.path("snapshotId").asString());
            }
        }
        return snapshots;
    }

    /** Snapshots by table, as a reader finds them. */
    private Map<String, String> inTheLake() {
        StringJoiner all = new StringJoiner(" UNION ALL ");
        for (int i = 0; i < TABLES; i++) {
            all.add("SELECT count(*) FROM raw_killed.public__t" + i);
        }
        Map<String, String> snapshots = new TreeMap<>();
        for (JsonNode table : client.query(all.toString(), Optional.empty()).path("tables")) {
            snapshots.put(
                    table.path("name").asString(), table.path("snapshotId").asString());
        }
        return snapshots;
    }

    private void kill(int round) throws Exception {
        switch (round % 3) {
            case 0 -> {
                Processes.kill(hub.pid());
                await().atMost(Duration.ofSeconds(60))
                        .until(() -> Processes.of(folder).isEmpty());
                start();
            }
            case 1 -> hub.worker().ifPresent(worker -> Processes.kill(worker.pid()));
            default -> Processes.kill(hub.postgres());
        }
    }

    /** The tables that the hub says have ended, with the time at which each did: a table that is collected again ends again. */
    private Map<String, String> finished(String run) {
        Map<String, String> finished = new TreeMap<>();
        for (JsonNode object : client.getRun(run).path("objects")) {
            if (object.path("state").asString("").equals("COMPLETE")) {
                finished.put(
                        object.path("name").asString(),
                        object.path("finishedAt").asString());
            }
        }
        return finished;
    }

    private String state(String run) {
        return client.getRun(run).path("state").asString("");
    }

    private List<String> rows(String sql) {
        JsonNode row = client.query(sql, Optional.empty()).path("rows").path(0);
        return row.valueStream().map(JsonNode::asString).toList();
    }

    private void start() throws IOException {
        hub = HubProcess.start(Home.at(folder.resolve("home")), "--empty", "--port", "0");
        client = hub.client();
    }
}

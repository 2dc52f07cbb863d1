package org.qiantang.app.install;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qiantang.app.cli.HubClient;
import org.qiantang.testing.TestPostgres;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Two collectors of one installation that share the tables of one source. */
class CollectorsIT {
    /** A collector's lanes each commit one table beside the one that they read. */
    private static final int COMMITTED_AT_ONCE = 2;

    private static final int TABLES = 500;
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final String RUN = "qiantang.run-id";

    @TempDir
    Path folder;

    private final TestPostgres source = TestPostgres.shared();
    private HubProcess hub;
    private HubClient client;

    @BeforeEach
    void makeSourceAndStart() throws IOException {
        source.createDatabase("many");
        StringBuilder tables = new StringBuilder();
        for (int i = 0; i < TABLES; i++) {
            int rows = i % 5 == 0 ? 3_000 : i % 900;
            tables.append("CREATE TABLE t%03d AS SELECT g AS id, 'name ' || g AS name FROM generate_series(1, %d) g;"
                    .formatted(i, rows));
        }
        source.execute("many", tables.toString());
        hub = HubProcess.start(
                Home.at(folder.resolve("home")), Map.of("QIANTANG_COLLECTORS", "2"), "--empty", "--port", "0");
        client = hub.client();
        await().atMost(PATIENCE).until(() -> hub.workers().count() == 2);
    }

    @AfterEach
    void stop() {
        hub.kill();
        await().atMost(Duration.ofSeconds(60)).until(() -> Processes.of(folder).isEmpty());
    }

    @Test
    void eachTableIsCollectedOnceByOneOfThemThoughEitherIsKilledHalfWay() throws Exception {
        String id = client.createSource(
                        "many", "many", "police", source.url("many"), TestPostgres.USER, TestPostgres.PASSWORD)
                .path("id")
                .asString();

        // In creation order the first to be started is the one that begins the run.
        List<ProcessHandle> workers =
                hub.workers().sorted(Comparator.comparing(ProcessHandle::pid)).toList();
        for (ProcessHandle victim : List.of(workers.get(1), workers.get(0))) {
            String run = client.startRun(id).path("id").asString();
            await().atMost(PATIENCE)
                    .pollInterval(Duration.ofMillis(20))
                    .until(() ->
                            client.getRun(run).path("tables").path("finished").asInt() >= TABLES / 4);
            Processes.kill(victim.pid());

            await().atMost(PATIENCE)
                    .until(() -> !client.getRun(run).path("finishedAt").isMissingNode()
                            && !client.getRun(run).path("finishedAt").isNull());
            assertThat(client.getRun(run).path("state").asString()).isEqualTo("COMPLETE");
            Map<String, Integer> byCollector = new HashMap<>();
            Map<String, Integer> snapshots = new HashMap<>();
            for (Map.Entry<String, JsonNode> snapshot : snapshots(run)) {
                snapshots.merge(snapshot.getKey(), 1, Integer::sum);
                byCollector.merge(
                        snapshot.getValue()
                                .path("summary")
                                .path("qiantang.collector")
                                .asString(),
                        1,
                        Integer::sum);
            }
            assertThat(snapshots).hasSize(TABLES);
            // Only what was committed in the moment of the kill, before the hub heard of it, may have been done again.
            assertThat(snapshots.values().stream().filter(count -> count > 1).count())
                    .isLessThanOrEqualTo(COMMITTED_AT_ONCE);
            // The one that was killed had its share, and so had the other; whoever came back may have had one too.
            assertThat(byCollector.values().stream().sorted(Comparator.reverseOrder()))
                    .hasSizeGreaterThanOrEqualTo(2)
                    .satisfies(shares -> assertThat(shares.subList(0, 2)).allMatch(count -> count >= 10));
            System.out.println("500 tables, one of two collectors killed half-way: " + byCollector);
        }
    }

    /** The snapshots that a run made, by table, as the lake's own metadata has them. */
    private List<Map.Entry<String, JsonNode>> snapshots(String run) throws IOException {
        try (Stream<Path> tables = Files.list(folder.resolve("home/lake/raw_many"))) {
            return tables.flatMap(table -> newest(table.resolve("metadata"))
                            .path("snapshots")
                            .valueStream()
                            .filter(snapshot -> snapshot.path("summary")
                                    .path(RUN)
                                    .asString("")
                                    .equals(run))
                            .map(snapshot -> Map.entry(table.getFileName().toString(), snapshot)))
                    .toList();
        }
    }

    private static JsonNode newest(Path metadata) {
        try (Stream<Path> files = Files.list(metadata)) {
            // Named by a number that grows with each commit.
            Path file = files.filter(each -> each.toString().endsWith(".metadata.json"))
                    .max(Comparator.naturalOrder())
                    .orElseThrow();
            return JsonMapper.shared().readTree(Files.readString(file));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}

package org.qiantang.app.install;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qiantang.app.cli.HubClient;
import org.qiantang.testing.TestPostgres;
import tools.jackson.databind.JsonNode;

/** The whole program asked whether its lake still has what the source has: by command line, through hub and worker, as it is followed. */
class VerifyIT {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final String SOURCE = "verified";

    @TempDir
    Path folder;

    private final TestPostgres source = TestPostgres.shared();
    private HubProcess hub;

    @AfterEach
    void stop() {
        hub.kill();
        await().atMost(Duration.ofSeconds(60)).until(() -> Processes.of(folder).isEmpty());
    }

    @Test
    void theCommandLineSaysWhatDiffersAndThatItWasRepairedAndAFollowedSourceIsEqualWhileItChanges() throws Exception {
        source.createDatabase(SOURCE);
        source.execute(
                SOURCE,
                "CREATE TABLE permit (id int PRIMARY KEY, holder text, fee numeric(10,2))",
                "INSERT INTO permit SELECT i, 'h' || i, i FROM generate_series(1, 5000) i",
                "CREATE TABLE quiet AS SELECT i AS id FROM generate_series(1, 100) i");
        Home home = Home.at(folder.resolve("home"));
        hub = HubProcess.start(home, "--empty", "--port", "0");
        HubClient client = hub.client();
        String id = client.createSource(
                        SOURCE, SOURCE, "police", source.url(SOURCE), TestPostgres.USER, TestPostgres.PASSWORD)
                .path("id")
                .asString();
        String run = client.startRun(id).path("id").asString();
        await().atMost(PATIENCE)
                .until(() -> client.getRun(run).path("state").asString("").equals("COMPLETE"));
        source.execute(
                SOURCE, "UPDATE permit SET holder = holder || ' ' WHERE id = 77", "DELETE FROM permit WHERE id = 78");

        HubProcess different = verify(home, SOURCE, "--values");
        assertThat(different.awaitEnd()).as("%s", different.said()).isEqualTo(3);
        assertThat(different.said()).contains("different id=77 · holder: h77  ≠ h77", "extra id=78", "ROWS_REPAIRED");
        HubProcess equal = verify(home, SOURCE, "--values");
        assertThat(equal.awaitEnd()).as("%s", equal.said()).isZero();
        HubProcess unknown = verify(home, "nobody");
        assertThat(unknown.awaitEnd()).isEqualTo(1);

        client.startFollowing(id);
        await().atMost(PATIENCE)
                .until(() -> client.getFollowing(id).path("state").asString("").equals("FOLLOWING"));
        AtomicBoolean enough = new AtomicBoolean();
        AtomicInteger changes = new AtomicInteger();
        try (var executor = Executors.newSingleThreadExecutor()) {
            Future<?> load = executor.submit(() -> {
                while (!enough.get()) {
                    source.execute(
                            SOURCE,
                            "UPDATE permit SET fee = fee + 1 WHERE id % 50 = " + changes.incrementAndGet() % 50);
                }
            });
            try {
                for (int round = 0; round < 2; round++) {
                    int before = changes.get();
                    await().atMost(PATIENCE).until(() -> changes.get() > before + 20);
                    JsonNode found = verified(client, id);
                    assertThat(found.path("state").asString())
                            .as(found.toString())
                            .isEqualTo("EQUAL");
                    assertThat(found.path("tables").valueStream())
                            .filteredOn(table -> table.path("object").asString().equals("public.permit"))
                            .singleElement()
                            .matches(table -> table.path("samePosition").asBoolean());
                    // Whoever is lost in between comes back and goes on.
                    hub.worker().ifPresent(worker -> Processes.kill(worker.pid()));
                }
                assertThat(load.isDone()).isFalse();
            } finally {
                enough.set(true);
            }
        }
        await().atMost(PATIENCE)
                .until(() -> client.getFollowing(id).path("state").asString("").equals("FOLLOWING"));
        client.stopFollowing(id);
    }

    private static JsonNode verified(HubClient client, String source) {
        String id = client.startVerification(source, Map.of("values", true))
                .path("id")
                .asString();
        return await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(100))
                .until(
                        () -> client.getVerification(id),
                        found -> !Set.of("QUEUED", "RUNNING")
                                .contains(found.path("state").asString()));
    }

    private static HubProcess verify(Home home, String... words) throws Exception {
        return HubProcess.start("verify", home, Map.of(), words);
    }
}

package org.qiantang.app.install;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qiantang.testing.TestPostgres;
import tools.jackson.databind.JsonNode;

/** A disk that is full while a source is followed and events come in: nothing is promised, all can be read, and it goes on by itself. */
class FullDiskIT {
    private static final Duration PATIENCE = FollowedCity.PATIENCE;

    private static final Set<String> ENDED = Set.of("COMPLETE", "INCOMPLETE", "FAILED", "CANCELLED");

    private final AtomicInteger waited = new AtomicInteger();

    @TempDir
    Path folder;

    /** A run that is under way says that it waits; one that was not begun, or was quick enough, need not. */
    private boolean isWaitingOrNotRunning(JsonNode run) {
        boolean waits = run.path("message").path("en").asString("").contains("Nothing new is taken");
        if (waits) {
            waited.incrementAndGet();
        }
        return waits || !run.path("state").asString("").equals("RUNNING");
    }

    @Test
    void nothingIsPromisedUntilThereIsRoomAgain() throws Exception {
        Path place = folder.resolve("memory");
        Optional<String> noDisk = SmallDisk.missing(place);
        noDisk.ifPresent(why -> System.out.println("Skipped, for no small disk can be made here: " + why));
        assumeTrue(noDisk.isEmpty(), () -> "No small disk can be made here: " + noDisk.orElse(""));
        TestPostgres source = TestPostgres.shared();
        source.createDatabase("collected");
        for (int i = 0; i < 12; i++) {
            source.execute("collected", "CREATE TABLE t" + i + " AS SELECT g FROM generate_series(1, 20000) g");
        }
        try (SmallDisk disk = SmallDisk.inMemory(place, 640);
                FollowedCity city = new FollowedCity(place, source)) {
            String collected = city.connect("collected");
            city.endure("full disk", round -> {
                String run = city.collect(collected);
                // In turn down into the reserve, and down to the last byte.
                disk.fill(round % 2 == 0 ? 3 << 20 : 0);
                long began = System.nanoTime();
                city.awaitHealth("FULL");
                System.out.println("Full after " + (System.nanoTime() - began) / 1_000_000 + " ms");
                long refused = city.refused();
                await().atMost(PATIENCE).until(() -> city.refused() > refused + 3);
                long acknowledged = city.acknowledged();
                await().atMost(PATIENCE)
                        .ignoreExceptions()
                        .until(() -> city.following().path("state").asString("").equals("WAITING"));
                assertThat(city.following().path("message").path("en").asString(""))
                        .contains("Nothing new is taken");
                assertThat(Long.parseLong(city.countInLake())).isPositive();
                await().atMost(PATIENCE).until(() -> isWaitingOrNotRunning(city.run(run)));
                assertThat(city.acknowledged()).isEqualTo(acknowledged);
                disk.free();
                city.awaitHealth("OK");
                await().atMost(PATIENCE)
                        .until(() -> ENDED.contains(city.run(run).path("state").asString("")));
                assertThat(city.run(run).path("state").asString("")).isEqualTo("COMPLETE");
            });
            System.out.println("Runs that waited for room in their middle: " + waited.get());
        }
    }
}

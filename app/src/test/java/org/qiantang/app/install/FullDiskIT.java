package org.qiantang.app.install;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qiantang.testing.TestPostgres;

/** A disk that is full while a source is followed and events come in: nothing is promised, all can be read, and it goes on by itself. */
class FullDiskIT {
    private static final Duration PATIENCE = FollowedCity.PATIENCE;

    @TempDir
    Path folder;

    @Test
    void nothingIsPromisedUntilThereIsRoomAgain() throws Exception {
        Path place = folder.resolve("memory");
        Optional<String> noDisk = SmallDisk.missing(place);
        noDisk.ifPresent(why -> System.out.println("Skipped, for no small disk can be made here: " + why));
        assumeTrue(noDisk.isEmpty(), () -> "No small disk can be made here: " + noDisk.orElse(""));
        try (SmallDisk disk = SmallDisk.inMemory(place, 640);
                FollowedCity city = new FollowedCity(place, TestPostgres.shared())) {
            city.endure("full disk", round -> {
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
                assertThat(city.acknowledged()).isEqualTo(acknowledged);
                disk.free();
                city.awaitHealth("OK");
            });
        }
    }
}

package org.qiantang.app.install;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qiantang.app.cli.HubClient;
import org.qiantang.testing.TestPostgres;
import tools.jackson.databind.JsonNode;

/** A disk that is full while a source is followed and events come in: nothing is promised, all can be read, and it goes on by itself. */
class FullDiskIT {
    private static final Duration PATIENCE = FollowedCity.PATIENCE;

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
                await().atMost(PATIENCE).until(() -> HubClient.hasEnded(city.run(run)));
                assertThat(city.run(run).path("state").asString("")).isEqualTo("COMPLETE");
            });
            System.out.println("Runs that waited for room in their middle: " + waited.get());
        }
    }

    @Test
    void aRunThatHasNoRoomForTheCopyOfAPackedFileWaitsAndGoesOnByItself() throws Exception {
        Path place = folder.resolve("memory");
        Optional<String> noDisk = SmallDisk.missing(place);
        noDisk.ifPresent(why -> System.out.println("Skipped, for no small disk can be made here: " + why));
        assumeTrue(noDisk.isEmpty(), () -> "No small disk can be made here: " + noDisk.orElse(""));
        Path packed = Files.createDirectories(folder.resolve("packed"));
        ByteArrayOutputStream day = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(day)) {
            zip.putNextEntry(new ZipEntry("people.csv"));
            zip.write("id,name\n".getBytes(UTF_8));
            for (int i = 0; i < 20_000; i++) {
                zip.write((i + ",name " + i + "\n").getBytes(UTF_8));
            }
        }
        // What is packed within what is packed can only be read from a copy.
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(packed.resolve("month.zip")))) {
            zip.putNextEntry(new ZipEntry("day.zip"));
            zip.write(day.toByteArray());
        }
        try (SmallDisk disk = SmallDisk.inMemory(place, 640)) {
            Home home = Home.at(place.resolve("home"));
            HubProcess hub = HubProcess.start(home, "--empty", "--port", "0");
            try {
                HubClient client = hub.client();
                String source = client.createSource("packed", "packed", "police", packed.toString(), "", "")
                        .path("id")
                        .asString();
                await().atMost(PATIENCE).until(() -> hub.worker().isPresent());
                // Above the reserve, a sixty-fourth of the disk, so that all else goes on; below what a copy has to
                // leave.
                disk.fill(15 << 20);

                String run = client.startRun(source).path("id").asString();
                await().atMost(PATIENCE)
                        .until(() -> client.getRun(run)
                                .path("message")
                                .path("en")
                                .asString("")
                                .contains("Nothing new is taken"));
                assertThat(client.getRun(run).path("state").asString("")).isEqualTo("RUNNING");
                assertThat(client.getRun(run).path("message").path("zh").asString(""))
                        .contains("暂不接收新数据");
                disk.free();

                await().atMost(PATIENCE).until(() -> HubClient.hasEnded(client.getRun(run)));
                assertThat(client.getRun(run).path("state").asString("")).isEqualTo("COMPLETE");
                assertThat(client.getRun(run).path("rows").asLong()).isEqualTo(20_000);
                assertThat(Files.readString(home.log().resolve("hub.log")))
                        .contains("waits for storage: The disk has no room for a temporary copy");
            } finally {
                hub.kill();
                await().atMost(PATIENCE).until(() -> Processes.of(folder).isEmpty());
            }
        }
    }
}

package org.qiantang.app.install;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qiantang.testing.TestPostgres;
import tools.jackson.databind.JsonNode;

/**
 * Whatever breaks while a source is followed and events come in: in the end the lake has each row of the source once, as it is, and each
 * acknowledged event once. {@code -Dqiantang.test.rounds} says how often each thing is broken.
 */
class FaultIT {
    private static final int ROUNDS = Integer.getInteger("qiantang.test.rounds", 10);
    private static final long SEED = Long.getLong("qiantang.test.seed", System.nanoTime());
    private static final Duration PATIENCE = FollowedCity.PATIENCE;
    private static final int LONGEST_WORK = 120;

    @TempDir
    static Path folder;

    private static final Random RANDOM = new Random(SEED);
    private static Optional<String> noDisk = Optional.empty();
    private static SmallDisk disk;
    private static TestPostgres source;
    private static FollowedCity city;

    /** Breaks something and lets it be repaired, as far as it does not repair itself. */
    private interface Fault {
        void strike(int round) throws Exception;
    }

    @BeforeAll
    static void start() throws IOException {
        System.out.println("Seed of the faults: " + SEED);
        source = TestPostgres.own();
        Path place = folder.resolve("disk");
        noDisk = SmallDisk.missing(place);
        if (noDisk.isEmpty()) {
            disk = SmallDisk.inFile(place, folder.resolve("disk.img"), 3_000);
        }
        city = new FollowedCity(place, source, SEED);
    }

    @AfterAll
    static void stop() throws IOException {
        if (city != null) {
            city.close();
        }
        if (disk != null) {
            disk.close();
        }
    }

    @Test
    void hubIsKilled() throws Exception {
        rounds("kill -9 of the hub", city, round -> {
            city.killHub();
            city.startHub();
        });
    }

    @Test
    void workerIsKilled() throws Exception {
        rounds(
                "kill -9 of the lake worker",
                city,
                round -> Processes.kill(city.hub().worker().orElseThrow().pid()));
    }

    @Test
    void databaseIsKilled() throws Exception {
        rounds("kill -9 of PostgreSQL", city, round -> Processes.kill(city.hub().postgres()));
    }

    @Test
    void lineToTheSourceIsCut() throws Exception {
        rounds("loss of the source's connection", city, round -> city.line().cut());
    }

    @Test
    void sourceIsRestarted() throws Exception {
        List<String> ways = List.of("INT", "QUIT", "KILL");
        rounds("restart of the source's PostgreSQL", city, round -> source.restart(ways.get(round % ways.size())));
    }

    @Test
    void powerFails() throws Exception {
        assumeDisk();
        rounds("power loss", city, round -> losePower());
    }

    /** Every second time the power fails as well, before anything could be repaired: what was acknowledged then was on the disk. */
    @Test
    void diskFails() throws Exception {
        assumeDisk();
        rounds("I/O error", city, round -> {
            boolean ofHub = round % 3 == 2;
            long pid = ofHub ? city.hub().pid() : city.hub().worker().orElseThrow().pid();
            Process faulty = failing(pid, round % 3 == 1 ? "pwrite64" : "fsync,fdatasync");
            try {
                awaitHealth("FAILING");
                if (round % 2 == 0) {
                    losePower();
                }
            } finally {
                faulty.destroy();
                assertThat(faulty.waitFor(60, TimeUnit.SECONDS)).isTrue();
            }
        });
    }

    @Test
    void diskIsFull() throws Exception {
        assumeDisk();
        Path place = folder.resolve("memory");
        try (SmallDisk small = SmallDisk.inMemory(place, 640);
                FollowedCity crowded = new FollowedCity(place, source, SEED)) {
            rounds("full disk", crowded, round -> {
                // In turn down into the reserve, and down to the last byte.
                small.fill(round % 2 == 0 ? 3 << 20 : 0);
                await().atMost(PATIENCE).pollInterval(Duration.ofMillis(20)).until(() -> health(crowded).equals("FULL"));
                long refused = crowded.refused();
                long acknowledged = crowded.acknowledged();
                await().atMost(PATIENCE).until(() -> crowded.refused() > refused + 3);
                await().atMost(PATIENCE)
                        .ignoreExceptions()
                        .until(() -> crowded.following().path("state").asString("").equals("WAITING"));
                assertThat(crowded.following().path("message").path("en").asString(""))
                        .contains("Nothing new is taken");
                assertThat(Long.parseLong(crowded.countInLake())).isPositive();
                assertThat(crowded.acknowledged()).isEqualTo(acknowledged);
                small.free();
                await().atMost(PATIENCE).until(() -> health(crowded).equals("OK"));
            });
        }
    }

    private static void rounds(String what, FollowedCity struck, Fault fault) throws Exception {
        long transactions = struck.transactions();
        long events = struck.acknowledged();
        long began = System.nanoTime();
        struck.beginAnew();
        for (int round = 0; round < ROUNDS; round++) {
            struck.letWork(1 + RANDOM.nextInt(LONGEST_WORK));
            fault.strike(round);
            struck.compare(what + ", round " + round + ", seed " + SEED);
            if (round % 10 == 9) {
                struck.beginAnew();
            }
        }
        System.out.printf(
                "%s: %d rounds, 0 lost, 0 duplicated, %d transactions, %d events, %d s%n",
                what,
                ROUNDS,
                struck.transactions() - transactions,
                struck.acknowledged() - events,
                TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - began));
    }

    private static void losePower() throws IOException {
        disk.losePower();
        city.killAll();
        disk.regainPower();
        city.startHub();
    }

    /** Has the calls of a process that write or force end with an I/O error. */
    private static Process failing(long pid, String calls) throws IOException {
        return new ProcessBuilder(
                        "strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=" + calls, "-e", "inject=" + calls + ":error=EIO",
                        "-p", Long.toString(pid))
                .inheritIO()
                .start();
    }

    private static void awaitHealth(String health) {
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(20)).until(() -> health(city).equals(health));
    }

    private static String health(FollowedCity of) {
        try {
            JsonNode state = of.storage();
            return state.path("health").asString("");
        } catch (RuntimeException away) {
            return "";
        }
    }

    private static void assumeDisk() {
        noDisk.ifPresent(why -> System.out.println("Skipped, for a disk cannot be made to fail here: " + why));
        assumeTrue(noDisk.isEmpty(), () -> "A disk cannot be made to fail here: " + noDisk.orElse(""));
    }
}

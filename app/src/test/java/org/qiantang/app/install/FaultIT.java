package org.qiantang.app.install;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qiantang.testing.TestPostgres;

/**
 * Whatever breaks while a source is followed and events come in: in the end the lake has each row of the source once, as it is, and each
 * acknowledged event once.
 */
class FaultIT {
    @TempDir
    static Path folder;

    private static Optional<String> noDisk = Optional.empty();
    private static SmallDisk disk;
    private static TestPostgres source;
    private static FollowedCity city;

    @BeforeAll
    static void start() throws IOException {
        source = TestPostgres.own();
        Path place = folder.resolve("disk");
        noDisk = SmallDisk.missing(place);
        if (noDisk.isEmpty()) {
            disk = SmallDisk.inFile(place, folder.resolve("disk.img"), 3_000);
        }
        city = new FollowedCity(place, source);
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
        city.endure("kill -9 of the hub", round -> {
            city.killHub();
            city.startHub();
        });
    }

    @Test
    void workerIsKilled() throws Exception {
        city.endure(
                "kill -9 of the lake worker",
                round -> Processes.kill(city.hub().worker().orElseThrow().pid()));
    }

    @Test
    void databaseIsKilled() throws Exception {
        city.endure("kill -9 of PostgreSQL", round -> Processes.kill(city.hub().postgres()));
    }

    @Test
    void lineToTheSourceIsCut() throws Exception {
        city.endure("loss of the source's connection", round -> city.line().cut());
    }

    @Test
    void sourceIsRestarted() throws Exception {
        List<String> ways = List.of("INT", "QUIT", "KILL");
        city.endure("restart of the source's PostgreSQL", round -> source.restart(ways.get(round % ways.size())));
    }

    @Test
    void powerFails() throws Exception {
        assumeDisk();
        city.endure("power loss", round -> losePower());
    }

    /** Every second time the power fails as well, before anything could be repaired: what was acknowledged then was on the disk. */
    @Test
    void diskFails() throws Exception {
        assumeDisk();
        city.endure("I/O error", round -> {
            boolean ofHub = round % 3 == 2;
            long pid =
                    ofHub ? city.hub().pid() : city.hub().worker().orElseThrow().pid();
            Process faulty = failing(pid, round % 3 == 1 ? "pwrite64" : "fsync,fdatasync");
            try {
                city.awaitHealth("FAILING");
                if (round % 2 == 0) {
                    losePower();
                }
            } finally {
                faulty.destroy();
                assertThat(faulty.waitFor(60, TimeUnit.SECONDS)).isTrue();
            }
        });
    }

    /**
     * A machine stops with its disk. A process that went on after its disk had stopped could be told, by a kernel that gives up in the middle
     * of a force, that it is done: of plain appends one in forty was lost so, and none of 250 whose process was stopped first.
     */
    private static void losePower() throws IOException {
        city.freeze();
        disk.losePower();
        city.killAll();
        disk.regainPower();
        city.startHub();
    }

    /** Has the calls of a process that write or force end with an I/O error. */
    private static Process failing(long pid, String calls) throws IOException {
        return new ProcessBuilder(
                        "strace",
                        "-f",
                        "-qq",
                        "-o",
                        "/dev/null",
                        "-e",
                        "trace=" + calls,
                        "-e",
                        "inject=" + calls + ":error=EIO",
                        "-p",
                        Long.toString(pid))
                .inheritIO()
                .start();
    }

    private static void assumeDisk() {
        noDisk.ifPresent(why -> System.out.println("Skipped, for a disk cannot be made to fail here: " + why));
        assumeTrue(noDisk.isEmpty(), () -> "A disk cannot be made to fail here: " + noDisk.orElse(""));
    }
}

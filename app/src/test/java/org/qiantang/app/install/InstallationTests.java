package org.qiantang.app.install;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole program as processes of their own, killed in the ways a machine kills them. */
class InstallationTests {
    @TempDir
    Path folder;

    private final List<HubProcess> started = new ArrayList<>();

    @AfterEach
    void endWhatIsLeft() throws Exception {
        started.forEach(HubProcess::kill);
        await().atMost(Duration.ofSeconds(30)).until(() -> Processes.of(folder).isEmpty());
    }

    @Test
    void nothingIsLeftWhenTheHubIsKilledAndTheNextStartWorks() throws Exception {
        HubProcess hub = start();
        HubAddress address = hub.awaitAddress();
        assertThat(status(address)).isEqualTo(200);
        assertThat(Processes.of(folder).size()).isGreaterThan(5);

        Processes.kill(hub.pid());
        await().atMost(Duration.ofSeconds(30)).until(() -> Processes.of(folder).isEmpty());

        HubProcess next = start();
        assertThat(status(next.awaitAddress())).isEqualTo(200);

        // Everything at once, the children first so that the hub is about to start them again.
        long postgres = next.postgres();
        Optional<ProcessHandle> worker = next.worker();
        Processes.kill(postgres);
        worker.ifPresent(process -> Processes.kill(process.pid()));
        Processes.kill(next.pid());
        await().atMost(Duration.ofSeconds(30)).until(() -> Processes.of(folder).isEmpty());
    }

    @Test
    void theHubOutlivesItsDatabaseAndItsWorkerAndStopsInOrder() throws Exception {
        Files.createDirectories(home().directory());
        Files.writeString(home().settings(), "qiantang.history-days=30\n");
        HubProcess hub = start();
        HubAddress address = hub.awaitAddress();
        long postgres = hub.postgres();
        long worker = await().atMost(HubProcess.PATIENCE)
                .until(() -> hub.worker(), Optional::isPresent)
                .orElseThrow()
                .pid();

        Processes.kill(postgres);
        Processes.kill(worker);

        await().atMost(HubProcess.PATIENCE).until(() -> hub.postgres() > 0 && hub.postgres() != postgres);
        await().atMost(Duration.ofSeconds(30))
                .until(() -> hub.worker()
                        .map(ProcessHandle::pid)
                        .filter(pid -> pid != worker)
                        .isPresent());
        assertThat(hub.isAlive()).isTrue();
        assertThat(status(address)).isEqualTo(200);
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(Files.readString(home().log().resolve("worker.log"))
                                .lines())
                        .as("each worker was told how long the past is kept")
                        .filteredOn(line -> line.contains("The lake is looked after by"))
                        .hasSize(2)
                        .allSatisfy(line -> assertThat(line).contains("history=PT720H")));

        hub.stop();
        hub.awaitEnd();
        assertThat(Processes.of(folder)).isEmpty();
        assertThat(home().hubFile()).doesNotExist();
        assertThat(Files.readString(home().log().resolve("postgres.log"))).contains("database system is shut down");
    }

    @Test
    void aSecondStartOnOneHomeIsRefusedAndNamesTheFirst() throws Exception {
        HubProcess hub = start();
        HubAddress address = hub.awaitAddress();

        HubProcess second = start();
        assertThat(second.awaitEnd()).isEqualTo(1);
        String said = second.said();
        assertThat(said.strip().lines()).hasSize(1);
        assertThat(said).contains(String.valueOf(hub.pid())).contains(address.url());
        assertThat(status(address)).isEqualTo(200);
    }

    @Test
    void aTakenPortIsRefusedBeforeAnythingStarts() throws Exception {
        try (java.net.ServerSocket taken =
                new java.net.ServerSocket(0, 1, java.net.InetAddress.getByName("127.0.0.1"))) {
            HubProcess hub = start("--port", String.valueOf(taken.getLocalPort()));

            assertThat(hub.awaitEnd()).isEqualTo(1);
            assertThat(hub.said()).contains(String.valueOf(taken.getLocalPort()));
            assertThat(home().postgres()).doesNotExist();
        }
    }

    private Home home() {
        return Home.at(folder.resolve("home"));
    }

    private HubProcess start(String... more) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("--empty"));
        arguments.addAll(more.length == 0 ? List.of("--port", "0") : List.of(more));
        HubProcess hub = HubProcess.start(home(), arguments.toArray(String[]::new));
        started.add(hub);
        return hub;
    }

    private static int status(HubAddress address) throws Exception {
        try (HttpClient http = HttpClient.newHttpClient()) {
            return http.send(
                            HttpRequest.newBuilder(URI.create(address.url() + "api/health"))
                                    .build(),
                            HttpResponse.BodyHandlers.discarding())
                    .statusCode();
        }
    }
}

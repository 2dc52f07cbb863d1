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
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qiantang.app.Qiantang;

/** The whole program as processes of their own, killed in the ways a machine kills them. */
class InstallationTests {
    private static final Duration START = Duration.ofMinutes(2);

    @TempDir
    Path folder;

    private final List<Process> started = new ArrayList<>();

    @AfterEach
    void endWhatIsLeft() throws Exception {
        started.forEach(Process::destroyForcibly);
        await().atMost(Duration.ofSeconds(30)).until(() -> Processes.of(folder).isEmpty());
    }

    @Test
    void nothingIsLeftWhenTheHubIsKilledAndTheNextStartWorks() throws Exception {
        Process hub = start();
        HubAddress address = awaitHub(hub);
        assertThat(status(address)).isEqualTo(200);
        assertThat(Processes.of(folder).size()).isGreaterThan(5);

        Processes.kill(hub.pid());
        await().atMost(Duration.ofSeconds(30)).until(() -> Processes.of(folder).isEmpty());

        Process next = start();
        assertThat(status(awaitHub(next))).isEqualTo(200);

        // Everything at once, the children first so that the hub is about to start them again.
        long postgres = postgres();
        Optional<ProcessHandle> worker = worker(next);
        Processes.kill(postgres);
        worker.ifPresent(process -> Processes.kill(process.pid()));
        Processes.kill(next.pid());
        await().atMost(Duration.ofSeconds(30)).until(() -> Processes.of(folder).isEmpty());
    }

    @Test
    void theHubOutlivesItsDatabaseAndItsWorkerAndStopsInOrder() throws Exception {
        Process hub = start();
        HubAddress address = awaitHub(hub);
        long postgres = postgres();
        long worker = await().atMost(START)
                .until(() -> worker(hub), Optional::isPresent)
                .orElseThrow()
                .pid();

        Processes.kill(postgres);
        Processes.kill(worker);

        await().atMost(START).until(() -> postgres() > 0 && postgres() != postgres);
        await().atMost(Duration.ofSeconds(30))
                .until(() -> worker(hub)
                        .map(ProcessHandle::pid)
                        .filter(pid -> pid != worker)
                        .isPresent());
        assertThat(hub.isAlive()).isTrue();
        assertThat(status(address)).isEqualTo(200);

        hub.destroy();
        assertThat(hub.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(Processes.of(folder)).isEmpty();
        assertThat(home().hubFile()).doesNotExist();
        assertThat(Files.readString(home().log().resolve("postgres.log"))).contains("database system is shut down");
    }

    @Test
    void aSecondStartOnOneHomeIsRefusedAndNamesTheFirst() throws Exception {
        Process hub = start();
        HubAddress address = awaitHub(hub);

        Process second = start();
        assertThat(second.waitFor(START.toSeconds(), TimeUnit.SECONDS)).isTrue();
        String said = Files.readString(output(second));
        assertThat(second.exitValue()).isEqualTo(1);
        assertThat(said.strip().lines()).hasSize(1);
        assertThat(said).contains(String.valueOf(hub.pid())).contains(address.url());
        assertThat(status(address)).isEqualTo(200);
    }

    @Test
    void aTakenPortIsRefusedBeforeAnythingStarts() throws Exception {
        try (java.net.ServerSocket taken =
                new java.net.ServerSocket(0, 1, java.net.InetAddress.getByName("127.0.0.1"))) {
            Process hub = start("--port", String.valueOf(taken.getLocalPort()));

            assertThat(hub.waitFor(START.toSeconds(), TimeUnit.SECONDS)).isTrue();
            assertThat(hub.exitValue()).isEqualTo(1);
            assertThat(Files.readString(output(hub))).contains(String.valueOf(taken.getLocalPort()));
            assertThat(home().postgres()).doesNotExist();
        }
    }

    private Home home() {
        return Home.at(folder.resolve("home"));
    }

    private Path output(Process process) {
        return folder.resolve("output-" + started.indexOf(process));
    }

    private Process start(String... more) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-Xmx512m",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                Qiantang.class.getName(),
                "hub",
                "--home",
                home().toString(),
                "--empty"));
        command.addAll(more.length == 0 ? List.of("--port", "0") : List.of(more));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().remove("LC_ALL");
        builder.environment().put("LANG", "en_US.UTF-8");
        Process process = builder.redirectOutput(
                        folder.resolve("output-" + started.size()).toFile())
                .start();
        started.add(process);
        return process;
    }

    private HubAddress awaitHub(Process hub) {
        return await().atMost(START)
                .failFast(() -> assertThat(hub.isAlive())
                        .as("%s", Home.read(output(hub)).orElse(""))
                        .isTrue())
                .until(() -> HubAddress.of(home()).filter(address -> address.pid() == hub.pid()), Optional::isPresent)
                .orElseThrow();
    }

    private long postgres() throws IOException {
        return Home.read(home().postgres().resolve("data/postmaster.pid"))
                .flatMap(text -> text.lines().skip(7).findFirst().map(ready -> text))
                .map(text ->
                        Long.parseLong(text.lines().findFirst().orElseThrow().strip()))
                .orElse(0L);
    }

    private static Optional<ProcessHandle> worker(Process hub) {
        return hub.children()
                .filter(child -> child.info().command().orElse("").endsWith("java"))
                .findFirst();
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

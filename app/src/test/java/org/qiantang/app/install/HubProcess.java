package org.qiantang.app.install;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.qiantang.app.Qiantang;
import org.qiantang.app.cli.HubClient;

/** The hub as a process of its own, the way people start it. */
final class HubProcess {
    static final Duration PATIENCE = Duration.ofMinutes(3);

    private final Home home;
    private final Path output;
    private final Process process;

    private HubProcess(Home home, Path output, Process process) {
        this.home = home;
        this.output = output;
        this.process = process;
    }

    static HubProcess start(Home home, String... arguments) throws IOException {
        return start(home, Map.of(), arguments);
    }

    /** @param environment added to this process's own */
    static HubProcess start(Home home, Map<String, String> environment, String... arguments) throws IOException {
        return start("hub", home, environment, arguments);
    }

    /** Any other command of the program. */
    static HubProcess start(String command, Home home, Map<String, String> environment, String... arguments)
            throws IOException {
        List<String> words = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-Xmx512m",
                "-XX:+UseSerialGC",
                // It is started often and lives for seconds.
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                Qiantang.class.getName(),
                command,
                "--home",
                home.toString()));
        words.addAll(List.of(arguments));
        Path output = Files.createTempFile(home.directory().getParent(), "output-", ".txt");
        ProcessBuilder builder = new ProcessBuilder(words).redirectErrorStream(true);
        // As bin/qiantang does: names of files are UTF-8 whatever locales this machine has.
        builder.environment().put("LC_ALL", "C.UTF-8");
        builder.environment().put("LANG", "en_US.UTF-8");
        builder.environment().putAll(environment);
        return new HubProcess(
                home, output, builder.redirectOutput(output.toFile()).start());
    }

    /** Waits until the hub answers. */
    HubAddress awaitAddress() {
        return await().atMost(PATIENCE)
                .failFast(() -> assertThat(process.isAlive()).as("%s", said()).isTrue())
                .until(() -> HubAddress.of(home).filter(address -> address.pid() == process.pid()), Optional::isPresent)
                .orElseThrow();
    }

    /** Waits until the process has ended and returns its exit status. */
    int awaitEnd() throws InterruptedException {
        assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                .as("%s", said())
                .isTrue();
        return process.exitValue();
    }

    HubClient client() {
        return new HubClient(awaitAddress().url(), home.readOperatorToken(), "en");
    }

    /** Everything it printed so far. */
    String said() {
        return Home.read(output).orElse("");
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    Optional<ProcessHandle> worker() {
        return workers().findFirst();
    }

    Stream<ProcessHandle> workers() {
        return process.children()
                .filter(child -> child.info().command().orElse("").endsWith("java"));
    }

    /** The first process of the installation's own PostgreSQL, or 0 while it does not answer. */
    long postgres() {
        return Home.read(home.postgres().resolve("data/postmaster.pid"))
                .filter(text -> text.lines().skip(7).findFirst().isPresent())
                .map(text ->
                        Long.parseLong(text.lines().findFirst().orElseThrow().strip()))
                .orElse(0L);
    }

    /** What Ctrl-C does. */
    void stop() {
        process.destroy();
    }

    void kill() {
        process.destroyForcibly();
    }
}

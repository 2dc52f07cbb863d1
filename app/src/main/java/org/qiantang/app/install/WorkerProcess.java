package org.qiantang.app.install;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.qiantang.app.QiantangProperties;
import org.qiantang.app.worker.WorkerAddress;
import org.qiantang.app.worker.WorkerSettings;
import org.qiantang.collect.Profiling;
import org.qiantang.lake.ClusterSettings;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Keeps one lake worker alive. The worker may die at any moment (that is what it is for: heavy reading and writing outside of the
 * hub), and is back within seconds; callers meanwhile see that nobody is there instead of waiting in the dark.
 *
 * <p>The worker learns its settings from the first line of its standard input, so that no secret stands in a process list; when that
 * input ends it ends too. Thread-safe.
 */
public final class WorkerProcess implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(WorkerProcess.class.getName());
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final Duration SHORTEST_PAUSE = Duration.ofMillis(100);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);
    private static final Duration GRACE = Duration.ofSeconds(3);

    private final List<String> command;
    private final CompletableFuture<WorkerSettings> settings;
    private final CappedLog log;
    private final Path directory;
    private final Duration grace;
    private final Thread supervisor;

    private volatile boolean stopping;
    private volatile @Nullable Process process;
    private volatile @Nullable WorkerAddress address;

    private WorkerProcess(
            Path log, Path temp, List<String> command, CompletableFuture<WorkerSettings> settings, Duration grace) {
        this.grace = grace;
        this.command = List.copyOf(command);
        this.settings = settings;
        this.log = new CappedLog(log);
        this.directory = temp;
        this.supervisor = Thread.ofPlatform().daemon().name("worker-supervisor").unstarted(this::supervise);
    }

    /**
     * Starts a worker and returns at once.
     *
     * @param number 1 for the worker that also looks after the lake, answers questions and follows sources; those above only collect
     * @param catalog the lake's catalogue, when it is up; the worker's program is loaded meanwhile
     * @param historyDays for how many days the lake can be read as it was
     * @param profiling of what is collected
     * @param zone where the city's clocks stand
     * @param cluster who answers queries instead of the worker
     */
    public static WorkerProcess start(
            Home home,
            int number,
            CompletableFuture<DatabaseSettings> catalog,
            int historyDays,
            Profiling profiling,
            ZoneId zone,
            @Nullable ClusterSettings cluster) {
        return start(home, number, catalog, historyDays, profiling, zone, cluster, List.of(), GRACE);
    }

    /** Starts the worker of a rehearsal, which the JVM watches: it notes down what it has seen when it ends. */
    static WorkerProcess rehearse(Home home, CompletableFuture<DatabaseSettings> catalog) {
        return start(
                home,
                1,
                catalog,
                QiantangProperties.HISTORY_DAYS,
                Profiling.ON,
                ZoneId.of(QiantangProperties.TIME_ZONE),
                null,
                ThisProgram.recording(home.directory(), "worker"),
                Duration.ofMinutes(2));
    }

    private static WorkerProcess start(
            Home home,
            int number,
            CompletableFuture<DatabaseSettings> catalog,
            int historyDays,
            Profiling profiling,
            ZoneId zone,
            @Nullable ClusterSettings cluster,
            List<String> moreOptions,
            Duration grace) {
        int lanes = Math.clamp(Runtime.getRuntime().availableProcessors(), 2, 8);
        Path temp = home.tmp(number);
        List<String> options = workerOptions(temp);
        options.addAll(moreOptions);
        WorkerProcess worker = new WorkerProcess(
                home.log().resolve(number == 1 ? "worker.log" : "worker-" + number + ".log"),
                temp,
                ThisProgram.command("worker", options, "worker"),
                catalog.thenApply(database -> new WorkerSettings(
                        "",
                        database.url(),
                        database.username(),
                        database.password(),
                        home.lake().toString(),
                        temp.toString(),
                        home.drivers().toString(),
                        lanes,
                        profiling,
                        number == 1,
                        historyDays,
                        zone.getId(),
                        cluster)),
                grace);
        worker.supervisor.start();
        return worker;
    }

    /** Where the worker is, or nothing while it is not up yet or being started again. */
    public Optional<WorkerAddress> address() {
        return Optional.ofNullable(address);
    }

    /** Waits for the worker to be up. */
    public Optional<WorkerAddress> awaitAddress(Duration limit) {
        long deadline = System.nanoTime() + limit.toNanos();
        while (address == null && !stopping && System.nanoTime() < deadline) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
            if (Thread.currentThread().isInterrupted()) {
                break;
            }
        }
        return address();
    }

    /** The worker's process id, or 0 while there is none. */
    public long pid() {
        Process current = process;
        return current != null && current.isAlive() ? current.pid() : 0;
    }

    @Override
    public void close() {
        stopping = true;
        settings.cancel(false);
        Process current = process;
        if (current != null) {
            end(current);
        }
        try {
            supervisor.join(grace.plusSeconds(1));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void supervise() {
        Duration pause = SHORTEST_PAUSE;
        while (!stopping) {
            long began = System.nanoTime();
            try {
                Process started =
                        Spawner.start(List.of(), "KILL", command, new ProcessBuilder().directory(directory.toFile()));
                process = started;
                log.follow(started.getErrorStream());
                if (stopping) {
                    end(started);
                }
                attend(started);
                int status = started.waitFor();
                if (!stopping) {
                    LOG.log(
                            System.Logger.Level.WARNING,
                            "The lake worker ended with status {0} and is started again.",
                            String.valueOf(status));
                }
            } catch (InterruptedException e) {
                return;
            } catch (IOException | ExecutionException | RuntimeException e) {
                if (!stopping) {
                    LOG.log(System.Logger.Level.WARNING, "The lake worker did not come up: {0}", e.toString());
                }
                Process failed = process;
                if (failed != null) {
                    failed.destroyForcibly();
                }
            } finally {
                address = null;
            }
            boolean stable = System.nanoTime() - began > Duration.ofSeconds(20).toNanos();
            pause = stable ? SHORTEST_PAUSE : pause.multipliedBy(2);
            if (pause.compareTo(LONGEST_PAUSE) > 0) {
                pause = LONGEST_PAUSE;
            }
            if (!stopping) {
                LockSupport.parkNanos(pause.toNanos());
            }
        }
    }

    /** Tells a worker its settings, learns its port, and listens until it falls silent. */
    private void attend(Process started) throws IOException, ExecutionException, InterruptedException {
        WorkerSettings told = settings.get().withToken(Secrets.token());
        OutputStream input = started.getOutputStream();
        input.write((JSON.writeValueAsString(told) + "\n").getBytes(UTF_8));
        input.flush();
        try (BufferedReader output = new BufferedReader(new InputStreamReader(started.getInputStream(), UTF_8))) {
            for (String said = output.readLine(); said != null; said = output.readLine()) {
                Optional<Integer> port = address == null ? port(said) : Optional.empty();
                if (port.isPresent()) {
                    address = new WorkerAddress(URI.create("http://127.0.0.1:" + port.get()), told.token());
                } else {
                    byte[] bytes = (said + "\n").getBytes(UTF_8);
                    log.append(bytes, bytes.length);
                }
            }
        }
    }

    private static Optional<Integer> port(String line) {
        if (!line.startsWith("{")) {
            return Optional.empty();
        }
        try {
            JsonNode port = JSON.readTree(line).path("port");
            return port.isInt() ? Optional.of(port.intValue()) : Optional.empty();
        } catch (JacksonException e) {
            return Optional.empty();
        }
    }

    private void end(Process worker) {
        try {
            // The end of its input is the worker's sign to finish what it is writing and leave.
            worker.getOutputStream().close();
        } catch (IOException e) {
            // Its input is gone already, and so is it.
        }
        try {
            if (!worker.waitFor(grace.toMillis(), TimeUnit.MILLISECONDS)) {
                worker.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            worker.destroyForcibly();
        }
    }

    private static List<String> workerOptions(Path temp) {
        List<String> options = new ArrayList<>();
        options.addAll(List.of("-Xms64m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:MaxMetaspaceSize=256m"));
        options.addAll(List.of(
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                // Where Arrow keeps what the engine hands over.
                "--add-opens=java.base/java.nio=ALL-UNNAMED"));
        options.addAll(List.of("-XX:+ExitOnOutOfMemoryError", "-Djava.io.tmpdir=" + temp));
        options.addAll(List.of("-Dfile.encoding=UTF-8", "-Djava.awt.headless=true"));
        options.add("-Dlogback.configurationFile=worker-logback.xml");
        return options;
    }
}

package org.qiantang.app.install;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.qiantang.core.Problem;

/**
 * The PostgreSQL of a trial installation: a real server with durable settings and a password made for this home, which runs as a child
 * of the hub under an account without privileges, is started again when it dies, and never outlives the hub.
 *
 * <p>Thread-safe.
 */
public final class PostgresServer implements AutoCloseable {
    /** The database the platform keeps its own records and the lake's catalogue in. */
    public static final String DATABASE = "qiantang";

    private static final System.Logger LOG = System.getLogger(PostgresServer.class.getName());
    public static final String SUPERUSER = "postgres";
    // A recovery with much to replay takes its time; a server that cannot start ends by itself long before.
    private static final Duration START_LIMIT = Duration.ofMinutes(10);
    private static final int START_ATTEMPTS = 5;
    private static final Duration FAST_STOP_LIMIT = Duration.ofSeconds(10);

    private static final long ROOMY = 20L << 30;

    /** An acknowledged write survives {@code kill -9} and power loss; the rest makes room for change capture. */
    private static final Map<String, String> SETTINGS = settings();

    private final Home home;
    private final DatabaseUser user;
    private final Path binaries;
    private final Path data;
    private final String password;
    private final Map<String, String> overrides;
    private final CappedLog log;

    private final Thread supervisor =
            Thread.ofPlatform().daemon().name("postgres-supervisor").unstarted(this::supervise);

    private volatile int port;
    private volatile boolean stopping;
    private volatile @Nullable Process process;

    private PostgresServer(
            Home home, DatabaseUser user, Path binaries, String password, Map<String, String> overrides) {
        this.home = home;
        this.user = user;
        this.binaries = binaries;
        this.data = home.postgres().resolve("data");
        this.password = password;
        this.overrides = Map.copyOf(overrides);
        this.log = new CappedLog(home.log().resolve("postgres.log"));
    }

    /** Returns once the server answers and the platform's database is there. Call it holding the home's lock. */
    public static PostgresServer start(Home home, String password) {
        return start(home, password, DatabaseUser.choose(), Map.of());
    }

    static PostgresServer start(Home home, String password, DatabaseUser user, Map<String, String> overrides) {
        requireNonNull(password, "password is null");
        try {
            Path folder = home.postgres();
            if (!Files.isDirectory(folder)) {
                Files.createDirectory(folder, PosixFilePermissions.asFileAttribute(Home.OWNER_ONLY));
            }
            user.own(folder);
            user.passThrough(home.directory());
            user.passThrough(home.runtime());
            if (!user.reaches(folder)) {
                throw new Problem(
                        InstallProblem.NO_UNPRIVILEGED_USER,
                        "reason",
                        "its account cannot enter " + folder + "; choose a home outside of closed directories");
            }
            PostgresServer server =
                    new PostgresServer(home, user, PostgresRuntime.in(home.runtime()), password, overrides);
            server.initialise();
            server.evict();
            try {
                server.launch();
                server.createDatabase();
            } catch (IOException e) {
                server.evict();
                throw e;
            }
            server.supervisor.start();
            return server;
        } catch (IOException e) {
            throw new Problem(
                    InstallProblem.POSTGRES_FAILED,
                    "reason",
                    Home.reason(e),
                    "log",
                    home.log().resolve("postgres.log").toString());
        }
    }

    /** Where a database of this server is reached; the address stays the same while the server is restarted. */
    public DatabaseSettings settings(String database) {
        return new DatabaseSettings("jdbc:postgresql://127.0.0.1:" + port + "/" + database, SUPERUSER, password);
    }

    public int port() {
        return port;
    }

    /** The process id of the server's first process, for tests and the start's report; 0 while it is down. */
    public long pid() {
        Process current = process;
        return current != null && current.isAlive() ? current.pid() : 0;
    }

    /** Ends the server in order: sessions are cut, everything is written, nothing needs recovery at the next start. */
    @Override
    public void close() {
        stopping = true;
        try {
            evict();
            supervisor.join();
            // It may just have been started again.
            evict();
            log.finish();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "PostgreSQL could not be stopped in order: {0}", e.toString());
        }
    }

    /** Leaves the server running with nobody who looks after it, as a process does that dies. */
    void abandon() {
        stopping = true;
    }

    private void initialise() throws IOException {
        if (Files.exists(data.resolve("PG_VERSION"))) {
            return;
        }
        // Built aside and moved into place: a start killed half-way leaves nothing that looks like a database.
        Path staging = home.postgres().resolve("new");
        Path passwordFile = home.postgres().resolve("new.password");
        PostgresRuntime.delete(staging);
        Home.write(passwordFile, password + "\n");
        user.own(passwordFile);
        try {
            List<String> command =
                    new ArrayList<>(List.of(binaries.resolve("bin/initdb").toString()));
            command.addAll(List.of("-D", staging.toString(), "-U", SUPERUSER, "-A", "scram-sha-256"));
            command.addAll(List.of("--pwfile=" + passwordFile, "--encoding=UTF8", "--locale=C.UTF-8"));
            // A full disk's ballast has to hold some files of the log, on a small disk too: without room for the next
            // one
            // the database does not even start.
            command.add("--wal-segsize=1");
            command.addAll(List.of("--locale-provider=icu", "--icu-locale=zh-Hans-CN", "--sync-method=syncfs"));
            Process initdb = Spawner.start(user.prefix(), "KILL", command, builder());
            log.follow(initdb.getInputStream());
            int status = initdb.waitFor();
            if (status != 0) {
                throw new IOException("initdb ended with status " + status);
            }
            Files.move(staging, data, StandardCopyOption.ATOMIC_MOVE);
            Home.sync(home.postgres());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("Interrupted", e);
        } finally {
            Files.deleteIfExists(passwordFile);
        }
    }

    /** Starts the server and waits until it answers, on a port that is free now and remembered for the next start. */
    private void launch() throws IOException {
        long deadline = System.nanoTime() + START_LIMIT.toNanos();
        boolean portMayChange = process == null;
        for (int attempt = 1; ; attempt++) {
            if (portMayChange) {
                port = freePort();
            }
            Process started = Spawner.start(user.prefix(), "INT", command(), builder());
            process = started;
            log.follow(started.getInputStream());
            while (started.isAlive() && !stopping && System.nanoTime() < deadline) {
                if (isReady(started.pid())) {
                    return;
                }
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
            }
            if (stopping) {
                throw new IOException("it was told to stop");
            }
            if (System.nanoTime() >= deadline || attempt == START_ATTEMPTS) {
                throw new IOException(log.lastMatching("FATAL|PANIC|rror").orElse("it was not ready in time"));
            }
            // Its port was taken in between: that passes.
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(200));
            evict();
        }
    }

    private List<String> command() throws IOException {
        List<String> command = new ArrayList<>();
        command.add(binaries.resolve("bin/postgres").toString());
        command.addAll(List.of("-D", data.toString(), "-p", String.valueOf(port)));
        Map<String, String> all = new LinkedHashMap<>(SETTINGS);
        all.put("max_wal_size", mostLog());
        all.putAll(overrides);
        all.forEach((name, value) -> command.addAll(List.of("-c", name + "=" + value)));
        return command;
    }

    private ProcessBuilder builder() {
        ProcessBuilder builder = new ProcessBuilder().redirectErrorStream(true);
        builder.redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
        builder.directory(Path.of("/").toFile());
        // Settings of the caller's own PostgreSQL must not reach ours.
        builder.environment().keySet().removeIf(name -> name.startsWith("PG"));
        builder.environment().put("LC_MESSAGES", "C");
        return builder;
    }

    /**
     * Its files are small: with what they make usual, a busy hour would be one checkpoint after the other, each with all pages anew. Where
     * there is room, that is; a small disk must not be filled by what only saves time.
     */
    private String mostLog() throws IOException {
        return Files.getFileStore(data).getTotalSpace() >= ROOMY ? "512MB" : "64MB";
    }

    private static Map<String, String> settings() {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("fsync", "on");
        settings.put("synchronous_commit", "on");
        settings.put("full_page_writes", "on");
        settings.put("wal_level", "logical");
        settings.put("listen_addresses", "127.0.0.1");
        // Nobody connects by a socket file, and its path would have to be short.
        settings.put("unix_socket_directories", "");
        settings.put("max_connections", "100");
        settings.put("shared_buffers", "128MB");
        // Files of its log that are kept for the next turns of it, which a full disk has no room for.
        settings.put("min_wal_size", "32MB");
        settings.put("logging_collector", "off");
        settings.put("log_destination", "stderr");
        return settings;
    }

    private int freePort() throws IOException {
        Path file = home.run().resolve("postgres.port");
        int kept = Home.read(file)
                .map(String::strip)
                .filter(s -> s.matches("\\d{1,5}"))
                .map(Integer::parseInt)
                .orElse(0);
        int free = isFree(kept) ? kept : 0;
        if (free == 0) {
            try (ServerSocket any = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                free = any.getLocalPort();
            }
            Home.write(file, free + "\n");
        }
        return free;
    }

    static boolean isFree(int port) {
        if (port <= 0 || port > 65535) {
            return false;
        }
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress("127.0.0.1", port));
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** The server writes its state to the eighth line of its pid file; no connection is needed to learn it. */
    private boolean isReady(long pid) {
        List<String> lines = pidFile();
        return lines.size() >= 8
                && lines.getFirst().strip().equals(String.valueOf(pid))
                && lines.get(7).strip().equals("ready");
    }

    private List<String> pidFile() {
        try {
            return Files.readAllLines(data.resolve("postmaster.pid"), UTF_8);
        } catch (IOException e) {
            return List.of();
        }
    }

    private void createDatabase() throws IOException {
        DatabaseSettings server = settings("postgres");
        try (Connection connection = DriverManager.getConnection(server.url(), server.username(), server.password());
                Statement statement = connection.createStatement()) {
            try (ResultSet found =
                    statement.executeQuery("SELECT 1 FROM pg_database WHERE datname = '" + DATABASE + "'")) {
                if (found.next()) {
                    return;
                }
            }
            statement.execute("CREATE DATABASE " + DATABASE);
        } catch (SQLException e) {
            throw new IOException("The database " + DATABASE + " cannot be reached: " + e.getMessage(), e);
        }
    }

    private void supervise() {
        while (!stopping) {
            Process current = requireNonNull(process);
            try {
                int status = current.waitFor();
                if (stopping) {
                    return;
                }
                LOG.log(
                        System.Logger.Level.WARNING,
                        "PostgreSQL ended with status {0} and is started again.",
                        String.valueOf(status));
                evict();
                launch();
                LOG.log(System.Logger.Level.INFO, "PostgreSQL is back.");
            } catch (IOException e) {
                LOG.log(System.Logger.Level.ERROR, "PostgreSQL does not come back: {0}", e.toString());
                LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(1));
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    /**
     * Ends whatever still runs on the data: a server left over from a hub that was killed, or the remains of a server whose first
     * process was killed. They are known by their working directory, which is the data itself, so a recycled process id harms nobody.
     */
    private void evict() throws IOException {
        long start = System.nanoTime();
        boolean interrupted = false;
        for (List<ProcessHandle> left = processes(); !left.isEmpty(); left = processes()) {
            long waited = System.nanoTime() - start;
            List<String> lines = pidFile();
            long first = lines.isEmpty() || !lines.getFirst().strip().matches("\\d+")
                    ? -1
                    : Long.parseLong(lines.getFirst().strip());
            boolean led = left.stream().anyMatch(p -> p.pid() == first);
            // Without its first process a server has crashed already, and a busy remnant would go on for long.
            if (!led || waited > FAST_STOP_LIMIT.toNanos()) {
                left.forEach(ProcessHandle::destroyForcibly);
            } else if (!interrupted) {
                signal(first, "INT");
                interrupted = true;
            }
            if (waited > FAST_STOP_LIMIT.multipliedBy(3).toNanos()) {
                throw new IOException("Processes of an earlier PostgreSQL do not end: " + left);
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
        // With nobody left on the data a pid file can only mislead, e.g. when its number now belongs to a stranger.
        Files.deleteIfExists(data.resolve("postmaster.pid"));
    }

    private List<ProcessHandle> processes() throws IOException {
        if (!Files.isDirectory(data)) {
            return List.of();
        }
        Path real = data.toRealPath();
        List<ProcessHandle> found = new ArrayList<>();
        try (Stream<Path> proc = Files.list(Path.of("/proc"))) {
            for (Path entry : (Iterable<Path>) proc::iterator) {
                String name = entry.getFileName().toString();
                if (Character.isDigit(name.charAt(0)) && real.equals(workingDirectory(entry))) {
                    ProcessHandle.of(Long.parseLong(name)).ifPresent(found::add);
                }
            }
        }
        return found;
    }

    private static @Nullable Path workingDirectory(Path process) {
        try {
            return Files.readSymbolicLink(process.resolve("cwd"));
        } catch (IOException e) {
            return null;
        }
    }

    private static void signal(long pid, String name) throws IOException {
        try {
            new ProcessBuilder("/bin/sh", "-c", "kill -" + name + " " + pid)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

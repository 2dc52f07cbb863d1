package org.qiantang.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/**
 * A real PostgreSQL for tests, from the binaries on the class path: extracted once per machine, one server per test JVM, one database per
 * test that asks. The server ends with the JVM.
 */
public final class TestPostgres {
    public static final String USER = "postgres";
    public static final String PASSWORD = "only-for-tests";

    private static final String ARCHIVE = "/postgres-linux-x86_64.txz";

    private static TestPostgres shared;

    private final int port;
    private final List<String> command;
    private final Path data;
    private Process server;

    private TestPostgres(int port, List<String> command, Path data) {
        this.port = port;
        this.command = List.copyOf(command);
        this.data = data;
    }

    /** The JVM's server, started at the first call. */
    public static synchronized TestPostgres shared() {
        if (shared == null) {
            try {
                shared = start(List.of("wal_level=logical", "max_replication_slots=20"));
            } catch (IOException | InterruptedException e) {
                throw new IllegalStateException("PostgreSQL does not start for the tests", e);
            }
        }
        return shared;
    }

    /** A server of the caller's own, that may be stopped under whoever uses it; it too ends with the JVM. */
    public static TestPostgres own() {
        try {
            return start(List.of("wal_level=logical"));
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException("PostgreSQL does not start for the tests", e);
        }
    }

    /** Ends the server by a signal, as {@code INT} for a fast stop, {@code QUIT} or {@code KILL} for a crash, and starts it on its data. */
    public synchronized void restart(String signal) throws IOException, InterruptedException {
        new ProcessBuilder("/bin/sh", "-c", "kill -" + signal + " " + server.pid())
                .start()
                .waitFor();
        if (!server.waitFor(60, TimeUnit.SECONDS)) {
            throw new IllegalStateException("PostgreSQL does not stop");
        }
        launch();
    }

    private void launch() throws IOException {
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(50))
                .until(() -> {
                    if (server == null || !server.isAlive()) {
                        // What a killed server leaves may hold its data for another moment.
                        server = new ProcessBuilder(command)
                                .redirectErrorStream(true)
                                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                                        data.resolve("log").toFile()))
                                .start();
                    }
                    try (Connection connection = connect("postgres")) {
                        return connection.isValid(1);
                    } catch (SQLException notYet) {
                        return false;
                    }
                });
    }

    /** A new empty database; the name is lower case letters, digits and underscores. */
    public String createDatabase(String name) {
        execute("postgres", "DROP DATABASE IF EXISTS " + name + " WITH (FORCE)", "CREATE DATABASE " + name);
        return url(name);
    }

    /** A role that may log in, with the password of the tests; roles are the server's, so another test may have made it. */
    public void createRole(String name) {
        execute(
                "postgres",
                "DO $$ BEGIN CREATE ROLE " + name + " LOGIN PASSWORD '" + PASSWORD
                        + "'; EXCEPTION WHEN duplicate_object THEN NULL; END $$");
    }

    public String url(String database) {
        return "jdbc:postgresql://127.0.0.1:" + port + "/" + database;
    }

    public int port() {
        return port;
    }

    public Connection connect(String database) throws SQLException {
        return DriverManager.getConnection(url(database), USER, PASSWORD);
    }

    public void execute(String database, String... statements) {
        try (Connection connection = connect(database);
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        } catch (SQLException e) {
            throw new IllegalStateException("Cannot run on " + database + ": " + e.getMessage(), e);
        }
    }

    /** Runs a script as psql does, data behind COPY … FROM stdin included; errors of single statements are the caller's to look for. */
    public String psql(String database, Path script) {
        try {
            ProcessBuilder builder = new ProcessBuilder(
                    "psql",
                    "-q",
                    "-h",
                    "127.0.0.1",
                    "-p",
                    "" + port,
                    "-U",
                    USER,
                    "-d",
                    database,
                    "-f",
                    script.toString());
            builder.environment().put("PGPASSWORD", PASSWORD);
            Process process = builder.redirectErrorStream(true).start();
            String output =
                    new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
            process.waitFor();
            return output;
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException("psql does not run", e);
        }
    }

    private static TestPostgres start(List<String> settings) throws IOException, InterruptedException {
        Path binaries = binaries();
        Path data = Files.createTempDirectory("qiantang-test-pg");
        Path passwordFile = data.resolveSibling(data.getFileName() + ".pw");
        Files.writeString(passwordFile, PASSWORD);
        int port;
        try (ServerSocket socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }
        run(
                binaries,
                data,
                "initdb",
                "-D",
                data.toString(),
                "-U",
                USER,
                "-A",
                "scram-sha-256",
                "--pwfile=" + passwordFile,
                "--encoding=UTF8",
                "--locale-provider=icu",
                "--icu-locale=zh-Hans-CN",
                "--locale=C.UTF-8",
                "--no-sync");
        List<String> command = new ArrayList<>(List.of(
                binaries.resolve("bin/postgres").toString(),
                "-D",
                data.toString(),
                "-p",
                "" + port,
                "-c",
                "listen_addresses=127.0.0.1",
                "-c",
                "unix_socket_directories=",
                "-c",
                "wal_level=logical",
                "-c",
                "max_connections=100"));
        settings.forEach(setting -> command.addAll(List.of("-c", setting)));
        TestPostgres postgres = new TestPostgres(port, asUser(command), data);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> postgres.stop(passwordFile)));
        postgres.launch();
        return postgres;
    }

    private void stop(Path passwordFile) {
        server.destroy();
        try {
            server.waitFor(10, TimeUnit.SECONDS);
            Files.deleteIfExists(passwordFile);
            try (var files = Files.walk(data)) {
                files.sorted(java.util.Comparator.reverseOrder())
                        .forEach(file -> file.toFile().delete());
            }
        } catch (IOException | InterruptedException e) {
            server.destroyForcibly();
        }
    }

    /** The binaries, extracted into a folder that a second JVM at the same moment sees whole or not at all. */
    private static Path binaries() throws IOException, InterruptedException {
        Path cache = Path.of(System.getProperty("java.io.tmpdir"), "qiantang-test-postgres-18.6");
        if (Files.isDirectory(cache)) {
            return cache;
        }
        Path fresh = Files.createTempDirectory("qiantang-test-postgres");
        Path archive = fresh.resolve("archive.txz");
        try (InputStream in = TestPostgres.class.getResourceAsStream(ARCHIVE)) {
            if (in == null) {
                throw new IllegalStateException("No PostgreSQL binaries on the class path");
            }
            Files.copy(in, archive);
        }
        int exit = new ProcessBuilder("tar", "-xJf", archive.toString(), "-C", fresh.toString())
                .inheritIO()
                .start()
                .waitFor();
        if (exit != 0) {
            throw new IOException("tar ended with " + exit);
        }
        Files.delete(archive);
        try {
            Files.move(fresh, cache, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException anotherWasFaster) {
            if (!Files.isDirectory(cache)) {
                throw anotherWasFaster;
            }
        }
        return cache;
    }

    private static void run(Path binaries, Path data, String program, String... arguments)
            throws IOException, InterruptedException {
        List<String> command =
                new ArrayList<>(List.of(binaries.resolve("bin").resolve(program).toString()));
        command.addAll(List.of(arguments));
        Process process =
                new ProcessBuilder(asUser(command)).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new UncheckedIOException(new IOException(program + " failed in " + data + ": " + output));
        }
    }

    /** PostgreSQL refuses to run as root; in a user namespace it need not know. */
    private static List<String> asUser(List<String> command) {
        if (!"root".equals(System.getProperty("user.name"))) {
            return command;
        }
        List<String> wrapped = new ArrayList<>(List.of("unshare", "-U"));
        wrapped.addAll(command);
        return wrapped;
    }
}

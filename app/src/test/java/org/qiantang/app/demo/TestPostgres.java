package org.qiantang.app.demo;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** A PostgreSQL server of its own for a test, from the same binaries an installation uses. */
final class TestPostgres implements AutoCloseable {
    private static final String PASSWORD = "demo-test";

    private final Process process;
    private final DatabaseServer server;

    private TestPostgres(Process process, DatabaseServer server) {
        this.process = process;
        this.server = server;
    }

    static TestPostgres start(Path folder) throws IOException, InterruptedException {
        Path runtime = Files.createDirectories(folder.resolve("runtime"));
        Path archive = runtime.resolve("postgres.txz");
        try (InputStream in = TestPostgres.class.getResourceAsStream("/postgres-linux-x86_64.txz")) {
            if (in == null) {
                throw new IllegalStateException("The PostgreSQL binaries are not on the class path");
            }
            Files.copy(in, archive, StandardCopyOption.REPLACE_EXISTING);
        }
        run(folder, List.of("tar", "xJf", archive.toString(), "-C", runtime.toString()));
        Path password = Files.writeString(folder.resolve("password"), PASSWORD);
        Path data = folder.resolve("data");
        String bin = runtime.resolve("bin") + "/";
        run(
                folder,
                unprivileged(
                        bin + "initdb",
                        "-D",
                        data.toString(),
                        "-U",
                        "postgres",
                        "-A",
                        "scram-sha-256",
                        "--pwfile=" + password,
                        "--encoding=UTF8",
                        "--locale=C.UTF-8"));
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        Process process = builder(
                        folder,
                        unprivileged(
                                bin + "postgres",
                                "-D",
                                data.toString(),
                                "-p",
                                Integer.toString(port),
                                "-c",
                                "listen_addresses=127.0.0.1",
                                "-c",
                                "unix_socket_directories=",
                                "-c",
                                "shared_buffers=256MB",
                                "-c",
                                "wal_level=logical",
                                "-c",
                                "max_wal_size=2GB"))
                .start();
        DatabaseServer server = new DatabaseServer("127.0.0.1", port, "postgres", PASSWORD);
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .ignoreException(SQLException.class)
                .until(() -> {
                    try (Connection connection = connect(server, "postgres")) {
                        return connection.isValid(5);
                    }
                });
        return new TestPostgres(process, server);
    }

    DatabaseServer server() {
        return server;
    }

    Connection connect(String database) throws SQLException {
        return connect(server, database);
    }

    @Override
    public void close() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(20, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
    }

    private static Connection connect(DatabaseServer server, String database) throws SQLException {
        return DriverManager.getConnection(server.url(database), server.superuser(), server.password());
    }

    private static List<String> unprivileged(String... command) {
        List<String> all = new ArrayList<>();
        if ("root".equals(System.getProperty("user.name"))) {
            all.addAll(List.of("unshare", "-U"));
        }
        all.addAll(List.of(command));
        return all;
    }

    private static ProcessBuilder builder(Path folder, List<String> command) {
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(
                        ProcessBuilder.Redirect.appendTo(folder.resolve("log").toFile()));
        builder.environment().putAll(Map.of("LC_ALL", "C.UTF-8"));
        return builder;
    }

    private static void run(Path folder, List<String> command) throws IOException, InterruptedException {
        int status = builder(folder, command).start().waitFor();
        if (status != 0) {
            throw new IllegalStateException(
                    command.getFirst() + " ended with " + status + "\n" + Files.readString(folder.resolve("log")));
        }
    }
}

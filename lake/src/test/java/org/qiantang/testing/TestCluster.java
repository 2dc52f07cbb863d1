package org.qiantang.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** A real Trino cluster for the long tests: a coordinator and workers, each a process that {@code bin/cluster} starts. */
public final class TestCluster implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private final Path folder;
    private final Path secrets;
    private final int port;
    private final List<Process> nodes = new ArrayList<>();
    private List<String> catalog = List.of();

    /** A cluster that has its address and its secrets but no machines yet. */
    public TestCluster(Path folder) {
        this.folder = folder;
        this.secrets = folder.resolve("secrets");
        this.port = freePort();
        try {
            Files.createDirectories(folder);
            Process made = script("secrets", List.of("secrets", secrets.toString()));
            if (made.waitFor() != 0) {
                throw new IllegalStateException("The cluster's secrets cannot be made: " + log("secrets"));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * Starts the coordinator and waits until it answers.
     *
     * @param catalogUrl JDBC URL of the lake's catalogue
     * @param works whether the coordinator reads data too
     */
    public void start(String catalogUrl, String user, String password, boolean works) {
        try {
            Path passwordFile = Files.writeString(folder.resolve("catalog.password"), password);
            catalog = List.of("catalog=" + catalogUrl, "catalog-user=" + user, "catalog-password-file=" + passwordFile);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        List<String> more = new ArrayList<>(catalog);
        more.addAll(List.of("port=" + port, "memory=1500m", "alone=" + works));
        awaitStarted("coordinator", node("coordinator", "coordinator", more));
    }

    /** Starts another worker and waits until it has work to do. */
    public Process addWorker() {
        int nth = nodes.size();
        List<String> more = new ArrayList<>(catalog);
        more.addAll(List.of("port=" + freePort(), "memory=1500m", "coordinator=" + url()));
        Process worker = node("worker", "worker" + nth, more);
        awaitStarted("worker" + nth, worker);
        long wanted = nodes.stream().skip(1).filter(Process::isAlive).count();
        Awaitility.await().atMost(PATIENCE).pollInterval(Duration.ofMillis(200)).until(() -> workersKnown() >= wanted);
        return worker;
    }

    /** Workers that the coordinator knows. */
    public long workersKnown() throws SQLException {
        return Long.parseLong(
                one("SELECT count(*) FROM system.runtime.nodes WHERE NOT coordinator AND state = 'active'"));
    }

    public URI url() {
        return URI.create("https://127.0.0.1:" + port);
    }

    public Path certificate() {
        return secrets.resolve("certificate.pem");
    }

    public String password(String user) {
        try {
            return Files.readString(secrets.resolve(user + ".password"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A connection of the one who may write. */
    public Connection connect() throws SQLException {
        return connect("steward", password("steward"));
    }

    public Connection connect(String user, String password) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", user);
        properties.setProperty("password", password);
        properties.setProperty("SSL", "true");
        properties.setProperty("SSLTrustStorePath", certificate().toString());
        return DriverManager.getConnection("jdbc:trino://127.0.0.1:" + port + "/lake", properties);
    }

    /** Runs a statement of the one who may write. */
    public void execute(String sql) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** The one value of a query's answer. */
    public String one(String sql) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getString(1);
        }
    }

    /** The processor time of all the nodes so far, in seconds. */
    public double cpuSeconds() {
        return nodes.stream()
                        .mapToLong(node -> node.toHandle()
                                .info()
                                .totalCpuDuration()
                                .orElse(Duration.ZERO)
                                .toMillis())
                        .sum()
                / 1000.0;
    }

    @Override
    public void close() {
        nodes.forEach(Process::destroyForcibly);
        nodes.forEach(node -> {
            try {
                node.waitFor(30, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    private Process node(String role, String name, List<String> more) {
        List<String> arguments =
                new ArrayList<>(List.of(role, folder.resolve(name).toString(), secrets.toString()));
        arguments.addAll(more);
        try {
            Process node = script(name, arguments);
            nodes.add(node);
            Runtime.getRuntime().addShutdownHook(new Thread(node::destroyForcibly));
            return node;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Process script(String name, List<String> arguments) throws IOException {
        Path root = Path.of("").toAbsolutePath();
        while (!Files.exists(root.resolve("bin/cluster"))) {
            root = root.getParent();
        }
        List<String> command =
                new ArrayList<>(List.of(root.resolve("bin/cluster").toString()));
        command.addAll(arguments);
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve(name + ".log").toFile())
                .start();
    }

    private void awaitStarted(String name, Process node) {
        Awaitility.await().atMost(PATIENCE).pollInterval(Duration.ofMillis(200)).until(() -> {
            if (!node.isAlive()) {
                throw new IllegalStateException("The cluster's " + name + " does not start: " + log(name));
            }
            return log(name).contains("SERVER STARTED");
        });
    }

    private String log(String name) {
        try {
            return Files.readString(folder.resolve(name + ".log"));
        } catch (IOException e) {
            return e.toString();
        }
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

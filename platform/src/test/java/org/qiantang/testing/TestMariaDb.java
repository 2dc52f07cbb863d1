package org.qiantang.testing;

import java.io.IOException;
import java.io.OutputStream;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;

/**
 * A real MariaDB for tests, from Debian's package {@code mariadb-server-core}: one server per test JVM, unprivileged, with a data folder
 * and a port of its own and its binary log on. The server ends with the JVM.
 */
public final class TestMariaDb {
    public static final String USER = "qiantang";
    public static final String PASSWORD = "only-for-tests";

    private static final Path SCRIPTS = Path.of("/usr/share/mysql");
    private static final Pattern DELIMITER = Pattern.compile("(?im)^DELIMITER[ \\t]+(\\S+)[ \\t]*$");

    private static TestMariaDb shared;

    private final int port;

    private TestMariaDb(int port) {
        this.port = port;
    }

    /** The JVM's server, started at the first call. */
    public static synchronized TestMariaDb shared() {
        if (shared == null) {
            try {
                shared = start();
            } catch (IOException | InterruptedException e) {
                throw new IllegalStateException("MariaDB does not start for the tests; bin/test installs it", e);
            }
        }
        return shared;
    }

    public int port() {
        return port;
    }

    /** The address of a database, or of the server when the name is empty. */
    public String url(String database) {
        return "jdbc:mariadb://127.0.0.1:" + port + "/" + database;
    }

    public Connection connect(String database) throws SQLException {
        return DriverManager.getConnection(
                url(database) + "?useServerPrepStmts=true&tinyInt1isBit=false", USER, PASSWORD);
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

    /** A new empty database. */
    public void createDatabase(String name) {
        execute("", "DROP DATABASE IF EXISTS `" + name + "`", "CREATE DATABASE `" + name + "` CHARACTER SET utf8mb4");
    }

    /** An account with what follows GRANT, such as {@code SELECT ON db.*}. */
    public void createAccount(String name, String... grants) {
        execute(
                "",
                "DROP USER IF EXISTS '" + name + "'@'127.0.0.1'",
                "CREATE USER '" + name + "'@'127.0.0.1' IDENTIFIED BY '" + PASSWORD + "'");
        for (String grant : grants) {
            execute("", "GRANT " + grant + " TO '" + name + "'@'127.0.0.1'");
        }
    }

    /** Runs a script as the client does, other delimiters included; returns what was refused. */
    public List<String> run(String database, Path script) {
        List<String> refused = new ArrayList<>();
        try (Connection connection = connect(database);
                Statement statement = connection.createStatement()) {
            for (String sql : statements(Files.readString(script))) {
                try {
                    statement.execute(sql);
                } catch (SQLException e) {
                    refused.add(e.getMessage());
                }
            }
        } catch (IOException | SQLException e) {
            throw new IllegalStateException("Cannot run " + script, e);
        }
        return refused;
    }

    private static List<String> statements(String script) {
        List<String> statements = new ArrayList<>();
        String delimiter = ";";
        StringBuilder sql = new StringBuilder();
        for (String line : script.lines().toList()) {
            var change = DELIMITER.matcher(line);
            if (change.matches()) {
                delimiter = change.group(1);
                continue;
            }
            if (sql.isEmpty() && (line.isBlank() || line.startsWith("--"))) {
                continue;
            }
            sql.append(line).append('\n');
            if (line.stripTrailing().endsWith(delimiter)) {
                String text = sql.toString().stripTrailing();
                statements.add(text.substring(0, text.length() - delimiter.length()));
                sql.setLength(0);
            }
        }
        return statements;
    }

    private static TestMariaDb start() throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("qiantang-test-mariadb");
        Path data = Files.createDirectory(folder.resolve("data"));
        StringBuilder setUp = new StringBuilder("CREATE DATABASE mysql;\nUSE mysql;\nSET @auth_root_socket = NULL;\n");
        for (String script : List.of(
                "mysql_system_tables",
                "mysql_performance_tables",
                "mysql_system_tables_data",
                "maria_add_gis_sp_bootstrap")) {
            setUp.append(Files.readString(SCRIPTS.resolve(script + ".sql"))).append('\n');
        }
        setUp.append("FLUSH PRIVILEGES;\nCREATE USER '")
                .append(USER)
                .append("'@'127.0.0.1' IDENTIFIED BY '")
                .append(PASSWORD)
                .append("';\nGRANT ALL ON *.* TO '")
                .append(USER)
                .append("'@'127.0.0.1' WITH GRANT OPTION;\n");
        Process bootstrap = new ProcessBuilder(command(data, "--bootstrap", "--skip-networking"))
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("bootstrap.log").toFile())
                .start();
        try (OutputStream in = bootstrap.getOutputStream()) {
            in.write(setUp.toString().getBytes(StandardCharsets.UTF_8));
        }
        if (bootstrap.waitFor() != 0) {
            throw new IOException("It does not set itself up: " + Files.readString(folder.resolve("bootstrap.log")));
        }
        int port;
        try (ServerSocket socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }
        Process server = new ProcessBuilder(command(
                        data,
                        "--port=" + port,
                        "--bind-address=127.0.0.1",
                        "--socket=" + folder.resolve("socket"),
                        "--pid-file=" + folder.resolve("pid"),
                        "--skip-name-resolve",
                        "--log-bin=bin",
                        "--server-id=1",
                        "--binlog-format=ROW",
                        "--max-allowed-packet=256M",
                        "--innodb-flush-log-at-trx-commit=0"))
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("log").toFile())
                .start();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(server, folder)));
        TestMariaDb mariaDb = new TestMariaDb(port);
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(50))
                .until(() -> {
                    try (Connection connection = mariaDb.connect("")) {
                        return connection.isValid(1);
                    } catch (SQLException notYet) {
                        return false;
                    }
                });
        return mariaDb;
    }

    /** It refuses to run as root; in a user namespace it need not know. */
    private static List<String> command(Path data, String... options) {
        List<String> command = new ArrayList<>();
        if ("root".equals(System.getProperty("user.name"))) {
            command.addAll(List.of("unshare", "-U"));
        }
        command.addAll(List.of("/usr/sbin/mariadbd", "--no-defaults", "--datadir=" + data));
        command.addAll(List.of("--innodb-log-file-size=64M", "--innodb-buffer-pool-size=64M"));
        command.addAll(List.of(options));
        return command;
    }

    private static void stop(Process server, Path folder) {
        server.destroy();
        try {
            if (!server.waitFor(20, TimeUnit.SECONDS)) {
                server.destroyForcibly();
            }
            try (var files = Files.walk(folder)) {
                files.sorted(Comparator.reverseOrder())
                        .forEach(file -> file.toFile().delete());
            }
        } catch (IOException | InterruptedException e) {
            server.destroyForcibly();
        }
    }
}

package org.qiantang.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.trino.tpch.TpchEntity;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;

/** The department's system in a benchmark: a PostgreSQL of our own, as safe as a real one. */
final class Source implements AutoCloseable {
    static final String USER = "postgres";
    static final String PASSWORD = "postgres";
    private static final Duration START = Duration.ofMinutes(1);
    private static final int COPY_BUFFER_BYTES = 1 << 16;
    private static final long ROWS_PER_PART = 500_000;

    private final int port;
    private final Path data;
    private final Ending ending;

    private Source(int port, Path data, Ending ending) {
        this.port = port;
        this.data = data;
        this.ending = ending;
    }

    private interface Ending {
        void end() throws IOException;
    }

    /**
     * Starts the newest server that there is.
     *
     * @param work an empty folder for the data
     * @param settings {@code name=value} beside its defaults; journal and cache are larger than those in any case
     */
    static Source start(Path work, String... settings) throws IOException {
        Path data = work.resolve("source");
        EmbeddedPostgres.Builder builder = EmbeddedPostgres.builder()
                .setDataDirectory(data)
                .setOverrideWorkingDirectory(work.resolve("runtime").toFile())
                .setCleanDataDirectory(true)
                .setErrorRedirector(ProcessBuilder.Redirect.DISCARD)
                .setOutputRedirector(ProcessBuilder.Redirect.DISCARD);
        settings(settings).forEach(builder::setServerConfig);
        EmbeddedPostgres server = builder.start();
        return new Source(server.getPort(), data, server::close);
    }

    /** Starts the distribution's server, which the distribution's {@code pg_dump} is able to dump. */
    static Source startInstalled(Path work) throws IOException, InterruptedException {
        Path data = work.resolve("source");
        Path password = Files.writeString(work.resolve("password"), PASSWORD);
        // PostgreSQL refuses root; in a user namespace of its own it is nobody there and owns its files all the same.
        List<String> asNobody = System.getProperty("user.name").equals("root") ? List.of("unshare", "-U") : List.of();
        List<String> initdb = new ArrayList<>(asNobody);
        initdb.addAll(List.of(
                Installed.program("initdb").toString(),
                "--pgdata=" + data,
                "--username=" + USER,
                "--pwfile=" + password,
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C"));
        Commands.run(initdb, work);
        int port = Hub.freePort();
        List<String> command = new ArrayList<>(asNobody);
        command.addAll(List.of(
                Installed.program("postgres").toString(),
                "-D",
                data.toString(),
                "-p",
                Integer.toString(port),
                "-c",
                "unix_socket_directories=",
                "-c",
                "listen_addresses=127.0.0.1"));
        settings().forEach((name, value) -> command.addAll(List.of("-c", name + "=" + value)));
        Path said = work.resolve("source.log");
        Process server = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        Source source = new Source(port, data, () -> stop(server));
        long deadline = System.nanoTime() + START.toNanos();
        while (!source.isUp()) {
            if (server.waitFor(Duration.ofMillis(100)) || System.nanoTime() > deadline) {
                server.destroyForcibly();
                throw new IllegalStateException("Cannot measure: PostgreSQL did not start. It said: "
                        + Files.readString(said).strip());
            }
        }
        return source;
    }

    private boolean isUp() {
        try (Connection connection = connect()) {
            return connection.isValid(1);
        } catch (SQLException e) {
            return false;
        }
    }

    /** SIGINT ends the sessions and then the server; SIGTERM would wait for the sessions. */
    private static void stop(Process server) throws IOException {
        try {
            new ProcessBuilder("kill", "-INT", Long.toString(server.pid()))
                    .start()
                    .waitFor();
            if (!server.waitFor(Duration.ofSeconds(60))) {
                server.destroyForcibly();
            }
        } catch (InterruptedException e) {
            server.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    private static Map<String, String> settings(String... more) {
        Map<String, String> settings = new LinkedHashMap<>(Map.of(
                "fsync", "on",
                "synchronous_commit", "on",
                "full_page_writes", "on",
                "shared_buffers", "1GB",
                "max_wal_size", "8GB"));
        for (String setting : more) {
            int equals = setting.indexOf('=');
            settings.put(setting.substring(0, equals), setting.substring(equals + 1));
        }
        return settings;
    }

    int port() {
        return port;
    }

    /** The address as a collector is given it. */
    String url() {
        return "jdbc:postgresql://127.0.0.1:" + port() + "/postgres";
    }

    /** The address as PostgreSQL's own programs are given it. */
    String libpqUrl() {
        return "postgresql://" + USER + ":" + PASSWORD + "@127.0.0.1:" + port + "/postgres";
    }

    /** The server process, parent of every backend. */
    long pid() throws IOException {
        return Long.parseLong(
                Files.readAllLines(data.resolve("postmaster.pid")).getFirst().strip());
    }

    Connection connect() throws SQLException {
        return DriverManager.getConnection(url(), USER, PASSWORD);
    }

    /** Creates and fills the tables of TPC-H in two connections, then freezes them, so that no reader pays for hint bits. */
    void load(double scaleFactor) throws SQLException, InterruptedException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            for (Tpch.Table table : Tpch.tables()) {
                statement.execute(table.columns().stream()
                        .map(column -> column.name() + " " + column.sqlType() + " not null")
                        .collect(Collectors.joining(", ", "create table " + table.name() + " (", ")")));
            }
        }
        try (ExecutorService loaders = Executors.newFixedThreadPool(2)) {
            List<Future<?>> parts = new ArrayList<>();
            for (Tpch.Table table : Tpch.tables()) {
                int count = table.name().equals("lineitem")
                        ? (int) Math.max(1, Math.round(6_000_000 * scaleFactor / ROWS_PER_PART))
                        : 1;
                for (int part = 1; part <= count; part++) {
                    int number = part;
                    parts.add(loaders.submit(() -> {
                        copy(table, scaleFactor, number, count);
                        return null;
                    }));
                }
            }
            for (Future<?> part : parts) {
                part.get();
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException("Cannot load TPC-H", e.getCause());
        }
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            for (Tpch.Table table : Tpch.tables()) {
                statement.execute(
                        "alter table " + table.name() + " add primary key (" + String.join(", ", table.key()) + ")");
            }
            statement.execute("vacuum (freeze, analyze)");
            statement.execute("checkpoint");
        }
    }

    private void copy(Tpch.Table table, double scaleFactor, int part, int parts) throws SQLException {
        try (Connection connection = connect()) {
            CopyIn copy = connection
                    .unwrap(PGConnection.class)
                    .getCopyAPI()
                    .copyIn("copy " + table.name() + " from stdin (delimiter '|')");
            StringBuilder lines = new StringBuilder(2 * COPY_BUFFER_BYTES);
            for (TpchEntity row : table.rows(scaleFactor, part, parts)) {
                String line = row.toLine();
                lines.append(line, 0, line.endsWith("|") ? line.length() - 1 : line.length())
                        .append('\n');
                if (lines.length() >= COPY_BUFFER_BYTES) {
                    write(copy, lines);
                }
            }
            write(copy, lines);
            copy.endCopy();
        }
    }

    private static void write(CopyIn copy, StringBuilder lines) throws SQLException {
        byte[] bytes = lines.toString().getBytes(UTF_8);
        copy.writeToCopy(bytes, 0, bytes.length);
        lines.setLength(0);
    }

    /** The pages of a table's heap, as the last VACUUM counted them. */
    long pages(Tpch.Table table) throws SQLException {
        return single("select relpages from pg_class where oid = '" + table.name() + "'::regclass");
    }

    long heapBytes() throws SQLException {
        return single("select sum(pg_relation_size(c.oid)) from pg_class c join pg_namespace n on n.oid = relnamespace"
                + " where nspname = 'public' and relkind = 'r'");
    }

    long single(String sql) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        }
    }

    String version() throws SQLException {
        try (Connection connection = connect()) {
            return connection.getMetaData().getDatabaseProductVersion().replaceAll(" .*", "");
        }
    }

    @Override
    public void close() throws IOException {
        ending.end();
    }
}

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
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;

/** The department's system in a benchmark: a PostgreSQL of our own, as safe as a real one, holding TPC-H. */
final class Source implements AutoCloseable {
    static final String USER = "postgres";
    static final String PASSWORD = "postgres";
    private static final int COPY_BUFFER_BYTES = 1 << 16;
    private static final long ROWS_PER_PART = 500_000;

    private final EmbeddedPostgres server;
    private final Path data;

    private Source(EmbeddedPostgres server, Path data) {
        this.server = server;
        this.data = data;
    }

    /** @param work an empty folder for the data; the server keeps its defaults but for the size of its cache and journal */
    static Source start(Path work) throws IOException {
        Path data = work.resolve("source");
        EmbeddedPostgres server = EmbeddedPostgres.builder()
                .setDataDirectory(data)
                .setOverrideWorkingDirectory(work.resolve("runtime").toFile())
                .setCleanDataDirectory(true)
                .setServerConfig("fsync", "on")
                .setServerConfig("synchronous_commit", "on")
                .setServerConfig("full_page_writes", "on")
                .setServerConfig("shared_buffers", "1GB")
                .setServerConfig("max_wal_size", "8GB")
                .setErrorRedirector(ProcessBuilder.Redirect.DISCARD)
                .setOutputRedirector(ProcessBuilder.Redirect.DISCARD)
                .start();
        return new Source(server, data);
    }

    int port() {
        return server.getPort();
    }

    /** The address as a collector is given it. */
    String url() {
        return "jdbc:postgresql://127.0.0.1:" + port() + "/postgres";
    }

    /** The server process, parent of every backend. */
    long pid() throws IOException {
        return Long.parseLong(
                Files.readAllLines(data.resolve("postmaster.pid")).getFirst().strip());
    }

    Connection connect() throws SQLException {
        return DriverManager.getConnection(url(), USER, PASSWORD);
    }

    /** Creates and fills the tables in two connections, then freezes them, so that no reader pays for hint bits. */
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

    private long single(String sql) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        }
    }

    String version() throws SQLException {
        try (Connection connection = connect()) {
            return connection.getMetaData().getDatabaseProductVersion();
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}

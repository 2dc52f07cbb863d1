package org.qiantang.collect.internal.postgres;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;
import org.postgresql.PGConnection;
import org.qiantang.collect.CollectProblem;
import org.qiantang.core.Problem;

/**
 * The connections of one collection: one that holds the exported snapshot open, and a few that read under it. A reading transaction
 * lasts for one part only, so that locks on thousands of tables neither pile up nor stand in the way of the source's owners.
 */
final class Sessions implements AutoCloseable {
    /** Below it there is no declarative partitioning, and nothing to test against. */
    private static final int OLDEST_VERSION = 100_000;

    private static final String BEGIN = "BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY";

    private final PostgresLocation location;
    private final Semaphore lanes;
    private final Semaphore giants = new Semaphore(1);
    private final Connection coordinator;
    private final int serverVersion;
    private final String version;
    private final boolean ascii;
    private final String snapshot;
    private final String position;
    private final @Nullable String followPosition;
    private final Deque<Connection> idle = new ArrayDeque<>();
    private final Set<Connection> busy = new HashSet<>();
    private boolean closed;

    Sessions(PostgresLocation location, int lanes) {
        this(location, lanes, null, null);
    }

    /**
     * @param follower the name under which the source is followed from this state on, or null
     * @param state the snapshot that other sessions have exported and these see too, or null for one of their own
     */
    Sessions(PostgresLocation location, int lanes, @Nullable String follower, @Nullable String state) {
        this.location = location;
        this.lanes = new Semaphore(lanes);
        Connection connection = null;
        try {
            connection = connect();
            serverVersion = Integer.parseInt(text(connection, "SHOW server_version_num"));
            version = text(connection, "SHOW server_version");
            if (serverVersion < OLDEST_VERSION) {
                throw new Problem(
                        CollectProblem.UNSUPPORTED_SOURCE, "reason", "PostgreSQL " + version + " is older than 10");
            }
            ascii = text(connection, "SHOW server_encoding").equals("SQL_ASCII");
            // Taken before the snapshot: whoever follows the source from here on misses nothing.
            String lsn = logPosition(connection);
            String followed = null;
            if (state != null) {
                run(connection, BEGIN);
                // As a parameter it may not come, so it is only taken in the form the server itself gives it.
                if (!state.matches("[0-9A-Fa-f-]+")) {
                    throw new IllegalArgumentException("No snapshot is called " + state);
                }
                run(connection, "SET TRANSACTION SNAPSHOT '" + state + "'");
            } else if (follower == null) {
                run(connection, BEGIN);
            } else {
                try (StartingPoint point = StartingPoint.of(location, follower)) {
                    run(connection, BEGIN + "; SET TRANSACTION SNAPSHOT '" + point.snapshot() + "'");
                    followed = follower + " " + point.position();
                    lsn = "lsn " + point.lsn() + ", ";
                }
            }
            followPosition = followed;
            snapshot = text(connection, "SELECT pg_export_snapshot()");
            position = lsn + "snapshot " + snapshot;
            coordinator = connection;
        } catch (SQLException e) {
            close(connection);
            throw problem(e);
        } catch (RuntimeException e) {
            close(connection);
            throw e;
        }
    }

    Connection coordinator() {
        return coordinator;
    }

    int serverVersion() {
        return serverVersion;
    }

    String version() {
        return version;
    }

    /** Whether the database does not know its own encoding, so that its text may be anything. */
    boolean ascii() {
        return ascii;
    }

    String position() {
        return position;
    }

    /** The name of the snapshot, which other sessions can take while these are open. */
    String snapshot() {
        return snapshot;
    }

    /** Where following goes on from this state; null when nobody follows. */
    @Nullable
    String followPosition() {
        return followPosition;
    }

    /** Held by whoever has a row in hand that takes a good part of the heap. */
    Semaphore giants() {
        return giants;
    }

    /** A connection in a transaction that sees the snapshot; waits while all lanes are in use. */
    Connection borrow() throws SQLException, InterruptedException {
        lanes.acquire();
        Connection connection = null;
        try {
            synchronized (this) {
                if (closed) {
                    throw new IllegalStateException("The connector is closed");
                }
                connection = idle.poll();
            }
            if (connection == null) {
                connection = connect();
            }
            run(connection, BEGIN + "; SET TRANSACTION SNAPSHOT '" + snapshot + "'");
            synchronized (this) {
                if (closed) {
                    throw new IllegalStateException("The connector is closed");
                }
                busy.add(connection);
            }
            return connection;
        } catch (SQLException | RuntimeException e) {
            close(connection);
            lanes.release();
            throw e;
        }
    }

    /** Takes back a connection whose work is done. */
    void giveBack(Connection connection) throws SQLException {
        try {
            run(connection, "COMMIT");
        } catch (SQLException e) {
            discard(connection);
            throw e;
        }
        boolean keep;
        synchronized (this) {
            if (!busy.remove(connection)) {
                return;
            }
            keep = !closed;
            if (keep) {
                idle.add(connection);
            }
        }
        if (!keep) {
            close(connection);
        }
        lanes.release();
    }

    /** Ends whatever the connection is doing, at the server too, and drops it. May be called while another thread reads from it. */
    void discard(Connection connection) {
        synchronized (this) {
            if (!busy.remove(connection)) {
                return;
            }
        }
        abort(connection);
        lanes.release();
    }

    @Override
    public void close() {
        Set<Connection> running;
        Set<Connection> resting;
        synchronized (this) {
            closed = true;
            running = Set.copyOf(busy);
            resting = Set.copyOf(idle);
            idle.clear();
        }
        running.forEach(this::discard);
        resting.forEach(Sessions::close);
        close(coordinator);
    }

    private Connection connect() throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", location.username());
        properties.setProperty("password", location.password());
        properties.setProperty("ApplicationName", "qiantang");
        properties.setProperty("connectTimeout", "10");
        properties.setProperty("loginTimeout", "15");
        properties.setProperty("tcpKeepAlive", "true");
        Connection connection = new Driver().connect(location.url(), properties);
        if (connection == null) {
            throw new Problem(CollectProblem.BAD_LOCATION);
        }
        try {
            settle(connection);
            return connection;
        } catch (SQLException e) {
            close(connection);
            throw e;
        }
    }

    /** Settings that make text exact and the same everywhere, and keep the server from ending a long run; unknown ones are left out. */
    private static void settle(Connection connection) throws SQLException {
        run(connection, """
                SELECT set_config(v.name, v.value, false)
                FROM (VALUES
                    ('search_path', ''),
                    ('row_security', 'off'),
                    ('extra_float_digits', '3'),
                    ('DateStyle', 'ISO, YMD'),
                    ('IntervalStyle', 'postgres'),
                    ('TimeZone', 'UTC'),
                    ('bytea_output', 'hex'),
                    ('xmloption', 'content'),
                    ('default_transaction_read_only', 'on'),
                    ('lock_timeout', '30s'),
                    ('statement_timeout', '0'),
                    ('transaction_timeout', '0'),
                    ('idle_in_transaction_session_timeout', '0'),
                    ('idle_session_timeout', '0'),
                    ('synchronize_seqscans', 'off'),
                    ('max_parallel_workers_per_gather', '0'),
                    ('jit', 'off')) AS v (name, value)
                WHERE current_setting(v.name, true) IS NOT NULL
                """);
    }

    private static String logPosition(Connection connection) {
        try {
            boolean replica = text(connection, "SELECT pg_is_in_recovery()").equals("t");
            String lsn = text(connection, replica ? "SELECT pg_last_wal_replay_lsn()" : "SELECT pg_current_wal_lsn()");
            return "lsn " + lsn + ", ";
        } catch (SQLException notPermitted) {
            return "";
        }
    }

    private static Problem problem(SQLException e) {
        String reason = sentence(e);
        String state = e.getSQLState() == null ? "" : e.getSQLState();
        return new Problem(
                state.startsWith("28") ? CollectProblem.SIGN_IN_REFUSED : CollectProblem.SOURCE_UNREACHABLE,
                "reason",
                reason);
    }

    /** The server's words on one line, ready to be put into a sentence. */
    static String sentence(SQLException e) {
        String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        String line = message.strip().replaceAll("\\s*\\R\\s*", "; ");
        return line.endsWith(".") ? line.substring(0, line.length() - 1) : line;
    }

    private static String text(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            if (!row.next()) {
                throw new SQLException("No answer to " + sql);
            }
            String value = row.getString(1);
            return value == null ? "" : value;
        }
    }

    static void run(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static void abort(Connection connection) {
        try {
            connection.unwrap(PGConnection.class).cancelQuery();
        } catch (SQLException alreadyGone) {
            // Nothing is left to cancel; the socket is closed below in any case.
        }
        try {
            connection.abort(Runnable::run);
        } catch (SQLException alreadyGone) {
            // The same.
        }
    }

    private static void close(@Nullable Connection connection) {
        if (connection == null) {
            return;
        }
        try {
            connection.close();
        } catch (SQLException alreadyGone) {
            // It was to go.
        }
    }
}

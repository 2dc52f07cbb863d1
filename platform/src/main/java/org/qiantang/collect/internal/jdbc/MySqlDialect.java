package org.qiantang.collect.internal.jdbc;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Properties;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.qiantang.collect.CollectProblem;
import org.qiantang.core.Problem;

/**
 * MySQL, MariaDB and what speaks like them. Several connections see one state of the transactional tables when the account may hold a
 * global read lock for the moment in which their transactions begin; otherwise one connection reads everything.
 */
final class MySqlDialect implements Dialect {
    private static final System.Logger LOG = System.getLogger(MySqlDialect.class.getName());

    /** While somebody waits for the lock, the source's writers wait behind him. */
    private static final int LOCK_WAIT_SECONDS = 3;

    private static final int DEFINITION_CHANGED = 1412;
    private static final Set<Integer> DENIED = Set.of(1044, 1142, 1143, 1227, 1370);

    /** Each alone, for not every product knows every one. */
    private static final List<String> SETTINGS = List.of(
            "SET NAMES utf8mb4",
            "SET SESSION time_zone = '+00:00'",
            "SET SESSION sql_mode = ''",
            "SET SESSION max_statement_time = 0",
            "SET SESSION max_execution_time = 0",
            "SET SESSION wait_timeout = 86400",
            "SET SESSION net_write_timeout = 3600",
            "SET SESSION net_read_timeout = 3600",
            "SET SESSION idle_transaction_timeout = 0",
            "SET SESSION idle_readonly_transaction_timeout = 0",
            "SET SESSION lock_wait_timeout = " + LOCK_WAIT_SECONDS,
            "SET SESSION information_schema_stats_expiry = 0",
            "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ");

    @Override
    public Properties properties(Drivers.Found driver) {
        Properties properties = new Properties();
        properties.setProperty("connectTimeout", "10000");
        properties.setProperty("tcpKeepAlive", "true");
        // The binary protocol alone carries floating point numbers as they are.
        properties.setProperty("useServerPrepStmts", "true");
        properties.setProperty("tinyInt1isBit", "false");
        // A server may ask its client for files.
        properties.setProperty("allowLocalInfile", "false");
        properties.setProperty("allowLoadLocalInfile", "false");
        return properties;
    }

    @Override
    public int fetchSize(Drivers.Found driver) {
        return driver.isOf("com.mysql.") ? Integer.MIN_VALUE : 2048;
    }

    /** Settings that make values the same everywhere and keep the server from ending a long run. */
    void settle(Connection connection) {
        SETTINGS.forEach(setting -> tried(connection, setting));
    }

    @Override
    public State begin(Opener opener, int lanes, OptionalInt maxConnections) throws SQLException {
        int wanted = Math.min(lanes, maxConnections.orElse(lanes));
        List<Connection> connections = new ArrayList<>();
        for (int i = 0; i < wanted; i++) {
            Connection connection = opener.connect();
            settle(connection);
            connections.add(connection);
        }
        Connection first = connections.getFirst();
        String refusal = wanted == 1 ? "" : tried(first, "FLUSH TABLES WITH READ LOCK");
        long lockedAt = System.nanoTime();
        boolean isLocked = wanted > 1 && refusal == null;
        try {
            if (!isLocked) {
                for (Connection spare : connections.subList(1, wanted)) {
                    spare.close();
                }
                connections = List.of(first);
            }
            BinlogPosition end = logEnd(first);
            String gtid = gtid(first);
            for (Connection connection : connections) {
                run(connection, "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY");
            }
            BinlogPosition exact = isLocked ? end : snapshotPosition(first);
            if (isLocked) {
                run(first, "UNLOCK TABLES");
            }
            long milliseconds = (System.nanoTime() - lockedAt) / 1_000_000;
            String how = isLocked
                    ? "one snapshot for " + wanted + " connections under a global read lock of " + milliseconds + " ms"
                    : "one snapshot for one connection"
                            + (refusal == null || refusal.isEmpty() ? "" : " (no global read lock: " + refusal + ")");
            BinlogPosition said = exact == null ? end : exact;
            return new State(
                    connections,
                    (said == null ? "" : "binlog " + said.name() + ":" + said.offset() + ", ")
                            + (gtid.isEmpty() ? "" : "gtid " + gtid + ", ")
                            + how,
                    Optional.ofNullable(exact).map(BinlogPosition::text),
                    true);
        } catch (SQLException | RuntimeException e) {
            // The lock goes with its connection at once, whatever becomes of the rest.
            first.close();
            throw e;
        }
    }

    private static String gtid(Connection connection) {
        String gtid = value(connection, "SELECT @@gtid_binlog_pos");
        if (gtid == null) {
            gtid = value(connection, "SELECT @@gtid_executed");
        }
        return gtid == null ? "" : gtid.replaceAll("\\s", "");
    }

    /** The end of the binary log, or nothing where there is none or the account may not know. */
    @Nullable
    BinlogPosition logEnd(Connection connection) {
        BinlogPosition end = logEnd(connection, "SHOW MASTER STATUS");
        return end == null ? logEnd(connection, "SHOW BINARY LOG STATUS") : end;
    }

    private static @Nullable BinlogPosition logEnd(Connection connection, String sql) {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            return row.next() ? BinlogPosition.of(row.getString(1), row.getLong(2)) : null;
        } catch (SQLException notPermitted) {
            return null;
        }
    }

    /** MariaDB says where in the binary log a transaction's snapshot stands. */
    private static @Nullable BinlogPosition snapshotPosition(Connection connection) {
        String file = status(connection, "binlog_snapshot_file");
        String offset = status(connection, "binlog_snapshot_position");
        return file == null || file.isEmpty() || offset == null
                ? null
                : BinlogPosition.of(file, Long.parseLong(offset));
    }

    private static @Nullable String status(Connection connection, String name) {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SHOW STATUS LIKE '" + name + "'")) {
            return row.next() ? row.getString(2) : null;
        } catch (SQLException notKnown) {
            return null;
        }
    }

    private static @Nullable String value(Connection connection, String sql) {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            return row.next() ? row.getString(1) : null;
        } catch (SQLException notKnown) {
            return null;
        }
    }

    @Override
    public List<Table> tables(Connection connection, Set<String> schemas) throws SQLException {
        return new MySqlCatalogue(connection, this).tables(schemas);
    }

    @Override
    public String quoted(String name) {
        return "`" + name.replace("`", "``") + "`";
    }

    /** Stopping a statement may reach the connection when the statement has ended already; then the next one is stopped instead. */
    @Override
    public void recover(Connection connection) throws SQLException {
        if (tried(connection, "DO 0") != null) {
            run(connection, "DO 0");
        }
    }

    @Override
    public Exception explained(SQLException e, Table table) {
        if (e.getErrorCode() == DEFINITION_CHANGED) {
            return new Problem(CollectProblem.TABLE_REWRITTEN, "reason", table.qualifiedName());
        }
        if (DENIED.contains(e.getErrorCode())) {
            return new SQLException(e.getMessage(), "42501", e);
        }
        return e;
    }

    /** Runs what may be refused; says why it was. */
    private static @Nullable String tried(Connection connection, String sql) {
        try {
            run(connection, sql);
            return null;
        } catch (SQLException e) {
            LOG.log(System.Logger.Level.DEBUG, "{0}: {1}", sql, e.getMessage());
            return Sessions.sentence(e);
        }
    }

    private static void run(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}

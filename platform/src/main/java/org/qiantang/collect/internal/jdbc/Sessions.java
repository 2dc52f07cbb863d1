package org.qiantang.collect.internal.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.qiantang.collect.CollectProblem;
import org.qiantang.core.Problem;
import org.qiantang.lake.LakeException;

/** The connections of one collection. Each is used by one part at a time; where they hold the state that is collected, none is replaced. */
final class Sessions implements AutoCloseable {
    private static final int VALID_SECONDS = 5;

    private final Opening opening;
    private final Dialect.State state;
    private final Set<Connection> all = new HashSet<>();
    private final BlockingQueue<Connection> idle = new LinkedBlockingQueue<>();
    private volatile boolean closed;

    Sessions(Opening opening, int lanes, OptionalInt maxConnections) {
        this.opening = opening;
        try {
            state = opening.dialect().begin(this::connect, lanes, maxConnections);
            idle.addAll(state.connections());
        } catch (SQLException e) {
            close();
            throw Opening.problem(e);
        } catch (RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    String position() {
        return state.position();
    }

    /** Where the log of changes goes on behind the state that is held, if that is known to the byte. */
    Optional<String> followPosition() {
        return state.followPosition();
    }

    /** Whether every connection sees the same state until the end. */
    boolean isHeld() {
        return state.isHeld();
    }

    int count() {
        return state.connections().size();
    }

    /** A connection that is ready to read; waits while all are in use, until {@code cancelled}. */
    Connection borrow(BooleanSupplier cancelled) throws InterruptedException {
        while (!closed && !cancelled.getAsBoolean()) {
            Connection connection = idle.poll(100, TimeUnit.MILLISECONDS);
            if (connection != null) {
                return connection;
            }
        }
        throw new LakeException(LakeException.Kind.CANCELLED, "The reading was stopped");
    }

    /** Takes back a connection whose work is done. */
    void giveBack(Connection connection) throws SQLException {
        if (!state.isHeld() && !connection.getAutoCommit()) {
            connection.commit();
        }
        idle.add(connection);
    }

    /** Takes back a connection whose work was stopped half-way. */
    void giveBackStopped(Connection connection) {
        if (closed) {
            return;
        }
        try {
            opening.dialect().recover(connection);
            giveBack(connection);
        } catch (SQLException gone) {
            // A connection that is gone stays away; whoever uses another one will notice if the source is gone as well.
            abort(connection);
        }
    }

    /** What to throw for an error of the source: whether the source is still there makes the difference. */
    Exception explained(SQLException e, @Nullable Connection connection, Table table) {
        String sqlState = e.getSQLState() == null ? "" : e.getSQLState();
        if (sqlState.startsWith("08") || connection != null && !isValid(connection)) {
            return new Problem(CollectProblem.SOURCE_UNREACHABLE, "reason", sentence(e));
        }
        return opening.dialect().explained(e, table);
    }

    private static boolean isValid(Connection connection) {
        try {
            return connection.isValid(VALID_SECONDS);
        } catch (SQLException | AbstractMethodError e) {
            return false;
        }
    }

    @Override
    public void close() {
        closed = true;
        List<Connection> resting = new ArrayList<>();
        idle.drainTo(resting);
        List<Connection> busy;
        synchronized (all) {
            busy = new ArrayList<>(all);
            all.clear();
        }
        busy.removeAll(resting);
        busy.forEach(Sessions::abort);
        resting.forEach(Sessions::closeQuietly);
    }

    private Connection connect() throws SQLException {
        Connection connection = opening.connect();
        synchronized (all) {
            all.add(connection);
        }
        return connection;
    }

    /** The source's words on one line, ready to be put into a sentence. */
    static String sentence(SQLException e) {
        String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        String line = message.strip().replaceAll("\\s*\\R\\s*", "; ");
        return line.endsWith(".") ? line.substring(0, line.length() - 1) : line;
    }

    private static void abort(Connection connection) {
        try {
            connection.abort(Runnable::run);
        } catch (SQLException | AbstractMethodError notThatWay) {
            closeQuietly(connection);
        }
    }

    private static void closeQuietly(Connection connection) {
        try {
            if (!connection.getAutoCommit()) {
                connection.rollback();
            }
            connection.close();
        } catch (SQLException alreadyGone) {
            // It was to go.
        }
    }
}

package org.qiantang.collect.internal.postgres;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.postgresql.replication.LogSequenceNumber;

/**
 * A state of the source together with the position in its log at which this state ends: a transaction is either seen by the snapshot or
 * comes later in the log, never both. The snapshot is there until this is closed.
 */
final class StartingPoint implements AutoCloseable {
    private final Connection connection;
    private final String lsn;
    private final String snapshot;

    private StartingPoint(Connection connection, String lsn, String snapshot) {
        this.connection = connection;
        this.lsn = lsn;
        this.snapshot = snapshot;
    }

    /** Makes sure that the source keeps its log for the follower, then takes the state. */
    static StartingPoint of(PostgresLocation location, String follower) throws SQLException {
        try (Replica replica = new Replica(location, follower)) {
            replica.publish();
            replica.makeSlot();
        } catch (SQLException e) {
            throw Replica.problem(e);
        }
        Connection connection = Replica.replicating(location);
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        "CREATE_REPLICATION_SLOT " + follower + "_at TEMPORARY LOGICAL pgoutput EXPORT_SNAPSHOT")) {
            row.next();
            return new StartingPoint(connection, row.getString("consistent_point"), row.getString("snapshot_name"));
        } catch (SQLException e) {
            Replica.close(connection);
            throw Replica.problem(e);
        }
    }

    String lsn() {
        return lsn;
    }

    /** The position as {@link PostgresFeed} writes it. */
    String position() {
        return PostgresFeed.position(LogSequenceNumber.valueOf(lsn).asLong());
    }

    String snapshot() {
        return snapshot;
    }

    @Override
    public void close() {
        Replica.close(connection);
    }
}

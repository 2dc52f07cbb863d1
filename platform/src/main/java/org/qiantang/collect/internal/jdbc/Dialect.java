package org.qiantang.collect.internal.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Properties;
import java.util.Set;

/** What differs between products: how one state of them is held, what they say of themselves, and how values are asked for. */
sealed interface Dialect permits MetadataDialect, MySqlDialect {
    static Dialect of(DatabaseLocation location) {
        return location.isMySql() ? new MySqlDialect() : new MetadataDialect(Product.of(location));
    }

    /** The address with whatever must be said in it. */
    default String url(Drivers.Found driver) {
        return driver.url();
    }

    /** What the driver is told besides the account. */
    Properties properties(Drivers.Found driver);

    /** Opens connections that see one state of the source, or says that they do not. */
    State begin(Opener opener, int lanes, OptionalInt maxConnections) throws SQLException;

    /** Everything there is: tables that are collected and the rest; schemas as the person wants them, all when there are none. */
    List<Table> tables(Connection connection, Set<String> schemas) throws SQLException;

    /** How many rows the driver fetches at a time; negative numbers mean something to some drivers. */
    int fetchSize(Drivers.Found driver);

    /** The name as an SQL identifier. */
    String quoted(String name);

    /** Makes a connection ready for its next statement after one was stopped half-way. */
    default void recover(Connection connection) throws SQLException {}

    /** What an error means when it means something of its own. */
    default Exception explained(SQLException e, Table table) {
        return e;
    }

    /** Opens one more connection, with its settings made. */
    @FunctionalInterface
    interface Opener {
        Connection connect() throws SQLException;
    }

    /**
     * Connections that are ready to read.
     *
     * @param position where the source stands, for the receipt
     * @param followPosition where the log of changes goes on behind this state, if that is known to the byte
     * @param isHeld whether a transaction holds the state and must stay open; otherwise it ends with each part
     */
    record State(List<Connection> connections, String position, Optional<String> followPosition, boolean isHeld) {
        public State {
            connections = List.copyOf(connections);
        }
    }
}

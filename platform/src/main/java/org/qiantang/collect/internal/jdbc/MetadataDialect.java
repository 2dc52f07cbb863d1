package org.qiantang.collect.internal.jdbc;

import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Properties;
import java.util.Set;

/** Any product, as its driver's metadata describes it, with what little is known of the product itself. */
final class MetadataDialect implements Dialect {
    private static final int FETCH_SIZE = 1000;

    private final Product product;
    private String quote = "\"";

    MetadataDialect(Product product) {
        this.product = product;
    }

    /** A file of H2 is opened for reading only, and never made. */
    @Override
    public String url(Drivers.Found driver) {
        boolean isFile = product == Product.H2 && !driver.url().matches("(?i)jdbc:h2:(?:tcp|ssl):.*");
        return isFile ? driver.url() + ";IFEXISTS=TRUE;ACCESS_MODE_DATA=r" : driver.url();
    }

    @Override
    public Properties properties(Drivers.Found driver) {
        Properties properties = new Properties();
        if (product == Product.SQLITE) {
            // Read only, as SQLite's own flag has it.
            properties.setProperty("open_mode", "1");
        }
        return properties;
    }

    @Override
    public int fetchSize(Drivers.Found driver) {
        return FETCH_SIZE;
    }

    /**
     * Where a transaction can hold one state it is held on one connection, unless the person wants more of them and so gives that up.
     */
    @Override
    public State begin(Opener opener, int lanes, OptionalInt maxConnections) throws SQLException {
        boolean isHeld = product.snapshotIsolation.isPresent() && maxConnections.orElse(1) == 1;
        int count = isHeld || product == Product.SQLITE ? 1 : Math.min(lanes, maxConnections.orElse(lanes));
        List<Connection> connections = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Connection connection = opener.connect();
            if (!product.session.isEmpty()) {
                try (Statement statement = connection.createStatement()) {
                    statement.execute(product.session);
                }
            }
            connection.setReadOnly(true);
            DatabaseMetaData metadata = connection.getMetaData();
            if (metadata.supportsTransactions()) {
                int isolation = product.snapshotIsolation.orElse(Connection.TRANSACTION_READ_COMMITTED);
                if (product != Product.SQLITE && metadata.supportsTransactionIsolationLevel(isolation)) {
                    connection.setTransactionIsolation(isolation);
                }
                connection.setAutoCommit(false);
            }
            connections.add(connection);
        }
        String quoteString = connections.getFirst().getMetaData().getIdentifierQuoteString();
        quote = quoteString == null ? "" : quoteString.strip();
        String how = isHeld
                ? "one transaction on one connection"
                : count + (count == 1 ? " connection" : " connections")
                        + ", each part as it was when its reading began";
        return new State(
                connections,
                Instant.now().truncatedTo(ChronoUnit.MILLIS) + ", isolation "
                        + level(connections.getFirst().getTransactionIsolation()) + ", " + how,
                Optional.empty(),
                isHeld);
    }

    private static String level(int isolation) {
        return switch (isolation) {
            case Connection.TRANSACTION_NONE -> "none";
            case Connection.TRANSACTION_READ_UNCOMMITTED -> "read uncommitted";
            case Connection.TRANSACTION_READ_COMMITTED -> "read committed";
            case Connection.TRANSACTION_REPEATABLE_READ -> "repeatable read";
            case Connection.TRANSACTION_SERIALIZABLE -> "serializable";
            default -> "" + isolation;
        };
    }

    @Override
    public List<Table> tables(Connection connection, Set<String> schemas) throws SQLException {
        return new MetadataCatalogue(connection, this, product).tables(schemas);
    }

    /** Where the quote is an opening bracket, as some drivers have it, the closing one follows. */
    @Override
    public String quoted(String name) {
        if (quote.equals("[")) {
            return "[" + name.replace("]", "]]") + "]";
        }
        return quote + name.replace(quote, quote + quote) + quote;
    }

    /** The text of a pragma or the like, or an empty string. */
    static String text(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            String value = row.next() ? row.getString(1) : null;
            return value == null ? "" : value;
        }
    }
}

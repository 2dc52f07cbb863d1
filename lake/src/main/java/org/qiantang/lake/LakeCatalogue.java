package org.qiantang.lake;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.iceberg.BaseMetastoreTableOperations;
import org.apache.iceberg.CatalogUtil;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableMetadataParser;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.exceptions.AlreadyExistsException;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.exceptions.CommitStateUnknownException;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.jdbc.JdbcCatalog;
import org.apache.iceberg.jdbc.UncheckedInterruptedException;
import org.apache.iceberg.jdbc.UncheckedSQLException;
import org.jspecify.annotations.Nullable;

/**
 * Iceberg's JDBC catalogue as every engine knows it, with fewer questions: a department's five hundred small tables are mostly waiting
 * for the catalogue. A commit is one statement that changes the table's row only when it is what it was, instead of looks at the table,
 * at views of its name and at its namespace before it.
 */
final class LakeCatalogue extends JdbcCatalog {
    /** Tables as they were written down last: to read one again takes longer than many a query. */
    private static final int KEPT = 256;

    private static final int RETRIES = 20;

    private final FileIO io;
    private final CatalogConnections connections;
    private final Map<String, TableMetadata> read = Collections.synchronizedMap(new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, TableMetadata> eldest) {
            return size() > KEPT;
        }
    });
    /** Namespaces are made and never dropped. */
    private final Set<Namespace> known = ConcurrentHashMap.newKeySet();

    LakeCatalogue(FileIO io, CatalogConnections connections) {
        super(properties -> io, properties -> connections, true);
        this.io = io;
        this.connections = connections;
    }

    /** A file of metadata never changes. */
    private TableMetadata metadata(String location) {
        TableMetadata known = read.get(location);
        if (known != null) {
            return known;
        }
        TableMetadata fresh = TableMetadataParser.read(io, location);
        read.put(location, fresh);
        return fresh;
    }

    /** Makes a namespace when there is none. */
    void ensure(Namespace namespace) {
        if (known.contains(namespace)) {
            return;
        }
        if (!namespaceExists(namespace)) {
            try {
                createNamespace(namespace);
            } catch (AlreadyExistsException | UncheckedSQLException e) {
                // That another was faster is all that was wanted.
                if (!namespaceExists(namespace)) {
                    throw e;
                }
            }
        }
        known.add(namespace);
    }

    @Override
    protected TableOperations newTableOps(TableIdentifier table) {
        return new Operations(table);
    }

    private final class Operations extends BaseMetastoreTableOperations {
        private final TableIdentifier table;

        Operations(TableIdentifier table) {
            this.table = table;
        }

        @Override
        protected String tableName() {
            return CatalogUtil.fullTableName(name(), table);
        }

        @Override
        public FileIO io() {
            return io;
        }

        @Override
        protected void doRefresh() {
            String location = location();
            if (location != null) {
                refreshFromMetadataLocation(location, null, RETRIES, LakeCatalogue.this::metadata);
            } else if (currentMetadataLocation() != null) {
                throw new NoSuchTableException("The table %s is gone", tableName());
            } else {
                disableRefresh();
            }
        }

        private @Nullable String location() {
            try {
                return connections.run(connection -> {
                    try (PreparedStatement statement =
                            connection.prepareStatement("SELECT metadata_location FROM iceberg_tables"
                                    + " WHERE catalog_name = ? AND table_namespace = ? AND table_name = ?"
                                    + " AND (iceberg_type = 'TABLE' OR iceberg_type IS NULL)")) {
                        identify(statement, 1);
                        try (ResultSet row = statement.executeQuery()) {
                            return row.next() ? row.getString(1) : null;
                        }
                    }
                });
            } catch (SQLException e) {
                throw new UncheckedSQLException(e, "Cannot look up %s", tableName());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new UncheckedInterruptedException(e, "Interrupted while looking up %s", tableName());
            }
        }

        @Override
        protected void doCommit(@Nullable TableMetadata base, TableMetadata metadata) {
            String location = writeNewMetadataIfRequired(base == null, metadata);
            boolean done;
            try {
                done = connections.run(
                        connection -> base == null ? create(connection, location) : update(connection, base, location));
            } catch (SQLException e) {
                throw new CommitStateUnknownException("Nobody knows whether " + tableName() + " was committed", e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new CommitStateUnknownException("Interrupted while committing " + tableName(), e);
            }
            if (!done && base == null) {
                throw new AlreadyExistsException("The table %s is there already", tableName());
            } else if (!done) {
                throw new CommitFailedException("Somebody else has changed the table %s", tableName());
            }
        }

        private boolean create(Connection connection, String location) throws SQLException {
            try (PreparedStatement statement = connection.prepareStatement("INSERT INTO iceberg_tables (catalog_name,"
                    + " table_namespace, table_name, metadata_location, iceberg_type) VALUES (?, ?, ?, ?, 'TABLE')"
                    + " ON CONFLICT DO NOTHING")) {
                identify(statement, 1);
                statement.setString(4, location);
                return statement.executeUpdate() == 1;
            }
        }

        private boolean update(Connection connection, TableMetadata base, String location) throws SQLException {
            String before = base.metadataFileLocation();
            try (PreparedStatement statement = connection.prepareStatement("UPDATE iceberg_tables"
                    + " SET metadata_location = ?, previous_metadata_location = ?"
                    + " WHERE catalog_name = ? AND table_namespace = ? AND table_name = ? AND metadata_location = ?"
                    + " AND (iceberg_type = 'TABLE' OR iceberg_type IS NULL)")) {
                statement.setString(1, location);
                statement.setString(2, before);
                identify(statement, 3);
                statement.setString(6, before);
                return statement.executeUpdate() == 1;
            }
        }

        private void identify(PreparedStatement statement, int from) throws SQLException {
            statement.setString(from, name());
            statement.setString(from + 1, table.namespace().toString());
            statement.setString(from + 2, table.name());
        }
    }
}

package org.qiantang.app.demo;

import static java.util.Objects.requireNonNull;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;
import org.qiantang.app.demo.Table.Partitions;

/**
 * Makes a department's database: all of it in one transaction, the mark of completeness included, so that a database is either whole or
 * as good as absent.
 */
final class DatabaseLoader {
    private static final int CHUNK = 1 << 16;

    private final DatabaseServer server;

    DatabaseLoader(DatabaseServer server) {
        this.server = server;
    }

    /** The mark of a whole database; empty when the database is absent or was not finished. */
    Optional<String> findMark(SourceSystem source) throws SQLException {
        try (Connection connection = connect("postgres");
                PreparedStatement query = connection.prepareStatement(
                        "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = ?")) {
            query.setString(1, source.database());
            try (ResultSet result = query.executeQuery()) {
                return result.next() ? Optional.ofNullable(result.getString(1)) : Optional.empty();
            }
        }
    }

    /** Makes the read-only account or gives it the password. */
    void grantLogin(SourceSystem source, String password) throws SQLException {
        try (Connection connection = connect("postgres");
                Statement statement = connection.createStatement()) {
            String role = quoted(source.reader());
            boolean absent;
            try (ResultSet result =
                    statement.executeQuery("SELECT 1 FROM pg_roles WHERE rolname = " + literal(source.reader()))) {
                absent = !result.next();
            }
            statement.execute(
                    (absent ? "CREATE ROLE " : "ALTER ROLE ") + role + " LOGIN PASSWORD " + literal(password));
        }
    }

    /** Replaces the database by a new one with all rows. */
    void load(City city, SourceSystem source, Truth truth, String mark) throws SQLException {
        try (Connection connection = connect("postgres");
                Statement statement = connection.createStatement()) {
            statement.execute("DROP DATABASE IF EXISTS " + quoted(source.database()) + " WITH (FORCE)");
            statement.execute("CREATE DATABASE " + quoted(source.database()));
        }
        try (Connection connection = connect(source.database());
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute(
                    "SET TimeZone = " + literal(city.folder().zone().getId()) + "; SET maintenance_work_mem = '128MB'");
            for (String sql : source.before()) {
                statement.execute(sql);
            }
            for (Table table : source.tables()) {
                statement.execute(create(table));
            }
            for (Table table : source.tables()) {
                copy(connection, city, source, table, truth);
            }
            for (Table table : source.tables()) {
                if (!table.keyColumns().isEmpty()) {
                    statement.execute(
                            "ALTER TABLE " + name(table) + " ADD PRIMARY KEY (" + names(table.keyColumns()) + ")");
                }
            }
            for (Table table : source.tables()) {
                for (Column column : table.columns()) {
                    if (column.isForeignKey()) {
                        statement.execute(foreignKey(source, table, column));
                    }
                }
            }
            for (String sql : source.after()) {
                statement.execute(sql);
            }
            allowReading(statement, source);
            statement.execute("ANALYZE");
            statement.execute("COMMENT ON DATABASE " + quoted(source.database()) + " IS " + literal(mark));
            connection.commit();
        }
    }

    private Connection connect(String database) throws SQLException {
        return DriverManager.getConnection(server.url(database), server.superuser(), server.password());
    }

    private static String create(Table table) {
        StringBuilder sql = new StringBuilder("CREATE TABLE " + name(table) + " (");
        String columns = table.columns().stream()
                .map(c -> quoted(c.name()) + " " + c.type() + (c.required() ? " NOT NULL" : ""))
                .collect(Collectors.joining(", "));
        sql.append(columns).append(')');
        Partitions partitions = table.partitions();
        if (partitions != null) {
            sql.append(" PARTITION BY RANGE (")
                    .append(quoted(partitions.column()))
                    .append(')');
        }
        sql.append(";\nCOMMENT ON TABLE ").append(name(table)).append(" IS ").append(literal(table.comment()));
        for (Column column : table.columns()) {
            sql.append(";\nCOMMENT ON COLUMN ").append(name(table)).append('.').append(quoted(column.name()));
            sql.append(" IS ").append(literal(column.comment()));
        }
        if (partitions != null) {
            for (int i = 0; i < partitions.names().size(); i++) {
                sql.append(";\nCREATE TABLE ")
                        .append(quoted(table.schema()))
                        .append('.')
                        .append(quoted(partitions.names().get(i)));
                sql.append(" PARTITION OF ")
                        .append(name(table))
                        .append(" FOR VALUES FROM (")
                        .append(literal(partitions.bounds().get(i)));
                sql.append(") TO (")
                        .append(literal(partitions.bounds().get(i + 1)))
                        .append(')');
            }
        }
        return sql.toString();
    }

    private static void copy(Connection connection, City city, SourceSystem source, Table table, Truth truth)
            throws SQLException {
        // FREEZE spares every later reader the work of marking rows as committed; PostgreSQL does not offer it for
        // partitioned tables.
        String sql = "COPY " + name(table) + " FROM STDIN" + (table.partitions() == null ? " WITH (FREEZE)" : "");
        CopyIn copy = connection.unwrap(PGConnection.class).getCopyAPI().copyIn(sql);
        try {
            StringBuilder chunk = new StringBuilder(CHUNK + 4_096);
            StringBuilder cell = new StringBuilder();
            int width = table.columns().size();
            Row row = new Row(source, table, truth, r -> {
                for (int c = 0; c < width; c++) {
                    appendCell(r, c, cell, chunk);
                    chunk.append(c == width - 1 ? '\n' : '\t');
                }
                if (chunk.length() > CHUNK) {
                    send(copy, chunk);
                }
            });
            table.rows().write(city, row);
            send(copy, chunk);
            long loaded = copy.endCopy();
            if (loaded != row.written()) {
                throw new IllegalStateException(
                        table.name() + ": wrote " + row.written() + " rows, PostgreSQL took " + loaded);
            }
            truth.counted(source, table, loaded);
        } finally {
            if (copy.isActive()) {
                copy.cancelCopy();
            }
        }
    }

    private static void appendCell(Row row, int column, StringBuilder cell, StringBuilder chunk) {
        if (row.isNone(column)) {
            chunk.append("\\N");
            return;
        }
        if (!row.isText(column)) {
            row.append(column, chunk);
            return;
        }
        cell.setLength(0);
        row.append(column, cell);
        for (int i = 0; i < cell.length(); i++) {
            char c = cell.charAt(i);
            switch (c) {
                case '\\' -> chunk.append("\\\\");
                case '\n' -> chunk.append("\\n");
                case '\r' -> chunk.append("\\r");
                case '\t' -> chunk.append("\\t");
                default -> chunk.append(c);
            }
        }
    }

    private static void send(CopyIn copy, StringBuilder chunk) {
        byte[] bytes = chunk.toString().getBytes(StandardCharsets.UTF_8);
        chunk.setLength(0);
        try {
            copy.writeToCopy(bytes, 0, bytes.length);
        } catch (SQLException e) {
            throw new IllegalStateException("PostgreSQL refused rows of the demo city", e);
        }
    }

    private static String foreignKey(SourceSystem source, Table table, Column column) {
        String[] target =
                requireNonNull(column.references(), "references is null").split("\\.");
        return "ALTER TABLE " + name(table) + " ADD FOREIGN KEY (" + quoted(column.name()) + ") REFERENCES "
                + name(source.table(target[0])) + " (" + quoted(target[1]) + ")";
    }

    private static void allowReading(Statement statement, SourceSystem source) throws SQLException {
        String role = quoted(source.reader());
        statement.execute("GRANT CONNECT ON DATABASE " + quoted(source.database()) + " TO " + role);
        TreeSet<String> schemas =
                source.tables().stream().map(Table::schema).collect(Collectors.toCollection(TreeSet::new));
        for (String schema :
                Stream.concat(schemas.stream(), Stream.of("public")).distinct().toList()) {
            statement.execute("GRANT USAGE ON SCHEMA " + quoted(schema) + " TO " + role);
            statement.execute("GRANT SELECT ON ALL TABLES IN SCHEMA " + quoted(schema) + " TO " + role);
            statement.execute("GRANT SELECT ON ALL SEQUENCES IN SCHEMA " + quoted(schema) + " TO " + role);
        }
    }

    private static String name(Table table) {
        return quoted(table.schema()) + "." + quoted(table.name());
    }

    private static String names(List<String> columns) {
        return columns.stream().map(DatabaseLoader::quoted).collect(Collectors.joining(", "));
    }

    private static String quoted(String identifier) {
        return '"' + identifier.replace("\"", "\"\"") + '"';
    }

    private static String literal(String text) {
        return "'" + text.replace("'", "''") + "'";
    }
}

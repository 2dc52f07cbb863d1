package org.qiantang.lake;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** One rehearsal under way, in an engine that holds the rows given and can reach nothing. */
final class Rehearsing {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final int MOST_SHOWN = 5;

    private Rehearsing() {}

    /** @param tables the columns of what the statement reads, with the engine's types */
    static Rehearsal.Outcome run(
            Connection connection,
            LakeSettings settings,
            Rehearsal rehearsal,
            Map<TableName, Map<String, String>> tables,
            Trino.Watched watch)
            throws SQLException {
        Lake.close(connection, settings, Map.of(), List.of());
        Set<String> namespaces = new HashSet<>();
        for (Map.Entry<TableName, Map<String, String>> table : tables.entrySet()) {
            if (namespaces.add(table.getKey().namespace())) {
                execute(connection, "CREATE SCHEMA " + Sql.name(table.getKey().namespace()));
            }
            String columns = table.getValue().entrySet().stream()
                    .map(column -> Sql.name(column.getKey()) + " " + column.getValue())
                    .collect(Collectors.joining(", "));
            execute(connection, "CREATE TABLE " + name(table.getKey()) + " (" + columns + ")");
        }
        for (Rehearsal.Given given : rehearsal.given()) {
            Map<String, String> shape = tables.get(given.table());
            if (shape == null) {
                throw LakeException.badStatement("The statement does not read " + given.table(), -1, null);
            }
            Map<String, String> named = only(shape, given.rows(), given.table().toString());
            insert(connection, name(given.table()), named, given.rows());
        }
        String sql = rehearsal.sql().stripTrailing();
        while (sql.endsWith(";")) {
            sql = sql.substring(0, sql.length() - 1).stripTrailing();
        }
        Map<String, String> made = new LinkedHashMap<>();
        for (RowSink.ResultColumn column : Lake.describe(connection, sql)) {
            made.put(column.name(), column.type());
        }
        Map<String, String> wanted = only(made, rehearsal.expected(), "the result");
        String columns = wanted.keySet().stream().map(Sql::name).collect(Collectors.joining(", "));
        try (Statement statement = connection.createStatement()) {
            watch.on(statement);
            statement.execute("CREATE TEMP TABLE made AS SELECT " + (columns.isEmpty() ? "1 AS row" : columns)
                    + " FROM (" + sql + "\n) AS answer");
        } finally {
            watch.on(null);
        }
        if (columns.isEmpty()) {
            // Nothing was expected: any row is one too many.
            return new Rehearsal.Outcome(List.of(), rows(connection, "SELECT * FROM temp.main.made"));
        }
        execute(
                connection,
                "CREATE TEMP TABLE wanted ("
                        + wanted.entrySet().stream()
                                .map(column -> Sql.name(column.getKey()) + " " + column.getValue())
                                .collect(Collectors.joining(", "))
                        + ")");
        insert(connection, "temp.main.wanted", wanted, rehearsal.expected());
        return new Rehearsal.Outcome(
                rows(connection, "FROM temp.main.wanted EXCEPT ALL FROM temp.main.made"),
                rows(connection, "FROM temp.main.made EXCEPT ALL FROM temp.main.wanted"));
    }

    /** Those columns that rows name, in the table's order. */
    private static Map<String, String> only(Map<String, String> columns, String rows, String of) {
        Set<String> named = new LinkedHashSet<>();
        JsonNode array;
        try {
            array = JSON.readTree(rows);
        } catch (JacksonException e) {
            throw LakeException.badStatement("The rows of " + of + " are no JSON: " + e.getOriginalMessage(), -1, e);
        }
        if (!array.isArray()) {
            throw LakeException.badStatement("The rows of " + of + " are no JSON array", -1, null);
        }
        for (JsonNode row : array) {
            if (!row.isObject()) {
                throw LakeException.badStatement("A row of " + of + " is no JSON object", -1, null);
            }
            row.propertyNames().forEach(named::add);
        }
        Map<String, String> only = new LinkedHashMap<>();
        columns.forEach((name, type) -> {
            if (named.remove(name)) {
                only.put(name, type);
            }
        });
        if (!named.isEmpty()) {
            throw LakeException.badStatement("No such column of " + of + ": " + String.join(", ", named), -1, null);
        }
        return only;
    }

    private static void insert(Connection connection, String table, Map<String, String> columns, String rows)
            throws SQLException {
        if (columns.isEmpty()) {
            return;
        }
        String names = columns.keySet().stream().map(Sql::name).collect(Collectors.joining(", "));
        String structure = "[" + JSON.writeValueAsString(columns) + "]";
        try (PreparedStatement statement =
                connection.prepareStatement("INSERT INTO " + table + " (" + names + ") SELECT " + names
                        + " FROM (SELECT unnest(from_json(?::JSON, " + Sql.text(structure) + "), max_depth := 2))")) {
            statement.setString(1, rows);
            statement.execute();
        }
    }

    private static List<String> rows(Connection connection, String sql) throws SQLException {
        List<String> rows = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(
                        "SELECT to_json(r)::VARCHAR FROM (" + sql + ") AS r ORDER BY 1 LIMIT " + MOST_SHOWN)) {
            while (result.next()) {
                @Nullable String row = result.getString(1);
                rows.add(row == null ? "null" : row);
            }
        }
        return rows;
    }

    private static String name(TableName table) {
        return Sql.name(table.namespace()) + "." + Sql.name(table.name());
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}

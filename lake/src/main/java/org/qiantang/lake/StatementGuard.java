package org.qiantang.lake;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.qiantang.lake.Queries.References;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Lets through one SELECT over lake tables and nothing else. The engine's own parser says what a statement is, so nothing can be read
 * one way here and another way there; whatever this does not know is refused.
 */
final class StatementGuard {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private static final Set<String> TABLE_FUNCTIONS =
            Set.of("range", "generate_series", "unnest", "json_each", "json_tree", "regexp_split_to_table");

    /**
     * What a statement may call: what works something out of its arguments alone. What tells of the machine, the session, the engine or a
     * column's statistics, what turns text into a statement, and whatever a newer engine may add, is not among them.
     */
    private static final Set<String> FUNCTIONS = functions();

    private static final Set<String> TABLE_KINDS = Set.of(
            "BASE_TABLE",
            "SUBQUERY",
            "JOIN",
            "TABLE_FUNCTION",
            "EMPTY",
            "EMPTY_FROM",
            "EXPRESSION_LIST",
            "CTE",
            "PIVOT",
            "COLUMN_DATA");

    private final Set<TableName> tables = new TreeSet<>();
    private final Set<String> columns = new HashSet<>();
    private final Map<String, String> renamed = new HashMap<>();
    /** What a row as a whole could be called. */
    private final Set<String> rows = new HashSet<>();

    private final Set<String> alone = new HashSet<>();
    private boolean everything;

    private StatementGuard() {}

    /** What a statement reads. */
    static References check(Connection connection, String sql) {
        JsonNode tree = parse(connection, sql, "");
        JsonNode statements = tree.path("statements");
        if (statements.size() != 1) {
            throw new LakeException(
                    LakeException.Kind.NOT_ALLOWED, "One SELECT statement is allowed here, not " + statements.size());
        }
        StatementGuard guard = new StatementGuard();
        guard.walk(statements.get(0), new HashSet<>());
        boolean everything = guard.everything || !java.util.Collections.disjoint(guard.rows, guard.alone);
        return new References(guard.tables, guard.columns, everything, guard.renamed);
    }

    /** The tree of a statement that may run, leaving out what is null, empty or as usual. */
    static JsonNode essence(Connection connection, String sql) {
        check(connection, sql);
        return parse(connection, sql, ", skip_null := true, skip_empty := true, skip_default := true");
    }

    /** The same with all that the parser says, from which the engine can write the statement again. */
    static JsonNode tree(Connection connection, String sql) {
        check(connection, sql);
        return parse(connection, sql, "");
    }

    private static JsonNode parse(Connection connection, String sql, String options) {
        String text;
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT json_serialize_sql(?::VARCHAR" + options + ")")) {
            statement.setString(1, sql);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                text = row.getString(1);
            }
        } catch (SQLException e) {
            throw Lake.failure("The statement cannot be read", e);
        }
        JsonNode tree = JSON.readTree(text);
        if (tree.path("error").asBoolean(true)) {
            String words = tree.path("error_message").asString("");
            boolean notSelect = tree.path("error_type").asString("").equals("not implemented");
            throw notSelect
                    ? new LakeException(LakeException.Kind.NOT_ALLOWED, "Only SELECT statements may run here")
                    : LakeException.badStatement(
                            words,
                            EngineError.character(sql, tree.path("position").asInt(-1)),
                            null);
        }
        return tree;
    }

    private void walk(JsonNode node, Set<String> outerCtes) {
        if (node.isArray()) {
            node.forEach(child -> walk(child, outerCtes));
            return;
        }
        if (!node.isObject()) {
            return;
        }
        Set<String> ctes = outerCtes;
        JsonNode own = node.path("cte_map").path("map");
        if (!own.isEmpty()) {
            ctes = new HashSet<>(outerCtes);
            for (JsonNode entry : own) {
                ctes.add(entry.path("key").asString("").toLowerCase(Locale.ROOT));
            }
        }
        if (node.has("function_name")) {
            function(node);
        }
        column(node);
        if (node.has("sample") && node.has("query_location") && node.has("alias")) {
            source(node, ctes);
        }
        for (JsonNode child : node) {
            walk(child, ctes);
        }
    }

    /** Takes down which columns are named, and by which other name. */
    private void column(JsonNode node) {
        switch (node.path("class").asString("")) {
            case "STAR" -> everything = true;
            case "COLUMN_REF" -> {
                String name = "";
                for (JsonNode part : node.path("column_names")) {
                    name = part.asString("").toLowerCase(Locale.ROOT);
                    columns.add(name);
                }
                if (node.path("column_names").size() == 1) {
                    alone.add(name);
                }
                String alias = node.path("alias").asString("").toLowerCase(Locale.ROOT);
                if (!alias.isEmpty() && !alias.equals(name)) {
                    renamed.put(alias, name);
                }
            }
            default ->
                node.path("using_columns")
                        .forEach(name -> columns.add(name.asString("").toLowerCase(Locale.ROOT)));
        }
    }

    private static void function(JsonNode node) {
        String name = node.path("function_name").asString("").toLowerCase(Locale.ROOT);
        String schema = node.path("schema").asString("");
        if (!FUNCTIONS.contains(name) || !schema.isEmpty() && !schema.equals("main")) {
            throw new LakeException(LakeException.Kind.NOT_ALLOWED, "The function " + name + " is not allowed here");
        }
        if (name.endsWith("like_escape") && !haveConstantPattern(node.path("children"))) {
            throw new LakeException(
                    LakeException.Kind.NOT_ALLOWED, "What comes after LIKE and ESCAPE has to be a constant here");
        }
    }

    /** The engine takes this for something that cannot fail, which with another pattern for each row it can. */
    private static boolean haveConstantPattern(JsonNode arguments) {
        for (int i = 1; i < arguments.size(); i++) {
            if (!arguments.get(i).path("class").asString("").equals("CONSTANT")) {
                return false;
            }
        }
        return true;
    }

    private static Set<String> functions() {
        try (InputStream list = requireNonNull(StatementGuard.class.getResourceAsStream("functions.txt"))) {
            return Set.copyOf(new String(list.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void source(JsonNode node, Set<String> ctes) {
        String kind = node.path("type").asString("");
        rows.add(node.path("alias").asString("").toLowerCase(Locale.ROOT));
        rows.add(node.path("table_name").asString("").toLowerCase(Locale.ROOT));
        if (!TABLE_KINDS.contains(kind)) {
            throw new LakeException(LakeException.Kind.NOT_ALLOWED, "This form is not allowed here: " + kind);
        }
        if (kind.equals("TABLE_FUNCTION")) {
            String name =
                    node.path("function").path("function_name").asString("").toLowerCase(Locale.ROOT);
            if (!TABLE_FUNCTIONS.contains(name)) {
                throw new LakeException(
                        LakeException.Kind.NOT_ALLOWED, "The table function " + name + " is not allowed here");
            }
        }
        if (kind.equals("BASE_TABLE")) {
            String catalog = node.path("catalog_name").asString("");
            String schema = node.path("schema_name").asString("");
            String table = node.path("table_name").asString("");
            if (!catalog.isEmpty()) {
                throw new LakeException(
                        LakeException.Kind.NO_SUCH_TABLE, "No such table: " + catalog + "." + schema + "." + table);
            }
            if (!schema.isEmpty()) {
                tables.add(new TableName(schema, table));
            } else if (!ctes.contains(table.toLowerCase(Locale.ROOT))) {
                throw new LakeException(
                        LakeException.Kind.NO_SUCH_TABLE,
                        "No such table: " + table + ". A lake table is named namespace.table");
            }
        }
    }
}

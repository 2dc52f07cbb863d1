package org.qiantang.collect.internal.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.qiantang.collect.CollectProblem;
import org.qiantang.collect.SourceObject;
import org.qiantang.collect.SourceObject.SourceColumn;
import org.qiantang.collect.internal.Connector.Unreadable;
import org.qiantang.core.Problem;
import org.qiantang.lake.Column;
import org.qiantang.lake.LakeType;
import tools.jackson.databind.json.JsonMapper;

/** What a MySQL or MariaDB server says of its databases in its {@code information_schema}: a handful of queries whatever their number. */
final class MySqlCatalogue {
    private static final Set<String> SYSTEM = Set.of("information_schema", "mysql", "performance_schema", "sys");

    /** Engines whose rows a transaction's snapshot covers. */
    private static final Set<String> TRANSACTIONAL = Set.of("innodb", "rocksdb", "tokudb", "ndbcluster");

    private final Connection connection;
    private final MySqlDialect dialect;
    private final boolean isMariaDb;
    private final Map<List<String>, Table> tables = new LinkedHashMap<>();
    private final List<Table> partitions = new ArrayList<>();
    private List<String> schemas = List.of();

    MySqlCatalogue(Connection connection, MySqlDialect dialect) throws SQLException {
        this.connection = connection;
        this.dialect = dialect;
        isMariaDb = connection.getMetaData().getDatabaseProductVersion().contains("MariaDB");
    }

    List<Table> tables(Set<String> wanted) throws SQLException {
        schemas = schemas(wanted);
        if (schemas.isEmpty()) {
            return List.of();
        }
        readTables();
        readColumns();
        readKeys();
        readForeignKeys();
        readChecks();
        readPartitions();
        readViews();
        readSequences();
        List<Table> all = new ArrayList<>(tables.values());
        all.addAll(partitions);
        return all;
    }

    /** Those that were asked for, or the one in the address, or all that are not the server's own. */
    private List<String> schemas(Set<String> wanted) throws SQLException {
        List<String> found = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        "SELECT schema_name, DATABASE() FROM information_schema.schemata ORDER BY schema_name")) {
            while (row.next()) {
                String name = row.getString(1);
                String current = row.getString(2);
                boolean isWanted = !wanted.isEmpty()
                        ? wanted.contains(name)
                        : current != null
                                ? current.equalsIgnoreCase(name)
                                : !SYSTEM.contains(name.toLowerCase(Locale.ROOT));
                if (isWanted) {
                    found.add(name);
                }
            }
        }
        for (String name : wanted) {
            if (!found.contains(name)) {
                throw new Problem(CollectProblem.BAD_SETTING, "setting", "schemas", "reason", name);
            }
        }
        return found;
    }

    private void readTables() throws SQLException {
        query(
                """
                SELECT table_schema AS s, table_name AS n, table_type AS kind, engine, table_rows, data_length,
                    table_collation, table_comment, create_options, auto_increment
                FROM information_schema.tables WHERE table_schema IN (%s) ORDER BY table_schema, table_name
                """,
                row -> {
                    String kind = row.getString("kind");
                    String engine = row.getString("engine");
                    String comment = row.getString("table_comment");
                    Table table = new Table(
                            row.getString("s"),
                            row.getString("n"),
                            dialect.quoted(row.getString("s")) + "." + dialect.quoted(row.getString("n")),
                            kind(kind, row.getString("create_options")),
                            kind.equals("BASE TABLE") || kind.equals("SYSTEM VERSIONED"));
                    tables.put(List.of(table.schema, table.name), table);
                    if (!kind.endsWith("VIEW")) {
                        table.comment = comment == null || comment.isEmpty() ? null : comment;
                    }
                    put(table, "engine", engine);
                    put(table, "collation", row.getString("table_collation"));
                    put(table, "options", row.getString("create_options"));
                    put(table, "autoIncrement", row.getString("auto_increment"));
                    if (!table.isCopied) {
                        return;
                    }
                    if (kind.equals("SYSTEM VERSIONED")) {
                        table.details.put("systemVersioned", "true");
                    }
                    if (engine == null) {
                        table.unreadable = Optional.of(new Unreadable(CollectProblem.NO_PRIVILEGE.id(), "" + comment));
                        return;
                    }
                    if (!TRANSACTIONAL.contains(engine.toLowerCase(Locale.ROOT))) {
                        table.isSteady = false;
                        table.details.put(
                                "consistency",
                                engine + " keeps no snapshots: the table is read as it is at that moment");
                    }
                    table.rows = number(row, "table_rows");
                    table.bytes = number(row, "data_length");
                });
    }

    private static SourceObject.Kind kind(String kind, @Nullable String options) {
        return switch (kind) {
            case "VIEW", "SYSTEM VIEW" -> SourceObject.Kind.VIEW;
            case "SEQUENCE" -> SourceObject.Kind.SEQUENCE;
            default ->
                options != null && options.contains("partitioned")
                        ? SourceObject.Kind.PARTITIONED_TABLE
                        : SourceObject.Kind.TABLE;
        };
    }

    private void readColumns() throws SQLException {
        Map<Table, LakeNames> names = new HashMap<>();
        query(
                """
                SELECT c.*, c.table_schema AS s, c.table_name AS n
                FROM information_schema.columns c WHERE c.table_schema IN (%s)
                ORDER BY table_schema, table_name, ordinal_position
                """,
                row -> {
                    Table table = tables.get(List.of(row.getString("s"), row.getString("n")));
                    if (table == null) {
                        return;
                    }
                    String name = row.getString("column_name");
                    String privileges = row.getString("privileges");
                    Field field = field(
                            name,
                            row.getString("data_type").toLowerCase(Locale.ROOT),
                            row.getString("column_type"),
                            row.getInt("numeric_precision"),
                            row.getInt("numeric_scale"));
                    boolean isReadable = privileges == null || privileges.contains("select");
                    table.fields.add(isReadable ? field : field.unreadable());
                    Map<String, String> about = new TreeMap<>();
                    put(about, "default", row.getString("column_default"));
                    put(about, "generated", known(row, "generation_expression"));
                    put(about, "extra", row.getString("extra"));
                    put(about, "collation", row.getString("collation_name"));
                    String comment = row.getString("column_comment");
                    table.columns.add(new SourceColumn(
                            name,
                            new Column(
                                    names.computeIfAbsent(table, any -> new LakeNames())
                                            .claim(name),
                                    field.type(),
                                    row.getString("column_type"),
                                    comment == null || comment.isEmpty() ? null : comment),
                            "YES".equals(row.getString("is_nullable")),
                            about));
                });
    }

    private Field field(String name, String type, String columnType, int precision, int scale) {
        String column = dialect.quoted(name);
        String text = "CAST(" + column + " AS CHAR)";
        boolean isUnsigned = columnType.toLowerCase(Locale.ROOT).contains("unsigned");
        return switch (type) {
            case "tinyint", "smallint", "mediumint" -> plain(name, LakeType.INT32, Reading.INTEGER, column, text);
            case "int", "integer" ->
                plain(name, isUnsigned ? LakeType.INT64 : LakeType.INT32, Reading.INTEGER, column, text);
            case "bigint" ->
                isUnsigned
                        ? plain(name, LakeType.decimal(20, 0), Reading.DECIMAL_DIGITS, text, text)
                        : plain(name, LakeType.INT64, Reading.INTEGER, column, text);
            case "year" -> plain(name, LakeType.INT32, Reading.INTEGER, "CAST(" + column + " AS UNSIGNED)", text);
            case "bit" -> bits(name, "CAST(" + column + " AS UNSIGNED)", precision);
            case "decimal", "numeric", "fixed" ->
                precision >= 1 && precision <= 38
                        ? plain(name, LakeType.decimal(precision, scale), Reading.DECIMAL_DIGITS, text, text)
                        : plain(name, LakeType.TEXT, Reading.UTF8, text, text);
            case "float" -> plain(name, LakeType.FLOAT32, Reading.FLOAT, column, text);
            case "double", "real" -> plain(name, LakeType.FLOAT64, Reading.DOUBLE, column, text);
            case "date" -> plain(name, LakeType.DATE, Reading.DATE_DIGITS, text, text);
            case "time" -> plain(name, LakeType.TIME, Reading.TIME_DIGITS, text, text);
            case "datetime" -> plain(name, LakeType.TIMESTAMP, Reading.TIMESTAMP_DIGITS, text, text);
            case "timestamp" -> plain(name, LakeType.TIMESTAMP_TZ, Reading.TIMESTAMP_DIGITS, text, text);
            case "uuid" -> plain(name, LakeType.UUID, Reading.UUID_DIGITS, text, text);
            case "char", "varchar", "tinytext", "text", "mediumtext", "enum", "set" ->
                plain(name, LakeType.TEXT, Reading.UTF8, column, column);
            case "longtext" ->
                plain(name, LakeType.TEXT, Reading.UTF8, column, column).measuredBy(column);
            case "json" -> plain(name, LakeType.TEXT, Reading.UTF8, text, text).measuredBy(column);
            case "binary", "varbinary", "tinyblob", "blob", "mediumblob", "vector" ->
                plain(name, LakeType.BINARY, Reading.BYTES, column, "HEX(" + column + ")");
            case "longblob" ->
                plain(name, LakeType.BINARY, Reading.BYTES, column, "HEX(" + column + ")")
                        .measuredBy(column);
            case "geometry",
                    "point",
                    "linestring",
                    "polygon",
                    "multipoint",
                    "multilinestring",
                    "multipolygon",
                    "geometrycollection",
                    "geomcollection" ->
                new Field(
                        name,
                        LakeType.TEXT,
                        Reading.GEOMETRY,
                        "HEX(" + column + ")",
                        Reading.GEOMETRY,
                        "HEX(" + column + ")",
                        true,
                        column);
            default -> plain(name, LakeType.TEXT, Reading.UTF8, text, text);
        };
    }

    private static Field plain(String name, LakeType type, Reading reading, String expression, String text) {
        return Field.of(name, type, reading, expression).textBy(Reading.UTF8, text);
    }

    private static Field bits(String name, String number, int bits) {
        String text = "CAST(" + number + " AS CHAR)";
        if (bits == 1) {
            return plain(name, LakeType.BOOL, Reading.BOOL, number, text);
        }
        return bits < Long.SIZE
                ? plain(name, LakeType.INT64, Reading.INTEGER, number, text)
                : plain(name, LakeType.decimal(20, 0), Reading.DECIMAL_DIGITS, text, text);
    }

    private void readKeys() throws SQLException {
        Map<Table, Map<String, List<String>>> uniques = new HashMap<>();
        Map<Table, Map<String, List<String>>> indexes = new HashMap<>();
        query(
                """
                SELECT table_schema AS s, table_name AS n, index_name, non_unique, column_name, sub_part, index_type
                FROM information_schema.statistics WHERE table_schema IN (%s)
                ORDER BY table_schema, table_name, index_name, seq_in_index
                """,
                row -> {
                    Table table = tables.get(List.of(row.getString("s"), row.getString("n")));
                    if (table == null) {
                        return;
                    }
                    String index = row.getString("index_name");
                    String column = row.getString("column_name");
                    String part = row.getString("sub_part");
                    String said = (column == null ? "(expression)" : column) + (part == null ? "" : "(" + part + ")");
                    if (index.equals("PRIMARY")) {
                        table.primaryKey.add(said);
                    } else if (row.getInt("non_unique") == 0) {
                        into(uniques, table, index, said);
                    } else {
                        into(indexes, table, index + " " + row.getString("index_type"), said);
                    }
                });
        for (Table table : tables.values()) {
            if (!table.primaryKey.isEmpty()) {
                table.details.put("primaryKey", json(table.primaryKey));
            }
        }
        uniques.forEach((table, byName) -> table.details.put("uniqueKeys", json(byName.values())));
        indexes.forEach((table, byName) -> table.details.put("indexes", json(byName)));
    }

    private void readForeignKeys() throws SQLException {
        Map<Table, Map<String, ForeignKey>> keys = new HashMap<>();
        query(
                """
                SELECT table_schema AS s, table_name AS n, constraint_name, column_name, referenced_table_schema,
                    referenced_table_name, referenced_column_name
                FROM information_schema.key_column_usage
                WHERE table_schema IN (%s) AND referenced_table_name IS NOT NULL
                ORDER BY table_schema, table_name, constraint_name, ordinal_position
                """,
                row -> {
                    Table table = tables.get(List.of(row.getString("s"), row.getString("n")));
                    if (table == null) {
                        return;
                    }
                    ForeignKey key = new ForeignKey(
                            row.getString("constraint_name"),
                            row.getString("referenced_table_schema"),
                            row.getString("referenced_table_name"));
                    keys.computeIfAbsent(table, any -> new TreeMap<>())
                            .computeIfAbsent(key.name(), name -> key)
                            .add(row.getString("column_name"), row.getString("referenced_column_name"));
                });
        keys.forEach((table, byName) -> table.details.put("foreignKeys", json(byName.values())));
    }

    /** Checks came late, and each product keeps them in its own way; a server without them has none. */
    private void readChecks() {
        Map<Table, Map<String, List<String>>> checks = new HashMap<>();
        String sql = isMariaDb ? """
                SELECT constraint_schema AS s, table_name AS n, constraint_name, check_clause
                FROM information_schema.check_constraints WHERE constraint_schema IN (%s)
                ORDER BY constraint_schema, table_name, constraint_name
                """ : """
                SELECT t.table_schema AS s, t.table_name AS n, t.constraint_name, c.check_clause
                FROM information_schema.table_constraints t JOIN information_schema.check_constraints c
                    ON c.constraint_schema = t.constraint_schema AND c.constraint_name = t.constraint_name
                WHERE t.constraint_type = 'CHECK' AND t.table_schema IN (%s)
                ORDER BY t.table_schema, t.table_name, t.constraint_name
                """;
        try {
            query(sql, row -> {
                Table table = tables.get(List.of(row.getString("s"), row.getString("n")));
                if (table != null) {
                    into(checks, table, "", row.getString("check_clause"));
                }
            });
        } catch (SQLException notKnown) {
            return;
        }
        checks.forEach((table, list) -> table.details.put("checks", json(list.getOrDefault("", List.of()))));
    }

    private void readPartitions() throws SQLException {
        query(
                """
                SELECT table_schema AS s, table_name AS n, partition_name, subpartition_name, partition_method,
                    partition_expression, partition_description, table_rows, data_length
                FROM information_schema.partitions WHERE table_schema IN (%s) AND partition_name IS NOT NULL
                ORDER BY table_schema, table_name, partition_ordinal_position, subpartition_ordinal_position
                """,
                row -> {
                    Table table = tables.get(List.of(row.getString("s"), row.getString("n")));
                    if (table == null) {
                        return;
                    }
                    String sub = row.getString("subpartition_name");
                    String name = table.name + "#" + (sub == null ? row.getString("partition_name") : sub);
                    Table partition = new Table(table.schema, name, "", SourceObject.Kind.PARTITION, false);
                    put(partition, "parent", table.qualifiedName());
                    put(partition, "partitionBound", row.getString("partition_description"));
                    put(
                            table,
                            "partitionKey",
                            row.getString("partition_method") + " (" + row.getString("partition_expression") + ")");
                    partition.rows = number(row, "table_rows");
                    partition.bytes = number(row, "data_length");
                    partitions.add(partition);
                });
    }

    private void readViews() throws SQLException {
        query(
                """
                SELECT table_schema AS s, table_name AS n, view_definition, security_type, definer
                FROM information_schema.views WHERE table_schema IN (%s)
                """,
                row -> {
                    Table view = tables.get(List.of(row.getString("s"), row.getString("n")));
                    if (view != null) {
                        String definition = row.getString("view_definition");
                        put(view, "definition", definition == null || definition.isEmpty() ? null : definition);
                        put(view, "security", row.getString("security_type"));
                        put(view, "definer", row.getString("definer"));
                    }
                });
    }

    /** A sequence of MariaDB is a table of one row. */
    private void readSequences() {
        for (Table sequence : tables.values()) {
            if (sequence.kind != SourceObject.Kind.SEQUENCE) {
                continue;
            }
            sequence.fields.clear();
            sequence.columns.clear();
            try (Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery("SELECT next_not_cached_value, minimum_value, maximum_value,"
                            + " start_value, increment, cache_size, cycle_option FROM " + sequence.quotedName)) {
                if (row.next()) {
                    put(sequence, "next", row.getString(1));
                    put(sequence, "minimum", row.getString(2));
                    put(sequence, "maximum", row.getString(3));
                    put(sequence, "start", row.getString(4));
                    put(sequence, "increment", row.getString(5));
                    put(sequence, "cache", row.getString(6));
                    put(sequence, "cycle", "" + row.getBoolean(7));
                }
            } catch (SQLException notPermitted) {
                put(sequence, "unreadable", Sessions.sentence(notPermitted));
            }
        }
    }

    private void query(String sql, RowHandler handler) throws SQLException {
        String places = String.join(", ", Collections.nCopies(schemas.size(), "?"));
        try (PreparedStatement statement = connection.prepareStatement(sql.formatted(places))) {
            for (int i = 0; i < schemas.size(); i++) {
                statement.setString(i + 1, schemas.get(i));
            }
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    handler.take(row);
                }
            }
        }
    }

    @FunctionalInterface
    private interface RowHandler {
        void take(ResultSet row) throws SQLException;
    }

    /** A column that came with a later version. */
    private static @Nullable String known(ResultSet row, String column) {
        try {
            return row.getString(column);
        } catch (SQLException olderServer) {
            return null;
        }
    }

    private static OptionalLong number(ResultSet row, String column) throws SQLException {
        String text = row.getString(column);
        return text == null ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(text));
    }

    private static void into(Map<Table, Map<String, List<String>>> lists, Table table, String name, String item) {
        lists.computeIfAbsent(table, any -> new TreeMap<>())
                .computeIfAbsent(name, any -> new ArrayList<>())
                .add(item);
    }

    private static void put(Table table, String name, @Nullable String value) {
        put(table.details, name, value);
    }

    private static void put(Map<String, String> about, String name, @Nullable String value) {
        if (value != null && !value.isEmpty()) {
            about.put(name, value);
        }
    }

    static String json(Object value) {
        return JsonMapper.shared().writeValueAsString(value);
    }
}

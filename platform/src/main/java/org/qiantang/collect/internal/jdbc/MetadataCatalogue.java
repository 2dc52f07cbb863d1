package org.qiantang.collect.internal.jdbc;

import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.sql.Types;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.qiantang.collect.CollectProblem;
import org.qiantang.collect.SourceObject;
import org.qiantang.collect.SourceObject.SourceColumn;
import org.qiantang.collect.internal.Connector.Unreadable;
import org.qiantang.core.Problem;
import org.qiantang.lake.Column;
import org.qiantang.lake.LakeType;

/** What a driver's metadata says of the database the connection is in. */
final class MetadataCatalogue {
    private static final int LAKE_DIGITS = 38;
    private static final String ALL = "%";

    /** A line of {@code getIndexInfo} that tells the table's own size. */
    private static final short STATISTIC = DatabaseMetaData.tableIndexStatistic;

    private final Connection connection;
    private final MetadataDialect dialect;
    private final Product product;
    private final DatabaseMetaData metadata;
    private final @Nullable String catalog;
    private final Map<List<String>, Table> tables = new LinkedHashMap<>();
    private final boolean sqliteIsUtf8;

    MetadataCatalogue(Connection connection, MetadataDialect dialect, Product product) throws SQLException {
        this.connection = connection;
        this.dialect = dialect;
        this.product = product;
        metadata = connection.getMetaData();
        catalog = connection.getCatalog();
        sqliteIsUtf8 = product == Product.SQLITE
                && MetadataDialect.text(connection, "PRAGMA encoding").equals("UTF-8");
    }

    List<Table> tables(Set<String> wanted) throws SQLException {
        readTables(wanted);
        for (String schema : new HashSet<>(
                tables.values().stream().map(table -> table.schema).toList())) {
            readColumns(schema);
        }
        for (Table table : tables.values()) {
            if (table.kind != SourceObject.Kind.VIEW) {
                readKeys(table);
            }
            if (table.isCopied) {
                table.unreadable = refusal(table);
            }
        }
        return List.copyOf(tables.values());
    }

    private void readTables(Set<String> wanted) throws SQLException {
        Pattern system = Pattern.compile(product.systemSchemas);
        Set<String> seen = new HashSet<>();
        try (ResultSet row = metadata.getTables(catalog, null, ALL, null)) {
            while (row.next()) {
                String schema = row.getString("TABLE_SCHEM");
                String known = schema == null ? "" : schema;
                String type = row.getString("TABLE_TYPE");
                String kind = type == null ? "" : type.toUpperCase(Locale.ROOT);
                seen.add(known);
                boolean isWanted = wanted.isEmpty()
                        ? !kind.contains("SYSTEM")
                                && !(!known.isEmpty() && system.matcher(known).matches())
                        : wanted.contains(known);
                boolean isNoRelation = kind.contains("INDEX") || kind.contains("TYPE") || kind.contains("TOAST");
                if (!isWanted || isNoRelation) {
                    continue;
                }
                String name = row.getString("TABLE_NAME");
                SourceObject.Kind what = kind(kind);
                boolean isCopied = what == SourceObject.Kind.TABLE
                        || what == SourceObject.Kind.PARTITIONED_TABLE
                        || what == SourceObject.Kind.FOREIGN_TABLE;
                Table table = new Table(known, name, quoted(known, name), what, isCopied);
                String comment = row.getString("REMARKS");
                table.comment = comment == null || comment.isEmpty() ? null : comment;
                if (!kind.equals("TABLE") && !kind.equals("BASE TABLE") && !kind.equals("VIEW")) {
                    table.details.put("type", kind);
                }
                tables.put(List.of(known, name), table);
            }
        }
        for (String name : wanted) {
            if (!seen.contains(name)) {
                throw new Problem(CollectProblem.BAD_SETTING, "setting", "schemas", "reason", name);
            }
        }
    }

    private String quoted(String schema, String name) {
        return schema.isEmpty() ? dialect.quoted(name) : dialect.quoted(schema) + "." + dialect.quoted(name);
    }

    /** Whatever has rows of its own is collected; what only shows the rows of others is recorded. */
    private static SourceObject.Kind kind(String type) {
        if (type.contains("MATERIALIZED")) {
            return SourceObject.Kind.MATERIALIZED_VIEW;
        }
        if (type.contains("VIEW") || type.contains("SYNONYM") || type.contains("ALIAS")) {
            return SourceObject.Kind.VIEW;
        }
        if (type.contains("SEQUENCE")) {
            return SourceObject.Kind.SEQUENCE;
        }
        if (type.contains("PARTITIONED")) {
            return SourceObject.Kind.PARTITIONED_TABLE;
        }
        return type.contains("FOREIGN") ? SourceObject.Kind.FOREIGN_TABLE : SourceObject.Kind.TABLE;
    }

    private void readColumns(String schema) throws SQLException {
        Map<Table, LakeNames> names = new LinkedHashMap<>();
        try (ResultSet row = metadata.getColumns(catalog, schema.isEmpty() ? null : pattern(schema), ALL, ALL)) {
            while (row.next()) {
                String owner = row.getString("TABLE_SCHEM");
                Table table = tables.get(List.of(owner == null ? "" : owner, row.getString("TABLE_NAME")));
                if (table == null) {
                    continue;
                }
                String name = row.getString("COLUMN_NAME");
                int type = row.getInt("DATA_TYPE");
                String typeName = row.getString("TYPE_NAME");
                int size = row.getInt("COLUMN_SIZE");
                int digits = row.getInt("DECIMAL_DIGITS");
                boolean hasScale = !row.wasNull();
                String standard = row.getString("COLUMN_DEF");
                boolean isNullable = row.getInt("NULLABLE") != DatabaseMetaData.columnNoNulls;
                String comment = row.getString("REMARKS");
                String sourceType = typeName == null ? "" + type : typeName;
                Field field = product == Product.SQLITE
                        ? sqlite(name, sourceType)
                        : field(name, type, sourceType.toLowerCase(Locale.ROOT), size, hasScale ? digits : -1);
                Map<String, String> about = new TreeMap<>();
                boolean isGenerated = "YES".equals(known(row, "IS_GENERATEDCOLUMN"));
                if (standard != null && !standard.isEmpty()) {
                    about.put(isGenerated ? "generated" : "default", standard);
                } else if (isGenerated) {
                    about.put("generated", "");
                }
                if ("YES".equals(known(row, "IS_AUTOINCREMENT"))) {
                    about.put("identity", "auto increment");
                }
                table.fields.add(field);
                table.columns.add(new SourceColumn(
                        name,
                        new Column(
                                names.computeIfAbsent(table, any -> new LakeNames())
                                        .claim(name),
                                field.type(),
                                full(sourceType, type, size, hasScale ? digits : -1),
                                comment == null || comment.isEmpty() ? null : comment),
                        isNullable,
                        about));
            }
        }
    }

    /** A schema whose name holds a wildcard of patterns is asked for by itself. */
    private String pattern(String schema) throws SQLException {
        String escape = metadata.getSearchStringEscape();
        return escape == null || escape.isEmpty()
                ? schema
                : schema.replace(escape, escape + escape)
                        .replace("_", escape + "_")
                        .replace(ALL, escape + ALL);
    }

    private static String full(String name, int type, int size, int digits) {
        if (name.contains("(") || size <= 0 || size == Integer.MAX_VALUE) {
            return name;
        }
        return switch (type) {
            case Types.NUMERIC, Types.DECIMAL -> name + "(" + size + (digits < 0 ? "" : "," + digits) + ")";
            case Types.CHAR, Types.VARCHAR, Types.NCHAR, Types.NVARCHAR, Types.BINARY, Types.VARBINARY ->
                name + "(" + size + ")";
            default -> name;
        };
    }

    private Field field(String name, int type, String typeName, int size, int digits) {
        String column = dialect.quoted(name);
        if (typeName.equals("uuid")) {
            return Field.of(name, LakeType.UUID, Reading.UUID, column);
        }
        if (typeName.equals("timestamptz") || product == Product.POSTGRES_KIN && typeName.contains("with time zone")) {
            return typeName.startsWith("timestamp")
                    ? Field.of(name, LakeType.TIMESTAMP_TZ, Reading.INSTANT, column)
                    : text(name, column);
        }
        return switch (type) {
            case Types.BOOLEAN -> Field.of(name, LakeType.BOOL, Reading.BOOL, column);
            case Types.BIT -> size <= 1 ? Field.of(name, LakeType.BOOL, Reading.BOOL, column) : text(name, column);
            case Types.TINYINT, Types.SMALLINT, Types.INTEGER ->
                Field.of(name, LakeType.INT32, Reading.INTEGER, column);
            case Types.BIGINT -> Field.of(name, LakeType.INT64, Reading.INTEGER, column);
            case Types.REAL -> Field.of(name, LakeType.FLOAT32, Reading.FLOAT, column);
            case Types.FLOAT, Types.DOUBLE -> Field.of(name, LakeType.FLOAT64, Reading.DOUBLE, column);
            case Types.NUMERIC, Types.DECIMAL ->
                size >= 1 && size <= LAKE_DIGITS && digits >= 0 && digits <= size
                        ? Field.of(name, LakeType.decimal(size, digits), Reading.DECIMAL, column)
                        : text(name, column);
            case Types.DATE -> Field.of(name, LakeType.DATE, Reading.DATE, column);
            case Types.TIME -> Field.of(name, LakeType.TIME, Reading.TIME, column);
            case Types.TIMESTAMP -> Field.of(name, LakeType.TIMESTAMP, Reading.TIMESTAMP, column);
            case Types.BINARY, Types.VARBINARY, Types.LONGVARBINARY, Types.JAVA_OBJECT ->
                Field.of(name, LakeType.BINARY, Reading.BYTES, column);
            case Types.BLOB -> Field.of(name, LakeType.BINARY, Reading.BLOB, column);
            case Types.CLOB, Types.NCLOB, Types.LONGVARCHAR, Types.LONGNVARCHAR ->
                Field.of(name, LakeType.TEXT, Reading.CLOB, column).textBy(Reading.CLOB, column);
            case Types.ARRAY ->
                Field.of(name, LakeType.TEXT, Reading.ARRAY, column).textBy(Reading.ARRAY, column);
            default -> text(name, column);
        };
    }

    private static Field text(String name, String column) {
        return Field.of(name, LakeType.TEXT, Reading.STRING, column);
    }

    /** By the affinity that SQLite itself sees in a declared type; what is in the column may still be anything. */
    private Field sqlite(String name, String declared) {
        String column = dialect.quoted(name);
        String type = declared.toUpperCase(Locale.ROOT);
        Field field;
        if (type.contains("INT")) {
            field = Field.of(name, LakeType.INT64, Reading.OWN_INTEGER, column);
        } else if (type.contains("CHAR") || type.contains("CLOB") || type.contains("TEXT")) {
            field = Field.of(name, LakeType.TEXT, Reading.OWN_TEXT, column);
        } else if (type.contains("BLOB")) {
            field = Field.of(name, LakeType.BINARY, Reading.OWN_BYTES, column);
        } else if (type.contains("REAL") || type.contains("FLOA") || type.contains("DOUB")) {
            field = Field.of(name, LakeType.FLOAT64, Reading.OWN_DOUBLE, column);
        } else {
            field = Field.of(name, LakeType.TEXT, Reading.OWN_ANY, column);
        }
        return field.textBy(Reading.OWN_ANY, column);
    }

    /** Keys are nice to have: a table whose keys the driver cannot tell is collected like any other, and says so. */
    private void readKeys(Table table) {
        String schema = table.schema.isEmpty() ? null : table.schema;
        try {
            Map<Integer, String> primary = new TreeMap<>();
            try (ResultSet row = metadata.getPrimaryKeys(catalog, schema, table.name)) {
                while (row.next()) {
                    primary.put(row.getInt("KEY_SEQ"), row.getString("COLUMN_NAME"));
                }
            }
            if (!primary.isEmpty()) {
                table.primaryKey.addAll(primary.values());
                table.details.put("primaryKey", MySqlCatalogue.json(table.primaryKey));
            }
            List<ForeignKey> foreign = new ArrayList<>();
            try (ResultSet row = metadata.getImportedKeys(catalog, schema, table.name)) {
                while (row.next()) {
                    String owner = row.getString("PKTABLE_SCHEM");
                    String name = row.getString("FK_NAME");
                    if (row.getInt("KEY_SEQ") == 1 || foreign.isEmpty()) {
                        foreign.add(new ForeignKey(
                                name == null ? "" : name, owner == null ? "" : owner, row.getString("PKTABLE_NAME")));
                    }
                    foreign.getLast().add(row.getString("FKCOLUMN_NAME"), "" + row.getString("PKCOLUMN_NAME"));
                }
            }
            if (!foreign.isEmpty()) {
                table.details.put("foreignKeys", MySqlCatalogue.json(foreign));
            }
            readIndexes(table, schema);
        } catch (SQLException e) {
            table.details.put("keysUnreadable", Sessions.sentence(e));
        }
    }

    private void readIndexes(Table table, @Nullable String schema) throws SQLException {
        Map<String, List<String>> uniques = new TreeMap<>();
        Map<String, List<String>> indexes = new TreeMap<>();
        try (ResultSet row = metadata.getIndexInfo(catalog, schema, table.name, false, true)) {
            while (row.next()) {
                if (row.getShort("TYPE") == STATISTIC) {
                    long rows = row.getLong("CARDINALITY");
                    table.rows = rows > 0 ? OptionalLong.of(rows) : OptionalLong.empty();
                    continue;
                }
                String name = row.getString("INDEX_NAME");
                String column = row.getString("COLUMN_NAME");
                if (name != null) {
                    (row.getBoolean("NON_UNIQUE") ? indexes : uniques)
                            .computeIfAbsent(name, any -> new ArrayList<>())
                            .add(column == null ? "(expression)" : column);
                }
            }
        }
        uniques.values().removeIf(table.primaryKey::equals);
        if (!uniques.isEmpty()) {
            table.details.put("uniqueKeys", MySqlCatalogue.json(uniques.values()));
        }
        if (!indexes.isEmpty()) {
            table.details.put("indexes", MySqlCatalogue.json(indexes));
        }
    }

    /** Asks for no row of the table, which is refused where its rows would be. */
    private Optional<Unreadable> refusal(Table table) throws SQLException {
        String columns = table.fields.isEmpty()
                ? "1"
                : String.join(", ", table.fields.stream().map(Field::expression).toList());
        // There an error takes the whole transaction with it.
        Savepoint before = product == Product.POSTGRES_KIN ? connection.setSavepoint() : null;
        try (Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery("SELECT " + columns + " FROM " + table.quotedName + " WHERE 1 = 0")) {
            row.next();
            return Optional.empty();
        } catch (SQLException e) {
            if (before != null) {
                connection.rollback(before);
            }
            return Optional.of(new Unreadable(CollectProblem.NO_PRIVILEGE.id(), Sessions.sentence(e)));
        }
    }

    /** A column that came with a later version of JDBC. */
    private static @Nullable String known(ResultSet row, String column) {
        try {
            return row.getString(column);
        } catch (SQLException olderDriver) {
            return null;
        }
    }
}

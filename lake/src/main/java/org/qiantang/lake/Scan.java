package org.qiantang.lake;

import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Types.NestedField;
import org.qiantang.lake.Queries.TableState;

/**
 * A table at a snapshot, as a query of the engine: files by field id, deleted rows left out, the reader's policy inside.
 *
 * @param stored the columns as the snapshot itself has them
 * @param files those of the snapshot; none when another engine looks for them
 */
record Scan(TableState state, Schema schema, Schema stored, LiveFiles files, TablePolicy policy) {
    Scan {
        for (RowCondition condition : policy.rows()) {
            if (schema.findField(condition.column()) == null) {
                throw new LakeException(
                        LakeException.Kind.NOT_ALLOWED,
                        "Which rows of " + state.table() + " may be read hangs on " + condition.column()
                                + ", which it does not have");
            }
        }
    }

    private static final int HMAC_BLOCK = 64;

    /** What stands behind FROM to read the files; the columns have the schema's names. */
    static String relation(Schema schema, LiveFiles files) {
        List<NestedField> fields = schema.columns();
        return "(SELECT "
                + IntStream.range(0, fields.size())
                        .mapToObj(i -> "c" + i + " AS " + Sql.name(fields.get(i).name()))
                        .collect(Collectors.joining(", "))
                + " FROM " + rows(fields, files) + ")";
    }

    /**
     * What stands behind FROM to read some fields of the files: {@code c0}, {@code c1} and so on, then {@code file}, which is the number
     * of {@link LiveFiles#file}, and {@code file_row_number}.
     */
    static String rows(List<NestedField> fields, LiveFiles files) {
        boolean byName =
                files.layout().filter(layout -> Layout.holds(layout, fields)).isPresent();
        String schema = byName
                ? ", hive_partitioning=false"
                : IntStream.range(0, fields.size())
                        .mapToObj(i -> fields.get(i).fieldId() + ": {name: 'c" + i + "', type: "
                                + Sql.text(Types.duckdb(fields.get(i).type())) + ", default_value: NULL}")
                        .collect(Collectors.joining(", ", ", schema=MAP {", "}"));
        String options = schema + ", file_row_number=true)";
        String columns = IntStream.range(0, fields.size())
                .mapToObj(i -> byName ? Sql.name(fields.get(i).name()) + " AS c" + i + ", " : "c" + i + ", ")
                .collect(Collectors.joining());
        List<String> parts = new ArrayList<>();
        if (!files.whole().isEmpty()) {
            parts.add("SELECT " + columns + "file_index::BIGINT AS file, file_row_number FROM read_parquet("
                    + Sql.list(files.wholePaths()) + options);
        }
        if (!files.partial().isEmpty()) {
            parts.add("SELECT " + columns + files.whole().size() + " + file_index::BIGINT AS file, file_row_number FROM"
                    + " read_parquet(" + Sql.list(files.partialPaths()) + options + " AS r ANTI JOIN " + files.deleted()
                    + " AS d ON d.file = r.file_index::BIGINT AND d.position = r.file_row_number");
        }
        if (parts.isEmpty()) {
            parts.add("SELECT "
                    + IntStream.range(0, fields.size())
                            .mapToObj(i -> "NULL::" + Types.duckdb(fields.get(i).type()) + " AS c" + i + ", ")
                            .collect(Collectors.joining())
                    + "NULL::BIGINT AS file, NULL::BIGINT AS file_row_number LIMIT 0");
        }
        return "(" + String.join(" UNION ALL ", parts) + ")";
    }

    /**
     * What the reader's table is. A statement's own condition may be tried on a row before the one that leaves the row out, but never one that
     * can fail: the engine does not move those, {@link StatementGuard} refuses those that it would, and {@code NonInterferenceTests} looks.
     */
    String sql() {
        return seen(relation(schema, files));
    }

    /** The same of some of the table's rows: what stands behind FROM to read them, with the schema's names. */
    String seen(String rows) {
        String where = policy.rows().isEmpty()
                ? ""
                : policy.rows().stream().map(this::holds).collect(Collectors.joining(" AND ", " WHERE ", ""));
        return "SELECT " + columns().map(this::shown).collect(Collectors.joining(", ")) + " FROM (SELECT * FROM " + rows
                + where + ")";
    }

    /** The columns that the reader's table has. */
    private Stream<NestedField> columns() {
        return schema.columns().stream().filter(field -> !(policy.mask(field.name()) instanceof Mask.Omit));
    }

    private String holds(RowCondition condition) {
        NestedField field = schema.findField(condition.column());
        String column = Sql.name(field.name());
        String type = Types.duckdb(field.type());
        // What is no value of the type is the value of no row.
        List<String> values = condition.values().stream()
                .map(value ->
                        type.equals("VARCHAR") ? Sql.text(value) : "TRY_CAST(" + Sql.text(value) + " AS " + type + ")")
                .toList();
        return switch (condition.operator()) {
            case IN -> column + " IN (" + String.join(", ", values) + ")";
            case FROM -> column + " >= " + values.getFirst();
            case BEFORE -> column + " < " + values.getFirst();
            case STARTS_WITH ->
                condition.values().stream()
                        .map(value -> "starts_with(" + Lake.text(type, column) + ", " + Sql.text(value) + ")")
                        .collect(Collectors.joining(" OR ", "(", ")"));
        };
    }

    /**
     * The same for Trino, in parentheses. Columns are taken by their field id too: what the snapshot does not have yet reads null.
     *
     * @param zone in which times with a zone are taken apart
     */
    String trino(String catalog, ZoneId zone) {
        TableName table = state.table();
        return "(SELECT "
                + schema.columns().stream()
                        .map(field -> trino(field, zone) + " AS " + Sql.name(field.name()))
                        .collect(Collectors.joining(", "))
                + " FROM " + Sql.name(catalog) + "." + Sql.name(table.namespace()) + "."
                + Sql.name(ClusterCatalogue.name(table.name()))
                + " FOR VERSION AS OF " + state.snapshotId() + ")";
    }

    /** What a reader sees of a column. */
    LakeType shownType(NestedField field) {
        LakeType type = Types.lake(field.type());
        return switch (policy.mask(field.name())) {
            case Mask.Clear ignored -> type;
            case Mask.Hide ignored -> type;
            case Mask.Omit ignored -> type;
            case Mask.KeepYear ignored -> hasYear(type) ? type : LakeType.TEXT;
            case Mask.KeepEnds ignored -> LakeType.TEXT;
            case Mask.KeepDomain ignored -> LakeType.TEXT;
            case Mask.KeepNetwork ignored -> LakeType.TEXT;
            case Mask.Pseudonym ignored -> LakeType.TEXT;
        };
    }

    private static boolean hasYear(LakeType type) {
        return type instanceof LakeType.Date
                || type instanceof LakeType.Timestamp
                || type instanceof LakeType.TimestampTz;
    }

    private String trino(NestedField field, ZoneId zone) {
        String type = Types.trino(field.type());
        NestedField is = stored.findField(field.fieldId());
        String value;
        if (is == null) {
            value = "CAST(NULL AS " + type + ")";
        } else if (!is.type().equals(field.type())) {
            value = "CAST(" + Sql.name(is.name()) + " AS " + type + ")";
        } else {
            value = Sql.name(is.name());
        }
        return switch (policy.mask(field.name())) {
            case Mask.Clear ignored ->
                Types.lake(field.type()) instanceof LakeType.TimestampTz
                        ? value + " AT TIME ZONE " + Sql.text(zone.getId())
                        : value;
            case Mask.Hide ignored -> "CAST(NULL AS " + type + ")";
            case Mask.KeepEnds ends ->
                TrinoSql.hasSameText(Types.lake(field.type()))
                        ? trinoKeepEnds("CAST(" + value + " AS varchar)", ends)
                        // its text is not the one whose ends may be shown
                        : "CAST(NULL AS varchar)";
            case Mask other -> throw new IllegalStateException("A cluster is not asked for " + other.text());
        };
    }

    private static String trinoKeepEnds(String value, Mask.KeepEnds ends) {
        int kept = ends.head() + ends.tail();
        String head = ends.head() == 0 ? "''" : "substr(" + value + ", 1, " + ends.head() + ")";
        String tail = ends.tail() == 0 ? "''" : "substr(" + value + ", -" + ends.tail() + ")";
        return "(CASE WHEN length(" + value + ") > " + kept + " THEN " + head + " || "
                + stars("length(" + value + ") - " + kept) + " || " + tail + " ELSE " + stars("length(" + value + ")")
                + " END)";
    }

    private static String stars(String count) {
        return "lpad('', " + count + ", '*')";
    }

    private String shown(NestedField field) {
        String name = Sql.name(field.name());
        String type = Types.duckdb(field.type());
        return switch (policy.mask(field.name())) {
            case Mask.Clear ignored -> name;
            case Mask.Hide ignored -> "NULL::" + type + " AS " + name;
            case Mask.KeepYear ignored
            when hasYear(Types.lake(field.type())) -> "date_trunc('year', " + name + ")::" + type + " AS " + name;
            case Mask mask -> masked(Lake.text(type, name), mask) + " AS " + name;
        };
    }

    /** A text as it is shown under a mask. */
    static String masked(String text, Mask mask) {
        return switch (mask) {
            case Mask.Clear ignored -> text;
            case Mask.Hide ignored -> "NULL";
            case Mask.Omit ignored -> "NULL";
            case Mask.KeepEnds ends -> keepEnds(text, ends);
            case Mask.KeepYear ignored -> keepEnds(text, new Mask.KeepEnds(4, 0));
            case Mask.KeepDomain ignored ->
                "CASE WHEN strpos(" + text + ", '@') > 1 THEN left(" + text + ", 1) || repeat('*', strpos(" + text
                        + ", '@') - 2) || substr(" + text + ", strpos(" + text + ", '@')) ELSE repeat('*', length("
                        + text + ")) END";
            case Mask.KeepNetwork ignored ->
                "CASE WHEN regexp_full_match(" + text + ", '[0-9]{1,3}([.][0-9]{1,3}){3}') THEN split_part(" + text
                        + ", '.', 1) || '.*.*.*' ELSE repeat('*', length(" + text + ")) END";
            case Mask.Pseudonym pseudonym -> hmac(text, HexFormat.of().parseHex(pseudonym.key()));
        };
    }

    /** HMAC with SHA-256 (RFC 2104) over a text's UTF-8, in the engine's own functions. */
    private static String hmac(String text, byte[] key) {
        String inner = "unhex(sha256(" + padded(key, 0x36) + " || encode(" + text + ")))";
        return "sha256(" + padded(key, 0x5c) + " || " + inner + ")";
    }

    private static String padded(byte[] key, int pad) {
        StringBuilder bytes = new StringBuilder("'");
        for (int i = 0; i < HMAC_BLOCK; i++) {
            bytes.append(String.format("\\x%02X", (i < key.length ? key[i] & 0xff : 0) ^ pad));
        }
        return bytes.append("'::BLOB").toString();
    }

    private static String keepEnds(String value, Mask.KeepEnds ends) {
        int kept = ends.head() + ends.tail();
        return "CASE WHEN length(" + value + ") > " + kept + " THEN left(" + value + ", " + ends.head()
                + ") || repeat('*', length(" + value + ") - " + kept + ") || right(" + value + ", " + ends.tail()
                + ") ELSE repeat('*', length(" + value + ")) END";
    }
}

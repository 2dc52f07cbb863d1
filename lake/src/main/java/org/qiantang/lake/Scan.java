package org.qiantang.lake;

import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Types.NestedField;
import org.qiantang.lake.Queries.TableState;

/**
 * A table at a snapshot, as a query of the engine: files by field id, deleted rows left out, masks inside.
 *
 * @param stored the columns as the snapshot itself has them
 * @param files those of the snapshot; none when another engine looks for them
 */
record Scan(TableState state, Schema schema, Schema stored, LiveFiles files, Map<String, Mask> masks) {
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
        String schema = IntStream.range(0, fields.size())
                .mapToObj(i -> fields.get(i).fieldId() + ": {name: 'c" + i + "', type: "
                        + Sql.text(Types.duckdb(fields.get(i).type())) + ", default_value: NULL}")
                .collect(Collectors.joining(", ", ", schema=MAP {", "}"));
        String options = schema + ", file_row_number=true)";
        String columns =
                IntStream.range(0, fields.size()).mapToObj(i -> "c" + i + ", ").collect(Collectors.joining());
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

    String sql() {
        return "SELECT " + schema.columns().stream().map(this::shown).collect(Collectors.joining(", ")) + " FROM "
                + relation(schema, files);
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
        return masks.get(field.name()) instanceof Mask.KeepEnds ? LakeType.TEXT : Types.lake(field.type());
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
        Mask mask = masks.get(field.name());
        if (mask == null) {
            return Types.lake(field.type()) instanceof LakeType.TimestampTz
                    ? value + " AT TIME ZONE " + Sql.text(zone.getId())
                    : value;
        }
        return switch (mask) {
            case Mask.Hide ignored -> "CAST(NULL AS " + type + ")";
            case Mask.KeepEnds ends ->
                TrinoSql.hasSameText(Types.lake(field.type()))
                        ? trinoKeepEnds("CAST(" + value + " AS varchar)", ends)
                        // its text is not the one whose ends may be shown
                        : "CAST(NULL AS varchar)";
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
        Mask mask = masks.get(field.name());
        if (mask == null) {
            return name;
        }
        return switch (mask) {
            case Mask.Hide ignored -> "NULL::" + Types.duckdb(field.type()) + " AS " + name;
            case Mask.KeepEnds ignored -> masked(name + "::VARCHAR", mask) + " AS " + name;
        };
    }

    /** A text as it is shown under a mask. */
    static String masked(String text, Mask mask) {
        return switch (mask) {
            case Mask.Hide ignored -> "NULL";
            case Mask.KeepEnds ends -> keepEnds(text, ends);
        };
    }

    private static String keepEnds(String value, Mask.KeepEnds ends) {
        int kept = ends.head() + ends.tail();
        return "CASE WHEN length(" + value + ") > " + kept + " THEN left(" + value + ", " + ends.head()
                + ") || repeat('*', length(" + value + ") - " + kept + ") || right(" + value + ", " + ends.tail()
                + ") ELSE repeat('*', length(" + value + ")) END";
    }
}

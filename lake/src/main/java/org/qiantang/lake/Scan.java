package org.qiantang.lake;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Types.NestedField;
import org.qiantang.lake.Queries.TableState;

/** A table at a snapshot, as a query of the engine: files by field id, deleted rows left out, masks inside. */
record Scan(TableState state, Schema schema, LiveFiles files, Map<String, Mask> masks) {
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
     * What stands behind FROM to read some fields of the files: {@code c0}, {@code c1} and so on, then {@code filename} and
     * {@code file_row_number}.
     */
    static String rows(List<NestedField> fields, LiveFiles files) {
        String schema = IntStream.range(0, fields.size())
                .mapToObj(i -> fields.get(i).fieldId() + ": {name: 'c" + i + "', type: "
                        + Sql.text(Types.duckdb(fields.get(i).type())) + ", default_value: NULL}")
                .collect(Collectors.joining(", ", ", schema=MAP {", "}"));
        String options = schema + ", filename=true, file_row_number=true)";
        List<String> parts = new ArrayList<>();
        if (!files.whole().isEmpty()) {
            parts.add("SELECT * FROM read_parquet(" + Sql.list(files.wholePaths()) + options);
        }
        if (!files.partial().isEmpty()) {
            parts.add("SELECT r.* FROM read_parquet(" + Sql.list(files.partialPaths()) + options + " AS r ANTI JOIN "
                    + LiveFiles.DELETED + " AS d ON d.file = r.filename AND d.position = r.file_row_number");
        }
        if (parts.isEmpty()) {
            parts.add("SELECT "
                    + IntStream.range(0, fields.size())
                            .mapToObj(i -> "NULL::" + Types.duckdb(fields.get(i).type()) + " AS c" + i + ", ")
                            .collect(Collectors.joining())
                    + "NULL::VARCHAR AS filename, NULL::BIGINT AS file_row_number LIMIT 0");
        }
        return "(" + String.join(" UNION ALL ", parts) + ")";
    }

    String sql() {
        return "SELECT " + schema.columns().stream().map(this::shown).collect(Collectors.joining(", ")) + " FROM "
                + relation(schema, files);
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

package org.qiantang.lake;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.ipc.ArrowStreamWriter;
import org.duckdb.DuckDBResultSet;
import org.qiantang.lake.RowSink.ResultColumn;

/** Writes the answer of a statement into a file, in an engine that can reach that file and those of its tables. */
final class Extracting {
    /** Types that both forms keep to the last digit. */
    private static final Set<String> KEPT = Set.of(
            "BOOLEAN",
            "TINYINT",
            "SMALLINT",
            "INTEGER",
            "BIGINT",
            "UTINYINT",
            "USMALLINT",
            "UINTEGER",
            "UBIGINT",
            "FLOAT",
            "DOUBLE",
            "DATE",
            "TIME",
            "TIMESTAMP",
            "TIMESTAMP WITH TIME ZONE",
            "VARCHAR",
            "BLOB");

    /** Rows of one record batch. */
    private static final long BATCH_ROWS = 65_536;

    private Extracting() {}

    static Extract.Made run(
            LakeSettings settings, Extract extract, String sql, Map<TableName, Scan> scans, Trino.Watched watch)
            throws SQLException {
        try (Connection connection = Engine.openRowByRow(settings, settings.queryMemoryBytes());
                Statement statement = connection.createStatement()) {
            statement.execute("SET preserve_insertion_order = false");
            Lake.show(connection, scans);
            Lake.close(connection, settings, scans, List.of(extract.file().toString()));
            String answer = statement(connection, extract, sql);
            watch.on(statement);
            long rows;
            try {
                rows = switch (extract.form()) {
                    case PARQUET -> parquet(statement, extract, answer);
                    case ARROW -> arrow(statement, extract, answer, watch);
                };
            } finally {
                watch.on(null);
            }
            return new Extract.Made(
                    rows,
                    Files.size(extract.file()),
                    scans.values().stream().map(Scan::state).toList());
        } catch (IOException e) {
            throw LakeException.storage("Cannot write the extract", e);
        }
    }

    private static String statement(Connection connection, Extract extract, String sql) throws SQLException {
        List<ResultColumn> columns = Lake.describe(connection, sql);
        List<String> shown = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            shown.add(value(columns.get(i).type(), "c" + i) + " AS "
                    + Sql.name(columns.get(i).name()));
        }
        if (!extract.marks().rows().isEmpty()) {
            shown.add("CASE WHEN " + marked(columns, extract.marks()) + " THEN "
                    + Sql.text(extract.marks().column()) + " END AS "
                    + Sql.name(extract.marks().column()));
        }
        long limit = extract.query().limit();
        return "SELECT " + String.join(", ", shown) + " FROM (" + sql + "\n) AS answer(" + Lake.aliases(columns) + ")"
                + (limit == Long.MAX_VALUE ? "" : " LIMIT " + limit);
    }

    private static String marked(List<ResultColumn> columns, Extract.Marks marks) {
        return marks.rows().stream()
                .map(row -> row.entrySet().stream()
                        .map(value -> Lake.text(columns.get(value.getKey()).type(), "c" + value.getKey()) + " = "
                                + Sql.text(value.getValue()))
                        .collect(Collectors.joining(" AND ", "(", ")")))
                .collect(Collectors.joining(" OR "));
    }

    /** What a form would round is written as a decimal, what it has no type for as its text. */
    private static String value(String type, String value) {
        if (KEPT.contains(type) || type.startsWith("DECIMAL(")) {
            return value;
        }
        return switch (type) {
            case "HUGEINT", "UHUGEINT" -> "CAST(" + value + " AS DECIMAL(38, 0))";
            case "TIMESTAMP_S", "TIMESTAMP_MS" -> "CAST(" + value + " AS TIMESTAMP)";
            default -> Lake.text(type, value);
        };
    }

    private static long parquet(Statement statement, Extract extract, String answer) throws SQLException {
        return statement.executeLargeUpdate("COPY (" + answer + "\n) TO "
                + Sql.text(extract.file().toString()) + " (FORMAT parquet, COMPRESSION zstd, USE_TMP_FILE false)");
    }

    private static long arrow(Statement statement, Extract extract, String answer, Trino.Watched watch)
            throws SQLException, IOException {
        long rows = 0;
        try (BufferAllocator memory = new RootAllocator();
                ResultSet result = statement.executeQuery(answer);
                ArrowReader reader =
                        (ArrowReader) result.unwrap(DuckDBResultSet.class).arrowExportStream(memory, BATCH_ROWS);
                FileChannel file =
                        FileChannel.open(extract.file(), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
                ArrowStreamWriter writer = new ArrowStreamWriter(reader.getVectorSchemaRoot(), reader, file)) {
            writer.start();
            while (reader.loadNextBatch()) {
                if (watch.stopped()) {
                    throw new LakeException(LakeException.Kind.CANCELLED, "The extract was stopped");
                }
                writer.writeBatch();
                rows += reader.getVectorSchemaRoot().getRowCount();
            }
            writer.end();
        }
        return rows;
    }
}

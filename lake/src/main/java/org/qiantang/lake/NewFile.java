package org.qiantang.lake;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.Metrics;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.Table;
import org.apache.iceberg.types.Conversions;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types.TimestampType;
import org.jspecify.annotations.Nullable;

/**
 * One data file of a table, written by the engine and forced to disk; nobody sees it before a commit adds it. Closing removes it unless it
 * was {@link #keep kept}.
 */
final class NewFile implements AutoCloseable {
    private static final long CELLS_PER_ROW_GROUP = 122_880L * 12;

    private final Lake lake;
    private final Table table;
    private final Schema schema;
    private final String location;
    private final Path path;
    private boolean kept;

    /** @throws LakeException {@code NO_SPACE}, {@code DISK_FAILED} */
    NewFile(Lake lake, Table table, Schema schema) {
        lake.requireSpace();
        this.lake = lake;
        this.table = table;
        this.schema = schema;
        location = table.locationProvider().newDataLocation(UUID.randomUUID() + Layout.ending(schema));
        path = LocalFileIO.path(location);
        Path folder = path.getParent();
        try {
            if (folder != null) {
                lake.durable().createDirectories(folder);
            }
        } catch (IOException e) {
            throw LakeException.storage("Cannot make " + folder, e);
        }
    }

    Path path() {
        return path;
    }

    /** Writes the rows of a query whose columns are the schema's; null when there are none. */
    @Nullable
    DataFile write(Connection connection, String query) throws SQLException {
        return write(connection, query, SortOrder.unsorted());
    }

    /** The same for rows that come in an order. */
    @Nullable
    DataFile write(Connection connection, String query, SortOrder order) throws SQLException {
        String ids = schema.columns().stream()
                .map(field -> Sql.name(field.name()) + ": " + field.fieldId())
                .collect(Collectors.joining(", "));
        long rowGroup = Math.clamp(CELLS_PER_ROW_GROUP / schema.columns().size(), 2_048, 122_880);
        String copy = "COPY (" + query + ") TO " + Sql.text(path.toString())
                + " (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, ROW_GROUP_SIZE " + rowGroup
                + ", ROW_GROUP_SIZE_BYTES '64MB', DICTIONARY_SIZE_LIMIT 4096, FIELD_IDS {" + ids + "}, RETURN_STATS)";
        try (Statement statement = connection.createStatement()) {
            statement.execute(copy);
            try (ResultSet stats = statement.getResultSet()) {
                if (!stats.next() || stats.getLong("count") == 0) {
                    return null;
                }
                long rows = stats.getLong("count");
                DataFile file = DataFiles.builder(table.spec())
                        .withPath(location)
                        .withFormat(FileFormat.PARQUET)
                        .withFileSizeInBytes(Files.size(path))
                        .withRecordCount(rows)
                        .withSortOrder(order)
                        .withMetrics(metrics(schema, rows, stats.getObject("column_statistics")))
                        .build();
                lake.durable().forceFile(path);
                return file;
            }
        } catch (IOException e) {
            throw LakeException.storage("Cannot write " + path, e);
        }
    }

    /** What is written stays. */
    void keep() {
        kept = true;
    }

    @Override
    public void close() {
        if (!kept) {
            lake.discard(path);
        }
    }

    private static Metrics metrics(Schema schema, long rows, Object statistics) {
        Map<Integer, Long> sizes = new HashMap<>();
        Map<Integer, Long> counts = new HashMap<>();
        Map<Integer, Long> nulls = new HashMap<>();
        Map<Integer, Long> nans = new HashMap<>();
        Map<Integer, ByteBuffer> lower = new HashMap<>();
        Map<Integer, ByteBuffer> upper = new HashMap<>();
        Map<?, ?> byColumn = (Map<?, ?>) statistics;
        for (var field : schema.columns()) {
            if (!(byColumn.get(Sql.name(field.name())) instanceof Map<?, ?> column)) {
                continue;
            }
            int id = field.fieldId();
            counts.put(id, rows);
            number(column.get("column_size_bytes"), id, sizes);
            number(column.get("null_count"), id, nulls);
            number(column.get("nan_count"), id, nans);
            bound(field.type(), column.get("min"), column.get("min_is_exact"), id, lower);
            bound(field.type(), column.get("max"), column.get("max_is_exact"), id, upper);
        }
        return new Metrics(rows, sizes, counts, nulls, nans, lower, upper);
    }

    private static void number(@Nullable Object value, int id, Map<Integer, Long> into) {
        if (value != null) {
            into.put(id, Long.valueOf(value.toString()));
        }
    }

    /** A bound is only a help for skipping files: whatever is not plainly a value of the type is left out. */
    private static void bound(
            Type type, @Nullable Object value, @Nullable Object exact, int id, Map<Integer, ByteBuffer> into) {
        if (value == null || exact == null || !"true".equals(exact.toString())) {
            return;
        }
        try {
            Object typed = typed(type, value.toString());
            if (typed != null) {
                into.put(id, Conversions.toByteBuffer(type, typed));
            }
        } catch (RuntimeException notAPlainValue) {
            return;
        }
    }

    private static @Nullable Object typed(Type type, String text) {
        return switch (type.typeId()) {
            case INTEGER -> Integer.valueOf(text);
            case LONG -> Long.valueOf(text);
            case DECIMAL ->
                new java.math.BigDecimal(text).setScale(((org.apache.iceberg.types.Types.DecimalType) type).scale());
            case DATE -> Math.toIntExact(LocalDate.parse(text).toEpochDay());
            case TIMESTAMP -> {
                String plain = text.replace(' ', 'T');
                if (((TimestampType) type).shouldAdjustToUTC()) {
                    if (!plain.endsWith("+00")) {
                        yield null;
                    }
                    plain = plain.substring(0, plain.length() - 3);
                }
                LocalDateTime time = LocalDateTime.parse(plain);
                yield Math.addExact(
                        Math.multiplyExact(time.toEpochSecond(ZoneOffset.UTC), 1_000_000L), time.getNano() / 1_000);
            }
            case STRING -> text.length() <= 64 ? text : null;
            default -> null;
        };
    }
}

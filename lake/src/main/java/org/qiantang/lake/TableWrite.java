package org.qiantang.lake;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.Metrics;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SnapshotUpdate;
import org.apache.iceberg.Table;
import org.apache.iceberg.Transaction;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.types.Conversions;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types.TimestampType;
import org.jspecify.annotations.Nullable;

/**
 * A table on its way into the lake. Parts are written, forced to disk and read back one by one, by as many threads as there are; nothing
 * of it is seen before {@link #commit}, which makes all of it the table's next snapshot at once. Closing without a commit leaves the
 * table as it was.
 */
public final class TableWrite implements AutoCloseable {
    private static final int SAMPLES = 1_000;
    private static final long CELLS_PER_ROW_GROUP = 122_880L * 12;

    private final Lake lake;
    private final TableName name;
    private final List<Column> columns;
    private final boolean replace;
    private final Transaction transaction;
    private final List<Part> parts = new ArrayList<>();
    private final Map<String, Set<String>> samples = new HashMap<>();
    private boolean committed;

    TableWrite(Lake lake, TableName name, List<Column> columns, boolean replace, Transaction transaction) {
        this.lake = lake;
        this.name = name;
        this.columns = List.copyOf(columns);
        this.replace = replace;
        this.transaction = transaction;
    }

    /**
     * Writes everything a reader gives into one data file and proves it. Thread-safe.
     *
     * @return rows written
     * @throws LakeException {@code VALUE_DOES_NOT_FIT}, {@code PROOF_FAILED}, {@code STORAGE}; what the reader throws is thrown as it is
     */
    public long write(ChunkReader reader) throws Exception {
        Part part = writePart(reader);
        if (part == null) {
            return 0;
        }
        synchronized (parts) {
            keepSamples(part);
            parts.add(part.withoutSamples());
        }
        return part.file.recordCount();
    }

    /**
     * Makes what was written the table's next snapshot. Once this returns it survives any crash.
     *
     * @param summary kept with the snapshot, for instance the run that made it
     */
    public Commit commit(Map<String, String> summary) {
        List<Part> written;
        synchronized (parts) {
            written = List.copyOf(parts);
        }
        try {
            SnapshotUpdate<?> update;
            if (replace) {
                var overwrite = transaction.newOverwrite().overwriteByRowFilter(Expressions.alwaysTrue());
                written.forEach(part -> overwrite.addFile(part.file));
                update = overwrite;
            } else {
                var append = transaction.newFastAppend();
                written.forEach(part -> append.appendFile(part.file));
                update = append;
            }
            summary.forEach(update::set);
            update.commit();
            transaction.commitTransaction();
            committed = true;
        } catch (RuntimeException e) {
            throw new LakeException(LakeException.Kind.STORAGE, "Cannot commit " + name + ": " + e.getMessage(), e);
        }
        var snapshot = transaction.table().currentSnapshot();
        return new Commit(
                name,
                snapshot.snapshotId(),
                Instant.ofEpochMilli(snapshot.timestampMillis()),
                written.stream().mapToLong(part -> part.file.recordCount()).sum(),
                written.stream().mapToLong(part -> part.file.fileSizeInBytes()).sum(),
                proofs(written),
                samples());
    }

    /** Removes the files of a write that was not committed. */
    @Override
    public void close() {
        if (committed) {
            return;
        }
        synchronized (parts) {
            for (Part part : parts) {
                lake.discard(LocalFileIO.path(part.file.location()));
            }
            parts.clear();
        }
    }

    private @Nullable Part writePart(ChunkReader reader) throws Exception {
        Table table = transaction.table();
        Schema schema = table.schema();
        String location = table.locationProvider().newDataLocation(UUID.randomUUID() + ".parquet");
        Path path = LocalFileIO.path(location);
        Path folder = path.getParent();
        if (folder != null) {
            lake.durable().createDirectories(folder);
        }
        boolean kept = false;
        try (Engine.Room room = lake.engine().room(columns.size());
                Engine.Feed feed = lake.engine().feed(columns, reader);
                Connection connection = lake.engine().connect()) {
            DataFile file = copy(connection, feed, schema, table, location, path);
            if (file == null) {
                return null;
            }
            lake.durable().forceFile(path);
            List<Checked> checked = readBack(connection, path, feed);
            prove(feed.batch(), checked);
            kept = true;
            return new Part(file, sums(feed.batch()), checked, samples(feed.batch()));
        } finally {
            if (!kept) {
                lake.discard(path);
            }
        }
    }

    private @Nullable DataFile copy(
            Connection connection, Engine.Feed feed, Schema schema, Table table, String location, Path path)
            throws Exception {
        String select = IntStream.range(0, columns.size())
                .mapToObj(i -> Types.fromTransport(columns.get(i).type(), "c" + i) + " AS "
                        + Sql.name(columns.get(i).name()))
                .collect(Collectors.joining(", "));
        String ids = columns.stream()
                .map(column -> Sql.name(column.name()) + ": "
                        + schema.findField(column.name()).fieldId())
                .collect(Collectors.joining(", "));
        long rowGroup = Math.clamp(CELLS_PER_ROW_GROUP / columns.size(), 2_048, 122_880);
        String copy = "COPY (SELECT " + select + " FROM " + Engine.FEED + "(" + feed.number() + ")) TO "
                + Sql.text(path.toString()) + " (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, ROW_GROUP_SIZE "
                + rowGroup
                + ", ROW_GROUP_SIZE_BYTES '64MB', FIELD_IDS {" + ids + "}, RETURN_STATS)";
        try (Statement statement = connection.createStatement()) {
            statement.execute(copy);
            try (ResultSet stats = statement.getResultSet()) {
                if (!stats.next() || stats.getLong("count") == 0) {
                    return null;
                }
                long rows = stats.getLong("count");
                return DataFiles.builder(table.spec())
                        .withPath(location)
                        .withFormat(FileFormat.PARQUET)
                        .withFileSizeInBytes(Files.size(path))
                        .withRecordCount(rows)
                        .withMetrics(metrics(schema, rows, stats.getObject("column_statistics")))
                        .build();
            }
        } catch (SQLException e) {
            Exception failure = feed.failure();
            if (failure != null) {
                throw failure;
            }
            throw Lake.failure("Cannot write " + name, e);
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

    /** Reads what is on the disk and sums it up the way the batch did. */
    private List<Checked> readBack(Connection connection, Path path, Engine.Feed feed) throws SQLException {
        String sums = IntStream.range(0, columns.size())
                .mapToObj(i -> {
                    String column = Sql.name(columns.get(i).name());
                    return "count(" + column + "), sum("
                            + Types.hash(columns.get(i).type(), column) + ") FILTER (" + column + " IS NOT NULL)";
                })
                .collect(Collectors.joining(", "));
        String sql = "SELECT count(*), " + sums + " FROM read_parquet(" + Sql.text(path.toString()) + ")";
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            long rows = row.getLong(1);
            if (rows != feed.rows()) {
                throw new LakeException(
                        LakeException.Kind.PROOF_FAILED,
                        "Of " + feed.rows() + " rows handed over for " + name + " the file holds " + rows);
            }
            List<Checked> checked = new ArrayList<>();
            for (int i = 0; i < columns.size(); i++) {
                String sum = row.getString(3 + 2 * i);
                checked.add(new Checked(
                        rows - row.getLong(2 + 2 * i), sum == null ? BigInteger.ZERO : new BigInteger(sum)));
            }
            return checked;
        }
    }

    private void prove(Batch batch, List<Checked> checked) {
        for (int i = 0; i < columns.size(); i++) {
            boolean same = batch.checksum(i).toString().equals(hex(checked.get(i).sum));
            if (!same || batch.nullCount(i) != checked.get(i).nulls) {
                throw new LakeException(
                        LakeException.Kind.PROOF_FAILED,
                        "Column " + columns.get(i).name() + " of " + name + " does not read back as it was written");
            }
        }
    }

    private List<Checksum> sums(Batch batch) {
        return IntStream.range(0, columns.size()).mapToObj(batch::checksum).toList();
    }

    private Map<String, Set<String>> samples(Batch batch) {
        Map<String, Set<String>> samples = new HashMap<>();
        for (int i = 0; i < columns.size(); i++) {
            if (columns.get(i).type() instanceof LakeType.Text) {
                samples.put(columns.get(i).name(), batch.samples(i));
            }
        }
        return samples;
    }

    private List<ColumnProof> proofs(List<Part> written) {
        List<ColumnProof> proofs = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            Checksum read = new Checksum();
            BigInteger sum = BigInteger.ZERO;
            long nulls = 0;
            for (Part part : written) {
                read.add(part.sums.get(i));
                sum = sum.add(part.checked.get(i).sum);
                nulls += part.checked.get(i).nulls;
            }
            proofs.add(new ColumnProof(columns.get(i).name(), nulls, read.toString(), hex(sum)));
        }
        return proofs;
    }

    /** Samples of the first parts are enough; those of all would grow with the table. */
    private void keepSamples(Part part) {
        part.samples.forEach((column, values) -> {
            Set<String> kept = samples.computeIfAbsent(column, any -> new LinkedHashSet<>());
            values.stream().limit(SAMPLES - kept.size()).forEach(kept::add);
        });
    }

    private Map<String, List<String>> samples() {
        Map<String, List<String>> copy = new HashMap<>();
        samples.forEach((column, values) -> copy.put(column, List.copyOf(values)));
        return copy;
    }

    private static String hex(BigInteger sum) {
        return String.format("%032x", sum.mod(BigInteger.ONE.shiftLeft(128)));
    }

    private record Checked(long nulls, BigInteger sum) {}

    private record Part(DataFile file, List<Checksum> sums, List<Checked> checked, Map<String, Set<String>> samples) {
        Part withoutSamples() {
            return new Part(file, sums, checked, Map.of());
        }
    }
}

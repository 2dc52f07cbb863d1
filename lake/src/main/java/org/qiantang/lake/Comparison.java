package org.qiantang.lake;

import static java.util.Objects.requireNonNull;

import java.math.BigInteger;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.expressions.Expressions;
import org.jspecify.annotations.Nullable;
import org.qiantang.lake.TableChanges.Applied;
import org.qiantang.lake.TableChanges.Delivery;
import org.qiantang.lake.TableChanges.Op;

/**
 * Holds a table, as of a snapshot, against what its source has now, down to the rows that differ. The source is read once: each column's
 * checksum, and for every row a hash that is added to the bucket its key falls into. Where all of that is equal, so is the table. Else
 * the source is read once more, and only rows of buckets that differ are kept, in the engine, which moves them to disk when they are
 * many: memory depends on neither side's size.
 *
 * <p>In this order: {@link #read}, {@link #compare}; where that says no {@link #readAgain}, {@link #differences} and, if wanted,
 * {@link #repair}. Not thread-safe.
 */
public final class Comparison implements AutoCloseable {
    private static final int ROWS_PER_BUCKET = 128;
    private static final int FEWEST_BUCKETS = 64;
    private static final int MOST_BUCKETS = 1 << 16;
    private static final int SHOWN_CHARACTERS = 200;
    private static final long LISTED_CHARACTERS = 2 << 20;

    private final Lake lake;
    private final TableName name;
    private final long snapshot;
    private final List<Column> columns;
    private final List<Integer> key;
    private final TableChanges changes;
    private final Connection connection;
    private final Schema schema;
    private final LiveFiles files;
    private final Lake.Turn hold;
    private final long buckets;
    private final Map<Long, Bucket> source = new HashMap<>();
    private SourceSums sums;
    private Sums lakeSums;
    private boolean again;

    /** How many rows fell into a bucket, and the sum of their hashes. */
    private record Bucket(long rows, BigInteger sum) {
        Bucket plus(Bucket other) {
            return new Bucket(rows + other.rows, sum.add(other.sum));
        }
    }

    /** A column on both sides; checksums are 32 hexadecimal digits. */
    public record ColumnSums(String column, long nullsAtSource, long nullsInLake, String source, String lake) {
        public boolean holds() {
            return nullsAtSource == nullsInLake && source.equals(lake);
        }
    }

    /** How a row differs. */
    public enum Kind {
        /** The source has it, the lake has not. */
        MISSING,
        /** The lake has it, the source has not. */
        EXTRA,
        /** Both have the key, with other values. */
        DIFFERENT,
    }

    /** A value as a person may see it: null where it is null, {@code shown} false where the person may not know. */
    public record Cell(
            String column,
            boolean shown,
            @Nullable String source,
            @Nullable String lake) {}

    /**
     * A row that differs.
     *
     * @param key what tells the row apart: its key, or the whole row where there is none
     * @param cells the columns that differ, of a row that is on both sides
     */
    public record RowDifference(Kind kind, List<Cell> key, List<Cell> cells) {
        public RowDifference {
            key = List.copyOf(key);
            cells = List.copyOf(cells);
        }
    }

    /** @param rows the first of them by key; the totals are of all */
    public record Differences(long missing, long extra, long different, List<RowDifference> rows) {
        public Differences {
            rows = List.copyOf(rows);
        }

        public long total() {
            return missing + extra + different;
        }
    }

    /**
     * @param snapshot the lake's side
     * @param columns the table's columns as the source hands them over; names and types are the table's own
     * @param key names of the columns that tell rows apart; empty when only the whole row does
     */
    Comparison(Lake lake, TableName name, long snapshot, List<Column> columns, List<String> key) {
        this.lake = lake;
        this.name = name;
        this.snapshot = snapshot;
        this.columns = List.copyOf(columns);
        List<String> names = columns.stream().map(Column::name).toList();
        this.key = key.isEmpty()
                ? IntStream.range(0, names.size()).boxed().toList()
                : key.stream().map(names::indexOf).toList();
        sums = new SourceSums();
        lakeSums = new Sums(0, List.of());
        hold = lake.hold(name, snapshot);
        TableChanges opened = null;
        try {
            Table table = lake.table(name);
            Snapshot at = table.snapshot(snapshot);
            if (at == null) {
                throw new LakeException(LakeException.Kind.NO_SUCH_SNAPSHOT, name + " has no snapshot " + snapshot);
            }
            schema = table.schema();
            long rows = Lake.state(name, at).rows();
            buckets = Long.highestOneBit(Math.clamp(rows / ROWS_PER_BUCKET, FEWEST_BUCKETS, MOST_BUCKETS));
            files = LiveFiles.of(table, at, Expressions.alwaysTrue());
            opened = lake.change(name, columns, key, key.isEmpty() ? Delivery.EXACTLY_ONCE : Delivery.AT_LEAST_ONCE);
            changes = opened;
            connection = changes.connection();
            files.loadDeletes(connection);
        } catch (SQLException | RuntimeException e) {
            if (opened != null) {
                opened.close();
            }
            hold.close();
            throw e instanceof SQLException failed
                    ? Lake.failure("Cannot compare " + name, failed)
                    : (RuntimeException) e;
        }
    }

    /** Takes a part of the source; all parts together are the table. Returns its rows. */
    public long read(ChunkReader reader) throws Exception {
        return take(
                reader,
                typed -> {
                    try (Statement statement = connection.createStatement();
                            ResultSet rows = statement.executeQuery(bucketSums("(" + typed + ")"))) {
                        while (rows.next()) {
                            source.merge(rows.getLong(1), bucket(rows), Bucket::plus);
                        }
                    }
                },
                sums);
    }

    /** Whether the lake has what was read, no more and no less. */
    public boolean compare() {
        try {
            lakeSums = Sums.of(connection, Scan.relation(schema, files), schema);
            Set<Long> different = new HashSet<>(source.keySet());
            try (Statement statement = connection.createStatement();
                    ResultSet rows = statement.executeQuery(bucketSums(lakeRows()))) {
                while (rows.next()) {
                    long bucket = rows.getLong(1);
                    if (bucket(rows).equals(source.get(bucket))) {
                        different.remove(bucket);
                    } else {
                        different.add(bucket);
                    }
                }
            }
            source.clear();
            execute("CREATE OR REPLACE TEMP TABLE differing (bucket UBIGINT)");
            for (List<Long> some : pieces(different)) {
                execute("INSERT INTO differing VALUES "
                        + some.stream().map(bucket -> "(" + bucket + ")").collect(Collectors.joining(", ")));
            }
            boolean equal = different.isEmpty() && columns().stream().allMatch(ColumnSums::holds);
            if (!equal) {
                execute("CREATE OR REPLACE TEMP TABLE here (" + list(columns.size(), i -> "c" + i + " " + type(i))
                        + ", h UBIGINT)");
            }
            return equal;
        } catch (SQLException e) {
            throw Lake.failure("Cannot compare " + name, e);
        }
    }

    /** Rows that the lake has as of the snapshot. */
    public long rowsInLake() {
        return lakeSums.rows();
    }

    /** Both sides, column by column, as of the newest reading. */
    public List<ColumnSums> columns() {
        return IntStream.range(0, columns.size())
                .mapToObj(i -> {
                    Sums.Of here = lakeSums.columns().get(i);
                    return new ColumnSums(
                            columns.get(i).name(), sums.nulls[i], here.nulls(), sums.values[i].toString(), here.hex());
                })
                .toList();
    }

    /** Takes a part of the source a second time. */
    public void readAgain(ChunkReader reader) throws Exception {
        if (!again) {
            again = true;
            sums = new SourceSums();
        }
        take(
                reader,
                typed -> execute("INSERT INTO here SELECT *, " + hashOfRow() + " FROM (" + typed + ") WHERE " + bucket()
                        + " IN (SELECT bucket FROM differing)"),
                sums);
    }

    /**
     * Says what differs, once all parts were read again.
     *
     * @param limit rows to be listed at the most
     * @param shown columns that may be shown, with what is to be hidden of them; of others nothing is said but that they differ
     */
    public Differences differences(int limit, Map<String, Mask> shown) {
        String keys = keys("");
        try {
            execute("CREATE OR REPLACE TEMP TABLE there AS SELECT *, " + hashOfRow() + " AS h FROM " + lakeRows()
                    + " WHERE " + bucket() + " IN (SELECT bucket FROM differing)");
            // What is on both sides alike cancels out, however often it is there.
            execute("CREATE OR REPLACE TEMP TABLE net AS SELECT " + keys + ", h, sum(side)::BIGINT AS n FROM (SELECT "
                    + keys + ", h, 1 AS side FROM here UNION ALL SELECT " + keys
                    + ", h, -1 FROM there) GROUP BY ALL HAVING sum(side) <> 0");
            execute("CREATE OR REPLACE TEMP TABLE found AS SELECT "
                    + key.stream()
                            .map(i -> "CASE WHEN p.h IS NULL THEN m.c" + i + " ELSE p.c" + i + " END AS c" + i)
                            .collect(Collectors.joining(", "))
                    + ", p.h AS source, m.h AS lake FROM " + side(">") + " AS p FULL JOIN " + side("<") + " AS m ON "
                    + same("p", "m") + " AND p.nth = m.nth");
            long[] totals = new long[3];
            try (Statement statement = connection.createStatement();
                    ResultSet row =
                            statement.executeQuery("SELECT count(*) FILTER (lake IS NULL), count(*) FILTER (source IS"
                                    + " NULL), count(*) FILTER (source IS NOT NULL AND lake IS NOT NULL) FROM found")) {
                row.next();
                for (int i = 0; i < totals.length; i++) {
                    totals[i] = row.getLong(i + 1);
                }
            }
            return new Differences(totals[0], totals[1], totals[2], listed(limit, shown));
        } catch (SQLException e) {
            throw Lake.failure("Cannot say what differs in " + name, e);
        }
    }

    /**
     * Makes the table hold what the source was found to hold, in one commit, provided that it still is at the snapshot it was compared
     * at; then sums the whole table again.
     *
     * @param summary to be kept with the snapshot
     * @throws LakeException {@code PROOF_FAILED} when the table has changed in the meantime, or does not add up afterwards to what the
     *     source gave: it is to be collected anew
     */
    public Applied repair(Map<String, String> summary) {
        try {
            if (isKeyless()) {
                changes.spool("SELECT " + list(columns.size(), i -> "c" + i) + ", CASE WHEN n > 0 THEN "
                        + Op.INSERT.ordinal() + " ELSE " + Op.DELETE.ordinal()
                        + " END FROM (SELECT *, unnest(range(abs(n))) FROM net)");
            } else {
                String keyed = "(SELECT DISTINCT " + keys("") + " FROM found) AS f";
                changes.spool("SELECT " + list(columns.size(), i -> "s.c" + i) + ", " + Op.UPDATE.ordinal()
                        + " FROM here AS s SEMI JOIN " + keyed + " ON " + same("s", "f"));
                changes.spool("SELECT "
                        + list(columns.size(), i -> key.contains(i) ? "f.c" + i : "NULL::" + type(i))
                        + ", " + Op.DELETE.ordinal() + " FROM " + keyed + " ANTI JOIN here AS s ON " + same("s", "f"));
            }
            Applied applied = changes.commitOn(snapshot, summary)
                    .orElseThrow(() -> new LakeException(
                            LakeException.Kind.PROOF_FAILED, "There was nothing to change in " + name));
            Table table = lake.table(name);
            LiveFiles now =
                    LiveFiles.of(table, requireNonNull(table.snapshot(applied.snapshotId())), Expressions.alwaysTrue());
            now.loadDeletes(connection);
            lakeSums = Sums.of(connection, Scan.relation(table.schema(), now), table.schema());
            if (lakeSums.rows() != sums.rows || !columns().stream().allMatch(ColumnSums::holds)) {
                throw new LakeException(
                        LakeException.Kind.PROOF_FAILED,
                        name + " does not add up to what the source gave, which may have gone on changing");
            }
            return applied;
        } catch (SQLException e) {
            throw Lake.failure("Cannot repair " + name, e);
        }
    }

    @Override
    public void close() {
        changes.close();
        hold.close();
    }

    private boolean isKeyless() {
        return key.size() == columns.size();
    }

    /** What was read of the source so far. */
    private final class SourceSums {
        private final long[] nulls = new long[columns.size()];
        private final Checksum[] values = new Checksum[columns.size()];
        private long rows;

        SourceSums() {
            for (int i = 0; i < values.length; i++) {
                values[i] = new Checksum();
            }
        }

        void add(Batch batch, long more) {
            rows += more;
            for (int i = 0; i < values.length; i++) {
                nulls[i] += batch.nullCount(i);
                values[i].add(batch.checksum(i));
            }
        }
    }

    private interface Taking {
        void take(String typedRows) throws SQLException;
    }

    private long take(ChunkReader reader, Taking taking, SourceSums into) throws Exception {
        try (Engine.Room room = lake.engine().room(columns.size());
                Engine.Feed feed = lake.engine().feed(columns, false, reader)) {
            try {
                taking.take("SELECT "
                        + list(
                                columns.size(),
                                i -> Types.fromVector(columns.get(i).type(), "c" + i) + "::" + type(i) + " AS c" + i)
                        + " FROM " + Engine.FEED + "(" + feed.number() + ")");
            } catch (SQLException e) {
                Exception failure = feed.failure();
                throw failure != null ? failure : Lake.failure("Cannot compare " + name, e);
            }
            into.add(feed.batch(), feed.rows());
            return feed.rows();
        }
    }

    private String bucketSums(String rows) {
        return "SELECT " + bucket() + ", count(*), sum(" + hashOfRow() + ") FROM " + rows + " GROUP BY 1";
    }

    private static Bucket bucket(ResultSet row) throws SQLException {
        return new Bucket(row.getLong(2), new BigInteger(row.getString(3)));
    }

    /** Which bucket a row falls into. */
    private String bucket() {
        return "(hash(" + keys("") + ") & " + (buckets - 1) + "::UBIGINT)";
    }

    private String hashOfRow() {
        return "hash(" + list(columns.size(), i -> "c" + i) + ")";
    }

    private String lakeRows() {
        return "(SELECT " + list(columns.size(), i -> "c" + i + "::" + type(i) + " AS c" + i) + " FROM "
                + Scan.rows(schema.columns(), files) + ")";
    }

    /** The rows that one side has more of, each as often as it has more. */
    private String side(String sign) {
        return "(SELECT *, row_number() OVER (PARTITION BY " + keys("") + " ORDER BY h) AS nth FROM (SELECT *,"
                + " unnest(range(abs(n))) FROM net WHERE n " + sign + " 0))";
    }

    private String keys(String of) {
        return key.stream().map(i -> of + "c" + i).collect(Collectors.joining(", "));
    }

    private String same(String one, String other) {
        return key.stream()
                .map(i -> one + ".c" + i + " IS NOT DISTINCT FROM " + other + ".c" + i)
                .collect(Collectors.joining(" AND "));
    }

    private List<RowDifference> listed(int limit, Map<String, Mask> shown) throws SQLException {
        execute("CREATE OR REPLACE TEMP TABLE listed AS SELECT * FROM found ORDER BY " + keys("")
                + ", source, lake LIMIT " + limit);
        List<Integer> values = isKeyless()
                ? List.of()
                : IntStream.range(0, columns.size())
                        .filter(i -> !key.contains(i))
                        .boxed()
                        .toList();
        StringBuilder select = new StringBuilder("SELECT f.source IS NULL, f.lake IS NULL");
        key.forEach(i -> select.append(", ").append(text(i, "f", shown)));
        values.forEach(i -> select.append(", s.c")
                .append(i)
                .append(" IS DISTINCT FROM l.c")
                .append(i)
                .append(", ")
                .append(text(i, "s", shown))
                .append(", ")
                .append(text(i, "l", shown)));
        select.append(" FROM listed AS f LEFT JOIN ")
                .append(one("here", "source"))
                .append(" AS s ON ")
                .append(same("f", "s"))
                .append(" AND s.h = f.source LEFT JOIN ")
                .append(one("there", "lake"))
                .append(" AS l ON ")
                .append(same("f", "l"))
                .append(" AND l.h = f.lake ORDER BY ")
                .append(keys("f."));
        List<RowDifference> rows = new ArrayList<>();
        long characters = 0;
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(select.toString())) {
            while (row.next() && characters < LISTED_CHARACTERS) {
                RowDifference difference = difference(row, values, shown);
                rows.add(difference);
                characters += difference.toString().length();
            }
        }
        return rows;
    }

    private RowDifference difference(ResultSet row, List<Integer> values, Map<String, Mask> shown) throws SQLException {
        Kind kind = row.getBoolean(1) ? Kind.EXTRA : row.getBoolean(2) ? Kind.MISSING : Kind.DIFFERENT;
        int at = 3;
        List<Cell> keyCells = new ArrayList<>();
        for (int i : key) {
            String column = columns.get(i).name();
            String value = row.getString(at++);
            keyCells.add(new Cell(
                    column,
                    isShown(column, shown),
                    kind == Kind.EXTRA ? null : value,
                    kind == Kind.MISSING ? null : value));
        }
        List<Cell> cells = new ArrayList<>();
        for (int i : values) {
            boolean differs = row.getBoolean(at++);
            String source = row.getString(at++);
            String inLake = row.getString(at++);
            if (differs && kind == Kind.DIFFERENT) {
                String column = columns.get(i).name();
                cells.add(new Cell(column, isShown(column, shown), source, inLake));
            }
        }
        return new RowDifference(kind, keyCells, cells);
    }

    /** Of rows that are there several times alike one is enough. */
    private String one(String table, String hash) {
        return "(SELECT * FROM " + table + " WHERE h IN (SELECT " + hash + " FROM listed) QUALIFY row_number() OVER"
                + " (PARTITION BY " + keys("") + ", h) = 1)";
    }

    private static boolean isShown(String column, Map<String, Mask> shown) {
        Mask mask = shown.getOrDefault(column, new Mask.Hide());
        return !(mask instanceof Mask.Hide);
    }

    private String text(int i, String of, Map<String, Mask> shown) {
        Column column = columns.get(i);
        Mask mask = shown.getOrDefault(column.name(), new Mask.Hide());
        return "left(" + Scan.masked(Lake.text(type(i), of + ".c" + i), mask) + ", " + SHOWN_CHARACTERS + ")";
    }

    private String type(int column) {
        return Types.duckdb(Types.iceberg(columns.get(column).type()));
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static List<List<Long>> pieces(Set<Long> all) {
        Map<Integer, List<Long>> pieces = new LinkedHashMap<>();
        int n = 0;
        for (Long each : all) {
            pieces.computeIfAbsent(n++ / 1_000, any -> new ArrayList<>()).add(each);
        }
        return List.copyOf(pieces.values());
    }

    private static String list(int n, IntFunction<String> each) {
        return IntStream.range(0, n).mapToObj(each).collect(Collectors.joining(", "));
    }
}

package org.qiantang.lake;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.RowDelta;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotUpdate;
import org.apache.iceberg.Table;
import org.apache.iceberg.Transaction;
import org.apache.iceberg.deletes.BaseDVFileWriter;
import org.apache.iceberg.deletes.DVFileWriter;
import org.apache.iceberg.deletes.PositionDeleteIndex;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.exceptions.ValidationException;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.io.OutputFileFactory;
import org.apache.iceberg.types.Types.NestedField;
import org.jspecify.annotations.Nullable;

/**
 * Rows that were inserted, updated and deleted at a source, in their order, on their way into a table. They wait in the engine, which
 * moves them to disk when they are many; {@link #commit} applies all of them as one snapshot: for each key its last state, former rows
 * deleted by deletion vectors.
 *
 * <p>Not thread-safe. After a commit the next changes may follow.
 */
public final class TableChanges implements AutoCloseable {
    private static final long LARGEST_BATCH_BYTES = 8L << 20;

    /** So often is applied anew what another engine's commit came in the way of. */
    private static final int TRIES = 20;

    /** How a change stands to what the table has. */
    public enum Op {
        INSERT,
        UPDATE,
        DELETE;

        private static final String INSERTED = "0";
        private static final String DELETED = "2";
    }

    /** What may be relied on. */
    public enum Delivery {
        /** Each change comes once: a row to be changed is there, a row to be inserted is not, or the table is not what it should be. */
        EXACTLY_ONCE,
        /** A change may come again: an insert replaces, a deletion of what is not there is none. */
        AT_LEAST_ONCE,
    }

    /** What a commit did to the table. */
    public record Applied(
            TableName table, long snapshotId, Instant at, long rowsAdded, long rowsRemoved, long rows, long bytes) {}

    private final Lake lake;
    private final TableName name;
    private final List<Column> columns;
    private final List<Integer> key;
    private final Delivery delivery;
    private final Batch batch;
    private final Connection connection;
    private int filled;
    private long taken;
    private long spooled;
    private boolean truncated;
    private boolean anyKept;
    /** The files whose deleted rows the connection knows. */
    private LiveFiles read = LiveFiles.NONE;

    TableChanges(Lake lake, TableName name, List<Column> columns, List<String> key, Delivery delivery) {
        this.lake = lake;
        this.name = name;
        this.columns = List.copyOf(columns);
        List<String> names = columns.stream().map(Column::name).toList();
        this.key = key.stream().map(names::indexOf).toList();
        if (this.key.contains(-1)) {
            throw new IllegalArgumentException("The key " + key + " of " + name + " is not among its columns");
        }
        this.delivery = delivery;
        List<Column> travelling = new ArrayList<>(columns);
        travelling.add(new Column("seq", LakeType.INT64, "", null));
        travelling.add(new Column("op", LakeType.INT64, "", null));
        travelling.add(new Column("kept", LakeType.TEXT, "", null));
        batch = new Batch(travelling);
        try {
            connection = lake.engine().connect();
            execute("CREATE TEMP TABLE spool (" + list(columns.size(), i -> "c" + i + " " + type(i))
                    + ", seq BIGINT, op BIGINT, kept VARCHAR)");
        } catch (SQLException e) {
            throw Lake.failure("Cannot take changes of " + name, e);
        }
    }

    /** The columns whose cells are set, in order. */
    public List<Column> columns() {
        return columns;
    }

    /** Where the cells of the row that {@link #row} gave are set, all of them. */
    public Batch batch() {
        return batch;
    }

    /**
     * Begins the next change and returns its row in the batch. Of a deletion the key is enough, or the whole row where there is no key;
     * its other cells are null. An update that changes the key is a deletion and an insertion.
     *
     * @param kept columns of an updated row whose value stays what it was, their cells null; null when there are none
     */
    public int row(Op op, @Nullable BitSet kept) {
        if (filled == Batch.CAPACITY || batch.bytesHeld() > LARGEST_BATCH_BYTES) {
            spool();
        }
        int row = filled++;
        int n = columns.size();
        batch.setLong(n, row, taken++);
        batch.setLong(n + 1, row, op.ordinal());
        if (kept == null || kept.isEmpty()) {
            batch.setNull(n + 2, row);
        } else {
            anyKept = true;
            batch.setText(n + 2, row, kept.stream().mapToObj(i -> "" + i).collect(Collectors.joining(",", ",", ",")));
        }
        return row;
    }

    /** The table was emptied at the source: nothing that came before counts. */
    public void truncate() {
        filled = 0;
        batch.clear();
        truncated = true;
        anyKept = false;
        try {
            execute("DELETE FROM spool");
        } catch (SQLException e) {
            throw Lake.failure("Cannot take changes of " + name, e);
        }
        spooled = 0;
        taken = 0;
    }

    /** Changes that wait to be applied. */
    public long waiting() {
        return spooled + filled;
    }

    /** Whether there is anything to apply. */
    public boolean isEmpty() {
        return waiting() == 0 && !truncated;
    }

    /**
     * What some columns of the row had that the newest change deletes: for the rare update that changes the key and leaves a large value
     * where it is.
     *
     * @param wanted columns of type text or binary
     * @return by column a {@code String}, a {@code byte[]}, or nothing where the value is null
     * @throws LakeException {@code PROOF_FAILED} when there was no such row
     */
    public Map<Integer, Object> former(BitSet wanted) {
        spool();
        long newest = taken - 1;
        String same = key.stream().map(i -> "s.c" + i + " = d.c" + i).collect(Collectors.joining(" AND "));
        String waiting = "SELECT "
                + wanted.stream()
                        .mapToObj(i -> "arg_max({'v': s.c" + i + "}, s.seq) FILTER (s.op <> " + Op.DELETED + " AND NOT "
                                + keeps("s.kept", i) + ") AS w" + i)
                        .collect(Collectors.joining(", "))
                + " FROM spool s JOIN spool d ON " + same + " AND s.seq < d.seq WHERE d.seq = " + newest;
        try (Lake.Turn turn = lake.turn(name)) {
            Optional<Table> table = lake.find(name);
            List<NestedField> fields =
                    table.map(Table::schema).orElseGet(this::schema).columns();
            LiveFiles files = files(table, Expressions.alwaysTrue());
            List<Integer> read = new ArrayList<>(key);
            wanted.stream().forEach(read::add);
            String stored = "SELECT " + list(read.size(), i -> "t.c" + i + " AS k" + read.get(i)) + " FROM "
                    + Scan.rows(read.stream().map(fields::get).toList(), files) + " AS t JOIN spool d ON "
                    + key.stream()
                            .map(i -> "t.c" + read.indexOf(i) + " = d.c" + i)
                            .collect(Collectors.joining(" AND "))
                    + " WHERE d.seq = " + newest;
            try (Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery("SELECT "
                            + wanted.stream()
                                    .mapToObj(i ->
                                            "CASE WHEN w" + i + " IS NOT NULL THEN w" + i + ".v ELSE k" + i + " END")
                                    .collect(Collectors.joining(", "))
                            + " FROM (" + waiting + ") LEFT JOIN (" + stored + ") ON true")) {
                return values(row, wanted);
            }
        } catch (SQLException e) {
            throw Lake.failure("Cannot look up a row of " + name, e);
        } finally {
            forget();
        }
    }

    private Map<Integer, Object> values(ResultSet row, BitSet wanted) throws SQLException {
        if (!row.next()) {
            throw noSuchRow();
        }
        Map<Integer, Object> values = new HashMap<>();
        int at = 0;
        for (int i = wanted.nextSetBit(0); i >= 0; i = wanted.nextSetBit(i + 1)) {
            at++;
            Object value = columns.get(i).type() instanceof LakeType.Binary ? row.getBytes(at) : row.getString(at);
            if (value != null) {
                values.put(i, value);
            }
        }
        return values;
    }

    private LakeException noSuchRow() {
        return new LakeException(
                LakeException.Kind.PROOF_FAILED, "A row of " + name + " that changed is not in the lake");
    }

    /**
     * Applies what waits, together with what is to be kept with the snapshot. Once this returns it survives any crash; when it throws,
     * the table is as it was, or, when the catalogue was lost meanwhile, as it was to be: its summary tells.
     *
     * @return nothing when the changes cancel each other out
     * @throws LakeException {@code PROOF_FAILED} when the table does not hold the rows that changed
     */
    public Optional<Applied> commit(Map<String, String> summary) {
        return commit(summary, null);
    }

    /** The same, but only while the table's newest snapshot is this one; {@code PROOF_FAILED} when it is another. */
    Optional<Applied> commitOn(long snapshot, Map<String, String> summary) {
        return commit(summary, snapshot);
    }

    private Optional<Applied> commit(Map<String, String> summary, @Nullable Long onlyOn) {
        spool();
        try (Lake.Turn turn = lake.turn(name)) {
            if (onlyOn != null && lake.table(name).currentSnapshot().snapshotId() != onlyOn) {
                throw new LakeException(LakeException.Kind.PROOF_FAILED, name + " has changed in the meantime");
            }
            Optional<Applied> applied = applyToNewest(summary);
            execute("DELETE FROM spool");
            spooled = 0;
            taken = 0;
            truncated = false;
            anyKept = false;
            return applied;
        } catch (SQLException e) {
            throw Lake.failure("Cannot apply changes to " + name, e);
        } catch (IOException e) {
            throw LakeException.storage("Cannot apply changes to " + name, e);
        } finally {
            forget();
        }
    }

    @Override
    public void close() {
        batch.close();
        try {
            connection.close();
        } catch (SQLException e) {
            throw Lake.failure("Cannot leave the changes of " + name, e);
        }
    }

    /** Where changes wait; who looks at it must not use it at the same time. */
    Connection connection() {
        return connection;
    }

    /** Takes changes that are in the engine already: a query on {@link #connection} whose columns are the table's and the op's number. */
    void spool(String changed) throws SQLException {
        spool();
        int n = columns.size();
        try (Statement statement = connection.createStatement()) {
            long more = statement.executeUpdate("INSERT INTO spool SELECT " + list(n, i -> "x" + i) + ", " + taken
                    + " + row_number() OVER (), op, NULL FROM (" + changed + ") AS changed(" + list(n, i -> "x" + i)
                    + ", op)");
            taken += more + 1;
            spooled += more;
        }
    }

    /** Moves the batch into the engine. */
    private void spool() {
        if (filled == 0) {
            return;
        }
        try (Engine.Feed feed = lake.engine().feed(batch, filled)) {
            int n = columns.size();
            execute("INSERT INTO spool SELECT "
                    + list(n, i -> Types.fromVector(columns.get(i).type(), "c" + i))
                    + ", c" + n + ", c" + (n + 1) + ", c" + (n + 2) + " FROM " + Engine.FEED + "(" + feed.number()
                    + ")");
        } catch (SQLException e) {
            throw Lake.failure("Cannot take changes of " + name, e);
        }
        spooled += filled;
        filled = 0;
        batch.clear();
    }

    /** Applies what waits; when another engine has changed the same files meanwhile, once more to what the table is now. */
    private Optional<Applied> applyToNewest(Map<String, String> summary) throws SQLException, IOException {
        for (int attempt = 1; ; attempt++) {
            try {
                return apply(summary);
            } catch (ValidationException | CommitFailedException e) {
                if (attempt == TRIES) {
                    throw new LakeException(
                            LakeException.Kind.STORAGE, "Cannot commit " + name + ": " + e.getMessage(), e);
                }
                forget();
            }
        }
    }

    private Optional<Applied> apply(Map<String, String> summary) throws SQLException, IOException {
        Optional<Table> present = lake.find(name);
        LiveFiles files = files(present, keysBetween());
        Transaction transaction = lake.transaction(name, columns);
        Table table = transaction.table();
        Snapshot base = table.currentSnapshot();
        Schema schema = table.schema();
        String rows = key.isEmpty() ? net(schema, files) : latest(schema, files);
        List<DeleteFile> added = new ArrayList<>();
        List<DeleteFile> replaced = new ArrayList<>();
        List<CharSequence> referenced = new ArrayList<>();
        long removed = removeHits(table, files, added, replaced, referenced);
        try (NewFile written = new NewFile(lake, table, schema)) {
            DataFile file = written.write(connection, rows);
            if (file != null) {
                prove(written, schema, rows);
            }
            if (file == null && added.isEmpty() && !truncated && !schemaChanged(transaction)) {
                return Optional.empty();
            }
            SnapshotUpdate<?> update;
            if (truncated) {
                var overwrite = transaction.newOverwrite().overwriteByRowFilter(Expressions.alwaysTrue());
                if (file != null) {
                    overwrite.addFile(file);
                }
                update = overwrite;
            } else {
                RowDelta delta = transaction.newRowDelta();
                if (file != null) {
                    delta.addRows(file);
                }
                added.forEach(delta::addDeletes);
                replaced.forEach(delta::removeDeletes);
                if (base != null) {
                    delta.validateFromSnapshot(base.snapshotId());
                }
                update = delta.validateDataFilesExist(referenced)
                        .validateDeletedFiles()
                        .validateNoConflictingDeleteFiles();
            }
            summary.forEach(update::set);
            update.scanManifestsWith(Inline.EXECUTOR);
            try {
                update.commit();
                transaction.commitTransaction();
            } catch (ValidationException | CommitFailedException e) {
                throw e;
            } catch (RuntimeException e) {
                if (Lake.mayBeCommitted(e)) {
                    written.keep();
                }
                throw LakeException.storage("Cannot commit " + name, e);
            }
            written.keep();
            lake.grew(name);
            Snapshot now = requireNonNull(transaction.table().currentSnapshot());
            Queries.TableState state = Lake.state(name, now);
            return Optional.of(new Applied(
                    name,
                    now.snapshotId(),
                    state.committedAt(),
                    file == null ? 0 : file.recordCount(),
                    removed,
                    state.rows(),
                    state.bytes()));
        }
    }

    /** The files in which former rows may be, their deleted rows known to the connection. */
    private LiveFiles files(Optional<Table> table, Expression filter) throws SQLException {
        if (truncated || table.isEmpty()) {
            return LiveFiles.NONE;
        }
        read = LiveFiles.of(table.get(), table.get().currentSnapshot(), filter);
        read.loadDeletes(connection);
        return read;
    }

    /** The schema of a table that is not there yet. */
    private Schema schema() {
        return new Schema(IntStream.range(0, columns.size())
                .mapToObj(i -> NestedField.optional(
                        i + 1,
                        columns.get(i).name(),
                        Types.iceberg(columns.get(i).type())))
                .toList());
    }

    private boolean schemaChanged(Transaction transaction) {
        return lake.find(name)
                .map(table -> table.schema().schemaId()
                        != transaction.table().schema().schemaId())
                .orElse(true);
    }

    /** Leaves out files that cannot hold the keys, where the first column of the key has an order that files know the bounds of. */
    private Expression keysBetween() throws SQLException {
        if (key.isEmpty()) {
            return Expressions.alwaysTrue();
        }
        Column first = columns.get(key.getFirst());
        String column = "c" + key.getFirst();
        if (!(first.type() instanceof LakeType.Int64) && !(first.type() instanceof LakeType.Int32)) {
            return Expressions.alwaysTrue();
        }
        try (Statement statement = connection.createStatement();
                ResultSet bounds = statement.executeQuery("SELECT min(" + column + "), max(" + column + ") FROM spool"
                        + (delivery == Delivery.EXACTLY_ONCE ? " WHERE op <> " + Op.INSERTED : ""))) {
            bounds.next();
            long low = bounds.getLong(1);
            if (bounds.wasNull()) {
                return Expressions.alwaysFalse();
            }
            long high = bounds.getLong(2);
            return Expressions.and(
                    Expressions.greaterThanOrEqual(first.name(), low), Expressions.lessThanOrEqual(first.name(), high));
        }
    }

    /** Finds the former rows of the keys, into {@code hit}; the query of the rows that take their place. */
    private String latest(Schema schema, LiveFiles files) throws SQLException {
        String keys = key.stream().map(i -> "c" + i).collect(Collectors.joining(", "));
        boolean exact = delivery == Delivery.EXACTLY_ONCE;
        execute("CREATE OR REPLACE TEMP TABLE ends AS SELECT " + keys
                + ", max(seq) AS newest, arg_min(op, seq) AS first FROM spool GROUP BY " + keys);
        String touched = "(SELECT * FROM ends" + (exact ? " WHERE first <> " + Op.INSERTED : "") + ")";
        List<Integer> kept = anyKept ? kept() : List.of();
        List<Integer> read = new ArrayList<>(key);
        kept.stream().filter(i -> !key.contains(i)).forEach(read::add);
        List<NestedField> fields = schema.columns();
        execute("CREATE OR REPLACE TEMP TABLE hit AS SELECT t.file, t.file_row_number"
                + read.stream()
                        .map(i -> ", t.c" + read.indexOf(i) + " AS k" + i)
                        .collect(Collectors.joining())
                + " FROM " + Scan.rows(read.stream().map(fields::get).toList(), files)
                + " AS t SEMI JOIN " + touched + " AS u ON "
                + key.stream().map(i -> "t.c" + read.indexOf(i) + " = u.c" + i).collect(Collectors.joining(" AND ")));
        if (exact && !truncated) {
            expect("SELECT count(*) FROM hit", "SELECT count(*) FROM " + touched);
        }
        String join = "";
        if (!kept.isEmpty()) {
            execute("CREATE OR REPLACE TEMP TABLE former AS SELECT " + keys
                    + kept.stream()
                            .map(i -> ", arg_max({'v': c" + i + "}, seq) FILTER (NOT " + keeps("spool.kept", i)
                                    + ") AS l" + i)
                            .collect(Collectors.joining())
                    + " FROM spool WHERE op <> " + Op.DELETED + " GROUP BY " + keys);
            join = " LEFT JOIN former AS s ON "
                    + key.stream().map(i -> "s.c" + i + " = f.c" + i).collect(Collectors.joining(" AND "))
                    + " LEFT JOIN hit AS h ON "
                    + key.stream().map(i -> "h.k" + i + " = f.c" + i).collect(Collectors.joining(" AND "));
        }
        return "SELECT "
                + list(
                        columns.size(),
                        i -> (kept.contains(i)
                                        ? "CASE WHEN NOT " + keeps("f.kept", i) + " THEN f.c" + i + " WHEN s.l" + i
                                                + " IS NOT NULL THEN s.l" + i + ".v ELSE h.k" + i + " END"
                                        : "f.c" + i)
                                + " AS " + Sql.name(columns.get(i).name()))
                + " FROM (SELECT * FROM spool SEMI JOIN ends ON ends.newest = spool.seq WHERE op <> " + Op.DELETED
                + ") AS f" + join;
    }

    private static String keeps(String kept, int column) {
        return "coalesce(contains(" + kept + ", '," + column + ",'), false)";
    }

    /** The columns that some row keeps. */
    private List<Integer> kept() throws SQLException {
        TreeSet<Integer> kept = new TreeSet<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT DISTINCT kept FROM spool WHERE kept IS NOT NULL")) {
            while (rows.next()) {
                for (String column : rows.getString(1).split(",")) {
                    if (!column.isEmpty()) {
                        kept.add(Integer.valueOf(column));
                    }
                }
            }
        }
        return List.copyOf(kept);
    }

    /** Without a key a table is a bag of rows: what counts is how many of each came or went. */
    private String net(Schema schema, LiveFiles files) throws SQLException {
        String all = list(columns.size(), i -> "c" + i);
        execute("CREATE OR REPLACE TEMP TABLE fresh AS SELECT " + all + ", sum(CASE op WHEN " + Op.DELETED
                + " THEN -1 ELSE 1 END)::BIGINT AS n FROM spool GROUP BY " + all + " HAVING n <> 0");
        execute("CREATE OR REPLACE TEMP TABLE hit AS SELECT file, file_row_number FROM (SELECT t.file,"
                + " t.file_row_number, -u.n AS gone, row_number() OVER (PARTITION BY "
                + list(columns.size(), i -> "t.c" + i) + ") AS nth FROM " + Scan.rows(schema.columns(), files)
                + " AS t JOIN (SELECT * FROM fresh WHERE n < 0) AS u ON "
                + IntStream.range(0, columns.size())
                        .mapToObj(i -> "t.c" + i + " IS NOT DISTINCT FROM u.c" + i)
                        .collect(Collectors.joining(" AND "))
                + ") WHERE nth <= gone");
        if (delivery == Delivery.EXACTLY_ONCE && !truncated) {
            expect("SELECT count(*) FROM hit", "SELECT coalesce(-sum(n), 0)::BIGINT FROM fresh WHERE n < 0");
        }
        return "SELECT "
                + list(
                        columns.size(),
                        i -> "c" + i + " AS " + Sql.name(columns.get(i).name()))
                + " FROM (SELECT *, unnest(range(n)) FROM fresh WHERE n > 0)";
    }

    /** Writes the deletion vectors of the rows in {@code hit}. */
    private long removeHits(
            Table table,
            LiveFiles files,
            List<DeleteFile> added,
            List<DeleteFile> replaced,
            List<CharSequence> referenced)
            throws SQLException, IOException {
        Map<String, DeleteFile> former = files.partial().stream()
                .collect(Collectors.toMap(each -> each.file().location(), LiveFiles.Partial::deletes));
        DVFileWriter vectors = new BaseDVFileWriter(
                OutputFileFactory.builderFor(table, 1, 1)
                        .format(org.apache.iceberg.FileFormat.PUFFIN)
                        .build(),
                path -> former(former.get(path)));
        long removed = 0;
        try (vectors;
                Statement statement = connection.createStatement();
                ResultSet hits = statement.executeQuery("SELECT file, file_row_number FROM hit")) {
            while (hits.next()) {
                DataFile file = files.file(hits.getInt(1));
                vectors.delete(file.location(), hits.getLong(2), table.spec(), file.partition());
                removed++;
            }
        }
        if (removed > 0) {
            var result = vectors.result();
            added.addAll(result.deleteFiles());
            replaced.addAll(result.rewrittenDeleteFiles());
            result.referencedDataFiles().forEach(referenced::add);
        }
        return removed;
    }

    private static PositionDeleteIndex former(@Nullable DeleteFile vector) {
        return vector == null ? PositionDeleteIndex.empty() : LiveFiles.deleted(vector);
    }

    private void expect(String found, String wanted) throws SQLException {
        long is = number(found);
        long should = number(wanted);
        if (is != should) {
            throw new LakeException(
                    LakeException.Kind.PROOF_FAILED,
                    "Of " + should + " rows of " + name + " that changed the lake holds " + is);
        }
    }

    private void prove(NewFile written, Schema schema, String rows) throws SQLException {
        Sums read =
                Sums.of(connection, "read_parquet(" + Sql.text(written.path().toString()) + ")", schema);
        if (!read.equals(Sums.of(connection, "(" + rows + ")", schema))) {
            throw new LakeException(
                    LakeException.Kind.PROOF_FAILED, "Changes of " + name + " do not read back as they were written");
        }
    }

    private long number(String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        }
    }

    private void forget() {
        for (String table : List.of("ends", "fresh", "hit", "former")) {
            try {
                execute("DROP TABLE IF EXISTS temp.main." + table);
            } catch (SQLException e) {
                System.getLogger(TableChanges.class.getName())
                        .log(System.Logger.Level.DEBUG, "A temporary table stays for now", e);
            }
        }
        try {
            read.forgetDeletes(connection);
        } catch (SQLException e) {
            throw Lake.failure("Cannot leave the changes of " + name, e);
        }
    }

    private String type(int column) {
        return Types.duckdb(Types.iceberg(columns.get(column).type()));
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static String list(int n, IntFunction<String> each) {
        return IntStream.range(0, n).mapToObj(each).collect(Collectors.joining(", "));
    }
}

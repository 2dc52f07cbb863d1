package org.qiantang.lake;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.iceberg.ManageSnapshots;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.Table;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.types.Types.NestedField;
import org.jspecify.annotations.Nullable;

/**
 * The steps of a table's feed. What a step changes for the reader is the difference, as bags, between the rows that only the later state
 * has and those that only the earlier one has, both as the reader sees them: what was only written anew, or changed where the reader does
 * not look, falls out by itself. A large step is sorted once into a file beside what spills, of which each part is read; the file is only
 * a way not to do it again.
 */
final class Feeding {
    private static final String KEPT = "feed-";
    private static final String SPOOLED = "feed-";

    /** Of so many rows it is no work to sort them again for the next part. */
    private static final long FEW = 20_000;

    private static final int ROW_GROUP = 20_480;
    private static final Duration UNUSED = Duration.ofHours(1);

    private final Lake lake;
    private final LakeSettings settings;

    Feeding(Lake lake, LakeSettings settings) {
        this.lake = lake;
        this.settings = settings;
    }

    static Set<Long> kept(Table table) {
        return table.refs().entrySet().stream()
                .filter(ref -> ref.getKey().startsWith(KEPT))
                .map(ref -> ref.getValue().snapshotId())
                .collect(Collectors.toUnmodifiableSet());
    }

    void keep(TableName name, long snapshot) {
        try (Lake.Turn turn = lake.turn(name)) {
            Table table = lake.table(name);
            if (table.snapshot(snapshot) == null) {
                throw gone(name, snapshot);
            }
            if (!table.refs().containsKey(KEPT + snapshot)) {
                table.manageSnapshots().createTag(KEPT + snapshot, snapshot).commit();
            }
        }
    }

    void release(TableName name, Set<Long> snapshots) {
        try (Lake.Turn turn = lake.turn(name)) {
            Optional<Table> table = lake.find(name);
            if (table.isEmpty()) {
                return;
            }
            ManageSnapshots change = table.get().manageSnapshots();
            SnapshotRef main = table.get().refs().get(SnapshotRef.MAIN_BRANCH);
            boolean any = false;
            for (long snapshot : snapshots) {
                // Whoever begins now begins with the newest.
                boolean newest = main != null && main.snapshotId() == snapshot;
                if (!newest && table.get().refs().containsKey(KEPT + snapshot)) {
                    change.removeTag(KEPT + snapshot);
                    any = true;
                }
            }
            if (any) {
                change.commit();
            }
        }
    }

    Feeds.Head head(TableName name, TablePolicy policy) {
        Table table = lake.table(name);
        Snapshot now = table.currentSnapshot();
        if (now == null) {
            throw new LakeException(LakeException.Kind.NO_SUCH_SNAPSHOT, name + " holds nothing yet");
        }
        Scan scan = scan(name, now, table.schema(), policy, LiveFiles.NONE);
        return new Feeds.Head(
                now.snapshotId(), table.schema().schemaId(), shape(scan), Instant.ofEpochMilli(now.timestampMillis()));
    }

    private static Scan scan(TableName name, Snapshot snapshot, Schema schema, TablePolicy policy, LiveFiles files) {
        return new Scan(Lake.state(name, snapshot), schema, schema, files, policy);
    }

    /** Of hidden columns only those count that say which rows there are. */
    private static String shape(Scan scan) {
        List<String> parts = new ArrayList<>();
        Set<String> conditions =
                scan.policy().rows().stream().map(RowCondition::column).collect(Collectors.toSet());
        for (NestedField field : scan.schema().columns()) {
            boolean seen = !(scan.policy().mask(field.name()) instanceof Mask.Omit);
            if (seen || conditions.contains(field.name())) {
                parts.add(field.fieldId() + " " + field.type() + " " + (seen ? field.name() : ""));
            }
        }
        parts.add(scan.policy().fingerprint());
        return hash(String.join("\n", parts));
    }

    static String hash(String text) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** @param held keeps both states while they are read */
    Feeds.Part read(Feeds.Step step, RowSink sink, List<Lake.Turn> held, Trino.Watched watch) throws SQLException {
        held.add(lake.hold(step.table(), step.to()));
        if (step.from() != null) {
            held.add(lake.hold(step.table(), step.from()));
        }
        Table table = lake.table(step.table());
        Schema schema = Optional.ofNullable(table.schemas().get(step.schema()))
                .orElseThrow(() -> gone(step.table(), step.to()));
        Snapshot to = snapshot(table, step.table(), step.to());
        if (step.from() != null) {
            snapshot(table, step.table(), step.from());
        }
        try (Connection connection = lake.aside();
                Statement statement = connection.createStatement()) {
            statement.execute("SET TimeZone = " + Sql.text(settings.zone().getId()));
            watch.on(statement);
            try {
                return new Reading(table, schema, to, step, connection, statement).hand(sink);
            } finally {
                watch.on(null);
            }
        }
    }

    private static Snapshot snapshot(Table table, TableName name, long id) {
        Snapshot snapshot = table.snapshot(id);
        if (snapshot == null) {
            throw gone(name, id);
        }
        return snapshot;
    }

    private static LakeException gone(TableName name, long snapshot) {
        return new LakeException(
                LakeException.Kind.NO_SUCH_SNAPSHOT, name + " has no snapshot " + snapshot + " any more");
    }

    /** One part of one step. */
    private final class Reading {
        private final Table table;
        private final Schema schema;
        private final Snapshot to;
        private final Feeds.Step step;
        private final Connection connection;
        private final Statement statement;

        Reading(Table table, Schema schema, Snapshot to, Feeds.Step step, Connection connection, Statement statement) {
            this.table = table;
            this.schema = schema;
            this.to = to;
            this.step = step;
            this.connection = connection;
            this.statement = statement;
        }

        Feeds.Part hand(RowSink sink) throws SQLException {
            Scan empty = scan(step.table(), to, schema, step.policy(), LiveFiles.NONE);
            List<RowSink.ResultColumn> columns = Lake.describe(connection, empty.sql());
            List<RowSink.ResultColumn> header = new ArrayList<>();
            header.add(new RowSink.ResultColumn("operation", "VARCHAR"));
            header.addAll(columns);
            sink.columns(header);
            Path spooled = spooled();
            if (Files.exists(spooled)) {
                return part(sink, columns.size(), touched(spooled));
            }
            Long from = step.from();
            if (from != null && ChangedRows.isSame(table, from, to)) {
                return new Feeds.Part(0, 0);
            }
            long about;
            if (from == null) {
                LiveFiles files = LiveFiles.of(table, to, Expressions.alwaysTrue());
                files.loadDeletes(connection);
                about = files.all().mapToLong(file -> file.recordCount()).sum();
                Scan all = scan(step.table(), to, schema, step.policy(), files);
                statement.execute("CREATE TEMP VIEW difference AS SELECT " + Feeds.Operation.INSERT.ordinal()
                        + " AS op, * FROM (" + texts(all.sql(), columns) + ")");
            } else {
                ChangedRows changed = ChangedRows.between(table, from, to).orElseThrow(() -> gone(step.table(), from));
                changed.load(connection);
                about = changed.rows();
                compare(empty, changed, columns);
            }
            return about > FEW && step.limit() < about
                    ? part(sink, columns.size(), spool(spooled, columns.size()))
                    : part(sink, columns.size(), sort(columns.size()));
        }

        private String texts(String rows, List<RowSink.ResultColumn> columns) {
            return "SELECT "
                    + IntStream.range(0, columns.size())
                            .mapToObj(i -> Lake.text(columns.get(i).type(), "c" + i) + " AS c" + i)
                            .collect(Collectors.joining(", "))
                    + " FROM (" + rows + ") AS seen(" + names(columns.size()) + ")";
        }

        private void compare(Scan seen, ChangedRows changed, List<RowSink.ResultColumn> columns) throws SQLException {
            String names = names(columns.size());
            statement.execute("CREATE TEMP TABLE was AS " + texts(seen.seen(changed.removed(schema)), columns));
            statement.execute("CREATE TEMP TABLE is_now AS " + texts(seen.seen(changed.added(schema)), columns));
            statement.execute("CREATE TEMP TABLE gone AS FROM was EXCEPT ALL FROM is_now");
            statement.execute("CREATE TEMP TABLE come AS FROM is_now EXCEPT ALL FROM was");
            List<String> key = key(columns);
            String deletes = "FROM gone";
            String inserts = "FROM come";
            String updates = "SELECT " + names + " FROM come WHERE false";
            if (!key.isEmpty()) {
                String keys = String.join(", ", key);
                String same = key.stream()
                        .map(column -> "r." + column + " = both_have." + column)
                        .collect(Collectors.joining(" AND "));
                statement.execute("CREATE TEMP TABLE both_have AS SELECT " + keys + " FROM (SELECT " + keys
                        + " FROM gone GROUP BY ALL HAVING count(*) = 1) SEMI JOIN (SELECT " + keys
                        + " FROM come GROUP BY ALL HAVING count(*) = 1) AS other USING (" + keys + ")");
                deletes = "FROM gone AS r ANTI JOIN both_have ON " + same;
                inserts = "FROM come AS r ANTI JOIN both_have ON " + same;
                updates = "FROM come AS r SEMI JOIN both_have ON " + same;
            }
            statement.execute("CREATE TEMP VIEW difference AS SELECT " + Feeds.Operation.DELETE.ordinal()
                    + " AS op, * FROM (" + deletes + ") UNION ALL SELECT " + Feeds.Operation.UPDATE.ordinal()
                    + ", * FROM (" + updates + ") UNION ALL SELECT " + Feeds.Operation.INSERT.ordinal()
                    + ", * FROM (" + inserts + ")");
        }

        /** The key's columns, when the reader can tell rows apart by them. */
        private List<String> key(List<RowSink.ResultColumn> columns) {
            List<String> names =
                    columns.stream().map(RowSink.ResultColumn::name).toList();
            boolean told = names.containsAll(step.key())
                    && step.key().stream()
                            .map(step.policy()::mask)
                            .allMatch(mask -> mask instanceof Mask.Clear || mask instanceof Mask.Pseudonym);
            return told
                    ? step.key().stream().map(name -> "c" + names.indexOf(name)).toList()
                    : List.of();
        }

        private String sort(int columns) throws SQLException {
            statement.execute("CREATE TEMP TABLE step AS " + numbered(columns));
            return "temp.main.step";
        }

        private String spool(Path spooled, int columns) throws SQLException {
            Path written = spooled.resolveSibling(SPOOLED + UUID.randomUUID() + ".tmp");
            try {
                statement.execute("SET preserve_insertion_order = true");
                statement.execute("COPY (" + numbered(columns) + ") TO " + Sql.text(written.toString())
                        + " (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE " + ROW_GROUP + ")");
                Files.move(written, spooled, StandardCopyOption.ATOMIC_MOVE);
                forgetUnused();
                return touched(spooled);
            } catch (IOException e) {
                throw LakeException.storage("Cannot keep a step of " + step.table(), e);
            } finally {
                lake.discard(written);
            }
        }

        private String numbered(int columns) {
            return "SELECT row_number() OVER () AS n, * FROM (FROM difference ORDER BY op, " + names(columns) + ")";
        }

        private Feeds.Part part(RowSink sink, int columns, String rows) throws SQLException {
            long total;
            try (ResultSet counted = statement.executeQuery("SELECT count(*) FROM " + rows)) {
                counted.next();
                total = counted.getLong(1);
            }
            long handed = 0;
            try (ResultSet row = statement.executeQuery("SELECT * FROM " + rows + " WHERE n > " + step.offset()
                    + " AND n <= " + (step.offset() + step.limit()) + " ORDER BY n")) {
                while (row.next()) {
                    @Nullable String[] values = new @Nullable String[columns + 1];
                    values[0] = Feeds.Operation.values()[row.getInt(2)].name();
                    for (int i = 0; i < columns; i++) {
                        values[i + 1] = row.getString(i + 3);
                    }
                    sink.row(Arrays.asList(values));
                    handed++;
                }
            }
            return new Feeds.Part(handed, total);
        }

        private Path spooled() {
            String what = String.join(
                    "\n",
                    step.table().toString(),
                    step.from() + " " + step.to() + " " + step.schema(),
                    step.policy().fingerprint(),
                    String.join("\0", step.key()),
                    settings.zone().getId());
            return settings.temp().resolve(SPOOLED + hash(what) + ".parquet");
        }
    }

    private static String names(int columns) {
        return IntStream.range(0, columns).mapToObj(i -> "c" + i).collect(Collectors.joining(", "));
    }

    private static String touched(Path spooled) {
        try {
            Files.setLastModifiedTime(spooled, FileTime.from(Instant.now()));
        } catch (IOException e) {
            throw LakeException.storage("Cannot use " + spooled, e);
        }
        return "read_parquet(" + Sql.text(spooled.toString()) + ")";
    }

    private void forgetUnused() throws IOException {
        Instant limit = Instant.now().minus(UNUSED);
        try (Stream<Path> files = Files.list(settings.temp())) {
            for (Path file : (Iterable<Path>) files::iterator) {
                String name =
                        requireNonNull(file.getFileName(), "a file has a name").toString();
                if (name.startsWith(SPOOLED)
                        && Files.exists(file)
                        && Files.getLastModifiedTime(file).toInstant().isBefore(limit)) {
                    lake.discard(file);
                }
            }
        }
    }
}

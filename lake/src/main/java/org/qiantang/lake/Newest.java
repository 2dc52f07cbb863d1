package org.qiantang.lake;

import static java.util.Objects.requireNonNull;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataOperations;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotChanges;
import org.apache.iceberg.Table;
import org.apache.iceberg.Transaction;
import org.apache.iceberg.expressions.Expressions;
import org.jspecify.annotations.Nullable;

/**
 * A table that holds the newest row of each key of another, which only grows. Its every snapshot is right for one snapshot of the other,
 * which it names, so whatever happens it may be behind but never wrong. Of what was added since then only the newest is looked for; when
 * that is not known any more, the whole table is.
 */
public final class Newest {
    /** With its snapshot: the snapshot of the other table for which it is right. */
    private static final String THROUGH = "qiantang.newest.through";

    /** With its snapshot: the key by which it is right. */
    private static final String KEY = "qiantang.newest.key";

    /** Its history is the other table's, so its own snapshots need to outlast only those who read them. */
    private static final Upkeep.Policy HISTORY = new Upkeep.Policy(Duration.ofMinutes(15), 5, Duration.ofHours(24));

    private static final int EXPIRE_EVERY = 50;

    private final Lake lake;
    private final TableName of;
    private final TableName into;
    private final Rule rule;
    private int refreshed;

    /**
     * Which row is the newest.
     *
     * @param key columns that tell apart what has a newest row; those the table does not have are left out
     * @param time a row with a later time is newer, and any time is newer than none
     * @param without decides between rows without a time
     * @param id decides when all else is equal: the greatest
     */
    public record Rule(List<String> key, String time, String without, String id) {
        public Rule {
            key = List.copyOf(key);
        }
    }

    Newest(Lake lake, TableName of, TableName into, Rule rule) {
        this.lake = lake;
        this.of = of;
        this.into = into;
        this.rule = rule;
    }

    /**
     * Takes in what was added to the other table.
     *
     * @return the table as it is now, or null when it was up to date or there is nothing to take in
     * @throws LakeException {@code NO_SPACE}, {@code DISK_FAILED}, {@code STORAGE}
     */
    public synchronized Queries.@Nullable TableState refresh() {
        Table source = lake.find(of).orElse(null);
        Snapshot now = source == null ? null : source.currentSnapshot();
        if (source == null || now == null) {
            return null;
        }
        Queries.TableState state;
        try (Lake.Turn hold = lake.hold(of, now.snapshotId());
                Lake.Turn turn = lake.turn(into);
                Connection connection = lake.aside()) {
            Table before = lake.find(into).orElse(null);
            Map<String, String> said = lake.summary(into).orElse(Map.of());
            String through = said.getOrDefault(THROUGH, "");
            if (through.equals(Long.toString(now.snapshotId()))) {
                return null;
            }
            List<String> key = rule.key.stream()
                    .filter(column -> source.schema().findField(column) != null)
                    .map(Sql::name)
                    .toList();
            String keys = String.join(", ", key);
            List<DataFile> added = before == null || through.isEmpty() || !keys.equals(said.get(KEY))
                    ? null
                    : addedSince(source, now, Long.parseLong(through));
            String rows;
            if (before == null || added == null) {
                rows = Scan.relation(source.schema(), appended(LiveFiles.of(source, now, Expressions.alwaysTrue())));
            } else {
                LiveFiles kept = LiveFiles.of(before, before.currentSnapshot(), Expressions.alwaysTrue());
                rows = "(FROM " + Scan.relation(before.schema(), kept) + " UNION ALL BY NAME FROM "
                        + Scan.relation(source.schema(), LiveFiles.whole(added)) + ")";
            }
            Transaction transaction = lake.transaction(into, columns(source.schema()));
            Table table = transaction.table();
            try (NewFile written = new NewFile(lake, table, table.schema())) {
                DataFile file = written.write(connection, newest(table.schema(), rows, key));
                var overwrite = transaction.newOverwrite().overwriteByRowFilter(Expressions.alwaysTrue());
                if (file != null) {
                    overwrite.addFile(file);
                }
                overwrite.set(THROUGH, Long.toString(now.snapshotId()));
                overwrite.set(KEY, keys);
                overwrite.scanManifestsWith(Inline.EXECUTOR);
                try {
                    overwrite.commit();
                    transaction.commitTransaction();
                } catch (RuntimeException e) {
                    if (Lake.mayBeCommitted(e)) {
                        written.keep();
                    }
                    throw LakeException.storage("Cannot commit " + into, e);
                }
                written.keep();
                state = Lake.state(into, requireNonNull(table.currentSnapshot(), "what was committed"));
            }
        } catch (SQLException e) {
            throw Lake.failure("Cannot bring " + into + " up to date", e);
        }
        if (++refreshed % EXPIRE_EVERY == 0) {
            new Upkeep(lake, HISTORY).expire(into, 1);
        }
        return state;
    }

    /** @throws LakeException {@code STORAGE} when rows were changed, which a table that only grows does not know */
    private LiveFiles appended(LiveFiles files) {
        if (!files.partial().isEmpty()) {
            throw new LakeException(LakeException.Kind.STORAGE, "Rows of " + of + " were deleted");
        }
        return files;
    }

    /** What appends have added after a snapshot; null when that cannot be said. */
    private static @Nullable List<DataFile> addedSince(Table table, Snapshot now, long through) {
        List<DataFile> added = new ArrayList<>();
        Snapshot each = now;
        while (each != null && each.snapshotId() != through) {
            switch (each.operation()) {
                case DataOperations.APPEND ->
                    SnapshotChanges.builderFor(table)
                            .snapshot(each)
                            .build()
                            .addedDataFiles()
                            .forEach(added::add);
                case DataOperations.REPLACE -> {}
                case null, default -> {
                    return null;
                }
            }
            Long parent = each.parentId();
            each = parent == null ? null : table.snapshot(parent);
        }
        return each == null ? null : added;
    }

    private String newest(Schema schema, String rows, List<String> key) {
        String keys = String.join(", ", key);
        String time = Sql.name(rule.time);
        String without = Sql.name(rule.without);
        String same = key.stream()
                .map(column -> "r." + column + " IS NOT DISTINCT FROM n." + column)
                .collect(Collectors.joining(" AND "));
        // Twice over the rows, the first time over a few columns only: no row is carried along that is not nearly the
        // newest.
        return "SELECT "
                + schema.columns().stream()
                        .map(field -> "r." + Sql.name(field.name()))
                        .collect(Collectors.joining(", "))
                + " FROM " + rows + " AS r JOIN (SELECT " + keys + ", max(" + time + ") AS newest_time, max(CASE WHEN "
                + time
                + " IS NULL THEN " + without + " END) AS newest_without FROM " + rows + " GROUP BY " + keys
                + ") AS n ON " + same + " AND CASE WHEN n.newest_time IS NULL THEN r." + without
                + " IS NOT DISTINCT FROM n.newest_without ELSE r." + time + " = n.newest_time END"
                + " QUALIFY row_number() OVER (PARTITION BY "
                + key.stream().map(column -> "r." + column).collect(Collectors.joining(", ")) + " ORDER BY r."
                + Sql.name(rule.id) + " DESC NULLS LAST) = 1 ORDER BY "
                + Stream.concat(key.stream(), Stream.of(time))
                        .map(column -> "r." + column)
                        .collect(Collectors.joining(", "));
    }

    private static List<Column> columns(Schema schema) {
        return schema.columns().stream()
                .map(field -> new Column(field.name(), Types.lake(field.type()), "", field.doc()))
                .toList();
    }
}

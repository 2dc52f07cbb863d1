package org.qiantang.lake;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataOperations;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.deletes.PositionDeleteIndex;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.types.Types.NestedField;
import org.duckdb.DuckDBAppender;
import org.duckdb.DuckDBConnection;
import org.jspecify.annotations.Nullable;

/**
 * The rows that were added to a table or removed from it between two of its snapshots, as its files tell: those of files that only one of
 * the two knows, and those at positions that only one of the two has as deleted. A row that was only written anew is among them, which is
 * more than necessary and never less. Nothing else of the table is read.
 */
final class ChangedRows {
    private static final AtomicLong NUMBERS = new AtomicLong();

    /** A file that both snapshots know, and the rows of it that only the one or only the other has as deleted. */
    private record Positions(DataFile file, List<Long> removed, List<Long> added) {
        int rows() {
            return removed.size() + added.size();
        }
    }

    private final LiveFiles appeared;
    private final LiveFiles gone;
    private final List<Positions> positions;
    private final String changed = "lake_changed_" + NUMBERS.incrementAndGet();

    private ChangedRows(LiveFiles appeared, LiveFiles gone, List<Positions> positions) {
        this.appeared = appeared;
        this.gone = gone;
        this.positions = positions;
    }

    /** Nothing when the earlier snapshot, or a file of it that is needed, is not there any more. */
    static Optional<ChangedRows> between(Table table, long earlier, Snapshot now) {
        Snapshot before = table.snapshot(earlier);
        if (before == null) {
            return Optional.empty();
        }
        List<Snapshot> line = line(table, before, now);
        LiveFiles then = LiveFiles.of(table, line.getFirst(), Expressions.alwaysTrue());
        LiveFiles here = LiveFiles.of(table, line.getLast(), Expressions.alwaysTrue());
        Map<String, @Nullable DeleteFile> was = deletes(then);
        Map<String, @Nullable DeleteFile> is = deletes(here);
        Set<String> appeared = new HashSet<>(is.keySet());
        appeared.removeAll(was.keySet());
        Set<String> gone = new HashSet<>(was.keySet());
        gone.removeAll(is.keySet());
        List<Positions> positions = new ArrayList<>();
        for (DataFile file : here.all().toList()) {
            if (!appeared.contains(file.location())) {
                DeleteFile earlierDeletes = was.get(file.location());
                DeleteFile laterDeletes = is.get(file.location());
                if (!Objects.equals(place(earlierDeletes), place(laterDeletes))) {
                    positions.add(new Positions(
                            file, onlyIn(laterDeletes, earlierDeletes), onlyIn(earlierDeletes, laterDeletes)));
                }
            }
        }
        ChangedRows changed = new ChangedRows(here.only(appeared), then.only(gone), List.copyOf(positions));
        return changed.paths().stream().allMatch(path -> Files.exists(Path.of(path)))
                ? Optional.of(changed)
                : Optional.empty();
    }

    /** Whether what a snapshot holds is what an earlier one held: nothing but files were written anew since. */
    static boolean isSame(Table table, long earlier, Snapshot now) {
        Snapshot at = now;
        while (at != null && at.snapshotId() != earlier) {
            Long parent = at.parentId();
            at = DataOperations.REPLACE.equals(at.operation()) && parent != null ? table.snapshot(parent) : null;
        }
        return at != null;
    }

    /** From the one to the other, without what only wrote files anew at either end. */
    private static List<Snapshot> line(Table table, Snapshot before, Snapshot now) {
        List<Snapshot> line = new ArrayList<>();
        Snapshot at = now;
        while (at != null && at.snapshotId() != before.snapshotId()) {
            line.addFirst(at);
            Long parent = at.parentId();
            at = parent == null ? null : table.snapshot(parent);
        }
        if (at == null) {
            return List.of(before, now);
        }
        line.addFirst(before);
        while (line.size() > 1 && DataOperations.REPLACE.equals(line.getLast().operation())) {
            line.removeLast();
        }
        while (line.size() > 1 && DataOperations.REPLACE.equals(line.get(1).operation())) {
            line.removeFirst();
        }
        return line;
    }

    private static Map<String, @Nullable DeleteFile> deletes(LiveFiles files) {
        Map<String, @Nullable DeleteFile> deletes = new HashMap<>();
        files.whole().forEach(file -> deletes.put(file.location(), null));
        files.partial().forEach(each -> deletes.put(each.file().location(), each.deletes()));
        return deletes;
    }

    /** The rows that the one has as deleted and the other has not. */
    private static List<Long> onlyIn(@Nullable DeleteFile one, @Nullable DeleteFile other) {
        PositionDeleteIndex here = one == null ? PositionDeleteIndex.empty() : LiveFiles.deleted(one);
        PositionDeleteIndex there = other == null ? PositionDeleteIndex.empty() : LiveFiles.deleted(other);
        List<Long> rows = new ArrayList<>();
        here.forEach(position -> {
            if (!there.isDeleted(position)) {
                rows.add(position);
            }
        });
        return rows;
    }

    private static @Nullable String place(@Nullable DeleteFile vector) {
        return vector == null ? null : vector.location() + "#" + vector.contentOffset();
    }

    /** So many rows at the most. */
    long rows() {
        return Stream.concat(appeared.all(), gone.all())
                        .mapToLong(DataFile::recordCount)
                        .sum()
                + positions.stream().mapToLong(Positions::rows).sum();
    }

    List<String> paths() {
        return Stream.of(
                        appeared.paths(), gone.paths(), LiveFiles.whole(files()).paths())
                .flatMap(List::stream)
                .toList();
    }

    private List<DataFile> files() {
        return positions.stream().map(Positions::file).toList();
    }

    /** Makes the positions known to the connection. */
    void load(Connection connection) throws SQLException {
        appeared.loadDeletes(connection);
        gone.loadDeletes(connection);
        if (positions.isEmpty()) {
            return;
        }
        try (Statement statement = connection.createStatement()) {
            statement.execute("CREATE TEMP TABLE " + changed + " (file BIGINT, position BIGINT, added BOOLEAN)");
        }
        try (DuckDBAppender appender =
                connection.unwrap(DuckDBConnection.class).createAppender("temp", "main", changed)) {
            for (int file = 0; file < positions.size(); file++) {
                for (long row : positions.get(file).removed) {
                    appender.beginRow()
                            .append((long) file)
                            .append(row)
                            .append(false)
                            .endRow();
                }
                for (long row : positions.get(file).added) {
                    appender.beginRow()
                            .append((long) file)
                            .append(row)
                            .append(true)
                            .endRow();
                }
            }
        }
    }

    /** What stands behind FROM to read them; the columns have the schema's names. */
    String relation(Schema schema) {
        return "(FROM " + added(schema) + " UNION ALL FROM " + removed(schema) + ")";
    }

    /** What stands behind FROM to read those that only the later snapshot has. */
    String added(Schema schema) {
        return relation(schema, appeared, "p.added");
    }

    /** What stands behind FROM to read those that only the earlier snapshot has. */
    String removed(Schema schema) {
        return relation(schema, gone, "NOT p.added");
    }

    private String relation(Schema schema, LiveFiles whole, String which) {
        List<String> parts = new ArrayList<>();
        parts.add("FROM " + Scan.relation(schema, whole));
        if (!positions.isEmpty()) {
            parts.add("SELECT " + columns(schema) + " FROM " + Scan.rows(schema.columns(), LiveFiles.whole(files()))
                    + " AS r SEMI JOIN temp.main." + changed + " AS p ON p.file = r.file AND p.position ="
                    + " r.file_row_number AND " + which);
        }
        return "(" + String.join(" UNION ALL ", parts) + ")";
    }

    private static String columns(Schema schema) {
        StringBuilder columns = new StringBuilder();
        int i = 0;
        for (NestedField field : schema.columns()) {
            columns.append(i == 0 ? "r.c" : ", r.c").append(i++).append(" AS ").append(Sql.name(field.name()));
        }
        return columns.toString();
    }
}

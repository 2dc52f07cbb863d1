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

    /** A file that both snapshots know, and the rows of it that one of the two has as deleted. */
    private record Positions(DataFile file, List<Long> rows) {}

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
                List<Long> rows = differing(was.get(file.location()), is.get(file.location()));
                if (!rows.isEmpty()) {
                    positions.add(new Positions(file, rows));
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

    private static List<Long> differing(@Nullable DeleteFile was, @Nullable DeleteFile is) {
        if (Objects.equals(place(was), place(is))) {
            return List.of();
        }
        PositionDeleteIndex before = was == null ? PositionDeleteIndex.empty() : LiveFiles.deleted(was);
        PositionDeleteIndex after = is == null ? PositionDeleteIndex.empty() : LiveFiles.deleted(is);
        List<Long> rows = new ArrayList<>();
        after.forEach(position -> {
            if (!before.isDeleted(position)) {
                rows.add(position);
            }
        });
        before.forEach(position -> {
            if (!after.isDeleted(position)) {
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
                + positions.stream().mapToLong(each -> each.rows.size()).sum();
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
            statement.execute("CREATE TEMP TABLE " + changed + " (file BIGINT, position BIGINT)");
        }
        try (DuckDBAppender appender =
                connection.unwrap(DuckDBConnection.class).createAppender("temp", "main", changed)) {
            for (int file = 0; file < positions.size(); file++) {
                for (long row : positions.get(file).rows) {
                    appender.beginRow().append((long) file).append(row).endRow();
                }
            }
        }
    }

    /** What stands behind FROM to read them; the columns have the schema's names. */
    String relation(Schema schema) {
        List<String> parts = new ArrayList<>();
        parts.add("FROM " + Scan.relation(schema, appeared));
        parts.add("FROM " + Scan.relation(schema, gone));
        if (!positions.isEmpty()) {
            parts.add("SELECT " + columns(schema) + " FROM " + Scan.rows(schema.columns(), LiveFiles.whole(files()))
                    + " AS r SEMI JOIN temp.main." + changed + " AS p ON p.file = r.file AND p.position ="
                    + " r.file_row_number");
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

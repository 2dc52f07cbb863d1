package org.qiantang.lake;

import java.io.IOException;
import java.io.InputStream;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.deletes.PositionDeleteIndex;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.SeekableInputStream;
import org.duckdb.DuckDBAppender;
import org.duckdb.DuckDBConnection;
import org.jspecify.annotations.Nullable;

/** The data files of a snapshot and the rows of them that are deleted (deletion vectors of Iceberg v3). */
final class LiveFiles {
    /** A file, and where its deleted rows are written down. */
    record Partial(DataFile file, DeleteFile deletes) {}

    private static final AtomicLong NUMBERS = new AtomicLong();

    static final LiveFiles NONE = new LiveFiles(List.of(), List.of(), Optional.empty());

    private final List<DataFile> whole;
    private final List<Partial> partial;
    private final Optional<Schema> layout;
    private final String deleted = "lake_deleted_" + NUMBERS.incrementAndGet();

    private LiveFiles(List<DataFile> whole, List<Partial> partial, Optional<Schema> layout) {
        this.whole = List.copyOf(whole);
        this.partial = List.copyOf(partial);
        this.layout = layout;
    }

    /** The schema that all the files were written as, where it is known. */
    Optional<Schema> layout() {
        return layout;
    }

    /** Files all of whose rows count. */
    List<DataFile> whole() {
        return whole;
    }

    /** Files some of whose rows are deleted. */
    List<Partial> partial() {
        return partial;
    }

    /** The files that may hold rows for which the filter is true. */
    static LiveFiles of(Table table, @Nullable Snapshot snapshot, Expression filter) {
        if (snapshot == null) {
            return NONE;
        }
        List<DataFile> whole = new ArrayList<>();
        List<Partial> partial = new ArrayList<>();
        try (CloseableIterable<FileScanTask> tasks = table.newScan()
                .useSnapshot(snapshot.snapshotId())
                .filter(filter)
                .planFiles()) {
            for (FileScanTask task : tasks) {
                switch (task.deletes().size()) {
                    case 0 -> whole.add(task.file());
                    case 1 ->
                        partial.add(new Partial(task.file(), task.deletes().getFirst()));
                    default ->
                        throw new LakeException(
                                LakeException.Kind.STORAGE,
                                "More than one list of deleted rows for "
                                        + task.file().location());
                }
            }
        } catch (IOException e) {
            throw new LakeException(LakeException.Kind.STORAGE, "Cannot plan " + table.name(), e);
        }
        List<DataFile> all = Stream.concat(whole.stream(), partial.stream().map(Partial::file))
                .toList();
        return new LiveFiles(whole, partial, Layout.of(table, all));
    }

    /** Files of which nothing is deleted. */
    static LiveFiles whole(List<DataFile> files) {
        return new LiveFiles(files, List.of(), Optional.empty());
    }

    /** Those of the files that are at one of the locations. */
    LiveFiles only(Set<String> locations) {
        return new LiveFiles(
                whole.stream()
                        .filter(file -> locations.contains(file.location()))
                        .toList(),
                partial.stream()
                        .filter(each -> locations.contains(each.file().location()))
                        .toList(),
                layout);
    }

    int count() {
        return whole.size() + partial.size();
    }

    Stream<DataFile> all() {
        return Stream.concat(whole.stream(), partial.stream().map(Partial::file));
    }

    List<String> paths() {
        return all().map(LiveFiles::path).toList();
    }

    List<String> wholePaths() {
        return whole.stream().map(LiveFiles::path).toList();
    }

    List<String> partialPaths() {
        return partial.stream().map(each -> path(each.file())).toList();
    }

    /** A file by the number that {@link Scan#rows} gives its rows. */
    DataFile file(int number) {
        return number < whole.size()
                ? whole.get(number)
                : partial.get(number - whole.size()).file();
    }

    /** A connection's table of the deleted rows of these files: the file's number among {@link #partial} and the row in it. */
    String deleted() {
        return "temp.main." + deleted;
    }

    /** Makes the deleted rows known to the connection, in {@link #deleted}, which no statement of a person can name. */
    void loadDeletes(Connection connection) throws SQLException {
        if (partial.isEmpty()) {
            return;
        }
        try (Statement statement = connection.createStatement()) {
            statement.execute("CREATE TEMP TABLE " + deleted + " (file BIGINT, position BIGINT)");
        }
        DuckDBConnection duckdb = connection.unwrap(DuckDBConnection.class);
        try (DuckDBAppender appender = duckdb.createAppender("temp", "main", deleted)) {
            for (int i = 0; i < partial.size(); i++) {
                long file = i;
                List<SQLException> failed = new ArrayList<>();
                deleted(partial.get(i).deletes()).forEach(position -> {
                    try {
                        appender.beginRow().append(file).append(position).endRow();
                    } catch (SQLException e) {
                        failed.add(e);
                    }
                });
                if (!failed.isEmpty()) {
                    throw failed.getFirst();
                }
            }
        }
    }

    /** Lets the connection forget what {@link #loadDeletes} made known. */
    void forgetDeletes(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("DROP TABLE IF EXISTS " + deleted());
        }
    }

    /** Reads a deletion vector, which is a part of its Puffin file. */
    static PositionDeleteIndex deleted(DeleteFile vector) {
        Long size = vector.contentSizeInBytes();
        Long offset = vector.contentOffset();
        if (size == null || offset == null) {
            throw new LakeException(
                    LakeException.Kind.STORAGE, "No deletion vector but another kind of file: " + vector.location());
        }
        try (SeekableInputStream in = LocalFileIO.open(vector.location())) {
            in.seek(offset);
            byte[] bytes = ((InputStream) in).readNBytes(Math.toIntExact(size));
            return PositionDeleteIndex.deserialize(bytes, vector);
        } catch (IOException e) {
            throw new LakeException(LakeException.Kind.STORAGE, "Cannot read " + vector.location(), e);
        }
    }

    private static String path(DataFile file) {
        return LocalFileIO.path(file.location()).toString();
    }
}

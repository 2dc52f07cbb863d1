package org.qiantang.lake;

import java.io.IOException;
import java.io.InputStream;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.deletes.PositionDeleteIndex;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.SeekableInputStream;
import org.duckdb.DuckDBAppender;
import org.duckdb.DuckDBConnection;
import org.jspecify.annotations.Nullable;

/**
 * The data files of a snapshot and the rows of them that are deleted (deletion vectors of Iceberg v3).
 *
 * @param whole files all of whose rows count
 * @param partial files some of whose rows are deleted
 */
record LiveFiles(List<DataFile> whole, List<Partial> partial) {
    /** A file, and where its deleted rows are written down. */
    record Partial(DataFile file, DeleteFile deletes) {}

    LiveFiles {
        whole = List.copyOf(whole);
        partial = List.copyOf(partial);
    }

    /** The connection's table of deleted rows; no statement of a person can name it. */
    static final String DELETED = "temp.main.lake_deleted";

    static final LiveFiles NONE = new LiveFiles(List.of(), List.of());

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
        return new LiveFiles(whole, partial);
    }

    /** Those of the files that are at one of the locations. */
    LiveFiles only(Set<String> locations) {
        return new LiveFiles(
                whole.stream()
                        .filter(file -> locations.contains(file.location()))
                        .toList(),
                partial.stream()
                        .filter(each -> locations.contains(each.file().location()))
                        .toList());
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

    /** A file by the path the engine knows it by. */
    Map<String, DataFile> byPath() {
        Map<String, DataFile> files = new LinkedHashMap<>();
        all().forEach(file -> files.put(path(file), file));
        return files;
    }

    /** Makes the deleted rows known to the connection, in its own table {@link #DELETED}, beside those of other tables. */
    void loadDeletes(Connection connection) throws SQLException {
        if (partial.isEmpty()) {
            return;
        }
        try (Statement statement = connection.createStatement()) {
            statement.execute("CREATE TEMP TABLE IF NOT EXISTS lake_deleted (file VARCHAR, position BIGINT)");
        }
        DuckDBConnection duckdb = connection.unwrap(DuckDBConnection.class);
        try (DuckDBAppender appender = duckdb.createAppender("temp", "main", "lake_deleted")) {
            for (Partial each : partial) {
                String path = path(each.file());
                List<SQLException> failed = new ArrayList<>();
                deleted(each.deletes()).forEach(position -> {
                    try {
                        appender.beginRow().append(path).append(position).endRow();
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

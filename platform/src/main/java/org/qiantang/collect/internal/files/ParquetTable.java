package org.qiantang.collect.internal.files;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.qiantang.collect.CollectProblem;
import org.qiantang.collect.SourceObject.SourceColumn;
import org.qiantang.collect.internal.Connector.PartReader;
import org.qiantang.collect.internal.Connector.RejectedRow;
import org.qiantang.core.Problem;
import org.qiantang.lake.Batch;
import org.qiantang.lake.ChunkReader;
import org.qiantang.lake.Column;
import org.qiantang.lake.ForeignParquet;
import org.qiantang.lake.LakeException;

/** A Parquet file as a table, read by the lake's engine in memory of its own. All of it is decoded once before it counts as readable. */
final class ParquetTable implements FileTable {
    private static final long MEMORY = 192L << 20;

    private final FileBytes file;
    private final List<SourceColumn> columns;
    private final long rows;
    private final Map<String, String> details = new LinkedHashMap<>();

    private ParquetTable(FileBytes file, ForeignParquet parquet) {
        this.file = file;
        List<String> names = parquet.columns().stream().map(Column::name).toList();
        List<String> lakeNames = Names.ofColumns(names);
        List<SourceColumn> list = new java.util.ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            Column column = parquet.columns().get(i);
            list.add(new SourceColumn(
                    column.name(),
                    new Column(lakeNames.get(i), column.type(), column.sourceType(), null),
                    true,
                    Map.of()));
        }
        columns = List.copyOf(list);
        rows = parquet.rows();
        details.put("format", "Parquet");
        details.put("types", FileTable.types(columns));
        if (!parquet.unreadable().isEmpty()) {
            details.put("unreadableColumns", String.join(", ", parquet.unreadable()));
        }
    }

    static ParquetTable survey(FileBytes file) throws IOException {
        try (FileBytes.OnDisk disk = file.onDisk();
                ForeignParquet parquet = ForeignParquet.open(disk.path(), MEMORY)) {
            if (parquet.columns().size() > MOST_COLUMNS) {
                throw new Problem(
                        CollectProblem.TOO_MANY_COLUMNS,
                        "reason",
                        "more than " + MOST_COLUMNS + " (" + parquet.columns().size() + ")");
            }
            parquet.decode();
            file.requireUnchanged();
            return new ParquetTable(file, parquet);
        } catch (LakeException e) {
            FileTables.ownDisk(e);
            throw refusal(e);
        }
    }

    private static Problem refusal(LakeException e) {
        String words = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
        CollectProblem code = CollectProblem.CORRUPT_FILE;
        if (e.kind() == LakeException.Kind.OUT_OF_MEMORY) {
            code = CollectProblem.FILE_TOO_LARGE;
        } else if (words.contains("only supported")
                || words.contains("not supported")
                || words.contains("Not implemented")) {
            code = CollectProblem.UNSUPPORTED_FORMAT;
        }
        return new Problem(code, "reason", words);
    }

    @Override
    public List<SourceColumn> columns() {
        return columns;
    }

    @Override
    public Map<String, String> details() {
        return details;
    }

    @Override
    public long rows() {
        return rows;
    }

    @Override
    public PartReader open(List<SourceColumn> asked, Consumer<RejectedRow> rejects) throws IOException {
        return new Reader(asked);
    }

    /** Hands the rows over. */
    private final class Reader implements PartReader {
        private final FileBytes.OnDisk disk;
        private final ForeignParquet parquet;
        private final ChunkReader chunks;
        private volatile long seen;

        Reader(List<SourceColumn> asked) throws IOException {
            disk = file.onDisk();
            try {
                parquet = ForeignParquet.open(disk.path(), MEMORY);
                chunks = parquet.read(
                        asked.stream().map(column -> column.column().type()).toList());
            } catch (LakeException e) {
                disk.close();
                throw refusal(e);
            }
        }

        @Override
        public int read(Batch batch) throws Exception {
            int read = chunks.read(batch);
            seen += read;
            if (read == 0) {
                file.requireUnchanged();
                if (seen != rows) {
                    throw file.changed("it had " + rows + " rows and has " + seen);
                }
            }
            return read;
        }

        @Override
        public long bytesRead() {
            return rows == 0 ? 0 : (long) ((double) seen / rows * file.size());
        }

        @Override
        public OptionalLong rowsAtSource() {
            return OptionalLong.of(seen);
        }

        @Override
        public void close() {
            try {
                parquet.close();
            } finally {
                disk.close();
            }
        }
    }
}

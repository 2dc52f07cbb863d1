package org.qiantang.lake;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * An answer of the lake that becomes a file which analysts' tools read with its types, so that a department that was granted millions of
 * rows gets them without anybody writing each as text. What may be seen is what the query's policies say, as in every other answer.
 *
 * @param query its limit is how many rows the file has at the most; 0 is the columns alone
 * @param file absolute; made by this, with nothing of it there before
 * @param mostBytes that the file may have
 * @param marks which rows get one more value
 */
public record Extract(Query query, Form form, Path file, long mostBytes, Marks marks) {
    public Extract {
        requireNonNull(query, "query is null");
        requireNonNull(form, "form is null");
        requireNonNull(marks, "marks is null");
        if (!file.isAbsolute()) {
            throw new IllegalArgumentException("The file of an extract must be absolute: " + file);
        }
    }

    /** How the file is written. */
    public enum Form {
        /** Columns compressed with zstd: to be kept, or read in part. */
        PARQUET,
        /** A stream of record batches (Arrow IPC): to be taken into memory as it comes. */
        ARROW
    }

    /**
     * Rows that are told by their values.
     *
     * @param column whose value is its own name in such a row, and null in all others
     * @param rows of each, the texts of some columns by their place in the answer; where there are none, there is no such column
     */
    public record Marks(String column, List<Map<Integer, String>> rows) {
        public static final Marks NONE = new Marks("", List.of());

        public Marks {
            rows = rows.stream().map(Map::copyOf).toList();
        }
    }

    /** What the file holds. */
    public record Made(long rows, long bytes, List<Queries.TableState> tables) {
        public Made {
            tables = List.copyOf(tables);
        }
    }
}

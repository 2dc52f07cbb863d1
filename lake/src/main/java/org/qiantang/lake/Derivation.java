package org.qiantang.lake;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A statement whose result is a table: how the standard and base tables of a city come about from what departments sent.
 *
 * @param id by which it can be stopped while it runs
 * @param sql one SELECT over lake tables, the whole table's rows
 * @param key names of the columns that tell its rows apart; when there are some, only the rows that changed are written
 * @param comments of its columns, by name
 * @param summary kept with the snapshot
 * @param basis what came of the last one that was recorded; when it is given and that is exactly right, only the keys that what was read
 *     has changed for are asked for again
 */
public record Derivation(
        String id,
        TableName table,
        String sql,
        List<String> key,
        Map<String, String> comments,
        Map<String, String> summary,
        @Nullable Basis basis) {
    public Derivation {
        requireNonNull(id, "id is null");
        requireNonNull(table, "table is null");
        requireNonNull(sql, "sql is null");
        key = List.copyOf(key);
        comments = Map.copyOf(comments);
        summary = Map.copyOf(summary);
    }

    /** One that asks for everything. */
    public Derivation(
            String id,
            TableName table,
            String sql,
            List<String> key,
            Map<String, String> comments,
            Map<String, String> summary) {
        this(id, table, sql, key, comments, summary, null);
    }

    /** The same one that asks for everything. */
    public Derivation whole() {
        return new Derivation(id, table, sql, key, comments, summary);
    }

    /** A statement that gives these rows and reads nothing; all columns are text. */
    public static String ofRows(List<String> columns, List<List<@Nullable String>> rows) {
        String named = columns.stream().map(Sql::name).collect(Collectors.joining(", "));
        if (rows.isEmpty()) {
            return "SELECT * FROM (SELECT "
                    + columns.stream()
                            .map(column -> "NULL::VARCHAR AS " + Sql.name(column))
                            .collect(Collectors.joining(", "))
                    + ") WHERE false";
        }
        String values = rows.stream()
                .map(row -> IntStream.range(0, columns.size())
                        .mapToObj(i -> {
                            String value = row.get(i);
                            return value == null ? "NULL::VARCHAR" : Sql.text(value);
                        })
                        .collect(Collectors.joining(", ", "(", ")")))
                .collect(Collectors.joining(", "));
        return "SELECT " + named + " FROM (VALUES " + values + ") AS given(" + named + ")";
    }

    /**
     * What came of one.
     *
     * @param table as it is now
     * @param inputs what was read, and at which snapshots
     * @param added rows that are new or changed
     * @param removed rows that are gone or changed
     * @param columns in order
     * @param samples some distinct values by column, for content detectors; never written down
     * @param course how it was made
     * @param basis to be given to the next one
     */
    public record Result(
            Queries.TableState table,
            List<Queries.TableState> inputs,
            long added,
            long removed,
            List<Made> columns,
            Map<String, List<String>> samples,
            Course course,
            Basis basis) {
        public Result {
            inputs = List.copyOf(inputs);
            columns = List.copyOf(columns);
            samples = Map.copyOf(samples);
        }

        /** Whether anything was written. */
        public boolean changed() {
            return added + removed > 0;
        }
    }

    /** A column as it was made; the type is a {@link LakeType#label}. */
    public record Made(String name, String type, long nulls, String checksum) {}

    /**
     * How a table was made.
     *
     * @param whole why everything was asked for; null when only the keys concerned were
     * @param about which table or function it is about; empty when it is about none
     * @param read so many rows were read of each table for it, in order of name
     */
    public record Course(@Nullable Why whole, String about, List<Read> read) {
        public Course {
            read = List.copyOf(read);
        }
    }

    /** Rows that were read of a table, and how many it has. */
    public record Read(TableName table, long rows, long of) {}

    /** Why a table was made as a whole. */
    public enum Why {
        /** Nobody said what was there before. */
        ASKED,
        /** It has no key. */
        NO_KEY,
        /** The statement, its key, the zone of dates or the engine is another one than then. */
        STATEMENT,
        /** The table is not what was made then. */
        TABLE,
        /** A table has other columns than then. */
        SHAPE,
        /** What the statement gives depends on the moment, on chance or on the order of rows. */
        MOMENT,
        /** No column of the key says which rows of a table are needed for it. */
        NOT_BY_KEY,
        /** Of a table that has changed, which is looked up by other columns than the key's, it is not known which keys it concerns. */
        LOOKED_UP,
        /** The snapshot that was read then has ended. */
        HISTORY,
        /** So much has changed that everything is less work. */
        MUCH,
        /** The part could not be made by itself. */
        REFUSED,
    }

    /**
     * What was made of what: from here the next derivation goes on.
     *
     * @param statement stands for the statement and all that may change what it gives for the same tables
     * @param snapshot of the table that was made
     * @param rows that it has
     * @param columns what proves it
     */
    public record Basis(String statement, long snapshot, List<Seen> inputs, long rows, List<Made> columns) {
        public Basis {
            inputs = List.copyOf(inputs);
            columns = List.copyOf(columns);
        }
    }

    /** @param schema the number of the columns' version by which it was read */
    public record Seen(TableName table, long snapshot, int schema) {}
}

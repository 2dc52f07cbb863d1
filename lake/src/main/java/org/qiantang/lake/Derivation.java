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
 */
public record Derivation(
        String id,
        TableName table,
        String sql,
        List<String> key,
        Map<String, String> comments,
        Map<String, String> summary) {
    public Derivation {
        requireNonNull(id, "id is null");
        requireNonNull(table, "table is null");
        requireNonNull(sql, "sql is null");
        key = List.copyOf(key);
        comments = Map.copyOf(comments);
        summary = Map.copyOf(summary);
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
     */
    public record Result(
            Queries.TableState table,
            List<Queries.TableState> inputs,
            long added,
            long removed,
            List<Made> columns,
            Map<String, List<String>> samples) {
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
}

package org.qiantang.app.demo;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The planted truth, gathered while the rows are written: what stands in it was really written, with the very values. Several threads
 * write; the result does not depend on their order.
 */
final class Truth {
    /**
     * A row that belongs to an entry.
     *
     * @param key key column to value; for a table without a key the values of all its columns
     */
    record Place(
            Part part,
            String source,
            String table,
            Map<String, @Nullable String> key,
            Map<String, @Nullable String> values,
            long row) {}

    /** What a row has to do with the entry. */
    enum Part {
        /** It is one of the rows that show what was planted. */
        SHOWS,
        /** It holds the right value where another row is faulty. */
        COUNTERPART
    }

    /** One planted fact and the rows that show it. */
    record Entry(String id, Plant plant, List<Place> places) {}

    /**
     * A line that cannot be split into its file's columns.
     *
     * @param line from 1, the header being line 1
     */
    record RaggedLine(String source, String table, String file, long line, String raw) {}

    private final Map<Plant, TreeMap<Integer, List<Place>>> planted = new TreeMap<>();
    private final List<RaggedLine> ragged = new ArrayList<>();
    private final Map<String, Long> rows = new TreeMap<>();

    synchronized void plant(Plant plant, int ordinal, Part part, SourceSystem source, Row row, List<String> columns) {
        Table table = row.table();
        List<String> keys = table.keyColumns();
        if (keys.isEmpty()) {
            keys = table.columns().stream().map(Column::name).toList();
        }
        Place place = new Place(
                part, source.name(), qualified(table), values(row, keys), values(row, columns), row.written());
        planted.computeIfAbsent(plant, p -> new TreeMap<>())
                .computeIfAbsent(ordinal, o -> new ArrayList<>())
                .add(place);
    }

    synchronized void ragged(RaggedLine line) {
        ragged.add(line);
    }

    synchronized void counted(SourceSystem source, Table table, long count) {
        rows.put(source.name() + "/" + qualified(table), count);
    }

    /** Rows by {@code source/table}. */
    synchronized Map<String, Long> rows() {
        return new TreeMap<>(rows);
    }

    /**
     * All entries, by kind and number, their rows by source, table and place. What a city without one of the sources cannot show is not
     * among them.
     */
    synchronized List<Entry> entries(CityFolder folder) {
        List<Entry> entries = new ArrayList<>();
        Map<Plant, TreeMap<Integer, List<Place>>> shown = new TreeMap<>(planted);
        shown.keySet().removeIf(plant -> !plant.isShownBy(folder));
        shown.forEach((plant, byOrdinal) -> byOrdinal.forEach((ordinal, places) -> {
            List<Place> sorted = new ArrayList<>(places);
            sorted.sort(Comparator.comparing(Place::source)
                    .thenComparing(Place::table)
                    .thenComparing(Place::row));
            entries.add(new Entry("%s-%03d".formatted(plant, ordinal + 1), plant, sorted));
        }));
        return entries;
    }

    synchronized List<RaggedLine> raggedLines() {
        List<RaggedLine> sorted = new ArrayList<>(ragged);
        sorted.sort(Comparator.comparing(RaggedLine::table).thenComparing(RaggedLine::line));
        return sorted;
    }

    /** A table as it is named in the truth: with its schema in a database, the stem alone in a folder. */
    static String qualified(Table table) {
        return table.schema().isEmpty() ? table.name() : table.schema() + "." + table.name();
    }

    private static Map<String, @Nullable String> values(Row row, List<String> columns) {
        Map<String, @Nullable String> values = new LinkedHashMap<>();
        for (String column : columns) {
            values.put(column, row.value(column));
        }
        return values;
    }
}

package org.qiantang.catalog;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.qiantang.lake.TableName;

/**
 * Tells contested rows of an answer from the others, as far as the answer's own columns tell: those that carry, unchanged and unmasked, the
 * columns by which a contested record is known.
 */
final class Marking {
    private final List<ContestedRecords.Mark> marks;
    /** Of each record that can be told, its values by the place of their column in the answer. */
    private final List<Map<Integer, String>> told = new ArrayList<>();

    Marking(List<ContestedRecords.Mark> marks) {
        this.marks = marks;
    }

    /** Where a column of an answer comes from. */
    record From(TableName table, String column) {}

    boolean isNeeded() {
        return !marks.isEmpty();
    }

    /** @param origins of each column of the answer; null where it is masked, or not one column's value as it is */
    void header(List<@Nullable From> origins) {
        Map<TableName, Map<String, Integer>> places = new HashMap<>();
        for (int i = 0; i < origins.size(); i++) {
            From from = origins.get(i);
            if (from != null) {
                places.computeIfAbsent(from.table, any -> new HashMap<>())
                        .putIfAbsent(from.column.toLowerCase(Locale.ROOT), i);
            }
        }
        for (ContestedRecords.Mark mark : marks) {
            Map<String, Integer> of = places.getOrDefault(mark.read(), Map.of());
            Map<Integer, String> values = new HashMap<>();
            mark.keys().forEach((column, value) -> {
                Integer place = of.get(column.toLowerCase(Locale.ROOT));
                if (place != null) {
                    values.put(place, value);
                }
            });
            if (!values.isEmpty() && values.size() == mark.keys().size()) {
                told.add(values);
            }
        }
    }

    /** Of each record that can be told, its values by the place of their column in the answer. */
    List<Map<Integer, String>> told() {
        return List.copyOf(told);
    }

    /** Whether rows can be told apart at all. */
    boolean canTell() {
        return !told.isEmpty();
    }

    boolean isContested(List<@Nullable String> row) {
        return told.stream()
                .anyMatch(values -> values.entrySet().stream()
                        .allMatch(each -> each.getValue().equals(row.get(each.getKey()))));
    }

    /** The places, from 0, of contested rows. */
    List<Integer> rows(List<List<@Nullable String>> rows) {
        List<Integer> marked = new ArrayList<>();
        for (int i = 0; canTell() && i < rows.size(); i++) {
            if (isContested(rows.get(i))) {
                marked.add(i);
            }
        }
        return marked;
    }

    List<Contested.InTable> tables() {
        Map<TableName, Set<UUID>> tables = new TreeMap<>();
        marks.forEach(mark -> tables.computeIfAbsent(mark.record().table(), any -> new HashSet<>())
                .add(mark.record().objection()));
        return tables.entrySet().stream()
                .map(each -> new Contested.InTable(
                        each.getKey().toString(), each.getValue().size()))
                .toList();
    }
}

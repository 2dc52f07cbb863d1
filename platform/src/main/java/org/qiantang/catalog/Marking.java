package org.qiantang.catalog;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.qiantang.lake.TableName;

/**
 * Tells contested rows of an answer from the others, as far as the answer's own columns tell: those that carry, unchanged and unmasked, the
 * columns by which a contested record is known.
 */
final class Marking {
    private final Map<TableName, List<Contested>> contested;
    /** Of each record that can be told, its values by the place of their column in the answer. */
    private final List<Map<Integer, String>> told = new ArrayList<>();

    Marking(Map<TableName, List<Contested>> contested) {
        this.contested = contested;
    }

    /** Where a column of an answer comes from. */
    record From(TableName table, String column) {}

    boolean isNeeded() {
        return !contested.isEmpty();
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
        contested.forEach((table, records) -> {
            Map<String, Integer> of = places.getOrDefault(table, Map.of());
            for (Contested record : records) {
                Map<Integer, String> values = new HashMap<>();
                record.keys().forEach((column, value) -> {
                    Integer place = of.get(column.toLowerCase(Locale.ROOT));
                    if (place != null) {
                        values.put(place, value);
                    }
                });
                if (values.size() == record.keys().size()) {
                    told.add(values);
                }
            }
        });
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
        return contested.entrySet().stream()
                .map(each -> new Contested.InTable(
                        each.getKey().toString(), each.getValue().size()))
                .sorted(Comparator.comparing(Contested.InTable::table))
                .toList();
    }
}

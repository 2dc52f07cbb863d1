package org.qiantang.zone;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.qiantang.catalog.Level;

/** A result as it is held inside the zone, with its rows. */
record Held(Declaration.Kind kind, List<Column> columns, List<List<@Nullable String>> rows) {
    Held {
        columns = List.copyOf(columns);
        rows = Collections.unmodifiableList(rows);
    }

    /**
     * @param type the engine's name of it
     * @param key by which the same column is known in other results: its origin where it is one column as it is, else its name
     * @param counted whether it is made of counts and nothing else
     */
    record Column(String name, String type, Level level, Declaration.As as, String key, boolean counted) {
        Column {
            requireNonNull(name, "name is null");
            requireNonNull(as, "as is null");
            requireNonNull(key, "key is null");
        }
    }

    /** Where the columns of a kind are. */
    int[] at(Declaration.As as) {
        return IntStream.range(0, columns.size())
                .filter(i -> columns.get(i).as == as)
                .toArray();
    }

    static List<@Nullable String> of(List<@Nullable String> row, int[] at) {
        List<@Nullable String> values = new ArrayList<>(at.length);
        for (int i : at) {
            values.add(row.get(i));
        }
        return values;
    }
}

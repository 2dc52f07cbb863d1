package org.qiantang.share;

import static java.util.Objects.requireNonNull;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.qiantang.lake.RowCondition;
import org.qiantang.lake.TableName;

/**
 * What of a table may be read.
 *
 * @param fields the columns that may be read, in their order, with how each is shown ({@link Showing}); no other may
 * @param rows conditions that all hold of a row that may be read
 */
public record GrantedTable(TableName table, Map<String, String> fields, List<RowCondition> rows) {
    public GrantedTable {
        requireNonNull(table, "table is null");
        fields = Collections.unmodifiableMap(new LinkedHashMap<>(fields));
        rows = List.copyOf(rows);
        fields.values().forEach(Showing::of);
        if (fields.isEmpty()) {
            throw new IllegalArgumentException("A table is granted by its fields");
        }
    }

    /** Whether it opens nothing of the table that the other does not open. */
    boolean isWithin(GrantedTable other) {
        return table.equals(other.table)
                && rows.containsAll(other.rows)
                && fields.entrySet().stream().allMatch(field -> {
                    String wide = other.fields.get(field.getKey());
                    return wide != null && Showing.of(field.getValue()).isWithin(Showing.of(wide));
                });
    }
}

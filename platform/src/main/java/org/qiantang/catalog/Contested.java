package org.qiantang.catalog;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.qiantang.lake.TableName;

/**
 * A record that somebody says is wrong about them (异议标注). Until that is settled every answer that reads its table, or one made
 * of it, says so.
 *
 * @param objection which one
 * @param keys columns that together tell the record from all others, with its values
 */
public record Contested(UUID objection, TableName table, Map<String, String> keys, Instant since) {
    public Contested {
        requireNonNull(objection, "objection is null");
        requireNonNull(table, "table is null");
        requireNonNull(since, "since is null");
        keys = Map.copyOf(keys);
        if (keys.isEmpty()) {
            throw new IllegalArgumentException("A contested record is known by at least one column");
        }
    }

    /**
     * A table of which something is contested, that an answer reads or is made of.
     *
     * @param table {@code namespace.table}
     * @param records how many of its records
     */
    public record InTable(String table, int records) {}

    @Override
    public String toString() {
        return "Contested[" + objection + ", " + table + "]";
    }
}

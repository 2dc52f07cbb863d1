package org.qiantang.catalog;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.Map;
import org.qiantang.lake.TableName;

/**
 * A table of the lake was made from others by a statement; what lineage, levels and the catalogue learn from it. It is published in the
 * transaction that records the result.
 *
 * @param process the stable name of the mapping that made it
 * @param version of the mapping
 * @param sql one SELECT over lake tables, whose answer is the whole table
 * @param snapshotId the one that holds the answer
 * @param inputs the snapshot of each table that was read
 */
public record TableDerived(
        TableName table,
        String process,
        int version,
        String sql,
        long snapshotId,
        Map<TableName, Long> inputs,
        Instant at) {
    public TableDerived {
        requireNonNull(table, "table is null");
        requireNonNull(process, "process is null");
        requireNonNull(sql, "sql is null");
        requireNonNull(at, "at is null");
        inputs = Map.copyOf(inputs);
    }
}

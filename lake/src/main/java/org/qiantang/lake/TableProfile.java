package org.qiantang.lake;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.List;

/**
 * What the columns of a table look like at one of its snapshots, read from the table itself; the same as if it had been measured on the
 * way in.
 */
public record TableProfile(TableName table, long snapshotId, Instant at, List<ColumnProfile> columns) {
    public TableProfile {
        requireNonNull(table, "table is null");
        requireNonNull(at, "at is null");
        columns = List.copyOf(columns);
    }
}

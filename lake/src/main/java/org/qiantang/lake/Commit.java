package org.qiantang.lake;

import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * What one committed write brought.
 *
 * @param rows rows in the files, counted when they were read back
 * @param bytes size of the data files
 * @param samples some distinct values of each column whose values can tell what it holds, for content detectors; never written down
 * @param profiles of the columns, when the write was {@link TableWrite#profile profiled}
 */
public record Commit(
        TableName table,
        long snapshotId,
        Instant at,
        long rows,
        long bytes,
        List<ColumnProof> columns,
        Map<String, List<String>> samples,
        List<ColumnProfile> profiles) {
    public Commit {
        columns = List.copyOf(columns);
        samples = Map.copyOf(samples);
        profiles = List.copyOf(profiles);
    }
}

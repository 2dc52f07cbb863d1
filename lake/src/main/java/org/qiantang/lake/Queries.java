package org.qiantang.lake;

import java.time.Instant;
import java.util.List;
import java.util.Set;

/** The lake as a reader sees it, whether it is in this process, in the lake worker, or one day a cluster. */
public interface Queries {
    /** The lake tables a statement reads. Refuses ({@link LakeException}) whatever is not one read-only query over lake tables. */
    Set<TableName> references(String sql);

    /** Runs a query and hands over its rows; a runaway query is stopped by memory limit or by interrupting the caller. */
    Answer run(Query query, RowSink sink);

    /** Every table there is, in order of name. */
    List<TableState> tables();

    /** @param truncated whether the limit cut the answer */
    record Answer(long rows, boolean truncated, List<TableState> tables) {
        public Answer {
            tables = List.copyOf(tables);
        }
    }

    /** A table and the snapshot it was or would be read at. */
    record TableState(TableName table, long snapshotId, Instant committedAt, long rows, long bytes) {}
}

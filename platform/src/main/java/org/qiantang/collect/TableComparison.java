package org.qiantang.collect;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.qiantang.lake.Comparison.ColumnSums;
import org.qiantang.lake.Comparison.RowDifference;

/**
 * How a table of the lake stands to its source (核对结果): what was compared at which position of either side, what differs down to the
 * rows, and what became of it.
 *
 * @param object the qualified name at the source
 * @param lakeName the table's name in the source's namespace
 * @param reasonCode why it differs as a whole, or was not compared; null where rows say it
 * @param sourcePosition where the source stood
 * @param lakePosition what the lake's snapshot has of the source: the position it was collected or followed to
 * @param lakeAt when the lake's snapshot was made
 * @param samePosition whether both sides are of one position; otherwise what changed at the source since is among the differences
 * @param valuesCompared whether every value was compared, or only the number of rows
 * @param rowsRejected of the source's rows, those that cannot be taken
 * @param missing rows that the lake does not have; null where rows were not compared one by one
 * @param extra rows that only the lake has
 * @param different rows with the same key and other values
 * @param columns both sides' checksums where values were compared, as they were before a repair
 * @param rows the first rows that differ, a thousand at the most
 * @param repairedRows rows that were made equal
 * @param repairedSnapshot the snapshot that has them
 */
public record TableComparison(
        String object,
        String lakeName,
        State state,
        @Nullable String reasonCode,
        @Nullable String reason,
        String sourcePosition,
        @Nullable String lakePosition,
        @Nullable String lakeSnapshot,
        @Nullable Instant lakeAt,
        boolean samePosition,
        boolean valuesCompared,
        @Nullable Long rowsAtSource,
        long rowsRejected,
        @Nullable Long rowsInLake,
        @Nullable Long missing,
        @Nullable Long extra,
        @Nullable Long different,
        List<ColumnSums> columns,
        List<RowDifference> rows,
        Repair repair,
        long repairedRows,
        @Nullable String repairedSnapshot,
        @Nullable Long rowsAfter,
        @Nullable Long bytesAfter,
        Instant startedAt,
        Instant endedAt) {
    public TableComparison {
        requireNonNull(object, "object is null");
        requireNonNull(lakeName, "lakeName is null");
        requireNonNull(state, "state is null");
        requireNonNull(repair, "repair is null");
        columns = List.copyOf(columns);
        rows = List.copyOf(rows);
    }

    /** How the two sides stand. */
    public enum State {
        EQUAL,
        DIFFERENT,
        /** One side could not be read; nothing is said. */
        NOT_COMPARED,
    }

    /** What becomes of a difference. */
    public enum Repair {
        /** There is nothing to repair. */
        NONE,
        /** The rows were put right in one commit, after which the whole table added up to the source. */
        ROWS_REPAIRED,
        /** The table is collected anew by a run. */
        TO_BE_COLLECTED,
        /** It was only looked: both sides differ as before. */
        LEFT,
    }

    /** Rows that differ. */
    public long differing() {
        return (missing == null ? 0 : missing) + (extra == null ? 0 : extra) + (different == null ? 0 : different);
    }

    /** The same without the rows, which are data and no part of what is signed. */
    TableComparison withoutRows() {
        return new TableComparison(
                object,
                lakeName,
                state,
                reasonCode,
                reason,
                sourcePosition,
                lakePosition,
                lakeSnapshot,
                lakeAt,
                samePosition,
                valuesCompared,
                rowsAtSource,
                rowsRejected,
                rowsInLake,
                missing,
                extra,
                different,
                columns,
                List.of(),
                repair,
                repairedRows,
                repairedSnapshot,
                rowsAfter,
                bytesAfter,
                startedAt,
                endedAt);
    }
}

package org.qiantang.collect;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A verification (核对) of a source: the lake was held against it again, at one position where the source is followed.
 *
 * @param values whether values were compared, or numbers of rows
 * @param aim whether what differs is put right as well
 * @param position where the source stood
 * @param progress the table and rows that are read at the moment; null when it is not under way
 * @param repairRun the run that collects anew what could not be put right row by row
 * @param message why it failed
 */
public record Verification(
        UUID id,
        UUID sourceId,
        String sourceName,
        State state,
        boolean values,
        Aim aim,
        Instant queuedAt,
        String queuedBy,
        @Nullable Instant startedAt,
        @Nullable Instant finishedAt,
        @Nullable String position,
        Totals totals,
        @Nullable Progress progress,
        @Nullable UUID repairRun,
        RunSummary.@Nullable Words message) {
    public Verification {
        requireNonNull(id, "id is null");
        requireNonNull(sourceId, "sourceId is null");
        requireNonNull(state, "state is null");
        requireNonNull(aim, "aim is null");
        requireNonNull(totals, "totals is null");
    }

    /** What it is for. */
    public enum Aim {
        /** What differs is put right, row by row or by collecting the table anew. */
        REPAIR,
        /** What differs is said and left as it is. */
        LOOK,
    }

    /** Where it is. */
    public enum State {
        QUEUED,
        RUNNING,
        CANCELLING,
        /** Each table was compared and is equal. */
        EQUAL,
        /** Some table differs. */
        DIFFERENT,
        /** What was compared is equal, but some table could not be. */
        INCOMPLETE,
        CANCELLED,
        FAILED;

        public boolean hasEnded() {
            return switch (this) {
                case QUEUED, RUNNING, CANCELLING -> false;
                case EQUAL, DIFFERENT, INCOMPLETE, CANCELLED, FAILED -> true;
            };
        }
    }

    /**
     * Sums over its tables.
     *
     * @param found tables to be compared; null until they are known
     * @param differing rows that differ
     * @param repaired of these, rows that were made equal at once
     * @param toBeCollected tables that are collected anew
     */
    public record Totals(
            @Nullable Integer found,
            int compared,
            int equal,
            int different,
            int notCompared,
            long differing,
            long repaired,
            int toBeCollected) {}

    /** How far a table is; rows count again when it is read a second time. */
    public record Progress(String object, long rows) {}
}

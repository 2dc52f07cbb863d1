package org.qiantang.collect;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One thing a run found, and how far it is.
 *
 * @param name qualified as at the source
 * @param lakeTable {@code namespace.table}; null when it is only recorded
 * @param rejected rows and single values that were not taken
 */
public record RunObject(
        String kind,
        String name,
        @Nullable String lakeTable,
        State state,
        @Nullable Long rowsAtSource,
        long rowsLanded,
        long rejected,
        long bytes,
        @Nullable Long estimatedRows,
        @Nullable Reason reason,
        @Nullable Instant startedAt,
        @Nullable Instant finishedAt) {
    /** Where an object is. */
    public enum State {
        WAITING,
        READING,
        VERIFYING,
        COMPLETE,
        INCOMPLETE,
        UNREADABLE,
        FAILED,
        CANCELLED,
        /** It holds no rows of its own: what it is has been written down. */
        RECORDED;

        public boolean hasEnded() {
            return switch (this) {
                case WAITING, READING, VERIFYING -> false;
                case COMPLETE, INCOMPLETE, UNREADABLE, FAILED, CANCELLED, RECORDED -> true;
            };
        }

        /** Ended without everything of it. */
        public boolean isShort() {
            return switch (this) {
                case INCOMPLETE, UNREADABLE, FAILED, CANCELLED -> true;
                case WAITING, READING, VERIFYING, COMPLETE, RECORDED -> false;
            };
        }
    }

    /** Why it is not complete: a stable code, what the code means, and the words of whoever refused. */
    public record Reason(
            String code, String zh, String en, @Nullable String detail) {}
}

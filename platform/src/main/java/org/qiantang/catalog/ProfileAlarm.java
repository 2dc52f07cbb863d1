package org.qiantang.catalog;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.qiantang.org.Department;

/**
 * Something about a resource changed from one collection to the next more than it should, so that whoever answers for it looks before
 * others rely on it.
 *
 * @param field null for the table as a whole
 * @param before what it was, in the kind's own form; empty where nobody may see it
 * @param now what it became
 * @param settledBy null when it settled by itself: it was again as it had been
 * @param mayAct whether whoever asks may say that it was seen or is settled
 */
public record ProfileAlarm(
        long id,
        UUID resource,
        String title,
        String lakeTable,
        Department department,
        @Nullable String field,
        @Nullable String comment,
        Kind kind,
        State state,
        Instant raisedAt,
        List<String> before,
        List<String> now,
        @Nullable Instant seenAt,
        @Nullable String seenBy,
        @Nullable Instant settledAt,
        @Nullable String settledBy,
        @Nullable String note,
        boolean mayAct) {
    public ProfileAlarm {
        before = List.copyOf(before);
        now = List.copyOf(now);
    }

    /** What changed. */
    public enum Kind {
        /** The rows of the table: two numbers. */
        ROWS,
        /** The share of rows without a value, 0 to 1. */
        NULLS,
        /** The number of different values. */
        DISTINCT,
        /** The lowest and the highest value. */
        RANGE,
        /** A way of writing that was not there before: the shape, and the share of values that have it. */
        PATTERN,
        /** The newest time in it and when that was measured. */
        LATE;

        /** Whether it cannot be told without single values. */
        boolean showsValues() {
            return this == RANGE || this == LATE;
        }
    }

    /** How far people are with it. */
    public enum State {
        OPEN,
        SEEN,
        SETTLED,
    }

    /** A part of a list. */
    public record Page(long total, List<ProfileAlarm> items) {
        public Page {
            items = List.copyOf(items);
        }
    }
}

package org.qiantang.lake;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What changed in a table from one of its states to another, as somebody may see it: how departments that were granted a table keep their
 * copy of it. A row that comes into what they may see is new to them, one that leaves it is gone, and what they may not see never changes.
 */
public interface Feeds {
    /** What each row of a change says in its first column. */
    enum Operation {
        DELETE,
        /** Another row has the same key now; the new one is given. */
        UPDATE,
        INSERT,
    }

    /** A table as it is now; refuses a table that holds nothing yet ({@link LakeException.Kind#NO_SUCH_SNAPSHOT}). */
    Head head(TableName table, TablePolicy policy);

    /**
     * Hands over a part of a step: deletes first, then updates, then inserts, each in the order of the values' texts. The same part of the
     * same step is the same at any time. Refuses what cannot be told any more ({@link LakeException.Kind#NO_SUCH_SNAPSHOT}).
     */
    Part read(Step step, RowSink sink);

    /** The snapshots of a table that stay until they are released, however old they get. */
    Set<Long> kept(TableName table);

    /** Lets a snapshot stay. */
    void keep(TableName table, long snapshot);

    /** Lets snapshots end when their time has come. */
    void release(TableName table, Set<Long> snapshots);

    /**
     * A state of a table.
     *
     * @param schema the number of the columns' version
     * @param shape the same for two states whose rows can be compared under one policy: for the reader neither columns nor policy differ
     */
    record Head(long snapshot, int schema, String shape, Instant committedAt) {}

    /**
     * From one state of a table to another.
     *
     * @param id by which the reading can be stopped
     * @param key names of columns that tell rows apart; where the reader sees all of them, a row that changed is one update
     * @param from null for nothing at all: every row of the other state is new
     * @param schema that of {@link Head}, by which both are read
     * @param offset so many changes are left out
     * @param limit so many are handed over at the most
     */
    record Step(
            String id,
            TableName table,
            TablePolicy policy,
            List<String> key,
            @Nullable Long from,
            long to,
            int schema,
            long offset,
            int limit) {
        public Step {
            requireNonNull(id, "id is null");
            requireNonNull(table, "table is null");
            requireNonNull(policy, "policy is null");
            key = List.copyOf(key);
            if (offset < 0 || limit < 0) {
                throw new IllegalArgumentException("A part of a step has an offset and a limit");
            }
        }
    }

    /** @param total how many changes the step has altogether */
    record Part(long rows, long total) {}
}

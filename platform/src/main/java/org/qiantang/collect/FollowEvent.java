package org.qiantang.collect;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a follower says of itself while it goes on. */
public sealed interface FollowEvent {
    /** It reads on; every table of the source and how it stands. */
    record Started(List<TableState> tables) implements FollowEvent {
        public Started {
            tables = List.copyOf(tables);
        }
    }

    /**
     * Changes are in the lake.
     *
     * @param position everything before it is there, of every table that is followed
     * @param sourceAt when the source made the newest of them
     */
    record Applied(String position, Instant sourceAt, Instant at, List<TableApplied> tables) implements FollowEvent {
        public Applied {
            tables = List.copyOf(tables);
        }
    }

    /** A table is in another state than before. */
    record Changed(TableState table) implements FollowEvent {}

    /**
     * A table has other columns from here on, and the lake has them too.
     *
     * @param renamed from the former name to the present one
     * @param position where the source stood
     */
    record Reshaped(
            String lakeName, List<ColumnShape> columns, Map<String, String> renamed, String position, Instant at)
            implements FollowEvent {
        public Reshaped {
            columns = List.copyOf(columns);
            renamed = Map.copyOf(renamed);
        }
    }

    /** @param keyPosition place in the key from 1 on, or 0 */
    record ColumnShape(
            String name,
            String type,
            String sourceType,
            @Nullable String comment,
            int keyPosition) {}

    /** How far it is behind; sent every few seconds. */
    record Beat(String position, long bytesBehind, long bytesKept, Instant at) implements FollowEvent {}

    /** How a table is followed. */
    enum State {
        /** Its changes arrive in the lake. */
        FOLLOWED,
        /** The lake does not have the state that changes could go on from: it has to be collected. */
        TO_BE_COLLECTED,
        /** The source gives no changes of it that say which row; it is collected again by schedule. */
        NOT_FOLLOWABLE,
        /** It is not at the source any more. */
        GONE,
    }

    /** @param reason in the words of whoever refused */
    record TableState(
            String object,
            String lakeName,
            State state,
            @Nullable String reasonCode,
            @Nullable String reason) {}

    /**
     * What arrived in one table.
     *
     * @param rows rows of the table now
     */
    record TableApplied(
            String lakeName,
            long changes,
            long rowsAdded,
            long rowsRemoved,
            long rows,
            long bytes,
            String snapshotId) {}
}

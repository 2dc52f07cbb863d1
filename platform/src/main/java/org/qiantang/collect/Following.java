package org.qiantang.collect;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * How a source is followed: whether its changes arrive, how far behind they are, and which of its tables they arrive for.
 *
 * @param since when it came into this state
 * @param sourceAt when the source made the newest change that is in the lake
 * @param heardAt when the follower last said that it is alive
 * @param bytesBehind bytes of the source's log that were not read yet
 * @param bytesKept bytes of log that the source keeps because of us
 * @param message why it does not follow at the moment
 */
public record Following(
        UUID sourceId,
        boolean wanted,
        State state,
        Instant since,
        @Nullable String position,
        @Nullable Instant sourceAt,
        @Nullable Instant heardAt,
        @Nullable Long bytesBehind,
        @Nullable Long bytesKept,
        RunSummary.@Nullable Words message,
        List<Table> tables) {
    public Following {
        tables = List.copyOf(tables);
    }

    /** Where a follower is. */
    public enum State {
        OFF,
        /** The state to go on from is being collected. */
        COLLECTING,
        FOLLOWING,
        /** It cannot go on at the moment and tries again. */
        WAITING,
    }

    /**
     * One table.
     *
     * @param changes rows inserted, updated and deleted since it is followed
     * @param rows rows it has now
     */
    public record Table(
            String object,
            String lakeTable,
            FollowEvent.State state,
            RunObject.@Nullable Reason reason,
            long changes,
            @Nullable Long rows,
            @Nullable Instant appliedAt) {}
}

package org.qiantang.exchange;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.qiantang.lake.TableName;

/**
 * A peer's table that is followed into our lake (跟踪入湖).
 *
 * @param peer its name here
 * @param subscription the peer's number of it
 * @param remoteGrant the peer's number of the grant it stands on
 * @param object the table's name at the peer
 * @param lakeTable what it becomes here
 * @param department to which it was granted, and whose it is here
 * @param coming events of a step that is not whole yet
 * @param waiting events of whole steps that have not landed
 * @param caughtUpAt when the peer last had nothing more to tell
 * @param heardAt when the peer last answered
 * @param halt why nothing comes at the moment; it goes on by itself when that is over
 */
public record Mirror(
        UUID id,
        String peer,
        UUID subscription,
        UUID remoteGrant,
        String object,
        String title,
        UUID source,
        TableName lakeTable,
        String department,
        State state,
        String createdBy,
        Instant createdAt,
        long coming,
        long waiting,
        @Nullable Instant caughtUpAt,
        @Nullable Instant heardAt,
        Subscription.@Nullable Halt halt,
        @Nullable Instant nextAt) {
    public Mirror {
        requireNonNull(id, "id is null");
        requireNonNull(lakeTable, "lakeTable is null");
        requireNonNull(state, "state is null");
    }

    /** Where it is. */
    public enum State {
        /** Nothing has come yet, or the whole is coming. */
        BEGINNING,
        FOLLOWING,
        /** The peer does not answer; what it has told is here, and the rest comes when it is back. */
        PEER_AWAY,
        /** The peer says no, with its own code and sentences. */
        REFUSED,
        /** Something here is in the way. */
        WAITING,
        ENDED,
    }
}

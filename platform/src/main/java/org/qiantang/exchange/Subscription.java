package org.qiantang.exchange;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.qiantang.lake.TableName;

/**
 * That somebody is told of the changes of a granted table (订阅).
 *
 * @param department the grant's recipient
 * @param owner on whose behalf is read where nobody asks
 * @param url of a webhook
 * @param halt why nothing can go out at the moment; it goes on by itself when that is over
 * @param position up to which everything is acknowledged
 * @param sent up to which everything was delivered at least once
 * @param waiting so many changes are offered and not acknowledged
 * @param attempts that failed at what is next
 * @param failure of the last of them
 */
public record Subscription(
        UUID id,
        UUID grant,
        String department,
        TableName table,
        String title,
        Delivery delivery,
        @Nullable String url,
        State state,
        String owner,
        Instant createdAt,
        @Nullable Halt halt,
        String position,
        String sent,
        long waiting,
        @Nullable Instant deliveredAt,
        int attempts,
        @Nullable Instant nextAt,
        @Nullable String failure,
        int deadLetters) {
    public Subscription {
        requireNonNull(id, "id is null");
        requireNonNull(table, "table is null");
        requireNonNull(delivery, "delivery is null");
        requireNonNull(state, "state is null");
    }

    /** Whether it goes on. */
    public enum State {
        ACTIVE,
        /** The receiver wants no more, until somebody resumes it. */
        PAUSED,
        ENDED,
    }

    /** Why nothing can go out: the code and the sentences of the refusal. */
    public record Halt(String code, String zh, String en, Instant since) {}
}

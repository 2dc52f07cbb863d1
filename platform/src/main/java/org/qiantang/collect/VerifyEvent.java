package org.qiantang.collect;

import java.time.Instant;

/** What a verification says of itself while it goes on. */
public sealed interface VerifyEvent {
    /**
     * Both sides are fixed.
     *
     * @param position where the source stands
     * @param tables how many tables will be compared
     */
    record Began(String position, Instant at, int tables) implements VerifyEvent {}

    /** How far a table is; sent at most a few times a second. */
    record Progress(String object, long rows) implements VerifyEvent {}

    /** A table was compared. Once the hub has stored it, it is not compared again in this verification. */
    record Compared(TableComparison table) implements VerifyEvent {}

    /** What the source's follower said on its way to the position. */
    record Followed(FollowEvent event) implements VerifyEvent {}
}

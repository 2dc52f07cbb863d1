package org.qiantang.share;

/** How much may be read under a grant on one day. */
public record Quota(long callsADay, long rowsADay) {
    public Quota {
        if (callsADay < 1 || rowsADay < 1) {
            throw new IllegalArgumentException("A quota lets something through");
        }
    }

    boolean isWithin(Quota other) {
        return callsADay <= other.callsADay && rowsADay <= other.rowsADay;
    }
}

package org.qiantang.zone;

/**
 * What holds in every authorised operation zone, unless it has stricter terms of its own.
 *
 * @param leastK of fewer persons nothing is released; no zone has less
 * @param mostRows of a result
 * @param runsADay of one zone
 * @param reviewDays working days for the bureau to review a result
 */
public record ZoneTerms(int leastK, int mostRows, int runsADay, int reviewDays) {
    /** By rule; a city may say more. */
    public static final int RULE = 5;

    /** Results are looked at whole, in memory. */
    public static final int MOST_ROWS = 1_000_000;

    public ZoneTerms {
        if (leastK < RULE) {
            throw new IllegalArgumentException("k is at least " + RULE);
        }
        if (mostRows < 1 || mostRows > MOST_ROWS || runsADay < 1 || reviewDays < 1) {
            throw new IllegalArgumentException("A result has 1 to " + MOST_ROWS + " rows, a day a run, a review a day");
        }
    }
}

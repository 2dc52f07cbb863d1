package org.qiantang.catalog;

/**
 * From where on a change is an alarm.
 *
 * @param leastRows of tables with fewer rows nothing is said
 * @param rowsFall share of the rows that is lost
 * @param rowsRise times the rows that there were
 * @param nulls by how much the share of rows without a value rises
 * @param distinct share of the different values that is lost
 * @param range by how many times its width the range is left
 * @param pattern share of the values written in a way that was not there before
 * @param late times the usual age of the newest value, and a day
 */
public record AlarmLimits(
        long leastRows,
        double rowsFall,
        double rowsRise,
        double nulls,
        double distinct,
        double range,
        double pattern,
        double late) {
    /** Unless the operator says otherwise. */
    public static final AlarmLimits USUAL = new AlarmLimits(20, 0.5, 3, 0.2, 0.5, 1, 0.2, 2);

    public AlarmLimits {
        if (leastRows < 1
                || !(rowsFall > 0 && rowsFall <= 1)
                || !(rowsRise > 1)
                || !(nulls > 0 && nulls <= 1)
                || !(distinct > 0 && distinct <= 1)
                || !(range > 0)
                || !(pattern > 0 && pattern <= 1)
                || !(late >= 1)) {
            throw new IllegalArgumentException("Shares are above 0 and up to 1, times at least 1: " + this);
        }
    }
}

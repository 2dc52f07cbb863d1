package org.qiantang.quality;

/**
 * How many working days there are for what (办理时限).
 *
 * @param answerDays for a department to mend what a ticket says
 * @param escalateDays beyond that, until those above are told
 * @param objectionDays for a department to settle an objection
 */
public record Deadlines(int answerDays, int escalateDays, int objectionDays) {
    public Deadlines {
        if (answerDays < 1 || escalateDays < 1 || objectionDays < 1) {
            throw new IllegalArgumentException("A deadline is at least one working day");
        }
    }
}

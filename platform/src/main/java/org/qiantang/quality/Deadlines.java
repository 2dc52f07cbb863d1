package org.qiantang.quality;

import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import org.qiantang.core.CityCalendar;

/**
 * How many working days there are for what (办理时限).
 *
 * @param answerDays for a department to mend what a ticket says
 * @param escalateDays beyond that, until those above are told
 * @param objectionDays for a department to settle an objection
 */
public record Deadlines(int answerDays, int escalateDays, int objectionDays) {
    /** When the offices close; a day that is granted ends with it. */
    private static final LocalTime CLOSE = LocalTime.of(17, 30);

    public Deadlines {
        if (answerDays < 1 || escalateDays < 1 || objectionDays < 1) {
            throw new IllegalArgumentException("A deadline is at least one working day");
        }
    }

    static Instant after(Instant from, int workingDays, CityCalendar calendar) {
        LocalDate day = from.atZone(calendar.zone()).toLocalDate();
        return calendar.workingDays()
                .after(day, workingDays)
                .atTime(CLOSE)
                .atZone(calendar.zone())
                .toInstant();
    }
}

package org.qiantang.core;

import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;

/** When the city works: what deadlines are counted by. Kept by the part that knows the holidays, asked by any. */
public interface CityCalendar {
    /** When the offices close; a day that is granted ends with it. */
    LocalTime CLOSE = LocalTime.of(17, 30);

    WorkingDays workingDays();

    ZoneId zone();

    /** When something ends that may take so many working days from a moment. */
    default Instant due(Instant from, int days) {
        return workingDays()
                .after(from.atZone(zone()).toLocalDate(), days)
                .atTime(CLOSE)
                .atZone(zone())
                .toInstant();
    }
}

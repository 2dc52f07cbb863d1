package org.qiantang.core;

import java.time.ZoneId;

/** When the city works: what deadlines are counted by. Kept by the part that knows the holidays, asked by any. */
public interface CityCalendar {
    WorkingDays workingDays();

    ZoneId zone();
}

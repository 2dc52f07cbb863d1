package org.qiantang.core;

import java.time.DayOfWeek;
import java.time.LocalDate;
import java.util.Map;

/**
 * On which days the city works: Monday to Friday, but for the holidays and the make-up days that the State Council arranges year by year.
 *
 * @param exceptions days that are not what their weekday says, and whether they are worked
 */
public record WorkingDays(Map<LocalDate, Boolean> exceptions) {
    public WorkingDays {
        exceptions = Map.copyOf(exceptions);
    }

    /** The day by which something has to be done that may take so many working days, the first of them the day after. */
    public LocalDate after(LocalDate day, int workingDays) {
        LocalDate at = day;
        for (int left = workingDays; left > 0; ) {
            at = at.plusDays(1);
            if (isWorking(at)) {
                left--;
            }
        }
        return at;
    }

    public boolean isWorking(LocalDate day) {
        Boolean arranged = exceptions.get(day);
        if (arranged != null) {
            return arranged;
        }
        return day.getDayOfWeek() != DayOfWeek.SATURDAY && day.getDayOfWeek() != DayOfWeek.SUNDAY;
    }
}

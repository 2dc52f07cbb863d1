package org.qiantang.collect;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.qiantang.core.Problem;
import org.qiantang.core.WorkingDays;

/**
 * When a source is collected by itself, and what may be asked of it, by whoever starts the run.
 *
 * @param windowFrom runs begin from this time of the day on, null for any; a window may go past midnight
 * @param windowTo and before this
 * @param priority of runs that wait at the same time, the higher first
 * @param connections to the source at the same time; null for as many as there are lanes
 * @param rowsPerSecond over all connections; null for no limit
 * @param verify when the lake is held against it by itself, also while the schedule rests; null for never
 */
public record Schedule(
        boolean enabled,
        Rhythm rhythm,
        Days days,
        @Nullable LocalTime windowFrom,
        @Nullable LocalTime windowTo,
        int priority,
        @Nullable Integer connections,
        @Nullable Long rowsPerSecond,
        @Nullable Verifying verify) {
    private static final int HORIZON_DAYS = 400;

    /**
     * Verifications without anybody's doing.
     *
     * @param values whether values are compared, or numbers of rows
     */
    public record Verifying(Rhythm rhythm, boolean values) {
        public Verifying {
            requireNonNull(rhythm, "rhythm is null");
        }
    }

    /** A schedule that verifies nothing. */
    public Schedule(
            boolean enabled,
            Rhythm rhythm,
            Days days,
            @Nullable LocalTime windowFrom,
            @Nullable LocalTime windowTo,
            int priority,
            @Nullable Integer connections,
            @Nullable Long rowsPerSecond) {
        this(enabled, rhythm, days, windowFrom, windowTo, priority, connections, rowsPerSecond, null);
    }

    /** On which days. */
    public enum Days {
        ALL,
        WORKING,
        FREE,
    }

    public Schedule {
        requireNonNull(rhythm, "rhythm is null");
        requireNonNull(days, "days is null");
        if ((windowFrom == null) != (windowTo == null) || (windowFrom != null && windowFrom.equals(windowTo))) {
            throw new Problem(CollectProblem.BAD_SCHEDULE, "reason", windowFrom + "–" + windowTo);
        }
        if (priority < -100 || priority > 100) {
            throw new Problem(CollectProblem.BAD_SCHEDULE, "reason", "priority " + priority);
        }
        if ((connections != null && connections < 1) || (rowsPerSecond != null && rowsPerSecond < 1)) {
            throw new Problem(CollectProblem.BAD_SCHEDULE, "reason", connections + ", " + rowsPerSecond);
        }
    }

    /**
     * The first time after an instant; empty when there is none within a year, or the schedule rests.
     *
     * @param zone where the city's clocks stand
     */
    public Optional<Instant> next(Instant after, ZoneId zone, WorkingDays calendar) {
        return enabled ? next(rhythm, after, zone, calendar) : Optional.empty();
    }

    /** The first time for a verification after an instant, on the same days and in the same window; empty when there is none. */
    public Optional<Instant> nextVerification(Instant after, ZoneId zone, WorkingDays calendar) {
        return verify == null ? Optional.empty() : next(verify.rhythm, after, zone, calendar);
    }

    private Optional<Instant> next(Rhythm rhythm, Instant after, ZoneId zone, WorkingDays calendar) {
        LocalDate first = after.atZone(zone).toLocalDate();
        for (int i = 0; i < HORIZON_DAYS; i++) {
            LocalDate day = first.plusDays(i);
            if (!isOn(day, calendar)) {
                continue;
            }
            for (LocalTime time : rhythm.times(day)) {
                Instant at = day.atTime(time).atZone(zone).toInstant();
                if (isInWindow(time) && at.isAfter(after)) {
                    return Optional.of(at);
                }
            }
        }
        return Optional.empty();
    }

    private boolean isOn(LocalDate day, WorkingDays calendar) {
        return switch (days) {
            case ALL -> true;
            case WORKING -> calendar.isWorking(day);
            case FREE -> !calendar.isWorking(day);
        };
    }

    private boolean isInWindow(LocalTime time) {
        LocalTime from = windowFrom;
        LocalTime to = windowTo;
        if (from == null || to == null) {
            return true;
        }
        return from.isBefore(to)
                ? !time.isBefore(from) && time.isBefore(to)
                : !time.isBefore(from) || time.isBefore(to);
    }
}

package org.qiantang.collect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.qiantang.core.Problem;
import org.qiantang.core.WorkingDays;

class ScheduleTest {
    /** 1 October 2026 is a Thursday, taken as a holiday until the 7th; Saturday the 10th is worked for it. */
    private static final WorkingDays CALENDAR = new WorkingDays(Map.of(
            LocalDate.of(2026, 10, 1), false,
            LocalDate.of(2026, 10, 2), false,
            LocalDate.of(2026, 10, 5), false,
            LocalDate.of(2026, 10, 6), false,
            LocalDate.of(2026, 10, 7), false,
            LocalDate.of(2026, 10, 10), true));

    private static Schedule schedule(String rhythm, Schedule.Days days, String from, String to) {
        return new Schedule(
                true,
                Rhythm.of(rhythm),
                days,
                from.isEmpty() ? null : LocalTime.parse(from),
                to.isEmpty() ? null : LocalTime.parse(to),
                0,
                null,
                null);
    }

    private static final ZoneId ZONE = ZoneId.of("Asia/Shanghai");

    private static List<String> next(Schedule schedule, String after, int count) {
        List<String> times = new ArrayList<>();
        Instant at = LocalDateTime.parse(after).atZone(ZONE).toInstant();
        while (times.size() < count) {
            at = schedule.next(at, ZONE, CALENDAR).orElseThrow();
            times.add(at.atZone(ZONE).toLocalDateTime().toString());
        }
        return times;
    }

    @Test
    void everyRhythmHasItsTimes() {
        assertThat(next(schedule("every 45 minutes", Schedule.Days.ALL, "", ""), "2026-09-01T22:40", 4))
                .containsExactly("2026-09-01T23:15", "2026-09-02T00:00", "2026-09-02T00:45", "2026-09-02T01:30");
        assertThat(next(schedule("daily 02:30", Schedule.Days.ALL, "", ""), "2026-09-01T02:30", 2))
                .containsExactly("2026-09-02T02:30", "2026-09-03T02:30");
        assertThat(next(schedule("weekly MON,THU 06:00", Schedule.Days.ALL, "", ""), "2026-09-01T00:00", 3))
                .containsExactly("2026-09-03T06:00", "2026-09-07T06:00", "2026-09-10T06:00");
        assertThat(next(schedule("cron 0 2 1 * *", Schedule.Days.ALL, "", ""), "2026-09-01T02:00", 2))
                .containsExactly("2026-10-01T02:00", "2026-11-01T02:00");
    }

    @Test
    void holidaysAreLeftOutAndMakeUpDaysAreWorked() {
        assertThat(next(schedule("daily 08:00", Schedule.Days.WORKING, "", ""), "2026-09-30T09:00", 4))
                .containsExactly("2026-10-08T08:00", "2026-10-09T08:00", "2026-10-10T08:00", "2026-10-12T08:00");
        assertThat(next(schedule("daily 08:00", Schedule.Days.FREE, "", ""), "2026-10-06T09:00", 3))
                .containsExactly("2026-10-07T08:00", "2026-10-11T08:00", "2026-10-17T08:00");
    }

    @Test
    void runsBeginInTheirWindowEvenPastMidnight() {
        assertThat(next(schedule("every 60 minutes", Schedule.Days.ALL, "22:00", "01:00"), "2026-09-01T12:00", 4))
                .containsExactly("2026-09-01T22:00", "2026-09-01T23:00", "2026-09-02T00:00", "2026-09-02T22:00");
        assertThat(next(schedule("every 60 minutes", Schedule.Days.ALL, "12:00", "14:00"), "2026-09-01T12:30", 2))
                .containsExactly("2026-09-01T13:00", "2026-09-02T12:00");
    }

    @Test
    void whatNeverComesHasNoNextTime() {
        Instant now = Instant.parse("2026-09-01T00:00:00Z");

        assertThat(schedule("daily 08:00", Schedule.Days.ALL, "22:00", "23:00").next(now, ZONE, CALENDAR))
                .isEmpty();
        assertThat(new Schedule(false, Rhythm.of("daily 08:00"), Schedule.Days.ALL, null, null, 0, null, null)
                        .next(now, ZONE, CALENDAR))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "every 15 minutes",
                "daily 02:30",
                "weekly MON,THU 02:30",
                "cron 0 2 1 * *",
                "cron */10 8-18 * * MON-FRI"
            })
    void whatIsWrittenIsReadBack(String text) {
        assertThat(Rhythm.of(text)).hasToString(text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "hourly",
                "every 0 minutes",
                "every 2000 minutes",
                "daily 25:00",
                "daily",
                "weekly 02:00",
                "weekly XYZ 02:00",
                "cron * *",
                "cron 0 99 * * *",
                "cron 0 0 2 1 * *"
            })
    void whatIsNoRhythmIsRefused(String text) {
        assertThatThrownBy(() -> Rhythm.of(text))
                .isInstanceOfSatisfying(
                        Problem.class, problem -> assertThat(problem.code()).isEqualTo(CollectProblem.BAD_SCHEDULE));
    }
}

package org.qiantang.app.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import org.junit.jupiter.api.Test;

class DaysTest {
    @Test
    void everyDayOfThreeCenturiesIsWrittenAsTheCalendarDoes() {
        for (long day = Days.of(1850, 1, 1); day < Days.of(2149, 12, 31); day++) {
            assertThat(Days.text(day)).isEqualTo(LocalDate.ofEpochDay(day).toString());
        }
    }

    @Test
    void timesAreWrittenToTheSecond() {
        DateTimeFormatter format = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss");
        for (long second = -3_000_000_000L; second < 3_000_000_000L; second += 7_654_321) {
            StringBuilder out = new StringBuilder();
            Days.appendTime(second, out);
            assertThat(out.toString())
                    .isEqualTo(LocalDateTime.ofEpochSecond(second, 0, ZoneOffset.UTC)
                            .format(format));
        }
    }
}

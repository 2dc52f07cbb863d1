package org.qiantang.collect.internal.jdbc;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AsciiTest {
    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    @Test
    void everyDayOfTheCalendarIsItsNumber() {
        for (LocalDate day = LocalDate.of(1, 1, 1); day.getYear() <= 9999; day = day.plusDays(97)) {
            assertThat(Ascii.date(bytes(day.toString()))).isEqualTo(day.toEpochDay());
        }
        for (LocalDate day = LocalDate.of(1896, 1, 1); day.getYear() <= 2004; day = day.plusDays(1)) {
            assertThat(Ascii.date(bytes(day.toString()))).isEqualTo(day.toEpochDay());
        }
    }

    @Test
    void timesAreTheirMicroseconds() {
        Random random = new Random(1);
        for (int i = 0; i < 10_000; i++) {
            LocalTime time = LocalTime.ofNanoOfDay(random.nextLong(86_400_000_000L) * 1000);
            LocalDateTime at =
                    LocalDate.ofEpochDay(random.nextInt(-700_000, 2_900_000)).atTime(time);
            String text = at.toLocalDate() + " " + String.format("%tT.%06d", time, time.getNano() / 1000);
            assertThat(Ascii.timestamp(bytes(text)))
                    .as(text)
                    .isEqualTo(ChronoUnit.MICROS.between(LocalDateTime.ofEpochSecond(0, 0, ZoneOffset.UTC), at));
            assertThat(Ascii.time(bytes(text.substring(11)))).isEqualTo(time.toNanoOfDay() / 1000);
        }
        assertThat(Ascii.time(bytes("00:00:00.5"))).isEqualTo(500_000);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0000-00-00",
                "2024-00-15",
                "2024-13-01",
                "2024-02-30",
                "2023-02-29",
                "1900-02-29",
                "0000-01-01",
                "2024-01-00",
                "2024-1-1",
                "+2024-01-01",
                "",
                "2024-01-01 24:00:00",
                "2024-01-01 00:60:00",
                "2024-01-01 00:00:60",
                "2024-01-01T00:00:00",
                "2024-01-01 00:00:00.1234567",
                "2024-01-01 00:00:00,5",
            })
    void whatIsNoTimeIsNone(String text) {
        assertThat(Ascii.date(bytes(text))).isEqualTo(Ascii.NONE);
        assertThat(Ascii.timestamp(bytes(text))).isEqualTo(Ascii.NONE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"24:00:00", "-00:00:01", "838:59:59", "-838:59:59.5", "00:00", "aa:bb:cc"})
    void durationIsNoTimeOfDay(String text) {
        assertThat(Ascii.time(bytes(text))).isEqualTo(Ascii.NONE);
    }

    @Test
    void decimalsAreTheirUnscaledValues() {
        Random random = new Random(2);
        for (int i = 0; i < 20_000; i++) {
            int precision = random.nextInt(1, 19);
            int scale = random.nextInt(0, precision + 1);
            long unscaled = random.nextLong() % (long) Math.pow(10, random.nextInt(1, precision + 1));
            String text = BigDecimal.valueOf(unscaled, scale).toPlainString();
            long read = Ascii.decimal(bytes(text), precision, scale);
            if (Long.toString(Math.abs(unscaled)).length() <= precision) {
                assertThat(read).as(text).isEqualTo(unscaled);
            }
        }
        assertThat(Ascii.decimal(bytes("1.5"), 10, 4)).isEqualTo(15_000);
        assertThat(Ascii.decimal(bytes("12345.5"), 5, 1)).isEqualTo(Ascii.NONE);
        assertThat(Ascii.decimal(bytes("1.55"), 10, 1)).isEqualTo(Ascii.NONE);
        assertThat(Ascii.decimal(bytes("NaN"), 10, 1)).isEqualTo(Ascii.NONE);
        assertThat(Ascii.decimal(bytes(""), 10, 1)).isEqualTo(Ascii.NONE);
        assertThat(Ascii.decimal(bytes("9999999999999999999"), 18, 0)).isEqualTo(Ascii.NONE);
    }

    @Test
    void brokenUtf8IsSeen() {
        assertThat(Ascii.isUtf8(bytes("汉字 𠮷 plain"))).isTrue();
        assertThat(Ascii.isUtf8(new byte[] {'a', (byte) 0xff})).isFalse();
        assertThat(Ascii.isUtf8(new byte[] {(byte) 0xed, (byte) 0xa0, (byte) 0x80}))
                .isFalse();
        assertThat(Ascii.isUtf8(new byte[] {(byte) 0xc0, (byte) 0x80})).isFalse();
    }
}

package org.qiantang.app.demo;

import java.time.LocalDate;

/** Days as numbers, and their writing without an object each: a million rows hold several million of them. */
final class Days {
    static final long SECONDS = 86_400;
    /** The demo city's today; nothing in it looks at a clock. */
    static final long TODAY = of(2026, 10, 31);

    private static final int FIRST_YEAR = 1850;
    private static final int LAST_YEAR = 2150;
    private static final int[] YEAR_STARTS = yearStarts();

    private Days() {}

    static long of(int year, int month, int day) {
        return LocalDate.of(year, month, day).toEpochDay();
    }

    static int year(long epochDay) {
        int year = (int) (1970 + Math.floorDiv(epochDay, 365));
        year = Math.clamp(year, FIRST_YEAR, LAST_YEAR - 1);
        while (YEAR_STARTS[year - FIRST_YEAR] > epochDay) {
            year--;
        }
        while (YEAR_STARTS[year - FIRST_YEAR + 1] <= epochDay) {
            year++;
        }
        return year;
    }

    /** The first day of the month so many months before today's; 0 is 2026-10-01. */
    static long monthsAgo(int months) {
        return LocalDate.of(2026, 10, 1).minusMonths(months).toEpochDay();
    }

    /** yyyyMM of a day. */
    static String month(long epochDay) {
        StringBuilder out = new StringBuilder();
        append(epochDay, out);
        return out.substring(0, 4) + out.substring(5, 7);
    }

    /** yyyyMMdd of a day. */
    static String compact(long epochDay) {
        StringBuilder out = new StringBuilder();
        append(epochDay, out);
        return out.substring(0, 4) + out.substring(5, 7) + out.substring(8, 10);
    }

    static String text(long epochDay) {
        StringBuilder out = new StringBuilder();
        append(epochDay, out);
        return out.toString();
    }

    static void append(long epochDay, StringBuilder out) {
        int year = year(epochDay);
        int day = (int) (epochDay - YEAR_STARTS[year - FIRST_YEAR]);
        boolean leap = YEAR_STARTS[year - FIRST_YEAR + 1] - YEAR_STARTS[year - FIRST_YEAR] == 366;
        int month = 1;
        while (true) {
            int length = switch (month) {
                case 2 -> leap ? 29 : 28;
                case 4, 6, 9, 11 -> 30;
                default -> 31;
            };
            if (day < length) {
                break;
            }
            day -= length;
            month++;
        }
        out.append(year).append('-');
        twoDigits(month, out);
        out.append('-');
        twoDigits(day + 1, out);
    }

    static void appendTime(long localSecond, StringBuilder out) {
        append(Math.floorDiv(localSecond, SECONDS), out);
        int second = (int) Math.floorMod(localSecond, SECONDS);
        out.append(' ');
        twoDigits(second / 3600, out);
        out.append(':');
        twoDigits(second / 60 % 60, out);
        out.append(':');
        twoDigits(second % 60, out);
    }

    /** A number with leading zeros; {@code String.format} takes twenty times as long, and rows need millions of these. */
    static String padded(long value, int width) {
        String digits = Long.toString(value);
        return digits.length() >= width ? digits : "0".repeat(width - digits.length()) + digits;
    }

    private static void twoDigits(int value, StringBuilder out) {
        out.append((char) ('0' + value / 10)).append((char) ('0' + value % 10));
    }

    private static int[] yearStarts() {
        int[] starts = new int[LAST_YEAR - FIRST_YEAR + 1];
        for (int i = 0; i < starts.length; i++) {
            starts[i] = (int) of(FIRST_YEAR + i, 1, 1);
        }
        return starts;
    }
}

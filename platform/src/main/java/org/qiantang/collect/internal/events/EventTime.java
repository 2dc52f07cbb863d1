package org.qiantang.collect.internal.events;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneOffset;

/**
 * When something happened, as the many kinds of devices write it: ISO 8601 with or without a zone, digits alone as HJ 212 has them, or
 * seconds, milliseconds, microseconds or nanoseconds since 1970. What names no zone is Chinese time.
 */
final class EventTime {
    /** No time that can be understood. */
    static final long NONE = Long.MIN_VALUE;

    private static final ZoneOffset CHINA = ZoneOffset.ofHours(8);
    private static final long EARLIEST = LocalDate.of(1900, 1, 1).toEpochDay() * 86_400_000_000L;
    private static final long LATEST = LocalDate.of(2200, 1, 1).toEpochDay() * 86_400_000_000L;

    private EventTime() {}

    /** Microseconds since 1970, or {@link #NONE}. */
    static long micros(String text) {
        String given = text.strip();
        try {
            return bounded(isDigits(given) ? ofDigits(given) : ofIso(given));
        } catch (DateTimeException | NumberFormatException | StringIndexOutOfBoundsException | ArithmeticException e) {
            return NONE;
        }
    }

    /** Microseconds since 1970 of a number whose size tells its unit, or {@link #NONE}. */
    static long micros(double number) {
        if (number < 1e11) {
            return bounded(Math.round(number * 1e6));
        }
        return number < 1e19 ? bounded(ofEpoch((long) number)) : NONE;
    }

    private static long bounded(long micros) {
        return micros >= EARLIEST && micros < LATEST ? micros : NONE;
    }

    private static boolean isDigits(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                return false;
            }
        }
        return !text.isEmpty();
    }

    private static long ofDigits(String digits) {
        if (digits.length() == 14 || digits.length() == 17) {
            int millis = digits.length() == 17 ? Integer.parseInt(digits, 14, 17, 10) : 0;
            LocalDate day = LocalDate.of(part(digits, 0, 4), part(digits, 4, 6), part(digits, 6, 8));
            LocalTime time = LocalTime.of(part(digits, 8, 10), part(digits, 10, 12), part(digits, 12, 14));
            return micros(day, time, CHINA) + millis * 1_000L;
        }
        return ofEpoch(Long.parseLong(digits));
    }

    private static long ofEpoch(long number) {
        if (number < 100_000_000_000L) {
            return number * 1_000_000;
        }
        if (number < 100_000_000_000_000L) {
            return number * 1_000;
        }
        return number < 100_000_000_000_000_000L ? number : number / 1_000;
    }

    private static long ofIso(String text) {
        if (text.charAt(4) != '-' || text.charAt(7) != '-') {
            return NONE;
        }
        LocalDate day = LocalDate.of(part(text, 0, 4), part(text, 5, 7), part(text, 8, 10));
        if (text.length() == 10) {
            return micros(day, LocalTime.MIDNIGHT, CHINA);
        }
        char between = text.charAt(10);
        if ((between != 'T' && between != ' ' && between != 't') || text.charAt(13) != ':') {
            return NONE;
        }
        int at = 16;
        int seconds = 0;
        if (at < text.length() && text.charAt(at) == ':') {
            seconds = part(text, 17, 19);
            at = 19;
        }
        int nanos = 0;
        if (at < text.length() && (text.charAt(at) == '.' || text.charAt(at) == ',')) {
            int start = ++at;
            while (at < text.length() && Character.isDigit(text.charAt(at))) {
                at++;
            }
            String fraction = (text.substring(start, at) + "000000000").substring(0, 9);
            nanos = Integer.parseInt(fraction);
        }
        String zone = text.substring(at).strip();
        ZoneOffset offset = zone.isEmpty() ? CHINA : ZoneOffset.of(zone.equals("z") ? "Z" : zone);
        // A leap second is the last one of its minute.
        LocalTime time = LocalTime.of(part(text, 11, 13), part(text, 14, 16), Math.min(seconds, 59), nanos);
        return micros(day, time, offset);
    }

    private static long micros(LocalDate day, LocalTime time, ZoneOffset offset) {
        long seconds = day.toEpochDay() * 86_400L + time.toSecondOfDay() - offset.getTotalSeconds();
        return seconds * 1_000_000L + time.getNano() / 1_000;
    }

    private static int part(String text, int from, int to) {
        return Integer.parseInt(text, from, to, 10);
    }
}

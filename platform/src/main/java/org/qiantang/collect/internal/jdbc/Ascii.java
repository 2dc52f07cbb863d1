package org.qiantang.collect.internal.jdbc;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Numbers and times from the text a server writes them in; {@link #NONE} or null says that the lake's type cannot hold the value. */
final class Ascii {
    static final long NONE = Long.MIN_VALUE;

    private static final long DAY_MICROS = 86_400_000_000L;
    private static final int[] MONTH_DAYS = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    private static final int LONG_DIGITS = 18;

    private Ascii() {}

    /** Days since 1970-01-01 of a date that exists. */
    static long date(byte[] text) {
        return text.length == 10 ? days(text) : NONE;
    }

    /** Microseconds since midnight of a time of day. */
    static long time(byte[] text) {
        return micros(text, 0);
    }

    /** Microseconds since 1970-01-01T00:00. */
    static long timestamp(byte[] text) {
        if (text.length < 19 || text[10] != ' ') {
            return NONE;
        }
        long days = days(text);
        long micros = micros(text, 11);
        return days == NONE || micros == NONE ? NONE : days * DAY_MICROS + micros;
    }

    private static long days(byte[] text) {
        if (text[4] != '-' || text[7] != '-') {
            return NONE;
        }
        int year = number(text, 0, 4);
        int month = number(text, 5, 7);
        int day = number(text, 8, 10);
        if (year < 1 || month < 1 || month > 12 || day < 1) {
            return NONE;
        }
        boolean isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        if (day > MONTH_DAYS[month - 1] + (isLeap && month == 2 ? 1 : 0)) {
            return NONE;
        }
        // Years that begin in March put the leap day at their end.
        int shifted = month > 2 ? year : year - 1;
        int dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
        return 365L * shifted + shifted / 4 - shifted / 100 + shifted / 400 + dayOfYear - 719_468;
    }

    private static long micros(byte[] text, int at) {
        int length = text.length - at;
        if (length < 8 || text[at + 2] != ':' || text[at + 5] != ':') {
            return NONE;
        }
        int hours = number(text, at, at + 2);
        int minutes = number(text, at + 3, at + 5);
        int seconds = number(text, at + 6, at + 8);
        if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59 || seconds < 0 || seconds > 59) {
            return NONE;
        }
        long fraction = 0;
        if (length > 8) {
            if (text[at + 8] != '.' || length > 15) {
                return NONE;
            }
            int digits = number(text, at + 9, text.length);
            if (digits < 0) {
                return NONE;
            }
            fraction = digits;
            for (int i = length; i < 15; i++) {
                fraction *= 10;
            }
        }
        return ((hours * 60L + minutes) * 60 + seconds) * 1_000_000 + fraction;
    }

    /** At most nine digits, or -1. */
    private static int number(byte[] text, int from, int to) {
        int value = 0;
        for (int i = from; i < to; i++) {
            int digit = text[i] - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            value = value * 10 + digit;
        }
        return value;
    }

    /** The unscaled value of a decimal of at most 18 digits, or {@link #NONE}. */
    static long decimal(byte[] text, int precision, int scale) {
        if (text.length == 0) {
            return NONE;
        }
        int at = text[0] == '-' || text[0] == '+' ? 1 : 0;
        long value = 0;
        int digits = 0;
        int fraction = -1;
        for (; at < text.length; at++) {
            byte c = text[at];
            if (c == '.' && fraction < 0) {
                fraction = 0;
                continue;
            }
            if (c < '0' || c > '9' || digits == LONG_DIGITS) {
                return NONE;
            }
            value = value * 10 + (c - '0');
            if (value != 0) {
                digits++;
            }
            if (fraction >= 0) {
                fraction++;
            }
        }
        for (int i = Math.max(fraction, 0); i < scale; i++) {
            if (digits == LONG_DIGITS) {
                return NONE;
            }
            value *= 10;
            digits += value == 0 ? 0 : 1;
        }
        if (digits > precision || fraction > scale) {
            return NONE;
        }
        return text[0] == '-' ? -value : value;
    }

    /** Whether the bytes are UTF-8 as the standard has it. */
    static boolean isUtf8(byte[] text) {
        int i = 0;
        while (i < text.length && text[i] >= 0) {
            i++;
        }
        if (i == text.length) {
            return true;
        }
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(text, i, text.length - i));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }
}

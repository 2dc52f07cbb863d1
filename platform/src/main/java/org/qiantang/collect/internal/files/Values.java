package org.qiantang.collect.internal.files;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;

/** Reads the few exact forms of text that become typed values. */
final class Values {
    static final int INTEGER = 1;
    static final int DECIMAL = 2;
    static final int FLOAT = 4;
    static final int DATE = 8;
    static final int TIMESTAMP = 16;
    static final int BOOL = 32;
    static final int ALL = 63;

    /** No such value. */
    static final long NONE = Long.MIN_VALUE;

    private static final int FLOAT_DIGITS = 15;
    private static final long MICROS_OF_DAY = 86_400_000_000L;

    private Values() {}

    /**
     * The types whose text form these bytes are exactly, as a set of bits. A number with a leading zero, a plus sign, separators or
     * an exponent is none; a fraction with a trailing zero is a {@link #DECIMAL} but no {@link #FLOAT}.
     */
    static int kinds(byte[] b, int start, int end) {
        int length = end - start;
        if (length == 0 || length > 40) {
            return 0;
        }
        byte first = b[start];
        if (first == 't' || first == 'f') {
            return isTrue(b, start, end) || isFalse(b, start, end) ? BOOL : 0;
        }
        if (first != '-' && (first < '0' || first > '9')) {
            return 0;
        }
        if (length == 10 && b[start + 4] == '-') {
            return date(b, start, end) == NONE ? 0 : DATE;
        }
        if (length == 19 && b[start + 4] == '-') {
            return timestamp(b, start, end) == NONE ? 0 : TIMESTAMP;
        }
        int i = start;
        boolean negative = first == '-';
        if (negative) {
            i++;
        }
        int whole = i;
        boolean allZero = true;
        while (i < end && b[i] >= '0' && b[i] <= '9') {
            allZero &= b[i] == '0';
            i++;
        }
        int wholeDigits = i - whole;
        if (wholeDigits == 0 || (wholeDigits > 1 && b[whole] == '0')) {
            return 0;
        }
        if (i == end) {
            if (negative && allZero) {
                return 0;
            }
            return (wholeDigits <= 18 ? INTEGER : 0)
                    | (wholeDigits <= 38 ? DECIMAL : 0)
                    | (wholeDigits <= FLOAT_DIGITS ? FLOAT : 0);
        }
        if (b[i] != '.') {
            return 0;
        }
        i++;
        int fraction = i;
        while (i < end && b[i] >= '0' && b[i] <= '9') {
            allZero &= b[i] == '0';
            i++;
        }
        int scale = i - fraction;
        if (i != end || scale == 0 || (negative && allZero)) {
            return 0;
        }
        return (wholeDigits + scale <= 38 ? DECIMAL : 0)
                | (wholeDigits + scale <= FLOAT_DIGITS && b[end - 1] != '0' ? FLOAT : 0);
    }

    /** Digits before the point of a number of {@link #kinds}. */
    static int wholeDigits(byte[] b, int start, int end) {
        int i = b[start] == '-' ? start + 1 : start;
        int from = i;
        while (i < end && b[i] != '.') {
            i++;
        }
        return i - from;
    }

    /** Digits after the point of a number of {@link #kinds}. */
    static int scale(byte[] b, int start, int end) {
        for (int i = end - 1; i >= start; i--) {
            if (b[i] == '.') {
                return end - 1 - i;
            }
        }
        return 0;
    }

    /** An integer of at most 18 digits, or the unscaled value of such a decimal; {@link #NONE} when it is not one. */
    static long unscaled(byte[] b, int start, int end) {
        int i = start;
        boolean negative = i < end && b[i] == '-';
        if (negative) {
            i++;
        }
        long value = 0;
        int digits = 0;
        for (; i < end; i++) {
            int digit = b[i] - '0';
            if (digit < 0 || digit > 9) {
                if (b[i] == '.') {
                    continue;
                }
                return NONE;
            }
            value = value * 10 + digit;
            digits++;
        }
        if (digits == 0 || digits > 18) {
            return NONE;
        }
        return negative ? -value : value;
    }

    static BigInteger bigUnscaled(byte[] b, int start, int end) {
        return new BigInteger(text(b, start, end).replace(".", ""));
    }

    /** The double a number of at most 15 digits means: exact integers divided by an exact power of ten are rounded once. */
    static double toDouble(byte[] b, int start, int end) {
        int scale = scale(b, start, end);
        long unscaled = unscaled(b, start, end);
        return scale == 0 ? unscaled : unscaled / POWERS[scale];
    }

    private static final double[] POWERS = {
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15
    };

    static boolean isTrue(byte[] b, int s, int e) {
        return e - s == 4 && b[s] == 't' && b[s + 1] == 'r' && b[s + 2] == 'u' && b[s + 3] == 'e';
    }

    static boolean isFalse(byte[] b, int s, int e) {
        return e - s == 5 && b[s] == 'f' && b[s + 1] == 'a' && b[s + 2] == 'l' && b[s + 3] == 's' && b[s + 4] == 'e';
    }

    /** Days since 1970-01-01 of {@code yyyy-MM-dd}. */
    static long date(byte[] b, int s, int e) {
        if (e - s < 10 || b[s + 4] != '-' || b[s + 7] != '-') {
            return NONE;
        }
        int year = two(b, s) * 100 + two(b, s + 2);
        int month = two(b, s + 5);
        int day = two(b, s + 8);
        if (two(b, s) < 0 || two(b, s + 2) < 0 || year < 1 || month < 1 || month > 12 || day < 1 || day > 31) {
            return NONE;
        }
        if (day > 28 && day > java.time.YearMonth.of(year, month).lengthOfMonth()) {
            return NONE;
        }
        return LocalDate.of(year, month, day).toEpochDay();
    }

    /** Microseconds since 1970 of {@code yyyy-MM-dd HH:mm:ss}. */
    static long timestamp(byte[] b, int s, int e) {
        long day = e - s == 19 ? date(b, s, e) : NONE;
        if (day == NONE || b[s + 10] != ' ' || b[s + 13] != ':' || b[s + 16] != ':') {
            return NONE;
        }
        int hour = two(b, s + 11);
        int minute = two(b, s + 14);
        int second = two(b, s + 17);
        if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) {
            return NONE;
        }
        return day * MICROS_OF_DAY + ((hour * 60L + minute) * 60 + second) * 1_000_000;
    }

    private static int two(byte[] b, int at) {
        int high = b[at] - '0';
        int low = b[at + 1] - '0';
        return high < 0 || high > 9 || low < 0 || low > 9 ? -1000 : high * 10 + low;
    }

    static String text(byte[] b, int start, int end) {
        return new String(b, start, end - start, StandardCharsets.UTF_8);
    }
}

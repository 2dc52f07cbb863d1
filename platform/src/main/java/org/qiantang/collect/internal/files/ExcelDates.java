package org.qiantang.collect.internal.files;

import java.util.Locale;

/** Turns the numbers of a workbook into the dates and times their formats show. */
final class ExcelDates {
    /** What a number format shows. */
    enum Form {
        NUMBER,
        /** Days, perhaps with a time of day. */
        DATE,
        /** A time of day. */
        TIME,
    }

    /** The day a workbook counts from. */
    enum Epoch {
        FROM_1900,
        FROM_1904,
    }

    private static final long MILLIS_OF_DAY = 86_400_000L;
    private static final long DAYS_1900_TO_1970 = 25_569;
    private static final long DAYS_1904_TO_1970 = 24_107;
    /** 10000-01-01 in days from 1900. */
    private static final double LAST = 2_958_466;

    private ExcelDates() {}

    /**
     * What a format shows. The numbers below 50 that are fixed by the format's standard (ECMA-376 part 1, 18.8.30) come without a
     * pattern; 27 to 36 and 50 to 58 are the dates of East Asian versions.
     */
    static Form form(int id, String pattern) {
        if (pattern.isEmpty()) {
            if ((id >= 14 && id <= 17) || id == 22 || (id >= 27 && id <= 31) || id == 36 || (id >= 50 && id <= 58)) {
                return Form.DATE;
            }
            return (id >= 18 && id <= 21) || (id >= 32 && id <= 35) || id == 45 || id == 47 ? Form.TIME : Form.NUMBER;
        }
        return form(pattern);
    }

    private static Form form(String pattern) {
        boolean date = false;
        boolean time = false;
        boolean month = false;
        String lower = pattern.toLowerCase(Locale.ROOT);
        for (int i = 0; i < lower.length(); i++) {
            char c = lower.charAt(i);
            switch (c) {
                case '"' -> {
                    int close = lower.indexOf('"', i + 1);
                    i = close < 0 ? lower.length() : close;
                }
                case '\\', '_', '*' -> i++;
                case '[' -> {
                    int close = lower.indexOf(']', i + 1);
                    String inside = close < 0 ? "" : lower.substring(i + 1, close);
                    if (inside.matches("h+|m+|s+")) {
                        // Elapsed hours are an amount, not a time of day.
                        return Form.NUMBER;
                    }
                    i = close < 0 ? lower.length() : close;
                }
                case ';' -> i = lower.length();
                case 'y', 'd' -> date = true;
                case 'e' -> date |= i + 1 >= lower.length() || "+-".indexOf(lower.charAt(i + 1)) < 0;
                case 'm' -> month = true;
                case 'h', 's' -> time = true;
                case '0', '#', '?' -> {
                    boolean fraction = i > 0 && lower.charAt(i - 1) == '.' || (time && c == '0');
                    if (!fraction) {
                        return Form.NUMBER;
                    }
                }
                case 'g' -> {
                    if (lower.startsWith("general", i)) {
                        return Form.NUMBER;
                    }
                }
                default -> {}
            }
        }
        if (date || (month && !time)) {
            return Form.DATE;
        }
        return time ? Form.TIME : Form.NUMBER;
    }

    /**
     * Microseconds of the moment a number stands for; {@link Values#NONE} when it is a plain number, or one its format cannot show, such
     * as a negative date or the 29 February 1900 that never was.
     */
    static long micros(double value, Form form, Epoch epoch) {
        if (form == Form.NUMBER || !(value >= 0) || value >= LAST) {
            return Values.NONE;
        }
        long millis = Math.round(value * MILLIS_OF_DAY);
        if (form == Form.TIME) {
            return millis < MILLIS_OF_DAY ? millis * 1000 : Values.NONE;
        }
        long shift = DAYS_1904_TO_1970;
        if (epoch == Epoch.FROM_1900) {
            if (value < 1 || (value >= 60 && value < 61)) {
                return Values.NONE;
            }
            shift = value < 60 ? DAYS_1900_TO_1970 - 1 : DAYS_1900_TO_1970;
        }
        return (millis - shift * MILLIS_OF_DAY) * 1000;
    }
}

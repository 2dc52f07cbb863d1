package org.qiantang.collect.internal.files;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.qiantang.collect.internal.files.Records.Kind;
import org.qiantang.lake.LakeType;

/**
 * Finds the type that keeps every value of a field of records. Numbers keep their value, whatever it takes: integers of 64 bits, else
 * doubles when each reads back as what is written, else decimals, else the text.
 */
final class ValueGuess {
    private static final int LONGEST_NUMBER = 400;
    private static final int EXACT_DIGITS = 15;
    private static final int DECIMAL_DIGITS = 38;
    private static final int SMALL_DECIMAL_DIGITS = 18;

    private final ColumnGuess texts = new ColumnGuess();
    private final long[] counts = new long[Kind.values().length];
    private boolean integers = true;
    private boolean doubles = true;
    private boolean decimals = true;
    private boolean oneScale = true;
    private int writtenScale = -1;
    private int mostWhole = 1;
    private int mostScale;

    void add(Kind kind, byte[] value) {
        counts[kind.ordinal()]++;
        switch (kind) {
            case NULL, BOOL, NESTED, BROKEN -> {}
            case NUMBER -> addNumber(value);
            case TEXT -> {
                if (value.length == 0) {
                    texts.addText();
                } else {
                    texts.add(value, 0, value.length);
                }
            }
            case UNTYPED -> texts.add(value, 0, value.length);
        }
    }

    LakeType type(String name) {
        Kind only = Kind.NULL;
        for (Kind kind : Kind.values()) {
            if (kind != Kind.NULL && counts[kind.ordinal()] > 0) {
                if (only != Kind.NULL) {
                    return LakeType.TEXT;
                }
                only = kind;
            }
        }
        return switch (only) {
            case NULL, NESTED, BROKEN -> LakeType.TEXT;
            case BOOL -> LakeType.BOOL;
            case NUMBER -> numberType();
            case UNTYPED -> texts.type(name);
            // A text of digits is a text; only what JSON has no other way to write is more.
            case TEXT ->
                switch (texts.type(name)) {
                    case LakeType.Date date -> date;
                    case LakeType.Timestamp timestamp -> timestamp;
                    default -> LakeType.TEXT;
                };
        };
    }

    /** The kinds of value there are, as a person would say. */
    String sourceType() {
        StringBuilder all = new StringBuilder();
        for (Kind kind : Kind.values()) {
            if (kind != Kind.NULL && counts[kind.ordinal()] > 0) {
                all.append(all.isEmpty() ? "" : " and ");
                all.append(kind == Kind.UNTYPED ? "text" : kind.name().toLowerCase(Locale.ROOT));
            }
        }
        return all.isEmpty() ? "null" : all.toString();
    }

    private LakeType numberType() {
        if (integers) {
            return LakeType.INT64;
        }
        boolean fits = decimals && mostWhole + mostScale <= DECIMAL_DIGITS;
        if (fits && oneScale && writtenScale > 0) {
            return decimal();
        }
        if (doubles) {
            return LakeType.FLOAT64;
        }
        return fits ? decimal() : LakeType.TEXT;
    }

    private LakeType decimal() {
        return LakeType.decimal(
                mostWhole + mostScale <= SMALL_DECIMAL_DIGITS ? SMALL_DECIMAL_DIGITS : DECIMAL_DIGITS, mostScale);
    }

    private void addNumber(byte[] b) {
        if (!(integers || doubles || decimals)) {
            return;
        }
        int digits = 0;
        int point = -1;
        boolean exponent = false;
        for (int i = 0; i < b.length; i++) {
            if (b[i] == '.') {
                point = i;
            } else if (b[i] == 'e' || b[i] == 'E') {
                exponent = true;
            } else if (b[i] >= '0' && b[i] <= '9') {
                digits++;
            }
        }
        boolean negativeZero = b[0] == '-' && isZero(b);
        integers &= point < 0 && !exponent && !negativeZero && isLong(b, digits);
        int scale = point < 0 || exponent ? 0 : b.length - point - 1;
        if (writtenScale < 0) {
            writtenScale = scale;
        }
        oneScale &= !exponent && scale == writtenScale;
        if (b.length > LONGEST_NUMBER) {
            doubles = false;
            decimals = false;
            return;
        }
        if (digits <= EXACT_DIGITS && !exponent) {
            mostScale = Math.max(mostScale, scale);
            mostWhole = Math.max(mostWhole, digits - scale);
            decimals &= !negativeZero;
            return;
        }
        BigDecimal value = new BigDecimal(text(b));
        doubles = doubles && isDouble(value, text(b));
        decimals &= !negativeZero;
        if (decimals) {
            long itsScale = Math.max(0L, value.scale());
            long whole = Math.max(1L, (long) value.precision() - value.scale());
            decimals = itsScale <= DECIMAL_DIGITS && whole <= DECIMAL_DIGITS;
            if (decimals) {
                mostScale = Math.max(mostScale, (int) itsScale);
                mostWhole = Math.max(mostWhole, (int) whole);
            }
        }
    }

    private static boolean isDouble(BigDecimal value, String text) {
        double nearest = Double.parseDouble(text);
        return Double.isFinite(nearest) && new BigDecimal(Double.toString(nearest)).compareTo(value) == 0;
    }

    private static boolean isLong(byte[] b, int digits) {
        if (digits <= SMALL_DECIMAL_DIGITS) {
            return true;
        }
        if (digits > 19) {
            return false;
        }
        try {
            return Long.parseLong(text(b)) != Values.NONE;
        } catch (NumberFormatException e) {
            return false;
        }
    }

    private static boolean isZero(byte[] b) {
        for (byte c : b) {
            if (c >= '1' && c <= '9') {
                return false;
            }
            if (c == 'e' || c == 'E') {
                return true;
            }
        }
        return true;
    }

    private static String text(byte[] b) {
        return new String(b, StandardCharsets.US_ASCII);
    }
}

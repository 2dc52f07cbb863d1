package org.qiantang.collect.internal.files;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;

/** The cells of one row of a sheet, filled anew for each row. */
final class SheetRow {
    /** What is in a cell. */
    enum Kind {
        EMPTY,
        TEXT,
        NUMBER,
        /** Microseconds since 1970. */
        DATE_TIME,
        /** Microseconds since midnight. */
        TIME,
        BOOL,
    }

    private static final byte[] NOTHING = {};
    private static final long MICROS_OF_DAY = 86_400_000_000L;
    private static final DateTimeFormatter SECONDS = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss");
    private static final DateTimeFormatter MILLIS = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSS");

    private Kind[] kinds = new Kind[32];
    private double[] numbers = new double[32];
    private long[] micros = new long[32];
    private byte[][] texts = new byte[32][];
    private int width;

    SheetRow() {
        Arrays.fill(kinds, Kind.EMPTY);
    }

    void clear() {
        Arrays.fill(kinds, 0, width, Kind.EMPTY);
        width = 0;
    }

    int width() {
        return width;
    }

    Kind kind(int column) {
        return column < width ? kinds[column] : Kind.EMPTY;
    }

    double number(int column) {
        return numbers[column];
    }

    long micros(int column) {
        return micros[column];
    }

    byte[] text(int column) {
        return texts[column];
    }

    boolean isWholeDay(int column) {
        return micros[column] % MICROS_OF_DAY == 0;
    }

    void setText(int column, byte[] utf8) {
        room(column, Kind.TEXT);
        texts[column] = utf8;
    }

    void setText(int column, String value) {
        setText(column, value.getBytes(StandardCharsets.UTF_8));
    }

    void setBool(int column, boolean value) {
        room(column, Kind.BOOL);
        numbers[column] = value ? 1 : 0;
    }

    /** Sets a number, or the date or time it stands for in its format. */
    void setNumber(int column, double value, ExcelDates.Form form, ExcelDates.Epoch epoch) {
        long at = ExcelDates.micros(value, form, epoch);
        if (at == Values.NONE) {
            room(column, Kind.NUMBER);
            numbers[column] = value;
        } else {
            room(column, form == ExcelDates.Form.TIME ? Kind.TIME : Kind.DATE_TIME);
            micros[column] = at;
        }
    }

    boolean isBlank() {
        for (int i = 0; i < width; i++) {
            if (kinds[i] != Kind.EMPTY && !(kinds[i] == Kind.TEXT && texts[i].length == 0)) {
                return false;
            }
        }
        return true;
    }

    SheetRow copy() {
        SheetRow copy = new SheetRow();
        int n = Math.max(32, width);
        copy.kinds = Arrays.copyOf(kinds, n);
        Arrays.fill(copy.kinds, width, n, Kind.EMPTY);
        copy.numbers = Arrays.copyOf(numbers, n);
        copy.micros = Arrays.copyOf(micros, n);
        copy.texts = Arrays.copyOf(texts, n);
        copy.width = width;
        return copy;
    }

    /** The cell's exact text where its column is text. */
    byte[] asText(int column) {
        return switch (kind(column)) {
            case EMPTY -> NOTHING;
            case TEXT -> texts[column];
            default -> asString(column).getBytes(StandardCharsets.UTF_8);
        };
    }

    String asString(int column) {
        return switch (kind(column)) {
            case EMPTY -> "";
            case TEXT -> new String(texts[column], StandardCharsets.UTF_8);
            case NUMBER -> plain(numbers[column]);
            case BOOL -> numbers[column] == 0 ? "FALSE" : "TRUE";
            case TIME -> LocalTime.ofNanoOfDay(micros[column] * 1000).toString();
            case DATE_TIME -> {
                long at = micros[column];
                LocalDateTime time = LocalDateTime.ofEpochSecond(
                        Math.floorDiv(at, 1_000_000L), (int) Math.floorMod(at, 1_000_000L) * 1000, ZoneOffset.UTC);
                yield isWholeDay(column)
                        ? time.toLocalDate().toString()
                        : (at % 1_000_000 == 0 ? SECONDS : MILLIS).format(time);
            }
        };
    }

    /** The shortest decimal that is the same number, without an exponent where that stays readable. */
    static String plain(double value) {
        if (value == Math.rint(value) && Math.abs(value) < 1e15) {
            return Long.toString((long) value);
        }
        if (Double.isInfinite(value) || Double.isNaN(value) || Math.abs(value) >= 1e30 || Math.abs(value) < 1e-15) {
            return Double.toString(value);
        }
        return new BigDecimal(Double.toString(value)).stripTrailingZeros().toPlainString();
    }

    private void room(int column, Kind kind) {
        if (column >= kinds.length) {
            int n = Math.max(column + 1, kinds.length * 2);
            int old = kinds.length;
            kinds = Arrays.copyOf(kinds, n);
            Arrays.fill(kinds, old, n, Kind.EMPTY);
            numbers = Arrays.copyOf(numbers, n);
            micros = Arrays.copyOf(micros, n);
            texts = Arrays.copyOf(texts, n);
        }
        kinds[column] = kind;
        width = Math.max(width, column + 1);
    }
}

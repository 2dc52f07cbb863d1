package org.qiantang.collect.internal.postgres;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.LocalDate;
import java.util.HexFormat;
import org.qiantang.lake.Batch;
import org.qiantang.lake.Column;
import org.qiantang.lake.LakeException;
import org.qiantang.lake.LakeType;

/** Values as the server writes them for people, put into a batch; the same values that {@link CopyReader} takes from its binary form. */
final class ReplicaValues {
    private static final long SECOND = 1_000_000;
    private static final long DAY = 86_400 * SECOND;
    private static final int DATE_LENGTH = "2026-11-27".length();

    /** Digits that a long holds. */
    private static final int PLAIN_DIGITS = 18;

    private ReplicaValues() {}

    /**
     * Sets a cell.
     *
     * @param text the server's text of the value; the array is kept
     * @throws LakeException {@code VALUE_DOES_NOT_FIT}
     */
    static void set(Batch batch, int at, int row, Column column, byte[] text) {
        switch (column.type()) {
            case LakeType.Text ignored -> batch.setText(at, row, text);
            case LakeType.Bool ignored -> batch.setBool(at, row, text[0] == 't');
            case LakeType.Int32 ignored -> batch.setLong(at, row, integer(text));
            case LakeType.Int64 ignored -> batch.setLong(at, row, integer(text));
            case LakeType.Float32 ignored -> batch.setDouble(at, row, Float.parseFloat(floating(text)));
            case LakeType.Float64 ignored -> batch.setDouble(at, row, Double.parseDouble(floating(text)));
            case LakeType.Decimal decimal -> decimal(batch, at, row, column, decimal, text);
            case LakeType.Date ignored ->
                batch.setLong(at, row, isPlainDate(text) ? days(text) : date(new String(text, US_ASCII)));
            case LakeType.Time ignored -> batch.setLong(at, row, time(new String(text, US_ASCII), column));
            case LakeType.Timestamp ignored -> batch.setLong(at, row, timestamp(new String(text, US_ASCII), column));
            case LakeType.TimestampTz ignored -> batch.setLong(at, row, timestamp(new String(text, US_ASCII), column));
            case LakeType.Uuid ignored -> {
                java.util.UUID uuid = java.util.UUID.fromString(new String(text, US_ASCII));
                batch.setUuid(at, row, uuid.getMostSignificantBits(), uuid.getLeastSignificantBits());
            }
            case LakeType.Binary ignored ->
                batch.setBinary(at, row, HexFormat.of().parseHex(new String(text, 2, text.length - 2, US_ASCII)));
        }
    }

    private static long integer(byte[] text) {
        int at = text[0] == '-' ? 1 : 0;
        long value = 0;
        for (int i = at; i < text.length; i++) {
            // Downwards, for there is one negative number more.
            value = value * 10 - (text[i] - '0');
        }
        return at == 1 ? value : -value;
    }

    private static String floating(byte[] text) {
        return new String(text, US_ASCII);
    }

    private static void decimal(Batch batch, int at, int row, Column column, LakeType.Decimal type, byte[] text) {
        if (type.precision() <= PLAIN_DIGITS && isPlainDecimal(text, type)) {
            batch.setLong(at, row, unscaled(text));
            return;
        }
        String shown = new String(text, US_ASCII);
        BigInteger unscaled;
        try {
            unscaled = new BigDecimal(shown).setScale(type.scale()).unscaledValue();
        } catch (ArithmeticException | NumberFormatException e) {
            throw LakeException.doesNotFit(column.name(), shown);
        }
        if (unscaled.abs().compareTo(BigInteger.TEN.pow(type.precision())) >= 0) {
            throw LakeException.doesNotFit(column.name(), shown);
        }
        if (type.precision() <= PLAIN_DIGITS) {
            batch.setLong(at, row, unscaled.longValueExact());
        } else {
            batch.setDecimal(at, row, unscaled);
        }
    }

    /** Whether it is an optional sign and digits, exactly as many behind the point as the type has, and no more before it. */
    private static boolean isPlainDecimal(byte[] text, LakeType.Decimal type) {
        int from = text[0] == '-' ? 1 : 0;
        int point = type.scale() == 0 ? text.length : text.length - 1 - type.scale();
        if (point <= from || point - from > type.precision() - type.scale()) {
            return false;
        }
        return areDigits(text, from, point)
                && (point == text.length || text[point] == '.' && areDigits(text, point + 1, text.length));
    }

    private static long unscaled(byte[] text) {
        long value = 0;
        for (byte each : text) {
            if (each >= '0') {
                value = value * 10 + (each - '0');
            }
        }
        return text[0] == '-' ? -value : value;
    }

    private static boolean areDigits(byte[] text, int from, int to) {
        for (int i = from; i < to; i++) {
            if (text[i] < '0' || text[i] > '9') {
                return false;
            }
        }
        return true;
    }

    private static int digits(byte[] text, int from, int to) {
        int value = 0;
        for (int i = from; i < to; i++) {
            value = value * 10 + (text[i] - '0');
        }
        return value;
    }

    /** {@code 2026-11-27}. */
    private static boolean isPlainDate(byte[] text) {
        return text.length == DATE_LENGTH
                && text[4] == '-'
                && text[7] == '-'
                && areDigits(text, 0, 4)
                && areDigits(text, 5, 7)
                && areDigits(text, 8, DATE_LENGTH);
    }

    private static long days(byte[] text) {
        return LocalDate.of(digits(text, 0, 4), digits(text, 5, 7), digits(text, 8, DATE_LENGTH))
                .toEpochDay();
    }

    /** {@code 2026-11-27}, {@code 0044-03-15 BC}, {@code infinity}. */
    private static long date(String text) {
        return switch (text) {
            case "infinity" -> Batch.INFINITE_DATE;
            case "-infinity" -> -Batch.INFINITE_DATE;
            default -> days(text);
        };
    }

    private static long days(String text) {
        boolean before = text.endsWith(" BC");
        String plain = before ? text.substring(0, text.length() - 3) : text;
        int month = plain.indexOf('-', 1);
        int year = Integer.parseInt(plain.substring(0, month));
        return LocalDate.of(
                        before ? 1 - year : year,
                        Integer.parseInt(plain.substring(month + 1, month + 3)),
                        Integer.parseInt(plain.substring(month + 4, month + 6)))
                .toEpochDay();
    }

    private static long time(String text, Column column) {
        long micros = clock(text);
        if (micros >= DAY) {
            throw LakeException.doesNotFit(column.name(), text);
        }
        return micros;
    }

    /** {@code 01:02:03.456}. */
    private static long clock(String text) {
        long micros = (Integer.parseInt(text.substring(0, 2)) * 3600L
                        + Integer.parseInt(text.substring(3, 5)) * 60L
                        + Integer.parseInt(text.substring(6, 8)))
                * SECOND;
        long unit = SECOND / 10;
        for (int i = 9; i < text.length(); i++, unit /= 10) {
            micros += unit * (text.charAt(i) - '0');
        }
        return micros;
    }

    /** {@code 2026-11-27 01:02:03.456}, with {@code +00} behind it when it has a zone, and {@code BC} behind that. */
    private static long timestamp(String text, Column column) {
        if (text.equals("infinity")) {
            return Long.MAX_VALUE;
        }
        if (text.equals("-infinity")) {
            return -Long.MAX_VALUE;
        }
        int space = text.indexOf(' ');
        String era = text.endsWith(" BC") ? " BC" : "";
        String clock = text.substring(space + 1, text.length() - era.length());
        if (column.type() instanceof LakeType.TimestampTz) {
            clock = clock.substring(0, clock.length() - "+00".length());
        }
        try {
            long micros = Math.addExact(Math.multiplyExact(days(text.substring(0, space) + era), DAY), clock(clock));
            if (micros == Long.MAX_VALUE || micros <= -Long.MAX_VALUE) {
                throw LakeException.doesNotFit(column.name(), text);
            }
            return micros;
        } catch (ArithmeticException tooFar) {
            throw LakeException.doesNotFit(column.name(), text);
        }
    }
}

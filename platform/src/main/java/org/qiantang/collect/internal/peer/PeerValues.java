package org.qiantang.collect.internal.peer;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.HexFormat;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.qiantang.lake.Batch;
import org.qiantang.lake.Column;
import org.qiantang.lake.LakeException;
import org.qiantang.lake.LakeType;

/** The exact texts that an installation says of values, put into a batch. */
final class PeerValues {
    /** Digits that a long holds. */
    private static final int PLAIN_DIGITS = 18;

    private static final Pattern MOMENT = Pattern.compile(
            "(\\d{4,6})-(\\d\\d)-(\\d\\d)(?: (\\d\\d:\\d\\d:\\d\\d(?:\\.\\d{1,6})?)([+-]\\d\\d(?::\\d\\d){0,2})?)?( \\(BC\\))?");

    private PeerValues() {}

    /** @throws LakeException {@code VALUE_DOES_NOT_FIT} */
    static void set(Batch batch, int at, int row, Column column, String text) {
        try {
            put(batch, at, row, column, text);
        } catch (DateTimeException | ArithmeticException | IllegalArgumentException e) {
            throw LakeException.doesNotFit(column.name(), text);
        }
    }

    private static void put(Batch batch, int at, int row, Column column, String text) {
        switch (column.type()) {
            case LakeType.Text ignored -> batch.setText(at, row, text);
            case LakeType.Bool ignored -> {
                if (!text.equals("true") && !text.equals("false")) {
                    throw new IllegalArgumentException(text);
                }
                batch.setBool(at, row, text.equals("true"));
            }
            case LakeType.Int32 ignored -> batch.setLong(at, row, Integer.parseInt(text));
            case LakeType.Int64 ignored -> batch.setLong(at, row, Long.parseLong(text));
            case LakeType.Float32 ignored -> batch.setDouble(at, row, Float.parseFloat(floating(text)));
            case LakeType.Float64 ignored -> batch.setDouble(at, row, Double.parseDouble(floating(text)));
            case LakeType.Decimal decimal -> {
                BigInteger unscaled =
                        new BigDecimal(text).setScale(decimal.scale()).unscaledValue();
                if (unscaled.abs().compareTo(BigInteger.TEN.pow(decimal.precision())) >= 0) {
                    throw new ArithmeticException(text);
                }
                if (decimal.precision() <= PLAIN_DIGITS) {
                    batch.setLong(at, row, unscaled.longValueExact());
                } else {
                    batch.setDecimal(at, row, unscaled);
                }
            }
            case LakeType.Date ignored ->
                batch.setLong(
                        at,
                        row,
                        switch (text) {
                            case "infinity" -> Batch.INFINITE_DATE;
                            case "-infinity" -> -Batch.INFINITE_DATE;
                            default -> moment(text, Part.DAY);
                        });
            case LakeType.Time ignored ->
                batch.setLong(at, row, LocalTime.parse(text).toNanoOfDay() / 1_000);
            case LakeType.Timestamp ignored -> batch.setLong(at, row, timestamp(text, Part.MOMENT));
            case LakeType.TimestampTz ignored -> batch.setLong(at, row, timestamp(text, Part.ZONED));
            case LakeType.Uuid ignored -> {
                UUID uuid = UUID.fromString(text);
                batch.setUuid(at, row, uuid.getMostSignificantBits(), uuid.getLeastSignificantBits());
            }
            case LakeType.Binary ignored -> {
                if (!text.startsWith("\\x")) {
                    throw new IllegalArgumentException(text);
                }
                batch.setBinary(at, row, HexFormat.of().parseHex(text, 2, text.length()));
            }
        }
    }

    private static String floating(String text) {
        return switch (text) {
            case "inf" -> "Infinity";
            case "-inf" -> "-Infinity";
            case "nan", "-nan" -> "NaN";
            default -> text;
        };
    }

    private enum Part {
        DAY,
        MOMENT,
        ZONED,
    }

    private static long timestamp(String text, Part part) {
        return switch (text) {
            case "infinity" -> Long.MAX_VALUE;
            case "-infinity" -> -Long.MAX_VALUE;
            default -> moment(text, part);
        };
    }

    /** Days or microseconds since 1970. */
    private static long moment(String text, Part part) {
        Matcher found = MOMENT.matcher(text);
        if (!found.matches()
                || (found.group(4) == null) != (part == Part.DAY)
                || (found.group(5) == null) == (part == Part.ZONED)) {
            throw new IllegalArgumentException(text);
        }
        int year = Integer.parseInt(found.group(1));
        long day = LocalDate.of(
                        found.group(6) == null ? year : 1 - year,
                        Integer.parseInt(found.group(2)),
                        Integer.parseInt(found.group(3)))
                .toEpochDay();
        if (part == Part.DAY) {
            return day;
        }
        long micros = LocalTime.parse(found.group(4)).toNanoOfDay() / 1_000;
        long offset = part == Part.ZONED ? ZoneOffset.of(found.group(5)).getTotalSeconds() * 1_000_000L : 0;
        return Math.addExact(Math.multiplyExact(day, 86_400_000_000L), micros - offset);
    }
}

package org.qiantang.collect.internal.jdbc;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.qiantang.collect.SourceObject.SourceColumn;
import org.qiantang.lake.Batch;
import org.qiantang.lake.Column;
import org.qiantang.lake.LakeException;
import org.qiantang.lake.LakeType;

/**
 * A column as the binary log writes it. Values come in the table's own storage form: numbers of the type's width, times packed, text in
 * the column's character set; each becomes exactly what a collection would have read.
 */
final class BinlogColumn {
    static final int TINY = 1;
    static final int SHORT = 2;
    static final int LONG = 3;
    static final int FLOAT = 4;
    static final int DOUBLE = 5;
    static final int LONGLONG = 8;
    static final int INT24 = 9;
    static final int DATE = 10;
    static final int YEAR = 13;
    static final int VARCHAR = 15;
    static final int BIT = 16;
    static final int TIMESTAMP2 = 17;
    static final int DATETIME2 = 18;
    static final int TIME2 = 19;
    static final int NEWDECIMAL = 246;
    static final int ENUM = 247;
    static final int SET = 248;
    static final int BLOB = 252;
    static final int STRING = 254;
    static final int GEOMETRY = 255;

    private static final int DIGITS_PER_WORD = 9;
    private static final int[] BYTES_FOR_DIGITS = {0, 1, 1, 2, 2, 3, 3, 4, 4, 4};
    private static final int FRACTION_DIGITS = 6;

    /** The character sets whose bytes Java reads as the server does. */
    private static final Map<String, Charset> CHARSETS = Map.ofEntries(
            Map.entry("utf8", UTF_8),
            Map.entry("utf8mb3", UTF_8),
            Map.entry("utf8mb4", UTF_8),
            Map.entry("ascii", US_ASCII),
            Map.entry("latin1", Charset.forName("windows-1252")),
            Map.entry("gbk", Charset.forName("GBK")),
            Map.entry("gb2312", Charset.forName("GB2312")),
            Map.entry("gb18030", Charset.forName("GB18030")),
            Map.entry("big5", Charset.forName("Big5")),
            Map.entry("utf16", StandardCharsets.UTF_16BE),
            Map.entry("ucs2", StandardCharsets.UTF_16BE),
            Map.entry("utf32", Charset.forName("UTF-32BE")));

    private static final Set<String> TEXTS =
            Set.of("char", "varchar", "tinytext", "text", "mediumtext", "longtext", "json");
    private static final Set<String> SIMPLE = Set.of(
            "tinyint",
            "smallint",
            "mediumint",
            "int",
            "bigint",
            "float",
            "double",
            "decimal",
            "year",
            "bit",
            "date",
            "time",
            "datetime",
            "timestamp",
            "binary",
            "varbinary",
            "tinyblob",
            "blob",
            "mediumblob",
            "longblob",
            "geometry",
            "point",
            "linestring",
            "polygon",
            "multipoint",
            "multilinestring",
            "multipolygon",
            "geometrycollection");

    private final String type;
    private final boolean isUnsigned;
    private final int width;
    private final List<String> labels;
    private final @Nullable Charset charset;

    private BinlogColumn(String type, boolean isUnsigned, int width, List<String> labels, @Nullable Charset charset) {
        this.type = type;
        this.isUnsigned = isUnsigned;
        this.width = width;
        this.labels = labels;
        this.charset = charset;
    }

    /** The column, or null when its values cannot be read from the log. */
    static @Nullable BinlogColumn of(SourceColumn column, boolean isMariaDb) {
        String declared = column.column().sourceType();
        String lower = declared.toLowerCase(Locale.ROOT);
        String type = lower.replaceAll("[ (].*", "");
        boolean isUnsigned = lower.contains("unsigned") || lower.contains("zerofill");
        if (type.equals("enum") || type.equals("set")) {
            return new BinlogColumn(type, false, 0, labels(declared), null);
        }
        if (TEXTS.contains(type)) {
            // MySQL keeps JSON in a form of its own.
            if (type.equals("json") && !isMariaDb) {
                return null;
            }
            String collation = column.details().getOrDefault("collation", "utf8mb4_bin");
            Charset charset = CHARSETS.get(collation.replaceAll("_.*", ""));
            return charset == null || lower.contains("compressed")
                    ? null
                    : new BinlogColumn(type, false, 0, List.of(), charset);
        }
        if (!SIMPLE.contains(type) || lower.contains("compressed") || lower.contains("mariadb-5.3")) {
            return null;
        }
        int width = type.equals("binary") ? Integer.parseInt(lower.replaceAll("\\D", "")) : 0;
        return new BinlogColumn(type, isUnsigned, width, List.of(), null);
    }

    /** The labels of {@code enum('好','it''s')}. */
    static List<String> labels(String declared) {
        List<String> labels = new ArrayList<>();
        int at = declared.indexOf('\'');
        while (at >= 0) {
            StringBuilder label = new StringBuilder();
            for (at++; at < declared.length(); at++) {
                char c = declared.charAt(at);
                if (c == '\'') {
                    if (at + 1 < declared.length() && declared.charAt(at + 1) == '\'') {
                        at++;
                    } else {
                        break;
                    }
                }
                label.append(c);
            }
            labels.add(label.toString());
            at = declared.indexOf('\'', at + 1);
        }
        return List.copyOf(labels);
    }

    /** Whether the log's type is one that this column can have; otherwise the table is not what the catalogue says. */
    boolean isWritten(int code) {
        return switch (type) {
            case "tinyint" -> code == TINY;
            case "smallint" -> code == SHORT;
            case "mediumint" -> code == INT24;
            case "int" -> code == LONG;
            case "bigint" -> code == LONGLONG;
            case "float" -> code == FLOAT;
            case "double" -> code == DOUBLE;
            case "decimal" -> code == NEWDECIMAL;
            case "year" -> code == YEAR;
            case "bit" -> code == BIT;
            case "date" -> code == DATE;
            case "time" -> code == TIME2;
            case "datetime" -> code == DATETIME2;
            case "timestamp" -> code == TIMESTAMP2;
            case "enum" -> code == ENUM;
            case "set" -> code == SET;
            case "char", "binary" -> code == STRING;
            case "varchar", "varbinary" -> code == VARCHAR;
            case "tinytext", "text", "mediumtext", "longtext", "json", "tinyblob", "blob", "mediumblob", "longblob" ->
                code == BLOB;
            default -> code == GEOMETRY;
        };
    }

    /** What the log says of a column's type: the type itself where a table map hides it in the metadata. */
    static int code(int written, int metadata) {
        if (written != STRING || metadata < 256) {
            return written;
        }
        int high = metadata >> 8;
        return (high & 0x30) == 0x30 ? high : high | 0x30;
    }

    /** How many bytes of the row the value has, its own length included. */
    static int length(ByteBuffer row, int at, int written, int metadata) {
        int code = code(written, metadata);
        return switch (code) {
            case TINY, YEAR -> 1;
            case SHORT -> 2;
            case INT24, DATE -> 3;
            case LONG, FLOAT -> 4;
            case LONGLONG, DOUBLE -> 8;
            case TIME2 -> 3 + (metadata + 1) / 2;
            case TIMESTAMP2 -> 4 + (metadata + 1) / 2;
            case DATETIME2 -> 5 + (metadata + 1) / 2;
            case NEWDECIMAL -> decimalBytes(metadata & 0xff, metadata >> 8);
            case BIT -> (metadata >> 8) + ((metadata & 0xff) > 0 ? 1 : 0);
            case ENUM, SET -> metadata & 0xff;
            case STRING -> counted(row, at, stringLength(metadata) > 255 ? 2 : 1);
            case VARCHAR -> counted(row, at, metadata > 255 ? 2 : 1);
            case BLOB, GEOMETRY -> counted(row, at, metadata);
            default ->
                throw new LakeException(LakeException.Kind.PROOF_FAILED, "The binary log has a value of type " + code);
        };
    }

    private static int stringLength(int metadata) {
        int high = metadata >> 8;
        return (high & 0x30) == 0x30 ? metadata & 0xff : metadata & 0xff | ((high & 0x30) ^ 0x30) << 4;
    }

    private static int counted(ByteBuffer row, int at, int sizeBytes) {
        return sizeBytes + (int) little(row, at, sizeBytes);
    }

    /** How many bytes of a value say its length. */
    private static int prefix(int code, int metadata) {
        return switch (code) {
            case STRING -> stringLength(metadata) > 255 ? 2 : 1;
            case VARCHAR -> metadata > 255 ? 2 : 1;
            case BLOB, GEOMETRY -> metadata;
            default -> 0;
        };
    }

    private static int decimalBytes(int precision, int scale) {
        int whole = precision - scale;
        return whole / DIGITS_PER_WORD * 4
                + BYTES_FOR_DIGITS[whole % DIGITS_PER_WORD]
                + scale / DIGITS_PER_WORD * 4
                + BYTES_FOR_DIGITS[scale % DIGITS_PER_WORD];
    }

    /**
     * Sets the cell of the lake's column to the value that stands there.
     *
     * @throws LakeException when the lake's type cannot hold it
     */
    void set(
            ByteBuffer row, int at, int length, int written, int metadata, Batch batch, int cell, int to, Column lake) {
        int code = code(written, metadata);
        int start = at + prefix(code, metadata);
        int size = at + length - start;
        LakeType wanted = lake.type();
        switch (type) {
            case "tinyint", "smallint", "mediumint", "int" -> {
                long value = little(row, start, size);
                number(isUnsigned ? value : signed(value, size), batch, cell, to, wanted);
            }
            case "bigint" -> {
                long value = little(row, start, size);
                if (isUnsigned) {
                    big(new BigInteger(Long.toUnsignedString(value)), batch, cell, to, wanted);
                } else {
                    number(value, batch, cell, to, wanted);
                }
            }
            case "year" -> {
                int value = row.get(start) & 0xff;
                number(value == 0 ? 0 : 1900 + value, batch, cell, to, wanted);
            }
            case "bit" -> {
                BigInteger value = new BigInteger(1, bytes(row, start, size));
                if (wanted instanceof LakeType.Bool) {
                    batch.setBool(cell, to, value.signum() != 0);
                } else {
                    big(value, batch, cell, to, wanted);
                }
            }
            case "float" -> batch.setDouble(cell, to, Float.intBitsToFloat((int) little(row, start, 4)));
            case "double" -> batch.setDouble(cell, to, Double.longBitsToDouble(little(row, start, 8)));
            case "decimal" -> {
                BigDecimal value = decimal(row, start, metadata & 0xff, metadata >> 8);
                if (wanted instanceof LakeType.Decimal) {
                    batch.setDecimal(cell, to, value.unscaledValue());
                } else {
                    batch.setText(cell, to, value.toPlainString());
                }
            }
            case "date" -> {
                int packed = (int) little(row, start, 3);
                String text = String.format("%04d-%02d-%02d", packed >> 9, packed >> 5 & 15, packed & 31);
                moment(text, batch, cell, to, lake);
            }
            case "time" -> moment(time(row, start, metadata), batch, cell, to, lake);
            case "datetime" -> moment(datetime(row, start, metadata), batch, cell, to, lake);
            case "timestamp" -> moment(timestamp(row, start, metadata), batch, cell, to, lake);
            case "enum" -> {
                int index = (int) little(row, start, size);
                batch.setText(cell, to, index == 0 ? "" : label(index - 1));
            }
            case "set" -> {
                long bits = little(row, start, size);
                List<String> chosen = new ArrayList<>();
                for (int i = 0; i < Long.SIZE; i++) {
                    if ((bits >>> i & 1) != 0) {
                        chosen.add(label(i));
                    }
                }
                batch.setText(cell, to, String.join(",", chosen));
            }
            case "char", "varchar", "tinytext", "text", "mediumtext", "longtext", "json" ->
                batch.setText(cell, to, utf8(bytes(row, start, size), lake));
            case "binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob" -> {
                byte[] value = bytes(row, start, size);
                if (value.length < width) {
                    // The log leaves out the zeros at the end.
                    value = Arrays.copyOf(value, width);
                }
                batch.setBinary(cell, to, value);
            }
            default ->
                batch.setText(
                        cell,
                        to,
                        TableReader.wellKnown(HexFormat.of()
                                .withUpperCase()
                                .formatHex(bytes(row, start, size))
                                .getBytes(US_ASCII)));
        }
    }

    private String label(int index) {
        if (index >= labels.size()) {
            throw new LakeException(LakeException.Kind.PROOF_FAILED, "There is no label " + index + " of " + type);
        }
        return labels.get(index);
    }

    private byte[] utf8(byte[] value, Column lake) {
        Charset from = charset == null ? UTF_8 : charset;
        if (from.equals(UTF_8) || from.equals(US_ASCII)) {
            if (!Ascii.isUtf8(value)) {
                throw LakeException.doesNotFit(lake.name(), HexFormat.of().formatHex(value));
            }
            return value;
        }
        try {
            String text = from.newDecoder().decode(ByteBuffer.wrap(value)).toString();
            return text.getBytes(UTF_8);
        } catch (CharacterCodingException e) {
            throw LakeException.doesNotFit(lake.name(), HexFormat.of().formatHex(value));
        }
    }

    private static void number(long value, Batch batch, int cell, int to, LakeType wanted) {
        if (wanted instanceof LakeType.Text) {
            batch.setText(cell, to, Long.toString(value));
        } else {
            batch.setLong(cell, to, value);
        }
    }

    private static void big(BigInteger value, Batch batch, int cell, int to, LakeType wanted) {
        if (wanted instanceof LakeType.Text) {
            batch.setText(cell, to, value.toString());
        } else if (wanted instanceof LakeType.Decimal) {
            batch.setDecimal(cell, to, value);
        } else {
            batch.setLong(cell, to, value.longValueExact());
        }
    }

    /** A time in the server's own spelling. */
    private static void moment(String text, Batch batch, int cell, int to, Column lake) {
        byte[] ascii = text.getBytes(US_ASCII);
        long value = switch (lake.type()) {
            case LakeType.Date ignored -> Ascii.date(ascii);
            case LakeType.Time ignored -> Ascii.time(ascii);
            case LakeType.Timestamp ignored -> Ascii.timestamp(ascii);
            case LakeType.TimestampTz ignored -> Ascii.timestamp(ascii);
            default -> Ascii.NONE;
        };
        if (lake.type() instanceof LakeType.Text) {
            batch.setText(cell, to, ascii);
        } else if (value == Ascii.NONE) {
            throw LakeException.doesNotFit(lake.name(), text);
        } else {
            batch.setLong(cell, to, value);
        }
    }

    private static String datetime(ByteBuffer row, int at, int digits) {
        long packed = big(row, at, 5) - 0x8000000000L;
        long months = packed >> 22;
        return String.format(
                        "%04d-%02d-%02d %02d:%02d:%02d",
                        months / 13, months % 13, packed >> 17 & 31, packed >> 12 & 31, packed >> 6 & 63, packed & 63)
                + fraction(micros(row, at + 5, digits), digits);
    }

    private static String timestamp(ByteBuffer row, int at, int digits) {
        long seconds = big(row, at, 4);
        long micros = micros(row, at + 4, digits);
        if (seconds == 0 && micros == 0) {
            return "0000-00-00 00:00:00" + fraction(0, digits);
        }
        var time = LocalDateTime.ofEpochSecond(seconds, 0, ZoneOffset.UTC);
        return time.toLocalDate() + " "
                + String.format("%02d:%02d:%02d", time.getHour(), time.getMinute(), time.getSecond())
                + fraction(micros, digits);
    }

    /** Seconds and fraction are one signed number, which is why a negative time counts its fraction downwards. */
    private static String time(ByteBuffer row, int at, int digits) {
        int fractionBytes = (digits + 1) / 2;
        long packed = big(row, at, 3 + fractionBytes) - (0x800000L << 8 * fractionBytes);
        boolean isNegative = packed < 0;
        long value = Math.abs(packed);
        long whole = value >> 8 * fractionBytes;
        long part = value & (1L << 8 * fractionBytes) - 1;
        long micros = part * (long) Math.pow(10, FRACTION_DIGITS - 2 * fractionBytes);
        return (isNegative ? "-" : "")
                + String.format("%02d:%02d:%02d", whole >> 12 & 0x3ff, whole >> 6 & 63, whole & 63)
                + fraction(micros, digits);
    }

    private static long micros(ByteBuffer row, int at, int digits) {
        int bytes = (digits + 1) / 2;
        return big(row, at, bytes) * (long) Math.pow(10, FRACTION_DIGITS - 2 * bytes);
    }

    private static String fraction(long micros, int digits) {
        return digits == 0 ? "" : "." + String.format("%06d", micros).substring(0, digits);
    }

    private static BigDecimal decimal(ByteBuffer row, int at, int precision, int scale) {
        byte[] bytes = bytes(row, at, decimalBytes(precision, scale));
        boolean isNegative = (bytes[0] & 0x80) == 0;
        bytes[0] ^= (byte) 0x80;
        if (isNegative) {
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = (byte) ~bytes[i];
            }
        }
        int whole = precision - scale;
        List<Integer> groups = new ArrayList<>();
        groups.add(whole % DIGITS_PER_WORD);
        groups.addAll(Collections.nCopies(whole / DIGITS_PER_WORD + scale / DIGITS_PER_WORD, DIGITS_PER_WORD));
        groups.add(scale % DIGITS_PER_WORD);
        BigInteger unscaled = BigInteger.ZERO;
        int from = 0;
        for (int digits : groups) {
            int size = BYTES_FOR_DIGITS[digits];
            BigInteger group = new BigInteger(1, Arrays.copyOfRange(bytes, from, from + size));
            unscaled = unscaled.multiply(BigInteger.TEN.pow(digits)).add(group);
            from += size;
        }
        return new BigDecimal(isNegative ? unscaled.negate() : unscaled, scale);
    }

    private static byte[] bytes(ByteBuffer row, int at, int length) {
        byte[] bytes = new byte[length];
        row.get(at, bytes);
        return bytes;
    }

    static long little(ByteBuffer row, int at, int bytes) {
        long value = 0;
        for (int i = bytes - 1; i >= 0; i--) {
            value = value << 8 | row.get(at + i) & 0xff;
        }
        return value;
    }

    private static long big(ByteBuffer row, int at, int bytes) {
        long value = 0;
        for (int i = 0; i < bytes; i++) {
            value = value << 8 | row.get(at + i) & 0xff;
        }
        return value;
    }

    private static long signed(long value, int bytes) {
        int shift = Long.SIZE - 8 * bytes;
        return value << shift >> shift;
    }
}

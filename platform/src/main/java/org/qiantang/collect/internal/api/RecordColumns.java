package org.qiantang.collect.internal.api;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.qiantang.collect.CollectProblem;
import org.qiantang.collect.SourceObject.SourceColumn;
import org.qiantang.core.Problem;
import org.qiantang.lake.Batch;
import org.qiantang.lake.Column;
import org.qiantang.lake.LakeException;
import org.qiantang.lake.LakeType;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.cfg.JsonNodeFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeType;

/**
 * Learns over all records of a list which columns they have and what each holds, and sets their values. A column is typed when all its
 * values agree; numbers stay exact; objects and arrays within a record are kept as JSON text.
 */
final class RecordColumns {
    /** Reads numbers exactly and refuses what would lose something: a member twice, anything after the end. */
    static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();

    private static final int MOST_COLUMNS = 2_000;
    private static final int LONGEST_TIME = 40;
    private static final long MICROS = 1_000_000;
    /** What an element that is no object is called. */
    private static final String VALUE = "value";

    private final Map<String, Guess> columns = new LinkedHashMap<>();

    /** Begins with columns that are known, so that none of them is lost when it does not come again. */
    RecordColumns(List<SourceColumn> known) {
        known.forEach(column -> columns.put(column.name(), new Guess()));
    }

    void add(JsonNode record) {
        if (!record.isObject()) {
            guess(VALUE).add(record);
            return;
        }
        for (Map.Entry<String, JsonNode> member : record.properties()) {
            guess(member.getKey()).add(member.getValue());
        }
    }

    private Guess guess(String name) {
        Guess guess = columns.get(name);
        if (guess == null) {
            if (columns.size() >= MOST_COLUMNS) {
                throw new Problem(CollectProblem.TOO_MANY_COLUMNS, "reason", "more than " + MOST_COLUMNS);
            }
            guess = new Guess();
            columns.put(name, guess);
        }
        return guess;
    }

    List<SourceColumn> columns() {
        List<SourceColumn> list = new ArrayList<>();
        Set<String> taken = new HashSet<>();
        columns.forEach((name, guess) -> {
            String wanted = name.isBlank() ? "column_" + (list.size() + 1) : name.strip();
            String free = wanted;
            for (int n = 2; !taken.add(free.toLowerCase(Locale.ROOT)); n++) {
                free = wanted + "_" + n;
            }
            list.add(new SourceColumn(name, new Column(free, guess.type(), guess.sourceType(), null), true, Map.of()));
        });
        return list;
    }

    static JsonNode value(JsonNode record, String column) {
        if (record.isObject()) {
            return record.path(column);
        }
        return column.equals(VALUE) ? record : JSON.missingNode();
    }

    /** Sets a value; false when its text is no Unicode, in which case it is set to null. */
    static boolean set(Batch batch, int column, int row, Column lake, JsonNode value) {
        if (value.isNull() || value.isMissingNode()) {
            batch.setNull(column, row);
            return true;
        }
        String text = text(value);
        switch (lake.type()) {
            case LakeType.Text ignored -> {
                if (hasLoneSurrogate(text)) {
                    batch.setNull(column, row);
                    return false;
                }
                batch.setText(column, row, text.getBytes(StandardCharsets.UTF_8));
            }
            case LakeType.Bool ignored -> batch.setBool(column, row, bool(lake, value));
            case LakeType.Int64 ignored ->
                batch.setLong(column, row, whole(lake, value).longValueExact());
            case LakeType.Decimal decimal -> batch.setDecimal(column, row, fixed(lake, value, decimal));
            case LakeType.Date ignored -> batch.setLong(column, row, parsed(lake, text, Kind.DATE));
            case LakeType.Timestamp ignored -> batch.setLong(column, row, parsed(lake, text, Kind.LOCAL_TIME));
            case LakeType.TimestampTz ignored -> batch.setLong(column, row, parsed(lake, text, Kind.INSTANT));
            default -> throw new IllegalStateException("No record's column is " + lake.type());
        }
        return true;
    }

    private static boolean bool(Column lake, JsonNode value) {
        if (!value.isBoolean()) {
            throw LakeException.doesNotFit(lake.name(), value.toString());
        }
        return value.booleanValue();
    }

    private static BigInteger whole(Column lake, JsonNode value) {
        if (!value.isIntegralNumber()) {
            throw LakeException.doesNotFit(lake.name(), value.toString());
        }
        return value.bigIntegerValue();
    }

    private static BigInteger fixed(Column lake, JsonNode value, LakeType.Decimal type) {
        if (!value.isNumber()) {
            throw LakeException.doesNotFit(lake.name(), value.toString());
        }
        return value.decimalValue().setScale(type.scale()).unscaledValue();
    }

    private static long parsed(Column lake, String text, Kind kind) {
        long value = parse(text, kind);
        if (value == Long.MIN_VALUE) {
            throw LakeException.doesNotFit(lake.name(), text);
        }
        return value;
    }

    static String text(JsonNode value) {
        return value.isString() ? value.stringValue() : value.isNumber() ? number(value) : value.toString();
    }

    private static String number(JsonNode value) {
        return value.isIntegralNumber()
                ? value.bigIntegerValue().toString()
                : value.decimalValue().toString();
    }

    /** The value as JSON that is ASCII alone. */
    static String escaped(JsonNode value) {
        StringBuilder ascii = new StringBuilder();
        value.toString().chars().forEach(c -> {
            if (c < 0x7f) {
                ascii.append((char) c);
            } else {
                ascii.append(String.format("\\u%04x", c));
            }
        });
        return ascii.toString();
    }

    static boolean hasLoneSurrogate(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isHighSurrogate(c) && i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
            } else if (Character.isSurrogate(c)) {
                return true;
            }
        }
        return false;
    }

    /** What a value can be. */
    private enum Kind {
        BOOL,
        NUMBER,
        DATE,
        LOCAL_TIME,
        INSTANT,
        STRING,
        JSON,
    }

    /** A date's days, a time's microseconds; {@link Long#MIN_VALUE} when the text is not exactly of that form. */
    private static long parse(String text, Kind kind) {
        int length = text.length();
        if (length < 10 || length > LONGEST_TIME || text.charAt(4) != '-' || text.charAt(7) != '-') {
            return Long.MIN_VALUE;
        }
        try {
            if (kind == Kind.DATE) {
                return length == 10 ? LocalDate.parse(text).toEpochDay() : Long.MIN_VALUE;
            }
            if (length < 19 || (text.charAt(10) != 'T' && text.charAt(10) != ' ')) {
                return Long.MIN_VALUE;
            }
            String iso = text.charAt(10) == ' ' ? text.substring(0, 10) + 'T' + text.substring(11) : text;
            if (kind == Kind.INSTANT) {
                OffsetDateTime time = OffsetDateTime.parse(iso);
                return micros(time.withOffsetSameInstant(ZoneOffset.UTC).toLocalDateTime());
            }
            return micros(LocalDateTime.parse(iso));
        } catch (DateTimeException | ArithmeticException e) {
            return Long.MIN_VALUE;
        }
    }

    private static long micros(LocalDateTime time) {
        if (!time.truncatedTo(ChronoUnit.MICROS).equals(time)) {
            return Long.MIN_VALUE;
        }
        return Math.addExact(Math.multiplyExact(time.toEpochSecond(ZoneOffset.UTC), MICROS), time.getNano() / 1_000);
    }

    /** What the values of one column have in common. */
    private static final class Guess {
        private final Set<Kind> kinds = java.util.EnumSet.noneOf(Kind.class);
        private boolean integral = true;
        private int whole;
        private int scale;

        void add(JsonNode value) {
            JsonNodeType type = value.getNodeType();
            switch (type) {
                case NULL, MISSING -> {}
                case BOOLEAN -> kinds.add(Kind.BOOL);
                case NUMBER -> number(value);
                case STRING -> kinds.add(kindOf(value.stringValue()));
                case ARRAY, OBJECT, BINARY, POJO -> kinds.add(Kind.JSON);
            }
        }

        private void number(JsonNode value) {
            kinds.add(Kind.NUMBER);
            boolean isLong = value.isIntegralNumber() && value.canConvertToLong();
            integral &= isLong;
            BigDecimal number = value.decimalValue();
            long wholeDigits = (long) number.precision() - number.scale();
            whole = (int) Math.max(whole, Math.min(wholeDigits, 1_000));
            scale = (int) Math.max(scale, Math.clamp((long) number.scale(), 0, 1_000));
        }

        private Kind kindOf(String text) {
            if (kinds.contains(Kind.STRING)) {
                return Kind.STRING;
            }
            for (Kind kind : List.of(Kind.DATE, Kind.LOCAL_TIME, Kind.INSTANT)) {
                if (parse(text, kind) != Long.MIN_VALUE) {
                    return kind;
                }
            }
            return Kind.STRING;
        }

        LakeType type() {
            if (kinds.size() != 1) {
                return LakeType.TEXT;
            }
            return switch (kinds.iterator().next()) {
                case BOOL -> LakeType.BOOL;
                case NUMBER -> numberType();
                case DATE -> LakeType.DATE;
                case LOCAL_TIME -> LakeType.TIMESTAMP;
                case INSTANT -> LakeType.TIMESTAMP_TZ;
                case STRING, JSON -> LakeType.TEXT;
            };
        }

        private LakeType numberType() {
            if (integral) {
                return LakeType.INT64;
            }
            int digits = Math.max(whole, 1) + scale;
            // Numbers with more digits than the lake's decimals hold keep their own text.
            return digits <= 18
                    ? LakeType.decimal(18, scale)
                    : digits <= 38 ? LakeType.decimal(38, scale) : LakeType.TEXT;
        }

        String sourceType() {
            if (kinds.isEmpty()) {
                return "null";
            }
            Set<String> names = new java.util.TreeSet<>();
            for (Kind kind : kinds) {
                names.add(
                        switch (kind) {
                            case BOOL -> "boolean";
                            case NUMBER -> "number";
                            case DATE, LOCAL_TIME, INSTANT, STRING -> "string";
                            case JSON -> "json";
                        });
            }
            return String.join("|", names);
        }
    }
}

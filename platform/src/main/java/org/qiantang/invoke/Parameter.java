package org.qiantang.invoke;

import static java.util.Objects.requireNonNull;

import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.qiantang.catalog.KeyedReads;
import org.qiantang.core.Problem;

/**
 * What a caller may say of what they want. Its value is bound to the statement and never becomes part of it.
 *
 * @param name as callers write it
 * @param defaultValue what holds when a call leaves it out; null for nothing
 * @param pattern which the whole value matches; null for any
 * @param filter by which column of the resource it selects; null in a template, which names it
 */
public record Parameter(
        String name,
        String title,
        Type type,
        boolean required,
        @Nullable String defaultValue,
        @Nullable String pattern,
        @Nullable Filter filter) {
    private static final int LONGEST = 1_000;
    private static final int MOST_DIGITS = 28;
    private static final int MOST_SCALE = 10;

    public Parameter {
        requireNonNull(name, "name is null");
        requireNonNull(title, "title is null");
        requireNonNull(type, "type is null");
    }

    /** Which rows are meant. */
    public record Filter(String column, Operator operator) {
        public Filter {
            requireNonNull(column, "column is null");
            requireNonNull(operator, "operator is null");
        }
    }

    /** How a column is held against the value. */
    public enum Operator {
        EQUALS,
        STARTS_WITH,
        FROM,
        BEFORE,
    }

    /** What a value is. */
    public enum Type {
        TEXT("VARCHAR", "文本 (text)"),
        INTEGER("BIGINT", "整数 (an integer)"),
        DECIMAL("DECIMAL(38, 10)", "小数 (a decimal number)"),
        DATE("DATE", "日期，如 2026-11-28 (a date)"),
        TIMESTAMP("TIMESTAMPTZ", "带时区的时间，如 2026-11-28T08:00:00+08:00 (a time with its zone)"),
        BOOLEAN("BOOLEAN", "true 或 false (true or false)");

        private final String sql;
        private final String words;

        Type(String sql, String words) {
            this.sql = sql;
            this.words = words;
        }

        /** As a key by which rows are kept; empty where equal values may be written in different ways. */
        Optional<KeyedReads.Kind> kind() {
            return switch (this) {
                case TEXT -> Optional.of(KeyedReads.Kind.TEXT);
                case INTEGER -> Optional.of(KeyedReads.Kind.INTEGER);
                case DATE -> Optional.of(KeyedReads.Kind.DATE);
                case BOOLEAN -> Optional.of(KeyedReads.Kind.BOOLEAN);
                case DECIMAL, TIMESTAMP -> Optional.empty();
            };
        }

        /** As the lake's engine calls it. */
        String sql() {
            return sql;
        }

        /** The value as it is bound; empty where the text is none. */
        Optional<String> read(String text) {
            try {
                return switch (this) {
                    case TEXT -> Optional.of(text);
                    case INTEGER -> Optional.of(Long.toString(Long.parseLong(text)));
                    case DECIMAL -> {
                        BigDecimal number = new BigDecimal(text);
                        boolean fits = Math.abs((long) number.scale()) <= MOST_SCALE
                                && number.precision() - number.scale() <= MOST_DIGITS;
                        yield fits ? Optional.of(number.toPlainString()) : Optional.empty();
                    }
                    case DATE -> Optional.of(LocalDate.parse(text).toString());
                    case TIMESTAMP ->
                        Optional.of(OffsetDateTime.parse(text)
                                .toInstant()
                                .truncatedTo(ChronoUnit.MICROS)
                                .toString());
                    case BOOLEAN -> text.equals("true") || text.equals("false") ? Optional.of(text) : Optional.empty();
                };
            } catch (NumberFormatException | DateTimeException e) {
                return Optional.empty();
            }
        }
    }

    /**
     * The value to bind. Refuses one that is missing or not of the type, by the parameter's name.
     *
     * @param given null for left out
     */
    @Nullable
    String bound(@Nullable String given) {
        String text = given == null ? defaultValue : given;
        if (text == null) {
            if (required) {
                throw new Problem(InvokeProblem.PARAMETER_MISSING, "parameter", name).with("parameter", name);
            }
            return null;
        }
        Optional<String> value =
                text.length() > LONGEST || text.indexOf('\0') >= 0 ? Optional.empty() : type.read(text);
        if (value.isEmpty()) {
            throw wrong(name, type.words);
        }
        if (pattern != null && !Pattern.matches(pattern, text)) {
            throw wrong(name, pattern);
        }
        return value.get();
    }

    static Problem wrong(String name, String expected) {
        return new Problem(InvokeProblem.PARAMETER_WRONG, "parameter", name, "expected", expected)
                .with("parameter", name);
    }
}

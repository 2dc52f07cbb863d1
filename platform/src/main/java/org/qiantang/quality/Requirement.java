package org.qiantang.quality;

import static java.util.Objects.requireNonNull;

import java.math.BigDecimal;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.qiantang.catalog.ContentKind;
import org.qiantang.catalog.Guide;
import org.qiantang.core.Problem;
import org.qiantang.lake.TableName;

/**
 * What is demanded of a resource (质量要求): one of the ready-made kinds with what it needs to know, or a statement of one's own.
 *
 * @param columns of the resource; which of them means what is the kind's business
 * @param pattern of {@link Kind#FORMAT}: a regular expression (RE2) that the whole value matches
 * @param readsAs of {@link Kind#READS_AS}
 * @param codes of {@link Kind#CODE_LIST}
 * @param content of {@link Kind#CHECK_DIGIT}
 * @param least of {@link Kind#WITHIN}: a number or a day, inclusive
 * @param most the same at the upper end; {@value #TODAY} is the day on which it is looked at
 * @param table of {@link Kind#REFERS} and {@link Kind#AGREES}: the other table, {@code namespace.table}
 * @param tableColumns of that table, as many as columns
 * @param cycle of {@link Kind#TIMELY}
 * @param sql of {@link Kind#STATEMENT}: a SELECT that returns the failing rows
 */
public record Requirement(
        Kind kind,
        List<String> columns,
        @Nullable String pattern,
        @Nullable ReadsAs readsAs,
        List<String> codes,
        @Nullable ContentKind content,
        @Nullable String least,
        @Nullable String most,
        @Nullable String table,
        List<String> tableColumns,
        Guide.@Nullable UpdateCycle cycle,
        @Nullable String sql) {
    public static final String TODAY = "today";

    private static final int MOST_CODES = 2_000;
    private static final int LONGEST_PATTERN = 500;
    private static final int LONGEST_STATEMENT = 20_000;
    private static final Pattern TABLE = Pattern.compile("[^.\\s][^.]*\\.[^.].*");

    public Requirement {
        requireNonNull(kind, "kind is null");
        columns = List.copyOf(columns);
        codes = List.copyOf(codes);
        tableColumns = List.copyOf(tableColumns);
    }

    /** The kinds there are, each with the characteristic it judges unless its author says otherwise. */
    public enum Kind {
        /** A value is there; an empty text is none. */
        NOT_NULL(Characteristic.COMPLETENESS),
        FORMAT(Characteristic.CONFORMITY),
        /** A text can be read as a number or a day. */
        READS_AS(Characteristic.CONFORMITY),
        CODE_LIST(Characteristic.CONFORMITY),
        CHECK_DIGIT(Characteristic.ACCURACY),
        WITHIN(Characteristic.ACCURACY),
        /** No two rows agree in the columns; without columns, in all of them. */
        UNIQUE(Characteristic.ACCURACY),
        /** No two rows are of one person, however their identity numbers are written. */
        ONE_PERSON(Characteristic.ACCURACY),
        /** The value is found in a column of another table. */
        REFERS(Characteristic.CONSISTENCY),
        /** Where the other table knows the first column's value, it says the same of the second. */
        AGREES(Characteristic.CONSISTENCY),
        /** It came no longer ago than its update cycle allows. */
        TIMELY(Characteristic.TIMELINESS),
        /** It did not lose rows against the time before. */
        ROWS_KEPT(Characteristic.COMPLETENESS),
        /** Its newest collection is whole, and it can be read. */
        REACHABLE(Characteristic.ACCESSIBILITY),
        STATEMENT(Characteristic.CONSISTENCY);

        private final Characteristic characteristic;

        Kind(Characteristic characteristic) {
            this.characteristic = characteristic;
        }

        public Characteristic characteristic() {
            return characteristic;
        }

        /** Whether it looks at the table as a whole and at the clock, rather than at rows. */
        public boolean isOfTable() {
            return this == TIMELY || this == ROWS_KEPT || this == REACHABLE;
        }
    }

    /** What a text is to be read as. */
    public enum ReadsAs {
        NUMBER,
        DAY,
        TIME,
    }

    public static Requirement of(Kind kind, String... columns) {
        return new Requirement(
                kind, List.of(columns), null, null, List.of(), null, null, null, null, List.of(), null, null);
    }

    public static Requirement checkDigit(String column, ContentKind content) {
        return new Requirement(
                Kind.CHECK_DIGIT,
                List.of(column),
                null,
                null,
                List.of(),
                content,
                null,
                null,
                null,
                List.of(),
                null,
                null);
    }

    public static Requirement format(String column, String pattern) {
        return new Requirement(
                Kind.FORMAT, List.of(column), pattern, null, List.of(), null, null, null, null, List.of(), null, null);
    }

    public static Requirement readsAs(String column, ReadsAs as) {
        return new Requirement(
                Kind.READS_AS, List.of(column), null, as, List.of(), null, null, null, null, List.of(), null, null);
    }

    public static Requirement codes(String column, List<String> codes) {
        return new Requirement(
                Kind.CODE_LIST, List.of(column), null, null, codes, null, null, null, null, List.of(), null, null);
    }

    public static Requirement within(String column, @Nullable String least, @Nullable String most) {
        return new Requirement(
                Kind.WITHIN, List.of(column), null, null, List.of(), null, least, most, null, List.of(), null, null);
    }

    public static Requirement refers(String column, String table, String tableColumn) {
        return new Requirement(
                Kind.REFERS,
                List.of(column),
                null,
                null,
                List.of(),
                null,
                null,
                null,
                table,
                List.of(tableColumn),
                null,
                null);
    }

    public static Requirement agrees(List<String> keyAndValue, String table, List<String> otherKeyAndValue) {
        return new Requirement(
                Kind.AGREES, keyAndValue, null, null, List.of(), null, null, null, table, otherKeyAndValue, null, null);
    }

    public static Requirement timely(Guide.UpdateCycle cycle) {
        return new Requirement(
                Kind.TIMELY, List.of(), null, null, List.of(), null, null, null, null, List.of(), cycle, null);
    }

    public static Requirement statement(String sql) {
        return new Requirement(
                Kind.STATEMENT, List.of(), null, null, List.of(), null, null, null, null, List.of(), null, sql);
    }

    /** The same requirement without what its kind does not ask for; refuses one that lacks something. */
    public Requirement checked() {
        return switch (kind) {
            case NOT_NULL, ONE_PERSON -> of(kind, column());
            case UNIQUE -> of(kind, columns.toArray(String[]::new));
            case FORMAT -> format(column(), checkedPattern());
            case READS_AS -> {
                if (readsAs == null) {
                    throw lacks("readsAs");
                }
                yield readsAs(column(), readsAs);
            }
            case CODE_LIST -> {
                if (codes.isEmpty() || codes.size() > MOST_CODES) {
                    throw lacks("codes: 1–" + MOST_CODES);
                }
                yield codes(column(), codes);
            }
            case CHECK_DIGIT -> {
                if (content == null || !RuleSql.hasCheckDigit(content)) {
                    throw lacks("content: ID_NUMBER, USCC, E_LICENCE");
                }
                yield checkDigit(column(), content);
            }
            case WITHIN -> checkedWithin();
            case REFERS -> refers(column(), checkedTable(), tableColumn(1).getFirst());
            case AGREES -> {
                if (columns.size() != 2) {
                    throw lacks("columns: 2");
                }
                yield agrees(columns, checkedTable(), tableColumn(2));
            }
            case TIMELY -> {
                if (cycle == null) {
                    throw lacks("cycle");
                }
                yield timely(cycle);
            }
            case ROWS_KEPT, REACHABLE -> of(kind);
            case STATEMENT -> {
                if (sql == null || sql.isBlank() || sql.length() > LONGEST_STATEMENT) {
                    throw lacks("sql");
                }
                yield statement(sql.strip().replaceFirst("(?:\\s*;)+$", ""));
            }
        };
    }

    /** The other table that it reads, where it does. */
    @Nullable
    TableName other() {
        if (table == null) {
            return null;
        }
        int dot = table.indexOf('.');
        return new TableName(table.substring(0, dot), table.substring(dot + 1));
    }

    /** What it says, for people. */
    public Words words() {
        String of = String.join("、", columns);
        String inEnglish = String.join(", ", columns);
        return switch (kind) {
            case NOT_NULL -> new Words("“" + of + "”不为空", inEnglish + " is not empty");
            case FORMAT -> new Words("“" + of + "”符合格式 " + pattern, inEnglish + " matches " + pattern);
            case READS_AS -> readsAsWords(of, inEnglish);
            case CODE_LIST ->
                new Words(
                        "“" + of + "”在代码表内（" + codes.size() + " 个代码）",
                        inEnglish + " is one of " + codes.size() + " codes");
            case CHECK_DIGIT ->
                new Words("“" + of + "”是校验正确的" + name(content, true), inEnglish + " checks as " + name(content, false));
            case WITHIN -> withinWords(of, inEnglish);
            case UNIQUE ->
                columns.isEmpty()
                        ? new Words("没有整行重复", "no row stands twice")
                        : new Words("“" + of + "”不重复", inEnglish + " is unique");
            case ONE_PERSON -> new Words("按“" + of + "”每人只登记一次", "each person stands once, by " + inEnglish);
            case REFERS ->
                new Words(
                        "“" + of + "”能在 " + table + "." + String.join("、", tableColumns) + " 中找到",
                        inEnglish + " is found in " + table + "." + String.join(", ", tableColumns));
            case AGREES ->
                new Words(
                        "“" + columns.getLast() + "”与 " + table + "." + tableColumns.getLast() + " 一致（按 "
                                + columns.getFirst() + " 对应）",
                        columns.getLast() + " agrees with " + table + "." + tableColumns.getLast() + " (by "
                                + columns.getFirst() + ")");
            case TIMELY ->
                new Words(
                        "按更新周期（" + (cycle == null ? "" : cycle.zh()) + "）到达",
                        "comes in its update cycle (" + cycle + ")");
            case ROWS_KEPT -> new Words("行数没有比上次减少", "has no fewer rows than the time before");
            case REACHABLE -> new Words("最近一次归集完整，可以读取", "its newest collection is whole and can be read");
            case STATEMENT -> new Words("自定义语句没有查出记录", "a statement of one's own finds nothing");
        };
    }

    private Words readsAsWords(String of, String inEnglish) {
        return switch (requireNonNull(readsAs, "readsAs is null")) {
            case NUMBER -> new Words("“" + of + "”是数值", inEnglish + " reads as a number");
            case DAY -> new Words("“" + of + "”是存在的日期", inEnglish + " reads as a day that exists");
            case TIME -> new Words("“" + of + "”是存在的时间", inEnglish + " reads as a time that exists");
        };
    }

    private Words withinWords(String of, String inEnglish) {
        String from = least == null ? "" : least;
        String to = most == null ? "" : most;
        if (from.isEmpty()) {
            return new Words("“" + of + "”不超过 " + (to.equals(TODAY) ? "当天" : to), inEnglish + " is no more than " + to);
        }
        if (to.isEmpty()) {
            return new Words("“" + of + "”不小于 " + from, inEnglish + " is no less than " + from);
        }
        return new Words(
                "“" + of + "”在 " + from + " 与 " + (to.equals(TODAY) ? "当天" : to) + " 之间",
                inEnglish + " is between " + from + " and " + to);
    }

    private static String name(@Nullable ContentKind content, boolean zh) {
        if (content == ContentKind.ID_NUMBER) {
            return zh ? "公民身份号码" : "a citizen identity number";
        }
        if (content == ContentKind.USCC) {
            return zh ? "统一社会信用代码" : "a unified social credit code";
        }
        return zh ? "电子证照标识" : "an electronic licence identifier";
    }

    private String column() {
        if (columns.size() != 1) {
            throw lacks("columns: 1");
        }
        return columns.getFirst();
    }

    private List<String> tableColumn(int count) {
        if (tableColumns.size() != count) {
            throw lacks("tableColumns: " + count);
        }
        return tableColumns;
    }

    private String checkedTable() {
        if (table == null || !TABLE.matcher(table).matches()) {
            throw lacks("table: namespace.table");
        }
        return table;
    }

    private String checkedPattern() {
        if (pattern == null || pattern.isBlank() || pattern.length() > LONGEST_PATTERN) {
            throw lacks("pattern");
        }
        return pattern;
    }

    private Requirement checkedWithin() {
        String from = blankToNull(least);
        String to = blankToNull(most);
        boolean numbers = (from == null || isNumber(from)) && (to == null || isNumber(to));
        boolean days = (from == null || isDay(from)) && (to == null || isDay(to));
        if (from == null && to == null || !numbers && !days) {
            throw lacks("least, most");
        }
        return within(column(), from, to);
    }

    /** Whether the limits are days rather than numbers. */
    boolean limitsAreDays() {
        return least != null && isDay(least) || most != null && isDay(most);
    }

    private static @Nullable String blankToNull(@Nullable String text) {
        return text == null || text.isBlank() ? null : text.strip();
    }

    private static boolean isNumber(String text) {
        try {
            return new BigDecimal(text).precision() <= 30;
        } catch (NumberFormatException no) {
            return false;
        }
    }

    private static boolean isDay(String text) {
        if (text.equals(TODAY)) {
            return true;
        }
        try {
            LocalDate.parse(text);
            return true;
        } catch (DateTimeParseException no) {
            return false;
        }
    }

    private Problem lacks(String what) {
        return new Problem(QualityProblem.RULE_INCOMPLETE, "kind", kind.name(), "what", what);
    }
}

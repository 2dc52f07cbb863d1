package org.qiantang.quality;

import static java.util.Objects.requireNonNull;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.qiantang.catalog.ContentKind;
import org.qiantang.core.Problem;
import org.qiantang.lake.Sql;
import org.qiantang.lake.TableName;

/**
 * Writes requirements as SELECTs over the lake: one that counts the rows that were looked at and those that fail, and one that finds the
 * failing rows again. Every name and value goes through {@link Sql}.
 *
 * @param columns of the table, in order, from name to the label of its type
 * @param today the day on which it is looked at
 */
record RuleSql(TableName table, Map<String, String> columns, LocalDate today) {
    private static final String ALPHANUMERIC = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    private static final int[] ID_WEIGHTS = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
    private static final String ID_CHECKS = "10X98765432";
    private static final String USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    private static final int[] USCC_WEIGHTS = {1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28};
    private static final String DAY_FORMS = Sql.list(List.of("%Y%m%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日"));

    /**
     * @param count gives one row: how many were looked at, how many of them fail
     * @param find gives the rows that fail
     */
    record Compiled(String count, String find) {}

    static boolean hasCheckDigit(ContentKind content) {
        return content == ContentKind.ID_NUMBER || content == ContentKind.USCC || content == ContentKind.E_LICENCE;
    }

    /** @throws Problem {@link QualityProblem#NO_SUCH_COLUMN} for a column that the table does not have */
    Compiled compile(Requirement requirement) {
        requirement.columns().forEach(this::type);
        return switch (requirement.kind()) {
            case NOT_NULL -> rows("true", "NOT (" + isThere(only(requirement)) + ")");
            case FORMAT ->
                rows(
                        isThere(only(requirement)),
                        "NOT regexp_full_match(" + text(only(requirement)) + ", "
                                + Sql.text(requireNonNull(requirement.pattern())) + ")");
            case READS_AS ->
                rows(
                        isThere(only(requirement)),
                        reads(text(only(requirement)), requireNonNull(requirement.readsAs())) + " IS NULL");
            case CODE_LIST ->
                rows(
                        isThere(only(requirement)),
                        "NOT list_contains(" + Sql.list(requirement.codes()) + ", " + text(only(requirement)) + ")");
            case CHECK_DIGIT ->
                rows(
                        isThere(only(requirement)),
                        "NOT (" + checks(text(only(requirement)), requireNonNull(requirement.content())) + ")");
            case WITHIN -> within(requirement);
            case UNIQUE -> unique(requirement.columns());
            case ONE_PERSON -> onePerson(only(requirement));
            case REFERS -> refers(requirement);
            case AGREES -> agrees(requirement);
            case STATEMENT -> {
                String sql = requireNonNull(requirement.sql());
                yield new Compiled(
                        "SELECT (SELECT count(*) FROM " + Sql.table(table) + ") AS checked, (SELECT count(*) FROM (\n"
                                + sql + "\n) AS failing) AS failed",
                        sql);
            }
            case TIMELY, ROWS_KEPT, REACHABLE ->
                throw new IllegalArgumentException(requirement.kind() + " does not look at rows");
        };
    }

    private Compiled rows(String applies, String fails) {
        String from = " FROM " + Sql.table(table);
        return new Compiled(
                "SELECT count(*) FILTER (WHERE " + applies + ") AS checked, count(*) FILTER (WHERE (" + applies
                        + ") AND (" + fails + ")) AS failed" + from,
                "SELECT *" + from + " WHERE (" + applies + ") AND (" + fails + ")");
    }

    private Compiled within(Requirement requirement) {
        String column = only(requirement);
        String value = requirement.limitsAreDays()
                ? reads(text(column), Requirement.ReadsAs.TIME)
                : reads(text(column), Requirement.ReadsAs.NUMBER);
        List<String> fails = new ArrayList<>();
        String least = requirement.least();
        if (least != null) {
            fails.add(value + " < " + limit(least, requirement.limitsAreDays()));
        }
        String most = requirement.most();
        if (most != null) {
            // A day is over when the next begins.
            fails.add(
                    requirement.limitsAreDays()
                            ? value + " >= " + limit(most, true) + " + INTERVAL 1 DAY"
                            : value + " > " + limit(most, false));
        }
        return rows(value + " IS NOT NULL", String.join(" OR ", fails));
    }

    private String limit(String text, boolean day) {
        if (!day) {
            return "CAST(" + Sql.text(text) + " AS DOUBLE)";
        }
        String date = text.equals(Requirement.TODAY) ? today.toString() : text;
        return "CAST(" + Sql.text(date) + " AS TIMESTAMP)";
    }

    private Compiled unique(List<String> wanted) {
        List<String> of = wanted.isEmpty() ? List.copyOf(columns.keySet()) : wanted;
        String names = of.stream().map(Sql::name).collect(Collectors.joining(", "));
        String there = wanted.isEmpty()
                ? "true"
                : of.stream().map(name -> Sql.name(name) + " IS NOT NULL").collect(Collectors.joining(" AND "));
        return groups(names, there);
    }

    private Compiled onePerson(String column) {
        return groups(person(text(column)), isThere(column));
    }

    /** Rows that stand together with others. */
    private Compiled groups(String by, String where) {
        String from = " FROM " + Sql.table(table) + " WHERE " + where;
        return new Compiled(
                "SELECT CAST(coalesce(sum(n), 0) AS BIGINT) AS checked,"
                        + " CAST(coalesce(sum(n) FILTER (WHERE n > 1), 0) AS BIGINT) AS failed"
                        + " FROM (SELECT count(*) AS n" + from + " GROUP BY " + by + ") AS groups",
                "SELECT *" + from + " QUALIFY count(*) OVER (PARTITION BY " + by + ") > 1");
    }

    private Compiled refers(Requirement requirement) {
        String column = only(requirement);
        TableName other = requireNonNull(requirement.other());
        String fails = "NOT EXISTS (SELECT 1 FROM " + Sql.table(other) + " AS o WHERE CAST(o."
                + Sql.name(requirement.tableColumns().getFirst()) + " AS VARCHAR) = CAST(t." + Sql.name(column)
                + " AS VARCHAR))";
        String from = " FROM " + Sql.table(table) + " AS t WHERE " + isThere("t", column);
        return new Compiled(
                "SELECT count(*) AS checked, count(*) FILTER (WHERE fails) AS failed FROM (SELECT " + fails
                        + " AS fails" + from + ") AS looked",
                "SELECT t.*" + from + " AND " + fails);
    }

    private Compiled agrees(Requirement requirement) {
        TableName other = requireNonNull(requirement.other());
        String key = requirement.columns().get(0);
        String value = requirement.columns().get(1);
        String known = "EXISTS (SELECT 1 FROM " + Sql.table(other) + " AS o WHERE CAST(o."
                + Sql.name(requirement.tableColumns().get(0)) + " AS VARCHAR) = CAST(t." + Sql.name(key)
                + " AS VARCHAR) AND CAST(o."
                + Sql.name(requirement.tableColumns().get(1)) + " AS VARCHAR) <> ";
        String differs = known + "CAST(t." + Sql.name(value) + " AS VARCHAR))";
        // What is not the empty text is a value.
        String said = known + "'')";
        String from = " FROM " + Sql.table(table) + " AS t WHERE " + isThere("t", key) + " AND " + isThere("t", value);
        return new Compiled(
                "SELECT count(*) FILTER (WHERE said) AS checked, count(*) FILTER (WHERE said AND differs) AS failed"
                        + " FROM (SELECT " + said + " AS said, " + differs + " AS differs" + from + ") AS looked",
                "SELECT t.*" + from + " AND " + said + " AND " + differs);
    }

    private String only(Requirement requirement) {
        return requirement.columns().getFirst();
    }

    private String type(String column) {
        String type = columns.get(column);
        if (type == null) {
            throw new Problem(QualityProblem.NO_SUCH_COLUMN, "table", table.toString(), "column", column);
        }
        return type;
    }

    private String isThere(String column) {
        String name = Sql.name(column);
        return isText(column) ? name + " IS NOT NULL AND trim(" + name + ") <> ''" : name + " IS NOT NULL";
    }

    private String isThere(String alias, String column) {
        String name = alias + "." + Sql.name(column);
        return isText(column) ? name + " IS NOT NULL AND trim(" + name + ") <> ''" : name + " IS NOT NULL";
    }

    private boolean isText(String column) {
        return type(column).equals("string");
    }

    private String text(String column) {
        return isText(column) ? Sql.name(column) : "CAST(" + Sql.name(column) + " AS VARCHAR)";
    }

    private static String reads(String text, Requirement.ReadsAs as) {
        return switch (as) {
            case NUMBER -> "TRY_CAST(" + text + " AS DOUBLE)";
            case DAY ->
                "coalesce(TRY_CAST(" + text + " AS DATE), CAST(try_strptime(" + text + ", " + DAY_FORMS + ") AS DATE))";
            case TIME -> "coalesce(TRY_CAST(" + text + " AS TIMESTAMP), try_strptime(" + text + ", " + DAY_FORMS + "))";
        };
    }

    /** Whether a text is a faultless value of the kind, exactly as the platform itself says. */
    static String checks(String text, ContentKind content) {
        return switch (content) {
            case ID_NUMBER -> isIdentityNumber(text);
            case USCC -> isCreditCode(text);
            case E_LICENCE -> isLicence(text);
            default -> throw new IllegalArgumentException("No check digit: " + content);
        };
    }

    private static String isIdentityNumber(String v) {
        return "CASE WHEN regexp_full_match(" + v + ", '[0-9]{17}[0-9Xx]') THEN "
                + isDay("substr(" + v + ", 7, 4)", "substr(" + v + ", 11, 2)", "substr(" + v + ", 13, 2)")
                + " AND " + idCheck(v) + " = upper(substr(" + v + ", 18, 1))"
                + " WHEN regexp_full_match(" + v + ", '[0-9]{15}') THEN "
                + isDay("'19' || substr(" + v + ", 7, 2)", "substr(" + v + ", 9, 2)", "substr(" + v + ", 11, 2)")
                + " ELSE false END";
    }

    private static String isDay(String year, String month, String day) {
        return "TRY_CAST(" + year + " || '-' || " + month + " || '-' || " + day + " AS DATE) IS NOT NULL";
    }

    private static String idCheck(String v) {
        String sum = IntStream.range(0, ID_WEIGHTS.length)
                .mapToObj(i -> "(unicode(substr(" + v + ", " + (i + 1) + ", 1)) - 48) * " + ID_WEIGHTS[i])
                .collect(Collectors.joining(" + "));
        return "substr('" + ID_CHECKS + "', (" + sum + ") % 11 + 1, 1)";
    }

    private static String isCreditCode(String v) {
        String code = "upper(" + v + ")";
        String sum = IntStream.range(0, USCC_WEIGHTS.length)
                .mapToObj(i -> "(instr('" + USCC_ALPHABET + "', substr(" + code + ", " + (i + 1) + ", 1)) - 1) * "
                        + USCC_WEIGHTS[i])
                .collect(Collectors.joining(" + "));
        return "CASE WHEN regexp_full_match(" + code + ", '[" + USCC_ALPHABET + "]{18}') THEN substr('" + USCC_ALPHABET
                + "', (31 - (" + sum + ") % 31) % 31 + 1, 1) = substr(" + code + ", 18, 1) ELSE false END";
    }

    private static String isLicence(String v) {
        String upper = "upper(" + v + ")";
        String parts =
                "regexp_replace(regexp_replace(" + upper + ", '^1\\.2\\.156\\.3005\\.2\\.', ''), '\\.', '', 'g')";
        String before = "left(" + parts + ", -1)";
        String sum = "list_reduce(list_transform(string_split(" + before + ", ''), lambda c: instr('" + ALPHANUMERIC
                + "', c) - 1), lambda p, w: (CASE WHEN (p + w) % 36 = 0 THEN 36 ELSE (p + w) % 36 END) * 2 % 37, 36)";
        return "CASE WHEN regexp_full_match(" + upper
                + ", '(1\\.2\\.156\\.3005\\.2\\.)?([0-9A-Z]+\\.){4}[0-9A-Z]') THEN substr('" + ALPHANUMERIC
                + "', (37 - "
                + sum + ") % 36 + 1, 1) = right(" + upper + ", 1) ELSE false END";
    }

    /** One way to write an identity number: half-width, in capitals, without spaces, with 18 characters. */
    static String person(String v) {
        String plain = "upper(translate(regexp_replace(" + v + ", '[\\s　]', '', 'g'), '０１２３４５６７８９Ｘｘ', '0123456789XX'))";
        String long17 = "left(" + plain + ", 6) || '19' || substr(" + plain + ", 7)";
        return "CASE WHEN regexp_full_match(" + plain + ", '[0-9]{15}') THEN " + long17 + " || "
                + idCheck("(" + long17 + ")") + " ELSE " + plain + " END";
    }

    /** The rows that name one person or company in any of these columns, however their number is written. */
    static String recordsOf(TableName table, List<String> columns, String number) {
        return "SELECT * FROM " + Sql.table(table) + " WHERE "
                + columns.stream()
                        .map(column -> person("CAST(" + Sql.name(column) + " AS VARCHAR)") + " = " + Sql.text(number))
                        .collect(Collectors.joining(" OR "));
    }
}

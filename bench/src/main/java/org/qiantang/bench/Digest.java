package org.qiantang.bench;

import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a table comes down to whatever the order of its rows: their number, a sum for each column, and a sum over a hash of each
 * whole row, which notices values that changed places. A copy whose digest differs from its source is no copy, and its speed no
 * result.
 */
record Digest(Map<String, BigDecimal> values) {
    /** Our export begins with it, so that spreadsheets see UTF-8. */
    private static final String BYTE_ORDER_MARK = "\uFEFF";

    Digest {
        values = Map.copyOf(values);
    }

    /** The two engines that are asked for a digest. */
    enum Dialect {
        POSTGRESQL("('x' || substr(md5(%s), 1, 8))::bit(32)::bigint", "%s - date '1970-01-01'"),
        DUCKDB("cast('0x' || substr(md5(%s), 1, 8) as bigint)", "date_diff('day', date '1970-01-01', %s)");

        private final String hash;
        private final String days;

        Dialect(String hash, String days) {
            this.hash = hash;
            this.days = days;
        }
    }

    /**
     * The query whose only row is the digest.
     *
     * @param relation what to read: a table's name, a table function or a query in parentheses
     */
    static String query(List<Column> columns, String relation, Dialect dialect) {
        List<String> values = new ArrayList<>();
        values.add("count(*) as row_count");
        for (Column column : columns) {
            values.add(sum(column, dialect) + " as " + column.name());
        }
        values.add(hash(columns, dialect) + " as row_hash");
        return "select " + String.join(", ", values) + " from " + relation;
    }

    /** The same with one sum over all columns, so that tables of any shape go into one {@code union all}, named in the first column. */
    static String brief(String name, List<Column> columns, String relation, Dialect dialect) {
        String sums = columns.stream()
                .map(column -> "coalesce(" + sum(column, dialect) + ", 0)")
                .collect(Collectors.joining(" + "));
        return "select '" + name + "' as name, count(*) as row_count, " + sums + " as column_sum, "
                + hash(columns, dialect) + " as row_hash from " + relation;
    }

    private static String sum(Column column, Dialect dialect) {
        return "sum("
                + switch (column.kind()) {
                    case NUMBER -> column.name();
                    case DATE -> dialect.days.formatted(column.name());
                    case TEXT -> "length(" + column.name() + ")";
                }
                + ")";
    }

    private static String hash(List<Column> columns, Dialect dialect) {
        String row = columns.stream()
                .map(column -> "cast(" + column.name() + " as varchar)")
                .collect(Collectors.joining(", ", "concat_ws('|', ", ")"));
        return "sum(" + dialect.hash.formatted(row) + ")";
    }

    static Digest of(Connection connection, List<Column> columns, String relation, Dialect dialect)
            throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query(columns, relation, dialect))) {
            row.next();
            ResultSetMetaData labels = row.getMetaData();
            Map<String, BigDecimal> values = new LinkedHashMap<>();
            for (int i = 1; i <= labels.getColumnCount(); i++) {
                values.put(labels.getColumnLabel(i), number(row.getString(i)));
            }
            return new Digest(values);
        }
    }

    /** @param csv a heading line and one line of numbers, with or without a byte order mark, as the hub exports them */
    static Digest ofCsv(String csv) {
        List<String> lines = csv.replace(BYTE_ORDER_MARK, "").lines().toList();
        String[] names = lines.getFirst().replace("\"", "").split(",", -1);
        String[] numbers = lines.get(1).replace("\"", "").split(",", -1);
        Map<String, BigDecimal> values = new LinkedHashMap<>();
        for (int i = 0; i < names.length; i++) {
            values.put(names[i].toLowerCase(Locale.ROOT), number(numbers[i]));
        }
        return new Digest(values);
    }

    private static BigDecimal number(@Nullable String text) {
        return text == null || text.isEmpty() ? BigDecimal.ZERO : new BigDecimal(text);
    }

    long rows() {
        return values.getOrDefault("row_count", BigDecimal.ZERO).longValueExact();
    }

    /** What differs, one line each; empty when the copy holds what the source holds. */
    List<String> differencesFrom(Digest copy) {
        List<String> differences = new ArrayList<>();
        new TreeMap<>(values).forEach((name, ours) -> {
            BigDecimal theirs = copy.values.get(name);
            if (theirs == null || ours.compareTo(theirs) != 0) {
                differences.add(name + ": " + ours.toPlainString() + " at the source, "
                        + (theirs == null ? "nothing" : theirs.toPlainString()) + " in the copy");
            }
        });
        return differences;
    }
}

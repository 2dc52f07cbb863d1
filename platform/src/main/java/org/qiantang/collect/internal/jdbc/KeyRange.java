package org.qiantang.collect.internal.jdbc;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * The rows whose key is at least {@code from} and less than {@code to}, as the source compares them; null is open. The first range of a
 * table is open below and the last above, so that together they are the whole table whatever has been added since.
 */
record KeyRange(@Nullable String from, @Nullable String to) {
    static final KeyRange ALL = new KeyRange(null, null);

    /** Characters that are tried between the least and the greatest text. */
    private static final int RADIX = 1 << 16;

    /** Keys are mostly written in digits and letters, whatever strangers there are among them. */
    private static final long LEAST_USUAL = '0' * (long) RADIX;

    private static final long GREATEST_USUAL = ('z' + 1) * (long) RADIX;

    static KeyRange of(String spec) {
        return JsonMapper.shared().readValue(spec, KeyRange.class);
    }

    String spec() {
        return JsonMapper.shared().writeValueAsString(this);
    }

    static boolean canCut(Reading key) {
        return switch (key) {
            case INTEGER, DECIMAL, DECIMAL_DIGITS, STRING, UTF8 -> true;
            default -> false;
        };
    }

    static boolean isNumber(Reading key) {
        return switch (key) {
            case INTEGER, DECIMAL, DECIMAL_DIGITS -> true;
            default -> false;
        };
    }

    /** The condition on the key, with a parameter for each of its ends. */
    String condition(String key) {
        if (from == null) {
            return to == null ? "" : " WHERE " + key + " < ?";
        }
        return " WHERE " + key + " >= ?" + (to == null ? "" : " AND " + key + " < ?");
    }

    void bind(PreparedStatement statement, boolean isNumber) throws SQLException {
        int at = 1;
        for (String end : new String[] {from, to}) {
            if (end != null) {
                bind(statement, at++, end, isNumber);
            }
        }
    }

    private static void bind(PreparedStatement statement, int at, String value, boolean isNumber) throws SQLException {
        if (!isNumber) {
            statement.setString(at, value);
            return;
        }
        BigDecimal number = new BigDecimal(value);
        if (number.scale() <= 0 && number.toBigInteger().bitLength() < Long.SIZE) {
            statement.setLong(at, number.longValue());
        } else {
            statement.setBigDecimal(at, number);
        }
    }

    /**
     * Cuts a table into about {@code count} ranges. Where keys lie is guessed from the least and the greatest; a guess that misses makes
     * ranges uneven, never wrong, for the bounds of text are keys of the table that the source itself has put in order.
     */
    static List<KeyRange> cut(Connection connection, Table table, Field key, String quotedKey, int count)
            throws SQLException {
        String least;
        String greatest;
        try (PreparedStatement ends = connection.prepareStatement(
                        "SELECT MIN(" + quotedKey + "), MAX(" + quotedKey + ") FROM " + table.quotedName);
                ResultSet row = ends.executeQuery()) {
            row.next();
            least = row.getString(1);
            greatest = row.getString(2);
        }
        if (least == null || greatest == null) {
            return List.of(ALL);
        }
        List<String> bounds = isNumber(key.reading())
                ? between(new BigDecimal(least).toBigInteger(), new BigDecimal(greatest).toBigInteger(), count)
                : existing(connection, table, quotedKey, between(least, greatest, count));
        List<KeyRange> ranges = new ArrayList<>();
        String from = null;
        for (String bound : bounds) {
            ranges.add(new KeyRange(from, bound));
            from = bound;
        }
        ranges.add(new KeyRange(from, null));
        return ranges;
    }

    /** Ascending numbers that cut the way from one to the other evenly. */
    static List<String> between(BigInteger least, BigInteger greatest, int count) {
        BigInteger span = greatest.subtract(least);
        List<String> bounds = new ArrayList<>();
        BigInteger last = least;
        for (int i = 1; i < count; i++) {
            BigInteger bound = least.add(span.multiply(BigInteger.valueOf(i)).divide(BigInteger.valueOf(count)));
            if (bound.compareTo(last) > 0) {
                bounds.add(bound.toString());
                last = bound;
            }
        }
        return bounds;
    }

    /** Texts between two, by the numbers of the characters behind what both begin with. */
    static List<String> between(String least, String greatest, int count) {
        int common = 0;
        while (common < least.length()
                && common < greatest.length()
                && least.charAt(common) == greatest.charAt(common)) {
            common++;
        }
        String prefix = least.substring(0, common);
        long low = number(least, common);
        long high = number(greatest, common);
        if (low < LEAST_USUAL && high > LEAST_USUAL) {
            low = LEAST_USUAL;
        }
        if (high > GREATEST_USUAL && low < GREATEST_USUAL) {
            high = GREATEST_USUAL;
        }
        long span = high - low;
        List<String> guesses = new ArrayList<>();
        for (int i = 1; i < count && span > 0; i++) {
            long at = low + span / count * i;
            char first = (char) (at / RADIX);
            char second = (char) (at % RADIX);
            // Half a surrogate pair is no text, and a blank at the end counts for nothing in many collations.
            String tail = Character.isSurrogate(second) || second < '!' ? "" + first : "" + first + second;
            if (!Character.isSurrogate(first) && first >= '!') {
                guesses.add(prefix + tail);
            }
        }
        return guesses;
    }

    private static long number(String text, int at) {
        return (long) charAt(text, at) * RADIX + charAt(text, at + 1);
    }

    private static char charAt(String text, int at) {
        return at < text.length() ? text.charAt(at) : 0;
    }

    /** The least keys that are not below the guesses, each above the one before. */
    private static List<String> existing(Connection connection, Table table, String quotedKey, List<String> guesses)
            throws SQLException {
        List<String> bounds = new ArrayList<>();
        for (String guess : guesses) {
            String sql = "SELECT MIN(" + quotedKey + ") FROM " + table.quotedName + " WHERE " + quotedKey + " >= ?"
                    + (bounds.isEmpty() ? "" : " AND " + quotedKey + " > ?");
            try (PreparedStatement next = connection.prepareStatement(sql)) {
                next.setString(1, guess);
                if (!bounds.isEmpty()) {
                    next.setString(2, bounds.getLast());
                }
                try (ResultSet row = next.executeQuery()) {
                    String bound = row.next() ? row.getString(1) : null;
                    if (bound != null) {
                        bounds.add(bound);
                    }
                }
            }
        }
        return bounds;
    }
}

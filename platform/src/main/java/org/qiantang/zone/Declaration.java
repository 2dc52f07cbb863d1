package org.qiantang.zone;

import static java.util.Objects.requireNonNull;

import java.util.Map;

/**
 * What a result is said to be by whoever made it. What is not said counts as what identifies: who forgets a column is checked more strictly,
 * not less.
 *
 * @param columns what columns are that are not {@link As#IDENTIFYING}, by their names
 */
public record Declaration(Kind kind, Map<String, As> columns) {
    public Declaration {
        requireNonNull(kind, "kind is null");
        columns = Map.copyOf(columns);
    }

    /** What a row is. */
    public enum Kind {
        /** Somebody or something. */
        RECORDS,
        /** How many, and what of them together. */
        STATISTIC,
    }

    /** What a column is. */
    public enum As {
        /** Tells with others whom a row is about (准标识符), or which cell it is. */
        IDENTIFYING,
        /** How many are in the cell. */
        COUNT,
        /** What they are together: a sum, an average. */
        MEASURE,
        /** What is said of whom a record is about and does not tell who it is. */
        ATTRIBUTE,
    }

    As as(String column) {
        return columns.getOrDefault(column, As.IDENTIFYING);
    }
}

package org.qiantang.lake;

import static java.util.Objects.requireNonNull;

import java.util.List;

/**
 * Which rows of a table may be read, by one of its columns: a district that sees its own residents only, a grant for one year. It is data,
 * not text of a statement, so that it can be shown to whoever has to approve it and cannot say anything else. Several hold together.
 *
 * @param column by name, as the table has it; a null in it meets no condition
 * @param values as text, read as the column's type; never empty
 */
public record RowCondition(String column, Operator operator, List<String> values) {
    public RowCondition {
        requireNonNull(column, "column is null");
        requireNonNull(operator, "operator is null");
        values = List.copyOf(values);
        if (values.isEmpty()) {
            throw new IllegalArgumentException("A condition without a value lets nothing or everything through");
        }
        if (operator.takesOne() && values.size() != 1) {
            throw new IllegalArgumentException(operator + " takes one value");
        }
    }

    /** How a column's value is held against the values. */
    public enum Operator {
        /** It is one of them. */
        IN,
        /** Its text begins with one of them: a division's code and all that lie in it. */
        STARTS_WITH,
        /** It is the value or greater. */
        FROM,
        /** It is less than the value. */
        BEFORE;

        boolean takesOne() {
            return this == FROM || this == BEFORE;
        }
    }
}

package org.qiantang.collect.internal.jdbc;

import org.qiantang.lake.LakeType;

/**
 * A column as it is asked for and read.
 *
 * @param expression what is selected
 * @param textReading how it is read when its exact text is wanted, of {@code textExpression}
 * @param readable whether the account may read it
 * @param large the expression whose {@code OCTET_LENGTH} is its size, where a value may be too large to come at all; otherwise empty
 */
record Field(
        String name,
        LakeType type,
        Reading reading,
        String expression,
        Reading textReading,
        String textExpression,
        boolean readable,
        String large) {
    static Field of(String name, LakeType type, Reading reading, String expression) {
        return new Field(name, type, reading, expression, Reading.STRING, expression, true, "");
    }

    Field textBy(Reading asText, String asTextExpression) {
        return new Field(name, type, reading, expression, asText, asTextExpression, readable, large);
    }

    Field unreadable() {
        return new Field(name, type, reading, expression, textReading, textExpression, false, large);
    }

    Field measuredBy(String size) {
        return new Field(name, type, reading, expression, textReading, textExpression, readable, size);
    }
}

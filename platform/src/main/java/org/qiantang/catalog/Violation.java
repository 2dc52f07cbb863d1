package org.qiantang.catalog;

import static java.util.Objects.requireNonNull;

/**
 * Something in an entry's statement that keeps it from being submitted: which rule, at which field, in words a department officer can act on.
 *
 * @param field the statement's component, with a place where it is a list: {@code items[3].name}
 */
public record Violation(String code, String field, String zh, String en) {
    public Violation {
        requireNonNull(code, "code is null");
        requireNonNull(field, "field is null");
        requireNonNull(zh, "zh is null");
        requireNonNull(en, "en is null");
    }
}

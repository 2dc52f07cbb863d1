package org.qiantang.org;

import static java.util.Objects.requireNonNull;

/**
 * An authority or public body (数源部门) that owns systems and answers for their data.
 *
 * @param id short and stable, such as {@code police}
 * @param name in Chinese
 */
public record Department(String id, String name, String nameEn) {
    public Department {
        requireNonNull(id, "id is null");
        requireNonNull(name, "name is null");
        requireNonNull(nameEn, "nameEn is null");
        if (!id.matches("[a-z][a-z0-9_]{0,39}")) {
            throw new IllegalArgumentException("Not a department id: " + id);
        }
    }
}

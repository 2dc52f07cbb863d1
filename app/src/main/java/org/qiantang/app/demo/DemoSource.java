package org.qiantang.app.demo;

import org.jspecify.annotations.Nullable;

/**
 * A source system of the demo city, as it is to be registered for collection.
 *
 * @param location JDBC URL without a password, or a folder
 * @param username the read-only account; null for a folder
 */
public record DemoSource(
        String name,
        String title,
        String departmentId,
        Kind kind,
        String location,
        @Nullable String username) {
    /** Where a source system keeps its rows. */
    public enum Kind {
        POSTGRES,
        FOLDER
    }
}

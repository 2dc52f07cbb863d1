package org.qiantang.app.demo;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A column of a demo table.
 *
 * @param type PostgreSQL type; in files it only documents
 * @param references {@code table.column} within the source (a real foreign key in PostgreSQL) or {@code source.table.column} of another
 *     department (a relation that nobody wrote down, kept in the truth)
 */
record Column(
        String name,
        String type,
        String comment,
        boolean key,
        boolean required,
        @Nullable String references) {

    /**
     * Reads {@code name | type | comment [| reference]}, one a line; a star after the type makes it part of the primary key, an
     * exclamation mark NOT NULL.
     */
    static List<Column> parse(String text) {
        List<Column> columns = new ArrayList<>();
        for (String line : text.strip().split("\n")) {
            String[] parts = line.split("\\|");
            String type = parts[1].strip();
            boolean key = type.endsWith("*");
            boolean required = key || type.endsWith("!");
            columns.add(new Column(
                    parts[0].strip(),
                    required ? type.substring(0, type.length() - 1).strip() : type,
                    parts[2].strip(),
                    key,
                    required,
                    parts.length > 3 ? parts[3].strip() : null));
        }
        return List.copyOf(columns);
    }

    /** Whether the reference stays within the source system. */
    boolean isForeignKey() {
        return references != null && references.chars().filter(c -> c == '.').count() == 1;
    }
}

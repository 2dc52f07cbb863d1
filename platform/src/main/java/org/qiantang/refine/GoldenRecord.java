package org.qiantang.refine;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.qiantang.catalog.Contested;
import org.qiantang.catalog.Level;
import org.qiantang.org.Department;

/**
 * One record of a base library with where each of its values comes from (取值溯源), so that whoever has to answer for a value can say who
 * said so, who said otherwise and why the one was taken.
 *
 * @param resource the library's own
 * @param asOf of the library, at which the record was read
 * @param isContested whether somebody says that this very record is wrong
 * @param contested the tables that were read of which something is contested
 * @param fields in the order of the library's columns
 */
public record GoldenRecord(
        String table,
        String title,
        @Nullable String titleEn,
        Department department,
        UUID resource,
        @Nullable Instant asOf,
        boolean isContested,
        List<Contested.InTable> contested,
        List<Field> fields) {
    public GoldenRecord {
        contested = List.copyOf(contested);
        fields = List.copyOf(fields);
    }

    /** How a value can be followed back. */
    public enum Traced {
        /** The library's origins say row by row who says what. */
        ROWS,
        /** The record was found by it. */
        KEY,
        /** The origins have no row for it: no department says anything. */
        NOBODY,
        /** The statement says which columns it is made of. */
        COLUMNS,
        /** Not by rows, and the statement does not tell either. */
        UNKNOWN,
    }

    /** Why one department's value was taken. */
    public enum Why {
        /** Nobody else says anything. */
        ONLY,
        /** It comes first in the mapping's order of precedence. */
        PRECEDENCE,
        /** Several come first alike; the mapping's statement takes one by its own order, such as the newest or the lowest key. */
        ORDER,
    }

    /**
     * A field of the record.
     *
     * @param value what may be seen of it; null where it is hidden or empty
     * @param why null when no row was chosen
     * @param claims what each department says, the one that was chosen first
     * @param columns what the field is made of, by the statements, back to what departments sent
     */
    public record Field(
            String name,
            @Nullable String title,
            Level level,
            @Nullable String value,
            boolean masked,
            Traced traced,
            @Nullable Why why,
            List<Claim> claims,
            List<Column> columns) {
        public Field {
            claims = List.copyOf(claims);
            columns = List.copyOf(columns);
        }
    }

    /**
     * What a row of a department's table says of a field.
     *
     * @param table null when it may not be seen
     * @param resource null for a table that the catalogue does not know
     * @param asOf of that table
     * @param agrees whether it says what the chosen one says; told from the values in clear
     * @param contested whether somebody says that it is wrong
     */
    public record Claim(
            @Nullable String table,
            @Nullable UUID resource,
            @Nullable String title,
            @Nullable Department department,
            @Nullable Instant asOf,
            @Nullable String rowKey,
            @Nullable String value,
            boolean masked,
            @Nullable Integer precedence,
            boolean chosen,
            boolean agrees,
            boolean contested) {}

    /**
     * A column at the beginning of a field's lineage.
     *
     * @param ofThisRow whether the record names this table as the one its row comes from
     */
    public record Column(
            String table,
            String column,
            @Nullable UUID resource,
            String title,
            @Nullable Department department,
            @Nullable Instant asOf,
            boolean ofThisRow) {}
}

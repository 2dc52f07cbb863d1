package org.qiantang.app.demo;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A table, or a file's sheet, of a demo source system and how to write its rows.
 *
 * @param name table name in PostgreSQL; for a file the stem, or {@code stem__sheet} in a workbook of several sheets
 * @param file how it lies in a folder; null for a PostgreSQL table
 * @param partitions how a PostgreSQL table is cut; null for an ordinary one
 */
record Table(
        String schema,
        String name,
        String comment,
        List<Column> columns,
        Rows rows,
        @Nullable FileForm file,
        @Nullable Partitions partitions) {

    /** Writes all rows of a table, in a fixed order, using no memory that grows with their number. */
    @FunctionalInterface
    interface Rows {
        void write(City city, Row row);
    }

    /**
     * Range partitions.
     *
     * @param bounds ascending; partition i holds bounds[i] up to but not including bounds[i + 1]
     */
    record Partitions(String column, List<String> names, List<String> bounds) {
        Partitions {
            names = List.copyOf(names);
            bounds = List.copyOf(bounds);
        }
    }

    static Table of(String name, String comment, String columns, Rows rows) {
        return new Table("public", name, comment, Column.parse(columns), rows, null, null);
    }

    static Table file(FileForm form, String name, String comment, String columns, Rows rows) {
        return new Table("", name, comment, Column.parse(columns), rows, form, null);
    }

    Table inSchema(String other) {
        return new Table(other, name, comment, columns, rows, file, partitions);
    }

    Table partitionedBy(Partitions ranges) {
        return new Table(schema, name, comment, columns, rows, file, ranges);
    }

    List<String> keyColumns() {
        return columns.stream().filter(Column::key).map(Column::name).toList();
    }

    int indexOf(String column) {
        for (int i = 0; i < columns.size(); i++) {
            if (columns.get(i).name().equals(column)) {
                return i;
            }
        }
        throw new IllegalArgumentException("No column " + column + " in " + name);
    }
}

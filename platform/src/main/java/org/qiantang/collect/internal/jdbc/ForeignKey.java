package org.qiantang.collect.internal.jdbc;

import java.util.ArrayList;
import java.util.List;

/** A foreign key in the form in which details have it, put together column by column. */
record ForeignKey(String name, List<String> columns, String schema, String table, List<String> referencedColumns) {
    ForeignKey(String name, String schema, String table) {
        this(name, new ArrayList<>(), schema, table, new ArrayList<>());
    }

    void add(String column, String referencedColumn) {
        columns.add(column);
        referencedColumns.add(referencedColumn);
    }
}

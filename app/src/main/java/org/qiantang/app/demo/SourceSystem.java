package org.qiantang.app.demo;

import java.util.List;

/**
 * A source system of the demo city: a PostgreSQL database or a folder.
 *
 * @param before SQL ahead of the tables (schemas, types, sequences)
 * @param after SQL after the rows (views, triggers' sequences)
 */
record SourceSystem(
        String name,
        String title,
        String departmentId,
        DemoSource.Kind kind,
        List<String> before,
        List<Table> tables,
        List<String> after) {
    SourceSystem {
        before = List.copyOf(before);
        tables = List.copyOf(tables);
        after = List.copyOf(after);
    }

    static SourceSystem database(String name, String title, String departmentId, List<Table> tables) {
        return new SourceSystem(name, title, departmentId, DemoSource.Kind.POSTGRES, List.of(), tables, List.of());
    }

    static SourceSystem folder(String name, String title, String departmentId, List<Table> tables) {
        return new SourceSystem(name, title, departmentId, DemoSource.Kind.FOLDER, List.of(), tables, List.of());
    }

    SourceSystem with(List<String> sqlBefore, List<String> sqlAfter) {
        return new SourceSystem(name, title, departmentId, kind, sqlBefore, tables, sqlAfter);
    }

    /** The PostgreSQL database it lives in. */
    String database() {
        return "src_" + name;
    }

    /** The read-only account it is collected with. */
    String reader() {
        return name + "_reader";
    }

    Table table(String table) {
        return tables.stream()
                .filter(t -> t.name().equals(table))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("No table " + table + " in " + name));
    }
}

package org.qiantang.app.demo;

import java.nio.file.Path;
import java.util.List;

/**
 * A source system of the demo city: a PostgreSQL database or a folder.
 *
 * @param title as it is registered; empty until a city's folder has given it one, like the department
 * @param before SQL ahead of the tables (schemas, types, sequences)
 * @param after SQL after the rows (views, triggers' sequences)
 * @param files of a folder whose rows nobody makes up: they are copied as they are
 */
record SourceSystem(
        String name,
        String title,
        String departmentId,
        DemoSource.Kind kind,
        List<String> before,
        List<Table> tables,
        List<String> after,
        List<Path> files) {
    SourceSystem {
        before = List.copyOf(before);
        tables = List.copyOf(tables);
        after = List.copyOf(after);
        files = List.copyOf(files);
    }

    static SourceSystem database(String name, List<Table> tables) {
        return new SourceSystem(name, "", "", DemoSource.Kind.POSTGRES, List.of(), tables, List.of(), List.of());
    }

    static SourceSystem folder(String name, List<Table> tables) {
        return new SourceSystem(name, "", "", DemoSource.Kind.FOLDER, List.of(), tables, List.of(), List.of());
    }

    static SourceSystem files(String name, List<Path> files) {
        return new SourceSystem(name, "", "", DemoSource.Kind.FOLDER, List.of(), List.of(), List.of(), files);
    }

    SourceSystem with(List<String> sqlBefore, List<String> sqlAfter) {
        return new SourceSystem(name, title, departmentId, kind, sqlBefore, tables, sqlAfter, files);
    }

    /** The same as a city registers it. */
    SourceSystem registered(String called, String department) {
        return new SourceSystem(name, called, department, kind, before, tables, after, files);
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

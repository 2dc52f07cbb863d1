package org.qiantang.lake;

import java.util.Collection;
import java.util.stream.Collectors;

/** Names and texts as SQL writes them; the only way either gets into a statement. */
public final class Sql {
    private Sql() {}

    public static String table(TableName table) {
        return name(table.namespace()) + "." + name(table.name());
    }

    public static String name(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }

    public static String text(String value) {
        return '\'' + value.replace("'", "''") + '\'';
    }

    /** A list of texts, as DuckDB writes one. */
    public static String list(Collection<String> texts) {
        return texts.stream().map(Sql::text).collect(Collectors.joining(", ", "[", "]"));
    }
}

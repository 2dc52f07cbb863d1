package org.qiantang.collect.internal.jdbc;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.qiantang.collect.SourceObject;
import org.qiantang.collect.SourceObject.SourceColumn;
import org.qiantang.collect.internal.Connector.Unreadable;

/** A table or view while its source's catalogue is being read, and what is known of it afterwards. */
final class Table {
    final String schema;
    final String name;
    /** The name as the source's SQL wants it. */
    final String quotedName;

    final SourceObject.Kind kind;
    final boolean isCopied;
    final Map<String, String> details = new TreeMap<>();
    final List<Field> fields = new ArrayList<>();
    final List<SourceColumn> columns = new ArrayList<>();
    final List<String> primaryKey = new ArrayList<>();

    @Nullable
    String comment;

    /** Whether its rows stay as they are while the state is held. */
    boolean isSteady = true;

    OptionalLong rows = OptionalLong.empty();
    OptionalLong bytes = OptionalLong.empty();
    List<KeyRange> ranges = List.of(KeyRange.ALL);
    Optional<Unreadable> unreadable = Optional.empty();

    Table(String schema, String name, String quotedName, SourceObject.Kind kind, boolean isCopied) {
        this.schema = schema;
        this.name = name;
        this.quotedName = quotedName;
        this.kind = kind;
        this.isCopied = isCopied;
    }

    String qualifiedName() {
        return schema.isEmpty() ? name : schema + "." + name;
    }

    Field field(String column) {
        return fields.stream()
                .filter(field -> field.name().equals(column))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("No column " + column + " in " + qualifiedName()));
    }

    /**
     * The column by which the table can be cut into ranges: the first of its key, when every row has a value of it that has an order
     * everybody agrees on.
     */
    Optional<Field> rangeKey() {
        if (primaryKey.isEmpty()) {
            return Optional.empty();
        }
        String first = primaryKey.getFirst();
        return columns.stream()
                .filter(column -> column.name().equals(first) && !column.nullable())
                .map(column -> field(first))
                .filter(field -> field.readable() && KeyRange.canCut(field.reading()))
                .findFirst();
    }
}

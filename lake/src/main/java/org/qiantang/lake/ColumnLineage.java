package org.qiantang.lake;

import static java.util.Objects.requireNonNull;

import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Where each column of a statement's answer comes from, as the statement itself says (数据血缘). What cannot be told is said to be
 * unknown, never left out: an answer of no origins means that there are none.
 *
 * @param columns of the answer, in order
 * @param influences what decides which rows there are, rather than what is in them
 * @param unknown why it is not whole; empty when it is
 */
public record ColumnLineage(List<Result> columns, List<Origin> influences, List<String> unknown) {
    public ColumnLineage {
        columns = List.copyOf(columns);
        influences = List.copyOf(influences);
        unknown = List.copyOf(unknown);
    }

    /**
     * A column of the answer.
     *
     * @param unknown why not all of its origins are known; empty when they are
     * @param counted whether it is a count of what is in its group as the engine counts it, with nothing done to it
     */
    public record Result(String name, List<Origin> origins, List<String> unknown, boolean counted) {
        public Result(String name, List<Origin> origins, List<String> unknown) {
            this(name, origins, unknown, false);
        }

        public Result {
            requireNonNull(name, "name is null");
            origins = List.copyOf(origins);
            unknown = List.copyOf(unknown);
        }
    }

    /** A column of a table that was read, and how it got here. */
    public record Origin(TableName table, String column, Way way) implements Comparable<Origin> {
        public Origin {
            requireNonNull(table, "table is null");
            requireNonNull(column, "column is null");
            requireNonNull(way, "way is null");
        }

        @Override
        public int compareTo(Origin other) {
            int byTable = table.compareTo(other.table);
            int byColumn = byTable != 0 ? byTable : column.compareTo(other.column);
            return byColumn != 0 ? byColumn : way.compareTo(other.way);
        }
    }

    /** How a column gets somewhere, in the words of OpenLineage's column lineage: directly by value, or indirectly. */
    public enum Way {
        IDENTITY(Kind.DIRECT, "IDENTITY"),
        TRANSFORMATION(Kind.DIRECT, "TRANSFORMATION"),
        AGGREGATION(Kind.DIRECT, "AGGREGATION"),
        /** Counted only: what was counted cannot be told from the number. */
        COUNT(Kind.DIRECT, "AGGREGATION"),
        CONDITIONAL(Kind.INDIRECT, "CONDITIONAL"),
        WINDOW(Kind.INDIRECT, "WINDOW"),
        SORT(Kind.INDIRECT, "SORT"),
        GROUP_BY(Kind.INDIRECT, "GROUP_BY"),
        JOIN(Kind.INDIRECT, "JOIN"),
        FILTER(Kind.INDIRECT, "FILTER");

        /** Whether a value arrives, or only has a say. */
        public enum Kind {
            DIRECT,
            INDIRECT
        }

        private final Kind kind;
        private final String subtype;

        Way(Kind kind, String subtype) {
            this.kind = kind;
            this.subtype = subtype;
        }

        public Kind kind() {
            return kind;
        }

        /** OpenLineage's own word. */
        public String subtype() {
            return subtype;
        }

        /** Whether the values themselves cannot be told any more. */
        public boolean masks() {
            return this == COUNT;
        }

        /** Whether who sees the result may learn the values: they are in it, or it was chosen by them. */
        public boolean reveals() {
            return this == CONDITIONAL || kind == Kind.DIRECT && !masks();
        }
    }

    /** Whether everything is known. */
    public boolean isWhole() {
        return unknown.isEmpty() && columns.stream().allMatch(column -> column.unknown.isEmpty());
    }

    /** The tables that values or conditions come from. */
    public Set<TableName> tables() {
        Set<TableName> tables = new TreeSet<>();
        columns.stream().map(Result::origins).flatMap(Collection::stream).forEach(origin -> tables.add(origin.table));
        influences.forEach(origin -> tables.add(origin.table));
        return tables;
    }
}

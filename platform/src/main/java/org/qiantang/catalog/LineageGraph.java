package org.qiantang.catalog;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.qiantang.lake.ColumnLineage.Way;
import org.qiantang.org.Department;

/**
 * Where a resource comes from and where it goes (从哪里来、到哪里去): tables with their columns, and what leads from one to another. Names
 * only; no value is in it.
 *
 * @param start the node it was asked of
 * @param unknown what could not be attributed; empty when the lineage is whole
 * @param truncated whether there is more than is shown
 */
public record LineageGraph(String start, List<Node> nodes, List<Edge> edges, List<Unknown> unknown, boolean truncated) {
    public LineageGraph {
        nodes = List.copyOf(nodes);
        edges = List.copyOf(edges);
        unknown = List.copyOf(unknown);
    }

    /** What a node is: a table at a department's source, one of the lake, or one of the lake that the catalogue does not know. */
    public enum Kind {
        SOURCE,
        TABLE,
        UNKNOWN
    }

    /**
     * A table.
     *
     * @param id its name in the lake, or of the source and in it
     * @param resource null for what is not a resource of the catalogue
     * @param step how far from the start; negative where it comes from
     * @param made null for what no statement made
     * @param columns those that the lineage names; of the start, all
     */
    public record Node(
            String id,
            Kind kind,
            @Nullable UUID resource,
            String name,
            String title,
            @Nullable Department department,
            int step,
            @Nullable Making made,
            List<Column> columns) {
        public Node {
            columns = List.copyOf(columns);
        }
    }

    /** How a table is made, and since when so. */
    public record Making(String process, int version, Instant since, boolean whole) {}

    /** @param level null for a column that is not in the catalogue */
    public record Column(
            String name, @Nullable String comment, @Nullable Level level) {}

    /**
     * What leads from a column to another.
     *
     * @param toColumn null when it decides which rows there are
     */
    public record Edge(
            String from,
            String fromColumn,
            String to,
            @Nullable String toColumn,
            Way way) {}

    /**
     * What could not be attributed.
     *
     * @param column null when it is about the rows; {@code *} when it is about every column
     * @param from a table that was read and that it may come from, or null
     */
    public record Unknown(
            String node, @Nullable String column, @Nullable String from, String reason) {}

    /**
     * A way in which a table was made.
     *
     * @param snapshotId of the last time it was made so; a string, because it does not fit the numbers of a browser
     */
    public record Version(
            String process,
            int version,
            String sql,
            boolean whole,
            Instant since,
            @Nullable Instant lastMade,
            @Nullable String snapshotId,
            long times,
            List<Edge> edges,
            List<Unknown> unknown) {
        public Version {
            edges = List.copyOf(edges);
            unknown = List.copyOf(unknown);
        }
    }

    /**
     * Something that would break, or hold something else, if a column went.
     *
     * @param resource where it is seen; null for what is no table
     * @param entry of the directory, or null
     * @param name what it is called
     * @param column of the resource, when it is about one
     * @param direct whether values of the column arrive there, rather than only having a say
     * @param steps how far it is
     */
    public record Affected(
            AffectedKind kind,
            @Nullable UUID resource,
            @Nullable UUID entry,
            String name,
            @Nullable String column,
            @Nullable Department department,
            boolean direct,
            int steps) {}

    /** What may depend on a column. */
    public enum AffectedKind {
        MAPPING,
        TABLE,
        COLUMN,
        ENTRY_ITEM,
        DATUM
    }

    /** @param truncated whether there is more than is listed */
    public record Impact(String table, String column, List<Affected> affected, boolean truncated) {
        public Impact {
            affected = List.copyOf(affected);
        }
    }
}

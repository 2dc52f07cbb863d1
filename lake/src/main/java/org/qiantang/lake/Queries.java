package org.qiantang.lake;

import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The lake as a reader sees it, whether it is in this process, in the lake worker, or one day a cluster. */
public interface Queries {
    /** What a statement reads. Refuses ({@link LakeException}) whatever is not one read-only query over lake tables. */
    References references(String sql);

    /**
     * Where each column of a statement's answer comes from. Refuses ({@link LakeException}) what {@link #references} refuses, and what the
     * engine cannot make sense of.
     *
     * @param snapshots whose columns count, by table; a table that is not named counts as it is now
     */
    ColumnLineage lineage(String sql, Map<TableName, Long> snapshots);

    /**
     * Runs a query and hands over its rows. Its time limit ends it ({@link LakeException.Kind#TOO_LONG}), and {@link #stop} does
     * ({@link LakeException.Kind#CANCELLED}).
     */
    Answer run(Query query, RowSink sink);

    /**
     * Runs a query and leaves its answer in a file, for which its engine opens that one door. Ends as {@link #run} does, and where the file
     * grows too large or the disk too full ({@link LakeException.Kind#NO_SPACE}); what is left of the file then is its caller's to delete.
     */
    Extract.Made extract(Extract extract);

    /** Stops the query of this id; nothing happens when there is none under way. */
    void stop(String id);

    /** Every table there is, in order of name. */
    List<TableState> tables();

    /**
     * What a statement names, lower-case. Which table a column is of is not said.
     *
     * @param tables in order of name
     * @param columns every column that is named
     * @param everything whether a star or a whole row stands for columns that are not named
     * @param renamed columns by the other name a select list gives them
     */
    record References(Set<TableName> tables, Set<String> columns, boolean everything, Map<String, String> renamed) {
        public References {
            tables = Collections.unmodifiableSet(new TreeSet<>(tables));
            columns = Set.copyOf(columns);
            renamed = Map.copyOf(renamed);
        }

        /** Whether the statement may read a column of one of its tables. */
        public boolean mayRead(String column) {
            return everything || columns.contains(column.toLowerCase(Locale.ROOT));
        }

        /** The name, before any renaming, of a column of the answer. */
        public String origin(String column) {
            String name = column.toLowerCase(Locale.ROOT);
            for (int i = 0; i < renamed.size() && renamed.containsKey(name); i++) {
                name = renamed.getOrDefault(name, name);
            }
            return name;
        }
    }

    /** @param truncated whether the limit cut the answer */
    record Answer(long rows, boolean truncated, List<TableState> tables) {
        public Answer {
            tables = List.copyOf(tables);
        }
    }

    /** A table and the snapshot it was or would be read at. */
    record TableState(TableName table, long snapshotId, Instant committedAt, long rows, long bytes) {}
}

package org.qiantang.catalog;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.qiantang.lake.ColumnLineage;
import org.qiantang.lake.Mask;
import org.qiantang.lake.TableName;
import org.qiantang.lake.TablePolicy;

/**
 * How sensitive an answer is, graded anew (重新定级, DB33/T 2351-2021): by what its columns show of their origins. A count shows nothing of
 * what was counted, a masked value is desensitised; but what is known of somebody by name grows with every table it is put together from.
 *
 * @param columns of each column, in order; empty where it cannot be told what they show, so that each may show all there is
 * @param whole of all of it together
 * @param combined whether the whole is more than its columns, because it joins what several tables say of persons who are shown in clear
 */
record AnswerLevel(List<Level> columns, Level whole, boolean combined) {
    AnswerLevel {
        columns = List.copyOf(columns);
    }

    /**
     * @param lineage of its columns, where there is one
     * @param policies what is shown of each table
     */
    static AnswerLevel of(
            Optional<ColumnLineage> lineage,
            Map<TableName, TablePolicy> policies,
            Map<TableName, Map<String, Resources.Known>> known) {
        Shown shown = new Shown(policies, known);
        List<Level> columns = new ArrayList<>();
        Level most = Level.L1;
        if (lineage.filter(ColumnLineage::isWhole).isPresent()) {
            for (ColumnLineage.Result result : Footprints.answered(lineage.get(), policies)) {
                Level level = Level.L1;
                for (ColumnLineage.Origin origin : result.origins()) {
                    if (origin.way().reveals()) {
                        level = level.max(shown.of(origin.table(), origin.column()));
                    }
                }
                columns.add(level);
                most = most.max(level);
            }
        } else {
            for (Map.Entry<TableName, Map<String, Resources.Known>> table : known.entrySet()) {
                for (String column : table.getValue().keySet()) {
                    most = most.max(shown.of(table.getKey(), column));
                }
            }
        }
        boolean combined = shown.inClear && shown.tables.size() > 1 && most != Level.L4;
        return new AnswerLevel(columns, combined ? Level.L4 : most, combined);
    }

    /** Of one column of an answer that has so many. */
    Level column(int at, int width) {
        return columns.size() == width ? columns.get(at) : whole;
    }

    /** What was seen to be shown while the columns were looked at. */
    private static final class Shown {
        private final Map<TableName, TablePolicy> policies;
        private final Map<TableName, Map<String, Resources.Known>> known;
        /** Those of which something is shown that is not for everybody. */
        private final Set<TableName> tables = new TreeSet<>();

        private boolean inClear;

        Shown(Map<TableName, TablePolicy> policies, Map<TableName, Map<String, Resources.Known>> known) {
            this.policies = policies;
            this.known = known;
        }

        Level of(TableName table, String column) {
            Resources.Known field = known.getOrDefault(table, Map.of()).get(column);
            Level own = field == null ? Level.L4 : field.level();
            Mask mask = policies.getOrDefault(table, TablePolicy.OPEN).mask(column);
            boolean hidden = mask instanceof Mask.Hide || mask instanceof Mask.Omit;
            Level level = hidden ? Level.L1 : mask instanceof Mask.Clear || !own.isMasked() ? own : Level.L2;
            if (level != Level.L1) {
                tables.add(table);
            }
            inClear |= level.isMasked();
            return level;
        }
    }
}

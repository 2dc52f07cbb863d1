package org.qiantang.catalog;

import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.qiantang.lake.RowCondition;
import org.qiantang.lake.Sql;

/**
 * What somebody takes of a resource as a file: all that they may see of it, or less.
 *
 * @param fields by name; empty for all that may be seen
 * @param conditions on what is seen, masked as it is; all hold together
 */
public record ResourceExtract(List<String> fields, List<RowCondition> conditions) {
    public ResourceExtract {
        fields = List.copyOf(fields);
        conditions = List.copyOf(conditions);
    }

    /** As a statement of whoever asks, so that nothing but the policies of their right decides what it shows. */
    LakeReader.Asked asked(String lakeTable, @Nullable String id, @Nullable UUID grant, @Nullable String caseNumber) {
        int dot = lakeTable.indexOf('.');
        String columns = fields.isEmpty() ? "*" : fields.stream().map(Sql::name).collect(Collectors.joining(", "));
        String where = conditions.stream().map(ResourceExtract::sql).collect(Collectors.joining(" and "));
        String sql = "select " + columns + " from " + Sql.name(lakeTable.substring(0, dot)) + "."
                + Sql.name(lakeTable.substring(dot + 1)) + (where.isEmpty() ? "" : " where " + where);
        return new LakeReader.Asked(id, sql, null, grant, caseNumber);
    }

    private static String sql(RowCondition condition) {
        String column = Sql.name(condition.column());
        String first = Sql.text(condition.values().getFirst());
        return switch (condition.operator()) {
            case IN ->
                condition.values().stream().map(Sql::text).collect(Collectors.joining(", ", column + " in (", ")"));
            case STARTS_WITH ->
                condition.values().stream()
                        .map(value -> "starts_with(cast(" + column + " as varchar), " + Sql.text(value) + ")")
                        .collect(Collectors.joining(" or ", "(", ")"));
            case FROM -> column + " >= " + first;
            case BEFORE -> column + " < " + first;
        };
    }
}

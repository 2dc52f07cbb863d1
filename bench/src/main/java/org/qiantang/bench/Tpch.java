package org.qiantang.bench;

import io.trino.tpch.TpchColumn;
import io.trino.tpch.TpchColumnType;
import io.trino.tpch.TpchEntity;
import io.trino.tpch.TpchTable;
import java.util.ArrayList;
import java.util.List;

/** The eight tables of TPC-H: the rows every other collector is measured with. */
final class Tpch {
    private Tpch() {}

    /** @param key the columns of the primary key */
    record Table(TpchTable<?> generator, String name, List<Column> columns, List<String> key) {
        Table {
            columns = List.copyOf(columns);
            key = List.copyOf(key);
        }

        Iterable<? extends TpchEntity> rows(double scaleFactor, int part, int parts) {
            return generator.createGenerator(scaleFactor, part, parts);
        }

        /** The column whose ranges a parallel reader splits by. */
        String splitColumn() {
            return key.getFirst();
        }
    }

    /** The largest first, so that two loaders end together. */
    static List<Table> tables() {
        return List.of(
                table(TpchTable.LINE_ITEM, "lineitem", "l_orderkey", "l_linenumber"),
                table(TpchTable.ORDERS, "orders", "o_orderkey"),
                table(TpchTable.PART_SUPPLIER, "partsupp", "ps_partkey", "ps_suppkey"),
                table(TpchTable.PART, "part", "p_partkey"),
                table(TpchTable.CUSTOMER, "customer", "c_custkey"),
                table(TpchTable.SUPPLIER, "supplier", "s_suppkey"),
                table(TpchTable.NATION, "nation", "n_nationkey"),
                table(TpchTable.REGION, "region", "r_regionkey"));
    }

    private static Table table(TpchTable<?> generator, String name, String... key) {
        List<Column> columns = new ArrayList<>();
        for (TpchColumn<?> column : generator.getColumns()) {
            TpchColumnType type = column.getType();
            columns.add(
                    switch (type.getBase()) {
                        case INTEGER -> new Column(column.getColumnName(), Column.Kind.NUMBER, "integer");
                        case IDENTIFIER -> new Column(column.getColumnName(), Column.Kind.NUMBER, "bigint");
                        // Money is a decimal, as the specification has it.
                        case DOUBLE -> new Column(column.getColumnName(), Column.Kind.NUMBER, "decimal(15,2)");
                        case DATE -> new Column(column.getColumnName(), Column.Kind.DATE, "date");
                        case VARCHAR ->
                            new Column(
                                    column.getColumnName(),
                                    Column.Kind.TEXT,
                                    "varchar(" + type.getPrecision().orElseThrow() + ")");
                    });
        }
        return new Table(generator, name, columns, List.of(key));
    }
}

package org.qiantang.catalog;

import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.qiantang.lake.TableName;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;

/** The marks that contested records carry through every answer. */
@Service
public final class ContestedRecords {
    private final JdbcClient jdbc;

    ContestedRecords(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** Marks a record; the same objection again changes nothing. */
    public void mark(Contested contested) {
        contested
                .keys()
                .forEach((column, value) -> jdbc.sql("""
                        insert into catalog_contested (objection, namespace, table_name, key_column, key_value, since)
                        values (:objection, :namespace, :table, :column, :value, :since) on conflict do nothing""")
                        .param("objection", contested.objection())
                        .param("namespace", contested.table().namespace())
                        .param("table", contested.table().name())
                        .param("column", column)
                        .param("value", value)
                        .param("since", Timestamp.from(contested.since()))
                        .update());
    }

    /** Takes the mark of an objection away. */
    public void unmark(UUID objection) {
        jdbc.sql("delete from catalog_contested where objection = ?")
                .param(objection)
                .update();
    }

    /** What is contested of these tables; those of which nothing is are left out. */
    public Map<TableName, List<Contested>> of(Collection<TableName> tables) {
        Map<TableName, List<Contested>> contested = new HashMap<>();
        if (tables.isEmpty()) {
            return contested;
        }
        record Row(UUID objection, TableName table, String column, String value, Instant since) {}
        Map<UUID, List<Row>> rows = new HashMap<>();
        jdbc.sql("""
                        select * from catalog_contested
                        where namespace || '.' || table_name = any (:names) order by objection, key_column""")
                .param("names", tables.stream().map(TableName::toString).toArray(String[]::new))
                .query((row, n) -> new Row(
                        row.getObject("objection", UUID.class),
                        new TableName(row.getString("namespace"), row.getString("table_name")),
                        row.getString("key_column"),
                        row.getString("key_value"),
                        row.getTimestamp("since").toInstant()))
                .list()
                .forEach(row -> rows.computeIfAbsent(row.objection, any -> new ArrayList<>())
                        .add(row));
        rows.forEach((objection, of) -> {
            Map<String, String> keys = new HashMap<>();
            of.forEach(row -> keys.put(row.column, row.value));
            Row first = of.getFirst();
            contested
                    .computeIfAbsent(first.table, any -> new ArrayList<>())
                    .add(new Contested(objection, first.table, keys, first.since));
        });
        return contested;
    }
}

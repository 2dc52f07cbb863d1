package org.qiantang.catalog;

import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import org.qiantang.lake.TableName;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;

/** The marks that contested records carry through every answer, and through every table that is made of theirs. */
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

    /**
     * A contested record as a table that somebody reads has it.
     *
     * @param read the record's own table, or one that was made of it
     * @param keys the columns by which a row of that table is known to be of the record, with their values; empty where rows cannot be
     *     told, because not all of the columns arrived there as they are
     */
    public record Mark(Contested record, TableName read, Map<String, String> keys) {
        public Mark {
            keys = Map.copyOf(keys);
        }
    }

    /** What is contested of these tables, and of what they were made of, however far back. */
    public List<Mark> of(Collection<TableName> tables) {
        List<Contested> all = tables.isEmpty() ? List.of() : list();
        if (all.isEmpty()) {
            return List.of();
        }
        Map<TableName, List<Contested>> byTable =
                all.stream().collect(Collectors.groupingBy(Contested::table, TreeMap::new, Collectors.toList()));
        List<Mark> marks = new ArrayList<>();
        for (TableName read : new TreeSet<>(tables)) {
            byTable.getOrDefault(read, List.of()).forEach(record -> marks.add(new Mark(record, read, record.keys())));
        }
        Map<TableName, Set<TableName>> origins = origins(tables, byTable.keySet());
        if (!origins.isEmpty()) {
            Map<Arrival, Set<String>> arrivals = arrivals(origins.keySet());
            origins.forEach((read, from) -> from.forEach(origin -> byTable.getOrDefault(origin, List.of())
                    .forEach(record -> marks.addAll(in(read, record, arrivals)))));
        }
        return marks;
    }

    private List<Contested> list() {
        record Row(UUID objection, TableName table, String column, String value, Instant since) {}
        Map<UUID, List<Row>> rows = jdbc
                .sql("select * from catalog_contested order by since, objection, key_column")
                .query((row, n) -> new Row(
                        row.getObject("objection", UUID.class),
                        new TableName(row.getString("namespace"), row.getString("table_name")),
                        row.getString("key_column"),
                        row.getString("key_value"),
                        row.getTimestamp("since").toInstant()))
                .list()
                .stream()
                .collect(Collectors.groupingBy(Row::objection, LinkedHashMap::new, Collectors.toList()));
        return rows.values().stream()
                .map(of -> new Contested(
                        of.getFirst().objection,
                        of.getFirst().table,
                        of.stream().collect(Collectors.toMap(Row::column, Row::value)),
                        of.getFirst().since))
                .toList();
    }

    /** Of tables that were made of contested ones: of which, by lineage. */
    private Map<TableName, Set<TableName>> origins(Collection<TableName> tables, Collection<TableName> contested) {
        Map<TableName, Set<TableName>> origins = new TreeMap<>();
        jdbc.sql("""
                        with recursive read(of_space, of_name, space, name) as (
                            select a, b, a, b from unnest(cast(:spaces as text[]), cast(:names as text[])) as t(a, b)
                            union
                            select r.of_space, r.of_name, e.from_namespace, e.from_table
                            from read r join catalog_derivations d on d.namespace = r.space and d.table_name = r.name and d.current
                            join catalog_lineage_edges e on e.derivation_id = d.id
                            where e.from_table is not null)
                        select of_space, of_name, space, name from read
                        where (space, name) <> (of_space, of_name)
                            and (space, name) in (select * from unnest(cast(:cspaces as text[]), cast(:cnames as text[])))""")
                .param("spaces", tables.stream().map(TableName::namespace).toArray(String[]::new))
                .param("names", tables.stream().map(TableName::name).toArray(String[]::new))
                .param("cspaces", contested.stream().map(TableName::namespace).toArray(String[]::new))
                .param("cnames", contested.stream().map(TableName::name).toArray(String[]::new))
                .query(row -> {
                    origins.computeIfAbsent(new TableName(row.getString(1), row.getString(2)), any -> new TreeSet<>())
                            .add(new TableName(row.getString(3), row.getString(4)));
                });
        return origins;
    }

    /** In which table a column of another arrived as it is. */
    private record Arrival(TableName read, TableName from, String column) {}

    /** Under which names columns arrived as they are, however far from. */
    private Map<Arrival, Set<String>> arrivals(Collection<TableName> tables) {
        Map<Arrival, Set<String>> arrivals = new HashMap<>();
        jdbc.sql("""
                        with recursive arrived(of_space, of_name, of_column, space, name, col) as (
                            select d.namespace, d.table_name, e.column_name, e.from_namespace, e.from_table, e.from_column
                            from catalog_derivations d join catalog_lineage_edges e on e.derivation_id = d.id
                            where d.current and e.way = 'IDENTITY' and e.column_name is not null and (d.namespace, d.table_name) in
                                (select * from unnest(cast(:spaces as text[]), cast(:names as text[])))
                            union
                            select a.of_space, a.of_name, a.of_column, e.from_namespace, e.from_table, e.from_column
                            from arrived a join catalog_derivations d on d.namespace = a.space and d.table_name = a.name and d.current
                            join catalog_lineage_edges e on e.derivation_id = d.id and e.column_name = a.col and e.way = 'IDENTITY')
                        select * from arrived""")
                .param("spaces", tables.stream().map(TableName::namespace).toArray(String[]::new))
                .param("names", tables.stream().map(TableName::name).toArray(String[]::new))
                .query(row -> {
                    arrivals.computeIfAbsent(
                                    new Arrival(
                                            new TableName(row.getString(1), row.getString(2)),
                                            new TableName(row.getString(4), row.getString(5)),
                                            row.getString(6)),
                                    any -> new TreeSet<>())
                            .add(row.getString(3));
                });
        return arrivals;
    }

    /** A record as a table has it that was made of its own: once for each set of columns that may tell it. */
    private static List<Mark> in(TableName read, Contested record, Map<Arrival, Set<String>> arrivals) {
        List<Map<String, String>> ways = List.of(Map.of());
        for (Map.Entry<String, String> key : record.keys().entrySet()) {
            Set<String> columns = arrivals.getOrDefault(new Arrival(read, record.table(), key.getKey()), Set.of());
            List<Map<String, String>> longer = new ArrayList<>();
            for (Map<String, String> way : ways) {
                for (String column : columns) {
                    Map<String, String> with = new HashMap<>(way);
                    with.put(column, key.getValue());
                    longer.add(with);
                }
            }
            ways = longer;
        }
        return ways.isEmpty()
                ? List.of(new Mark(record, read, Map.of()))
                : ways.stream().map(way -> new Mark(record, read, way)).toList();
    }
}

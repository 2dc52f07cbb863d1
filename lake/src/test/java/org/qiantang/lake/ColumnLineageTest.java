package org.qiantang.lake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.qiantang.lake.ColumnLineage.Origin;
import org.qiantang.lake.ColumnLineage.Result;
import org.qiantang.lake.ColumnLineage.Way;

/** That what a statement says of its columns is what is read out of it, and what the engine does. */
class ColumnLineageTest {
    private static final Map<Character, Way> WAYS = Map.of(
            'I', Way.IDENTITY,
            'T', Way.TRANSFORMATION,
            'A', Way.AGGREGATION,
            'C', Way.COUNT,
            'c', Way.CONDITIONAL,
            'w', Way.WINDOW,
            's', Way.SORT,
            'g', Way.GROUP_BY,
            'j', Way.JOIN,
            'f', Way.FILTER);

    private static final Map<String, Map<String, String>> TABLES = new LinkedHashMap<>();

    static {
        TABLES.put(
                "person",
                ordered("id:INTEGER", "name:VARCHAR", "id_no:VARCHAR", "dept:VARCHAR", "born:DATE", "pay:INTEGER"));
        TABLES.put("dept", ordered("code:VARCHAR", "title:VARCHAR", "head:INTEGER"));
        TABLES.put("visit", ordered("id:INTEGER", "kind:VARCHAR", "cost:INTEGER", "day:DATE"));
    }

    private static Connection connection;

    private static Map<String, String> ordered(String... columns) {
        Map<String, String> ordered = new LinkedHashMap<>();
        for (String column : columns) {
            ordered.put(column.split(":")[0], column.split(":")[1]);
        }
        return ordered;
    }

    @BeforeAll
    static void open() throws SQLException {
        connection = DriverManager.getConnection("jdbc:duckdb:");
        run("SET threads = 1");
        run("CREATE SCHEMA p");
    }

    @AfterAll
    static void close() throws SQLException {
        connection.close();
    }

    private static void run(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** Values from few, so that conditions and joins find some; those of one column depend on its seed alone. */
    private static void fill(String otherTable, String otherColumn, int seed) throws SQLException {
        for (Map.Entry<String, Map<String, String>> table : TABLES.entrySet()) {
            List<String> columns = new ArrayList<>();
            for (Map.Entry<String, String> column : table.getValue().entrySet()) {
                boolean other =
                        table.getKey().equals(otherTable) && column.getKey().equals(otherColumn);
                String drawn =
                        "hash(i * 1000 + " + (other ? seed : 1) + ", '" + table.getKey() + column.getKey() + "')";
                String value = switch (column.getValue()) {
                    case "INTEGER" -> "CASE WHEN " + drawn + " % 11 = 0 THEN NULL ELSE " + drawn + " % 8 END::INTEGER";
                    case "DATE" -> "DATE '1999-01-01' + (" + drawn + " % 900)::INTEGER";
                    default -> "chr((97 + " + drawn + " % 4)::INTEGER)";
                };
                columns.add(value + " AS " + column.getKey());
            }
            run("CREATE OR REPLACE TABLE p." + table.getKey() + " AS SELECT " + String.join(", ", columns)
                    + " FROM range(9) r(i)");
        }
    }

    private record Case(String sql, Map<String, Set<String>> columns, Set<String> rows) {}

    private static List<Case> corpus() throws IOException {
        List<Case> cases = new ArrayList<>();
        try (InputStream in = ColumnLineageTest.class.getResourceAsStream("/lineage/corpus.sql")) {
            for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8).split("\n")) {
                if (line.startsWith("--") || line.isBlank()) {
                    continue;
                }
                if (!line.startsWith("  ")) {
                    cases.add(new Case(line, new LinkedHashMap<>(), new TreeSet<>()));
                    continue;
                }
                String[] parts = line.strip().split(":", 2);
                Set<String> origins = parts[1].isBlank()
                        ? Set.of()
                        : Stream.of(parts[1].split(","))
                                .map(String::strip)
                                .collect(Collectors.toCollection(TreeSet::new));
                if (parts[0].equals("rows")) {
                    cases.getLast().rows.addAll(origins);
                } else {
                    cases.getLast().columns.put(parts[0], origins);
                }
            }
        }
        return cases;
    }

    private static Map<TableName, List<String>> tables() {
        Map<TableName, List<String>> tables = new TreeMap<>();
        TABLES.forEach((name, columns) -> tables.put(new TableName("p", name), List.copyOf(columns.keySet())));
        return tables;
    }

    private static ColumnLineage read(String sql) {
        return LineageReader.read(connection, sql, tables());
    }

    private static Set<String> words(List<Origin> origins) {
        return origins.stream()
                .map(origin -> origin.table().name() + "." + origin.column() + " "
                        + WAYS.entrySet().stream()
                                .filter(way -> way.getValue() == origin.way())
                                .map(Map.Entry::getKey)
                                .findFirst()
                                .orElseThrow())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void everyColumnComesFromWhereAPersonSaysItDoes() throws Exception {
        fill("", "", 1);
        List<Case> corpus = corpus();
        List<String> wrong = new ArrayList<>();

        for (Case each : corpus) {
            ColumnLineage lineage = read(each.sql);
            Map<String, Set<String>> found = new LinkedHashMap<>();
            lineage.columns().forEach(column -> found.put(column.name(), words(column.origins())));
            Set<String> rows = words(lineage.influences());
            if (!found.equals(each.columns) || !rows.equals(each.rows) || !lineage.isWhole()) {
                wrong.add("\n" + each.sql + "\n  " + found + " rows " + rows + " " + lineage.unknown() + "\n  not "
                        + each.columns + " rows " + each.rows);
            }
        }

        assertThat(wrong).isEmpty();
        assertThat(corpus).hasSizeGreaterThanOrEqualTo(60);
    }

    /** Each column of the answer, as the values it has; sorted, for the order of rows is not what is asked. */
    private static List<List<String>> answer(String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            List<List<String>> columns = new ArrayList<>();
            for (int i = 0; i < rows.getMetaData().getColumnCount(); i++) {
                columns.add(new ArrayList<>());
            }
            while (rows.next()) {
                for (int i = 0; i < columns.size(); i++) {
                    columns.get(i).add(String.valueOf(rows.getString(i + 1)));
                }
            }
            columns.forEach(column -> column.sort(null));
            return columns;
        }
    }

    /** The engine itself is asked: whatever a column is not said to come from may hold anything. */
    @Test
    void whatIsNoOriginMayChangeWithoutTheColumnChanging() throws Exception {
        List<String> wrong = new ArrayList<>();
        int changed = 0;
        for (Case each : corpus()) {
            fill("", "", 1);
            ColumnLineage lineage = read(each.sql);
            List<List<String>> before = answer(each.sql);
            for (Map.Entry<String, Map<String, String>> table : TABLES.entrySet()) {
                for (String column : table.getValue().keySet()) {
                    for (int seed = 2; seed < 6; seed++) {
                        fill(table.getKey(), column, seed);
                        List<List<String>> after = answer(each.sql);
                        for (int i = 0; i < lineage.columns().size(); i++) {
                            boolean differs = !before.get(i).equals(after.get(i));
                            boolean said = Stream.concat(
                                            lineage.columns().get(i).origins().stream(), lineage.influences().stream())
                                    .anyMatch(origin -> origin.table().name().equals(table.getKey())
                                            && origin.column().equals(column));
                            changed += differs ? 1 : 0;
                            if (differs && !said) {
                                wrong.add(each.sql + ": "
                                        + lineage.columns().get(i).name() + " changes with " + table.getKey() + "."
                                        + column);
                            }
                        }
                    }
                }
            }
        }

        assertThat(wrong).isEmpty();
        assertThat(changed).isGreaterThan(500);
    }

    @Test
    void whatCannotBeToldIsUnknownAndNeverSilence() throws Exception {
        fill("", "", 1);

        ColumnLineage chosen = read("SELECT COLUMNS(lambda c: c LIKE 'i%') FROM p.person");

        assertThat(chosen.isWhole()).isFalse();
        assertThat(chosen.columns()).extracting(Result::name).containsExactly("id", "id_no");
        assertThat(chosen.columns())
                .allSatisfy(column -> assertThat(column.unknown()).isNotEmpty());
    }

    @Test
    void aNameThatIsNotThereIsRefused() throws Exception {
        fill("", "", 1);

        assertThatThrownBy(() -> read("SELECT wages FROM p.person")).isInstanceOf(LakeException.class);
        assertThatThrownBy(() -> read("SELECT p.wages FROM p.person p")).isInstanceOf(LakeException.class);
        assertThatThrownBy(() -> read("SELECT id FROM p.nobody")).isInstanceOf(LakeException.class);
        assertThatThrownBy(() -> read("SELECT id FROM p.person; SELECT 1")).isInstanceOf(LakeException.class);
        assertThatThrownBy(() -> read("DROP TABLE p.person")).isInstanceOf(LakeException.class);
    }
}

package org.qiantang.bench;

import com.sun.management.OperatingSystemMXBean;
import io.trino.tpch.TpchEntity;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.qiantang.lake.ChunkReader;
import org.qiantang.lake.Lake;
import org.qiantang.lake.LakeSettings;
import org.qiantang.lake.LakeType;
import org.qiantang.lake.Mask;
import org.qiantang.lake.Query;
import org.qiantang.lake.RowCondition;
import org.qiantang.lake.RowCondition.Operator;
import org.qiantang.lake.RowSink;
import org.qiantang.lake.TableName;
import org.qiantang.lake.TablePolicy;
import org.qiantang.lake.TableWrite;

/**
 * What governing costs: the 22 queries of TPC-H through the planner, every table with a scope of rows and the personal columns masked, against
 * the bare engine over the same files. The scopes let every row through, and say so in a form that no statistics can see through, so that
 * both have the same work to do; the answers are those of PostgreSQL over views that mask by hand.
 */
public final class GovernedBench {
    private static final String NAMESPACE = "raw_tpch";

    /** A table's scope and masks; each mask is a keep of so many characters at both ends. */
    private static final Map<String, TablePolicy> POLICIES = policies();

    private GovernedBench() {}

    private static Map<String, TablePolicy> policies() {
        Map<String, TablePolicy> policies = new LinkedHashMap<>();
        policies.put(
                "lineitem",
                policy(
                        Map.of("l_comment", new Mask.KeepEnds(2, 2)),
                        new RowCondition(
                                "l_shipmode",
                                Operator.IN,
                                List.of("AIR", "FOB", "MAIL", "RAIL", "REG AIR", "SHIP", "TRUCK"))));
        policies.put(
                "orders",
                policy(
                        Map.of("o_clerk", new Mask.KeepEnds(6, 0)),
                        new RowCondition(
                                "o_orderpriority",
                                Operator.IN,
                                List.of("1-URGENT", "2-HIGH", "3-MEDIUM", "4-NOT SPECIFIED", "5-LOW"))));
        policies.put(
                "customer",
                policy(
                        Map.of(
                                "c_name", new Mask.KeepEnds(12, 1),
                                "c_address", new Mask.KeepEnds(6, 0),
                                "c_phone", new Mask.KeepEnds(3, 4)),
                        new RowCondition(
                                "c_mktsegment",
                                Operator.IN,
                                List.of("AUTOMOBILE", "BUILDING", "FURNITURE", "HOUSEHOLD", "MACHINERY"))));
        policies.put(
                "supplier",
                policy(
                        Map.of(
                                "s_name", new Mask.KeepEnds(12, 4),
                                "s_address", new Mask.KeepEnds(6, 0),
                                "s_phone", new Mask.KeepEnds(3, 4)),
                        new RowCondition("s_name", Operator.STARTS_WITH, List.of("Supplier"))));
        policies.put(
                "part", policy(Map.of(), new RowCondition("p_mfgr", Operator.STARTS_WITH, List.of("Manufacturer"))));
        policies.put("partsupp", policy(Map.of(), new RowCondition("ps_availqty", Operator.FROM, List.of("1"))));
        policies.put("nation", policy(Map.of(), new RowCondition("n_nationkey", Operator.FROM, List.of("0"))));
        policies.put("region", policy(Map.of(), new RowCondition("r_regionkey", Operator.FROM, List.of("0"))));
        return policies;
    }

    private static TablePolicy policy(Map<String, Mask> masks, RowCondition condition) {
        return new TablePolicy(masks, new Mask.Clear(), List.of(condition));
    }

    /** What one query cost. */
    private record Cost(double wallSeconds, double cpuSeconds) {
        static final Cost NONE = new Cost(Double.MAX_VALUE, Double.MAX_VALUE);

        Cost least(Cost other) {
            return new Cost(Math.min(wallSeconds, other.wallSeconds), Math.min(cpuSeconds, other.cpuSeconds));
        }
    }

    private interface Asking {
        List<List<@Nullable String>> ask(String sql) throws SQLException;
    }

    public static void main(String... arguments) throws Exception {
        double factor = 1;
        int runs = 5;
        for (int i = 0; i + 1 < arguments.length; i += 2) {
            switch (arguments[i]) {
                case "--scale-factor" -> factor = Double.parseDouble(arguments[i + 1]);
                case "--runs" -> runs = Integer.parseInt(arguments[i + 1]);
                default -> throw new IllegalArgumentException(arguments[i]);
            }
        }
        Path folder = Files.createTempDirectory("qiantang-governed-bench");
        try (Source source = Source.start(Files.createDirectory(folder.resolve("postgres")));
                Connection postgres = source.connect();
                Connection bare = DriverManager.getConnection("jdbc:duckdb:")) {
            try (Statement statement = postgres.createStatement()) {
                statement.execute("create database lake");
            }
            LakeSettings settings = new LakeSettings(
                    source.url().replace("/postgres", "/lake"),
                    Source.USER,
                    Source.PASSWORD,
                    folder.resolve("lake"),
                    folder.resolve("tmp"),
                    512L << 20,
                    2048L << 20,
                    2,
                    Duration.ofMinutes(30),
                    ZoneId.of("UTC"));
            try (Lake lake = Lake.open(settings)) {
                measure(lake, postgres, bare, source, folder, factor, runs);
            }
        }
        try (Stream<Path> files = Files.walk(folder)) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        }
        System.exit(0);
    }

    private static void measure(
            Lake lake, Connection postgres, Connection bare, Source source, Path folder, double factor, int runs)
            throws Exception {
        System.out.println("machine: " + Machine.description() + "; load at the start " + Machine.load());
        for (Tpch.Table table : Tpch.tables()) {
            fill(lake, table, factor);
        }
        source.load(factor);
        handMasked(postgres);
        overFiles(bare, folder.resolve("lake"));
        Map<TableName, TablePolicy> policies = POLICIES.entrySet().stream()
                .collect(Collectors.toMap(each -> new TableName(NAMESPACE, each.getKey()), Map.Entry::getValue));
        Asking governed = sql -> ask(lake, new Query(sql, null, 1_000_000, policies));
        Asking open = sql -> ask(lake, new Query(sql, null, 1_000_000, Map.of()));
        Asking engine = sql -> ask(bare, sql);
        System.out.println(
                "scale factor " + factor + ", least of " + runs + " runs each, alternating; 2 threads, 2 GB");
        System.out.println(
                "| query | bare s | CPU-s | governed s | CPU-s | s ratio | CPU ratio | planner without policy, s ratio |");
        System.out.println("|---|---|---|---|---|---|---|---|");
        double wall = 0;
        double cpu = 0;
        double without = 0;
        Map<String, String> queries = queries();
        for (Map.Entry<String, String> query : queries.entrySet()) {
            String sql = query.getValue();
            requireAlike(query.getKey(), ask(postgres, sql), governed.ask(sql));
            Cost ours = Cost.NONE;
            Cost opens = Cost.NONE;
            Cost theirs = Cost.NONE;
            for (int run = 0; run < runs; run++) {
                theirs = cost(engine, sql).least(theirs);
                ours = cost(governed, sql).least(ours);
                opens = cost(open, sql).least(opens);
            }
            wall += Math.log(ours.wallSeconds / theirs.wallSeconds);
            cpu += Math.log(ours.cpuSeconds / theirs.cpuSeconds);
            without += Math.log(opens.wallSeconds / theirs.wallSeconds);
            System.out.printf(
                    "| %s | %.3f | %.3f | %.3f | %.3f | %.2f | %.2f | %.2f |%n",
                    query.getKey(),
                    theirs.wallSeconds,
                    theirs.cpuSeconds,
                    ours.wallSeconds,
                    ours.cpuSeconds,
                    ours.wallSeconds / theirs.wallSeconds,
                    ours.cpuSeconds / theirs.cpuSeconds,
                    opens.wallSeconds / theirs.wallSeconds);
        }
        System.out.printf(
                "geometric mean: governed %.3f of the bare engine's time (target 1.15), %.3f of its CPU; without a policy %.3f%n",
                Math.exp(wall / queries.size()), Math.exp(cpu / queries.size()), Math.exp(without / queries.size()));
        System.out.println(
                "answers of all " + queries.size() + " equal PostgreSQL's; load at the end " + Machine.load());
    }

    /** By number, in order. */
    private static Map<String, String> queries() throws Exception {
        Map<String, String> queries = new LinkedHashMap<>();
        try (InputStream text = GovernedBench.class.getResourceAsStream("tpch.sql")) {
            if (text == null) {
                throw new IllegalStateException("tpch.sql is missing");
            }
            String number = "";
            for (String line : new String(text.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList()) {
                if (line.matches("-- [0-9]+")) {
                    number = line.substring(3);
                } else if (!line.startsWith("--")) {
                    queries.merge(number, line, (one, more) -> one + "\n" + more);
                }
            }
        }
        return queries;
    }

    static void fill(Lake lake, Tpch.Table table, double factor) throws Exception {
        List<Column> columns = table.columns();
        List<org.qiantang.lake.Column> shape = columns.stream()
                .map(column -> new org.qiantang.lake.Column(column.name(), type(column), "tpch", null))
                .toList();
        try (TableWrite write = lake.replace(new TableName(NAMESPACE, table.name()), shape)) {
            Iterator<? extends TpchEntity> rows = table.rows(factor, 1, 1).iterator();
            ChunkReader reader = batch -> {
                int row = 0;
                for (; row < batch.capacity() && rows.hasNext(); row++) {
                    String[] values = rows.next().toLine().split("[|]", -1);
                    for (int i = 0; i < columns.size(); i++) {
                        switch (shape.get(i).type()) {
                            case LakeType.Text ignored -> batch.setText(i, row, values[i]);
                            case LakeType.Date ignored ->
                                batch.setLong(i, row, LocalDate.parse(values[i]).toEpochDay());
                            case LakeType.Decimal ignored ->
                                batch.setLong(
                                        i,
                                        row,
                                        new BigDecimal(values[i])
                                                .movePointRight(2)
                                                .longValueExact());
                            default -> batch.setLong(i, row, Long.parseLong(values[i]));
                        }
                    }
                }
                return row;
            };
            write.write(reader);
            write.commit(Map.of());
        }
    }

    private static LakeType type(Column column) {
        return switch (column.sqlType()) {
            case "integer" -> LakeType.INT32;
            case "bigint" -> LakeType.INT64;
            case "date" -> LakeType.DATE;
            case "decimal(15,2)" -> LakeType.decimal(15, 2);
            default -> LakeType.TEXT;
        };
    }

    /** Views that mask in PostgreSQL's own words. */
    private static void handMasked(Connection postgres) throws SQLException {
        try (Statement statement = postgres.createStatement()) {
            statement.execute("create schema " + NAMESPACE);
            for (Tpch.Table table : Tpch.tables()) {
                Map<String, Mask> masks =
                        POLICIES.getOrDefault(table.name(), TablePolicy.OPEN).columns();
                String columns = table.columns().stream()
                        .map(column -> masks.get(column.name()) instanceof Mask.KeepEnds ends
                                ? handMasked(column.name(), ends)
                                : column.name())
                        .collect(Collectors.joining(", "));
                statement.execute("create view " + NAMESPACE + "." + table.name() + " as select " + columns
                        + " from public." + table.name());
            }
            statement.execute("create index on lineitem (l_partkey, l_suppkey)");
            statement.execute("create index on orders (o_custkey)");
            statement.execute("set work_mem = '256MB'");
            statement.execute("set jit = off");
        }
    }

    private static String handMasked(String name, Mask.KeepEnds ends) {
        int kept = ends.head() + ends.tail();
        return "case when length(" + name + ") > " + kept + " then rpad(substr(" + name + ", 1, " + ends.head()
                + "), length("
                + name + ") - " + ends.tail() + ", '*') || "
                + (ends.tail() == 0 ? "''" : "right(" + name + ", " + ends.tail() + ")") + " else rpad('', length("
                + name
                + "), '*') end as " + name;
    }

    /** The same files with nothing in between. */
    private static void overFiles(Connection bare, Path warehouse) throws Exception {
        try (Statement statement = bare.createStatement()) {
            statement.execute("SET threads = 2");
            statement.execute("SET memory_limit = '2GB'");
            statement.execute("CREATE SCHEMA " + NAMESPACE);
            for (Tpch.Table table : Tpch.tables()) {
                List<String> files;
                try (Stream<Path> all = Files.walk(warehouse)) {
                    files = all.map(Path::toString)
                            .filter(path -> path.contains("/" + table.name() + "-") && path.endsWith(".parquet"))
                            .toList();
                }
                statement.execute("CREATE VIEW " + NAMESPACE + "." + table.name() + " AS SELECT * FROM read_parquet("
                        + files.stream().collect(Collectors.joining("', '", "['", "']")) + ")");
            }
        }
    }

    private static Cost cost(Asking asking, String sql) throws SQLException {
        OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        double cpu = system.getProcessCpuTime() / 1e9;
        long start = System.nanoTime();
        asking.ask(sql);
        double wall = (System.nanoTime() - start) / 1e9;
        return new Cost(wall, system.getProcessCpuTime() / 1e9 - cpu);
    }

    private static List<List<@Nullable String>> ask(Lake lake, Query query) {
        List<List<@Nullable String>> rows = new ArrayList<>();
        lake.run(query, new RowSink() {
            @Override
            public void columns(List<ResultColumn> columns) {
                // the rows say enough
            }

            @Override
            public void row(List<@Nullable String> values) {
                rows.add(new ArrayList<>(values));
            }
        });
        return rows;
    }

    private static List<List<@Nullable String>> ask(Connection connection, String sql) throws SQLException {
        List<List<@Nullable String>> rows = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            int columns = result.getMetaData().getColumnCount();
            while (result.next()) {
                List<@Nullable String> row = new ArrayList<>();
                for (int i = 1; i <= columns; i++) {
                    row.add(result.getString(i));
                }
                rows.add(row);
            }
        }
        return rows;
    }

    /** Numbers to six digits: one engine's averages are decimals, the other's are not. */
    private static void requireAlike(
            String query, List<List<@Nullable String>> wanted, List<List<@Nullable String>> got) {
        List<String> one = wanted.stream().map(GovernedBench::rounded).sorted().toList();
        List<String> other = got.stream().map(GovernedBench::rounded).sorted().toList();
        if (!one.equals(other)) {
            throw new IllegalStateException("Query " + query + ": PostgreSQL answers "
                    + one.stream().limit(5).toList() + " (" + one.size() + " rows), we "
                    + other.stream().limit(5).toList() + " (" + other.size() + " rows)");
        }
    }

    private static String rounded(List<@Nullable String> row) {
        return row.stream()
                .map(value -> value != null && value.matches("-?[0-9]+[.][0-9]+(E-?[0-9]+)?")
                        ? new BigDecimal(value)
                                .round(new java.math.MathContext(9))
                                .stripTrailingZeros()
                                .toPlainString()
                        : String.valueOf(value))
                .collect(Collectors.joining("|"));
    }
}

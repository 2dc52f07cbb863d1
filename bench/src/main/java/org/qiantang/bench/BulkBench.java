package org.qiantang.bench;

import com.sun.management.OperatingSystemMXBean;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.ZoneId;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.qiantang.lake.Extract;
import org.qiantang.lake.Lake;
import org.qiantang.lake.LakeSettings;
import org.qiantang.lake.Mask;
import org.qiantang.lake.Query;
import org.qiantang.lake.RowCondition;
import org.qiantang.lake.TableName;
import org.qiantang.lake.TablePolicy;

/**
 * What a granted table costs as a file: an extract with a scope of rows and a mask, its digest included, against the bare engine's COPY of
 * the same rows, as they are and masked by hand. The two masked files have to hold the same rows.
 */
public final class BulkBench {
    private static final TableName TABLE = new TableName("raw_tpch", "lineitem");
    private static final List<String> MODES = List.of("AIR", "FOB", "MAIL", "RAIL");
    private static final int KEPT = 2;

    private BulkBench() {}

    private interface Work {
        void run() throws Exception;
    }

    private record Cost(double wallSeconds, double cpuSeconds) {
        Cost least(Cost other) {
            return new Cost(Math.min(wallSeconds, other.wallSeconds), Math.min(cpuSeconds, other.cpuSeconds));
        }
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
        Path folder = Files.createTempDirectory("qiantang-bulk-bench");
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
                    1024L << 20,
                    2,
                    Duration.ofMinutes(30),
                    ZoneId.of("UTC"));
            try (Lake lake = Lake.open(settings)) {
                measure(lake, bare, folder, factor, runs);
            }
        }
        try (Stream<Path> files = Files.walk(folder)) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        }
        System.exit(0);
    }

    private static void measure(Lake lake, Connection bare, Path folder, double factor, int runs) throws Exception {
        System.out.println("machine: " + Machine.description() + "; load at the start " + Machine.load());
        Tpch.Table lineitem = Tpch.tables().stream()
                .filter(table -> table.name().equals("lineitem"))
                .findFirst()
                .orElseThrow();
        GovernedBench.fill(lake, lineitem, factor);
        TablePolicy policy = new TablePolicy(
                Map.of("l_comment", new Mask.KeepEnds(KEPT, KEPT)),
                new Mask.Clear(),
                List.of(new RowCondition("l_shipmode", RowCondition.Operator.IN, MODES)));
        String files;
        try (Stream<Path> all = Files.walk(folder.resolve("lake"))) {
            files = all.map(Path::toString)
                    .filter(path -> path.endsWith(".parquet"))
                    .collect(Collectors.joining("', '", "['", "']"));
        }
        String from = " FROM read_parquet(" + files + ") WHERE l_shipmode IN ("
                + MODES.stream().collect(Collectors.joining("', '", "'", "'")) + ")";
        String plain = lineitem.columns().stream().map(Column::name).collect(Collectors.joining(", ", "SELECT ", from));
        String byHand = lineitem.columns().stream()
                .map(column -> column.name().equals("l_comment") ? handMasked(column.name()) : column.name())
                .collect(Collectors.joining(", ", "SELECT ", from));
        Path governed = folder.resolve("governed.parquet");
        Path arrow = folder.resolve("governed.arrows");
        Path same = folder.resolve("bare.parquet");
        Path hand = folder.resolve("by-hand.parquet");
        try (Statement statement = bare.createStatement()) {
            statement.execute("SET threads = 2");
            statement.execute("SET memory_limit = '1GB'");
            statement.execute("SET preserve_insertion_order = false");
            Map<String, Work> legs = new LinkedHashMap<>();
            legs.put("bare COPY of the same rows, in clear", () -> copy(statement, plain, same));
            legs.put("bare COPY, masked by hand", () -> copy(statement, byHand, hand));
            legs.put("extract, Parquet, with its digest", () -> extract(lake, policy, Extract.Form.PARQUET, governed));
            legs.put("extract, Arrow stream, with its digest", () -> extract(lake, policy, Extract.Form.ARROW, arrow));
            Map<String, Cost> costs = new LinkedHashMap<>();
            for (int run = 0; run <= runs; run++) {
                for (Map.Entry<String, Work> leg : legs.entrySet()) {
                    Cost cost = cost(leg.getValue());
                    if (run > 0) {
                        // The first round warms up.
                        costs.merge(leg.getKey(), cost, Cost::least);
                    }
                }
                if (run == 0) {
                    requireAlike(statement, governed, hand);
                }
            }
            report(costs, statement, governed, factor, runs);
        }
        System.out.println("load at the end " + Machine.load());
    }

    private static void report(Map<String, Cost> costs, Statement statement, Path governed, double factor, int runs)
            throws SQLException {
        long rows = number(statement, "SELECT count(*) FROM read_parquet('" + governed + "')");
        System.out.println("lineitem at scale factor " + factor + ", " + rows + " rows in scope, least of " + runs
                + " runs each, alternating; 2 threads, 1 GB; both masked files hold the same rows");
        System.out.println("| what | s | CPU-s | rows/s | share of the bare COPY's speed | by CPU |");
        System.out.println("|---|---|---|---|---|---|");
        Cost base = costs.values().iterator().next();
        costs.forEach((leg, cost) -> System.out.printf(
                "| %s | %.3f | %.3f | %,.0f | %.2f | %.2f |%n",
                leg,
                cost.wallSeconds,
                cost.cpuSeconds,
                rows / cost.wallSeconds,
                base.wallSeconds / cost.wallSeconds,
                base.cpuSeconds / cost.cpuSeconds));
        System.out.println("target: 0.70");
    }

    private static void copy(Statement statement, String sql, Path file) throws Exception {
        Files.deleteIfExists(file);
        statement.execute("COPY (" + sql + ") TO '" + file + "' (FORMAT parquet, COMPRESSION zstd)");
    }

    private static void extract(Lake lake, TablePolicy policy, Extract.Form form, Path file) throws Exception {
        Files.deleteIfExists(file);
        Query query = new Query(
                UUID.randomUUID().toString(), "SELECT * FROM " + TABLE, null, Long.MAX_VALUE, Map.of(TABLE, policy));
        lake.extract(new Extract(query, form, file, Long.MAX_VALUE, Extract.Marks.NONE));
        try (InputStream in = Files.newInputStream(file);
                OutputStream sum =
                        new DigestOutputStream(OutputStream.nullOutputStream(), MessageDigest.getInstance("SHA-256"))) {
            in.transferTo(sum);
        }
    }

    private static String handMasked(String name) {
        return "CASE WHEN length(%1$s) > %2$d THEN left(%1$s, %3$d) || repeat('*', length(%1$s) - %2$d) || right(%1$s, %3$d)"
                        .formatted(name, 2 * KEPT, KEPT)
                + " ELSE repeat('*', length(" + name + ")) END AS " + name;
    }

    private static void requireAlike(Statement statement, Path one, Path other) throws SQLException {
        for (List<Path> each : List.of(List.of(one, other), List.of(other, one))) {
            long more = number(
                    statement,
                    "SELECT count(*) FROM (SELECT * FROM read_parquet('%s') EXCEPT ALL SELECT * FROM read_parquet('%s'))"
                            .formatted(each.getFirst(), each.getLast()));
            if (more != 0) {
                throw new IllegalStateException(more + " rows of " + each.getFirst() + " are not in the other file");
            }
        }
    }

    private static long number(Statement statement, String sql) throws SQLException {
        try (ResultSet result = statement.executeQuery(sql)) {
            result.next();
            return result.getLong(1);
        }
    }

    private static Cost cost(Work work) throws Exception {
        OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        double cpu = system.getProcessCpuTime() / 1e9;
        long start = System.nanoTime();
        work.run();
        double wall = (System.nanoTime() - start) / 1e9;
        return new Cost(wall, system.getProcessCpuTime() / 1e9 - cpu);
    }
}

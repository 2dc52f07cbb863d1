package org.qiantang.bench;

import com.sun.management.OperatingSystemMXBean;
import io.trino.tpch.LineItem;
import io.trino.tpch.Order;
import io.trino.tpch.TpchTable;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.qiantang.lake.Batch;
import org.qiantang.lake.ChunkReader;
import org.qiantang.lake.ClusterSettings;
import org.qiantang.lake.Column;
import org.qiantang.lake.Lake;
import org.qiantang.lake.LakeSettings;
import org.qiantang.lake.LakeType;
import org.qiantang.lake.Queries;
import org.qiantang.lake.Query;
import org.qiantang.lake.RowSink;
import org.qiantang.lake.TableName;
import org.qiantang.lake.TableWrite;
import org.qiantang.testing.TestCluster;
import org.qiantang.testing.TestPostgres;

/**
 * Where one machine's engine and a cluster break even: the same questions to both, over the same files, at growing sizes, both on the
 * cores of this machine. What counts is processor time; wall time shows what a person waits here.
 */
public final class ClusterBench {
    private static final Map<String, String> QUESTIONS = questions();

    private ClusterBench() {}

    private static Map<String, String> questions() {
        Map<String, String> questions = new LinkedHashMap<>();
        questions.put("count", "SELECT count(*) FROM raw_tpch.lineitem");
        questions.put("one order", "SELECT * FROM raw_tpch.lineitem WHERE orderkey = 7 ORDER BY linenumber");
        questions.put(
                "sums by flag (Q1)",
                "SELECT returnflag, linestatus, sum(quantity), sum(extendedprice), sum(extendedprice * (1 - discount)), avg(quantity),"
                        + " count(*) FROM raw_tpch.lineitem WHERE shipdate <= DATE '1998-09-02' GROUP BY ALL ORDER BY 1, 2");
        questions.put(
                "one filtered sum (Q6)",
                "SELECT sum(extendedprice * discount) FROM raw_tpch.lineitem WHERE shipdate >= DATE '1994-01-01' AND shipdate <"
                        + " DATE '1995-01-01' AND discount BETWEEN 0.05 AND 0.07 AND quantity < 24");
        questions.put(
                "join and top ten (Q3)",
                "SELECT l.orderkey, sum(l.extendedprice * (1 - l.discount)) AS revenue, o.orderdate FROM raw_tpch.orders o JOIN"
                        + " raw_tpch.lineitem l ON l.orderkey = o.orderkey WHERE o.orderdate < DATE '1995-03-15' AND l.shipdate >"
                        + " DATE '1995-03-15' GROUP BY l.orderkey, o.orderdate ORDER BY revenue DESC, o.orderdate LIMIT 10");
        questions.put("distinct orders", "SELECT count(DISTINCT orderkey) FROM raw_tpch.lineitem");
        return questions;
    }

    /** What one question cost. */
    private record Cost(double wallSeconds, double cpuSeconds) {
        static final Cost NONE = new Cost(Double.MAX_VALUE, Double.MAX_VALUE);

        Cost least(Cost other) {
            return new Cost(Math.min(wallSeconds, other.wallSeconds), Math.min(cpuSeconds, other.cpuSeconds));
        }
    }

    public static void main(String... arguments) throws Exception {
        List<Double> factors = List.of(0.1, 1.0);
        int runs = 3;
        int workers = 1;
        for (int i = 0; i + 1 < arguments.length; i += 2) {
            switch (arguments[i]) {
                case "--scale-factors" ->
                    factors = Arrays.stream(arguments[i + 1].split(","))
                            .map(Double::valueOf)
                            .toList();
                case "--runs" -> runs = Integer.parseInt(arguments[i + 1]);
                case "--workers" -> workers = Integer.parseInt(arguments[i + 1]);
                default -> throw new IllegalArgumentException(arguments[i]);
            }
        }
        Path folder = Files.createTempDirectory("qiantang-cluster-bench");
        String url = TestPostgres.shared().createDatabase("cluster_bench");
        LakeSettings settings = new LakeSettings(
                url,
                TestPostgres.USER,
                TestPostgres.PASSWORD,
                folder.resolve("lake"),
                folder.resolve("tmp"),
                512L << 20,
                1500L << 20,
                2,
                Duration.ofMinutes(30),
                ZoneId.of("UTC"));
        try (Lake lake = Lake.open(settings);
                TestCluster cluster = new TestCluster(folder.resolve("trino"))) {
            Queries through = lake.through(new ClusterSettings(
                    cluster.url(), "qiantang", cluster.password("qiantang"), cluster.certificate(), "lake"));
            cluster.start(
                    url + "?currentSchema=public_cluster", TestPostgres.USER, TestPostgres.PASSWORD, workers == 0);
            for (int i = 0; i < workers; i++) {
                cluster.addWorker();
            }
            System.out.println("machine: " + Machine.description() + "; load at the start " + Machine.load());
            System.out.println("cluster: coordinator"
                    + (workers == 0 ? " that works" : " and " + workers + " worker(s)")
                    + ", heap 1.5 GB each; engine: 2 threads, 1.5 GB; least of " + runs + " runs each, alternating");
            System.out.println("| lines | question | one process s | CPU-s | cluster s | CPU-s | CPU ratio |");
            System.out.println("|---|---|---|---|---|---|---|");
            for (double factor : factors) {
                long rows = fill(lake, factor);
                for (Map.Entry<String, String> question : QUESTIONS.entrySet()) {
                    Cost here = Cost.NONE;
                    Cost there = Cost.NONE;
                    for (int run = 0; run < runs; run++) {
                        List<List<String>> expected = new ArrayList<>();
                        List<List<String>> answered = new ArrayList<>();
                        here = ask(lake, question.getValue(), cluster, expected).least(here);
                        there = ask(through, question.getValue(), cluster, answered)
                                .least(there);
                        if (!expected.equals(answered)) {
                            throw new IllegalStateException("Both answer differently: " + question.getKey() + "\n"
                                    + expected + "\n" + answered);
                        }
                    }
                    System.out.printf(
                            "| %,d | %s | %.2f | %.2f | %.2f | %.2f | %.1f |%n",
                            rows,
                            question.getKey(),
                            here.wallSeconds,
                            here.cpuSeconds,
                            there.wallSeconds,
                            there.cpuSeconds,
                            there.cpuSeconds / here.cpuSeconds);
                }
            }
        }
        try (Stream<Path> files = Files.walk(folder)) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        }
        // PostgreSQL ends with the process
        System.exit(0);
    }

    private static Cost ask(Queries asked, String sql, TestCluster cluster, List<List<String>> rows) {
        OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        double cpu = system.getProcessCpuTime() / 1e9 + cluster.cpuSeconds();
        long start = System.nanoTime();
        asked.run(new Query(sql, null, 10_000, Map.of()), new RowSink() {
            @Override
            public void columns(List<ResultColumn> columns) {
                // the rows say enough
            }

            @Override
            public void row(List<@Nullable String> values) {
                rows.add(new ArrayList<>(values));
            }
        });
        double wall = (System.nanoTime() - start) / 1e9;
        return new Cost(wall, system.getProcessCpuTime() / 1e9 + cluster.cpuSeconds() - cpu);
    }

    private static long fill(Lake lake, double factor) throws Exception {
        List<Column> orders = List.of(
                column("orderkey", LakeType.INT64),
                column("orderdate", LakeType.DATE),
                column("custkey", LakeType.INT64));
        try (TableWrite write = lake.replace(new TableName("raw_tpch", "orders"), orders)) {
            Iterator<Order> source =
                    TpchTable.ORDERS.createGenerator(factor, 1, 1).iterator();
            write.write(reader(source, (batch, row, order) -> {
                batch.setLong(0, row, order.orderKey());
                batch.setLong(1, row, order.orderDate());
                batch.setLong(2, row, order.customerKey());
            }));
            write.commit(Map.of());
        }
        List<Column> lines = List.of(
                column("orderkey", LakeType.INT64),
                column("linenumber", LakeType.INT32),
                column("quantity", LakeType.INT64),
                column("extendedprice", LakeType.decimal(12, 2)),
                column("discount", LakeType.decimal(12, 2)),
                column("returnflag", LakeType.TEXT),
                column("linestatus", LakeType.TEXT),
                column("shipdate", LakeType.DATE),
                column("comment", LakeType.TEXT));
        int parts = Math.max(1, (int) Math.round(factor * 4));
        try (TableWrite write = lake.replace(new TableName("raw_tpch", "lineitem"), lines)) {
            for (int part = 1; part <= parts; part++) {
                Iterator<LineItem> source =
                        TpchTable.LINE_ITEM.createGenerator(factor, part, parts).iterator();
                write.write(reader(source, (batch, row, line) -> {
                    batch.setLong(0, row, line.orderKey());
                    batch.setLong(1, row, line.lineNumber());
                    batch.setLong(2, row, line.quantity());
                    batch.setLong(3, row, line.extendedPriceInCents());
                    batch.setLong(4, row, line.discountPercent());
                    batch.setText(5, row, line.returnFlag());
                    batch.setText(6, row, line.status());
                    batch.setLong(7, row, line.shipDate());
                    batch.setText(8, row, line.comment());
                }));
            }
            return write.commit(Map.of()).rows();
        }
    }

    private interface Filler<T> {
        void fill(Batch batch, int row, T entity);
    }

    private static <T> ChunkReader reader(Iterator<T> source, Filler<T> filler) {
        return batch -> {
            int row = 0;
            for (; row < batch.capacity() && source.hasNext(); row++) {
                filler.fill(batch, row, source.next());
            }
            return row;
        };
    }

    private static Column column(String name, LakeType type) {
        return new Column(name, type, "tpch", null);
    }
}

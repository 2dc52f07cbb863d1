package org.qiantang.bench;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.qiantang.lake.Column;
import org.qiantang.lake.Derivation;
import org.qiantang.lake.Lake;
import org.qiantang.lake.LakeSettings;
import org.qiantang.lake.LakeType;
import org.qiantang.lake.Query;
import org.qiantang.lake.RowSink;
import org.qiantang.lake.TableChanges;
import org.qiantang.lake.TableName;
import org.qiantang.testing.TestPostgres;

/**
 * A base table made of two large ones and a code list, again after a few of their rows have changed: only the keys concerned beside the
 * whole, each into a table of its own, taking turns at who goes first.
 */
public final class RefineBench {
    /** What the whole needs: a window over all rows, and all rows made. */
    private static final long MEMORY = 2L << 30;

    private static final TableName RESIDENT = new TableName("raw_police", "resident");
    private static final TableName INSURED = new TableName("raw_social_security", "insured");
    private static final TableName CODES = new TableName("codes", "sex");
    private static final TableName PART = new TableName("base_person", "part");
    private static final TableName WHOLE = new TableName("base_person", "whole");
    private static final String SQL = """
            WITH insured AS (
              SELECT id_number, max(mobile) AS mobile, count(*) AS insurances, min(joined_on) AS joined_on
              FROM raw_social_security.insured GROUP BY id_number
            )
            SELECT r.id_number, regexp_replace(regexp_replace(r.name, '[\\s　]', '', 'g'), '[•‧・．.]', '·', 'g') AS name,
              s.name AS sex, r.birth_date, r.address, i.mobile, i.insurances, i.joined_on,
              'raw_police.resident' AS origin_table, r.resident_id::VARCHAR AS origin_key
            FROM raw_police.resident r
            LEFT JOIN insured i ON i.id_number = r.id_number
            LEFT JOIN codes.sex s ON s.code = r.sex
            QUALIFY row_number() OVER (PARTITION BY r.id_number ORDER BY r.resident_id) = 1""";
    private static final List<Column> INSURED_COLUMNS = List.of(
            new Column("person_no", LakeType.INT64, "bigint", null),
            new Column("id_number", LakeType.TEXT, "text", null),
            new Column("mobile", LakeType.TEXT, "text", null),
            new Column("joined_on", LakeType.DATE, "date", null));
    private static final List<Column> RESIDENT_COLUMNS = List.of(
            new Column("resident_id", LakeType.INT64, "bigint", null),
            new Column("id_number", LakeType.TEXT, "text", null),
            new Column("name", LakeType.TEXT, "text", null),
            new Column("sex", LakeType.TEXT, "text", null),
            new Column("birth_date", LakeType.DATE, "date", null),
            new Column("address", LakeType.TEXT, "text", null));

    private final Lake lake;
    private final Log log;
    private final long rows;
    private final Random random = new Random(20_261_128);
    private final List<String> differences = new ArrayList<>();
    private Derivation.@Nullable Basis basis;

    private RefineBench(Lake lake, Log log, long rows) {
        this.lake = lake;
        this.log = log;
        this.rows = rows;
    }

    public static void main(String... arguments) throws Exception {
        Arguments asked = Arguments.parse(List.of(arguments), Map.of("rows", "2000000", "pairs", "4"));
        int rows = asked.number("rows");
        int pairs = asked.number("pairs");
        Path folder = Files.createTempDirectory("qiantang-refine-bench");
        try (Log log = Log.begin(
                        Path.of(rows >= 2_000_000 ? "bench/results" : "bench/target"),
                        "refine",
                        "Tables made of tables");
                Lake lake = Lake.open(new LakeSettings(
                        TestPostgres.shared().createDatabase("refine_bench"),
                        TestPostgres.USER,
                        TestPostgres.PASSWORD,
                        folder.resolve("lake"),
                        folder.resolve("tmp"),
                        256L << 20,
                        MEMORY,
                        2,
                        Duration.ofMinutes(10),
                        ZoneId.of("Asia/Shanghai")))) {
            RefineBench bench = new RefineBench(lake, log, rows);
            log.say("load      %.2f; engine: 1 thread, %d MiB", Machine.load(), MEMORY >> 20);
            bench.fill();
            for (long changed : new long[] {1, rows / 1000, rows / 100}) {
                bench.turns(changed, pairs);
            }
            log.say("load      %.2f at the end", Machine.load());
            if (!log.parity(
                    "rows, each column's checksum and a sum over whole rows, after every pair", bench.differences)) {
                System.exit(1);
            }
        } finally {
            try (var files = Files.walk(folder)) {
                files.sorted(java.util.Comparator.reverseOrder())
                        .forEach(file -> file.toFile().delete());
            }
        }
        System.exit(0);
    }

    private void fill() {
        make(CODES, Derivation.ofRows(List.of("code", "name"), List.of(List.of("1", "男"), List.of("2", "女"))), "code");
        make(
                RESIDENT,
                "SELECT i AS resident_id, " + ID + " AS id_number, '王 ' || (hash(i) % 10000)::VARCHAR AS name,"
                        + " (1 + i % 2)::VARCHAR AS sex, DATE '1950-01-01' + (i % 25000)::INTEGER AS birth_date,"
                        + " '浙江省杭州市' || (hash(i + 1) % 1000000)::VARCHAR || '号' AS address FROM range(" + rows
                        + ") AS t(i)");
        make(
                INSURED,
                "SELECT i AS person_no, " + ID + " AS id_number, '13' || (hash(i) % 1000000000)::VARCHAR AS mobile,"
                        + " DATE '2000-01-01' + (i % 9000)::INTEGER AS joined_on FROM range(" + rows * 3 / 4
                        + ") AS t(i)");
        basis = make(PART, SQL, "id_number").basis();
        make(WHOLE, SQL, "id_number");
        log.say(
                "inputs    %s %,d rows, %s %,d rows, a code list; %s %,d rows",
                RESIDENT, rows, INSURED, rows * 3 / 4, PART, basis.rows());
    }

    private static final String ID =
            "'3301' || lpad((hash(i) % 100000000)::VARCHAR, 8, '0') || lpad((i % 1000000)::VARCHAR, 6, '0')";

    private void turns(long changed, int pairs) throws Exception {
        List<Double> ratios = new ArrayList<>();
        List<Double> times = new ArrayList<>();
        List<Double> parts = new ArrayList<>();
        List<Double> wholes = new ArrayList<>();
        String read = "";
        for (int pair = 0; pair < pairs; pair++) {
            change(changed);
            boolean first = pair % 2 == 0;
            Measured whole = first ? measure(WHOLE, null) : null;
            Measured part = measure(PART, basis);
            Measured other = whole == null ? measure(WHOLE, null) : whole;
            basis = part.result.basis();
            read = part.result.course().whole() == null
                    ? part.result.course().read().stream()
                            .map(each -> String.format("%s %,d", each.table().name(), each.rows()))
                            .collect(Collectors.joining(", "))
                    : "WHOLE: " + part.result.course().whole();
            if (part.result.course().whole() != null) {
                differences.add(changed + " changed rows had the whole made: " + read);
            }
            ratios.add(part.cpu / other.cpu);
            times.add(part.seconds / other.seconds);
            parts.add(part.cpu);
            wholes.add(other.cpu);
            compare(part.result, other.result);
        }
        log.say("%,d rows changed (%.4f %%); read %s", changed, 100.0 * changed / rows, read);
        log.say("  CPU seconds                                  %.2f of %.2f", Log.median(parts), Log.median(wholes));
        log.ratio("CPU, the keys concerned / the whole", ratios);
        log.ratio("time, the keys concerned / the whole", times);
    }

    /** Half of them residents, half of them insured. */
    private void change(long changed) throws Exception {
        try (TableChanges residents =
                lake.change(RESIDENT, RESIDENT_COLUMNS, List.of("resident_id"), TableChanges.Delivery.AT_LEAST_ONCE)) {
            List<List<@Nullable String>> some = some(
                    "SELECT resident_id, id_number, sex, epoch(birth_date) // 86400 FROM raw_police.resident",
                    Math.max(1, changed / 2),
                    "resident_id");
            for (List<@Nullable String> each : some) {
                int row = residents.row(TableChanges.Op.UPDATE, null);
                residents.batch().setLong(0, row, Long.parseLong(String.valueOf(each.get(0))));
                residents.batch().setText(1, row, bytes(each.get(1)));
                residents.batch().setText(2, row, bytes("李 " + random.nextInt(100_000)));
                residents.batch().setText(3, row, bytes(each.get(2)));
                residents.batch().setLong(4, row, (long) Double.parseDouble(String.valueOf(each.get(3))));
                residents.batch().setText(5, row, bytes("新址" + random.nextInt(100_000)));
            }
            residents.commit(Map.of());
        }
        if (changed < 2) {
            return;
        }
        try (TableChanges insured =
                lake.change(INSURED, INSURED_COLUMNS, List.of("person_no"), TableChanges.Delivery.AT_LEAST_ONCE)) {
            for (List<@Nullable String> each :
                    some("SELECT person_no, id_number FROM raw_social_security.insured", changed / 2, "person_no")) {
                boolean gone = random.nextInt(10) == 0;
                int row = insured.row(gone ? TableChanges.Op.DELETE : TableChanges.Op.UPDATE, null);
                insured.batch().setLong(0, row, Long.parseLong(String.valueOf(each.get(0))));
                if (gone) {
                    insured.batch().setNull(1, row);
                    insured.batch().setNull(2, row);
                    insured.batch().setNull(3, row);
                } else {
                    insured.batch().setText(1, row, bytes(each.get(1)));
                    insured.batch().setText(2, row, bytes("15" + random.nextInt(1_000_000_000)));
                    insured.batch().setLong(3, row, random.nextInt(20_000));
                }
            }
            insured.commit(Map.of());
        }
    }

    private List<List<@Nullable String>> some(String sql, long count, String by) {
        return ask(sql + " ORDER BY hash(" + by + " + " + random.nextInt(1_000_000) + ") LIMIT " + count);
    }

    private static byte[] bytes(@Nullable String text) {
        return String.valueOf(text).getBytes(StandardCharsets.UTF_8);
    }

    private record Measured(Derivation.Result result, double cpu, double seconds) {}

    private Measured measure(TableName table, Derivation.@Nullable Basis from) {
        OperatingSystemMXBean process = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        long cpu = process.getProcessCpuTime();
        long begun = System.nanoTime();
        Derivation.Result result = lake.derive(new Derivation(
                UUID.randomUUID().toString(), table, SQL, List.of("id_number"), Map.of(), Map.of(), from));
        return new Measured(result, (process.getProcessCpuTime() - cpu) / 1e9, (System.nanoTime() - begun) / 1e9);
    }

    private Derivation.Result make(TableName table, String sql, String... key) {
        return lake.derive(new Derivation(UUID.randomUUID().toString(), table, sql, List.of(key), Map.of(), Map.of()));
    }

    private void compare(Derivation.Result part, Derivation.Result whole) {
        if (!part.columns().equals(whole.columns())
                || part.table().rows() != whole.table().rows()) {
            differences.add("the proofs differ");
        }
        if (part.added() != whole.added() || part.removed() != whole.removed()) {
            differences.add("the parts wrote " + part.added() + " and " + part.removed() + " rows, the whole "
                    + whole.added() + " and " + whole.removed());
        }
        List<List<@Nullable String>> one = ask("SELECT count(*), sum(hash(t)) FROM " + PART + " AS t");
        List<List<@Nullable String>> two = ask("SELECT count(*), sum(hash(t)) FROM " + WHOLE + " AS t");
        if (!one.equals(two)) {
            differences.add("the tables differ: " + one + " " + two);
        }
    }

    private List<List<@Nullable String>> ask(String sql) {
        List<List<@Nullable String>> rows = new ArrayList<>();
        lake.run(new Query(sql, null, Long.MAX_VALUE, Map.of()), new RowSink() {
            @Override
            public void columns(List<ResultColumn> columns) {
                // their values are enough
            }

            @Override
            public void row(List<@Nullable String> values) {
                rows.add(values);
            }
        });
        return rows;
    }
}

package org.qiantang.lake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.qiantang.lake.TableChanges.Delivery;
import org.qiantang.lake.TableChanges.Op;
import org.qiantang.testing.Lakes;
import org.qiantang.testing.TestCluster;
import org.qiantang.testing.TestPostgres;

/** One lake, two engines: a real Trino cluster beside the engine in this process. */
@EnabledIfSystemProperty(named = "qiantang.test.long", matches = "true")
class ClusterTests {
    private static final TableName TYPES = new TableName("raw_cluster", "types");
    private static final TableName PERSON = new TableName("raw_cluster", "person");

    @TempDir
    static Path folder;

    private static LakeSettings settings;
    private static Lake lake;
    private static Queries throughCluster;
    private static TestCluster cluster;

    @BeforeAll
    static void start() throws Exception {
        String url = TestPostgres.shared().createDatabase("cluster");
        settings = LakeSettings.small(
                url, TestPostgres.USER, TestPostgres.PASSWORD, folder.resolve("lake"), folder.resolve("tmp"));
        lake = Lake.open(settings);
        cluster = new TestCluster(folder.resolve("trino"));
        throughCluster = lake.through(new ClusterSettings(
                cluster.url(), "qiantang", cluster.password("qiantang"), cluster.certificate(), "lake"));
        cluster.start(url + "?currentSchema=public_cluster", TestPostgres.USER, TestPostgres.PASSWORD, true);
        types();
        persons();
    }

    @AfterAll
    static void stop() {
        if (cluster != null) {
            cluster.close();
        }
        lake.close();
    }

    private static void types() throws Exception {
        List<Column> columns = List.of(
                column("b", LakeType.BOOL),
                column("i", LakeType.INT32),
                column("l", LakeType.INT64),
                column("f", LakeType.FLOAT32),
                column("d", LakeType.FLOAT64),
                column("n", LakeType.decimal(12, 2)),
                column("n18", LakeType.decimal(18, 18)),
                column("big", LakeType.decimal(38, 10)),
                column("Day", LakeType.DATE),
                column("t", LakeType.TIME),
                column("ts", LakeType.TIMESTAMP),
                column("tz", LakeType.TIMESTAMP_TZ),
                column("名 称\"x", LakeType.TEXT),
                column("u", LakeType.UUID),
                column("x", LakeType.BINARY));
        UUID uuid = UUID.fromString("f81d4fae-7dec-11d0-a765-00a0c91e6bf6");
        try (TableWrite write = lake.replace(TYPES, columns)) {
            write.write(once(4, batch -> {
                batch.setBool(0, 0, true);
                batch.setLong(1, 0, Integer.MIN_VALUE);
                batch.setLong(2, 0, Long.MIN_VALUE);
                batch.setDouble(3, 0, -0.1f);
                batch.setDouble(4, 0, Double.NaN);
                batch.setLong(5, 0, -999999999999L);
                batch.setLong(6, 0, -1);
                batch.setDecimal(7, 0, new BigInteger("-99999999999999999999999999999999999999"));
                batch.setLong(8, 0, -Batch.INFINITE_DATE);
                batch.setLong(9, 0, 86_399_999_999L);
                batch.setLong(10, 0, Long.MAX_VALUE);
                batch.setLong(11, 0, 253_402_300_799_999_999L);
                batch.setText(12, 0, "𠮷\u0000田");
                batch.setUuid(13, 0, uuid.getMostSignificantBits(), uuid.getLeastSignificantBits());
                batch.setBinary(14, 0, new byte[] {0, (byte) 0xff, 7});

                batch.setBool(0, 1, false);
                batch.setLong(1, 1, 7);
                batch.setLong(2, 1, -7);
                batch.setDouble(3, 1, Float.MAX_VALUE);
                batch.setDouble(4, 1, -0.0);
                batch.setLong(5, 1, 1);
                batch.setLong(6, 1, 999_999_999_999_999_999L);
                batch.setDecimal(7, 1, BigInteger.ONE);
                batch.setLong(8, 1, -2_451_507);
                batch.setLong(9, 1, 0);
                batch.setLong(10, 1, -210_866_803_200_000_000L);
                batch.setLong(11, 1, 1);
                batch.setText(12, 1, "");
                batch.setUuid(13, 1, 0, 0);
                batch.setBinary(14, 1, new byte[0]);

                batch.setBool(0, 2, true);
                batch.setLong(1, 2, 0);
                batch.setLong(2, 2, Long.MAX_VALUE);
                batch.setDouble(3, 2, 1e-7f);
                batch.setDouble(4, 2, 1e22);
                batch.setLong(5, 2, 50);
                batch.setLong(6, 2, 0);
                batch.setDecimal(7, 2, BigInteger.ZERO);
                batch.setLong(8, 2, 20_000);
                batch.setLong(9, 2, 1_000_000);
                batch.setLong(10, 2, 1_700_000_000_123_000L);
                batch.setLong(11, 2, 1_700_000_000_000_000L);
                batch.setText(12, 2, "湖");
                batch.setUuid(13, 2, -1, -1);
                batch.setBinary(14, 2, new byte[] {1});

                for (int i = 0; i < columns.size(); i++) {
                    batch.setNull(i, 3);
                }
            }));
            write.commit(Map.of());
        }
    }

    private static void persons() throws Exception {
        List<Column> columns = List.of(
                column("id", LakeType.INT64),
                column("name", LakeType.TEXT),
                column("district", LakeType.INT32),
                column("pay", LakeType.decimal(9, 2)),
                column("born", LakeType.DATE),
                column("seen", LakeType.TIMESTAMP),
                column("entered", LakeType.TIMESTAMP_TZ),
                column("weight", LakeType.FLOAT64));
        try (TableWrite write = lake.replace(PERSON, columns)) {
            int[] next = {0};
            write.write(batch -> {
                int row = 0;
                for (; row < batch.capacity() && next[0] < 20_000; row++, next[0]++) {
                    int n = next[0];
                    batch.setLong(0, row, n);
                    if (n % 17 == 3) {
                        batch.setNull(1, row);
                    } else {
                        batch.setText(1, row, "人 " + n % 1000 + (n % 5 == 0 ? " " : "x"));
                    }
                    batch.setLong(2, row, 330100 + n % 13);
                    batch.setLong(3, row, n * 37L % 1_000_000);
                    batch.setLong(4, row, n % 20_000);
                    batch.setLong(5, row, 1_700_000_000_000_000L + n * 1_000_003L);
                    batch.setLong(6, row, 1_700_000_000_000_000L + n * 3_600_000_000L);
                    batch.setDouble(7, row, n / 8.0);
                }
                return row;
            });
            write.commit(Map.of("qiantang.run", "7"));
        }
    }

    @Test
    void everyTypePrintsTheSame() {
        for (String sql : List.of(
                "SELECT * FROM raw_cluster.types ORDER BY i NULLS FIRST",
                "SELECT \"名 称\"\"x\", day FROM raw_cluster.types ORDER BY 1",
                "SELECT count(*), count(d), sum(n), sum(l), max(tz), min(\"DAY\") FROM raw_cluster.types WHERE i < 100")) {
            assertSame(sql);
        }
    }

    @Test
    void anInfiniteTimeWithAZoneIsRefusedBecauseTheClusterCannotReadIt() throws Exception {
        TableName table = new TableName("raw_cluster", "endless");
        write(table, List.of(column("id", LakeType.INT32), column("until", LakeType.TIMESTAMP_TZ)), batch -> {
            batch.setLong(0, 0, 1);
            batch.setLong(1, 0, Long.MAX_VALUE);
        });

        assertThatThrownBy(() -> rows(throughCluster, "SELECT * FROM raw_cluster.endless", null, Map.of()))
                .isInstanceOfSatisfying(
                        LakeException.class, e -> assertThat(e.kind()).isEqualTo(LakeException.Kind.NOT_ALLOWED))
                .hasMessageContaining("infinite");
        assertSame("SELECT id FROM raw_cluster.endless");
    }

    @Test
    void statementsMeanTheSame() {
        for (String sql : STATEMENTS) {
            assertSame(sql);
        }
    }

    private static final List<String> STATEMENTS = List.of(
            "SELECT 1, 'it''s', 1.50, 1e3, NULL, true, 12345678901234567890, -1",
            "VALUES (1, 'a'), (2, NULL)",
            "SELECT * FROM raw_cluster.person ORDER BY id LIMIT 5 OFFSET 3;",
            "SELECT p.* FROM raw_cluster.person p WHERE p.name LIKE '人 1%' AND NOT p.name ILIKE '%X' ORDER BY p.id DESC LIMIT 7",
            "SELECT district, count(*) AS n, sum(pay) AS pay, avg(pay), avg(id), min(born), max(name) FROM raw_cluster.person"
                    + " GROUP BY ALL ORDER BY n DESC, 1",
            "SELECT date_trunc('month', born) AS month, count(*) FROM raw_cluster.person GROUP BY month ORDER BY month",
            "SELECT year(born) AS y, count(DISTINCT district) FROM raw_cluster.person WHERE born >= '1990-01-01' GROUP BY y"
                    + " HAVING count(*) > 10 ORDER BY y",
            "SELECT pay / 3 AS third, id // 7, id % 7, -id, id * 2 + 1, pay * 1.5, weight * 2 FROM raw_cluster.person ORDER BY id LIMIT 20",
            "SELECT 7 // 2, -7 // 2, -7 % 3, 1 / 0, 10 / 4",
            "WITH rich AS (SELECT district, sum(pay) AS total FROM raw_cluster.person GROUP BY district), top AS"
                    + " (SELECT * FROM rich ORDER BY total DESC LIMIT 3) SELECT t.district, t.total, count(p.id) FROM top t"
                    + " JOIN raw_cluster.person AS p ON p.district = t.district GROUP BY t.district, t.total ORDER BY t.total",
            "SELECT a.id, b.name FROM raw_cluster.person a LEFT JOIN raw_cluster.person b ON b.id = a.id + 19990 ORDER BY a.id LIMIT 20",
            "SELECT id, a.name FROM raw_cluster.person a JOIN raw_cluster.person b USING (id) WHERE id < 3 ORDER BY id",
            "SELECT district FROM raw_cluster.person WHERE id IN (1, 2, 3) UNION SELECT district FROM raw_cluster.person"
                    + " WHERE id = 2 EXCEPT SELECT 330102 ORDER BY 1",
            "SELECT id FROM raw_cluster.person p WHERE EXISTS (SELECT 1 FROM raw_cluster.person q WHERE q.id = p.id + 1 AND"
                    + " q.name IS NULL) AND id NOT IN (SELECT id FROM raw_cluster.person WHERE id < 100) ORDER BY id LIMIT 5",
            "SELECT id, (SELECT max(pay) FROM raw_cluster.person) AS most FROM raw_cluster.person WHERE id BETWEEN 5 AND 7 ORDER BY 1",
            "SELECT CASE WHEN pay > 5000 THEN 'rich' WHEN pay IS NULL THEN '?' ELSE 'poor' END AS kind, count(*) FROM"
                    + " raw_cluster.person GROUP BY kind ORDER BY kind",
            "SELECT CASE district WHEN 330100 THEN 1 END AS c, coalesce(name, 'none'), nullif(district, 330101) FROM"
                    + " raw_cluster.person ORDER BY id LIMIT 20",
            "SELECT id, row_number() OVER (PARTITION BY district ORDER BY pay DESC, id) AS r, sum(pay) OVER (ORDER BY id ROWS"
                    + " BETWEEN 2 PRECEDING AND CURRENT ROW) AS s, lag(id, 1) OVER (ORDER BY id) AS l, round(avg(pay) OVER"
                    + " (PARTITION BY district), 6) AS a FROM raw_cluster.person ORDER BY id LIMIT 50",
            "SELECT count(*) FILTER (WHERE pay > 100), bool_and(pay >= 0), sum(DISTINCT district) FROM raw_cluster.person",
            "SELECT trim(name), length(name), upper(name), left(name, 2), right(name, 3), substr(name, 2, 3), replace(name, '人',"
                    + " 'x'), strpos(name, 'x'), concat(name, id, '-', born), name || '!' FROM raw_cluster.person ORDER BY id LIMIT 40",
            "SELECT CAST(id AS VARCHAR), born::VARCHAR, pay::VARCHAR, '2024-02-29'::DATE, CAST(pay AS INTEGER), CAST(id AS"
                    + " DOUBLE), pay::DECIMAL(5,1), TRY_CAST(pay AS INTEGER) FROM raw_cluster.person ORDER BY id LIMIT 40",
            "SELECT born + INTERVAL 1 MONTH, born - INTERVAL 10 DAY, born + 3, born - DATE '1970-01-01', seen + INTERVAL '90' MINUTE"
                    + " FROM raw_cluster.person ORDER BY id LIMIT 40",
            "SELECT extract(year FROM seen), date_part('dow', born), extract(week FROM born), quarter(born), hour(seen),"
                    + " dayofweek(born), date_diff('month', born, DATE '1980-05-17'), strftime(seen, '%Y/%m/%d %H:%M:%S')"
                    + " FROM raw_cluster.person ORDER BY id LIMIT 60",
            "SELECT date_trunc('day', entered) AS d, hour(entered), min(entered), count(*) FROM raw_cluster.person GROUP BY ALL"
                    + " ORDER BY 1, 2 LIMIT 60",
            "SELECT round(pay / 7, 2), floor(weight), ceil(weight), abs(-pay), sqrt(id), power(2, 3) FROM raw_cluster.person"
                    + " ORDER BY id LIMIT 40",
            "SELECT string_agg(id::VARCHAR, ',' ORDER BY id) FROM raw_cluster.person WHERE id < 12",
            "SELECT regexp_matches(name, '^人 1[0-9]'), starts_with(name, '人'), contains(name, '12') FROM raw_cluster.person"
                    + " ORDER BY id LIMIT 40",
            "SELECT id FROM raw_cluster.person WHERE entered >= '2023-11-15 08:00:00+08' AND seen < '2023-11-15' ORDER BY id LIMIT 5",
            "SELECT DISTINCT name FROM raw_cluster.person ORDER BY name NULLS FIRST LIMIT 9",
            "SELECT x, y FROM (VALUES (1, 'a'), (2, 'b')) AS v(x, y) CROSS JOIN (SELECT 1 AS z) WHERE x > z",
            "SELECT name IS DISTINCT FROM NULL, id IS NOT DISTINCT FROM 3 FROM raw_cluster.person ORDER BY id LIMIT 5",
            "SELECT person.id, raw_cluster.person.pay FROM raw_cluster.person ORDER BY person.id LIMIT 2");

    @Test
    void whoReadsForThePlatformMayDoNothingElseAndStrangersNothing() throws Exception {
        try (var reader = cluster.connect("qiantang", cluster.password("qiantang"));
                var statement = reader.createStatement()) {
            assertThatThrownBy(() -> statement.execute("DELETE FROM raw_cluster.person"))
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("Access Denied");
            assertThatThrownBy(() -> statement.executeQuery("SELECT * FROM system.runtime.queries"))
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("Access Denied");
        }
        assertThatThrownBy(() -> {
                    try (var stranger = cluster.connect("qiantang", "guessed");
                            var statement = stranger.createStatement()) {
                        statement.executeQuery("SELECT 1");
                    }
                })
                .isInstanceOf(SQLException.class);
    }

    @Test
    void masksArePartOfTheReadThere() {
        Map<TableName, TablePolicy> masks = Map.of(
                PERSON,
                TablePolicy.masking(Map.of(
                        "name", new Mask.KeepEnds(1, 1),
                        "id", new Mask.KeepEnds(1, 0),
                        "born", new Mask.KeepEnds(4, 0),
                        "pay", new Mask.Hide())));

        for (String sql : List.of(
                "SELECT id, name, born, pay FROM raw_cluster.person ORDER BY 1, 2, 3 LIMIT 300",
                "SELECT name, count(*) FROM raw_cluster.person GROUP BY name ORDER BY 2 DESC, 1 NULLS LAST",
                "SELECT count(*) FROM raw_cluster.person WHERE name = '人 7x' OR pay > 0 OR id = '77'")) {
            assertThat(rows(throughCluster, sql, null, masks)).as(sql).isEqualTo(rows(lake, sql, null, masks));
        }
        assertThat(rows(throughCluster, "SELECT count(*) FROM raw_cluster.person WHERE name = '人 7x'", null, masks))
                .containsExactly(List.of("0"));
        assertThat(rows(
                        throughCluster,
                        "SELECT weight FROM raw_cluster.person WHERE weight IS NOT NULL",
                        null,
                        Map.of(PERSON, TablePolicy.masking(Map.of("weight", new Mask.KeepEnds(1, 0))))))
                .isEmpty();
    }

    @Test
    void aTableIsFoundThereWhateverItsNameIs() throws Exception {
        for (String name : List.of("PollutionSource", "pollutionsource", "企业 Liste", "a~b.C\"d")) {
            TableName table = new TableName("raw_cluster", name);
            List<Column> columns =
                    List.of(column("id", LakeType.INT64), column("n", LakeType.INT64), column("Notiz", LakeType.TEXT));
            try (TableWrite write = lake.replace(table, columns)) {
                write.write(numbers(0, 100 + name.length()));
                write.commit(Map.of());
            }
            String there = "lake.raw_cluster.\"" + ClusterCatalogue.name(name).replace("\"", "\"\"") + "\"";

            cluster.execute("UPDATE " + there + " SET n = -1 WHERE id = 7");
            try (TableChanges changes = lake.change(table, columns, List.of("id"), Delivery.EXACTLY_ONCE)) {
                change(changes, Op.DELETE, 8, 0);
                changes.commit(Map.of());
            }

            assertSame("SELECT * FROM raw_cluster.\"" + name.replace("\"", "\"\"") + "\" ORDER BY id");
            assertThat(cluster.one("SELECT CAST(count(*) AS varchar) || ' ' || CAST(min(n) AS varchar) FROM " + there))
                    .isEqualTo(99 + name.length() + " -1");
        }
    }

    @Test
    void timeIsTravelledThereAsHere() throws Exception {
        TableName table = new TableName("raw_cluster", "travel");
        Commit before = write(
                table,
                List.of(column("id", LakeType.INT32), column("lat", LakeType.FLOAT64), column("n", LakeType.TEXT)),
                batch -> {
                    batch.setLong(0, 0, 1);
                    batch.setDouble(1, 0, 30.5);
                    batch.setText(2, 0, "7");
                });
        write(
                table,
                List.of(column("phone", LakeType.TEXT), column("id", LakeType.INT64), column("n", LakeType.INT32)),
                batch -> {
                    batch.setText(0, 0, "138");
                    batch.setLong(1, 0, 2);
                    batch.setLong(2, 0, 8);
                });
        String all = "SELECT * FROM raw_cluster.travel";

        assertSame(all);
        assertThat(rows(throughCluster, all, "" + before.snapshotId(), Map.of()))
                .containsExactly(List.of("1", "30.5", "7"));
        assertThat(rows(throughCluster, all, before.at().toString(), Map.of()))
                .containsExactly(List.of("1", "30.5", "7"));
        lake.reshape(
                table,
                List.of(column("handset", LakeType.TEXT), column("id", LakeType.INT64), column("new", LakeType.BOOL)),
                Map.of("phone", "handset"));
        assertSame(all);
        assertThat(rows(throughCluster, all, null, Map.of())).containsExactly(Arrays.asList("138", "2", null));
    }

    @Test
    void eitherReadsWhatTheOtherWritesUpdatesDeletesAndCompacts() throws Exception {
        TableName table = new TableName("raw_cluster", "shared");
        List<Column> columns =
                List.of(column("id", LakeType.INT64), column("n", LakeType.INT64), column("note", LakeType.TEXT));
        try (TableWrite write = lake.replace(table, columns)) {
            write.write(numbers(0, 10_000));
            write.commit(Map.of("qiantang.run", "one"));
        }
        String all = "SELECT * FROM raw_cluster.shared ORDER BY id";

        cluster.execute("UPDATE raw_cluster.shared SET n = n + 1000000 WHERE id % 100 = 7");
        assertSame(all);
        cluster.execute("DELETE FROM raw_cluster.shared WHERE id % 50 = 9");
        assertSame(all);
        try (TableChanges changes = lake.change(table, columns, List.of("id"), Delivery.EXACTLY_ONCE)) {
            change(changes, Op.UPDATE, 7, -7);
            change(changes, Op.DELETE, 8, 0);
            change(changes, Op.INSERT, 10_001, 1);
            changes.commit(Map.of("qiantang.run", "two"));
        }
        assertSame(all);
        cluster.execute("MERGE INTO raw_cluster.shared t USING (VALUES (7, 70), (20000, 1)) AS s(id, n) ON t.id = s.id"
                + " WHEN MATCHED THEN UPDATE SET n = s.n WHEN NOT MATCHED THEN INSERT (id, n) VALUES (s.id, s.n)");
        assertSame(all);
        cluster.execute("ALTER TABLE raw_cluster.shared EXECUTE optimize");
        assertSame(all);
        assertThat(lake.summary(table).orElseThrow()).containsEntry("qiantang.run", "two");
        try (TableChanges changes = lake.change(table, columns, List.of("id"), Delivery.EXACTLY_ONCE)) {
            change(changes, Op.DELETE, 20_000, 0);
            changes.commit(Map.of());
        }
        new Upkeep(lake, Upkeep.Policy.DEFAULT).table(table);
        assertSame(all);
        cluster.execute("INSERT INTO raw_cluster.shared SELECT id + 100000, n, note FROM raw_cluster.shared");
        assertSame(all);
        assertThat(rows(lake, "SELECT count(*), sum(n) FROM raw_cluster.shared WHERE id = 7", null, Map.of()))
                .containsExactly(List.of("1", "70"));

        cluster.execute("CREATE TABLE raw_cluster.theirs WITH (format_version = 3, location = 'file://"
                + folder.resolve("lake/raw_cluster/theirs") + "') AS SELECT * FROM raw_cluster.shared");
        assertSame("SELECT * FROM raw_cluster.theirs ORDER BY id");
    }

    @Test
    void bothWriteTheSameTableAtTheSameTimeAndNothingIsLost() throws Exception {
        TableName table = new TableName("raw_cluster", "contended");
        List<Column> columns =
                List.of(column("id", LakeType.INT64), column("n", LakeType.INT64), column("note", LakeType.TEXT));
        try (TableWrite write = lake.replace(table, columns)) {
            write.write(numbers(0, 2_000));
            write.commit(Map.of());
        }
        int rounds = 30;
        AtomicInteger theirs = new AtomicInteger();
        AtomicInteger refused = new AtomicInteger();
        try (ExecutorService executor = Executors.newSingleThreadExecutor()) {
            Future<Void> follower = executor.submit(() -> {
                try (TableChanges changes = lake.change(table, columns, List.of("id"), Delivery.EXACTLY_ONCE)) {
                    for (int round = 0; round < rounds; round++) {
                        for (int id = 0; id < 1_000; id += 7) {
                            change(changes, Op.UPDATE, id, 1_000_000 + round);
                        }
                        change(changes, Op.INSERT, 1_000_000 + round, round);
                        changes.commit(Map.of("qiantang.position", "" + round));
                        // every other time the way is left free until they have succeeded
                        AtomicInteger turn = round % 2 == 0 ? theirs : refused;
                        int before = turn.get() + (round % 2 == 0 ? 0 : theirs.get());
                        int free = round % 2;
                        Awaitility.await()
                                .atMost(Duration.ofMinutes(2))
                                .pollInterval(Duration.ofMillis(5))
                                .until(() -> turn.get() + free * theirs.get() > before);
                    }
                }
                return null;
            });
            // The upper half is theirs, and so are the files that all rows share.
            while (!follower.isDone()) {
                String sql = theirs.get() % 4 == 3
                        ? "ALTER TABLE raw_cluster.contended EXECUTE optimize"
                        : "UPDATE raw_cluster.contended SET n = n + 1 WHERE id >= 1500 AND id < 2000";
                try {
                    cluster.execute(sql);
                    theirs.incrementAndGet();
                } catch (SQLException e) {
                    assertThat(e.getMessage()).containsIgnoringCase("commit");
                    refused.incrementAndGet();
                }
            }
            follower.get();
        }
        System.out.println(
                "contended: " + rounds + " commits of ours, " + theirs + " of theirs, " + refused + " refused there");

        long updates = theirs.get() - theirs.get() / 4;
        assertThat(theirs.get()).isGreaterThanOrEqualTo(rounds / 2);
        assertSame("SELECT * FROM raw_cluster.contended ORDER BY id");
        assertThat(rows(
                        lake,
                        "SELECT count(*), count(DISTINCT id), count(*) FILTER (WHERE id < 1000 AND id % 7 = 0 AND n = "
                                + (1_000_000 + rounds - 1)
                                + "), count(*) FILTER (WHERE id >= 1500 AND id < 2000 AND n = id * 3 + "
                                + updates + ") FROM raw_cluster.contended",
                        null,
                        Map.of()))
                .containsExactly(List.of("" + (2_000 + rounds), "" + (2_000 + rounds), "143", "500"));
        assertThat(lake.summary(table).orElseThrow()).containsEntry("qiantang.position", "" + (rounds - 1));
    }

    @Test
    void queryThatNobodyWaitsForEndsThereToo() throws Exception {
        Query endless = new Query(
                "endless",
                "SELECT sum(a.id * b.id * c.id) FROM raw_cluster.person a, raw_cluster.person b, raw_cluster.person c",
                null,
                1,
                Map.of());

        try (ExecutorService asker = Executors.newSingleThreadExecutor()) {
            Future<?> answer = asker.submit(() -> throughCluster.run(endless, Lakes.NOBODY));
            Awaitility.await()
                    .atMost(Duration.ofMinutes(1))
                    .until(() -> !running().equals("0"));
            throughCluster.stop("endless");

            assertThatThrownBy(answer::get)
                    .cause()
                    .isInstanceOfSatisfying(
                            LakeException.class, e -> assertThat(e.kind()).isEqualTo(LakeException.Kind.CANCELLED));
        }
        Awaitility.await().atMost(Duration.ofMinutes(1)).until(() -> running().equals("0"));
    }

    private static String running() throws SQLException {
        return cluster.one(
                "SELECT count(*) FROM system.runtime.queries WHERE state = 'RUNNING' AND query LIKE '%a%b%c%' AND source ="
                        + " 'qiantang'");
    }

    @Test
    void queryWhoseWorkerDiesIsAskedAgain() throws Exception {
        Process worker = cluster.addWorker();
        String sql =
                "SELECT sum(a.id % 10 + b.id % 7) FROM raw_cluster.person a, raw_cluster.person b WHERE b.id < 15000 AND a.name <> b.name";
        List<List<String>> expected = rows(lake, sql, null, Map.of());

        List<List<String>> answered;
        try (ExecutorService asker = Executors.newSingleThreadExecutor()) {
            Future<List<List<String>>> answer;
            boolean caught;
            int asked = 0;
            do {
                // A table in one file is read by one node, and that may be the coordinator.
                assertThat(++asked).isLessThan(30);
                answer = asker.submit(() -> rows(throughCluster, sql, null, Map.of()));
                Future<List<List<String>>> now = answer;
                Awaitility.await().atMost(Duration.ofMinutes(1)).until(() -> now.isDone() || isWorkerBusy());
                caught = !now.isDone();
            } while (!caught);
            worker.destroyForcibly().waitFor();
            answered = answer.get();
        }

        assertThat(answered).isEqualTo(expected);
        assertThat(cluster.one(
                        "SELECT count(*) FROM system.runtime.queries WHERE state = 'FAILED' AND source = 'qiantang' AND"
                                + " error_type = 'INTERNAL_ERROR'"))
                .isNotEqualTo("0");
    }

    private static boolean isWorkerBusy() throws SQLException {
        return !cluster.one(
                        "SELECT count(*) FROM system.runtime.tasks t JOIN system.runtime.queries q ON q.query_id = t.query_id"
                                + " WHERE t.state = 'RUNNING' AND q.source = 'qiantang' AND t.node_id LIKE 'worker%'")
                .equals("0");
    }

    private static void assertSame(String sql) {
        List<RowSink.ResultColumn> here = new ArrayList<>();
        List<RowSink.ResultColumn> there = new ArrayList<>();
        List<List<String>> expected = rows(lake, sql, null, Map.of(), here);
        List<List<String>> answered = rows(throughCluster, sql, null, Map.of(), there);

        assertThat(there).as(sql).isEqualTo(here);
        assertThat(answered).as(sql).isEqualTo(expected);
        assertThat(expected).as(sql).isNotEmpty();
    }

    private static List<List<String>> rows(Queries asked, String sql, String asOf, Map<TableName, TablePolicy> masks) {
        return rows(asked, sql, asOf, masks, new ArrayList<>());
    }

    private static List<List<String>> rows(
            Queries asked,
            String sql,
            String asOf,
            Map<TableName, TablePolicy> masks,
            List<RowSink.ResultColumn> header) {
        List<List<String>> rows = new ArrayList<>();
        asked.run(new Query(sql, asOf, 200_000, masks), new RowSink() {
            @Override
            public void columns(List<ResultColumn> columns) {
                header.addAll(columns);
            }

            @Override
            public void row(List<String> values) {
                rows.add(values);
            }
        });
        return rows;
    }

    private static void change(TableChanges changes, Op op, long id, long n) {
        int row = changes.row(op, null);
        changes.batch().setLong(0, row, id);
        changes.batch().setLong(1, row, n);
        changes.batch().setText(2, row, "note " + n);
    }

    private static Commit write(TableName table, List<Column> columns, java.util.function.Consumer<Batch> row)
            throws Exception {
        try (TableWrite write = lake.replace(table, columns)) {
            write.write(once(1, row));
            return write.commit(Map.of());
        }
    }

    private static Column column(String name, LakeType type) {
        return new Column(name, type, "test", null);
    }

    private static ChunkReader once(int rows, java.util.function.Consumer<Batch> fill) {
        boolean[] done = {false};
        return batch -> {
            if (done[0]) {
                return 0;
            }
            done[0] = true;
            fill.accept(batch);
            return rows;
        };
    }

    private static ChunkReader numbers(long from, long to) {
        long[] next = {from};
        return batch -> {
            int row = 0;
            for (; row < batch.capacity() && next[0] < to; row++, next[0]++) {
                batch.setLong(0, row, next[0]);
                batch.setLong(1, row, next[0] * 3);
                batch.setText(2, row, "note " + next[0]);
            }
            return row;
        };
    }
}

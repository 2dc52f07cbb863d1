package org.qiantang.lake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.iceberg.expressions.Expressions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qiantang.testing.Lakes;
import org.qiantang.testing.TestPostgres;

class LakeTests {
    private static final AtomicInteger DATABASES = new AtomicInteger();
    private static final TableName PERSON = new TableName("raw_test", "public__person");

    @TempDir
    Path folder;

    private Lake lake;
    private LakeSettings settings;

    @BeforeEach
    void open() {
        String url = TestPostgres.shared().createDatabase("lake_" + DATABASES.incrementAndGet());
        settings = LakeSettings.small(
                url, TestPostgres.USER, TestPostgres.PASSWORD, folder.resolve("lake 湖"), folder.resolve("tmp"));
        lake = Lake.open(settings);
    }

    @AfterEach
    void close() {
        lake.close();
    }

    @Test
    void aTableKnowsTheBytesOfItsFiles() throws Exception {
        List<Column> columns = List.of(column("id", LakeType.INT64));
        for (int round = 0; round < 4; round++) {
            // The third round replaces what the first two have written.
            try (TableWrite write = round % 2 == 0 ? lake.replace(PERSON, columns) : lake.append(PERSON, columns)) {
                write.write(once(1000, batch -> {
                    for (int row = 0; row < 1000; row++) {
                        batch.setLong(0, row, row);
                    }
                }));
                write.commit(Map.of());
            }

            var table = lake.table(PERSON);
            long bytes = 0;
            for (var file : LiveFiles.of(table, table.currentSnapshot(), Expressions.alwaysTrue())
                    .all()
                    .toList()) {
                bytes += Files.size(LocalFileIO.path(file.location()));
            }
            assertThat(lake.state(PERSON).orElseThrow().bytes())
                    .isEqualTo(bytes)
                    .isPositive();
            assertThat(lake.state(PERSON).orElseThrow().rows()).isEqualTo(1000L * (round % 2 + 1));
        }
    }

    @Test
    void everyTypeIsReadBackAsItWasWritten() throws Exception {
        List<Column> columns = List.of(
                column("b", LakeType.BOOL),
                column("i", LakeType.INT32),
                column("l", LakeType.INT64),
                column("f", LakeType.FLOAT32),
                column("d", LakeType.FLOAT64),
                column("n", LakeType.decimal(12, 2)),
                column("n18", LakeType.decimal(18, 18)),
                column("big", LakeType.decimal(38, 10)),
                column("day", LakeType.DATE),
                column("t", LakeType.TIME),
                column("ts", LakeType.TIMESTAMP),
                column("tz", LakeType.TIMESTAMP_TZ),
                column("名 称\"x", LakeType.TEXT),
                column("u", LakeType.UUID),
                column("x", LakeType.BINARY));
        UUID uuid = UUID.fromString("f81d4fae-7dec-11d0-a765-00a0c91e6bf6");
        Commit commit;
        try (TableWrite write = lake.replace(PERSON, columns)) {
            write.write(once(3, batch -> {
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
                batch.setLong(11, 0, -Long.MAX_VALUE);
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

                for (int i = 0; i < columns.size(); i++) {
                    batch.setNull(i, 2);
                }
            }));
            commit = write.commit(Map.of("qiantang.run-id", "r1"));
        }

        assertThat(commit.rows()).isEqualTo(3);
        assertThat(commit.columns()).allMatch(ColumnProof::holds).allMatch(proof -> proof.nulls() == 1);
        assertThat(lake.summary(PERSON))
                .get()
                .extracting(map -> map.get("qiantang.run-id"))
                .isEqualTo("r1");
        assertThat(rows("SELECT * FROM raw_test.public__person"))
                .containsExactlyInAnyOrder(
                        row(
                                "true",
                                "-2147483648",
                                "-9223372036854775808",
                                "-0.1",
                                "nan",
                                "-9999999999.99",
                                "-0.000000000000000001",
                                "-9999999999999999999999999999.9999999999",
                                "-infinity",
                                "23:59:59.999999",
                                "infinity",
                                "-infinity",
                                "𠮷\u0000田",
                                uuid.toString(),
                                "\\x00ff07"),
                        row(
                                "false",
                                "7",
                                "-7",
                                "3.4028235e+38",
                                "-0.0",
                                "0.01",
                                "0.999999999999999999",
                                "0.0000000001",
                                "4743-01-01 (BC)",
                                "00:00:00",
                                "4714-11-24 (BC) 00:00:00",
                                "1970-01-01 08:00:00.000001+08",
                                "",
                                "00000000-0000-0000-0000-000000000000",
                                "\\x"),
                        java.util.Collections.nCopies(15, null));
    }

    @Test
    void manyPartsWrittenByTwoThreadsBecomeOneSnapshot() throws Exception {
        List<Column> columns = List.of(column("id", LakeType.INT64), column("name", LakeType.TEXT));
        Commit one;
        Commit two;
        try (TableWrite write = lake.replace(PERSON, columns)) {
            write.write(numbers(0, 20_000));
            one = write.commit(Map.of());
        }
        try (TableWrite write = lake.replace(PERSON, columns);
                var executor = java.util.concurrent.Executors.newFixedThreadPool(2)) {
            List<java.util.concurrent.Future<Long>> parts = IntStream.range(0, 8)
                    .mapToObj(i -> executor.submit(() -> write.write(numbers(i * 2_500L, (i + 1) * 2_500L))))
                    .toList();
            for (var part : parts) {
                assertThat(part.get()).isEqualTo(2_500);
            }
            two = write.commit(Map.of());
        }

        assertThat(two.rows()).isEqualTo(one.rows()).isEqualTo(20_000);
        assertThat(two.columns()).isEqualTo(one.columns());
        assertThat(rows("SELECT count(*), count(DISTINCT id), min(name) FROM raw_test.public__person"))
                .containsExactly(row("20000", "20000", "name 0"));
    }

    @Test
    void tablesOfANewNamespaceMayBeginAtTheSameTimeInTwoProcesses() throws Exception {
        List<Column> columns = List.of(column("id", LakeType.INT64));
        try (Lake other = Lake.open(settings);
                ExecutorService threads = Executors.newFixedThreadPool(4)) {
            for (int round = 0; round < 20; round++) {
                String namespace = "raw_new_" + round;
                CyclicBarrier together = new CyclicBarrier(4);
                List<Future<Commit>> commits = new ArrayList<>();
                for (int i = 0; i < 4; i++) {
                    TableName name = new TableName(namespace, "t" + i);
                    Lake mine = i % 2 == 0 ? lake : other;
                    commits.add(threads.submit(() -> {
                        together.await();
                        try (TableWrite write = mine.replace(name, columns)) {
                            return write.commit(Map.of());
                        }
                    }));
                }
                for (Future<Commit> commit : commits) {
                    commit.get();
                }
            }
            assertThat(lake.names()).hasSize(80).isEqualTo(other.names());
        }
    }

    @Test
    void aTableThatTwoBeginAtTheSameTimeIsOneOfThem() throws Exception {
        List<Column> columns = List.of(column("id", LakeType.INT64));
        try (Lake other = Lake.open(settings);
                TableWrite first = lake.replace(PERSON, columns);
                TableWrite second = other.replace(PERSON, columns)) {
            first.write(numbersOnly(0, 10));
            second.write(numbersOnly(0, 20));
            Commit commit = first.commit(Map.of());

            assertThatThrownBy(() -> second.commit(Map.of())).isInstanceOf(LakeException.class);
            assertThat(other.state(PERSON).orElseThrow().snapshotId()).isEqualTo(commit.snapshotId());
            assertThat(other.state(PERSON).orElseThrow().rows()).isEqualTo(10);
        }
    }

    @Test
    void whatTwoProcessesAppendToATableAtTheSameTimeIsAllThere() throws Exception {
        List<Column> columns = List.of(column("id", LakeType.INT64));
        replace(columns, batch -> batch.setLong(0, 0, -1));
        try (Lake other = Lake.open(settings);
                ExecutorService threads = Executors.newFixedThreadPool(2)) {
            for (int round = 0; round < 10; round++) {
                CyclicBarrier together = new CyclicBarrier(2);
                List<Future<Commit>> commits = new ArrayList<>();
                for (int i = 0; i < 2; i++) {
                    Lake mine = i == 0 ? lake : other;
                    long from = round * 20 + i * 10;
                    commits.add(threads.submit(() -> {
                        try (TableWrite write = mine.append(PERSON, columns)) {
                            write.write(numbersOnly(from, from + 10));
                            together.await();
                            return write.commit(Map.of());
                        }
                    }));
                }
                for (Future<Commit> commit : commits) {
                    commit.get();
                }
            }
        }

        assertThat(lake.state(PERSON).orElseThrow().rows()).isEqualTo(201);
    }

    @Test
    void tableWithoutRowsIsThereWithItsColumns() throws Exception {
        try (TableWrite write = lake.replace(PERSON, List.of(column("id", LakeType.INT64)))) {
            write.write(batch -> 0);
            assertThat(write.commit(Map.of()).rows()).isZero();
        }

        assertThat(rows("SELECT count(id) FROM raw_test.public__person")).containsExactly(row("0"));
        assertThat(lake.tables()).singleElement().satisfies(state -> {
            assertThat(state.table()).isEqualTo(PERSON);
            assertThat(state.rows()).isZero();
        });
    }

    @Test
    void writeThatIsNotCommittedLeavesNothing() throws Exception {
        try (TableWrite write = lake.replace(PERSON, List.of(column("id", LakeType.INT64)))) {
            write.write(numbersOnly(0, 10));
        }

        assertThat(lake.tables()).isEmpty();
        try (var files = Files.walk(settings.warehouse())) {
            assertThat(files.filter(file -> file.toString().endsWith(".parquet")))
                    .isEmpty();
        }
    }

    @Test
    void columnsComeGoAndChangeAndOldSnapshotsStayReadable() throws Exception {
        Commit before = replace(
                List.of(column("id", LakeType.INT32), column("lat", LakeType.FLOAT64), column("n", LakeType.TEXT)),
                batch -> {
                    batch.setLong(0, 0, 1);
                    batch.setDouble(1, 0, 30.5);
                    batch.setText(2, 0, "7");
                });
        replace(
                List.of(column("phone", LakeType.TEXT), column("id", LakeType.INT64), column("n", LakeType.INT32)),
                batch -> {
                    batch.setText(0, 0, "138");
                    batch.setLong(1, 0, 2);
                    batch.setLong(2, 0, 8);
                });

        assertThat(rows("SELECT * FROM raw_test.public__person")).containsExactly(row("138", "2", "8"));
        assertThat(rows("SELECT * FROM raw_test.public__person", "" + before.snapshotId()))
                .containsExactly(row("1", "30.5", "7"));
        assertThat(rows("SELECT id FROM raw_test.public__person", before.at().toString()))
                .containsExactly(row("1"));
        assertThatThrownBy(() -> rows("SELECT 1 FROM raw_test.public__person", "2001-01-01T00:00:00Z"))
                .isInstanceOfSatisfying(
                        LakeException.class, e -> assertThat(e.kind()).isEqualTo(LakeException.Kind.NO_SUCH_SNAPSHOT));
    }

    @Test
    void valueThatDoesNotFitNamesItsColumnAndLeavesTheTableAsItWas() throws Exception {
        replace(List.of(column("id", LakeType.INT32)), batch -> batch.setLong(0, 0, 1));

        try (TableWrite write = lake.replace(PERSON, List.of(column("id", LakeType.INT32)))) {
            assertThatThrownBy(() -> write.write(batch -> {
                        throw LakeException.doesNotFit("id", "a word");
                    }))
                    .isInstanceOfSatisfying(
                            LakeException.class, e -> assertThat(e.column()).isEqualTo("id"));
        }

        assertThat(rows("SELECT id FROM raw_test.public__person")).containsExactly(row("1"));
    }

    @Test
    void answerKeepsTheOrderTheStatementAskedFor() throws Exception {
        try (TableWrite write = lake.replace(PERSON, List.of(column("id", LakeType.INT64)))) {
            write.write(numbersOnly(0, 30_000));
            write.write(numbersOnly(30_000, 60_000));
            write.commit(Map.of());
        }

        List<List<String>> descending = rows("SELECT id FROM raw_test.public__person ORDER BY id DESC -- newest first");

        assertThat(descending).hasSize(60_000);
        assertThat(descending.get(0)).containsExactly("59999");
        assertThat(descending)
                .isSortedAccordingTo((a, b) -> Long.compare(Long.parseLong(b.get(0)), Long.parseLong(a.get(0))));
    }

    @Test
    void maskIsPartOfTheReadSoNoConditionSeesBehindIt() throws Exception {
        replace(
                List.of(
                        column("name", LakeType.TEXT),
                        column("id_no", LakeType.TEXT),
                        column("pay", LakeType.decimal(9, 2))),
                batch -> {
                    batch.setText(0, 0, "欧阳𠮷");
                    batch.setText(1, 0, "11010519491231002X");
                    batch.setLong(2, 0, 12345);
                });
        Map<TableName, TablePolicy> masks = Map.of(
                PERSON,
                TablePolicy.masking(Map.of(
                        "name", new Mask.KeepEnds(1, 0), "id_no", new Mask.KeepEnds(1, 2), "pay", new Mask.Hide())));

        assertThat(rows("SELECT * FROM raw_test.public__person", null, masks))
                .containsExactly(row("欧**", "1***************2X", null));
        assertThat(rows(
                        "SELECT 1 FROM raw_test.public__person WHERE id_no = '11010519491231002X' OR pay > 0",
                        null,
                        masks))
                .isEmpty();
    }

    @Test
    void queryThatNobodyWaitsForIsStoppedByItsId() throws Exception {
        Query endless = new Query(
                "one", "SELECT sum(a.range * b.range) FROM range(9999999) a, range(9999999) b", null, 1, Map.of());

        try (ExecutorService asker = Executors.newSingleThreadExecutor()) {
            Future<?> answer = asker.submit(() -> lake.run(endless, Lakes.NOBODY));
            while (!answer.isDone()) {
                lake.stop("another");
                lake.stop("one");
                Thread.onSpinWait();
            }

            assertThatThrownBy(answer::get)
                    .cause()
                    .isInstanceOfSatisfying(
                            LakeException.class, e -> assertThat(e.kind()).isEqualTo(LakeException.Kind.CANCELLED));
        }
        assertThat(rows("SELECT 1")).containsExactly(row("1"));
    }

    @Test
    void parameterOfAStatementIsAValueWhateverItLooksLike() {
        String sql =
                "SELECT r, CAST($2 AS DATE) AS d FROM range(3) t(r) WHERE CAST(r AS VARCHAR) = CAST($1 AS VARCHAR)";

        assertThat(Lakes.rows(lake, asked(sql, "1", "2026-11-28"))).containsExactly(row("1", "2026-11-28"));
        assertThat(Lakes.rows(lake, asked(sql, "1", null))).containsExactly(row("1", null));
        assertThat(Lakes.rows(lake, asked(sql, "1' OR '1' = '1", null))).isEmpty();
        assertThat(lake.references(sql).tables()).isEmpty();
        assertThatThrownBy(() -> Lakes.rows(lake, asked(sql, "1", "not a day")))
                .isInstanceOfSatisfying(
                        LakeException.class, e -> assertThat(e.kind()).isEqualTo(LakeException.Kind.BAD_STATEMENT));
    }

    private static Query asked(String sql, String... parameters) {
        return new Query("asked", sql, null, 10, Map.of(), java.util.Arrays.asList(parameters));
    }

    @Test
    void statementSaysWhichColumnsItMayRead() {
        Queries.References some = lake.references("""
                WITH x AS (SELECT p.Name AS who, age FROM raw_test.public__person p JOIN raw_test.b USING (id))
                SELECT who AS "Applicant", count(*) FROM x GROUP BY ALL""");
        Queries.References all = lake.references("SELECT COLUMNS('n.*') FROM raw_test.b");
        Queries.References row = lake.references("SELECT p FROM raw_test.b AS p");

        assertThat(some.tables()).containsExactly(new TableName("raw_test", "b"), PERSON);
        assertThat(some.mayRead("NAME")).isTrue();
        assertThat(some.mayRead("id")).isTrue();
        assertThat(some.mayRead("address")).isFalse();
        assertThat(some.origin("Applicant")).isEqualTo("name");
        assertThat(some.origin("age")).isEqualTo("age");
        assertThat(all.mayRead("name")).isTrue();
        assertThat(row.mayRead("name")).isTrue();
    }

    @Test
    void wrongStatementSaysWhere() throws Exception {
        replace(List.of(column("id", LakeType.INT64)), batch -> batch.setLong(0, 0, 1));

        assertWrongAt("SELECT '湖', nothing\nFROM raw_test.public__person", "nothing", "\"nothing\" not found");
        assertWrongAt(" SELECT '湖' FRM x y", "x y", "syntax error");
    }

    private void assertWrongAt(String sql, String where, String words) {
        assertThatThrownBy(() -> rows(sql)).isInstanceOfSatisfying(LakeException.class, e -> {
            assertThat(e.kind()).isEqualTo(LakeException.Kind.BAD_STATEMENT);
            assertThat(e.getMessage())
                    .contains(words)
                    .doesNotContain("DESCRIBE")
                    .doesNotContain("exception_type");
            assertThat(e.position()).isEqualTo(sql.indexOf(where));
        });
    }

    @Test
    void onlyReadsOfLakeTablesMayRun() throws Exception {
        replace(List.of(column("id", LakeType.INT32)), batch -> batch.setLong(0, 0, 1));

        for (String sql : List.of(
                "DROP TABLE raw_test.public__person",
                "SELECT 1; SELECT 2",
                "COPY (SELECT 1) TO '/tmp/x'",
                "SELECT * FROM read_csv('/etc/passwd')",
                "SELECT * FROM '/etc/passwd'",
                "SELECT * FROM glob('/*')",
                "SELECT * FROM duckdb_settings()",
                "SELECT current_setting('temp_directory')",
                "SELECT * FROM information_schema.tables",
                "SELECT * FROM memory.raw_test.public__person",
                "SELECT * FROM person",
                "SELECT getenv('HOME')",
                "SELECT * FROM query('SELECT 1')",
                "WITH t AS (SELECT * FROM read_text('/etc/passwd')) SELECT * FROM t",
                "SELECT (SELECT count(*) FROM read_blob('/etc/passwd'))",
                "SET threads = 64",
                "ATTACH '/tmp/x.db'",
                "selec 1")) {
            assertThatThrownBy(() -> rows(sql)).as(sql).isInstanceOf(LakeException.class);
        }
        assertThat(rows("WITH t AS (SELECT id FROM raw_test.public__person) SELECT count(*) FROM t, range(3)"))
                .containsExactly(row("3"));
    }

    @Test
    void powerLossKeepsWhatWasCommitted() throws Exception {
        java.util.Set<Path> forced = java.util.concurrent.ConcurrentHashMap.newKeySet();
        java.util.Map<Path, java.util.Set<Path>> entries = new java.util.concurrent.ConcurrentHashMap<>();
        lake.close();
        lake = Lake.open(settings, path -> {
            if (Files.isDirectory(path)) {
                try (var children = Files.list(path)) {
                    entries.computeIfAbsent(path, any -> java.util.concurrent.ConcurrentHashMap.newKeySet())
                            .addAll(children.toList());
                } catch (java.io.IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            } else {
                forced.add(path);
            }
        });
        replace(List.of(column("id", LakeType.INT32)), batch -> batch.setLong(0, 0, 42));
        lake.close();

        loseWhatWasNotForced(settings.warehouse(), forced, entries);
        lake = Lake.open(settings);

        assertThat(rows("SELECT id FROM raw_test.public__person")).containsExactly(row("42"));
    }

    /** Leaves what a disk would hold: files whose content was forced, in folders that were forced after the file was in them. */
    private static void loseWhatWasNotForced(
            Path root, java.util.Set<Path> forced, java.util.Map<Path, java.util.Set<Path>> entries) throws Exception {
        List<Path> lost = new ArrayList<>();
        try (var files = Files.walk(root)) {
            for (Path path : files.toList()) {
                boolean known = path.equals(root)
                        || entries.getOrDefault(path.getParent(), java.util.Set.of())
                                .contains(path);
                boolean whole = Files.isDirectory(path) || forced.contains(path);
                if (!known || !whole) {
                    lost.add(path);
                }
            }
        }
        lost.sort(java.util.Comparator.reverseOrder());
        for (Path path : lost) {
            if (Files.exists(path)) {
                try (var below = Files.walk(path)) {
                    below.sorted(java.util.Comparator.reverseOrder())
                            .forEach(file -> file.toFile().delete());
                }
            }
        }
    }

    private Commit replace(List<Column> columns, java.util.function.Consumer<Batch> row) throws Exception {
        try (TableWrite write = lake.replace(PERSON, columns)) {
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
                if (next[0] % 10 == 3) {
                    batch.setNull(1, row);
                } else {
                    batch.setText(1, row, ("name " + next[0]).getBytes(StandardCharsets.UTF_8));
                }
            }
            return row;
        };
    }

    private static ChunkReader numbersOnly(long from, long to) {
        long[] next = {from};
        return batch -> {
            int row = 0;
            for (; row < batch.capacity() && next[0] < to; row++, next[0]++) {
                batch.setLong(0, row, next[0]);
            }
            return row;
        };
    }

    private List<List<String>> rows(String sql) {
        return rows(sql, null);
    }

    private List<List<String>> rows(String sql, String asOf) {
        return rows(sql, asOf, Map.of());
    }

    private List<List<String>> rows(String sql, String asOf, Map<TableName, TablePolicy> masks) {
        return Lakes.rows(lake, new Query(sql, asOf, 100_000, masks));
    }

    private static List<String> row(String... values) {
        return java.util.Arrays.asList(values);
    }
}

package org.qiantang.lake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qiantang.testing.TestPostgres;

/** Tables made of tables: whole or not at all, and nothing written that was there already. */
class DerivationTests {
    private static final AtomicInteger DATABASES = new AtomicInteger();
    private static final TableName PERSON = new TableName("raw_police", "person");
    private static final TableName CODES = new TableName("codes", "sex");
    private static final TableName STANDARD = new TableName("std_person", "resident");
    private static final String SQL = "SELECT p.id, upper(p.name) AS name, c.name AS sex FROM raw_police.person p"
            + " LEFT JOIN codes.sex c ON c.code = p.sex";

    @TempDir
    Path folder;

    private Lake lake;

    @BeforeEach
    void open() throws Exception {
        String url = TestPostgres.shared().createDatabase("derived_" + DATABASES.incrementAndGet());
        lake = Lake.open(LakeSettings.small(
                url, TestPostgres.USER, TestPostgres.PASSWORD, folder.resolve("lake"), folder.resolve("tmp")));
        lake.derive(derivation(
                CODES,
                Derivation.ofRows(List.of("code", "name"), List.of(List.of("1", "男"), List.of("2", "女'\"--"))),
                "code"));
    }

    @AfterEach
    void close() {
        lake.close();
    }

    @Test
    void aResultBecomesATableWithTheSnapshotsItWasMadeOf() throws Exception {
        persons(Map.of(1L, "anna/1", 2L, "bo/2", 3L, "cy/9"));

        Derivation.Result made = lake.derive(derivation(STANDARD, SQL, "id"));

        assertThat(rows(STANDARD)).containsExactly("1|ANNA|男", "2|BO|女'\"--", "3|CY|null");
        assertThat(made.inputs())
                .extracting(input -> input.table().toString(), Queries.TableState::snapshotId)
                .containsExactlyInAnyOrder(
                        org.assertj.core.groups.Tuple.tuple("codes.sex", snapshot(CODES)),
                        org.assertj.core.groups.Tuple.tuple("raw_police.person", snapshot(PERSON)));
        assertThat(made.columns()).extracting(Derivation.Made::type).containsExactly("long", "string", "string");
        assertThat(made.columns()).extracting(Derivation.Made::nulls).containsExactly(0L, 0L, 1L);
        assertThat(made.samples().get("name")).containsExactlyInAnyOrder("ANNA", "BO", "CY");
        assertThat(made.table().snapshotId()).isEqualTo(snapshot(STANDARD));
        assertThat(lake.summary(STANDARD).orElseThrow()).containsEntry("qiantang.mapping", STANDARD.toString());
    }

    @Test
    void whatIsThereAlreadyIsNotWrittenAgain() throws Exception {
        persons(Map.of(1L, "anna/1", 2L, "bo/2"));
        lake.derive(derivation(STANDARD, SQL, "id"));
        long before = snapshot(STANDARD);
        lake.derive(derivation(new TableName("std_person", "unkeyed"), SQL));
        long unkeyed = snapshot(new TableName("std_person", "unkeyed"));

        assertThat(lake.derive(derivation(STANDARD, SQL, "id")).changed()).isFalse();
        assertThat(lake.derive(derivation(new TableName("std_person", "unkeyed"), SQL))
                        .changed())
                .isFalse();

        assertThat(snapshot(STANDARD)).isEqualTo(before);
        assertThat(snapshot(new TableName("std_person", "unkeyed"))).isEqualTo(unkeyed);
    }

    @Test
    void swappedValuesAreAChangeThoughEachColumnHoldsTheSame() throws Exception {
        TableName unkeyed = new TableName("std_person", "unkeyed");
        persons(Map.of(1L, "anna/1", 2L, "bo/2"));
        lake.derive(derivation(unkeyed, SQL));
        persons(Map.of(1L, "bo/1", 2L, "anna/2"));

        assertThat(lake.derive(derivation(unkeyed, SQL)).changed()).isTrue();
        assertThat(rows(unkeyed)).containsExactly("1|BO|男", "2|ANNA|女'\"--");
    }

    @Test
    void afterRandomChangesTheChangedRowsMakeTheSameTableAsAllRows() throws Exception {
        Random random = new Random(20_261_128);
        TableName whole = new TableName("std_person", "whole");
        TreeMap<Long, String> persons = new TreeMap<>();
        for (long id = 0; id < 400; id++) {
            persons.put(id, "n" + id + "/" + random.nextInt(3));
        }
        persons(persons);
        lake.derive(derivation(STANDARD, SQL, "id"));
        int small = 0;
        for (int round = 0; round < 12; round++) {
            for (int change = 0; change < 1 + random.nextInt(30); change++) {
                long id = random.nextInt(450);
                if (random.nextInt(4) == 0) {
                    persons.remove(id);
                } else {
                    persons.put(
                            id, random.nextInt(5) == 0 ? "null/1" : "m" + random.nextInt(9) + "/" + random.nextInt(3));
                }
            }
            persons(persons);

            Derivation.Result changed = lake.derive(derivation(STANDARD, SQL, "id"));
            lake.derive(derivation(whole, SQL));

            assertThat(rows(STANDARD)).as("round " + round).isEqualTo(rows(whole));
            if (changed.changed() && changed.added() < 100) {
                small++;
            }
        }
        assertThat(small).as("rounds that wrote less than a quarter").isGreaterThan(6);
    }

    @Test
    void aStoredTableIsMeasuredJustAsOneThatComesIn() throws Exception {
        List<Column> columns = List.of(
                new Column("id", LakeType.INT64, "bigint", null),
                new Column("name", LakeType.TEXT, "text", null),
                new Column("born", LakeType.DATE, "date", null),
                new Column("seen", LakeType.TIMESTAMP, "timestamp", null),
                new Column("weight", LakeType.FLOAT64, "double", null),
                new Column("amount", LakeType.decimal(12, 2), "decimal", null),
                new Column("wide", LakeType.decimal(30, 3), "decimal", null),
                new Column("alive", LakeType.BOOL, "bool", null));
        TableName table = new TableName("raw_police", "measured");
        Random random = new Random(20_261_128);
        int[] left = {9_000};
        Commit commit;
        try (TableWrite write = lake.replace(table, columns)) {
            write.profile();
            write.write(batch -> {
                int rows = Math.min(left[0], batch.capacity());
                for (int row = 0; row < rows; row++) {
                    batch.setLong(0, row, random.nextInt(100_000));
                    if (random.nextInt(5) == 0) {
                        batch.setNull(1, row);
                    } else {
                        batch.setText(1, row, "钱塘" + random.nextInt(3_000));
                    }
                    batch.setLong(2, row, row == 7 ? Batch.INFINITE_DATE : random.nextInt(20_000));
                    batch.setLong(3, row, row == 9 ? -Long.MAX_VALUE : random.nextLong(1_700_000_000_000_000L));
                    batch.setDouble(4, row, random.nextGaussian());
                    batch.setLong(5, row, random.nextInt(1_000_000));
                    batch.setDecimal(6, row, new java.math.BigInteger(90, random).negate());
                    batch.setBool(7, row, random.nextBoolean());
                }
                left[0] -= rows;
                return rows;
            });
            commit = write.commit(Map.of());
        }

        TableProfile measured = lake.profile(table);

        assertThat(measured.columns()).isEqualTo(commit.profiles());
        assertThat(measured.snapshotId()).isEqualTo(snapshot(table));
        assertThat(measured.columns().get(1).nulls()).isPositive();
    }

    @Test
    void whatWasDeletedIsNotMeasured() throws Exception {
        persons(Map.of(1L, "anna/1", 2L, "bo/2", 3L, "cy/1", 4L, "di/1", 5L, "eve/1"));
        lake.derive(derivation(STANDARD, SQL, "id"));
        persons(Map.of(1L, "anna/1", 2L, "bo/2", 3L, "cy/1", 4L, "di/1"));
        lake.derive(derivation(STANDARD, SQL, "id"));

        ColumnProfile names = lake.profile(STANDARD).columns().get(1);

        assertThat(names.rows()).isEqualTo(4);
        assertThat(names.values().top()).extracting(ColumnProfile.Top::value).containsExactly("ANNA", "BO", "CY", "DI");
    }

    @Test
    void aTableWithoutRowsIsATable() throws Exception {
        persons(Map.of());

        lake.derive(derivation(STANDARD, SQL, "id"));

        assertThat(rows(STANDARD)).isEmpty();
        assertThat(lake.shape(STANDARD).keySet()).containsExactly("id", "name", "sex");
        assertThat(lake.derive(derivation(CODES, Derivation.ofRows(List.of("code", "name"), List.of()), "code"))
                        .removed())
                .isEqualTo(2);
        assertThat(rows(CODES)).isEmpty();
    }

    @Test
    void aStatementThatCannotBecomeATableSaysWhy() throws Exception {
        persons(Map.of(1L, "anna/1", 2L, "bo/1"));

        assertRefused("SELECT 1 AS id FROM raw_police.person", "does not tell rows apart: 2 rows have 1 keys", "id");
        assertRefused("SELECT NULL AS id", "does not tell rows apart", "id");
        assertRefused("SELECT id FROM raw_police.person", "The key is not among the columns: uscc", "uscc");
        assertRefused("SELECT [1, 2] AS list", "Column list is a INTEGER[]");
        assertRefused("SELECT 1 AS a, 2 AS A", "Two columns are called");
        assertRefused("SELECT * FROM std_person.resident", "std_person.resident");
        assertRefused("SELECT * FROM read_csv('/etc/passwd')", "read_csv");
        assertRefused("DELETE FROM raw_police.person", "Only SELECT");
        assertRefused("SELECT nothing FROM raw_police.person", "nothing");
        assertThat(lake.find(STANDARD)).isEmpty();
        try (Stream<Path> left = Files.walk(folder)) {
            assertThat(left.filter(file -> file.toString().contains("resident")
                            && file.toString().endsWith(".parquet")))
                    .isEmpty();
        }
    }

    @Test
    void aTableIsNotMadeOfItself() throws Exception {
        persons(Map.of(1L, "anna/1"));
        lake.derive(derivation(STANDARD, SQL, "id"));

        assertRefused("SELECT * FROM std_person.resident", "cannot be made of itself", "id");
    }

    @Test
    void everyTypeOfTheEngineIsKeptOrRefused() throws Exception {
        TableName types = new TableName("std_test", "types");
        lake.derive(derivation(
                types,
                "SELECT 1::TINYINT AS a, 70000::UINTEGER AS b, 18446744073709551615::UBIGINT AS c,"
                        + " sum(x)::HUGEINT AS d, 1.50::DECIMAL(5,2) AS e, DATE '2026-02-28' AS f, TIME '23:59:59.999999' AS g,"
                        + " TIMESTAMP '2026-01-01 00:00:00.000001' AS h, TIMESTAMPTZ '2026-01-01 00:00:00+08' AS i,"
                        + " '3f333df6-90a4-4fda-8dd3-9485d27cee36'::UUID AS j, '\\xAB'::BLOB AS k, true AS l, 0.5::FLOAT AS m,"
                        + " '{\"a\":1}'::JSON AS n, 'x'::ENUM('x','y') AS o, NULL AS p FROM range(3) t(x)"));

        assertThat(lake.shape(types).values())
                .extracting(LakeType::label)
                .containsExactly(
                        "int",
                        "long",
                        "decimal(20,0)",
                        "decimal(38,0)",
                        "decimal(5,2)",
                        "date",
                        "time",
                        "timestamp",
                        "timestamptz",
                        "uuid",
                        "binary",
                        "boolean",
                        "float",
                        "string",
                        "string",
                        "string");
        assertThat(rows(types))
                .containsExactly("1|70000|18446744073709551615|3|1.50|2026-02-28|23:59:59.999999|"
                        + "2026-01-01 00:00:00.000001|2026-01-01 00:00:00+08|3f333df6-90a4-4fda-8dd3-9485d27cee36|\\xab|true|0.5|"
                        + "{\"a\":1}|x|null");
        assertThat(lake.derive(derivation(types, "SELECT 1::BIGINT AS a")).changed())
                .as("another shape")
                .isTrue();
    }

    @Test
    void aDerivationThatIsStoppedLeavesTheTableAsItWas() throws Exception {
        persons(Map.of(1L, "anna/1"));
        lake.derive(derivation(STANDARD, SQL, "id"));
        String id = UUID.randomUUID().toString();
        Derivation endless = new Derivation(
                id,
                STANDARD,
                "SELECT count(*) AS id, 'x' AS name, 'y' AS sex FROM range(100000000) a, range(100000000) b",
                List.of(),
                Map.of(),
                Map.of());
        Thread stopping = Thread.ofVirtual().start(() -> {
            while (!Thread.currentThread().isInterrupted()) {
                lake.stop(id);
                Thread.onSpinWait();
            }
        });

        assertThatThrownBy(() -> lake.derive(endless))
                .isInstanceOfSatisfying(
                        LakeException.class, e -> assertThat(e.kind()).isEqualTo(LakeException.Kind.CANCELLED));
        stopping.interrupt();

        assertThat(rows(STANDARD)).containsExactly("1|ANNA|男");
    }

    @Test
    void aRehearsalSaysWhichRowsAreMissingAndWhichWereNotExpected() throws Exception {
        persons(Map.of());
        String given = "[{\"id\": 7, \"name\": \"anna\", \"sex\": \"1\"}, {\"id\": 8, \"sex\": \"5\"}]";
        List<Rehearsal.Given> rows = List.of(
                new Rehearsal.Given(PERSON, given), new Rehearsal.Given(CODES, "[{\"code\": \"1\", \"name\": \"男\"}]"));

        assertThat(lake.rehearse(new Rehearsal(
                                SQL, rows, "[{\"id\": 8, \"name\": null}, {\"name\": \"ANNA\", \"id\": 7}]"))
                        .isGood())
                .isTrue();
        Rehearsal.Outcome wrong = lake.rehearse(new Rehearsal(SQL, rows, "[{\"id\": 7, \"sex\": \"女\"}]"));
        assertThat(wrong.missing()).containsExactly("{\"id\":7,\"sex\":\"女\"}");
        assertThat(wrong.unexpected()).containsExactly("{\"id\":7,\"sex\":\"男\"}", "{\"id\":8,\"sex\":null}");
        assertThat(lake.rehearse(new Rehearsal(SQL, rows, "[]")).unexpected()).hasSize(2);
        assertThatThrownBy(() -> lake.rehearse(new Rehearsal(SQL, rows, "[{\"nothing\": 1}]")))
                .hasMessageContaining("No such column of the result: nothing");
        assertThatThrownBy(() -> lake.rehearse(new Rehearsal(SQL, rows, "{"))).hasMessageContaining("no JSON");
        assertThatThrownBy(() -> lake.rehearse(new Rehearsal(SQL, List.of(new Rehearsal.Given(STANDARD, "[]")), "[]")))
                .hasMessageContaining("does not read std_person.resident");
    }

    private void assertRefused(String sql, String words, String... key) {
        assertThatThrownBy(() -> lake.derive(derivation(STANDARD, sql, key)))
                .isInstanceOf(LakeException.class)
                .hasMessageContaining(words);
    }

    private static Derivation derivation(TableName table, String sql, String... key) {
        return new Derivation(
                UUID.randomUUID().toString(),
                table,
                sql,
                List.of(key),
                Map.of(),
                Map.of("qiantang.mapping", table.toString()));
    }

    /** By id {@code name/sex}; the name {@code null} is none. */
    private void persons(Map<Long, String> persons) throws Exception {
        List<Column> columns = List.of(
                new Column("id", LakeType.INT64, "bigint", null),
                new Column("name", LakeType.TEXT, "text", null),
                new Column("sex", LakeType.TEXT, "text", null));
        List<Map.Entry<Long, String>> left = new ArrayList<>(persons.entrySet());
        try (TableWrite write = lake.replace(PERSON, columns)) {
            write.write(batch -> {
                int row = 0;
                for (Map.Entry<Long, String> person : left) {
                    String[] parts = person.getValue().split("/");
                    batch.setLong(0, row, person.getKey());
                    if (parts[0].equals("null")) {
                        batch.setNull(1, row);
                    } else {
                        batch.setText(1, row, parts[0].getBytes(StandardCharsets.UTF_8));
                    }
                    batch.setText(2, row, parts[1].getBytes(StandardCharsets.UTF_8));
                    row++;
                }
                left.clear();
                return row;
            });
            write.commit(Map.of());
        }
    }

    private long snapshot(TableName table) {
        return lake.state(table).orElseThrow().snapshotId();
    }

    private List<String> rows(TableName table) {
        List<String> rows = new ArrayList<>();
        lake.run(new Query("SELECT * FROM " + table + " ORDER BY ALL", null, 10_000, Map.of()), new RowSink() {
            @Override
            public void columns(List<ResultColumn> columns) {
                // their values are enough
            }

            @Override
            public void row(List<String> values) {
                rows.add(String.join("|", values.stream().map(String::valueOf).toList()));
            }
        });
        return rows;
    }
}

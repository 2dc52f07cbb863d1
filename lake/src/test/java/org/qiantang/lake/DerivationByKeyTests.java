package org.qiantang.lake;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qiantang.testing.TestPostgres;

/** What is made for the keys concerned is what the whole makes, and where that is not so the whole is made and says why. */
class DerivationByKeyTests {
    private static final AtomicInteger DATABASES = new AtomicInteger();
    private static final TableName PERSON = new TableName("raw_police", "person");
    private static final TableName PHONE = new TableName("raw_telecom", "phone");
    private static final TableName CODES = new TableName("codes", "sex");
    private static final TableName MADE = new TableName("std_person", "resident");
    private static final TableName WHOLE = new TableName("std_person", "whole");
    private static final String JOINED =
            "SELECT p.id, max(upper(p.name)) AS name, max(c.name) AS sex, count(t.name) AS phones"
                    + " FROM raw_police.person p LEFT JOIN raw_telecom.phone t ON t.id = p.id"
                    + " LEFT JOIN codes.sex c ON c.code = p.sex GROUP BY p.id";
    private static final String EARLIEST = "SELECT id, name, sex FROM raw_police.person"
            + " QUALIFY row_number() OVER (PARTITION BY id ORDER BY name NULLS LAST, sex NULLS LAST) = 1";

    @TempDir
    Path folder;

    private Lake lake;
    private Derivation.Basis basis;

    @BeforeEach
    void open() throws Exception {
        String url = TestPostgres.shared().createDatabase("by_key_" + DATABASES.incrementAndGet());
        lake = Lake.open(LakeSettings.small(
                url, TestPostgres.USER, TestPostgres.PASSWORD, folder.resolve("lake"), folder.resolve("tmp")));
        lake.derive(new Derivation(
                "codes",
                CODES,
                Derivation.ofRows(List.of("code", "name"), List.of(List.of("1", "男"), List.of("2", "女"))),
                List.of("code"),
                Map.of(),
                Map.of()));
        List<String> persons = new ArrayList<>();
        for (int id = 0; id < 200; id++) {
            persons.add(id + "/n" + id + "/" + id % 3);
        }
        fill(PERSON, persons);
        fill(PHONE, persons.subList(0, 100));
    }

    @AfterEach
    void close() {
        lake.close();
    }

    @Test
    void onlyTheKeysConcernedAreMadeAndTheyAreAsTheWholeMakesThem() throws Exception {
        assertWhole(make(JOINED, "id"), Derivation.Why.ASKED, "");
        change(PERSON, "-7/n7/1", "+7/neu/2", "-9/n9/0", "+900/new/1");
        change(PHONE, "+7/more/1", "-8/n8/2");

        Derivation.Result part = make(JOINED, "id");

        assertThat(part.course().whole()).isNull();
        assertThat(part.added()).isEqualTo(3);
        assertThat(part.removed()).isEqualTo(3);
        assertThat(part.course().read())
                .extracting(read -> read.table().name(), Derivation.Read::rows)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("sex", 2L),
                        org.assertj.core.groups.Tuple.tuple("person", 3L),
                        org.assertj.core.groups.Tuple.tuple("phone", 3L));
        assertThat(make(JOINED, "id").changed()).as("nothing has changed since").isFalse();
        assertThat(basis.rows()).isEqualTo(200);
    }

    @Test
    void afterRandomChangesThePartsMakeTheSameTableAsTheWholeWithTheSameProof() throws Exception {
        Random random = new Random(4);
        List<String> statements = List.of(
                JOINED,
                EARLIEST,
                "SELECT id, max(name) AS name, count(*) AS n FROM (SELECT id, name FROM raw_police.person UNION ALL"
                        + " SELECT id, sex FROM raw_telecom.phone) GROUP BY id",
                "WITH said AS (SELECT id::VARCHAR AS key, 'police' AS origin, name FROM raw_police.person UNION ALL"
                        + " SELECT id::VARCHAR, 'telecom', name FROM raw_telecom.phone WHERE sex <> '1')"
                        + " SELECT key, origin, max(name) AS name FROM said WHERE key IS NOT NULL GROUP BY ALL");
        for (String sql : statements) {
            String[] key = sql.contains("origin") ? new String[] {"key", "origin"} : new String[] {"id"};
            basis = null;
            make(sql, key);
            int parts = 0;
            for (int round = 0; round < 8; round++) {
                for (TableName table : List.of(PERSON, PHONE)) {
                    List<String> changes = new ArrayList<>();
                    List<String> rows = rows("SELECT id || '/' || name || '/' || sex FROM " + table + " ORDER BY ALL");
                    for (int i = random.nextInt(5); i > 0; i--) {
                        String row = rows.remove(random.nextInt(rows.size()));
                        changes.add("-" + row);
                        if (random.nextInt(3) > 0) {
                            // Where several rows have one id only one of them is changed, and ids move.
                            changes.add("+" + (random.nextInt(4) == 0 ? random.nextInt(220) : row.split("/")[0]) + "/m"
                                    + random.nextInt(9) + "/" + random.nextInt(3));
                        }
                    }
                    if (!changes.isEmpty()) {
                        change(table, changes.toArray(String[]::new));
                    }
                }
                if (round == 4) {
                    new Upkeep(lake, Upkeep.Policy.DEFAULT).all();
                }
                if (make(sql, key).course().whole() == null) {
                    parts++;
                }
            }
            assertThat(parts).as(sql).isGreaterThan(5);
        }
    }

    @Test
    void aKeyThatMovesToAnotherRowOfAnInputIsFoundByBoth() throws Exception {
        change(PERSON, "+3/a/1", "+4/z/2");
        make(EARLIEST, "id");
        change(PERSON, "-3/a/1", "+4/a/1");

        Derivation.Result part = make(EARLIEST, "id");

        assertThat(part.course().whole()).isNull();
        assertThat(part.added()).isEqualTo(2);
    }

    @Test
    void aRowThatIsGoneLeavesTheTableWithItsLastInput() throws Exception {
        change(PERSON, "+3/a/1");
        make(EARLIEST, "id");
        change(PERSON, "-3/n3/0");
        assertThat(make(EARLIEST, "id").removed()).isZero();
        change(PERSON, "-3/a/1");

        Derivation.Result part = make(EARLIEST, "id");

        assertThat(part.course().whole()).isNull();
        assertThat(part.removed()).isEqualTo(1);
        assertThat(part.added()).isZero();
    }

    @Test
    void columnsThatAreMeantByTheirPlaceStayInTheirPlace() throws Exception {
        for (String sql : List.of(
                "SELECT x.a AS id, x.c AS sex FROM raw_police.person AS x(a, b, c)",
                "SELECT id, #3 AS sex FROM raw_police.person")) {
            basis = null;
            make(sql, "id");
            change(PERSON, "-" + touched % 50 + "/n" + touched % 50 + "/" + touched % 50 % 3);
            touch();

            assertThat(make(sql, "id").course().whole()).isNull();
        }
    }

    @Test
    void aTableThatIsLookedUpByAnotherColumnHasTheWholeMade() throws Exception {
        make(JOINED, "id");
        lake.derive(new Derivation(
                "codes",
                CODES,
                Derivation.ofRows(List.of("code", "name"), List.of(List.of("1", "男"), List.of("2", "女性"))),
                List.of("code"),
                Map.of(),
                Map.of()));

        assertWhole(make(JOINED, "id"), Derivation.Why.LOOKED_UP, "codes.sex");
    }

    @Test
    void nullsAmongTheKeysAreKeysToo() throws Exception {
        String sql = "SELECT coalesce(id, -1) AS id, count(*) AS n FROM raw_police.person GROUP BY ALL";
        change(PERSON, "+null/a/1", "+null/b/1");
        make(sql, "id");
        change(PERSON, "-null/a/1");

        assertThat(make(sql, "id").course().whole()).isNull();

        String plain = "SELECT id, name FROM raw_police.person WHERE id IS NOT NULL OR name = 'bad'";
        basis = null;
        make(plain, "id");
        change(PERSON, "+null/c/1");
        assertThat(make(plain, "id").course().whole()).isNull();
        change(PERSON, "+null/bad/1");
        org.assertj.core.api.Assertions.assertThatThrownBy(() -> make(plain, "id"))
                .as("what the whole refuses is refused")
                .hasMessageContaining("does not tell rows apart");
    }

    @Test
    void whatDependsOnMoreThanTheRowsOfAKeyIsMadeAsAWhole() throws Exception {
        assertNotByKey("SELECT id, name, rank() OVER (ORDER BY name) AS place FROM raw_police.person");
        assertNotByKey("SELECT id, name FROM raw_police.person ORDER BY name LIMIT 50");
        assertNotByKey("SELECT id, name, (SELECT count(*) FROM raw_police.person) AS n FROM raw_police.person");
        assertNotByKey("SELECT id, name FROM raw_police.person WHERE id > (SELECT avg(id) FROM raw_police.person)");
        assertNotByKey("SELECT row_number() OVER (ORDER BY id, name) AS id, name FROM raw_police.person");
        assertNotByKey("SELECT DISTINCT ON (name) id, name FROM raw_police.person ORDER BY name, id");
        assertNotByKey("SELECT max(id) AS id, name FROM raw_police.person GROUP BY name");
        assertNotByKey("SELECT id, name FROM raw_police.person p WHERE EXISTS"
                + " (FROM raw_police.person q WHERE q.name = p.name AND q.id >= p.id)");
        assertMoment("SELECT id, current_date AS today FROM raw_police.person", "current_date");
        assertMoment("SELECT id, random() AS r FROM raw_police.person", "random");
        assertMoment("SELECT id, age(TIMESTAMP '2026-01-01') AS r FROM raw_police.person", "age");
        assertMoment("SELECT id, any_value(name) AS n FROM raw_police.person GROUP BY id", "any_value");
        assertMoment("SELECT id, name FROM raw_police.person TABLESAMPLE reservoir(100 PERCENT)", "TABLESAMPLE");
    }

    private void assertNotByKey(String sql) throws Exception {
        basis = null;
        makeAlone(sql);
        touch();
        assertWhole(makeAlone(sql), Derivation.Why.NOT_BY_KEY, "");
    }

    private void assertMoment(String sql, String what) throws Exception {
        basis = null;
        String kept = sql.contains("age(") ? sql.replace(" AS r", "::VARCHAR AS r") : sql;
        makeAlone(kept);
        touch();
        assertWhole(makeAlone(kept), Derivation.Why.MOMENT, what);
    }

    private int touched = 5_000;

    private void touch() throws Exception {
        change(PERSON, "+" + touched++ + "/touch" + touched + "/1");
    }

    @Test
    void anotherTextAnotherShapeAnotherTableAndAnotherHistoryAreMadeAsAWhole() throws Exception {
        assertWhole(make(JOINED, "id"), Derivation.Why.ASKED, "");
        touch();
        assertWhole(make(JOINED.replace("upper", "lower"), "id"), Derivation.Why.STATEMENT, "");

        lake.reshape(
                PHONE,
                List.of(
                        new Column("id", LakeType.INT64, "bigint", null),
                        new Column("name", LakeType.TEXT, "text", null),
                        new Column("sex", LakeType.TEXT, "text", null),
                        new Column("more", LakeType.TEXT, "text", null)),
                Map.of());
        assertWhole(make(JOINED.replace("upper", "lower"), "id"), Derivation.Why.SHAPE, PHONE.toString());

        lake.derive(new Derivation(
                "x",
                MADE,
                "SELECT 1::BIGINT AS id, 'x' AS name, 'y' AS sex, 0::BIGINT AS phones",
                List.of("id"),
                Map.of(),
                Map.of()));
        assertWhole(make(JOINED.replace("upper", "lower"), "id"), Derivation.Why.TABLE, MADE.toString());

        touch();
        new Upkeep(lake, new Upkeep.Policy(Duration.ZERO, 1, Duration.ofHours(1))).expire(PERSON, 1);
        assertWhole(make(JOINED.replace("upper", "lower"), "id"), Derivation.Why.HISTORY, PERSON.toString());

        fill(PERSON, List.of("1/a/1", "2/b/2"));
        assertWhole(make(JOINED.replace("upper", "lower"), "id"), Derivation.Why.MUCH, PERSON.toString());

        touch();
        assertWhole(make(JOINED.replace("upper", "lower")), Derivation.Why.NO_KEY, "");
    }

    @Test
    void aPartThatCannotBeMadeByItselfIsLeftToTheWhole() throws Exception {
        String sql = "SELECT CAST(name AS BIGINT) AS id, sex FROM raw_police.person WHERE name NOT LIKE 'n%'";
        change(PERSON, "+1/17/1", "+2/18/1", "+3/19/1", "+4/20/1", "+5/21/1", "+6/22/1");
        make(sql, "id");
        change(PERSON, "+1/23/1", "-7/n7/1");

        assertWhole(make(sql, "id"), Derivation.Why.REFUSED, "");
    }

    @Test
    void filesThatWereOnlyWrittenAnewAreNoChange() throws Exception {
        make(JOINED, "id");
        for (int i = 0; i < 14; i++) {
            touch();
        }
        make(JOINED, "id");
        long before = lake.state(PERSON).orElseThrow().snapshotId();
        new Upkeep(lake, Upkeep.Policy.DEFAULT).all();
        assertThat(lake.state(PERSON).orElseThrow().snapshotId()).isNotEqualTo(before);

        Derivation.Result part = make(JOINED, "id");

        assertThat(part.course().whole()).isNull();
        assertThat(part.course().read()).as("nothing was read").isEmpty();
    }

    private static void assertWhole(Derivation.Result result, Derivation.Why why, String about) {
        assertThat(result.course().whole()).isEqualTo(why);
        assertThat(result.course().about()).isEqualTo(about);
    }

    private Derivation.Result makeAlone(String sql) {
        Derivation.Result made = lake.derive(
                new Derivation(UUID.randomUUID().toString(), MADE, sql, List.of("id"), Map.of(), Map.of(), basis));
        basis = made.basis();
        return made;
    }

    /** Goes on from the last one, and holds the table and its proof against one that is made as a whole. */
    private Derivation.Result make(String sql, String... key) {
        Derivation derivation =
                new Derivation(UUID.randomUUID().toString(), MADE, sql, List.of(key), Map.of(), Map.of(), basis);
        Derivation.Result made = lake.derive(derivation);
        basis = made.basis();
        Derivation.Result whole =
                lake.derive(new Derivation(UUID.randomUUID().toString(), WHOLE, sql, List.of(key), Map.of(), Map.of()));
        assertThat(rows("SELECT * FROM " + MADE + " ORDER BY ALL"))
                .isEqualTo(rows("SELECT * FROM " + WHOLE + " ORDER BY ALL"));
        assertThat(made.columns()).isEqualTo(whole.columns());
        assertThat(made.table().rows()).isEqualTo(whole.table().rows());
        return made;
    }

    private static final List<Column> COLUMNS = List.of(
            new Column("id", LakeType.INT64, "bigint", null),
            new Column("name", LakeType.TEXT, "text", null),
            new Column("sex", LakeType.TEXT, "text", null));

    private void fill(TableName table, List<String> rows) throws Exception {
        List<String> left = new ArrayList<>(rows);
        try (TableWrite write = lake.replace(table, COLUMNS)) {
            write.write(batch -> {
                int row = 0;
                for (String each : left) {
                    set(batch, row++, each);
                }
                left.clear();
                return row;
            });
            write.commit(Map.of());
        }
    }

    /** Each {@code +id/name/sex} is a row more and each {@code -id/name/sex} one less. */
    private void change(TableName table, String... changes) {
        try (TableChanges write = lake.change(table, COLUMNS, List.of(), TableChanges.Delivery.EXACTLY_ONCE)) {
            for (String change : changes) {
                int row = write.row(change.startsWith("-") ? TableChanges.Op.DELETE : TableChanges.Op.INSERT, null);
                set(write.batch(), row, change.substring(1));
            }
            write.commit(Map.of());
        }
    }

    private static void set(Batch batch, int row, String text) {
        String[] parts = text.split("/");
        if (parts[0].equals("null")) {
            batch.setNull(0, row);
        } else {
            batch.setLong(0, row, Long.parseLong(parts[0]));
        }
        batch.setText(1, row, parts[1].getBytes(StandardCharsets.UTF_8));
        batch.setText(2, row, parts[2].getBytes(StandardCharsets.UTF_8));
    }

    private List<String> rows(String sql) {
        List<String> rows = new ArrayList<>();
        lake.run(new Query(sql, null, 10_000, Map.of()), new RowSink() {
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

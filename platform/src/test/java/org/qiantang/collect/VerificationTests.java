package org.qiantang.collect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qiantang.collect.CollectionWorker.FollowOrder;
import org.qiantang.collect.CollectionWorker.Shown;
import org.qiantang.collect.CollectionWorker.VerifyOrder;
import org.qiantang.collect.RunEvent.ObjectResult;
import org.qiantang.collect.TableComparison.Repair;
import org.qiantang.collect.TableComparison.State;
import org.qiantang.collect.Verification.Aim;
import org.qiantang.core.Problem;
import org.qiantang.lake.Column;
import org.qiantang.lake.Comparison.Kind;
import org.qiantang.lake.Comparison.RowDifference;
import org.qiantang.lake.LakeType;
import org.qiantang.lake.TableChanges;
import org.qiantang.lake.TableChanges.Delivery;
import org.qiantang.lake.TableChanges.Op;
import org.qiantang.lake.TableName;
import org.qiantang.testing.TestMariaDb;
import org.qiantang.testing.TestPostgres;

/** Differences between a source and the lake, planted on either side, and each of them found. */
class VerificationTests {
    private static final AtomicInteger COUNT = new AtomicInteger();

    @TempDir
    Path folder;

    private Lakeside lakeside;
    private final ExecutorService threads = Executors.newCachedThreadPool();

    @BeforeEach
    void open() throws Exception {
        lakeside = new Lakeside(folder.resolve("lakeside"));
    }

    @AfterEach
    void close() {
        lakeside.collector.unfollow("v");
        threads.shutdownNow();
        lakeside.close();
    }

    @Test
    void whatIsPlantedInPostgresOrTheLakeIsFoundToTheByteAndRepaired() throws Exception {
        String database = "verified_" + COUNT.incrementAndGet();
        String url = TestPostgres.shared().createDatabase(database);
        TestPostgres.shared()
                .execute(
                        database,
                        "CREATE TABLE person (id int PRIMARY KEY, name text, paid numeric(12,2), raw bytea, at timestamptz)",
                        "INSERT INTO person SELECT i, '姓名' || i, i * 1.5, decode(md5(i::text), 'hex'), now()"
                                + " FROM generate_series(1, 20000) i",
                        "CREATE TABLE bag (a int, b text)",
                        "INSERT INTO bag SELECT i % 3, NULLIF('x' || i % 2, 'x1') FROM generate_series(1, 300) i",
                        "CREATE TABLE reading (station int, at date, value float8, PRIMARY KEY (station, at)) PARTITION BY RANGE (at)",
                        "CREATE TABLE reading_1 PARTITION OF reading FOR VALUES FROM ('2026-01-01') TO ('2026-07-01')",
                        "CREATE TABLE reading_2 PARTITION OF reading FOR VALUES FROM ('2026-07-01') TO ('2027-01-01')",
                        "INSERT INTO reading SELECT i % 20, '2026-01-01'::date + i / 20, i / 7.0 FROM generate_series(0, 6000) i",
                        "CREATE TABLE nothing ()",
                        "INSERT INTO nothing DEFAULT VALUES",
                        "CREATE TABLE same AS SELECT i AS id FROM generate_series(1, 1000) i");
        SourceAccess access = postgres(url);
        Lakeside.Told told = lakeside.collect("v", access, Set.of());
        assertThat(lakeside.verify(order(access, true)).values())
                .hasSize(5)
                .allSatisfy(
                        table -> assertThat(table.state()).as(table.object()).isEqualTo(State.EQUAL));

        TestPostgres.shared()
                .execute(
                        database,
                        "DELETE FROM person WHERE id = 10",
                        "UPDATE person SET raw = set_byte(raw, 5, get_byte(raw, 5) # 1) WHERE id = 20",
                        "INSERT INTO person (id, name) VALUES (90001, 'late')",
                        "DELETE FROM bag WHERE ctid IN (SELECT ctid FROM bag WHERE a = 1 AND b IS NULL LIMIT 2)",
                        "INSERT INTO bag VALUES (NULL, NULL)",
                        "UPDATE reading SET value = value + 1 WHERE station = 7 AND at = '2026-08-01'");
        plantInLake("public__person");

        Map<String, TableComparison> looked = lakeside.verify(look(access, true));
        Map<String, TableComparison> found = lakeside.verify(order(access, true));

        for (String table : List.of("public__person", "public__bag", "public__reading")) {
            assertThat(looked.get(table).repair()).as(table).isEqualTo(Repair.LEFT);
            assertThat(looked.get(table).repairedSnapshot()).as(table).isNull();
            assertThat(looked.get(table).rows())
                    .as(table)
                    .isEqualTo(found.get(table).rows());
            assertThat(looked.get(table).lakeSnapshot())
                    .as("looking made no snapshot of " + table)
                    .isEqualTo(found.get(table).lakeSnapshot());
        }
        assertThat(looked.get("public__same").repair()).isEqualTo(Repair.NONE);
        TableComparison person = found.get("public__person");
        assertThat(person.state()).isEqualTo(State.DIFFERENT);
        assertThat(person.rows())
                .extracting(VerificationTests::said)
                .containsExactly(
                        "EXTRA 10",
                        "DIFFERENT 20 raw",
                        "MISSING 30",
                        "DIFFERENT 40 name",
                        "MISSING 90001",
                        "EXTRA 90002");
        assertThat(person.columns().stream().filter(column -> !column.holds()).map(column -> column.column()))
                .containsExactlyInAnyOrder("id", "name", "paid", "raw");
        assertThat(List.of(person.missing(), person.extra(), person.different(), person.repairedRows()))
                .containsExactly(2L, 2L, 2L, 6L);
        assertThat(person.rowsAtSource()).isEqualTo(20_000);
        assertThat(person.samePosition()).isFalse();
        TableComparison bag = found.get("public__bag");
        assertThat(List.of(bag.missing(), bag.extra(), bag.different())).containsExactly(1L, 2L, 0L);
        TableComparison reading = found.get("public__reading");
        assertThat(reading.rows()).extracting(VerificationTests::said).containsExactly("DIFFERENT 7,2026-08-01 value");
        assertThat(found.get("public__same").state()).isEqualTo(State.EQUAL);
        assertThat(found.get("public__nothing").state()).isEqualTo(State.EQUAL);
        for (String table : List.of("person", "bag", "reading")) {
            assertThat(found.get("public__" + table).repair()).as(table).isEqualTo(Repair.ROWS_REPAIRED);
            ObjectResult result = told.of("public." + table);
            assertThat(lakeside.lakeRows("v", result))
                    .as(table)
                    .containsExactlyInAnyOrderElementsOf(
                            Lakeside.sourceRows(url, told.found("public." + table), result));
        }
        assertThat(lakeside.verify(order(access, true)).values())
                .allSatisfy(
                        table -> assertThat(table.state()).as(table.object()).isEqualTo(State.EQUAL));
    }

    @Test
    void countsAreComparedByTheSourceAndNarrowedWhereTheyDiffer() throws Exception {
        String database = "verified_" + COUNT.incrementAndGet();
        String url = TestPostgres.shared().createDatabase(database);
        TestPostgres.shared()
                .execute(
                        database,
                        "CREATE TABLE a AS SELECT i AS id FROM generate_series(1, 1000) i",
                        "CREATE TABLE b AS SELECT i AS id FROM generate_series(1, 1000) i");
        SourceAccess access = postgres(url);
        lakeside.collect("v", access, Set.of());
        TestPostgres.shared().execute(database, "UPDATE a SET id = -1 WHERE id = 1", "DELETE FROM b WHERE id = 2");

        Map<String, TableComparison> found = lakeside.verify(order(access, false));

        TableComparison a = found.get("public__a");
        assertThat(a.state()).as("as many rows").isEqualTo(State.EQUAL);
        assertThat(a.valuesCompared()).isFalse();
        assertThat(a.rowsAtSource()).isEqualTo(1_000);
        TableComparison b = found.get("public__b");
        assertThat(b.valuesCompared()).isTrue();
        assertThat(b.rows()).extracting(VerificationTests::said).containsExactly("EXTRA 2");
    }

    @Test
    void whatIsPlantedInMariaDbIsFoundAndRepaired() throws Exception {
        TestMariaDb server = TestMariaDb.shared();
        server.createDatabase("verified");
        server.execute(
                "verified",
                "CREATE TABLE permit (id BIGINT PRIMARY KEY, holder VARCHAR(80), fee DECIMAL(20,4), scan BLOB, at DATETIME(6))",
                "INSERT INTO permit SELECT seq, CONCAT('持证人', seq), seq / 8, UNHEX(MD5(seq)), '2026-11-01 08:00:00.123456'"
                        + " FROM seq_1_to_9000",
                "CREATE TABLE plain (a INT, b TEXT)",
                "INSERT INTO plain SELECT seq % 5, 'x' FROM seq_1_to_100");
        SourceAccess access = new SourceAccess(
                SourceKind.DATABASE, server.url("verified"), TestMariaDb.USER, TestMariaDb.PASSWORD, Map.of());
        lakeside.collect("v", access, Set.of());
        server.execute(
                "verified",
                "DELETE FROM permit WHERE id = 4",
                "UPDATE permit SET holder = CONCAT(holder, 'x') WHERE id = 8999",
                "UPDATE permit SET scan = NULL WHERE id = 77",
                "INSERT INTO permit (id) VALUES (-5)",
                "INSERT INTO plain VALUES (9, NULL)");

        Map<String, TableComparison> found = lakeside.verify(order(access, true));

        assertThat(found.get("verified__permit").rows())
                .extracting(VerificationTests::said)
                .containsExactly("MISSING -5", "EXTRA 4", "DIFFERENT 77 scan", "DIFFERENT 8999 holder");
        assertThat(found.get("verified__plain").missing()).isEqualTo(1);
        assertThat(found.values()).allMatch(table -> table.repair() == Repair.ROWS_REPAIRED);
        assertThat(lakeside.verify(order(access, true)).values()).allMatch(table -> table.state() == State.EQUAL);
        assertThat(lakeside.rows("SELECT holder FROM raw_v.verified__permit WHERE id = 8999"))
                .containsExactly(List.of("持证人8999x"));
    }

    @Test
    void oneByteOfAFileIsFoundAndAFileThatWentOrCameIsSaid() throws Exception {
        Path files = Files.createDirectories(folder.resolve("files"));
        StringBuilder text = new StringBuilder("编号,名称,面积\n");
        for (int i = 0; i < 3_000; i++) {
            text.append(i).append(",地块").append(i).append(',').append(i / 4.0).append('\n');
        }
        Files.writeString(files.resolve("parcels.csv"), text);
        Files.writeString(files.resolve("gone.csv"), "a,b\n1,2\n");
        SourceAccess access = new SourceAccess(SourceKind.FOLDER, files.toString(), "", "", Map.of());
        lakeside.collect("v", access, Set.of());
        Files.writeString(files.resolve("parcels.csv"), text.toString().replace("\n77,地块77,", "\n77,地块7七,"));
        Files.delete(files.resolve("gone.csv"));
        Files.writeString(files.resolve("fresh.csv"), "a,b\n1,2\n");

        Map<String, TableComparison> found = lakeside.verify(order(access, false));

        TableComparison parcels = found.get("parcels");
        assertThat(parcels.valuesCompared())
                .as("a file cannot be counted without being read")
                .isTrue();
        assertThat(parcels.columns().stream().filter(column -> !column.holds()).map(column -> column.column()))
                .containsExactly("名称");
        assertThat(parcels.rows())
                .extracting(VerificationTests::said)
                .containsExactlyInAnyOrder("EXTRA 77,地块77,19.25", "MISSING 77,地块7七,19.25");
        assertThat(parcels.repair()).isEqualTo(Repair.ROWS_REPAIRED);
        assertThat(found.get("gone").state()).isEqualTo(State.NOT_COMPARED);
        assertThat(found.get("gone").reasonCode()).isEqualTo("collect.table_gone");
        assertThat(found.get("fresh").repair()).isEqualTo(Repair.TO_BE_COLLECTED);
        assertThat(found.get("fresh").reasonCode()).isEqualTo("collect.not_collected_yet");
        assertThat(lakeside.rows("SELECT \"名称\" FROM raw_v.parcels WHERE \"编号\" = 77"))
                .containsExactly(List.of("地块7七"));
    }

    @Test
    void tableWithOtherColumnsIsToBeCollectedAnew() throws Exception {
        String database = "verified_" + COUNT.incrementAndGet();
        String url = TestPostgres.shared().createDatabase(database);
        TestPostgres.shared().execute(database, "CREATE TABLE a (id int PRIMARY KEY)", "INSERT INTO a VALUES (1)");
        SourceAccess access = postgres(url);
        lakeside.collect("v", access, Set.of());
        TestPostgres.shared().execute(database, "ALTER TABLE a ADD COLUMN note text");

        TableComparison a = lakeside.verify(order(access, false)).get("public__a");

        assertThat(a.state()).isEqualTo(State.DIFFERENT);
        assertThat(a.reasonCode()).isEqualTo("collect.shape_changed");
        assertThat(a.repair()).isEqualTo(Repair.TO_BE_COLLECTED);
    }

    @Test
    void cancelledVerificationChangesNothing() throws Exception {
        String database = "verified_" + COUNT.incrementAndGet();
        String url = TestPostgres.shared().createDatabase(database);
        TestPostgres.shared()
                .execute(
                        database,
                        "CREATE TABLE a AS SELECT i AS id, repeat('x', 100) AS v FROM generate_series(1, 300000) i");
        SourceAccess access = postgres(url);
        lakeside.collect("v", access, Set.of());
        TestPostgres.shared().execute(database, "DELETE FROM a WHERE id = 5");
        List<VerifyEvent> events = new ArrayList<>();

        lakeside.collector.verify(order(access, true), event -> {
            events.add(event);
            lakeside.collector.cancel("to-verify");
        });

        assertThat(events).noneMatch(VerifyEvent.Compared.class::isInstance);
        assertThat(lakeside.rows("SELECT count(*) FROM raw_v.public__a WHERE id = 5"))
                .containsExactly(List.of("1"));
    }

    @Test
    void followedPostgresIsComparedAtOnePositionWhileItGoesOnChanging() throws Exception {
        String database = "verified_" + COUNT.incrementAndGet();
        String url = TestPostgres.shared().createDatabase(database);
        TestPostgres.shared()
                .execute(
                        database,
                        "CREATE TABLE busy (id int PRIMARY KEY, n int, t text)",
                        "INSERT INTO busy SELECT i, 0, 't' || i FROM generate_series(1, 2000) i",
                        "CREATE TABLE quiet (id int PRIMARY KEY, t text)",
                        "INSERT INTO quiet SELECT i, 'q' || i FROM generate_series(1, 2000) i");
        FollowOrder follow = new FollowOrder("v", postgres(url), "qt_test_" + database + "_1", 4L << 30);
        lakeside.collect(
                "v", SourceKind.POSTGRES, url, TestPostgres.USER, TestPostgres.PASSWORD, follow.follower(), Set.of());
        followAndVerifyUnderLoad(
                follow, () -> DriverManager.getConnection(url, TestPostgres.USER, TestPostgres.PASSWORD), "public__");
        lakeside.collector.release(follow);
    }

    @Test
    void followedMariaDbIsComparedAtOnePositionWhileItGoesOnChanging() throws Exception {
        TestMariaDb server = TestMariaDb.shared();
        server.createDatabase("verified_live");
        server.execute(
                "verified_live",
                "CREATE TABLE busy (id INT PRIMARY KEY, n INT, t TEXT)",
                "INSERT INTO busy SELECT seq, 0, CONCAT('t', seq) FROM seq_1_to_2000",
                "CREATE TABLE quiet (id INT PRIMARY KEY, t TEXT)",
                "INSERT INTO quiet SELECT seq, CONCAT('q', seq) FROM seq_1_to_2000");
        SourceAccess access = new SourceAccess(
                SourceKind.DATABASE, server.url("verified_live"), TestMariaDb.USER, TestMariaDb.PASSWORD, Map.of());
        FollowOrder follow = new FollowOrder("v", access, "qt_verified_live", "", 4L << 30);
        lakeside.collect("v", access, follow.follower(), Set.of());
        followAndVerifyUnderLoad(follow, () -> server.connect("verified_live"), "verified_live__");
    }

    private interface Connecting {
        Connection connect() throws SQLException;
    }

    private void followAndVerifyUnderLoad(FollowOrder follow, Connecting connecting, String prefix) throws Exception {
        AtomicBoolean over = new AtomicBoolean();
        CountDownLatch following = new CountDownLatch(1);
        Future<?> follower = threads.submit(() -> {
            while (!over.get()) {
                lakeside.collector.follow(follow, event -> following.countDown());
                TimeUnit.MILLISECONDS.sleep(20);
            }
            return null;
        });
        AtomicInteger transactions = new AtomicInteger();
        Future<?> load = threads.submit(() -> {
            Random random = new Random(7);
            try (Connection connection = connecting.connect();
                    Statement statement = connection.createStatement()) {
                connection.setAutoCommit(false);
                while (!over.get()) {
                    int id = random.nextInt(2_500);
                    statement.execute("DELETE FROM busy WHERE id = " + id);
                    statement.execute(
                            "INSERT INTO busy VALUES (" + id + ", " + transactions.incrementAndGet() + ", 'x')");
                    statement.execute("UPDATE busy SET n = n + 1 WHERE id = " + random.nextInt(2_500));
                    connection.commit();
                }
            }
            return null;
        });
        assertThat(following.await(60, TimeUnit.SECONDS)).isTrue();
        try {
            for (int round = 0; round < 3; round++) {
                int before = transactions.get();
                Awaitility.await()
                        .atMost(Duration.ofSeconds(60))
                        .until(() -> transactions.get() > before + 200 || load.isDone());

                Map<String, TableComparison> found = lakeside.verify(followed(follow));

                assertThat(found.values()).hasSize(2).allSatisfy(table -> {
                    assertThat(table.state())
                            .as(table.object() + " " + table.rows())
                            .isEqualTo(State.EQUAL);
                    assertThat(table.samePosition()).isTrue();
                    assertThat(table.valuesCompared()).isTrue();
                });
            }
            lake(prefix + "quiet", changes -> {
                int row = changes.row(Op.UPDATE, null);
                changes.batch().setLong(0, row, 5);
                changes.batch().setText(1, row, "q5 ");
            });

            TableComparison quiet = lakeside.verify(followed(follow)).get(prefix + "quiet");

            assertThat(quiet.rows()).extracting(VerificationTests::said).containsExactly("DIFFERENT 5 t");
            assertThat(quiet.repair()).isEqualTo(Repair.ROWS_REPAIRED);
            assertThat(load.isDone()).isFalse();
        } finally {
            over.set(true);
            load.get(60, TimeUnit.SECONDS);
        }
        assertThat(lakeside.verify(followed(follow)).values()).allMatch(table -> table.state() == State.EQUAL);
        lakeside.collector.unfollow("v");
        follower.get(60, TimeUnit.SECONDS);
    }

    @Test
    void aSourceThatIsGoneIsARefusal() {
        SourceAccess access = postgres("jdbc:postgresql://127.0.0.1:1/none");
        assertThatThrownBy(() -> lakeside.verify(order(access, false)))
                .isInstanceOfSatisfying(
                        Problem.class, e -> assertThat(e.code()).isEqualTo(CollectProblem.SOURCE_UNREACHABLE));
    }

    private VerifyOrder order(SourceAccess access, boolean values) {
        return new VerifyOrder(
                "to-verify", "v", access, null, values, Aim.REPAIR, Set.of(), Set.of(), everything(), null);
    }

    private VerifyOrder look(SourceAccess access, boolean values) {
        return new VerifyOrder(
                "to-verify", "v", access, null, values, Aim.LOOK, Set.of(), Set.of(), everything(), null);
    }

    private VerifyOrder followed(FollowOrder follow) {
        return new VerifyOrder(
                UUID.randomUUID().toString(),
                "v",
                follow.access(),
                follow,
                true,
                Aim.REPAIR,
                Set.of(),
                Set.of(),
                everything(),
                null);
    }

    private List<Shown> everything() {
        return lakeside.lake.tables().stream()
                .flatMap(state -> lakeside.lake.shape(state.table()).keySet().stream()
                        .map(column -> new Shown(state.table().name(), column, "clear")))
                .toList();
    }

    private static SourceAccess postgres(String url) {
        return new SourceAccess(SourceKind.POSTGRES, url, TestPostgres.USER, TestPostgres.PASSWORD, Map.of());
    }

    /** A deletion, a change and an addition that the source knows nothing of. */
    private void plantInLake(String table) {
        lake(table, changes -> {
            int gone = changes.row(Op.DELETE, null);
            changes.batch().setLong(0, gone, 30);
            for (int i = 1; i < 5; i++) {
                changes.batch().setNull(i, gone);
            }
            java.util.BitSet kept = new java.util.BitSet();
            kept.set(2, 5);
            int changed = changes.row(Op.UPDATE, kept);
            changes.batch().setLong(0, changed, 40);
            changes.batch().setText(1, changed, "姓名四十".getBytes(StandardCharsets.UTF_8));
            int added = changes.row(Op.INSERT, null);
            changes.batch().setLong(0, added, 90_002);
            changes.batch().setText(1, added, "nobody");
            for (int i = 2; i < 5; i++) {
                changes.batch().setNull(i, changed);
                changes.batch().setNull(i, added);
            }
        });
    }

    private void lake(String name, java.util.function.Consumer<TableChanges> planting) {
        TableName table = new TableName("raw_v", name);
        List<Column> columns = lakeside.lake.shape(table).entrySet().stream()
                .map(column -> new Column(column.getKey(), (LakeType) column.getValue(), "", null))
                .toList();
        try (TableChanges changes =
                lakeside.lake.change(table, columns, List.of(columns.getFirst().name()), Delivery.AT_LEAST_ONCE)) {
            planting.accept(changes);
            changes.commit(lakeside.lake.summary(table).orElseThrow().entrySet().stream()
                    .filter(each -> each.getKey().startsWith("qiantang."))
                    .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue)));
        }
    }

    /** The kind, the key and the columns that differ. */
    private static String said(RowDifference row) {
        String key = row.key().stream()
                .map(cell -> row.kind() == Kind.EXTRA ? cell.lake() : cell.source())
                .collect(Collectors.joining(","));
        return row.kind() + " " + key
                + row.cells().stream().map(cell -> " " + cell.column()).collect(Collectors.joining());
    }
}

package org.qiantang.collect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.qiantang.collect.CollectionWorker.FollowOrder;
import org.qiantang.collect.RunEvent.ObjectResult;
import org.qiantang.core.Problem;
import org.qiantang.testing.TestPostgres;

/** A department's database that goes on changing, and a lake that keeps up. */
class FollowingTests {
    private static final AtomicInteger COUNT = new AtomicInteger();
    private static final long PLENTY = 4L << 30;

    @TempDir
    Path folder;

    private Lakeside lakeside;
    private String database;
    private String url;
    private String follower;
    private final List<FollowEvent> events = new CopyOnWriteArrayList<>();
    private final Map<String, FollowEvent.TableState> states = new ConcurrentHashMap<>();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private Future<?> following;

    @BeforeEach
    void start() throws Exception {
        lakeside = new Lakeside(folder);
        int n = COUNT.incrementAndGet();
        database = "followed_" + n;
        follower = "qt_test_followed_" + n + "_1";
        url = TestPostgres.shared().createDatabase(database);
    }

    @AfterEach
    void stop() throws Exception {
        lakeside.collector.unfollow("f");
        threads.shutdownNow();
        lakeside.collector.release(order());
        lakeside.close();
    }

    @Test
    void everyKindOfChangeArrives() throws Exception {
        sql(
                "CREATE TABLE person (id int PRIMARY KEY, name text, photo text, born date, paid numeric(12,2), at timestamptz,"
                        + " tags text[], raw bytea, ok boolean, span interval, ratio float8)",
                "ALTER TABLE person ALTER photo SET STORAGE EXTERNAL",
                "INSERT INTO person SELECT i, '姓名' || i, repeat('照', 4000), '1990-01-01'::date + i, i * 1.5, now(), ARRAY['a', 'b'],"
                        + " '\\x00ff', i % 2 = 0, '1 day 02:03', i / 3.0 FROM generate_series(1, 200) i",
                "CREATE TABLE bag (a int, b text)",
                "ALTER TABLE bag REPLICA IDENTITY FULL",
                "INSERT INTO bag SELECT i % 3, NULLIF('x' || i % 2, 'x1') FROM generate_series(1, 30) i",
                "CREATE TABLE reading (station int, at timestamptz, value float4, PRIMARY KEY (station, at)) PARTITION BY RANGE (at)",
                "CREATE TABLE reading_1 PARTITION OF reading FOR VALUES FROM ('2026-01-01') TO ('2026-02-01')",
                "CREATE TABLE reading_2 PARTITION OF reading FOR VALUES FROM ('2026-02-01') TO ('2026-03-01')",
                "INSERT INTO reading SELECT i % 5, '2026-01-01'::timestamptz + i * interval '1 hour', i FROM generate_series(1, 900) i",
                "CREATE TABLE \"表 一\" (\"键\" text PRIMARY KEY, \"a\"\"b\" int)",
                "INSERT INTO \"表 一\" VALUES ('甲', 1), ('', 2)",
                "CREATE TABLE no_key (a int)",
                "INSERT INTO no_key VALUES (1)");
        collectAll();
        follow();

        sql(
                "UPDATE person SET name = name || '!' WHERE id <= 50",
                "UPDATE person SET id = id + 1000 WHERE id BETWEEN 60 AND 70",
                "UPDATE person SET photo = 'small', raw = NULL WHERE id = 80",
                "DELETE FROM person WHERE id BETWEEN 90 AND 100",
                "INSERT INTO person (id, born, at, span, ratio) VALUES (5000, '0044-03-15 BC', 'infinity', '-3 mons', 'NaN'),"
                        + " (5001, 'infinity', '-infinity', '1 year', '-Infinity'), (5002, NULL, NULL, NULL, NULL)",
                "BEGIN; UPDATE person SET name = 'twice' WHERE id = 1; DELETE FROM person WHERE id = 1;"
                        + " INSERT INTO person (id, name) VALUES (1, 'again'); COMMIT",
                "BEGIN; INSERT INTO person (id) VALUES (6000); ROLLBACK",
                "DELETE FROM bag WHERE ctid IN (SELECT ctid FROM bag WHERE a = 1 LIMIT 3)",
                "UPDATE bag SET b = 'y' WHERE a = 2",
                "INSERT INTO bag VALUES (NULL, NULL), (NULL, NULL)",
                "UPDATE reading SET value = -value WHERE station = 3",
                "UPDATE reading SET at = at + interval '31 days' WHERE station = 4 AND at < '2026-01-03'",
                "DELETE FROM reading WHERE station = 0",
                "UPDATE \"表 一\" SET \"键\" = '乙' WHERE \"键\" = ''",
                "UPDATE no_key SET a = 2");

        assertSame("person", "bag", "reading", "表 一");
        assertThat(states.get("public__no_key").state()).isEqualTo(FollowEvent.State.NOT_FOLLOWABLE);

        sql("TRUNCATE person, bag", "INSERT INTO person (id) VALUES (7)");

        assertSame("person", "bag");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatTheSourceComputesWhenItWritesIsFollowed(boolean publishedBefore) throws Exception {
        sql(
                "CREATE TABLE fee (id int PRIMARY KEY, amount numeric(12,2), note text,"
                        + " tax numeric(12,2) GENERATED ALWAYS AS (amount * 0.06) STORED,"
                        + " head text GENERATED ALWAYS AS (left(note, 3)) STORED)",
                "INSERT INTO fee SELECT i, i * 10, repeat('注', 4000) || i FROM generate_series(1, 100) i",
                "CREATE TABLE pair (a int, twice int GENERATED ALWAYS AS (a * 2) STORED)",
                "ALTER TABLE pair REPLICA IDENTITY FULL",
                "INSERT INTO pair SELECT i % 5 FROM generate_series(1, 50) i",
                "CREATE TABLE shown (id int PRIMARY KEY, thrice int GENERATED ALWAYS AS (id * 3) VIRTUAL)");
        if (publishedBefore) {
            // As it was made when nobody asked for them.
            sql("CREATE PUBLICATION " + follower);
        }
        collectAll();
        follow();

        sql(
                "UPDATE fee SET amount = amount + 1 WHERE id <= 10",
                "UPDATE fee SET note = '新' || note WHERE id = 5",
                "INSERT INTO fee (id, amount) VALUES (200, 3.5), (201, NULL)",
                "DELETE FROM fee WHERE id = 50",
                "UPDATE pair SET a = a + 10 WHERE a = 3",
                "DELETE FROM pair WHERE ctid IN (SELECT ctid FROM pair WHERE a = 1 LIMIT 4)");

        assertSame("fee", "pair");
        assertThat(states.get("public__shown").state()).isEqualTo(FollowEvent.State.NOT_FOLLOWABLE);
    }

    @Test
    void afterARandomLifeWithChangesOfShapeTheLakeIsTheSource() throws Exception {
        Random random = new Random(20261127);
        sql(
                "CREATE TABLE a (id bigint PRIMARY KEY, n int, t text)",
                "CREATE TABLE b (k1 text, k2 int, v numeric(8,3), PRIMARY KEY (k1, k2))",
                "CREATE TABLE c (x int, y text)",
                "ALTER TABLE c REPLICA IDENTITY FULL");
        collectAll();
        follow();

        for (int round = 0; round < 40; round++) {
            List<String> transaction = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                transaction.add(statement(random));
            }
            sql("BEGIN; " + String.join("; ", transaction) + "; COMMIT");
            switch (round) {
                case 6 -> sql("ALTER TABLE a ADD COLUMN note text");
                case 10 -> sql("ALTER TABLE b RENAME COLUMN v TO amount", "ALTER TABLE b RENAME COLUMN amount TO v");
                case 14 -> sql("ALTER TABLE a RENAME COLUMN note TO remark");
                case 18 -> sql("ALTER TABLE a ALTER COLUMN n TYPE bigint");
                case 22 -> sql("ALTER TABLE c ADD COLUMN z int DEFAULT 7");
                case 26 -> sql("ALTER TABLE a DROP COLUMN remark");
                case 30 -> sql("CREATE TABLE d (id int PRIMARY KEY)", "INSERT INTO d VALUES (1), (2)");
                default -> {}
            }
            if (round % 10 == 9) {
                collectWhatNeedsIt();
                assertSame("a", "b", "c");
            }
        }

        collectWhatNeedsIt();
        assertSame("a", "b", "c", "d");
        assertThat(lakeside.lake.shape(new org.qiantang.lake.TableName("raw_f", "public__a")))
                .containsOnlyKeys("id", "n", "t");
    }

    private static String statement(Random random) {
        int id = random.nextInt(200);
        return switch (random.nextInt(9)) {
            case 0, 1 ->
                "INSERT INTO a (id, n, t) VALUES (" + id + ", " + id % 7 + ", 't" + random.nextInt() + "')"
                        + " ON CONFLICT (id) DO UPDATE SET n = excluded.n + 1";
            case 2 -> "DELETE FROM a WHERE id = " + id;
            case 3 ->
                "UPDATE a SET id = " + (200 + random.nextInt(200)) + " WHERE id = " + id
                        + " AND NOT EXISTS (SELECT 1 FROM a o WHERE o.id >= 200)";
            case 4, 5 ->
                "INSERT INTO b VALUES ('k" + id % 9 + "', " + id + ", " + random.nextInt(10_000) / 1000.0
                        + ") ON CONFLICT DO NOTHING";
            case 6 -> "UPDATE b SET v = v + 1 WHERE k2 % 10 = " + id % 10;
            case 7 -> "INSERT INTO c (x, y) VALUES (" + id % 4 + ", 'y')";
            default -> "DELETE FROM c WHERE ctid = (SELECT ctid FROM c WHERE x = " + id % 4 + " LIMIT 1)";
        };
    }

    @Test
    void whoComesBackGoesOnWhereItWas() throws Exception {
        sql("CREATE TABLE t (id int PRIMARY KEY, v int)", "INSERT INTO t SELECT i, 0 FROM generate_series(1, 100) i");
        collectAll();
        for (int round = 0; round < 4; round++) {
            sql("UPDATE t SET v = v + 1", "INSERT INTO t VALUES (" + (1000 + round) + ", 0)");
            follow();
            sql("DELETE FROM t WHERE id = " + (round + 1));
            assertSame("t");
            lakeside.collector.unfollow("f");
            following.get();
        }
    }

    @Test
    void whatTheLakeHasAlreadyIsNotAppliedOnceMoreWhenTheSourceTellsItAgain() throws Exception {
        sql("CREATE TABLE t (v int)", "ALTER TABLE t REPLICA IDENTITY FULL", "INSERT INTO t VALUES (1), (1), (2)");
        collectAll();
        sql("INSERT INTO t VALUES (1), (3)", "DELETE FROM t WHERE v = 2", "UPDATE t SET v = v + 1");

        // the log still begins before these changes, for nobody has said that they are safe
        collectAll();
        follow();
        sql("INSERT INTO t VALUES (4)");

        assertSame("t");
    }

    @Test
    void largeTransactionArrivesWhole() throws Exception {
        sql("CREATE TABLE t (id int PRIMARY KEY, v text)");
        collectAll();
        follow();

        sql(
                "INSERT INTO t SELECT i, 'v' || i FROM generate_series(1, 250000) i",
                "UPDATE t SET v = 'w' || id WHERE id % 2 = 0");

        assertSame("t");
        // A transaction is seen whole or not at all.
        for (FollowEvent event : events) {
            if (event instanceof FollowEvent.Applied applied) {
                applied.tables().forEach(table -> assertThat(table.rows()).isGreaterThanOrEqualTo(250_000));
            }
        }
    }

    @Test
    void sourceThatKeepsTooMuchForUsIsLetGo() throws Exception {
        sql("CREATE TABLE t (id int PRIMARY KEY, v text)");
        collectAll();
        sql("INSERT INTO t SELECT i, repeat('x', 100) FROM generate_series(1, 20000) i");

        assertThatThrownBy(
                        () -> lakeside.collector.follow(new FollowOrder("f", access(), follower, 1 << 10), event -> {}))
                .isInstanceOfSatisfying(
                        Problem.class,
                        problem -> assertThat(problem.code()).isEqualTo(CollectProblem.FOLLOWING_LEFT_BEHIND));

        try (Connection connection = TestPostgres.shared().connect(database);
                var row = connection
                        .createStatement()
                        .executeQuery(
                                "SELECT count(*) FROM pg_replication_slots WHERE slot_name = '" + follower + "'")) {
            row.next();
            assertThat(row.getInt(1)).isZero();
        }
        assertThatThrownBy(() -> lakeside.collector.follow(order(), event -> {}))
                .isInstanceOfSatisfying(
                        Problem.class, problem -> assertThat(problem.code()).isEqualTo(CollectProblem.POSITION_LOST));
    }

    @Test
    void whoFollowsNoLongerLeavesNothingAtTheSource() throws Exception {
        sql("CREATE TABLE t (id int PRIMARY KEY)");
        collectAll();
        follow();

        lakeside.collector.unfollow("f");
        lakeside.collector.release(order());

        try (Connection connection = TestPostgres.shared().connect(database);
                var row = connection
                        .createStatement()
                        .executeQuery("SELECT (SELECT count(*) FROM pg_replication_slots WHERE slot_name LIKE '"
                                + follower + "%'), (SELECT count(*) FROM pg_publication)")) {
            row.next();
            assertThat(row.getInt(1)).isZero();
            assertThat(row.getInt(2)).isZero();
        }
    }

    private SourceAccess access() {
        return new SourceAccess(SourceKind.POSTGRES, url, TestPostgres.USER, TestPostgres.PASSWORD, Map.of());
    }

    private FollowOrder order() {
        return new FollowOrder("f", access(), follower, PLENTY);
    }

    @Test
    void aNewAndARenamedColumnAreToldWithTheirTypesAndThePosition() throws Exception {
        sql("CREATE TABLE person (id int PRIMARY KEY, name text)", "INSERT INTO person VALUES (1, 'a')");
        collectAll();
        follow();

        sql("ALTER TABLE person RENAME COLUMN name TO full_name", "ALTER TABLE person ADD COLUMN born date");
        sql("INSERT INTO person VALUES (2, 'b', '1990-01-01')");

        FollowEvent.Reshaped told = Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .until(
                        () -> events.stream()
                                .filter(FollowEvent.Reshaped.class::isInstance)
                                .map(FollowEvent.Reshaped.class::cast)
                                .reduce((a, b) -> b)
                                .orElse(null),
                        found -> found != null);
        assertThat(told.lakeName()).isEqualTo("public__person");
        assertThat(told.renamed()).containsEntry("name", "full_name");
        assertThat(told.columns())
                .extracting(FollowEvent.ColumnShape::name, FollowEvent.ColumnShape::type)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("id", "int"),
                        org.assertj.core.groups.Tuple.tuple("full_name", "string"),
                        org.assertj.core.groups.Tuple.tuple("born", "date"));
        assertThat(told.columns().getFirst().keyPosition()).isEqualTo(1);
        assertThat(told.position()).isNotEmpty();
    }

    private Lakeside.Told collectAll() {
        return lakeside.collect(
                "f", SourceKind.POSTGRES, url, TestPostgres.USER, TestPostgres.PASSWORD, follower, Set.of());
    }

    private void follow() {
        following = threads.submit(() -> lakeside.collector.follow(order(), event -> {
            events.add(event);
            switch (event) {
                case FollowEvent.Started started ->
                    started.tables().forEach(table -> states.put(table.lakeName(), table));
                case FollowEvent.Changed changed -> states.put(changed.table().lakeName(), changed.table());
                case FollowEvent.Reshaped ignored -> {}
                case FollowEvent.Applied ignored -> {}
                case FollowEvent.Beat ignored -> {}
            }
        }));
        int before = events.size();
        Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> running() && events.size() > before);
    }

    private boolean running() throws Exception {
        if (following.isDone()) {
            try {
                following.get();
            } catch (ExecutionException e) {
                throw new AssertionError("The follower gave up", e.getCause());
            }
        }
        return true;
    }

    /** What the hub does: stops the follower, collects the tables that cannot go on, and follows again. */
    private void collectWhatNeedsIt() throws Exception {
        caughtUp();
        lakeside.collector.unfollow("f");
        following.get();
        Set<String> sound = states.values().stream()
                .filter(table -> table.state() == FollowEvent.State.FOLLOWED)
                .map(FollowEvent.TableState::lakeName)
                .collect(Collectors.toSet());
        lakeside.collect("f", SourceKind.POSTGRES, url, TestPostgres.USER, TestPostgres.PASSWORD, follower, sound);
        follow();
    }

    /** Waits until everything that was committed at the source by now has been seen. */
    private void caughtUp() throws Exception {
        String now;
        try (Connection connection = TestPostgres.shared().connect(database);
                Statement statement = connection.createStatement()) {
            // Something after the last change of ours, so that a position behind it can be heard of.
            statement.execute("SELECT pg_logical_emit_message(true, 'test', 'x')");
            try (var row = statement.executeQuery("SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint")) {
                row.next();
                now = String.format("%016X", row.getLong(1));
            }
        }
        Awaitility.await()
                .atMost(Duration.ofSeconds(90))
                .until(() -> running()
                        && events.stream().anyMatch(event -> switch (event) {
                            case FollowEvent.Beat beat -> beat.position().compareTo(now) >= 0;
                            case FollowEvent.Applied applied ->
                                applied.position().compareTo(now) >= 0;
                            default -> false;
                        }));
    }

    private void assertSame(String... tables) throws Exception {
        caughtUp();
        Lakeside.Told told = described();
        for (String table : tables) {
            ObjectResult result = told.of("public." + table);
            assertThat(counted(lakeside.lakeRows("f", result)))
                    .as(table)
                    .isEqualTo(counted(Lakeside.sourceRows(url, told.found("public." + table), result)));
        }
    }

    private static Map<List<String>, Long> counted(List<List<String>> rows) {
        return rows.stream().collect(Collectors.groupingBy(row -> row, Collectors.counting()));
    }

    /** The source's tables as they are now, collected into another place of the same lake for their columns' sake. */
    private Lakeside.Told described() {
        return lakeside.collect("other", SourceKind.POSTGRES, url);
    }

    private void sql(String... statements) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url, TestPostgres.USER, TestPostgres.PASSWORD);
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }
}

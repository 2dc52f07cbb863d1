package org.qiantang.collect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
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
import org.qiantang.collect.CollectionWorker.FollowOrder;
import org.qiantang.collect.RunEvent.ObjectResult;
import org.qiantang.core.Problem;
import org.qiantang.testing.SharedData;
import org.qiantang.testing.TestMariaDb;

/** A department's MariaDB that goes on changing, and a lake that keeps up by its binary log. */
class DatabaseFollowingTests {
    private static final AtomicInteger COUNT = new AtomicInteger();
    private static final TestMariaDb SERVER = TestMariaDb.shared();

    @TempDir
    Path folder;

    private Lakeside lakeside;
    private String database;
    private String follower;
    private String confirmed = "";
    private final List<FollowEvent> events = new CopyOnWriteArrayList<>();
    private final Map<String, FollowEvent.TableState> states = new ConcurrentHashMap<>();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private Future<?> following;

    @BeforeEach
    void start() throws Exception {
        lakeside = new Lakeside(folder);
        database = "followed_" + COUNT.incrementAndGet();
        follower = "qt_" + database;
        SERVER.createDatabase(database);
    }

    @AfterEach
    void stop() {
        lakeside.collector.unfollow("f");
        threads.shutdownNow();
        lakeside.close();
    }

    @Test
    void everyKindOfChangeOfEveryTypeArrives() throws Exception {
        DatabaseTests.hostile(SERVER, database);
        collectAll();
        follow();

        sql(
                "SET sql_mode = ''",
                "UPDATE integers SET id = id + 100, tu = 7",
                "INSERT INTO integers SELECT id + 1000, t, tu, t1, s, su, m, mu, i, iu, z, b, bu, y FROM integers",
                "UPDATE numbers SET d65 = -d65, d38 = d38 / 3, f = f / 3, d = -d, d18 = d18 + 0.0001 WHERE id IN (1, 2, 3)",
                "INSERT INTO numbers SELECT id + 1000, d1, d18, d18s, d38, d65, f, fp, d, n FROM numbers",
                "INSERT INTO bits SELECT id + 1000, b1, b8, b63, b64 FROM bits",
                "DELETE FROM bits WHERE id = 1",
                "SET time_zone = '+08:00'",
                "INSERT INTO times SELECT id + 1000, d, t, t6, dt, dt6, ts, ts3 FROM times",
                "UPDATE times SET ts = '2024-06-01 12:00:00' WHERE id = 3",
                "INSERT INTO impossible_times SELECT id + 1000, d, part, t, dt, ts, old FROM impossible_times",
                "INSERT INTO impossible_times (id, t) VALUES (7, '-00:00:01'), (8, '838:59:59'), (9, '-100:59:59.999999')",
                "INSERT INTO texts SELECT id + 1000, c, v, t, m, l, g, w, u, e, s, j FROM texts",
                "UPDATE texts SET e = 'Select', s = 'b,c c', g = '变', w = 'ÿ', u = '😀', c = 'x  ' WHERE id < 4",
                "INSERT INTO bytes SELECT id + 1000, b, v, t, bl, m, l, cb FROM bytes",
                "UPDATE bytes SET b = x'00000001', v = x'0000' WHERE id = 2",
                "INSERT INTO shapes SELECT id + 1000, g, p, pg FROM shapes",
                "INSERT INTO generated_columns (a, hidden) VALUES (9, 8)",
                "UPDATE generated_columns SET a = a + 10",
                "DELETE FROM parted WHERE id % 3 = 0",
                "UPDATE parted SET id = id + 1000 WHERE id < 50",
                "UPDATE `表 一` SET `列 一` = '乙' WHERE id = 2",
                "DELETE FROM `表 一` WHERE id = 1",
                "INSERT INTO `表 一` VALUES (NULL, NULL), (NULL, NULL)",
                "UPDATE text_key SET id = UPPER(id) WHERE id LIKE 'a%'",
                "DELETE FROM text_key WHERE id LIKE 'b%'",
                "UPDATE unsigned_key SET id = id + 1",
                "DELETE FROM child",
                "TRUNCATE TABLE `" + database + "`.number_key",
                "INSERT INTO number_key VALUES (-5, 'after')",
                "START TRANSACTION",
                "INSERT INTO mixed VALUES (10)",
                "ROLLBACK");

        assertSame(
                "integers",
                "numbers",
                "bits",
                "times",
                "impossible_times",
                "texts",
                "bytes",
                "shapes",
                "generated_columns",
                "parted",
                "表 一",
                "text_key",
                "unsigned_key",
                "child",
                "number_key",
                "mixed",
                "Mixed");
        for (String cannot : List.of("old_engine", "quick", "versioned", "own")) {
            assertThat(states.get(database + "__" + cannot).state())
                    .as(cannot)
                    .isEqualTo(FollowEvent.State.NOT_FOLLOWABLE);
        }
    }

    @Test
    void sakilaIsFollowedThroughThousandsOfTransactions() throws Exception {
        Path sakila = SharedData.folder("sakila-mysql");
        SERVER.execute("", "DROP DATABASE IF EXISTS sakila");
        SERVER.run("", sakila.resolve("sakila-mv-schema.sql"));
        SERVER.run("sakila", sakila.resolve("sakila-mv-data.sql"));
        database = "sakila";
        collectAll();
        follow();
        Random random = new Random(20261127);
        String[] tables = {"payment", "rental", "customer", "film", "film_actor", "inventory"};

        try (Connection connection = SERVER.connect("sakila");
                Statement statement = connection.createStatement()) {
            statement.execute("SET foreign_key_checks = 0");
            for (int round = 0; round < 3000; round++) {
                int id = 1 + random.nextInt(600);
                statement.execute(
                        switch (random.nextInt(9)) {
                            case 0 -> "UPDATE payment SET amount = amount + 0.01 WHERE payment_id % 997 = " + id % 997;
                            case 1 -> "DELETE FROM payment WHERE payment_id = " + id * 20;
                            case 2 ->
                                "UPDATE film SET special_features = 'Trailers,Commentaries', rating = 'PG-13' WHERE film_id = "
                                        + id;
                            case 3 -> "UPDATE customer SET email = NULL, active = NOT active WHERE customer_id = " + id;
                            case 4 ->
                                "INSERT IGNORE INTO film_actor (actor_id, film_id) VALUES (" + id % 200 + ", " + id
                                        + ")";
                            case 5 ->
                                "UPDATE IGNORE film_actor SET film_id = " + (1 + random.nextInt(1000))
                                        + " WHERE actor_id = " + id % 200 + " LIMIT 3";
                            case 6 ->
                                "INSERT INTO rental (rental_date, inventory_id, customer_id, staff_id) VALUES (NOW(), "
                                        + id + ", " + id + ", 1) ON DUPLICATE KEY UPDATE return_date = NOW()";
                            case 7 -> "DELETE FROM rental WHERE rental_id = " + id * 25;
                            default ->
                                "INSERT INTO inventory (film_id, store_id) VALUES (" + id + ", 1 + " + id % 2 + ")";
                        });
            }
        }

        assertSame(tables);
        assertThat(events.stream().filter(FollowEvent.Applied.class::isInstance))
                .isNotEmpty();
    }

    @Test
    void tableWhoseColumnsChangeIsCollectedAnewAndTheOthersGoOn() throws Exception {
        sql(
                "CREATE TABLE a (id INT PRIMARY KEY, n INT)",
                "CREATE TABLE b (id INT PRIMARY KEY, t TEXT)",
                "INSERT INTO a VALUES (1, 1), (2, 2)",
                "INSERT INTO b VALUES (1, 'x')");
        collectAll();
        follow();

        sql(
                "ALTER TABLE a ADD INDEX by_n (n)",
                "INSERT INTO a VALUES (3, 3)",
                "ALTER TABLE b ADD COLUMN late INT DEFAULT 7",
                "INSERT INTO b VALUES (2, 'y', 8)",
                "CREATE TABLE c (id INT PRIMARY KEY)",
                "INSERT INTO c VALUES (1)");
        caughtUp();
        assertThat(states.get(database + "__a").state()).isEqualTo(FollowEvent.State.FOLLOWED);
        assertThat(states.get(database + "__b").state()).isEqualTo(FollowEvent.State.TO_BE_COLLECTED);
        assertThat(states.get(database + "__b").reasonCode()).isEqualTo("collect.shape_changed");
        assertThat(states.get(database + "__c").state()).isEqualTo(FollowEvent.State.TO_BE_COLLECTED);
        collectWhatNeedsIt();
        sql("UPDATE b SET late = late + 1", "INSERT INTO c VALUES (2)", "DELETE FROM a WHERE id = 1");

        assertSame("a", "b", "c");

        sql("DROP TABLE c");
        caughtUp();
        assertThat(states.get(database + "__c").state()).isEqualTo(FollowEvent.State.GONE);
    }

    @Test
    void whoComesBackGoesOnWhereItWas() throws Exception {
        sql(
                "CREATE TABLE t (id INT PRIMARY KEY, v INT)",
                "CREATE TABLE quiet (id INT PRIMARY KEY)",
                "INSERT INTO t SELECT seq, 0 FROM seq_1_to_100");
        collectAll();
        for (int round = 0; round < 4; round++) {
            sql("UPDATE t SET v = v + 1", "INSERT INTO t VALUES (" + (1000 + round) + ", 0)");
            if (round == 2) {
                SERVER.execute("", "FLUSH BINARY LOGS");
            }
            follow();
            sql("DELETE FROM t WHERE id = " + (round + 1));
            assertSame("t");
            lakeside.collector.unfollow("f");
            following.get();
        }
    }

    @Test
    void largeTransactionArrivesWhole() throws Exception {
        sql("CREATE TABLE t (id INT PRIMARY KEY, v TEXT)");
        collectAll();
        follow();

        sql(
                "INSERT INTO t SELECT seq, CONCAT('v', seq) FROM seq_1_to_250000",
                "UPDATE t SET v = CONCAT('w', id) WHERE id % 2 = 0");

        assertSame("t");
        // A transaction is seen whole or not at all.
        for (FollowEvent event : events) {
            if (event instanceof FollowEvent.Applied applied) {
                applied.tables().forEach(table -> assertThat(table.rows()).isGreaterThanOrEqualTo(250_000));
            }
        }
    }

    @Test
    void logThatIsGoneIsSaidToBeGone() throws Exception {
        sql("CREATE TABLE t (id INT PRIMARY KEY)");
        collectAll();
        SERVER.execute("", "FLUSH BINARY LOGS", "FLUSH BINARY LOGS");
        // A log that the server still believes to be sending to somebody stays until it notices that he has gone.
        Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> {
            try (Connection connection = SERVER.connect("");
                    Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery("SHOW MASTER STATUS")) {
                row.next();
                String newest = row.getString(1);
                statement.execute("PURGE BINARY LOGS TO '" + newest + "'");
                try (ResultSet logs = statement.executeQuery("SHOW BINARY LOGS")) {
                    return logs.next() && logs.getString(1).equals(newest);
                }
            }
        });

        assertThatThrownBy(() -> lakeside.collector.follow(order(), event -> {}))
                .isInstanceOfSatisfying(
                        Problem.class, problem -> assertThat(problem.code()).isEqualTo(CollectProblem.POSITION_LOST));
    }

    @Test
    void accountThatMayNotFollowIsToldSo() {
        SERVER.createAccount("reader_only", "SELECT ON " + database + ".*");
        FollowOrder order = new FollowOrder(
                "f",
                new SourceAccess(
                        SourceKind.DATABASE, SERVER.url(database), "reader_only", TestMariaDb.PASSWORD, Map.of()),
                follower,
                1L << 30);

        assertThatThrownBy(() -> lakeside.collector.follow(order, event -> {}))
                .isInstanceOfSatisfying(
                        Problem.class,
                        problem -> assertThat(problem.code()).isEqualTo(CollectProblem.FOLLOWING_IMPOSSIBLE));
    }

    private SourceAccess access() {
        return new SourceAccess(
                SourceKind.DATABASE, SERVER.url(database), TestMariaDb.USER, TestMariaDb.PASSWORD, Map.of());
    }

    private FollowOrder order() {
        return new FollowOrder("f", access(), follower, confirmed, 1L << 30);
    }

    private void collectAll() {
        Lakeside.Told told = lakeside.collect("f", access(), follower, Set.of());
        assertThat(told.results().values())
                .allSatisfy(
                        result -> assertThat(result.state()).as(result.object()).isEqualTo(RunEvent.State.COMPLETE));
    }

    private void follow() {
        int before = events.size();
        following = threads.submit(() -> lakeside.collector.follow(order(), event -> {
            events.add(event);
            switch (event) {
                case FollowEvent.Started started ->
                    started.tables().forEach(table -> states.put(table.lakeName(), table));
                case FollowEvent.Changed changed -> states.put(changed.table().lakeName(), changed.table());
                case FollowEvent.Reshaped ignored -> {}
                case FollowEvent.Applied applied -> confirmed = applied.position();
                case FollowEvent.Beat beat -> confirmed = beat.position();
            }
        }));
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
        lakeside.collector.unfollow("f");
        following.get();
        Set<String> sound = states.values().stream()
                .filter(table -> table.state() == FollowEvent.State.FOLLOWED)
                .map(FollowEvent.TableState::lakeName)
                .collect(Collectors.toSet());
        lakeside.collect("f", access(), follower, sound);
        follow();
    }

    /** Waits until everything that was committed at the source by now has been seen. */
    private void caughtUp() throws Exception {
        String now;
        try (Connection connection = SERVER.connect(database);
                ResultSet row = connection.createStatement().executeQuery("SHOW MASTER STATUS")) {
            row.next();
            String file = row.getString(1);
            now = String.format(
                    "%010d:%012d", Long.parseLong(file.substring(file.lastIndexOf('.') + 1)), row.getLong(2));
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
        Lakeside.Told told = lakeside.collect("other", access(), "", Set.of());
        for (String table : tables) {
            ObjectResult result = told.of(database + "." + table);
            assertThat(states.get(result.lakeName()).state()).as(table).isEqualTo(FollowEvent.State.FOLLOWED);
            assertThat(counted(lakeside.lakeRows("f", result)))
                    .as(table)
                    .isEqualTo(counted(lakeside.lakeRows("other", result)));
        }
    }

    private static Map<List<String>, Long> counted(List<List<String>> rows) {
        return new ArrayList<>(rows).stream().collect(Collectors.groupingBy(row -> row, Collectors.counting()));
    }

    private void sql(String... statements) throws SQLException {
        try (Connection connection = SERVER.connect(database);
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }
}

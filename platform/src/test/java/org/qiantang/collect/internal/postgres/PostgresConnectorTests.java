package org.qiantang.collect.internal.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.qiantang.collect.CollectProblem;
import org.qiantang.collect.SourceObject;
import org.qiantang.collect.SourceObject.SourceColumn;
import org.qiantang.collect.internal.Connector;
import org.qiantang.collect.internal.Connector.Part;
import org.qiantang.collect.internal.Connector.RejectedRow;
import org.qiantang.core.Problem;
import org.qiantang.lake.BatchContents;
import org.qiantang.lake.LakeException;
import org.qiantang.testing.TestPostgres;

/** How a collection behaves towards a source that is large, changes, refuses or goes away. */
class PostgresConnectorTests {
    private static final AtomicInteger DATABASES = new AtomicInteger();
    private static final TestPostgres POSTGRES = TestPostgres.shared();

    private String database;
    private String url;

    @BeforeEach
    void create() {
        database = "source_" + DATABASES.incrementAndGet();
        url = POSTGRES.createDatabase(database);
    }

    private PostgresConnector open() {
        return PostgresConnector.open(url, TestPostgres.USER, TestPostgres.PASSWORD, 2);
    }

    private PostgresConnector openWithLimit(long largestValueBytes) {
        return new PostgresConnector(
                PostgresLocation.of(url, TestPostgres.USER, TestPostgres.PASSWORD), 2, largestValueBytes, 64);
    }

    @Test
    void refusalsSayWhatToDo() {
        problem(
                () -> PostgresConnector.open(url, TestPostgres.USER, "wrong", 1),
                CollectProblem.SIGN_IN_REFUSED,
                "password authentication failed");
        problem(
                () -> PostgresConnector.open("jdbc:postgresql://127.0.0.1:1/x", "a", "b", 1),
                CollectProblem.SOURCE_UNREACHABLE,
                "127.0.0.1:1 refused");
        problem(
                () -> PostgresConnector.open(POSTGRES.url("nowhere"), TestPostgres.USER, TestPostgres.PASSWORD, 1),
                CollectProblem.SOURCE_UNREACHABLE,
                "database \"nowhere\" does not exist");
        problem(() -> PostgresConnector.open("city", "a", "b", 1), CollectProblem.BAD_LOCATION, "jdbc:postgresql://");
    }

    private static void problem(ThrowingCallable call, CollectProblem code, String words) {
        assertThatThrownBy(call).isInstanceOfSatisfying(Problem.class, problem -> {
            assertThat(problem.code()).isEqualTo(code);
            assertThat(problem.en()).contains(words);
            assertThat(problem.zh()).doesNotContain("{");
        });
    }

    @Test
    void everyTableIsReadAsOfTheMomentOfOpening() throws Exception {
        POSTGRES.execute(
                database,
                "CREATE TABLE a AS SELECT i, repeat('x', 100) AS t FROM generate_series(1, 20000) AS i",
                "CREATE TABLE b (i integer)");
        try (PostgresConnector connector = openWithLimit(64 << 20)) {
            List<SourceObject> objects = connector.discover();
            POSTGRES.execute(
                    database,
                    "INSERT INTO b VALUES (1)",
                    "DELETE FROM a WHERE i % 2 = 0",
                    "UPDATE a SET t = 'changed'",
                    "INSERT INTO a SELECT i, 'new' FROM generate_series(1, 20000) AS i",
                    "VACUUM a");

            Reading a = Reading.of(connector, objects.get(0));
            Reading b = Reading.of(connector, objects.get(1));

            assertThat(a.parts()).isGreaterThan(4);
            assertThat(a.rows()).hasSize(20000).allMatch(row -> row.get(1).equals("x".repeat(100)));
            assertThat(a.rows().stream().map(List::getFirst).distinct()).hasSize(20000);
            assertThat(b.rows()).isEmpty();
            assertThat(connector.position()).matches("lsn [0-9A-F]+/[0-9A-F]+, snapshot [0-9A-F-]+");
        }
    }

    @Test
    void partsAreReadByPagesAndNotByReadingTheWholeTableEachTime() throws Exception {
        POSTGRES.execute(
                database, "CREATE TABLE a AS SELECT i, repeat('x', 100) AS t FROM generate_series(1, 20000) AS i");
        try (PostgresConnector connector = openWithLimit(64 << 20);
                Sessions sessions =
                        new Sessions(PostgresLocation.of(url, TestPostgres.USER, TestPostgres.PASSWORD), 1);
                Connection connection = POSTGRES.connect(database);
                Statement statement = connection.createStatement()) {
            SourceObject a = connector.discover().getFirst();
            for (Part part : connector.parts(a)) {
                Relation relation = new Catalogue(
                                new Sessions(PostgresLocation.of(url, TestPostgres.USER, TestPostgres.PASSWORD), 1))
                        .relation(a);
                String sql = CopyQuery.of(a, relation, relation, Slice.of(part.spec()), false, 64 << 20)
                        .sql();
                String select = sql.substring(sql.indexOf('(') + 1, sql.lastIndexOf(") TO STDOUT"));
                try (ResultSet plan = statement.executeQuery("EXPLAIN " + select)) {
                    plan.next();
                    assertThat(plan.getString(1)).startsWith("Tid Range Scan");
                }
            }
        }
    }

    @Test
    void tableThatIsTruncatedMeanwhileIsNotTakenForEmpty() throws Exception {
        POSTGRES.execute(
                database, "CREATE TABLE a AS SELECT generate_series(1, 100) AS i", "CREATE TABLE b (i integer)");
        try (PostgresConnector connector = open()) {
            SourceObject a = connector.discover().getFirst();
            POSTGRES.execute(database, "TRUNCATE a");

            problem(
                    () -> Reading.of(connector, a),
                    CollectProblem.TABLE_REWRITTEN,
                    "public.a was truncated or rewritten");
            assertThat(Reading.of(connector, connector.discover().get(1)).rows())
                    .isEmpty();
        }
    }

    @Test
    void tableThatIsDroppedMeanwhileFailsAlone() throws Exception {
        POSTGRES.execute(database, "CREATE TABLE a (i integer)", "CREATE TABLE b (i integer)");
        try (PostgresConnector connector = open()) {
            List<SourceObject> objects = connector.discover();
            POSTGRES.execute(database, "DROP TABLE a");

            assertThatThrownBy(() -> Reading.of(connector, objects.get(0)))
                    .hasMessageContaining("relation \"public.a\" does not exist");
            assertThat(Reading.of(connector, objects.get(1)).rows()).isEmpty();
        }
    }

    @Test
    void foreignTableWhoseServerIsGoneFailsInTheServersWords() throws Exception {
        POSTGRES.execute(
                database,
                "CREATE TABLE a AS SELECT i, 't' || i AS t FROM generate_series(1, 10) AS i",
                "CREATE EXTENSION postgres_fdw",
                "CREATE SERVER here FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '127.0.0.1', port '"
                        + POSTGRES.port() + "', dbname '" + database + "')",
                "CREATE USER MAPPING FOR CURRENT_USER SERVER here OPTIONS (user 'postgres', password '"
                        + TestPostgres.PASSWORD + "')",
                "CREATE FOREIGN TABLE far (i integer, t text) SERVER here OPTIONS (table_name 'a')",
                "CREATE SERVER gone FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '127.0.0.1', port '1')",
                "CREATE USER MAPPING FOR CURRENT_USER SERVER gone OPTIONS (user 'x', password 'y')",
                "CREATE FOREIGN TABLE lost (i integer) SERVER gone");
        try (PostgresConnector connector = open()) {
            SourceObject far = named(connector, "far");
            SourceObject lost = named(connector, "lost");

            assertThat(far.kind()).isEqualTo(SourceObject.Kind.FOREIGN_TABLE);
            assertThat(far.details()).containsEntry("server", "here");
            assertThat(Reading.of(connector, far).rows()).hasSize(10).contains(List.of("3", "t3"));
            assertThatThrownBy(() -> Reading.of(connector, lost)).hasMessageContaining("could not connect to server");
        }
    }

    @Test
    void damagedPageFailsItsTableInTheServersWords() throws Exception {
        POSTGRES.execute(database, "CREATE TABLE b AS SELECT generate_series(1, 5) AS i");
        try (PostgresConnector connector = open()) {
            SourceObject b = named(connector, "b");
            corrupt(database, "b");

            assertThatThrownBy(() -> Reading.of(connector, b)).hasMessageContaining("invalid page in block 0");
        }
    }

    /** Overwrites the header of the first page, on disk and out of the server's memory. */
    private static void corrupt(String database, String table) throws SQLException {
        POSTGRES.execute(database, "CHECKPOINT");
        try (Connection connection = POSTGRES.connect(database);
                Statement statement = connection.createStatement()) {
            String path = text(
                    statement,
                    "SELECT current_setting('data_directory') || '/' || pg_relation_filepath('" + table + "')");
            POSTGRES.execute(database, "CREATE EXTENSION IF NOT EXISTS pg_buffercache");
            try (var file = new java.io.RandomAccessFile(path, "rw")) {
                file.seek(8);
                file.write(new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16});
            } catch (java.io.IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
            statement.execute(
                    "SELECT pg_buffercache_evict(bufferid) FROM pg_buffercache WHERE relfilenode = pg_relation_filenode('"
                            + table + "')");
        }
    }

    @Test
    void valueBeyondTheLimitIsRefusedAndTheRestOfItsRowLands() throws Exception {
        POSTGRES.execute(
                database,
                "CREATE TABLE papers (id integer, scan bytea, words varchar, j jsonb, a text[], c char(4), note text)",
                "ALTER TABLE papers ALTER scan SET STORAGE EXTERNAL",
                "INSERT INTO papers SELECT 1, decode(repeat('00ff', 150000), 'hex'), 'short', '{}', '{}', 'x', 'kept'",
                "INSERT INTO papers SELECT 2, '\\x01', repeat('长𠮷', 100000), NULL, NULL, '', ''",
                "INSERT INTO papers SELECT 3, NULL, NULL, to_jsonb(repeat('j', 300000)), ARRAY[repeat('a', 300000)], 'y', 'both'",
                "INSERT INTO papers SELECT 4, decode(repeat('ab', 200000), 'hex'), repeat('w', 200000), '1', NULL, 'z', 'in sum'",
                "INSERT INTO papers VALUES (5, '\\x05', 'five', '[5]', '{5}', 'v', NULL)");
        try (PostgresConnector connector = openWithLimit(256 << 10)) {
            SourceObject papers = named(connector, "papers");
            String all = Reading.byJdbc(url, TestPostgres.USER, TestPostgres.PASSWORD, papers)
                    .get(4)
                    .toString();

            Reading reading = Reading.of(connector, papers);

            assertThat(reading.rowsAtSource()).isEqualTo(5);
            assertThat(reading.rows()).hasSize(5);
            assertThat(reading.rows().get(0)).containsExactly("1", null, "short", "{}", "{}", "x   ", "kept");
            assertThat(reading.rows().get(1)).containsExactly("2", "\\x01", null, null, null, "    ", "");
            assertThat(reading.rows().get(2)).containsExactly("3", null, null, null, null, "y   ", "both");
            assertThat(reading.rows().get(3)).containsExactly("4", null, null, "1", null, "z   ", "in sum");
            assertThat(reading.rows().get(4).toString()).isEqualTo(all);
            assertThat(reading.rejects())
                    .extracting(RejectedRow::column)
                    .containsExactly("scan", "words", "j", "a", "scan", "words");
            assertThat(reading.rejects()).allSatisfy(reject -> {
                assertThat(reject.code()).isEqualTo(CollectProblem.VALUE_TOO_LARGE.id());
                assertThat(reject.where()).matches("\\(\\d+,\\d+\\)");
                assertThat(reject.raw().codePointCount(0, reject.raw().length()))
                        .isBetween(999, 1000);
            });
            assertThat(reading.rejects().get(0).reason()).startsWith("300000 bytes");
            assertThat(reading.rejects().get(0).raw()).startsWith("\\x00ff00ff");
            assertThat(reading.rejects().get(1).reason()).startsWith("700000 bytes");
            assertThat(reading.rejects().get(1).raw()).isEqualTo("长𠮷".repeat(500));
        }
    }

    @Test
    void limitHoldsInATableOf1600Columns() throws Exception {
        String columns =
                IntStream.rangeClosed(1, 1600).mapToObj(i -> "c" + i + " text").collect(Collectors.joining(", "));
        POSTGRES.execute(
                database,
                "CREATE TABLE wide (" + columns + ")",
                "INSERT INTO wide (c1, c800, c1600) SELECT 'a', string_agg(md5(i::text), ''), 'z'"
                        + " FROM generate_series(1, 10000) AS i");
        try (PostgresConnector connector = openWithLimit(256 << 10)) {
            Reading reading = Reading.of(connector, named(connector, "wide"));

            assertThat(reading.rejects())
                    .singleElement()
                    .satisfies(reject -> assertThat(reject.column()).isEqualTo("c800"));
            assertThat(reading.rows().getFirst().get(0)).isEqualTo("a");
            assertThat(reading.rows().getFirst().get(799)).isNull();
            assertThat(reading.rows().getFirst().get(1599)).isEqualTo("z");
        }
    }

    /** Half a gigabyte in one value, a worker's heap and a few minutes: for those who ask for it. */
    @Test
    void valueOf600MegabytesIsRefusedWithinAWorkersHeap() throws Exception {
        assumeTrue(Boolean.getBoolean("qiantang.test.large"), "-Dqiantang.test.large=true runs it");
        POSTGRES.execute(
                database,
                "CREATE TABLE papers (id integer, scan bytea)",
                "ALTER TABLE papers ALTER scan SET STORAGE EXTERNAL",
                "INSERT INTO papers SELECT 1, convert_to(repeat('0123456789', 60000000), 'UTF8')",
                "INSERT INTO papers SELECT i, convert_to(repeat('0123456789', 6000000), 'UTF8') FROM generate_series(2, 4) AS i");
        try (PostgresConnector connector = open()) {
            SourceObject papers = named(connector, "papers");
            List<RejectedRow> rejects = new ArrayList<>();
            BatchContents batch = batch(papers);
            try (Connector.PartReader reader =
                    connector.open(papers, connector.parts(papers).getFirst(), rejects::add)) {
                int rows = 0;
                for (int n = batch.read(reader); n > 0; n = batch.read(reader)) {
                    rows += n;
                }
                assertThat(rows).isEqualTo(4);
            }
            assertThat(rejects)
                    .singleElement()
                    .satisfies(reject -> assertThat(reject.reason()).startsWith("600000000 bytes"));
        }
    }

    @Test
    void textThatIsNotUtf8IsRejectedAlone() throws Exception {
        POSTGRES.execute(
                "postgres",
                "DROP DATABASE IF EXISTS ascii",
                "CREATE DATABASE ascii ENCODING 'SQL_ASCII' LOCALE 'C' LOCALE_PROVIDER libc TEMPLATE template0");
        POSTGRES.execute(
                "ascii",
                "CREATE TABLE old (id integer, t text, p char(4), j jsonb)",
                "INSERT INTO old VALUES (1, '好', 'a', '{\"a\": 1}'), (2, convert_from('\\xbac3'::bytea, 'SQL_ASCII'), 'b', '2'),"
                        + " (3, 'plain', '', '3'), (4, NULL, NULL, NULL)",
                "COMMENT ON TABLE old IS '旧表'",
                "DO $$ BEGIN EXECUTE 'COMMENT ON COLUMN old.t IS ' || quote_literal(convert_from('\\xc3fbb3c6'::bytea, 'SQL_ASCII')); END $$",
                "DO $$ BEGIN EXECUTE 'CREATE TABLE ' || convert_from('\\xb1ed'::bytea, 'SQL_ASCII') || ' (i integer)'; END $$");
        try (PostgresConnector connector =
                PostgresConnector.open(POSTGRES.url("ascii"), TestPostgres.USER, TestPostgres.PASSWORD, 1)) {
            SourceObject old = named(connector, "old");

            Reading reading = Reading.of(connector, old);

            assertThat(old.comment()).isEqualTo("旧表");
            assertThat(old.columns().get(1).column().comment()).isEqualTo("名称");
            assertThat(reading.rows())
                    .containsExactly(
                            List.of("1", "好", "a   ", "{\"a\": 1}"),
                            Arrays.asList("2", null, "b   ", "2"),
                            List.of("3", "plain", "    ", "3"),
                            Arrays.asList("4", null, null, null));
            assertThat(reading.rejects())
                    .containsExactly(new RejectedRow(
                            "(0,2)", "t", CollectProblem.INVALID_TEXT.id(), "2 bytes that are not UTF-8", "bac3"));
            assertThat(connector.unreadable(named(connector, "表")))
                    .get()
                    .extracting(Connector.Unreadable::code)
                    .isEqualTo(CollectProblem.INVALID_TEXT.id());
        }
    }

    @Test
    void closingAReaderEndsTheCopyAtTheServer() throws Exception {
        POSTGRES.execute(
                database, "CREATE TABLE a AS SELECT i, repeat('x', 1000) AS t FROM generate_series(1, 50000) AS i");
        try (PostgresConnector connector = open()) {
            SourceObject a = named(connector, "a");
            BatchContents batch = batch(a);
            Connector.PartReader reader = connector.open(a, connector.parts(a).getFirst(), reject -> {});
            assertThat(batch.read(reader)).isPositive();
            assertThat(copiesRunning()).isEqualTo(1);

            reader.close();

            Awaitility.await().atMost(Duration.ofSeconds(5)).until(() -> copiesRunning() == 0);
            assertThat(Reading.of(connector, a).rows()).hasSize(50000);
        }
    }

    @Test
    void closingAReaderFreesTheThreadThatWaitsForTheServer() throws Exception {
        POSTGRES.execute(database, "CREATE TABLE a (i integer)", "INSERT INTO a VALUES (1)");
        try (PostgresConnector connector = open();
                Connection owner = POSTGRES.connect(database);
                Statement statement = owner.createStatement()) {
            SourceObject a = named(connector, "a");
            owner.setAutoCommit(false);
            statement.execute("LOCK TABLE a IN ACCESS EXCLUSIVE MODE");
            Connector.PartReader reader = connector.open(a, connector.parts(a).getFirst(), reject -> {});
            BatchContents batch = batch(a);
            CompletableFuture<Throwable> reading = CompletableFuture.supplyAsync(() -> {
                try {
                    batch.read(reader);
                    return new AssertionError("it was read");
                } catch (Exception e) {
                    return e;
                }
            });
            Awaitility.await().until(() -> copiesRunning() == 1);

            reader.close();

            assertThat(reading.get(5, java.util.concurrent.TimeUnit.SECONDS))
                    .isInstanceOfSatisfying(
                            LakeException.class, e -> assertThat(e.kind()).isEqualTo(LakeException.Kind.CANCELLED));
            Awaitility.await().atMost(Duration.ofSeconds(5)).until(() -> copiesRunning() == 0);
            owner.rollback();
            assertThat(Reading.of(connector, a).rows()).containsExactly(List.of("1"));
        }
    }

    @Test
    void connectionsAreUsedAgainForTableAfterTable() throws Exception {
        String tables = IntStream.rangeClosed(1, 50)
                .mapToObj(i -> "CREATE TABLE t" + i + " AS SELECT " + i + " AS i")
                .collect(Collectors.joining("; "));
        POSTGRES.execute(database, tables);
        try (PostgresConnector connector = open()) {
            for (SourceObject object : connector.discover()) {
                assertThat(Reading.of(connector, object).rows()).hasSize(1);
            }
            assertThat(connections()).isEqualTo(2);
            try (Connection connection = POSTGRES.connect(database);
                    Statement statement = connection.createStatement()) {
                statement.execute("SET lock_timeout = '1s'");
                statement.execute("DROP TABLE t7");
            }
        }
        Awaitility.await().atMost(Duration.ofSeconds(5)).until(() -> connections() == 0);
    }

    @Test
    void thousandsOfTablesAreDiscoveredInSeconds() {
        POSTGRES.execute(
                database,
                "DO $$ BEGIN FOR i IN 1..1000 LOOP EXECUTE format('CREATE TABLE t%s (id integer PRIMARY KEY,"
                        + " a text NOT NULL DEFAULT ''x'', b numeric(10, 2), c date, d text[])', i); END LOOP; END $$",
                "DO $$ BEGIN FOR i IN 1001..2000 LOOP EXECUTE format('CREATE TABLE t%s (id integer PRIMARY KEY,"
                        + " a text NOT NULL DEFAULT ''x'', b numeric(10, 2), c date, d text[])', i); END LOOP; END $$");
        long start = System.nanoTime();
        try (PostgresConnector connector = open()) {
            assertThat(connector.discover())
                    .hasSize(2000)
                    .allSatisfy(object -> assertThat(object.columns()).hasSize(5));
        }
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(20));
    }

    private static BatchContents batch(SourceObject object) {
        return new BatchContents(
                object.columns().stream().map(SourceColumn::column).toList());
    }

    private static SourceObject named(PostgresConnector connector, String name) {
        return connector.discover().stream()
                .filter(object -> object.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private int copiesRunning() {
        return count("query LIKE 'COPY%' AND state = 'active'");
    }

    private int connections() {
        return count("application_name = 'qiantang'");
    }

    private int count(String condition) {
        try (Connection connection = DriverManager.getConnection(
                        POSTGRES.url("postgres"), TestPostgres.USER, TestPostgres.PASSWORD);
                Statement statement = connection.createStatement()) {
            return Integer.parseInt(text(
                    statement,
                    "SELECT count(*) FROM pg_stat_activity WHERE datname = '" + database + "' AND " + condition));
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String text(Statement statement, String sql) throws SQLException {
        try (ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getString(1);
        }
    }
}

package org.qiantang.collect.internal.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.qiantang.collect.CollectProblem;
import org.qiantang.collect.SourceAccess;
import org.qiantang.collect.SourceKind;
import org.qiantang.collect.SourceObject;
import org.qiantang.collect.SourceObject.SourceColumn;
import org.qiantang.collect.internal.Connector.Part;
import org.qiantang.collect.internal.Connector.PartReader;
import org.qiantang.core.Problem;
import org.qiantang.lake.BatchContents;
import org.qiantang.lake.LakeException;
import org.qiantang.testing.TestMariaDb;

/** One state of the source from the first table to the last, whatever happens at the source meanwhile. */
class DatabaseConnectorTests {
    private static final TestMariaDb SERVER = TestMariaDb.shared();

    @BeforeAll
    static void create() throws Exception {
        SERVER.createDatabase("said");
        Path script = Files.createTempFile("hostile", ".sql");
        try (InputStream in = DatabaseConnectorTests.class.getResourceAsStream("/jdbc/hostile-mariadb.sql")) {
            Files.write(script, in.readAllBytes());
        }
        assertThat(SERVER.run("said", script)).isEmpty();
        Files.delete(script);
    }

    private static DatabaseConnector open(String database, String user, String password, Map<String, String> settings) {
        return DatabaseConnector.open(
                new SourceAccess(SourceKind.DATABASE, SERVER.url(database), user, password, settings),
                new Drivers(Path.of("/none")),
                2,
                "");
    }

    private static DatabaseConnector openOne(String database) {
        return open(database, TestMariaDb.USER, TestMariaDb.PASSWORD, Map.of("maxConnections", "1"));
    }

    private static SourceObject named(DatabaseConnector connector, String name) {
        return connector.discover().stream()
                .filter(object -> object.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("Not found: " + name));
    }

    private static BatchContents batch(SourceObject object) {
        return new BatchContents(
                object.columns().stream().map(SourceColumn::column).toList());
    }

    private static PartReader reader(DatabaseConnector connector, SourceObject object) {
        return connector.open(object, new Part(KeyRange.ALL.spec(), 1), reject -> {
            throw new AssertionError(reject);
        });
    }

    private static long count(PartReader reader, BatchContents batch) throws Exception {
        long rows = 0;
        for (int n = batch.read(reader); n > 0; n = batch.read(reader)) {
            rows += n;
        }
        return rows;
    }

    private static void moving(String database) {
        SERVER.createDatabase(database);
        SERVER.execute(
                database,
                "CREATE TABLE big (id INT PRIMARY KEY, t TEXT)",
                "INSERT INTO big SELECT seq, REPEAT('x', 100) FROM seq_1_to_200000",
                "CREATE TABLE other (id INT PRIMARY KEY)",
                "INSERT INTO other VALUES (1), (2)");
    }

    @Test
    void catalogueSaysAllThereIs() {
        try (DatabaseConnector connector = openOne("said")) {
            assertThat(connector.product()).isEqualTo("MariaDB");
            SourceObject table = named(connector, "表 一");
            assertThat(table.comment()).isEqualTo("第一张表");
            assertThat(table.columns().getFirst().column().comment()).isEqualTo("第一列");
            assertThat(table.lakeName()).isEqualTo("said__表 一");

            SourceObject generated = named(connector, "generated_columns");
            assertThat(generated.details())
                    .containsEntry("primaryKey", "[\"id\"]")
                    .containsEntry("uniqueKeys", "[[\"a\",\"hidden\"]]")
                    .containsEntry("indexes", "{\"one BTREE\":[\"stored\"]}")
                    .containsEntry("checks", "[\"`a` > 0\"]")
                    .containsEntry("engine", "InnoDB");
            assertThat(generated.columns()).hasSize(5);
            assertThat(generated.columns().get(0).details()).containsEntry("extra", "auto_increment");
            assertThat(generated.columns().get(1).details()).containsEntry("default", "1");
            assertThat(generated.columns().get(1).nullable()).isFalse();
            assertThat(generated.columns().get(2).details()).containsEntry("generated", "`a` * 2");

            assertThat(named(connector, "child").details().get("foreignKeys"))
                    .isEqualTo("[{\"name\":\"to_parent\",\"columns\":[\"parent\"],\"schema\":\"said\","
                            + "\"table\":\"generated_columns\",\"referencedColumns\":[\"id\"]}]");
            assertThat(named(connector, "parted").kind()).isEqualTo(SourceObject.Kind.PARTITIONED_TABLE);
            assertThat(named(connector, "parted").details()).containsEntry("partitionKey", "RANGE (`id`)");
            assertThat(connector.discover())
                    .filteredOn(object -> object.kind() == SourceObject.Kind.PARTITION)
                    .extracting(SourceObject::name, object -> object.details().get("parent"))
                    .containsExactlyInAnyOrder(
                            org.assertj.core.groups.Tuple.tuple("parted#low", "said.parted"),
                            org.assertj.core.groups.Tuple.tuple("parted#high", "said.parted"));
            assertThat(named(connector, "old_engine").details()).containsKey("consistency");
            assertThat(named(connector, "versioned").details()).containsEntry("systemVersioned", "true");
            assertThat(named(connector, "counter").kind()).isEqualTo(SourceObject.Kind.SEQUENCE);
            assertThat(named(connector, "counter").details())
                    .containsEntry("next", "5")
                    .containsEntry("increment", "-2")
                    .containsEntry("minimum", "-100");
            assertThat(named(connector, "looking").details().get("definition")).contains("`From`");
            assertThat(named(connector, "integers").columns())
                    .extracting(column -> column.column().sourceType())
                    .contains("int(8) unsigned zerofill", "bigint(20) unsigned", "tinyint(1)");
            assertThat(connector.discover().stream()
                            .filter(SourceObject::isCopied)
                            .map(SourceObject::lakeName))
                    .contains("said__Mixed", "said__mixed_2");
        }
    }

    @Test
    void readingThatIsStoppedLeavesItsConnectionAndItsStateToTheNext() throws Exception {
        moving("stopped");
        try (DatabaseConnector connector = openOne("stopped")) {
            SourceObject big = named(connector, "big");
            BatchContents batch = batch(big);
            PartReader stopped = reader(connector, big);
            assertThat(batch.read(stopped)).isPositive();
            SERVER.execute("stopped", "DELETE FROM big");

            stopped.close();

            try (PartReader again = reader(connector, big)) {
                assertThat(count(again, batch)).isEqualTo(200_000);
                assertThat(again.rowsAtSource()).hasValue(200_000);
            }
        }
    }

    @Test
    void readingCanBeStoppedWhileItReadsAndWhileItWaits() throws Exception {
        moving("interrupted");
        try (DatabaseConnector connector = openOne("interrupted")) {
            SourceObject big = named(connector, "big");
            BatchContents first = batch(big);
            PartReader reading = reader(connector, big);
            assertThat(first.read(reading)).isPositive();
            PartReader waiting = reader(connector, big);
            CompletableFuture<Integer> answer = CompletableFuture.supplyAsync(() -> {
                try {
                    return batch(big).read(waiting);
                } catch (LakeException e) {
                    return e.kind() == LakeException.Kind.CANCELLED ? -1 : -2;
                } catch (Exception e) {
                    return -3;
                }
            });

            waiting.close();

            assertThat(answer.get(10, TimeUnit.SECONDS)).isIn(-1, 0);
            reading.close();
            try (PartReader other = reader(connector, named(connector, "other"))) {
                assertThat(count(other, batch(named(connector, "other")))).isEqualTo(2);
            }
        }
    }

    @Test
    void lostConnectionIsASourceThatIsNotThere() throws Exception {
        moving("lost");
        SERVER.createAccount("short_lived", "SELECT ON lost.*");
        try (DatabaseConnector connector = open("lost", "short_lived", TestMariaDb.PASSWORD, Map.of())) {
            SourceObject big = named(connector, "big");
            BatchContents batch = batch(big);
            PartReader reader = reader(connector, big);
            assertThat(batch.read(reader)).isPositive();

            SERVER.execute("", "KILL USER short_lived");

            assertThatThrownBy(() -> count(reader, batch))
                    .isInstanceOfSatisfying(
                            Problem.class,
                            problem -> assertThat(problem.code()).isEqualTo(CollectProblem.SOURCE_UNREACHABLE));
        }
    }

    @Test
    void tableThatIsRewrittenMeanwhileFailsAloneWithItsReason() throws Exception {
        moving("rewritten");
        try (DatabaseConnector connector = openOne("rewritten")) {
            SourceObject big = named(connector, "big");
            SERVER.execute("rewritten", "ALTER TABLE big ADD COLUMN late INT, ALGORITHM = COPY");

            try (PartReader reader = reader(connector, big)) {
                assertThatThrownBy(() -> batch(big).read(reader))
                        .isInstanceOfSatisfying(
                                Problem.class,
                                problem -> assertThat(problem.code()).isEqualTo(CollectProblem.TABLE_REWRITTEN));
            }
            try (PartReader other = reader(connector, named(connector, "other"))) {
                assertThat(count(other, batch(named(connector, "other")))).isEqualTo(2);
            }
        }
    }

    @Test
    void writersGoOnAsSoonAsTheSnapshotsHaveBegun() {
        moving("unlocked");
        try (DatabaseConnector connector =
                open("unlocked", TestMariaDb.USER, TestMariaDb.PASSWORD, Map.of("maxConnections", "2"))) {
            assertThat(connector.connections()).isEqualTo(2);
            assertThat(connector.position())
                    .matches(
                            "binlog bin\\.\\d+:\\d+, gtid 0-1-\\d+, one snapshot for 2 connections under a global read lock"
                                    + " of \\d+ ms");
            await().atMost(Duration.ofSeconds(10))
                    .untilAsserted(() -> SERVER.execute("unlocked", "INSERT INTO other VALUES (3)"));
        }
    }

    @Test
    void refusalsSayWhatToDo() {
        assertThatThrownBy(() -> open("", TestMariaDb.USER, "wrong", Map.of()))
                .isInstanceOfSatisfying(
                        Problem.class, problem -> assertThat(problem.code()).isEqualTo(CollectProblem.SIGN_IN_REFUSED));
        assertThatThrownBy(() -> DatabaseConnector.open(
                        new SourceAccess(SourceKind.DATABASE, "jdbc:mysql://127.0.0.1:1/x", "a", "b", Map.of()),
                        new Drivers(Path.of("/none")),
                        2,
                        ""))
                .isInstanceOfSatisfying(
                        Problem.class,
                        problem -> assertThat(problem.code()).isEqualTo(CollectProblem.SOURCE_UNREACHABLE));
        assertThat(List.of("jdbc:mysql", "jdbc:mariadb"))
                .allSatisfy(scheme -> assertThat(new Drivers(Path.of("/none"))
                                .find(DatabaseLocation.of(scheme + "://h/db?ssl=true"))
                                .url())
                        .isEqualTo("jdbc:mariadb://h/db?ssl=true"));
    }
}

package org.qiantang.collect;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.qiantang.collect.RunEvent.ObjectResult;
import org.qiantang.collect.RunEvent.State;
import org.qiantang.lake.ColumnProfile;
import org.qiantang.testing.SharedData;
import org.qiantang.testing.TestPostgres;

/** From a source to rows in the lake, with nothing in between left out. */
class CollectionTests {
    @TempDir
    Path folder;

    private Lakeside lakeside;
    private final TestPostgres postgres = TestPostgres.shared();

    @BeforeEach
    void open() throws Exception {
        lakeside = new Lakeside(folder);
    }

    @AfterEach
    void close() {
        lakeside.close();
    }

    @Test
    void pagilaIsCollectedWithEveryTablePartitionRowAndValue() throws Exception {
        Path pagila = SharedData.folder("pagila-postgres");
        String url = postgres.createDatabase("pagila_collected");
        postgres.psql("pagila_collected", pagila.resolve("pagila-schema.sql"));
        postgres.psql("pagila_collected", pagila.resolve("pagila-data.sql"));

        Lakeside.Told told = lakeside.collect("pagila", SourceKind.POSTGRES, url);

        assertThat(told.results())
                .hasSize(15)
                .allSatisfy((name, result) -> assertThat(result.state())
                        .as(name + ": " + result.reason())
                        .isEqualTo(State.COMPLETE));
        assertThat(told.of("public.payment").rowsLanded()).isEqualTo(16_049);
        assertThat(told.of("public.rental").rowsLanded()).isEqualTo(16_044);
        assertThat(told.discovered().objects())
                .filteredOn(object -> object.kind() == SourceObject.Kind.PARTITION)
                .hasSize(7)
                .allMatch(object -> object.details().get("parent").equals("public.payment"));
        for (ObjectResult table : told.results().values()) {
            assertEqualToSource("pagila", url, told, table);
        }
    }

    @Test
    void hostileDatabaseIsInTheLakeValueByValue() throws Exception {
        String url = postgres.createDatabase("hostile_collected");
        postgres.createRole("hostile_clerk");
        try (InputStream script = CollectionTests.class.getResourceAsStream("/postgres/hostile.sql")) {
            postgres.execute("hostile_collected", new String(script.readAllBytes(), StandardCharsets.UTF_8));
        }
        String wide = IntStream.rangeClosed(1, 1600)
                .mapToObj(i -> "c" + i + " "
                        + List.of("integer", "text", "boolean", "numeric(9, 2)").get(i % 4))
                .collect(Collectors.joining(", "));
        postgres.execute(
                "hostile_collected",
                "CREATE TABLE wide (" + wide + ")",
                "INSERT INTO wide (c1, c2, c3, c4) SELECT 'x' || g, g % 2 = 0, g, g FROM generate_series(1, 3000) g",
                "CREATE TABLE nothing ()",
                "INSERT INTO nothing DEFAULT VALUES",
                "INSERT INTO nothing DEFAULT VALUES");

        Lakeside.Told told = lakeside.collect("hostile", SourceKind.POSTGRES, url);

        assertThat(told.results()).hasSizeGreaterThan(20);
        for (ObjectResult table : told.results().values()) {
            assertThat(table.state()).as(table.object() + ": " + table.reason()).isEqualTo(State.COMPLETE);
            if (table.columns().size() == 1 && table.columns().get(0).lakeName().equals("_row")) {
                assertThat(table.rowsLanded()).isEqualTo(table.rowsAtSource().getAsLong());
            } else {
                assertEqualToSource("hostile", url, told, table);
            }
        }
        assertThat(told.of("public.nothing").rowsLanded()).isEqualTo(2);
        assertThat(told.of("public.wide").columns()).hasSize(1600);
    }

    @Test
    void whatIsCollectedIsProfiledWhileItComesInAndTheSameWithAnyNumberOfLanes() throws Exception {
        String url = postgres.createDatabase("profiled");
        postgres.execute(
                "profiled",
                "CREATE TABLE visit AS SELECT g AS id, CASE WHEN g % 10 > 0 THEN 'V-' || lpad((g % 40000)::text, 6, '0') END AS no,"
                        + " (ARRAY['门诊', '急诊', '住院'])[g % 3 + 1] AS kind, (g % 1000)::numeric(8, 2) AS amount,"
                        + " timestamptz '2026-01-01 00:00:00+00' + g * interval '1 minute' AS at FROM generate_series(1, 300000) g",
                "CREATE TABLE empty (id integer, note text)");

        List<ColumnProfile> two = lakeside.collect("profiled", SourceKind.POSTGRES, url)
                .of("public.visit")
                .profiles();
        List<ColumnProfile> one = new ArrayList<>();
        List<ColumnProfile> none = new ArrayList<>();
        for (Profiling profiling : Profiling.values()) {
            Path temp = Path.of(System.getProperty("java.io.tmpdir"));
            new Collector(lakeside.lake, 1, lakeside.drivers, temp, profiling)
                    .run(new CollectionWorker.RunOrder("again", "profiled", postgres(url), "", Set.of()), event -> {
                        if (event instanceof RunEvent.Ended ended
                                && ended.result().object().equals("public.visit")) {
                            (profiling == Profiling.ON ? one : none)
                                    .addAll(ended.result().profiles());
                        }
                    });
        }

        assertThat(two).isEqualTo(one).hasSize(5);
        assertThat(none).isEmpty();
        assertThat(two.get(0).distinct()).isBetween(285_000L, 300_000L);
        assertThat(two.get(1).nulls()).isEqualTo(30_000);
        assertThat(two.get(1).distinct()).isBetween(34_200L, 37_800L);
        assertThat(two.get(1).patterns()).containsExactly(new ColumnProfile.Pattern("A-9{6}", 256));
        assertThat(two.get(2).values().top())
                .containsExactlyInAnyOrder(
                        new ColumnProfile.Top("门诊", 100_000),
                        new ColumnProfile.Top("急诊", 100_000),
                        new ColumnProfile.Top("住院", 100_000));
        assertThat(two.get(3).values().highest()).isEqualTo("999.00");
        assertThat(two.get(4).values().lowest()).isEqualTo("2026-01-01T00:01:00Z");
        assertThat(two.get(4).values().highest()).isEqualTo("2026-07-28T08:00:00Z");
    }

    @Test
    void rowsThatChangeDuringTheRunAreNotSeenHalf() throws Exception {
        String url = postgres.createDatabase("moving");
        postgres.execute(
                "moving",
                "CREATE TABLE a AS SELECT g AS id, 'x' || g AS v FROM generate_series(1, 200000) g",
                "CREATE TABLE b AS SELECT g AS id FROM generate_series(1, 1000) g");
        boolean[] changed = {false};
        List<ObjectResult> results = new ArrayList<>();
        lakeside.collector.run(new CollectionWorker.RunOrder("run", "moving", postgres(url), "", Set.of()), event -> {
            if (event instanceof RunEvent.Discovered && !changed[0]) {
                changed[0] = true;
                postgres.execute(
                        "moving",
                        "DELETE FROM a WHERE id % 2 = 0",
                        "INSERT INTO b SELECT -g FROM generate_series(1, 500) g");
            }
            if (event instanceof RunEvent.Ended ended) {
                results.add(ended.result());
            }
        });

        assertThat(results).allMatch(result -> result.state() == State.COMPLETE);
        assertThat(lakeside.rows("SELECT count(*), count(DISTINCT id) FROM raw_moving.public__a"))
                .containsExactly(List.of("200000", "200000"));
        assertThat(lakeside.rows("SELECT count(*) FROM raw_moving.public__b")).containsExactly(List.of("1000"));
    }

    @Test
    void runThatGoesOnDoesNotRepeatFinishedTables() throws Exception {
        String url = postgres.createDatabase("resumed");
        postgres.execute("resumed", "CREATE TABLE a AS SELECT 1 AS id", "CREATE TABLE b AS SELECT 2 AS id");

        Lakeside.Told told = lakeside.collect(
                "resumed", SourceKind.POSTGRES, url, TestPostgres.USER, TestPostgres.PASSWORD, Set.of("public__a"));

        assertThat(told.results()).containsOnlyKeys("public.b");
        assertThat(lakeside.lake.tables())
                .extracting(state -> state.table().name())
                .containsExactly("public__b");
    }

    @Test
    void cancelledRunEndsAndLeavesNoHalfTable() throws Exception {
        String url = postgres.createDatabase("cancelled");
        postgres.execute(
                "cancelled",
                "CREATE TABLE big AS SELECT g AS id, repeat('x', 100) AS v FROM generate_series(1, 300000) g");
        List<RunEvent> events = new ArrayList<>();

        lakeside.collector.run(
                new CollectionWorker.RunOrder("to-cancel", "cancelled", postgres(url), "", Set.of()), event -> {
                    events.add(event);
                    lakeside.collector.cancel("to-cancel");
                });

        assertThat(events).noneMatch(RunEvent.Ended.class::isInstance);
        assertThat(lakeside.lake.tables()).isEmpty();
        try (var files = Files.walk(folder.resolve("lake"))) {
            assertThat(files.filter(file -> file.toString().endsWith(".parquet")))
                    .isEmpty();
        }
    }

    @Test
    void valueThatDoesNotFitMakesItsColumnTextAndLaterRunsRemember() throws Exception {
        String url = postgres.createDatabase("narrow");
        postgres.execute(
                "narrow",
                "CREATE TABLE t (id int PRIMARY KEY, amount numeric(10,2), at time)",
                "INSERT INTO t VALUES (1, 12.50, '23:59'), (2, 'NaN', '24:00:00'), (3, NULL, NULL)");

        Lakeside.Told first = lakeside.collect("narrow", SourceKind.POSTGRES, url);
        Lakeside.Told second = lakeside.collect("narrow", SourceKind.POSTGRES, url);

        assertThat(first.of("public.t").state()).isEqualTo(State.COMPLETE);
        assertThat(first.of("public.t").columns())
                .extracting(RunEvent.ColumnResult::type)
                .containsExactly("int", "string", "string");
        assertThat(second.of("public.t").columns())
                .isEqualTo(first.of("public.t").columns());
        assertThat(lakeside.rows("SELECT * FROM raw_narrow.public__t ORDER BY id"))
                .containsExactly(
                        List.of("1", "12.50", "23:59:00"),
                        List.of("2", "NaN", "24:00:00"),
                        java.util.Arrays.asList("3", null, null));
    }

    @Test
    void everyFileOfCsvSpectrumEndsInRows() throws Exception {
        Lakeside.Told told = lakeside.collect(
                "spectrum",
                SourceKind.FOLDER,
                SharedData.folder("csv-spectrum").resolve("csvs").toString());

        assertThat(told.results())
                .hasSize(12)
                .allSatisfy((name, result) -> assertThat(result.state())
                        .as(name + ": " + result.reason())
                        .isEqualTo(State.COMPLETE));
        assertThat(lakeside.rows("SELECT * FROM raw_spectrum.newlines"))
                .contains(List.of("1", "2", "3"), List.of("Once upon \na time", "5", "6"));
    }

    @Test
    void everyFileOfTheFrictionlessCollectionEndsInRowsOrANamedReject() throws Exception {
        assertEveryFileIsAccountedFor("frictionless", SharedData.folder("frictionless-files"));
    }

    @Test
    void everyWorkbookOfThePoiCollectionEndsInRowsOrANamedReject() throws Exception {
        assertEveryFileIsAccountedFor("poi", SharedData.folder("excel-poi"));
    }

    @Test
    void hostileFilesEndInRowsOrANamedReject() throws Exception {
        assertEveryFileIsAccountedFor("hostile", SharedData.folder("hostile-basic"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"json-parsing", "parquet-testing", "naughty-strings", "csvw-tests"})
    void everyFileOfTheOtherCollectionsEndsInRowsOrANamedReject(String name) throws Exception {
        assertEveryFileIsAccountedFor(name.replace('-', '_'), SharedData.folder(name));
    }

    private void assertEveryFileIsAccountedFor(String source, Path files) throws Exception {
        Lakeside.Told told = lakeside.collect(source, SourceKind.FOLDER, files.toString());

        for (SourceObject object : told.discovered().objects()) {
            if (!object.isCopied()) {
                continue;
            }
            ObjectResult result = told.of(object.qualifiedName());
            assertThat(result.state())
                    .as(object.qualifiedName() + ": " + result.reason())
                    .isIn(State.COMPLETE, State.INCOMPLETE, State.UNREADABLE);
            if (result.state() != State.COMPLETE) {
                assertThat(result.reasonCode())
                        .as(object.qualifiedName())
                        .isNotNull()
                        .isNotEqualTo("collect.table_failed");
                assertThat(result.reason()).as(object.qualifiedName()).isNotBlank();
            }
            if (result.snapshotId() != null) {
                assertThat(lakeside.rows("SELECT count(*) FROM " + Lakeside.quote("raw_" + source) + "."
                                + Lakeside.quote(result.lakeName())))
                        .as(object.qualifiedName())
                        .containsExactly(List.of("" + result.rowsLanded()));
                assertThat(result.rowsAtSource().getAsLong()).isEqualTo(result.rowsLanded() + result.rowsRejected());
            }
        }
        try (var walk = Files.walk(files)) {
            Set<String> onDisk = walk.filter(Files::isRegularFile)
                    .map(file -> files.relativize(file).toString())
                    .collect(Collectors.toSet());
            Set<String> named = told.discovered().objects().stream()
                    .map(object -> object.details().getOrDefault("path", object.qualifiedName()))
                    .collect(Collectors.toSet());
            assertThat(named).as("files that nothing was said of").containsAll(onDisk);
        }
        long rejected = told.results().values().stream()
                .mapToLong(result -> result.rowsRejected() + result.valuesRejected())
                .sum();
        if (rejected > 0) {
            assertThat(lakeside.rows(
                            "SELECT count(DISTINCT (object, \"where\", \"column\", code)) FROM ops_collect.rejects WHERE source = '"
                                    + source + "'"))
                    .containsExactly(List.of("" + rejected));
        }
    }

    private void assertEqualToSource(String source, String url, Lakeside.Told told, ObjectResult table)
            throws Exception {
        SourceObject object = told.found(table.object());
        assertThat(table.columns()).allMatch(column -> column.checksumRead().equals(column.checksumWritten()));
        assertThat(lakeside.lakeRows(source, table))
                .as(table.object())
                .containsExactlyInAnyOrderElementsOf(Lakeside.sourceRows(url, object, table));
    }

    private static SourceAccess postgres(String url) {
        return new SourceAccess(SourceKind.POSTGRES, url, TestPostgres.USER, TestPostgres.PASSWORD, Map.of());
    }
}

package org.qiantang.collect.internal.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.qiantang.collect.CollectProblem;
import org.qiantang.collect.SourceObject;
import org.qiantang.collect.SourceObject.SourceColumn;
import org.qiantang.collect.internal.Connector.Unreadable;
import org.qiantang.lake.LakeType;
import org.qiantang.testing.TestPostgres;

/** Whatever a table looks like, it is read as it stands, or somebody is told why not. */
class HostileTests {
    private static final String CLERK = "hostile_clerk";

    private static String url;

    @BeforeAll
    static void create() throws IOException {
        TestPostgres postgres = TestPostgres.shared();
        url = postgres.createDatabase("hostile");
        postgres.createRole(CLERK);
        try (InputStream script = HostileTests.class.getResourceAsStream("/postgres/hostile.sql")) {
            postgres.execute("hostile", new String(script.readAllBytes(), StandardCharsets.UTF_8));
        }
        String columns = IntStream.rangeClosed(1, 1600)
                .mapToObj(i -> "c" + i + " "
                        + List.of("integer", "text", "boolean", "numeric(9, 2)").get(i % 4))
                .collect(Collectors.joining(", "));
        String values = IntStream.rangeClosed(1, 1600)
                .mapToObj(i -> List.of("1", "'x'", "true", "1.5").get(i % 4))
                .collect(Collectors.joining(", "));
        postgres.execute(
                "hostile",
                "CREATE TABLE wide (" + columns + ")",
                "INSERT INTO wide VALUES (" + values + ")",
                "INSERT INTO wide DEFAULT VALUES",
                "INSERT INTO wide SELECT w.* FROM wide AS w, generate_series(1, 300) WHERE c1 IS NOT NULL");
    }

    private static PostgresConnector open() {
        return PostgresConnector.open(url, TestPostgres.USER, TestPostgres.PASSWORD, 2);
    }

    private static PostgresConnector openAsClerk() {
        return PostgresConnector.open(url, CLERK, TestPostgres.PASSWORD, 2);
    }

    private static PostgresConnector openInParts(String username, long pages) {
        return new PostgresConnector(PostgresLocation.of(url, username, TestPostgres.PASSWORD), 2, 64L << 20, pages);
    }

    @Test
    void everyValueOfEveryTableIsWhatTheSourceSays() throws Exception {
        try (PostgresConnector connector = open()) {
            Map<String, Integer> rows = compareAll(connector);

            assertThat(rows)
                    .containsEntry("public__no_rows", 0)
                    .containsEntry("public__no_columns", 5000)
                    .containsEntry("public__no_columns_no_rows", 0)
                    .containsEntry("public__all_dropped", 2)
                    .containsEntry("public__wide", 302)
                    .containsEntry("public__parent", 1)
                    .containsEntry("public__child", 1)
                    .containsEntry("public__measured", 1000)
                    .containsEntry("public__partitioned_without_partitions", 0)
                    .containsEntry("public__mixed", 1)
                    .containsEntry("public__Mixed_2", 2)
                    .containsEntry("市 局__心", 3)
                    .hasSize(33);
        }
    }

    @Test
    void smallPartsGiveTheSameRows() throws Exception {
        try (PostgresConnector connector = openInParts(TestPostgres.USER, 8)) {
            compareAll(connector);

            SourceObject wide = named(connector, "wide");
            assertThat(Reading.of(connector, wide).parts()).isGreaterThan(10);
        }
    }

    private static Map<String, Integer> compareAll(PostgresConnector connector) throws Exception {
        Map<String, Integer> rows = new TreeMap<>();
        for (SourceObject object : connector.discover()) {
            if (!object.isCopied()) {
                continue;
            }
            assertThat(connector.unreadable(object)).isEmpty();

            Reading reading = Reading.of(connector, object);

            if (!object.columns().equals(List.of(PostgresConnector.ROW_COLUMN))) {
                assertThat(Reading.sorted(reading.rows()))
                        .as(object.qualifiedName())
                        .isEqualTo(Reading.sorted(
                                Reading.byJdbc(url, TestPostgres.USER, TestPostgres.PASSWORD, reading.object())));
            }
            assertThat(reading.rejects()).isEmpty();
            assertThat(reading.rowsAtSource()).isEqualTo(reading.rows().size());
            assertThat(rows.put(object.lakeName(), reading.rows().size())).isNull();
        }
        return rows;
    }

    @Test
    void rowsWithoutColumnsAreNumbered() throws Exception {
        try (PostgresConnector connector = open()) {
            Reading reading = Reading.of(connector, named(connector, "no_columns"));

            assertThat(reading.rows())
                    .isEqualTo(IntStream.range(0, 5000)
                            .mapToObj(i -> List.of("" + i))
                            .toList());
        }
    }

    @Test
    void columnsWhoseNamesDifferInCaseOnlyAreKeptApart() {
        try (PostgresConnector connector = open()) {
            assertThat(named(connector, "Select").columns())
                    .extracting(column -> column.column().name())
                    .containsExactly("From", "from_2", "FROM_3", "from_2_2");
        }
    }

    @Test
    void valuesBeyondTheLakesTypesTurnTheirColumnIntoText() throws Exception {
        try (PostgresConnector connector = open()) {
            Reading numbers = Reading.of(connector, named(connector, "not_a_number"));
            Reading times = Reading.of(connector, named(connector, "midnight"));
            Reading future = Reading.of(connector, named(connector, "far_future"));

            assertThat(numbers.rows()).contains(List.of("2", "NaN"));
            assertThat(numbers.object().columns().get(1).column().type()).isEqualTo(LakeType.TEXT);
            assertThat(numbers.object().columns().get(1).column().sourceType()).isEqualTo("numeric(10,2)");
            assertThat(times.rows()).containsExactly(List.of("00:00:00"), List.of("24:00:00"));
            assertThat(future.rows())
                    .contains(List.of("294276-12-31 23:59:59.999999", "294276-12-31 23:59:59.999999+00"));
        }
    }

    @Test
    void catalogueSaysAllThereIs() {
        try (PostgresConnector connector = open()) {
            SourceObject table = named(connector, "表 一");
            assertThat(table.comment()).isEqualTo("第一张表 𠮷");
            assertThat(table.columns().getFirst().column().comment()).isEqualTo("第一列");

            SourceObject generated = named(connector, "generated");
            Map<String, Map<String, String>> columns =
                    generated.columns().stream().collect(Collectors.toMap(SourceColumn::name, SourceColumn::details));
            assertThat(columns.get("id")).containsEntry("identity", "always");
            assertThat(columns.get("other")).containsEntry("identity", "by default");
            assertThat(columns.get("a")).containsEntry("default", "1");
            assertThat(columns.get("stored"))
                    .containsEntry("generation", "stored")
                    .containsEntry("generated", "(a * 2)");
            assertThat(columns.get("virtual"))
                    .containsEntry("generation", "virtual")
                    .containsEntry("generated", "(a * 3)");
            assertThat(generated.columns().get(2).nullable()).isFalse();
            assertThat(generated.details())
                    .containsEntry("uniqueKeys", "[[\"a\", \"other\"]]")
                    .containsEntry("checks", "[\"CHECK ((a > 0))\"]");

            assertThat(named(connector, "child").details()).containsEntry("inherits", "[\"public.parent\"]");
            assertThat(named(connector, "unlogged").details()).containsEntry("persistence", "unlogged");
            assertThat(named(connector, "measured").details()).containsEntry("partitionKey", "RANGE (day)");
            assertThat(named(connector, "measured_rest_b").details())
                    .containsEntry("parent", "public.measured")
                    .containsEntry("partitionBound", "DEFAULT");
            assertThat(named(connector, "counter").details())
                    .containsEntry("lastValue", "3")
                    .containsEntry("cycle", "true")
                    .containsEntry("increment", "-2");
            assertThat(named(connector, "never_called").details()).doesNotContainKey("lastValue");
            assertThat(named(connector, "generated_id_seq").details()).containsEntry("ownedBy", "public.generated.id");
            assertThat(named(connector, "心 情").details())
                    .containsEntry("labels", "[\"好\", \"it's\", \"a\\\"b\", \"\", \"Select\"]");
            assertThat(named(connector, "small_positive").details())
                    .containsEntry("baseType", "public.positive")
                    .hasEntrySatisfying("checks", checks -> assertThat(checks).contains("100"));
            assertThat(named(connector, "pair").columns())
                    .extracting(SourceColumn::name)
                    .containsExactly("a", "B b");
            assertThat(named(connector, "looking").details())
                    .hasEntrySatisfying("definition", sql -> assertThat(sql).contains("public.\"Select\""));
            assertThat(named(connector, "kept").kind()).isEqualTo(SourceObject.Kind.MATERIALIZED_VIEW);
            assertThat(named(connector, "domains").columns().get(1)).satisfies(column -> {
                assertThat(column.column().type()).isEqualTo(LakeType.decimal(12, 2));
                assertThat(column.column().sourceType()).isEqualTo("public.small_positive");
                assertThat(column.details()).containsEntry("domain", "public.small_positive");
            });
        }
    }

    @Test
    void whatTheAccountMayNotReadIsNamed() throws Exception {
        try (PostgresConnector connector = openAsClerk()) {
            assertThat(refusal(connector, "secret"))
                    .contains(new Unreadable(
                            CollectProblem.NO_SELECT_PRIVILEGE.id(), "permission denied for table public.secret"));
            assertThat(refusal(connector, "shut"))
                    .contains(new Unreadable(
                            CollectProblem.NO_SELECT_PRIVILEGE.id(), "permission denied for schema closed"));
            assertThat(refusal(connector, "guarded"))
                    .get()
                    .extracting(Unreadable::code)
                    .isEqualTo(CollectProblem.ROW_LEVEL_SECURITY.id());
            assertThat(refusal(connector, "mixed")).isEmpty();
            assertThatThrownBy(() -> Reading.of(connector, named(connector, "guarded")))
                    .hasMessageContaining("row-level security policy for table \"guarded\"");
            assertThatThrownBy(() -> Reading.of(connector, named(connector, "secret")))
                    .hasMessageContaining("permission denied for table secret");
        }
    }

    @Test
    void columnsThatMayBeReadAreReadAndTheOthersNamed() throws Exception {
        try (PostgresConnector connector = openInParts(CLERK, 1)) {
            SourceObject partly = named(connector, "partly");

            Reading reading = Reading.of(connector, partly);

            assertThat(connector.unreadable(partly)).isEmpty();
            assertThat(partly.details()).containsEntry("unreadableColumns", "[\"hidden\",\"also hidden\"]");
            assertThat(reading.rows()).hasSize(300).contains(List.of("7", "s7"));
        }
    }

    @Test
    void partitionsThatMayNotBeReadAloneAreReadThroughTheirTable() throws Exception {
        try (PostgresConnector connector = openAsClerk()) {
            Reading reading = Reading.of(connector, named(connector, "shared_parts"));

            assertThat(reading.parts()).isEqualTo(1);
            assertThat(reading.rows())
                    .containsExactlyInAnyOrder(List.of("1", "a"), List.of("2", "b"), List.of("2", "c"));
        }
    }

    private static Optional<Unreadable> refusal(PostgresConnector connector, String name) {
        return connector.unreadable(named(connector, name));
    }

    private static SourceObject named(PostgresConnector connector, String name) {
        List<SourceObject> found = new ArrayList<>(connector.discover());
        found.removeIf(object -> !object.name().equals(name));
        assertThat(found).as(name).hasSize(1);
        return found.getFirst();
    }
}

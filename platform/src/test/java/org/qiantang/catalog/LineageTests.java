package org.qiantang.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.qiantang.catalog.TestDirectory.ENGINEER;
import static org.qiantang.catalog.TestDirectory.OFFICER;
import static org.qiantang.catalog.TestDirectory.POLICE;

import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qiantang.catalog.Lineage.Around;
import org.qiantang.catalog.Lineage.Direction;
import org.qiantang.catalog.LineageGraph.Affected;
import org.qiantang.catalog.LineageGraph.AffectedKind;
import org.qiantang.catalog.LineageGraph.Edge;
import org.qiantang.catalog.LineageGraph.Kind;
import org.qiantang.catalog.LineageGraph.Node;
import org.qiantang.core.Problem;
import org.qiantang.lake.Column;
import org.qiantang.lake.ColumnLineage;
import org.qiantang.lake.ColumnLineage.Way;
import org.qiantang.lake.Extract;
import org.qiantang.lake.Lake;
import org.qiantang.lake.LakeException;
import org.qiantang.lake.LakeType;
import org.qiantang.lake.Queries;
import org.qiantang.lake.Query;
import org.qiantang.lake.RowSink;
import org.qiantang.lake.TableName;
import org.qiantang.lake.TableWrite;
import org.qiantang.testing.Lakes;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Where columns come from and what depends on them, over a real lake. */
class LineageTests {
    private static final TableName RAW = new TableName("raw_police", "resident");
    private static final TableName STANDARD = new TableName("std_population", "resident");
    private static final TableName BASE = new TableName("base_population", "person");
    private static final TableName INDICATOR = new TableName("ind_population", "by_district");

    @TempDir
    Path folder;

    private TestDirectory directory;
    private Lake lake;
    private Lineage lineage;
    private Classifications classifications;
    private OpenLineage events;

    @BeforeEach
    void open() throws Exception {
        directory = new TestDirectory();
        lake = Lakes.open(folder);
        lineage = new Lineage(directory.jdbc, directory.resources, lake, directory.transaction);
        classifications =
                new Classifications(directory.jdbc, directory.resources, directory.transaction, directory.clock);
        events = new OpenLineage(directory.jdbc, directory.clock, new OpenLineageTarget(null, null));
    }

    @AfterEach
    void close() {
        lake.close();
    }

    /** A table of whole numbers, in the lake and in the catalogue. */
    private UUID table(TableName table, String... columns) throws Exception {
        try (TableWrite write = lake.replace(
                table,
                Stream.of(columns)
                        .map(column -> new Column(column, LakeType.INT64, "bigint", null))
                        .toList())) {
            write.write(batch -> 0);
            write.commit(Map.of());
        }
        directory.transaction.executeWithoutResult(status -> directory.resources.record(new TableCollected(
                UUID.randomUUID(),
                UUID.nameUUIDFromBytes(new byte[] {1}),
                table.namespace().replace("raw_", ""),
                POLICE.id(),
                table,
                "TABLE",
                "public." + table.name(),
                null,
                Completeness.COMPLETE,
                directory.clock.instant(),
                null,
                new TableCollected.Landed(1, 0, 0),
                Stream.of(columns)
                        .map(column -> new TableCollected.Field(
                                column,
                                column.toUpperCase(java.util.Locale.ROOT),
                                "long",
                                "bigint",
                                null,
                                true,
                                0,
                                0L,
                                null,
                                null,
                                Findings.NONE))
                        .toList(),
                Map.of())));
        return id(table);
    }

    private UUID id(TableName table) {
        return directory.resources.find(table).orElseThrow().id();
    }

    private void derive(TableName table, int version, String sql, TableName... inputs) {
        Map<TableName, Long> read = new java.util.HashMap<>();
        for (TableName input : inputs) {
            read.put(input, lake.state(input).map(state -> state.snapshotId()).orElse(1L));
        }
        lineage.derived(new TableDerived(
                table, "mapping." + table.name(), version, sql, 7L + version, read, directory.clock.instant()));
    }

    /** From the source through standard and base to an indicator. */
    private void chain() throws Exception {
        table(RAW, "id", "no", "district", "alive");
        table(STANDARD, "id", "ref", "district");
        table(BASE, "person_id", "ref", "district");
        table(INDICATOR, "district", "persons", "highest");
        derive(STANDARD, 1, "SELECT id, no AS ref, district FROM raw_police.resident WHERE alive = 1", RAW);
        derive(BASE, 1, "SELECT id AS person_id, ref, district FROM std_population.resident", STANDARD);
        derive(
                INDICATOR,
                1,
                "SELECT district, count(ref) AS persons, max(person_id) AS highest FROM base_population.person GROUP BY district",
                BASE);
    }

    private Level level(TableName table, String field) {
        return directory.resources.fields(id(table)).stream()
                .filter(each -> each.name().equals(field))
                .findFirst()
                .orElseThrow()
                .level();
    }

    private void decide(TableName table, String field, Level level) {
        FieldClass seen = classifications.get(ENGINEER, id(table)).fields().stream()
                .filter(each -> each.name().equals(field))
                .findFirst()
                .orElseThrow();
        classifications.decide(
                ENGINEER,
                id(table),
                field,
                new Classifications.Wanted(level, null, Grade.GENERAL, "已核对"),
                new Classifications.Seen(
                        seen.decisions().isEmpty()
                                ? null
                                : seen.decisions().getFirst().id(),
                        seen.proposedLevel(),
                        seen.proposedKind()));
    }

    @Test
    void anIndicatorIsFollowedToTheColumnAtTheSource() throws Exception {
        chain();

        LineageGraph graph = lineage.graph(id(INDICATOR), new Around(Direction.UP, "highest", 20));

        assertThat(graph.nodes())
                .extracting(Node::id)
                .containsExactly(
                        "police:public.resident",
                        "raw_police.resident",
                        "std_population.resident",
                        "base_population.person",
                        "ind_population.by_district");
        assertThat(graph.nodes()).extracting(Node::step).containsExactly(-4, -3, -2, -1, 0);
        assertThat(graph.nodes().getFirst().kind()).isEqualTo(Kind.SOURCE);
        assertThat(graph.edges())
                .contains(
                        new Edge("police:public.resident", "ID", "raw_police.resident", "id", Way.IDENTITY),
                        new Edge(
                                "base_population.person",
                                "person_id",
                                "ind_population.by_district",
                                "highest",
                                Way.AGGREGATION))
                .noneMatch(edge -> edge.fromColumn().equals("district"));
        assertThat(graph.unknown()).isEmpty();
        assertThat(graph.truncated()).isFalse();
    }

    @Test
    void aSourceIsFollowedToEverythingMadeOfIt() throws Exception {
        chain();

        LineageGraph graph = lineage.graph(id(RAW), new Around(Direction.DOWN, null, 20));
        LineageGraph near = lineage.graph(id(RAW), new Around(Direction.DOWN, null, 1));

        assertThat(graph.nodes()).extracting(Node::step).containsExactly(0, 1, 2, 3);
        assertThat(graph.nodes().get(1).made().process()).isEqualTo("mapping.resident");
        assertThat(graph.edges())
                .contains(new Edge("raw_police.resident", "alive", "std_population.resident", null, Way.FILTER));
        assertThat(near.nodes()).hasSize(2);
        assertThat(near.truncated()).isTrue();
    }

    @Test
    void tablesThatAreMadeOfEachOtherAreShownOnce() throws Exception {
        table(STANDARD, "id");
        table(BASE, "id");
        derive(STANDARD, 1, "SELECT id FROM base_population.person", BASE);
        derive(BASE, 1, "SELECT id FROM std_population.resident", STANDARD);

        LineageGraph graph = lineage.graph(id(BASE), new Around(Direction.BOTH, null, 50));

        assertThat(graph.nodes()).hasSize(2);
        assertThat(graph.edges()).hasSize(2);
        assertThat(lineage.impact(id(BASE), "id").truncated()).isFalse();
    }

    @Test
    void whatWouldBreakIsNamedDownToTheDirectoryAndTheOneSource() throws Exception {
        chain();
        UUID entry = directory.entries.findByResource(id(BASE)).orElseThrow();
        EntryRulesTest.Draft draft = new EntryRulesTest.Draft();
        draft.title = "人口基础库";
        draft.items = List.of(
                new Entry.Statement.Item("证件号码", "ref", Guide.DataTypeCode.C),
                new Entry.Statement.Item("所在区", "district", Guide.DataTypeCode.C));
        draft.related = List.of();
        directory.publish(entry, draft.statement(), OFFICER);
        new SingleSources(directory.jdbc, directory.transaction, directory.clock)
                .name("公民身份号码", "自然人", List.of(), new SingleSources.ItemRef(entry, "证件号码"), "法定来源", ENGINEER);

        List<Affected> affected = lineage.impact(id(RAW), "no").affected();

        assertThat(affected)
                .extracting(each -> each.kind() + " " + each.name() + (each.column() == null ? "" : "." + each.column())
                        + " " + each.steps())
                .containsExactly(
                        "MAPPING mapping.resident 1",
                        "MAPPING mapping.person 2",
                        "MAPPING mapping.by_district 3",
                        "TABLE std_population.resident 1",
                        "TABLE base_population.person 2",
                        "TABLE ind_population.by_district 3",
                        "COLUMN std_population.resident.ref 1",
                        "COLUMN base_population.person.ref 2",
                        "COLUMN ind_population.by_district.persons 3",
                        "ENTRY_ITEM 人口基础库 · 证件号码.ref 2",
                        "DATUM 公民身份号码.ref 2");
        assertThat(affected).allSatisfy(each -> assertThat(each.department()).isEqualTo(POLICE));
        assertThat(affected).allMatch(Affected::direct);
    }

    @Test
    void aConditionBreaksTheWholeTable() throws Exception {
        chain();

        List<Affected> affected = lineage.impact(id(RAW), "alive").affected();

        assertThat(affected)
                .filteredOn(each -> each.kind() == AffectedKind.COLUMN && each.steps() == 1)
                .extracting(Affected::column)
                .containsExactly("district", "id", "ref");
        assertThat(affected).noneMatch(Affected::direct);
        assertThatThrownBy(() -> lineage.impact(id(RAW), "nothing")).isInstanceOf(Problem.class);
    }

    @Test
    void howATableWasMadeBeforeStaysReadable() throws Exception {
        chain();
        derive(BASE, 1, "SELECT id AS person_id, ref, district FROM std_population.resident", STANDARD);
        derive(BASE, 2, "SELECT id AS person_id, id + 1 AS ref, district FROM std_population.resident", STANDARD);

        List<LineageGraph.Version> versions = lineage.listVersions(id(BASE));

        assertThat(versions).extracting(LineageGraph.Version::version).containsExactly(2, 1);
        assertThat(versions).extracting(LineageGraph.Version::times).containsExactly(1L, 2L);
        assertThat(versions.getLast().edges())
                .contains(new Edge("std_population.resident", "ref", "base_population.person", "ref", Way.IDENTITY));
        assertThat(lineage.impact(id(RAW), "no").affected())
                .noneMatch(each -> each.name().equals("base_population.person"));
    }

    @Test
    void whatNobodyCanReadIsFearedAndHidden() throws Exception {
        table(RAW, "id", "no");
        table(STANDARD, "id");
        derive(STANDARD, 1, "SELECT COLUMNS(lambda c: c = 'id') FROM raw_police.resident", RAW);

        LineageGraph graph = lineage.graph(id(STANDARD), new Around(Direction.BOTH, null, 20));

        assertThat(graph.unknown()).singleElement().satisfies(each -> {
            assertThat(each.column()).isEqualTo("id");
            assertThat(each.from()).isEqualTo("raw_police.resident");
        });
        assertThat(graph.nodes().getLast().made().whole()).isFalse();
        assertThat(level(STANDARD, "id")).isEqualTo(Level.L4);
        assertThat(lineage.impact(id(RAW), "no").affected())
                .extracting(Affected::name)
                .contains("std_population.resident");
    }

    @Test
    void aStatementThatNamesWhatIsNotThereLeavesEveryColumnUnknown() throws Exception {
        table(RAW, "id");
        table(STANDARD, "id", "name");
        derive(STANDARD, 1, "SELECT id, wages AS name FROM raw_police.resident", RAW);

        assertThat(level(STANDARD, "name")).isEqualTo(Level.L4);
        assertThat(lineage.listVersions(id(STANDARD)).getFirst().unknown()).hasSize(2);
    }

    @Test
    void whenNobodyCanReadItJustNowNothingIsRecorded() throws Exception {
        table(RAW, "id");
        table(STANDARD, "id");
        lineage = new Lineage(directory.jdbc, directory.resources, new Nobody(), directory.transaction);

        assertThatThrownBy(() -> derive(STANDARD, 1, "SELECT id FROM raw_police.resident", RAW))
                .isInstanceOf(LakeException.class);
        assertThat(lineage.listVersions(id(STANDARD))).isEmpty();
    }

    @Test
    void aRiseAtTheSourceReachesTheEndOfTheChainAtOnce() throws Exception {
        chain();
        assertThat(level(BASE, "ref")).isEqualTo(Level.L1);

        decide(RAW, "no", Level.L3);
        decide(RAW, "id", Level.L4);

        assertThat(level(STANDARD, "ref")).isEqualTo(Level.L3);
        assertThat(level(BASE, "ref")).isEqualTo(Level.L3);
        assertThat(level(BASE, "person_id")).isEqualTo(Level.L4);
        assertThat(level(INDICATOR, "highest")).isEqualTo(Level.L4);
        assertThat(level(INDICATOR, "persons"))
                .as("a count tells nobody a number")
                .isEqualTo(Level.L1);
        assertThat(level(STANDARD, "district")).isEqualTo(Level.L1);
        assertThat(directory.resources.get(id(INDICATOR)).level()).isEqualTo(Level.L4);
    }

    @Test
    void whatAPersonLoweredOnTheWayStaysLowAndEndsTheFlow() throws Exception {
        chain();
        decide(RAW, "id", Level.L3);
        decide(BASE, "person_id", Level.L1);

        assertThat(level(BASE, "person_id")).isEqualTo(Level.L1);
        decide(RAW, "id", Level.L4);

        assertThat(level(STANDARD, "id")).isEqualTo(Level.L4);
        assertThat(level(BASE, "person_id")).as("a person decided").isEqualTo(Level.L1);
        assertThat(classifications.get(ENGINEER, id(BASE)).fields())
                .filteredOn(field -> field.name().equals("person_id"))
                .singleElement()
                .satisfies(field -> {
                    assertThat(field.proposedLevel()).isEqualTo(Level.L4);
                    assertThat(field.contradiction()).isNotNull();
                });

        decide(RAW, "id", Level.L2);
        assertThat(level(STANDARD, "id")).as("no machine lowers").isEqualTo(Level.L4);
    }

    @Test
    void aTableThatIsCatalogedAfterItWasDerivedIsAsSensitiveAsItsOrigins() throws Exception {
        table(RAW, "id");
        decide(RAW, "id", Level.L3);
        derive(STANDARD, 1, "SELECT CASE WHEN id = 1 THEN 1 ELSE 2 END AS sort FROM raw_police.resident", RAW);

        table(STANDARD, "sort");

        assertThat(level(STANDARD, "sort"))
                .as("a code is as telling as what it stands for")
                .isEqualTo(Level.L3);
    }

    /** A lake whose worker is away. */
    private static final class Nobody implements Queries {
        private static LakeException away() {
            return new LakeException(LakeException.Kind.UNAVAILABLE, "The worker is away");
        }

        @Override
        public References references(String sql) {
            throw away();
        }

        @Override
        public ColumnLineage lineage(String sql, Map<TableName, Long> snapshots) {
            throw away();
        }

        @Override
        public Answer run(Query query, RowSink sink) {
            throw away();
        }

        @Override
        public Extract.Made extract(Extract extract) {
            throw away();
        }

        @Override
        public void stop(String id) {}

        @Override
        public List<TableState> tables() {
            throw away();
        }
    }

    // ---- OpenLineage

    private static final JsonMapper JSON = JsonMapper.shared();

    private static void assertShape(JsonNode event) {
        assertThat(event.propertyNames())
                .containsExactlyInAnyOrder(
                        "eventTime", "producer", "schemaURL", "eventType", "run", "job", "inputs", "outputs");
        assertThat(java.time.OffsetDateTime.parse(event.path("eventTime").asString()))
                .isNotNull();
        assertThat(URI.create(event.path("producer").asString()).isAbsolute()).isTrue();
        assertThat(event.path("schemaURL").asString())
                .isEqualTo("https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent");
        assertThat(event.path("eventType").asString()).isIn("START", "RUNNING", "COMPLETE", "ABORT", "FAIL", "OTHER");
        assertThat(UUID.fromString(event.at("/run/runId").asString())).isNotNull();
        assertThat(event.at("/job/namespace").asString()).isNotBlank();
        assertThat(event.at("/job/name").asString()).isNotBlank();
        assertFacets(event.path("run"));
        assertFacets(event.path("job"));
        Stream.concat(event.path("inputs").valueStream(), event.path("outputs").valueStream())
                .forEach(dataset -> {
                    assertThat(dataset.path("namespace").asString()).isNotBlank();
                    assertThat(dataset.path("name").asString()).isNotBlank();
                    assertFacets(dataset);
                });
        event.path("outputs").forEach(output -> {
            JsonNode columns = output.at("/facets/columnLineage");
            assertThat(columns.path("_schemaURL").asString()).contains("/facets/1-2-0/ColumnLineageDatasetFacet.json");
            columns.path("fields").forEach(field -> field.path("inputFields").forEach(LineageTests::assertInput));
            columns.path("dataset").forEach(LineageTests::assertInput);
            output.at("/facets/schema/fields")
                    .forEach(field -> assertThat(field.path("name").asString()).isNotBlank());
        });
    }

    private static void assertInput(JsonNode input) {
        assertThat(input.propertyNames()).containsExactlyInAnyOrder("namespace", "name", "field", "transformations");
        input.path("transformations").forEach(each -> {
            assertThat(each.path("type").asString()).isIn("DIRECT", "INDIRECT");
            assertThat(each.path("subtype").asString())
                    .isIn(
                            "IDENTITY",
                            "TRANSFORMATION",
                            "AGGREGATION",
                            "JOIN",
                            "GROUP_BY",
                            "FILTER",
                            "SORT",
                            "WINDOW",
                            "CONDITIONAL");
            assertThat(each.path("masking").isBoolean()).isTrue();
        });
    }

    private static void assertFacets(JsonNode holder) {
        holder.path("facets").forEach(facet -> {
            assertThat(URI.create(facet.path("_producer").asString()).isAbsolute())
                    .isTrue();
            assertThat(facet.path("_schemaURL").asString()).startsWith("https://openlineage.io/spec/");
        });
    }

    @Test
    void collectionsAndDerivationsAreToldInOpenLineagesWords() throws Exception {
        chain();

        List<JsonNode> told = events.pending(100).stream()
                .map(each -> JSON.readTree(JSON.writeValueAsString(each.event())))
                .toList();

        assertThat(told).hasSize(7).allSatisfy(LineageTests::assertShape);
        JsonNode collected = told.stream()
                .filter(each -> each.at("/job/name").asString().equals("collect.police.resident"))
                .findFirst()
                .orElseThrow();
        assertThat(collected.at("/inputs/0/name").asString()).isEqualTo("public.resident");
        assertThat(collected
                        .at("/outputs/0/facets/columnLineage/fields/no/inputFields/0/field")
                        .asString())
                .isEqualTo("NO");
        JsonNode made = told.stream()
                .filter(each -> each.at("/job/name").asString().equals("mapping.by_district"))
                .findFirst()
                .orElseThrow();
        assertThat(made.at("/outputs/0/name").asString()).isEqualTo("ind_population.by_district");
        assertThat(made.at("/inputs/0/facets/version/datasetVersion").asString())
                .isEqualTo(Long.toString(lake.state(BASE).orElseThrow().snapshotId()));
        assertThat(made.at("/outputs/0/facets/columnLineage/fields/persons/inputFields/0/transformations/0")
                        .toString())
                .isEqualTo("{\"type\":\"DIRECT\",\"subtype\":\"AGGREGATION\",\"description\":\"\",\"masking\":true}");
        assertThat(made.at("/outputs/0/facets/columnLineage/dataset/0/transformations/0/subtype")
                        .asString())
                .isEqualTo("GROUP_BY");
        UUID run = UUID.fromString(made.at("/run/runId").asString());
        assertThat(JSON.readTree(JSON.writeValueAsString(events.listEvents(run).getFirst())))
                .isEqualTo(made);
        assertThatThrownBy(() -> events.listEvents(UUID.randomUUID())).isInstanceOf(Problem.class);
    }

    @Test
    void whoIsToldIsToldEachEventOnceHoweverOftenTheyFail() throws Exception {
        chain();
        Deque<Integer> answers = new ConcurrentLinkedDeque<>(List.of(503, 201, 422));
        List<String> taken = new CopyOnWriteArrayList<>();
        List<String> keys = new CopyOnWriteArrayList<>();
        HttpServer receiver = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        receiver.createContext("/", exchange -> {
            String body = new String(exchange.getRequestBody().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
            Integer answer = answers.poll();
            if (answer == null || answer == 201) {
                taken.add(JSON.readTree(body).at("/run/runId").asString());
            }
            keys.add(exchange.getRequestHeaders().getFirst("Authorization"));
            exchange.sendResponseHeaders(answer == null ? 200 : answer, -1);
            exchange.close();
        });
        receiver.start();
        OpenLineageTarget target = new OpenLineageTarget(
                URI.create("http://127.0.0.1:" + receiver.getAddress().getPort() + "/api/v1/lineage"),
                "a key of a test");
        OpenLineage told = new OpenLineage(directory.jdbc, directory.clock, target);
        assertThat(told.state().waiting()).isEqualTo(7);

        OpenLineageLoop loop = new OpenLineageLoop(told, target);
        loop.start();
        try {
            Awaitility.await()
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> told.state().waiting() == 0);
        } finally {
            loop.stop();
            receiver.stop(0);
        }

        assertThat(taken).hasSize(6).doesNotHaveDuplicates();
        assertThat(told.state().told()).isEqualTo(6);
        assertThat(told.state().refused()).isEqualTo(1);
        assertThat(keys).containsOnly("Bearer a key of a test");
        assertThat(target.toString()).doesNotContain("a key of a test");
    }

    @Test
    void whatWaitsTooLongIsSkippedAndCounted() throws Exception {
        chain();
        directory.jdbc.sql("""
                        insert into catalog_collections (resource_id, run_id, at, verdict)
                        select r.id, gen_random_uuid(), timestamptz '2026-01-01' + n * interval '1 second', 'COMPLETE'
                        from (select id from catalog_resources limit 1) r, generate_series(1, ?) n""").param(OpenLineage.MOST_WAITING).update();

        assertThat(events.pending(1)).hasSize(1);

        assertThat(events.state().skipped()).isEqualTo(4);
    }
}

package org.qiantang.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qiantang.app.RunningHub.Answer;
import org.qiantang.app.RunningHub.Client;
import org.qiantang.app.ScriptedWorker.Table;
import org.qiantang.catalog.TableDerived;
import org.qiantang.lake.ColumnLineage;
import org.qiantang.lake.TableName;
import org.qiantang.org.Role;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A table is made of a collected one: who asks sees where it comes from, and no more of it than of its origins. */
class LineageFlowTests {
    private static final TableName RAW = new TableName("raw_lineage", "public__resident");
    private static final TableName MADE = new TableName("raw_made", "public__person");
    private static final String SQL =
            "SELECT id AS key, remark AS words, count(*) OVER (PARTITION BY id_number) AS n FROM raw_lineage.public__resident";

    @TempDir
    static Path home;

    private static RunningHub hub;
    private static String raw;
    private static String made;

    @BeforeAll
    static void start() throws Exception {
        hub = new RunningHub(home);
        raw = collect(
                "lineage",
                new Table(
                        "public",
                        "resident",
                        "常住人口登记",
                        List.of("id", "id_number:公民身份号码", "remark"),
                        List.of(List.of("1", "11010519491231002X", "a"))));
        made = collect(
                "made",
                new Table("public", "person", "人口", List.of("key", "words", "n"), List.of(List.of("1", "2", "3"))));
        long read = hub.lake.state(RAW).orElseThrow().snapshotId();
        long written = hub.lake.state(MADE).orElseThrow().snapshotId();
        hub.publish(new TableDerived(MADE, "mapping.person", 1, SQL, written, Map.of(RAW, read), Instant.now()));
    }

    @AfterAll
    static void stop() {
        hub.close();
    }

    private static String collect(String source, Table table) {
        hub.worker.script(source, run -> {
            run.discover(table);
            run.land(table);
        });
        hub.collect(hub.addSource(source, "police"));
        for (JsonNode item : hub.operator().get("/api/resources").json().path("items")) {
            if (item.path("lakeTable").asString().startsWith("raw_" + source + ".")) {
                return "/api/resources/" + item.path("id").asString();
            }
        }
        throw new AssertionError("No resource of " + source);
    }

    @Test
    void whoMaySeeATableSeesWhereItComesFromDownToTheSource() {
        JsonNode graph =
                hub.as(Role.OFFICER).get(made + "/lineage?direction=UP").json();

        assertThat(graph.path("nodes")
                        .valueStream()
                        .map(node -> node.path("kind").asString() + " "
                                + node.path("id").asString()))
                .containsExactly(
                        "SOURCE lineage:public.resident",
                        "TABLE raw_lineage.public__resident",
                        "TABLE raw_made.public__person");
        assertThat(graph.path("edges").valueStream().map(JsonNode::toString))
                .contains(
                        "{\"from\":\"raw_lineage.public__resident\",\"fromColumn\":\"id_number\",\"to\":\"raw_made.public__person\",\"toColumn\":\"n\",\"way\":\"WINDOW\"}");
        assertThat(hub.as(Role.ANALYST)
                        .get(made + "/lineage/versions")
                        .json()
                        .path(0)
                        .path("sql")
                        .asString())
                .isEqualTo(SQL);
    }

    @Test
    void whatBreaksIsOneRequest() {
        Answer answer = hub.as(Role.ENGINEER).get(raw + "/impact?column=remark");

        assertThat(answer.json()
                        .path("affected")
                        .valueStream()
                        .map(each -> each.path("kind").asString() + " "
                                + each.path("name").asString()))
                .containsExactly(
                        "MAPPING mapping.person", "TABLE raw_made.public__person", "COLUMN raw_made.public__person");
        assertThat(hub.as(Role.ENGINEER).get(raw + "/impact?column=nothing").code())
                .isEqualTo("core.not_found");
    }

    @Test
    void aLevelThatRisesHidesWhatWasMadeOfItAtOnce() {
        Client engineer = hub.as(Role.ENGINEER);
        JsonNode seen = field(engineer, raw, "remark");
        java.util.Map<String, Object> body = new java.util.HashMap<>();
        body.put("field", "remark");
        body.put("proposedLevel", seen.path("proposedLevel").asString());
        body.put("proposedKind", seen.path("proposedKind").asString(null));
        body.put("level", "L4");
        body.put("grade", "GENERAL");
        body.put("reason", "含举报内容");
        body.put("after", null);

        assertThat(engineer.post(raw + "/classification", body).status()).isEqualTo(204);

        JsonNode words = field(engineer, made, "words");
        assertThat(words.path("level").asString()).isEqualTo("L4");
        assertThat(words.path("evidence").path("words").asString()).isEqualTo("raw_lineage.public__resident.remark");
        JsonNode rows = hub.as(Role.ANALYST)
                .post("/api/sql", Map.of("sql", "select words from raw_made.public__person"))
                .json();
        assertThat(rows.path("columns").path(0).path("masked").asBoolean()).isTrue();
        assertThat(rows.path("rows").toString()).doesNotContain("2");
    }

    private static JsonNode field(Client who, String resource, String name) {
        return who.get(resource + "/classification")
                .json()
                .path("fields")
                .valueStream()
                .filter(field -> field.path("name").asString().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aRunsEventsAreGivenInOpenLineagesWords() {
        Client engineer = hub.as(Role.ENGINEER);
        String run =
                engineer.get(raw).json().path("receipts").path(0).path("runId").asString();

        Answer answer = engineer.get("/api/lineage/openlineage/" + run);

        assertThat(answer.headers().firstValue("Content-Type").orElse("")).startsWith("application/x-ndjson");
        List<String> lines = answer.text().lines().toList();
        assertThat(lines).singleElement().satisfies(line -> {
            JsonNode event = JsonMapper.shared().readTree(line);
            assertThat(event.at("/outputs/0/name").asString()).isEqualTo("raw_lineage.public__resident");
            assertThat(event.at("/run/facets/parent/run/runId").asString()).isEqualTo(run);
        });
        assertThat(engineer.get("/api/lineage/openlineage/" + UUID.randomUUID()).code())
                .isEqualTo("core.not_found");
        assertThat(engineer.get("/api/lineage/openlineage").json().path("url").isNull())
                .isTrue();
    }

    @Test
    void whatTheWorkerReadsArrivesWholeAtTheHub() {
        ColumnLineage read = hub.lake.lineage(SQL, Map.of());
        JsonMapper json = JsonMapper.shared();

        assertThat(json.readValue(json.writeValueAsString(read), ColumnLineage.class))
                .isEqualTo(read);
    }
}

package org.qiantang.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qiantang.app.RunningHub.Answer;
import org.qiantang.app.RunningHub.Client;
import org.qiantang.app.ScriptedWorker.Table;
import org.qiantang.catalog.Classifications;
import org.qiantang.catalog.Classifications.Origin;
import org.qiantang.catalog.Findings;
import org.qiantang.catalog.Resources;
import org.qiantang.catalog.TableCollected;
import org.qiantang.lake.TableName;
import org.qiantang.org.Account;
import org.qiantang.org.Department;
import org.qiantang.org.Departments;
import org.qiantang.org.Role;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/** The machine proposes, a person decides, and nobody sees more than was decided. */
class ClassificationTests {
    @TempDir
    static Path home;

    private static RunningHub hub;

    @BeforeAll
    static void start() throws Exception {
        hub = new RunningHub(home);
    }

    @AfterAll
    static void stop() {
        hub.close();
    }

    private static Table people(String name, String... remarks) {
        return new Table(
                "public",
                name,
                "常住人口登记",
                List.of("id", "id_number:公民身份号码", "remark"),
                List.of(
                        List.of("1", "11010519491231002X", remarks[0]),
                        List.of("2", "330106180012310008", remarks[1])));
    }

    /** Collects a table of a source of its own and returns the resource's path. */
    private static String collect(String source, Table... tables) {
        hub.worker.script(source, run -> {
            run.discover(tables);
            for (Table table : tables) {
                run.land(table);
            }
        });
        String id = hub.operator()
                .get("/api/sources")
                .json()
                .valueStream()
                .filter(each -> each.path("name").asString().equals(source))
                .map(each -> each.path("id").asString())
                .findFirst()
                .orElseGet(() -> hub.addSource(source, "police"));
        hub.collect(id);
        for (JsonNode item : hub.operator().get("/api/resources").json().path("items")) {
            if (item.path("lakeTable").asString().equals("raw_" + source + ".public__" + tables[0].name())) {
                return "/api/resources/" + item.path("id").asString();
            }
        }
        throw new AssertionError("No resource of " + source);
    }

    private static JsonNode field(Client who, String resource, String name) {
        JsonNode all = who.get(resource + "/classification").json();
        for (JsonNode field : all.path("fields")) {
            if (field.path("name").asString().equals(name)) {
                return field;
            }
        }
        throw new AssertionError(all.toString());
    }

    /** Decides of what is proposed now. */
    private static Answer decide(Client who, String resource, String field, String level, Long after) {
        return decide(who, resource, field(hub.as(Role.ENGINEER), resource, field), level, after);
    }

    /** @param seen the field as the person had it on the screen */
    private static Answer decide(Client who, String resource, JsonNode seen, String level, Long after) {
        Map<String, Object> body = new HashMap<>();
        String field = seen.path("name").asString();
        body.put("proposedLevel", seen.path("proposedLevel").asString());
        body.put("proposedKind", seen.path("proposedKind").asString(null));
        body.put("field", field);
        body.put("level", level);
        body.put("grade", "GENERAL");
        body.put("reason", "已与法制部门核对");
        body.put("after", after);
        return who.post(resource + "/classification", body);
    }

    private static Answer undo(Client who, String resource, String field) {
        long newest =
                field(who, resource, field).path("decisions").path(0).path("id").asLong(0);
        return who.post(resource + "/classification/undo", Map.of("field", field, "after", newest));
    }

    private static String seen(String source, String table, String column) {
        Answer answer = hub.as(Role.ANALYST)
                .post(
                        "/api/sql",
                        Map.of(
                                "sql",
                                "select " + column + " from raw_" + source + ".public__" + table + " order by id"));
        return answer.json().path("rows").get(0).get(0).asString();
    }

    @Test
    void aProposalComesWithItsEvidenceAndNoValue() {
        String resource = collect("evidence", people("resident", "a", "b"));

        JsonNode field = field(hub.as(Role.ENGINEER), resource, "id_number");

        assertThat(field.path("kind").asString()).isEqualTo("ID_NUMBER");
        assertThat(field.path("subject").asString()).isEqualTo("PERSON");
        assertThat(field.path("grade").asString()).isEqualTo("GENERAL");
        assertThat(field.path("evidence").path("seen").asInt()).isEqualTo(2);
        assertThat(field.path("evidence").path("matched").asInt()).isEqualTo(2);
        assertThat(field.path("evidence").path("shapes").get(0).asString()).isEqualTo("1" + "*".repeat(15) + "2X");
        JsonNode asAnalyst =
                hub.as(Role.ANALYST).get(resource + "/classification").json();
        assertThat(asAnalyst.path("theme").asString()).isEqualTo("COMMUNITY");
        assertThat(asAnalyst.path("mayDecide").asBoolean()).isFalse();
        assertThat(asAnalyst.toString()).doesNotContain("****").doesNotContain("19491231");
    }

    @Test
    void whatAPersonDecidesIsSeenAtOnceAndCanBeTakenBack() {
        String resource = collect("decided", people("resident", "a", "b"));
        Client engineer = hub.as(Role.ENGINEER);
        assertThat(seen("decided", "resident", "id_number")).isEqualTo("1" + "*".repeat(15) + "2X");

        assertThat(decide(engineer, resource, "id_number", "L2", null).status()).isEqualTo(204);

        assertThat(seen("decided", "resident", "id_number")).isEqualTo("11010519491231002X");
        assertThat(engineer.get(resource).json().path("level").asString()).isEqualTo("L2");
        JsonNode decided = field(engineer, resource, "id_number");
        assertThat(decided.path("proposedLevel").asString()).isEqualTo("L3");
        assertThat(decided.path("decisions").get(0).path("reason").asString()).isEqualTo("已与法制部门核对");

        assertThat(decide(engineer, resource, "id_number", "L4", null).code()).isEqualTo("catalog.decided_meanwhile");
        long last = decided.path("decisions").get(0).path("id").asLong();
        assertThat(decide(engineer, resource, "id_number", "L4", last).status()).isEqualTo(204);
        assertThat(seen("decided", "resident", "id_number")).startsWith("1*****");

        assertThat(undo(engineer, resource, "id_number").status()).isEqualTo(204);
        assertThat(seen("decided", "resident", "id_number")).isEqualTo("11010519491231002X");
        assertThat(engineer.post(resource + "/classification/undo", Map.of("field", "id_number", "after", last))
                        .code())
                .as("somebody took another back since")
                .isEqualTo("catalog.decided_meanwhile");
        assertThat(undo(engineer, resource, "id_number").status()).isEqualTo(204);
        assertThat(seen("decided", "resident", "id_number")).startsWith("1*****");
        assertThat(undo(engineer, resource, "id_number").code()).isEqualTo("catalog.nothing_to_undo");
        assertThat(field(engineer, resource, "id_number").path("decisions")).hasSize(4);
        JdbcClient jdbc = hub.bean(JdbcClient.class);
        assertThatThrownBy(() ->
                        jdbc.sql("update catalog_decisions set reason = ''").update())
                .hasMessageContaining("what was decided stays");
    }

    @Test
    void aMachineNeverLowersAndNeverOverrulesAPersonButSaysWhatItFound() {
        String resource = collect("machine", people("resident", "a", "b"));
        Client engineer = hub.as(Role.ENGINEER);
        assertThat(decide(engineer, resource, "remark", "L1", null).status()).isEqualTo(204);
        assertThat(decide(engineer, resource, "id", "L4", null).status()).isEqualTo(204);

        collect("machine", people("resident", "请回电13812345678", "c"));

        JsonNode remark = field(engineer, resource, "remark");
        assertThat(remark.path("level").asString()).isEqualTo("L1");
        assertThat(remark.path("contradiction").path("level").asString()).isEqualTo("L3");
        assertThat(remark.path("contradiction").path("kind").asString()).isEqualTo("FREE_TEXT_WITH_PERSONAL");
        assertThat(field(engineer, resource, "id").path("level").asString()).isEqualTo("L4");
        assertThat(field(engineer, resource, "id").path("contradiction").isNull())
                .isTrue();

        long last = remark.path("decisions").get(0).path("id").asLong();
        assertThat(decide(engineer, resource, "remark", "L1", last).status()).isEqualTo(204);
        assertThat(field(engineer, resource, "remark").path("contradiction").isNull())
                .isTrue();
        collect("machine", people("resident", "请回电13812345678", "d"));
        assertThat(field(engineer, resource, "remark").path("contradiction").isNull())
                .as("a person has seen it")
                .isTrue();

        undo(engineer, resource, "remark");
        assertThat(field(engineer, resource, "remark")
                        .path("contradiction")
                        .path("level")
                        .asString())
                .as("what holds again was decided before this was found")
                .isEqualTo("L3");
        undo(engineer, resource, "remark");
        assertThat(field(engineer, resource, "remark").path("contradiction").isNull())
                .isTrue();
        collect("machine", people("resident", "a", "b"));
        assertThat(field(engineer, resource, "remark").path("level").asString())
                .as("what was found once stays protected")
                .isEqualTo("L3");
    }

    @Test
    void onlyTheOwningDepartmentAndTheBureauDecide() {
        String resource = collect("owned", people("resident", "a", "b"));
        Department police = hub.bean(Departments.class).list().stream()
                .filter(each -> each.id().equals("police"))
                .findFirst()
                .orElseThrow();
        Department health = hub.bean(Departments.class).list().stream()
                .filter(each -> each.id().equals("health"))
                .findFirst()
                .orElseThrow();
        Classifications classifications = hub.bean(Classifications.class);
        Account own = new Account("own", "own", Set.of(Role.OFFICER), police);
        Account other = new Account("other", "other", Set.of(Role.OFFICER), health);
        java.util.UUID id = java.util.UUID.fromString(resource.substring(resource.lastIndexOf('/') + 1));

        assertThat(classifications.get(own, id).mayDecide()).isTrue();
        assertThat(classifications.get(other, id).mayDecide()).isFalse();
        assertThat(decide(hub.as(Role.OFFICER), resource, "remark", "L1", null).code())
                .isEqualTo("catalog.not_yours_to_classify");
        assertThat(decide(hub.as(Role.ANALYST), resource, "remark", "L1", null).code())
                .isEqualTo("org.not_allowed");
        Map<String, String> none =
                Map.of("field", "no_such", "level", "L1", "grade", "GENERAL", "reason", "x", "proposedLevel", "L1");
        assertThat(hub.as(Role.ENGINEER)
                        .post(resource + "/classification", none)
                        .status())
                .isEqualTo(404);
    }

    @Test
    void nobodyPassesOverWhatWasFoundSinceTheyLooked() {
        String resource = collect("stale", people("resident", "a", "b"));
        Client engineer = hub.as(Role.ENGINEER);
        JsonNode seen = field(engineer, resource, "remark");

        collect("stale", people("resident", "请回电13812345678", "c"));

        assertThat(decide(engineer, resource, seen, "L1", null).code()).isEqualTo("catalog.decided_meanwhile");
        assertThat(field(engineer, resource, "remark").path("level").asString()).isEqualTo("L3");
        assertThat(decide(engineer, resource, "remark", "L1", null).status()).isEqualTo(204);
    }

    @Test
    void whatWasDecidedOfAColumnHoldsUnderItsNewName() {
        String resource = collect("renamed", people("resident", "a", "b"));
        Client engineer = hub.as(Role.ENGINEER);
        assertThat(decide(engineer, resource, "id_number", "L2", null).status()).isEqualTo(204);
        hub.bean(Resources.class)
                .reshaped(
                        new TableName("raw_renamed", "public__resident"),
                        List.of(new TableCollected.Field(
                                "citizen",
                                "citizen",
                                "string",
                                "text",
                                null,
                                true,
                                0,
                                null,
                                null,
                                null,
                                Findings.NONE)),
                        Map.of("id_number", "citizen"),
                        null,
                        java.time.Instant.now());

        JsonNode citizen = field(engineer, resource, "citizen");
        assertThat(citizen.path("level").asString()).isEqualTo("L2");
        assertThat(citizen.path("decided").asBoolean()).isTrue();
        assertThat(citizen.path("proposedLevel").asString()).isEqualTo("L3");
        assertThat(citizen.path("decisions").path(0).path("reason").asString()).isEqualTo("已与法制部门核对");
        assertThat(undo(engineer, resource, "citizen").status()).isEqualTo(204);
        assertThat(field(engineer, resource, "citizen").path("level").asString())
                .isEqualTo("L3");
    }

    @Test
    void aDerivedTableIsAsSensitiveAsWhatItIsMadeOf() {
        Table plain =
                new Table("public", "made", "汇总", List.of("id", "who", "unknown"), List.of(List.of("1", "x", "y")));
        String made = collect("derived", plain);
        collect("origin", people("resident", "a", "b"));
        Client engineer = hub.as(Role.ENGINEER);

        hub.bean(Classifications.class)
                .derive(
                        new TableName("raw_derived", "public__made"),
                        Map.of(
                                "who",
                                Set.of(
                                        new Origin(new TableName("raw_origin", "public__resident"), "id_number"),
                                        new Origin(new TableName("raw_origin", "public__resident"), "remark")),
                                "unknown",
                                Set.of(new Origin(new TableName("raw_origin", "nowhere"), "x"))));

        assertThat(field(engineer, made, "who").path("level").asString()).isEqualTo("L3");
        assertThat(field(engineer, made, "who").path("evidence").path("words").asString())
                .isEqualTo("raw_origin.public__resident.id_number");
        assertThat(field(engineer, made, "unknown").path("level").asString()).isEqualTo("L4");
        assertThat(engineer.get(made).json().path("level").asString()).isEqualTo("L4");
    }
}

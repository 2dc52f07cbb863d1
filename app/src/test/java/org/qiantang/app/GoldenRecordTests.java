package org.qiantang.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qiantang.app.RunningHub.Answer;
import org.qiantang.app.RunningHub.Client;
import org.qiantang.app.ScriptedWorker.Table;
import org.qiantang.catalog.Contested;
import org.qiantang.catalog.ContestedRecords;
import org.qiantang.lake.TableName;
import org.qiantang.org.Account;
import org.qiantang.org.Accounts;
import org.qiantang.org.Departments;
import org.qiantang.org.Role;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/** One record of a base library, and who said each of its values. */
class GoldenRecordTests {
    private static final String ANN = "11010519491231002X";
    private static final String BOB = "330106180012310008";
    private static final String ORIGINS = """
            -- table: base_golden.person_origins
            -- title: 人口库取值来源
            -- department: police
            -- key: id_number, field, origin_table, origin_key
            WITH said AS (
              SELECT id_number, 'grade' AS field, grade AS value, 'raw_gold_a.public__person' AS origin_table, id AS origin_key, 1 AS precedence
                FROM raw_gold_a.public__person
              UNION ALL SELECT id_number, 'grade', grade, 'raw_gold_b.public__person', id, 2 FROM raw_gold_b.public__person
              UNION ALL SELECT id_number, 'remark', remark, 'raw_gold_b.public__person', id, 1 FROM raw_gold_b.public__person
            )
            SELECT id_number, field, value, origin_table, origin_key, precedence,
              row_number() OVER (PARTITION BY id_number, field ORDER BY precedence, origin_key) = 1 AS chosen
            FROM (SELECT DISTINCT * FROM said) WHERE value IS NOT NULL
            """;
    private static final String PERSON = """
            -- table: base_golden.person
            -- title: 人口库
            -- title-en: Persons
            -- department: police
            -- key: id_number
            -- origins: base_golden.person_origins
            -- column grade: 等级
            SELECT id_number, max(value) FILTER (WHERE field = 'grade') AS grade, max(value) FILTER (WHERE field = 'remark') AS remark,
              max(value) FILTER (WHERE field = 'never') AS never
            FROM base_golden.person_origins WHERE chosen GROUP BY id_number
            """;
    private static final String PLACES = """
            -- table: base_golden.place
            -- title: 地址库
            -- department: police
            -- key: origin_table, origin_key
            SELECT upper(grade) AS grade, 'raw_gold_a.public__person' AS origin_table, id AS origin_key FROM raw_gold_a.public__person
            UNION ALL SELECT grade, 'raw_gold_b.public__person', id FROM raw_gold_b.public__person
            """;

    @TempDir
    static Path home;

    private static RunningHub hub;

    @BeforeAll
    static void start() throws Exception {
        hub = new RunningHub(home);
        collect("gold_a", "police", List.of("7", ANN, "甲", "公安备注"), List.of("8", BOB, "丙", "公安备注"));
        collect("gold_b", "social_security", List.of("A", ANN, "乙", "参保"), List.of("B", ANN, "甲", "退休"));
        for (String text : List.of(ORIGINS, PERSON, PLACES)) {
            assertThat(apply(text).status()).as(text).isEqualTo(200);
            String table = text.lines().findFirst().orElseThrow().substring("-- table: ".length());
            await().until(() -> hub.as(Role.ENGINEER)
                    .get("/api/mappings/" + table)
                    .json()
                    .path("state")
                    .path("state")
                    .asString()
                    .equals("CURRENT"));
        }
    }

    @AfterAll
    static void stop() {
        hub.close();
    }

    @SafeVarargs
    private static void collect(String source, String department, List<String>... rows) {
        Table table = new Table(
                "public", "person", "人员", List.of("id", "id_number:公民身份号码", "grade", "remark"), List.of(rows));
        hub.worker.script(source, run -> {
            run.discover(table);
            run.land(table);
        });
        hub.collect(hub.addSource(source, department));
    }

    private static Answer apply(String text) {
        return hub.as(Role.ENGINEER).post("/api/mappings", Map.of("text", text));
    }

    private static Answer asked(Client who, String table, Map<String, String> key) {
        return who.post("/api/mappings/" + table + "/record", Map.of("key", key));
    }

    private static JsonNode field(JsonNode record, String name) {
        return record.path("fields")
                .valueStream()
                .filter(field -> field.path("name").asString().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static List<String> said(JsonNode field, String... of) {
        return field.path("claims")
                .valueStream()
                .map(claim -> String.join(
                        "|",
                        java.util.Arrays.stream(of)
                                .map(name -> claim.path(name).asString("null"))
                                .toList()))
                .toList();
    }

    @Test
    void eachValueIsFollowedToTheRowThatWasTakenAndToThoseThatWereNot() {
        Answer answer = asked(hub.as(Role.ANALYST), "base_golden.person", Map.of("id_number", ANN));

        assertThat(answer.status()).isEqualTo(200);
        JsonNode record = answer.json();
        assertThat(record.path("asOf").asString()).isNotEmpty();
        JsonNode grade = field(record, "grade");
        assertThat(grade.path("traced").asString()).isEqualTo("ROWS");
        assertThat(grade.path("why").asString()).isEqualTo("PRECEDENCE");
        assertThat(grade.path("title").asString()).isEqualTo("等级");
        assertThat(said(grade, "table", "rowKey", "value", "precedence", "chosen", "agrees"))
                .containsExactly(
                        "raw_gold_a.public__person|7|甲|1|true|true",
                        "raw_gold_b.public__person|A|乙|2|false|false",
                        "raw_gold_b.public__person|B|甲|2|false|true");
        JsonNode other = grade.path("claims").path(1);
        assertThat(other.path("department").path("id").asString()).isEqualTo("social_security");
        assertThat(Instant.parse(other.path("asOf").asString())).isBefore(Instant.now());
        assertThat(hub.as(Role.ANALYST)
                        .get("/api/resources/" + other.path("resource").asString())
                        .json()
                        .path("lakeTable")
                        .asString())
                .isEqualTo("raw_gold_b.public__person");
        JsonNode remark = field(record, "remark");
        assertThat(remark.path("why").asString()).isEqualTo("ORDER");
        assertThat(said(remark, "rowKey", "value", "chosen")).containsExactly("A|参保|true", "B|退休|false");
        assertThat(field(record, "never").path("traced").asString()).isEqualTo("NOBODY");
        JsonNode key = field(record, "id_number");
        assertThat(key.path("traced").asString()).isEqualTo("KEY");
        assertThat(key.path("columns")
                        .valueStream()
                        .map(each -> each.path("table").asString() + "."
                                + each.path("column").asString())
                        .toList())
                .containsExactly("raw_gold_a.public__person.id_number", "raw_gold_b.public__person.id_number");
    }

    @Test
    void nothingSensitiveIsShownInClearAndEachLookIsWrittenDown() {
        JsonNode record = asked(hub.operator(), "base_golden.person", Map.of("id_number", ANN))
                .json();

        assertThat(record.toString()).doesNotContain(ANN);
        assertThat(field(record, "id_number").path("masked").asBoolean()).isTrue();
        assertThat(hub.bean(JdbcClient.class).sql("""
                                select count(*) from catalog_access where purpose = 'golden-record'
                                and tables && array['base_golden.person', 'base_golden.person_origins', 'raw_gold_b.public__person']""").query(Long.class).single())
                .isGreaterThanOrEqualTo(3);
    }

    @Test
    void withoutOriginsAValueIsFollowedByTheStatementsToTheColumnsItIsMadeOf() {
        JsonNode record = asked(
                        hub.as(Role.ENGINEER),
                        "base_golden.place",
                        Map.of("origin_table", "raw_gold_b.public__person", "origin_key", "A"))
                .json();

        JsonNode grade = field(record, "grade");
        assertThat(grade.path("traced").asString()).isEqualTo("COLUMNS");
        assertThat(grade.path("claims").isEmpty()).isTrue();
        assertThat(grade.path("columns")
                        .valueStream()
                        .map(each -> each.path("table").asString() + "."
                                + each.path("column").asString() + " "
                                + each.path("ofThisRow").asBoolean())
                        .toList())
                .containsExactly("raw_gold_b.public__person.grade true", "raw_gold_a.public__person.grade false");
    }

    @Test
    void aContestedRowSaysSoBesideWhatItSays() {
        UUID objection = UUID.randomUUID();
        ContestedRecords contested = hub.bean(ContestedRecords.class);
        contested.mark(new Contested(
                objection, new TableName("raw_gold_a", "public__person"), Map.of("id", "8"), Instant.now()));

        JsonNode record = asked(hub.as(Role.ENGINEER), "base_golden.person", Map.of("id_number", BOB))
                .json();
        contested.unmark(objection);

        assertThat(said(field(record, "grade"), "value", "contested")).containsExactly("丙|true");
        assertThat(field(record, "grade").path("why").asString()).isEqualTo("ONLY");
        assertThat(record.path("contested").isEmpty()).isFalse();
    }

    @Test
    void onlyAWholeKeyFindsARecordAndNothingInItIsEverAStatement() {
        Client analyst = hub.as(Role.ANALYST);

        assertThat(asked(analyst, "base_golden.person", Map.of("id_number", "x' OR '1' = '1"))
                        .code())
                .isEqualTo("refine.no_such_record");
        assertThat(asked(analyst, "base_golden.person", Map.of("id_number", "%"))
                        .code())
                .isEqualTo("refine.no_such_record");
        assertThat(asked(analyst, "base_golden.person", Map.of("grade", "甲")).code())
                .isEqualTo("refine.wrong_key");
        assertThat(asked(analyst, "base_golden.person", Map.of("id_number\" = 'x' OR \"id_number", ANN))
                        .code())
                .isEqualTo("refine.wrong_key");
        assertThat(asked(analyst, "base_golden.nothing", Map.of("id_number", ANN))
                        .status())
                .isEqualTo(404);
    }

    @Test
    void anOfficerReadsTheLibrariesOfTheirOwnDepartmentOnly() {
        assertThat(asked(officer("police"), "base_golden.person", Map.of("id_number", ANN))
                        .status())
                .isEqualTo(200);
        Answer refused = asked(officer("civil_affairs"), "base_golden.person", Map.of("id_number", ANN));
        assertThat(refused.code()).isEqualTo("refine.not_yours_to_read");
        assertThat(refused.status()).isEqualTo(403);
    }

    private static Client officer(String department) {
        String name = "officer-" + department.replace('_', '-');
        String password = "only for tests: " + department;
        hub.bean(Accounts.class)
                .ensure(
                        new Account(
                                name,
                                name,
                                Set.of(Role.OFFICER),
                                hub.bean(Departments.class).get(department)),
                        password);
        Client officer = hub.anonymous();
        officer.get("/api/health");
        assertThat(officer.post("/api/session", Map.of("username", name, "password", password))
                        .status())
                .isEqualTo(200);
        return officer;
    }

    @Test
    void originsThatDoNotSayWhatIsNeededAreRefused() {
        assertThat(apply(PERSON.replace("origins: base_golden.person_origins", "origins: base_golden.place")
                                .replace("base_golden.person\n", "base_golden.other\n"))
                        .code())
                .isEqualTo("refine.wrong_origins");
        assertThat(apply(PLACES.replace("key: origin_table, origin_key", "key: grade\n-- origins: base_golden.person")
                                .replace("base_golden.place", "base_golden.other")
                                .replace("FROM raw_gold_a.public__person", "FROM base_golden.person")
                                .replace(" id AS", " id_number AS"))
                        .code())
                .isEqualTo("refine.wrong_origins");
    }
}

package org.qiantang.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qiantang.app.RunningHub.Answer;
import org.qiantang.app.ScriptedWorker.Table;
import org.qiantang.org.Role;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/** What departments sent becomes the city's own tables, again whenever it changes. */
class MappingsTests {
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

    private static final String SEX = """
            -- table: codes.sex
            -- title: 性别代码
            -- department: police
            -- key: code
            code,name
            1,男
            2,女
            """;

    private static void collect(String source, String... people) {
        List<List<String>> rows = new ArrayList<>();
        for (String person : people) {
            rows.add(List.of(person.split("/")));
        }
        Table table = new Table("public", "person", "人员", List.of("id", "id_number:公民身份号码", "sex"), rows);
        hub.worker.script(source, run -> {
            run.discover(table);
            run.land(table);
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
    }

    private static String resident(String source, String table, String select) {
        return """
                -- table: %s
                -- title: 人口（标准）
                -- title-en: Residents
                -- department: police
                -- key: id
                -- column id_number: 公民身份号码
                -- test: 代码变成名称
                -- given raw_%s.public__person: [{"id": "7", "sex": "2"}]
                -- given codes.sex: [{"code": "2", "name": "女"}]
                -- expect: [{"id": "7", "sex": "女"}]
                SELECT %s FROM raw_%s.public__person p LEFT JOIN codes.sex c ON c.code = p.sex
                """.formatted(table, source, select, source);
    }

    private static Answer apply(String text) {
        return hub.as(Role.ENGINEER).post("/api/mappings", Map.of("text", text));
    }

    private static JsonNode awaited(String table, String state) {
        JsonNode[] last = new JsonNode[1];
        await().until(() -> {
            last[0] = hub.as(Role.OFFICER).get("/api/mappings/" + table).json();
            return last[0].path("state").path("state").asString().equals(state);
        });
        return last[0];
    }

    private static List<String> rows(String sql) {
        JsonNode answer = hub.operator().post("/api/sql", Map.of("sql", sql)).json();
        List<String> rows = new ArrayList<>();
        for (JsonNode row : answer.path("rows")) {
            List<String> cells = new ArrayList<>();
            row.forEach(cell -> cells.add(cell.asString("null")));
            rows.add(String.join("|", cells));
        }
        return rows;
    }

    @Test
    void aTableIsMadeAndMadeAgainWhenWhatItIsMadeOfChanges() {
        collect("refined", "1/11010519491231002X/1", "2/330106180012310008/2");
        assertThat(apply(SEX).status()).isEqualTo(200);
        awaited("codes.sex", "CURRENT");
        assertThat(hub.as(Role.ENGINEER).get("/api/search?q=%E5%A5%B3").json().toString())
                .contains("codes.sex", "CODE");
        String text = resident("refined", "std_person.resident", "p.id, p.id_number, c.name AS sex");
        assertThat(apply(text).status()).isEqualTo(200);

        JsonNode first = awaited("std_person.resident", "CURRENT");

        assertThat(rows("SELECT * FROM std_person.resident ORDER BY id"))
                .containsExactly("1|11010519491231002X|男", "2|330106180012310008|女");
        assertThat(first.path("runs").path(0).path("added").asLong()).isEqualTo(2);
        assertThat(first.path("runs").path(0).path("inputs").size()).isEqualTo(2);

        // Each input's new snapshot makes it due; it is asked for here, so that nobody has to wait for the rest between
        // two runs.
        collect("refined", "1/11010519491231002X/1", "2/330106180012310008/1", "3/110105194912310038/2");
        hub.as(Role.ENGINEER).post("/api/mappings/std_person.resident/run", Map.of());
        await().until(() -> rows("SELECT count(*) FROM std_person.resident").equals(List.of("3")));
        JsonNode second = awaited("std_person.resident", "CURRENT");
        assertThat(rows("SELECT sex FROM std_person.resident ORDER BY id")).containsExactly("男", "男", "女");
        assertThat(second.path("runs").path(0).path("added").asLong()).isEqualTo(2);
        assertThat(second.path("runs").path(0).path("removed").asLong()).isEqualTo(1);

        // The same text is no new version; nothing has to be made.
        assertThat(apply(text).json().path("state").path("version").asInt()).isEqualTo(1);
        assertThat(apply(text.replace("c.name AS sex", "c.name AS sex, p.sex AS sex_code"))
                        .json()
                        .path("state")
                        .path("version")
                        .asInt())
                .isEqualTo(2);
        awaited("std_person.resident", "CURRENT");
        assertThat(rows("SELECT sex_code FROM std_person.resident ORDER BY id")).containsExactly("1", "1", "2");
        assertThat(hub.as(Role.OFFICER)
                        .get("/api/mappings/std_person.resident")
                        .json()
                        .path("versions")
                        .size())
                .isEqualTo(2);
    }

    @Test
    void anInputThatChangesMakesWhatIsMadeOfItDueAndWhatComesFirstIsMadeFirst() {
        collect("chained", "1/11010519491231002X/1");
        apply(SEX.replace("codes.sex", "codes.sex_chained"));
        awaited("codes.sex_chained", "CURRENT");
        apply(resident("chained", "std_chain.a", "p.id, p.sex")
                .replace("codes.sex", "codes.sex_chained")
                .replace("\"sex\": \"女\"", "\"sex\": \"2\""));
        awaited("std_chain.a", "CURRENT");
        apply("""
                -- table: base_chain.b
                -- title: 汇总
                -- department: police
                SELECT count(*) AS persons FROM std_chain.a
                """);
        awaited("base_chain.b", "CURRENT");

        collect("chained", "1/11010519491231002X/1", "2/330106180012310008/1");
        assertThat(awaited("std_chain.a", "DUE").path("state").path("inputs").size())
                .isEqualTo(2);
        hub.as(Role.ENGINEER).post("/api/mappings/std_chain.a/run", Map.of());
        await().until(() -> rows("SELECT count(*) FROM std_chain.a").equals(List.of("2")));
        awaited("base_chain.b", "DUE");
        hub.as(Role.ENGINEER).post("/api/mappings/base_chain.b/run", Map.of());
        await().until(() -> rows("SELECT persons FROM base_chain.b").equals(List.of("2")));
    }

    @Test
    void eachRunSaysWhetherOnlyTheKeysConcernedWereMadeAndTheWholeIsHeldAgainstThemAfterADay() {
        List<String> people = new ArrayList<>();
        for (int id = 0; id < 20; id++) {
            people.add(id + "/id" + id + "/1");
        }
        collect("parts", people.toArray(String[]::new));
        apply("-- table: std_parts.a\n-- title: a\n-- department: police\n-- key: id\n"
                + "SELECT id, id_number, sex FROM raw_parts.public__person");
        awaited("std_parts.a", "CURRENT");
        apply("-- table: base_parts.b\n-- title: b\n-- department: police\n-- key: id\n"
                + "SELECT id, upper(id_number) AS number, count(*) OVER (PARTITION BY id) AS n FROM std_parts.a");
        assertThat(awaited("base_parts.b", "CURRENT")
                        .path("runs")
                        .path(0)
                        .path("course")
                        .path("reason")
                        .asString())
                .isEqualTo("FIRST");

        people.set(3, "3/changed/1");
        collect("parts", people.toArray(String[]::new));
        assertThat(runNow("std_parts.a", 2).path("course").path("reason").asString())
                .isEqualTo("MUCH");
        JsonNode part = runNow("base_parts.b", 2);
        assertThat(part.path("course").path("reason").isNull()).isTrue();
        assertThat(part.path("course").path("read").path(0).path("rows").asLong())
                .isEqualTo(1);
        assertThat(part.path("added").asLong()).isEqualTo(1);
        assertThat(part.path("rows").asLong()).isEqualTo(20);
        assertThat(rows("SELECT number FROM base_parts.b WHERE id = '3'")).containsExactly("CHANGED");

        hub.bean(JdbcClient.class)
                .sql(
                        "update refine_mappings set whole_at = whole_at - interval '25 hours' where namespace = 'base_parts'")
                .update();
        JsonNode checked = runNow("base_parts.b", 3);
        assertThat(checked.path("course").path("reason").asString()).isEqualTo("CHECK");
        assertThat(checked.path("state").asString()).isEqualTo("UNCHANGED");
        assertThat(checked.path("messageZh").isNull()).isTrue();

        hub.as(Role.ENGINEER).post("/api/mappings/base_parts.b/run", Map.of());
        assertThat(runNow("base_parts.b", 4).path("course").path("reason").asString())
                .isEqualTo("ASKED");
    }

    /** The newest run of a table, once there are so many, none of which has to wait for the rest between two. */
    private static JsonNode runNow(String table, int runs) {
        JsonNode[] newest = new JsonNode[1];
        await().until(() -> {
            hub.bean(JdbcClient.class)
                    .sql("update refine_mappings set not_before = now() where namespace || '.' || table_name = ?")
                    .param(table)
                    .update();
            JsonNode all =
                    hub.as(Role.OFFICER).get("/api/mappings/" + table).json().path("runs");
            newest[0] = all.path(0);
            return all.size() >= runs && !newest[0].path("state").asString().equals("RUNNING");
        });
        return newest[0];
    }

    @Test
    void aDerivedTableIsAResourceAndItsPersonalFieldsAreMasked() {
        collect("masked", "1/11010519491231002X/1", "2/330106180012310008/2");
        apply(SEX.replace("codes.sex", "codes.sex_masked"));
        awaited("codes.sex_masked", "CURRENT");
        apply(resident("masked", "std_masked.resident", "p.id, p.id_number AS zjhm, c.name AS sex")
                .replace("codes.sex", "codes.sex_masked"));
        JsonNode made = awaited("std_masked.resident", "CURRENT");

        String resource = made.path("state").path("resource").asString();
        JsonNode found = hub.as(Role.ANALYST).get("/api/resources/" + resource).json();
        assertThat(found.path("kind").asString()).isEqualTo("DERIVED");
        assertThat(found.path("department").path("id").asString()).isEqualTo("police");
        assertThat(found.path("rows").asLong()).isEqualTo(2);
        JsonNode preview = hub.as(Role.ANALYST)
                .get("/api/resources/" + resource + "/preview")
                .json();
        assertThat(preview.path("rows").toString()).doesNotContain("11010519491231002X");
        assertThat(hub.bean(JdbcClient.class)
                        .sql(
                                "select count(*) from catalog_access where purpose = 'refine' and unmasked and 'raw_masked.public__person' = any(tables)")
                        .query(Long.class)
                        .single())
                .isPositive();
    }

    @Test
    void aDerivedTableIsMeasuredAndOfItsSensitiveFieldsOnlyCountsAndShapesAreKept() {
        collect("measured", "1/11010519491231002X/1", "2/330106180012310008/2", "3/330106180012310008/2");
        apply(SEX.replace("codes.sex", "codes.sex_measured"));
        awaited("codes.sex_measured", "CURRENT");
        apply(resident("measured", "std_measured.resident", "p.id, p.id_number AS zjhm, c.name AS sex")
                .replace("codes.sex", "codes.sex_measured"));
        String resource = "/api/resources/"
                + awaited("std_measured.resident", "CURRENT")
                        .path("state")
                        .path("resource")
                        .asString();

        JsonNode[] profile = new JsonNode[1];
        await().until(() -> {
            profile[0] = hub.as(Role.ANALYST).get(resource + "/profile").json();
            return profile[0].path("columns").size() == 3;
        });

        JsonNode number = profile[0].path("columns").path(1).path("profile");
        assertThat(number.path("distinct").asLong()).isEqualTo(2);
        assertThat(number.path("patterns").isEmpty()).isFalse();
        assertThat(number.path("values").isObject()).isFalse();
        assertThat(profile[0].toString()).doesNotContain("11010519491231002X");
        assertThat(profile[0]
                        .path("columns")
                        .path(2)
                        .path("profile")
                        .path("values")
                        .path("top")
                        .toString())
                .contains("男", "女");
    }

    @Test
    void whatCannotBeMadeIsRefusedWithAReason() {
        collect("refused", "1/11010519491231002X/1");
        apply(SEX.replace("codes.sex", "codes.sex_refused"));
        awaited("codes.sex_refused", "CURRENT");
        String good =
                resident("refused", "std_refused.a", "p.id, c.name AS sex").replace("codes.sex", "codes.sex_refused");

        assertThat(apply(good.replace("\"sex\": \"女\"", "\"sex\": \"男\"")).code())
                .isEqualTo("refine.test_failed");
        assertThat(apply(good.replace("department: police", "department: nobody"))
                        .code())
                .isEqualTo("refine.no_such_department");
        assertThat(apply(good.replace("raw_refused.", "raw_nothing.")).code()).isEqualTo("refine.no_such_input");
        assertThat(apply(good.replace("raw_refused.public__person", "ops_collect.rejects"))
                        .code())
                .isEqualTo("refine.no_such_input");
        assertThat(apply(good.replace("SELECT", "SELEKT")).code()).isEqualTo("refine.wrong_statement");
        assertThat(apply(good.replace("-- title:", "-- heading:")).code()).isEqualTo("refine.wrong_form");
        assertThat(hub.as(Role.ENGINEER).get("/api/mappings/std_refused.a").status())
                .isEqualTo(404);

        assertThat(apply(good).status()).isEqualTo(200);
        awaited("std_refused.a", "CURRENT");
        apply("-- table: base_refused.b\n-- title: b\n-- department: police\nSELECT id FROM std_refused.a");
        awaited("base_refused.b", "CURRENT");
        assertThat(apply(good.replaceAll("(?m)^-- (test|given|expect).*\n", "")
                                .replace("raw_refused.public__person", "base_refused.b")
                                .replace("c.code = p.sex", "c.code = p.id"))
                        .code())
                .isEqualTo("refine.cycle");
        assertThat(hub.as(Role.ENGINEER)
                        .post("/api/mappings/std_refused.a/retire", Map.of("reason", "不再使用"))
                        .code())
                .isEqualTo("refine.still_read");
        assertThat(hub.as(Role.ENGINEER)
                        .post("/api/mappings/base_refused.b/retire", Map.of("reason", "不再使用"))
                        .status())
                .isEqualTo(204);
        assertThat(hub.as(Role.ENGINEER)
                        .post("/api/mappings/base_refused.b/run", Map.of())
                        .code())
                .isEqualTo("refine.retired");
        assertThat(rows("SELECT count(*) FROM base_refused.b")).containsExactly("1");
    }

    @Test
    void aRunThatFailsLeavesTheTableAndSaysWhy() {
        collect("failing", "1/11010519491231002X/1", "2/330106180012310008/2");
        apply("-- table: std_failing.a\n-- title: a\n-- department: police\n-- key: id\n"
                + "SELECT id, id_number FROM raw_failing.public__person");
        awaited("std_failing.a", "CURRENT");
        collect("failing", "1/11010519491231002X/1", "1/330106180012310008/2");
        hub.as(Role.ENGINEER).post("/api/mappings/std_failing.a/run", Map.of());

        JsonNode failed = awaited("std_failing.a", "FAILED");

        assertThat(failed.path("runs").path(0).path("messageEn").asString()).contains("does not tell rows apart");
        assertThat(rows("SELECT id FROM std_failing.a ORDER BY id")).containsExactly("1", "2");
    }

    @Test
    void aTextIsTriedWithoutBeingKept() {
        collect("tried", "1/11010519491231002X/1");
        apply(SEX.replace("codes.sex", "codes.sex_tried"));
        awaited("codes.sex_tried", "CURRENT");
        String text = resident("tried", "std_tried.a", "p.id, p.id_number, c.name AS sex")
                .replace("codes.sex", "codes.sex_tried");

        JsonNode good = hub.as(Role.ENGINEER)
                .post("/api/mappings/check", Map.of("text", text))
                .json();
        assertThat(good.path("tests").path(0).path("good").asBoolean()).isTrue();
        assertThat(good.path("rows").size()).isEqualTo(1);
        assertThat(good.path("rows").toString()).doesNotContain("11010519491231002X");
        JsonNode bad = hub.as(Role.ENGINEER)
                .post("/api/mappings/check", Map.of("text", text.replace("\"sex\": \"女\"", "\"sex\": \"男\"")))
                .json();
        assertThat(bad.path("tests").path(0).path("good").asBoolean()).isFalse();
        assertThat(bad.path("tests").path(0).path("missing").path(0).asString()).contains("男");
        assertThat(hub.as(Role.ENGINEER).get("/api/mappings/std_tried.a").status())
                .isEqualTo(404);
    }
}

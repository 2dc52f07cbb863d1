package org.qiantang.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qiantang.app.RunningHub.Answer;
import org.qiantang.app.RunningHub.Client;
import org.qiantang.app.ScriptedWorker.Table;
import org.qiantang.core.IdentityNumber;
import org.qiantang.org.Account;
import org.qiantang.org.Accounts;
import org.qiantang.org.Actor;
import org.qiantang.org.Departments;
import org.qiantang.org.Residents;
import org.qiantang.org.Role;
import tools.jackson.databind.JsonNode;

/** Quality through the whole hub: what its loop finds by itself, who hears of it, and what a resident may see. */
class QualityFlowTests {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String OWN = "11010519491231002X";
    private static final List<String> COLUMNS = List.of("id", "id_number:公民身份号码", "marital:婚姻状况");
    private static final List<String> SPOILT = List.of("2", "440524188001010015", "已婚");
    private static final List<String> MENDED = List.of("2", "440524188001010014", "已婚");

    @TempDir
    static Path home;

    private static RunningHub hub;
    private static Client officer;
    private static Client engineer;

    @BeforeAll
    static void start() throws Exception {
        hub = new RunningHub(home);
        hub.bean(Accounts.class)
                .ensure(
                        new Account(
                                "officer-police",
                                "officer-police",
                                Set.of(Role.OFFICER),
                                hub.bean(Departments.class).get("police")),
                        "only for tests: police");
        officer = hub.anonymous();
        officer.get("/api/health");
        assertThat(officer.post(
                                "/api/session",
                                Map.of("username", "officer-police", "password", "only for tests: police"))
                        .status())
                .isEqualTo(200);
        engineer = hub.as(Role.ENGINEER);
    }

    @AfterAll
    static void stop() {
        hub.close();
    }

    private static Table residents(String table, List<String> second) {
        List<List<String>> rows = new ArrayList<>(List.of(List.of("1", OWN, "未婚"), second));
        for (int i = 3; i <= 30; i++) {
            String first17 = "330106196501%02d%03d".formatted(1 + i % 28, i);
            rows.add(List.of("" + i, first17 + IdentityNumber.checkCharacter(first17), "已婚"));
        }
        return new Table("public", table, table, COLUMNS, rows);
    }

    /** Collects the first of these at once, the others by later runs; returns the resource's path. */
    private static String collect(String source, String sourceId, String table) {
        hub.collect(sourceId);
        return "/api/resources/"
                + hub.operator()
                        .get("/api/resources")
                        .json()
                        .path("items")
                        .valueStream()
                        .filter(each -> each.path("lakeTable").asString().equals("raw_" + source + ".public__" + table))
                        .findFirst()
                        .orElseThrow()
                        .path("id")
                        .asString();
    }

    private static ScriptedWorker.Script lands(Table table) {
        return run -> {
            run.discover(table);
            run.land(table);
        };
    }

    private static JsonNode rule(String resource, String kind) {
        return engineer.get(resource + "/quality")
                .json()
                .path("rules")
                .valueStream()
                .filter(rule -> rule.path("requirement").path("kind").asString().equals(kind))
                .findFirst()
                .orElseThrow();
    }

    private static List<JsonNode> tickets(Client who, String wanted, String resource) {
        String id = resource.substring(resource.lastIndexOf('/') + 1);
        return who.get("/api/tickets?wanted=" + wanted + "&resource=" + id)
                .json()
                .valueStream()
                .toList();
    }

    @Test
    void aSnapshotThatFailsIsATicketAndTheNextOneThatPassesClosesIt() {
        hub.worker.script("flow", lands(residents("register", SPOILT)), lands(residents("register", MENDED)));
        String source = hub.addSource("flow", "police");
        String resource = collect("flow", source, "register");
        assertThat(engineer.post(resource + "/quality/adopt", null)
                        .json()
                        .path("rules")
                        .asInt())
                .isGreaterThan(2);

        await().atMost(PATIENCE).until(() -> !tickets(officer, "MINE", resource).isEmpty());
        JsonNode ticket = tickets(officer, "MINE", resource).getFirst();
        assertThat(ticket.path("about").path("zh").asString()).contains("公民身份号码");
        assertThat(rule(resource, "CHECK_DIGIT").path("newest").path("failed").asInt())
                .isEqualTo(1);
        String path = "/api/tickets/" + ticket.path("id").asString();
        assertThat(officer.post(path + "/accept", null)
                        .json()
                        .path("ticket")
                        .path("state")
                        .asString())
                .isEqualTo("ACCEPTED");
        assertThat(officer.post(path + "/close", Map.of("words", "x")).code()).isEqualTo("org.not_allowed");
        assertThat(hub.as(Role.OFFICER).get(path).code()).isEqualTo("core.not_found");
        JsonNode owes = engineer.get("/api/overview").json().path("day").path("owes");
        assertThat(owes.toString()).contains("\"departmentId\":\"police\"");

        hub.collect(source);

        await().atMost(PATIENCE)
                .until(() -> engineer.get(path)
                        .json()
                        .path("ticket")
                        .path("state")
                        .asString()
                        .equals("CLOSED"));
        assertThat(engineer.get("/api/quality").json().toString()).contains("ACCURACY");
        assertThat(engineer.get("/api/overview")
                        .json()
                        .path("day")
                        .path("arrived")
                        .toString())
                .contains("来源 flow");
    }

    @Test
    void aRuleIsTriedShownMaskedKeptAndChangedByNobodyUnseen() {
        hub.worker.script("rules", lands(residents("tried", SPOILT)));
        String resource = collect("rules", hub.addSource("rules", "police"), "tried");
        Map<String, Object> form = new HashMap<>();
        form.put("kind", "CHECK_DIGIT");
        form.put("columns", List.of("id_number"));
        form.put("content", "ID_NUMBER");
        form.put("tolerance", 0);
        form.put("severity", "HIGH");

        Answer trial = officer.post(resource + "/quality/attempt", form);
        assertThat(trial.json().path("outcome").path("failed").asInt()).isEqualTo(1);
        assertThat(trial.text()).contains("4***************15").doesNotContain("440524188001010015");

        String rule = officer.post(resource + "/quality/rules", form)
                .json()
                .path("id")
                .asString();
        Map<String, Object> edit = Map.of("seen", 1, "rule", form);
        assertThat(engineer.call("PUT", "/api/quality/rules/" + rule, edit).status())
                .isEqualTo(200);
        assertThat(engineer.call("PUT", "/api/quality/rules/" + rule, edit).code())
                .isEqualTo("quality.changed_meanwhile");
        await().atMost(PATIENCE)
                .until(() -> engineer.get("/api/quality/rules/" + rule)
                                .json()
                                .path("outcomes")
                                .size()
                        > 0);
        assertThat(hub.as(Role.ANALYST)
                        .get("/api/quality/rules/" + rule + "/failing")
                        .text())
                .contains("4***************15")
                .doesNotContain("440524188001010015");
        assertThat(officer.post(
                                resource + "/quality/rules",
                                Map.of("kind", "WITHIN", "tolerance", 0, "severity", "LOW"))
                        .code())
                .isEqualTo("quality.rule_incomplete");
    }

    @Test
    void aResidentObjectsAndTheMarkTravelsUntilItIsSettled() {
        hub.worker.script("objected", lands(residents("people", MENDED)));
        String resource = collect("objected", hub.addSource("objected", "police"), "people");
        String entry = publish(resource);
        hub.bean(Residents.class)
                .bind(
                        Actor.INSTALLATION,
                        hub.bean(Accounts.class).find("resident").orElseThrow(),
                        OWN);
        Client resident = hub.as(Role.RESIDENT);

        assertThat(resident.get("/api/resources").code()).isEqualTo("org.not_allowed");
        assertThat(resident.get("/api/departments").code()).isEqualTo("org.not_allowed");
        JsonNode records = resident.get("/api/my/entries/" + entry + "/records").json();
        assertThat(records).hasSize(1);
        assertThat(records.toString()).contains(OWN).doesNotContain("440524188001010014");
        Answer raised = resident.post(
                "/api/my/objections",
                Map.of(
                        "entry",
                        entry,
                        "record",
                        records.path(0).path("ref").asString(),
                        "item",
                        "marital",
                        "should",
                        "已婚",
                        "reason",
                        "2024年登记"));
        assertThat(raised.status()).isEqualTo(201);
        String id = raised.json().path("objection").path("id").asString();
        assertThat(officer.post("/api/objections/" + id + "/accept", null).status())
                .isEqualTo(200);

        Client analyst = hub.as(Role.ANALYST);
        String sql = "SELECT id, marital FROM raw_objected.public__people";
        assertThat(analyst.get(resource + "/preview")
                        .json()
                        .path("contested")
                        .path(0)
                        .path("records")
                        .asInt())
                .isEqualTo(1);
        assertThat(analyst.post("/api/sql", Map.of("sql", sql))
                        .json()
                        .path("contested")
                        .path(0)
                        .path("table")
                        .asString())
                .isEqualTo("raw_objected.public__people");
        assertThat(analyst.post("/api/sql/export", Map.of("sql", sql)).headers().firstValue("Qiantang-Contested"))
                .contains("raw_objected.public__people=1");

        assertThat(resident.post("/api/my/objections/" + id + "/withdraw", null).status())
                .isEqualTo(200);
        assertThat(analyst.post("/api/sql", Map.of("sql", sql)).json().path("contested"))
                .isEmpty();
    }

    private static String publish(String resource) {
        String title = hub.operator().get(resource).json().path("title").asString();
        AtomicReference<String> found = new AtomicReference<>();
        String encoded = URLEncoder.encode(title, StandardCharsets.UTF_8);
        await().atMost(PATIENCE)
                .until(() -> hub.operator()
                        .get("/api/directory?limit=200&q=" + encoded)
                        .json()
                        .path("items")
                        .valueStream()
                        .map(each -> each.path("id").asString())
                        .filter(each -> resource.endsWith(hub.operator()
                                .get("/api/directory/" + each)
                                .json()
                                .path("resource")
                                .asString("?")))
                        .peek(found::set)
                        .findFirst()
                        .isPresent());
        String entry = "/api/directory/" + found.get();
        Map<String, Object> statement = Map.ofEntries(
                Map.entry("classification", "306001"),
                Map.entry("title", title),
                Map.entry("summary", "登记。"),
                Map.entry("theme", "PUBLIC_SERVICE"),
                Map.entry("format", "DATABASE"),
                Map.entry("items", List.of(Map.of("name", "婚姻状况", "column", "marital", "type", "C"))),
                Map.entry("shareClass", "CONDITIONAL"),
                Map.entry("shareCondition", "限办理政务服务事项时核验"),
                Map.entry("shareMode", "API"),
                Map.entry("openClass", "FORBIDDEN"),
                Map.entry("updateCycle", "DAILY"),
                Map.entry("relatedResourceCodes", List.of()));
        assertThat(officer.call("PUT", entry, Map.of("revision", 0, "statement", statement))
                        .status())
                .isEqualTo(200);
        officer.post(entry + "/submit", Map.of("revision", 1, "words", ""));
        engineer.post(entry + "/take", Map.of("revision", 2, "words", ""));
        assertThat(engineer.post(entry + "/publish", Map.of("revision", 3, "words", ""))
                        .status())
                .isEqualTo(200);
        return found.get();
    }
}

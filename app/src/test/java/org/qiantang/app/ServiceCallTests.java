package org.qiantang.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.URLEncoder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qiantang.app.RunningHub.Answer;
import org.qiantang.app.RunningHub.Client;
import org.qiantang.catalog.Entries;
import org.qiantang.catalog.Entry;
import org.qiantang.catalog.Guide;
import org.qiantang.catalog.Resources;
import org.qiantang.lake.TableName;
import org.qiantang.org.Account;
import org.qiantang.org.Accounts;
import org.qiantang.org.Departments;
import org.qiantang.org.Role;
import org.qiantang.share.Applications;
import org.qiantang.share.Asked;
import org.qiantang.share.Carts;
import org.qiantang.share.Grants;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/** A call from end to end: token, grant, masks, quota, evidence, pages, and what has not changed. */
class ServiceCallTests {
    private static final Account ENGINEER = new Account("engineer", "engineer", Set.of(Role.ENGINEER), null);
    private static final List<String> COLUMNS = List.of("id_number:公民身份号码", "name:姓名", "area:区划代码");
    private static final List<List<String>> ROWS = List.of(
            List.of("11010519491231002X", "王小明", "330106001"),
            List.of("330106180012310008", "李芳", "330106001"),
            List.of("330110180012310010", "张伟", "330106002"),
            List.of("440524188001010014", "赵敏", "330106001"),
            // Twice the same: either is a row of its own.
            List.of("440524188001010014", "赵敏", "330106001"));
    private static final Map<String, String> ERRAND = Map.of(
            "X-Operator",
            URLEncoder.encode("窗口 3 号", UTF_8).replace("+", "%20"),
            "X-Case",
            "JZ-2026-0042",
            "X-Scenario",
            "check");

    @TempDir
    static Path home;

    private static RunningHub hub;
    private static Programs programs;
    private static Client maker;
    private static Account applicant;
    private static Account policeman;
    private static KeyPair key;
    private static String token;
    private static String grant;

    @BeforeAll
    static void start() throws Exception {
        hub = new RunningHub(home);
        programs = new Programs(hub);
        collect(ROWS);
        Departments departments = hub.bean(Departments.class);
        applicant = new Account("shen", "shen", Set.of(Role.OFFICER), departments.get("civil_affairs"));
        policeman = new Account("lin", "lin", Set.of(Role.OFFICER), departments.get("police"));
        for (Account each : List.of(applicant, policeman)) {
            hub.bean(Accounts.class).ensure(each, "only for tests: " + each.username());
        }
        maker = signedIn(policeman);
        publishEntry();
        grant = granted("clear", 10_000);
        key = Programs.newKey();
        Answer client = signedIn(applicant)
                .post("/api/clients", Map.of("id", "rescue", "title", "社会救助系统", "publicKey", Programs.pem(key)));
        assertThat(client.status()).as(client.toString()).isEqualTo(201);
        token = programs.token("rescue", key);
    }

    @AfterAll
    static void stop() {
        hub.close();
    }

    private static void collect(List<List<String>> rows) {
        ScriptedWorker.Table table = new ScriptedWorker.Table("public", "resident", "常住人口", COLUMNS, rows);
        hub.worker.script("police", run -> {
            run.discover(table);
            run.land(table);
        });
        JsonNode sources = hub.operator().get("/api/sources").json();
        hub.collect(
                sources.isEmpty()
                        ? hub.addSource("police", "police")
                        : sources.get(0).path("id").asString());
    }

    private static Client signedIn(Account account) {
        Client client = hub.anonymous();
        client.get("/api/health");
        Answer in = client.post(
                "/api/session",
                Map.of("username", account.username(), "password", "only for tests: " + account.username()));
        assertThat(in.status()).as(in.toString()).isEqualTo(200);
        return client;
    }

    private static UUID entry() {
        UUID resource = hub.bean(Resources.class)
                .find(new TableName("raw_police", "public__resident"))
                .orElseThrow()
                .id();
        return hub.bean(Entries.class).findByResource(resource).orElseThrow();
    }

    private static void publishEntry() {
        Entries entries = hub.bean(Entries.class);
        UUID id = entry();
        Entry entry = entries.get(id);
        Entry.Statement draft = entry.statement();
        Entry.Statement whole = new Entry.Statement(
                "307001",
                draft.title(),
                null,
                "登记的全部记录",
                Guide.Theme.PUBLIC_SERVICE,
                Guide.Format.DATABASE,
                draft.items(),
                Guide.ShareClass.CONDITIONAL,
                "凭事项共享",
                Guide.ShareMode.DB_TABLE,
                Guide.OpenClass.FORBIDDEN,
                null,
                Guide.UpdateCycle.DAILY,
                List.of());
        entry = entries.save(id, entry.revision(), whole, policeman);
        entry = entries.submit(id, entry.revision(), policeman);
        entry = entries.take(id, entry.revision(), ENGINEER);
        entries.publish(id, entry.revision(), null, ENGINEER);
    }

    /** A grant of the residents of one area, names hidden but for their first character; returns its number. */
    private static String granted(String idNumber, int rowsADay) {
        UUID entry = entry();
        hub.bean(Carts.class).add(applicant, entry);
        Applications applications = hub.bean(Applications.class);
        UUID id = applications.begin(applicant).application().id();
        Asked.Table table = new Asked.Table(
                entry,
                List.of(
                        new Asked.Field("id_number", idNumber, "核对申请人身份"),
                        new Asked.Field("name", "keep(1,0)", "核对申请人身份"),
                        new Asked.Field("area", "clear", null)),
                List.of(new Asked.Rows("area", Asked.Rows.Kind.IN, List.of("330106001"))),
                null);
        LocalDate today = LocalDate.now(ZoneId.of("Asia/Shanghai"));
        applications.save(
                applicant,
                id,
                0,
                new Asked(
                        "低保资格核对" + UUID.randomUUID(),
                        "社会救助暂行办法第十七条",
                        "核对低保申请家庭的户籍",
                        today,
                        today.plusDays(300),
                        10_000,
                        rowsADay,
                        "社会救助信息系统",
                        3,
                        "0571-85000000",
                        true,
                        List.of(table)));
        applications.submit(applicant, id);
        applications.pass(ENGINEER, id, null);
        UUID part = applications.get(applicant, id).parts().getFirst().part().id();
        applications.grantPart(policeman, part, null, null);
        return hub.bean(Grants.class)
                .list(applicant, Grants.Of.RECEIVED)
                .getFirst()
                .number();
    }

    private static Map<String, Object> parameter(String name, String type, Object... more) {
        Map<String, Object> parameter =
                new HashMap<>(Map.of("name", name, "title", name, "type", type, "required", false));
        for (int i = 0; i < more.length; i += 2) {
            parameter.put((String) more[i], more[i + 1]);
        }
        return parameter;
    }

    private static Map<String, Object> definition(Object... more) {
        Map<String, Object> definition = new HashMap<>(Map.of(
                "title",
                "常住人口核验",
                "parameters",
                List.of(),
                "fields",
                List.of(),
                "sortable",
                List.of(),
                "pageSize",
                100,
                "mostRows",
                1_000,
                "cacheSeconds",
                0,
                "rate",
                Map.of("perSecond", 1_000, "burst", 1_000),
                "personal",
                false));
        for (int i = 0; i < more.length; i += 2) {
            definition.put((String) more[i], more[i + 1]);
        }
        return definition;
    }

    private static Map<String, Object> residents(Object... more) {
        Map<String, Object> definition = definition(
                "table",
                "raw_police.public__resident",
                "sortable",
                List.of("name"),
                "parameters",
                List.of(
                        parameter("area", "TEXT", "filter", Map.of("column", "area", "operator", "EQUALS")),
                        parameter(
                                "number",
                                "TEXT",
                                "pattern",
                                "[0-9X']{1,30}",
                                "filter",
                                Map.of("column", "id_number", "operator", "STARTS_WITH"))));
        for (int i = 0; i < more.length; i += 2) {
            definition.put((String) more[i], more[i + 1]);
        }
        return definition;
    }

    /** Publishes a service and returns the address of its first version. */
    private static String service(Map<String, Object> definition) {
        String name = "s-" + UUID.randomUUID();
        Answer made = maker.post("/api/services", Map.of("name", name, "definition", definition));
        assertThat(made.status()).as(made.toString()).isEqualTo(201);
        Answer out = maker.post("/api/services/" + name + "/v1/publish", null);
        assertThat(out.status()).as(out.toString()).isEqualTo(200);
        return "/services/" + name + "/v1";
    }

    private static Answer call(String path, String... headers) {
        Map<String, String> all = new HashMap<>(ERRAND);
        all.put("Authorization", "Bearer " + token);
        all.put("X-Grant", grant);
        for (int i = 0; i < headers.length; i += 2) {
            if (headers[i + 1] == null) {
                all.remove(headers[i]);
            } else {
                all.put(headers[i], headers[i + 1]);
            }
        }
        return programs.get(path, all);
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, UTF_8);
    }

    private static List<String> names(JsonNode page) {
        List<String> names = new ArrayList<>();
        page.path("rows").forEach(row -> names.add(row.path("id_number").asString()));
        return names;
    }

    @Test
    void callSeesWhatTheGrantOpensAndIsWrittenDown() {
        String path = service(residents());

        Answer answer = call(path + "?sort=-name");

        assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
        JsonNode page = answer.json();
        assertThat(page.path("rows")).hasSize(4);
        assertThat(page.path("grant").asString()).isEqualTo(grant);
        assertThat(page.path("rows").get(0).path("name").asString()).isEqualTo("赵*");
        assertThat(names(page)).contains("11010519491231002X").doesNotContain("330110180012310010");
        assertThat(page.path("masked").get(0).asString()).isEqualTo("name");
        assertThat(answer.headers().firstValue("Qiantang-Evidence").orElse("")).contains("index=");
        assertThat(hub.bean(JdbcClient.class)
                        .sql(
                                "select who || '|' || service || '|' || called_for || '|' || operator || '|' || case_number || '|' || rows"
                                        + " from catalog_access order by id desc limit 1")
                        .query(String.class)
                        .single())
                .isEqualTo("client:rescue|" + path.substring("/services/".length()) + "|check|窗口 3 号|JZ-2026-0042|4");
    }

    @Test
    void valueIsAValueWhateverItLooksLikeAndAWrongOneIsNamed() {
        String path = service(residents());
        String template = service(definition(
                "sql",
                "SELECT id_number, name, area FROM raw_police.public__resident -- :nothing\n"
                        + "WHERE area = :area AND (:number IS NULL OR id_number = :number) AND ':area' <> :area;",
                "parameters",
                List.of(
                        parameter("area", "TEXT", "required", true),
                        parameter("number", "TEXT"),
                        parameter("since", "DATE"))));

        for (String each : List.of(path, template)) {
            assertThat(call(each + "?area=330106001").json().path("rows")).hasSize(4);
            for (String attempt : List.of(
                    "330106001' OR '1'='1",
                    "' UNION SELECT * FROM raw_police.public__resident --",
                    "$1",
                    "\"; DROP TABLE x",
                    ":area")) {
                Answer answer = call(each + "?area=" + encoded(attempt));
                assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
                assertThat(answer.json().path("rows")).as(attempt).isEmpty();
            }
        }
        assertThat(call(path + "?number=" + encoded("1'")).json().path("rows")).isEmpty();
        wrong(path + "?number=" + encoded("a; b"), "invoke.parameter_wrong", "number");
        wrong(template, "invoke.parameter_missing", "area");
        wrong(template + "?area=1&since=yesterday", "invoke.parameter_wrong", "since");
        wrong(path + "?areas=1", "invoke.parameter_unknown", "areas");
        wrong(path + "?limit=0", "invoke.parameter_wrong", "limit");
        wrong(path + "?sort=area", "invoke.parameter_wrong", "sort");
        wrong(path + "?after=bm90aGluZw", "invoke.parameter_wrong", "after");
        wrong(path + "?fields=secret", "invoke.parameter_wrong", "fields");
    }

    private static void wrong(String path, String code, String parameter) {
        Answer answer = call(path);
        assertThat(answer.status()).as(answer.toString()).isEqualTo(400);
        assertThat(answer.code()).isEqualTo(code);
        assertThat(answer.json().path("parameter").asString()).isEqualTo(parameter);
    }

    @Test
    void personalInformationIsGivenToNobodyWhoDoesNotSayForWhom() {
        String path = service(residents());

        assertThat(call(path, "X-Operator", null).code()).isEqualTo("invoke.errand_missing");
        assertThat(call(path, "X-Case", null).json().path("header").asString()).isEqualTo("X-Case");
        String areas = service(residents(
                "fields",
                List.of(Map.of("name", "area", "title", "区划", "type", "")),
                "parameters",
                List.of(),
                "sortable",
                List.of()));
        assertThat(call(areas, "X-Case", null).status()).isEqualTo(200);
    }

    @Test
    void pagesAreOfOneStateEachRowOnceWhateverIsCollectedMeanwhile() {
        String path = service(residents());
        Answer first = call(path + "?limit=1&area=330106001");
        List<String> found = new ArrayList<>(names(first.json()));
        collect(List.of(List.of("11010519491231002X", "王小明", "330106001")));

        String next = first.json().path("next").asString();
        assertThat(first.headers().firstValue("Link").orElse("")).isEqualTo("<" + next + ">; rel=\"next\"");
        while (!next.isEmpty()) {
            Answer page = call(next);
            assertThat(page.status()).as(page.toString()).isEqualTo(200);
            found.addAll(names(page.json()));
            next = page.json().path("next").asString("");
        }

        assertThat(found)
                .containsExactlyInAnyOrder(
                        "11010519491231002X", "330106180012310008", "440524188001010014", "440524188001010014");
        assertThat(call(path).json().path("rows")).hasSize(1);
        String elsewhere = first.json().path("next").asString().replace("area=330106001", "area=330106002");
        wrong(elsewhere, "invoke.parameter_wrong", "after");
        collect(ROWS);
    }

    @Test
    void whatHasNotChangedIsNotSentAgainAndStillCounts() {
        String path = service(residents("cacheSeconds", 60));
        Answer first = call(path);
        String tag = first.headers().firstValue("ETag").orElseThrow();
        long before = accesses(path);

        Answer again = call(path, "If-None-Match", tag);

        assertThat(again.status()).isEqualTo(304);
        assertThat(again.body()).isEmpty();
        assertThat(accesses(path)).isEqualTo(before + 1);
        assertThat(first.headers().firstValue("Cache-Control").orElse("")).isEqualTo("private, max-age=60");
        assertThat(call(path + "?area=330106001", "If-None-Match", tag).status())
                .isEqualTo(200);
        assertThat(call(path + "?format=csv", "If-None-Match", tag).status()).isEqualTo(200);
        collect(ROWS.reversed());
        assertThat(call(path, "If-None-Match", tag).status()).isEqualTo(200);
        String newer = granted("hide", 10_000);
        String current = call(path).headers().firstValue("ETag").orElseThrow();
        assertThat(call(path, "If-None-Match", current, "X-Grant", newer).status())
                .isEqualTo(200);
    }

    private static long accesses(String path) {
        return hub.bean(JdbcClient.class)
                .sql("select count(*) from catalog_access where service = ?")
                .param(path.substring("/services/".length()))
                .query(Long.class)
                .single();
    }

    @Test
    void csvHasTheSameRows() {
        String path = service(residents());

        Answer csv = call(path + "?fields=id_number,area&limit=2", "Accept", "text/csv");

        assertThat(csv.headers().firstValue("Content-Type").orElse("")).startsWith("text/csv");
        assertThat(csv.text())
                .isEqualTo("id_number,area\n11010519491231002X,330106001\n330106180012310008,330106001\n");
        assertThat(csv.headers().firstValue("Link")).isPresent();
    }

    @Test
    void dayOfTheQuotaEndsAPageAndSaysSo() {
        String path = service(residents());
        String small = granted("clear", 3);

        Answer cut = call(path, "X-Grant", small);

        assertThat(cut.json().path("cut").asBoolean()).isTrue();
        assertThat(cut.json().path("rows")).hasSize(3);
        assertThat(cut.headers().firstValue("ETag")).isEmpty();
        Answer refused = call(path, "X-Grant", small);
        assertThat(refused.status()).isEqualTo(429);
        assertThat(refused.code()).isEqualTo("share.quota_used");
        assertThat(refused.headers().firstValue("Retry-After")).isPresent();
    }

    @Test
    void withoutAGrantThereIsTheMockAndNothingElse() {
        String path = service(residents());
        KeyPair other = Programs.newKey();
        maker.post("/api/clients", Map.of("id", "police-own", "title", "户籍系统", "publicKey", Programs.pem(other)));
        String stranger = programs.token("police-own", other);

        assertThat(call(path, "Authorization", "Bearer " + stranger).code()).isEqualTo("invoke.no_grant");
        assertThat(call(path, "Authorization", "Bearer " + stranger, "X-Grant", null)
                        .code())
                .isEqualTo("invoke.no_grant");
        Answer mock = programs.get(path + "/mock", stranger);
        assertThat(mock.status()).isEqualTo(200);
        assertThat(mock.json().path("madeUp").asBoolean()).isTrue();
        assertThat(mock.headers().firstValue("Qiantang-Made-Up")).contains("true");
        assertThat(mock.text()).contains("示例-name-1");
        ROWS.forEach(
                row -> assertThat(mock.text()).doesNotContain(row.getFirst()).doesNotContain(row.get(1)));
        if (hub.bean(Grants.class).of(applicant).size() > 1) {
            assertThat(call(path, "X-Grant", null).code()).isEqualTo("invoke.which_grant");
        }
    }

    @Test
    void whoCallsTooFastIsToldWhenToComeAgain() {
        String path = service(residents("rate", Map.of("perSecond", 1, "burst", 2)));
        Answer first = call(path);
        assertThat(first.headers().firstValue("RateLimit-Policy").orElse("")).isEqualTo("\"calls\";q=2;w=2");

        Answer last = first;
        for (int i = 0; i < 20 && last.status() == 200; i++) {
            last = call(path);
        }

        assertThat(last.status()).isEqualTo(429);
        assertThat(last.code()).isEqualTo("invoke.too_fast");
        assertThat(last.headers().firstValue("Retry-After")).contains("1");
    }

    @Test
    void publishedVersionStaysAndSaysWhenItEnds() {
        String path = service(residents());
        String name = path.split("/")[2];
        String api = "/api/services/" + name;
        assertThat(maker.call("PUT", api + "/v1", Map.of("revision", 0, "definition", residents("pageSize", 1)))
                        .code())
                .isEqualTo("invoke.wrong_state");
        assertThat(call(path).headers().firstValue("Deprecation")).isEmpty();

        assertThat(maker.post(api + "/versions", null).status()).isEqualTo(201);
        assertThat(call(path.replace("v1", "v2")).code()).isEqualTo("invoke.no_such_service");
        assertThat(maker.call("PUT", api + "/v2", Map.of("revision", 7, "definition", residents()))
                        .code())
                .isEqualTo("invoke.changed_meanwhile");
        assertThat(maker.call("PUT", api + "/v2", Map.of("revision", 0, "definition", residents("pageSize", 1)))
                        .status())
                .isEqualTo(200);
        maker.post(api + "/v2/publish", null);
        Instant sunset = Instant.parse("2100-01-01T00:00:00Z");
        assertThat(maker.post(api + "/v1/deprecate", Map.of("sunsetAt", sunset.toString()))
                        .status())
                .isEqualTo(200);

        Answer old = call(path);
        assertThat(old.status()).isEqualTo(200);
        assertThat(old.headers().firstValue("Deprecation").orElse("")).matches("@\\d+");
        assertThat(old.headers().firstValue("Sunset")).contains("Fri, 01 Jan 2100 00:00:00 GMT");
        assertThat(call(path.replace("v1", "v2")).json().path("rows")).hasSize(1);
        maker.post(api + "/v1/retire", null);
        assertThat(call(path).status()).isEqualTo(410);
        assertThat(call(path).code()).isEqualTo("invoke.retired");
        assertThat(signedIn(applicant).post(api + "/v2/retire", null).code()).isEqualTo("invoke.not_yours");
    }

    @Test
    void documentSaysHowToCallAndPeopleTryItUnderTheirOwnGrant() {
        String path = service(residents());

        JsonNode document =
                signedIn(applicant).get("/api" + path + "/openapi.json").json();
        assertThat(document.path("openapi").asString()).startsWith("3.1");
        JsonNode parameters = document.path("paths").path(path).path("get").path("parameters");
        Set<String> names = new HashSet<>();
        parameters.forEach(each -> names.add(each.path("name").asString()));
        assertThat(names).contains("area", "number", "limit", "after", "sort", "X-Operator", "X-Case");
        assertThat(document.path("components")
                        .path("schemas")
                        .path("Row")
                        .path("properties")
                        .has("id_number"))
                .isTrue();
        Answer attempt = signedIn(applicant).get("/api" + path + "/try?area=330106001&grant=" + grant);
        assertThat(attempt.code()).isEqualTo("invoke.errand_missing");
        assertThat(maker.get("/api" + path + "/mock").json().path("madeUp").asBoolean())
                .isTrue();
    }

    @Test
    void definitionThatCannotBeAskedIsNotSaved() {
        for (Map<String, Object> wrong : List.of(
                definition("sql", "SELECT 1; SELECT 2"),
                definition("sql", "SELECT * FROM raw_police.public__resident WHERE area = :area"),
                definition("sql", "SELECT * FROM raw_police.public__resident WHERE area = $1"),
                definition("sql", "DROP TABLE raw_police.public__resident"),
                definition("sql", "SELECT nothing FROM raw_police.public__resident"),
                definition("table", "raw_police.nothing"),
                definition("table", "raw_police.public__resident", "sortable", List.of("nothing")),
                definition("table", "raw_police.public__resident", "pageSize", 0),
                residents("parameters", List.of(parameter("area", "TEXT"))),
                residents(
                        "parameters",
                        List.of(parameter(
                                "limit", "TEXT", "filter", Map.of("column", "area", "operator", "EQUALS")))))) {
            Answer answer = maker.post("/api/services", Map.of("name", "s-" + UUID.randomUUID(), "definition", wrong));
            assertThat(answer.status()).as(wrong + " → " + answer).isBetween(400, 499);
        }
        assertThat(signedIn(applicant)
                        .post("/api/services", Map.of("name", "s-" + UUID.randomUUID(), "definition", residents()))
                        .code())
                .isEqualTo("invoke.not_yours");
    }

    @Test
    void whoAsksByKeyAgainAndAgainGetsTheSameAtTheDoorUntilTheClientIsRevoked() {
        KeyPair own = Programs.newKey();
        String client = "often-" + UUID.randomUUID();
        Client applying = signedIn(applicant);
        applying.post("/api/clients", Map.of("id", client, "title", "常用", "publicKey", Programs.pem(own)));
        String bearer = "Bearer " + programs.token(client, own);
        String path = service(residents()) + "?area=330106001";
        Answer planned = call(path, "Authorization", bearer);
        assertThat(planned.status()).isEqualTo(200);

        Answer atTheDoor = Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(() -> call(path, "Authorization", bearer), ServiceCallTests::isByKey);

        assertThat(atTheDoor.text()).isEqualTo(planned.text());
        assertThat(headers(atTheDoor)).isEqualTo(headers(planned));
        String tag = planned.headers().firstValue("ETag").orElseThrow();
        Answer unchanged = call(path, "Authorization", bearer, "If-None-Match", tag);
        assertThat(unchanged.status()).isEqualTo(304);
        assertThat(isByKey(unchanged)).isTrue();
        Answer byAnother = call(path.replace("area=3", "area=%33"), "Authorization", bearer, "X-Operator", "window-4");
        assertThat(byAnother.text()).isEqualTo(planned.text());
        assertThat(isByKey(byAnother)).isTrue();
        assertThat(written("operator", byAnother)).isEqualTo("window-4");
        hub.as(Role.SECURITY_ADMIN).post("/api/signing-keys/rotate", null);
        assertThat(isByKey(call(path, "Authorization", bearer))).isTrue();
        assertThat(call(path, "Authorization", bearer, "X-Case", null).code()).isEqualTo("invoke.errand_missing");
        assertThat(call(path, "Authorization", bearer + "x").code()).isEqualTo("invoke.token_refused");
        applying.post("/api/clients/" + client + "/revoke", null);
        assertThat(call(path, "Authorization", bearer).code()).isEqualTo("invoke.token_refused");
    }

    private static boolean isByKey(Answer answer) {
        return written("evidence_asked = evidence_given", answer).equals("true");
    }

    /** What is written down of an answer. */
    private static String written(String what, Answer answer) {
        String index =
                answer.headers().firstValue("Qiantang-Evidence").orElse("").replaceAll(".*index=([0-9]+);.*", "$1");
        return hub.bean(JdbcClient.class)
                .sql("select cast(" + what + " as text) from catalog_access where evidence_given = ?")
                .param(Long.parseLong(index))
                .query(String.class)
                .single();
    }

    /** All but what is another in every answer. */
    private static Map<String, List<String>> headers(Answer answer) {
        Map<String, List<String>> headers = new HashMap<>(answer.headers().map());
        headers.keySet()
                .removeIf(name -> name.matches("(?i)date|ratelimit|qiantang-evidence|.*trace.*|.*request-id.*"));
        return headers;
    }

    @Test
    void clientInJavaGoesThroughAllPagesWaitsAndKnowsWhatItHas() throws Exception {
        examplesRun(List.of(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                ErrorsDocumentTest.repository()
                        .resolve("docs/clients/ServiceClient.java")
                        .toString()));
    }

    @Test
    void clientInTypeScriptGoesThroughAllPagesWaitsAndKnowsWhatItHas() throws Exception {
        Path repository = ErrorsDocumentTest.repository();
        Assumptions.assumeTrue(
                Files.isDirectory(repository.resolve("web/node_modules/typescript")), "npm ci has not run");
        Path script = Files.createTempFile(home, "run", ".mjs");
        Files.write(
                script,
                ServiceCallTests.class
                        .getResourceAsStream("/clients/run-typescript.mjs")
                        .readAllBytes());
        examplesRun(List.of(
                "node",
                script.toString(),
                repository.resolve("web").toString(),
                repository.resolve("docs/clients/service-client.ts").toString(),
                home.resolve("service-client.mjs").toString()));
    }

    private static void examplesRun(List<String> command) throws Exception {
        // The client names no grant: one of its own has to be the only one.
        KeyPair own = Programs.newKey();
        String path = service(residents("rate", Map.of("perSecond", 1, "burst", 2)));
        String client = "example-" + UUID.randomUUID();
        signedIn(applicant).post("/api/clients", Map.of("id", client, "title", "示例", "publicKey", Programs.pem(own)));
        Path pem = Files.writeString(home.resolve(client + ".pem"), Programs.privatePem(own));
        List<String> whole = new ArrayList<>(command);
        whole.addAll(List.of(
                hub.uri("/").toString(),
                client,
                pem.toString(),
                path + "?limit=1&fields=id_number,area&grant=" + grant));
        Path out = home.resolve(client + ".out");
        Path said = home.resolve(client + ".err");

        Process process = new ProcessBuilder(whole)
                .redirectOutput(out.toFile())
                .redirectError(said.toFile())
                .start();
        boolean ended = process.waitFor(120, java.util.concurrent.TimeUnit.SECONDS);

        assertThat(ended).isTrue();
        assertThat(process.exitValue()).as(Files.readString(said)).isZero();
        assertThat(Files.readAllLines(out))
                .containsExactly(
                        "11010519491231002X,330106001",
                        "330106180012310008,330106001",
                        "440524188001010014,330106001",
                        "440524188001010014,330106001");
        assertThat(Files.readString(said)).contains("too fast, waiting 1 s").contains("unchanged");
    }
}

package org.qiantang.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.security.KeyPair;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
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
import tools.jackson.databind.JsonNode;

/** Who works inside a zone tries every door of the data, with what they had before the zone began: a session, a token, a subscription. */
class ZoneDoorsTests {
    private static final Account ENGINEER = new Account("engineer", "engineer", Set.of(Role.ENGINEER), null);
    private static final String TABLE = "raw_police.public__resident";
    private static final String SECRET = "330106180012310008";

    @TempDir
    Path home;

    private RunningHub hub;
    private Programs programs;
    private Account applicant;
    private Account policeman;

    @BeforeEach
    void start() throws Exception {
        hub = new RunningHub(home);
        programs = new Programs(hub);
        ScriptedWorker.Table table = new ScriptedWorker.Table(
                "public",
                "resident",
                "常住人口",
                List.of("id_number:公民身份号码", "name:姓名", "area:区划代码"),
                List.of(
                        List.of("11010519491231002X", "王小明", "330106001"),
                        List.of(SECRET, "李芳", "330106001"),
                        List.of("330110180012310010", "张伟", "330106002")));
        hub.worker.script("police", run -> {
            run.discover(table);
            run.land(table);
        });
        hub.collect(hub.addSource("police", "police"));
        Departments departments = hub.bean(Departments.class);
        applicant = new Account("shen", "shen", Set.of(Role.OFFICER), departments.get("civil_affairs"));
        policeman = new Account("lin", "lin", Set.of(Role.OFFICER), departments.get("police"));
        for (Account each : List.of(applicant, policeman)) {
            hub.bean(Accounts.class).ensure(each, "only for tests: " + each.username());
        }
        publish();
    }

    @AfterEach
    void stop() {
        hub.close();
    }

    private Client signedIn(Account account) {
        Client client = hub.anonymous();
        client.get("/api/health");
        Answer in = client.post(
                "/api/session",
                Map.of("username", account.username(), "password", "only for tests: " + account.username()));
        assertThat(in.status()).as(in.toString()).isEqualTo(200);
        return client;
    }

    private UUID resource() {
        return hub.bean(Resources.class)
                .find(new TableName("raw_police", "public__resident"))
                .orElseThrow()
                .id();
    }

    private UUID entry() {
        return hub.bean(Entries.class).findByResource(resource()).orElseThrow();
    }

    private void publish() {
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

    private Grants.GrantBrief granted() {
        hub.bean(Carts.class).add(applicant, entry());
        Applications applications = hub.bean(Applications.class);
        UUID id = applications.begin(applicant).application().id();
        Asked.Table table = new Asked.Table(
                entry(),
                List.of(
                        new Asked.Field("id_number", "clear", "核对申请人身份"),
                        new Asked.Field("name", "clear", "核对申请人身份"),
                        new Asked.Field("area", "clear", null)),
                List.of(),
                null);
        LocalDate today = LocalDate.now(ZoneId.of("Asia/Shanghai"));
        applications.save(
                applicant,
                id,
                0,
                new Asked(
                        "普惠金融",
                        "公共数据授权运营实施方案第八条",
                        "按街道统计",
                        today,
                        today.plusDays(300),
                        10_000,
                        100_000,
                        "授权运营平台",
                        3,
                        "0571-85000000",
                        true,
                        List.of(table)));
        applications.submit(applicant, id);
        applications.pass(ENGINEER, id, null);
        UUID part = applications.get(applicant, id).parts().getFirst().part().id();
        applications.grantPart(policeman, part, null, null);
        return hub.bean(Grants.class).list(applicant, Grants.Of.RECEIVED).getFirst();
    }

    private Answer call(String token, String grant) {
        return programs.get(
                "/services/residents/v1",
                Map.of(
                        "Authorization",
                        "Bearer " + token,
                        "X-Grant",
                        grant,
                        "X-Case",
                        "1",
                        "X-Operator",
                        "3",
                        "X-Scenario",
                        "check"));
    }

    private static Map<String, Object> zone(List<UUID> grants, List<String> members) {
        LocalDate today = LocalDate.now(ZoneId.of("Asia/Shanghai"));
        return Map.of(
                "name",
                "普惠金融授权运营域",
                "agreement",
                "杭数运营〔2026〕3号",
                "scope",
                "面向普惠金融的人口统计",
                "validFrom",
                today.toString(),
                "validTo",
                today.plusDays(300).toString(),
                "grants",
                grants,
                "members",
                members);
    }

    @Test
    void everyDoorOfTheDataIsShutTheMomentTheZoneBeginsAndTheZonesOwnTellsNoRow() {
        Grants.GrantBrief grant = granted();
        Client officer = signedIn(applicant);
        KeyPair key = Programs.newKey();
        Answer registered =
                officer.post("/api/clients", Map.of("id", "rescue", "title", "社会救助系统", "publicKey", Programs.pem(key)));
        assertThat(registered.status()).as(registered.toString()).isEqualTo(201);
        String token = programs.token("rescue", key);
        Client police = signedIn(policeman);
        Answer service = police.post(
                "/api/services",
                Map.of(
                        "name",
                        "residents",
                        "definition",
                        Map.of(
                                "title",
                                "常住人口核验",
                                "table",
                                TABLE,
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
                                false)));
        assertThat(service.status()).as(service.toString()).isEqualTo(201);
        police.post("/api/services/residents/v1/publish", null);
        Answer subscribed = officer.post(
                "/api/exchange/subscriptions",
                Map.of(
                        "grant",
                        grant.id(),
                        "table",
                        Map.of("namespace", "raw_police", "name", "public__resident"),
                        "title",
                        "变更",
                        "delivery",
                        "PULL",
                        "from",
                        "earliest"));
        assertThat(subscribed.status()).as(subscribed.toString()).isEqualTo(201);
        String subscription = "/api/exchange/subscriptions/"
                + subscribed.json().path("subscription").path("id").asString();
        Map<String, Object> all = Map.of("sql", "select * from " + TABLE, "grant", grant.id(), "caseNumber", "1");
        assertThat(officer.post("/api/sql", all).text()).as("before").contains(SECRET);
        Answer called = call(token, grant.number());
        assertThat(called.text()).as("before: %s", called).contains(SECRET);

        Answer begun = hub.as(Role.ENGINEER)
                .post(
                        "/api/zones",
                        Map.of("department", "civil_affairs", "zone", zone(List.of(grant.id()), List.of("shen"))));
        assertThat(begun.status()).as(begun.toString()).isEqualTo(201);
        String zone = "/api/zones/" + begun.json().path("zone").path("id").asString();

        Map<String, Object> bare = Map.of("sql", "select * from " + TABLE);
        Map<String, Object> export = Map.of("grant", grant.id(), "caseNumber", "1");
        List<Answer> inOneSession = List.of(
                officer.post("/api/sql", all),
                officer.post("/api/sql", bare),
                officer.post("/api/sql/export?format=csv", all),
                officer.post("/api/sql/export?format=parquet", all),
                // What Flight SQL asks by.
                officer.post("/api/sql/export?format=arrow", all),
                officer.get("/api/sql/saved"),
                officer.get("/api/resources/" + resource()),
                officer.get("/api/resources/" + resource() + "/preview"),
                officer.get("/api/resources/" + resource() + "/profile"),
                officer.get("/api/resources/" + resource() + "/quality"),
                officer.post("/api/resources/" + resource() + "/export", export),
                officer.get("/api/services/residents/v1/try"),
                officer.get("/api/services/residents/v1/mock"),
                officer.post("/api/services", Map.of()),
                officer.post("/api/clients", Map.of("id", "other", "title", "x", "publicKey", Programs.pem(key))),
                officer.get(subscription + "/events?limit=10"),
                officer.get(subscription + "/stream"),
                officer.post("/api/exchange/subscriptions", Map.of()),
                officer.post("/api/exchange/mirrors", Map.of()),
                officer.post("/api/quality/rules/" + UUID.randomUUID() + "/run", Map.of()),
                officer.post("/api/mappings/std_person.nobody/record", Map.of()),
                officer.get("/api/value"));
        assertThat(inOneSession).allSatisfy(answer -> {
            assertThat(answer.status()).as(answer.toString()).isEqualTo(403);
            assertThat(answer.code()).isEqualTo("org.inside_zone");
            assertThat(answer.text()).doesNotContain(SECRET);
        });
        for (int i = 0; i < 3; i++) {
            // Each of the ways that calls are answered by.
            Answer answer = call(token, grant.number());
            assertThat(answer.status()).as(answer.toString()).isEqualTo(403);
            assertThat(answer.code()).isEqualTo("org.inside_zone");
        }
        Answer fresh = call(programs.token("rescue", key), grant.number());
        assertThat(fresh.code()).isEqualTo("org.inside_zone");

        Answer run = officer.post(
                zone + "/runs",
                Map.of("statement", "select id_number, name from " + TABLE, "kind", "RECORDS", "columns", Map.of()));
        assertThat(run.status()).as(run.toString()).isEqualTo(201);
        String id = run.json().path("id").asString();
        for (Answer told : List.of(
                run,
                officer.get("/api/zone-runs/" + id),
                officer.get(zone + "/runs"),
                officer.get(zone),
                officer.get("/api/zones"),
                officer.post("/api/zone-runs/" + id + "/submit", Map.of("words", "要")),
                officer.post("/api/zone-runs/" + id + "/sample", Map.of()),
                officer.post("/api/zone-runs/" + id + "/approve", Map.of("words", "可")),
                officer.get("/api/zones/reviews"),
                officer.get("/api/releases/" + id + "/file"),
                officer.post("/api/releases/recognise", Map.of("text", "a\nb\n")))) {
            assertThat(told.text()).doesNotContain(SECRET, "李芳", "11010519491231002X");
        }
        JsonNode evidence = run.json().path("evidence").path(0);
        assertThat(evidence.path("index").isNumber()).isTrue();
        assertThat(officer.post("/api/zone-runs/" + id + "/approve", Map.of("words", "可"))
                        .code())
                .isEqualTo("org.inside_zone");
        assertThat(officer.post("/api/zone-runs/" + id + "/submit", Map.of("words", "要"))
                        .code())
                .isEqualTo("zone.checks_failed");
    }
}

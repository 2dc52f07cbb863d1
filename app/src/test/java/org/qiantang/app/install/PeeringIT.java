package org.qiantang.app.install;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.security.PublicKey;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qiantang.core.Sealing;
import org.qiantang.evidence.LogKey;
import org.qiantang.evidence.Proof;
import org.qiantang.exchange.PeerMessages;
import org.qiantang.testing.BrokenLine;
import org.qiantang.testing.TestPostgres;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A province and a city, each as it is started, over a line that is cut: the city applies, the province approves, the city calls and follows;
 * each goes on while the other is away, and what was said between them is proved on both sides.
 */
class PeeringIT {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String SOURCE = "residents";
    private static final String TABLE = "raw_residents.public__resident";
    private static final String HERE = "raw_from_province.public__resident";
    private static final Pattern EVIDENCE = Pattern.compile("log=\"([^\"]+)\";index=(\\d+);leaf=\"([0-9a-f]+)\"");

    @TempDir
    Path folder;

    private final TestPostgres source = TestPostgres.shared();
    private Side province;
    private Side city;

    /** One of the two, behind a line of its own. */
    private static final class Side implements AutoCloseable {
        final Home home;
        final int port;
        final BrokenLine line;
        HubProcess hub;
        Sharing people;

        Side(Path folder) throws IOException {
            home = Home.at(folder);
            port = freePort();
            line = BrokenLine.to(port);
            start();
        }

        void start() throws IOException {
            hub = HubProcess.start(
                    home,
                    Map.of("QIANTANG_PUBLIC_URL", "http://127.0.0.1:" + line.port()),
                    "--empty",
                    "--port",
                    Integer.toString(port));
            people = new Sharing(home, hub.awaitAddress().url());
        }

        JsonNode get(String who, String path) throws Exception {
            return Sharing.get(people.as(who), path);
        }

        JsonNode call(String who, String method, String path, Map<String, ?> body) throws Exception {
            return Sharing.call(people.as(who), method, path, body);
        }

        HttpResponse<String> answer(String who, String path) throws Exception {
            return people.as(who).get(path, "en");
        }

        String url() {
            return hub.awaitAddress().url();
        }

        /** Goes on where it was; sessions do not, for people sign in each time. */
        void kill() throws Exception {
            hub.kill();
            hub.awaitEnd();
        }

        @Override
        public void close() throws IOException {
            line.close();
            hub.kill();
        }

        private static int freePort() throws IOException {
            try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                return free.getLocalPort();
            }
        }
    }

    @BeforeEach
    void start() throws Exception {
        source.createDatabase(SOURCE);
        source.execute(
                SOURCE,
                "CREATE TABLE resident (id int PRIMARY KEY, name text, id_number text, area text)",
                "INSERT INTO resident SELECT i, '王小明', '11010519491231002X', '33010' || i % 5 FROM generate_series(1, 200) i");
        province = new Side(folder.resolve("province"));
        city = new Side(folder.resolve("city"));
    }

    @AfterEach
    void stop() throws IOException {
        city.close();
        province.close();
        await().atMost(Duration.ofSeconds(60)).until(() -> Processes.of(folder).isEmpty());
    }

    private static ConditionFactory patiently() {
        return await().atMost(HubProcess.PATIENCE).pollInterval(Duration.ofMillis(500));
    }

    private static JsonNode only(JsonNode list) {
        assertThat(list.size()).as(list.toString()).isEqualTo(1);
        return list.get(0);
    }

    @Test
    void applyApprovePullFollowCutGoOnCatchUpAndProve() throws Exception {
        peer();
        collectAtTheProvince();
        String entry = province.people.publish(province.people.resource(TABLE));

        // The city looks through the province's directory and applies; its own bureau lets it go.
        patiently()
                .until(() -> city.get("applicant", "/api/exchange/peers/province/offers?q=resident")
                                .path("total")
                                .asInt()
                        == 1);
        String application = apply(entry);
        patiently().until(() -> state(application).equals("SENT"));
        assertThat(only(province.get("engineer", "/api/share/applications?wanted=WAITING"))
                        .path("applicantName")
                        .asString())
                .startsWith("申请部门")
                .contains("（");

        // The province answers as it answers its own departments.
        String part = province.call("engineer", "POST", "/api/share/applications/" + application + "/pass", Map.of())
                .path("parts")
                .get(0)
                .path("part")
                .path("id")
                .asString();
        province.call("officer", "POST", "/api/share/parts/" + part + "/grant", Map.of());
        patiently().until(() -> city.get("applicant", "/api/exchange/grants").size() == 1);
        JsonNode grant = only(city.get("applicant", "/api/exchange/grants"));
        assertThat(grant.path("inForce").asBoolean()).isTrue();
        assertThat(city.get("officer", "/api/exchange/grants").size()).isZero();

        // Called, by a person and by a program.
        serve();
        assertThat(only(city.get("applicant", "/api/exchange/peers/province/services"))
                        .path("name")
                        .asString())
                .isEqualTo("resident-by-id");
        HttpResponse<String> asked = tried("applicant", 7);
        assertThat(asked.statusCode()).as(asked.body()).isEqualTo(200);
        JsonNode row = only(JSON.readTree(asked.body()).path("rows"));
        assertThat(row.path("area").asString()).isEqualTo("330102");
        assertThat(row.path("id_number").asString()).contains("*").doesNotContain("1949");
        assertThat(tried("officer", 7).body()).contains("exchange.no_peer_grant");
        String token = token();
        HttpResponse<String> called = byProgram(token, "/peers/province/services/resident-by-id/v1?id=8");
        assertThat(called.statusCode()).as(called.body()).isEqualTo(200);
        assertThat(called.body()).contains("330103");
        assertThat(byProgram(token, "/peers/province/services/resident-by-id/v1?wrong=8")
                        .statusCode())
                .isEqualTo(400);

        // Followed into the city's own lake.
        String mirror = city.call(
                        "applicant",
                        "POST",
                        "/api/exchange/mirrors",
                        Map.of(
                                "peer", "province",
                                "grant", grant.path("id").asString(),
                                "table", Map.of("namespace", "raw_residents", "name", "public__resident"),
                                "title", "户籍回流",
                                "source", "from_province"))
                .path("id")
                .asString();
        patiently()
                .untilAsserted(() -> assertThat(rowsHere())
                        .as("%s", city.get("applicant", "/api/exchange/mirrors/" + mirror))
                        .isEqualTo("200"));
        source.execute(SOURCE, "INSERT INTO resident VALUES (201, '李四', '11010519491231002X', '330105')");
        patiently().until(() -> rowsHere().equals("201"));

        // The line is cut: each side goes on alone.
        province.line.down();
        city.line.down();
        HttpResponse<String> away = byProgram(token, "/peers/province/services/resident-by-id/v1?id=8");
        assertThat(away.statusCode()).isEqualTo(503);
        assertThat(away.body()).contains("exchange.peer_away");
        assertThat(away.headers().firstValue("Retry-After")).isPresent();
        source.execute(
                SOURCE,
                "INSERT INTO resident SELECT i, '赵六', '11010519491231002X', '330106' FROM generate_series(202, 300) i",
                "DELETE FROM resident WHERE id <= 10");
        patiently().until(() -> rows(province, TABLE, "engineer").equals("290"));
        assertThat(rowsHere()).isEqualTo("201");
        String second = apply(entry);
        city.kill();
        city.start();
        assertThat(state(second)).isEqualTo("RELEASED");
        patiently()
                .until(() -> !city.get("engineer", "/api/exchange/peers/province")
                        .path("awaySince")
                        .asString("")
                        .isEmpty());
        assertThat(rowsHere()).isEqualTo("201");

        // It is back, and nothing is missing.
        province.line.mend();
        city.line.mend();
        patiently().until(() -> rowsHere().equals("290"));
        patiently().until(() -> state(second).equals("SENT"));
        assertThat(rows(city, "(SELECT id FROM " + HERE + " WHERE id BETWEEN 11 AND 300)", "engineer"))
                .isEqualTo("290");
        patiently().until(() -> {
            JsonNode days = city.get("applicant", "/api/exchange/mirrors/" + mirror + "/ledger")
                    .path("days");
            return !days.isEmpty()
                    && days.get(0).path("difference").asInt(-1) == 0
                    && days.get(0).path("received").asInt()
                            == days.get(0).path("landed").asInt();
        });

        // The province takes it back, and that holds at once.
        String provinceGrant = grant.path("id").asString();
        province.call("officer", "POST", "/api/share/grants/" + provinceGrant + "/revoke", Map.of("words", "用途已结束"));
        assertThat(tried("applicant", 20).statusCode()).isEqualTo(403);
        patiently()
                .until(() -> !only(city.get("applicant", "/api/exchange/grants"))
                        .path("inForce")
                        .asBoolean());

        prove(called);
    }

    /** The cards, entered by engineers; the digits, compared and confirmed by others. */
    private void peer() throws Exception {
        JsonNode ofProvince = province.get("engineer", "/api/exchange/card");
        JsonNode ofCity = city.get("engineer", "/api/exchange/card");
        String atCity = city.call(
                        "engineer", "POST", "/api/exchange/peers", Map.of("name", "province", "card", map(ofProvince)))
                .path("fingerprint")
                .asString();
        String atProvince = province.call(
                        "engineer", "POST", "/api/exchange/peers", Map.of("name", "city", "card", map(ofCity)))
                .path("fingerprint")
                .asString();
        assertThat(atCity).isEqualTo(atProvince).matches("(\\d{5} ){5}\\d{5}");
        city.call("secadmin", "POST", "/api/exchange/peers/province/confirm", Map.of("fingerprint", atProvince));
        patiently()
                .until(() -> city.get("engineer", "/api/exchange/peers/province")
                        .path("away")
                        .asString("")
                        .contains("exchange.peer_not_confirmed"));
        province.call("secadmin", "POST", "/api/exchange/peers/city/confirm", Map.of("fingerprint", atCity));
        patiently()
                .until(() -> !city.get("engineer", "/api/exchange/peers/province")
                        .path("heardAt")
                        .asString("")
                        .isEmpty());
    }

    private static Map<String, String> map(JsonNode card) {
        Map<String, String> map = new HashMap<>();
        card.properties().forEach(each -> map.put(each.getKey(), each.getValue().asString()));
        return map;
    }

    private void collectAtTheProvince() throws Exception {
        var client = province.hub.client();
        String id = client.createSource(
                        SOURCE, "户籍", "hotline", source.url(SOURCE), TestPostgres.USER, TestPostgres.PASSWORD)
                .path("id")
                .asString();
        String run = client.startRun(id).path("id").asString();
        patiently().until(() -> client.getRun(run).path("state").asString("").equals("COMPLETE"));
        province.call("engineer", "POST", "/api/sources/" + id + "/following", Map.of());
    }

    /** Written by an officer of the city, released by its bureau: not by whoever wrote it. */
    private String apply(String entry) throws Exception {
        String id = city.call(
                        "applicant",
                        "POST",
                        "/api/exchange/applications",
                        Map.of("peer", "province", "entries", List.of(entry)))
                .path("id")
                .asString();
        LocalDate today = LocalDate.now(ZoneId.of("Asia/Shanghai"));
        city.call(
                "applicant",
                "PUT",
                "/api/exchange/applications/" + id,
                Map.of(
                        "revision",
                        0,
                        "asked",
                        Map.ofEntries(
                                Map.entry("scenario", "低保资格复核"),
                                Map.entry("legalBasis", "《社会救助暂行办法》第十七条"),
                                Map.entry("purpose", "核对申请人的户籍"),
                                Map.entry("from", today.toString()),
                                Map.entry("to", today.plusMonths(6).toString()),
                                Map.entry("callsADay", 100_000),
                                Map.entry("rowsADay", 1_000_000),
                                Map.entry("system", "大救助系统"),
                                Map.entry("systemLevel", 3),
                                Map.entry("contact", "0571-12345"),
                                Map.entry("undertaken", true),
                                Map.entry(
                                        "tables",
                                        List.of(Map.of(
                                                "entry",
                                                entry,
                                                "fields",
                                                List.of(
                                                        Map.of("name", "id", "showing", "clear", "reason", "核对"),
                                                        Map.of("name", "area", "showing", "clear", "reason", "核对"),
                                                        Map.of(
                                                                "name",
                                                                "id_number",
                                                                "showing",
                                                                "keep(1,2)",
                                                                "reason",
                                                                "核对")),
                                                "rows",
                                                List.of()))))));
        city.call("applicant", "POST", "/api/exchange/applications/" + id + "/submit", Map.of());
        city.call("engineer", "POST", "/api/exchange/applications/" + id + "/release", Map.of());
        return id;
    }

    private String state(String application) throws Exception {
        return city.get("applicant", "/api/exchange/applications/" + application)
                .path("state")
                .asString();
    }

    private void serve() throws Exception {
        Map<String, Object> definition = Map.ofEntries(
                Map.entry("title", "按编号核对户籍"),
                Map.entry("table", TABLE),
                Map.entry(
                        "parameters",
                        List.of(Map.of(
                                "name", "id",
                                "title", "编号",
                                "type", "INTEGER",
                                "required", true,
                                "filter", Map.of("column", "id", "operator", "EQUALS")))),
                Map.entry(
                        "fields",
                        List.of(
                                Map.of("name", "id", "title", "编号", "type", "INTEGER"),
                                Map.of("name", "area", "title", "区划", "type", "VARCHAR"),
                                Map.of("name", "id_number", "title", "公民身份号码", "type", "VARCHAR"))),
                Map.entry("sortable", List.of()),
                Map.entry("pageSize", 100),
                Map.entry("mostRows", 1_000),
                Map.entry("cacheSeconds", 0),
                Map.entry("rate", Map.of("perSecond", 1_000, "burst", 1_000)),
                Map.entry("personal", false));
        province.call("officer", "POST", "/api/services", Map.of("name", "resident-by-id", "definition", definition));
        province.call("officer", "POST", "/api/services/resident-by-id/v1/publish", Map.of());
    }

    private String token() throws Exception {
        String secret = city.call("applicant", "POST", "/api/clients", Map.of("id", "assistance", "title", "大救助系统"))
                .path("secret")
                .asString();
        HttpResponse<String> answer = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create(city.url()).resolve("/oauth2/token"))
                                .header("Content-Type", "application/x-www-form-urlencoded")
                                .header(
                                        "Authorization",
                                        "Basic "
                                                + Base64.getEncoder()
                                                        .encodeToString(("assistance:" + secret).getBytes(UTF_8)))
                                .POST(HttpRequest.BodyPublishers.ofString("grant_type=client_credentials"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return JSON.readTree(answer.body()).path("access_token").asString();
    }

    /** Who asks about persons says who they are and for which case. */
    private HttpResponse<String> tried(String who, int id) throws Exception {
        return city.people
                .as(who)
                .http()
                .send(
                        HttpRequest.newBuilder(URI.create(city.url())
                                        .resolve(
                                                "/api/exchange/peers/province/services/resident-by-id/v1/try?id=" + id))
                                .header("X-Operator", "window-3")
                                .header("X-Case", "JZ-2026-0042")
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
    }

    private HttpResponse<String> byProgram(String token, String path) throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create(city.url()).resolve(path))
                                .header("Authorization", "Bearer " + token)
                                .header("X-Operator", "window-3")
                                .header("X-Case", "JZ-2026-0042")
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
    }

    private String rowsHere() throws Exception {
        return rows(city, HERE, "engineer");
    }

    private static String rows(Side side, String from, String who) throws Exception {
        HttpResponse<String> answer = side.people
                .as(who)
                .send(
                        "POST",
                        "/api/sql",
                        "application/json",
                        JSON.writeValueAsString(Map.of("sql", "SELECT count(*) AS n FROM " + from)));
        return JSON.readTree(answer.body()).path("rows").path(0).path(0).asString(answer.body());
    }

    /** What one call was, out of either log, by the keys on the cards alone. */
    private void prove(HttpResponse<String> called) throws Exception {
        Matcher at = EVIDENCE.matcher(
                called.headers().firstValue("Qiantang-Exchange-Evidence").orElseThrow());
        assertThat(at.matches()).isTrue();
        JsonNode ofCity = city.get("engineer", "/api/exchange/card");
        JsonNode ofProvince = province.get("engineer", "/api/exchange/card");
        Map<String, String> asked = proved(city, Long.parseLong(at.group(2)), ofCity);
        Map<String, String> answered = null;
        long size = province.get("auditor", "/api/evidence").path("size").asLong();
        for (long index = size - 1; index >= 0 && answered == null; index--) {
            Map<String, String> entry = proved(province, index, ofProvince);
            if (asked.get("request").equals(entry.get("request"))) {
                answered = entry;
            }
        }
        assertThat(answered).isNotNull();
        assertThat(asked).containsEntry("direction", "asked").containsEntry("who", "client:assistance");
        assertThat(answered).containsEntry("direction", "answered").containsEntry("who", "peer:city");
        for (Map<String, String> entry : List.of(asked, answered)) {
            assertThat(PeerMessages.Proved.holds(entry, key(ofCity), key(ofProvince)))
                    .isTrue();
            assertThat(PeerMessages.Proved.holds(entry, key(ofProvince), key(ofCity)))
                    .isFalse();
            assertThat(entry.get("request") + entry.get("response"))
                    .doesNotContain("id=8")
                    .doesNotContain("330103")
                    .containsOnlyOnce("\"qiantang-calls\": ")
                    .containsOnlyOnce("\"qiantang-answers\": ");
        }
        assertThat(answered.get("responseSignature")).isEqualTo(asked.get("responseSignature"));
    }

    private static PublicKey key(JsonNode card) {
        return Sealing.publicKey(
                Base64.getDecoder().decode(card.path("publicKey").asString()));
    }

    private static Map<String, String> proved(Side side, long index, JsonNode card) throws Exception {
        HttpResponse<String> text = side.answer("auditor", "/api/evidence/" + index);
        assertThat(text.statusCode()).as(text.body()).isEqualTo(200);
        Proof proof = Proof.parse(text.body());
        proof.verify(LogKey.parse(card.path("evidenceKey").asString()));
        Map<String, String> entry = new HashMap<>();
        JSON.readTree(proof.entry())
                .properties()
                .forEach(each -> entry.put(each.getKey(), each.getValue().asString("")));
        return entry;
    }
}

package org.qiantang.app.install;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qiantang.app.cli.HubClient;
import org.qiantang.app.demo.OtherCity;
import org.qiantang.app.install.Secrets.FirstAccount;
import org.qiantang.lake.Lake;
import org.qiantang.lake.LakeSettings;
import org.qiantang.lake.LakeType;
import org.qiantang.lake.TableName;
import org.qiantang.testing.Lakes;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The whole program as another city, from its folder alone: what it collects, what it makes of it and what it answers. */
class SecondCityIT {
    private static final Set<String> ENDED = Set.of("COMPLETE", "INCOMPLETE", "FAILED", "CANCELLED");
    private static final int SOURCES = 13;
    private static final Set<String> LAYERS = Set.of("std_place.division", "ind_heritage.sites_by_district");

    /** What a fresh city has nothing of: nobody stated, planned, demanded, verified, objected or signed in from elsewhere yet. */
    private static final Set<String> NOTHING_THERE_YET = Set.of(
            "/api/exchange/applications/{id}",
            "/api/exchange/peers/{peer}",
            "/api/exchange/peers/{peer}/offers",
            "/api/exchange/peers/{peer}/services",
            "/api/exchange/peers/{peer}/services/{name}/v{version}/try",
            "/api/exchange/mirrors/{id}",
            "/api/exchange/mirrors/{id}/ledger",
            "/api/exchange/subscriptions/{id}",
            "/api/exchange/subscriptions/{id}/events",
            "/api/exchange/subscriptions/{id}/ledger",
            "/api/exchange/subscriptions/{id}/letters",
            "/api/exchange/subscriptions/{id}/stream",
            "/api/ledger/{id}",
            "/api/ledger/projects/{id}",
            "/api/lineage/openlineage/{id}",
            "/api/data/{id}",
            "/api/my/entries/{id}/records",
            "/api/my/objections/{id}",
            "/api/open/datasets/{id}",
            "/api/open/datasets/{id}/rows",
            "/api/open/datasets/{id}/file",
            "/api/open/products/{id}",
            "/api/open/products/{id}/releases/{release}/file",
            "/api/products/{id}",
            "/api/releases/{id}/file",
            "/api/releases/{id}/manifest",
            "/api/zones/{id}",
            "/api/zones/{id}/releases",
            "/api/zones/{id}/runs",
            "/api/zone-runs/{id}",
            "/api/my/footprints/{index}/proof",
            "/api/objections/{id}",
            "/api/quality/rules/{id}",
            "/api/quality/rules/{id}/failing",
            "/api/share/applications/{id}",
            "/api/share/applications/{id}/attachments",
            "/api/share/applications/{id}/attachments/{attachment}",
            "/api/share/grants/{id}",
            "/api/services/{name}",
            "/api/services/{name}/v{version}/openapi.json",
            "/api/services/{name}/v{version}/mock",
            "/api/services/{name}/v{version}/try",
            "/api/tickets/{id}",
            "/api/verifications/{id}",
            "/api/verifications/{id}/document",
            "/api/sources/{id}/devices");

    private static final Path CONSOLE = Path.of("target/classes/static");

    /** Down to the communities of a street. */
    private static final List<String> PARENTS = List.of("41", "4103", "410311", "410311002", "410325");

    @TempDir
    Path folder;

    private final List<HubProcess> started = new ArrayList<>();

    @AfterEach
    void stop() {
        started.forEach(HubProcess::kill);
        await().atMost(Duration.ofSeconds(60)).until(() -> Processes.of(folder).isEmpty());
    }

    @Test
    void anotherCityRunsFromItsFolderAndKnowsNothingOfTheFirst() throws Exception {
        Home home = Home.at(folder.resolve("home"));
        HubProcess hub = HubProcess.start(
                home,
                "--scale",
                "0.02",
                "--port",
                "0",
                "--city",
                OtherCity.FOLDER.toAbsolutePath().toString());
        started.add(hub);
        HubClient client = hub.client();
        await().atMost(HubProcess.PATIENCE.multipliedBy(2))
                .pollInterval(Duration.ofMillis(200))
                .ignoreExceptions()
                .until(() -> made(client).containsAll(LAYERS));

        assertThat(runs(client)).hasSize(SOURCES).containsKey("heritage_sites").doesNotContainKey("education");
        assertThat(runs(client).values()).containsOnly("COMPLETE", "INCOMPLETE").containsOnlyOnce("INCOMPLETE");
        assertThat(client.overview().path("installation").path("name").asString())
                .isEqualTo("河洛");
        theClocksAreTheCitys(client);
        noTableNamesTheFirstCity(home);
        noAnswerNamesTheFirstCity(hub, home);
    }

    private static Map<String, String> runs(HubClient client) {
        return client.listSources().stream()
                .filter(source ->
                        ENDED.contains(source.path("lastRun").path("state").asString("")))
                .collect(Collectors.toMap(
                        source -> source.path("name").asString(),
                        source -> source.path("lastRun").path("state").asString()));
    }

    private static Set<String> made(HubClient client) {
        return client.listTables().stream()
                .map(table -> table.path("lakeTable").asString())
                .collect(Collectors.toSet());
    }

    /** Six hours before Greenwich's: the folder says so, and nobody else does. */
    private static void theClocksAreTheCitys(HubClient client) {
        List<String> times = new ArrayList<>();
        client.query("SELECT max(updated_at)::VARCHAR FROM raw_police.public__resident", Optional.empty())
                .path("rows")
                .forEach(row -> times.add(row.get(0).asString()));

        assertThat(times).singleElement().asString().endsWith("+06");
    }

    private void noTableNamesTheFirstCity(Home home) {
        String catalog =
                "jdbc:postgresql://127.0.0.1:" + port(home) + "/" + PostgresServer.DATABASE + "?currentSchema=lake";
        Map<String, String> found = new TreeMap<>();
        long values = 0;
        try (Lake lake = Lake.open(LakeSettings.small(
                catalog,
                PostgresServer.SUPERUSER,
                Secrets.of(home).postgresPassword(),
                home.lake(),
                folder.resolve("tmp")))) {
            for (TableName table : lake.names()) {
                for (Map.Entry<String, LakeType> column : lake.shape(table).entrySet()) {
                    String name = "\"" + column.getKey().replace("\"", "\"\"") + "\"";
                    String from = "\"" + table.namespace() + "\".\"" + table.name() + "\"";
                    for (List<String> row : Lakes.rows(
                            lake,
                            "SELECT DISTINCT " + name + "::VARCHAR FROM " + from + " WHERE " + name + " IS NOT NULL")) {
                        values++;
                        boolean text = column.getValue() instanceof LakeType.Text;
                        (text ? OtherCity.firstCityInValue(row.getFirst()) : OtherCity.firstCityIn(row.getFirst()))
                                .ifPresent(
                                        hit -> found.put(table + "." + column.getKey(), hit + " in " + row.getFirst()));
                    }
                }
            }
        }
        assertThat(found).isEmpty();
        assertThat(values).isGreaterThan(100_000);
    }

    private static String port(Home home) {
        return Home.read(home.postgres().resolve("data/postmaster.pid"))
                .flatMap(text -> text.lines().skip(3).findFirst())
                .orElseThrow();
    }

    /** Every GET of the API, with everything the lists name in its path, as the first of the trial's people who may see it. */
    private static void noAnswerNamesTheFirstCity(HubProcess hub, Home home) throws Exception {
        List<Visitor> visitors = new ArrayList<>();
        for (FirstAccount account : Secrets.of(home).trialAccounts()) {
            visitors.add(Visitor.signedIn(hub.awaitAddress().url(), account.username(), account.password()));
        }
        theScheduleIsByTheCitysClock(visitors.getFirst());
        JsonNode api = JsonMapper.shared()
                .readTree(visitors.getFirst().get("/api/openapi", "zh-CN").body());
        Map<String, String> found = new TreeMap<>();
        Map<String, String> lists = new HashMap<>();
        Set<String> unanswered = new TreeSet<>();
        int answers = 0;
        List<String> paths = api.path("paths").properties().stream()
                .filter(path -> path.getValue().has("get"))
                .map(Map.Entry::getKey)
                .sorted((a, b) -> Integer.compare(a.split("\\{").length, b.split("\\{").length))
                .toList();
        for (String path : paths) {
            boolean answered = false;
            for (String concrete : concrete(path, lists)) {
                for (Visitor visitor : visitors) {
                    HttpResponse<String> answer = visitor.get(concrete, answers % 2 == 0 ? "zh-CN" : "en");
                    if (answer.statusCode() == 200) {
                        answers++;
                        answered = true;
                        lists.merge(path, answer.body(), SecondCityIT::both);
                        OtherCity.firstCityIn(answer.body()).ifPresent(name -> found.put(concrete, name));
                        break;
                    }
                }
            }
            if (!answered) {
                unanswered.add(path);
            }
        }

        assertThat(found).isEmpty();
        assertThat(unanswered).isSubsetOf(NOTHING_THERE_YET);
        assertThat(answers).isGreaterThan(400);
        assertThat(lists.get("/api/divisions")).contains("洛阳市", "龙门石窟街道");
        assertThat(lists.get("/api/overview")).contains("河洛");
        for (String name : List.of("杭州", "西湖区", "Hangzhou")) {
            JsonNode answer = JsonMapper.shared()
                    .readTree(visitors.getFirst()
                            .get("/api/search?q=" + URLEncoder.encode(name, UTF_8), "zh-CN")
                            .body());
            assertThat(OtherCity.firstCityIn(answer.path("items").toString()))
                    .as(name)
                    .isEmpty();
        }
    }

    private static void theScheduleIsByTheCitysClock(Visitor engineer) throws Exception {
        String source = ids(engineer.get("/api/sources", "zh-CN").body(), "id").getFirst();
        String plan = """
                {"enabled": true, "rhythm": "daily 02:30", "days": "ALL", "priority": 0, "verifyValues": false}""";
        HttpResponse<String> answer =
                engineer.send("PUT", "/api/sources/" + source + "/schedule", "application/json", plan);

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        JsonNode set = JsonMapper.shared().readTree(answer.body());
        assertThat(set.path("zone").asString()).isEqualTo("Asia/Urumqi");
        assertThat(Instant.parse(set.path("nextTimes").get(0).asString())
                        .atZone(ZoneId.of("+06:00"))
                        .toLocalTime())
                .hasToString("02:30");
    }

    /** What a browser is given, as it is served. */
    @Test
    void noTextOfTheConsoleNamesTheFirstCity() throws IOException {
        Map<String, String> found = new TreeMap<>();
        StringBuilder all = new StringBuilder();
        for (Path file : consoleFiles()) {
            String text = Files.readString(file);
            all.append(text);
            OtherCity.firstCityIn(text).ifPresent(name -> found.put(file.toString(), name));
        }
        assertThat(found).isEmpty();
        assertThat(all).contains("数源", "Departments", "本市时间");
    }

    private static List<Path> consoleFiles() throws IOException {
        try (Stream<Path> files = Files.walk(CONSOLE)) {
            return files.filter(file -> file.toString().matches(".*\\.(html|js|css|svg|json|webmanifest)"))
                    .toList();
        }
    }

    /** A path with what the list before its parameter names, at most so many that nothing is seen twice over. */
    private static List<String> concrete(String path, Map<String, String> lists) {
        int at = path.indexOf('{');
        if (path.equals("/api/divisions")) {
            return Stream.concat(Stream.of(""), PARENTS.stream().map(parent -> "?parent=" + parent))
                    .map(path::concat)
                    .toList();
        }
        if (path.equals("/api/zones/candidates")) {
            return ids(lists.getOrDefault("/api/departments", ""), "id").stream()
                    .map(department -> path + "?department=" + department)
                    .toList();
        }
        if (at < 0) {
            return List.of(path);
        }
        String parameter = path.substring(at + 1, path.indexOf('}'));
        String before = path.substring(0, at - 1);
        String list = lists.getOrDefault(before.equals("/api/quality/departments") ? "/api/departments" : before, "");
        List<String> values = switch (parameter) {
            case "kind" -> List.of("DIVISIONS", "DEPARTMENTS", "POSTS", "PEOPLE");
            case "year" -> List.of("2026");
            case "index" -> List.of("0");
            case "username" -> List.of("officer", "analyst", "engineer");
            default -> ids(list, parameter);
        };
        String suffix = path.endsWith("/impact") ? "?column=name" : "";
        return values.stream()
                .map(value -> path.substring(0, at)
                        + URLEncoder.encode(value, UTF_8).replace("+", "%20")
                        + path.substring(path.indexOf('}') + 1)
                        + suffix)
                .toList();
    }

    /** Two lists as one. */
    private static String both(String first, String next) {
        return first.endsWith("]") && next.startsWith("[") ? "[" + first + "," + next + "]" : first;
    }

    /** The values of a field anywhere in an answer. */
    private static List<String> ids(String answer, String field) {
        Set<String> ids = new LinkedHashSet<>();
        if (answer.startsWith("{") || answer.startsWith("[")) {
            JsonMapper.shared().readTree(answer).findValues(field).stream()
                    .filter(JsonNode::isString)
                    .map(JsonNode::asString)
                    .forEach(ids::add);
        }
        return List.copyOf(ids);
    }
}

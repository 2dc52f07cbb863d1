package org.qiantang.app.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.qiantang.app.install.Home;
import org.qiantang.app.install.HomeLock;
import org.qiantang.app.install.Secrets;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The command line beside a hub that runs on its home. */
class CommandLineTest {
    private static final String DEPARTMENTS =
            "[{\"id\":\"data\",\"name\":\"数据局\",\"nameEn\":\"Data\"},{\"id\":\"police\",\"name\":\"公安局\",\"nameEn\":\"Police\"}]";

    @TempDir
    Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private Home home;
    private HomeLock lock;
    private HubStandIn hub;

    @BeforeEach
    void aHubRuns() throws IOException {
        home = Home.at(folder.resolve("home")).create();
        lock = HomeLock.acquire(home);
        hub = new HubStandIn(Secrets.of(home).operatorToken());
        Files.writeString(
                home.hubFile(),
                "{\"pid\":%d,\"port\":%d,\"url\":\"%s\",\"forOneCommand\":false}"
                        .formatted(ProcessHandle.current().pid(), hub.port(), hub.url()));
    }

    @AfterEach
    void itStops() {
        hub.close();
        lock.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "colect x",
                "help colect",
                "collect",
                "collect a b",
                "collect --nmae x y",
                "collect --name",
                "collect --name Bad /tmp",
                "collect --setting topics /tmp",
                "collect --setting a=1 --setting a=2 /tmp",
                "follow",
                "follow a b",
                "sql",
                "sql q --format yaml",
                "sources extra",
                "receipt",
                "receipt verify",
                "verify",
                "verify a --table ,",
                "verify a b",
                "rejects",
                "rejects replay",
                "rejects a --format xml",
                "search",
                "search a --limit b",
                "hub --port http",
                "hub --port 70000",
                "hub --scale 0",
                "hub --empty --scale 1"
            })
    void aCommandLineThatCannotBeUnderstoodEndsWithTwo(String line) {
        assertThat(run(line.isEmpty() ? new String[0] : line.split(" "))).isEqualTo(2);
        assertThat(out.size()).isZero();
        assertThat(err.toString(UTF_8)).isNotBlank();
        assertThat(hub.requests()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--help",
                "--version",
                "collect --help",
                "hub --help",
                "sql --help",
                "receipt --help",
                "help",
                "help tables"
            })
    void helpIsAResult(String line) {
        assertThat(run(line.split(" "))).isZero();
        assertThat(out.toString(UTF_8)).isNotBlank();
        assertThat(err.size()).isZero();
    }

    private static final String VERIFICATION = """
            {"id":"v1","state":"%s","totals":{"differing":1,"repaired":1,"toBeCollected":0},"tables":[{"object":"public.person",
            "state":"%s","rowsAtSource":2000,"rowsInLake":1999,"missing":1,"extra":0,"different":0,"repair":"ROWS_REPAIRED","rows":[
            {"kind":"MISSING","key":[{"column":"id","shown":true,"source":"7","lake":null}],"cells":[]},
            {"kind":"DIFFERENT","key":[{"column":"id","shown":true,"source":"8","lake":"8"}],"cells":[
            {"column":"name","shown":false,"source":null,"lake":null}]}]}]}""";

    @ParameterizedTest
    @CsvSource({"EQUAL, 0", "DIFFERENT, 3", "INCOMPLETE, 1", "FAILED, 1", "CANCELLED, 1"})
    void verifyEndsWithWhatItFound(String state, int status) {
        hub.on("GET /api/sources", 200, "[{\"id\":\"s1\",\"name\":\"permits\"}]");
        hub.on("POST /api/sources/s1/verification", 202, "{\"id\":\"v1\",\"state\":\"QUEUED\"}");
        hub.on("GET /api/verifications/v1", 200, "{\"id\":\"v1\",\"state\":\"RUNNING\"}");
        hub.on("GET /api/verifications/v1", 200, VERIFICATION.formatted(state, state));

        assertThat(run("verify", "permits", "--values", "--table", "public.person,b"))
                .isEqualTo(status);

        assertThat(hub.requests())
                .contains(
                        "POST /api/sources/s1/verification {\"aim\":\"REPAIR\",\"tables\":[\"public.person\",\"b\"],\"values\":true}");
        assertThat(out.toString(UTF_8))
                .contains(
                        "public.person",
                        "missing id=7",
                        "different id=8 · name: *** ≠ ***",
                        state.toLowerCase(java.util.Locale.ROOT));
    }

    @Test
    void whoOnlyLooksAsksForNothingElseAndIsToldSo() {
        hub.on("GET /api/sources", 200, "[{\"id\":\"s1\",\"name\":\"permits\"}]");
        hub.on("POST /api/sources/s1/verification", 202, "{\"id\":\"v1\",\"state\":\"QUEUED\"}");
        hub.on(
                "GET /api/verifications/v1",
                200,
                "{\"id\":\"v1\",\"state\":\"DIFFERENT\",\"aim\":\"LOOK\",\"tables\":[]}");

        assertThat(run("verify", "permits", "--look")).isEqualTo(3);

        assertThat(hub.requests())
                .contains("POST /api/sources/s1/verification {\"aim\":\"LOOK\",\"tables\":[],\"values\":false}");
        assertThat(out.toString(UTF_8)).contains("only looked, nothing was changed");
    }

    @Test
    void rejectsAreCountedGivenOutAndReplayed() {
        hub.on("GET /api/sources", 200, "[{\"id\":\"s1\",\"name\":\"permits\"}]");
        hub.on(
                "GET /api/sources/s1/rejects/counts",
                200,
                "[{\"object\":\"a.csv\",\"code\":\"collect.ragged_row\",\"open\":1234,\"settled\":1},"
                        + "{\"object\":\"b.csv\",\"code\":\"collect.ragged_row\",\"open\":1,\"settled\":0}]");
        hub.on("GET /api/sources/s1/rejects/export?format=ndjson&object=&code=c", 200, "{}\n");
        hub.on("POST /api/sources/s1/rejects/replay", 202, "{\"run\":{\"id\":\"r1\",\"state\":\"QUEUED\"}}");
        hub.on("POST /api/sources/s1/rejects/replay", 202, "{\"messages\":{\"read\":3,\"taken\":2}}");
        hub.on("GET /api/runs/r1?objects=false", 200, runJson("INCOMPLETE", ""));
        hub.on("GET /api/runs/r1", 200, "{\"id\":\"r1\",\"state\":\"INCOMPLETE\",\"objects\":[]}");

        assertThat(run("rejects", "permits", "--table", "a.csv")).isZero();
        assertThat(out.toString(UTF_8)).contains("a.csv", "1,234").doesNotContain("b.csv");
        out.reset();
        assertThat(run("rejects", "permits", "--code", "c", "--format", "ndjson"))
                .isZero();
        assertThat(out.toString(UTF_8)).isEqualTo("{}\n");
        assertThat(run("rejects", "replay", "permits", "--table", "a.csv")).isEqualTo(3);
        assertThat(hub.requests()).contains("POST /api/sources/s1/rejects/replay {\"code\":\"\",\"object\":\"a.csv\"}");
        assertThat(run("rejects", "nobody")).isEqualTo(1);
        out.reset();
        assertThat(run("rejects", "replay", "permits")).isEqualTo(3);
        assertThat(out.toString(UTF_8)).contains("2 are events now", "1 are still refused");
    }

    @Test
    void aQuestionToAHomeThatIsNotThereDoesNotMakeOne() {
        Path nowhere = folder.resolve("nowhere");
        for (String command : List.of("tables", "sources", "sql select", "receipt x")) {
            String[] line = ("--home " + nowhere + " " + command).split(" ");
            assertThat(CommandLine.of(print(out), print(err), Map.of("LANG", "en_US.UTF-8"))
                            .run(List.of(line)))
                    .isEqualTo(1);
        }
        assertThat(err.toString(UTF_8)).contains("There is no installation in " + nowhere);
        assertThat(nowhere).doesNotExist();
    }

    @Test
    void aFileThatIsNotThereIsNamedInASentence() {
        for (String[] line : new String[][] {
            {"collect", folder + "/none"},
            {"receipt", "verify", folder + "/none", "--key", folder + "/none"},
            {"collect", folder.toString(), "--password-file", folder + "/none"},
        }) {
            err.reset();
            assertThat(run(line)).isEqualTo(1);
            assertThat(err.toString(UTF_8).strip())
                    .contains(folder + "/none")
                    .endsWith(".")
                    .doesNotContain("Exception");
        }
    }

    @Test
    void aCompleteCollectionRegistersTheSourceWithoutItsPassword() {
        hub.on("GET /api/sources", 200, "[]")
                .on("GET /api/departments", 200, DEPARTMENTS)
                .on("POST /api/sources", 201, "{\"id\":\"s1\",\"name\":\"city\"}")
                .on("POST /api/sources/s1/runs", 202, runJson("RUNNING", ""))
                .on("GET /api/runs/r1?objects=false", 200, runJson("RUNNING", ""))
                .on("GET /api/runs/r1?objects=false", 200, runJson("COMPLETE", ""))
                .on("GET /api/runs/r1", 200, runJson("COMPLETE", object("COMPLETE", 3, "null")));

        int status =
                run("collect", "jdbc:postgresql://db:5432/City?user=u&password=p%40ss&ssl=true", "--department", "公安局");

        assertThat(status).isZero();
        JsonNode registered = JsonMapper.shared()
                .readTree(hub.requests().stream()
                        .filter(request -> request.startsWith("POST /api/sources {"))
                        .findFirst()
                        .orElseThrow()
                        .substring("POST /api/sources ".length()));
        assertThat(registered.path("location").stringValue()).isEqualTo("jdbc:postgresql://db:5432/City?ssl=true");
        assertThat(registered.path("username").stringValue()).isEqualTo("u");
        assertThat(registered.path("password").stringValue()).isEqualTo("p@ss");
        assertThat(registered.path("name").stringValue()).isEqualTo("city");
        assertThat(registered.path("departmentId").stringValue()).isEqualTo("police");
        assertThat(out.toString(UTF_8)).contains("raw_city.public__人口").contains("Verdict: complete");
        assertThat(out.toString(UTF_8) + err).doesNotContain("p@ss");
    }

    @Test
    void anIncompleteCollectionEndsWithThreeAndSaysWhatIsMissing() throws IOException {
        Path file = Files.writeString(folder.resolve("2024 年报.csv"), "a,b\n1,2\n");
        hub.on("GET /api/sources", 200, "[]")
                .on("GET /api/departments", 200, DEPARTMENTS)
                .on("POST /api/sources", 201, "{\"id\":\"s1\"}")
                .on("POST /api/sources/s1/runs", 202, runJson("RUNNING", ""))
                .on("GET /api/runs/r1?objects=false", 200, runJson("INCOMPLETE", ""))
                .on(
                        "GET /api/runs/r1",
                        200,
                        runJson(
                                "INCOMPLETE",
                                object(
                                        "UNREADABLE",
                                        0,
                                        "{\"code\":\"collect.x\",\"zh\":\"不可读\",\"en\":\"May not be read\"}")));

        assertThat(run("collect", file.toString(), "--json", "--department", "data"))
                .isEqualTo(3);

        JsonNode result = JsonMapper.shared().readTree(out.toString(UTF_8));
        assertThat(result.path("verdict").stringValue()).isEqualTo("incomplete");
        assertThat(result.path("source").stringValue()).isEqualTo("s_2024");
        assertThat(result.path("objects").get(0).path("reason").path("code").stringValue())
                .isEqualTo("collect.x");
    }

    @Test
    void aKnownSourceIsCollectedAgainAndARunUnderWayIsFollowed() throws IOException {
        Path data = Files.createDirectory(folder.resolve("data"));
        hub.on("GET /api/sources", 200, "[{\"id\":\"s1\",\"name\":\"data\",\"location\":\"" + data + "\"}]")
                .on(
                        "POST /api/sources/s1/runs",
                        409,
                        "{\"code\":\"collect.already_running\",\"detail\":\"It runs\",\"run\":" + runJson("RUNNING", "")
                                + "}")
                .on("GET /api/runs/r1?objects=false", 200, runJson("COMPLETE", ""))
                .on("GET /api/runs/r1", 200, runJson("COMPLETE", object("COMPLETE", 3, "null")));

        assertThat(run("collect", data.toString())).isZero();
        assertThat(hub.requests()).noneMatch(request -> request.startsWith("POST /api/sources {"));
    }

    @Test
    void aNewSourceNeedsItsDepartmentWhereThereAreSeveral() throws IOException {
        Path data = Files.createDirectory(folder.resolve("data"));
        hub.on("GET /api/sources", 200, "[]")
                .on("GET /api/departments", 200, DEPARTMENTS)
                .on("GET /api/departments", 200, "[{\"id\":\"data\",\"name\":\"数据局\",\"nameEn\":\"Data\"}]")
                .on("POST /api/sources", 201, "{\"id\":\"s1\",\"kind\":\"FOLDER\"}")
                .on("POST /api/sources/s1/runs", 202, runJson("COMPLETE", ""))
                .on("GET /api/runs/r1", 200, runJson("COMPLETE", object("COMPLETE", 3, "null")));

        assertThat(run("collect", data.toString())).isEqualTo(2);
        assertThat(err.toString(UTF_8))
                .contains("--department")
                .contains("data (Data)")
                .contains("police (Police)");
        assertThat(hub.requests()).noneMatch(request -> request.startsWith("POST"));

        assertThat(run("collect", data.toString())).isZero();
        assertThat(posted()).contains("\"departmentId\":\"data\"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sftp://reader:ge%40heim@10.0.0.1/exchange/permits sftp://10.0.0.1/exchange/permits permits reader ge@heim",
                "webdavs://files.example/a/b webdavs://files.example/a/b b - -",
                "s3://bucket/prefix/ s3://bucket/prefix/ prefix - -",
                "https://api.example/v1/permits?pageNo=1 https://api.example/v1/permits?pageNo=1 permits - -"
            })
    void anAddressElsewhereIsRegisteredWithoutItsPassword(String line) {
        String[] words = line.split(" ");
        hub.on("GET /api/sources", 200, "[]")
                .on("GET /api/departments", 200, DEPARTMENTS)
                .on("POST /api/sources", 201, "{\"id\":\"s1\",\"kind\":\"X\"}")
                .on("POST /api/sources/s1/runs", 202, runJson("COMPLETE", ""))
                .on("GET /api/runs/r1", 200, runJson("COMPLETE", object("COMPLETE", 3, "null")));

        assertThat(run("collect", words[0], "--department", "data")).isZero();

        JsonNode registered = JsonMapper.shared().readTree(posted());
        assertThat(registered.path("location").stringValue()).isEqualTo(words[1]);
        assertThat(registered.path("name").stringValue()).isEqualTo(words[2]);
        assertThat(registered.path("username").stringValue()).isEqualTo(words[3].equals("-") ? "" : words[3]);
        assertThat(registered.path("password").stringValue()).isEqualTo(words[4].equals("-") ? "" : words[4]);
    }

    @Test
    void aStreamIsRegisteredWithItsSettingsAndStartsNoRun() {
        hub.on("GET /api/sources", 200, "[]")
                .on("GET /api/departments", 200, DEPARTMENTS)
                .on("POST /api/sources", 201, "{\"id\":\"s1\",\"kind\":\"EVENTS\"}");

        assertThat(run(
                        "collect",
                        "mqtt://u:p@broker",
                        "--name",
                        "air",
                        "--department",
                        "data",
                        "--setting",
                        "topics=city/+/data",
                        "--setting=version=5"))
                .isZero();

        JsonNode registered = JsonMapper.shared().readTree(posted());
        assertThat(registered.path("location").stringValue()).isEqualTo("mqtt://broker:1883");
        assertThat(registered.path("username").stringValue()).isEqualTo("u");
        assertThat(registered.path("settings").path("topics").stringValue()).isEqualTo("city/+/data");
        assertThat(registered.path("settings").path("version").stringValue()).isEqualTo("5");
        assertThat(out.toString(UTF_8)).contains("raw_air.events");
        assertThat(hub.requests()).noneMatch(request -> request.contains("/runs"));
    }

    @Test
    void followingIsAwaitedAndEnded() {
        hub.on("GET /api/sources", 200, "[{\"id\":\"s1\",\"name\":\"data\"}]")
                .on("POST /api/sources/s1/following", 202, "{\"state\":\"COLLECTING\",\"tables\":[]}")
                .on("GET /api/sources/s1/following", 200, "{\"state\":\"COLLECTING\",\"tables\":[]}")
                .on("GET /api/sources/s1/following", 200, """
                        {"state":"FOLLOWING","tables":[{"object":"public.a","state":"FOLLOWED"},
                         {"object":"public.b","state":"NOT_FOLLOWABLE","reason":{"zh":"没有主键","en":"It has no key"}}]}""")
                .on("DELETE /api/sources/s1/following", 200, "{\"state\":\"OFF\",\"tables\":[]}");

        assertThat(run("follow", "data")).isZero();
        assertThat(out.toString(UTF_8))
                .contains("data: following")
                .contains("public.b")
                .contains("It has no key");
        assertThat(out.toString(UTF_8)).doesNotContain("public.a");
        assertThat(run("follow", "data", "--stop")).isZero();
        assertThat(run("follow", "unknown")).isEqualTo(1);
    }

    @Test
    void aSourceThatCannotBeFollowedNowSaysWhy() {
        hub.on("GET /api/sources", 200, "[{\"id\":\"s1\",\"name\":\"data\"}]")
                .on(
                        "POST /api/sources/s1/following",
                        202,
                        "{\"state\":\"WAITING\",\"tables\":[],\"message\":{\"zh\":\"没有权限\",\"en\":\"No privilege\"}}");

        assertThat(run("follow", "data")).isEqualTo(1);
        assertThat(err.toString(UTF_8)).contains("No privilege");
    }

    private String posted() {
        return hub.requests().stream()
                .filter(request -> request.startsWith("POST /api/sources {"))
                .findFirst()
                .orElseThrow()
                .substring("POST /api/sources ".length());
    }

    @Test
    void aKnownNameIsNotUsedForAnotherPlace() throws IOException {
        Path data = Files.createDirectory(folder.resolve("data"));
        hub.on("GET /api/sources", 200, "[{\"id\":\"s1\",\"name\":\"data\",\"location\":\"/elsewhere\"}]");

        assertThat(run("collect", data.toString())).isEqualTo(1);
        assertThat(err.toString(UTF_8)).contains("/elsewhere").contains("--name");
    }

    @Test
    void aFailedRunAndARefusalEndWithOne() throws IOException {
        Path data = Files.createDirectory(folder.resolve("data"));
        hub.on("GET /api/sources", 200, "[{\"id\":\"s1\",\"name\":\"data\",\"location\":\"" + data + "\"}]")
                .on("POST /api/sources/s1/runs", 202, runJson("FAILED", ""))
                .on("GET /api/runs/r1", 200, runJson("FAILED", ""))
                .on("POST /api/sql", 400, "{\"code\":\"lake.bad_sql\",\"detail\":\"No such table\"}");

        assertThat(run("collect", data.toString())).isEqualTo(1);
        assertThat(run("sql", "select 1")).isEqualTo(1);
        assertThat(err.toString(UTF_8)).contains("No such table [lake.bad_sql]");
        assertThat(run("collect", folder.resolve("not there").toString())).isEqualTo(1);
    }

    @Test
    void aTableOfChineseCellsIsAligned() {
        hub.on("POST /api/sql", 200, """
                {"columns":[{"name":"区","type":"VARCHAR"},{"name":"n","type":"BIGINT"}],
                 "rows":[["西湖区","12"],["a",null]],"truncated":false,"rowCount":2}""");

        assertThat(run("sql", "select 1")).isZero();
        assertThat(out.toString(UTF_8)).isEqualTo("""
                区         n
                ──────  ────
                西湖区    12
                a       NULL
                """);
        assertThat(err.toString(UTF_8)).contains("2 rows");
    }

    @Test
    void csvIsPassedThroughAsItComes() {
        hub.on("POST /api/sql/export?format=csv", 200, "a,b\n1,\"x,y\"\n");

        assertThat(run("sql", "select 1", "--format", "csv")).isZero();
        assertThat(out.toString(UTF_8)).isEqualTo("a,b\n1,\"x,y\"\n");
    }

    @Test
    void everyPageOfTheTablesIsRead() {
        hub.on(
                        "GET /api/resources?offset=0&limit=200",
                        200,
                        "{\"total\":2,\"items\":[{\"lakeTable\":\"raw_a.x\",\"rows\":1234}]}")
                .on(
                        "GET /api/resources?offset=1&limit=200",
                        200,
                        "{\"total\":2,\"items\":[{\"lakeTable\":\"raw_a.y\"}]}");

        assertThat(run("tables")).isZero();
        assertThat(out.toString(UTF_8)).contains("raw_a.x  1,234").contains("raw_a.y");
    }

    @Test
    void aSearchPrintsWhatIsFoundAndWhatWasProbablyMeant() {
        hub.on("GET /api/search?limit=10&q=%E9%A9%BE%E4%BD%BF%E8%AF%81+points", 200, """
                {"total":7,"meant":"驾驶证","loosely":false,"facets":[],"items":[{"thing":{"kind":"RESOURCE","title":"机动车驾驶证",
                 "name":"raw_police.driver_licence","department":{"name":"公安局","nameEn":"Police"}},
                 "matches":[{"place":"COLUMN","text":"累积记分 points","marked":[]}]}]}""");

        assertThat(run("search", "驾使证", "points")).isZero();
        assertThat(out.toString(UTF_8)).contains("机动车驾驶证  raw_police.driver_licence  Police", "累积记分 points");
        assertThat(err.toString(UTF_8)).contains("Did you mean 驾驶证?", "7 found");
    }

    @Test
    void theLatestReceiptIsPrintedAsItIsKept() {
        hub.on("GET /api/sources", 200, "[{\"id\":\"s1\",\"name\":\"data\"}]")
                .on(
                        "GET /api/sources/s1/runs",
                        200,
                        "[{\"id\":\"r2\",\"state\":\"RUNNING\"},{\"id\":\"r1\",\"state\":\"COMPLETE\"}]")
                .on("GET /api/runs/r1/receipt", 200, "{\"receipt\":{},\"signature\":{}}");

        assertThat(run("receipt", "data")).isZero();
        assertThat(out.toString(UTF_8)).isEqualTo("{\"receipt\":{},\"signature\":{}}\n");
        assertThat(run("receipt", "unknown")).isEqualTo(1);
    }

    @Test
    void chineseIsSpokenToThoseWhoReadIt() {
        CommandLine line = CommandLine.of(print(out), print(err), Map.of("LANG", "zh_CN.UTF-8"));

        assertThat(line.run(List.of("receipt", "x", "--home", home.toString()))).isEqualTo(1);
        assertThat(hub.requests()).isNotEmpty();
        assertThat(Texts.of(Map.of("LC_ALL", "C.UTF-8", "LANG", "zh_CN.GBK"))).isEqualTo(Texts.CHINESE);
        assertThat(Texts.of(Map.of("LANG", "en_US.UTF-8"))).isEqualTo(Texts.ENGLISH);
    }

    private int run(String... words) {
        List<String> line = new ArrayList<>(Arrays.asList(words));
        if (!line.isEmpty() && !line.getFirst().matches("help|--.*") && !line.contains("--help")) {
            line.addAll(List.of("--home", home.toString()));
        }
        return CommandLine.of(print(out), print(err), Map.of("LANG", "en_US.UTF-8"))
                .run(line);
    }

    private static PrintStream print(ByteArrayOutputStream bytes) {
        return new PrintStream(bytes, true, UTF_8);
    }

    private static String runJson(String state, String objects) {
        return """
                {"id":"r1","sourceId":"s1","state":"%s","tables":{"found":1,"finished":1,"failed":0},
                 "rows":3,"rejected":0,"bytes":10,"estimatedRows":3,"rowsPerSecond":3,"secondsLeft":null,"message":null,
                 "objects":[%s]}""".formatted(state, objects);
    }

    private static String object(String state, int landed, String reason) {
        return """
                {"kind":"TABLE","name":"人口","lakeTable":"raw_city.public__人口","state":"%s","rowsAtSource":3,
                 "rowsLanded":%d,"rejected":0,"reason":%s}""".formatted(state, landed, reason);
    }
}

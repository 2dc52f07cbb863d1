package org.qiantang.collect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qiantang.collect.BadApi.Say;
import org.qiantang.collect.RunEvent.ObjectResult;
import org.qiantang.collect.RunEvent.State;
import org.qiantang.core.Problem;
import org.qiantang.core.Sm3;

/** From a department's interface, well behaved or not, to rows in the lake. */
class ApiTests {
    @TempDir
    Path folder;

    private Lakeside lakeside;
    private BadApi api;

    @BeforeEach
    void open() throws Exception {
        lakeside = new Lakeside(folder);
        api = new BadApi();
    }

    @AfterEach
    void close() {
        api.close();
        lakeside.close();
    }

    private SourceAccess at(String path, String... settings) {
        Map<String, String> all = new java.util.HashMap<>(Map.of("requestsPerSecond", "1000", "backoffMillis", "1"));
        for (int i = 0; i < settings.length; i += 2) {
            all.put(settings[i], settings[i + 1]);
        }
        return new SourceAccess(SourceKind.API, api.address(path), "", "", all);
    }

    private ObjectResult collect(String source, SourceAccess access) {
        return lakeside.collect(source, access, Set.of()).results().values().stream()
                .findFirst()
                .orElseThrow();
    }

    private List<Integer> ids(String table) {
        return lakeside.rows("SELECT id FROM " + table + " ORDER BY id").stream()
                .map(row -> Integer.valueOf(row.getFirst()))
                .toList();
    }

    private static List<Integer> upTo(int last) {
        return java.util.stream.IntStream.rangeClosed(1, last).boxed().toList();
    }

    @Test
    void pastingAnAddressThatWorksIsEnough() {
        api.on(
                "/api/permits",
                asked -> Say.json(BadApi.page(asked.number("pageNo"), asked.number("pageSize"), 95, 95)));
        SourceAccess access = at("/api/permits?pageNo=3&pageSize=20");

        var report = lakeside.collector.inspect(access);
        ObjectResult result = collect("pasted", access);

        SourcePreview preview = report.previews().getFirst();
        assertThat(report.estimatedRows()).isEqualTo(95);
        assertThat(preview.columns()).containsExactly("id", "name", "fee");
        assertThat(preview.rows()).hasSize(20);
        assertThat(preview.found())
                .contains(
                        "\"records\":\"/data/list\"",
                        "\"total\":\"/data/total\"",
                        "\"step\":\"PAGE\"",
                        "\"param\":\"pageNo\"");
        assertThat(result.state()).as(result.reason()).isEqualTo(State.COMPLETE);
        assertThat(result.rowsAtSource()).hasValue(95);
        assertThat(result.rowsLanded()).isEqualTo(95);
        assertThat(ids("raw_pasted.permits")).isEqualTo(upTo(95));
        assertThat(lakeside.rows("SELECT name, fee FROM raw_pasted.permits WHERE id = 7"))
                .containsExactly(List.of("许可 7", "7.50"));
    }

    @Test
    void everyWayOfPagingBringsEveryRecordOnce() {
        int count = 57;
        api.on("/offset", asked -> {
            // a server that never gives more than 10, whatever it is asked for
            int from = asked.number("offset") + 1;
            int to = Math.min(count, from + 9);
            return Say.json("{\"items\":" + (from > to ? "[]" : BadApi.records(from, to)) + "}");
        });
        api.on("/cursor", asked -> {
            int from = asked.query().containsKey("cursor")
                    ? Integer.parseInt(asked.query().get("cursor").substring(2))
                    : 1;
            int to = Math.min(count, from + 19);
            return Say.json("{\"rows\":" + BadApi.records(from, to) + ",\"nextCursor\":"
                    + (to == count ? "null" : "\"c&" + (to + 1) + "\"") + "}");
        });
        api.on("/link", asked -> {
            int from = Math.max(1, asked.number("from"));
            int to = Math.min(count, from + 24);
            Say say = Say.json(BadApi.records(from, to));
            return to == count
                    ? say
                    : say.with("Link", "</link?from=1>; rel=\"first\", </link?from=" + (to + 1) + ">; rel=\"next\"");
        });
        api.on("/body", asked -> {
            var body = tools.jackson.databind.json.JsonMapper.shared().readTree(asked.body());
            int page = body.path("pageNum").asInt();
            return asked.method().equals("POST")
                    ? Say.json(BadApi.page(page, body.path("pageSize").asInt(), count, count))
                    : Say.status(405, "");
        });
        api.on("/whole", asked -> Say.json(BadApi.records(1, count)));

        Lakeside.Told told = lakeside.collect("paging", at("", "resources", """
                [{"name": "by_offset", "path": "/offset?offset=0&limit=30"},
                 {"name": "by_cursor", "path": "/cursor"},
                 {"name": "by_link", "path": "/link"},
                 {"name": "by_body", "path": "/body", "body": "{\\"pageNum\\": ${page}, \\"pageSize\\": ${size}}",
                  "paging": {"step": "PAGE", "size": 10}},
                 {"name": "whole", "path": "/whole"}]"""), Set.of());

        assertThat(told.results()).hasSize(5).allSatisfy((name, result) -> {
            assertThat(result.state()).as(name + " " + result.reason()).isEqualTo(State.COMPLETE);
            assertThat(ids("raw_paging." + name)).as(name).isEqualTo(upTo(count));
        });
    }

    @Test
    void pagesAskedForAtTheSameTimeLandInTheSameOrder() {
        CountDownLatch together = new CountDownLatch(4);
        api.on("/many", asked -> {
            if (asked.number("page") > 1) {
                together.countDown();
                together.await(20, TimeUnit.SECONDS);
            }
            return Say.json(BadApi.page(asked.number("page"), 10, 100, 100));
        });

        ObjectResult result = collect("together", at("/many?page=1&size=10", "concurrency", "4"));

        assertThat(together.getCount()).isZero();
        assertThat(result.state()).as(result.reason()).isEqualTo(State.COMPLETE);
        assertThat(ids("raw_together.many")).isEqualTo(upTo(100));
        assertThat(api.pagesAsked("page")).allMatch(page -> page <= 10);
    }

    @Test
    void whatPassesIsTriedAgainAndAskedWaitsAreKept() {
        api.on("/moody", asked -> switch (api.time("moody")) {
            case 2 -> Say.status(429, "慢一点").with("Retry-After", "1");
            case 4 -> Say.status(500, "oops");
            case 6 -> Say.status(503, "").with("Retry-After", "0");
            case 8 -> Say.json("{\"code\":0,\"data\":{\"total\":40,\"li");
            default -> Say.json(BadApi.page(asked.number("page"), 10, 40, 40));
        });
        long start = System.nanoTime();

        ObjectResult result = collect("moody", at("/moody?page=1&size=10"));

        assertThat(result.state()).as(result.reason()).isEqualTo(State.COMPLETE);
        assertThat(ids("raw_moody.moody")).isEqualTo(upTo(40));
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofSeconds(1));
    }

    @Test
    void aPostIsNotSentAgainUnlessItMay() {
        api.on(
                "/write",
                asked -> api.time("write") == 2 ? Say.status(500, "half done") : Say.json(BadApi.page(1, 10, 5, 5)));
        api.on(
                "/query",
                asked -> api.time("query") == 2 ? Say.status(500, "half done") : Say.json(BadApi.page(1, 10, 5, 5)));

        Lakeside.Told told = lakeside.collect("posts", at("", "resources", """
                [{"name": "write", "path": "/write", "method": "POST", "body": "{}"},
                 {"name": "query", "path": "/query", "method": "POST", "body": "{}", "repeatable": true}]"""), Set.of());

        assertThat(told.of("write").state()).isEqualTo(State.FAILED);
        assertThat(told.of("write").reasonCode()).isEqualTo("collect.api_refused");
        assertThat(told.of("query").state()).isEqualTo(State.COMPLETE);
    }

    @Test
    void aRefusalAfterAllTriesFailsTheTableAndKeepsWhatWasThere() {
        AtomicBoolean well = new AtomicBoolean(true);
        api.on(
                "/list",
                asked -> well.get() || asked.number("page") < 3
                        ? Say.json(BadApi.page(asked.number("page"), 10, 40, 40))
                        : Say.status(500, "Internal Server Error"));
        collect("refused", at("/list?page=1&size=10"));
        well.set(false);

        ObjectResult result = collect("refused", at("/list?page=1&size=10", "retries", "2"));

        assertThat(result.state()).isEqualTo(State.FAILED);
        assertThat(result.reasonCode()).isEqualTo("collect.api_refused");
        assertThat(result.reason()).contains("500");
        assertThat(ids("raw_refused.list")).isEqualTo(upTo(40));
    }

    @Test
    void aBrokenPageIsNamedAndTheOthersAreKept() {
        api.on(
                "/broken",
                asked -> asked.number("page") == 7
                        ? Say.json("{\"code\":0,\"data\":{\"total\":100,\"list\":[{\"id\":61,\"id\":61}")
                        : Say.json(BadApi.page(asked.number("page"), 10, 100, 100)));

        ObjectResult result = collect("broken", at("/broken?page=1&size=10"));

        assertThat(result.state()).isEqualTo(State.INCOMPLETE);
        assertThat(result.reasonCode()).isEqualTo("collect.total_differs");
        assertThat(result.rowsAtSource()).hasValue(100);
        assertThat(result.rowsLanded()).isEqualTo(90);
        assertThat(result.rowsRejected()).isEqualTo(1);
        assertThat(ids("raw_broken.broken")).hasSize(90).doesNotContain(61, 70).contains(60, 71);
        assertThat(lakeside.rows("SELECT \"where\", code, raw FROM ops_collect.rejects WHERE source = 'broken'"))
                .singleElement()
                .satisfies(row -> {
                    assertThat(row.get(0)).isEqualTo("page 7");
                    assertThat(row.get(1)).isEqualTo("collect.api_not_json");
                    assertThat(row.get(2)).contains("\"id\":61");
                });
    }

    @Test
    void aBrokenPageInAChainFailsTheTable() {
        api.on(
                "/chain",
                asked -> asked.query().containsKey("cursor")
                        ? Say.json("{\"rows\":[{\"id\":")
                        : Say.json("{\"rows\":" + BadApi.records(1, 5) + ",\"nextCursor\":\"x\"}"));

        ObjectResult result = collect("chain", at("/chain"));

        assertThat(result.state()).isEqualTo(State.FAILED);
        assertThat(result.reasonCode()).isEqualTo("collect.api_not_json");
    }

    @Test
    void aTotalThatChangesOnTheWayIsReadAgainAndOneThatIsWrongIsSaid() {
        AtomicInteger last = new AtomicInteger(40);
        api.on("/growing", asked -> {
            if (api.time("growing") == 4) {
                last.set(43);
            }
            // newest first: a new record pushes one onto the next page
            int from = last.get() - (asked.number("page") - 1) * 10;
            int to = Math.max(1, from - 9);
            return Say.json("{\"data\":{\"total\":" + last.get() + ",\"list\":"
                    + (from < 1 ? "[]" : BadApi.records(to, from)) + "}}");
        });
        api.on("/wrong", asked -> Say.json(BadApi.page(asked.number("page"), 10, 25, 30)));

        ObjectResult growing = collect("growing", at("/growing", "resources", """
                [{"name": "growing", "path": "?page=1&size=10", "unique": true}]"""));
        ObjectResult wrong = collect("wrong", at("/wrong?page=1&size=10"));

        assertThat(growing.state()).as(growing.reason()).isEqualTo(State.COMPLETE);
        assertThat(ids("raw_growing.growing")).isEqualTo(upTo(43));
        assertThat(wrong.state()).isEqualTo(State.INCOMPLETE);
        assertThat(wrong.reasonCode()).isEqualTo("collect.total_differs");
        assertThat(wrong.reason()).contains("30").contains("25");
        assertThat(wrong.rowsAtSource()).hasValue(30);
        assertThat(ids("raw_wrong.wrong")).isEqualTo(upTo(25));
    }

    @Test
    void pagesAndCursorsThatGoInACircleAreNoticed() {
        api.on("/deaf", asked -> Say.json("{\"list\":" + BadApi.records(1, 10) + "}"));
        api.on("/circle", asked -> {
            boolean b = asked.query().getOrDefault("cursor", "a").equals("b");
            return Say.json("{\"rows\":" + (b ? BadApi.records(6, 10) : BadApi.records(api.time("circle"), 5))
                    + ",\"nextCursor\":\"" + (b ? "a" : "b") + "\"}");
        });

        Lakeside.Told told = lakeside.collect("circles", at("", "resources", """
                [{"name": "deaf", "path": "/deaf?page=1"}, {"name": "circle", "path": "/circle"}]"""), Set.of());

        assertThat(told.results()).allSatisfy((name, result) -> {
            assertThat(result.state()).as(name).isEqualTo(State.FAILED);
            assertThat(result.reasonCode()).as(name).isEqualTo("collect.api_pages_repeat");
        });
    }

    @Test
    void packedChunkedForeignAndMislabelledAnswersAreRead() {
        api.on("/gzip", asked -> {
            byte[] packed = BadApi.packed(BadApi.page(asked.number("page"), 10, 30, 30));
            return new Say(200, "application/json", packed, Map.of("Content-Encoding", "gzip", "X-Chunked", "1"));
        });
        api.on(
                "/gbk",
                asked -> new Say(
                        200,
                        "application/json;charset=GBK",
                        BadApi.records(1, 3).getBytes(Charset.forName("GBK")),
                        Map.of()));
        api.on("/text", asked -> Say.json("\ufeff" + BadApi.records(1, 3)).as("text/html"));

        Lakeside.Told told = lakeside.collect("forms", at("", "resources", """
                [{"name": "gzip", "path": "/gzip?page=1"}, {"name": "gbk", "path": "/gbk"}, {"name": "text", "path": "/text"}]"""), Set.of());

        assertThat(told.results())
                .hasSize(3)
                .allSatisfy((name, result) ->
                        assertThat(result.state()).as(name + result.reason()).isEqualTo(State.COMPLETE));
        assertThat(ids("raw_forms.gzip")).isEqualTo(upTo(30));
        assertThat(lakeside.rows("SELECT name FROM raw_forms.gbk WHERE id = 3")).containsExactly(List.of("许可 3"));
    }

    @Test
    void aSignInPageInsteadOfDataIsNamed() {
        api.on(
                "/login",
                asked -> new Say(
                        200,
                        "text/html",
                        "<html><body>请登录</body></html>".getBytes(java.nio.charset.StandardCharsets.UTF_8),
                        Map.of()));

        assertThatThrownBy(() -> lakeside.collector.inspect(at("/login")))
                .isInstanceOfSatisfying(Problem.class, problem -> {
                    assertThat(problem.code()).isEqualTo(CollectProblem.API_NOT_JSON);
                    assertThat(problem.en()).contains("text/html").contains("请登录");
                });
    }

    @Test
    void anAnswerThatSaysNoWithStatus200IsARefusal() {
        api.on("/no", asked -> Say.json("{\"code\":401,\"msg\":\"无权限\",\"data\":{\"list\":[]}}"));

        assertThatThrownBy(() -> lakeside.collector.inspect(at("/no", "resources", """
                [{"name": "no", "ok": {"at": "/code", "is": ["0", "200"]}}]""")))
                .isInstanceOfSatisfying(Problem.class, problem -> {
                    assertThat(problem.code()).isEqualTo(CollectProblem.API_REFUSED);
                    assertThat(problem.zh()).contains("无权限");
                });
    }

    @Test
    void anAnswerBeyondTheLimitIsRefusedPackedOrNot() throws Exception {
        String large = "[\"" + "x".repeat(2 << 20) + "\"]";
        api.on("/large", asked -> Say.json(large));
        api.on(
                "/bomb",
                asked -> new Say(200, "application/json", BadApi.packed(large), Map.of("Content-Encoding", "gzip")));

        for (String path : List.of("/large", "/bomb")) {
            assertThatThrownBy(() -> lakeside.collector.inspect(at(path, "pageMegabytes", "1")))
                    .isInstanceOfSatisfying(
                            Problem.class,
                            problem -> assertThat(problem.code()).isEqualTo(CollectProblem.ANSWER_TOO_LARGE));
        }
    }

    @Test
    void aServerThatDoesNotAnswerIsGivenUpInTime() {
        CountDownLatch never = new CountDownLatch(1);
        api.on("/slow", asked -> {
            never.await(60, TimeUnit.SECONDS);
            return Say.json("[]");
        });

        assertThatThrownBy(() -> lakeside.collector.inspect(at("/slow", "timeoutSeconds", "0.2", "retries", "1")))
                .isInstanceOfSatisfying(
                        Problem.class,
                        problem -> assertThat(problem.code()).isEqualTo(CollectProblem.SOURCE_UNREACHABLE));
        assertThat(api.asked).hasSize(2);
        never.countDown();
    }

    @Test
    void aRunThatWaitsForASlowPageCanBeCancelled() throws Exception {
        CountDownLatch waiting = new CountDownLatch(1);
        CountDownLatch never = new CountDownLatch(1);
        api.on("/endless", asked -> {
            if (asked.number("page") > 1) {
                waiting.countDown();
                never.await(120, TimeUnit.SECONDS);
            }
            return Say.json(BadApi.page(asked.number("page"), 10, 1_000, 1_000));
        });
        Thread run = Thread.ofVirtual()
                .start(() -> lakeside.collector.run(
                        new CollectionWorker.RunOrder(
                                "slow-run", "endless", at("/endless?page=1&size=10"), "", Set.of()),
                        event -> {}));
        waiting.await();

        lakeside.collector.cancel("slow-run");

        Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> !run.isAlive());
        assertThat(lakeside.lake.tables()).isEmpty();
        never.countDown();
    }

    @Test
    void eachKindOfKeyReachesTheInterface() {
        api.on(
                "/header",
                asked -> "k-1".equals(asked.headers().get("x-api-key"))
                        ? Say.json(BadApi.records(1, 2))
                        : Say.status(401, "who?"));
        api.on(
                "/query",
                asked -> "k-1".equals(asked.query().get("appkey"))
                        ? Say.json(BadApi.records(1, 2))
                        : Say.status(401, "who?"));
        api.on(
                "/basic",
                asked -> ("Basic "
                                        + Base64.getEncoder()
                                                .encodeToString(
                                                        "me:k-1".getBytes(java.nio.charset.StandardCharsets.UTF_8)))
                                .equals(asked.headers().get("authorization"))
                        ? Say.json(BadApi.records(1, 2))
                        : Say.status(401, "who?"));

        assertThat(collect("key_header", keyed("/header", "auth", "header")).state())
                .isEqualTo(State.COMPLETE);
        assertThat(collect("key_query", keyed("/query", "auth", "query", "authName", "appkey"))
                        .state())
                .isEqualTo(State.COMPLETE);
        assertThat(collect("key_basic", keyed("/basic")).state()).isEqualTo(State.COMPLETE);
        assertThatThrownBy(() -> lakeside.collector.inspect(at("/header")))
                .isInstanceOfSatisfying(
                        Problem.class, problem -> assertThat(problem.code()).isEqualTo(CollectProblem.SIGN_IN_REFUSED));
    }

    private SourceAccess keyed(String path, String... settings) {
        SourceAccess open = at(path, settings);
        return new SourceAccess(open.kind(), open.location(), "me", "k-1", open.settings());
    }

    @Test
    void aTokenIsFetchedOnceAndRenewedWhenItIsNoLongerTaken() {
        AtomicInteger issued = new AtomicInteger();
        api.on("/token", asked -> {
            assertThat(asked.body()).contains("grant_type=client_credentials").contains("scope=read");
            return Say.json("{\"access_token\":\"t" + issued.incrementAndGet() + "\",\"expires_in\":3600}");
        });
        api.on("/list", asked -> {
            boolean expired = issued.get() == 1 && asked.number("page") == 3;
            return ("Bearer t" + issued.get()).equals(asked.headers().get("authorization")) && !expired
                    ? Say.json(BadApi.page(asked.number("page"), 10, 50, 50))
                    : Say.status(401, "expired");
        });

        ObjectResult result = collect(
                "oauth",
                keyed("/list?page=1&size=10", "auth", "oauth2", "tokenUrl", api.address("/token"), "scope", "read"));

        assertThat(result.state()).as(result.reason()).isEqualTo(State.COMPLETE);
        assertThat(issued).hasValue(2);
    }

    @Test
    void signaturesAreWhatTheServerComputesItself() throws Exception {
        api.on("/sha256", asked -> {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec("k-1".getBytes(java.nio.charset.StandardCharsets.UTF_8), "HmacSHA256"));
            String text = asked.headers().get("x-timestamp") + asked.headers().get("x-nonce") + asked.body();
            return verdict(
                    asked,
                    HexFormat.of().formatHex(mac.doFinal(text.getBytes(java.nio.charset.StandardCharsets.UTF_8))));
        });
        api.on("/sm3", asked -> {
            String text = asked.headers().get("x-timestamp") + asked.headers().get("x-nonce") + asked.body();
            byte[] code = Sm3.hmac(
                    "k-1".getBytes(java.nio.charset.StandardCharsets.UTF_8),
                    text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
            return verdict(asked, Base64.getEncoder().encodeToString(code));
        });
        String resources = """
                [{"name": "list", "method": "POST", "body": "{\\"page\\": ${page}, \\"size\\": 10}", "paging": {"step": "PAGE"}}]""";

        ObjectResult sha256 = collect("sha256", keyed("/sha256", "auth", "hmac", "resources", resources));
        ObjectResult sm3 = collect(
                "sm3",
                keyed(
                        "/sm3",
                        "auth",
                        "hmac",
                        "algorithm",
                        "HMAC_SM3",
                        "encoding",
                        "BASE64",
                        "timestampUnit",
                        "millis",
                        "resources",
                        resources));

        assertThat(sha256.state()).as(sha256.reason()).isEqualTo(State.COMPLETE);
        assertThat(sm3.state()).as(sm3.reason()).isEqualTo(State.COMPLETE);
        assertThat(sm3.rowsLanded()).isEqualTo(20);
        List<String> nonces =
                api.asked.stream().map(asked -> asked.headers().get("x-nonce")).toList();
        assertThat(nonces).doesNotHaveDuplicates();
    }

    private static Say verdict(BadApi.Asked asked, String expected) {
        int page = tools.jackson.databind.json.JsonMapper.shared()
                .readTree(asked.body())
                .path("page")
                .asInt();
        return expected.equals(asked.headers().get("x-signature"))
                        && "me".equals(asked.headers().get("x-app-id"))
                ? Say.json(BadApi.page(page, 10, 20, 20))
                : Say.status(401, "bad signature");
    }

    @Test
    void redirectsAreFollowedAtHomeOnly() throws Exception {
        try (BadApi other = new BadApi()) {
            other.on("/", asked -> Say.json(BadApi.records(1, 2)));
            api.on("/new", asked -> Say.json(BadApi.records(1, 2)));
            api.on("/moved", asked -> Say.status(301, "").with("Location", "/new"));
            api.on("/away", asked -> Say.status(302, "").with("Location", other.address("/x")));
            api.on(
                    "/lured",
                    asked -> Say.json(
                            "{\"rows\":" + BadApi.records(1, 2) + ",\"next\":\"" + other.address("/x") + "\"}"));

            assertThat(collect("moved", at("/moved")).rowsLanded()).isEqualTo(2);
            assertThatThrownBy(() -> lakeside.collector.inspect(at("/away")))
                    .isInstanceOfSatisfying(
                            Problem.class,
                            problem -> assertThat(problem.code()).isEqualTo(CollectProblem.ADDRESS_REFUSED));
            assertThat(collect("lured", at("/lured")).reasonCode()).isEqualTo("collect.address_refused");
            assertThat(other.asked).isEmpty();
        }
    }

    @Test
    void columnsAreLearnedOverAllPagesAndNothingInThemIsLost() {
        api.on(
                "/odd",
                asked -> Say.json(
                        switch (asked.number("page")) {
                            case 1 -> """
                    {"total": 4, "list": [{"id": 1, "when": "2026-01-02 03:04:05", "day": "2026-01-02", "ok": true, "big": 12345678901234567890,
                      "amount": 1.10, "mixed": 1, "inner": {"a": [1, 2]}, "at": "2026-01-02T03:04:05+08:00", "Name": "a", "name": "b"},
                     {"id": 2, "when": null, "amount": 22.123, "mixed": "x", "inner": null}]}""";
                            case 2 -> """
                    {"total": 4, "list": [{"id": 3, "late": "new", "amount": -3, "nul": "a\\u0000b", "half": "\\ud800", "rare": "𠮷"}, "just text"]}""";
                            default -> "{\"total\": 4, \"list\": null}";
                        }));

        ObjectResult result = collect("odd", at("/odd?page=1"));

        assertThat(result.reasonCode()).isEqualTo("collect.rejects");
        assertThat(result.valuesRejected()).isEqualTo(1);
        assertThat(result.rowsLanded()).isEqualTo(4);
        assertThat(result.columns())
                .extracting(column -> column.lakeName() + " " + column.type())
                .containsExactly(
                        "id long",
                        "when timestamp",
                        "day date",
                        "ok boolean",
                        "big decimal(38,0)",
                        "amount decimal(18,3)",
                        "mixed string",
                        "inner string",
                        "at timestamptz",
                        "Name string",
                        "name_2 string",
                        "late string",
                        "nul string",
                        "half string",
                        "rare string",
                        "value string");
        assertThat(
                        lakeside.rows(
                                "SELECT id, \"when\", day, big, amount, mixed, \"inner\", \"at\", \"Name\", name_2 FROM raw_odd.odd WHERE id = 1"))
                .containsExactly(List.of(
                        "1",
                        "2026-01-02 03:04:05",
                        "2026-01-02",
                        "12345678901234567890",
                        "1.100",
                        "1",
                        "{\"a\":[1,2]}",
                        "2026-01-01 19:04:05+00",
                        "a",
                        "b"));
        assertThat(lakeside.rows("SELECT late, nul, rare FROM raw_odd.odd WHERE id = 3"))
                .containsExactly(List.of("new", "a\u0000b", "𠮷"));
        assertThat(lakeside.rows("SELECT value FROM raw_odd.odd WHERE id IS NULL"))
                .containsExactly(List.of("just text"));
        assertThat(lakeside.rows("SELECT \"where\", \"column\", raw FROM ops_collect.rejects WHERE source = 'odd'"))
                .containsExactly(List.of("record 3", "half", "\"\\ud800\""));
    }

    @Test
    void aListWithoutRecordsIsAnEmptyTable() {
        api.on("/empty", asked -> Say.json("{\"total\":0,\"rows\":[]}"));

        ObjectResult result = collect("empty", at("/empty?page=1&rows=10"));

        assertThat(result.state()).as(result.reason()).isEqualTo(State.COMPLETE);
        assertThat(result.rowsAtSource()).hasValue(0);
        assertThat(lakeside.lake.tables()).hasSize(1);
    }

    @Test
    void anEmptyListWhoseTotalIsNotNothingIsRefused() {
        api.on("/hidden", asked -> Say.json("{\"total\":12,\"rows\":[]}"));

        assertThatThrownBy(() -> lakeside.collector.inspect(at("/hidden?page=1&rows=10")))
                .isInstanceOfSatisfying(
                        Problem.class, problem -> assertThat(problem.code()).isEqualTo(CollectProblem.TOTAL_DIFFERS));
    }

    @Test
    void onlyWhatChangedIsAskedForAndTakesThePlaceOfWhatWas() {
        Map<Integer, String> records = new java.util.TreeMap<>(
                Map.of(1, "2026-03-01 08:00:00", 2, "2026-03-01 09:00:00", 3, "2026-03-02 10:00:00"));
        AtomicInteger version = new AtomicInteger(1);
        api.on("/changes", asked -> {
            String after = asked.query().getOrDefault("updatedAfter", "");
            List<String> list = new ArrayList<>();
            records.forEach((id, at) -> {
                if (at.compareTo(after) >= 0) {
                    list.add("{\"id\":" + id + ",\"v\":" + version.get() + ",\"day\":\"2026-01-0" + id
                            + "\",\"z\":\"2026-01-01T00:00:0" + id + "Z\",\"fee\":1.5,\"ok\":false,\"updated\":\"" + at
                            + "\"}");
                }
            });
            return Say.json("{\"total\":" + list.size() + ",\"list\":[" + String.join(",", list) + "]}");
        });
        String resources = """
                [{"name": "changes", "since": {"param": "updatedAfter", "field": "updated", "key": ["id"],
                  "format": "yyyy-MM-dd HH:mm:ss", "overlapSeconds": 60}}]""";
        SourceAccess access = at("/changes", "resources", resources);

        ObjectResult first = collect("changes", access);
        version.set(2);
        records.put(2, "2026-03-03 11:00:00");
        records.put(4, "2026-03-03 12:00:00");
        records.remove(1);
        ObjectResult second = collect("changes", access);
        List<List<String>> afterSecond =
                lakeside.rows("SELECT id, v, day, z, fee, ok FROM raw_changes.changes ORDER BY id");
        ObjectResult full = collect("changes", at("/changes", "resources", resources, "inFull", "true"));

        assertThat(first.rowsLanded()).isEqualTo(3);
        assertThat(second.state()).as(second.reason()).isEqualTo(State.COMPLETE);
        assertThat(second.rowsAtSource()).hasValue(4);
        assertThat(second.position())
                .contains("changes since 2026-03-02 09:59:00")
                .contains("rows kept 1");
        assertThat(second.columns())
                .usingRecursiveComparison()
                .comparingOnlyFields("lakeName", "type")
                .isEqualTo(first.columns());
        assertThat(afterSecond)
                .extracting(row -> row.get(0) + " " + row.get(1))
                .containsExactly("1 1", "2 2", "3 2", "4 2");
        assertThat(afterSecond.getFirst())
                .containsExactly("1", "1", "2026-01-01", "2026-01-01 00:00:01+00", "1.5", "false");
        assertThat(full.rowsLanded()).isEqualTo(3);
        assertThat(ids("raw_changes.changes")).containsExactly(2, 3, 4);
    }

    @Test
    void aValueThatChangedAtTheInterfaceIsFoundAndPutRight() {
        AtomicInteger fee = new AtomicInteger(5);
        api.on("/fees", asked -> Say.json("[{\"id\":1,\"fee\":4},{\"id\":2,\"fee\":" + fee.get() + "}]"));
        SourceAccess access = at("/fees");
        collect("fees", access);

        TableComparison before = verify("fees", access);
        fee.set(6);
        TableComparison found = verify("fees", access);

        assertThat(before.state()).as(before.reason()).isEqualTo(TableComparison.State.EQUAL);
        assertThat(found.state()).isEqualTo(TableComparison.State.DIFFERENT);
        assertThat(found.columns().stream().filter(column -> !column.holds()).map(column -> column.column()))
                .containsExactly("fee");
        assertThat(found.repair()).isEqualTo(TableComparison.Repair.ROWS_REPAIRED);
        assertThat(lakeside.rows("SELECT fee FROM raw_fees.fees WHERE id = 2")).containsExactly(List.of("6"));
        assertThat(verify("fees", access).state()).isEqualTo(TableComparison.State.EQUAL);
    }

    private TableComparison verify(String source, SourceAccess access) {
        return lakeside
                .verify(new CollectionWorker.VerifyOrder(
                        "verify",
                        source,
                        access,
                        null,
                        true,
                        Verification.Aim.REPAIR,
                        Set.of(),
                        Set.of(),
                        List.of(),
                        null))
                .values()
                .stream()
                .findFirst()
                .orElseThrow();
    }

    @Test
    void nothingIsLeftBehindInTheTemporaryFolder() throws Exception {
        api.on("/list", asked -> Say.json(BadApi.records(1, 10)));
        Collector collector = new Collector(lakeside.lake, 2, folder.resolve("drivers"), folder.resolve("spools"));

        collector.run(new CollectionWorker.RunOrder("tidy", "tidy", at("/list"), "", Set.of()), event -> {});

        assertThat(ids("raw_tidy.list")).hasSize(10);
        try (var files = Files.list(folder.resolve("spools"))) {
            assertThat(files).isEmpty();
        }
    }
}

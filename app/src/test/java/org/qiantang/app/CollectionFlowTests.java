package org.qiantang.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qiantang.app.RunningHub.Answer;
import org.qiantang.app.ScriptedWorker.Table;
import org.qiantang.collect.ReceiptVerifier;
import org.qiantang.collect.RunEvent;
import org.qiantang.core.Sealing;
import org.qiantang.org.Role;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/** From a department's source to the signed receipt, through the API. */
class CollectionFlowTests {
    static final Table RESIDENT = new Table(
            "public",
            "resident",
            "常住人口登记",
            List.of("id", "xm:姓名", "id_number:公民身份号码", "mobile:联系电话", "home_address:现住址", "remark"),
            List.of(
                    Arrays.asList("1", "王小明", "11010519491231002X", "13812345678", "浙江省杭州市西湖区文三路100号", "a"),
                    Arrays.asList("2", "李芳", "330106180012310008", "13987654321", "浙江省杭州市拱墅区湖墅南路5号2幢301室", "b"),
                    Arrays.asList("3", "张伟", "330110180012310010", "15012345678", "杭州市滨江区江南大道88号", null)));
    static final Table STATION = new Table(
            "public",
            "station",
            "监测站点",
            List.of("code", "name_100%:站点", "pm_25"),
            List.of(List.of("A1", "和睦小学", "35")));

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

    @Test
    void everythingThatWasFoundIsInTheReceiptAndTheReceiptHoldsAgainstItsKeyOnly() {
        String source = hub.addSource("police", "police");
        hub.worker.script("police", run -> {
            run.discover(RESIDENT, STATION);
            run.land(RESIDENT);
            run.land(STATION);
        });

        JsonNode run = hub.collect(source);
        byte[] document = hub.as(Role.AUDITOR)
                .get("/api/runs/" + run.path("id").asString() + "/receipt")
                .body();

        assertThat(run.path("state").asString()).isEqualTo("COMPLETE");
        assertThat(run.path("rows").asLong()).isEqualTo(4);
        assertThat(run.path("tables").path("found").asInt()).isEqualTo(2);
        var verified = ReceiptVerifier.verify(document, hub.receiptKeys.getPublic());
        assertThat(verified.findings()).isEmpty();
        var receipt = verified.receipt().orElseThrow();
        assertThat(receipt.objects()).hasSize(3);
        assertThat(receipt.totals().completeTables()).isEqualTo(2);
        assertThat(receipt.totals().rowsLanded()).isEqualTo(4);
        assertThat(receipt.source().department()).isEqualTo("police");
        assertThat(receipt.missing()).isEmpty();
        assertThat(ReceiptVerifier.verify(document, Sealing.newKeyPair().getPublic())
                        .isValid())
                .isFalse();
        for (int i = 0; i < document.length; i++) {
            byte[] changed = document.clone();
            changed[i] ^= 1;
            assertThat(ReceiptVerifier.verify(changed, hub.receiptKeys.getPublic())
                            .isValid())
                    .as("byte %d", i)
                    .isFalse();
        }
    }

    @Test
    void whatACollectionMeasuredOnTheWayArrivesWithItWithoutASensitiveValue() {
        String source = hub.addSource("profiled", "police");
        hub.worker.script("profiled", run -> {
            run.discover(RESIDENT);
            run.land(RESIDENT);
        });
        hub.collect(source);

        JsonNode resource = hub.as(Role.ANALYST)
                .get("/api/resources")
                .json()
                .path("items")
                .valueStream()
                .filter(each -> each.path("lakeTable").asString().equals("raw_profiled.public__resident"))
                .findFirst()
                .orElseThrow();
        JsonNode profile = hub.as(Role.ANALYST)
                .get("/api/resources/" + resource.path("id").asString() + "/profile")
                .json();

        assertThat(profile.path("snapshotId")).isEqualTo(resource.path("snapshotId"));
        assertThat(profile.path("current").asBoolean()).isTrue();
        assertThat(profile.path("rows").asLong()).isEqualTo(3);
        assertThat(profile.path("columns")
                        .valueStream()
                        .map(each -> each.path("profile").path("column").asString() + " "
                                + each.path("profile").path("nulls").asLong())
                        .toList())
                .containsExactly("id 0", "xm 0", "id_number 0", "mobile 0", "home_address 0", "remark 1");
        assertThat(profile.toString()).contains("9{18}").doesNotContain("11010519491231002X", "13812345678");
    }

    @Test
    void aFileThatDidNotChangeKeepsItsProofsAndTheReceiptSaysSinceWhichSnapshot() {
        String source = hub.addSource("files", "police");
        hub.worker.script("files", run -> {
            run.discoverFile(STATION, "aa");
            run.land(STATION);
        });
        JsonNode first = item(receipt(hub.collect(source)));
        hub.worker.script("files", run -> {
            run.discoverFile(STATION, "aa");
            run.unchanged(STATION);
        });

        JsonNode second = hub.collect(source);

        assertThat(last("files").carriable()).containsExactly(Map.entry("public__station", "aa"));
        assertThat(second.path("state").asString()).isEqualTo("COMPLETE");
        JsonNode carried = item(receipt(second));
        assertThat(carried.path("details").path("unchangedSince").asString())
                .isEqualTo(first.path("snapshotId").asString());
        assertThat(carried.path("snapshotId")).isEqualTo(first.path("snapshotId"));
        assertThat(carried.path("columns")).isEqualTo(first.path("columns"));
        assertThat(carried.path("finishedAt")).isEqualTo(first.path("finishedAt"));
        assertThat(carried.path("rowsLanded").asLong()).isEqualTo(1);

        JsonNode third = item(receipt(hub.collect(source)));
        assertThat(third.path("details").path("unchangedSince").asString())
                .isEqualTo(first.path("snapshotId").asString());

        hub.operator().post("/api/sources/" + source + "/runs?full=true", null);
        Awaitility.await().until(() -> last("files").carriable().isEmpty());
    }

    @Test
    void aFileWithAnotherHashIsNotCarriedOverWhateverTheWorkerSays() {
        String source = hub.addSource("swapped", "police");
        hub.worker.script("swapped", run -> {
            run.discoverFile(STATION, "aa");
            run.land(STATION);
        });
        hub.collect(source);
        hub.worker.script("swapped", run -> {
            run.discoverFile(STATION, "bb");
            run.unchanged(STATION);
        });

        JsonNode run = hub.collect(source);

        assertThat(run.path("state").asString()).isEqualTo("INCOMPLETE");
        assertThat(item(receipt(run)).path("state").asString()).isEqualTo("FAILED");
    }

    private static JsonNode item(JsonNode receipt) {
        return receipt.path("objects").path(0);
    }

    private static org.qiantang.collect.CollectionWorker.RunOrder last(String source) {
        return hub.worker.orders.stream()
                .filter(order -> order.sourceName().equals(source))
                .reduce((a, b) -> b)
                .orElseThrow();
    }

    @Test
    void aReceiptCannotBeChangedInTheDatabase() {
        String source = hub.addSource("fixed", "police");
        hub.worker.script("fixed", run -> run.discover());
        hub.collect(source);

        assertThatThrownBy(() -> hub.bean(JdbcClient.class)
                        .sql("update collect_receipts set rows = 7")
                        .update())
                .hasMessageContaining("never changed");
    }

    @Test
    void theRunGoesOnWithWhatIsLeftWhenTheWorkerWasLost() {
        String source = hub.addSource("lost", "police");
        hub.worker.script(
                "lost",
                run -> {
                    run.discover(RESIDENT, STATION);
                    run.land(RESIDENT);
                    run.progress(STATION, 1);
                    ScriptedWorker.die();
                },
                run -> {
                    run.discover(RESIDENT, STATION);
                    run.land(RESIDENT);
                    run.land(STATION);
                });

        JsonNode run = hub.collect(source);

        assertThat(run.path("state").asString()).isEqualTo("COMPLETE");
        assertThat(run.path("attempt").asInt()).isEqualTo(2);
        List<CollectionOrder> orders = orders(run);
        assertThat(orders).hasSize(2);
        assertThat(orders.get(0).finished).isEmpty();
        assertThat(orders.get(1).finished).containsExactly("public__resident");
        assertThat(receipt(run).path("attempts")).hasSize(2);
    }

    @Test
    void aTableOverWhichTheWorkerAlwaysDiesCostsOnlyItself() {
        String source = hub.addSource("poison", "police");
        hub.worker.script("poison", run -> {
            run.discover(RESIDENT, STATION);
            run.land(RESIDENT);
            if (!run.order.finished().contains(STATION.lakeName())) {
                run.progress(STATION, 1);
                ScriptedWorker.die();
            }
        });

        JsonNode run = hub.collect(source);

        assertThat(run.path("state").asString()).isEqualTo("INCOMPLETE");
        assertThat(receipt(run).path("missing").toString())
                .contains("public.station")
                .contains("collect.worker_lost");
        assertThat(receipt(run).path("totals").path("completeTables").asInt()).isEqualTo(1);
    }

    @Test
    void aRunThatTheHubLeftBehindIsTakenUpAtItsNextStart() throws Exception {
        String source = hub.addSource("restart", "police");
        CountDownLatch reading = new CountDownLatch(1);
        hub.worker.script(
                "restart",
                run -> {
                    run.discover(RESIDENT, STATION);
                    run.land(RESIDENT);
                    reading.countDown();
                    new CountDownLatch(1).await();
                },
                run -> {
                    run.discover(RESIDENT, STATION);
                    run.land(STATION);
                });
        String run = hub.start(source);
        assertThat(reading.await(30, TimeUnit.SECONDS)).isTrue();

        hub.stop();
        hub.start();
        JsonNode ended = hub.awaitEnd(run);

        assertThat(ended.path("state").asString()).isEqualTo("COMPLETE");
        assertThat(orders(ended).getLast().finished).containsExactly("public__resident");
        assertThat(ended.path("rows").asLong()).isEqualTo(4);
    }

    @Test
    void aTableThatCannotBeReadIsNamedAndTheOthersAreCollected() {
        String source = hub.addSource("partly", "health");
        hub.worker.script("partly", run -> {
            run.discover(RESIDENT, STATION);
            run.refuse(RESIDENT, RunEvent.State.UNREADABLE, "collect.no_select_privilege");
            run.land(STATION);
        });

        JsonNode run = hub.collect(source);

        assertThat(run.path("state").asString()).isEqualTo("INCOMPLETE");
        JsonNode receipt = receipt(run);
        assertThat(receipt.path("verdict").asString()).isEqualTo("incomplete");
        assertThat(receipt.path("missing").get(0).path("object").asString()).isEqualTo("public.resident");
        JsonNode reason = run.path("objects").get(0).path("reason");
        assertThat(reason.path("code").asString()).isEqualTo("collect.no_select_privilege");
        assertThat(reason.path("zh").asString()).contains("没有查询权限");
        JsonNode health = overviewOf("health");
        assertThat(health.path("completeness").asDouble()).isEqualTo(0.5);
        assertThat(health.path("state").asString()).isEqualTo("INCOMPLETE");
        assertThat(health.path("tablesState").get(0).path("resourceId").isString())
                .isTrue();
    }

    @Test
    void whatAWorkerCallsCompleteWithoutProofIsNot() {
        String source = hub.addSource("unproven", "police");
        hub.worker.script("unproven", run -> {
            run.discover(STATION);
            run.landWrongly(STATION);
        });

        JsonNode run = hub.collect(source);

        assertThat(run.path("state").asString()).isEqualTo("INCOMPLETE");
        assertThat(receipt(run).path("missing").get(0).path("code").asString()).isEqualTo("collect.proof_failed");
    }

    @Test
    void aSourceThatCannotBeOpenedFailsWithASentenceAndKeepsItsReceipt() {
        String source = hub.addSource("closed", "culture");

        JsonNode run = hub.collect(source);

        assertThat(run.path("state").asString()).isEqualTo("FAILED");
        assertThat(run.path("message").path("zh").asString()).contains("无法连接来源");
        assertThat(run.path("message").path("en").asString()).contains("Cannot reach the source");
        assertThat(receipt(run).path("verdict").asString()).isEqualTo("incomplete");
        assertThat(overviewOf("culture").path("state").asString()).isEqualTo("FAILED");
        assertThat(overviewOf("culture").path("completeness").isNull()).isTrue();
        assertThat(hub.operator().get("/api/overview").json().path("attention").toString())
                .contains("RUN_FAILED");
    }

    @Test
    void aSourceRunsOnceAtATimeAndACancelledRunKeepsWhatItFinished() throws Exception {
        String source = hub.addSource("slow", "police");
        hub.worker.script("slow", run -> {
            run.discover(RESIDENT, STATION);
            run.land(RESIDENT);
            run.progress(STATION, 0);
            Awaitility.await().atMost(Duration.ofSeconds(30)).until(run::isCancelled);
        });
        String run = hub.start(source);
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(() -> hub.operator()
                                .get("/api/runs/" + run)
                                .json()
                                .path("tables")
                                .path("finished")
                                .asInt()
                        == 1);

        Answer second = hub.operator().post("/api/sources/" + source + "/runs", null);
        Answer deleted = hub.operator().delete("/api/sources/" + source + "?confirm=slow");
        Answer early = hub.operator().get("/api/runs/" + run + "/receipt");
        Answer cancelled = hub.operator().post("/api/runs/" + run + "/cancel", null);
        JsonNode ended = hub.awaitEnd(run);

        assertThat(second.status()).isEqualTo(409);
        assertThat(second.code()).isEqualTo("collect.already_running");
        assertThat(second.json().path("run").path("id").asString()).isEqualTo(run);
        assertThat(deleted.code()).isEqualTo("collect.already_running");
        assertThat(early.code()).isEqualTo("collect.no_receipt");
        assertThat(cancelled.status()).isEqualTo(202);
        assertThat(ended.path("state").asString()).isEqualTo("CANCELLED");
        assertThat(receipt(ended).path("totals").path("completeTables").asInt()).isEqualTo(1);
        assertThat(receipt(ended).path("missing").toString()).contains("collect.cancelled");
        assertThat(hub.operator().post("/api/runs/" + run + "/cancel", null).code())
                .isEqualTo("collect.run_ended");
    }

    @Test
    void aListenerSeesTheWholeRunAndItsEnd() throws Exception {
        String source = hub.addSource("watched", "police");
        hub.worker.script("watched", run -> {
            run.discover(RESIDENT, STATION);
            run.land(RESIDENT);
            run.land(STATION);
        });

        String run = hub.start(source);
        String events = hub.operator().get("/api/runs/" + run + "/events").text();

        assertThat(events).contains("event:run").contains("event:object").contains("event:end");
        assertThat(events).contains("\"state\":\"COMPLETE\"").contains("raw_watched.public__station");
    }

    @Test
    void aDeletedSourceIsGoneButItsReceiptsAreNot() {
        String source = hub.addSource("leaving", "police");
        hub.worker.script("leaving", run -> {
            run.discover(STATION);
            run.land(STATION);
        });
        JsonNode run = hub.collect(source);

        Answer wrong = hub.operator().delete("/api/sources/" + source + "?confirm=other");
        Answer right = hub.operator().delete("/api/sources/" + source + "?confirm=leaving");

        assertThat(wrong.code()).isEqualTo("collect.not_confirmed");
        assertThat(right.status()).isEqualTo(204);
        assertThat(hub.operator().get("/api/sources/" + source).status()).isEqualTo(404);
        assertThat(receipt(run).path("verdict").asString()).isEqualTo("complete");
        assertThat(hub.bean(JdbcClient.class)
                        .sql("select count(*) from collect_sources where id = ? and sealed_password is not null")
                        .param(java.util.UUID.fromString(source))
                        .query(Long.class)
                        .single())
                .isZero();
    }

    @Test
    void aSourceWithoutAProperPlaceIsRefusedInWordsThatHelp() {
        Map<String, String> wrong = Map.of(
                "jdbc:postgresql://u:p@h/db",
                "collect.password_in_location",
                "jdbc:postgresql://h/db?user=x",
                "collect.password_in_location",
                "jdbc:oracle:thin:scott/tiger@//h/db",
                "collect.password_in_location",
                "jdbc:h2:tcp://h/db;INIT=x",
                "collect.bad_location_parameter",
                "jdbc:h2:mem:x",
                "collect.bad_database_location",
                "jdbc:sqlite:" + home.resolve("secrets/x.db"),
                "collect.folder_not_allowed",
                "relative/folder",
                "collect.folder_not_allowed",
                home.resolve("secrets").toString(),
                "collect.folder_not_allowed",
                home.resolve("sources/../secrets").toString(),
                "collect.folder_not_allowed",
                "/",
                "collect.folder_not_allowed");
        List<String> codes = new ArrayList<>();
        wrong.forEach((location, code) -> {
            Answer answer = hub.operator()
                    .post(
                            "/api/sources",
                            Map.of(
                                    "name",
                                    "x",
                                    "title",
                                    "x",
                                    "departmentId",
                                    "police",
                                    "location",
                                    location,
                                    "username",
                                    "u",
                                    "password",
                                    ""));
            assertThat(answer.code()).as(location).isEqualTo(code);
            codes.add(answer.code());
        });
        assertThat(codes).hasSize(wrong.size());
        assertThat(hub.operator()
                        .post(
                                "/api/sources",
                                Map.of("name", "Police!", "departmentId", "police", "location", "jdbc:postgresql:x"))
                        .code())
                .isEqualTo("collect.bad_name");
        assertThat(hub.operator()
                        .post(
                                "/api/sources/test",
                                Map.of("location", "jdbc:postgresql://h/db", "username", "u", "password", "p"))
                        .code())
                .isEqualTo("collect.source_unreachable");
    }

    private record CollectionOrder(java.util.Set<String> finished) {}

    private static List<CollectionOrder> orders(JsonNode run) {
        return hub.worker.orders.stream()
                .filter(order -> order.runId().equals(run.path("id").asString()))
                .map(order -> new CollectionOrder(order.finished()))
                .toList();
    }

    private static JsonNode receipt(JsonNode run) {
        Answer answer = hub.operator().get("/api/runs/" + run.path("id").asString() + "/receipt");
        assertThat(ReceiptVerifier.verify(answer.body(), hub.receiptKeys.getPublic())
                        .toString())
                .as(new String(answer.body(), StandardCharsets.UTF_8))
                .isEqualTo("valid");
        return answer.json().path("receipt");
    }

    private static JsonNode overviewOf(String department) {
        for (JsonNode each : hub.operator().get("/api/overview").json().path("departments")) {
            if (each.path("id").asString().equals(department)) {
                return each;
            }
        }
        throw new AssertionError("No department " + department);
    }
}

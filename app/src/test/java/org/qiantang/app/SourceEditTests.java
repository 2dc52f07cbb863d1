package org.qiantang.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qiantang.app.RunningHub.Answer;
import org.qiantang.collect.CollectionWorker.RunOrder;
import tools.jackson.databind.JsonNode;

/** A source that is changed after it was connected. */
class SourceEditTests {
    @TempDir
    static Path home;

    private static RunningHub hub;

    @BeforeAll
    static void start() throws Exception {
        hub = new RunningHub(home);
        hub.worker.script("reachable", run -> run.discover());
    }

    @AfterAll
    static void stop() {
        hub.close();
    }

    @Test
    void anotherDepartmentAnswersForWhatTheSourceBroughtAndItsPasswordStays() {
        String source = hub.addSource("moved", "police");
        hub.worker.script("moved", run -> {
            run.discover(CollectionFlowTests.STATION);
            run.land(CollectionFlowTests.STATION);
        });
        hub.collect(source);

        Answer answer = edit(source, "moved", Map.of("title", "环境站点", "departmentId", "environment"));

        assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
        assertThat(answer.json().path("source").path("title").asString()).isEqualTo("环境站点");
        assertThat(answer.text()).doesNotContain("geheim");
        assertThat(hub.operator()
                        .get("/api/resources?q=raw_moved&department=environment")
                        .json()
                        .path("total")
                        .asInt())
                .isEqualTo(1);
        hub.collect(source);
        assertThat(lastOrder("moved").access().secret()).isEqualTo("geheim");
    }

    @Test
    void aPasswordIsNotSentToANewPlace() {
        String source = hub.addSource("elsewhere", "police");
        hub.worker.script("elsewhere", run -> run.discover());
        Map<String, Object> elsewhere = Map.of("location", "jdbc:postgresql://203.0.113.9:5432/elsewhere");

        assertThat(edit(source, "elsewhere", elsewhere).code()).isEqualTo("collect.secret_needed");
        assertThat(test(source, "elsewhere", elsewhere).code()).isEqualTo("collect.secret_needed");
        assertThat(edit(source, "elsewhere", Map.of("username", "other")).code())
                .isEqualTo("collect.secret_needed");
        assertThat(get(source).path("location").asString()).contains("127.0.0.1");

        Map<String, Object> typed = new HashMap<>(elsewhere);
        typed.put("password", "neu");
        assertThat(test(source, "elsewhere", typed).status()).isEqualTo(200);
        assertThat(edit(source, "elsewhere", typed).status()).isEqualTo(200);
        hub.collect(source);
        assertThat(lastOrder("elsewhere").access().secret()).isEqualTo("neu");
        assertThat(lastOrder("elsewhere").access().location()).contains("203.0.113.9");
    }

    @Test
    void anInterfacesKeyStaysAtItsServer() {
        String source = hub.operator()
                .post(
                        "/api/sources",
                        Map.of(
                                "name", "permits",
                                "departmentId", "police",
                                "location", "http://127.0.0.1:9",
                                "password", "key",
                                "settings", Map.of("auth", "header")))
                .json()
                .path("id")
                .asString();
        Map<String, Object> same = Map.of("location", "http://127.0.0.1:9");

        assertThat(edit(source, "permits", with(same, "[{\"name\":\"a\",\"path\":\"/v2/a\"}]"))
                        .status())
                .isEqualTo(200);
        for (String path : java.util.List.of("@127.0.0.2:9/a", "9/a")) {
            assertThat(edit(source, "permits", with(same, "[{\"name\":\"a\",\"path\":\"" + path + "\"}]"))
                            .code())
                    .isEqualTo("collect.bad_setting");
        }
        Map<String, Object> bearer = with(same, "[]");
        bearer.put("settings", Map.of("auth", "bearer"));
        assertThat(edit(source, "permits", bearer).code()).isEqualTo("collect.secret_needed");
    }

    @Test
    void nothingIsChangedUnderARun() throws Exception {
        String source = hub.addSource("busy", "police");
        CountDownLatch go = new CountDownLatch(1);
        hub.worker.script("busy", run -> {
            run.discover();
            go.await();
        });
        String run = hub.start(source);
        try {
            assertThat(edit(source, "busy", Map.of("password", "neu")).code()).isEqualTo("collect.already_running");
            assertThat(edit(source, "busy", Map.of("title", "忙")).status()).isEqualTo(200);
        } finally {
            go.countDown();
        }
        hub.awaitEnd(run);
        assertThat(edit(source, "busy", Map.of("password", "neu")).status()).isEqualTo(200);
    }

    @Test
    void aFollowedSourceThatMovedIsCollectedAnewAndItsFormerPlaceForgetsUs() {
        String source = hub.addSource("followed", "police");
        hub.worker.script("followed", run -> run.discover());
        hub.operator().post("/api/sources/" + source + "/following", null);
        String before = awaitFollower("");

        assertThat(edit(source, "followed", Map.of("password", "neu")).status()).isEqualTo(200);
        assertThat(hub.worker.released).isEmpty();

        Answer moved = edit(
                source, "followed", Map.of("location", "jdbc:postgresql://127.0.0.1:5433/followed", "password", "neu"));

        assertThat(moved.status()).as(moved.toString()).isEqualTo(200);
        assertThat(moved.json().path("leftBehind").isNull()).isTrue();
        assertThat(hub.worker.released).singleElement().satisfies(order -> {
            assertThat(order.follower()).isEqualTo(before);
            assertThat(order.access().location()).contains(":5432/");
        });
        assertThat(awaitFollower(before)).isNotEqualTo(before);
        assertThat(edit(source, "followed", Map.of("location", "jdbc:h2:tcp://127.0.0.1/followed", "password", "neu"))
                        .code())
                .isEqualTo("collect.following_impossible");
    }

    @Test
    void aStreamStaysAStream() {
        String stream = hub.operator()
                .post("/api/sources", Map.of("name", "bells", "departmentId", "police", "location", "events:"))
                .json()
                .path("id")
                .asString();

        assertThat(edit(stream, "bells", Map.of("location", "hj212:", "username", ""))
                        .status())
                .isEqualTo(200);
        assertThat(edit(stream, "bells", Map.of("location", "/srv/bells", "username", ""))
                        .code())
                .isEqualTo("collect.kind_stays");
    }

    /** The follower named by the newest order that is not {@code former}. */
    private static String awaitFollower(String former) {
        return await().until(
                        () -> hub.worker.orders.stream()
                                .filter(order -> order.sourceName().equals("followed"))
                                .map(RunOrder::follower)
                                .reduce("", (a, b) -> b),
                        follower -> !follower.isEmpty() && !follower.equals(former));
    }

    private static Map<String, Object> with(Map<String, Object> edit, String lists) {
        Map<String, Object> all = new HashMap<>(edit);
        all.put("username", "");
        all.put("settings", Map.of("auth", "header", "resources", lists));
        return all;
    }

    private static RunOrder lastOrder(String source) {
        return hub.worker.orders.stream()
                .filter(order -> order.sourceName().equals(source))
                .reduce((a, b) -> b)
                .orElseThrow();
    }

    private static JsonNode get(String source) {
        return hub.operator().get("/api/sources/" + source).json();
    }

    private static Answer edit(String source, String name, Map<String, ?> changes) {
        return hub.operator().call("PUT", "/api/sources/" + source, body(name, changes));
    }

    private static Answer test(String source, String name, Map<String, ?> changes) {
        return hub.operator().post("/api/sources/" + source + "/test", body(name, changes));
    }

    private static Map<String, Object> body(String name, Map<String, ?> changes) {
        Map<String, Object> body = new HashMap<>(Map.of(
                "title",
                name,
                "departmentId",
                "police",
                "location",
                "jdbc:postgresql://127.0.0.1:5432/" + name,
                "username",
                "reader"));
        body.putAll(changes);
        return body;
    }
}

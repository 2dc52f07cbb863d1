package org.qiantang.app;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt3.Mqtt3BlockingClient;
import com.hivemq.client.mqtt.mqtt3.Mqtt3Client;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qiantang.app.RunningHub.Answer;
import org.qiantang.app.RunningHub.Client;
import org.qiantang.collect.EventDoors;
import org.qiantang.collect.Storage;
import org.qiantang.collect.internal.Connector.Message;
import org.qiantang.collect.internal.Connector.RejectedRow;
import org.qiantang.collect.internal.Rejects;
import org.qiantang.lake.LakeException;
import org.qiantang.org.Role;
import org.qiantang.testing.Lakes;
import tools.jackson.databind.JsonNode;

/** Devices, their tokens, and the way of an event from the request to the lake. */
class EventsTests {
    private static final String PACKET =
            "##0170QN=20230923080000001;ST=22;CN=2011;PW=123456;MN=330106000000000000000001;Flag=5;CP=&&DataTime=20230923080000;a34004-Rtd=23.0,a34004-Flag=N;a05024-Rtd=61.0,a05024-Flag=N&&3240\r\n";

    @TempDir
    static Path home;

    private static RunningHub hub;
    private static HttpClient http;

    @BeforeAll
    static void start() throws Exception {
        hub = new RunningHub(home);
        hub.stop();
        hub.start(new String[] {"--qiantang.events.hj212-port=-1", "--qiantang.events.mqtt-port=-1"});
        http = HttpClient.newHttpClient();
    }

    @AfterAll
    static void stop() {
        http.close();
        hub.close();
    }

    @Test
    void eventsThatWereAnsweredLandWithTheirRejects() throws Exception {
        String stream = add("air", "events:");
        String token = register(stream, "station-1", false);

        Answer answer = push("air", token, "application/x-ndjson", """
                {"device":"station-1","time":"2026-11-23T08:00:00+08:00","pm25":23.5}
                {"device":"station-1","time":"2026-11-23T08:01:00+08:00","pm25":24}
                not json""".getBytes(UTF_8), false);

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.json().path("accepted").asInt()).isEqualTo(2);
        assertThat(answer.json().path("rejected").asInt()).isEqualTo(1);
        assertThat(answer.json().path("rejects").path(0).path("line").asInt()).isEqualTo(3);
        assertThat(answer.json().path("rejects").path(0).path("code").asString())
                .isEqualTo("collect.event_not_json");
        awaitRows(
                "SELECT _device, pm25 FROM raw_air.events ORDER BY _time",
                List.of(List.of("station-1", "23.5"), List.of("station-1", "24.0")));
        await().untilAsserted(() -> {
            JsonNode state =
                    hub.operator().get("/api/sources/" + stream + "/events").json();
            assertThat(state.path("totals").path("landed").asInt()).isEqualTo(2);
            assertThat(state.path("totals").path("rejected").asInt()).isEqualTo(1);
            assertThat(state.path("minutes").path(0).path("events").asInt()).isEqualTo(2);
        });
        JsonNode rejects =
                hub.as(Role.ENGINEER).get("/api/sources/" + stream + "/rejects").json();
        assertThat(rejects.path("items").path(0).path("where").asString()).isEqualTo("station-1:3");
        assertThat(rejects.path("items").path(0).path("raw").asString()).isEqualTo("not json");
        JsonNode devices =
                hub.operator().get("/api/sources/" + stream + "/devices").json();
        assertThat(devices.path(0).path("events").asInt()).isEqualTo(2);
        assertThat(devices.toString()).doesNotContain("qte_");
        JsonNode resources = hub.operator().get("/api/resources?q=raw_air").json();
        assertThat(resources.path("items").path(0).path("rows").asInt()).isEqualTo(2);
    }

    @Test
    void whatWasRejectedIsReadAgainByTheRulesOfNowAndLandsOnce() throws Exception {
        String stream = add("odour", "events:");
        String token = register(stream, "nose", false);
        byte[] chinese = "{\"place\":\"下沙\"}".getBytes(Charset.forName("GBK"));
        push("odour", token, "application/x-ndjson", chinese, false);
        push("odour", token, "application/x-ndjson", chinese, false);
        push("odour", token, "application/x-ndjson", "not json".getBytes(UTF_8), false);
        Client engineer = hub.as(Role.ENGINEER);
        String rejects = "/api/sources/" + stream + "/rejects";
        await().untilAsserted(() ->
                assertThat(engineer.get(rejects).json().path("total").asInt()).isEqualTo(2));

        JsonNode still = engineer.post(rejects + "/replay", Map.of()).json();
        assertThat(still.path("messages").path("read").asInt()).isEqualTo(2);
        assertThat(still.path("messages").path("taken").asInt()).isZero();
        assertThat(hub.operator()
                        .call(
                                "PUT",
                                "/api/sources/" + stream,
                                Map.of(
                                        "departmentId", "environment",
                                        "location", "events:",
                                        "settings", Map.of("encoding", "gb18030")))
                        .status())
                .isEqualTo(200);
        JsonNode taken = engineer.post(rejects + "/replay", Map.of("object", "", "code", "collect.event_not_json"))
                .json();
        assertThat(taken.path("messages").path("read").asInt()).isEqualTo(2);
        assertThat(taken.path("messages").path("taken").asInt()).isEqualTo(1);

        awaitRows("SELECT _device, place FROM raw_odour.events", List.of(List.of("nose", "下沙")));
        await().untilAsserted(() -> assertThat(engineer.get(rejects + "?open=false")
                        .json()
                        .path("total")
                        .asInt())
                .isEqualTo(1));
        JsonNode settled =
                engineer.get(rejects + "?open=false").json().path("items").path(0);
        assertThat(settled.path("state").asString()).isEqualTo("REPLAYED");
        assertThat(settled.path("replay").path("by").asString()).isEqualTo("engineer");
        assertThat(settled.path("replay").path("run").isNull()).isTrue();
        JsonNode open = engineer.get(rejects + "?open=true").json().path("items");
        assertThat(open.size()).isEqualTo(1);
        assertThat(open.path(0).path("raw").asString()).isEqualTo("not json");
        JsonNode again = engineer.post(rejects + "/replay", Map.of()).json();
        assertThat(again.path("messages").path("read").asInt())
                .as("what is an event is not read again")
                .isEqualTo(1);
        JsonNode totals =
                hub.operator().get("/api/sources/" + stream + "/events").json().path("totals");
        assertThat(totals.path("replayed").asInt()).isEqualTo(1);
        assertThat(totals.path("landed").asInt()).isEqualTo(1);
    }

    @Test
    void messagesOfEveryDoorAreReplayedForTheirOwnDevice() throws Exception {
        String push = add("canal", "events:");
        String bus = add("bus", "mqtt://127.0.0.1:1", Map.of("topics", "bus/+", "topic-device", "2"));
        register(push, "gauge", false);
        register(push, "other", false);
        register(bus, "7", false);
        // A rule that refused what the rules of now take.
        refused(
                push,
                "canal",
                new Message("1", "gauge", "", 1_000_000, "LINES", null),
                "{\"device\":\"gauge\",\"v\":1}");
        refused(
                push,
                "canal",
                new Message("2", "gauge", "", 1_000_000, "LINES", null),
                "{\"device\":\"other\",\"v\":2}");
        refused(push, "canal", new Message("3", "gauge", "", 1_000_000, "LINES", ""), "{\"v\":3}");
        refused(bus, "bus", new Message("4", "", "bus/7", 2_000_000, "MESSAGE", null), "{\"v\":4}");
        Client engineer = hub.as(Role.ENGINEER);

        assertThat(engineer.post("/api/sources/" + push + "/rejects/replay", null)
                        .json()
                        .path("messages")
                        .path("taken")
                        .asInt())
                .as("one was not kept whole")
                .isEqualTo(2);
        assertThat(engineer.post("/api/sources/" + bus + "/rejects/replay", null)
                        .json()
                        .path("messages")
                        .path("taken")
                        .asInt())
                .isEqualTo(1);

        awaitRows("SELECT _device, v FROM raw_canal.events", List.of(List.of("gauge", "1.0")));
        awaitRows(
                "SELECT _device, _origin, v, epoch(_received_at) FROM raw_bus.events",
                List.of(List.of("7", "bus/7", "4.0", "2.0")));
        await().untilAsserted(() -> assertThat(hub.operator()
                        .get("/api/sources/" + push + "/quarantine")
                        .json()
                        .path(0)
                        .path("device")
                        .asString())
                .as("a device speaks for itself only, in a replay too")
                .isEqualTo("other"));
    }

    private static void refused(String stream, String source, Message message, String raw) {
        Rejects.Of rejects = new Rejects(hub.lake, stream, source).of("events");
        rejects.add(new RejectedRow("line " + message.id(), "", "collect.event_not_json", "too strict", raw, message));
        rejects.commit();
    }

    @Test
    void oneEventOrACompressedBatchIsTakenAsWell() throws Exception {
        String stream = add("water", "events:");
        String token = register(stream, "gauge", false);
        ByteArrayOutputStream zipped = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(zipped)) {
            out.write("{\"v\":2}\n{\"v\":3}\n".getBytes(UTF_8));
        }

        assertThat(push("water", token, "application/json", "{\n \"v\": 1\n}".getBytes(UTF_8), false)
                        .status())
                .isEqualTo(200);
        assertThat(push("water", token, "application/x-ndjson", zipped.toByteArray(), true)
                        .json()
                        .path("accepted")
                        .asInt())
                .isEqualTo(2);
        assertThat(push("water", token, "application/x-ndjson", java.util.Arrays.copyOf(zipped.toByteArray(), 12), true)
                        .code())
                .isEqualTo("collect.events_unreadable");
        assertThat(push("water", token, "application/x-ndjson", new byte[(16 << 20) + 1], false)
                        .code())
                .isEqualTo("collect.events_too_large");

        awaitRows("SELECT v FROM raw_water.events ORDER BY v", List.of(List.of("1.0"), List.of("2.0"), List.of("3.0")));
    }

    @Test
    void nothingIsAcknowledgedWhileStorageFails() throws Exception {
        String stream = add("dust", "events:");
        String token = register(stream, "meter", false);
        byte[] event = "{\"pm10\":50}".getBytes(UTF_8);
        Path obstacle = Files.createDirectories(home.resolve("events/.probe/in the way"));
        hub.bean(Storage.class).failed(new LakeException(LakeException.Kind.DISK_FAILED, "Input/output error"));

        Answer refused = push("dust", token, "application/json", event, false);

        assertThat(refused.status()).isEqualTo(503);
        assertThat(refused.code()).isEqualTo("core.storage_failing");
        assertThat(refused.headers().firstValue("Retry-After")).isPresent();
        JsonNode shown = hub.as(Role.AUDITOR).get("/api/storage").json();
        assertThat(shown.path("health").asString()).isEqualTo("FAILING");
        assertThat(shown.path("message").path("zh").asString()).startsWith("暂不接收新数据");
        try (Socket device =
                new Socket("127.0.0.1", hub.bean(EventDoors.class).hj212Port().orElseThrow())) {
            device.getOutputStream().write(PACKET.getBytes(ISO_8859_1));
            assertThat(device.getInputStream().read())
                    .as("cut without an answer")
                    .isEqualTo(-1);
        }
        Files.delete(obstacle);
        await().until(() ->
                push("dust", token, "application/json", event, false).status() == 200);
        awaitRows("SELECT pm10 FROM raw_dust.events", List.of(List.of("50.0")));
    }

    @Test
    void whatADevicePublishesByMqttLandsAndItsOldTokenEnds() throws Exception {
        String stream = add("river", "events:");
        String token = register(stream, "gauge", false);
        int port = await().until(() -> hub.bean(EventDoors.class).mqttPort(), java.util.Optional::isPresent)
                .orElseThrow();
        assertThat(hub.operator()
                        .get("/api/sources/" + stream + "/events")
                        .json()
                        .path("mqttPort")
                        .asInt())
                .isEqualTo(port);
        Mqtt3BlockingClient gauge =
                Mqtt3Client.builder().serverHost("127.0.0.1").serverPort(port).buildBlocking();
        gauge.connectWith()
                .simpleAuth()
                .username("river")
                .password(token.getBytes(UTF_8))
                .applySimpleAuth()
                .send();
        publish(gauge, "{\"level\":3.5}");
        publish(gauge, "{\"level\":3.5}");
        publish(gauge, "no event");

        awaitRows(
                "SELECT level, _device, _origin FROM raw_river.events",
                List.of(List.of("3.5", "gauge", "bridge/1/level")));
        await().until(() -> hub.operator()
                        .get("/api/sources/" + stream + "/events")
                        .json()
                        .path("totals")
                        .path("rejected")
                        .asInt()
                == 1);

        hub.operator().post("/api/sources/" + stream + "/devices/token?device=gauge", null);
        await().until(() -> {
            try {
                publish(gauge, "{\"level\":4}");
                return false;
            } catch (RuntimeException cut) {
                return true;
            }
        });
    }

    private static void publish(Mqtt3BlockingClient client, String text) {
        client.publishWith()
                .topic("bridge/1/level")
                .qos(MqttQos.AT_LEAST_ONCE)
                .payload(text.getBytes(UTF_8))
                .send();
    }

    @Test
    void onlyADeviceOfTheStreamMaySpeakInIt() throws Exception {
        String stream = add("noise", "events:");
        String other = add("traffic", "events:");
        String token = register(stream, "meter", false);
        String foreign = register(other, "camera", false);
        byte[] event = "{\"db\":50}".getBytes(UTF_8);

        for (String wrong : List.of("", "nonsense", foreign, RunningHub.OPERATOR_TOKEN)) {
            Answer refused = push("noise", wrong, "application/json", event, false);
            assertThat(refused.status()).isEqualTo(401);
            assertThat(refused.code()).isEqualTo("collect.event_token_refused");
        }
        assertThat(push("no_such_stream", token, "application/json", event, false)
                        .status())
                .isEqualTo(401);
        assertThat(push("noise", token, "application/json", event, false).status())
                .isEqualTo(200);
        String fresh = hub.operator()
                .post("/api/sources/" + stream + "/devices/token?device=meter", null)
                .json()
                .path("token")
                .asString();
        assertThat(push("noise", token, "application/json", event, false).status())
                .isEqualTo(401);
        assertThat(push("noise", fresh, "application/json", event, false).status())
                .isEqualTo(200);
        assertThat(hub.operator()
                        .delete("/api/sources/" + stream + "/devices?device=meter")
                        .status())
                .isEqualTo(204);
        assertThat(push("noise", fresh, "application/json", event, false).status())
                .isEqualTo(401);
        assertThat(hub.operator().post("/api/sources/" + stream + "/runs", null).code())
                .isEqualTo("collect.events_flow");
    }

    @Test
    void whatAStrangerSaidComesOutOfQuarantineWhenItIsRegistered() throws Exception {
        String stream = add("parking", "events:");
        String token = register(stream, "gateway", true);
        push(
                "parking",
                token,
                "application/x-ndjson",
                "{\"device\":\"lot-7\",\"free\":12}\n{\"device\":\"gateway\",\"free\":0}".getBytes(UTF_8),
                false);
        awaitRows("SELECT _device FROM raw_parking.events", List.of(List.of("gateway")));
        await().untilAsserted(() -> {
            JsonNode strangers =
                    hub.operator().get("/api/sources/" + stream + "/quarantine").json();
            assertThat(strangers.path(0).path("device").asString()).isEqualTo("lot-7");
            assertThat(strangers.path(0).path("events").asInt()).isEqualTo(1);
        });

        register(stream, "lot-7", false);

        awaitRows(
                "SELECT _device, free FROM raw_parking.events ORDER BY 1",
                List.of(List.of("gateway", "0.0"), List.of("lot-7", "12.0")));
        await().untilAsserted(() -> {
            assertThat(hub.operator()
                            .get("/api/sources/" + stream + "/quarantine")
                            .json())
                    .isEmpty();
            JsonNode totals = hub.operator()
                    .get("/api/sources/" + stream + "/events")
                    .json()
                    .path("totals");
            assertThat(totals.path("received").asInt()).isEqualTo(2);
            assertThat(totals.path("landed").asInt()).isEqualTo(2);
            assertThat(totals.path("quarantined").asInt()).isZero();
        });
    }

    @Test
    void instrumentsAreHeardAtTheirOwnPort() throws Exception {
        String stream = add("pollution", "hj212:");
        int port = await().until(() -> hub.bean(EventDoors.class).hj212Port(), java.util.Optional::isPresent)
                .orElseThrow();
        try (Socket device = new Socket("127.0.0.1", port)) {
            device.setSoTimeout(20_000);
            device.getOutputStream().write(PACKET.getBytes(ISO_8859_1));
            String answer = new String(device.getInputStream().readNBytes(20), ISO_8859_1);
            assertThat(answer).startsWith("##0087QN=20230923080");
        }
        await().untilAsserted(() -> assertThat(hub.operator()
                        .get("/api/sources/" + stream + "/quarantine")
                        .json()
                        .path(0)
                        .path("device")
                        .asString())
                .isEqualTo("330106000000000000000001"));

        register(stream, "330106000000000000000001", false);

        awaitRows(
                "SELECT factor, rtd, flag, _time FROM raw_pollution.events ORDER BY 1",
                List.of(
                        List.of("a05024", "61.0", "N", "2023-09-23 08:00:00+08"),
                        List.of("a34004", "23.0", "N", "2023-09-23 08:00:00+08")));
        // A rule that refused it once, and the device has sent it again since.
        refused(stream, "pollution", new Message("5", "", "", 3_000_000, "PACKET", null), PACKET.strip());
        Client engineer = hub.as(Role.ENGINEER);
        JsonNode replayed = engineer.post("/api/sources/" + stream + "/rejects/replay", Map.of())
                .json();
        assertThat(replayed.path("messages").path("taken").asInt()).isEqualTo(1);
        await().untilAsserted(() -> {
            JsonNode totals = hub.operator()
                    .get("/api/sources/" + stream + "/events")
                    .json()
                    .path("totals");
            assertThat(totals.path("replayed").asInt()).isEqualTo(1);
            assertThat(totals.path("landed").asInt()).isEqualTo(2);
            assertThat(totals.path("duplicates").asInt())
                    .as("an event is there once, whichever way it came")
                    .isEqualTo(2);
        });
        assertThat(engineer.get("/api/sources/" + stream + "/rejects?open=true&code=collect.event_not_json")
                        .json()
                        .path("total")
                        .asInt())
                .isZero();
    }

    private static String add(String name, String location) {
        return add(name, location, Map.of());
    }

    private static String add(String name, String location, Map<String, String> settings) {
        Answer answer = hub.operator()
                .post(
                        "/api/sources",
                        Map.of(
                                "name", name,
                                "title", "",
                                "departmentId", "environment",
                                "location", location,
                                "settings", settings));
        assertThat(answer.status()).as(answer.toString()).isEqualTo(201);
        return answer.json().path("id").asString();
    }

    private static String register(String stream, String device, boolean gateway) {
        Answer answer = hub.operator()
                .post("/api/sources/" + stream + "/devices", Map.of("device", device, "title", "", "gateway", gateway));
        assertThat(answer.status()).as(answer.toString()).isEqualTo(201);
        return answer.json().path("token").asString();
    }

    private static Answer push(String stream, String token, String type, byte[] body, boolean zipped)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(hub.uri("/api/events/" + stream))
                .header("Content-Type", type)
                .POST(HttpRequest.BodyPublishers.ofByteArray(body));
        if (!token.isEmpty()) {
            request.header("Authorization", "Bearer " + token);
        }
        if (zipped) {
            request.header("Content-Encoding", "gzip");
        }
        HttpResponse<byte[]> response = http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
        return new Answer(response.statusCode(), response.headers(), response.body());
    }

    private static void awaitRows(String sql, List<List<String>> expected) {
        await().atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(200))
                .untilAsserted(() -> assertThat(rows(sql)).isEqualTo(expected));
    }

    private static List<List<String>> rows(String sql) {
        try {
            return Lakes.rows(hub.lake, sql);
        } catch (LakeException e) {
            return List.of();
        }
    }
}

package org.qiantang.collect.internal.events;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.exceptions.MqttSessionExpiredException;
import com.hivemq.client.mqtt.mqtt3.Mqtt3AsyncClient;
import com.hivemq.client.mqtt.mqtt3.Mqtt3BlockingClient;
import com.hivemq.client.mqtt.mqtt3.exceptions.Mqtt3ConnAckException;
import com.hivemq.client.mqtt.mqtt3.exceptions.Mqtt3SubAckException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5ConnAckException;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.qiantang.collect.CollectProblem;
import org.qiantang.core.Problem;

/** A client of another maker, and bytes that no client would send, at our own broker. */
class MqttListenerTest {
    private static final UUID AIR = UUID.randomUUID();
    private static final UUID WATER = UUID.randomUUID();

    private final Keeping keeping = new Keeping();
    private MqttListener listener;

    /** Lets in whom it knows and keeps what they bring; may be told that nothing is safe, or to take its time. */
    private static final class Keeping implements MqttListener.Door {
        private final Map<String, MqttListener.Guest> guests = new ConcurrentHashMap<>(Map.of(
                "air/device-token", new MqttListener.Guest(AIR, "d1", false),
                "air/gateway-token", new MqttListener.Guest(AIR, "g1", true),
                "water/gateway-token", new MqttListener.Guest(WATER, "g2", true)));
        private final Received<MqttListener.Arrived> received = new Received<>(MqttListener.Arrived::payload);
        private volatile boolean isAway;
        private volatile CompletableFuture<Void> disk = CompletableFuture.completedFuture(null);

        @Override
        public MqttListener.Guest enter(String stream, String token) {
            MqttListener.Guest guest = guests.get(stream + "/" + token);
            if (isAway) {
                throw new IllegalStateException("the database is away");
            }
            if (guest == null) {
                throw new Problem(CollectProblem.EVENT_TOKEN_REFUSED, "stream", stream);
            }
            return guest;
        }

        @Override
        public void take(List<MqttListener.Arrived> messages) {
            disk.join();
            received.take(messages);
        }
    }

    @BeforeEach
    void open() throws Exception {
        listener = MqttListener.open(0, keeping, Duration.ZERO);
    }

    @AfterEach
    void close() {
        keeping.disk.complete(null);
        listener.close();
    }

    private Mqtt3BlockingClient client(String id) {
        return MqttClient.builder()
                .useMqttVersion3()
                .identifier(id)
                .serverHost("127.0.0.1")
                .serverPort(listener.port())
                .buildBlocking();
    }

    private Mqtt3BlockingClient connected(String id, String stream, String token) {
        Mqtt3BlockingClient client = client(id);
        client.connectWith()
                .simpleAuth()
                .username(stream)
                .password(token.getBytes(UTF_8))
                .applySimpleAuth()
                .send();
        return client;
    }

    @Test
    void everyQualityOfServiceBringsWhatWasPublished() {
        Mqtt3BlockingClient device = connected("one", "air", "device-token");
        for (MqttQos quality : MqttQos.values()) {
            device.publishWith()
                    .topic("site/7/pm")
                    .qos(quality)
                    .payload(("v" + quality.getCode()).getBytes(UTF_8))
                    .send();
        }

        await().until(() -> keeping.received.texts().equals(Set.of("v0", "v1", "v2")));
        assertThat(keeping.received.all())
                .allSatisfy(message -> assertThat(message.topic()).isEqualTo("site/7/pm"))
                .allSatisfy(message -> assertThat(message.from().device()).isEqualTo("d1"));
        device.disconnect();
    }

    @Test
    void nothingIsAcknowledgedBeforeItIsSafe() {
        keeping.disk = new CompletableFuture<>();
        Mqtt3AsyncClient device = connected("one", "air", "device-token").toAsync();
        List<CompletableFuture<?>> sent = IntStream.range(0, 600)
                .<CompletableFuture<?>>mapToObj(i -> device.publishWith()
                        .topic("t")
                        .qos(i % 2 == 0 ? MqttQos.AT_LEAST_ONCE : MqttQos.EXACTLY_ONCE)
                        .payload(("v" + i).getBytes(UTF_8))
                        .send())
                .toList();

        // A ping is answered after all that was answered before it.
        connected("two", "air", "gateway-token").disconnect();
        assertThat(sent).noneMatch(CompletableFuture::isDone);

        keeping.disk.complete(null);
        assertThat(CompletableFuture.allOf(sent.toArray(CompletableFuture[]::new)))
                .succeedsWithin(30, TimeUnit.SECONDS);
        assertThat(keeping.received.texts()).hasSize(600);
        device.disconnect();
    }

    @Test
    void aLineIsCutWhenItsMessageIsNotSafe() {
        Mqtt3BlockingClient device = connected("one", "air", "device-token");
        keeping.received.refuse();
        assertThatThrownBy(() -> publish(device, "t", "kept")).isInstanceOf(RuntimeException.class);
        assertThat(keeping.received.texts()).isEmpty();

        keeping.received.accept();
        Mqtt3BlockingClient again = connected("one", "air", "device-token");
        publish(again, "t", "kept");

        assertThat(keeping.received.texts()).containsExactly("kept");
        again.disconnect();
    }

    private static void publish(Mqtt3BlockingClient client, String topic, String text) {
        client.publishWith()
                .topic(topic)
                .qos(MqttQos.AT_LEAST_ONCE)
                .payload(text.getBytes(UTF_8))
                .send();
    }

    @Test
    void strangersAreRefusedAndSoAreOthersTokensAndNewerProtocols() {
        assertThatThrownBy(() -> connected("x", "air", "wrong")).isInstanceOf(Mqtt3ConnAckException.class);
        assertThatThrownBy(() -> connected("x", "water", "device-token")).isInstanceOf(Mqtt3ConnAckException.class);
        assertThatThrownBy(() -> client("x").connect()).isInstanceOf(Mqtt3ConnAckException.class);
        assertThatThrownBy(() -> MqttClient.builder()
                        .useMqttVersion5()
                        .serverHost("127.0.0.1")
                        .serverPort(listener.port())
                        .buildBlocking()
                        .connect())
                .isInstanceOf(Mqtt5ConnAckException.class)
                .hasMessageContaining("UNSUPPORTED_PROTOCOL_VERSION");
        assertThat(keeping.received.all()).isEmpty();
    }

    @Test
    void whoMayNotBeHereAnyMoreIsCutAndTheOthersGoOn() throws Exception {
        Mqtt3BlockingClient device = connected("device", "air", "device-token");
        Mqtt3BlockingClient gateway = connected("gateway", "air", "gateway-token");
        Mqtt3BlockingClient other = connected("other", "water", "gateway-token");
        gateway.subscribeWith().topicFilter("#").send();

        keeping.guests.remove("air/device-token");
        assertThatThrownBy(() -> publish(device, "t", "late")).isInstanceOf(RuntimeException.class);
        publish(other, "t", "one");

        keeping.isAway = true;
        assertThatThrownBy(() -> publish(other, "t", "nobody can say")).isInstanceOf(RuntimeException.class);
        keeping.isAway = false;
        Mqtt3BlockingClient again = connected("other", "water", "gateway-token");
        publish(again, "t", "two");

        keeping.guests.put("air/device-token", new MqttListener.Guest(AIR, "d1", false));
        keeping.guests.remove("air/gateway-token");
        try (var heard = gateway.publishes(MqttGlobalPublishFilter.ALL)) {
            Mqtt3BlockingClient back = connected("device", "air", "device-token");
            publish(back, "t", "three");
            await().until(() -> !gateway.getState().isConnected());
            // It would give out what it has before it says that its line has ended.
            assertThatThrownBy(heard::receiveNow).isInstanceOf(MqttSessionExpiredException.class);
            back.disconnect();
        }
        assertThat(keeping.received.texts()).containsExactlyInAnyOrder("one", "two", "three");
        again.disconnect();
    }

    @Test
    void aTopicThatCannotBeWrittenDownCutsItsOwnLineOnly() {
        Mqtt3BlockingClient device = connected("device", "air", "device-token");
        Mqtt3BlockingClient other = connected("other", "air", "gateway-token");
        assertThatThrownBy(() -> publish(device, "t".repeat(5_000), "lost")).isInstanceOf(RuntimeException.class);

        publish(other, "t".repeat(4_096), "kept");

        assertThat(keeping.received.texts()).containsExactly("kept");
        other.disconnect();
    }

    @Test
    void gatewaysHearTheirOwnStreamAndNobodyElseHearsAnything() throws Exception {
        Mqtt3BlockingClient device = connected("device", "air", "device-token");
        assertThatThrownBy(() -> device.subscribeWith().topicFilter("#").send())
                .isInstanceOf(Mqtt3SubAckException.class);

        device.publishWith()
                .topic("site/7/status")
                .retain(true)
                .qos(MqttQos.AT_LEAST_ONCE)
                .payload("on".getBytes(UTF_8))
                .send();
        Mqtt3BlockingClient other = connected("other", "water", "gateway-token");
        Mqtt3BlockingClient gateway = connected("gateway", "air", "gateway-token");
        try (var heard = gateway.publishes(MqttGlobalPublishFilter.ALL);
                var elsewhere = other.publishes(MqttGlobalPublishFilter.ALL)) {
            other.subscribeWith().topicFilter("#").send();
            gateway.subscribeWith().topicFilter("site/+/#").send();
            publish(device, "place/7", "no");
            publish(device, "site/8/pm", "35");

            var first = heard.receive(30, TimeUnit.SECONDS).orElseThrow();
            assertThat(first.isRetain()).isTrue();
            assertThat(new String(first.getPayloadAsBytes(), UTF_8)).isEqualTo("on");
            var second = heard.receive(30, TimeUnit.SECONDS).orElseThrow();
            assertThat(second.isRetain()).isFalse();
            assertThat(second.getTopic()).hasToString("site/8/pm");
            other.publishWith().topic("own").payload("mine".getBytes(UTF_8)).send();
            assertThat(elsewhere.receive(30, TimeUnit.SECONDS).orElseThrow().getTopic())
                    .hasToString("own");
        }
        List.of(device, gateway, other).forEach(Mqtt3BlockingClient::disconnect);
    }

    @Test
    void aWillIsWrittenWhenADeviceVanishesAndNotWhenItLeaves() throws Exception {
        for (boolean leaves : new boolean[] {true, false}) {
            Mqtt3BlockingClient device = client("w" + leaves);
            device.connectWith()
                    .simpleAuth()
                    .username("air")
                    .password("device-token".getBytes(UTF_8))
                    .applySimpleAuth()
                    .willPublish()
                    .topic("gone")
                    .payload(("left=" + leaves).getBytes(UTF_8))
                    .applyWillPublish()
                    .send();
            if (leaves) {
                device.disconnect();
            } else {
                // Another takes its name, which cuts its line.
                connected("wfalse", "air", "device-token").disconnect();
            }
        }

        await().until(() -> keeping.received.texts().equals(Set.of("left=false")));
    }

    @Test
    void whoDoesNotWaitToBeLetInIsHeard() throws Exception {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.write(connect("early", "air", "device-token"));
        for (int i = 0; i < 3; i++) {
            all.write(packet(0x32, string("t"), new byte[] {0, (byte) (i + 1)}, ("e" + i).getBytes(UTF_8)));
        }
        try (Socket line = new Socket("127.0.0.1", listener.port())) {
            line.setSoTimeout(30_000);
            line.getOutputStream().write(all.toByteArray());
            InputStream in = line.getInputStream();

            assertThat(in.readNBytes(4)).containsExactly(0x20, 2, 0, 0);
            assertThat(in.readNBytes(12)).containsExactly(0x40, 2, 0, 1, 0x40, 2, 0, 2, 0x40, 2, 0, 3);
        }
        assertThat(keeping.received.texts()).containsExactly("e0", "e1", "e2");
    }

    @Test
    void rubbishEndsOnlyItsOwnLine() throws Exception {
        Mqtt3BlockingClient device = connected("calm", "air", "device-token");
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < 200; i++) {
            byte[] bytes = new byte[random.nextInt(2_000)];
            random.nextBytes(bytes);
            try (Socket line = new Socket("127.0.0.1", listener.port())) {
                OutputStream out = line.getOutputStream();
                if (random.nextBoolean()) {
                    out.write(connect("r" + i, "air", "device-token"));
                }
                out.write(bytes);
            } catch (java.net.SocketException cut) {
                // as it should be
            }
        }

        publish(device, "t", "still here");
        assertThat(keeping.received.texts()).as("seed " + seed).contains("still here");
        device.disconnect();
    }

    @Test
    void filtersMeanWhatTheStandardSays() {
        assertThat(MqttListener.matches("sport/tennis/player1/#", "sport/tennis/player1"))
                .isTrue();
        assertThat(MqttListener.matches("sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon"))
                .isTrue();
        assertThat(MqttListener.matches("sport/tennis/+", "sport/tennis/player1/ranking"))
                .isFalse();
        assertThat(MqttListener.matches("sport/+", "sport")).isFalse();
        assertThat(MqttListener.matches("sport/+", "sport/")).isTrue();
        assertThat(MqttListener.matches("+/+", "/finance")).isTrue();
        assertThat(MqttListener.matches("+", "/finance")).isFalse();
        assertThat(MqttListener.matches("#", "$SYS/uptime")).isFalse();
        assertThat(MqttListener.matches("$SYS/#", "$SYS/uptime")).isTrue();
    }

    private static byte[] connect(String client, String user, String password) {
        return packet(
                0x10,
                string("MQTT"),
                new byte[] {4, (byte) 0xc2, 0, 60},
                string(client),
                string(user),
                string(password));
    }

    private static byte[] string(String text) {
        byte[] bytes = text.getBytes(UTF_8);
        byte[] all = new byte[bytes.length + 2];
        all[0] = (byte) (bytes.length >> 8);
        all[1] = (byte) bytes.length;
        System.arraycopy(bytes, 0, all, 2, bytes.length);
        return all;
    }

    /** A packet of less than 128 bytes. */
    private static byte[] packet(int first, byte[]... parts) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        body.write(first);
        body.write(java.util.Arrays.stream(parts).mapToInt(part -> part.length).sum());
        for (byte[] part : parts) {
            body.writeBytes(part);
        }
        return body.toByteArray();
    }
}

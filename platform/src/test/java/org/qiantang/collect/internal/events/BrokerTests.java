package org.qiantang.collect.internal.events;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt3.Mqtt3BlockingClient;
import io.moquette.broker.Server;
import io.moquette.broker.config.MemoryConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qiantang.collect.CollectProblem;
import org.qiantang.core.Problem;

/** Real brokers, of which nothing may be lost: a message is theirs until it is safe with us. */
class BrokerTests {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    private final List<AutoCloseable> running = new ArrayList<>();

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable each : running.reversed()) {
            each.close();
        }
    }

    @Test
    void mqtt3KeepsWhatIsNotSafeAndForgetsWhatIs() throws Exception {
        int port = freePort();
        moquette(port);
        nothingIsLost(port, 3);
    }

    @Test
    void mqtt5KeepsWhatIsNotSafeAndForgetsWhatIs() throws Exception {
        int port = freePort();
        mosquitto(port);
        nothingIsLost(port, 5);
    }

    @Test
    void theSubscriptionComesBackWhenTheBrokerDoes() throws Exception {
        int port = freePort();
        Process first = mosquitto(port);
        Received<Messages.Message> heard = new Received<>(Messages.Message::payload);
        MqttSubscription subscription = subscribe(port, 5, heard::take);
        running.add(subscription);
        awaitConnected(subscription);
        publish(port, List.of("{\"n\":1}"));
        await().atMost(PATIENCE).until(() -> heard.texts().contains("{\"n\":1}"));

        first.destroyForcibly().waitFor();
        await().atMost(PATIENCE).until(() -> !subscription.trouble().isEmpty());
        mosquitto(port);
        await().atMost(PATIENCE).untilAsserted(() -> {
            publish(port, List.of("{\"n\":2}"));
            assertThat(heard.texts()).contains("{\"n\":2}");
        });
    }

    @Test
    void aBrokerThatIsNotThereIsSaidToBeSo() throws Exception {
        int nobody = freePort();
        assertThatThrownBy(() -> MqttSubscription.test(broker(nobody, 3)))
                .isInstanceOfSatisfying(
                        Problem.class,
                        problem -> assertThat(problem.code()).isEqualTo(CollectProblem.SOURCE_UNREACHABLE));
        assertThatThrownBy(() -> KafkaSubscription.test(cluster(nobody, "a")))
                .isInstanceOfSatisfying(
                        Problem.class,
                        problem -> assertThat(problem.code()).isEqualTo(CollectProblem.SOURCE_UNREACHABLE));
    }

    @Test
    void kafkaMovesOnOnlyOverWhatIsSafe() throws Exception {
        int port = kafka();
        assertThat(KafkaSubscription.test(cluster(port, "city.air"))).containsExactly("city.air");
        produce(port, "city.air", 0, 500);
        assertThat(KafkaSubscription.test(cluster(port, "city.air"))).isEmpty();

        Received<Messages.Message> refusing = new Received<>(Messages.Message::payload);
        refusing.refuse();
        try (KafkaSubscription ignored = KafkaSubscription.open(cluster(port, "city.air"), refusing::take)) {
            await().atMost(PATIENCE).until(() -> refusing.wasAsked());
        }
        Received<Messages.Message> heard = new Received<>(Messages.Message::payload);
        try (KafkaSubscription subscription = KafkaSubscription.open(cluster(port, "city.air"), heard::take)) {
            await().atMost(PATIENCE).until(() -> heard.texts().size() == 500);
            assertThat(subscription.trouble()).isEmpty();
            assertThat(heard.all().getFirst().origin()).matches("city\\.air/\\d+/\\d+");
        }
        Received<Messages.Message> later = new Received<>(Messages.Message::payload);
        try (KafkaSubscription ignored = KafkaSubscription.open(cluster(port, "city.air"), later::take)) {
            produce(port, "city.air", 500, 510);
            await().atMost(PATIENCE).until(() -> later.texts().size() >= 10);
        }
        assertThat(later.texts()).containsExactlyInAnyOrderElementsOf(texts(500, 510));
    }

    private void nothingIsLost(int port, int version) throws Exception {
        MqttSubscription.test(broker(port, version));
        Received<Messages.Message> refusing = new Received<>(Messages.Message::payload);
        refusing.refuse();
        try (MqttSubscription subscription = subscribe(port, version, refusing::take)) {
            awaitConnected(subscription);
            publish(port, texts(0, 20));
            await().atMost(PATIENCE).until(() -> refusing.wasAsked());
        }
        Received<Messages.Message> heard = new Received<>(Messages.Message::payload);
        try (MqttSubscription subscription = subscribe(port, version, heard::take)) {
            awaitConnected(subscription);
            publish(port, texts(20, 300));
            await().atMost(PATIENCE).until(() -> heard.texts().size() == 300);
            assertThat(heard.all().getFirst().topic()).startsWith("city/air/");
        }
        Received<Messages.Message> later = new Received<>(Messages.Message::payload);
        try (MqttSubscription subscription = subscribe(port, version, later::take)) {
            awaitConnected(subscription);
            publish(port, texts(300, 310));
            await().atMost(PATIENCE).until(() -> later.texts().size() >= 10);
        }
        assertThat(later.texts()).containsExactlyInAnyOrderElementsOf(texts(300, 310));
    }

    private static void awaitConnected(MqttSubscription subscription) {
        await().atMost(PATIENCE).until(() -> subscription.trouble().isEmpty());
    }

    private static List<String> texts(int from, int to) {
        return IntStream.range(from, to).mapToObj(i -> "{\"n\":" + i + "}").toList();
    }

    private static MqttSubscription.Broker broker(int port, int version) {
        return new MqttSubscription.Broker(
                "127.0.0.1", port, false, version, "qiantang-air", "", "", List.of("city/air/+"));
    }

    private static MqttSubscription subscribe(int port, int version, Messages sink) {
        return MqttSubscription.open(broker(port, version), sink);
    }

    private static void publish(int port, List<String> messages) {
        Mqtt3BlockingClient client = MqttClient.builder()
                .useMqttVersion3()
                .identifier("publisher")
                .serverHost("127.0.0.1")
                .serverPort(port)
                .buildBlocking();
        client.connect();
        for (String message : messages) {
            client.publishWith()
                    .topic("city/air/" + message.hashCode() % 7)
                    .qos(MqttQos.AT_LEAST_ONCE)
                    .payload(message.getBytes(UTF_8))
                    .send();
        }
        client.disconnect();
    }

    private void moquette(int port) throws IOException {
        Properties config = new Properties();
        config.setProperty("host", "127.0.0.1");
        config.setProperty("port", Integer.toString(port));
        config.setProperty("persistence_enabled", "false");
        config.setProperty("telemetry_enabled", "false");
        config.setProperty("allow_anonymous", "true");
        config.setProperty("data_path", folder.toString());
        Server server = new Server();
        server.startServer(new MemoryConfig(config));
        running.add(server::stopServer);
    }

    /** From Debian's packages; {@code bin/test} installs it. */
    private Process mosquitto(int port) throws Exception {
        Path program = List.of(Path.of("/usr/sbin/mosquitto"), Path.of("/usr/bin/mosquitto")).stream()
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow(() -> new AssertionError("mosquitto is not installed: bin/test does that"));
        Path config = folder.resolve("mosquitto.conf");
        Files.writeString(
                config, "listener " + port + " 127.0.0.1\nallow_anonymous true\npersistence false\nuser root\n");
        Process process = new ProcessBuilder(program.toString(), "-c", config.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("mosquitto.log").toFile())
                .start();
        running.add(() -> process.destroyForcibly().waitFor());
        awaitPort(port);
        return process;
    }

    private static KafkaSubscription.Cluster cluster(int port, String topic) {
        return new KafkaSubscription.Cluster(
                "127.0.0.1:" + port, false, "qiantang-air", "PLAIN", "", "", List.of(topic));
    }

    private static void produce(int port, String topic, int from, int to) throws Exception {
        try (KafkaProducer<String, String> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", "127.0.0.1:" + port, "acks", "all"),
                new StringSerializer(),
                new StringSerializer())) {
            for (String text : texts(from, to)) {
                producer.send(new ProducerRecord<>(topic, text)).get(60, TimeUnit.SECONDS);
            }
        }
    }

    /** A cluster of one node, as its own process. */
    private int kafka() throws Exception {
        int port = freePort();
        int controller = freePort();
        Path config = folder.resolve("kafka.properties");
        Files.writeString(config, """
                process.roles=broker,controller
                node.id=1
                controller.quorum.voters=1@127.0.0.1:%d
                listeners=PLAINTEXT://127.0.0.1:%d,CONTROLLER://127.0.0.1:%d
                advertised.listeners=PLAINTEXT://127.0.0.1:%d
                controller.listener.names=CONTROLLER
                log.dirs=%s
                num.partitions=3
                offsets.topic.replication.factor=1
                offsets.topic.num.partitions=1
                transaction.state.log.replication.factor=1
                transaction.state.log.min.isr=1
                group.initial.rebalance.delay.ms=0
                """.formatted(controller, port, controller, port, folder.resolve("kafka")));
        assertThat(java(
                                "kafka.tools.StorageTool",
                                "format",
                                "-t",
                                Uuid.randomUuid().toString(),
                                "-c",
                                config.toString())
                        .waitFor())
                .isZero();
        Process process = java("kafka.Kafka", config.toString());
        running.add(() -> process.destroyForcibly().waitFor());
        awaitPort(port);
        return port;
    }

    private Process java(String main, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-cp",
                System.getProperty("java.class.path"),
                main));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve(main + ".log").toFile())
                .start();
    }

    private static void awaitPort(int port) {
        await().atMost(PATIENCE).until(() -> {
            try (Socket ignored = new Socket(InetAddress.getLoopbackAddress(), port)) {
                return true;
            } catch (IOException e) {
                return false;
            }
        });
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}

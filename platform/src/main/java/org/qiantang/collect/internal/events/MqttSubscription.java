package org.qiantang.collect.internal.events;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.MqttClientBuilder;
import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.lifecycle.MqttClientDisconnectedContext;
import com.hivemq.client.mqtt.mqtt3.Mqtt3AsyncClient;
import com.hivemq.client.mqtt.mqtt3.message.subscribe.Mqtt3Subscription;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.message.subscribe.Mqtt5Subscription;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.qiantang.collect.CollectProblem;
import org.qiantang.core.Problem;

/**
 * Listens at a city's MQTT broker, 3.1.1 or 5, in a session that the broker keeps while we are away. A message is acknowledged when it is
 * safe; those that come while the disk is busy share its next force.
 */
public final class MqttSubscription implements Messages.Subscription {
    private static final System.Logger LOG = System.getLogger(MqttSubscription.class.getName());
    private static final int WAITING = 4_096;
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final long SESSION_SECONDS = Duration.ofDays(7).toSeconds();

    private final Messages sink;
    private final BlockingQueue<Waiting> waiting = new ArrayBlockingQueue<>(WAITING);
    private final ExecutorService callbacks = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("mqtt-message").factory());
    private final Thread keeper;
    private final Runnable disconnect;
    private volatile String trouble = "not connected yet";
    private volatile boolean closing;

    /** A message and the way to tell the broker that it may forget it. */
    private record Waiting(Messages.Message message, Runnable acknowledge) {}

    /**
     * @param version {@code 3} or {@code 5}
     * @param client the name by which the broker keeps the session
     */
    public record Broker(
            String host,
            int port,
            boolean encrypted,
            int version,
            String client,
            String username,
            String password,
            List<String> topics) {
        public Broker {
            topics = List.copyOf(topics);
        }

        @Override
        public String toString() {
            return "Broker[" + host + ":" + port + "]";
        }
    }

    private MqttSubscription(Broker broker, Messages sink) {
        this.sink = sink;
        this.keeper = Thread.ofPlatform().daemon().name("mqtt-keeper").start(this::keep);
        this.disconnect = broker.version() == 5 ? open5(broker) : open3(broker);
    }

    /** Returns at once; the connection is made, and made again, for as long as the subscription is open. */
    public static MqttSubscription open(Broker broker, Messages sink) {
        return new MqttSubscription(broker, sink);
    }

    /**
     * Connects and leaves again.
     *
     * @throws Problem {@code collect.source_unreachable} or {@code collect.sign_in_refused}
     */
    public static void test(Broker broker) {
        Broker once = new Broker(
                broker.host,
                broker.port,
                broker.encrypted,
                broker.version,
                broker.client + "-test",
                broker.username,
                broker.password,
                List.of());
        try {
            if (broker.version() == 5) {
                Mqtt5AsyncClient client =
                        builder(once).useMqttVersion5().build().toAsync();
                var connect = client.connectWith().cleanStart(true);
                if (!broker.username.isEmpty()) {
                    connect.simpleAuth()
                            .username(broker.username)
                            .password(broker.password.getBytes(UTF_8))
                            .applySimpleAuth();
                }
                connect.send().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
                client.disconnect();
            } else {
                Mqtt3AsyncClient client =
                        builder(once).useMqttVersion3().build().toAsync();
                var connect = client.connectWith().cleanSession(true);
                if (!broker.username.isEmpty()) {
                    connect.simpleAuth()
                            .username(broker.username)
                            .password(broker.password.getBytes(UTF_8))
                            .applySimpleAuth();
                }
                connect.send().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
                client.disconnect();
            }
        } catch (ExecutionException e) {
            Throwable why = e.getCause() == null ? e : e.getCause();
            boolean refused = why.getClass().getSimpleName().contains("ConnAck");
            throw new Problem(
                    refused ? CollectProblem.SIGN_IN_REFUSED : CollectProblem.SOURCE_UNREACHABLE, "reason", words(why));
        } catch (TimeoutException e) {
            throw new Problem(
                    CollectProblem.SOURCE_UNREACHABLE, "reason", "no answer within " + PATIENCE.toSeconds() + " s");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Problem(CollectProblem.SOURCE_UNREACHABLE, "reason", "interrupted");
        }
    }

    @Override
    public String trouble() {
        return trouble;
    }

    @Override
    public void close() {
        closing = true;
        disconnect.run();
        keeper.interrupt();
        callbacks.shutdownNow();
        try {
            keeper.join(PATIENCE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static MqttClientBuilder builder(Broker broker) {
        MqttClientBuilder builder = MqttClient.builder()
                .identifier(broker.client())
                .serverHost(broker.host())
                .serverPort(broker.port());
        return broker.encrypted() ? builder.sslWithDefaultConfig() : builder;
    }

    private Runnable open3(Broker broker) {
        Mqtt3AsyncClient client = builder(broker)
                .useMqttVersion3()
                .automaticReconnect()
                .initialDelay(500, TimeUnit.MILLISECONDS)
                .maxDelay(30, TimeUnit.SECONDS)
                .applyAutomaticReconnect()
                .addDisconnectedListener(this::lost)
                .buildAsync();
        client.publishes(
                MqttGlobalPublishFilter.ALL,
                publish -> take(publish.getTopic().toString(), publish.getPayloadAsBytes(), publish::acknowledge),
                callbacks,
                true);
        var connect = client.connectWith().cleanSession(false);
        if (!broker.username().isEmpty()) {
            connect.simpleAuth()
                    .username(broker.username())
                    .password(broker.password().getBytes(UTF_8))
                    .applySimpleAuth();
        }
        List<Mqtt3Subscription> subscriptions = broker.topics().stream()
                .map(topic -> Mqtt3Subscription.builder()
                        .topicFilter(topic)
                        .qos(MqttQos.AT_LEAST_ONCE)
                        .build())
                .toList();
        connect.send()
                .thenCompose(acknowledged ->
                        client.subscribeWith().addSubscriptions(subscriptions).send())
                .whenComplete((done, why) -> heard(why));
        return client::disconnect;
    }

    private Runnable open5(Broker broker) {
        Mqtt5AsyncClient client = builder(broker)
                .useMqttVersion5()
                .automaticReconnect()
                .initialDelay(500, TimeUnit.MILLISECONDS)
                .maxDelay(30, TimeUnit.SECONDS)
                .applyAutomaticReconnect()
                .addDisconnectedListener(this::lost)
                .buildAsync();
        client.publishes(
                MqttGlobalPublishFilter.ALL,
                publish -> take(publish.getTopic().toString(), publish.getPayloadAsBytes(), publish::acknowledge),
                callbacks,
                true);
        var connect = client.connectWith().cleanStart(false).sessionExpiryInterval(SESSION_SECONDS);
        if (!broker.username().isEmpty()) {
            connect.simpleAuth()
                    .username(broker.username())
                    .password(broker.password().getBytes(UTF_8))
                    .applySimpleAuth();
        }
        List<Mqtt5Subscription> subscriptions = broker.topics().stream()
                .map(topic -> Mqtt5Subscription.builder()
                        .topicFilter(topic)
                        .qos(MqttQos.AT_LEAST_ONCE)
                        .build())
                .toList();
        connect.send()
                .thenCompose(acknowledged ->
                        client.subscribeWith().addSubscriptions(subscriptions).send())
                .whenComplete((done, why) -> heard(why));
        return client::disconnect;
    }

    private void heard(@org.jspecify.annotations.Nullable Throwable why) {
        trouble = why == null ? "" : words(why);
    }

    private void lost(MqttClientDisconnectedContext context) {
        if (!closing) {
            trouble = words(context.getCause());
        }
    }

    /** Waits while too many are waiting, which is what tells the broker to wait. */
    private void take(String topic, byte[] payload, Runnable acknowledge) {
        trouble = "";
        try {
            waiting.put(new Waiting(new Messages.Message(topic, topic, payload), acknowledge));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void keep() {
        List<Waiting> batch = new ArrayList<>();
        while (!closing) {
            try {
                batch.add(waiting.take());
                waiting.drainTo(batch, WAITING);
                sink.insist(batch.stream().map(Waiting::message).toList(), why -> trouble = why, () -> closing);
                batch.forEach(each -> each.acknowledge().run());
                batch.clear();
            } catch (InterruptedException e) {
                return;
            } catch (IllegalStateException e) {
                // The line has gone meanwhile; the broker sends again what was not acknowledged, and it lands once.
                LOG.log(System.Logger.Level.DEBUG, "A message was not acknowledged", e);
                batch.clear();
            }
        }
    }

    private static String words(Throwable why) {
        Throwable root = why;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
    }
}

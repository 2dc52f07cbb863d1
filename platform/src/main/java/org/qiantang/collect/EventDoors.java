package org.qiantang.collect;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.charset.Charset;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.qiantang.collect.internal.events.EventLines;
import org.qiantang.collect.internal.events.EventRecord;
import org.qiantang.collect.internal.events.Hj212Listener;
import org.qiantang.collect.internal.events.KafkaSubscription;
import org.qiantang.collect.internal.events.Messages;
import org.qiantang.collect.internal.events.MqttListener;
import org.qiantang.collect.internal.events.MqttSubscription;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/** The ways by which events come other than HTTP: each is open as long as the hub runs and a stream wants it. */
@Component
public final class EventDoors implements SmartLifecycle {
    private static final System.Logger LOG = System.getLogger(EventDoors.class.getName());
    private static final Duration LOOK = Duration.ofSeconds(2);

    private final EventStreams streams;
    private final EventIntake intake;
    private final Sources sources;
    private final EventPorts ports;
    private volatile @Nullable Thread thread;
    private volatile boolean stopping;
    private volatile @Nullable Hj212Listener instruments;
    private volatile @Nullable MqttListener publishers;
    private final Map<UUID, Open> subscriptions = new ConcurrentHashMap<>();

    EventDoors(EventStreams streams, EventIntake intake, Sources sources, Optional<EventPorts> ports) {
        this.streams = streams;
        this.intake = intake;
        this.sources = sources;
        this.ports = ports.orElse(new EventPorts(0, 0));
    }

    /** The port at which instruments are heard; empty when nobody listens. */
    public Optional<Integer> hj212Port() {
        return Optional.ofNullable(instruments).map(Hj212Listener::port);
    }

    /** The port at which devices may publish by MQTT; empty when nobody listens. */
    public Optional<Integer> mqttPort() {
        return Optional.ofNullable(publishers).map(MqttListener::port);
    }

    /** Why nothing comes from a stream's broker at the moment; empty when something may come, or when it has no broker. */
    public Optional<String> trouble(UUID stream) {
        return Optional.ofNullable(subscriptions.get(stream))
                .map(open -> open.subscription().trouble())
                .filter(trouble -> !trouble.isEmpty());
    }

    /** A subscription, and the stream as it was when it was opened. */
    private record Open(EventStreams.Stream stream, Messages.Subscription subscription) {}

    @Override
    public void start() {
        stopping = false;
        thread = Thread.ofPlatform().daemon().name("event-doors").start(this::keepOpen);
    }

    @Override
    public void stop() {
        stopping = true;
        Thread running = thread;
        if (running != null) {
            running.interrupt();
            try {
                running.join(Duration.ofSeconds(10));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        Hj212Listener listening = instruments;
        if (listening != null) {
            listening.close();
            instruments = null;
        }
        MqttListener broker = publishers;
        if (broker != null) {
            broker.close();
            publishers = null;
        }
        subscriptions.values().forEach(open -> open.subscription().close());
        subscriptions.clear();
        thread = null;
    }

    @Override
    public boolean isRunning() {
        return thread != null;
    }

    private void keepOpen() {
        while (!stopping) {
            if (ports.hj212() != 0 && instruments == null) {
                instruments = listen(ports.hj212(), port -> Hj212Listener.open(port, new Instruments()));
            }
            if (ports.mqtt() != 0 && publishers == null) {
                publishers = listen(ports.mqtt(), port -> MqttListener.open(port, new Publishers()));
            }
            try {
                subscribe();
            } catch (RuntimeException e) {
                LOG.log(System.Logger.Level.WARNING, "Not every broker is listened to: " + e.getMessage());
            }
            java.util.concurrent.locks.LockSupport.parkNanos(LOOK.toNanos());
            if (Thread.interrupted()) {
                return;
            }
        }
    }

    private interface Opening<T> {
        T at(int port) throws IOException;
    }

    /** Null when it cannot be done now; it is tried again. */
    private static <T> @Nullable T listen(int port, Opening<T> opening) {
        try {
            return opening.at(Math.max(0, port));
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "Nobody can be heard at port " + port + ": " + e.getMessage());
            return null;
        }
    }

    /** Listens to the brokers of the streams there are now, and to no others. */
    private void subscribe() {
        Map<UUID, EventStreams.Stream> wanted = new HashMap<>();
        for (EventStreams.Stream stream : streams.streams()) {
            wanted.put(stream.id(), stream);
        }
        subscriptions.entrySet().removeIf(open -> {
            boolean stays = open.getValue().stream().equals(wanted.get(open.getKey()));
            if (!stays) {
                open.getValue().subscription().close();
            }
            return !stays;
        });
        for (EventStreams.Stream stream : wanted.values()) {
            if (!stopping && !subscriptions.containsKey(stream.id())) {
                subscription(stream).ifPresent(open -> subscriptions.put(stream.id(), new Open(stream, open)));
            }
        }
    }

    private Optional<Messages.Subscription> subscription(EventStreams.Stream stream) {
        return switch (EventLocation.find(stream.location()).orElseThrow()) {
            case EventLocation.Push ignored -> Optional.empty();
            case EventLocation.Hj212 ignored -> Optional.empty();
            case EventLocation.Mqtt mqtt ->
                Optional.of(MqttSubscription.open(
                        EventBrokers.broker(mqtt, sources.access(stream.id()), stream.name()), sink(stream)));
            case EventLocation.Kafka kafka ->
                Optional.of(KafkaSubscription.open(
                        EventBrokers.cluster(kafka, sources.access(stream.id()), stream.name()), sink(stream)));
        };
    }

    private Messages sink(EventStreams.Stream stream) {
        int level = EventBrokers.deviceLevel(stream.settings());
        Charset encoding = EventSettings.encoding(stream.settings());
        return messages -> intake.takeAll(messages.stream()
                .map(message -> new EventIntake.Arrival(
                        new EventStreams.Sender(stream.id(), EventBrokers.device(message.topic(), level)),
                        message.origin(),
                        EventLines.of(EventLines.Form.MESSAGE, message.payload(), encoding)))
                .toList());
    }

    /** Devices that publish to the stream whose name and token they show. */
    private final class Publishers implements MqttListener.Door {
        @Override
        public MqttListener.Guest enter(String stream, String token) {
            EventStreams.Sender sender = streams.sender(stream, token);
            return new MqttListener.Guest(sender.stream(), sender.device(), streams.isGateway(sender));
        }

        @Override
        public void take(List<MqttListener.Arrived> messages) {
            intake.takeAll(messages.stream()
                    .map(message -> new EventIntake.Arrival(
                            new EventStreams.Sender(
                                    message.from().stream(), message.from().device()),
                            message.topic(),
                            EventLines.of(
                                    EventLines.Form.MESSAGE,
                                    message.payload(),
                                    streams.encoding(message.from().stream()))))
                    .toList());
        }
    }

    /** What instruments say, in the stream in which they are registered. */
    private final class Instruments implements Hj212Listener.Sink {
        @Override
        public void events(String device, byte[] events) {
            UUID stream = streams.streamOf(EventLocation.HJ212, device).orElse(EventRecord.NO_STREAM);
            intake.take(
                    new EventStreams.Sender(stream, device), "", EventLines.of(EventLines.Form.LINES, events, UTF_8));
        }

        @Override
        public void rejected(String from, String reason, String raw) {
            UUID stream = streams.streamOf(EventLocation.HJ212, "").orElse(EventRecord.NO_STREAM);
            intake.rejectPacket(stream, from, reason, raw);
        }
    }
}

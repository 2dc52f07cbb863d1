package org.qiantang.collect;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.qiantang.collect.internal.events.KafkaSubscription;
import org.qiantang.collect.internal.events.MqttSubscription;
import org.qiantang.core.Problem;

/** The city's brokers as a stream's location and settings name them. */
final class EventBrokers {
    private EventBrokers() {}

    static MqttSubscription.Broker broker(EventLocation.Mqtt location, SourceAccess access, String name) {
        String version = access.settings().getOrDefault("version", "").strip();
        if (!version.isEmpty() && !version.equals("3.1.1") && !version.equals("5")) {
            throw new Problem(CollectProblem.BAD_EVENT_SETTING, "setting", "version", "reason", "3.1.1 / 5");
        }
        return new MqttSubscription.Broker(
                location.host(),
                location.port(),
                location.encrypted(),
                version.equals("5") ? 5 : 3,
                access.settings().getOrDefault("client", "qiantang-" + name),
                access.username(),
                access.secret(),
                topics(access.settings()));
    }

    static KafkaSubscription.Cluster cluster(EventLocation.Kafka location, SourceAccess access, String name) {
        return new KafkaSubscription.Cluster(
                location.servers(),
                access.settings().getOrDefault("encryption", "").equals("tls"),
                access.settings().getOrDefault("group", "qiantang-" + name),
                access.settings().getOrDefault("mechanism", "PLAIN"),
                access.username(),
                access.secret(),
                topics(access.settings()));
    }

    /** The level of the topic, from 1 on, that names the device; 0 when none does. */
    static int deviceLevel(Map<String, String> settings) {
        String level = settings.getOrDefault("topic-device", "").strip();
        if (!level.matches("\\d{0,2}")) {
            throw new Problem(CollectProblem.BAD_EVENT_SETTING, "setting", "topic-device", "reason", "1 … 99");
        }
        return level.isEmpty() ? 0 : Integer.parseInt(level);
    }

    /** The device that a topic names, or an empty string. */
    static String device(String topic, int level) {
        String[] levels = topic.split("/", -1);
        return level > 0 && level <= levels.length ? levels[level - 1] : "";
    }

    /** The device for which a message that came some time ago counts by the settings of now. */
    static String device(EventLocation location, Map<String, String> settings, String origin, String sender) {
        return switch (location) {
            case EventLocation.Mqtt ignored -> device(origin, deviceLevel(settings));
            case EventLocation.Kafka ignored -> device(origin.replaceFirst("/\\d+/\\d+$", ""), deviceLevel(settings));
            case EventLocation.Push ignored -> sender;
            case EventLocation.Hj212 ignored -> sender;
        };
    }

    private static List<String> topics(Map<String, String> settings) {
        List<String> topics = Arrays.stream(settings.getOrDefault("topics", "").split("[,\\n]"))
                .map(String::strip)
                .filter(topic -> !topic.isEmpty())
                .toList();
        if (topics.isEmpty()) {
            throw new Problem(CollectProblem.BAD_EVENT_SETTING, "setting", "topics", "reason", "a/b/+, c/#");
        }
        return topics;
    }

    /** Refuses settings with which nothing could be heard. */
    static void check(EventLocation location, SourceAccess access) {
        EventSettings.of(location.complete(access.settings()));
        deviceLevel(access.settings());
        switch (location) {
            case EventLocation.Mqtt mqtt -> broker(mqtt, access, "test");
            case EventLocation.Kafka kafka -> cluster(kafka, access, "test");
            case EventLocation.Push ignored -> {}
            case EventLocation.Hj212 ignored -> {}
        }
    }

    /** Asks whoever is there, keeping nothing. */
    static CollectionWorker.SourceReport test(EventLocation location, SourceAccess access) {
        check(location, access);
        return switch (location) {
            case EventLocation.Mqtt mqtt -> {
                MqttSubscription.Broker broker = broker(mqtt, access, "test");
                MqttSubscription.test(broker);
                yield report("MQTT", broker.version() == 5 ? "5" : "3.1.1", List.of());
            }
            case EventLocation.Kafka kafka ->
                report(
                        "Kafka",
                        "",
                        KafkaSubscription.test(cluster(kafka, access, "test")).stream()
                                .map(topic -> topic + ": no such topic yet")
                                .toList());
            case EventLocation.Push ignored -> report("HTTP", "", List.of());
            case EventLocation.Hj212 ignored -> report("HJ 212", "2017 / 2005", List.of());
        };
    }

    private static CollectionWorker.SourceReport report(String product, String version, List<String> unreadable) {
        return new CollectionWorker.SourceReport(product, version, Map.of(), unreadable, 0, 0, List.of());
    }
}

package org.qiantang.collect;

import java.net.URI;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.qiantang.core.Problem;

/** The way by which a stream's events come, as a source's location says it. */
public sealed interface EventLocation {
    /** {@code events:} Devices and gateways send to us by HTTP. */
    record Push() implements EventLocation {}

    /** {@code hj212:} Instruments send to our port by HJ 212. */
    record Hj212() implements EventLocation {}

    /** {@code mqtt://host:port} or {@code mqtts://…}: we subscribe at a broker. */
    record Mqtt(String host, int port, boolean encrypted) implements EventLocation {}

    /** {@code kafka://host:port,host:port}: we read topics of a cluster. */
    record Kafka(String servers) implements EventLocation {}

    String PUSH = "events:";
    String HJ212 = "hj212:";

    /**
     * What a location says; empty when it is none of events.
     *
     * @throws Problem {@code collect.bad_event_setting} when it is one but cannot be used
     */
    static Optional<EventLocation> find(String location) {
        String lower = location.strip().toLowerCase(Locale.ROOT);
        if (lower.equals(PUSH)) {
            return Optional.of(new Push());
        }
        if (lower.equals(HJ212)) {
            return Optional.of(new Hj212());
        }
        if (lower.startsWith("mqtt://") || lower.startsWith("mqtts://")) {
            boolean encrypted = lower.startsWith("mqtts:");
            try {
                URI uri = URI.create(location.strip());
                String path = uri.getPath();
                if (uri.getHost() != null
                        && (path == null || path.isEmpty() || path.equals("/"))
                        && uri.getUserInfo() == null) {
                    int port = uri.getPort() >= 0 ? uri.getPort() : encrypted ? 8883 : 1883;
                    return Optional.of(new Mqtt(uri.getHost(), port, encrypted));
                }
            } catch (IllegalArgumentException e) {
                throw bad(encrypted ? "mqtts://host:port" : "mqtt://host:port");
            }
            throw bad(encrypted ? "mqtts://host:port" : "mqtt://host:port");
        }
        if (lower.startsWith("kafka://")) {
            String servers = location.strip().substring("kafka://".length());
            if (!servers.matches("[A-Za-z0-9_.\\-]+:\\d{1,5}(,[A-Za-z0-9_.\\-]+:\\d{1,5})*")) {
                throw bad("kafka://host:port,host:port");
            }
            return Optional.of(new Kafka(servers));
        }
        return Optional.empty();
    }

    private static Problem bad(String form) {
        return new Problem(CollectProblem.BAD_EVENT_SETTING, "setting", "location", "reason", form);
    }

    /** The location as it is stored. */
    default String text() {
        return switch (this) {
            case Push ignored -> PUSH;
            case Hj212 ignored -> HJ212;
            case Mqtt mqtt -> (mqtt.encrypted ? "mqtts://" : "mqtt://") + mqtt.host + ":" + mqtt.port;
            case Kafka kafka -> "kafka://" + kafka.servers;
        };
    }

    /** How the events that come this way are understood when nobody says otherwise. */
    default Map<String, String> usualSettings() {
        return this instanceof Hj212
                ? Map.of("device", "mn", "time", "data_time,qn", "ignore", "qn,pnum,pno")
                : Map.of();
    }

    /** The settings with what is usual for this way beneath them. */
    default Map<String, String> complete(Map<String, String> settings) {
        Map<String, String> all = new java.util.HashMap<>(usualSettings());
        settings.forEach((name, value) -> {
            if (!value.isBlank()) {
                all.put(name, value);
            }
        });
        return all;
    }
}

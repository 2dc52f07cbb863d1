package org.qiantang.collect;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.qiantang.core.Problem;

/**
 * How the events of a stream are to be understood; see docs/sources/events.md.
 *
 * @param device fields that may name the device, the first one that is there counts
 * @param time likewise for when it happened
 * @param ignored fields in which two tellings of the same event may differ
 * @param devices which devices are heard
 * @param encoding how text is read that is no UTF-8
 */
public record EventSettings(
        List<String> device, List<String> time, Set<String> ignored, Devices devices, Charset encoding) {
    /** Whose events are landed. */
    public enum Devices {
        /** Those that are registered; the others wait in quarantine. */
        REGISTERED,
        /** All that a registered gateway speaks for. */
        ANY,
    }

    private static final List<String> DEVICE_FIELDS =
            List.of("device", "deviceId", "device_id", "deviceCode", "sn", "mn", "MN");
    private static final List<String> TIME_FIELDS =
            List.of("time", "timestamp", "ts", "eventTime", "event_time", "dataTime", "data_time", "DataTime");

    public EventSettings {
        device = List.copyOf(device);
        time = List.copyOf(time);
        ignored = Set.copyOf(ignored);
    }

    /** @throws Problem {@code collect.bad_event_setting} */
    public static EventSettings of(Map<String, String> settings) {
        List<String> device = names(settings, "device");
        List<String> time = names(settings, "time");
        String devices = settings.getOrDefault("devices", "registered").strip();
        return new EventSettings(
                device.isEmpty() ? DEVICE_FIELDS : device,
                time.isEmpty() ? TIME_FIELDS : time,
                Set.copyOf(names(settings, "ignore")),
                switch (devices) {
                    case "registered", "" -> Devices.REGISTERED;
                    case "any" -> Devices.ANY;
                    default ->
                        throw new Problem(
                                CollectProblem.BAD_EVENT_SETTING, "setting", "devices", "reason", "registered / any");
                },
                encoding(settings));
    }

    /** @throws Problem {@code collect.bad_event_setting} */
    static Charset encoding(Map<String, String> settings) {
        String encoding = settings.getOrDefault("encoding", "").strip().toLowerCase(Locale.ROOT);
        return switch (encoding) {
            case "", "utf-8" -> StandardCharsets.UTF_8;
            // which holds all of GBK and GB 2312
            case "gb18030", "gbk" -> Charset.forName("GB18030");
            default ->
                throw new Problem(CollectProblem.BAD_EVENT_SETTING, "setting", "encoding", "reason", "utf-8 / gb18030");
        };
    }

    private static List<String> names(Map<String, String> settings, String name) {
        return Arrays.stream(settings.getOrDefault(name, "").split(","))
                .map(String::strip)
                .filter(field -> !field.isEmpty())
                .toList();
    }
}

package org.qiantang.collect.internal.events;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import tools.jackson.core.io.JsonStringEncoder;

/**
 * A packet of HJ 212 (污染物在线监控（监测）系统数据传输标准), in the form of 2017 or of 2005: {@code ##}, the length of the data
 * segment in four digits, the segment, its checksum in four hexadecimal digits, CR LF.
 *
 * @param head the fields before {@code CP}, in their order
 * @param content what stands between {@code &&} and {@code &&}
 */
record Hj212Packet(Map<String, String> head, String content) {
    /** Flag bit A: the sender waits for an answer. */
    private static final int ANSWER = 1;
    /** Flag bits V0 to V5; none of them is set in the form of 2005. */
    private static final int VERSION = 0b11111100;

    private static final Pattern NUMBER = Pattern.compile("-?(0|[1-9]\\d{0,18})(\\.\\d{1,18})?");

    Hj212Packet {
        head = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(head));
    }

    /** CRC-16 as the standard has it, which shifts before each byte and is not Modbus. */
    static int crc(byte[] bytes, int offset, int length) {
        int crc = 0xFFFF;
        for (int i = offset; i < offset + length; i++) {
            crc = (crc >> 8) ^ (bytes[i] & 0xFF);
            for (int bit = 0; bit < 8; bit++) {
                int low = crc & 1;
                crc >>= 1;
                if (low == 1) {
                    crc ^= 0xA001;
                }
            }
        }
        return crc;
    }

    static byte[] frame(String segment) {
        byte[] bytes = segment.getBytes(ISO_8859_1);
        return "##%04d%s%04X\r\n"
                .formatted(bytes.length, segment, crc(bytes, 0, bytes.length))
                .getBytes(ISO_8859_1);
    }

    /** Takes a data segment apart; what has no {@code CP} is all head. */
    static Hj212Packet parse(String segment) {
        int cp = segment.indexOf("CP=&&");
        String head = cp < 0 ? segment : segment.substring(0, cp);
        int end = cp < 0 ? -1 : segment.lastIndexOf("&&");
        String content = cp < 0 ? "" : segment.substring(cp + 5, Math.max(cp + 5, end));
        Map<String, String> fields = new LinkedHashMap<>();
        for (String field : head.split(";")) {
            int equals = field.indexOf('=');
            if (equals > 0) {
                fields.putIfAbsent(
                        field.substring(0, equals).strip(),
                        field.substring(equals + 1).strip());
            }
        }
        return new Hj212Packet(fields, content);
    }

    String get(String field) {
        return head.getOrDefault(field, "");
    }

    String device() {
        return get("MN");
    }

    /** Whether it says whose it is and what it is about. */
    boolean isNamed() {
        return !device().isEmpty() && !get("CN").isEmpty();
    }

    private int flag() {
        String flag = get("Flag");
        return flag.matches("\\d{1,3}") ? Integer.parseInt(flag) : 0;
    }

    boolean wantsAnswer() {
        return (flag() & ANSWER) != 0;
    }

    /** Commands 9011 to 9014 only answer; there is nothing in them to keep. */
    boolean isAnswer() {
        return get("CN").matches("901[1-4]");
    }

    /** The answer that lets the device forget the packet (数据应答, command 9014). */
    byte[] answer() {
        boolean old = (flag() & VERSION) == 0;
        String segment = old
                ? "ST=91;CN=9014;PW=" + get("PW") + ";MN=" + device() + ";Flag=0;CP=&&QN=" + get("QN") + ";CN="
                        + get("CN") + "&&"
                : "QN=" + get("QN") + ";ST=91;CN=9014;PW=" + get("PW") + ";MN=" + device() + ";Flag=4;CP=&&&&";
        return frame(segment);
    }

    /** When the values were measured, as the packet says it; empty when this part of it does not. */
    String dataTime() {
        for (String item : content.split("[;,]")) {
            if (item.startsWith("DataTime=")) {
                return item.substring("DataTime=".length()).strip();
            }
        }
        return "";
    }

    /**
     * The packet's values as events, one a factor, as lines of JSON. Numbers stand as they were sent.
     *
     * @param dataTime of the whole packet, for a part that does not say it
     */
    byte[] events(String dataTime) {
        List<String> lines = new ArrayList<>();
        Map<String, Map<String, String>> factors = new LinkedHashMap<>();
        for (String group : content.split(";")) {
            String alone = "";
            for (String item : group.split(",")) {
                int equals = item.indexOf('=');
                if (equals <= 0) {
                    alone = item.isBlank() ? alone : alone + item;
                    continue;
                }
                String key = item.substring(0, equals).strip();
                String value = item.substring(equals + 1).strip();
                int dash = key.indexOf('-');
                if (dash > 0) {
                    factors.computeIfAbsent(key.substring(0, dash), any -> new LinkedHashMap<>())
                            .put(name(key.substring(dash + 1)), value);
                } else if (!key.equals("DataTime")) {
                    factors.computeIfAbsent("", any -> new LinkedHashMap<>()).put(name(key), value);
                }
            }
            if (!alone.isEmpty()) {
                factors.computeIfAbsent("", any -> new LinkedHashMap<>()).merge("text", alone, (a, b) -> a + ";" + b);
            }
        }
        if (factors.isEmpty()) {
            factors.put("", Map.of());
        }
        factors.forEach((factor, values) -> lines.add(line(dataTime, factor, values)));
        return String.join("\n", lines).getBytes(UTF_8);
    }

    private String line(String dataTime, String factor, Map<String, String> values) {
        StringBuilder json = new StringBuilder("{");
        text(json, "mn", device());
        text(json, "cn", get("CN"));
        text(json, "st", get("ST"));
        text(json, "data_time", dataTime);
        text(json, "factor", factor);
        values.forEach((name, value) -> {
            // a field of the packet may be called like one of ours
            String field = OURS.contains(name) ? "cp_" + name : name;
            if (NUMBER.matcher(value).matches()) {
                json.append(",\"")
                        .append(JsonStringEncoder.getInstance().quoteAsCharArray(field))
                        .append("\":")
                        .append(value);
            } else {
                text(json, field, value);
            }
        });
        text(json, "qn", get("QN"));
        text(json, "pnum", get("PNUM"));
        text(json, "pno", get("PNO"));
        return json.append('}').toString();
    }

    private static final java.util.Set<String> OURS =
            java.util.Set.of("mn", "cn", "st", "data_time", "factor", "qn", "pnum", "pno");

    private static void text(StringBuilder json, String field, String value) {
        if (!value.isEmpty()) {
            json.append(json.length() == 1 ? "\"" : ",\"")
                    .append(JsonStringEncoder.getInstance().quoteAsCharArray(field))
                    .append("\":\"")
                    .append(JsonStringEncoder.getInstance().quoteAsCharArray(value))
                    .append('"');
        }
    }

    /** {@code Rtd} → {@code rtd}, {@code ZsRtd} → {@code zs_rtd}. */
    private static String name(String key) {
        return key.replaceAll("([a-z])([A-Z])", "$1_$2").replace('-', '_').toLowerCase(Locale.ROOT);
    }
}

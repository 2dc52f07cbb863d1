package org.qiantang.collect.internal.events;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/**
 * Something that came and is no event, on its way through the log to the rejects.
 *
 * @param where the line, the topic and offset, the sender
 */
public record Reject(String where, String code, String reason, String raw) {
    private static final JsonMapper JSON = JsonMapper.shared();

    /** The content of a record of rejects, one a line. */
    public static byte[] write(List<Reject> rejects) {
        ByteArrayOutputStream lines = new ByteArrayOutputStream();
        for (Reject each : rejects) {
            lines.writeBytes(JSON.writeValueAsBytes(
                    Map.of("where", each.where, "code", each.code, "reason", each.reason, "raw", each.raw)));
            lines.write('\n');
        }
        return lines.toByteArray();
    }

    static List<Reject> read(byte[] content) {
        return new String(content, StandardCharsets.UTF_8)
                .lines()
                .map(line -> JSON.readValue(line, Reject.class))
                .toList();
    }
}

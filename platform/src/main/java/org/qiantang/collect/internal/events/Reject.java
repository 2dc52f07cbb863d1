package org.qiantang.collect.internal.events;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * Something that came and is no event, on its way through the log to the rejects.
 *
 * @param where the line, the topic and offset, the sender
 * @param form as which it was read, by which it can be read again; null of what cannot
 * @param exact the bytes in Base64 where {@code raw} does not say them all; empty when they are not kept, null when it does
 */
public record Reject(
        String where,
        String code,
        String reason,
        String raw,
        EventLines.@Nullable Form form,
        @Nullable String exact) {
    private static final JsonMapper JSON = JsonMapper.shared();

    /** The content of a record of rejects, one a line. */
    public static byte[] write(List<Reject> rejects) {
        ByteArrayOutputStream lines = new ByteArrayOutputStream();
        for (Reject each : rejects) {
            lines.writeBytes(JSON.writeValueAsBytes(each));
            lines.write('\n');
        }
        return lines.toByteArray();
    }

    /** What it is known by among the rejects of its stream: the same refused again is the same. */
    String id(UUID stream) {
        String all = String.join("\0", stream.toString(), where, code, reason, raw, exact == null ? "" : exact);
        return UUID.nameUUIDFromBytes(all.getBytes(StandardCharsets.UTF_8)).toString();
    }

    static List<Reject> read(byte[] content) {
        return new String(content, StandardCharsets.UTF_8)
                .lines()
                .map(line -> JSON.readValue(line, Reject.class))
                .toList();
    }
}

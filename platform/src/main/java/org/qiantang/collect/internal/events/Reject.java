package org.qiantang.collect.internal.events;

import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/**
 * Something that came and is no event, on its way through the log to the rejects.
 *
 * @param where the line, the topic and offset, the sender
 */
record Reject(String where, String code, String reason, String raw) {
    private static final JsonMapper JSON = JsonMapper.shared();

    byte[] bytes() {
        return JSON.writeValueAsBytes(Map.of("where", where, "code", code, "reason", reason, "raw", raw));
    }

    static Reject of(byte[] bytes) {
        return JSON.readValue(bytes, Reject.class);
    }
}

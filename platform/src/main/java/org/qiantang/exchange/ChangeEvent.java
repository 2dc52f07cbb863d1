package org.qiantang.exchange;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A change as a CloudEvent (1.0, JSON). {@code source} and {@code id} together are the idempotency key: the same change has the same one
 * however often it is delivered.
 *
 * @param type {@code org.qiantang.change.} and {@code insert}, {@code update}, {@code delete} or {@code reset}: what follows is the whole
 * @param subject the table
 * @param time when the step was made that the change is in; not when the row was changed, of which others may have been hidden
 * @param position behind the event
 * @param grantnumber under which it was handed out
 * @param contested {@code true} when somebody says that the record is wrong about them
 * @param data the row as it is granted, each value as its exact text; of a reset {@code key} and {@code rows}
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ChangeEvent(
        String specversion,
        String id,
        String source,
        String type,
        String subject,
        Instant time,
        String datacontenttype,
        String position,
        String grantnumber,
        @Nullable Boolean contested,
        Map<String, @Nullable Object> data) {
    static final String TYPE = "org.qiantang.change.";
    static final String RESET = TYPE + "reset";

    public ChangeEvent {
        requireNonNull(id, "id is null");
        requireNonNull(source, "source is null");
        data = Collections.unmodifiableMap(new LinkedHashMap<>(data));
    }

    ChangeEvent under(String number) {
        return new ChangeEvent(
                specversion, id, source, type, subject, time, datacontenttype, position, number, contested, data);
    }
}

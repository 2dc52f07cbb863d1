package org.qiantang.exchange;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.qiantang.org.EvidenceRecords;

/**
 * Some of a subscription's events, in their order.
 *
 * @param position behind the last of them, from which to go on
 * @param more whether there is more already
 * @param evidence where it is written down that they were handed out; null when there are none
 */
public record EventBatch(
        List<ChangeEvent> events, String position, boolean more, EvidenceRecords.@Nullable Recorded evidence) {
    public EventBatch {
        events = List.copyOf(events);
    }
}

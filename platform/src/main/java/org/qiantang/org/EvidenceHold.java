package org.qiantang.org;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A legal hold (证据保全): evidence of a span of time that a court or an inquiry may still ask for, and that stays beyond its retention until
 * the hold is released.
 *
 * @param until the first moment that is not held any more
 * @param releasedAt null while it holds
 */
public record EvidenceHold(
        UUID id,
        Instant from,
        Instant until,
        String reason,
        String placedBy,
        Instant placedAt,
        @Nullable String releasedBy,
        @Nullable Instant releasedAt) {
    public EvidenceHold {
        requireNonNull(id, "id is null");
        requireNonNull(from, "from is null");
        requireNonNull(until, "until is null");
        requireNonNull(reason, "reason is null");
    }
}

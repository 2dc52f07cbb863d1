package org.qiantang.share;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.List;
import java.util.UUID;

/**
 * What a department may read, for what, until when and how much (共享授权). It is never changed: another content is another version.
 *
 * @param recipient the department's id
 */
public record Grant(
        UUID id,
        String number,
        String recipient,
        String scenario,
        String legalBasis,
        String purpose,
        Instant from,
        Instant to,
        Quota quota,
        List<GrantedTable> tables) {
    public Grant {
        requireNonNull(id, "id is null");
        requireNonNull(number, "number is null");
        requireNonNull(recipient, "recipient is null");
        requireNonNull(quota, "quota is null");
        tables = List.copyOf(tables);
    }
}

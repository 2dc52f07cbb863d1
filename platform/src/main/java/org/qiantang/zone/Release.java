package org.qiantang.zone;

import java.time.Instant;
import java.util.UUID;

/**
 * A result that left a zone.
 *
 * @param sha256 of its file
 */
public record Release(
        UUID id, String number, UUID zone, UUID run, Instant releasedAt, long rows, long bytes, String sha256) {}

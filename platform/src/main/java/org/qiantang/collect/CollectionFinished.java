package org.qiantang.collect;

import java.time.Instant;
import java.util.UUID;

/** A run has ended and its receipt is signed and stored. */
public record CollectionFinished(UUID runId, UUID sourceId, String departmentId, RunState state, Instant at) {}

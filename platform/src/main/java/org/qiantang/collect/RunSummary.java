package org.qiantang.collect;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A collection run (归集任务) at a glance.
 *
 * @param attempt how many times the worker was asked; above 1 after a crash
 * @param position where the source stood
 * @param rejected rows and single values that were not taken
 * @param estimatedRows what is expected in all, by the source's own guesses; corrected by each table that ends
 * @param rowsPerSecond over the last seconds; null when it is not running
 * @param secondsLeft null while nobody can tell
 * @param message why it failed
 */
public record RunSummary(
        UUID id,
        UUID sourceId,
        String sourceName,
        String sourceTitle,
        String departmentId,
        RunState state,
        @Nullable Instant startedAt,
        @Nullable Instant finishedAt,
        int attempt,
        @Nullable String position,
        Tables tables,
        long rows,
        long rejected,
        long bytes,
        @Nullable Long estimatedRows,
        @Nullable Long rowsPerSecond,
        @Nullable Long secondsLeft,
        @Nullable Words message) {
    /**
     * What is copied.
     *
     * @param finished ended, well or not
     * @param failed ended without everything of it
     */
    public record Tables(int found, int finished, int failed) {}

    /** One sentence in both languages. */
    public record Words(String zh, String en) {}
}

package org.qiantang.catalog;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What columns a resource had from a moment on (结构版本), so that its owner learns of changes at the source before those do who build
 * on it, and an old snapshot can be read by the words of its time.
 *
 * @param runId the run that brought it; null when a follower did
 * @param position where the source stood, in its own words
 * @param columns how many there are
 * @param changes against the version before; none in the first
 */
public record SchemaVersion(
        int version,
        Instant at,
        @Nullable UUID runId,
        @Nullable String position,
        int columns,
        List<Change> changes) {
    public SchemaVersion {
        requireNonNull(at, "at is null");
        changes = List.copyOf(changes);
    }

    /** What changed. */
    public enum Kind {
        TABLE_NEW,
        TABLE_RENAMED,
        TABLE_GONE,
        TABLE_BACK,
        COLUMN_NEW,
        COLUMN_GONE,
        COLUMN_RENAMED,
        COLUMN_RETYPED,
        KEY_CHANGED,
    }

    /**
     * One change.
     *
     * @param name of the column, or of the table
     * @param from its former name, type or key; null where there was none
     * @param to its type or key now; null where it is gone or only its name changed
     */
    public record Change(
            Kind kind,
            String name,
            @Nullable String from,
            @Nullable String to) {
        public Change {
            requireNonNull(kind, "kind is null");
            requireNonNull(name, "name is null");
        }
    }

    /**
     * A column as a version knows it.
     *
     * @param identity what tells it apart at the source whatever it is called; null where nothing does
     */
    record Column(
            String name,
            String type,
            String sourceType,
            int keyPosition,
            @Nullable String identity) {}

    /** Changes that somebody has not taken note of yet, of one source. */
    public record Unseen(
            UUID sourceId, String departmentId, int resources, UUID resourceId, String title, Instant at) {}
}

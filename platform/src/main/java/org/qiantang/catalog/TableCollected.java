package org.qiantang.catalog;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.qiantang.lake.TableName;

/**
 * A table of a source has ended in a run; what the catalogue learns from it.
 *
 * @param kind what it is at the source: {@code TABLE}, {@code FILE} …
 * @param name its qualified name at the source
 * @param position where the source stood, in its own words
 * @param landed what is in the lake now; null when the run brought nothing of it and the lake keeps what it had
 * @param fields its columns in order
 * @param details what else the source says of it, by name
 */
public record TableCollected(
        UUID runId,
        UUID sourceId,
        String sourceName,
        String departmentId,
        TableName table,
        String kind,
        String name,
        @Nullable String comment,
        Completeness completeness,
        Instant at,
        @Nullable String position,
        @Nullable Landed landed,
        List<Field> fields,
        Map<String, String> details) {
    public TableCollected {
        requireNonNull(runId, "runId is null");
        requireNonNull(sourceId, "sourceId is null");
        requireNonNull(sourceName, "sourceName is null");
        requireNonNull(departmentId, "departmentId is null");
        requireNonNull(table, "table is null");
        requireNonNull(kind, "kind is null");
        requireNonNull(name, "name is null");
        requireNonNull(completeness, "completeness is null");
        requireNonNull(at, "at is null");
        fields = List.copyOf(fields);
        details = Map.copyOf(details);
    }

    /** The snapshot a run made. */
    public record Landed(long snapshotId, long rows, long bytes) {}

    /**
     * A column.
     *
     * @param name in the lake
     * @param sourceName at the source
     * @param type the lake type's label
     * @param keyPosition place in the primary key from 1 on, or 0
     * @param nulls counted in the lake, or null when nothing landed
     * @param identity what tells it apart at the source whatever it is called, or null
     * @param findings what its samples showed
     */
    public record Field(
            String name,
            String sourceName,
            String type,
            String sourceType,
            @Nullable String comment,
            boolean nullable,
            int keyPosition,
            @Nullable Long nulls,
            @Nullable String checksum,
            @Nullable String identity,
            Findings findings) {
        public Field {
            requireNonNull(name, "name is null");
            requireNonNull(sourceName, "sourceName is null");
            requireNonNull(type, "type is null");
            requireNonNull(sourceType, "sourceType is null");
            requireNonNull(findings, "findings is null");
        }
    }
}

package org.qiantang.collect;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.qiantang.catalog.Findings;
import org.qiantang.lake.ColumnProfile;

/** What a run says of itself while it goes on, in this order: discovered, then per table started, progress and ended. */
public sealed interface RunEvent {
    /**
     * Everything that was found, copied or not, and where the source stood.
     *
     * @param state by which another collector sees the same state of the source while this one has it open; empty where that cannot be
     * @param atOnce tables it has under way at the same time: read by its lanes, and committed beside them
     */
    record Discovered(String position, Instant at, List<SourceObject> objects, String state, int atOnce)
            implements RunEvent {
        public Discovered {
            objects = List.copyOf(objects);
        }
    }

    /** How far a table is; sent at most a few times a second. */
    record Progress(String object, Phase phase, long rows, long bytes) implements RunEvent {}

    /** A table has ended, well or not: what goes into the receipt. Once the hub has stored it, it is not collected again in this run. */
    record Ended(ObjectResult result) implements RunEvent {}

    /** Where a table is. */
    enum Phase {
        READING,
        VERIFYING,
    }

    /** How a table ended. */
    enum State {
        /** Every row is in the lake, proven. */
        COMPLETE,
        /** The lake has it as the source has it, by the content's hash; nothing was read, and the proofs of the run before stand. */
        UNCHANGED,
        /** It is in the lake, but rows or values were rejected or columns could not be read. */
        INCOMPLETE,
        /** The account may not read it. */
        UNREADABLE,
        /** It went wrong; the lake keeps what it had before. */
        FAILED,
        CANCELLED,
    }

    /**
     * What a run brought of one table.
     *
     * @param object the qualified name at the source
     * @param lakeName the table's name in the source's namespace
     * @param position where the source stood when it was read
     * @param reasonCode why it is not complete, or null
     * @param rowsAtSource rows the source says it has, or as many as were read
     * @param columns the columns as they were landed, with their proofs
     * @param findings per lake column: what its samples showed
     * @param profiles of the columns; empty where nothing landed or nothing is profiled
     */
    record ObjectResult(
            String object,
            String lakeName,
            State state,
            String position,
            @Nullable String reasonCode,
            @Nullable String reason,
            OptionalLong rowsAtSource,
            long rowsLanded,
            long rowsRejected,
            long valuesRejected,
            long bytes,
            @Nullable Long snapshotId,
            Instant startedAt,
            Instant endedAt,
            List<ColumnResult> columns,
            Map<String, Findings> findings,
            List<ColumnProfile> profiles) {
        public ObjectResult {
            columns = List.copyOf(columns);
            findings = Map.copyOf(findings);
            profiles = List.copyOf(profiles);
        }
    }

    /** A column as landed. */
    record ColumnResult(
            String name,
            String lakeName,
            String sourceType,
            String type,
            long nulls,
            String checksumRead,
            String checksumWritten) {}
}

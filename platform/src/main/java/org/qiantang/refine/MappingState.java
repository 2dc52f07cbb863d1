package org.qiantang.refine;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.qiantang.lake.Queries.TableState;

/**
 * A mapping and how its table stands, as whoever looks after the city's tables sees it.
 *
 * @param table {@code namespace.name}
 * @param inputs what it is made of, in order of name
 * @param resource its table in the catalogue; null while it was never made
 * @param last the newest run; null while there was none
 */
public record MappingState(
        String table,
        String layer,
        String title,
        @Nullable String titleEn,
        String department,
        String about,
        int version,
        State state,
        List<String> inputs,
        @Nullable UUID resource,
        @Nullable Run last) {
    public MappingState {
        inputs = List.copyOf(inputs);
    }

    /** How a table stands to what it is made of. */
    public enum State {
        /** It holds what its inputs say. */
        CURRENT,
        /** An input or the mapping has changed since. */
        DUE,
        RUNNING,
        /** The newest attempt failed; the table is what it was before. */
        FAILED,
        /** Nobody makes it any more; the table stays as it is. */
        RETIRED,
    }

    /** How a run stands. */
    public enum RunState {
        RUNNING,
        /** Something was written. */
        MADE,
        /** It was so already. */
        UNCHANGED,
        FAILED,
        /** The hub ended in the middle; nothing was written. */
        LOST,
    }

    /** @param inputs what was read, at which snapshots */
    public record Run(
            UUID id,
            int version,
            RunState state,
            Instant startedAt,
            @Nullable Instant endedAt,
            List<Input> inputs,
            @Nullable Long rows,
            @Nullable Long added,
            @Nullable Long removed,
            @Nullable String messageZh,
            @Nullable String messageEn) {
        public Run {
            inputs = List.copyOf(inputs);
        }
    }

    /** @param snapshotId a decimal number; a string, because it does not fit the numbers of a browser */
    public record Input(String table, String snapshotId) {
        static Input of(TableState state) {
            return new Input(state.table().toString(), Long.toString(state.snapshotId()));
        }
    }

    /** A version as it was written. */
    public record Version(int version, String text, String author, Instant at) {}

    /** Everything about one mapping, the newest versions and runs first. */
    public record Whole(MappingState state, List<String> key, int tests, List<Version> versions, List<Run> runs) {
        public Whole {
            key = List.copyOf(key);
            versions = List.copyOf(versions);
            runs = List.copyOf(runs);
        }
    }
}

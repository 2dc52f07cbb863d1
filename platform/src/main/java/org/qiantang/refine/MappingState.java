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

    /**
     * @param inputs what was read, at which snapshots
     * @param course how it was made; null when nothing came of it, and of runs before this was noted
     */
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
            @Nullable Course course,
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

    /**
     * How a table was made.
     *
     * @param reason why it was made as a whole; null when only the keys concerned were made
     * @param about the table or function that the reason is about; empty when it is about none
     * @param read how many rows were read of each input
     */
    public record Course(@Nullable Reason reason, String about, List<Read> read) {
        public Course {
            read = List.copyOf(read);
        }
    }

    /** @param of how many rows it has */
    public record Read(String table, long rows, long of) {}

    /** Why a table was made as a whole. */
    public enum Reason {
        /** There was nothing yet from which to go on. */
        FIRST,
        /** Its text is a new one. */
        VERSION,
        /** Somebody asked for it. */
        ASKED,
        /** It was made in parts for a day: the whole is held against them. */
        CHECK,
        /** A check found something else than the parts had made. */
        DEVIATED,
        NO_KEY,
        /** The engine, or the zone of its dates, is another one than last time. */
        STATEMENT,
        /** Its table is not what was made last time. */
        TABLE,
        /** An input has other columns than last time. */
        SHAPE,
        /** It depends on the moment, on chance or on the order of rows. */
        MOMENT,
        /** No column of the key says which rows are needed for it. */
        NOT_BY_KEY,
        /** An input that is looked up by other columns has changed. */
        LOOKED_UP,
        /** What an input was last time is not kept any more. */
        HISTORY,
        /** So much has changed that the whole is less work. */
        MUCH,
        /** The part could not be made by itself. */
        REFUSED,
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

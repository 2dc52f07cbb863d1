package org.qiantang.collect;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The lake worker as the hub sees it: where sources are read and tables written, in a process that may die at any moment without
 * costing more than the unfinished tables of a run.
 */
public interface CollectionWorker {
    /**
     * Collects a source and returns when the run has ended or was cancelled. Events come in order, on the calling thread. When the
     * worker dies a {@code collect.worker_lost} problem is thrown; calling again with the same run id and the tables that have finished
     * continues the run.
     */
    void run(RunOrder order, Consumer<RunEvent> events);

    /**
     * Gives more tables to one of the collectors that share a run; see {@link RunOrder#sharing}.
     *
     * @param lakeNames of the tables it is to collect, in order
     * @param last whether nothing more will be given, so that it ends when it has none left
     */
    void give(String runId, List<String> lakeNames, boolean last);

    /** Asks a run or a verification to stop; it ends with the tables finished so far. Unknown ones are ignored. */
    void cancel(String runId);

    /**
     * Holds the lake's tables against their source and returns when that has ended or was cancelled by {@link #cancel}. Events come in
     * order, on the calling thread. A source that is followed is brought to the very position at which it is read; what follows it goes
     * on as soon as the lake's side is fixed.
     */
    void verify(VerifyOrder order, Consumer<VerifyEvent> events);

    /**
     * Follows a source's changes from where its tables stand and returns when {@link #unfollow} was called. Events come in order, on
     * the calling thread. When it cannot go on a {@code Problem} says why; calling again continues.
     */
    void follow(FollowOrder order, Consumer<FollowEvent> events);

    /** Asks the follower of a source to stop, with what it has whole in the lake; returns when it has. */
    void unfollow(String sourceName);

    /** Makes the source forget that it was followed. */
    void release(FollowOrder order);

    /** Connects to a source and says what is there, copying nothing. */
    SourceReport inspect(SourceAccess access);

    /**
     * What to collect.
     *
     * @param follower the name under which the source is followed from this run's state on; empty when nobody follows
     * @param finished lake names of the tables this run has finished already
     * @param carriable the files that the run before brought whole, by lake name, with the SHA-256 they had: those that are the same
     *     need not be read
     * @param limits what may be asked of the source
     * @param sharing how several collectors share the run; null when one has it for itself
     */
    record RunOrder(
            String runId,
            String sourceName,
            SourceAccess access,
            String follower,
            Set<String> finished,
            Map<String, String> carriable,
            @Nullable Limits limits,
            @Nullable Sharing sharing) {
        public RunOrder {
            finished = Set.copyOf(finished);
            carriable = Map.copyOf(carriable);
        }

        /** A run that takes what it can. */
        public RunOrder(String runId, String sourceName, SourceAccess access, String follower, Set<String> finished) {
            this(runId, sourceName, access, follower, finished, Map.of(), null, null);
        }

        /** The same run, each of whose collectors takes what it is {@link #give given} only. */
        RunOrder shared(Sharing how) {
            return new RunOrder(runId, sourceName, access, follower, finished, carriable, limits, how);
        }

        @Override
        public String toString() {
            return "RunOrder[" + runId + ", " + sourceName + "]";
        }
    }

    /**
     * How a run is shared.
     *
     * @param state the state of the source that another collector has open and this one is to see too; empty for the first one
     */
    record Sharing(String state) {}

    /**
     * What to verify.
     *
     * @param follow how the source is followed; null when it is not
     * @param values whether each value is compared, or the number of rows where the source can count
     * @param aim whether what differs is put right as well
     * @param tables lake names; all where it is empty
     * @param finished lake names of the tables this verification has compared already
     * @param shown the values that may be told of rows that differ; of other columns only that they differ
     */
    record VerifyOrder(
            String id,
            String sourceName,
            SourceAccess access,
            @Nullable FollowOrder follow,
            boolean values,
            Verification.Aim aim,
            Set<String> tables,
            Set<String> finished,
            List<Shown> shown,
            @Nullable Limits limits) {
        public VerifyOrder {
            tables = Set.copyOf(tables);
            finished = Set.copyOf(finished);
            shown = List.copyOf(shown);
        }

        @Override
        public String toString() {
            return "VerifyOrder[" + id + ", " + sourceName + "]";
        }
    }

    /**
     * A column whose values may be told.
     *
     * @param mask how, as {@link org.qiantang.lake.Mask#of} reads it
     */
    record Shown(String table, String column, String mask) {}

    /**
     * What may be asked of a source.
     *
     * @param connections at the same time, or null
     * @param rowsPerSecond over all connections, or null
     */
    record Limits(@Nullable Integer connections, @Nullable Long rowsPerSecond) {}

    /**
     * What to follow.
     *
     * @param follower under which name the source knows us
     * @param from the position that was confirmed last, for sources that do not remember it; empty when there was none
     * @param mayKeepBytes how much log the source may keep for us before we let it go
     */
    record FollowOrder(String sourceName, SourceAccess access, String follower, String from, long mayKeepBytes) {
        public FollowOrder(String sourceName, SourceAccess access, String follower, long mayKeepBytes) {
            this(sourceName, access, follower, "", mayKeepBytes);
        }
    }

    /** What a connection test found. */
    record SourceReport(
            String product,
            String version,
            Map<SourceObject.Kind, Integer> objects,
            List<String> unreadable,
            long estimatedRows,
            long estimatedBytes,
            List<SourcePreview> previews) {
        public SourceReport {
            previews = List.copyOf(previews);
            objects = Map.copyOf(objects);
            unreadable = List.copyOf(unreadable);
        }
    }
}

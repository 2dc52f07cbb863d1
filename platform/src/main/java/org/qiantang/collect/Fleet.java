package org.qiantang.collect;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.qiantang.org.Department;

/**
 * Every table of every source and how it stands, in a form in which thousands fit one answer: columns instead of objects, and sources
 * and departments by reference. The counts are of all tables that match, also where more match than are listed.
 *
 * @param total tables that match
 * @param counts by department and state
 */
public record Fleet(
        Instant asOf,
        long total,
        List<Count> counts,
        List<Department> departments,
        List<FleetSource> sources,
        Tables tables) {
    public Fleet {
        counts = List.copyOf(counts);
        departments = List.copyOf(departments);
        sources = List.copyOf(sources);
    }

    /** How a table stands; the first that holds. */
    public enum State {
        /** Its last collection failed. */
        FAILED,
        /** The account may not read it. */
        UNREADABLE,
        /** Rows, values or columns of it are missing. */
        INCOMPLETE,
        /** Its changes should be here and are not. */
        LAGGING,
        /** It should have been collected since, or nobody has planned it and it is older than a week. */
        LATE,
        /** The source does not have it any more; the lake keeps what it was. */
        GONE,
        /** As it should be. */
        FRESH,
    }

    /** Tables of a department in a state. */
    public record Count(String departmentId, State state, long tables) {}

    /** @param departmentId of the {@code departments} */
    public record FleetSource(
            UUID id,
            String name,
            String title,
            SourceKind kind,
            String departmentId,
            boolean followed,
            boolean planned,
            boolean running) {}

    /**
     * One entry a table in every list, in the order of sources and names.
     *
     * @param sources places in the list of sources, from 0 on
     * @param names at the source
     * @param titles empty where it is the name
     * @param asOf seconds since 1970 of the state the lake has; null where it has none
     * @param lags seconds that it is late by, or that its changes are behind
     * @param changed places in these lists, from 0 on, of tables whose changed columns whoever asks has not taken note of
     */
    public record Tables(
            List<UUID> ids,
            List<Integer> sources,
            List<String> names,
            List<String> titles,
            List<State> states,
            List<@Nullable Long> rows,
            List<@Nullable Long> asOf,
            List<Long> lags,
            List<Integer> changed) {}
}

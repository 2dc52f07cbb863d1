package org.qiantang.catalog;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.qiantang.lake.ColumnProfile;

/**
 * What a resource holds, column by column, as it was when it was collected last, and how that changed from collection to collection.
 *
 * @param at when it was measured; null while it never was
 * @param snapshotId of what; a string, because it does not fit the numbers of a browser
 * @param current whether the resource is still what was measured; what followed since, or was derived, is not in it
 * @param history of the profiles before and this one, the oldest first
 * @param alarms that are not settled, the newest first
 */
public record Profile(
        @Nullable Instant at,
        @Nullable String snapshotId,
        long rows,
        boolean current,
        List<Column> columns,
        List<Former> history,
        List<ProfileAlarm> alarms) {
    public Profile {
        columns = List.copyOf(columns);
        history = List.copyOf(history);
        alarms = List.copyOf(alarms);
    }

    /**
     * A column.
     *
     * @param hidden whether its level keeps single values from being shown
     */
    public record Column(ColumnProfile profile, @Nullable String comment, Level level, boolean hidden) {}

    /** The counts of a profile. */
    public record Former(Instant at, String snapshotId, long rows, Map<String, Counts> columns) {
        public Former {
            columns = Map.copyOf(columns);
        }
    }

    /** What lines over time are drawn of. */
    public record Counts(long nulls, long distinct) {}
}

package org.qiantang.collect;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.qiantang.catalog.Completeness;

/**
 * The city at a glance. Every number of tables, rows and completeness is a sum over latest receipts.
 *
 * @param history what the receipts spoke for in all, at each time one was added; the oldest first
 */
public record Overview(
        Instant asOf,
        Site installation,
        City city,
        List<DepartmentOverview> departments,
        List<RunSummary> running,
        List<Attention> attention,
        List<Receipts.Volume> history) {
    /** Which installation this is. */
    public record Site(String name, boolean trial) {}

    /**
     * Sums over all departments.
     *
     * @param departments those that have a source
     * @param completeness 全量率: tables proven complete out of tables found, 0 to 1; null when nothing was collected
     */
    public record City(
            int departments,
            int sources,
            long tables,
            long completeTables,
            long rows,
            long rejected,
            long bytes,
            @Nullable Double completeness) {}

    /** How a department's data stands. */
    public enum DepartmentState {
        COMPLETE,
        INCOMPLETE,
        FAILED,
        RUNNING,
        NEVER,
    }

    /** @param running runs under way or waiting */
    public record DepartmentOverview(
            String id,
            String name,
            String nameEn,
            int sources,
            long tables,
            long completeTables,
            long rows,
            long rejected,
            long bytes,
            @Nullable Double completeness,
            @Nullable Instant lastFinishedAt,
            DepartmentState state,
            int running,
            List<TableCell> tablesState) {}

    /** @param resourceId null while the catalogue does not know the table */
    public record TableCell(@Nullable UUID resourceId, String name, Completeness state, long rows, long rejected) {}

    /** Something a person should look at. */
    public record Attention(
            Kind kind,
            String departmentId,
            UUID sourceId,
            @Nullable UUID runId,
            @Nullable UUID resourceId,
            String zh,
            String en,
            Instant at) {}

    /** Why something needs attention. */
    public enum Kind {
        RUN_FAILED,
        RUN_INCOMPLETE,
        NEVER_COLLECTED,
        /** Columns or tables are others than before, and whoever asks has not taken note of it. */
        SCHEMA_CHANGED,
        VERIFICATION_DIFFERENT,
        VERIFICATION_FAILED,
    }
}

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
        Day day,
        List<Receipts.Volume> history) {
    /**
     * Today, as the bureau's morning begins with it.
     *
     * @param since when it began in the city
     * @param arrived what has come so far, by source, the newest first
     * @param late what its update cycle or its schedule says should have come by now
     * @param worse what is less good than when the day began
     * @param owes who owes an answer, those whose deadline is nearest first
     * @param undispatched tickets that wait for the bureau itself
     * @param forBureau other answers that the bureau itself owes
     */
    public record Day(
            Instant since,
            List<Arrived> arrived,
            List<Late> late,
            List<Worse> worse,
            List<Owes> owes,
            int undispatched,
            int forBureau) {
        public Day {
            arrived = List.copyOf(arrived);
            late = List.copyOf(late);
            worse = List.copyOf(worse);
            owes = List.copyOf(owes);
        }
    }

    /**
     * What has come of a source.
     *
     * @param sourceId null for tables that the city makes itself
     */
    public record Arrived(
            @Nullable UUID sourceId, String title, String departmentId, int tables, long rows, Instant last) {}

    /**
     * Something that should have come.
     *
     * @param resourceId null where it is a whole source
     * @param since when it was due; null where nothing has ever come
     */
    public record Late(
            @Nullable UUID resourceId,
            @Nullable UUID sourceId,
            String title,
            String departmentId,
            @Nullable Instant since) {}

    /** A resource whose score fell; scores are 0 to 1. */
    public record Worse(UUID resourceId, String title, String departmentId, double before, double now) {}

    /** A department that owes answers to tickets, objections and applications. */
    public record Owes(
            String departmentId,
            int tickets,
            int objections,
            int applications,
            int overdue,
            @Nullable Instant nextDue) {}

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

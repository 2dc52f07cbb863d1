package org.qiantang.zone;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.qiantang.catalog.LakeReader;
import org.qiantang.catalog.Level;
import org.qiantang.org.EvidenceRecords;

/**
 * A statement that was run inside a zone, and what became of its result. No row of it is here.
 *
 * @param grants the numbers of those it was run under
 * @param columns as the statement has them, whatever the data are
 * @param failure null where it did not fail
 * @param rows exactly; for who may see the rows
 * @param rowsAbout two digits of it, 0 for fewer than ten: an exact number could be made to say anything
 * @param seconds that it took, begun ones counting
 * @param digest SHA-256 of the rows as they are held; for who may see them, since of few rows it could be guessed
 * @param purpose what the result is wanted for, said when it was handed in
 * @param legalBasis of a refusal
 */
public record ZoneRun(
        UUID id,
        UUID zone,
        String who,
        String whoName,
        State state,
        String statement,
        Declaration declared,
        List<String> grants,
        List<ZoneColumn> columns,
        Instant begunAt,
        @Nullable Long seconds,
        @Nullable Failure failure,
        @Nullable Long rows,
        @Nullable Long rowsAbout,
        @Nullable Level level,
        List<LakeReader.TableRead> tables,
        @Nullable String digest,
        List<EvidenceRecords.Recorded> evidence,
        @Nullable CheckReport report,
        @Nullable String purpose,
        @Nullable Instant submittedAt,
        @Nullable Instant dueAt,
        boolean overdue,
        @Nullable String reviewerName,
        @Nullable Instant reviewedAt,
        @Nullable String reason,
        @Nullable String legalBasis) {
    public ZoneRun {
        grants = List.copyOf(grants);
        columns = List.copyOf(columns);
        tables = List.copyOf(tables);
        evidence = List.copyOf(evidence);
    }

    /** Where it is on its way out. */
    public enum State {
        RUNNING,
        FAILED,
        /** Its result is in the zone. */
        HELD,
        /** A reviewer has to decide; nothing is decided by silence. */
        SUBMITTED,
        REFUSED,
        RELEASED,
        /** Its result was deleted. */
        DISCARDED,
    }

    /** Why there is no result: never in the engine's words, which could tell of a value. */
    public enum Failure {
        TOO_LARGE,
        TOO_LONG,
        STOPPED,
        /** The platform, not the statement. */
        UNAVAILABLE,
        /** The statement cannot be carried out on what the tables hold. */
        AT_A_VALUE,
        TOO_MANY_ROWS,
    }

    /**
     * A column of a result, and what it was declared as.
     *
     * @param level null until it ran
     */
    public record ZoneColumn(
            String name,
            String type,
            Declaration.As as,
            @Nullable Level level) {}

    /** As somebody may see it who must not see rows. */
    ZoneRun withoutFigures() {
        return new ZoneRun(
                id,
                zone,
                who,
                whoName,
                state,
                statement,
                declared,
                grants,
                columns,
                begunAt,
                seconds,
                failure,
                null,
                rowsAbout,
                level,
                tables,
                null,
                evidence,
                report == null ? null : report.inWords(),
                purpose,
                submittedAt,
                dueAt,
                overdue,
                reviewerName,
                reviewedAt,
                reason,
                legalBasis);
    }
}

package org.qiantang.quality;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A demand on a resource that is looked at on every snapshot (质量规则), as its newest version says.
 *
 * @param resource the resource it is about
 * @param note why its author wants it; may be empty
 * @param words what it demands
 * @param tolerance the share of rows, 0 to 1, that may fail before somebody has to do something
 * @param newest the newest outcome; null while it was never looked at
 */
public record Rule(
        UUID id,
        UUID resource,
        int version,
        Characteristic characteristic,
        Requirement requirement,
        Words words,
        String note,
        double tolerance,
        Severity severity,
        String author,
        Instant at,
        boolean retired,
        @Nullable Outcome newest) {
    /**
     * What came of looking once.
     *
     * @param version of the rule
     * @param snapshotId of the resource; a decimal number, as a string for browsers
     * @param checked rows that were looked at
     * @param failed rows of them that fail
     * @param error why it could not be looked at; then nothing was counted
     */
    public record Outcome(
            int version,
            @Nullable String snapshotId,
            Instant at,
            long checked,
            long failed,
            long millis,
            @Nullable Words error) {
        /** The share of rows that are as they should be. */
        public double score() {
            return checked == 0 ? 1 : 1 - (double) failed / checked;
        }

        public boolean passes(double tolerance) {
            return error == null && failed <= tolerance * checked;
        }
    }

    /** What somebody wants a rule to be. */
    public record Wanted(
            Characteristic characteristic, Requirement requirement, String note, double tolerance, Severity severity) {
        public Wanted {
            if (!(tolerance >= 0 && tolerance <= 1)) {
                throw new IllegalArgumentException("A share is between 0 and 1");
            }
            note = note.strip();
        }
    }

    /** A version as it was written. */
    public record Version(
            int version,
            Characteristic characteristic,
            Requirement requirement,
            Words words,
            String note,
            double tolerance,
            Severity severity,
            String author,
            Instant at) {}
}

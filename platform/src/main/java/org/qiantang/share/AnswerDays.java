package org.qiantang.share;

import static java.util.Objects.requireNonNull;

/**
 * How many working days there are for each answer to an application (办理时限), and what silence means.
 *
 * @param compliance for the bureau to review an application
 * @param provider for a source department to answer it, and to settle a negotiation
 * @param decision for the bureau to decide what was escalated
 * @param escalate beyond a source department's day, until its silence has consequences
 */
public record AnswerDays(int compliance, int provider, int decision, int escalate, Silence silence) {
    public AnswerDays {
        requireNonNull(silence, "silence is null");
        if (compliance < 1 || provider < 1 || decision < 1 || escalate < 1) {
            throw new IllegalArgumentException("A deadline is at least one working day");
        }
    }

    /** What follows when a source department does not answer. */
    public enum Silence {
        /** The bureau decides. */
        ESCALATE,
        /** It counts as a yes; never so unless the city says so. */
        GRANT,
    }
}

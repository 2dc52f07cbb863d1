package org.qiantang.catalog;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A field's class and level as they are in force, beside what the machine proposes and why, and who decided what.
 *
 * @param gradeRule why the machine holds it for more than general data, or null
 * @param decisions the newest first; empty while no person has looked
 * @param contradiction what was found since a person lowered the level, or null
 */
public record FieldClass(
        String name,
        @Nullable String comment,
        String type,
        Level level,
        @Nullable ContentKind kind,
        Subject subject,
        Grade grade,
        @Nullable String gradeRule,
        Level proposedLevel,
        @Nullable ContentKind proposedKind,
        @Nullable Evidence evidence,
        boolean decided,
        List<Decision> decisions,
        @Nullable Contradiction contradiction) {
    public FieldClass {
        decisions = List.copyOf(decisions);
    }

    /**
     * What a person decided of a field.
     *
     * @param undone whether it was taken back
     * @param undoes whether it is itself the taking back of another
     */
    public record Decision(
            long id,
            Instant at,
            String who,
            Level level,
            @Nullable ContentKind kind,
            Grade grade,
            Level formerLevel,
            String reason,
            boolean undone,
            boolean undoes) {}

    /** More than the person who lowered the level had seen. */
    public record Contradiction(
            Instant at, Level level, @Nullable ContentKind kind) {}
}

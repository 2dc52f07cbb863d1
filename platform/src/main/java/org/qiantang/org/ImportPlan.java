package org.qiantang.org;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a file would do to the organisation, line by line; nothing of it is done yet.
 *
 * @param sheet the sheet of the workbook that was read; null for a file without sheets
 * @param token of this file and this state of the organisation: only with it can just this be applied
 */
public record ImportPlan(
        ImportKind kind, @Nullable String sheet, String token, Counts counts, List<Line> lines, List<Fault> faults) {
    public ImportPlan {
        lines = List.copyOf(lines);
        faults = List.copyOf(faults);
    }

    public record Counts(int added, int changed, int ended, int same, int errors, int warnings) {}

    /** What becomes of a line. */
    public enum Outcome {
        ADDED,
        CHANGED,
        ENDED,
        SAME,
        WRONG,
    }

    /**
     * A line of the file.
     *
     * @param line counted from 1, with the header
     * @param key what it is about
     */
    public record Line(int line, Outcome outcome, String key, String name, List<Change> changes) {
        public Line {
            changes = List.copyOf(changes);
        }
    }

    /** A value that becomes another. */
    public record Change(
            String column,
            @Nullable String before,
            @Nullable String after) {}

    /** Whether it stops the import. */
    public enum Severity {
        ERROR,
        WARNING,
    }

    /** What is wrong with a value, in both languages. */
    public record Fault(int line, String column, Severity severity, String code, String zh, String en) {}
}

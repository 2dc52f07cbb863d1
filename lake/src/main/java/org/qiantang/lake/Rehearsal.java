package org.qiantang.lake;

import java.util.List;

/**
 * A statement tried on a few rows that somebody wrote down, in an engine that holds nothing else: the test of a mapping.
 *
 * @param given what its tables hold; a table that is not among them is empty
 * @param expected the rows that must come out, in any order: a JSON array of objects; columns that none of them names do not count
 */
public record Rehearsal(String sql, List<Given> given, String expected) {
    public Rehearsal {
        given = List.copyOf(given);
    }

    /** Rows of a table: a JSON array of objects; what they leave out is null. */
    public record Given(TableName table, String rows) {}

    /**
     * How it went; nothing in either list when it went well.
     *
     * @param missing rows that were expected and did not come, as JSON
     * @param unexpected rows that came and were not expected, as JSON
     */
    public record Outcome(List<String> missing, List<String> unexpected) {
        public Outcome {
            missing = List.copyOf(missing);
            unexpected = List.copyOf(unexpected);
        }

        public boolean isGood() {
            return missing.isEmpty() && unexpected.isEmpty();
        }
    }
}

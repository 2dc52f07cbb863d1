package org.qiantang.org;

import java.time.Instant;
import java.util.List;

/** A kind of answers that departments owe and the day's overview tells of; kept by the part whose procedure asks for them. */
public interface AnswersOwed {
    /** The departments that owe one, those whose deadline is nearest first. */
    List<Owed> owed();

    /** How many wait for the bureau itself. */
    int waitForBureau();

    /** What a department owes, and until when the first of it. */
    record Owed(Department department, int open, int overdue, Instant nextDue) {}
}

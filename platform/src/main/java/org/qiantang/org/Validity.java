package org.qiantang.org;

import java.time.LocalDate;
import org.jspecify.annotations.Nullable;

/**
 * When something of the organisation holds: divisions are abolished, departments reformed, people change posts, and what was written
 * before must still be understood.
 *
 * @param from the first day; null when it is not known since when
 * @param to the first day on which it no longer holds; null while it does
 */
public record Validity(@Nullable LocalDate from, @Nullable LocalDate to) {
    public static final Validity ALWAYS = new Validity(null, null);

    public Validity {
        if (from != null && to != null && !from.isBefore(to)) {
            throw new IllegalArgumentException("It would end on " + to + " before it began on " + from);
        }
    }

    public boolean covers(LocalDate day) {
        return !begins().isAfter(day) && day.isBefore(ends());
    }

    public boolean overlaps(Validity other) {
        return begins().isBefore(other.ends()) && other.begins().isBefore(ends());
    }

    /** {@link LocalDate#MIN}, which PostgreSQL calls {@code -infinity}, when nobody knows. */
    LocalDate begins() {
        return from == null ? LocalDate.MIN : from;
    }

    LocalDate ends() {
        return to == null ? LocalDate.MAX : to;
    }

    /** As the database keeps it. */
    static Validity stored(LocalDate from, LocalDate to) {
        return new Validity(from.equals(LocalDate.MIN) ? null : from, to.equals(LocalDate.MAX) ? null : to);
    }
}

package org.qiantang.catalog;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.qiantang.org.Department;

/**
 * A datum that more than one department holds, such as the name of a natural person. Order 809 wants one source for it (一数一源): whoever
 * needs it takes it from the authoritative item, and the others are checked against that.
 *
 * @param subject whom or what it is of
 * @param authority null while nobody has named one
 */
public record Datum(
        UUID id,
        String name,
        String subject,
        List<Claim> claims,
        @Nullable Authority authority) {
    public Datum {
        requireNonNull(id, "id is null");
        requireNonNull(name, "name is null");
        requireNonNull(subject, "subject is null");
        claims = List.copyOf(claims);
    }

    /** A published item that holds it. */
    public record Claim(
            UUID entry,
            String item,
            String title,
            Department department,
            @Nullable String column,
            @Nullable ContentKind content,
            Guide.@Nullable UpdateCycle updateCycle,
            Guide.@Nullable ShareClass shareClass) {}

    /** What has become of an item since it was named the source. */
    public enum Standing {
        /** It is published. */
        HELD,
        /** The entry's newest version has no item of this name. */
        ITEM_GONE,
        ENTRY_RETIRED,
    }

    /** Which item is, or was, the source. */
    public record Authority(
            UUID entry, String title, String item, Instant since, String namedBy, String words, Standing standing) {}

    /** An item that was said to be the datum and is not. */
    public record Withdrawal(UUID entry, String title, String item, Instant at, String who, String words) {}

    /** What makes items look as if they were one datum. */
    public enum Likeness {
        /** They are called the same. */
        SAME_NAME,
        /** Their content is of the same identifying kind. */
        SAME_CONTENT,
    }

    /**
     * Items that look as if they were one datum, and that nobody has said anything of yet.
     *
     * @param datum the datum that others of this name belong to already
     */
    public record Candidate(
            String name, Likeness likeness, @Nullable UUID datum, List<Claim> claims) {
        public Candidate {
            claims = List.copyOf(claims);
        }
    }

    /**
     * An entry's part in a datum.
     *
     * @param authority the source's item, where it is published
     * @param gone what was named the source and is none any more, so that another must be named
     */
    public record Part(
            UUID datum,
            String name,
            String subject,
            String item,
            boolean authoritative,
            @Nullable Claim authority,
            @Nullable Authority gone) {}
}

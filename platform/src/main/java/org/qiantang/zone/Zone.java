package org.qiantang.zone;

import static java.util.Objects.requireNonNull;

import java.time.LocalDate;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.qiantang.org.Account;
import org.qiantang.org.Department;

/**
 * An authorised operation zone (授权运营域): a tenant of its own for one operator, in which it uses what its department was granted.
 *
 * @param agreement the document by which it was authorised (授权运营协议)
 * @param validTo the last day, included
 * @param k of fewer nothing leaves
 * @param grants those that may be used here
 * @param members usernames of the operator's department
 * @param reason why it was revoked
 */
public record Zone(
        UUID id,
        String number,
        Department operator,
        String name,
        String agreement,
        String scope,
        LocalDate validFrom,
        LocalDate validTo,
        int k,
        int mostRows,
        int runsADay,
        List<UUID> grants,
        List<String> members,
        State state,
        @Nullable String reason,
        int revision) {
    public Zone {
        requireNonNull(id, "id is null");
        requireNonNull(operator, "operator is null");
        grants = List.copyOf(grants);
        members = List.copyOf(members);
    }

    /** Whether it was taken away. */
    public enum State {
        ACTIVE,
        /** For good. */
        REVOKED,
    }

    boolean isInForce(LocalDate today) {
        return state == State.ACTIVE && !today.isBefore(validFrom) && !today.isAfter(validTo);
    }

    boolean hasMember(Account who) {
        Department own = who.department();
        return own != null && own.id().equals(operator.id()) && members.contains(who.username());
    }
}

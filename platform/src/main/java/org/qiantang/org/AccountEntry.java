package org.qiantang.org;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An account as its administrators see it.
 *
 * @param invitedUntil when its first password opens nothing any more; null where the password is its owner's own
 * @param lockedUntil until when too many failures lock it for where they came from
 */
public record AccountEntry(
        String username,
        String displayName,
        List<Role> roles,
        @Nullable Department department,
        State state,
        boolean secondFactor,
        boolean passwordIsFirst,
        @Nullable Instant invitedUntil,
        @Nullable Instant lastSignIn,
        @Nullable Instant lockedUntil) {
    public AccountEntry {
        roles = List.copyOf(roles);
    }

    /** Whether it can be used. */
    public enum State {
        ENABLED,
        DISABLED,
    }
}

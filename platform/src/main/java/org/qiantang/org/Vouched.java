package org.qiantang.org;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/**
 * What a provider of identities has said of somebody, after its token was checked.
 *
 * @param provider what the configuration calls it
 * @param username the account the person may be bound to when they come for the first time; null where only an administrator binds
 * @param factor whether the provider saw a second factor
 */
public record Vouched(
        String provider,
        String issuer,
        String subject,
        String name,
        @Nullable String username,
        Factor factor) {
    private static final int LONGEST = 255;

    public Vouched {
        requireNonNull(provider, "provider is null");
        requireNonNull(issuer, "issuer is null");
        requireNonNull(name, "name is null");
        requireNonNull(factor, "factor is null");
        if (subject.isBlank() || subject.length() > LONGEST) {
            throw new IllegalArgumentException("A subject has 1 to " + LONGEST + " characters");
        }
    }

    /** Who has seen a second factor. */
    public enum Factor {
        /** The provider, which says so in the way the configuration names. */
        SEEN_BY_PROVIDER,
        /** Nobody yet. */
        NOT_SEEN,
    }
}

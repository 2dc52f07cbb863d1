package org.qiantang.org;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Somebody as a provider of identities knows them, bound to an account of the platform: who signs in there comes in as that account.
 *
 * @param issuer the provider, by the address it signs its tokens with
 * @param subject the provider's lasting name for the person
 * @param confirmedAt when the account's own second factor was shown with it; null before, and then no administrator comes in by it
 */
public record Identity(
        String issuer,
        String subject,
        String name,
        String boundBy,
        Instant boundAt,
        @Nullable Instant confirmedAt,
        @Nullable Instant lastUsed) {}

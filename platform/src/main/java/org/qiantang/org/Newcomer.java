package org.qiantang.org;

import java.time.Instant;

/** Somebody a provider of identities vouches for, who tried to come in and has no account here: an administrator may bind them to one. */
public record Newcomer(String issuer, String subject, String name, int attempts, Instant lastAt) {}

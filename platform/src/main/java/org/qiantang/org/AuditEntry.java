package org.qiantang.org;

import java.time.Instant;
import java.util.Map;

/**
 * An administrative act: who did what to whom, when and from where.
 *
 * @param before what there was; an empty object where there was nothing
 * @param hash HMAC-SM3 over this entry, its place and the hash of the one before it
 */
public record AuditEntry(
        long id,
        Instant at,
        String actor,
        String address,
        Act act,
        String subject,
        Map<String, Object> before,
        Map<String, Object> after,
        String hash) {}

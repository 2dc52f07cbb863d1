package org.qiantang.exchange;

import java.time.Instant;
import java.util.UUID;
import org.qiantang.org.Department;
import org.qiantang.share.Grants;

/**
 * What another installation has granted to a department of ours, as it last said.
 *
 * @param application ours
 * @param heardAt when it last said so
 */
public record PeerGrant(
        String peer,
        UUID id,
        UUID application,
        Department department,
        String number,
        boolean inForce,
        Grants.GrantWhole granted,
        Instant heardAt) {}

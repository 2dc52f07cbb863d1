package org.qiantang.exchange;

import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.qiantang.org.Account;
import org.qiantang.org.Department;

/**
 * Another installation with which data is exchanged (互联平台): a ministry's, a province's, a city's beside us. Here it is a department of its
 * own kind, so that grants, quotas and evidence are what they are for any department.
 *
 * @param name short, as it is called in addresses here
 * @param fingerprint what both sides read to each other when it was confirmed; before that, what they are to read
 * @param heardAt when it last answered us
 * @param awaySince since when it has not; null while it does
 * @param away why, as far as we can tell
 */
public record Peer(
        String name,
        Department department,
        PeerCard card,
        State state,
        String fingerprint,
        String proposedBy,
        @Nullable String confirmedBy,
        @Nullable Instant heardAt,
        @Nullable Instant awaySince,
        @Nullable String away) {
    private static final String PREFIX = "peer:";

    /** Where it stands. Nothing passes but while it is confirmed, here and there. */
    public enum State {
        /** Its card was entered; nobody has compared it yet. */
        PROPOSED,
        CONFIRMED,
        SUSPENDED,
        /** For good. */
        ENDED,
    }

    /** As whom it comes: an account that is in no list and cannot sign in. */
    static Account account(String name, Department department) {
        return new Account(PREFIX + name, department.name(), Set.of(), department);
    }

    /** Whether it is a peer that asks. No person's name has a colon. */
    public static boolean isBehind(Account account) {
        return account.username().startsWith(PREFIX);
    }
}

package org.qiantang.catalog;

import java.util.Optional;
import java.util.UUID;
import org.qiantang.core.Problem;
import org.qiantang.org.Account;

/** Who keeps the rights to read: a part above the catalogue, which knows what they were given for. */
public interface Entitlements {
    /** Where nobody keeps any, nobody has one. */
    Entitlements NONE = new Entitlements() {
        @Override
        public Optional<Entitlement> begin(UUID id, Account who) {
            return Optional.empty();
        }

        @Override
        public Optional<Entitlement> beginInside(UUID id, Account who) {
            return Optional.empty();
        }

        @Override
        public Optional<Entitlement> look(UUID id, Account who) {
            return Optional.empty();
        }

        @Override
        public void delivered(UUID id, long rows) {
            // under none
        }

        @Override
        public void handedOut(UUID id, long rows) {
            // under none
        }

        @Override
        public void take(UUID id, Account who, long rows) {
            throw new Problem(CatalogProblem.NO_SUCH_GRANT);
        }
    };

    /**
     * A right that is in force now and belongs to the person, for one read, which counts from now on; empty when there is none. Refuses
     * ({@link Problem}) when as much was read under it as may be.
     */
    Optional<Entitlement> begin(UUID id, Account who);

    /**
     * The same for whoever works inside a zone, whom {@link #begin} and {@link #look} refuse: what is read so stays there until it is released.
     */
    Optional<Entitlement> beginInside(UUID id, Account who);

    /**
     * The same for whoever asks again and again whether there is something new, which counts when there is ({@link #delivered}) and not
     * before: else its quota would tell of what somebody may not see.
     */
    Optional<Entitlement> look(UUID id, Account who);

    /** One read that began with {@link #look} handed out so many rows. */
    void delivered(UUID id, long rows);

    /** So many rows went out under it. */
    void handedOut(UUID id, long rows);

    /** Counts so many rows before they go out. Refuses all of them where it holds no more, or not so many today. */
    void take(UUID id, Account who, long rows);
}

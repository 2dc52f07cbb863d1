package org.qiantang.org;

import static java.util.Objects.requireNonNull;

/** Whom a resident's account is about: the city looks for what it holds about them by this number, and by nothing they type. */
public record Resident(String username, Kind kind, String number) {
    /** What somebody is. */
    public enum Kind {
        /** With a citizen identity number. */
        PERSON,
        /** With a unified social credit code. */
        LEGAL_PERSON,
    }

    public Resident {
        requireNonNull(username, "username is null");
        requireNonNull(kind, "kind is null");
        requireNonNull(number, "number is null");
    }

    @Override
    public String toString() {
        return "Resident[" + username + ", " + kind + "]";
    }
}

package org.qiantang.org;

import static java.util.Objects.requireNonNull;

/** Who does something, and from which address: what an audit needs to know of them. */
public record Actor(String username, String address) {
    /** The installation itself, while it is set up. */
    public static final Actor INSTALLATION = new Actor("installation", "local");

    public Actor {
        requireNonNull(username, "username is null");
        requireNonNull(address, "address is null");
    }
}

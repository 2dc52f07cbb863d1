package org.qiantang.core;

import static java.util.Objects.requireNonNull;

/**
 * Which installation this is; receipts and screens name it.
 *
 * @param name as people call it
 * @param kind whether its data and accounts are made up
 */
public record Site(String name, Kind kind) {
    /** What an installation is for. */
    public enum Kind {
        TRIAL,
        PRODUCTION,
    }

    public Site {
        requireNonNull(name, "name is null");
        requireNonNull(kind, "kind is null");
    }
}

package org.qiantang.catalog;

import java.util.Optional;

/**
 * The address under which others reach this platform, as whoever runs it has told it: what leaves the city must not carry an address that
 * some request happened to name.
 */
public interface PublicBase {
    /** Without a slash at its end; empty where nobody has told it. */
    Optional<String> told();

    /** Where other programs reach this installation: what was told, or on a trial its own address on this machine. */
    default Optional<String> reached() {
        return told();
    }
}

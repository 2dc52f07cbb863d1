package org.qiantang.app.install;

import static java.util.Objects.requireNonNull;

/**
 * What one start of the hub is asked for.
 *
 * @param port on 127.0.0.1; 0 takes any free one
 */
public record HubOptions(int port, Purpose purpose) {
    public static final int DEFAULT_PORT = 8080;

    /** For whom a hub runs. */
    public enum Purpose {
        /** For everybody, until it is stopped. */
        SERVE,
        /** For one command of the command line, quietly. */
        ONE_COMMAND,
        /** To be watched while it starts, so that later starts are quicker; ends when it is up. */
        REHEARSE
    }

    public HubOptions {
        requireNonNull(purpose, "purpose is null");
        if (port < 0 || port > 65535) {
            throw new IllegalArgumentException("port is not between 0 and 65535: " + port);
        }
    }
}

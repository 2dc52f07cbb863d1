package org.qiantang.app.install;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.util.Optional;

/**
 * What one start of the hub is asked for.
 *
 * @param port on 127.0.0.1; 0 takes any free one
 * @param purpose for whom the hub runs
 * @param trialScale the size of the demo city, or nothing for an installation that begins empty
 */
public record HubOptions(Path home, int port, Purpose purpose, Optional<Double> trialScale) {
    public static final int DEFAULT_PORT = 8080;

    /** For whom a hub runs. */
    public enum Purpose {
        /** For everybody, until it is stopped. */
        SERVE,
        /** For one command of the command line, quietly. */
        ONE_COMMAND,
        /** To be looked at while it starts, so that later starts are quicker; ends when it is up. */
        REHEARSE
    }

    public HubOptions {
        requireNonNull(home, "home is null");
        requireNonNull(purpose, "purpose is null");
        requireNonNull(trialScale, "trialScale is null");
        if (port < 0 || port > 65535) {
            throw new IllegalArgumentException("port is not between 0 and 65535: " + port);
        }
        if (trialScale.isPresent() && !(trialScale.get() > 0)) {
            throw new IllegalArgumentException("scale is not above 0: " + trialScale.get());
        }
    }
}

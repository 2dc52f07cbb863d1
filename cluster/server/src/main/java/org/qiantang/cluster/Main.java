package org.qiantang.cluster;

import io.trino.server.Server;

/** Starts the server; the archive that it is usually started from is not published any more. */
public final class Main extends Server {
    public static void main(String... arguments) {
        new Main().start(arguments[0]);
    }
}

package org.qiantang.zone;

import java.nio.file.Path;

/** Where the results of zones are, in the home; nobody else's. */
public record ZoneFolder(Path path) {
    public ZoneFolder {
        if (!path.isAbsolute()) {
            throw new IllegalArgumentException("The folder of zones must be absolute: " + path);
        }
        path = path.normalize();
    }
}

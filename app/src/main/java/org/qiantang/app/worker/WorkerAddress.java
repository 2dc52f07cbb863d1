package org.qiantang.app.worker;

import java.net.URI;

/** Where the lake worker listens at the moment and the token it wants. */
public record WorkerAddress(URI base, String token) {
    @Override
    public String toString() {
        return "WorkerAddress[" + base + "]";
    }
}

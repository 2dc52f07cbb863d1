package org.qiantang.zone;

import java.time.Duration;
import org.qiantang.core.HubLoop;
import org.springframework.stereotype.Component;

/** Drops what is left of results when the hub starts, and once a day. */
@Component
final class LeftoversLoop extends HubLoop {
    private static final Duration DAY = Duration.ofDays(1);

    private final Leftovers leftovers;

    LeftoversLoop(Leftovers leftovers) {
        super("zone-leftovers");
        this.leftovers = leftovers;
    }

    @Override
    protected void turn() throws InterruptedException {
        leftovers.drop();
        rest(DAY);
    }
}

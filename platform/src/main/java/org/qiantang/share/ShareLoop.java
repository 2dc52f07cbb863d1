package org.qiantang.share;

import java.time.Duration;
import org.qiantang.core.HubLoop;
import org.springframework.stereotype.Component;

/** Looks at the clocks of applications and the last days of grants. */
@Component
final class ShareLoop extends HubLoop {
    private static final Duration BETWEEN = Duration.ofSeconds(20);

    private final Applications applications;
    private final Grants grants;

    ShareLoop(Applications applications, Grants grants) {
        super("share-loop");
        this.applications = applications;
        this.grants = grants;
    }

    @Override
    protected void turn() throws InterruptedException {
        grants.expire();
        applications.remind();
        rest(BETWEEN);
    }
}

package org.qiantang.exchange;

import java.time.Duration;
import org.qiantang.core.HubLoop;
import org.springframework.stereotype.Component;

/** Lets states of tables go that no subscription will read again. */
@Component
final class FeedLoop extends HubLoop {
    private static final Duration BETWEEN = Duration.ofSeconds(30);

    private final Feed feed;

    FeedLoop(Feed feed) {
        super("feed-loop");
        this.feed = feed;
    }

    @Override
    protected void turn() throws InterruptedException {
        rest(BETWEEN);
        if (!isStopping()) {
            feed.release();
        }
    }
}

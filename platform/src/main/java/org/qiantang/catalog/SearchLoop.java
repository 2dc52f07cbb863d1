package org.qiantang.catalog;

import java.time.Duration;
import org.qiantang.core.HubLoop;
import org.springframework.stereotype.Component;

/**
 * Fills the index when the hub starts and takes in changes while nobody searches, so that the first person who does finds it warm. Answers
 * do not depend on it: each search takes in what is new itself.
 */
@Component
final class SearchLoop extends HubLoop {
    private static final Duration EVERY = Duration.ofSeconds(1);

    private final Search search;

    SearchLoop(Search search) {
        super("search-loop");
        this.search = search;
    }

    @Override
    protected void turn() throws InterruptedException {
        search.catchUp();
        rest(EVERY);
    }
}

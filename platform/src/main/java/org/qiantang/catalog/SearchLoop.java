package org.qiantang.catalog;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;

/**
 * Fills the index when the hub starts and takes in changes while nobody searches, so that the first person who does finds it warm. Answers
 * do not depend on it: each search takes in what is new itself.
 */
@Component
final class SearchLoop implements SmartLifecycle {
    private static final System.Logger LOG = System.getLogger(SearchLoop.class.getName());
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final Search search;
    private volatile @Nullable Thread thread;
    private volatile boolean stopping;

    SearchLoop(Search search) {
        this.search = search;
    }

    @Override
    public void start() {
        stopping = false;
        thread = Thread.ofVirtual().name("search-loop").start(this::loop);
    }

    @Override
    public void stop() {
        stopping = true;
        Thread running = thread;
        if (running != null) {
            running.interrupt();
            try {
                running.join(Duration.ofSeconds(10));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        thread = null;
    }

    @Override
    public boolean isRunning() {
        return thread != null;
    }

    private void loop() {
        while (!stopping) {
            try {
                search.catchUp();
            } catch (DataAccessException e) {
                if (!stopping) {
                    LOG.log(System.Logger.Level.WARNING, "The index of the search stays as it is for a moment", e);
                }
            }
            try {
                Thread.sleep(PAUSE);
            } catch (InterruptedException e) {
                return;
            }
        }
    }
}

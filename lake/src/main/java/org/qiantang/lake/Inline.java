package org.qiantang.lake;

import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Runs each task where it is given. Iceberg hands the parts of a commit to a pool and looks every ten milliseconds whether they are done,
 * three times in each commit, which is longer than the parts of a small commit take.
 */
final class Inline extends AbstractExecutorService {
    static final ExecutorService EXECUTOR = new Inline();

    private Inline() {}

    @Override
    public void execute(Runnable task) {
        task.run();
    }

    @Override
    public void shutdown() {
        // there is nothing to end
    }

    @Override
    public List<Runnable> shutdownNow() {
        return List.of();
    }

    @Override
    public boolean isShutdown() {
        return false;
    }

    @Override
    public boolean isTerminated() {
        return false;
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
        return false;
    }
}

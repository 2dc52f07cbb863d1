package org.qiantang.core;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;

/**
 * Work that a hub does one piece after the other for as long as it runs. What fails is said and tried again after a pause: a loop ends with
 * its hub and not before.
 */
public abstract class HubLoop implements SmartLifecycle {
    private static final Duration PAUSE = Duration.ofSeconds(2);
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final System.Logger log = System.getLogger(getClass().getName());
    private final String name;
    private volatile @Nullable Thread thread;
    private volatile CountDownLatch stopped = new CountDownLatch(1);

    protected HubLoop(String name) {
        this.name = name;
    }

    /** Sets right what an end in the middle of a piece of work left behind; before the first piece, and after each failure. */
    protected void begin() {
        // Many leave nothing behind.
    }

    /** Does a piece of work, or waits a while for one. */
    protected abstract void turn() throws InterruptedException;

    protected final boolean isStopping() {
        return stopped.getCount() == 0;
    }

    /** Waits a moment after a failure; false when the hub ends meanwhile. */
    protected final boolean pause() {
        try {
            return !rest(PAUSE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Waits until the next look at something that cannot say when it changes; true as soon as the hub ends. */
    protected final boolean rest(Duration time) throws InterruptedException {
        return stopped.await(time.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void loop() {
        boolean begun = false;
        while (!isStopping()) {
            try {
                if (!begun) {
                    begin();
                    begun = true;
                }
                turn();
            } catch (InterruptedException e) {
                return;
            } catch (RuntimeException e) {
                if (isStopping()) {
                    return;
                }
                log.log(System.Logger.Level.WARNING, name + " goes on after a failure", e);
                begun = false;
                if (!pause()) {
                    return;
                }
            }
        }
    }

    @Override
    public final void start() {
        stopped = new CountDownLatch(1);
        thread = Thread.ofVirtual().name(name).start(this::loop);
    }

    @Override
    public final void stop() {
        stopped.countDown();
        Thread running = thread;
        if (running != null) {
            running.interrupt();
            try {
                running.join(PATIENCE);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        thread = null;
    }

    @Override
    public final boolean isRunning() {
        return thread != null;
    }
}

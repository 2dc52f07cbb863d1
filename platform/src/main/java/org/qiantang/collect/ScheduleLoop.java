package org.qiantang.collect;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/** Looks for what is due, every few seconds for as long as the hub lives. */
@Component
final class ScheduleLoop implements SmartLifecycle {
    private static final Duration EVERY = Duration.ofSeconds(5);

    private final Schedules schedules;
    private final Deliveries deliveries;
    private @Nullable ScheduledExecutorService executor;

    ScheduleLoop(Schedules schedules, Deliveries deliveries) {
        this.schedules = schedules;
        this.deliveries = deliveries;
    }

    @Override
    public synchronized void start() {
        ScheduledExecutorService fresh = Executors.newSingleThreadScheduledExecutor(
                Thread.ofVirtual().name("schedule-loop").factory());
        fresh.scheduleWithFixedDelay(this::look, EVERY.toMillis(), EVERY.toMillis(), TimeUnit.MILLISECONDS);
        executor = fresh;
    }

    private void look() {
        try {
            schedules.startDue();
            deliveries.askAgain();
        } catch (RuntimeException e) {
            // The database may be away, or somebody started the same source in this moment; what is due stays due.
            System.getLogger(ScheduleLoop.class.getName())
                    .log(System.Logger.Level.WARNING, "What is due could not be started; it is tried again", e);
        }
    }

    @Override
    public synchronized void stop() {
        ScheduledExecutorService running = executor;
        if (running != null) {
            running.shutdownNow();
            try {
                running.awaitTermination(10, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        executor = null;
    }

    @Override
    public synchronized boolean isRunning() {
        return executor != null;
    }
}

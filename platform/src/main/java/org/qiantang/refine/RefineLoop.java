package org.qiantang.refine;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/** Makes the tables that are due, one after the other, what is read before what reads it. */
@Component
final class RefineLoop implements SmartLifecycle {
    private static final System.Logger LOG = System.getLogger(RefineLoop.class.getName());
    private static final Duration PAUSE = Duration.ofSeconds(2);

    private final Mappings mappings;
    private volatile @Nullable Thread thread;
    private volatile boolean stopping;

    RefineLoop(Mappings mappings) {
        this.mappings = mappings;
    }

    @Override
    public void start() {
        stopping = false;
        thread = Thread.ofVirtual().name("refine-loop").start(this::loop);
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
        boolean begun = false;
        while (!stopping) {
            try {
                if (!begun) {
                    mappings.forgetInterrupted();
                    begun = true;
                }
                Optional<Mappings.Due> due = mappings.claim();
                if (due.isPresent()) {
                    mappings.carryOut(due.get());
                } else {
                    mappings.awaitWork();
                }
            } catch (InterruptedException e) {
                return;
            } catch (RuntimeException e) {
                if (stopping) {
                    return;
                }
                LOG.log(System.Logger.Level.WARNING, "Tables are made later", e);
                begun = false;
                if (!pause()) {
                    return;
                }
            }
        }
    }

    private boolean pause() {
        try {
            Thread.sleep(PAUSE);
            return !stopping;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}

package org.qiantang.quality;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/** Looks at what is due, one resource after the other, and at deadlines that pass meanwhile. */
@Component
final class QualityLoop implements SmartLifecycle {
    private static final System.Logger LOG = System.getLogger(QualityLoop.class.getName());
    private static final Duration PAUSE = Duration.ofSeconds(2);

    private final Evaluations evaluations;
    private final Tickets tickets;
    private final Objections objections;
    private volatile @Nullable Thread thread;
    private volatile boolean stopping;

    QualityLoop(Evaluations evaluations, Tickets tickets, Objections objections) {
        this.evaluations = evaluations;
        this.tickets = tickets;
        this.objections = objections;
    }

    @Override
    public void start() {
        stopping = false;
        thread = Thread.ofVirtual().name("quality-loop").start(this::loop);
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
                    evaluations.thin();
                    begun = true;
                }
                tickets.remind();
                objections.remind();
                objections.verify();
                Optional<Evaluations.Due> due = evaluations.next();
                if (due.isEmpty() || !evaluations.carryOut(due.get())) {
                    evaluations.awaitWork();
                }
            } catch (InterruptedException e) {
                return;
            } catch (RuntimeException e) {
                if (stopping) {
                    return;
                }
                LOG.log(System.Logger.Level.WARNING, "Quality is looked at later", e);
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

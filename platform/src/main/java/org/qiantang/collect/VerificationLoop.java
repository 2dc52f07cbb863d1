package org.qiantang.collect;

import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.qiantang.core.Problem;
import org.qiantang.lake.LakeException;
import org.springframework.context.SmartLifecycle;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;

/**
 * Carries out queued verifications one after the other, beside the runs. Each table's result is stored before the next event is taken;
 * when the worker goes away in the middle, it goes on with the tables that are left. What has to be collected anew is, as soon as its
 * source is free.
 */
@Component
final class VerificationLoop implements SmartLifecycle {
    private static final System.Logger LOG = System.getLogger(VerificationLoop.class.getName());
    private static final String BY = "verify";
    private static final int PATIENCE = 5;
    private static final Duration PAUSE = Duration.ofSeconds(2);

    private final Verifications verifications;
    private final Collections collections;
    private final CollectionWorker worker;
    private volatile @Nullable Thread thread;
    private volatile boolean stopping;

    VerificationLoop(Verifications verifications, Collections collections, CollectionWorker worker) {
        this.verifications = verifications;
        this.collections = collections;
        this.worker = worker;
    }

    @Override
    public void start() {
        stopping = false;
        thread = Thread.ofVirtual().name("verification-loop").start(this::loop);
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
        boolean requeued = false;
        while (!stopping) {
            try {
                if (!requeued) {
                    verifications.requeueInterrupted();
                    requeued = true;
                }
                for (UUID cancelled : verifications.cancelling()) {
                    verifications.end(cancelled, Verification.State.CANCELLED, null);
                }
                for (Verifications.Anew anew : verifications.toBeCollected()) {
                    verifications.collectedBy(
                            anew.verification(),
                            collections
                                    .startInFull(anew.source(), BY, anew.tables())
                                    .id());
                }
                Optional<UUID> next = verifications.claim();
                if (next.isPresent()) {
                    execute(next.get());
                } else {
                    verifications.awaitWork();
                }
            } catch (InterruptedException e) {
                return;
            } catch (RuntimeException e) {
                if (stopping) {
                    return;
                }
                LOG.log(System.Logger.Level.WARNING, "The verification loop goes on after a failure", e);
                requeued = false;
                if (!pause()) {
                    return;
                }
            }
        }
    }

    private void execute(UUID id) {
        int lost = 0;
        while (!stopping) {
            try {
                if (!verifications.isCancelling(id)) {
                    worker.verify(verifications.order(id), event -> verifications.take(id, event));
                }
                if (!stopping) {
                    verifications.end(id, verifications.isCancelling(id) ? Verification.State.CANCELLED : null, null);
                }
                return;
            } catch (DataAccessException | TransactionException e) {
                // What was not stored is compared again when the database is back.
                stopWorker(id);
                throw e;
            } catch (Problem | LakeException e) {
                if (stopping) {
                    return;
                }
                if (verifications.isCancelling(id)) {
                    verifications.end(id, Verification.State.CANCELLED, null);
                    return;
                }
                boolean workerLost = e instanceof LakeException
                        || (e instanceof Problem problem && problem.code() == CollectProblem.WORKER_LOST);
                if (!workerLost || ++lost >= PATIENCE) {
                    Problem why = e instanceof Problem problem ? problem : new Problem(CollectProblem.WORKER_LOST);
                    verifications.end(id, Verification.State.FAILED, new RunSummary.Words(why.zh(), why.en()));
                    return;
                }
                if (!pause()) {
                    return;
                }
            } catch (RuntimeException e) {
                if (stopping) {
                    return;
                }
                LOG.log(System.Logger.Level.ERROR, "Verification " + id + " broke off", e);
                Problem why = new Problem(CollectProblem.RUN_BROKE, "reason", String.valueOf(e.getMessage()));
                verifications.end(id, Verification.State.FAILED, new RunSummary.Words(why.zh(), why.en()));
                return;
            }
        }
    }

    private void stopWorker(UUID id) {
        try {
            worker.cancel(id.toString());
        } catch (RuntimeException gone) {
            LOG.log(System.Logger.Level.DEBUG, "No worker to stop", gone);
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

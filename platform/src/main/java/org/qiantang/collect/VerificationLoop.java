package org.qiantang.collect;

import java.util.Optional;
import java.util.UUID;
import org.qiantang.core.HubLoop;
import org.qiantang.core.Problem;
import org.qiantang.lake.LakeException;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;

/**
 * Carries out queued verifications one after the other, beside the runs. Each table's result is stored before the next event is taken;
 * when the worker goes away in the middle, it goes on with the tables that are left. What has to be collected anew is, as soon as its
 * source is free.
 */
@Component
final class VerificationLoop extends HubLoop {
    private static final System.Logger LOG = System.getLogger(VerificationLoop.class.getName());
    private static final String BY = "verify";
    private static final int PATIENCE = 5;

    private final Verifications verifications;
    private final Collections collections;
    private final CollectionWorker worker;

    VerificationLoop(Verifications verifications, Collections collections, CollectionWorker worker) {
        super("verification-loop");
        this.verifications = verifications;
        this.collections = collections;
        this.worker = worker;
    }

    @Override
    protected void begin() {
        verifications.requeueInterrupted();
    }

    @Override
    protected void turn() throws InterruptedException {
        for (UUID cancelled : verifications.cancelling()) {
            verifications.end(cancelled, Verification.State.CANCELLED, null);
        }
        for (Verifications.Anew anew : verifications.toBeCollected()) {
            verifications.collectedBy(
                    anew.verification(),
                    collections.startInFull(anew.source(), BY, anew.tables()).id());
        }
        Optional<UUID> next = verifications.claim();
        if (next.isPresent()) {
            execute(next.get());
        } else {
            verifications.awaitWork();
        }
    }

    private void execute(UUID id) {
        int lost = 0;
        while (!isStopping()) {
            try {
                if (!verifications.isCancelling(id)) {
                    worker.verify(verifications.order(id), event -> verifications.take(id, event));
                }
                if (!isStopping()) {
                    verifications.end(id, verifications.isCancelling(id) ? Verification.State.CANCELLED : null, null);
                }
                return;
            } catch (DataAccessException | TransactionException e) {
                // What was not stored is compared again when the database is back.
                stopWorker(id);
                throw e;
            } catch (Problem | LakeException e) {
                if (isStopping()) {
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
                if (isStopping()) {
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
}

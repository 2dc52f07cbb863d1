package org.qiantang.collect.web;

import java.io.IOException;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.qiantang.collect.Collections;
import org.qiantang.collect.RunObject;
import org.qiantang.collect.RunSummary;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/**
 * Tells one listener how a run goes, at most four times a second. It begins with everything, so a listener that lost its line and came
 * back has missed nothing, and closes with {@code end}.
 */
final class RunFollower {
    private static final long PERIOD_MILLIS = 250;
    private static final long WAITING_MILLIS = 1_000;
    private static final int QUIET_ROUNDS = 40;

    private final Collections collections;
    private final UUID run;
    private final SseEmitter emitter = new SseEmitter(0L);
    private final AtomicBoolean gone = new AtomicBoolean();

    private RunFollower(Collections collections, UUID run) {
        this.collections = collections;
        this.run = run;
    }

    static SseEmitter follow(Collections collections, UUID run) {
        RunFollower follower = new RunFollower(collections, run);
        follower.emitter.onCompletion(() -> follower.gone.set(true));
        follower.emitter.onTimeout(() -> follower.gone.set(true));
        follower.emitter.onError(e -> follower.gone.set(true));
        Thread.ofVirtual().name("run-follower").start(follower::follow);
        return follower.emitter;
    }

    private void follow() {
        try {
            tell();
            emitter.complete();
        } catch (IOException | IllegalStateException e) {
            // the listener has gone; there is nobody to tell
            emitter.complete();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            emitter.complete();
        } catch (RuntimeException e) {
            emitter.completeWithError(e);
        }
    }

    private void tell() throws IOException, InterruptedException {
        long version = -1;
        int quiet = 0;
        @Nullable RunSummary told = null;
        while (!gone.get()) {
            Collections.Watch watch = collections.watch(run, Math.max(version, 0));
            boolean begins = version < 0 || watch.version() < version;
            List<RunObject> changed =
                    begins || watch.run().state().hasEnded() ? collections.objects(run) : watch.objects();
            boolean news = !watch.run().equals(told) || !changed.isEmpty();
            if (news) {
                emitter.send(SseEmitter.event().name("run").data(watch.run()));
                for (RunObject object : changed) {
                    emitter.send(SseEmitter.event().name("object").data(object));
                }
                quiet = 0;
            } else if (++quiet % QUIET_ROUNDS == 0) {
                emitter.send(SseEmitter.event().comment("still here"));
            }
            told = watch.run();
            if (watch.run().state().hasEnded()) {
                emitter.send(SseEmitter.event().name("end").data("{}"));
                return;
            }
            version = watch.version();
            Thread.sleep(version == 0 ? WAITING_MILLIS : PERIOD_MILLIS);
        }
    }
}

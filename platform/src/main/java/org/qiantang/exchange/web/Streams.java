package org.qiantang.exchange.web;

import java.io.IOException;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.qiantang.core.Problem;
import org.qiantang.exchange.ChangeEvent;
import org.qiantang.exchange.EventBatch;
import org.qiantang.exchange.ExchangeProblem;
import org.qiantang.exchange.Subscriptions;
import org.qiantang.org.Account;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/**
 * The streams that are held open. Each looks for what is new once a second, says every fifteen seconds that it is still there, and ends with
 * {@code end} and the reason when nothing may go out any more; whoever comes back with the id of the last event misses nothing.
 */
@Component
class Streams {
    private static final int MOST = 256;
    private static final int BATCH = 500;
    private static final long LOOK_MILLIS = 1_000;
    private static final int QUIET_LOOKS = 15;

    private final Subscriptions subscriptions;
    private final Semaphore free = new Semaphore(MOST);

    Streams(Subscriptions subscriptions) {
        this.subscriptions = subscriptions;
    }

    /** @param current who listens, as they may read now; refuses when they may not any more */
    SseEmitter open(Supplier<Account> current, UUID id, @Nullable String after) {
        if (!free.tryAcquire()) {
            throw new Problem(ExchangeProblem.TOO_MANY_STREAMS);
        }
        boolean handedOver = false;
        try {
            // What is wrong from the beginning is a refusal and no stream.
            EventBatch first = subscriptions.events(current.get(), id, after, BATCH);
            SseEmitter emitter = new SseEmitter(0L);
            // Goes out on the request's own thread, and the headers with it: two threads must not write those.
            emitter.send(SseEmitter.event().comment("begins"));
            AtomicBoolean gone = new AtomicBoolean();
            emitter.onCompletion(() -> gone.set(true));
            emitter.onTimeout(() -> gone.set(true));
            emitter.onError(e -> gone.set(true));
            Thread.ofVirtual().name("subscription-stream").start(() -> {
                try {
                    stream(new Open(current, id, emitter, gone), first);
                } finally {
                    free.release();
                }
            });
            handedOver = true;
            return emitter;
        } catch (IOException e) {
            throw new IllegalStateException("Nothing is sent before it is handed over", e);
        } finally {
            if (!handedOver) {
                free.release();
            }
        }
    }

    private record Open(Supplier<Account> current, UUID id, SseEmitter emitter, AtomicBoolean gone) {}

    private void stream(Open open, EventBatch first) {
        try {
            tell(open, first);
            open.emitter.complete();
        } catch (IOException | IllegalStateException e) {
            // the listener has gone; there is nobody to tell, and the container ends what is left
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            open.emitter.complete();
        } catch (RuntimeException e) {
            open.emitter.completeWithError(e);
        }
    }

    private void tell(Open open, EventBatch first) throws IOException, InterruptedException {
        EventBatch batch = first;
        int quiet = 0;
        while (!open.gone.get()) {
            for (ChangeEvent event : batch.events()) {
                open.emitter.send(
                        SseEmitter.event().id(event.position()).name("change").data(event, MediaType.APPLICATION_JSON));
            }
            if (batch.events().isEmpty()) {
                if (++quiet % QUIET_LOOKS == 0) {
                    open.emitter.send(SseEmitter.event().comment("still here"));
                }
                Thread.sleep(LOOK_MILLIS);
            }
            try {
                batch = subscriptions.events(open.current.get(), open.id, batch.position(), BATCH);
            } catch (Problem ended) {
                open.emitter.send(SseEmitter.event()
                        .name("end")
                        .data(
                                Map.of(
                                        "code", ended.code().id(),
                                        "zh", ended.zh(),
                                        "en", ended.en()),
                                MediaType.APPLICATION_JSON));
                return;
            }
        }
    }
}

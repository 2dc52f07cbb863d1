package org.qiantang.exchange;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.qiantang.core.HubLoop;
import org.springframework.stereotype.Component;

/** Brings what peers tell; a peer that does not answer holds up none of the others. */
@Component
final class MirrorLoop extends HubLoop {
    private static final System.Logger LOG = System.getLogger(MirrorLoop.class.getName());
    private static final Duration BETWEEN = Duration.ofMillis(500);

    private final Mirrors mirrors;
    private final Map<String, Thread> bringing = new ConcurrentHashMap<>();

    MirrorLoop(Mirrors mirrors) {
        super("mirror-loop");
        this.mirrors = mirrors;
    }

    @Override
    protected void turn() throws InterruptedException {
        if (rest(BETWEEN)) {
            bringing.values().forEach(Thread::interrupt);
            return;
        }
        for (String peer : mirrors.due()) {
            Thread busy = bringing.get(peer);
            if (busy == null || !busy.isAlive()) {
                bringing.put(peer, Thread.ofVirtual().name("mirror-" + peer).start(() -> bring(peer)));
            }
        }
    }

    private void bring(String peer) {
        try {
            mirrors.bring(peer);
        } catch (RuntimeException e) {
            if (!isStopping()) {
                LOG.log(System.Logger.Level.WARNING, "Tables of " + peer + " are brought later", e);
                pause();
            }
        }
    }
}

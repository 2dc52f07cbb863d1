package org.qiantang.exchange;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.qiantang.core.HubLoop;
import org.springframework.stereotype.Component;

/** Visits peers, each by itself, so that one that does not answer holds up none of the others; and forgets messages whose time is over. */
@Component
final class PeerLoop extends HubLoop {
    private static final System.Logger LOG = System.getLogger(PeerLoop.class.getName());
    private static final Duration BETWEEN = Duration.ofSeconds(1);
    private static final int TURNS_TO_FORGET = 60;

    private final PeerMessages messages;
    private final Peers peers;
    private final PeerVisits visits;
    private final Map<String, Thread> visiting = new ConcurrentHashMap<>();
    private int turns;

    PeerLoop(PeerMessages messages, Peers peers, PeerVisits visits) {
        super("peer-loop");
        this.messages = messages;
        this.peers = peers;
        this.visits = visits;
    }

    @Override
    protected void turn() throws InterruptedException {
        if (rest(BETWEEN)) {
            visiting.values().forEach(Thread::interrupt);
            return;
        }
        for (String peer : peers.due()) {
            Thread busy = visiting.get(peer);
            if (busy == null || !busy.isAlive()) {
                visiting.put(peer, Thread.ofVirtual().name("peer-" + peer).start(() -> visit(peer)));
            }
        }
        if (++turns % TURNS_TO_FORGET == 0) {
            messages.forgetNonces();
        }
    }

    private void visit(String peer) {
        try {
            visits.visit(peer);
        } catch (RuntimeException e) {
            if (!isStopping()) {
                LOG.log(System.Logger.Level.WARNING, "Peer " + peer + " is visited again later", e);
                pause();
            }
        }
    }
}

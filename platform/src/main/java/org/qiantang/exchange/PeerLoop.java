package org.qiantang.exchange;

import java.time.Duration;
import org.qiantang.core.HubLoop;
import org.springframework.stereotype.Component;

/** Forgets which messages came once their time is over. */
@Component
final class PeerLoop extends HubLoop {
    private static final Duration BETWEEN = Duration.ofMinutes(1);

    private final PeerMessages messages;

    PeerLoop(PeerMessages messages) {
        super("peer-loop");
        this.messages = messages;
    }

    @Override
    protected void turn() throws InterruptedException {
        rest(BETWEEN);
        if (!isStopping()) {
            messages.forgetNonces();
        }
    }
}

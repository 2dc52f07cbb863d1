package org.qiantang.portal;

import java.time.Duration;
import org.qiantang.core.HubLoop;
import org.springframework.stereotype.Component;

/** Keeps the sums of the value ledger up. */
@Component
final class ValueLoop extends HubLoop {
    private static final Duration BETWEEN = Duration.ofMinutes(2);

    private final ValueLedger ledger;

    ValueLoop(ValueLedger ledger) {
        super("value-loop");
        this.ledger = ledger;
    }

    @Override
    protected void turn() throws InterruptedException {
        ledger.sum();
        rest(BETWEEN);
    }
}

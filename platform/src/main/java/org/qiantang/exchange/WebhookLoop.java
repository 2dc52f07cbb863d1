package org.qiantang.exchange;

import java.time.Duration;
import org.qiantang.core.HubLoop;
import org.springframework.stereotype.Component;

/** Has what is due delivered. */
@Component
final class WebhookLoop extends HubLoop {
    private static final Duration BETWEEN = Duration.ofMillis(500);

    private final Webhooks webhooks;

    WebhookLoop(Webhooks webhooks) {
        super("webhook-loop");
        this.webhooks = webhooks;
    }

    @Override
    protected void turn() throws InterruptedException {
        webhooks.begin();
        rest(BETWEEN);
    }
}

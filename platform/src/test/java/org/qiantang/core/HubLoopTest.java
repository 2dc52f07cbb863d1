package org.qiantang.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class HubLoopTest {
    private final List<String> seen = Collections.synchronizedList(new ArrayList<>());

    @Test
    void whatFailsIsBegunAnewAndGoesOn() throws InterruptedException {
        CountDownLatch worked = new CountDownLatch(1);
        HubLoop loop = new HubLoop("test-loop") {
            @Override
            protected void begin() {
                seen.add("begin");
            }

            @Override
            protected void turn() throws InterruptedException {
                seen.add("turn");
                if (seen.size() == 2) {
                    throw new IllegalStateException("the database is away");
                }
                worked.countDown();
                new CountDownLatch(1).await();
            }
        };

        loop.start();
        assertThat(worked.await(20, TimeUnit.SECONDS)).isTrue();
        loop.stop();

        assertThat(seen).containsExactly("begin", "turn", "begin", "turn");
        assertThat(loop.isRunning()).isFalse();
    }

    @Test
    void aWaitEndsWithTheHubAndNothingIsDoneAfterIt() throws InterruptedException {
        CountDownLatch waiting = new CountDownLatch(1);
        HubLoop loop = new HubLoop("test-loop") {
            @Override
            protected void turn() throws InterruptedException {
                waiting.countDown();
                try {
                    new CountDownLatch(1).await();
                } finally {
                    seen.add("ended");
                }
            }
        };

        loop.start();
        waiting.await();
        loop.stop();

        assertThat(seen).containsExactly("ended");
    }
}

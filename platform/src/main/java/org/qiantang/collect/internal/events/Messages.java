package org.qiantang.collect.internal.events;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.qiantang.core.Problem;

/** Where messages of a broker go. */
public interface Messages {
    /** After so long what failed is tried again. */
    Duration AGAIN = Duration.ofSeconds(2);

    /** Returns when all of them are safe; only then may the broker forget them. */
    void take(List<Message> messages);

    /**
     * Tries until all of them are safe.
     *
     * @param trouble is told why they are not yet
     * @throws InterruptedException also when the subscription is closing meanwhile
     */
    default void insist(List<Message> messages, Consumer<String> trouble, BooleanSupplier closing)
            throws InterruptedException {
        while (true) {
            try {
                take(messages);
                return;
            } catch (Problem e) {
                trouble.accept(e.en());
                if (closing.getAsBoolean()) {
                    throw new InterruptedException();
                }
                TimeUnit.NANOSECONDS.sleep(AGAIN.toNanos());
            }
        }
    }

    /**
     * A message as it came.
     *
     * @param topic it was sent to
     * @param origin the topic, and the place in it where there is one
     */
    record Message(String topic, String origin, byte[] payload) {}

    /** A subscription that lasts until it is closed. */
    interface Subscription extends AutoCloseable {
        /** Why nothing comes at the moment, or an empty string. */
        String trouble();

        @Override
        void close();
    }
}

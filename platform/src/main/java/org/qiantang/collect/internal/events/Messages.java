package org.qiantang.collect.internal.events;

import java.util.List;

/** Where messages of a broker go. */
public interface Messages {
    /** Returns when all of them are safe; only then may the broker forget them. */
    void take(List<Message> messages);

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

package org.qiantang.collect.internal.events;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.qiantang.collect.CollectProblem;
import org.qiantang.core.Problem;

/** What came in at a door: kept, or refused for as long as nothing is safe. */
final class Received<M> {
    private final Function<M, byte[]> payload;
    private final List<M> all = Collections.synchronizedList(new ArrayList<>());
    private volatile boolean refuses;
    private volatile boolean wasAsked;

    Received(Function<M, byte[]> payload) {
        this.payload = payload;
    }

    void take(List<M> messages) {
        wasAsked = true;
        if (refuses) {
            throw new Problem(CollectProblem.EVENTS_NOT_DURABLE, "reason", "test");
        }
        all.addAll(messages);
    }

    /** From now on nothing is safe. */
    void refuse() {
        refuses = true;
    }

    /** From now on all is. */
    void accept() {
        refuses = false;
    }

    boolean wasAsked() {
        return wasAsked;
    }

    List<M> all() {
        return all;
    }

    /** Each text once. */
    Set<String> texts() {
        Set<String> texts = new TreeSet<>();
        synchronized (all) {
            all.forEach(message -> texts.add(new String(payload.apply(message), UTF_8)));
        }
        return texts;
    }
}

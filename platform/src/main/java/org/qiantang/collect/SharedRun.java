package org.qiantang.collect;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which collector of a shared run has which table. Tables are given a few at a time, so that a slow collector does not keep what a quick
 * one could do; the tables of one that is lost go to the others. No table is ever with two.
 *
 * <p>Thread-safe.
 */
final class SharedRun {
    /** A collector has so many tables for each that it works on, that it never waits for the hub to hear of the last one. */
    private static final int FOR_EACH = 2;

    private final Deque<String> waiting = new ArrayDeque<>();
    private final Map<CollectionWorker, Part> parts = new LinkedHashMap<>();
    private boolean begun;

    private static final class Part {
        private final String state;
        private final int most;
        private final Set<String> tables = new LinkedHashSet<>();
        private boolean toldLast;

        Part(String state, int most) {
            this.state = state;
            this.most = most;
        }
    }

    /** What a collector is to be told. */
    record Gift(CollectionWorker to, List<String> tables, boolean last) {}

    /**
     * A collector has opened the source and waits for tables.
     *
     * @param atOnce tables it has under way at the same time
     * @param tables all that are to be collected, in order; those of the first collector count
     */
    synchronized void enter(CollectionWorker collector, String state, int atOnce, Collection<String> tables) {
        if (!begun) {
            begun = true;
            waiting.addAll(tables);
        }
        parts.put(collector, new Part(state, FOR_EACH * atOnce));
    }

    /** A collector is not there any more; its tables wait for the others. */
    synchronized void leave(CollectionWorker collector) {
        Part left = parts.remove(collector);
        if (left != null) {
            new ArrayList<>(left.tables).reversed().forEach(waiting::addFirst);
        }
        notifyAll();
    }

    synchronized void ended(CollectionWorker collector, String table) {
        Part part = parts.get(collector);
        if (part != null) {
            part.tables.remove(table);
        }
    }

    /** What is to be told to whom now; it counts as told. */
    synchronized List<Gift> gifts() {
        List<Gift> gifts = new ArrayList<>();
        for (Map.Entry<CollectionWorker, Part> each : parts.entrySet()) {
            Part part = each.getValue();
            List<String> tables = new ArrayList<>();
            while (part.tables.size() < part.most && !waiting.isEmpty()) {
                String table = waiting.removeFirst();
                part.tables.add(table);
                tables.add(table);
            }
            if (!tables.isEmpty()) {
                gifts.add(new Gift(each.getKey(), tables, false));
            }
        }
        boolean over = begun && waiting.isEmpty() && parts.values().stream().allMatch(part -> part.tables.isEmpty());
        if (over) {
            parts.forEach((collector, part) -> {
                if (!part.toldLast) {
                    part.toldLast = true;
                    gifts.add(new Gift(collector, List.of(), true));
                }
            });
        }
        return gifts;
    }

    /** The state that another collector may open to take part; null when there is none, or nothing left to be given. */
    synchronized @Nullable String joinable(CollectionWorker collector) {
        if (waiting.isEmpty() || parts.containsKey(collector)) {
            return null;
        }
        return parts.values().stream()
                .map(part -> part.state)
                .filter(state -> !state.isEmpty())
                .findFirst()
                .orElse(null);
    }

    /** Waits until no collector is there any more; true when nothing was left to do by then. */
    synchronized boolean awaitEnd() throws InterruptedException {
        while (!parts.isEmpty()) {
            wait();
        }
        return begun && waiting.isEmpty();
    }
}

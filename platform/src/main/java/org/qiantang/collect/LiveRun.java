package org.qiantang.collect;

import java.time.Clock;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How far a run is, second by second. What matters is in the database; this is what people watch meanwhile, and it may be lost.
 * Thread-safe.
 */
final class LiveRun {
    private static final long WINDOW_NANOS = 5_000_000_000L;
    private static final long SHORTEST_NANOS = 500_000_000L;

    private final Clock clock;
    private final Map<String, Entry> objects = new LinkedHashMap<>();
    private final Map<String, String> keysOfCopied = new HashMap<>();
    private final Deque<Sample> samples = new ArrayDeque<>();
    private RunSummary run;
    private long version;

    LiveRun(RunSummary run, List<RunObject> objects, Clock clock) {
        this.run = run;
        this.clock = clock;
        replace(run, objects);
    }

    /** Begins again from what is stored. */
    synchronized void replace(RunSummary stored, List<RunObject> storedObjects) {
        run = stored;
        objects.clear();
        keysOfCopied.clear();
        samples.clear();
        storedObjects.forEach(this::put);
    }

    synchronized void progress(RunEvent.Progress progress) {
        String key = keysOfCopied.get(progress.object());
        Entry entry = key == null ? null : objects.get(key);
        if (entry == null || entry.object.state().hasEnded()) {
            return;
        }
        RunObject before = entry.object;
        RunObject.State state = switch (progress.phase()) {
            case READING -> RunObject.State.READING;
            case VERIFYING -> RunObject.State.VERIFYING;
        };
        Instant startedAt = before.startedAt() == null ? clock.instant() : before.startedAt();
        put(new RunObject(
                before.kind(),
                before.name(),
                before.lakeTable(),
                state,
                before.rowsAtSource(),
                progress.rows(),
                before.rejected(),
                progress.bytes(),
                before.estimatedRows(),
                null,
                startedAt,
                null));
        sample();
    }

    synchronized void ended(Receipt.Item item) {
        String key = key(item.kind(), item.qualifiedName());
        Entry before = objects.get(key);
        put(RunStore.object(item, before == null ? null : before.object.estimatedRows()));
        sample();
    }

    synchronized void state(RunState state) {
        become(state, run.message());
    }

    /** It is under way, but not going on, and why. */
    synchronized void waits(RunSummary.Words why) {
        become(run.state(), why);
    }

    private void become(RunState state, RunSummary.@Nullable Words message) {
        run = new RunSummary(
                run.id(),
                run.sourceId(),
                run.sourceName(),
                run.sourceTitle(),
                run.departmentId(),
                state,
                run.startedAt(),
                run.finishedAt(),
                run.attempt(),
                run.position(),
                run.tables(),
                run.rows(),
                run.rejected(),
                run.bytes(),
                run.estimatedRows(),
                null,
                null,
                message);
    }

    /** Lake tables that are being read now. */
    synchronized List<String> reading() {
        List<String> reading = new ArrayList<>();
        for (Entry entry : objects.values()) {
            String table = entry.object.lakeTable();
            boolean open = entry.object.state() == RunObject.State.READING
                    || entry.object.state() == RunObject.State.VERIFYING;
            if (open && table != null) {
                reading.add(table);
            }
        }
        return reading;
    }

    synchronized RunSummary summary() {
        int found = 0;
        int finished = 0;
        int failed = 0;
        long rows = 0;
        long rejected = 0;
        long bytes = 0;
        long estimated = 0;
        for (Entry entry : objects.values()) {
            RunObject object = entry.object;
            if (object.lakeTable() == null) {
                continue;
            }
            found++;
            rows += object.rowsLanded();
            rejected += object.rejected();
            bytes += object.bytes();
            if (object.state().hasEnded()) {
                finished++;
                estimated += object.rowsLanded();
            } else {
                Long guess = object.estimatedRows();
                estimated += Math.max(guess == null ? 0 : guess, object.rowsLanded());
            }
            if (object.state().isShort()) {
                failed++;
            }
        }
        Long rate = rate(rows);
        Long left = rate == null || rate == 0 || found == 0 ? null : Math.max(0, (estimated - rows) / rate);
        return new RunSummary(
                run.id(),
                run.sourceId(),
                run.sourceName(),
                run.sourceTitle(),
                run.departmentId(),
                run.state(),
                run.startedAt(),
                run.finishedAt(),
                run.attempt(),
                run.position(),
                new RunSummary.Tables(found, finished, failed),
                rows,
                rejected,
                bytes,
                found == 0 ? null : estimated,
                rate,
                left,
                run.message());
    }

    synchronized List<RunObject> objects() {
        return objects.values().stream().map(entry -> entry.object).toList();
    }

    /** The objects that changed after that version; 0 for all of them. */
    synchronized Changes since(long after) {
        List<RunObject> changed = new ArrayList<>();
        for (Entry entry : objects.values()) {
            if (entry.version > after) {
                changed.add(entry.object);
            }
        }
        return new Changes(version, changed);
    }

    record Changes(long version, List<RunObject> objects) {}

    private void put(RunObject object) {
        String key = key(object.kind(), object.name());
        if (object.lakeTable() != null) {
            keysOfCopied.put(object.name(), key);
        }
        objects.put(key, new Entry(object, ++version));
    }

    private static String key(String kind, String name) {
        return kind + " " + name;
    }

    private void sample() {
        long rows = objects.values().stream()
                .mapToLong(entry -> entry.object.rowsLanded())
                .sum();
        samples.addLast(new Sample(System.nanoTime(), rows));
    }

    private @Nullable Long rate(long rows) {
        long now = System.nanoTime();
        while (samples.size() > 1 && now - samples.getFirst().nanos > WINDOW_NANOS) {
            samples.removeFirst();
        }
        if (samples.isEmpty() || now - samples.getFirst().nanos < SHORTEST_NANOS) {
            return null;
        }
        Sample first = samples.getFirst();
        return Math.max(0, Math.round((rows - first.rows) * 1e9 / (now - first.nanos)));
    }

    private record Entry(RunObject object, long version) {}

    private record Sample(long nanos, long rows) {}
}

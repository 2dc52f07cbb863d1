package org.qiantang.collect.internal.peer;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.qiantang.collect.CollectProblem;
import org.qiantang.collect.PeerSpool;
import org.qiantang.collect.PeerSpool.ShownTable;
import org.qiantang.collect.PeerSpool.Step;
import org.qiantang.collect.internal.ChangeFeed;
import org.qiantang.lake.Batch;
import org.qiantang.lake.Column;
import org.qiantang.lake.LakeException;
import org.qiantang.lake.TableChanges;

/**
 * The steps of a peer's tables in their order, each a transaction. A whole that waits is collected by a run, which makes it visible at once;
 * what came before it counts no more. A step goes when the lake's own snapshot says that it is in it.
 */
public final class PeerFeed implements ChangeFeed {
    private static final Duration LOOK = Duration.ofMillis(100);

    /** Says up to where the lake has a table. */
    @FunctionalInterface
    public interface InLake {
        /** A position of the present follower; empty when it has none of the table. */
        String position(String lakeName);
    }

    private final PeerSpool spool;
    private final InLake lake;
    private final Map<String, ShownTable> known = new HashMap<>();
    private final Map<String, Long> wholes = new HashMap<>();
    private final Set<String> told = new HashSet<>();
    private long read = -1;
    private String behind = "";
    private volatile boolean closed;

    public PeerFeed(PeerSpool spool, InLake lake) {
        this.spool = spool;
        this.lake = lake;
        spool.tables().forEach(table -> known.put(table.lakeName(), table));
    }

    @Override
    public List<FollowedTable> tables() {
        return known.values().stream().map(PeerFeed::followed).toList();
    }

    private static FollowedTable followed(ShownTable table) {
        return new FollowedTable(
                table.object(),
                table.lakeName(),
                table.columns().stream().map(PeerSpool.ShownColumn::column).toList(),
                table.key(),
                null);
    }

    @Override
    public void start(String earliest) {
        letGo();
    }

    @Override
    public void read(Sink sink, Duration patience) throws InterruptedException {
        List<Step> steps = spool.stepsAfter(read);
        if (steps.isEmpty()) {
            Thread.sleep(patience.compareTo(LOOK) < 0 ? patience : LOOK);
            return;
        }
        for (Step step : steps) {
            if (step.head().whole()) {
                wholes.merge(step.head().table().lakeName(), step.sequence(), Math::max);
            }
        }
        for (Step step : steps) {
            if (closed) {
                return;
            }
            take(step, sink);
            read = step.sequence();
        }
    }

    private void take(Step step, Sink sink) {
        ShownTable table = step.head().table();
        String name = table.lakeName();
        sink.begin(step.position());
        if (!known.containsKey(name)) {
            known.put(name, table);
            sink.appeared(followed(table));
        }
        Long whole = wholes.get(name);
        boolean isToBeCollected = whole != null && PeerSpool.positionOf(whole).compareTo(lake.position(name)) >= 0;
        if (isToBeCollected) {
            if (sink.wants(name) && told.add(name + " " + whole)) {
                sink.collectAnew(name, CollectProblem.PEER_BEGAN_ANEW.id(), "");
            }
        } else if (sink.wants(name) && !step.head().whole()) {
            apply(step, sink);
        }
        sink.committed(step.end(), step.head().at());
        behind = step.end();
    }

    private void apply(Step step, Sink sink) {
        ShownTable table = step.head().table();
        try {
            for (Path batch : spool.batches(step)) {
                PeerSpool.read(batch, change -> {
                    TableChanges changes = sink.changes(table.lakeName());
                    if (changes != null) {
                        set(changes, table, change);
                    }
                });
            }
        } catch (LakeException e) {
            if (e.kind() != LakeException.Kind.VALUE_DOES_NOT_FIT) {
                throw e;
            }
            sink.collectAnew(table.lakeName(), CollectProblem.FOLLOWING_DIVERGED.id(), String.valueOf(e.getMessage()));
        } catch (PeerSpool.Damaged e) {
            sink.collectAnew(table.lakeName(), CollectProblem.FOLLOWING_DIVERGED.id(), String.valueOf(e.getMessage()));
        }
    }

    private static void set(TableChanges changes, ShownTable table, PeerSpool.Change change) {
        int row = changes.row(TableChanges.Op.valueOf(change.operation().name()), null);
        boolean keyAlone =
                change.operation() == PeerSpool.Operation.DELETE && !table.key().isEmpty();
        List<Column> columns = changes.columns();
        Batch batch = changes.batch();
        for (int i = 0; i < columns.size(); i++) {
            @Nullable String value = change.values().get(i);
            if (value == null
                    || keyAlone && !table.key().contains(columns.get(i).name())) {
                batch.setNull(i, row);
            } else {
                PeerValues.set(batch, i, row, columns.get(i), value);
            }
        }
    }

    @Override
    public void confirm(String position) {
        letGo();
    }

    /** What the lake's snapshots say they have is kept nowhere else. */
    private void letGo() {
        Map<String, String> has = new HashMap<>();
        for (Step step : spool.steps()) {
            String name = step.head().table().lakeName();
            if (has.computeIfAbsent(name, lake::position).compareTo(step.position()) > 0) {
                spool.remove(step.sequence());
            }
        }
    }

    @Override
    public @Nullable String caughtUpTo() {
        return behind.isEmpty() ? null : behind;
    }

    @Override
    public Lag lag() {
        return new Lag(spool.bytesReady(), 0);
    }

    @Override
    public void look(Sink sink) {
        Set<String> now = new HashSet<>();
        spool.tables().forEach(table -> now.add(table.lakeName()));
        for (String name : new ArrayList<>(known.keySet())) {
            if (!now.contains(name)) {
                known.remove(name);
                sink.vanished(name);
            }
        }
    }

    @Override
    public void close() {
        closed = true;
    }

    @Override
    public void forget() {
        // The peer keeps what we have not acknowledged, and that is the hub's.
    }
}

package org.qiantang.collect.internal.events;

import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.qiantang.lake.Lake;
import org.qiantang.lake.Query;
import org.qiantang.lake.RowSink;
import org.qiantang.lake.TableName;

/**
 * Which events a table holds already. An event's identity includes its time, so only what the table holds of the same minutes has to be
 * looked at; minutes that were looked at lately are remembered, for nobody else writes to the table. Not thread-safe.
 */
final class KnownEvents {
    /** The minute of events without a time. */
    static final long NO_MINUTE = Long.MIN_VALUE;

    private static final long MICROS = 60_000_000L;
    /** Remembered at most, by all minutes of a table together; 16 bytes each, and as much again for room. */
    private static final int MOST_REMEMBERED = 2_000_000;
    /** Minutes that lie so near to each other are asked for at once. */
    private static final long NEAR = 10;

    private final Lake lake;
    private final TableName table;
    private final Map<Long, IdSet> minutes = new LinkedHashMap<>(16, 0.75f, true);
    private final Map<Long, IdSet> found = new HashMap<>();
    private long remembered;
    /** No event of the table is later; null until the table was asked. */
    private @Nullable Long latest;

    KnownEvents(Lake lake, TableName table) {
        this.lake = lake;
        this.table = table;
    }

    static long minute(long timeMicros) {
        return timeMicros == EventTime.NONE ? NO_MINUTE : Math.floorDiv(timeMicros, MICROS);
    }

    /**
     * Learns what the table holds of these minutes.
     *
     * @param ids per minute those that are going to be asked for
     */
    void look(Map<Long, IdSet> ids) {
        found.clear();
        forgetSome();
        boolean empty = lake.summary(table).isEmpty();
        long newest = latest != null ? latest : empty ? NO_MINUTE : askLatest();
        latest = newest;
        SortedSet<Long> missing = new TreeSet<>();
        for (long minute : ids.keySet()) {
            if (!minutes.containsKey(minute)) {
                if (empty || minute > newest) {
                    minutes.put(minute, new IdSet());
                } else {
                    missing.add(minute);
                }
            }
        }
        if (missing.remove(NO_MINUTE)) {
            ask("\"_time\" IS NULL", ids, new TreeSet<>(List.of(NO_MINUTE)));
        }
        while (!missing.isEmpty()) {
            SortedSet<Long> near = new TreeSet<>();
            for (long minute : missing) {
                if (!near.isEmpty() && minute - near.last() > NEAR) {
                    break;
                }
                near.add(minute);
            }
            ask("\"_time\" >= " + literal(near.first()) + " AND \"_time\" < " + literal(near.last() + 1), ids, near);
            missing.removeAll(near);
        }
    }

    boolean contains(long minute, long most, long least) {
        IdSet known = minutes.get(minute);
        if (known == null) {
            known = found.get(minute);
        }
        return known != null && known.contains(most, least);
    }

    /** What has been committed since. */
    void add(long minute, long most, long least) {
        IdSet known = minutes.get(minute);
        if (known != null && known.add(most, least)) {
            remembered++;
        }
        if (latest == null || minute > latest) {
            latest = minute;
        }
    }

    /** Drops the minutes nobody asked for longest. */
    private void forgetSome() {
        var eldest = minutes.entrySet().iterator();
        while (remembered > MOST_REMEMBERED && eldest.hasNext()) {
            remembered -= eldest.next().getValue().size();
            eldest.remove();
        }
    }

    private long askLatest() {
        long[] answer = {NO_MINUTE};
        run("SELECT epoch_us(max(\"_time\")) FROM " + quoted(), values -> {
            String micros = values.getFirst();
            if (micros != null) {
                answer[0] = minute(Long.parseLong(micros));
            }
        });
        return answer[0];
    }

    /** Remembers the minutes whole as long as there is room; otherwise only which of the wanted ones are there. */
    private void ask(String condition, Map<Long, IdSet> wanted, SortedSet<Long> asked) {
        Map<Long, IdSet> whole = new HashMap<>();
        asked.forEach(minute -> whole.put(minute, new IdSet()));
        long[] count = {0};
        run("SELECT \"_id\", epoch_us(\"_time\") FROM " + quoted() + " WHERE " + condition, values -> {
            UUID id = UUID.fromString(String.valueOf(values.get(0)));
            String micros = values.get(1);
            long minute = micros == null ? NO_MINUTE : minute(Long.parseLong(micros));
            if (!asked.contains(minute)) {
                return;
            }
            long most = id.getMostSignificantBits();
            long least = id.getLeastSignificantBits();
            IdSet among = wanted.get(minute);
            if (among != null && among.contains(most, least)) {
                found.computeIfAbsent(minute, any -> new IdSet()).add(most, least);
            }
            if (++count[0] <= MOST_REMEMBERED) {
                whole.getOrDefault(minute, new IdSet()).add(most, least);
            } else {
                whole.clear();
            }
        });
        whole.forEach((minute, ids) -> {
            minutes.put(minute, ids);
            remembered += ids.size();
        });
    }

    private void run(String sql, java.util.function.Consumer<List<@Nullable String>> row) {
        lake.run(new Query(sql, null, Long.MAX_VALUE, Map.of()), new RowSink() {
            @Override
            public void columns(List<ResultColumn> columns) {
                // known
            }

            @Override
            public void row(List<@Nullable String> values) {
                row.accept(values);
            }
        });
    }

    private String quoted() {
        return "\"" + table.namespace() + "\".\"" + table.name() + "\"";
    }

    private static String literal(long minute) {
        return "TIMESTAMPTZ '" + Instant.ofEpochSecond(Math.multiplyExact(minute, 60L)) + "'";
    }
}

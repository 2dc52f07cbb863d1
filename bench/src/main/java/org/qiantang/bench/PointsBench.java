package org.qiantang.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.qiantang.lake.Column;
import org.qiantang.lake.Lake;
import org.qiantang.lake.LakeSettings;
import org.qiantang.lake.LakeType;
import org.qiantang.lake.Mask;
import org.qiantang.lake.Newest;
import org.qiantang.lake.Query;
import org.qiantang.lake.RowSink;
import org.qiantang.lake.TableName;
import org.qiantang.lake.TablePolicy;
import org.qiantang.lake.TableWrite;
import org.qiantang.lake.Upkeep;
import org.qiantang.testing.TestPostgres;

/**
 * Points of many stations: the newest value of every one, and an aggregate over the history of one, asked as a person's statement is. One
 * table has many stations and one has so few that each has a history of ten thousand points.
 */
public final class PointsBench {
    private static final long FROM = 1_780_000_000_000_000L;
    private static final long STEP = 60_000_000L;
    private static final int PER_WRITE = 2_000_000;
    private static final int HISTORY = 10_000;
    private static final List<Column> COLUMNS = List.of(
            new Column("_time", LakeType.TIMESTAMP_TZ, "json", null),
            new Column("_device", LakeType.TEXT, "json", null),
            new Column("value", LakeType.FLOAT64, "json", null),
            new Column("_origin", LakeType.TEXT, "json", null),
            new Column("_received_at", LakeType.TIMESTAMP_TZ, "json", null),
            new Column("_more", LakeType.TEXT, "json", null),
            new Column("_id", LakeType.UUID, "json", null));

    private final Lake lake;
    private final Log log;
    private final List<String> differences = new ArrayList<>();

    private PointsBench(Lake lake, Log log) {
        this.lake = lake;
        this.log = log;
    }

    public static void main(String... arguments) throws Exception {
        Arguments asked = Arguments.parse(List.of(arguments), Map.of("points", "20000000", "stations", "100000"));
        int points = asked.number("points");
        int stations = asked.number("stations");
        Path folder = Files.createTempDirectory("qiantang-points-bench");
        boolean published = points >= 20_000_000 && stations >= 100_000;
        try (Log log = Log.begin(
                        Path.of(published ? "bench/results" : "bench/target"), "points", "Points of stations");
                Lake lake = Lake.open(LakeSettings.small(
                        TestPostgres.shared().createDatabase("points_bench"),
                        TestPostgres.USER,
                        TestPostgres.PASSWORD,
                        folder.resolve("lake"),
                        folder.resolve("tmp")))) {
            PointsBench bench = new PointsBench(lake, log);
            log.say(
                    "load      %.2f; engine: 2 threads, 384 MiB a query; zone %s",
                    Machine.load(), ZoneId.of("Asia/Shanghai"));
            bench.newest(points, stations);
            bench.history(points, Math.max(1, points / HISTORY));
            log.say("load      %.2f at the end", Machine.load());
            if (!log.parity(
                    "every newest value, and the aggregates of 100 stations, are the formula's", bench.differences)) {
                System.exit(1);
            }
        } finally {
            try (var files = Files.walk(folder)) {
                files.sorted(java.util.Comparator.reverseOrder())
                        .forEach(file -> file.toFile().delete());
            }
        }
        System.exit(0);
    }

    /** The newest value of every station. */
    private void newest(int points, int stations) throws Exception {
        TableName events = new TableName("raw_many", "events");
        fill(events, points, stations);
        Newest newest = lake.newest(
                events,
                new TableName("raw_many", "latest"),
                new Newest.Rule(List.of("_device"), "_time", "_received_at", "_id"));
        long begun = System.nanoTime();
        newest.refresh();
        log.say("  newest of every station from nothing            %.2f s", seconds(begun));
        List<Double> upkeep = new ArrayList<>();
        long next = points;
        for (int i = 0; i < 5; i++, next += 10_000) {
            write(events, next, next + 10_000, stations);
            begun = System.nanoTime();
            newest.refresh();
            upkeep.add(1_000 * seconds(begun));
        }
        log.say(
                "  … after 10,000 more points (the whole table anew) %.0f ms (%.0f to %.0f)",
                Log.median(upkeep), min(upkeep), max(upkeep));
        List<Double> times = new ArrayList<>();
        List<List<@Nullable String>> rows = List.of();
        for (int i = 0; i < 21; i++) {
            begun = System.nanoTime();
            rows = ask("SELECT _device, value, _time FROM raw_many.latest", events);
            times.add(1_000 * seconds(begun));
        }
        say("newest of " + rows.size() + " stations, all fetched (target 200 ms)", times);
        boolean[] seen = new boolean[stations];
        for (List<@Nullable String> row : rows) {
            int station = Integer.parseInt(String.valueOf(row.get(0)).substring(1));
            long last = station + (next - 1 - station) / stations * stations;
            if (seen[station] || Double.parseDouble(String.valueOf(row.get(1))) != value(last)) {
                differences.add("newest of " + row);
            }
            seen[station] = true;
        }
        if (rows.size() != stations) {
            differences.add(rows.size() + " stations instead of " + stations);
        }
    }

    /** Count, mean, least and most by hour of one station's ten thousand points. */
    private void history(int points, int stations) throws Exception {
        TableName events = new TableName("raw_few", "events");
        fill(events, points, stations);
        Random random = new Random(1);
        List<Double> times = new ArrayList<>();
        for (int i = 0; i <= 100; i++) {
            int station = random.nextInt(stations);
            long begun = System.nanoTime();
            List<List<@Nullable String>> rows = ask(
                    "SELECT date_trunc('hour', _time) AS hour, count(*), avg(value), min(value), max(value) FROM raw_few.events"
                            + " WHERE _device = '" + name(station) + "' GROUP BY 1 ORDER BY 1",
                    events);
            times.add(1_000 * seconds(begun));
            compare(station, points, stations, rows);
        }
        say("by hour over one station's " + points / stations + " points (target 50 ms)", times);
    }

    private void compare(int station, long points, int stations, List<List<@Nullable String>> rows) {
        Map<Long, List<Double>> hours = new java.util.TreeMap<>();
        LongStream.iterate(station, i -> i < points, i -> i + stations)
                .forEach(i -> hours.computeIfAbsent(
                                (FROM + i / stations * STEP) / 3_600_000_000L, any -> new ArrayList<>())
                        .add(value(i)));
        int at = 0;
        boolean same = hours.size() == rows.size();
        for (List<Double> values : hours.values()) {
            if (!same) {
                break;
            }
            List<@Nullable String> row = rows.get(at++);
            same = Long.parseLong(String.valueOf(row.get(1))) == values.size()
                    && Math.abs(Double.parseDouble(String.valueOf(row.get(2)))
                                    - values.stream().mapToDouble(each -> each).sum() / values.size())
                            < 1e-9
                    && Double.parseDouble(String.valueOf(row.get(3))) == min(values)
                    && Double.parseDouble(String.valueOf(row.get(4))) == max(values);
        }
        if (!same) {
            differences.add("aggregate of " + name(station));
        }
    }

    private void fill(TableName table, long points, int stations) throws Exception {
        long begun = System.nanoTime();
        for (long from = 0; from < points; from += PER_WRITE) {
            write(table, from, Math.min(points, from + PER_WRITE), stations);
        }
        double written = seconds(begun);
        begun = System.nanoTime();
        Upkeep.Done done = new Upkeep(lake, Upkeep.Policy.DEFAULT).table(table);
        log.say(
                "%s: %,d points of %,d stations, written in %.1f s; upkeep made %d files of %d in %.1f s; %.1f bytes a point",
                table,
                points,
                stations,
                written,
                done.filesWritten(),
                done.filesRewritten(),
                seconds(begun),
                lake.tables().stream()
                                .filter(state -> state.table().equals(table))
                                .mapToLong(state -> state.bytes())
                                .sum()
                        / (double) points);
    }

    private void write(TableName table, long from, long to, int stations) throws Exception {
        long[] next = {from};
        try (TableWrite write = lake.append(table, COLUMNS, List.of("_device", "_time"))) {
            write.write(batch -> {
                int row = 0;
                for (; row < batch.capacity() && next[0] < to; row++, next[0]++) {
                    long i = next[0];
                    batch.setLong(0, row, FROM + i / stations * STEP);
                    batch.setText(1, row, name((int) (i % stations)));
                    batch.setDouble(2, row, value(i));
                    batch.setNull(3, row);
                    batch.setLong(4, row, FROM + i / stations * STEP + 1_000_000);
                    batch.setNull(5, row);
                    batch.setUuid(6, row, mix(i), mix(~i));
                }
                return row;
            });
            write.commit(Map.of());
        }
    }

    /** As a statement is asked: guarded, with a mask on a column. */
    private List<List<@Nullable String>> ask(String sql, TableName table) {
        List<List<@Nullable String>> rows = new ArrayList<>();
        lake.run(
                new Query(
                        sql,
                        null,
                        Long.MAX_VALUE,
                        Map.of(table, TablePolicy.masking(Map.of("_origin", new Mask.Hide())))),
                new RowSink() {
                    @Override
                    public void columns(List<ResultColumn> columns) {}

                    @Override
                    public void row(List<@Nullable String> values) {
                        rows.add(values);
                    }
                });
        return rows;
    }

    private void say(String what, List<Double> times) {
        List<Double> warm = times.subList(1, times.size()).stream().sorted().toList();
        log.say(
                "  %-60s first %.0f ms; then p50 %.0f ms, p99 %.0f ms (%d times)",
                what,
                times.getFirst(),
                Log.median(warm),
                warm.get((int) Math.ceil(0.99 * warm.size()) - 1),
                warm.size());
    }

    private static String name(int station) {
        return String.format(Locale.ROOT, "s%06d", station);
    }

    private static double value(long point) {
        return Math.floorMod(mix(point), 100_000L) / 100.0;
    }

    private static long mix(long i) {
        long z = (i + 0x9e3779b97f4a7c15L) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }

    private static double min(List<Double> values) {
        return values.stream().mapToDouble(each -> each).min().orElseThrow();
    }

    private static double max(List<Double> values) {
        return values.stream().mapToDouble(each -> each).max().orElseThrow();
    }

    private static double seconds(long begun) {
        return (System.nanoTime() - begun) / 1e9;
    }
}

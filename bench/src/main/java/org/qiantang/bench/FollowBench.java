package org.qiantang.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.qiantang.bench.Freshness.Ages;

/**
 * How fast a source's changes come into the lake: a log that has piled up, beside {@code pg_recvlogical} that throws it away and
 * Debezium's engine that only counts it; then how old the lake is under a steady stream of changes.
 */
public final class FollowBench {
    private static final Map<String, String> DEFAULTS = Map.of(
            "pairs", "3",
            "changes", "1000000",
            "legs", "decode,qiantang,debezium",
            "rate", "2000",
            "seconds", "60",
            "part", "both");
    private static final String USAGE = "bin/bench follow [--pairs N] [--changes N] [--legs decode,qiantang,debezium]"
            + " [--rate N] [--seconds S] [--part both|drain|age]";
    private static final double MEBIBYTE = 1024 * 1024;
    private static final double MILLISECOND = 1e6;

    private final Arguments arguments;
    private final Path work;
    private final Path checkout;
    private final Log log;

    private FollowBench(Arguments arguments, Path work, Path checkout, Log log) {
        this.arguments = arguments;
        this.work = work;
        this.checkout = checkout;
        this.log = log;
    }

    /** Measures as the options say and writes a log; ends with 1 when a copy differs from its source. */
    public static void main(String[] args) throws Exception {
        Arguments arguments;
        try {
            arguments = Arguments.parse(List.of(args), DEFAULTS);
            if (!List.of("both", "drain", "age").contains(arguments.text("part"))) {
                throw new IllegalArgumentException("No part is called " + arguments.text("part"));
            }
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.err.println(USAGE);
            System.exit(2);
            return;
        }
        Path checkout = Path.of("").toAbsolutePath();
        Path work = Files.createTempDirectory(Files.createDirectories(checkout.resolve("bench/target")), "follow-");
        boolean isFull = arguments.number("changes") >= 1_000_000 && arguments.number("seconds") >= 60;
        boolean isEqual;
        try (Log log = Log.begin(
                checkout.resolve(isFull ? "bench/results" : "bench/target"),
                "follow",
                "Following the changes of a PostgreSQL")) {
            isEqual = new FollowBench(arguments, work, checkout, log).measure();
        } finally {
            PeerLeg.delete(work);
        }
        System.exit(isEqual ? 0 : 1);
    }

    private boolean measure() throws Exception {
        try (Source source = Source.start(work, "wal_level=logical")) {
            Changes changes = new Changes(source, arguments.number("changes"));
            Freshness freshness = new Freshness(source);
            List<Leg> legs = new ArrayList<>();
            try (FollowLeg ours = new FollowLeg(source, changes, work, checkout)) {
                for (String name : arguments.text("legs").split(",", -1)) {
                    legs.add(
                            switch (name) {
                                case "decode" -> new DecodeLeg(source, changes, work);
                                case "debezium" ->
                                    new DebeziumLeg(source, changes, work, checkout.resolve("bench/debezium"));
                                case CollectLeg.NAME -> ours;
                                default -> throw new IllegalArgumentException("No leg is called " + name);
                            });
                }
                log.say(
                        "software  JDK %s, PostgreSQL %s%s",
                        Runtime.version(),
                        source.version(),
                        legs.stream().map(leg -> ", " + leg.version()).reduce("", String::concat));
                boolean isEqual = true;
                if (!arguments.text("part").equals("age")) {
                    isEqual = drain(changes, legs, ours);
                }
                if (!arguments.text("part").equals("drain")) {
                    isEqual &= age(source, freshness, ours);
                }
                return isEqual;
            }
        }
    }

    private boolean drain(Changes changes, List<Leg> legs, FollowLeg ours) throws Exception {
        log.say(
                "data      %,d changes a pair, half inserted, two fifths updated, a tenth deleted, in transactions of 1,000",
                changes.perPair());
        Pairs pairs = new Pairs(log, work, "changes");
        List<Digest> now = new ArrayList<>();
        ours.refuse();
        pairs.run(
                arguments.number("pairs"),
                legs,
                pair -> {
                    changes.write();
                    now.addFirst(changes.digest());
                    return changes.perPair();
                },
                leg -> leg == ours ? now.getFirst().differencesFrom(ours.digest()) : List.of());
        ours.admit();
        pairs.sayRatios();
        log.say("target    speed beside decode ≥ 0.6; without start-up beside debezium ≥ 5");
        return pairs.sayParity("rows, a sum per column and a sum of row hashes");
    }

    private boolean age(Source source, Freshness freshness, FollowLeg ours) throws Exception {
        ours.awaitFollowing();
        int rate = arguments.number("rate");
        int seconds = arguments.number("seconds");
        Machine.Ticks ticks = Machine.Ticks.now();
        long worker = ours.hub().worker();
        Processes.forgetPeak(worker);
        double load = Machine.load();
        String fsyncs = Machine.fsyncsPerSecond(work);
        double sourceBefore = Processes.cpuSeconds(source.pid());
        double ownBefore = ours.hub().cpuSeconds();
        Ages ages = freshness.measure(ours.hub(), rate, seconds);
        log.say(
                "age       %,d changes/s for %d s: commit to answer p50 %,.0f ms, p99 %,.0f ms, max %,.0f ms; target p99 ≤ 2,000 ms",
                rate,
                seconds,
                Ages.part(ages.ages(), 0.5) / MILLISECOND,
                Ages.part(ages.ages(), 0.99) / MILLISECOND,
                Ages.part(ages.ages(), 1) / MILLISECOND);
        log.say(
                "  of it   the source's own commit p50 %,.1f ms, p99 %,.1f ms; an answer p50 %,.0f ms, p99 %,.0f ms, %,d of them, 50 ms apart",
                Ages.part(ages.writersLateness(), 0.5) / MILLISECOND,
                Ages.part(ages.writersLateness(), 0.99) / MILLISECOND,
                Ages.part(ages.answers(), 0.5) / MILLISECOND,
                Ages.part(ages.answers(), 0.99) / MILLISECOND,
                ages.answers().length);
        log.say(
                "  cost    CPU %.1f s + source %.1f s, peak %,.0f MiB, load %.2f, %s fsync/s, %.1f %% stolen",
                ours.hub().cpuSeconds() - ownBefore,
                Processes.cpuSeconds(source.pid()) - sourceBefore,
                Processes.peakBytes(worker) / MEBIBYTE,
                load,
                fsyncs,
                Machine.Ticks.now().percentStolenSince(ticks));
        Digest original;
        try (Connection connection = source.connect()) {
            original = Digest.of(connection, Freshness.COLUMNS, Freshness.TABLE, Digest.Dialect.POSTGRESQL);
        }
        Digest copy = Digest.ofCsv(ours.hub()
                .csv(Digest.query(Freshness.COLUMNS, FollowLeg.lakeTable(Freshness.TABLE), Digest.Dialect.DUCKDB)));
        return log.parity("the steady table, as above", original.differencesFrom(copy));
    }
}

package org.qiantang.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.qiantang.bench.Leg.Measured;

/**
 * How fast a department is collected, beside two plain COPY and beside Spark, in one run on one machine. Absolute figures drift
 * with the neighbours, so the legs take turns (forth, then back) and what counts is each pair's ratio.
 */
public final class CollectBench {
    private static final double MEBIBYTE = 1024 * 1024;
    private static final String PROFILED = "profiled";
    private static final String PLAIN = "plain";
    private static final String PARITY = "rows, a sum per column and a sum of row hashes";

    private final Options options;
    private final Path work;
    private final Path checkout;
    private final Log log;

    private CollectBench(Options options, Path work, Path checkout, Log log) {
        this.options = options;
        this.work = work;
        this.checkout = checkout;
        this.log = log;
    }

    /** Measures as the options say and writes a log; ends with 1 when a copy differs from its source. */
    public static void main(String[] args) throws Exception {
        Options options;
        try {
            options = Options.parse(List.of(args));
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.err.println(Options.USAGE);
            System.exit(2);
            return;
        }
        Path checkout = Path.of("").toAbsolutePath();
        Path work = Files.createTempDirectory(Files.createDirectories(checkout.resolve("bench/target")), "collect-");
        boolean isEqual;
        Path logs =
                checkout.resolve(options.scaleFactor() == 1 || options.profile() ? "bench/results" : "bench/target");
        try (Log log = options.memory()
                ? Log.begin(logs, "collect-memory", "Memory of the worker while it collects")
                : options.profile()
                        ? Log.begin(logs, "profile", "Collection of TPC-H with and without profiles")
                        : Log.begin(logs, "collect", "Collection of TPC-H from PostgreSQL")) {
            CollectBench bench = new CollectBench(options, work, checkout, log);
            isEqual = options.memory() ? bench.memory() : bench.pairs();
        } finally {
            PeerLeg.delete(work);
        }
        System.exit(isEqual ? 0 : 1);
    }

    /**
     * What to measure.
     *
     * @param memory one collection each of a small and a ten times larger source instead of pairs
     * @param profile whether what is compared is a collection with profiles and one without
     */
    record Options(double scaleFactor, int pairs, List<String> legs, boolean memory, boolean profile) {
        static final String USAGE =
                "bin/bench collect [--scale-factor F] [--pairs N] [--legs copy,qiantang,spark,seatunnel] [--memory] [--profile]";

        static Options parse(List<String> args) {
            double scaleFactor = 1;
            int pairs = 5;
            List<String> legs = List.of("copy", "qiantang", "spark");
            boolean memory = false;
            boolean profile = false;
            for (int i = 0; i < args.size(); i++) {
                switch (args.get(i)) {
                    case "--scale-factor" -> scaleFactor = Double.parseDouble(value(args, ++i));
                    case "--pairs" -> pairs = Integer.parseInt(value(args, ++i));
                    case "--legs" -> legs = List.of(value(args, ++i).split(",", -1));
                    case "--memory" -> memory = true;
                    case "--profile" -> {
                        profile = true;
                        legs = List.of(PROFILED, PLAIN);
                    }
                    default -> throw new IllegalArgumentException("Unknown option " + args.get(i));
                }
            }
            if (scaleFactor < 0.01 || pairs < 1) {
                throw new IllegalArgumentException("The scale factor is at least 0.01 and there is at least one pair.");
            }
            return new Options(scaleFactor, pairs, legs, memory, profile);
        }

        private static String value(List<String> args, int i) {
            if (i >= args.size()) {
                throw new IllegalArgumentException(args.get(i - 1) + " needs a value.");
            }
            return args.get(i);
        }
    }

    private boolean pairs() throws Exception {
        Pairs pairs = new Pairs(log, work, "rows");
        try (Source source = Source.start(work)) {
            Map<String, Digest> originals = load(source, options.scaleFactor());
            long rows = originals.values().stream().mapToLong(Digest::rows).sum();
            List<Leg> legs = new ArrayList<>();
            try {
                for (String name : options.legs()) {
                    legs.add(leg(name, source));
                }
                log.say(
                        "software  JDK %s, PostgreSQL %s%s",
                        Runtime.version(),
                        source.version(),
                        legs.stream().map(leg -> ", " + leg.version()).reduce("", String::concat));
                pairs.run(options.pairs(), legs, pair -> rows, leg -> differences(leg, originals));
            } finally {
                for (Leg leg : legs) {
                    leg.close();
                }
            }
        }
        if (options.profile()) {
            pairs.sayToolCpu(PROFILED, PLAIN);
        } else {
            pairs.sayRatios();
        }
        return pairs.sayParity(PARITY);
    }

    private Leg leg(String name, Source source) throws IOException, InterruptedException, SQLException {
        return switch (name) {
            case "copy" -> new CopyLeg(source, work);
            case "qiantang" -> new CollectLeg(source, "tpch", work, checkout);
            case PROFILED -> new CollectLeg(PROFILED, source, "tpch", folder(name), checkout, Map.of());
            case PLAIN ->
                new CollectLeg(PLAIN, source, "tpch", folder(name), checkout, Map.of("QIANTANG_PROFILES", "off"));
            case "spark" -> new PeerLeg(source, work, checkout.resolve("bench/peer"));
            case "seatunnel" -> new SeaTunnelLeg(source, work, checkout.resolve("bench/seatunnel"));
            default -> throw new IllegalArgumentException("No leg is called " + name);
        };
    }

    private Path folder(String name) throws IOException {
        return Files.createDirectories(work.resolve(name));
    }

    private Map<String, Digest> load(Source source, double scaleFactor) throws SQLException, InterruptedException {
        long start = System.nanoTime();
        source.load(scaleFactor);
        double seconds = (System.nanoTime() - start) / 1e9;
        Map<String, Digest> originals = new LinkedHashMap<>();
        for (Tpch.Table table : Tpch.tables()) {
            try (Connection connection = source.connect()) {
                originals.put(
                        table.name(), Digest.of(connection, table.columns(), table.name(), Digest.Dialect.POSTGRESQL));
            }
        }
        log.say(
                "data      TPC-H scale factor %s: %,d rows in 8 tables, %,.0f MiB of heap, loaded in %.0f s",
                Double.toString(scaleFactor),
                originals.values().stream().mapToLong(Digest::rows).sum(),
                source.heapBytes() / MEBIBYTE,
                seconds);
        return originals;
    }

    private static List<String> differences(Leg leg, Map<String, Digest> originals) throws Exception {
        List<String> differences = new ArrayList<>();
        for (Tpch.Table table : Tpch.tables()) {
            Digest original = originals.get(table.name());
            if (original == null) {
                throw new IllegalStateException("No digest of " + table.name());
            }
            leg.digest(table)
                    .ifPresent(copy -> original.differencesFrom(copy)
                            .forEach(line -> differences.add(leg.name() + " " + table.name() + " " + line)));
        }
        return differences;
    }

    private boolean memory() throws Exception {
        List<Double> peaks = new ArrayList<>();
        List<String> differences = new ArrayList<>();
        for (double scaleFactor : List.of(0.1, 1.0)) {
            Path folder = Files.createDirectories(work.resolve("scale-" + scaleFactor));
            try (Source source = Source.start(folder);
                    Leg leg = new CollectLeg(source, "tpch", folder, checkout)) {
                Map<String, Digest> originals = load(source, scaleFactor);
                Measured measured = leg.run();
                log.say(
                        "%s",
                        measured.line(
                                leg.name(),
                                originals.values().stream()
                                        .mapToLong(Digest::rows)
                                        .sum(),
                                "rows"));
                differences.addAll(differences(leg, originals));
                peaks.add(measured.peakBytes() / MEBIBYTE);
            }
        }
        log.say(
                "memory    %,.0f MiB, then %,.0f MiB for ten times the rows: %.2f times",
                peaks.getFirst(), peaks.getLast(), peaks.getLast() / peaks.getFirst());
        return log.parity(PARITY, differences);
    }
}

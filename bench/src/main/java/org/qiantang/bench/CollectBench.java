package org.qiantang.bench;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.ToDoubleFunction;
import org.qiantang.bench.Leg.Measured;

/**
 * How fast a department is collected, beside two plain COPY and beside Spark, in one run on one machine. Absolute figures drift
 * with the neighbours, so the legs take turns (forth, then back) and what counts is each pair's ratio.
 */
public final class CollectBench {
    private static final double MEBIBYTE = 1024 * 1024;

    private final Options options;
    private final Path work;
    private final PrintWriter log;

    private CollectBench(Options options, Path work, PrintWriter log) {
        this.options = options;
        this.work = work;
        this.log = log;
    }

    /** Measures as the options say and writes a log below bench/results; ends with 1 when a copy differs from its source. */
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
        Path results = Files.createDirectories(checkout.resolve("bench/results"));
        Path file = results.resolve(
                "collect-" + (options.memory() ? "memory-" : "") + LocalDate.now(ZoneOffset.UTC) + ".log");
        boolean equal;
        try (PrintWriter log = new PrintWriter(Files.newBufferedWriter(file))) {
            CollectBench bench = new CollectBench(options, work, log);
            equal = options.memory() ? bench.memory(checkout) : bench.pairs(checkout);
        } finally {
            PeerLeg.delete(work);
        }
        System.exit(equal ? 0 : 1);
    }

    /**
     * What to measure.
     *
     * @param memory one collection each of a small and a ten times larger source instead of pairs
     */
    record Options(double scaleFactor, int pairs, List<String> legs, boolean memory) {
        static final String USAGE =
                "bin/bench collect [--scale-factor F] [--pairs N] [--legs copy,qiantang,spark] [--memory]";

        static Options parse(List<String> args) {
            double scaleFactor = 1;
            int pairs = 5;
            List<String> legs = List.of("copy", "qiantang", "spark");
            boolean memory = false;
            for (int i = 0; i < args.size(); i++) {
                switch (args.get(i)) {
                    case "--scale-factor" -> scaleFactor = Double.parseDouble(value(args, ++i));
                    case "--pairs" -> pairs = Integer.parseInt(value(args, ++i));
                    case "--legs" -> legs = List.of(value(args, ++i).split(",", -1));
                    case "--memory" -> memory = true;
                    default -> throw new IllegalArgumentException("Unknown option " + args.get(i));
                }
            }
            if (scaleFactor < 0.01 || pairs < 1) {
                throw new IllegalArgumentException("The scale factor is at least 0.01 and there is at least one pair.");
            }
            return new Options(scaleFactor, pairs, legs, memory);
        }

        private static String value(List<String> args, int i) {
            if (i >= args.size()) {
                throw new IllegalArgumentException(args.get(i - 1) + " needs a value.");
            }
            return args.get(i);
        }
    }

    private boolean pairs(Path checkout) throws Exception {
        List<String> differences = new ArrayList<>();
        try (Source source = Source.start(work)) {
            say("Collection of TPC-H from PostgreSQL, " + Instant.now().truncatedTo(ChronoUnit.SECONDS));
            say("machine   " + Machine.description());
            Map<String, Digest> originals = load(source, options.scaleFactor());
            long rows = originals.values().stream().mapToLong(Digest::rows).sum();
            List<Leg> legs = new ArrayList<>();
            Map<String, List<Measured>> results = new LinkedHashMap<>();
            try {
                for (String name : options.legs()) {
                    Leg leg = leg(name, source, checkout);
                    legs.add(leg);
                    results.put(name, new ArrayList<>());
                }
                say("software  JDK " + Runtime.version() + ", PostgreSQL " + source.version()
                        + legs.stream().map(leg -> ", " + leg.version()).reduce("", String::concat));
                List<Leg> order = new ArrayList<>(legs);
                for (int pair = 1; pair <= options.pairs(); pair++) {
                    pair(pair, order, results, originals, rows, differences);
                    Collections.reverse(order);
                }
            } finally {
                for (Leg leg : legs) {
                    leg.close();
                }
            }
            ratios(results);
            say("parity    "
                    + (differences.isEmpty() ? "equal: rows, a sum per column and a sum of row hashes" : "DIFFERS"));
            differences.forEach(this::say);
        }
        return differences.isEmpty();
    }

    private Leg leg(String name, Source source, Path checkout) throws IOException, InterruptedException, SQLException {
        return switch (name) {
            case "copy" -> new CopyLeg(source, work);
            case "qiantang" -> new CollectLeg(source, work, checkout);
            case "spark" -> new PeerLeg(source, work, checkout.resolve("bench/peer"));
            default -> throw new IllegalArgumentException("No leg is called " + name);
        };
    }

    private Map<String, Digest> load(Source source, double scaleFactor) throws SQLException, InterruptedException {
        long start = System.nanoTime();
        source.load(scaleFactor);
        double seconds = (System.nanoTime() - start) / 1e9;
        Map<String, Digest> originals = new LinkedHashMap<>();
        for (Tpch.Table table : Tpch.tables()) {
            try (Connection connection = source.connect()) {
                originals.put(table.name(), Digest.of(connection, table, table.name(), Digest.Dialect.POSTGRESQL));
            }
        }
        say("data      TPC-H scale factor %s: %,d rows in 8 tables, %,.0f MiB of heap, loaded in %.0f s"
                .formatted(
                        Double.toString(scaleFactor),
                        originals.values().stream().mapToLong(Digest::rows).sum(),
                        source.heapBytes() / MEBIBYTE,
                        seconds));
        return originals;
    }

    private void pair(
            int number,
            List<Leg> order,
            Map<String, List<Measured>> results,
            Map<String, Digest> originals,
            long rows,
            List<String> differences)
            throws Exception {
        say("pair %d    load %.2f, %s fsync/s".formatted(number, Machine.load(), Machine.fsyncsPerSecond(work)));
        for (Leg leg : order) {
            Machine.Ticks before = Machine.Ticks.now();
            Measured measured = leg.run();
            results.getOrDefault(leg.name(), new ArrayList<>()).add(measured);
            say(line(leg.name(), measured, rows)
                    + ", %.1f %% stolen".formatted(Machine.Ticks.now().percentStolenSince(before)));
            differences.addAll(parity(leg, originals));
        }
    }

    private static List<String> parity(Leg leg, Map<String, Digest> originals) throws Exception {
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

    private static String line(String name, Measured measured, long rows) {
        double cpu = measured.toolCpuSeconds() + measured.sourceCpuSeconds();
        OptionalLong bytes = measured.bytesWritten();
        return "  %-9s %6.1f s (its own count %.1f), %,9.0f rows/s, CPU %.1f s + source %.1f s, %,7.0f rows/CPU-s, peak %,.0f MiB%s"
                .formatted(
                        name,
                        measured.wallSeconds(),
                        measured.runSeconds(),
                        rows / measured.wallSeconds(),
                        measured.toolCpuSeconds(),
                        measured.sourceCpuSeconds(),
                        rows / cpu,
                        measured.peakBytes() / MEBIBYTE,
                        bytes.isPresent() ? ", wrote %,.0f MiB".formatted(bytes.getAsLong() / MEBIBYTE) : "");
    }

    private void ratios(Map<String, List<Measured>> results) {
        say("ratios    median (lowest to highest) over " + options.pairs() + " pairs; above 1 the first is better");
        List<String> names = List.copyOf(results.keySet());
        for (int i = 0; i < names.size(); i++) {
            for (int j = 0; j < names.size(); j++) {
                boolean oursFirst = names.get(i).equals("qiantang") || (j > i && !results.containsKey("qiantang"));
                if (i != j && oursFirst) {
                    ratio("speed", names.get(i), names.get(j), results, Measured::wallSeconds);
                    ratio("speed without start-up", names.get(i), names.get(j), results, Measured::runSeconds);
                    ratio(
                            "rows per CPU-second",
                            names.get(i),
                            names.get(j),
                            results,
                            measured -> measured.toolCpuSeconds() + measured.sourceCpuSeconds());
                }
            }
        }
    }

    /** @param cost what the less of is the better */
    private void ratio(
            String what,
            String first,
            String second,
            Map<String, List<Measured>> results,
            ToDoubleFunction<Measured> cost) {
        List<Measured> firsts = results.getOrDefault(first, List.of());
        List<Measured> seconds = results.getOrDefault(second, List.of());
        List<Double> ratios = new ArrayList<>();
        for (int i = 0; i < Math.min(firsts.size(), seconds.size()); i++) {
            ratios.add(cost.applyAsDouble(seconds.get(i)) / cost.applyAsDouble(firsts.get(i)));
        }
        say("  %-40s %.2f (%.2f to %.2f)"
                .formatted(
                        first + " / " + second + ", " + what,
                        median(ratios),
                        Collections.min(ratios),
                        Collections.max(ratios)));
    }

    static double median(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }

    private boolean memory(Path checkout) throws Exception {
        List<String> differences = new ArrayList<>();
        say("Memory of the worker while it collects, " + Instant.now().truncatedTo(ChronoUnit.SECONDS));
        say("machine   " + Machine.description());
        List<Double> peaks = new ArrayList<>();
        for (double scaleFactor : List.of(0.1, 1.0)) {
            Path folder = Files.createDirectories(work.resolve("scale-" + scaleFactor));
            try (Source source = Source.start(folder);
                    Leg leg = new CollectLeg(source, folder, checkout)) {
                Map<String, Digest> originals = load(source, scaleFactor);
                Measured measured = leg.run();
                say(line(
                        leg.name(),
                        measured,
                        originals.values().stream().mapToLong(Digest::rows).sum()));
                differences.addAll(parity(leg, originals));
                peaks.add(measured.peakBytes() / MEBIBYTE);
            }
        }
        say("memory    %,.0f MiB, then %,.0f MiB for ten times the rows: %.2f times"
                .formatted(peaks.getFirst(), peaks.getLast(), peaks.getLast() / peaks.getFirst()));
        say("parity    "
                + (differences.isEmpty() ? "equal: rows, a sum per column and a sum of row hashes" : "DIFFERS"));
        differences.forEach(this::say);
        return differences.isEmpty();
    }

    private void say(String line) {
        String text = String.format(Locale.ROOT, "%s", line);
        System.out.println(text);
        log.println(text);
        log.flush();
    }
}

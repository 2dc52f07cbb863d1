package org.qiantang.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.qiantang.evidence.Ed25519Suite;
import org.qiantang.evidence.EvidenceLog;
import org.qiantang.evidence.FolderCheck;
import org.qiantang.evidence.Sm2Suite;
import org.qiantang.evidence.Suite;

/** How many entries a second the evidence log makes durable, beside what the same disk can force in the same moments. */
final class EvidenceBench {
    private static final int ENTRY_BYTES = 300;
    private static final int[] THREADS = {1, 8, 64, 256};
    private static final double TARGET = 100;

    private final Log log;
    private final int seconds;

    private EvidenceBench(Log log, int seconds) {
        this.log = log;
        this.seconds = seconds;
    }

    public static void main(String... arguments) throws Exception {
        Arguments asked = Arguments.parse(List.of(arguments), Map.of("rounds", "3", "seconds", "3", "window", "256"));
        int rounds = asked.number("rounds");
        boolean published = rounds >= 3 && asked.number("seconds") >= 3;
        try (Log log = Log.begin(
                Path.of(published ? "bench/results" : "bench/target"),
                "evidence",
                "Evidence: entries of %d bytes, durable".formatted(ENTRY_BYTES))) {
            EvidenceBench bench = new EvidenceBench(log, asked.number("seconds"));
            log.say("");
            log.say(
                    "%-7s %-16s %7s %7s %11s %9s %8s %9s %9s  %s",
                    "round", "suite", "threads", "window", "entries/s", "fsync/s", "ratio", "p50 ms", "p99 ms", "load");
            List<Double> ratios = new ArrayList<>();
            for (int round = 0; round <= rounds; round++) {
                String name = round == 0 ? "warm" : Integer.toString(round);
                double best = 0;
                double rate = 0;
                for (Suite suite : List.of(new Ed25519Suite(), new Sm2Suite())) {
                    for (int threads : THREADS) {
                        Measured measured = bench.measure(name, suite, threads, 1);
                        // One thread alone costs a force an entry: the disk can do at least that.
                        best = Math.max(best, Math.max(measured.fsyncs, threads == 1 ? measured.rate : 0));
                    }
                    Measured measured = bench.measure(name, suite, THREADS[3], asked.number("window"));
                    best = Math.max(best, measured.fsyncs);
                    rate = suite instanceof Ed25519Suite ? measured.rate : rate;
                }
                if (round > 0) {
                    ratios.add(rate / best);
                }
            }
            log.say("");
            log.ratio("entries a second / the most fsyncs in the round", ratios);
            log.say("target    ratio ≥ %.0f", TARGET);
        }
    }

    private record Measured(double rate, double fsyncs) {}

    /** @param window entries that a thread has under way; with 1 it waits for each */
    private Measured measure(String round, Suite suite, int threads, int window) throws Exception {
        Path folder = Files.createTempDirectory("qiantang-evidence-bench");
        try {
            double before = Double.parseDouble(Machine.fsyncsPerSecond(folder));
            long[][] waits = new long[threads][];
            AtomicLong entries = new AtomicLong();
            long start;
            long end;
            String key;
            try (EvidenceLog evidence = EvidenceLog.open(
                    folder.resolve("log"), "bench/evidence", suite, new byte[Suite.HASH_BYTES], made -> {})) {
                key = evidence.key().line();
                start = System.nanoTime();
                long until = start + seconds * 1_000_000_000L;
                List<Thread> running = new ArrayList<>();
                for (int t = 0; t < threads; t++) {
                    int number = t;
                    running.add(Thread.ofVirtual().start(() -> {
                        try {
                            waits[number] = append(evidence, number, until, window);
                            entries.addAndGet(waits[number].length);
                        } catch (IOException e) {
                            throw new IllegalStateException(e);
                        }
                    }));
                }
                for (Thread thread : running) {
                    thread.join();
                }
                end = System.nanoTime();
            }
            double after = Double.parseDouble(Machine.fsyncsPerSecond(folder));
            FolderCheck.Verdict verdict =
                    FolderCheck.check(folder.resolve("log"), org.qiantang.evidence.LogKey.parse(key), List.of());
            if (verdict.signed() != entries.get() || verdict.unsigned() != 0) {
                throw new IllegalStateException("The log does not hold what was appended: " + verdict);
            }
            long[] all =
                    Arrays.stream(waits).flatMapToLong(Arrays::stream).sorted().toArray();
            double rate = entries.get() * 1e9 / (end - start);
            double fsyncs = (before + after) / 2;
            log.say(
                    "%-7s %-16s %7d %7d %11.0f %9.0f %8.1f %9.2f %9.2f  %.1f",
                    round,
                    suite.id(),
                    threads,
                    window,
                    rate,
                    fsyncs,
                    rate / fsyncs,
                    all[all.length / 2] / 1e6,
                    all[(int) (all.length * 0.99)] / 1e6,
                    Machine.load());
            return new Measured(rate, Math.max(before, after));
        } finally {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file :
                        files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    private record UnderWay(long since, CompletableFuture<?> durable) {}

    private static long[] append(EvidenceLog evidence, int thread, long until, int window) throws IOException {
        long[] waits = new long[1024];
        int count = 0;
        ArrayDeque<UnderWay> underWay = new ArrayDeque<>();
        byte[] entry = new byte[ENTRY_BYTES];
        for (long n = 0; System.nanoTime() < until || !underWay.isEmpty(); n++) {
            if (System.nanoTime() < until) {
                java.nio.ByteBuffer.wrap(entry).putLong(n).putInt(thread);
                long since = System.nanoTime();
                underWay.add(new UnderWay(since, evidence.submit(entry).durable()));
            }
            if (underWay.size() >= window || System.nanoTime() >= until) {
                UnderWay oldest = underWay.poll();
                if (oldest != null) {
                    oldest.durable.join();
                    waits = count == waits.length ? Arrays.copyOf(waits, 2 * count) : waits;
                    waits[count++] = System.nanoTime() - oldest.since;
                }
            }
        }
        return Arrays.copyOf(waits, count);
    }
}

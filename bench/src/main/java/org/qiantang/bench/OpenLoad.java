package org.qiantang.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongFunction;

/**
 * Requests that come when they are due, whether or not those before them have been answered, as those of many callers do. How long one takes
 * is counted from when it was due: an answer that is late makes all late that wait behind it.
 */
final class OpenLoad {
    private static final byte[] NOTHING = new byte[0];

    private OpenLoad() {}

    /**
     * How long requests took.
     *
     * @param rate that was wanted, a second
     * @param done that was reached
     * @param refused answers that are not 200
     */
    record Taken(double rate, double done, long refused, double half, double most, double worst) {
        String line() {
            return String.format(
                    java.util.Locale.ROOT,
                    "%,.0f/s due, %,.0f/s done, half within %.2f ms, 99 %% within %.2f ms, all within %.1f ms%s",
                    rate,
                    done,
                    half,
                    most,
                    worst,
                    refused > 0 ? ", " + refused + " REFUSED" : "");
        }
    }

    /**
     * Sends requests at a constant rate.
     *
     * @param request the n-th, as bytes
     */
    static Taken run(int port, int connections, double rate, int seconds, LongFunction<byte[]> request)
            throws Exception {
        return run(port, connections, rate, Math.round(rate * seconds), request);
    }

    /** Sends so many requests, on each connection the next as soon as the one before is answered. */
    static Taken closed(int port, int connections, long count, LongFunction<byte[]> request) throws Exception {
        return run(port, connections, 1e9, count, request);
    }

    private static Taken run(int port, int connections, double rate, long count, LongFunction<byte[]> request)
            throws Exception {
        AtomicLong next = new AtomicLong();
        AtomicLong refused = new AtomicLong();
        long[] taken = new long[Math.toIntExact(count)];
        List<RawHttp> open = new ArrayList<>();
        for (int i = 0; i < connections; i++) {
            open.add(new RawHttp(port));
        }
        long start = System.nanoTime() + 50_000_000L;
        try (ExecutorService threads = Executors.newFixedThreadPool(connections)) {
            List<Future<?>> all = new ArrayList<>();
            for (RawHttp connection : open) {
                all.add(threads.submit(() -> {
                    for (long n = next.getAndIncrement(); n < count; n = next.getAndIncrement()) {
                        byte[] bytes = request.apply(n);
                        long due = start + Math.round(n * 1e9 / rate);
                        for (long wait = due - System.nanoTime(); wait > 0; wait = due - System.nanoTime()) {
                            LockSupport.parkNanos(wait);
                        }
                        if (connection.send(bytes, NOTHING) != 200) {
                            refused.incrementAndGet();
                        }
                        taken[(int) n] = System.nanoTime() - due;
                    }
                    return null;
                }));
            }
            for (Future<?> each : all) {
                each.get();
            }
        } finally {
            for (RawHttp connection : open) {
                close(connection);
            }
        }
        double took = (System.nanoTime() - start) / 1e9;
        Arrays.sort(taken);
        return new Taken(
                rate,
                count / took,
                refused.get(),
                taken[taken.length / 2] / 1e6,
                taken[(int) (taken.length * 0.99)] / 1e6,
                taken[taken.length - 1] / 1e6);
    }

    private static void close(RawHttp connection) {
        try {
            connection.close();
        } catch (IOException e) {
            // It has done what it was for.
        }
    }
}

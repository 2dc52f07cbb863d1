package org.qiantang.invoke;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.LongSupplier;
import org.springframework.stereotype.Component;

/**
 * How fast each caller may call each service: a bucket that fills at the service's rate and holds its burst. Each hub has its own buckets, so
 * that no call waits for another machine.
 */
@Component
final class Pace {
    private static final long SECOND = 1_000_000_000L;
    private static final int MOST_BUCKETS = 100_000;

    private final ConcurrentMap<String, Bucket> buckets = new ConcurrentHashMap<>();
    private final LongSupplier nanos;

    Pace() {
        this(System::nanoTime);
    }

    Pace(LongSupplier nanos) {
        this.nanos = nanos;
    }

    /**
     * How a caller stands after a call.
     *
     * @param waitNanos until the next call may come; 0 when this one may go on
     * @param left calls that may come at once
     */
    record Standing(long waitNanos, long left, Definition.Rate rate) {
        /** Whole seconds after which to try again. */
        long waitSeconds() {
            return Math.max(1, (waitNanos + SECOND - 1) / SECOND);
        }
    }

    /** @param since when it was as full as {@code calls} says */
    private record Bucket(double calls, long since) {}

    /** What was taken by a call that is going to be taken for again. */
    void giveBack(String who, Definition.Rate rate) {
        buckets.computeIfPresent(
                who, (key, bucket) -> new Bucket(Math.min(rate.burst(), bucket.calls + 1), bucket.since));
    }

    Standing take(String who, Definition.Rate rate) {
        long now = nanos.getAsLong();
        if (buckets.size() > MOST_BUCKETS) {
            buckets.values().removeIf(bucket -> now - bucket.since > 60 * SECOND);
        }
        Standing[] standing = new Standing[1];
        buckets.compute(who, (key, before) -> {
            double full = before == null
                    ? rate.burst()
                    : Math.min(rate.burst(), before.calls + (double) (now - before.since) / SECOND * rate.perSecond());
            boolean goesOn = full >= 1;
            double after = goesOn ? full - 1 : full;
            long wait = goesOn ? 0 : (long) Math.ceil((1 - full) / rate.perSecond() * SECOND);
            standing[0] = new Standing(wait, (long) after, rate);
            return new Bucket(after, now);
        });
        return standing[0];
    }
}

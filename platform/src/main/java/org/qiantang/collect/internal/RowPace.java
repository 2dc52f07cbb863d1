package org.qiantang.collect.internal;

import java.util.concurrent.TimeUnit;

/** Holds the lanes of a run back to so many rows a second together. */
final class RowPace {
    private final double nanosPerRow;
    private long next = System.nanoTime();

    /** @param rowsPerSecond 0 for no limit */
    RowPace(long rowsPerSecond) {
        nanosPerRow = rowsPerSecond == 0 ? 0 : 1e9 / rowsPerSecond;
    }

    /** Waits until rows that were read may be followed by others. */
    void took(int rows) throws InterruptedException {
        if (nanosPerRow == 0 || rows == 0) {
            return;
        }
        long wait;
        synchronized (this) {
            long now = System.nanoTime();
            next = Math.max(next, now) + (long) (rows * nanosPerRow);
            wait = next - now;
        }
        TimeUnit.NANOSECONDS.sleep(wait);
    }
}

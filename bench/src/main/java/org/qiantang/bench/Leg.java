package org.qiantang.bench;

import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;

/** One of the ways to do a piece of work that a run compares. */
interface Leg extends AutoCloseable {
    String name();

    /** Does all of it once. */
    Measured run() throws Exception;

    /** What the leg wrote of a table in its last run. Empty for a leg that keeps nothing. */
    default Optional<Digest> digest(Tpch.Table table) throws Exception {
        return Optional.empty();
    }

    /** The tool's version, for the head of the log. */
    String version();

    @Override
    void close() throws Exception;

    /**
     * What doing it once cost.
     *
     * @param wallSeconds from the tool's start to its end, its own start-up included
     * @param runSeconds as the tool itself counts the work, its start-up excluded
     * @param toolCpuSeconds everything but the source
     * @param sourceCpuSeconds the source's server with its backends
     * @param peakBytes the largest process of the tool that holds data
     * @param bytesWritten what it left on disk, when it says
     */
    record Measured(
            double wallSeconds,
            double runSeconds,
            double toolCpuSeconds,
            double sourceCpuSeconds,
            long peakBytes,
            OptionalLong bytesWritten) {
        private static final double MEBIBYTE = 1024 * 1024;

        double cpuSeconds() {
            return toolCpuSeconds + sourceCpuSeconds;
        }

        /** @param amount how many of the unit the leg took */
        String line(String leg, long amount, String unit) {
            return String.format(
                    Locale.ROOT,
                    "  %-9s %6.1f s (its own count %.1f), %,9.0f %s/s, CPU %.1f s + source %.1f s, %,7.0f %s/CPU-s, peak %,.0f MiB%s",
                    leg,
                    wallSeconds,
                    runSeconds,
                    amount / wallSeconds,
                    unit,
                    toolCpuSeconds,
                    sourceCpuSeconds,
                    amount / cpuSeconds(),
                    unit,
                    peakBytes / MEBIBYTE,
                    bytesWritten.isPresent()
                            ? String.format(Locale.ROOT, ", wrote %,.0f MiB", bytesWritten.getAsLong() / MEBIBYTE)
                            : "");
        }
    }
}

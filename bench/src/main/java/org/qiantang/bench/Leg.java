package org.qiantang.bench;

import java.util.Optional;
import java.util.OptionalLong;

/** One of the ways to read everything that a run compares. */
interface Leg extends AutoCloseable {
    String name();

    /** Reads all eight tables once. */
    Measured run() throws Exception;

    /** What the leg wrote of a table in its last run. Empty for a leg that keeps nothing. */
    Optional<Digest> digest(Tpch.Table table) throws Exception;

    /** The tool's version, for the head of the log. */
    String version();

    @Override
    void close() throws Exception;

    /**
     * What one reading cost.
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
            OptionalLong bytesWritten) {}
}

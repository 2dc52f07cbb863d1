package org.qiantang.lake;

/** Hands the rows of one part of a source to the lake, a batch at a time; how every connector feeds it. */
@FunctionalInterface
public interface ChunkReader {
    /**
     * Fills rows 0 to n-1 of the batch and returns n; 0 says that the chunk is at its end. Every column of each of those
     * rows must have been set. Called by one thread at a time.
     */
    int read(Batch batch) throws Exception;
}

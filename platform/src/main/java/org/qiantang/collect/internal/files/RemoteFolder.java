package org.qiantang.collect.internal.files;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.qiantang.collect.internal.files.Listed.Skipped;

/**
 * A folder on another machine. What is lost on the way to it is {@link org.qiantang.collect.CollectProblem#SOURCE_UNREACHABLE}, which
 * pauses a run; what is wrong with one file costs that file.
 */
interface RemoteFolder extends Closeable {
    /** What answers, as people call it. */
    String product();

    /** Everything in the folder and the folders in it. */
    Listing list() throws IOException;

    /** The file's bytes, if it is still the one that was listed. */
    InputStream open(Entry entry) throws IOException;

    /** What the folder knows of a file once it has been fetched, for its object's details. */
    default Map<String, String> details(Entry entry) {
        return Map.of();
    }

    @Override
    void close();

    /**
     * A file as it was listed.
     *
     * @param relative its path below the folder
     * @param address what the server knows it by
     * @param size in bytes; -1 when the server does not say
     * @param version the server's mark of this state of it, or an empty string
     */
    record Entry(
            String relative,
            String address,
            long size,
            @Nullable Instant modified,
            String version) {}

    /** What was listed. */
    record Listing(List<Entry> files, List<Skipped> others) {}
}

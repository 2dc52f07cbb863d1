package org.qiantang.collect.internal.files;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/** What a gzip file holds, under the file's own name; unpacking stops where the file would be a bomb. */
record GzipFile(FileBytes packed, Spool spool) implements FileBytes {
    private static final int BUFFER = 1 << 16;

    @Override
    public String relative() {
        return packed.relative();
    }

    @Override
    public long size() {
        return packed.size();
    }

    @Override
    public @Nullable Instant modified() {
        return packed.modified();
    }

    @Override
    public String version() {
        return packed.version();
    }

    @Override
    public void requireUnchanged() throws IOException {
        packed.requireUnchanged();
    }

    @Override
    public Counting open() throws IOException {
        Counting raw = packed.open();
        try {
            return Counting.from(
                    new Guarded(new GZIPInputStream(new BufferedInputStream(raw, BUFFER), BUFFER), packed.size()), raw);
        } catch (IOException | RuntimeException e) {
            raw.close();
            throw e;
        }
    }

    @Override
    public OnDisk onDisk() throws IOException {
        return spool.copy(copyName(), this::open);
    }

    private String copyName() {
        return "gzip:" + (packed instanceof GzipFile inner ? inner.copyName() : relative());
    }
}

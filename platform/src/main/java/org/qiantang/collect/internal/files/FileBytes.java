package org.qiantang.collect.internal.files;

import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;
import org.qiantang.collect.CollectProblem;
import org.qiantang.core.Problem;

/**
 * One file as it was when the folder was listed. It is read only as long as it is still that file: another size, time or identity is
 * {@link CollectProblem#SOURCE_CHANGED}, and a link put in its place is not followed.
 *
 * @param relative its path below the folder with {@code /} between the names
 */
record FileBytes(
        Path path,
        String relative,
        long size,
        long modifiedNanos,
        @Nullable Object key) {
    private static final long GUARD_FROM = 1L << 30;
    private static final long GUARD_RATIO = 200;

    static FileBytes of(Path path, String relative, BasicFileAttributes attributes) {
        return new FileBytes(
                path,
                relative,
                attributes.size(),
                attributes.lastModifiedTime().to(java.util.concurrent.TimeUnit.NANOSECONDS),
                attributes.fileKey());
    }

    String fileName() {
        return relative.substring(relative.lastIndexOf('/') + 1);
    }

    /** Throws when the file is no longer the one that was listed. */
    void requireUnchanged() throws IOException {
        BasicFileAttributes now;
        try {
            now = Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        } catch (java.nio.file.NoSuchFileException gone) {
            throw changed("it is gone");
        }
        FileBytes other = of(path, relative, now);
        if (now.isSymbolicLink() || !now.isRegularFile()) {
            throw changed("it is no longer a plain file");
        }
        if (other.size != size) {
            throw changed("it had " + size + " bytes and has " + other.size);
        }
        if (other.modifiedNanos != modifiedNanos || !java.util.Objects.equals(other.key, key)) {
            throw changed("it was written anew");
        }
    }

    Problem changed(String reason) {
        return new Problem(CollectProblem.SOURCE_CHANGED, "file", relative, "reason", reason);
    }

    /** The file's bytes as they stand; {@code counter} follows how many were taken. */
    Counting open() throws IOException {
        requireUnchanged();
        return new Counting(Files.newInputStream(path, LinkOption.NOFOLLOW_LINKS));
    }

    /** The text in the file: its bytes, unpacked when it is gzip. Unpacking stops where the file would be a bomb. */
    InputStream unpacked(Counting raw) throws IOException {
        BufferedInputStream in = new BufferedInputStream(raw, 1 << 16);
        try {
            in.mark(2);
            boolean gzip = in.read() == 0x1f && in.read() == 0x8b;
            in.reset();
            return gzip ? new Guarded(new GZIPInputStream(in, 1 << 16), size) : in;
        } catch (IOException e) {
            in.close();
            throw e;
        }
    }

    /** Counts what is taken from a file, for progress seen from another thread. */
    static final class Counting extends FilterInputStream {
        private volatile long count;

        Counting(InputStream in) {
            super(in);
        }

        long count() {
            return count;
        }

        @Override
        public int read() throws IOException {
            int value = in.read();
            if (value >= 0) {
                advance(1);
            }
            return value;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            int read = in.read(target, offset, length);
            if (read > 0) {
                advance(read);
            }
            return read;
        }

        /** One thread reads the file; others only look. */
        @SuppressWarnings("NonAtomicVolatileUpdate")
        private void advance(long more) {
            count += more;
        }
    }

    /** Ends the reading of something that unpacks to far more than any honest table would. */
    static final class Guarded extends FilterInputStream {
        private final long packed;
        private long unpacked;

        Guarded(InputStream in, long packed) {
            super(in);
            this.packed = Math.max(1, packed);
        }

        @Override
        public int read() throws IOException {
            int value = in.read();
            if (value >= 0) {
                advance(1);
            }
            return value;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            int read = in.read(target, offset, length);
            if (read > 0) {
                advance(read);
            }
            return read;
        }

        private void advance(long more) {
            unpacked += more;
            if (unpacked > GUARD_FROM && unpacked / packed > GUARD_RATIO) {
                throw new Problem(
                        CollectProblem.FILE_TOO_LARGE,
                        "reason",
                        packed + " packed bytes become more than " + unpacked
                                + ": a packed file above 1 GiB may grow at most " + GUARD_RATIO + "-fold");
            }
        }
    }
}

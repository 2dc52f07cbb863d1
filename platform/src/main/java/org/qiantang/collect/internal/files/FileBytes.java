package org.qiantang.collect.internal.files;

import java.io.Closeable;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.qiantang.collect.CollectProblem;
import org.qiantang.core.Problem;

/**
 * One file as it was when it was listed, wherever it lies: in a folder, in an archive, on another machine. It can be read as often as
 * needed for as long as it is still that file; when it is not, {@link CollectProblem#SOURCE_CHANGED} says so.
 */
interface FileBytes {
    /** Its path below the folder with {@code /} between the names; what lies in an archive comes after {@code archive.zip!/}. */
    String relative();

    /** Bytes it has where it lies. */
    long size();

    /** When it was last written; null when nobody says. */
    @Nullable
    Instant modified();

    /** What tells this state of the file from another without reading it. */
    String version();

    /** Throws when the file is no longer the one that was listed. */
    void requireUnchanged() throws IOException;

    /** What else is known of it once it has been read, for its object's details. */
    default Map<String, String> details() {
        return Map.of();
    }

    /** The file's bytes from its start. */
    Counting open() throws IOException;

    /** The file on this machine's disk, for readers that jump about in it. */
    OnDisk onDisk() throws IOException;

    default String fileName() {
        return relative().substring(relative().lastIndexOf('/') + 1);
    }

    default Problem changed(String reason) {
        return new Problem(CollectProblem.SOURCE_CHANGED, "file", relative(), "reason", reason);
    }

    /** A file on this machine's disk that stays there until this is closed. */
    record OnDisk(Path path, Runnable release) implements Closeable {
        @Override
        public void close() {
            release.run();
        }
    }

    /** A file's bytes on their way; {@link #count} says how many of {@link #size} were taken, to another thread as well. */
    final class Counting extends FilterInputStream {
        private final LongSupplier taken;

        private Counting(InputStream in, LongSupplier taken) {
            super(in);
            this.taken = taken;
        }

        /** Counts the bytes themselves. */
        static Counting of(InputStream in) {
            Counter counter = new Counter(in);
            return new Counting(counter, () -> counter.count);
        }

        /** Bytes made from others, which are what is counted. */
        static Counting from(InputStream made, Counting raw) {
            return new Counting(made, raw::count);
        }

        long count() {
            return taken.getAsLong();
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            return in.read(target, offset, length);
        }
    }

    /** Counts what is taken from a stream; one thread reads, others only look. */
    final class Counter extends FilterInputStream {
        private volatile long count;

        private Counter(InputStream in) {
            super(in);
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

        @SuppressWarnings("NonAtomicVolatileUpdate")
        private void advance(long more) {
            count += more;
        }
    }

    /** Ends the reading of something that unpacks to far more than any honest table would. */
    final class Guarded extends FilterInputStream {
        private static final long FROM = 1L << 30;
        private static final long RATIO = 200;

        private final long packed;
        private long unpacked;

        Guarded(InputStream in, long packed) {
            super(in);
            this.packed = Math.max(1, packed);
        }

        /** Whether so many bytes may come of so few. */
        static boolean isBomb(long packed, long unpacked) {
            return unpacked > FROM && unpacked / Math.max(1, packed) > RATIO;
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
            if (isBomb(packed, unpacked)) {
                throw bomb(packed, unpacked);
            }
        }

        static Problem bomb(long packed, long unpacked) {
            return new Problem(
                    CollectProblem.FILE_TOO_LARGE,
                    "reason",
                    packed + " packed bytes become more than " + unpacked
                            + ": a packed file above 1 GiB may grow at most " + RATIO + "-fold");
        }
    }
}

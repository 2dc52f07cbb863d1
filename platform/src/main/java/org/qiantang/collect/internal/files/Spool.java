package org.qiantang.collect.internal.files;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.qiantang.collect.internal.files.FileBytes.OnDisk;
import org.qiantang.lake.DiskSpace;
import org.qiantang.lake.LakeException;

/**
 * Copies, on this machine's disk, of what lies packed or far away. Copies in use stay; of the others no more than a budget is kept, those
 * used last, and nothing is written when the disk would be nearly full. Closing removes all; what a process that was killed left behind
 * goes when the next one starts.
 */
final class Spool implements Closeable {
    private static final long BUDGET = 1L << 30;
    private static final int CHUNK = 1 << 20;
    private static final String PREFIX = "qiantang-files-";

    private final Map<String, Copy> copies = new LinkedHashMap<>(16, 0.75f, true);
    private final long budget;
    private @Nullable Path folder;

    Spool() {
        this(BUDGET);
    }

    Spool(long budget) {
        this.budget = budget;
    }

    /** Opens what is to be copied. */
    interface Source {
        InputStream open() throws IOException;
    }

    /** The copy kept under this name, made when there is none. */
    OnDisk copy(String name, Source source) throws IOException {
        Copy copy;
        synchronized (this) {
            copy = copies.computeIfAbsent(name, key -> new Copy());
            copy.users++;
        }
        try {
            Path path = copy.path(source);
            return new OnDisk(path, new Release(copy));
        } catch (IOException | RuntimeException e) {
            release(copy);
            throw e;
        }
    }

    /** Bytes of all copies that are there. */
    synchronized long bytes() {
        return copies.values().stream().mapToLong(copy -> copy.size).sum();
    }

    @Override
    public synchronized void close() {
        copies.values().forEach(Copy::discard);
        copies.clear();
        Path own = folder;
        if (own != null) {
            removeAll(own);
        }
    }

    private synchronized void release(Copy copy) {
        copy.users--;
        long kept = bytes();
        var oldestFirst = copies.values().iterator();
        while (oldestFirst.hasNext()) {
            Copy candidate = oldestFirst.next();
            if (candidate.users == 0 && (kept > budget || candidate.path == null)) {
                kept -= candidate.size;
                candidate.discard();
                oldestFirst.remove();
            }
        }
    }

    private synchronized Path folder() throws IOException {
        Path own = folder;
        if (own == null) {
            Path temp = Path.of(System.getProperty("java.io.tmpdir"));
            removeOrphans(temp);
            own = Files.createTempDirectory(
                    temp, PREFIX + ProcessHandle.current().pid() + "-");
            folder = own;
        }
        return own;
    }

    private static void removeOrphans(Path temp) throws IOException {
        try (Stream<Path> there = Files.list(temp)) {
            there.filter(Spool::isOrphan).forEach(Spool::removeAll);
        }
    }

    private static boolean isOrphan(Path path) {
        String name = path.getFileName().toString();
        if (!name.startsWith(PREFIX)) {
            return false;
        }
        String pid = name.substring(PREFIX.length()).replaceFirst("-.*", "");
        return pid.matches("\\d{1,18}") && ProcessHandle.of(Long.parseLong(pid)).isEmpty();
    }

    private static void removeAll(Path folder) {
        try (Stream<Path> inside = Files.list(folder)) {
            for (Path file : inside.toList()) {
                Files.deleteIfExists(file);
            }
            Files.deleteIfExists(folder);
        } catch (IOException e) {
            System.getLogger(Spool.class.getName())
                    .log(System.Logger.Level.WARNING, "A temporary folder stays: " + folder, e);
        }
    }

    /** Gives a copy back, once. */
    private final class Release implements Runnable {
        private @Nullable Copy copy;

        Release(Copy copy) {
            this.copy = copy;
        }

        @Override
        public synchronized void run() {
            Copy held = copy;
            copy = null;
            if (held != null) {
                release(held);
            }
        }
    }

    /** One copy; whoever comes first makes it, the others wait. */
    private final class Copy {
        private int users;
        private volatile @Nullable Path path;
        private volatile long size;

        synchronized Path path(Source source) throws IOException {
            Path there = path;
            if (there != null) {
                return there;
            }
            Path made = Files.createTempFile(folder(), "", ".copy");
            try (InputStream in = source.open();
                    OutputStream out = Files.newOutputStream(made)) {
                byte[] chunk = new byte[CHUNK];
                for (int n = in.readNBytes(chunk, 0, CHUNK); n > 0; n = in.readNBytes(chunk, 0, CHUNK)) {
                    if (!DiskSpace.of(folder()).hasRoomFor(n)) {
                        // Not the file's fault: the run waits for room. It must not be the copy that leaves none for
                        // others.
                        throw new LakeException(
                                LakeException.Kind.NO_SPACE,
                                "The disk has no room for a temporary copy; " + size + " bytes were written");
                    }
                    out.write(chunk, 0, n);
                    size += n;
                }
            } catch (IOException | RuntimeException e) {
                Files.deleteIfExists(made);
                size = 0;
                throw e;
            }
            path = made;
            return made;
        }

        void discard() {
            Path there = path;
            path = null;
            size = 0;
            if (there != null) {
                try {
                    Files.deleteIfExists(there);
                } catch (IOException e) {
                    System.getLogger(Spool.class.getName())
                            .log(System.Logger.Level.WARNING, "A temporary copy stays: " + there, e);
                }
            }
        }
    }
}

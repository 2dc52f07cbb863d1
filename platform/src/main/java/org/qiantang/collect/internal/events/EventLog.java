package org.qiantang.collect.internal.events;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.qiantang.collect.CollectProblem;
import org.qiantang.core.Problem;

/**
 * What makes an event safe before its sender is told so: an append-only log on disk. Everybody who appends while the disk is busy shares
 * the next force, so that many senders cost no more of them than one.
 *
 * <p>A force that failed is never tried again, for the system may have forgotten what it could not write: those who waited for it are
 * refused, and so is everybody else until a new segment has proven that the disk takes data again. Reading goes on all the while.
 *
 * <p>A position counts the bytes of all records from the beginning of the log; it never goes back. Thread-safe.
 */
public final class EventLog implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(EventLog.class.getName());
    private static final int PROBE_BYTES = 1 << 20;
    private static final Duration PROBE_PAUSE = Duration.ofMillis(500);
    private static final int SMALLEST_BUFFER = 1 << 16;
    private static final int LARGEST_KEPT_BUFFER = 4 << 20;

    /**
     * @param segmentBytes after which a new file is begun
     * @param waitingBytes that may wait for the disk at once
     * @param keptBytes that may wait for the lake
     */
    public record Limits(long segmentBytes, long waitingBytes, long keptBytes) {
        public static final Limits USUAL = new Limits(64L << 20, 64L << 20, 8L << 30);
    }

    private final Path folder;
    private final Limits limits;
    private final Disk disk;
    private final UUID id;
    private final Thread writer;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition work = lock.newCondition();

    // All of these are guarded by the lock.
    private Batch next = new Batch();
    private Batch spare = new Batch();
    private long end;
    private long durable;
    private long released;
    private @Nullable String refusal;
    private boolean closing;

    // These belong to the writer's thread.
    private Path file;
    private FileChannel channel;
    private long base;

    /** Records that reach the disk together. */
    private static final class Batch {
        private ByteBuffer bytes = ByteBuffer.allocateDirect(SMALLEST_BUFFER);
        private CompletableFuture<@Nullable Void> done = new CompletableFuture<>();

        void room(int more) {
            if (bytes.remaining() < more) {
                int wanted = Math.max(bytes.position() + more, 2 * bytes.capacity());
                bytes = ByteBuffer.allocateDirect(wanted).put(bytes.flip());
            }
        }

        void reuse() {
            if (bytes.capacity() > LARGEST_KEPT_BUFFER) {
                bytes = ByteBuffer.allocateDirect(SMALLEST_BUFFER);
            }
            bytes.clear();
            done = new CompletableFuture<>();
        }
    }

    /** Opens the log in a folder, or begins one. What a crash left unfinished at its end is cut off. */
    public static EventLog open(Path folder, Limits limits) {
        return open(folder, limits, new Disk());
    }

    static EventLog open(Path folder, Limits limits, Disk disk) {
        try {
            return new EventLog(folder, limits, disk);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot open the event log in " + folder, e);
        }
    }

    private EventLog(Path folder, Limits limits, Disk disk) throws IOException {
        this.folder = folder;
        this.limits = limits;
        this.disk = disk;
        // Also when they are there: whoever made them may have died before they were forced.
        Files.createDirectories(folder);
        Path parent = folder.toAbsolutePath().getParent();
        if (parent != null) {
            disk.forceFolder(parent);
        }
        disk.forceFolder(folder);
        List<Segment> segments = recover();
        if (segments.isEmpty()) {
            id = UUID.randomUUID();
            base = 0;
            file = Segment.name(folder, 0);
            channel = create(file, 0);
        } else {
            Segment last = segments.getLast();
            id = last.log();
            base = last.base();
            file = last.file();
            channel = FileChannel.open(file, StandardOpenOption.WRITE);
            cutTornTail(last);
            released = segments.getFirst().base();
        }
        end = base + Math.max(0, channel.size() - Segment.HEADER);
        durable = end;
        channel.position(channel.size());
        writer = Thread.ofPlatform().daemon().name("event-log").start(this::write);
    }

    /** Names this log; positions of another one say nothing about it. */
    public UUID id() {
        return id;
    }

    /** Everything before this position is safe. */
    public long durable() {
        return read(() -> durable);
    }

    /** Everything before this position has been released. */
    public long released() {
        return read(() -> released);
    }

    /** Why nothing is taken at the moment. */
    public Optional<String> refusal() {
        return read(() -> Optional.ofNullable(refusal));
    }

    /** Returns when the record is safe; see {@link #append(List)}. */
    public void append(EventRecord record) {
        append(List.of(record));
    }

    /**
     * Returns when all of the records are safe. Whoever is refused may or may not find them in the log later.
     *
     * @throws Problem {@code collect.events_not_durable} while the disk takes nothing, {@code collect.events_busy} when more is waiting
     *     than there is room for
     */
    public void append(List<EventRecord> records) {
        int size = 0;
        for (EventRecord record : records) {
            size += record.size() + Segment.RECORD_HEADER;
        }
        CompletableFuture<@Nullable Void> done;
        lock.lock();
        try {
            refuseWhenFull(size);
            next.room(size);
            for (EventRecord record : records) {
                record.put(next.bytes, end);
                end += record.size() + Segment.RECORD_HEADER;
            }
            done = next.done;
            work.signal();
        } finally {
            lock.unlock();
        }
        try {
            done.join();
        } catch (CompletionException e) {
            Throwable why = e.getCause() == null ? e : e.getCause();
            throw new Problem(CollectProblem.EVENTS_NOT_DURABLE, "reason", String.valueOf(why.getMessage()));
        }
    }

    /** Lets the log forget everything before a position; whole files are removed when nothing in them is wanted. */
    public void release(long position) {
        lock.lock();
        try {
            released = Math.max(released, Math.min(position, durable));
        } finally {
            lock.unlock();
        }
        List<Segment> segments = Segment.list(folder);
        for (int i = 0; i + 1 < segments.size() && segments.get(i + 1).base() <= position; i++) {
            try {
                Files.deleteIfExists(segments.get(i).file());
            } catch (IOException e) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "A file of the event log stays: " + segments.get(i).file());
            }
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closing = true;
            work.signal();
        } finally {
            lock.unlock();
        }
        try {
            writer.join();
            channel.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot close the event log", e);
        }
    }

    private <T> T read(java.util.function.Supplier<T> state) {
        lock.lock();
        try {
            return state.get();
        } finally {
            lock.unlock();
        }
    }

    private void refuseWhenFull(int more) {
        if (refusal != null) {
            throw new Problem(CollectProblem.EVENTS_NOT_DURABLE, "reason", refusal);
        }
        if (closing) {
            throw new Problem(CollectProblem.EVENTS_NOT_DURABLE, "reason", "the platform is being stopped");
        }
        if (end - durable + more > limits.waitingBytes || end - released + more > limits.keptBytes) {
            throw new Problem(CollectProblem.EVENTS_BUSY);
        }
    }

    /** The writer's life: what has come together while the disk was busy goes to it in one piece. */
    private void write() {
        while (true) {
            Batch batch = null;
            lock.lock();
            try {
                while (next.bytes.position() == 0 && refusal == null && !closing) {
                    work.awaitUninterruptibly();
                }
                if (refusal == null) {
                    if (next.bytes.position() == 0) {
                        return;
                    }
                    batch = next;
                    next = spare;
                    spare = batch;
                }
            } finally {
                lock.unlock();
            }
            if (batch != null) {
                store(batch);
            } else if (!probe()) {
                return;
            }
        }
    }

    private void store(Batch batch) {
        try {
            if (channel.position() - Segment.HEADER >= limits.segmentBytes) {
                begin(base + channel.position() - Segment.HEADER);
            }
            ByteBuffer bytes = batch.bytes.flip();
            int length = bytes.remaining();
            disk.write(file, channel, bytes);
            disk.force(file, channel);
            lock.lock();
            try {
                durable += length;
            } finally {
                lock.unlock();
            }
            batch.done.complete(null);
        } catch (IOException e) {
            refuse(e, batch);
        }
        batch.reuse();
    }

    /** Nobody who waits is told that it is safe, whatever of it may be on the disk. */
    private void refuse(IOException e, Batch batch) {
        String reason = String.valueOf(e.getMessage());
        LOG.log(System.Logger.Level.ERROR, "The disk of the event log fails; nothing is taken until it works again", e);
        CompletableFuture<@Nullable Void> others;
        lock.lock();
        try {
            refusal = reason;
            end = durable;
            others = next.done;
            next.reuse();
        } finally {
            lock.unlock();
        }
        batch.done.completeExceptionally(e);
        others.completeExceptionally(e);
    }

    /** Waits a little, then tries whether a new segment can be begun. Returns false when the log is being closed. */
    private boolean probe() {
        lock.lock();
        try {
            long left = PROBE_PAUSE.toNanos();
            while (left > 0 && !closing) {
                left = work.awaitNanos(left);
            }
            if (closing) {
                return false;
            }
        } catch (InterruptedException e) {
            return false;
        } finally {
            lock.unlock();
        }
        try {
            begin(durable());
        } catch (IOException e) {
            return true;
        }
        lock.lock();
        try {
            refusal = null;
        } finally {
            lock.unlock();
        }
        LOG.log(System.Logger.Level.INFO, "The event log takes events again");
        return true;
    }

    /** Begins a new file at a position. The old one ends there, whatever it holds beyond it. */
    private void begin(long position) throws IOException {
        Path fresh = Segment.name(folder, position);
        if (fresh.equals(file)) {
            // Nothing was ever acknowledged from this file: it makes room for itself.
            channel.close();
            Files.deleteIfExists(file);
        }
        FileChannel created = create(fresh, position);
        channel.close();
        channel = created;
        file = fresh;
        base = position;
    }

    /** A file that has proven to take data: header and a probe are forced, and its name is, before a record may go to it. */
    private FileChannel create(Path fresh, long position) throws IOException {
        FileChannel created = FileChannel.open(
                fresh, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE);
        try {
            disk.write(fresh, created, Segment.header(id, position));
            disk.write(fresh, created, ByteBuffer.allocate(PROBE_BYTES));
            disk.force(fresh, created);
            created.truncate(Segment.HEADER);
            created.position(Segment.HEADER);
            disk.force(fresh, created);
            disk.forceFolder(folder);
            return created;
        } catch (IOException e) {
            created.close();
            Files.deleteIfExists(fresh);
            throw e;
        }
    }

    /** The segments there are. A file that never got its header was never written to; one that lost it is kept for people to look at. */
    private List<Segment> recover() throws IOException {
        for (Path each : Segment.files(folder)) {
            if (Segment.read(each).isEmpty()) {
                if (Files.size(each) > Segment.HEADER + PROBE_BYTES) {
                    LOG.log(System.Logger.Level.ERROR, "A file of the event log is damaged and set aside: " + each);
                }
                Files.move(
                        each,
                        each.resolveSibling(each.getFileName() + ".damaged"),
                        StandardCopyOption.REPLACE_EXISTING);
                disk.forceFolder(folder);
            }
        }
        return Segment.list(folder);
    }

    /** Cuts what is no record at the end of the last file, and forces the rest: a killed process may have left it in memory only. */
    private void cutTornTail(Segment last) throws IOException {
        byte[] bytes = last.bytes(last.base(), last.base() + last.length());
        int whole = 0;
        int at = 0;
        while (at < bytes.length) {
            int length = Segment.recordAt(bytes, at, bytes.length, last.base() + at);
            if (length < 0) {
                at++;
            } else {
                at += length + Segment.RECORD_HEADER;
                whole = at;
            }
        }
        if (whole < bytes.length) {
            LOG.log(
                    System.Logger.Level.INFO,
                    "The event log ended in the middle of a record; {0} bytes that nobody was promised are cut",
                    bytes.length - whole);
            channel.truncate(Segment.HEADER + (long) whole);
        }
        disk.force(file, channel);
    }
}

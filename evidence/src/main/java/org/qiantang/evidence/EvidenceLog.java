package org.qiantang.evidence;

import static java.util.Objects.requireNonNull;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The log of who did what. An entry is on disk when {@link #append} returns or the future of {@link #submit} completes, and under a signed
 * root within a second. Whoever appends while the disk is busy shares the next force, so that many cost no more of them than one.
 *
 * <p>A force that failed is never tried again, for the system may have forgotten what it could not write: the log takes nothing more until
 * it is opened anew. Memory does not grow with the log. Thread-safe; one process at a time.
 */
public final class EvidenceLog implements AutoCloseable {
    /** How long an entry waits at most for the root that covers it. */
    public static final Duration SIGNED_WITHIN = Duration.ofSeconds(1);

    private static final Duration SIGNING_PAUSE = Duration.ofMillis(500);
    private static final int BUFFER = 1 << 18;
    private static final int LARGEST_BATCH = 8 << 20;
    /** Room that is taken ahead, so that who reads can be written down for a good while after the disk is full. */
    private static final int AHEAD = 1 << 20;

    private final Segments segments;
    private final LogKey key;
    private final byte[] secret;
    private final Consumer<Checkpoint> signed;
    private final ThreadLocal<Merkle> hashing;
    private final FileChannel lockFile;
    private final FileLock folderLock;
    private final Thread writer;
    private final Thread signer;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition work = lock.newCondition();
    private final Condition room = lock.newCondition();
    private final Condition unsigned = lock.newCondition();
    /** One dropping at a time. */
    private final ReentrantLock dropping = new ReentrantLock();

    // All of these are guarded by the lock.
    private Batch next = new Batch();
    private long end;
    private long durable;
    private byte[] durableRoot;
    private @Nullable IOException failure;
    private boolean closing;
    private boolean written;

    private volatile Checkpoint checkpoint;

    // These belong to the writer's thread.
    private final Merkle.Edge edge;
    private FileChannel channel;
    /** Where the next entry goes in its segment. */
    private long place;
    /** Where the room ends that the segment has on the disk. */
    private long taken;

    /** Entries that reach the disk together. */
    private static final class Batch {
        private ByteBuffer bytes = ByteBuffer.allocate(BUFFER);
        private final CompletableFuture<@Nullable Void> done = new CompletableFuture<>();
        private int count;

        void add(byte[] entry, byte[] hash) {
            int more = 2 + entry.length + hash.length;
            if (bytes.remaining() < more) {
                bytes = ByteBuffer.allocate(Math.max(bytes.position() + more, 2 * bytes.capacity()))
                        .put(bytes.flip());
            }
            bytes.putShort((short) entry.length).put(entry).put(hash);
            count++;
        }
    }

    /**
     * An entry on its way to the disk.
     *
     * @param durable completes when it is there
     */
    public record Submitted(long index, byte[] leafHash, CompletableFuture<@Nullable Void> durable) {}

    /** An entry on disk. */
    public record Appended(long index, byte[] leafHash) {}

    /**
     * Opens the log in a folder, or begins one. What a crash left unfinished at its end is cut off; what a signed root covers and is not
     * there any more, or not so, is refused.
     *
     * @param name of the log; no other has it
     * @param secret 32 bytes made by chance
     * @param signed hears of each signed root, one after the other
     */
    public static EvidenceLog open(Path folder, String name, Suite suite, byte[] secret, Consumer<Checkpoint> signed)
            throws IOException {
        return open(new Segments(folder, Segments.USUAL_LEVEL), folder, LogKey.of(name, suite, secret), secret, signed);
    }

    static EvidenceLog open(Segments segments, Path folder, LogKey key, byte[] secret, Consumer<Checkpoint> signed)
            throws IOException {
        Files.createDirectories(folder.resolve("entries"));
        Files.createDirectories(folder.resolve("hashes"));
        Segments.forceFolder(folder.toAbsolutePath().getParent());
        Segments.forceFolder(folder);
        FileChannel lockFile =
                FileChannel.open(folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            FileLock folderLock = lockFile.tryLock();
            if (folderLock == null) {
                throw new EvidenceException("Another process writes the log in " + folder);
            }
            return new EvidenceLog(segments, key, secret, signed, lockFile, folderLock);
        } catch (OverlappingFileLockException e) {
            lockFile.close();
            throw new EvidenceException("The log in " + folder + " is open already", e);
        } catch (IOException | RuntimeException e) {
            lockFile.close();
            throw e;
        }
    }

    private EvidenceLog(
            Segments segments,
            LogKey key,
            byte[] secret,
            Consumer<Checkpoint> signed,
            FileChannel lockFile,
            FileLock folderLock)
            throws IOException {
        this.segments = segments;
        this.key = key;
        this.secret = secret.clone();
        this.signed = requireNonNull(signed, "signed is null");
        this.lockFile = lockFile;
        this.folderLock = folderLock;
        hashing = ThreadLocal.withInitial(() -> new Merkle(key.suite()));
        Merkle merkle = new Merkle(key.suite());
        edge = merkle.edge();
        segments.recoverCheckpoint();
        Checkpoint last = Files.exists(segments.checkpoint())
                ? Checkpoint.parse(Files.readString(segments.checkpoint(), StandardCharsets.UTF_8), key)
                : Checkpoint.sign(key, secret, 0, merkle.edge().root());
        recover(merkle, last);
        end = edge.size();
        durable = end;
        durableRoot = edge.root();
        checkpoint = last;
        channel = FileChannel.open(
                segments.entries(end >>> segments.level), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        place = channel.size();
        taken = place;
        takeRoom(0);
        Segments.forceFolder(segments.entries(0).getParent());
        writer = Thread.ofPlatform().name("evidence-writer").daemon().start(this::write);
        signer = Thread.ofPlatform().name("evidence-signer").daemon().start(this::signing);
    }

    private void recover(Merkle merkle, Checkpoint last) throws IOException {
        long count = finishDropping();
        long full = Math.max(0, count - 1);
        long rooted = segments.rootCount();
        if (rooted > count) {
            throw new EvidenceException("Segments are missing at the end of the log");
        }
        Meeting meeting = new Meeting(last);
        meeting.look();
        for (long segment = 0; segment < full; segment++) {
            // What the roots do not say yet, a crash came between.
            byte[] root = segment < rooted ? segments.root(segment) : sum(merkle, segment);
            if (segment >= rooted) {
                addRoot(segment, root);
            }
            edge.addSubtree(segments.level, root);
            meeting.look();
        }
        byte[] tail = count > 0 ? readLast(merkle, count - 1, meeting::look) : new byte[0];
        // A root within a segment that is full by now.
        boolean within = last.size() < full << segments.level && (last.size() & (segments.leaves - 1)) != 0;
        if (!(within ? meets(last) : meeting.met)) {
            throw new EvidenceException(
                    "The log is not as it was when its root over %d entries was signed".formatted(last.size()));
        }
        if (count > 0) {
            // After a crash, and after a force that failed, what can be read of a file need not be what is on the disk.
            Segments.replace(segments.entries(count - 1), ByteBuffer.wrap(tail));
            if (edge.size() == count << segments.level) {
                addRoot(count - 1, edge.whole(segments.level));
            }
        }
    }

    /** Whether the growing log comes by what was signed last. */
    private final class Meeting {
        private final Checkpoint last;
        private boolean met;

        Meeting(Checkpoint last) {
            this.last = last;
        }

        void look() {
            met |= edge.size() == last.size() && Arrays.equals(edge.root(), last.root());
        }
    }

    /** What was begun to be dropped before a crash: where hashes are whole and entries are still there, the latter go. */
    private long finishDropping() throws IOException {
        try (var files = Files.list(segments.hashes(0).getParent())) {
            for (Path file : files.toList()) {
                String name = file.getFileName().toString();
                if (name.endsWith(".new")) {
                    Files.delete(file);
                } else {
                    Files.deleteIfExists(segments.entries(Long.parseLong(name, 16)));
                }
            }
        }
        return segments.count();
    }

    private byte[] sum(Merkle merkle, long segment) throws IOException {
        Merkle.Edge leaves = merkle.edge();
        segments.read(segment, (entry, hash) -> leaves.add(hash));
        if (leaves.size() != segments.leaves) {
            throw new EvidenceException("Segment %08x is not whole".formatted(segment));
        }
        return leaves.root();
    }

    private boolean meets(Checkpoint last) throws IOException {
        byte[] root = segments.new Reading(key.suite(), last.size()).hash(0, last.size());
        return Arrays.equals(root, last.root());
    }

    /** Takes the last segment up to where it is whole; to be written anew. */
    private byte[] readLast(Merkle merkle, long segment, Runnable taken) throws IOException {
        ByteArrayOutputStream kept = new ByteArrayOutputStream();
        try {
            segments.read(segment, (entry, hash) -> {
                if (entry == null) {
                    throw new EvidenceException("The newest entries were dropped");
                }
                if (entry.length == 0 || !Arrays.equals(merkle.leaf(entry), hash)) {
                    throw new EOFException("torn");
                }
                kept.write(entry.length >>> 8);
                kept.write(entry.length);
                kept.writeBytes(entry);
                kept.writeBytes(hash);
                edge.add(hash);
                taken.run();
            });
        } catch (EvidenceException torn) {
            if (!(torn.getCause() instanceof EOFException)) {
                throw torn;
            }
        }
        return kept.toByteArray();
    }

    private void addRoot(long segment, byte[] root) throws IOException {
        try (FileChannel roots =
                FileChannel.open(segments.roots(), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            ByteBuffer bytes = ByteBuffer.wrap(root);
            long place = segment * Suite.HASH_BYTES;
            while (bytes.hasRemaining()) {
                place += roots.write(bytes, place);
            }
            roots.force(true);
        }
    }

    public LogKey key() {
        return key;
    }

    /** The newest signed root. */
    public Checkpoint checkpoint() {
        return checkpoint;
    }

    /** How many entries are on disk. */
    public long size() {
        lock.lock();
        try {
            return durable;
        } finally {
            lock.unlock();
        }
    }

    /** Why the log takes nothing more; empty while it does. */
    public Optional<IOException> failure() {
        lock.lock();
        try {
            return Optional.ofNullable(failure);
        } finally {
            lock.unlock();
        }
    }

    /** Returns when the entry is on disk. */
    public Appended append(byte[] entry) throws IOException {
        Submitted submitted = submit(entry);
        try {
            submitted.durable.get();
            return new Appended(submitted.index, submitted.leafHash);
        } catch (ExecutionException e) {
            throw new EvidenceException("The entry could not be made durable: " + e.getCause(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new EvidenceException("Interrupted before the entry was durable", e);
        }
    }

    /** Queues an entry; it is acknowledged by its future and by nothing else. Waits while far more is queued than the disk takes. */
    public Submitted submit(byte[] entry) throws IOException {
        if (entry.length == 0 || entry.length > Segments.LONGEST_ENTRY) {
            throw new IllegalArgumentException("An entry has 1 to 65,535 bytes, not " + entry.length);
        }
        byte[] hash = hashing.get().leaf(entry);
        lock.lock();
        try {
            while (next.bytes.position() > LARGEST_BATCH && failure == null && !closing) {
                room.awaitUninterruptibly();
            }
            if (failure != null) {
                throw new EvidenceException("The log takes nothing more: " + failure.getMessage(), failure);
            }
            if (closing) {
                throw new EvidenceException("The log is closed");
            }
            next.add(entry, hash);
            work.signal();
            return new Submitted(end++, hash, next.done);
        } finally {
            lock.unlock();
        }
    }

    private void write() {
        while (true) {
            Batch batch;
            lock.lock();
            try {
                while (next.count == 0 && !closing) {
                    work.awaitUninterruptibly();
                }
                if (next.count == 0) {
                    written = true;
                    unsigned.signal();
                    return;
                }
                batch = next;
                next = new Batch();
                room.signalAll();
            } finally {
                lock.unlock();
            }
            try {
                write(batch);
                lock.lock();
                try {
                    durable = edge.size();
                    durableRoot = edge.root();
                    unsigned.signal();
                } finally {
                    lock.unlock();
                }
                batch.done.complete(null);
            } catch (IOException e) {
                fail(e, batch);
                return;
            } catch (RuntimeException e) {
                fail(new EvidenceException("The log could not be written", e), batch);
                return;
            }
        }
    }

    private void write(Batch batch) throws IOException {
        ByteBuffer bytes = batch.bytes.flip();
        byte[] array = bytes.array();
        int at = 0;
        while (at < bytes.limit()) {
            int length = (array[at] & 0xff) << 8 | array[at + 1] & 0xff;
            at += 2 + length + Suite.HASH_BYTES;
            edge.add(Arrays.copyOfRange(array, at - Suite.HASH_BYTES, at));
            if ((edge.size() & (segments.leaves - 1)) == 0) {
                flush(bytes, at);
                finish();
                long segment = edge.size() >>> segments.level;
                addRoot(segment - 1, edge.whole(segments.level));
                channel = FileChannel.open(
                        segments.entries(segment), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
                place = 0;
                taken = 0;
                Segments.forceFolder(segments.entries(segment).getParent());
            }
        }
        if (bytes.position() < at) {
            flush(bytes, at);
            channel.force(false);
        }
    }

    private void flush(ByteBuffer bytes, int end) throws IOException {
        ByteBuffer part = bytes.slice(bytes.position(), end - bytes.position());
        takeRoom(part.remaining());
        while (part.hasRemaining()) {
            place += channel.write(part, place);
        }
        taken = Math.max(taken, place);
        bytes.position(end);
    }

    /** Keeps room ahead of so many bytes; where the disk has none any more, what was taken before has to do. */
    private void takeRoom(int bytes) {
        if (taken - place - bytes > AHEAD / 2) {
            return;
        }
        ByteBuffer zeros = ByteBuffer.allocate(BUFFER);
        try {
            for (long wanted = place + bytes + AHEAD; taken < wanted; ) {
                zeros.position(0).limit((int) Math.min(BUFFER, wanted - taken));
                taken += channel.write(zeros, taken);
            }
        } catch (IOException full) {
            System.getLogger(EvidenceLog.class.getName())
                    .log(System.Logger.Level.DEBUG, "No room ahead of the log: {0}", full.getMessage());
        }
    }

    /** Gives back the room that the segment does not need, and closes it. */
    private void finish() throws IOException {
        channel.truncate(place);
        channel.force(true);
        channel.close();
    }

    private void fail(IOException why, Batch batch) {
        Batch waiting;
        lock.lock();
        try {
            failure = why;
            waiting = next;
            next = new Batch();
            written = true;
            room.signalAll();
            unsigned.signal();
        } finally {
            lock.unlock();
        }
        batch.done.completeExceptionally(why);
        waiting.done.completeExceptionally(why);
    }

    private void signing() {
        while (true) {
            long size;
            byte[] root;
            lock.lock();
            try {
                while (durable == checkpoint.size() && !written) {
                    unsigned.awaitUninterruptibly();
                }
                long left = SIGNING_PAUSE.toNanos();
                while (left > 0 && !written) {
                    left = unsigned.awaitNanos(left);
                }
                size = durable;
                root = durableRoot;
                if (written && size == checkpoint.size()) {
                    return;
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            } finally {
                lock.unlock();
            }
            try {
                Checkpoint made = Checkpoint.sign(key, secret, size, root);
                segments.writeCheckpoint(StandardCharsets.UTF_8.encode(made.note()));
                checkpoint = made;
                signed.accept(made);
            } catch (IOException | RuntimeException e) {
                // Entries that no root will cover are no evidence.
                fail(
                        e instanceof IOException io ? io : new EvidenceException("A root could not be signed", e),
                        new Batch());
                return;
            }
        }
    }

    /** An entry as it was written; empty where only its hash was kept. Only what is under a signed root. */
    public Optional<byte[]> entry(long index) throws IOException {
        check(index, checkpoint.size());
        byte[][] found = new byte[1][];
        int place = (int) (index & (segments.leaves - 1));
        int[] at = new int[1];
        dropping.lock();
        try {
            segments.read(index >>> segments.level, place + 1, (entry, hash) -> {
                if (at[0]++ == place && entry != null) {
                    found[0] = entry;
                }
            });
        } finally {
            dropping.unlock();
        }
        return Optional.ofNullable(found[0]);
    }

    /** That an entry is in the log, by the newest signed root; empty where its bytes were dropped, for what stays is only its hash. */
    public Optional<Proof> prove(long index) throws IOException {
        Checkpoint now = checkpoint;
        Optional<byte[]> entry = entry(index);
        return entry.isEmpty()
                ? Optional.empty()
                : Optional.of(new Proof(index, entry.get(), inclusion(index, now.size()), now.note()));
    }

    /** The hashes that lead from a leaf to the root over so many entries. */
    public List<byte[]> inclusion(long index, long size) throws IOException {
        check(size - 1, checkpoint.size());
        dropping.lock();
        try {
            return Merkle.inclusion(index, size, segments.new Reading(key.suite(), size));
        } finally {
            dropping.unlock();
        }
    }

    /** The hashes that show that the log of an earlier size is the beginning of a later one. */
    public List<byte[]> consistency(long earlier, long size) throws IOException {
        check(size - 1, checkpoint.size());
        dropping.lock();
        try {
            return Merkle.consistency(earlier, size, segments.new Reading(key.suite(), size));
        } finally {
            dropping.unlock();
        }
    }

    /** The root over so many entries from the beginning. */
    public byte[] root(long size) throws IOException {
        if (size > 0) {
            check(size - 1, checkpoint.size());
        }
        dropping.lock();
        try {
            return segments.new Reading(key.suite(), size).hash(0, size);
        } finally {
            dropping.unlock();
        }
    }

    private static void check(long index, long size) {
        if (index < 0 || index >= size) {
            throw new IllegalArgumentException("No entry " + index + " under a signed root of " + size);
        }
    }

    /** Says of a file of entries, by the oldest and the newest of them, whether it must stay whatever its age. */
    @FunctionalInterface
    public interface Hold {
        boolean holds(byte[] oldest, byte[] newest);
    }

    /**
     * Drops the bytes of whole segments whose last entry is old, and keeps their hashes, so that every proof still holds. Stops at the first
     * segment that is not old; passes those under a hold. Returns how many entries were dropped.
     */
    public long drop(Predicate<byte[]> old, Hold hold) throws IOException {
        dropping.lock();
        try {
            long dropped = 0;
            long full = checkpoint.size() >>> segments.level;
            for (long segment = 0; segment < full; segment++) {
                if (!Files.exists(segments.entries(segment))) {
                    continue;
                }
                byte[][] ends = new byte[2][];
                ByteBuffer hashes = ByteBuffer.allocate(segments.leaves * Suite.HASH_BYTES);
                segments.read(segment, (entry, hash) -> {
                    ends[1] = requireNonNull(entry);
                    if (hashes.position() == 0) {
                        ends[0] = entry;
                    }
                    hashes.put(hash);
                });
                if (hashes.hasRemaining() || !old.test(ends[1])) {
                    break;
                }
                if (!hold.holds(ends[0], ends[1])) {
                    Segments.replace(segments.hashes(segment), hashes.flip());
                    Files.delete(segments.entries(segment));
                    dropped += segments.leaves;
                }
            }
            return dropped;
        } finally {
            dropping.unlock();
        }
    }

    /** Makes everything durable that was submitted, signs it and lets the folder go. */
    @Override
    public void close() throws IOException {
        lock.lock();
        try {
            closing = true;
            work.signal();
            room.signalAll();
        } finally {
            lock.unlock();
        }
        boolean interrupted = false;
        for (Thread each : List.of(writer, signer)) {
            while (each.isAlive()) {
                try {
                    each.join();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        }
        if (failure().isEmpty()) {
            finish();
            segments.forgetSpares();
        }
        channel.close();
        folderLock.release();
        lockFile.close();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}

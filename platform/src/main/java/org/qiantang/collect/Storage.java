package org.qiantang.collect;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.qiantang.core.CoreProblem;
import org.qiantang.core.Problem;
import org.qiantang.lake.DiskFault;
import org.qiantang.lake.DiskSpace;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.SmartLifecycle;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Whether what this installation writes to keeps what it is given. As long as it does not, nothing new is promised to anybody: events are
 * refused, runs and followers wait; what is there can be read. Space is looked at all the time, other faults are told by whoever meets
 * them; once there is one, small writes that are forced tell when it has passed. Thread-safe.
 */
@Service
public final class Storage implements SmartLifecycle {
    private static final System.Logger LOG = System.getLogger(Storage.class.getName());
    private static final Duration LOOK = Duration.ofMillis(250);
    private static final int PROBE_BYTES = 256 << 10;
    /** A table of its own makes the database ask for new room; it is gone with its transaction. */
    private static final String PROBE_DATABASE =
            "create temporary table qiantang_probe on commit drop as select md5(n::text) from generate_series(1, 8000) n";

    private static final String DATABASE = "PostgreSQL";

    private final Path home;
    private final Disks disks;
    private final Ballast ballast;
    private boolean ballastFails;
    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final Clock clock;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition well = lock.newCondition();
    private volatile State state;
    private volatile @Nullable Thread thread;

    @Autowired
    Storage(Sources.HomeFolder home, JdbcClient jdbc, TransactionTemplate transaction, Clock clock) {
        this(home, jdbc, transaction, clock, DiskSpace::of);
    }

    Storage(Sources.HomeFolder home, JdbcClient jdbc, TransactionTemplate transaction, Clock clock, Disks disks) {
        this.home = home.path();
        this.disks = disks;
        this.ballast = new Ballast(home.path());
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.clock = clock;
        this.state = new State(Health.OK, clock.instant(), null, null, null);
    }

    /** What there is of the disk that a folder is on. */
    @FunctionalInterface
    interface Disks {
        DiskSpace of(Path folder) throws IOException;
    }

    /** How storage is. */
    public enum Health {
        OK,
        FULL,
        FAILING,
    }

    /**
     * How storage is, and what of it.
     *
     * @param since when it is so
     * @param where the folder or database that takes nothing; null when all is well
     * @param freeBytes of that folder's disk; null for a database
     * @param reason what the system said; null when it is only full
     */
    public record State(
            Health health,
            Instant since,
            @Nullable String where,
            @Nullable Long freeBytes,
            @Nullable String reason) {}

    public State state() {
        return state;
    }

    /** Why nothing new may be promised to anybody; empty when all is well. */
    public Optional<Problem> refusal() {
        State now = state;
        return switch (now.health) {
            case OK -> Optional.empty();
            case FULL ->
                Optional.of(new Problem(
                        CoreProblem.NO_SPACE,
                        "where",
                        String.valueOf(now.where),
                        "free",
                        now.freeBytes == null ? "0 MB" : (now.freeBytes >> 20) + " MB"));
            case FAILING ->
                Optional.of(new Problem(
                        CoreProblem.STORAGE_FAILING,
                        "where",
                        String.valueOf(now.where),
                        "reason",
                        String.valueOf(now.reason)));
        };
    }

    /** @throws Problem {@code core.no_space} or {@code core.storage_failing} */
    void requireWell() {
        refusal().ifPresent(refusal -> {
            throw refusal;
        });
    }

    /** Learns from a failure what it says of storage; the refusal that follows, or nothing when it was something else. */
    public Optional<Problem> failed(RuntimeException failure) {
        boolean ours = failure instanceof DataAccessException || failure instanceof TransactionException;
        Optional<DiskFault> database = ours ? DiskFault.ofDatabase(failure) : Optional.empty();
        Optional<DiskFault> fault = database.isPresent() ? database : DiskFault.of(failure);
        String where = database.isPresent() ? DATABASE : home.resolve("lake").toString();
        return fault.map(what -> failed(what, where, DiskFault.words(failure)));
    }

    /** Something in a folder could not be made safe. */
    void failed(Path folder, String reason) {
        failed(reason.contains("No space left") ? DiskFault.FULL : DiskFault.FAILING, folder.toString(), reason);
    }

    private Problem failed(DiskFault fault, String where, String reason) {
        Health health = fault == DiskFault.FULL ? Health.FULL : Health.FAILING;
        lock.lock();
        try {
            if (state.health == Health.OK) {
                Long free = where.equals(DATABASE) ? null : free(Path.of(where));
                become(new State(health, clock.instant(), where, free, health == Health.FULL ? null : reason));
            }
            return refusal().orElseThrow();
        } finally {
            lock.unlock();
        }
    }

    /** Waits for storage to be well, but no longer than that. */
    void await(Duration limit) throws InterruptedException {
        long left = limit.toNanos();
        lock.lockInterruptibly();
        try {
            while (state.health != Health.OK && left > 0) {
                left = well.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void start() {
        Thread looking = Thread.ofPlatform().daemon().name("storage").unstarted(this::loop);
        // Known before it runs, for it ends when it is not the one.
        thread = looking;
        looking.start();
    }

    @Override
    public void stop() {
        Thread running = thread;
        thread = null;
        if (running != null) {
            running.interrupt();
        }
    }

    @Override
    public boolean isRunning() {
        return thread != null;
    }

    /** Begins before whatever promises something, and ends after it. */
    @Override
    public int getPhase() {
        return DEFAULT_PHASE - 1;
    }

    private void loop() {
        while (thread == Thread.currentThread()) {
            try {
                keepBallast();
                look();
                TimeUnit.NANOSECONDS.sleep(LOOK.toNanos());
            } catch (InterruptedException e) {
                return;
            } catch (RuntimeException e) {
                LOG.log(System.Logger.Level.WARNING, "Storage is looked at again shortly", e);
            }
        }
    }

    private void keepBallast() {
        try {
            ballast.look(disks.of(home));
            ballastFails = false;
        } catch (IOException e) {
            if (!ballastFails) {
                LOG.log(System.Logger.Level.WARNING, "The ballast cannot be kept: {0}", e.getMessage());
            }
            ballastFails = true;
        }
    }

    private void look() {
        State before = state;
        Optional<State> fault = before.health == Health.OK ? space(before) : trouble(before);
        lock.lock();
        try {
            if (state != before) {
                // Somebody met a fault meanwhile, which what was looked at before says nothing of.
                return;
            }
            if (fault.isPresent()) {
                State now = fault.get();
                boolean same = now.health == before.health;
                become(new State(now.health, same ? before.since : now.since, now.where, now.freeBytes, now.reason));
            } else if (before.health != Health.OK) {
                become(new State(Health.OK, clock.instant(), null, null, null));
            }
        } finally {
            lock.unlock();
        }
    }

    /** Called under the lock. */
    private void become(State next) {
        if (next.health != state.health) {
            LOG.log(
                    next.health == Health.OK ? System.Logger.Level.INFO : System.Logger.Level.ERROR,
                    "Storage is {0}: {1} {2}",
                    next.health,
                    next.where,
                    next.reason);
        }
        state = next;
        if (next.health == Health.OK) {
            well.signalAll();
        }
    }

    /** Whether a disk is down to its reserve; one that was has to have more before what could not go on goes on. */
    private Optional<State> space(State before) {
        return folders("lake", "events", "tmp", "postgres")
                .flatMap(folder -> {
                    boolean wasFull =
                            before.health == Health.FULL && folder.toString().equals(before.where);
                    return full(folder, wasFull ? space -> !space.hasRoomFor(0) : DiskSpace::isFull);
                })
                .findFirst();
    }

    private Stream<State> full(Path folder, Predicate<DiskSpace> isFull) {
        try {
            DiskSpace space = disks.of(folder);
            return isFull.test(space)
                    ? Stream.of(new State(Health.FULL, clock.instant(), folder.toString(), space.freeBytes(), null))
                    : Stream.empty();
        } catch (IOException e) {
            return Stream.of(failing(folder, e));
        }
    }

    /** What is still wrong: everything is tried, for a disk that has room may fail and one that works be full. */
    private Optional<State> trouble(State before) {
        return space(before)
                .or(() -> folders("lake", "events", "tmp")
                        .flatMap(this::unwritable)
                        .findFirst())
                .or(this::unwritableDatabase);
    }

    private Stream<State> unwritable(Path folder) {
        Path probe = folder.resolve(".probe");
        try {
            // Always a new file: what the system could not write of an old one it may have forgotten.
            Files.deleteIfExists(probe);
            try (FileChannel channel =
                    FileChannel.open(probe, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                ByteBuffer bytes = ByteBuffer.allocate(PROBE_BYTES);
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                channel.force(true);
            } finally {
                Files.deleteIfExists(probe);
            }
            try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
                channel.force(true);
            }
            return Stream.empty();
        } catch (IOException e) {
            return Stream.of(failing(folder, e));
        }
    }

    private Optional<State> unwritableDatabase() {
        try {
            transaction.executeWithoutResult(status -> jdbc.sql(PROBE_DATABASE).update());
            return Optional.empty();
        } catch (RuntimeException e) {
            boolean full = DiskFault.ofDatabase(e).equals(Optional.of(DiskFault.FULL));
            return Optional.of(new State(
                    full ? Health.FULL : Health.FAILING,
                    clock.instant(),
                    DATABASE,
                    null,
                    full ? null : String.valueOf(e.getMessage())));
        }
    }

    private State failing(Path folder, IOException e) {
        boolean full = DiskFault.of(e).equals(Optional.of(DiskFault.FULL));
        return new State(
                full ? Health.FULL : Health.FAILING,
                clock.instant(),
                folder.toString(),
                free(folder),
                full ? null : String.valueOf(e.getMessage()));
    }

    private Stream<Path> folders(String... names) {
        return List.of(names).stream().map(home::resolve).filter(Files::isDirectory);
    }

    private static @Nullable Long free(Path folder) {
        try {
            return DiskSpace.of(folder).freeBytes();
        } catch (IOException unknown) {
            return null;
        }
    }
}

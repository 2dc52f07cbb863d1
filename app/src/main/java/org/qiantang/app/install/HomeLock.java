package org.qiantang.app.install;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.qiantang.core.Problem;

/**
 * The right to work on a home, held by at most one process. The kernel takes it back when its holder dies, however it dies, so a
 * lock never has to be cleared by hand.
 */
public final class HomeLock implements AutoCloseable {
    // The kernel drops a process's lock when any of its descriptors of the file is closed: within one process nobody
    // opens it twice.
    private static final Set<Path> HELD_HERE = ConcurrentHashMap.newKeySet();

    private final Path file;
    private final FileChannel channel;

    private HomeLock(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    /**
     * Takes the home.
     *
     * @throws Problem {@code install.home_in_use} naming the process and address that hold it
     */
    public static HomeLock acquire(Home home) {
        return tryAcquire(home).orElseThrow(() -> {
            Optional<HubAddress> hub = HubAddress.of(home);
            return new Problem(
                    InstallProblem.HOME_IN_USE,
                    "home",
                    home.toString(),
                    "pid",
                    holder(home).map(String::valueOf).orElse("?"),
                    "address",
                    hub.map(HubAddress::url).orElse("-"));
        });
    }

    /** Takes the home, or nothing when another process has it. */
    public static Optional<HomeLock> tryAcquire(Home home) {
        Path file = home.lockFile();
        if (!HELD_HERE.add(file)) {
            return Optional.empty();
        }
        boolean taken = false;
        try {
            FileChannel channel = FileChannel.open(
                    file,
                    Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE),
                    PosixFilePermissions.asFileAttribute(Home.OWNER_FILE));
            taken = channel.tryLock() != null;
            if (!taken) {
                channel.close();
                return Optional.empty();
            }
            // What the previous holder left behind describes nobody who still lives.
            Files.deleteIfExists(home.hubFile());
            Home.write(home.holderFile(), ProcessHandle.current().pid() + "\n");
            return Optional.of(new HomeLock(file, channel));
        } catch (IOException e) {
            throw new Problem(InstallProblem.HOME_UNUSABLE, "home", home.toString(), "reason", Home.reason(e));
        } finally {
            if (!taken) {
                HELD_HERE.remove(file);
            }
        }
    }

    /** The process that holds or last held the home. */
    static Optional<Long> holder(Home home) {
        return Home.read(home.holderFile())
                .map(String::strip)
                .filter(s -> s.matches("\\d+"))
                .map(Long::valueOf);
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            HELD_HERE.remove(file);
        }
    }
}

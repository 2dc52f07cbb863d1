package org.qiantang.app.install;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;
import org.qiantang.core.Problem;

/**
 * The right to work on a home, held by at most one process. The kernel takes it back when its holder dies, however it dies, so a
 * lock never has to be cleared by hand.
 */
public final class HomeLock implements AutoCloseable {
    private final FileChannel channel;

    private HomeLock(FileChannel channel) {
        this.channel = channel;
    }

    /** @throws Problem {@code install.home_in_use} naming the process and address that hold the home */
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
        try {
            FileChannel channel = FileChannel.open(
                    home.lockFile(),
                    Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE),
                    PosixFilePermissions.asFileAttribute(Home.OWNER_FILE));
            try {
                FileLock lock = channel.tryLock();
                if (lock != null) {
                    // What the previous holder left behind describes nobody who still lives.
                    Files.deleteIfExists(home.hubFile());
                    channel.truncate(0);
                    channel.write(UTF_8.encode(ProcessHandle.current().pid() + "\n"), 0);
                    return Optional.of(new HomeLock(channel));
                }
            } catch (OverlappingFileLockException e) {
                // Held by this very process: the same answer as for another one.
            }
            channel.close();
            return Optional.empty();
        } catch (IOException e) {
            throw new Problem(InstallProblem.HOME_UNUSABLE, "home", home.toString(), "reason", Home.reason(e));
        }
    }

    /** The process that holds or last held the home. */
    static Optional<Long> holder(Home home) {
        return Home.read(home.lockFile())
                .map(String::strip)
                .filter(s -> s.matches("\\d+"))
                .map(Long::valueOf);
    }

    @Override
    public void close() {
        try {
            channel.truncate(0);
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

package org.qiantang.app.cli;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.qiantang.app.install.Home;
import org.qiantang.app.install.HomeLock;
import org.qiantang.app.install.HubAddress;
import org.qiantang.app.install.HubOptions;
import org.qiantang.app.install.Installation;

/**
 * A hub for the duration of one command: the one that runs on the home, or one started inside this process. A hub that another command
 * started for itself is waited for rather than used, because it ends with that command.
 */
final class HubSession implements AutoCloseable {
    private static final Duration NEWS_AFTER = Duration.ofSeconds(2);

    private final HubClient client;
    private final @Nullable Installation own;

    private HubSession(HubClient client, @Nullable Installation own) {
        this.client = client;
        this.own = own;
    }

    static HubSession open(Home home, Texts texts, PrintStream err) {
        home.create();
        long began = System.nanoTime();
        boolean told = false;
        while (true) {
            Optional<HubAddress> running = HubAddress.of(home);
            Optional<HomeLock> lock = HomeLock.tryAcquire(home);
            if (lock.isPresent()) {
                Installation own =
                        Installation.start(new HubOptions(0, HubOptions.Purpose.ONE_COMMAND), home, lock.get());
                return new HubSession(client(home, own.address(), texts), own);
            }
            if (running.isPresent() && !running.get().forOneCommand()) {
                return new HubSession(client(home, running.get(), texts), null);
            }
            if (!told && System.nanoTime() - began > NEWS_AFTER.toNanos()) {
                told = true;
                err.println(texts.of(
                        "目录 " + home + " 正由另一个命令使用，等待其结束……",
                        "Waiting for another command that uses home " + home + " …"));
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
            if (Thread.currentThread().isInterrupted()) {
                throw new IllegalStateException("Interrupted while waiting for home " + home);
            }
        }
    }

    HubClient client() {
        return client;
    }

    /** Whether the hub ends with this command. */
    boolean isForOneCommand() {
        return own != null;
    }

    @Override
    public void close() {
        if (own != null) {
            own.close();
        }
    }

    private static HubClient client(Home home, HubAddress address, Texts texts) {
        return new HubClient(address.url(), home.readOperatorToken(), texts.tag());
    }
}

package org.qiantang.app.install;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Keeps what a child process says, without ever filling the disk: at its limit the file moves aside, replacing the one moved before.
 * Writing to it never fails, because a full disk must not stop the child it listens to.
 */
final class CappedLog {
    private static final long LIMIT_BYTES = 8L << 20;
    private static final Duration LAST_WORDS = Duration.ofSeconds(2);

    private final Path file;
    private volatile @Nullable Thread following;

    CappedLog(Path file) {
        this.file = file;
    }

    Path file() {
        return file;
    }

    synchronized void append(byte[] bytes, int length) {
        try {
            if (Files.exists(file) && Files.size(file) + length > LIMIT_BYTES) {
                Files.move(file, file.resolveSibling(file.getFileName() + ".1"), StandardCopyOption.REPLACE_EXISTING);
            }
            try (OutputStream out = Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
                out.write(bytes, 0, length);
            }
        } catch (IOException e) {
            // Losing a log line is the lesser evil; the child's pipe must be drained.
        }
    }

    /** The last line that contains a match: the reason to show when a child failed. */
    Optional<String> lastMatching(String pattern) {
        Pattern wanted = Pattern.compile(pattern);
        try (Stream<String> lines = Files.lines(file, UTF_8)) {
            return lines.filter(line -> wanted.matcher(line).find()).reduce((earlier, later) -> later);
        } catch (IOException | UncheckedIOException e) {
            return Optional.empty();
        }
    }

    /** Follows a stream to its end on a thread of its own. */
    void follow(InputStream stream) {
        following = Thread.ofVirtual().name("log-" + file.getFileName()).start(() -> {
            byte[] buffer = new byte[8192];
            try (stream) {
                for (int n = stream.read(buffer); n >= 0; n = stream.read(buffer)) {
                    append(buffer, n);
                }
            } catch (IOException e) {
                // The child is gone; there is nothing left to hear.
            }
        });
    }

    /** Waits for the last words of a child that has ended, but not for a grandchild that may still hold the stream. */
    void finish() throws InterruptedException {
        Thread last = following;
        if (last != null) {
            last.join(LAST_WORDS);
        }
    }
}

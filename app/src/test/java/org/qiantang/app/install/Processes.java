package org.qiantang.app.install;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Looks at the machine's processes the way an administrator would. */
final class Processes {
    private Processes() {}

    /** The processes that name the home on their command line or work inside it. */
    static List<Long> of(Path home) throws IOException {
        try (Stream<Path> proc = Files.list(Path.of("/proc"))) {
            return proc.filter(entry -> entry.getFileName().toString().matches("\\d+"))
                    .filter(entry -> belongs(entry, home.toString()))
                    .map(entry -> Long.valueOf(entry.getFileName().toString()))
                    .toList();
        }
    }

    static void kill(long pid) {
        if (pid <= 0) {
            throw new IllegalArgumentException("Not one process: " + pid);
        }
        try {
            new ProcessBuilder("/bin/sh", "-c", "kill -9 " + pid).start().waitFor();
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Stops processes where they are: returns when none of their threads does anything any more. */
    static void freeze(List<Long> pids) {
        String all = pids.stream().map(String::valueOf).collect(Collectors.joining(" "));
        try {
            new ProcessBuilder("/bin/sh", "-c", "kill -STOP " + all).start().waitFor();
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
        await().atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(1))
                .until(() -> pids.stream().allMatch(Processes::isFrozen));
    }

    /** Whether each thread is stopped, or in a call into the system from which it will not come back before it is. */
    private static boolean isFrozen(long pid) {
        try (Stream<Path> threads = Files.list(Path.of("/proc", Long.toString(pid), "task"))) {
            return threads.allMatch(thread -> "TtDZX".contains(state(thread)));
        } catch (IOException ended) {
            return true;
        }
    }

    private static String state(Path thread) {
        try {
            String stat = Files.readString(thread.resolve("stat"));
            return stat.substring(stat.lastIndexOf(')') + 2).substring(0, 1);
        } catch (IOException ended) {
            return "X";
        }
    }

    private static boolean belongs(Path process, String home) {
        try {
            if (Files.readSymbolicLink(process.resolve("cwd")).startsWith(home)) {
                return true;
            }
            byte[] words = Files.readAllBytes(process.resolve("cmdline"));
            return new String(words, StandardCharsets.UTF_8).contains(home);
        } catch (IOException e) {
            // It ended while it was looked at.
            return false;
        }
    }
}

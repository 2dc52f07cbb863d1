package org.qiantang.app.install;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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

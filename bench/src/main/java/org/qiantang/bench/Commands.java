package org.qiantang.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Programs that a measurement starts and waits for. */
final class Commands {
    private Commands() {}

    /** @param peakBytes the largest resident memory of any process of the command */
    record Finished(String output, double wallSeconds, long peakBytes) {}

    /** Runs a command to its end. @throws IllegalStateException when it fails, with what it said */
    static Finished run(List<String> command, Path folder) throws IOException, InterruptedException {
        Path output = Files.createTempFile(folder, "output", ".txt");
        Path errors = Files.createTempFile(folder, "errors", ".txt");
        try {
            long start = System.nanoTime();
            Process process = new ProcessBuilder(command)
                    .redirectOutput(output.toFile())
                    .redirectError(errors.toFile())
                    .start();
            long peak = watch(process);
            double wall = (System.nanoTime() - start) / 1e9;
            String text = Files.readString(output, UTF_8);
            if (process.exitValue() != 0) {
                throw new IllegalStateException("%s ended with %d: %s %s"
                        .formatted(
                                new File(command.getFirst()).getName(),
                                process.exitValue(),
                                tail(Files.readString(errors, UTF_8)),
                                tail(text)));
            }
            return new Finished(text, wall, peak);
        } finally {
            Files.deleteIfExists(output);
            Files.deleteIfExists(errors);
        }
    }

    private static String tail(String text) {
        return text.substring(Math.max(0, text.length() - 2_000)).strip();
    }

    /** Waits for a process and returns the highest resident memory seen of it and its descendants, each by itself. */
    static long watch(Process process) throws IOException, InterruptedException {
        long peak = 0;
        while (!process.waitFor(Duration.ofMillis(100))) {
            for (long pid : Processes.tree(process.pid())) {
                peak = Math.max(peak, Processes.peakBytes(pid));
            }
        }
        return peak;
    }

    /** The first of the folders' executables of that name, or null. */
    static @Nullable Path find(String program) {
        for (String folder : System.getenv("PATH").split(File.pathSeparator, -1)) {
            Path candidate = Path.of(folder, program);
            if (Files.isExecutable(candidate)) {
                return candidate;
            }
        }
        return null;
    }
}

package org.qiantang.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The programs of the PostgreSQL that the machine's distribution installed: what an engineer there would use instead of us. */
final class Installed {
    private Installed() {}

    /** Debian's commands are scripts that look for the program; the program itself, of the newest version, is what should be measured. */
    static Path program(String name) throws IOException {
        Path versions = Path.of("/usr/lib/postgresql");
        if (Files.isDirectory(versions)) {
            try (Stream<Path> found = Files.list(versions)) {
                Optional<Path> newest = found.map(
                                version -> version.resolve("bin").resolve(name))
                        .filter(Files::isExecutable)
                        .max(Comparator.comparing(Installed::version));
                if (newest.isPresent()) {
                    return newest.get();
                }
            }
        }
        Path onPath = Commands.find(name);
        if (onPath == null) {
            throw new IllegalStateException("Cannot measure: " + name + " is missing. Install postgresql.");
        }
        return onPath;
    }

    /** @param program below the folder of its version */
    private static int version(Path program) {
        String number = program.getName(program.getNameCount() - 3).toString().replaceAll("\\D", "");
        return number.isEmpty() ? 0 : Integer.parseInt(number);
    }

    /** What a program says of itself, such as {@code psql 15.18}. */
    static String versionOf(Path program, Path work) throws IOException, InterruptedException {
        return Commands.run(List.of(program.toString(), "--version"), work)
                .output()
                .strip()
                .replaceAll(" \\([^)]*\\)", "");
    }
}

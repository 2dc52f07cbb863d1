package org.qiantang.app.install;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A small disk of its own under a folder: one that can be full, or one whose power can fail. Needs an administrator and a kernel that can. */
final class SmallDisk implements AutoCloseable {
    private final Path folder;
    private final List<String> mount;

    private SmallDisk(Path folder, List<String> mount) throws IOException {
        this.folder = folder;
        this.mount = mount;
        Files.createDirectories(folder);
        run(mount);
    }

    /** In memory. */
    static SmallDisk inMemory(Path folder, int megabytes) throws IOException {
        return new SmallDisk(
                folder, List.of("mount", "-t", "tmpfs", "-o", "size=" + megabytes + "m", "none", folder.toString()));
    }

    /** In a file. What was not forced stays unwritten for minutes, so that a power failure loses it. */
    static SmallDisk inFile(Path folder, Path image, int megabytes) throws IOException {
        run(List.of("truncate", "-s", megabytes + "M", image.toString()));
        run(List.of("mkfs.ext4", "-q", "-F", image.toString()));
        return new SmallDisk(
                folder, List.of("mount", "-o", "loop,commit=300,noauto_da_alloc", image.toString(), folder.toString()));
    }

    /** Why there are no such disks here, tried out on the folder. */
    static Optional<String> missing(Path folder) {
        try {
            Path image = folder.resolveSibling(folder.getFileName() + ".img");
            try (SmallDisk disk = inFile(folder, image, 16)) {
                disk.losePower();
            } finally {
                Files.deleteIfExists(image);
            }
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    /** Takes all of the room but so much. */
    void fill(long leftBytes) throws IOException {
        long free = Files.getFileStore(folder).getUsableSpace() - leftBytes;
        // Somebody may be faster: then the rest is taken in smaller pieces.
        for (long piece = free, n = 0; piece > 4096; piece /= 2) {
            while (exit(List.of(
                            "fallocate",
                            "-l",
                            "" + piece,
                            folder.resolve("ballast-" + n).toString()))
                    == 0) {
                n++;
                if (leftBytes > 0) {
                    return;
                }
            }
        }
    }

    /** Gives the room back. */
    void free() throws IOException {
        try (var files = Files.newDirectoryStream(folder, "ballast-*")) {
            for (Path ballast : files) {
                Files.delete(ballast);
            }
        }
    }

    /** From now on nothing reaches the disk any more, and what had not been forced never does. */
    void losePower() throws IOException {
        run(List.of("xfs_io", "-x", "-c", "shutdown", folder.toString()));
    }

    /** After everybody has left it: what a machine finds that is switched on again. */
    void regainPower() throws IOException {
        unmount();
        run(mount);
    }

    @Override
    public void close() throws IOException {
        unmount();
    }

    /** Whoever was killed holds it for another moment. */
    private void unmount() {
        await().atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(50))
                .until(() -> exit(List.of("umount", folder.toString())) == 0);
    }

    private static void run(List<String> command) throws IOException {
        int exit = exit(command);
        if (exit != 0) {
            throw new IOException(String.join(" ", command) + " ended with " + exit);
        }
    }

    private static int exit(List<String> command) throws IOException {
        List<String> words = new ArrayList<>(command);
        ProcessBuilder builder = new ProcessBuilder(words).redirectErrorStream(true);
        builder.environment().merge("PATH", "/usr/sbin:/sbin", (path, more) -> path + ":" + more);
        try {
            Process process = builder.start();
            byte[] said = process.getInputStream().readAllBytes();
            int exit = process.waitFor();
            if (exit != 0 && command.getFirst().equals("mount")) {
                System.out.println(String.join(" ", command) + ": " + new String(said, StandardCharsets.UTF_8));
            }
            return exit;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("Interrupted", e);
        }
    }
}

package org.qiantang.zone;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.qiantang.core.Problem;
import org.springframework.stereotype.Service;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** Where results stay until they are released, and what was released: in the home, nobody else's, each known by its SHA-256. */
@Service
final class ResultFiles {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final TypeReference<List<@Nullable String>> ROW = new TypeReference<>() {};

    private final Path folder;
    private final Semaphore turn = new Semaphore(1, true);

    ResultFiles(ZoneFolder folder) {
        this.folder = folder.path();
    }

    /**
     * Does what has a result in memory when nobody else has one: as large as a result may be, there is room for one. Not inside a transaction,
     * whose connection whoever is before could be waiting for.
     */
    <T> T alone(Supplier<T> work) {
        turn.acquireUninterruptibly();
        try {
            return work.get();
        } finally {
            turn.release();
        }
    }

    /** Keeps the rows; when it returns they are on the disk. Returns what they are known by. */
    String keep(UUID run, List<List<@Nullable String>> rows) {
        MessageDigest sum = sha256();
        put(run + ".rows", out -> {
            try (OutputStream packed = new GZIPOutputStream(out)) {
                for (List<@Nullable String> row : rows) {
                    byte[] line = (JSON.writeValueAsString(row) + "\n").getBytes(StandardCharsets.UTF_8);
                    sum.update(line);
                    packed.write(line);
                }
            }
        });
        return HexFormat.of().formatHex(sum.digest());
    }

    /** The rows again; refuses what is not what was kept. */
    List<List<@Nullable String>> rows(UUID run, String digest) {
        MessageDigest sum = sha256();
        List<List<@Nullable String>> rows = new ArrayList<>();
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(
                new GZIPInputStream(Files.newInputStream(folder.resolve(run + ".rows"))), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                sum.update((line + "\n").getBytes(StandardCharsets.UTF_8));
                rows.add(JSON.readValue(line, ROW));
            }
        } catch (IOException e) {
            throw new Problem(ZoneProblem.RESULT_GONE);
        }
        if (!HexFormat.of().formatHex(sum.digest()).equals(digest)) {
            throw new Problem(ZoneProblem.RESULT_GONE);
        }
        return rows;
    }

    void forget(UUID run) {
        try {
            Files.deleteIfExists(folder.resolve(run + ".rows"));
        } catch (IOException e) {
            throw new UncheckedIOException("A result cannot be deleted", e);
        }
    }

    /**
     * Deletes what was not written to its end, and what is of nothing that is known. In its turn, so that nothing is being written.
     *
     * @param before what is younger may not be known yet
     * @return how many files
     */
    int sweep(Instant before, Set<UUID> runs, Set<UUID> releases) {
        if (!Files.isDirectory(folder)) {
            return 0;
        }
        int gone = 0;
        try (DirectoryStream<Path> all = Files.newDirectoryStream(folder)) {
            for (Path file : all) {
                String name = file.getFileName().toString();
                boolean unknown =
                        name.endsWith(".rows") && !isOf(name, runs) || name.endsWith(".csv") && !isOf(name, releases);
                boolean old = Files.getLastModifiedTime(file).toInstant().isBefore(before);
                if (name.endsWith(".part") || unknown && old) {
                    Files.delete(file);
                    gone++;
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("What is left of results cannot be deleted", e);
        }
        return gone;
    }

    private static boolean isOf(String name, Set<UUID> known) {
        try {
            return known.contains(UUID.fromString(name.substring(0, name.lastIndexOf('.'))));
        } catch (IllegalArgumentException nobodys) {
            return false;
        }
    }

    /** Keeps a file that leaves. */
    String keepRelease(UUID release, byte[] file) {
        put(release + ".csv", out -> out.write(file));
        return HexFormat.of().formatHex(sha256().digest(file));
    }

    byte[] release(UUID release, String sha256) {
        try {
            byte[] file = Files.readAllBytes(folder.resolve(release + ".csv"));
            if (!HexFormat.of().formatHex(sha256().digest(file)).equals(sha256)) {
                throw new Problem(ZoneProblem.RESULT_GONE);
            }
            return file;
        } catch (NoSuchFileException gone) {
            throw new Problem(ZoneProblem.RESULT_GONE);
        } catch (IOException e) {
            throw new UncheckedIOException("A release cannot be read", e);
        }
    }

    private interface Writing {
        void to(OutputStream out) throws IOException;
    }

    private void put(String name, Writing writing) {
        try {
            Files.createDirectories(
                    folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            Path partial = folder.resolve(name + ".part");
            try (OutputStream out = Files.newOutputStream(partial)) {
                writing.to(out);
            }
            try (FileChannel file = FileChannel.open(partial, StandardOpenOption.WRITE)) {
                file.force(true);
            }
            Files.move(partial, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
            try (FileChannel parent = FileChannel.open(folder, StandardOpenOption.READ)) {
                parent.force(true);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("A result cannot be kept", e);
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }
}

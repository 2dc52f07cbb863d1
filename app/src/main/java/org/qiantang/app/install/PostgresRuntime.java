package org.qiantang.app.install;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

/** PostgreSQL's programs, unpacked from the archive published on Maven Central. Unpacking happens once and appears all at once. */
final class PostgresRuntime {
    private static final String ARCHIVE = "/postgres-linux-x86_64.txz";

    private PostgresRuntime() {}

    /** The directory with {@code bin}, {@code lib} and {@code share}, below {@code folder}. */
    static Path in(Path folder) throws IOException {
        // The archive's own sum names the directory, so that a new version never meets an old one's files.
        Path directory = folder.resolve("postgres-" + checksum());
        if (Files.isExecutable(directory.resolve("bin/postgres"))) {
            return directory;
        }
        Files.createDirectories(folder);
        Path staging = Files.createTempDirectory(folder, ".postgres-");
        try {
            Optional<Path> unpacked =
                    ThisProgram.beside("runtime").map(built -> built.resolve(directory.getFileName()));
            if (unpacked.isPresent() && Files.isDirectory(unpacked.get())) {
                link(unpacked.get(), staging);
            } else {
                unpack(staging);
            }
            // Another account than the owner may have to execute what is inside; the home around it stays closed.
            Files.setPosixFilePermissions(staging, PosixFilePermissions.fromString("rwxr-xr-x"));
            Files.move(staging, directory, StandardCopyOption.ATOMIC_MOVE);
        } catch (FileSystemException e) {
            if (!Files.isExecutable(directory.resolve("bin/postgres"))) {
                throw e;
            }
        } finally {
            delete(staging);
        }
        return directory;
    }

    private static InputStream archive() throws IOException {
        InputStream stream = PostgresRuntime.class.getResourceAsStream(ARCHIVE);
        if (stream == null) {
            throw new IOException("This build carries no PostgreSQL for this machine");
        }
        return stream;
    }

    private static String checksum() throws IOException {
        CRC32 crc = new CRC32();
        try (InputStream in = new CheckedInputStream(archive(), crc)) {
            in.transferTo(java.io.OutputStream.nullOutputStream());
        }
        return "%08x".formatted(crc.getValue());
    }

    private static void unpack(Path target) throws IOException {
        try (TarArchiveInputStream tar = new TarArchiveInputStream(new XZInputStream(archive()))) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                Path path = target.resolve(entry.getName()).normalize();
                if (!path.startsWith(target)) {
                    throw new IOException("The archive points outside of itself: " + entry.getName());
                }
                if (entry.isDirectory()) {
                    Files.createDirectories(path);
                } else if (entry.isSymbolicLink()) {
                    Files.createSymbolicLink(path, Path.of(entry.getLinkName()));
                } else {
                    Files.createDirectories(path.getParent());
                    copy(tar, path);
                    Files.setPosixFilePermissions(path, permissions((entry.getMode() & 0100) != 0));
                }
            }
        }
    }

    /** The build unpacked the archive already: the same files get a second name here, so that they stay when the build is cleaned. */
    private static void link(Path from, Path to) throws IOException {
        try (Stream<Path> tree = Files.walk(from)) {
            for (Path source : (Iterable<Path>) tree::iterator) {
                Path target = to.resolve(from.relativize(source));
                if (Files.isSymbolicLink(source)) {
                    Files.createSymbolicLink(target, Files.readSymbolicLink(source));
                } else if (Files.isDirectory(source)) {
                    Files.createDirectories(target);
                } else {
                    linkOrCopy(source, target);
                }
            }
        }
    }

    private static void linkOrCopy(Path source, Path target) throws IOException {
        try {
            Files.createLink(target, source);
        } catch (FileSystemException | UnsupportedOperationException e) {
            // Another file system.
            Files.copy(source, target, StandardCopyOption.COPY_ATTRIBUTES);
        }
    }

    private static void copy(InputStream from, Path to) throws IOException {
        try (java.io.OutputStream out = Files.newOutputStream(to)) {
            from.transferTo(out);
        } catch (FileAlreadyExistsException e) {
            throw new IOException("The archive names a file twice: " + to, e);
        }
    }

    private static Set<PosixFilePermission> permissions(boolean executable) {
        return PosixFilePermissions.fromString(executable ? "rwxr-xr-x" : "rw-r--r--");
    }

    static void delete(Path tree) throws IOException {
        if (!Files.exists(tree)) {
            return;
        }
        Files.walkFileTree(tree, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(
                    Path folder, @org.jspecify.annotations.Nullable IOException failure) throws IOException {
                if (failure != null) {
                    throw failure;
                }
                Files.delete(folder);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}

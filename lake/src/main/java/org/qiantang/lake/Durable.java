package org.qiantang.lake;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Makes files survive a power loss: a file is safe when its content has been forced and so has every folder on the way to it that
 * gained an entry.
 */
final class Durable {
    /** Told of everything that was forced; the way a test learns what a power loss would leave behind, or has a disk that fails. */
    interface Witness {
        Witness NONE = path -> {};

        void forced(Path path) throws IOException;
    }

    private final Path root;
    private final Witness witness;
    private final Set<Path> known = ConcurrentHashMap.newKeySet();

    /** @param root below which everything is ours */
    Durable(Path root, Witness witness) {
        this.root = root;
        this.witness = witness;
    }

    /**
     * Creates a folder and its parents, each of them durable before this returns. A folder that is there may have been made by a process
     * that died before it forced it, so each is forced once by each process.
     */
    void createDirectories(Path directory) throws IOException {
        boolean exists = Files.isDirectory(directory);
        Path parent = directory.getParent();
        if (parent == null || exists && (known.contains(directory) || !directory.startsWith(root))) {
            return;
        }
        createDirectories(parent);
        boolean made = make(directory);
        try {
            force(parent);
        } catch (IOException e) {
            if (made) {
                Files.deleteIfExists(directory);
            }
            throw e;
        }
        known.add(directory);
    }

    private static boolean make(Path directory) throws IOException {
        if (Files.isDirectory(directory)) {
            return false;
        }
        try {
            Files.createDirectory(directory);
            return true;
        } catch (FileAlreadyExistsException raced) {
            if (!Files.isDirectory(directory)) {
                throw raced;
            }
            return false;
        }
    }

    /** Forces a file and the folder it is in. */
    void forceFile(Path file) throws IOException {
        force(file);
        Path parent = file.getParent();
        if (parent != null) {
            force(parent);
        }
    }

    /** Forces one file or folder. */
    void force(Path path) throws IOException {
        boolean directory = Files.isDirectory(path);
        try (FileChannel channel =
                FileChannel.open(path, directory ? StandardOpenOption.READ : StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        witness.forced(path);
    }
}

package org.qiantang.lake;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Makes files survive a power loss: a file is safe when its content has been forced and so has every folder on the way to it that
 * gained an entry.
 */
final class Durable {
    /** Told of everything that was forced; the way a test learns what a power loss would leave behind. */
    interface Witness {
        Witness NONE = path -> {};

        void forced(Path path);
    }

    private final Witness witness;

    Durable(Witness witness) {
        this.witness = witness;
    }

    /** Creates a folder and its parents, each of them durable before this returns. */
    void createDirectories(Path directory) throws IOException {
        Deque<Path> missing = new ArrayDeque<>();
        Path at = directory;
        while (at != null && !Files.isDirectory(at)) {
            missing.push(at);
            at = at.getParent();
        }
        for (Path path : missing) {
            try {
                Files.createDirectory(path);
            } catch (java.nio.file.FileAlreadyExistsException raced) {
                if (!Files.isDirectory(path)) {
                    throw raced;
                }
            }
            Path parent = path.getParent();
            if (parent != null) {
                force(parent);
            }
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

package org.qiantang.collect.internal.events;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** The few things the log asks of a disk; a test has one that fails or that loses what was not forced. */
class Disk {
    void write(Path file, FileChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    /** Returns when the file's content would survive a power loss. */
    void force(Path file, FileChannel channel) throws IOException {
        channel.force(false);
    }

    /** Returns when the names in the folder would survive a power loss. */
    void forceFolder(Path folder) throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}

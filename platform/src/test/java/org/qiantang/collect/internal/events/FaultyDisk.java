package org.qiantang.collect.internal.events;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** A disk that fails when told to, and that knows what a power loss would leave of it. */
final class FaultyDisk extends Disk {
    final AtomicInteger forces = new AtomicInteger();
    volatile boolean failForce;
    volatile boolean failNextForce;
    volatile boolean full;
    volatile Runnable beforeForce = () -> {};

    private final Map<Path, byte[]> forced = new HashMap<>();
    private final Set<Path> forgetful = new HashSet<>();
    private final Set<Path> named = new HashSet<>();

    @Override
    void write(Path file, FileChannel channel, ByteBuffer bytes) throws IOException {
        if (full) {
            // A full disk takes a part and then no more.
            ByteBuffer part = bytes.slice(bytes.position(), bytes.remaining() / 2);
            super.write(file, channel, part);
            throw new IOException("No space left on device");
        }
        super.write(file, channel, bytes);
    }

    @Override
    void force(Path file, FileChannel channel) throws IOException {
        beforeForce.run();
        if (failForce || failNextForce) {
            failNextForce = false;
            synchronized (forced) {
                forgetful.add(file);
            }
            throw new IOException("Input/output error");
        }
        super.force(file, channel);
        forces.incrementAndGet();
        byte[] content = Files.readAllBytes(file);
        synchronized (forced) {
            // As with a system that could not write something: it counts as written from then on, and is nowhere.
            if (!forgetful.contains(file)) {
                forced.put(file, content);
            }
        }
    }

    @Override
    void forceFolder(Path folder) throws IOException {
        super.forceFolder(folder);
        try (Stream<Path> files = Files.list(folder)) {
            List<Path> now = files.toList();
            synchronized (forced) {
                named.addAll(now);
            }
        }
    }

    /** Leaves what a disk would hold: what was forced, in files whose names were forced. */
    void losePower(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                synchronized (forced) {
                    if (!named.contains(file) || !forced.containsKey(file)) {
                        Files.delete(file);
                    } else {
                        Files.write(file, forced.get(file));
                    }
                }
            }
        }
    }
}

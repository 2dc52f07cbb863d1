package org.qiantang.evidence;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * A log's files: {@code entries/N} holds 2^level entries, each as its length (two bytes), its bytes and its leaf hash, and while it is
 * written room for the next ones, which is zeros;
 * {@code hashes/N} is what is left of them after they were dropped; {@code roots} has the root of every full one.
 */
final class Segments {
    /** 16,384 entries a file: few enough to look one up in a moment, many enough that years are thousands of files and not millions. */
    static final int USUAL_LEVEL = 14;

    static final int LONGEST_ENTRY = 0xffff;
    private static final int BUFFER = 1 << 16;

    private final Path folder;
    /** Of the subtree that a full segment is. */
    final int level;

    final int leaves;

    Segments(Path folder, int level) {
        this.folder = folder;
        this.level = level;
        this.leaves = 1 << level;
    }

    Path entries(long segment) {
        return folder.resolve("entries").resolve("%08x".formatted(segment));
    }

    Path hashes(long segment) {
        return folder.resolve("hashes").resolve("%08x".formatted(segment));
    }

    Path roots() {
        return folder.resolve("roots");
    }

    Path checkpoint() {
        return folder.resolve("checkpoint");
    }

    /** The one before, whose place on the disk the next one takes. */
    private Path spareCheckpoint() {
        return folder.resolve("checkpoint.spare");
    }

    /** Where a checkpoint stands between two moments of {@link #writeCheckpoint}. */
    private Path formerCheckpoint() {
        return folder.resolve("checkpoint.former");
    }

    /** Makes the next checkpoint the one, whatever happens meanwhile; takes no room of the disk that the two of them do not have. */
    void writeCheckpoint(ByteBuffer content) throws IOException {
        write(spareCheckpoint(), content);
        if (Files.exists(checkpoint())) {
            Files.move(checkpoint(), formerCheckpoint(), StandardCopyOption.ATOMIC_MOVE);
            Files.move(spareCheckpoint(), checkpoint(), StandardCopyOption.ATOMIC_MOVE);
            Files.move(formerCheckpoint(), spareCheckpoint(), StandardCopyOption.ATOMIC_MOVE);
        } else {
            Files.move(spareCheckpoint(), checkpoint(), StandardCopyOption.ATOMIC_MOVE);
        }
        forceFolder(folder);
    }

    /** After a crash: one that was on its way out and has no follower is the one still. */
    void recoverCheckpoint() throws IOException {
        if (!Files.exists(checkpoint()) && Files.exists(formerCheckpoint())) {
            Files.move(formerCheckpoint(), checkpoint(), StandardCopyOption.ATOMIC_MOVE);
        }
        forgetSpares();
    }

    void forgetSpares() throws IOException {
        Files.deleteIfExists(formerCheckpoint());
        Files.deleteIfExists(spareCheckpoint());
        forceFolder(folder);
    }

    /** How many segments there are; refuses a folder where one is missing or something is that does not belong there. */
    long count() throws IOException {
        List<String> names = new ArrayList<>();
        for (String part : List.of("entries", "hashes")) {
            if (Files.isDirectory(folder.resolve(part))) {
                try (Stream<Path> files = Files.list(folder.resolve(part))) {
                    files.map(file -> file.getFileName().toString())
                            .filter(name -> !name.endsWith(".new"))
                            .forEach(names::add);
                }
            }
        }
        for (long segment = 0; segment < names.size(); segment++) {
            boolean whole = Files.exists(entries(segment));
            if (whole == Files.exists(hashes(segment))) {
                throw new EvidenceException("Segment %08x is %s".formatted(segment, whole ? "there twice" : "missing"));
            }
        }
        return names.size();
    }

    /** Takes the entries of a segment one after the other. */
    interface Visitor {
        /** @param entry null where only its hash was kept */
        void leaf(byte @org.jspecify.annotations.Nullable [] entry, byte[] hash) throws IOException;
    }

    /** Reads a segment to its end; what does not end with a whole entry is refused. */
    void read(long segment, Visitor visitor) throws IOException {
        read(segment, leaves, visitor);
    }

    /** Reads up to so many entries of a segment. */
    void read(long segment, int most, Visitor visitor) throws IOException {
        boolean whole = Files.exists(entries(segment));
        try (DataInputStream in = new DataInputStream(
                new BufferedInputStream(Files.newInputStream(whole ? entries(segment) : hashes(segment)), BUFFER))) {
            for (int n = 0; n < most; n++) {
                int first = in.read();
                if (first < 0) {
                    return;
                }
                byte[] hash = new byte[Suite.HASH_BYTES];
                if (whole) {
                    int length = first << 8 | in.readUnsignedByte();
                    if (length == 0) {
                        requireRoom(segment, in);
                        return;
                    }
                    byte[] entry = new byte[length];
                    in.readFully(entry);
                    in.readFully(hash);
                    visitor.leaf(entry, hash);
                } else {
                    hash[0] = (byte) first;
                    in.readFully(hash, 1, hash.length - 1);
                    visitor.leaf(null, hash);
                }
            }
            if (most == leaves) {
                // A crash may have come before the last one's room was given back.
                if (whole && !Files.exists(entries(segment + 1)) && !Files.exists(hashes(segment + 1))) {
                    requireRoom(segment, in);
                } else if (in.read() >= 0) {
                    throw new EvidenceException("Segment %08x is longer than it may be".formatted(segment));
                }
            }
        } catch (EOFException e) {
            throw new EvidenceException("Segment %08x ends within an entry".formatted(segment), e);
        }
    }

    /** What follows the last entry of a log that is being written is room for the next ones, and nothing else. */
    private static void requireRoom(long segment, InputStream in) throws IOException {
        byte[] rest = new byte[BUFFER];
        for (int n = in.read(rest); n >= 0; n = in.read(rest)) {
            for (int i = 0; i < n; i++) {
                if (rest[i] != 0) {
                    throw new EvidenceException(
                            "Segment %08x ends within an entry".formatted(segment),
                            new EOFException("What follows its end is no room"));
                }
            }
        }
    }

    byte[] root(long segment) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(roots().toFile(), "r")) {
            byte[] root = new byte[Suite.HASH_BYTES];
            file.seek(segment * Suite.HASH_BYTES);
            file.readFully(root);
            return root;
        }
    }

    /** The roots of the first so many segments, in a stream. */
    void roots(long from, long to, Consumer<byte[]> taker) throws IOException {
        try (InputStream in = new BufferedInputStream(Files.newInputStream(roots()), BUFFER)) {
            in.skipNBytes(from * Suite.HASH_BYTES);
            for (long n = from; n < to; n++) {
                byte[] root = in.readNBytes(Suite.HASH_BYTES);
                if (root.length < Suite.HASH_BYTES) {
                    throw new EvidenceException("The roots end before segment %08x".formatted(n));
                }
                taker.accept(root);
            }
        }
    }

    long rootCount() throws IOException {
        try {
            return Files.size(roots()) / Suite.HASH_BYTES;
        } catch (NoSuchFileException e) {
            return 0;
        }
    }

    /** A file that is there whole or not at all, whatever happens meanwhile. */
    static void replace(Path file, ByteBuffer content) throws IOException {
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        write(fresh, content);
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        forceFolder(file.toAbsolutePath().getParent());
    }

    /** Over what is there, so that no new room is needed for it. */
    private static void write(Path file, ByteBuffer content) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            long end = content.remaining();
            while (content.hasRemaining()) {
                channel.write(content);
            }
            channel.truncate(end);
            channel.force(true);
        }
    }

    static void forceFolder(@org.jspecify.annotations.Nullable Path folder) throws IOException {
        if (folder != null) {
            try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
                channel.force(true);
            }
        }
    }

    /** Hashes over ranges of the log as it is now; each instance keeps the leaves of the segment it read last. */
    final class Reading implements Merkle.Ranges {
        private final Merkle merkle;
        private final long size;
        private long kept = -1;
        private List<byte[]> hashes = List.of();

        Reading(Suite suite, long size) {
            merkle = new Merkle(suite);
            this.size = size;
        }

        byte[] leaf(long index) throws IOException {
            long segment = index >>> level;
            if (segment != kept) {
                List<byte[]> read = new ArrayList<>();
                Segments.this.read(
                        segment, (int) Math.min(leaves, size - (segment << level)), (entry, hash) -> read.add(hash));
                hashes = read;
                kept = segment;
            }
            return hashes.get((int) (index & (leaves - 1)));
        }

        @Override
        public byte[] hash(long from, long to) throws IOException {
            Merkle.Edge edge = merkle.edge();
            long at = from;
            if ((from & (leaves - 1)) == 0 && to - from >= leaves) {
                roots(from >>> level, to >>> level, root -> edge.addSubtree(level, root));
                at = to >>> level << level;
            }
            for (; at < to; at++) {
                edge.add(leaf(at));
            }
            return edge.root();
        }
    }
}

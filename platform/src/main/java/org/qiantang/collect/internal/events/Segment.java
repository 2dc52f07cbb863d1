package org.qiantang.collect.internal.events;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/**
 * One file of the log. Its name and header say at which position of the log it begins; it ends where the next one begins, whatever may
 * stand behind that. A record is its length, a CRC-32C over its position and content, and its content: bytes that are left over from
 * elsewhere never pass for a record.
 */
record Segment(Path file, UUID log, long base) {
    static final int HEADER = 64;
    static final int RECORD_HEADER = 8;
    static final int LONGEST_RECORD = 64 << 20;

    private static final long MAGIC = 0x5154_4556_4c4f_4731L;
    private static final String SUFFIX = ".log";

    static Path name(Path folder, long base) {
        return folder.resolve(HexFormat.of().toHexDigits(base) + SUFFIX);
    }

    static ByteBuffer header(UUID log, long base) {
        ByteBuffer header = ByteBuffer.allocate(HEADER);
        header.putLong(MAGIC)
                .putLong(log.getMostSignificantBits())
                .putLong(log.getLeastSignificantBits())
                .putLong(base);
        CRC32C crc = new CRC32C();
        crc.update(header.array(), 0, 32);
        return header.putInt((int) crc.getValue()).rewind();
    }

    /** The segment a file is; nothing when it never became one. */
    static Optional<Segment> read(Path file) throws IOException {
        ByteBuffer header = ByteBuffer.allocate(HEADER);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            while (header.hasRemaining() && channel.read(header) >= 0) {
                // until the header is there
            }
        }
        if (header.hasRemaining()) {
            return Optional.empty();
        }
        header.flip();
        if (header.getLong() != MAGIC) {
            return Optional.empty();
        }
        Segment segment = new Segment(file, new UUID(header.getLong(), header.getLong()), header.getLong());
        boolean whole = header(segment.log, segment.base).equals(header.rewind())
                && file.getFileName().toString().equals(HexFormat.of().toHexDigits(segment.base) + SUFFIX);
        return whole ? Optional.of(segment) : Optional.empty();
    }

    /** The log's files in their order, good or not. */
    static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.getFileName().toString().endsWith(SUFFIX))
                    .sorted(Comparator.comparing(file -> file.getFileName().toString()))
                    .toList();
        }
    }

    /** The segments in their order; files that are none are left out. */
    static List<Segment> list(Path folder) {
        try {
            List<Segment> segments = new ArrayList<>();
            for (Path file : files(folder)) {
                read(file).ifPresent(segments::add);
            }
            return segments;
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read the event log", e);
        }
    }

    /** The checksum of a record's content at its position. */
    static int crc(long position, ByteBuffer content) {
        CRC32C crc = new CRC32C();
        crc.update(ByteBuffer.allocate(8).putLong(position).flip());
        crc.update(content);
        return (int) crc.getValue();
    }

    /**
     * The length of the record's content that begins at {@code offset}, or -1 when none does.
     *
     * @param position of the record in the log
     */
    static int recordAt(byte[] bytes, int offset, int limit, long position) {
        if (limit - offset < RECORD_HEADER) {
            return -1;
        }
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        int length = buffer.getInt(offset);
        if (length <= 0 || length > LONGEST_RECORD || length > limit - offset - RECORD_HEADER) {
            return -1;
        }
        boolean whole = buffer.getInt(offset + 4) == crc(position, buffer.slice(offset + RECORD_HEADER, length));
        return whole ? length : -1;
    }

    /** Bytes of content the file holds at the moment. */
    long length() throws IOException {
        return Math.max(0, Files.size(file) - HEADER);
    }

    /** Reads content from one position of the log to another; shorter when the file ends before. */
    byte[] bytes(long from, long to) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            ByteBuffer buffer = ByteBuffer.allocate(Math.toIntExact(to - from));
            long at = HEADER + from - base;
            while (buffer.hasRemaining()) {
                int n = channel.read(buffer, at + buffer.position());
                if (n < 0) {
                    break;
                }
            }
            return buffer.hasRemaining() ? java.util.Arrays.copyOf(buffer.array(), buffer.position()) : buffer.array();
        }
    }
}

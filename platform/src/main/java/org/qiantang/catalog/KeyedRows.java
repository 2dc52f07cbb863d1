package org.qiantang.catalog;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Rows that are found by the values of their keys, in the order in which they came: a file mapped into memory that has lost its name before
 * its first row, so that nobody finds it and nothing is left of it. Never changed; thread-safe.
 *
 * <p>A row is: where the next of the same key begins, where the last does (in the first of a key), the key, the values. After the rows
 * come the slots of a hash table, each 0 or where the first row of a key begins.
 */
final class KeyedRows {
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final int LAST = 8;
    private static final int KEY = 16;

    private final MemorySegment memory;
    private final long slots;
    private final long mask;
    private final int width;
    private final long rows;

    private KeyedRows(MemorySegment memory, long slots, long mask, int width, long rows) {
        this.memory = memory;
        this.slots = slots;
        this.mask = mask;
        this.width = width;
        this.rows = rows;
    }

    long rows() {
        return rows;
    }

    long bytes() {
        return memory.byteSize();
    }

    /** More than an index may hold. */
    static final class TooLarge extends RuntimeException {
        private static final long serialVersionUID = 1;

        TooLarge() {
            super("More rows than are kept by key", null, false, false);
        }
    }

    /** Takes rows one after the other. Used by one thread. */
    static final class Builder implements AutoCloseable {
        private final FileChannel file;
        private final long mostRows;
        private final long mostBytes;
        private final List<long[]> places = new ArrayList<>();
        private ByteBuffer buffer = ByteBuffer.allocate(1 << 18).order(ByteOrder.LITTLE_ENDIAN);
        private long written;
        private long rows;
        private int width;

        Builder(Path folder, long mostRows, long mostBytes) throws IOException {
            this.mostRows = mostRows;
            this.mostBytes = mostBytes;
            Path path = folder.resolve(UUID.randomUUID() + ".keyed");
            file = FileChannel.open(
                    path,
                    Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.delete(path);
            // No row begins at 0, which is an empty slot and the end of a chain.
            buffer.putLong(0);
        }

        /** @param key without nulls: what is null equals nothing */
        void add(List<String> key, List<? extends @Nullable String> values) {
            byte[] bytes = key(key);
            List<byte @Nullable []> cells = new ArrayList<>(values.size());
            int size = KEY + 4 + bytes.length;
            for (String value : values) {
                byte @Nullable [] cell = value == null ? null : value.getBytes(StandardCharsets.UTF_8);
                cells.add(cell);
                size += 4 + (cell == null ? 0 : cell.length);
            }
            long place = written + buffer.position();
            if (++rows > mostRows || place + size > mostBytes) {
                throw new TooLarge();
            }
            width = values.size();
            remember(place);
            if (buffer.remaining() < size) {
                flush();
                if (buffer.capacity() < size) {
                    buffer = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
                }
            }
            buffer.putLong(0).putLong(0).putInt(bytes.length).put(bytes);
            for (byte[] cell : cells) {
                buffer.putInt(cell == null ? -1 : cell.length);
                if (cell != null) {
                    buffer.put(cell);
                }
            }
        }

        private static final int CHUNK = 1 << 16;

        private void remember(long place) {
            int at = (int) ((rows - 1) % CHUNK);
            if (at == 0) {
                places.add(new long[CHUNK]);
            }
            places.getLast()[at] = place;
        }

        private void flush() {
            try {
                buffer.flip();
                while (buffer.hasRemaining()) {
                    written += file.write(buffer, written);
                }
                buffer.clear();
            } catch (IOException e) {
                throw new UncheckedIOException("Rows cannot be kept by key", e);
            }
        }

        KeyedRows build() throws IOException {
            flush();
            long capacity = Math.max(8, Long.highestOneBit(Math.max(1, rows)) << 2);
            long slots = (written + 7) & ~7L;
            // Taken now: a disk that is full later would fail in the middle of a look.
            ByteBuffer zeros = ByteBuffer.allocate(buffer.capacity());
            for (long end = slots + capacity * Long.BYTES; written < end; ) {
                zeros.position(0).limit((int) Math.min(zeros.capacity(), end - written));
                written += file.write(zeros, written);
            }
            MemorySegment memory =
                    file.map(FileChannel.MapMode.READ_WRITE, 0, slots + capacity * Long.BYTES, Arena.ofAuto());
            KeyedRows built = new KeyedRows(memory, slots, capacity - 1, width, rows);
            for (long row = 0; row < rows; row++) {
                built.link(places.get((int) (row / CHUNK))[(int) (row % CHUNK)]);
            }
            return built;
        }

        @Override
        public void close() throws IOException {
            // What is mapped stays until nobody holds it.
            file.close();
        }
    }

    private static byte[] key(List<String> key) {
        byte[][] parts = new byte[key.size()][];
        int size = 0;
        for (int i = 0; i < parts.length; i++) {
            parts[i] = requireNonNull(key.get(i)).getBytes(StandardCharsets.UTF_8);
            size += 4 + parts[i].length;
        }
        ByteBuffer bytes = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
        for (byte[] part : parts) {
            bytes.putInt(part.length).put(part);
        }
        return bytes.array();
    }

    private static long hash(MemorySegment bytes) {
        long hash = 0xcbf29ce484222325L;
        for (long i = 0; i < bytes.byteSize(); i++) {
            hash = (hash ^ bytes.get(ValueLayout.JAVA_BYTE, i)) * 0x100000001b3L;
        }
        hash ^= hash >>> 32;
        hash *= 0x9e3779b97f4a7c15L;
        return hash ^ hash >>> 29;
    }

    private MemorySegment keyAt(long row) {
        return memory.asSlice(row + KEY + 4, memory.get(INT, row + KEY));
    }

    /** The slot of a key: its own, or the empty one where it would be. */
    private long slot(MemorySegment key) {
        for (long at = hash(key) & mask; ; at = at + 1 & mask) {
            long place = slots + at * Long.BYTES;
            long row = memory.get(LONG, place);
            if (row == 0 || keyAt(row).mismatch(key) < 0) {
                return place;
            }
        }
    }

    private void link(long row) {
        long slot = slot(keyAt(row));
        long first = memory.get(LONG, slot);
        if (first == 0) {
            memory.set(LONG, slot, row);
            memory.set(LONG, row + LAST, row);
        } else {
            memory.set(LONG, memory.get(LONG, first + LAST), row);
            memory.set(LONG, first + LAST, row);
        }
    }

    /** Rows of a key, but one more than asked for at the most. */
    List<List<@Nullable String>> find(List<String> key, int limit) {
        List<List<@Nullable String>> found = new ArrayList<>();
        if (rows == 0) {
            return found;
        }
        long row = memory.get(LONG, slot(MemorySegment.ofArray(key(key))));
        while (row != 0 && found.size() <= limit) {
            found.add(values(row));
            row = memory.get(LONG, row);
        }
        return found;
    }

    private List<@Nullable String> values(long row) {
        @Nullable String[] values = new String[width];
        long at = row + KEY + 4 + memory.get(INT, row + KEY);
        for (int i = 0; i < width; i++) {
            int length = memory.get(INT, at);
            at += 4;
            if (length >= 0) {
                byte[] bytes = new byte[length];
                MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, at, bytes, 0, length);
                values[i] = new String(bytes, StandardCharsets.UTF_8);
                at += length;
            }
        }
        return Arrays.asList(values);
    }
}

package org.qiantang.lake;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.LongBuffer;

/**
 * The texts of one column of a batch in the form the engine holds them: two words a value. The first has the length and the first four
 * bytes; the second the next eight bytes of a text of up to twelve, and otherwise where the text stands, which is memory of ours. The
 * engine copies what it keeps before it asks for the next rows, so that memory is used again for them.
 *
 * <p>Not thread-safe.
 */
final class Texts implements AutoCloseable {
    /** Texts up to this length stand within the two words. */
    private static final int INLINE = 12;

    private static final int SMALLEST = 1 << 16;

    /** More than this is not kept for the next rows: one value may be as large as a good part of the memory. */
    private static final int KEPT = 8 << 20;

    private static final long NOT_ASCII = 0x8080808080808080L;
    private static final VarHandle INTS = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final long[] words = new long[2 * Batch.CAPACITY];
    private MemorySegment memory = MemorySegment.NULL;
    private Arena arena = Arena.global();
    private long end;

    /** Takes a copy of the bytes; false, and nothing is taken, when they are not UTF-8. */
    boolean set(int row, byte[] from, int at, int length) {
        if (!isUtf8(from, at, at + length)) {
            return false;
        }
        if (length <= INLINE) {
            long head = word(from, at, Math.min(length, 4));
            words[2 * row] = length | head << 32;
            words[2 * row + 1] = length > 4 ? word(from, at + 4, length - 4) : 0;
        } else {
            if (memory.byteSize() - end < length) {
                grow(length);
            }
            MemorySegment.copy(from, at, memory, ValueLayout.JAVA_BYTE, end, length);
            words[2 * row] = length | (long) (int) INTS.get(from, at) << 32;
            words[2 * row + 1] = end;
            end += length;
        }
        return true;
    }

    /** A null stands as an empty text. */
    void setNull(int row) {
        words[2 * row] = 0;
        words[2 * row + 1] = 0;
    }

    /** Lays the first values into the memory of a vector. */
    void fill(LongBuffer vector, int rows) {
        vector.put(0, words, 0, 2 * rows);
        long base = memory.address();
        for (int row = 0; row < rows; row++) {
            if ((int) words[2 * row] > INLINE) {
                vector.put(2 * row + 1, base + words[2 * row + 1]);
            }
        }
    }

    /** A value's bytes. */
    byte[] get(int row) {
        int length = (int) words[2 * row];
        byte[] bytes = new byte[length];
        if (length > INLINE) {
            MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, words[2 * row + 1], bytes, 0, length);
        } else {
            for (int i = 0; i < length; i++) {
                bytes[i] = (byte) (i < 4 ? words[2 * row] >>> 32 + 8 * i : words[2 * row + 1] >>> 8 * (i - 4));
            }
        }
        return bytes;
    }

    /** The first bytes of a value. */
    byte[] start(int row, int most) {
        int length = Math.min((int) words[2 * row], most);
        if ((int) words[2 * row] <= INLINE) {
            return get(row);
        }
        byte[] bytes = new byte[length];
        MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, words[2 * row + 1], bytes, 0, length);
        return bytes;
    }

    /** How many characters a value has: its bytes without those that only continue one. */
    int characters(int row) {
        long first = words[2 * row];
        int length = (int) first;
        if (length <= INLINE) {
            return length - continuing(first >>> Integer.SIZE) - continuing(words[2 * row + 1]);
        }
        int characters = length;
        long at = words[2 * row + 1];
        long stop = at + length;
        for (; at + 8 <= stop; at += 8) {
            characters -= continuing(memory.get(ValueLayout.JAVA_LONG_UNALIGNED, at));
        }
        for (; at < stop; at++) {
            characters -= continuing(memory.get(ValueLayout.JAVA_BYTE, at) & 0xff);
        }
        return characters;
    }

    /** Of eight bytes those of the form 10xxxxxx. */
    private static int continuing(long bytes) {
        return Long.bitCount(bytes & ~(bytes << 1) & NOT_ASCII);
    }

    void clear() {
        end = 0;
        if (memory.byteSize() > KEPT) {
            close();
        }
    }

    /** Gives the memory back. */
    @Override
    public void close() {
        if (memory.byteSize() > 0) {
            arena.close();
            memory = MemorySegment.NULL;
        }
        end = 0;
    }

    /** The arena lives until {@link #close} or the next growth. */
    @SuppressWarnings("MustBeClosedChecker")
    private void grow(int length) {
        long size = Math.max(Math.max(SMALLEST, 2 * memory.byteSize()), end + length);
        Arena larger = Arena.ofShared();
        MemorySegment moved = larger.allocate(size, 8);
        MemorySegment.copy(memory, 0, moved, 0, end);
        if (memory.byteSize() > 0) {
            arena.close();
        }
        arena = larger;
        memory = moved;
    }

    /** Up to eight bytes as a little-endian number. */
    private static long word(byte[] from, int at, int length) {
        if (at + 8 <= from.length) {
            long all = (long) LONGS.get(from, at);
            return length == 8 ? all : all & (1L << 8 * length) - 1;
        }
        long word = 0;
        for (int i = length - 1; i >= 0; i--) {
            word = word << 8 | from[at + i] & 0xff;
        }
        return word;
    }

    private static boolean isUtf8(byte[] bytes, int from, int to) {
        int at = from;
        for (; at + 8 <= to; at += 8) {
            if (((long) LONGS.get(bytes, at) & NOT_ASCII) != 0) {
                return isUtf8Beyond(bytes, at, to);
            }
        }
        for (; at < to; at++) {
            if (bytes[at] < 0) {
                return isUtf8Beyond(bytes, at, to);
            }
        }
        return true;
    }

    /** Each character in its shortest form, none of a surrogate, none above U+10FFFF (RFC 3629, section 4). */
    private static boolean isUtf8Beyond(byte[] bytes, int from, int to) {
        int at = from;
        while (at < to) {
            int lead = bytes[at++];
            if (lead >= 0) {
                continue;
            }
            int more = lead >= (byte) 0xf0 ? 3 : lead >= (byte) 0xe0 ? 2 : 1;
            if (lead < (byte) 0xc2 || lead > (byte) 0xf4 || at + more > to) {
                return false;
            }
            int second = bytes[at] & 0xff;
            int lowest = lead == (byte) 0xe0 ? 0xa0 : lead == (byte) 0xf0 ? 0x90 : 0x80;
            int highest = lead == (byte) 0xed ? 0x9f : lead == (byte) 0xf4 ? 0x8f : 0xbf;
            if (second < lowest || second > highest) {
                return false;
            }
            for (int i = 1; i < more; i++) {
                if ((bytes[at + i] & 0xc0) != 0x80) {
                    return false;
                }
            }
            at += more;
        }
        return true;
    }
}

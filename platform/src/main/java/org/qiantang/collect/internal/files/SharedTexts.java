package org.qiantang.collect.internal.files;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.qiantang.collect.CollectProblem;
import org.qiantang.core.Problem;

/**
 * The texts a workbook's cells share, in the order of their numbers. Few of them stay in memory; many go to a temporary file that is
 * mapped, so that a workbook with a million different names costs eight bytes of heap for each.
 */
final class SharedTexts implements AutoCloseable {
    private static final int IN_MEMORY = 8 << 20;
    private static final int MOST = 64 << 20;

    private long[] ends = new long[1024];
    private int count;
    private long size;
    private byte[] memory = new byte[1 << 16];
    private @Nullable Path path;
    private @Nullable OutputStream out;
    private MemorySegment texts = MemorySegment.NULL;

    void add(byte[] text) throws IOException {
        if (count == MOST) {
            throw new Problem(CollectProblem.FILE_TOO_LARGE, "reason", "more than " + MOST + " shared texts");
        }
        if (out == null && size + text.length > IN_MEMORY) {
            Path file = Files.createTempFile("qiantang-", ".texts");
            path = file;
            out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 16);
            out.write(memory, 0, (int) size);
            memory = new byte[0];
        }
        if (out != null) {
            out.write(text);
        } else {
            if (size + text.length > memory.length) {
                memory = Arrays.copyOf(memory, Math.max((int) size + text.length, memory.length * 2));
            }
            System.arraycopy(text, 0, memory, (int) size, text.length);
        }
        size += text.length;
        if (count == ends.length) {
            ends = Arrays.copyOf(ends, ends.length * 2);
        }
        ends[count++] = size;
    }

    /** Says that all texts are there. */
    void end() throws IOException {
        if (out == null || path == null) {
            texts = MemorySegment.ofArray(memory);
            return;
        }
        out.close();
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            texts = channel.map(FileChannel.MapMode.READ_ONLY, 0, size, Arena.ofAuto());
        }
        // The mapping keeps what it needs; the name is not needed any more, and cannot be left behind by a crash.
        Files.deleteIfExists(path);
    }

    byte @Nullable [] get(int index) {
        if (index < 0 || index >= count) {
            return null;
        }
        long from = index == 0 ? 0 : ends[index - 1];
        byte[] text = new byte[(int) (ends[index] - from)];
        MemorySegment.copy(texts, ValueLayout.JAVA_BYTE, from, text, 0, text.length);
        return text;
    }

    @Override
    public void close() throws IOException {
        if (out != null) {
            out.close();
        }
        if (path != null) {
            Files.deleteIfExists(path);
        }
    }
}

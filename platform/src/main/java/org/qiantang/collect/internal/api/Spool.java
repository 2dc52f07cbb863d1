package org.qiantang.collect.internal.api;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The records of a resource on their way from its pages to its table, one JSON text a line. The file has no name once it is open, so that
 * it is gone with the process, however that ends.
 */
final class Spool implements AutoCloseable {
    private final FileChannel channel;
    private final OutputStream out;
    private long records;

    Spool(Path folder) throws IOException {
        Files.createDirectories(folder);
        channel = FileChannel.open(
                folder.resolve("api-" + UUID.randomUUID() + ".ndjson"),
                StandardOpenOption.CREATE_NEW,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE,
                StandardOpenOption.DELETE_ON_CLOSE);
        out = new BufferedOutputStream(new Positional(), 1 << 16);
    }

    void add(byte[] json) throws IOException {
        out.write(json);
        out.write('\n');
        records++;
    }

    long records() {
        return records;
    }

    /** Reads from the beginning what has been added so far. */
    Lines lines() throws IOException {
        out.flush();
        return new Lines(new BufferedInputStream(new FromStart(), 1 << 16));
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    /** One record after another; null at the end. */
    static final class Lines {
        private final InputStream in;
        private final ByteArrayOutputStream line = new ByteArrayOutputStream(1024);

        private Lines(InputStream in) {
            this.in = in;
        }

        byte @Nullable [] next() throws IOException {
            line.reset();
            for (int b = in.read(); b >= 0; b = in.read()) {
                if (b == '\n') {
                    return line.toByteArray();
                }
                line.write(b);
            }
            return null;
        }
    }

    private final class Positional extends OutputStream {
        private long at;

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            ByteBuffer buffer = ByteBuffer.wrap(bytes, offset, length);
            while (buffer.hasRemaining()) {
                at += channel.write(buffer, at);
            }
        }
    }

    private final class FromStart extends InputStream {
        private long at;

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            int n = channel.read(ByteBuffer.wrap(bytes, offset, length), at);
            at += Math.max(n, 0);
            return n;
        }
    }
}

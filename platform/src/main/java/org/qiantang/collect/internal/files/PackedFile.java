package org.qiantang.collect.internal.files;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.time.Instant;
import java.util.zip.CRC32;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/**
 * A file in an archive, read where it stands in it. What it unpacks to must be as long, and have the sum, that the archive says.
 *
 * @param offset where its bytes begin in the archive
 * @param packedSize how many those are
 * @param size how many they become
 * @param crc their CRC-32, or {@link #NO_CRC}
 */
record PackedFile(
        FileBytes archive,
        String relative,
        long offset,
        long packedSize,
        long size,
        Packing packing,
        long crc,
        @Nullable Instant modified,
        Spool spool)
        implements FileBytes {
    static final long NO_CRC = -1;
    private static final int BUFFER = 1 << 16;

    /** How its bytes stand in the archive. */
    enum Packing {
        STORED,
        DEFLATED,
    }

    @Override
    public String version() {
        return archive.version() + "\0" + size + "\0" + crc;
    }

    @Override
    public void requireUnchanged() throws IOException {
        archive.requireUnchanged();
    }

    @Override
    public Counting open() throws IOException {
        OnDisk disk = archive.onDisk();
        try {
            FileChannel channel = FileChannel.open(disk.path());
            Section section = new Section(Channels.newInputStream(channel.position(offset)), packedSize, disk);
            InputStream bytes = switch (packing) {
                case STORED -> section;
                case DEFLATED -> new Inflating(section);
            };
            return Counting.of(new Checked(bytes));
        } catch (IOException | RuntimeException e) {
            disk.close();
            throw e;
        }
    }

    @Override
    public OnDisk onDisk() throws IOException {
        return spool.copy("packed:" + relative, this::open);
    }

    /** Some of a file's bytes. */
    private static final class Section extends FilterInputStream {
        private final OnDisk disk;
        private long left;

        Section(InputStream in, long length, OnDisk disk) {
            super(in);
            left = length;
            this.disk = disk;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            int read = left <= 0 ? -1 : in.read(target, offset, (int) Math.min(length, left));
            if (read > 0) {
                left -= read;
            }
            return read;
        }

        @Override
        public void close() throws IOException {
            try {
                in.close();
            } finally {
                disk.close();
            }
        }
    }

    /** Bytes deflated without a header, after which zlib wants one byte more than there is. */
    private static final class Inflating extends InflaterInputStream {
        Inflating(InputStream packed) {
            super(
                    new SequenceInputStream(packed, new java.io.ByteArrayInputStream(new byte[1])),
                    new Inflater(true),
                    BUFFER);
        }

        @Override
        public void close() throws IOException {
            super.close();
            inf.end();
        }
    }

    /** Holds a file against what its archive says of it. */
    private final class Checked extends FilterInputStream {
        private final CRC32 sum = new CRC32();
        private long seen;

        Checked(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            int read = in.read(target, offset, length);
            if (read > 0) {
                seen += read;
                sum.update(target, offset, read);
            }
            if (seen > size || (read < 0 && seen != size)) {
                throw new ZipException("it does not have the " + size + " bytes that its archive says");
            }
            if (read < 0 && crc != NO_CRC && sum.getValue() != crc) {
                throw new ZipException("its bytes do not have the sum that its archive says");
            }
            return read;
        }
    }
}

package org.qiantang.lake;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import org.apache.iceberg.exceptions.AlreadyExistsException;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.exceptions.RuntimeIOException;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.io.PositionOutputStream;
import org.apache.iceberg.io.SeekableInputStream;

/** Iceberg's metadata on a local disk, each file and its folder forced before the file counts as written. */
final class LocalFileIO implements FileIO {
    private final Durable durable;

    LocalFileIO(Durable durable) {
        this.durable = durable;
    }

    static Path path(String location) {
        return location.startsWith("file:") ? Path.of(URI.create(location)) : Path.of(location);
    }

    /** How the names of manifests and of lists of manifests end. */
    private static final String MANIFEST = ".avro";

    /** The location of a path as every engine reads it: {@code file:///…}, without percent signs as long as the path needs none. */
    static String location(Path path) {
        return "file://" + path.toUri().getRawPath();
    }

    static SeekableInputStream open(String location) {
        return new Input(location).newStream();
    }

    @Override
    public Map<String, String> properties() {
        return Map.of();
    }

    @Override
    public InputFile newInputFile(String location) {
        return new Input(location);
    }

    @Override
    public OutputFile newOutputFile(String location) {
        return new Output(location, durable);
    }

    @Override
    public void deleteFile(String location) {
        try {
            Files.deleteIfExists(path(location));
        } catch (IOException e) {
            throw new RuntimeIOException(e, "Cannot delete %s", location);
        }
    }

    private record Input(String location) implements InputFile {
        @Override
        public long getLength() {
            try {
                return Files.size(path(location));
            } catch (NoSuchFileException e) {
                throw new NotFoundException(e, "No such file: %s", location);
            } catch (IOException e) {
                throw new RuntimeIOException(e, "Cannot read %s", location);
            }
        }

        @Override
        public boolean exists() {
            return Files.exists(path(location));
        }

        @Override
        public SeekableInputStream newStream() {
            try {
                return new ChannelInput(Files.newByteChannel(path(location)));
            } catch (NoSuchFileException e) {
                throw new NotFoundException(e, "No such file: %s", location);
            } catch (IOException e) {
                throw new RuntimeIOException(e, "Cannot read %s", location);
            }
        }
    }

    private static final class ChannelInput extends SeekableInputStream {
        private final SeekableByteChannel channel;
        private final ByteBuffer read = ByteBuffer.allocate(1 << 14).limit(0);

        ChannelInput(SeekableByteChannel channel) {
            this.channel = channel;
        }

        @Override
        public long getPos() throws IOException {
            return channel.position() - read.remaining();
        }

        @Override
        public void seek(long position) throws IOException {
            channel.position(position);
            read.limit(0);
        }

        @Override
        public int read() throws IOException {
            return fill() ? read.get() & 0xff : -1;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            if (!read.hasRemaining() && length >= read.capacity()) {
                return channel.read(ByteBuffer.wrap(target, offset, length));
            }
            if (length > 0 && !fill()) {
                return -1;
            }
            int n = Math.min(length, read.remaining());
            read.get(target, offset, n);
            return n;
        }

        private boolean fill() throws IOException {
            if (!read.hasRemaining()) {
                read.clear();
                channel.read(read);
                read.flip();
            }
            return read.hasRemaining();
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }

    private record Output(String location, Durable durable) implements OutputFile {
        @Override
        public PositionOutputStream create() {
            return open(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        }

        @Override
        public PositionOutputStream createOrOverwrite() {
            return open(StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE);
        }

        private PositionOutputStream open(OpenOption... options) {
            Path path = path(location);
            try {
                Path parent = path.getParent();
                if (parent != null) {
                    durable.createDirectories(parent);
                }
                return new ForcedOutput(path, FileChannel.open(path, options), durable);
            } catch (FileAlreadyExistsException e) {
                throw new AlreadyExistsException(e, "Already exists: %s", location);
            } catch (IOException e) {
                throw new UncheckedIOException("Cannot write " + location, e);
            }
        }

        @Override
        public InputFile toInputFile() {
            return new Input(location);
        }
    }

    private static final class ForcedOutput extends PositionOutputStream {
        private final Path path;
        private final OutputStream out;
        private final Durable durable;
        private long position;
        private boolean closed;

        ForcedOutput(Path path, FileChannel channel, Durable durable) {
            this.path = path;
            this.out = new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16);
            this.durable = durable;
        }

        @Override
        public long getPos() {
            return position;
        }

        @Override
        public void write(int b) throws IOException {
            out.write(b);
            position++;
        }

        @Override
        public void write(byte[] source, int offset, int length) throws IOException {
            out.write(source, offset, length);
            position += length;
        }

        /** Nobody reads a file that is not closed yet. */
        @Override
        public void flush() {}

        @Override
        public void close() throws IOException {
            if (closed) {
                return;
            }
            closed = true;
            try {
                out.close();
                if (path.toString().endsWith(MANIFEST)) {
                    // Its name is forced with that of the table's metadata, which comes into the same folder and alone
                    // leads to it.
                    durable.force(path);
                } else {
                    durable.forceFile(path);
                }
            } catch (IOException e) {
                // Forced again it might seem safe although what the system could not write is forgotten.
                Files.deleteIfExists(path);
                throw e;
            }
        }
    }
}

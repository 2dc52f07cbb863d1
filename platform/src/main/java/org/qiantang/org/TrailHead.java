package org.qiantang.org;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How far the audit trail has come, kept in the installation's folder: whoever may write the database alone cannot cut the trail's end
 * off without this telling. Thread-safe.
 */
public final class TrailHead {
    private static final Pattern FORM = Pattern.compile("(\\d{1,18}) ([0-9a-f]{64})\\s*");

    private final Path file;

    public TrailHead(Path file) {
        this.file = requireNonNull(file, "file is null");
    }

    /**
     * The newest entry that is known to be committed.
     *
     * @param ordinal its place in the chain, counted from 1
     */
    public record Mark(long ordinal, String hash) {
        public Mark {
            requireNonNull(hash, "hash is null");
        }
    }

    /** Empty before the first entry, and after somebody has taken the file away. */
    synchronized Optional<Mark> read() {
        String text;
        try {
            text = Files.readString(file, StandardCharsets.UTF_8);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + file, e);
        }
        Matcher form = FORM.matcher(text);
        if (!form.matches()) {
            throw new IllegalStateException(file + " is not as it was written");
        }
        return Optional.of(new Mark(Long.parseLong(form.group(1)), form.group(2)));
    }

    /** Goes on to a later entry; one that is earlier than what is kept changes nothing. */
    synchronized void advance(Mark mark) throws IOException {
        if (read().filter(kept -> kept.ordinal >= mark.ordinal).isPresent()) {
            return;
        }
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        try (FileChannel channel = FileChannel.open(
                fresh, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            ByteBuffer bytes = StandardCharsets.UTF_8.encode(mark.ordinal + " " + mark.hash + "\n");
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}

package org.qiantang.collect.internal.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A file on this machine, as it was when the folder was listed. It is read only as long as it is still that file: another size, time or
 * identity is {@link org.qiantang.collect.CollectProblem#SOURCE_CHANGED}, and a link put in its place is not followed.
 */
record LocalFile(
        Path path,
        String relative,
        long size,
        long modifiedNanos,
        @Nullable Object key) implements FileBytes {
    static LocalFile of(Path path, String relative, BasicFileAttributes attributes) {
        return new LocalFile(
                path,
                relative,
                attributes.size(),
                attributes.lastModifiedTime().to(TimeUnit.NANOSECONDS),
                attributes.fileKey());
    }

    @Override
    public Instant modified() {
        return Instant.EPOCH.plusNanos(modifiedNanos).truncatedTo(ChronoUnit.MICROS);
    }

    @Override
    public String version() {
        return size + "\0" + modifiedNanos;
    }

    @Override
    public void requireUnchanged() throws IOException {
        BasicFileAttributes now;
        try {
            now = Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        } catch (java.nio.file.NoSuchFileException gone) {
            throw changed("it is gone");
        }
        LocalFile other = of(path, relative, now);
        if (now.isSymbolicLink() || !now.isRegularFile()) {
            throw changed("it is no longer a plain file");
        }
        if (other.size != size) {
            throw changed("it had " + size + " bytes and has " + other.size);
        }
        if (other.modifiedNanos != modifiedNanos || !java.util.Objects.equals(other.key, key)) {
            throw changed("it was written anew");
        }
    }

    @Override
    public Counting open() throws IOException {
        requireUnchanged();
        return Counting.of(Files.newInputStream(path, LinkOption.NOFOLLOW_LINKS));
    }

    @Override
    public OnDisk onDisk() throws IOException {
        requireUnchanged();
        return new OnDisk(path, () -> {});
    }
}

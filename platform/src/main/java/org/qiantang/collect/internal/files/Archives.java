package org.qiantang.collect.internal.files;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.zip.ZipException;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipFile;
import org.jspecify.annotations.Nullable;
import org.qiantang.collect.CollectProblem;
import org.qiantang.collect.internal.Connector.Unreadable;
import org.qiantang.collect.internal.files.Listed.Skipped;
import org.qiantang.core.Problem;

/**
 * Lists what is in an archive. Nothing is ever unpacked to a name that the archive gives, so that a name such as {@code ../../x} is only
 * a name; an archive whose files would become far more than it is itself is refused as a whole.
 */
final class Archives {
    /** Files an archive may have. */
    private static final int MOST_FILES = 100_000;

    private static final long LARGEST_DIRECTORY = 8L << 20;
    private static final int END_OF_DIRECTORY = 22 + 0xffff;
    private static final Charset GB18030 = Charset.forName("GB18030");

    private final FileBytes archive;
    private final Spool spool;
    private final List<FileBytes> files = new ArrayList<>();
    private final List<Skipped> others = new ArrayList<>();
    private final Set<String> taken = new HashSet<>();
    private long unpacked;

    private Archives(FileBytes archive, Spool spool) {
        this.archive = archive;
        this.spool = spool;
    }

    static Listed zip(FileBytes archive, Spool spool) throws IOException {
        Archives listing = new Archives(archive, spool);
        try (FileBytes.OnDisk disk = archive.onDisk()) {
            requireSmallDirectory(disk);
            try (ZipFile zip = ZipFile.builder().setPath(disk.path()).get()) {
                for (Enumeration<ZipArchiveEntry> all = zip.getEntries(); all.hasMoreElements(); ) {
                    listing.add(all.nextElement());
                }
            }
        }
        return listing.listed();
    }

    static Listed tar(FileBytes archive, Spool spool) throws IOException {
        Archives listing = new Archives(archive, spool);
        try (FileBytes.OnDisk disk = archive.onDisk();
                FileChannel channel = FileChannel.open(disk.path());
                TarArchiveInputStream tar = new TarArchiveInputStream(
                        Channels.newInputStream(channel), StandardCharsets.ISO_8859_1.name())) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                listing.add(entry, channel.position());
            }
        }
        return listing.listed();
    }

    private Listed listed() {
        if (FileBytes.Guarded.isBomb(archive.size(), unpacked)) {
            throw FileBytes.Guarded.bomb(archive.size(), unpacked);
        }
        return new Listed(files, others);
    }

    private void add(ZipArchiveEntry entry) {
        String name = name(entry);
        if (entry.isDirectory()) {
            return;
        }
        String relative = relative(name);
        if (name.startsWith("__MACOSX/")) {
            // What macOS adds of its own to each file it packs; the files themselves are all there.
            others.add(new Skipped(relative, null));
            return;
        }
        PackedFile.@Nullable Packing packing = switch (entry.getMethod()) {
            case ZipArchiveEntry.STORED -> PackedFile.Packing.STORED;
            case ZipArchiveEntry.DEFLATED -> PackedFile.Packing.DEFLATED;
            default -> null;
        };
        if (entry.getGeneralPurposeBit().usesEncryption()) {
            skip(relative, CollectProblem.ENCRYPTED_FILE, "encrypted in its archive");
        } else if (entry.isUnixSymlink()) {
            skip(relative, CollectProblem.SYMBOLIC_LINK, "a link in an archive");
        } else if (packing == null) {
            skip(relative, CollectProblem.UNSUPPORTED_FORMAT, "packed by method " + entry.getMethod());
        } else if (entry.getDataOffset() < 0 || entry.getSize() < 0) {
            skip(relative, CollectProblem.CORRUPT_FILE, "the archive does not say where it is");
        } else {
            take(new PackedFile(
                    archive,
                    relative,
                    entry.getDataOffset(),
                    entry.getCompressedSize(),
                    entry.getSize(),
                    packing,
                    entry.getCrc(),
                    entry.getTime() <= 0 ? null : Instant.ofEpochMilli(entry.getTime()),
                    spool));
        }
    }

    private void add(TarArchiveEntry entry, long offset) {
        if (entry.isDirectory()) {
            return;
        }
        String relative = relative(text(entry.getName().getBytes(StandardCharsets.ISO_8859_1)));
        if (entry.isLink() || entry.isSymbolicLink()) {
            skip(relative, CollectProblem.SYMBOLIC_LINK, "a link in an archive");
        } else if (!entry.isFile() || entry.isSparse()) {
            skip(relative, CollectProblem.UNSUPPORTED_FORMAT, "a device, pipe or sparse file in an archive");
        } else {
            take(new PackedFile(
                    archive,
                    relative,
                    offset,
                    entry.getSize(),
                    entry.getSize(),
                    PackedFile.Packing.STORED,
                    PackedFile.NO_CRC,
                    entry.getLastModifiedTime().toInstant(),
                    spool));
        }
    }

    private void take(PackedFile file) {
        requireFew();
        unpacked += file.size();
        files.add(file);
    }

    private void skip(String relative, CollectProblem code, String reason) {
        requireFew();
        others.add(new Skipped(relative, new Unreadable(code.id(), reason)));
    }

    private void requireFew() {
        if (files.size() + others.size() == MOST_FILES) {
            throw new Problem(
                    CollectProblem.FILE_TOO_LARGE, "reason", "an archive of more than " + MOST_FILES + " files");
        }
    }

    /** The name in the archive after the archive's own; of two equal ones the later is numbered. */
    private String relative(String name) {
        String clean = Names.clean(name.replace('\\', '/'));
        String relative = archive.relative() + "!/" + clean;
        for (int n = 2; !taken.add(relative); n++) {
            relative = archive.relative() + "!/" + clean + " (" + n + ")";
        }
        return relative;
    }

    private static String name(ZipArchiveEntry entry) {
        byte[] raw = entry.getRawName();
        return entry.getNameSource() == ZipArchiveEntry.NameSource.NAME && raw != null ? text(raw) : entry.getName();
    }

    /** A name in the encoding it is valid in: old archives say nothing of it, and are Chinese where they are not UTF-8. */
    private static String text(byte[] name) {
        for (Charset charset : List.of(StandardCharsets.UTF_8, GB18030)) {
            try {
                return charset.newDecoder().decode(ByteBuffer.wrap(name)).toString();
            } catch (CharacterCodingException e) {
                continue;
            }
        }
        return new String(name, StandardCharsets.ISO_8859_1);
    }

    /** The reader takes the whole directory into memory, up to the archive's end; so that must not be far from where it begins. */
    private static void requireSmallDirectory(FileBytes.OnDisk disk) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(disk.path().toFile(), "r")) {
            long size = file.length();
            byte[] tail = new byte[(int) Math.min(size, END_OF_DIRECTORY)];
            file.seek(size - tail.length);
            file.readFully(tail);
            ByteBuffer end = ByteBuffer.wrap(tail).order(java.nio.ByteOrder.LITTLE_ENDIAN);
            for (int at = tail.length - 22; at >= 0; at--) {
                if (end.getInt(at) == 0x06054b50) {
                    long begin = end.getInt(at + 16) & 0xffffffffL;
                    if (begin == 0xffffffffL) {
                        begin = zip64Begin(file, size - tail.length + at);
                    }
                    if (size - begin > LARGEST_DIRECTORY) {
                        throw new Problem(
                                CollectProblem.FILE_TOO_LARGE,
                                "reason",
                                "an archive whose directory has more than " + LARGEST_DIRECTORY + " bytes");
                    }
                    return;
                }
            }
        }
        throw new ZipException("the archive has no end");
    }

    private static long zip64Begin(RandomAccessFile file, long end) throws IOException {
        file.seek(Math.max(0, end - 20 + 8));
        long record = Long.reverseBytes(file.readLong());
        if (record < 0 || record + 56 > file.length()) {
            throw new ZipException("the archive's directory is nowhere");
        }
        file.seek(record + 48);
        return Long.reverseBytes(file.readLong());
    }
}

package org.qiantang.collect.internal.files;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A file on another machine. It is fetched whole before any of it is read; when it has to be fetched again it must have the same
 * SHA-256 as before.
 */
final class RemoteFile implements FileBytes {
    private final RemoteFolder folder;
    private final RemoteFolder.Entry entry;
    private final Spool spool;
    private volatile String sha256 = "";
    private volatile long fetchedBytes;

    RemoteFile(RemoteFolder folder, RemoteFolder.Entry entry, Spool spool) {
        this.folder = folder;
        this.entry = entry;
        this.spool = spool;
    }

    @Override
    public String relative() {
        return entry.relative();
    }

    @Override
    public long size() {
        return entry.size() < 0 ? fetchedBytes : entry.size();
    }

    @Override
    public @Nullable Instant modified() {
        return entry.modified();
    }

    @Override
    public String version() {
        return entry.size() + "\0" + entry.modified() + "\0" + entry.version();
    }

    @Override
    public Map<String, String> details() {
        return folder.details(entry);
    }

    /** Holds always: what was fetched cannot change, and fetching again looks. */
    @Override
    public void requireUnchanged() {}

    @Override
    public Counting open() throws IOException {
        OnDisk disk = onDisk();
        try {
            return Counting.of(new FilterInputStream(Files.newInputStream(disk.path())) {
                @Override
                public void close() throws IOException {
                    try {
                        super.close();
                    } finally {
                        disk.close();
                    }
                }
            });
        } catch (IOException | RuntimeException e) {
            disk.close();
            throw e;
        }
    }

    @Override
    public OnDisk onDisk() throws IOException {
        return spool.copy("remote:" + relative(), () -> new Fetched(folder.open(entry)));
    }

    /** Holds what comes against what was listed, and against what came before. */
    private final class Fetched extends DigestInputStream {
        private long seen;
        private boolean ended;

        Fetched(InputStream in) {
            super(in, digest());
        }

        private static MessageDigest digest() {
            try {
                return MessageDigest.getInstance("SHA-256");
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            int read = super.read(target, offset, length);
            seen += Math.max(0, read);
            if (entry.size() >= 0 && (seen > entry.size() || (read < 0 && seen != entry.size()))) {
                throw changed("it had " + size() + " bytes and " + seen + " came");
            }
            if (read < 0 && !ended) {
                ended = true;
                String sum = HexFormat.of().formatHex(getMessageDigest().digest());
                if (!sha256.isEmpty() && !sha256.equals(sum)) {
                    throw changed("its content is another than before");
                }
                sha256 = sum;
                fetchedBytes = seen;
            }
            return read;
        }
    }
}

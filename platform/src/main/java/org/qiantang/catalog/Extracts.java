package org.qiantang.catalog;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.qiantang.core.Problem;
import org.qiantang.lake.DiskSpace;
import org.qiantang.lake.Extract;
import org.qiantang.org.Account;
import org.qiantang.org.EvidenceRecords;
import org.springframework.stereotype.Service;

/**
 * Answers that leave as files, so that whoever was granted a whole resource takes it once, with its types, instead of page by page. A file
 * lives from when it is made until it was sent; all of them together leave the disk's reserve alone.
 */
@Service
public final class Extracts {
    private static final System.Logger LOG = System.getLogger(Extracts.class.getName());
    private static final int AT_ONCE = 8;
    private static final int OF_ONE_PERSON = 2;

    private final LakeReader reader;
    private final Resources resources;
    private final Path folder;
    private final Map<String, Integer> underWay = new HashMap<>();

    /** Where the files are, in the home; nobody else's. */
    public record Folder(Path path) {
        public Folder {
            if (!path.isAbsolute()) {
                throw new IllegalArgumentException("The folder of extracts must be absolute: " + path);
            }
        }
    }

    Extracts(LakeReader reader, Resources resources, Folder folder) {
        this.reader = reader;
        this.resources = resources;
        this.folder = folder.path().normalize();
        empty();
    }

    /** What a hub left behind that did not end by itself. */
    private void empty() {
        try {
            Files.createDirectories(
                    folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            try (DirectoryStream<Path> left = Files.newDirectoryStream(folder)) {
                for (Path file : left) {
                    Files.deleteIfExists(file);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot use " + folder, e);
        }
    }

    /**
     * Makes the file; whoever asked closes what they get, which deletes it.
     *
     * @param limit rows at the most; 0 for the columns alone
     */
    public Ready make(Account who, LakeReader.Asked asked, long limit, Extract.Form form) {
        begin(who.username());
        Path file = folder.resolve(UUID.randomUUID() + "." + form.name().toLowerCase(java.util.Locale.ROOT));
        try {
            LakeReader.Extracted made = reader.extract(who, asked, limit, form, file, share());
            return new Ready(who.username(), file, made);
        } catch (RuntimeException | Error e) {
            end(who.username(), file);
            throw e;
        }
    }

    /**
     * The same of a resource.
     *
     * @param id by which the same person can stop it
     * @param grant under which it is asked
     * @param caseNumber of the affair it is asked for
     */
    public Ready make(
            Account who,
            UUID resource,
            ResourceExtract wanted,
            @Nullable String id,
            @Nullable UUID grant,
            @Nullable String caseNumber,
            Extract.Form form) {
        Resource found = resources.get(resource);
        if (found.snapshotId() == null) {
            throw new Problem(CatalogProblem.NOTHING_LANDED, "name", found.name());
        }
        return make(who, wanted.asked(found.lakeTable(), id, grant, caseNumber), Long.MAX_VALUE, form);
    }

    private synchronized void begin(String who) {
        int all = underWay.values().stream().mapToInt(Integer::intValue).sum();
        if (all >= AT_ONCE || underWay.getOrDefault(who, 0) >= OF_ONE_PERSON) {
            throw new Problem(CatalogProblem.EXTRACTS_BUSY);
        }
        underWay.merge(who, 1, Integer::sum);
    }

    private void end(String who, Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "An extract stays until the next start: " + file, e);
        }
        synchronized (this) {
            underWay.computeIfPresent(who, (any, n) -> n == 1 ? null : n - 1);
        }
    }

    /** What one file may take, so that as many as there may be leave twice the reserve. */
    private long share() {
        try {
            DiskSpace disk = DiskSpace.of(folder);
            if (!disk.hasRoomFor(0)) {
                throw new Problem(CatalogProblem.NO_ROOM_FOR_EXTRACT);
            }
            return (disk.freeBytes() - 2 * disk.reserveBytes()) / AT_ONCE;
        } catch (IOException e) {
            throw new Problem(CatalogProblem.LAKE_UNAVAILABLE, "reason", String.valueOf(e.getMessage()));
        }
    }

    /** A file on its way to whoever asked. */
    public final class Ready implements AutoCloseable {
        private final String who;
        private final Path file;
        private final LakeReader.Extracted made;

        private Ready(String who, Path file, LakeReader.Extracted made) {
            this.who = requireNonNull(who, "who is null");
            this.file = file;
            this.made = made;
        }

        public long rows() {
            return made.rows();
        }

        public long bytes() {
            return made.bytes();
        }

        /** The tables that were read of which something is contested. */
        public List<Contested.InTable> contested() {
            return made.contested();
        }

        /** The number of the grant it was read under. */
        public @Nullable String grant() {
            return made.grant();
        }

        /** Where it is written down that this was handed out. */
        public EvidenceRecords.Recorded evidence() {
            return made.evidence();
        }

        /** SHA-256 of the whole file. */
        public byte[] sha256() throws IOException {
            try (InputStream in = Files.newInputStream(file);
                    DigestOutputStream sum = new DigestOutputStream(
                            OutputStream.nullOutputStream(), MessageDigest.getInstance("SHA-256"))) {
                in.transferTo(sum);
                return sum.getMessageDigest().digest();
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("Every Java has SHA-256", e);
            }
        }

        public void writeTo(OutputStream out) throws IOException {
            Files.copy(file, out);
        }

        @Override
        public void close() {
            end(who, file);
        }
    }
}

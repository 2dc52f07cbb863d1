package org.qiantang.org;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import org.qiantang.core.CanonicalJson;
import org.qiantang.core.Problem;
import org.qiantang.core.Sealing;
import org.qiantang.core.Site;
import org.qiantang.evidence.Checkpoint;
import org.qiantang.evidence.EvidenceException;
import org.qiantang.evidence.EvidenceLog;
import org.qiantang.evidence.Proof;
import org.qiantang.evidence.Suite;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.json.JsonMapper;

/**
 * What this hub can prove later (存证): every access and every administrative act, in a log of its own from which nothing can be taken.
 * What cannot be written down does not happen: where the log fails, so does what wanted to be in it.
 */
public final class EvidenceRecords implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(EvidenceRecords.class.getName());

    private final Path folder;
    private final Path nameFile;
    private final Site site;
    private final Suite suite;
    private final Sealing sealing;
    private final JdbcClient jdbc;
    private @Nullable EvidenceLog open;
    private volatile @Nullable Instant signedAt;

    /** @param folder of the log; its name is kept beside it */
    public EvidenceRecords(Path folder, Site site, Suite suite, Sealing sealing, JdbcClient jdbc) {
        this.folder = requireNonNull(folder, "folder is null");
        this.nameFile = folder.resolveSibling(folder.getFileName() + ".name");
        this.site = site;
        this.suite = suite;
        this.sealing = sealing;
        this.jdbc = jdbc;
    }

    /** Where an entry stands, for who wants its proof later. */
    public record Recorded(String log, long index, String leafHash) {
        public Recorded {
            requireNonNull(log, "log is null");
            requireNonNull(leafHash, "leafHash is null");
        }
    }

    /**
     * How far the log is, by its newest signed root.
     *
     * @param suite the hash and the signature it is made with
     * @param signedAt when; null where nothing was signed since the hub started
     */
    public record LogState(
            String log,
            String key,
            String suite,
            long size,
            String checkpoint,
            @Nullable Instant signedAt) {}

    /** Returns when the entry is on disk, or refuses. */
    public Recorded record(Map<String, ?> entry) {
        EvidenceLog log = log();
        try {
            EvidenceLog.Appended appended = log.append(CanonicalJson.bytes(entry));
            return new Recorded(
                    log.key().name(), appended.index(), HexFormat.of().formatHex(appended.leafHash()));
        } catch (IOException e) {
            throw unavailable(e);
        }
    }

    /**
     * An entry on its way to the disk.
     *
     * @param recorded where it will stand
     */
    public record Underway(Recorded recorded, CompletableFuture<?> durable) {
        /** Goes on when it is on disk or known not to be; then {@link #await} does not wait. */
        public void then(Runnable next) {
            if (durable.isDone()) {
                next.run();
            } else {
                durable.whenComplete((done, failed) -> next.run());
            }
        }

        /** Returns when it is on disk, or refuses. */
        public Recorded await() {
            try {
                durable.get();
                return recorded;
            } catch (ExecutionException e) {
                throw unavailable(new IOException(e.getCause()));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw unavailable(new IOException(e));
            }
        }
    }

    /** Begins to record one; who has many waits once for all. Nothing may go on before it is awaited. */
    public Underway begin(Map<String, ?> entry) {
        return begin(CanonicalJson.bytes(entry));
    }

    /** @param entry as {@link CanonicalJson} writes it */
    public Underway begin(byte[] entry) {
        EvidenceLog log = log();
        try {
            EvidenceLog.Submitted submitted = log.submit(entry);
            return new Underway(
                    new Recorded(
                            log.key().name(), submitted.index(), HexFormat.of().formatHex(submitted.leafHash())),
                    submitted.durable());
        } catch (IOException e) {
            throw unavailable(e);
        }
    }

    /** An entry with what proves it; empty until a root covers it, within a second. */
    public Optional<Proof> prove(long index) {
        EvidenceLog log = log();
        try {
            return index < 0 || index >= log.checkpoint().size() ? Optional.empty() : log.prove(index);
        } catch (IOException e) {
            throw unavailable(e);
        }
    }

    /** That an entry is there without what it says: whoever is given it can have the entry's text held against its hash. */
    public record Hidden(String leafHash, String text) {}

    /** What proves an entry to who may not read it. */
    public Optional<Hidden> proveHidden(long index) {
        return prove(index).map(proof -> new Hidden(HexFormat.of().formatHex(proof.leaf(suite)), proof.withoutEntry()));
    }

    public LogState state() {
        EvidenceLog log = log();
        Checkpoint checkpoint = log.checkpoint();
        return new LogState(
                log.key().name(), log.key().line(), suite.id(), checkpoint.size(), checkpoint.note(), signedAt);
    }

    /** Forgets what entries from before then said, but for those in a span that is held; that they were there can still be proved. */
    long drop(Instant before, List<EvidenceHold> holds) {
        EvidenceLog log = log();
        try {
            return log.drop(
                    newest -> at(newest).isBefore(before),
                    (oldest, newest) -> holds.stream()
                            .anyMatch(hold -> at(oldest).isBefore(hold.until())
                                    && !at(newest).isBefore(hold.from())));
        } catch (IOException e) {
            throw unavailable(e);
        }
    }

    /** When what an entry is about happened. */
    private static Instant at(byte[] entry) {
        return Instant.parse(JsonMapper.shared().readTree(entry).path("at").asString());
    }

    /** The log; one that failed is opened anew, which proves whether the disk takes data again. */
    private synchronized EvidenceLog log() {
        EvidenceLog now = open;
        if (now != null && now.failure().isEmpty()) {
            return now;
        }
        try {
            if (now != null) {
                open = null;
                now.close();
            }
            String name = name();
            EvidenceLog fresh =
                    EvidenceLog.open(folder, name, suite, sealing.mac("evidence " + name, new byte[0]), made -> {
                        signedAt = Instant.now();
                        // A database that does not answer must not keep the next root from being signed.
                        Thread.ofVirtual().name("evidence-remember").start(() -> remember(name, made));
                    });
            try {
                compare(name, fresh);
            } catch (IOException | RuntimeException e) {
                fresh.close();
                throw e;
            }
            open = fresh;
            return fresh;
        } catch (IOException e) {
            throw unavailable(e);
        }
    }

    private static Problem unavailable(IOException why) {
        LOG.log(System.Logger.Level.ERROR, "The evidence log refuses", why);
        return new Problem(OrgProblem.EVIDENCE_UNAVAILABLE, "reason", String.valueOf(why.getMessage()));
    }

    /** Each hub's is another, and stays. */
    private String name() throws IOException {
        try {
            return Files.readString(nameFile, StandardCharsets.UTF_8).strip();
        } catch (NoSuchFileException e) {
            String name = "qiantang/" + site.name().replaceAll("[\\s+]", "-") + "/"
                    + UUID.randomUUID().toString().substring(0, 8);
            Files.createDirectories(nameFile.toAbsolutePath().getParent());
            Files.writeString(nameFile, name + "\n", StandardCharsets.UTF_8);
            return name;
        }
    }

    private void remember(String name, Checkpoint made) {
        try {
            jdbc.sql("""
                            insert into org_checkpoints (log, minute, size, note) values (:log, :minute, :size, :note)
                            on conflict (log, minute) do update set size = excluded.size, note = excluded.note
                            where org_checkpoints.size < excluded.size""")
                    .param("log", name)
                    .param(
                            "minute",
                            Instant.now().truncatedTo(ChronoUnit.MINUTES).atOffset(ZoneOffset.UTC))
                    .param("size", made.size())
                    .param("note", made.note())
                    .update();
        } catch (DataAccessException e) {
            // The root itself is safe in the folder; the next one is remembered again.
            LOG.log(System.Logger.Level.WARNING, "A root of the evidence log is not remembered: {0}", e.toString());
        }
    }

    /** Refuses a folder that is older than what the database remembers of it, or tells another story. */
    private void compare(String name, EvidenceLog log) throws IOException {
        List<String> notes = jdbc.sql("select note from org_checkpoints where log = ? order by size desc limit 1")
                .param(name)
                .query((row, n) -> row.getString(1))
                .list();
        for (String note : notes) {
            Checkpoint remembered = Checkpoint.parse(note, log.key());
            if (remembered.size() > log.checkpoint().size()
                    || !Arrays.equals(remembered.root(), log.root(remembered.size()))) {
                throw new EvidenceException("The evidence log is not the one of which %d entries are remembered"
                        .formatted(remembered.size()));
            }
        }
    }

    @Override
    public synchronized void close() throws IOException {
        EvidenceLog now = open;
        if (now != null) {
            open = null;
            now.close();
        }
    }
}

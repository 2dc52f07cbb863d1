package org.qiantang.lake;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.iceberg.AppendFiles;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.ManifestFiles;
import org.apache.iceberg.ManifestWriter;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SnapshotSummary;
import org.apache.iceberg.SnapshotUpdate;
import org.apache.iceberg.Table;
import org.apache.iceberg.Transaction;
import org.apache.iceberg.expressions.Expressions;
import org.jspecify.annotations.Nullable;

/**
 * A table on its way into the lake. Parts are written, forced to disk and read back one by one, by as many threads as there are; nothing
 * of it is seen before {@link #commit}, which makes all of it the table's next snapshot at once. Closing without a commit leaves the
 * table as it was.
 */
public final class TableWrite implements AutoCloseable {
    private static final int SAMPLES = 1_000;
    private static final Duration TOUCH = Duration.ofHours(1);

    private final Lake lake;
    private final TableName name;
    private final List<Column> columns;
    private final boolean replace;
    private final Transaction transaction;
    private final List<Part> parts = new ArrayList<>();
    private final Map<String, Set<String>> samples = new HashMap<>();
    private final List<Sketch> sketches = new ArrayList<>();
    private boolean profiled;
    private Instant touched = Instant.now();
    /** Its files may be the table's, and must not be removed. */
    private boolean committed;

    private @Nullable Path manifest;

    TableWrite(Lake lake, TableName name, List<Column> columns, boolean replace, Transaction transaction) {
        this.lake = lake;
        this.name = name;
        this.columns = List.copyOf(columns);
        this.replace = replace;
        this.transaction = transaction;
    }

    /** Has what is written from now on profiled; {@link #commit} tells the profiles of all of it. */
    public void profile() {
        profiled = true;
    }

    /**
     * Writes everything a reader gives into one data file and proves it. Thread-safe.
     *
     * @return rows written
     * @throws LakeException {@code VALUE_DOES_NOT_FIT}, {@code PROOF_FAILED}, {@code NO_SPACE}, {@code DISK_FAILED}, {@code STORAGE}; what the reader throws is thrown as it is
     */
    public long write(ChunkReader reader) throws Exception {
        Part part = writePart(reader);
        if (part == null) {
            return 0;
        }
        synchronized (parts) {
            keepSamples(part);
            keepSketches(part);
            parts.add(part.withProofsAlone());
        }
        keepYoung(Instant.now());
        return part.file.recordCount();
    }

    /** A file for rows that the engine has already; part of the table once it was {@link #add added}. */
    NewFile file() {
        return new NewFile(lake, transaction.table(), transaction.table().schema());
    }

    Schema schema() {
        return transaction.table().schema();
    }

    /** Adds a file whose rows were read back and are what they should be. */
    void add(DataFile file, Sums sums) {
        List<Checksum> same =
                sums.columns().stream().map(column -> Checksum.of(column.sum())).toList();
        synchronized (parts) {
            parts.add(new Part(file, same, sums, Map.of(), List.of()));
        }
    }

    /**
     * Makes what was written the table's next snapshot. Once this returns it survives any crash.
     *
     * @param summary kept with the snapshot, for instance the run that made it
     */
    public Commit commit(Map<String, String> summary) {
        List<Part> written;
        synchronized (parts) {
            written = List.copyOf(parts);
        }
        try (Lake.Turn turn = lake.turn(name)) {
            SnapshotUpdate<?> update;
            if (replace && transaction.table().currentSnapshot() != null) {
                var overwrite = transaction.newOverwrite().overwriteByRowFilter(Expressions.alwaysTrue());
                written.forEach(part -> overwrite.addFile(part.file));
                update = overwrite;
            } else {
                update = append(written);
            }
            summary.forEach(update::set);
            update.scanManifestsWith(Inline.EXECUTOR);
            update.commit();
            transaction.commitTransaction();
            committed = true;
            lake.grew(name);
        } catch (IOException e) {
            throw LakeException.storage("Cannot commit " + name, e);
        } catch (RuntimeException e) {
            committed = Lake.mayBeCommitted(e);
            throw LakeException.storage("Cannot commit " + name, e);
        }
        var snapshot = transaction.table().currentSnapshot();
        Instant at = Instant.ofEpochMilli(snapshot.timestampMillis());
        long rows = written.stream().mapToLong(part -> part.file.recordCount()).sum();
        List<ColumnProof> proofs = proofs(written);
        return new Commit(
                name,
                snapshot.snapshotId(),
                at,
                rows,
                written.stream().mapToLong(part -> part.file.fileSizeInBytes()).sum(),
                proofs,
                samples(),
                profiles(proofs, rows, at));
    }

    /** Adds the files by a manifest of our own, for Iceberg would write one on a pool that it looks at every ten milliseconds. */
    private SnapshotUpdate<?> append(List<Part> written) throws IOException {
        Table table = transaction.table();
        AppendFiles append = transaction.newFastAppend();
        if (written.isEmpty()) {
            return append;
        }
        String location = table.location() + "/metadata/" + UUID.randomUUID() + "-m0.avro";
        manifest = LocalFileIO.path(location);
        int version = ((HasTableOperations) table).operations().current().formatVersion();
        ManifestWriter<DataFile> writer =
                ManifestFiles.write(version, table.spec(), table.io().newOutputFile(location), null);
        try (writer) {
            written.forEach(part -> writer.add(part.file));
        }
        append.appendManifest(writer.toManifestFile());
        // A manifest does not say it.
        append.set(
                SnapshotSummary.ADDED_FILE_SIZE_PROP,
                Long.toString(written.stream()
                        .mapToLong(part -> part.file.fileSizeInBytes())
                        .sum()));
        return append;
    }

    /** A table may take days: whoever looks for what a crash left behind goes by the age of files. */
    private void keepYoung(Instant now) throws IOException {
        synchronized (parts) {
            if (Duration.between(touched, now).compareTo(TOUCH) > 0) {
                touched = now;
                for (Part part : parts) {
                    Files.setLastModifiedTime(LocalFileIO.path(part.file.location()), FileTime.from(now));
                }
            }
        }
    }

    /** Removes the files of a write that was not committed. */
    @Override
    public void close() {
        if (committed) {
            return;
        }
        synchronized (parts) {
            for (Part part : parts) {
                lake.discard(LocalFileIO.path(part.file.location()));
            }
            parts.clear();
        }
        Path unused = manifest;
        if (unused != null) {
            lake.discard(unused);
        }
    }

    private @Nullable Part writePart(ChunkReader reader) throws Exception {
        Table table = transaction.table();
        Schema schema = table.schema();
        String rows = "SELECT "
                + IntStream.range(0, columns.size())
                        .mapToObj(i -> Types.fromVector(columns.get(i).type(), "c" + i) + " AS "
                                + Sql.name(columns.get(i).name()))
                        .collect(Collectors.joining(", "))
                + " FROM " + Engine.FEED;
        try (NewFile written = new NewFile(lake, table, schema);
                Engine.Room room = lake.engine().room(columns.size());
                Engine.Feed feed = lake.engine().feed(columns, profiled, batch -> {
                    lake.requireSpace();
                    return reader.read(batch);
                });
                Connection connection = lake.engine().connect()) {
            DataFile file;
            try {
                file = written.write(connection, rows + "(" + feed.number() + ")");
            } catch (SQLException e) {
                Exception failure = feed.failure();
                throw failure != null ? failure : Lake.failure("Cannot write " + name, e);
            }
            if (file == null) {
                return null;
            }
            Sums sums = Sums.of(
                    connection, "read_parquet(" + Sql.text(written.path().toString()) + ")", schema);
            prove(feed, sums);
            written.keep();
            return new Part(
                    file,
                    sums(feed.batch()),
                    sums,
                    samples(feed.batch()),
                    feed.batch().sketches());
        }
    }

    /** What is on the disk must be what the batch was given. */
    private void prove(Engine.Feed feed, Sums sums) {
        if (sums.rows() != feed.rows()) {
            throw new LakeException(
                    LakeException.Kind.PROOF_FAILED,
                    "Of " + feed.rows() + " rows handed over for " + name + " the file holds " + sums.rows());
        }
        Batch batch = feed.batch();
        for (int i = 0; i < columns.size(); i++) {
            Sums.Of column = sums.columns().get(i);
            if (!batch.checksum(i).toString().equals(column.hex()) || batch.nullCount(i) != column.nulls()) {
                throw new LakeException(
                        LakeException.Kind.PROOF_FAILED,
                        "Column " + columns.get(i).name() + " of " + name + " does not read back as it was written");
            }
        }
    }

    private List<Checksum> sums(Batch batch) {
        return IntStream.range(0, columns.size()).mapToObj(batch::checksum).toList();
    }

    private Map<String, Set<String>> samples(Batch batch) {
        Map<String, Set<String>> samples = new HashMap<>();
        for (int i = 0; i < columns.size(); i++) {
            Set<String> some = batch.samples(i);
            if (!some.isEmpty()) {
                samples.put(columns.get(i).name(), some);
            }
        }
        return samples;
    }

    private List<ColumnProof> proofs(List<Part> written) {
        List<ColumnProof> proofs = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            Checksum read = new Checksum();
            Sums.Of sum = Sums.Of.NONE;
            for (Part part : written) {
                read.add(part.sums.get(i));
                sum = sum.plus(part.checked.columns().get(i));
            }
            proofs.add(new ColumnProof(columns.get(i).name(), sum.nulls(), read.toString(), sum.hex()));
        }
        return proofs;
    }

    /** Samples of the first parts are enough; those of all would grow with the table. */
    private void keepSamples(Part part) {
        part.samples.forEach((column, values) -> {
            Set<String> kept = samples.computeIfAbsent(column, any -> new LinkedHashSet<>());
            values.stream().limit(SAMPLES - kept.size()).forEach(kept::add);
        });
    }

    private Map<String, List<String>> samples() {
        Map<String, List<String>> copy = new HashMap<>();
        samples.forEach((column, values) -> copy.put(column, List.copyOf(values)));
        return copy;
    }

    /** Sketches add up as the parts come in, so that there is one for each column and lane and not for each part. */
    private void keepSketches(Part part) {
        if (sketches.isEmpty()) {
            sketches.addAll(part.sketches);
            return;
        }
        for (int i = 0; i < sketches.size(); i++) {
            sketches.get(i).add(part.sketches.get(i));
        }
    }

    private List<ColumnProfile> profiles(List<ColumnProof> proofs, long rows, Instant at) {
        List<ColumnProfile> profiles = new ArrayList<>();
        for (int i = 0; profiled && i < columns.size(); i++) {
            ColumnProof proof = proofs.get(i);
            Sketch sketch = sketches.isEmpty() ? new Sketch(columns.get(i).type()) : sketches.get(i);
            profiles.add(sketch.profile(proof.column(), rows, proof.nulls(), at, lake.zone()));
        }
        return profiles;
    }

    private record Part(
            DataFile file, List<Checksum> sums, Sums checked, Map<String, Set<String>> samples, List<Sketch> sketches) {
        Part withProofsAlone() {
            return new Part(file, sums, checked, Map.of(), List.of());
        }
    }
}

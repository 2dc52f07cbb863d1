package org.qiantang.lake;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.iceberg.ContentFile;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.ExpireSnapshots;
import org.apache.iceberg.ManifestContent;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.ManifestFiles;
import org.apache.iceberg.ManifestReader;
import org.apache.iceberg.ReachableFileUtil;
import org.apache.iceberg.RewriteFiles;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.Table;
import org.apache.iceberg.expressions.Expressions;

/**
 * Keeps the lake quick to read and its disk free of what nobody can reach any more, while others collect and query: small files and files
 * with many deleted rows are written anew, snapshots end by a policy, and files that no snapshot knows are removed.
 */
public final class Upkeep {
    /** A file below this is small. */
    private static final long SMALL_BYTES = 32L << 20;

    /** So many small files may a table have. */
    private static final int SMALL_FILES = 12;

    /** A file below this is one of a few moments. */
    private static final long FRESH_BYTES = 2L << 20;

    private static final int MANY_ENDING = 60;

    /** Snapshots that are older than the first are thinned out: one stays in so much time. */
    private static final List<Step> STEPS = List.of(
            new Step(Duration.ofSeconds(30), Duration.ofMinutes(1)),
            new Step(Duration.ofHours(1), Duration.ofMinutes(10)),
            new Step(Duration.ofDays(1), Duration.ofHours(1)),
            new Step(Duration.ofDays(8), Duration.ofDays(1)));

    /** From an age on one snapshot stays in so much time. */
    private record Step(Duration age, Duration one) {}

    /** What is written anew in one commit has at most this size. */
    private static final long GROUP_BYTES = 256L << 20;

    /** So many sorted files below {@link #GROUP_BYTES} may a table have before they become one. */
    private static final int RUNS = 8;

    /** What becomes one sorted file has at most this size. */
    private static final long RUN_BYTES = 2L << 30;

    /** Above one deleted row in so many a file is written anew. */
    private static final long DELETED_ONE_IN = 100;

    private final Lake lake;
    private final Policy policy;

    /**
     * How long what stays.
     *
     * @param history for which the lake can be read as it was: after a while not every snapshot stays, but one in each minute, then one
     *     in ten minutes, then one in an hour, after a week one a day
     * @param leastSnapshots which stay whatever their age
     * @param orphanAge after which a file that no snapshot knows is removed; no write takes as long
     */
    public record Policy(Duration history, int leastSnapshots, Duration orphanAge) {
        public Policy {
            if (leastSnapshots < 1 || history.isNegative() || orphanAge.isNegative()) {
                throw new IllegalArgumentException("A table keeps at least its newest snapshot");
            }
        }

        /** What an installation does unless told otherwise. */
        public static final Policy DEFAULT = of(Duration.ofDays(7));

        /** The usual one with a history of this length. */
        public static Policy of(Duration history) {
            return new Policy(history, 20, Duration.ofHours(24));
        }
    }

    /** What was done to a table. */
    public record Done(
            TableName table, int filesRewritten, int filesWritten, int snapshotsExpired, int orphansRemoved) {
        boolean isNothing() {
            return filesRewritten + snapshotsExpired + orphansRemoved == 0;
        }
    }

    public Upkeep(Lake lake, Policy policy) {
        this.lake = lake;
        this.policy = policy;
    }

    /** Looks after every table in turn; a table that cannot be looked after is named in the log and the others go on. */
    public List<Done> all() {
        List<Done> done = new ArrayList<>();
        for (TableName name : lake.names()) {
            if (Thread.currentThread().isInterrupted()) {
                break;
            }
            try {
                Done one = table(name);
                if (!one.isNothing()) {
                    done.add(one);
                }
            } catch (RuntimeException e) {
                System.getLogger(Upkeep.class.getName())
                        .log(System.Logger.Level.WARNING, "Table " + name + " is looked after later", e);
            }
        }
        return done;
    }

    /** Looks after the tables that many have changed since the last look, as far as their newest files and snapshots go. */
    public List<Done> busy() {
        List<Done> done = new ArrayList<>();
        for (TableName name : lake.grownBy(SMALL_FILES)) {
            try {
                List<DataFile> fresh = LiveFiles.of(
                                lake.table(name), lake.table(name).currentSnapshot(), Expressions.alwaysTrue())
                        .all()
                        .filter(file -> file.fileSizeInBytes() < FRESH_BYTES)
                        .toList();
                int written = fresh.size() > SMALL_FILES ? rewrite(name, fresh) : 0;
                done.add(new Done(name, written == 0 ? 0 : fresh.size(), written, expire(name, MANY_ENDING), 0));
            } catch (RuntimeException e) {
                System.getLogger(Upkeep.class.getName())
                        .log(System.Logger.Level.WARNING, "Table " + name + " is looked after later", e);
            }
        }
        return done;
    }

    /** Looks after one table. */
    public Done table(TableName name) {
        int rewritten = 0;
        int written = 0;
        try {
            for (List<DataFile> group = next(name); !group.isEmpty(); group = next(name)) {
                written += rewrite(name, group);
                rewritten += group.size();
            }
        } catch (LakeException e) {
            if (e.kind() != LakeException.Kind.NO_SPACE) {
                throw e;
            }
            // What follows makes room.
        }
        return new Done(name, rewritten, written, expire(name, 1), sweep(name));
    }

    /** The files to be written anew together; none when the table is as it should be. */
    private List<DataFile> next(TableName name) {
        Table table = lake.table(name);
        SortOrder order = table.sortOrder();
        LiveFiles files = LiveFiles.of(table, table.currentSnapshot(), Expressions.alwaysTrue());
        List<DataFile> worn = files.partial().stream()
                .filter(each -> each.deletes().recordCount() * DELETED_ONE_IN
                        > each.file().recordCount())
                .map(LiveFiles.Partial::file)
                .collect(Collectors.toCollection(ArrayList::new));
        Set<String> known = worn.stream().map(DataFile::location).collect(Collectors.toSet());
        files.all()
                .filter(file -> file.fileSizeInBytes() >= SMALL_BYTES && !isSorted(file, order))
                .filter(file -> known.add(file.location()))
                .forEach(worn::add);
        List<DataFile> small = files.all()
                .filter(file -> file.fileSizeInBytes() < SMALL_BYTES && !known.contains(file.location()))
                .toList();
        if (small.size() > SMALL_FILES || !worn.isEmpty()) {
            worn.addAll(small);
        }
        if (worn.isEmpty() && order.isSorted()) {
            List<DataFile> runs = files.all()
                    .filter(file -> file.fileSizeInBytes() >= SMALL_BYTES && file.fileSizeInBytes() < GROUP_BYTES)
                    .toList();
            return runs.size() < RUNS ? List.of() : upTo(RUN_BYTES, runs);
        }
        return upTo(GROUP_BYTES, worn);
    }

    private static boolean isSorted(DataFile file, SortOrder order) {
        Integer by = file.sortOrderId();
        return order.isUnsorted() || (by != null && by == order.orderId());
    }

    /** The smallest first, as many as have the size together, but one at least. */
    private static List<DataFile> upTo(long most, List<DataFile> files) {
        List<DataFile> group = new ArrayList<>();
        long bytes = 0;
        for (DataFile file : files.stream()
                .sorted(Comparator.comparingLong(DataFile::fileSizeInBytes))
                .toList()) {
            bytes += file.fileSizeInBytes();
            if (!group.isEmpty() && bytes > most) {
                break;
            }
            group.add(file);
        }
        return group;
    }

    /**
     * Writes the live rows of some files into one, proves it, and puts it in their place. A sorted table only grows, so its writers need
     * not wait for that; others' turn comes afterwards.
     */
    private int rewrite(TableName name, List<DataFile> group) {
        Set<String> chosen = group.stream().map(DataFile::location).collect(Collectors.toSet());
        boolean sorted = lake.table(name).sortOrder().isSorted();
        try (Lake.Turn whole = sorted ? () -> {} : lake.turn(name);
                Connection connection = sorted ? lake.aside() : lake.engine().connect()) {
            Table table = lake.table(name);
            Snapshot base = requireNonNull(table.currentSnapshot(), "a table with files has a snapshot");
            LiveFiles files =
                    LiveFiles.of(table, base, Expressions.alwaysTrue()).only(chosen);
            files.loadDeletes(connection);
            String rows = Scan.relation(table.schema(), files);
            try (NewFile written = new NewFile(lake, table, table.schema())) {
                DataFile file = written.write(connection, "FROM " + rows + orderBy(table), table.sortOrder());
                if (file != null) {
                    Sums before = Sums.of(connection, rows, table.schema());
                    Sums after = Sums.of(
                            connection,
                            "read_parquet(" + Sql.text(written.path().toString()) + ")",
                            table.schema());
                    if (!before.equals(after)) {
                        throw new LakeException(
                                LakeException.Kind.PROOF_FAILED, name + " does not read back as it was rewritten");
                    }
                }
                try (Lake.Turn turn = lake.turn(name)) {
                    table.refresh();
                    RewriteFiles rewrite = table.newRewrite()
                            .scanManifestsWith(Inline.EXECUTOR)
                            .validateFromSnapshot(base.snapshotId());
                    files.all().forEach(rewrite::deleteFile);
                    files.partial().forEach(each -> rewrite.deleteFile(each.deletes()));
                    if (file != null) {
                        rewrite.addFile(file);
                    }
                    // Of the newest, not of the base: what has come since says how far the table is.
                    requireNonNull(table.currentSnapshot(), "a table keeps a snapshot")
                            .summary()
                            .forEach((key, value) -> {
                                if (key.startsWith("qiantang.")) {
                                    rewrite.set(key, value);
                                }
                            });
                    rewrite.commit();
                } catch (RuntimeException e) {
                    if (Lake.mayBeCommitted(e)) {
                        written.keep();
                    }
                    throw e;
                }
                written.keep();
                return file == null ? 0 : 1;
            }
        } catch (SQLException e) {
            throw Lake.failure("Cannot rewrite " + name, e);
        }
    }

    private static String orderBy(Table table) {
        return table.sortOrder().isUnsorted()
                ? ""
                : " ORDER BY "
                        + table.sortOrder().fields().stream()
                                .map(field ->
                                        Sql.name(table.schema().findColumnName(field.sourceId())) + " ASC NULLS LAST")
                                .collect(Collectors.joining(", "));
    }

    /**
     * Ends the snapshots of a table that the policy has no place for; returns how many.
     *
     * @param least how many must be ending to be worth looking through the others' files
     */
    int expire(TableName name, int least) {
        try (Lake.Turn turn = lake.turn(name)) {
            Table table = lake.table(name);
            Set<Long> ending = ending(table, Instant.now());
            ending.removeIf(snapshot -> lake.isHeld(name, snapshot));
            if (ending.size() < least) {
                return 0;
            }
            ExpireSnapshots expire = table.expireSnapshots().cleanExpiredFiles(true);
            ending.forEach(expire::expireSnapshotId);
            expire.commit();
            return ending.size();
        }
    }

    /** The snapshots that the policy has no place for any more. */
    Set<Long> ending(Table table, Instant now) {
        List<Snapshot> newestFirst = StreamSupport.stream(table.snapshots().spliterator(), false)
                .sorted(Comparator.comparingLong(Snapshot::sequenceNumber).reversed())
                .toList();
        Snapshot ours = Lake.ours(table);
        long newestOfOurs = ours == null ? -1 : ours.snapshotId();
        // Whoever is told of changes goes on from one of these.
        Set<Long> kept = Feeding.kept(table);
        Set<Long> ending = new LinkedHashSet<>();
        Map<Step, Long> last = new HashMap<>();
        for (int i = 0; i < newestFirst.size(); i++) {
            Snapshot snapshot = newestFirst.get(i);
            Duration age = Duration.between(Instant.ofEpochMilli(snapshot.timestampMillis()), now);
            boolean isOver = age.compareTo(policy.history) > 0;
            Step step = null;
            for (Step each : STEPS) {
                step = age.compareTo(each.age) > 0 ? each : step;
            }
            // The newest of each span stays, and stays when the spans grow longer, for each is whole in one of the
            // longer ones.
            boolean isNewestOfSpan = true;
            if (step != null) {
                long span = Math.floorDiv(snapshot.timestampMillis(), step.one.toMillis());
                isNewestOfSpan = !Objects.equals(last.put(step, span), span);
            }
            if (i >= policy.leastSnapshots
                    && (isOver || !isNewestOfSpan)
                    && snapshot.snapshotId() != newestOfOurs
                    && !kept.contains(snapshot.snapshotId())) {
                ending.add(snapshot.snapshotId());
            }
        }
        return ending;
    }

    /** Removes what a crash has left behind: files of the table's folder that no snapshot knows. */
    private int sweep(TableName name) {
        Path folder = LocalFileIO.path(lake.table(name).location());
        Instant limit = Instant.now().minus(policy.orphanAge);
        try {
            List<Path> old = new ArrayList<>();
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : (Iterable<Path>) files::iterator) {
                    if (Files.isRegularFile(file)
                            && Files.getLastModifiedTime(file).toInstant().isBefore(limit)) {
                        old.add(file);
                    }
                }
            }
            if (old.isEmpty()) {
                return 0;
            }
            // Loaded after the folder was listed: what has been committed since is known.
            Set<Path> reachable = reachable(lake.table(name));
            old.removeIf(reachable::contains);
            old.forEach(lake::discard);
            return old.size();
        } catch (IOException e) {
            throw new LakeException(LakeException.Kind.STORAGE, "Cannot look through " + folder, e);
        }
    }

    private static Set<Path> reachable(Table table) throws IOException {
        Set<Path> reachable = new HashSet<>();
        ReachableFileUtil.metadataFileLocations(table, false)
                .forEach(location -> reachable.add(LocalFileIO.path(location)));
        ReachableFileUtil.manifestListLocations(table).forEach(location -> reachable.add(LocalFileIO.path(location)));
        for (Snapshot snapshot : table.snapshots()) {
            for (ManifestFile manifest : snapshot.allManifests(table.io())) {
                if (!reachable.add(LocalFileIO.path(manifest.path()))) {
                    continue;
                }
                try (ManifestReader<? extends ContentFile<?>> entries = manifest.content() == ManifestContent.DATA
                        ? ManifestFiles.read(manifest, table.io(), table.specs())
                        : ManifestFiles.readDeleteManifest(manifest, table.io(), table.specs())) {
                    for (ContentFile<?> file : entries) {
                        reachable.add(LocalFileIO.path(file.location()));
                    }
                }
            }
        }
        return reachable;
    }
}

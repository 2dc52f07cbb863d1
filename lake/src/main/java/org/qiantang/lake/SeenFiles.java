package org.qiantang.lake;

import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.expressions.Expressions;

/**
 * The files of the snapshots that were read last. A snapshot never changes, and to find its files anew costs a small read more than the
 * read itself. Bounded by the number of files. Thread-safe.
 */
final class SeenFiles {
    private static final int MOST_FILES = 20_000;

    /** A snapshot's number is made by chance; the folder says of which table it is all the same. */
    private record Key(String table, long snapshot) {}

    private final Map<Key, LiveFiles> seen = new LinkedHashMap<>(16, 0.75f, true);
    private long files;

    LiveFiles of(Table table, Snapshot snapshot) {
        Key key = new Key(table.location(), snapshot.snapshotId());
        synchronized (this) {
            LiveFiles known = seen.get(key);
            if (known != null) {
                return known;
            }
        }
        LiveFiles found = LiveFiles.of(table, snapshot, Expressions.alwaysTrue());
        synchronized (this) {
            if (seen.putIfAbsent(key, found) == null) {
                files += found.count();
                for (var eldest = seen.entrySet().iterator(); files > MOST_FILES && eldest.hasNext(); ) {
                    files -= eldest.next().getValue().count();
                    eldest.remove();
                }
            }
        }
        return found;
    }
}

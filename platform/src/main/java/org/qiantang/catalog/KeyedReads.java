package org.qiantang.catalog;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ref.WeakReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.qiantang.org.Account;
import org.qiantang.org.EvidenceRecords;
import org.springframework.stereotype.Service;

/**
 * Answers that are known before they are asked for: the rows of a question by its keys, as a right shows them. The planner makes them, once
 * for all keys; there is no second one that could show something else.
 */
@Service
public final class KeyedReads {
    private static final long MOST_ROWS = 4_000_000;
    private static final long MOST_BYTES = 512L << 20;
    private static final long MOST_BYTES_TOGETHER = 1L << 30;

    private final LakeReader reader;
    private final Accesses accesses;
    private final Path folder;
    /** How large those are that may still be in memory, the oldest first. */
    private final ArrayDeque<Held> held = new ArrayDeque<>();

    private record Held(WeakReference<KeyedRows> rows, long bytes) {}

    KeyedReads(LakeReader reader, Accesses accesses, Extracts.Folder folder) {
        this.reader = reader;
        this.accesses = accesses;
        this.folder = folder.path().normalize();
        try {
            Files.createDirectories(
                    this.folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot use " + this.folder, e);
        }
    }

    /** Of what a key is, as far as equal values are equal texts to the engine. */
    public enum Kind {
        TEXT(Set.of("VARCHAR")),
        INTEGER(Set.of(
                "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT")),
        DATE(Set.of("DATE")),
        BOOLEAN(Set.of("BOOLEAN"));

        private final Set<String> types;

        Kind(Set<String> types) {
            this.types = types;
        }

        /** Whether a bound value is written as the engine writes it. */
        public boolean isPlain(String bound) {
            // The engine has other words for years outside of these.
            return this != DATE || bound.length() == 10 && !bound.startsWith("0000");
        }
    }

    /**
     * Looks through all answers of a question.
     *
     * @param asked under a grant, with nothing bound
     * @param service the version that is called
     * @param whole the same without its conditions, the columns of its keys behind its own
     * @param keys of what kind these are
     * @return empty where it is not one that can be answered so, or has more rows than are kept
     */
    public Optional<KeyedRead> look(
            Account who, String service, LakeReader.Asked asked, String whole, List<Kind> keys) {
        try (KeyedRows.Builder builder = new KeyedRows.Builder(folder, MOST_ROWS, Math.min(MOST_BYTES, room()))) {
            return reader.keyed(who, service, asked, whole, keys.size(), new Keeping(builder, keys));
        } catch (KeyedRows.TooLarge | NotByKey no) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException("Rows cannot be kept by key", e);
        }
    }

    private long room() {
        synchronized (held) {
            held.removeIf(each -> each.rows.get() == null);
            return MOST_BYTES_TOGETHER - held.stream().mapToLong(Held::bytes).sum();
        }
    }

    /**
     * Writes down, in the transaction of whoever calls, that these are handed out. They may be when that transaction has ended well and their
     * entries are on disk, and not before.
     */
    public List<EvidenceRecords.Underway> record(List<KeyedRead.Found> found) {
        return accesses.served(
                found.stream().map(each -> each.read().served(each)).toList());
    }

    /** A key of another kind than was thought. */
    private static final class NotByKey extends RuntimeException {
        private static final long serialVersionUID = 1;

        NotByKey() {
            super("Not a question by key", null, false, false);
        }
    }

    private final class Keeping implements LakeReader.Keeping {
        private final KeyedRows.Builder builder;
        private final List<Kind> keys;

        Keeping(KeyedRows.Builder builder, List<Kind> keys) {
            this.builder = builder;
            this.keys = keys;
        }

        @Override
        public void columns(List<ResultColumn> columns) {
            int first = columns.size() - keys.size();
            for (int i = 0; i < keys.size(); i++) {
                if (!keys.get(i).types.contains(columns.get(first + i).type())) {
                    throw new NotByKey();
                }
            }
        }

        @Override
        public void row(List<@Nullable String> values) {
            int fields = values.size() - keys.size();
            List<String> key = new ArrayList<>(keys.size());
            for (String value : values.subList(fields, values.size())) {
                if (value == null) {
                    // It equals nothing.
                    return;
                }
                key.add(value);
            }
            builder.add(key, values.subList(0, fields));
        }

        @Override
        public KeyedRows kept() throws IOException {
            KeyedRows rows = builder.build();
            synchronized (held) {
                held.add(new Held(new WeakReference<>(rows), rows.bytes()));
            }
            return rows;
        }
    }
}

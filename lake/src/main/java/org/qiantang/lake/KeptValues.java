package org.qiantang.lake;

import java.util.Arrays;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The different values of a column with the rows each stands in, while there are no more than {@link #MOST}; beyond, those whose hashes are
 * lowest, which are as good as drawn by lot and are the same whatever the order of the rows. What is among the lowest in the end was
 * so from its first row on, therefore each count is exact.
 */
final class KeptValues {
    static final int MOST = 256;

    private static final int SMALLEST = 64;

    private long[] hashes = new long[SMALLEST];
    private long[] counts = new long[SMALLEST];
    private @Nullable Object[] values = new Object[SMALLEST];
    private int size;
    /** What is above was left out; as an unsigned number. */
    private long highest = -1;

    /**
     * Takes rows in until something has to be left out for the first time, so that whoever needs all values sees them before.
     *
     * @param from the first row
     * @param value of a row; asked for once for each value that is kept
     * @return the row to go on with after {@link #leaveOut}; {@code rows} when all were taken
     */
    int add(long[] hashes, boolean[] nulls, boolean anyNull, int from, int rows, IntFunction<Object> value) {
        for (int row = from; row < rows; row++) {
            long hash = hashes[row];
            if (hash + Long.MIN_VALUE <= highest + Long.MIN_VALUE && !(anyNull && nulls[row])) {
                int slot = slot(hash);
                if (counts[slot]++ == 0) {
                    taken(slot, hash, value.apply(row));
                    if (isTooMany() && isWhole()) {
                        return row + 1;
                    }
                }
            }
        }
        return rows;
    }

    /** Whether something has to be left out. */
    boolean isTooMany() {
        return size > 2 * MOST;
    }

    void leaveOut() {
        cut();
    }

    void add(KeptValues other) {
        for (int i = 0; i < other.hashes.length; i++) {
            Object value = other.values[i];
            if (value != null && Long.compareUnsigned(other.hashes[i], highest) <= 0) {
                int slot = slot(other.hashes[i]);
                boolean isNew = counts[slot] == 0;
                counts[slot] += other.counts[i];
                if (isNew) {
                    taken(slot, other.hashes[i], value);
                }
            }
        }
        if (Long.compareUnsigned(other.highest, highest) < 0) {
            cut(other.highest, hashes.length);
        }
        if (isTooMany() && !isWhole()) {
            cut();
        }
    }

    /** Leaves what is to be kept in the end. */
    void settle() {
        if (size > MOST) {
            cut();
        }
    }

    /** Whether nothing was left out. */
    boolean isWhole() {
        return highest == -1;
    }

    int size() {
        return size;
    }

    interface Each {
        void accept(long hash, Object value, long rows);
    }

    void forEach(Each each) {
        for (int i = 0; i < values.length; i++) {
            Object value = values[i];
            if (value != null) {
                each.accept(hashes[i], value, counts[i]);
            }
        }
    }

    private int slot(long hash) {
        int mask = hashes.length - 1;
        int slot = (int) hash & mask;
        while (counts[slot] != 0 && hashes[slot] != hash) {
            slot = slot + 1 & mask;
        }
        return slot;
    }

    private void taken(int slot, long hash, Object value) {
        hashes[slot] = hash;
        values[slot] = value;
        size++;
        if (isTooMany() && !isWhole()) {
            cut();
        } else if (2 * size > hashes.length) {
            rebuild(2 * hashes.length);
        }
    }

    private void cut() {
        long[] sorted = new long[size];
        int n = 0;
        for (int i = 0; i < hashes.length; i++) {
            if (counts[i] != 0) {
                sorted[n++] = hashes[i] ^ Long.MIN_VALUE;
            }
        }
        Arrays.sort(sorted);
        cut(sorted[MOST - 1] ^ Long.MIN_VALUE, Math.min(hashes.length, 4 * MOST));
    }

    private void cut(long at, int length) {
        highest = at;
        rebuild(length);
    }

    private void rebuild(int length) {
        long[] formerHashes = hashes;
        long[] formerCounts = counts;
        @Nullable Object[] formerValues = values;
        hashes = new long[length];
        counts = new long[length];
        values = new Object[length];
        size = 0;
        for (int i = 0; i < formerHashes.length; i++) {
            if (formerCounts[i] != 0 && Long.compareUnsigned(formerHashes[i], highest) <= 0) {
                int slot = slot(formerHashes[i]);
                hashes[slot] = formerHashes[i];
                counts[slot] = formerCounts[i];
                values[slot] = formerValues[i];
                size++;
            }
        }
    }
}

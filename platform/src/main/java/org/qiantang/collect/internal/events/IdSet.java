package org.qiantang.collect.internal.events;

/** A set of 128-bit numbers in little memory; they are hashes already, so their own bits say where they go. */
final class IdSet {
    private long[] slots = new long[64];
    private int size;
    private boolean hasZero;

    /** Returns whether it was not there before. */
    boolean add(long most, long least) {
        if ((most | least) == 0) {
            boolean fresh = !hasZero;
            hasZero = true;
            return fresh;
        }
        if (4 * size >= slots.length) {
            grow();
        }
        boolean fresh = put(slots, most, least);
        if (fresh) {
            size++;
        }
        return fresh;
    }

    boolean contains(long most, long least) {
        if ((most | least) == 0) {
            return hasZero;
        }
        int mask = slots.length / 2 - 1;
        for (int i = (int) least & mask; true; i = (i + 1) & mask) {
            if (slots[2 * i] == most && slots[2 * i + 1] == least) {
                return true;
            }
            if ((slots[2 * i] | slots[2 * i + 1]) == 0) {
                return false;
            }
        }
    }

    int size() {
        return size + (hasZero ? 1 : 0);
    }

    private void grow() {
        long[] larger = new long[2 * slots.length];
        for (int i = 0; i < slots.length; i += 2) {
            if ((slots[i] | slots[i + 1]) != 0) {
                put(larger, slots[i], slots[i + 1]);
            }
        }
        slots = larger;
    }

    private static boolean put(long[] into, long most, long least) {
        int mask = into.length / 2 - 1;
        for (int i = (int) least & mask; true; i = (i + 1) & mask) {
            if (into[2 * i] == most && into[2 * i + 1] == least) {
                return false;
            }
            if ((into[2 * i] | into[2 * i + 1]) == 0) {
                into[2 * i] = most;
                into[2 * i + 1] = least;
                return true;
            }
        }
    }
}

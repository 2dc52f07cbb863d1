package org.qiantang.evidence;

import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The tree of RFC 9162, 2.1: what a proof is made of, and how one is checked. One thread at a time. */
final class Merkle {
    private final MessageDigest digest;

    Merkle(Suite suite) {
        digest = suite.digest();
    }

    byte[] leaf(byte[] entry) {
        digest.update((byte) 0);
        return digest.digest(entry);
    }

    byte[] node(byte[] left, byte[] right) {
        digest.update((byte) 1);
        digest.update(left);
        return digest.digest(right);
    }

    /** The right edge of a growing tree: all that is needed to go on, as many hashes as its size has binary digits. */
    final class Edge {
        private final byte[] @Nullable [] whole = new byte[Long.SIZE][];
        private long size;

        long size() {
            return size;
        }

        void add(byte[] leaf) {
            addSubtree(0, leaf);
        }

        /** @param level of a whole subtree; the tree so far must be a multiple of it */
        void addSubtree(int level, byte[] hash) {
            byte[] up = hash;
            int at = level;
            for (long digits = size >>> level; (digits & 1) == 1; digits >>>= 1) {
                byte[] joined = node(whole(at), up);
                whole[at++] = up;
                up = joined;
            }
            whole[at] = up;
            size += 1L << level;
        }

        /** The hash of the last whole subtree of a level. */
        byte[] whole(int level) {
            byte[] hash = whole[level];
            if (hash == null) {
                throw new IllegalStateException("No subtree of level " + level);
            }
            return hash;
        }

        byte[] root() {
            if (size == 0) {
                return digest.digest();
            }
            byte[] root = null;
            for (int level = 0; level < Long.SIZE; level++) {
                if ((size >>> level & 1) == 1) {
                    root = root == null ? whole(level) : node(whole(level), root);
                }
            }
            return java.util.Objects.requireNonNull(root, "a tree with leaves has a root");
        }
    }

    Edge edge() {
        return new Edge();
    }

    /** The hash over a range of entries, as if they were a tree of their own. */
    interface Ranges {
        byte[] hash(long from, long to) throws java.io.IOException;
    }

    static List<byte[]> inclusion(long index, long size, Ranges ranges) throws java.io.IOException {
        if (index < 0 || index >= size) {
            throw new IllegalArgumentException("No entry " + index + " among " + size);
        }
        List<byte[]> proof = new ArrayList<>();
        long from = 0;
        long to = size;
        while (to - from > 1) {
            long middle = from + Long.highestOneBit(to - from - 1);
            if (index < middle) {
                proof.add(ranges.hash(middle, to));
                to = middle;
            } else {
                proof.add(ranges.hash(from, middle));
                from = middle;
            }
        }
        return proof.reversed();
    }

    static List<byte[]> consistency(long earlier, long size, Ranges ranges) throws java.io.IOException {
        if (earlier < 0 || earlier > size) {
            throw new IllegalArgumentException("No earlier size " + earlier + " of " + size);
        }
        List<byte[]> proof = new ArrayList<>();
        if (earlier == 0 || earlier == size) {
            return proof;
        }
        long from = 0;
        long to = size;
        boolean known = true;
        long end = earlier;
        while (end != to) {
            long middle = from + Long.highestOneBit(to - from - 1);
            if (end <= middle) {
                proof.add(ranges.hash(middle, to));
                to = middle;
            } else {
                proof.add(ranges.hash(from, middle));
                from = middle;
                known = false;
            }
        }
        if (!known) {
            proof.add(ranges.hash(from, to));
        }
        return proof.reversed();
    }

    boolean includes(byte[] leaf, long index, long size, List<byte[]> proof, byte[] root) {
        if (index < 0 || index >= size) {
            return false;
        }
        long node = index;
        long last = size - 1;
        byte[] hash = leaf;
        for (byte[] sibling : proof) {
            if (last == 0) {
                return false;
            }
            if ((node & 1) == 1 || node == last) {
                hash = node(sibling, hash);
                while ((node & 1) == 0 && node != 0) {
                    node >>>= 1;
                    last >>>= 1;
                }
            } else {
                hash = node(hash, sibling);
            }
            node >>>= 1;
            last >>>= 1;
        }
        return last == 0 && Arrays.equals(hash, root);
    }

    boolean extend(long earlier, byte[] earlierRoot, long size, byte[] root, List<byte[]> proof) {
        if (earlier == 0) {
            return proof.isEmpty() && Arrays.equals(earlierRoot, edge().root());
        }
        if (earlier == size) {
            return proof.isEmpty() && Arrays.equals(earlierRoot, root);
        }
        if (earlier > size) {
            return false;
        }
        List<byte[]> path = new ArrayList<>(proof);
        if (Long.bitCount(earlier) == 1) {
            path.addFirst(earlierRoot);
        }
        if (path.isEmpty()) {
            return false;
        }
        long node = earlier - 1;
        long last = size - 1;
        while ((node & 1) == 1) {
            node >>>= 1;
            last >>>= 1;
        }
        byte[] first = path.getFirst();
        byte[] second = first;
        for (byte[] sibling : path.subList(1, path.size())) {
            if (last == 0) {
                return false;
            }
            if ((node & 1) == 1 || node == last) {
                first = node(sibling, first);
                second = node(sibling, second);
                while ((node & 1) == 0 && node != 0) {
                    node >>>= 1;
                    last >>>= 1;
                }
            } else {
                second = node(second, sibling);
            }
            node >>>= 1;
            last >>>= 1;
        }
        return last == 0 && Arrays.equals(first, earlierRoot) && Arrays.equals(second, root);
    }
}

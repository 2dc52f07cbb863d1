package org.qiantang.collect.internal.postgres;

/** Which rows of a relation a part holds. */
sealed interface Slice {
    /** Stands for the end of the table, wherever it is. */
    long OPEN = -1;

    long oid();

    String spec();

    /** Every row; of a partitioned table, those of its partitions. */
    record Whole(long oid) implements Slice {
        @Override
        public String spec() {
            return "" + oid;
        }
    }

    /** The rows on pages {@code from} to {@code to - 1}. */
    record Pages(long oid, long from, long to) implements Slice {
        @Override
        public String spec() {
            return oid + " " + from + " " + to;
        }
    }

    static Slice of(String spec) {
        String[] words = spec.split(" ", -1);
        return words.length == 1
                ? new Whole(Long.parseLong(words[0]))
                : new Pages(Long.parseLong(words[0]), Long.parseLong(words[1]), Long.parseLong(words[2]));
    }
}

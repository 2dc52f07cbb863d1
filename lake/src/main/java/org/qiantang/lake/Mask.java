package org.qiantang.lake;

/** How a column is shown to somebody who may not see it: compiled into the read itself, never applied afterwards. */
public sealed interface Mask {
    /** Nothing is shown: the value reads as null. */
    record Hide() implements Mask {}

    /**
     * The first and the last characters stay, each other one reads as {@code *}; a value too short to hide anything reads as stars only.
     *
     * @param head characters that stay at the beginning
     * @param tail characters that stay at the end
     */
    record KeepEnds(int head, int tail) implements Mask {
        public KeepEnds {
            if (head < 0 || tail < 0) {
                throw new IllegalArgumentException("head and tail count characters");
            }
        }
    }
}

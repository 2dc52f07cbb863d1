package org.qiantang.app.demo;

import java.nio.charset.StandardCharsets;

/**
 * Random numbers that depend on nothing but what they are for: each row of each table has its own, so that tables can be written in any
 * order, by any number of threads, and still come out the same byte by byte. SplitMix64.
 */
final class Dice {
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;

    private long state;

    Dice(long seed, long stream, long index) {
        state = mix(seed ^ mix(stream + GOLDEN * index));
    }

    /** The number of a stream, from its name. */
    static long stream(String name) {
        long hash = 0xCBF29CE484222325L;
        for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ (b & 0xFF)) * 0x100000001B3L;
        }
        return mix(hash);
    }

    private static long mix(long z) {
        long a = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        long b = (a ^ (a >>> 27)) * 0x94D049BB133111EBL;
        return b ^ (b >>> 31);
    }

    long next() {
        state += GOLDEN;
        return mix(state);
    }

    /** From 0 to bound - 1. */
    int below(int bound) {
        return (int) Math.multiplyHigh(next() >>> 1, (long) bound << 1);
    }

    /** From 0 to bound - 1. */
    long below(long bound) {
        return Math.floorMod(next(), bound);
    }

    /** Both ends included. */
    int between(int least, int most) {
        return least + below(most - least + 1);
    }

    /** True in so many of a thousand cases. */
    boolean perMille(int cases) {
        return below(1000) < cases;
    }

    /** From 0 up to but not including 1. */
    double unit() {
        return (next() >>> 11) * 0x1.0p-53;
    }

    /** Roughly normal, mean 0, deviation 1, never beyond 3.5. */
    double bell() {
        return (unit() + unit() + unit() + unit() - 2) * 1.7320508;
    }

    @SafeVarargs
    final <T> T pick(T... values) {
        return values[below(values.length)];
    }

    /** A text of so many random digits. */
    String digits(int length) {
        char[] digits = new char[length];
        for (int i = 0; i < length; i++) {
            digits[i] = (char) ('0' + below(10));
        }
        return new String(digits);
    }
}

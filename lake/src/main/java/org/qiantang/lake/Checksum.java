package org.qiantang.lake;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.math.BigInteger;
import java.nio.ByteOrder;

/**
 * The order-independent checksum of a column: the sum, modulo 2^128, of a 64-bit hash of each value that is not null.
 *
 * <p>The hash of a 64-bit value is two rounds of xor-shift by 32 and multiplication by 0xd6e8feb86659fd93; the hash of bytes
 * folds them in eight at a time (little endian) with the same multiplier, seeded by the length. Both are what DuckDB 2.0 computes
 * as {@code hash(x)}, which is how the lake's side is summed at the speed of a scan; a test holds the two together. A 128-bit
 * value hashes as the xor of its halves; floating point hashes by its bits, with one zero and one NaN.
 */
final class Checksum {
    private static final long MULTIPLIER = 0xd6e8feb86659fd93L;
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private long low;
    private long high;

    /** A sum that the engine has made. */
    static Checksum of(BigInteger sum) {
        Checksum checksum = new Checksum();
        checksum.low = sum.longValue();
        checksum.high = sum.shiftRight(64).longValue();
        return checksum;
    }

    static long hash(long value) {
        long x = value;
        x ^= x >>> 32;
        x *= MULTIPLIER;
        x ^= x >>> 32;
        x *= MULTIPLIER;
        x ^= x >>> 32;
        return x;
    }

    static long hash(long high, long low) {
        return hash(low) ^ hash(high);
    }

    static long hash(double value) {
        return hash(value == 0 ? 0 : Double.doubleToLongBits(value));
    }

    static long hash(byte[] bytes, int offset, int length) {
        long h = 0xe17a1465L ^ (length * 0xc6a4a7935bd1e995L);
        int at = offset;
        int end = offset + (length & ~7);
        for (; at < end; at += 8) {
            h ^= (long) LONGS.get(bytes, at);
            h *= MULTIPLIER;
        }
        int rest = length & 7;
        if (rest > 0) {
            long tail = 0;
            for (int i = rest - 1; i >= 0; i--) {
                tail = tail << 8 | (bytes[at + i] & 0xff);
            }
            h ^= tail;
            h *= MULTIPLIER;
        }
        return hash(h);
    }

    void add(long hash) {
        low += hash;
        if (Long.compareUnsigned(low, hash) < 0) {
            high++;
        }
    }

    void add(Checksum other) {
        add(other.low);
        high += other.high;
    }

    @Override
    public String toString() {
        return String.format("%016x%016x", high, low);
    }
}

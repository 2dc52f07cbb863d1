package org.qiantang.lake;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Lets tests of connectors look at what they put into a batch, without a lake behind it. */
public final class BatchCells {
    private BatchCells() {}

    public static Batch batch(List<Column> columns) {
        return new Batch(columns);
    }

    public static void clear(Batch batch) {
        batch.clear();
    }

    public static boolean isNull(Batch batch, int column, int row) {
        return batch.nulls[column][row];
    }

    /** What travels as a number; floating point as the bits of a double. */
    public static long number(Batch batch, int column, int row) {
        return batch.longs[column][row];
    }

    /** What travels as bytes: text, the digits of a large decimal, a UUID, the hexadecimal digits of binary. */
    public static @Nullable String text(Batch batch, int column, int row) {
        return new String(batch.bytes[column][row], StandardCharsets.UTF_8);
    }

    public static boolean isNumber(Batch batch, int column) {
        return batch.longs[column] != null;
    }
}

package org.qiantang.lake;

import static java.util.Objects.requireNonNull;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.sql.SQLException;
import java.util.Arrays;
import org.duckdb.DuckDBColumnType;
import org.duckdb.DuckDBLogicalType;
import org.duckdb.DuckDBWritableVector;
import org.jspecify.annotations.Nullable;

/**
 * Columns of a batch as the engine's vectors. Values are laid into the vector's memory as a whole, in the form the engine has
 * them anyway; the driver's setters take a lock for each value. The driver keeps that memory to itself, so its version is pinned and every
 * write is proven against what was handed over.
 */
final class Vectors {
    private static final MethodHandle MEMORY = part("data");
    private static final MethodHandle VALIDITY = part("validity");

    private Vectors() {}

    /** The type in which a column reaches the engine; {@link Types#fromVector} makes its own type of it. */
    static DuckDBLogicalType type(LakeType type) throws SQLException {
        return switch (type) {
            case LakeType.Bool ignored -> DuckDBLogicalType.of(DuckDBColumnType.BOOLEAN);
            case LakeType.Int32 ignored -> DuckDBLogicalType.of(DuckDBColumnType.INTEGER);
            case LakeType.Int64 ignored -> DuckDBLogicalType.of(DuckDBColumnType.BIGINT);
            case LakeType.Float32 ignored -> DuckDBLogicalType.of(DuckDBColumnType.FLOAT);
            case LakeType.Float64 ignored -> DuckDBLogicalType.of(DuckDBColumnType.DOUBLE);
            case LakeType.Decimal decimal ->
                decimal.precision() <= 18
                        ? DuckDBLogicalType.decimal(decimal.precision(), decimal.scale())
                        : DuckDBLogicalType.of(DuckDBColumnType.VARCHAR);
            case LakeType.Date ignored -> DuckDBLogicalType.of(DuckDBColumnType.DATE);
            // The driver does not let a function give times.
            case LakeType.Time ignored -> DuckDBLogicalType.of(DuckDBColumnType.BIGINT);
            case LakeType.Timestamp ignored -> DuckDBLogicalType.of(DuckDBColumnType.TIMESTAMP);
            case LakeType.TimestampTz ignored -> DuckDBLogicalType.of(DuckDBColumnType.TIMESTAMP_WITH_TIME_ZONE);
            case LakeType.Text ignored -> DuckDBLogicalType.of(DuckDBColumnType.VARCHAR);
            case LakeType.Uuid ignored -> DuckDBLogicalType.of(DuckDBColumnType.VARCHAR);
            case LakeType.Binary ignored -> DuckDBLogicalType.of(DuckDBColumnType.VARCHAR);
        };
    }

    /** Lays the first rows of a column into a fresh vector. */
    static void fill(DuckDBWritableVector vector, Batch batch, int column, int rows) throws SQLException {
        if (rows == 0) {
            return;
        }
        long[] values = batch.longs[column];
        switch (batch.columns.get(column).type()) {
            case LakeType.Bool ignored -> {
                ByteBuffer memory = memory(vector);
                for (int row = 0; row < rows; row++) {
                    memory.put(row, (byte) values[row]);
                }
            }
            case LakeType.Int32 ignored -> ints(vector, values, rows);
            case LakeType.Date ignored -> ints(vector, values, rows);
            case LakeType.Float32 ignored -> {
                int[] bits = new int[rows];
                for (int row = 0; row < rows; row++) {
                    bits[row] = Float.floatToRawIntBits((float) Double.longBitsToDouble(values[row]));
                }
                memory(vector).asIntBuffer().put(0, bits, 0, rows);
            }
            case LakeType.Int64 ignored -> longs(vector, values, rows);
            case LakeType.Float64 ignored -> longs(vector, values, rows);
            case LakeType.Time ignored -> longs(vector, values, rows);
            case LakeType.Timestamp ignored -> longs(vector, values, rows);
            case LakeType.TimestampTz ignored -> longs(vector, values, rows);
            case LakeType.Decimal decimal -> {
                if (decimal.precision() <= 4) {
                    short[] narrow = new short[rows];
                    for (int row = 0; row < rows; row++) {
                        narrow[row] = (short) values[row];
                    }
                    memory(vector).asShortBuffer().put(0, narrow, 0, rows);
                } else if (decimal.precision() <= 9) {
                    ints(vector, values, rows);
                } else if (decimal.precision() <= 18) {
                    longs(vector, values, rows);
                } else {
                    texts(vector, batch.texts[column], rows);
                }
            }
            case LakeType.Text ignored -> texts(vector, batch.texts[column], rows);
            case LakeType.Uuid ignored -> texts(vector, batch.texts[column], rows);
            case LakeType.Binary ignored -> texts(vector, batch.texts[column], rows);
        }
        validity(vector, batch, column, rows);
    }

    /** A bit per row says whether it has a value; a fresh vector has none. */
    private static void validity(DuckDBWritableVector vector, Batch batch, int column, int rows) {
        long[] words = new long[(rows + 63) / 64];
        Arrays.fill(words, -1L);
        if (batch.anyNull[column]) {
            boolean[] nulls = batch.nulls[column];
            for (int row = 0; row < rows; row++) {
                if (nulls[row]) {
                    words[row >> 6] &= ~(1L << row);
                }
            }
        }
        part(VALIDITY, vector).asLongBuffer().put(0, words, 0, words.length);
    }

    private static void ints(DuckDBWritableVector vector, long[] values, int rows) {
        int[] narrow = new int[rows];
        for (int row = 0; row < rows; row++) {
            narrow[row] = (int) values[row];
        }
        memory(vector).asIntBuffer().put(0, narrow, 0, rows);
    }

    private static void longs(DuckDBWritableVector vector, long[] values, int rows) {
        memory(vector).asLongBuffer().put(0, values, 0, rows);
    }

    private static void texts(DuckDBWritableVector vector, @Nullable Texts values, int rows) {
        requireNonNull(values, "the column is not held as bytes")
                .fill(memory(vector).asLongBuffer(), rows);
    }

    private static ByteBuffer memory(DuckDBWritableVector vector) {
        return part(MEMORY, vector);
    }

    private static MethodHandle part(String name) {
        try {
            return MethodHandles.privateLookupIn(DuckDBWritableVector.class, MethodHandles.lookup())
                    .findGetter(DuckDBWritableVector.class, name, ByteBuffer.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private static ByteBuffer part(MethodHandle part, DuckDBWritableVector vector) {
        try {
            return ((ByteBuffer) part.invokeExact(vector)).duplicate().order(ByteOrder.nativeOrder());
        } catch (Throwable e) {
            throw new IllegalStateException("The engine's vector has no memory", e);
        }
    }
}

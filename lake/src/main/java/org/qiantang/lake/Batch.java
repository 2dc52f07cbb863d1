package org.qiantang.lake;

import static java.util.Objects.requireNonNull;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Up to {@link #CAPACITY} rows of a table on their way into the lake, column by column. Every value set here is added to its
 * column's checksum, so the proof of a collection starts at the hand of the connector.
 *
 * <p>Not thread-safe. A cell is set once.
 */
public final class Batch implements AutoCloseable {
    /** Rows a batch can take. */
    public static final int CAPACITY = 2048;

    /** The date {@code infinity}; its negative is {@code -infinity}. */
    public static final int INFINITE_DATE = Integer.MAX_VALUE;

    private static final int SAMPLES = 256;
    private static final int SAMPLE_STRIDE = 997;
    private static final int SAMPLE_LENGTH = 512;
    /** Numbers and dates are kept as they are and written out only when somebody asks, so that they cost nothing while rows come in. */
    private static final int NUMBER_SAMPLES = 128;

    private static final int FIRST_NUMBERS = 96;
    private static final int LATER_NUMBERS = 2;

    final List<Column> columns;
    final long[][] longs;
    final @Nullable Texts[] texts;
    final boolean[][] nulls;
    final boolean[] anyNull;
    private final Checksum[] checksums;
    private final long[] nullCounts;
    private final List<Set<String>> samples;
    private final long[] textsSeen;
    private final long[][] numbers;
    private final int[] numbersKept;
    private final Sketch @Nullable [] sketches;
    /** What the sketches grow by: the hash of each value, and the size of the numbers that travel as text. */
    private final long[][] hashes;

    private final long[][] sizes;
    private long bytesHeld;

    Batch(List<Column> columns) {
        this(columns, false);
    }

    /** @param profiled whether it {@link #sketch sketches} the columns on the way */
    Batch(List<Column> columns, boolean profiled) {
        this.columns = columns;
        int n = columns.size();
        longs = new long[n][];
        texts = new Texts[n];
        nulls = new boolean[n][CAPACITY];
        anyNull = new boolean[n];
        checksums = new Checksum[n];
        nullCounts = new long[n];
        samples = new ArrayList<>(n);
        textsSeen = new long[n];
        numbers = new long[n][];
        numbersKept = new int[n];
        sketches = profiled ? new Sketch[n] : null;
        hashes = new long[n][];
        sizes = new long[n][];
        for (int i = 0; i < n; i++) {
            switch (Transport.of(columns.get(i).type())) {
                case LONG, DOUBLE -> {
                    longs[i] = new long[CAPACITY];
                    if (written(columns.get(i).type(), 0) != null) {
                        numbers[i] = new long[NUMBER_SAMPLES];
                    }
                }
                case BYTES -> texts[i] = new Texts();
            }
            checksums[i] = new Checksum();
            samples.add(new LinkedHashSet<>());
            if (sketches != null) {
                sketches[i] = new Sketch(columns.get(i).type());
                hashes[i] = new long[CAPACITY];
                if (texts[i] != null && columns.get(i).type() instanceof LakeType.Decimal) {
                    sizes[i] = new long[CAPACITY];
                }
            }
        }
    }

    public int capacity() {
        return CAPACITY;
    }

    public void setNull(int column, int row) {
        nulls[column][row] = true;
        anyNull[column] = true;
        nullCounts[column]++;
        Texts bytes = texts[column];
        if (bytes != null) {
            bytes.setNull(row);
        }
    }

    public void setBool(int column, int row, boolean value) {
        setLong(column, row, value ? 1 : 0);
    }

    /**
     * Sets an {@code Int32}, {@code Int64}, {@code Bool}, {@code Date} (days), {@code Time}, {@code Timestamp} or
     * {@code TimestampTz} (microseconds) value, or the unscaled value of a {@code Decimal} of at most 18 digits.
     */
    public void setLong(int column, int row, long value) {
        longs[column][row] = value;
        LakeType type = columns.get(column).type();
        took(column, row, type instanceof LakeType.Date ? Checksum.hash(value & 0xffffffffL) : Checksum.hash(value));
    }

    /** Sets a {@code Float32} or {@code Float64} value. */
    public void setDouble(int column, int row, double value) {
        longs[column][row] = Double.doubleToRawLongBits(value);
        took(column, row, Checksum.hash(value));
    }

    /** Sets the unscaled value of a {@code Decimal} of 19 to 38 digits. */
    public void setDecimal(int column, int row, BigInteger unscaled) {
        LakeType.Decimal type = (LakeType.Decimal) columns.get(column).type();
        if (unscaled.bitLength() > 127) {
            throw LakeException.doesNotFit(columns.get(column).name(), unscaled + " (128 bits are the limit)");
        }
        if (type.precision() <= 18) {
            setLong(column, row, unscaled.longValueExact());
            return;
        }
        String text = new BigDecimal(unscaled, type.scale()).toPlainString();
        ascii(column, row, text);
        if (samples.get(column).size() < NUMBER_SAMPLES) {
            samples.get(column).add(text);
        }
        took(column, row, Checksum.hash(unscaled.shiftRight(64).longValue(), unscaled.longValue()));
        long[] size = sizes[column];
        if (size != null) {
            size[row] = Double.doubleToRawLongBits(unscaled.doubleValue() / Math.pow(10, type.scale()));
        }
    }

    /** Sets a {@code Uuid} value by its two halves, as {@link java.util.UUID} has them. */
    public void setUuid(int column, int row, long most, long least) {
        ascii(column, row, new java.util.UUID(most, least).toString());
        took(column, row, Checksum.hash(most ^ Long.MIN_VALUE, least));
    }

    /** Sets a {@code Text} value of valid UTF-8. */
    public void setText(int column, int row, byte[] utf8) {
        setText(column, row, utf8, 0, utf8.length);
    }

    /** Sets a {@code Text} value that stands within other bytes; a copy is taken. */
    public void setText(int column, int row, byte[] utf8, int at, int length) {
        if (!text(column).set(row, utf8, at, length)) {
            throw LakeException.doesNotFit(columns.get(column).name(), length + " bytes that are not UTF-8");
        }
        bytesHeld += length;
        took(column, row, Checksum.hash(utf8, at, length));
        if (textsSeen[column]++ < SAMPLES || textsSeen[column] % SAMPLE_STRIDE == 0) {
            sample(column, utf8, at, length);
        }
    }

    public void setText(int column, int row, String value) {
        setText(column, row, value.getBytes(StandardCharsets.UTF_8));
    }

    /** Sets a {@code Binary} value. */
    public void setBinary(int column, int row, byte[] value) {
        took(column, row, Checksum.hash(value, 0, value.length));
        byte[] hex = new byte[value.length * 2];
        for (int i = 0; i < value.length; i++) {
            hex[2 * i] = (byte) Character.forDigit((value[i] >> 4) & 15, 16);
            hex[2 * i + 1] = (byte) Character.forDigit(value[i] & 15, 16);
        }
        text(column).set(row, hex, 0, hex.length);
        bytesHeld += hex.length;
    }

    private void took(int column, int row, long hash) {
        checksums[column].add(hash);
        long[] kept = hashes[column];
        if (kept != null) {
            kept[row] = hash;
        }
    }

    private void ascii(int column, int row, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        text(column).set(row, bytes, 0, bytes.length);
    }

    private Texts text(int column) {
        Texts bytes = texts[column];
        if (bytes == null) {
            throw new IllegalArgumentException(columns.get(column) + " is not held as bytes");
        }
        return bytes;
    }

    /** Bytes of the texts and binaries that it holds. */
    long bytesHeld() {
        return bytesHeld;
    }

    Checksum checksum(int column) {
        return checksums[column];
    }

    long nullCount(int column) {
        return nullCounts[column];
    }

    /** Some distinct values of a column; none where a value could not tell what the column holds. */
    Set<String> samples(int column) {
        Set<String> kept = samples.get(column);
        for (int i = 0; i < numbersKept[column]; i++) {
            kept.add(requireNonNull(written(columns.get(column).type(), numbers[column][i])));
        }
        return kept;
    }

    /** Keeps a few of the numbers and dates of the rows that it holds now. */
    void sampleNumbers(int rows) {
        for (int column = 0; column < numbers.length; column++) {
            long[] kept = numbers[column];
            int have = numbersKept[column];
            if (kept == null || have == NUMBER_SAMPLES || rows == 0) {
                continue;
            }
            int most = Math.min(NUMBER_SAMPLES, have == 0 ? FIRST_NUMBERS : have + LATER_NUMBERS);
            int step = Math.max(1, rows / (most - have));
            for (int row = 0; row < rows && have < most; row += step) {
                if (!nulls[column][row]) {
                    kept[have++] = longs[column][row];
                }
            }
            numbersKept[column] = have;
        }
    }

    /** Takes the rows that it holds now into the profiles. */
    void sketch(int rows) {
        Sketch[] growing = sketches;
        for (int column = 0; growing != null && column < growing.length; column++) {
            growing[column].add(
                    requireNonNull(hashes[column]),
                    sizes[column] != null ? sizes[column] : longs[column],
                    texts[column],
                    nulls[column],
                    anyNull[column],
                    rows);
        }
    }

    /** What was sketched of the columns; empty unless it was asked for. */
    List<Sketch> sketches() {
        return sketches == null ? List.of() : List.of(sketches);
    }

    /** A value as somebody would write it down; null of a type whose values could not tell what a column holds. */
    private static @Nullable String written(LakeType type, long value) {
        return switch (type) {
            case LakeType.Int32 ignored -> Long.toString(value);
            case LakeType.Int64 ignored -> Long.toString(value);
            case LakeType.Decimal decimal ->
                BigDecimal.valueOf(value, decimal.scale()).toPlainString();
            case LakeType.Float32 ignored -> plain(Double.longBitsToDouble(value));
            case LakeType.Float64 ignored -> plain(Double.longBitsToDouble(value));
            case LakeType.Date ignored -> LocalDate.ofEpochDay(value).toString();
            case LakeType.Timestamp ignored -> day(value);
            case LakeType.TimestampTz ignored -> day(value);
            case LakeType.Bool ignored -> null;
            case LakeType.Time ignored -> null;
            case LakeType.Text ignored -> null;
            case LakeType.Uuid ignored -> null;
            case LakeType.Binary ignored -> null;
        };
    }

    /** Without an exponent, for a number of eleven digits may be a telephone's. */
    private static String plain(double value) {
        return Double.isFinite(value)
                ? new BigDecimal(Double.toString(value)).stripTrailingZeros().toPlainString()
                : Double.toString(value);
    }

    /** The day of a moment; the hour tells nothing of what a column holds. */
    private static String day(long microseconds) {
        return LocalDate.ofEpochDay(Math.floorDiv(microseconds, 86_400_000_000L))
                .toString();
    }

    /** Makes the batch ready for the next rows; sums, counts and samples go on. */
    void clear() {
        bytesHeld = 0;
        for (int i = 0; i < anyNull.length; i++) {
            if (anyNull[i]) {
                java.util.Arrays.fill(nulls[i], false);
                anyNull[i] = false;
            }
            Texts bytes = texts[i];
            if (bytes != null) {
                bytes.clear();
            }
        }
    }

    /** Gives back the memory outside of the heap; the batch is not used again. */
    @Override
    public void close() {
        for (Texts each : texts) {
            if (each != null) {
                each.close();
            }
        }
    }

    private void sample(int column, byte[] utf8, int at, int length) {
        Set<String> values = samples.get(column);
        if (values.size() < 2 * SAMPLES) {
            values.add(new String(utf8, at, Math.min(length, SAMPLE_LENGTH), StandardCharsets.UTF_8));
        }
    }

    /** How a type travels to DuckDB. */
    enum Transport {
        LONG,
        DOUBLE,
        BYTES;

        static Transport of(LakeType type) {
            return switch (type) {
                case LakeType.Bool ignored -> LONG;
                case LakeType.Int32 ignored -> LONG;
                case LakeType.Int64 ignored -> LONG;
                case LakeType.Date ignored -> LONG;
                case LakeType.Time ignored -> LONG;
                case LakeType.Timestamp ignored -> LONG;
                case LakeType.TimestampTz ignored -> LONG;
                case LakeType.Float32 ignored -> DOUBLE;
                case LakeType.Float64 ignored -> DOUBLE;
                case LakeType.Decimal decimal -> decimal.precision() <= 18 ? LONG : BYTES;
                case LakeType.Text ignored -> BYTES;
                case LakeType.Uuid ignored -> BYTES;
                case LakeType.Binary ignored -> BYTES;
            };
        }
    }
}

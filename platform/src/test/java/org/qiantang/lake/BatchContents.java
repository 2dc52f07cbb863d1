package org.qiantang.lake;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Lets tests of connectors look at what they put into a batch, without a lake behind it. */
public final class BatchContents {
    private static final DateTimeFormatter SECONDS = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss");

    private final Batch batch;

    public BatchContents(List<Column> columns) {
        batch = new Batch(columns);
    }

    /** Reads the next rows and returns how many there are. */
    public int read(ChunkReader reader) throws Exception {
        batch.clear();
        return reader.read(batch);
    }

    public boolean isNull(int column, int row) {
        return batch.nulls[column][row];
    }

    /** The column's values travel as numbers, not as bytes. */
    public boolean isNumber(int column) {
        return batch.longs[column] != null;
    }

    /** A value that travels as a number; floating point as the bits of a double. */
    public long number(int column, int row) {
        return batch.longs[column][row];
    }

    /** A value that travels as bytes: text, the digits of a large decimal, a UUID, the hexadecimal digits of binary. */
    public String bytes(int column, int row) {
        return new String(java.util.Objects.requireNonNull(batch.texts[column]).get(row), StandardCharsets.UTF_8);
    }

    /** Any value as the text it stands for, null for null. */
    public @Nullable String text(int column, int row) {
        if (isNull(column, row)) {
            return null;
        }
        return switch (batch.columns.get(column).type()) {
            case LakeType.Bool ignored -> Boolean.toString(number(column, row) != 0);
            case LakeType.Int32 ignored -> Long.toString(number(column, row));
            case LakeType.Int64 ignored -> Long.toString(number(column, row));
            case LakeType.Date ignored ->
                LocalDate.ofEpochDay(number(column, row)).toString();
            case LakeType.Time ignored ->
                LocalTime.ofNanoOfDay(number(column, row) * 1000).toString();
            case LakeType.Timestamp ignored -> moment(number(column, row));
            case LakeType.TimestampTz ignored -> moment(number(column, row));
            case LakeType.Float32 ignored -> floating(number(column, row));
            case LakeType.Float64 ignored -> floating(number(column, row));
            case LakeType.Decimal decimal ->
                decimal.precision() <= 18
                        ? BigDecimal.valueOf(number(column, row), decimal.scale())
                                .toPlainString()
                        : bytes(column, row);
            case LakeType.Text ignored -> bytes(column, row);
            case LakeType.Uuid ignored -> bytes(column, row);
            case LakeType.Binary ignored -> bytes(column, row);
        };
    }

    private static String floating(long bits) {
        double value = Double.longBitsToDouble(bits);
        return Double.isFinite(value)
                ? new BigDecimal(Double.toString(value)).stripTrailingZeros().toPlainString()
                : Double.toString(value);
    }

    private static String moment(long micros) {
        return SECONDS.format(LocalDateTime.ofEpochSecond(
                Math.floorDiv(micros, 1_000_000L), (int) Math.floorMod(micros, 1_000_000L) * 1000, ZoneOffset.UTC));
    }
}

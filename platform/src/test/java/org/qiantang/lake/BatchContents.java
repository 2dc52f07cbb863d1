package org.qiantang.lake;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Lets tests of connectors see what they put into a batch, as text. */
public final class BatchContents {
    private static final DateTimeFormatter SECONDS = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss");

    private final Batch batch;

    public BatchContents(List<Column> columns) {
        batch = new Batch(columns);
    }

    /** Reads a whole chunk; each value as the text it stands for, null for null. */
    public static List<List<@Nullable String>> readAll(List<Column> columns, ChunkReader reader) throws Exception {
        BatchContents contents = new BatchContents(columns);
        List<List<@Nullable String>> rows = new ArrayList<>();
        for (int n = contents.read(reader); n > 0; n = contents.read(reader)) {
            for (int row = 0; row < n; row++) {
                List<@Nullable String> values = new ArrayList<>();
                for (int column = 0; column < columns.size(); column++) {
                    values.add(contents.text(column, row));
                }
                rows.add(values);
            }
        }
        return rows;
    }

    /** Reads the next rows and returns how many there are. */
    public int read(ChunkReader reader) throws Exception {
        batch.clear();
        return reader.read(batch);
    }

    public String checksum(int column) {
        return batch.checksum(column).toString();
    }

    public @Nullable String text(int column, int row) {
        if (batch.nulls[column][row]) {
            return null;
        }
        return switch (batch.columns.get(column).type()) {
            case LakeType.Bool ignored -> Boolean.toString(batch.longs[column][row] != 0);
            case LakeType.Int32 ignored -> Long.toString(batch.longs[column][row]);
            case LakeType.Int64 ignored -> Long.toString(batch.longs[column][row]);
            case LakeType.Date ignored ->
                LocalDate.ofEpochDay(batch.longs[column][row]).toString();
            case LakeType.Time ignored ->
                LocalTime.ofNanoOfDay(batch.longs[column][row] * 1000).toString();
            case LakeType.Timestamp ignored -> moment(batch.longs[column][row]);
            case LakeType.TimestampTz ignored -> moment(batch.longs[column][row]);
            case LakeType.Float32 ignored -> number(batch.longs[column][row]);
            case LakeType.Float64 ignored -> number(batch.longs[column][row]);
            case LakeType.Decimal decimal ->
                decimal.precision() <= 18
                        ? BigDecimal.valueOf(batch.longs[column][row], decimal.scale())
                                .toPlainString()
                        : utf8(column, row);
            case LakeType.Text ignored -> utf8(column, row);
            case LakeType.Uuid ignored -> utf8(column, row);
            case LakeType.Binary ignored -> utf8(column, row);
        };
    }

    private String utf8(int column, int row) {
        return new String(batch.bytes[column][row], StandardCharsets.UTF_8);
    }

    private static String number(long bits) {
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

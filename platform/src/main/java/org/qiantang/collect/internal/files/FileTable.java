package org.qiantang.collect.internal.files;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import org.qiantang.collect.SourceObject.SourceColumn;
import org.qiantang.collect.internal.Connector.PartReader;
import org.qiantang.collect.internal.Connector.RejectedRow;
import org.qiantang.lake.Batch;
import org.qiantang.lake.LakeType;

/** One table in a file, understood, and ready to be read. */
sealed interface FileTable permits CsvTable, SheetTable, RecordTable, ParquetTable {
    /** Columns a table can have; a wider one would need more memory for a batch than the worker has. */
    int MOST_COLUMNS = 2_000;

    List<SourceColumn> columns();

    /** What was found out about it, for people to see. */
    Map<String, String> details();

    /** Rows it has, rejected ones included. */
    long rows();

    /** Reads it in the types of {@code asked}, which may be wider than {@link #columns()}. */
    PartReader open(List<SourceColumn> asked, Consumer<RejectedRow> rejects) throws IOException;

    /** The columns with their types, as far as a person would read on. */
    static String types(List<SourceColumn> columns) {
        StringBuilder types = new StringBuilder();
        for (SourceColumn column : columns) {
            if (types.length() >= 2_000) {
                break;
            }
            types.append(types.isEmpty() ? "" : ", ")
                    .append(column.column().name())
                    .append(' ')
                    .append(typeName(column.column().type()));
        }
        return types.toString();
    }

    static String typeName(LakeType type) {
        return type instanceof LakeType.Decimal decimal
                ? "DECIMAL(" + decimal.precision() + "," + decimal.scale() + ")"
                : type.getClass().getSimpleName().toUpperCase(Locale.ROOT);
    }

    /** Sets a text as the value of its column's type. */
    static void setTyped(Batch batch, int c, int row, LakeType type, byte[] b, FileBytes file) {
        int end = b.length;
        long value = switch (type) {
            case LakeType.Date ignored -> Values.date(b, 0, end);
            case LakeType.Timestamp ignored -> Values.timestamp(b, 0, end);
            case LakeType.Bool ignored -> Values.isTrue(b, 0, end) ? 1 : Values.isFalse(b, 0, end) ? 0 : Values.NONE;
            case LakeType.Decimal decimal when decimal.precision() > 18 -> 0;
            default -> Values.unscaled(b, 0, end);
        };
        if (value == Values.NONE) {
            throw file.changed("it holds a value that was not there when the types were found");
        }
        switch (type) {
            case LakeType.Float64 ignored -> batch.setDouble(c, row, Values.toDouble(b, 0, end));
            case LakeType.Decimal decimal
            when decimal.precision() > 18 -> batch.setDecimal(c, row, Values.bigUnscaled(b, 0, end));
            default -> batch.setLong(c, row, value);
        }
    }
}

package org.qiantang.lake;

import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types.BinaryType;
import org.apache.iceberg.types.Types.BooleanType;
import org.apache.iceberg.types.Types.DateType;
import org.apache.iceberg.types.Types.DecimalType;
import org.apache.iceberg.types.Types.DoubleType;
import org.apache.iceberg.types.Types.FloatType;
import org.apache.iceberg.types.Types.IntegerType;
import org.apache.iceberg.types.Types.LongType;
import org.apache.iceberg.types.Types.StringType;
import org.apache.iceberg.types.Types.TimeType;
import org.apache.iceberg.types.Types.TimestampType;
import org.apache.iceberg.types.Types.UUIDType;

/** One type in three languages: ours, Iceberg's and DuckDB's. */
final class Types {
    private Types() {}

    static Type iceberg(LakeType type) {
        return switch (type) {
            case LakeType.Bool ignored -> BooleanType.get();
            case LakeType.Int32 ignored -> IntegerType.get();
            case LakeType.Int64 ignored -> LongType.get();
            case LakeType.Float32 ignored -> FloatType.get();
            case LakeType.Float64 ignored -> DoubleType.get();
            case LakeType.Decimal d -> DecimalType.of(d.precision(), d.scale());
            case LakeType.Date ignored -> DateType.get();
            case LakeType.Time ignored -> TimeType.get();
            case LakeType.Timestamp ignored -> TimestampType.withoutZone();
            case LakeType.TimestampTz ignored -> TimestampType.withZone();
            case LakeType.Text ignored -> StringType.get();
            case LakeType.Uuid ignored -> UUIDType.get();
            case LakeType.Binary ignored -> BinaryType.get();
        };
    }

    /** The type that a column of a lake table was made from. */
    static LakeType lake(Type type) {
        return switch (type.typeId()) {
            case BOOLEAN -> LakeType.BOOL;
            case INTEGER -> LakeType.INT32;
            case LONG -> LakeType.INT64;
            case FLOAT -> LakeType.FLOAT32;
            case DOUBLE -> LakeType.FLOAT64;
            case DECIMAL -> LakeType.decimal(((DecimalType) type).precision(), ((DecimalType) type).scale());
            case DATE -> LakeType.DATE;
            case TIME -> LakeType.TIME;
            case TIMESTAMP -> ((TimestampType) type).shouldAdjustToUTC() ? LakeType.TIMESTAMP_TZ : LakeType.TIMESTAMP;
            case STRING -> LakeType.TEXT;
            case UUID -> LakeType.UUID;
            case BINARY, FIXED -> LakeType.BINARY;
            default -> throw new LakeException(LakeException.Kind.STORAGE, "A type the lake does not read: " + type);
        };
    }

    static String duckdb(Type type) {
        return switch (type.typeId()) {
            case BOOLEAN -> "BOOLEAN";
            case INTEGER -> "INTEGER";
            case LONG -> "BIGINT";
            case FLOAT -> "FLOAT";
            case DOUBLE -> "DOUBLE";
            case DECIMAL -> {
                DecimalType decimal = (DecimalType) type;
                yield "DECIMAL(" + decimal.precision() + "," + decimal.scale() + ")";
            }
            case DATE -> "DATE";
            case TIME -> "TIME";
            case TIMESTAMP -> ((TimestampType) type).shouldAdjustToUTC() ? "TIMESTAMPTZ" : "TIMESTAMP";
            case STRING -> "VARCHAR";
            case UUID -> "UUID";
            case BINARY, FIXED -> "BLOB";
            default -> throw new LakeException(LakeException.Kind.STORAGE, "A type the lake does not read: " + type);
        };
    }

    /** The type a column travels in from Java to DuckDB. */
    static String transport(LakeType type) {
        return switch (Batch.Transport.of(type)) {
            case LONG -> "BIGINT";
            case DOUBLE -> "DOUBLE";
            case BYTES -> "VARCHAR";
        };
    }

    /** Turns the travelling form, the expression {@code value}, into the type itself. */
    static String fromTransport(LakeType type, String value) {
        return switch (type) {
            case LakeType.Bool ignored -> value + "::BOOLEAN";
            case LakeType.Int32 ignored -> value + "::INTEGER";
            case LakeType.Int64 ignored -> value;
            case LakeType.Float32 ignored -> value + "::FLOAT";
            case LakeType.Float64 ignored -> value;
            case LakeType.Decimal d -> {
                if (d.precision() > 18) {
                    yield value + "::DECIMAL(" + d.precision() + "," + d.scale() + ")";
                }
                if (d.scale() == 0) {
                    yield value + "::DECIMAL(" + d.precision() + ",0)";
                }
                String unit = "0." + "0".repeat(d.scale() - 1) + "1";
                yield "(" + value + "::DECIMAL(" + d.precision() + ",0) * " + unit + "::DECIMAL(" + d.scale() + ","
                        + d.scale() + "))::DECIMAL(" + d.precision() + "," + d.scale() + ")";
            }
            case LakeType.Date ignored ->
                "CASE " + value + " WHEN " + Batch.INFINITE_DATE + " THEN DATE 'infinity' WHEN -" + Batch.INFINITE_DATE
                        + " THEN DATE '-infinity' ELSE DATE '1970-01-01' + " + value + "::INTEGER END";
            case LakeType.Time ignored -> "TIME '00:00:00' + to_microseconds(" + value + ")";
            case LakeType.Timestamp ignored -> instant(value, "TIMESTAMP", "make_timestamp");
            case LakeType.TimestampTz ignored -> instant(value, "TIMESTAMPTZ", "make_timestamptz");
            case LakeType.Text ignored -> value;
            case LakeType.Uuid ignored -> value + "::UUID";
            case LakeType.Binary ignored -> "unhex(" + value + ")";
        };
    }

    private static String instant(String value, String type, String make) {
        return "CASE " + value + " WHEN " + Long.MAX_VALUE + " THEN " + type + " 'infinity' WHEN -" + Long.MAX_VALUE
                + " THEN " + type + " '-infinity' ELSE " + make + "(" + value + ") END";
    }

    /** The 64-bit hash of a column, as {@link Checksum} has it. */
    static String hash(LakeType type, String column) {
        return switch (type) {
            case LakeType.Bool ignored -> "hash(" + column + "::BIGINT)";
            case LakeType.Int32 ignored -> "hash(" + column + "::BIGINT)";
            case LakeType.Float32 ignored -> "hash(" + column + "::DOUBLE)";
            case LakeType.Decimal d when d.precision() <= 18 -> "hash(" + column + "::DECIMAL(18," + d.scale() + "))";
            default -> "hash(" + column + ")";
        };
    }
}

package org.qiantang.lake;

import java.util.Locale;
import java.util.Optional;
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

    /** The type of the engine's that holds each of its values; empty when there is none. */
    static Optional<LakeType> ofEngine(String type) {
        if (type.startsWith("DECIMAL(") && type.endsWith(")")) {
            return Optional.of(LakeType.of(type.toLowerCase(Locale.ROOT)));
        }
        return switch (type) {
            case "BOOLEAN" -> Optional.of(LakeType.BOOL);
            case "TINYINT", "SMALLINT", "INTEGER", "UTINYINT", "USMALLINT" -> Optional.of(LakeType.INT32);
            case "BIGINT", "UINTEGER" -> Optional.of(LakeType.INT64);
            case "UBIGINT" -> Optional.of(LakeType.decimal(20, 0));
            case "FLOAT" -> Optional.of(LakeType.FLOAT32);
            case "DOUBLE" -> Optional.of(LakeType.FLOAT64);
            case "DATE" -> Optional.of(LakeType.DATE);
            case "TIME" -> Optional.of(LakeType.TIME);
            case "TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS" -> Optional.of(LakeType.TIMESTAMP);
            case "TIMESTAMP WITH TIME ZONE" -> Optional.of(LakeType.TIMESTAMP_TZ);
            case "VARCHAR" -> Optional.of(LakeType.TEXT);
            case "BLOB" -> Optional.of(LakeType.BINARY);
            case "UUID" -> Optional.of(LakeType.UUID);
            default -> Optional.empty();
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

    static String trino(Type type) {
        return switch (type.typeId()) {
            case BOOLEAN -> "boolean";
            case INTEGER -> "integer";
            case LONG -> "bigint";
            case FLOAT -> "real";
            case DOUBLE -> "double";
            case DECIMAL -> {
                DecimalType decimal = (DecimalType) type;
                yield "decimal(" + decimal.precision() + ", " + decimal.scale() + ")";
            }
            case DATE -> "date";
            case TIME -> "time(6)";
            case TIMESTAMP ->
                ((TimestampType) type).shouldAdjustToUTC() ? "timestamp(6) with time zone" : "timestamp(6)";
            case STRING -> "varchar";
            case UUID -> "uuid";
            case BINARY, FIXED -> "varbinary";
            default -> throw new LakeException(LakeException.Kind.STORAGE, "A type the lake does not read: " + type);
        };
    }

    /** Makes the type itself of the form in which a value reaches the engine, the expression {@code value}. */
    static String fromVector(LakeType type, String value) {
        return switch (type) {
            case LakeType.Decimal d
            when d.precision() > 18 -> value + "::DECIMAL(" + d.precision() + "," + d.scale() + ")";
            case LakeType.Time ignored -> "TIME '00:00:00' + to_microseconds(" + value + ")";
            case LakeType.Uuid ignored -> value + "::UUID";
            case LakeType.Binary ignored -> "unhex(" + value + ")";
            default -> value;
        };
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

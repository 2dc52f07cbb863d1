package org.qiantang.lake;

/**
 * The types a lake column can have. What a source has beyond them is kept as its exact text in a {@link Text} column whose
 * {@link Column#sourceType()} says what it was.
 */
public sealed interface LakeType {
    record Bool() implements LakeType {}

    /** 32-bit signed integer. */
    record Int32() implements LakeType {}

    /** 64-bit signed integer. */
    record Int64() implements LakeType {}

    record Float32() implements LakeType {}

    record Float64() implements LakeType {}

    /** Exact decimal of 1 to 38 digits, {@code 0 <= scale <= precision}. */
    record Decimal(int precision, int scale) implements LakeType {
        public Decimal {
            if (precision < 1 || precision > 38 || scale < 0 || scale > precision) {
                throw new IllegalArgumentException("No such decimal: (" + precision + "," + scale + ")");
            }
        }
    }

    /** Days since 1970-01-01; {@link Batch#INFINITE_DATE} and its negative are the infinities. */
    record Date() implements LakeType {}

    /** Microseconds since midnight, 0 to 86,399,999,999. */
    record Time() implements LakeType {}

    /** Microseconds since 1970-01-01T00:00 of no particular zone; ±{@link Long#MAX_VALUE} are the infinities. */
    record Timestamp() implements LakeType {}

    /** Microseconds since 1970-01-01T00:00Z; ±{@link Long#MAX_VALUE} are the infinities. */
    record TimestampTz() implements LakeType {}

    /** UTF-8 text. */
    record Text() implements LakeType {}

    record Uuid() implements LakeType {}

    record Binary() implements LakeType {}

    LakeType BOOL = new Bool();
    LakeType INT32 = new Int32();
    LakeType INT64 = new Int64();
    LakeType FLOAT32 = new Float32();
    LakeType FLOAT64 = new Float64();
    LakeType DATE = new Date();
    LakeType TIME = new Time();
    LakeType TIMESTAMP = new Timestamp();
    LakeType TIMESTAMP_TZ = new TimestampTz();
    LakeType TEXT = new Text();
    LakeType UUID = new Uuid();
    LakeType BINARY = new Binary();

    static LakeType decimal(int precision, int scale) {
        return new Decimal(precision, scale);
    }

    /** The type's short name, as receipts and the catalogue write it: {@code long}, {@code decimal(12,2)}, {@code timestamptz}. */
    default String label() {
        return switch (this) {
            case Bool ignored -> "boolean";
            case Int32 ignored -> "int";
            case Int64 ignored -> "long";
            case Float32 ignored -> "float";
            case Float64 ignored -> "double";
            case Decimal decimal -> "decimal(" + decimal.precision + "," + decimal.scale + ")";
            case Date ignored -> "date";
            case Time ignored -> "time";
            case Timestamp ignored -> "timestamp";
            case TimestampTz ignored -> "timestamptz";
            case Text ignored -> "string";
            case Uuid ignored -> "uuid";
            case Binary ignored -> "binary";
        };
    }

    /** The type of a {@link #label()}. */
    static LakeType of(String label) {
        return switch (label) {
            case "boolean" -> BOOL;
            case "int" -> INT32;
            case "long" -> INT64;
            case "float" -> FLOAT32;
            case "double" -> FLOAT64;
            case "date" -> DATE;
            case "time" -> TIME;
            case "timestamp" -> TIMESTAMP;
            case "timestamptz" -> TIMESTAMP_TZ;
            case "string" -> TEXT;
            case "uuid" -> UUID;
            case "binary" -> BINARY;
            default -> {
                if (!label.matches("decimal\\(\\d{1,2},\\d{1,2}\\)")) {
                    throw new IllegalArgumentException("No such type: " + label);
                }
                int comma = label.indexOf(',');
                yield decimal(
                        Integer.parseInt(label.substring("decimal(".length(), comma)),
                        Integer.parseInt(label.substring(comma + 1, label.length() - 1)));
            }
        };
    }
}

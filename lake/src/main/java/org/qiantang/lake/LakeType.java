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
}

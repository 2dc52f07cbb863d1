package org.qiantang.collect.internal.postgres;

import org.qiantang.lake.LakeType;

/** How a value comes over the wire in binary COPY, and so how it is decoded. */
enum Wire {
    BOOL,
    INT2,
    INT4,
    INT8,
    OID,
    FLOAT4,
    FLOAT8,
    NUMERIC,
    DATE,
    TIME,
    TIMESTAMP,
    UUID,
    BYTEA,
    /** Text as it stands, in the client's encoding, which is UTF-8. */
    TEXT,
    /** A version byte, then text. */
    JSONB,
    /** No native type of the lake holds it, or its text is its only lasting form: the server casts it to text. */
    CAST;

    private static final int NUMERIC_OID = 1700;
    private static final int HEADER = 4;

    /**
     * The wire of a type.
     *
     * @param type the type's OID, of a domain its base type's
     * @param kind {@code pg_type.typtype}
     */
    static Wire of(long type, char kind, int modifier) {
        if (kind == 'e') {
            return TEXT;
        }
        return switch (Math.toIntExact(Math.min(type, Integer.MAX_VALUE))) {
            case 16 -> BOOL;
            case 17 -> BYTEA;
            case 19, 25, 114, 1042, 1043 -> TEXT;
            case 20 -> INT8;
            case 21 -> INT2;
            case 23 -> INT4;
            case 26 -> OID;
            case 700 -> FLOAT4;
            case 701 -> FLOAT8;
            case 1082 -> DATE;
            case 1083 -> TIME;
            case 1114, 1184 -> TIMESTAMP;
            case NUMERIC_OID -> isDecimal(modifier) ? NUMERIC : CAST;
            case 2950 -> UUID;
            case 3802 -> JSONB;
            default -> CAST;
        };
    }

    /** What a value of the type becomes in the lake. */
    LakeType lakeType(long type, int modifier) {
        return switch (this) {
            case BOOL -> LakeType.BOOL;
            case INT2, INT4 -> LakeType.INT32;
            case INT8, OID -> LakeType.INT64;
            case FLOAT4 -> LakeType.FLOAT32;
            case FLOAT8 -> LakeType.FLOAT64;
            case NUMERIC -> LakeType.decimal(precision(modifier), scale(modifier));
            case DATE -> LakeType.DATE;
            case TIME -> LakeType.TIME;
            case TIMESTAMP -> type == 1184 ? LakeType.TIMESTAMP_TZ : LakeType.TIMESTAMP;
            case UUID -> LakeType.UUID;
            case BYTEA -> LakeType.BINARY;
            case TEXT, JSONB, CAST -> LakeType.TEXT;
        };
    }

    private static boolean isDecimal(int modifier) {
        return modifier >= HEADER
                && precision(modifier) <= 38
                && scale(modifier) >= 0
                && scale(modifier) <= precision(modifier);
    }

    private static int precision(int modifier) {
        return (modifier - HEADER) >> 16 & 0xffff;
    }

    /** Eleven bits with a sign since PostgreSQL 15; what older servers can say fits in as well. */
    private static int scale(int modifier) {
        return ((modifier - HEADER) & 0x7ff ^ 1024) - 1024;
    }
}

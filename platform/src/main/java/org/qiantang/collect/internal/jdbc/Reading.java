package org.qiantang.collect.internal.jdbc;

/** How a value is taken from a result set. */
enum Reading {
    BOOL,
    INTEGER,
    FLOAT,
    DOUBLE,
    /** A {@code BigDecimal}. */
    DECIMAL,
    /** The same from its digits in ASCII. */
    DECIMAL_DIGITS,
    DATE,
    /** {@code 2026-11-23} in ASCII. */
    DATE_DIGITS,
    TIME,
    /** {@code 23:59:59.999999} in ASCII. */
    TIME_DIGITS,
    TIMESTAMP,
    /** {@code 2026-11-23 23:59:59.999999} in ASCII. */
    TIMESTAMP_DIGITS,
    /** An {@code OffsetDateTime} whose offset is the session's and says nothing. */
    INSTANT,
    UUID,
    /** Its usual form in ASCII. */
    UUID_DIGITS,
    BYTES,
    /** Binary that comes in a stream. */
    BLOB,
    /** The driver's text. */
    STRING,
    /** Text whose bytes come as UTF-8. */
    UTF8,
    /** Text that comes in a stream. */
    CLOB,
    /** An SQL array, as JSON. */
    ARRAY,
    /** MySQL's geometry in hexadecimal: four bytes of SRID, then WKB. It becomes EWKB, or WKB where there is no SRID. */
    GEOMETRY,
    /** SQLite: a number, if that is what the value is. */
    OWN_INTEGER,
    OWN_DOUBLE,
    OWN_TEXT,
    OWN_BYTES,
    /** SQLite: the value's text whatever it is; bytes as {@code x'00ff'}. */
    OWN_ANY,
}

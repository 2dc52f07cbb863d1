package org.qiantang.bench;

/**
 * A column of a source's table, as far as a check of its copy must know it.
 *
 * @param sqlType the type PostgreSQL is given
 */
record Column(String name, Kind kind, String sqlType) {
    /** What there is to add up: the number, the day's number, or the number of characters. */
    enum Kind {
        NUMBER,
        DATE,
        TEXT
    }
}

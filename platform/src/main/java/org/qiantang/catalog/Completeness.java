package org.qiantang.catalog;

/** Whether the lake has all of a table, by the receipt of its latest collection. */
public enum Completeness {
    COMPLETE,
    INCOMPLETE,
    UNREADABLE,
    FAILED,
}

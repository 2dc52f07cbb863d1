package org.qiantang.collect;

/** The kinds of source system that can be collected. */
public enum SourceKind {
    POSTGRES,
    FOLDER,
    /** A department's HTTP interface that answers JSON. */
    API,
}

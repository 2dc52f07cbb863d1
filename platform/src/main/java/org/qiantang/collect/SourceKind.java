package org.qiantang.collect;

/** The kinds of source system that can be collected. */
public enum SourceKind {
    POSTGRES,
    /** Any other database with a JDBC driver. */
    DATABASE,
    FOLDER,
    EVENTS,
    SFTP,
    WEBDAV,
    S3,
}

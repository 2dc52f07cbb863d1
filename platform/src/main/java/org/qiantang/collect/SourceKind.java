package org.qiantang.collect;

/** The kinds of source system that can be collected. */
public enum SourceKind {
    POSTGRES,
    /** Any other database with a JDBC driver. */
    DATABASE,
    FOLDER,
    /** A department's HTTP interface that answers JSON. */
    API,
    EVENTS,
    SFTP,
    WEBDAV,
    S3,
    /** Another platform, which lists what it grants us and what it has sent. */
    PLATFORM,
    /** Tables of another installation that we are peers with, which tells us what changes in them. */
    PEER,
}

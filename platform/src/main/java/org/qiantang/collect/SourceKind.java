package org.qiantang.collect;

/** The kinds of source system that can be collected. */
public enum SourceKind {
    POSTGRES,
    FOLDER,
    SFTP,
    WEBDAV,
    S3,
}

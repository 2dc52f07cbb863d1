package org.qiantang.collect.internal.files;

import java.io.Closeable;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.qiantang.collect.internal.Connector.RejectedRow;

/** The records of a file, each a few values with a name, read one after the other; of any number only one is in memory. */
interface Records extends Closeable {
    /** What a value is. */
    enum Kind {
        NULL,
        BOOL,
        /** As JSON writes numbers. */
        NUMBER,
        TEXT,
        /** A text that may stand for something else, as where there are no types. */
        UNTYPED,
        /** Values within the value, as their exact text. */
        NESTED,
        /** A text that is none: it cannot be written in Unicode. */
        BROKEN,
    }

    /** Moves to the next record; false after the last. */
    boolean next() throws IOException;

    /** Why the record is no row; null when it is one. */
    @Nullable
    RejectedRow fault();

    /** Where the record is, for people. */
    String where();

    /** Whether the record is a single value without a name; it has then one field. */
    boolean isBare();

    int fields();

    String name(int field);

    /** Whether the field has this name, in UTF-8; false may only mean that it takes more to tell. */
    boolean isName(int field, byte[] utf8);

    Kind kind(int field);

    /** The value as text in UTF-8: of a text what it says, of anything else how it is written. */
    byte[] value(int field);

    /** The whole record as it is written. */
    byte[] raw();

    /** Bytes taken from the file so far; read by other threads. */
    long bytesRead();
}

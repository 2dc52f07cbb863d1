package org.qiantang.lake;

import static java.util.Objects.requireNonNull;

/** A refusal of the lake, with a stable kind that callers can turn into their own sentence. */
public final class LakeException extends RuntimeException {
    /** Why. */
    public enum Kind {
        /** The statement is not one that may run: not a query, or it uses what is not allowed. */
        NOT_ALLOWED,
        /** The statement cannot be understood. */
        BAD_STATEMENT,
        NO_SUCH_TABLE,
        NO_SUCH_SNAPSHOT,
        /** A value does not fit its column's type; {@link #column()} names it. */
        VALUE_DOES_NOT_FIT,
        /** What was written is not what was read. */
        PROOF_FAILED,
        OUT_OF_MEMORY,
        CANCELLED,
        /** A query ran longer than it may. */
        TOO_LONG,
        /** The lake worker is not there at the moment; the same call may be made again. */
        UNAVAILABLE,
        /** The disk has no room but for its reserve; the same call may be made again when there is some. */
        NO_SPACE,
        /** The disk did not write, read or force; what it was given counts as lost and has to be written anew. */
        DISK_FAILED,
        /** The catalogue failed, or the lake holds what nobody wrote. */
        STORAGE,
    }

    private final Kind kind;
    private final String column;
    private final int position;

    public LakeException(Kind kind, String message) {
        this(kind, "", -1, message, null);
    }

    public LakeException(Kind kind, String message, @org.jspecify.annotations.Nullable Throwable cause) {
        this(kind, "", -1, message, cause);
    }

    private LakeException(
            Kind kind,
            String column,
            int position,
            String message,
            @org.jspecify.annotations.Nullable Throwable cause) {
        super(message, cause);
        this.kind = requireNonNull(kind, "kind is null");
        this.column = requireNonNull(column, "column is null");
        this.position = position;
    }

    /** Something of the lake's own did not work: the disk, as far as the cause tells, else the catalogue. */
    static LakeException storage(String what, Throwable cause) {
        Kind kind = DiskFault.ofWriting(cause).map(DiskFault::kind).orElse(Kind.STORAGE);
        return new LakeException(kind, what + ": " + cause.getMessage(), cause);
    }

    /** A connector throws this when a value cannot be held by the column's type; the table is then tried again as text. */
    public static LakeException doesNotFit(String column, String value) {
        return new LakeException(
                Kind.VALUE_DOES_NOT_FIT, column, -1, "Column " + column + " cannot hold " + value, null);
    }

    /** A statement is wrong, and where: a character of it counted from 0, or -1. */
    public static LakeException badStatement(
            String message, int position, @org.jspecify.annotations.Nullable Throwable cause) {
        return new LakeException(Kind.BAD_STATEMENT, "", position, message, cause);
    }

    public Kind kind() {
        return kind;
    }

    /** Which character of the statement it is about, counted from 0; -1 when that cannot be said. */
    public int position() {
        return position;
    }

    /** The column it is about, or an empty string. */
    public String column() {
        return column;
    }
}

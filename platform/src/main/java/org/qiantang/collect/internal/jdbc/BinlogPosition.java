package org.qiantang.collect.internal.jdbc;

import org.qiantang.collect.CollectProblem;
import org.qiantang.core.Problem;

/**
 * A place in a server's binary log. As text it sorts as the log goes: the file's number, a colon, the offset, the file's name before the
 * number.
 */
record BinlogPosition(String base, long file, long offset) {
    /** @param name a file as the server calls it, such as {@code mariadb-bin.000042} */
    static BinlogPosition of(String name, long offset) {
        int dot = name.lastIndexOf('.');
        return new BinlogPosition(name.substring(0, dot), Long.parseLong(name.substring(dot + 1)), offset);
    }

    static BinlogPosition parse(String text) {
        String[] parts = text.split(":", 3);
        if (parts.length != 3) {
            throw new Problem(CollectProblem.POSITION_LOST);
        }
        return new BinlogPosition(parts[2], Long.parseLong(parts[0]), Long.parseLong(parts[1]));
    }

    String text() {
        return String.format("%010d:%012d:%s", file, offset, base);
    }

    /** The file's name; its number has six digits or more. */
    String name() {
        return base + "." + String.format("%06d", file);
    }

    BinlogPosition at(long newOffset) {
        return new BinlogPosition(base, file, newOffset);
    }

    boolean isBefore(BinlogPosition other) {
        return file < other.file || file == other.file && offset < other.offset;
    }
}

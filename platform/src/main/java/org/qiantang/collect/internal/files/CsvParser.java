package org.qiantang.collect.internal.files;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * Cuts a stream of UTF-8 bytes into records and fields without making an object of either. A record must fit the buffer, which
 * grows to {@link #MAX_RECORD} and no further; what does not fit, and what is quoted wrongly, is a record with a {@link Defect} after
 * which parsing goes on at the line below, so that one bad quote cannot swallow a file.
 */
final class CsvParser implements Closeable {
    /** Bytes a record may have. */
    static final int MAX_RECORD = 16 << 20;

    private static final int FIRST_BUFFER = 256 << 10;
    private static final int RAW = 64 << 10;

    /** What is wrong with a record. */
    enum Defect {
        NONE,
        STRAY_QUOTE,
        UNCLOSED_QUOTE,
        TOO_LONG,
    }

    private static final byte PLAIN = 0;
    private static final byte QUOTED = 1;
    private static final byte ESCAPED = 2;

    private final InputStream in;
    private final byte delimiter;
    private final byte quote;
    private final boolean backslash;
    private final boolean loneReturn;
    private final boolean padded;
    private final boolean[] endsField = new boolean[256];

    private byte[] buffer = new byte[FIRST_BUFFER];
    private int limit;
    private boolean atEnd;
    /** Where the record begins, and where the next one does. */
    private int begin;

    private int next;
    private int[] starts = new int[64];
    private int[] ends = new int[64];
    private byte[] forms = new byte[64];
    private int count;
    private Defect defect = Defect.NONE;
    private long line = 1;
    private long nextLine = 1;
    private long defectLine;
    private int quotedFields;
    private int newlines;
    private int rawEnd;

    CsvParser(InputStream in, Dialect dialect) {
        this.in = in;
        delimiter = dialect.delimiter();
        quote = dialect.quote();
        backslash = dialect.escape() == Dialect.Escape.BACKSLASH;
        loneReturn = dialect.lineEnd() == Dialect.LineEnd.CR;
        padded = dialect.padding() == Dialect.Padding.SPACE;
        endsField['\n'] = true;
        endsField['\r'] = true;
        if (delimiter != 0) {
            endsField[delimiter & 0xff] = true;
        }
    }

    /** Moves to the next record; false at the end of the stream. */
    boolean next() throws IOException {
        begin = next;
        line = nextLine;
        defect = Defect.NONE;
        for (; ; ) {
            if (begin == limit && atEnd) {
                return false;
            }
            if (begin < limit && scan()) {
                return true;
            }
            if (limit - begin >= MAX_RECORD) {
                tooLong();
                return true;
            }
            fill();
        }
    }

    int fields() {
        return count;
    }

    byte[] buffer() {
        return buffer;
    }

    int start(int field) {
        return starts[field];
    }

    int end(int field) {
        return ends[field];
    }

    boolean isQuoted(int field) {
        return forms[field] != PLAIN;
    }

    /** Whether the field's bytes in the buffer are not yet its value. */
    boolean isEscaped(int field) {
        return forms[field] == ESCAPED;
    }

    /** Whether the line holds nothing at all. */
    boolean isBlankLine() {
        return defect == Defect.NONE && count == 1 && forms[0] == PLAIN && starts[0] == ends[0];
    }

    /** Whether nothing follows this record. */
    boolean isAtEnd() {
        return atEnd && next == limit;
    }

    byte[] value(int field) {
        if (forms[field] == ESCAPED) {
            return unescape(starts[field], ends[field]);
        }
        return Arrays.copyOfRange(buffer, starts[field], ends[field]);
    }

    Defect defect() {
        return defect;
    }

    /** The line the record begins at, counted from 1. */
    long line() {
        return line;
    }

    /** The line of what is wrong. */
    long defectLine() {
        return defectLine;
    }

    /** How many fields of this record are in quotes. */
    int quotedFields() {
        return quotedFields;
    }

    /** The record as it stands, without its line end, at most 64 KiB of it. */
    byte[] raw() {
        int end = rawEnd;
        while (end > begin && (buffer[end - 1] == '\n' || buffer[end - 1] == '\r')) {
            end--;
        }
        return Arrays.copyOfRange(buffer, begin, Math.min(end, begin + RAW));
    }

    int recordStart() {
        return begin;
    }

    int recordEnd() {
        return rawEnd;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }

    /** Cuts the record that begins at {@code begin}; false when the buffer ends before it does. */
    private boolean scan() {
        byte[] b = buffer;
        int n = limit;
        boolean[] stops = endsField;
        int i = begin;
        int fields = 0;
        quotedFields = 0;
        newlines = 0;
        for (; ; ) {
            if (padded && fields > 0 && i < n && b[i] == ' ') {
                i++;
            }
            if (fields == starts.length) {
                grow();
            }
            if (i < n && b[i] == quote && quote != 0) {
                int open = i;
                int newlinesBefore = newlines;
                byte form = QUOTED;
                i++;
                for (; ; ) {
                    if (i >= n) {
                        if (!atEnd && n - begin < MAX_RECORD) {
                            return false;
                        }
                        return broken(Defect.UNCLOSED_QUOTE, open, newlinesBefore);
                    }
                    byte c = b[i];
                    if (c == quote) {
                        if (i + 1 >= n && !atEnd) {
                            return false;
                        }
                        if (i + 1 < n && b[i + 1] == quote) {
                            form = ESCAPED;
                            i += 2;
                            continue;
                        }
                        break;
                    }
                    if (c == '\\' && backslash) {
                        if (i + 1 >= n && !atEnd) {
                            return false;
                        }
                        form = ESCAPED;
                        i += i + 1 < n && (b[i + 1] == quote || b[i + 1] == '\\') ? 2 : 1;
                        continue;
                    }
                    if (c == '\n' || (c == '\r' && loneReturn)) {
                        newlines++;
                    }
                    i++;
                }
                starts[fields] = open + 1;
                ends[fields] = i;
                forms[fields++] = form;
                quotedFields++;
                i++;
                while (i < n && (b[i] == ' ' || b[i] == '\t') && b[i] != delimiter) {
                    i++;
                }
                if (i >= n) {
                    if (!atEnd) {
                        return false;
                    }
                    return done(fields, n, n);
                }
                if (!stops[b[i] & 0xff]) {
                    return broken(
                            newlines == newlinesBefore ? Defect.STRAY_QUOTE : Defect.UNCLOSED_QUOTE,
                            open,
                            newlinesBefore);
                }
                if (b[i] == '\r' && !loneReturn) {
                    if (i + 1 >= n && !atEnd) {
                        return false;
                    }
                    if (i + 1 < n && b[i + 1] != '\n') {
                        return broken(Defect.STRAY_QUOTE, open, newlinesBefore);
                    }
                }
            } else {
                int start = i;
                for (; ; ) {
                    while (i < n && !stops[b[i] & 0xff]) {
                        i++;
                    }
                    if (i < n && b[i] == '\r' && !loneReturn) {
                        if (i + 1 >= n && !atEnd) {
                            return false;
                        }
                        if (i + 1 < n && b[i + 1] != '\n') {
                            i++;
                            continue;
                        }
                    }
                    break;
                }
                if (i >= n && !atEnd) {
                    return false;
                }
                starts[fields] = start;
                ends[fields] = i;
                forms[fields++] = PLAIN;
                if (i >= n) {
                    return done(fields, n, n);
                }
            }
            byte c = b[i++];
            if (c == delimiter && delimiter != 0) {
                continue;
            }
            int end = i - 1;
            if (c == '\r') {
                if (i >= n && !atEnd) {
                    return false;
                }
                if (i < n && b[i] == '\n') {
                    i++;
                }
            }
            newlines++;
            return done(fields, end, i);
        }
    }

    private boolean done(int fields, int end, int following) {
        count = fields;
        rawEnd = end;
        next = following;
        nextLine = line + newlines;
        return true;
    }

    /** Ends the record at the end of the line its bad quote is on. */
    private boolean broken(Defect what, int open, int newlinesBefore) {
        int i = open;
        while (i < limit && buffer[i] != '\n' && !(buffer[i] == '\r' && loneReturn)) {
            i++;
        }
        if (i >= limit && !atEnd) {
            return false;
        }
        boolean ended = i < limit;
        if (ended && buffer[i] == '\r' && i + 1 < limit && buffer[i + 1] == '\n') {
            i++;
        }
        newlines = newlinesBefore + (ended ? 1 : 0);
        done(0, i, ended ? i + 1 : i);
        defect = what;
        defectLine = line + newlinesBefore;
        return true;
    }

    private void tooLong() throws IOException {
        byte[] kept = Arrays.copyOfRange(buffer, begin, begin + RAW);
        int i = begin;
        long lines = 0;
        for (; ; ) {
            while (i < limit && buffer[i] != '\n' && !(buffer[i] == '\r' && loneReturn)) {
                i++;
            }
            if (i < limit) {
                lines = 1;
                i++;
                break;
            }
            begin = limit;
            next = limit;
            fill();
            i = begin;
            if (begin == limit && atEnd) {
                break;
            }
        }
        // The head of the record is put back in front of what follows, where raw() looks for it.
        int rest = limit - i;
        byte[] room = new byte[Math.max(FIRST_BUFFER, RAW + rest)];
        System.arraycopy(kept, 0, room, 0, RAW);
        System.arraycopy(buffer, i, room, RAW, rest);
        buffer = room;
        begin = 0;
        rawEnd = RAW;
        next = RAW;
        limit = RAW + rest;
        count = 0;
        defect = Defect.TOO_LONG;
        defectLine = line;
        nextLine = line + lines;
    }

    private void fill() throws IOException {
        if (begin > 0) {
            System.arraycopy(buffer, begin, buffer, 0, limit - begin);
            limit -= begin;
            begin = 0;
        }
        if (limit == buffer.length) {
            buffer = Arrays.copyOf(buffer, Math.min(MAX_RECORD + FIRST_BUFFER, buffer.length * 2));
        }
        while (limit < buffer.length) {
            int read = in.read(buffer, limit, buffer.length - limit);
            if (read < 0) {
                atEnd = true;
                return;
            }
            limit += read;
        }
    }

    private void grow() {
        starts = Arrays.copyOf(starts, starts.length * 2);
        ends = Arrays.copyOf(ends, ends.length * 2);
        forms = Arrays.copyOf(forms, forms.length * 2);
    }

    private byte[] unescape(int start, int end) {
        byte[] out = new byte[end - start];
        int n = 0;
        for (int i = start; i < end; i++) {
            byte c = buffer[i];
            boolean pair = i + 1 < end
                    && (c == quote
                            ? buffer[i + 1] == quote
                            : c == '\\' && backslash && (buffer[i + 1] == quote || buffer[i + 1] == '\\'));
            out[n++] = pair ? buffer[++i] : c;
        }
        return Arrays.copyOf(out, n);
    }
}

package org.qiantang.collect.internal.files;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads JSON as RFC 8259 has it and not a comma more, value by value, from UTF-8 bytes. A value stays as the bytes it is written in, and
 * so do the names and values of its fields, which is how numbers of any size and texts within texts come through exactly. Only the value
 * read last is in memory, and not more than {@link #LONGEST} bytes of it.
 */
final class JsonScanner implements Closeable {
    /** Bytes a value may have to be kept. */
    static final int LONGEST = CsvParser.MAX_RECORD;

    /** Levels a value may have. */
    static final int DEEPEST = 512;

    private static final int FIRST_BUFFER = 128 << 10;
    private static final int HEAD = 64 << 10;
    private static final byte[][] WORDS = {
        "true".getBytes(StandardCharsets.US_ASCII),
        "false".getBytes(StandardCharsets.US_ASCII),
        "null".getBytes(StandardCharsets.US_ASCII),
    };

    private final InputStream in;
    private final boolean[] objects = new boolean[DEEPEST];
    private byte[] buffer = new byte[FIRST_BUFFER];
    private int at;
    private int limit;
    /** Where the value begins; -1 between values. Places of its fields are counted from here. */
    private int mark = -1;

    private int end;
    private boolean ended;
    private long passed;
    private long lines;
    private byte @Nullable [] head;
    /** The level on which the next value stands. */
    private int level;

    private int fields;
    private int[] places = new int[4 * 64];
    /** What follows the line that is being read, while one is. */
    private int afterLine = -1;

    private boolean endedAfterLine;

    JsonScanner(InputStream in) {
        this.in = in;
    }

    /** Where and why a text is not JSON. */
    static final class Malformed extends IOException {
        private static final long serialVersionUID = 1;

        Malformed(String message) {
            super(message);
        }
    }

    /** The next byte that is no white space, without taking it; -1 at the end. */
    int peek() throws IOException {
        while (at < limit || fill()) {
            byte c = buffer[at];
            if (c == '\n') {
                lines++;
            } else if (c != ' ' && c != '\r' && c != '\t') {
                return c & 0xff;
            }
            at++;
        }
        return -1;
    }

    /** Takes this byte, which must come next. */
    void take(char wanted) throws IOException {
        if (peek() != wanted) {
            throw malformed("'" + wanted + "' is missing");
        }
        at++;
    }

    /** Whether this byte comes next; then it is taken. */
    boolean takes(char wanted) throws IOException {
        if (peek() != wanted) {
            return false;
        }
        at++;
        return true;
    }

    void requireEnd() throws IOException {
        if (peek() >= 0) {
            throw malformed("something follows the end");
        }
    }

    /** Line breaks passed so far. */
    long lines() {
        return lines;
    }

    Malformed malformed(String why) {
        return new Malformed("not JSON at byte " + (passed + at + 1) + ": " + why);
    }

    /** Moves to the next line that is not blank and holds what follows to it; false after the last. */
    boolean line() throws IOException {
        if (afterLine >= 0) {
            at = end = limit;
            limit = afterLine;
            afterLine = -1;
            ended = endedAfterLine;
        }
        mark = -1;
        head = null;
        if (peek() < 0) {
            return false;
        }
        mark = at;
        int from = at;
        for (; ; ) {
            while (from < limit && buffer[from] != '\n') {
                from++;
            }
            if (from < limit) {
                break;
            }
            int before = mark;
            at = from;
            boolean more = fill();
            from -= before - mark;
            if (head != null) {
                from = at;
            }
            if (!more) {
                break;
            }
        }
        at = mark;
        end = from;
        endedAfterLine = ended;
        ended = true;
        afterLine = limit;
        limit = from;
        return true;
    }

    /** Makes {@link #raw} all of the line, after something in it was malformed. */
    void wholeLine() {
        end = limit;
    }

    /** Reads one value, whatever it is. */
    void value() throws IOException {
        if (peek() < 0) {
            throw malformed("a value is missing");
        }
        mark = at;
        head = null;
        fields = 0;
        int depth = 0;
        for (; ; ) {
            int c = peek();
            if (depth == 1 && objects[0]) {
                place(2, at);
            }
            switch (c) {
                case '{', '[' -> {
                    if (depth == DEEPEST) {
                        throw malformed("more than " + DEEPEST + " levels");
                    }
                    objects[depth++] = c == '{';
                    at++;
                    boolean empty = peek() == (c == '{' ? '}' : ']');
                    if (!empty) {
                        if (c == '{') {
                            takeName(depth);
                        }
                        continue;
                    }
                    at++;
                    depth--;
                }
                case '"' -> text();
                case 't' -> word(WORDS[0]);
                case 'f' -> word(WORDS[1]);
                case 'n' -> word(WORDS[2]);
                case -1 -> throw malformed("it ends within a value");
                default -> number(c);
            }
            if (!another(depth)) {
                end = at;
                return;
            }
            depth = level;
        }
    }

    /** After a value at a level: closes what ends there and says whether another value follows, at {@link #level}. */
    private boolean another(int depth) throws IOException {
        for (level = depth; level > 0; level--) {
            if (level == 1 && objects[0]) {
                place(3, at);
                fields++;
            }
            boolean object = objects[level - 1];
            int c = peek();
            if (c == ',') {
                at++;
                if (object) {
                    takeName(level);
                }
                return true;
            }
            if (c != (object ? '}' : ']')) {
                throw malformed(c < 0 ? "it ends within a value" : "',' or the end of the list is missing");
            }
            at++;
        }
        return false;
    }

    private void takeName(int depth) throws IOException {
        if (peek() != '"') {
            throw malformed("the name of a field is missing");
        }
        if (depth == 1) {
            place(0, at + 1);
        }
        text();
        if (depth == 1) {
            place(1, at - 1);
        }
        take(':');
    }

    private void place(int which, int where) {
        if (head != null) {
            return;
        }
        int i = 4 * fields + which;
        if (i >= places.length) {
            places = Arrays.copyOf(places, places.length * 2);
        }
        places[i] = where - mark;
    }

    private void text() throws IOException {
        at++;
        for (; ; ) {
            while (at < limit && buffer[at] != '"' && buffer[at] != '\\' && (buffer[at] & 0xe0) != 0) {
                at++;
            }
            if (at == limit) {
                if (!fill()) {
                    throw malformed("a text does not end");
                }
                continue;
            }
            byte c = buffer[at];
            if (c == '"') {
                at++;
                return;
            }
            if (c != '\\') {
                throw malformed("a control character in a text");
            }
            at++;
            int escape = next();
            if (escape == 'u') {
                for (int i = 0; i < 4; i++) {
                    if (Character.digit(next(), 16) < 0) {
                        throw malformed("\\u without four digits");
                    }
                }
            } else if ("\"\\/bfnrt".indexOf(escape) < 0) {
                throw malformed("no such escape");
            }
        }
    }

    /** Takes the next byte, white space or not. */
    private int next() throws IOException {
        if (at == limit && !fill()) {
            throw malformed("it ends within a value");
        }
        return buffer[at++] & 0xff;
    }

    private void word(byte[] word) throws IOException {
        for (byte c : word) {
            if (next() != c) {
                at--;
                throw malformed("no such word");
            }
        }
    }

    private void number(int first) throws IOException {
        if (first == '-') {
            at++;
        }
        int c = digit();
        if (c == '0') {
            at++;
        } else {
            digits();
        }
        if (peekRaw() == '.') {
            at++;
            digits();
        }
        if (peekRaw() == 'e' || peekRaw() == 'E') {
            at++;
            if (peekRaw() == '+' || peekRaw() == '-') {
                at++;
            }
            digits();
        }
    }

    private void digits() throws IOException {
        digit();
        while (peekRaw() >= '0' && peekRaw() <= '9') {
            at++;
        }
    }

    private int digit() throws IOException {
        int c = peekRaw();
        if (c < '0' || c > '9') {
            throw malformed(c < 0 ? "it ends within a value" : "a value is missing or wrong");
        }
        return c;
    }

    private int peekRaw() throws IOException {
        return at < limit || fill() ? buffer[at] & 0xff : -1;
    }

    /** Whether the last value, or line, was too long to be kept; {@link #raw} is then its beginning. */
    boolean isTooLong() {
        return head != null;
    }

    /** The last value as it is written. */
    byte[] raw() {
        byte[] beginning = head;
        return beginning != null ? beginning : Arrays.copyOfRange(buffer, mark, end);
    }

    /** Whether the last value is UTF-8. */
    boolean isUtf8() {
        return TextEncoding.isValidUtf8(buffer, mark, end);
    }

    /** The first byte of the last value, which tells its kind. */
    byte kind() {
        byte[] beginning = head;
        return beginning != null ? beginning[0] : buffer[mark];
    }

    /** Fields of the last value when it is an object. */
    int fields() {
        return fields;
    }

    boolean isName(int field, byte[] utf8) {
        int from = mark + places[4 * field];
        int to = mark + places[4 * field + 1];
        if (!Arrays.equals(buffer, from, to, utf8, 0, utf8.length)) {
            return false;
        }
        for (byte c : utf8) {
            if (c == '\\') {
                return false;
            }
        }
        return true;
    }

    /** The name, or as it is written where that is no Unicode. */
    String name(int field) {
        int from = mark + places[4 * field];
        int to = mark + places[4 * field + 1];
        byte[] name = unescape(buffer, from, to);
        return name == null
                ? new String(buffer, from, to - from, StandardCharsets.UTF_8)
                : new String(name, StandardCharsets.UTF_8);
    }

    /** A field's value as it is written. */
    byte[] fieldRaw(int field) {
        return Arrays.copyOfRange(buffer, mark + places[4 * field + 2], mark + places[4 * field + 3]);
    }

    /** What a text says that is written between these quotes; null when it is no Unicode. */
    static byte @Nullable [] textOf(byte[] quoted) {
        return unescape(quoted, 1, quoted.length - 1);
    }

    private static byte @Nullable [] unescape(byte[] b, int from, int to) {
        int escape = from;
        while (escape < to && b[escape] != '\\') {
            escape++;
        }
        if (escape == to) {
            return Arrays.copyOfRange(b, from, to);
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream(to - from);
        out.write(b, from, escape - from);
        for (int i = escape; i < to; i++) {
            if (b[i] != '\\') {
                out.write(b[i]);
                continue;
            }
            i++;
            switch (b[i]) {
                case 'b' -> out.write('\b');
                case 'f' -> out.write('\f');
                case 'n' -> out.write('\n');
                case 'r' -> out.write('\r');
                case 't' -> out.write('\t');
                case 'u' -> {
                    char c = unit(b, i + 1);
                    i += 4;
                    String character = String.valueOf(c);
                    if (Character.isHighSurrogate(c) && i + 6 < to && b[i + 1] == '\\' && b[i + 2] == 'u') {
                        character += unit(b, i + 3);
                        i += 6;
                    }
                    int point = character.codePointAt(0);
                    if (Character.charCount(point) != character.length()
                            || (point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE)) {
                        return null;
                    }
                    out.writeBytes(character.getBytes(StandardCharsets.UTF_8));
                }
                default -> out.write(b[i]);
            }
        }
        return out.toByteArray();
    }

    private static char unit(byte[] b, int at) {
        int unit = 0;
        for (int i = at; i < at + 4; i++) {
            unit = unit << 4 | Character.digit(b[i], 16);
        }
        return (char) unit;
    }

    private boolean fill() throws IOException {
        if (ended) {
            return false;
        }
        if (mark >= 0 && (head != null || limit - mark >= LONGEST)) {
            if (head == null) {
                head = Arrays.copyOfRange(buffer, mark, mark + HEAD);
            }
            mark = at;
        }
        int from = mark >= 0 ? mark : at;
        if (from > 0) {
            System.arraycopy(buffer, from, buffer, 0, limit - from);
            passed += from;
            at -= from;
            limit -= from;
            mark = mark >= 0 ? 0 : -1;
        }
        if (limit == buffer.length) {
            buffer = Arrays.copyOf(buffer, Math.min(buffer.length * 2, LONGEST + FIRST_BUFFER));
        }
        int read = in.read(buffer, limit, buffer.length - limit);
        if (read <= 0) {
            ended = true;
            return false;
        }
        limit += read;
        return true;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}

package org.qiantang.collect.internal.files;

import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.util.Map;
import org.qiantang.collect.CollectProblem;
import org.qiantang.core.Problem;

/**
 * How the bytes of a text file become characters, decided on the whole file rather than its beginning: one department's export is
 * UTF-8 in its first megabyte and in its last, or it is not UTF-8.
 *
 * @param bom bytes to pass over at the start
 * @param evidence how it was found out
 */
record TextEncoding(Charset charset, int bom, Evidence evidence) {
    private static final Charset GB18030 = Charset.forName("GB18030");
    private static final Charset WINDOWS_1252 = Charset.forName("windows-1252");
    private static final Charset UTF_32LE = Charset.forName("UTF-32LE");
    private static final Charset UTF_32BE = Charset.forName("UTF-32BE");
    private static final int CHUNK = 1 << 16;

    /** What an encoding was concluded from. */
    enum Evidence {
        BYTE_ORDER_MARK,
        /** The file names it, and every byte fits. */
        DECLARED,
        /** Every byte of the file fits. */
        VALID_THROUGHOUT,
        /** Nearly everything fits UTF-8; rows with bytes that do not are rejected. */
        VALID_BUT_FOR_SOME_ROWS,
        /** Nothing else fits, and this fits everything: read the characters with doubt. */
        LAST_RESORT,
    }

    /** Opens a file from its start, as often as asked. */
    interface Opener {
        InputStream open() throws IOException;
    }

    /** What people are shown of it. */
    Map<String, String> details() {
        return Map.of(
                "encoding",
                charset.name(),
                "encodingEvidence",
                switch (evidence) {
                    case BYTE_ORDER_MARK -> "byte order mark";
                    case DECLARED -> "the file says so";
                    case VALID_THROUGHOUT -> "the whole file is valid";
                    case VALID_BUT_FOR_SOME_ROWS -> "valid except in some rows, which are rejected";
                    case LAST_RESORT -> "last resort: neither UTF-8 nor GB18030; characters may be wrong";
                });
    }

    boolean isUtf8() {
        return charset.equals(UTF_8);
    }

    /** Whether single rows may hold bytes that do not fit. */
    boolean isDirty() {
        return evidence == Evidence.VALID_BUT_FOR_SOME_ROWS;
    }

    /** Decides on the encoding; a {@link Problem} when the file is empty or is no text. */
    static TextEncoding detect(Opener file) throws IOException {
        Scan scan = new Scan();
        byte[] head;
        try (InputStream in = file.open()) {
            byte[] chunk = new byte[CHUNK];
            int read = in.readNBytes(chunk, 0, chunk.length);
            head = java.util.Arrays.copyOf(chunk, Math.min(read, 4096));
            if (read == 0) {
                throw new Problem(CollectProblem.EMPTY_FILE, "reason", "it has no bytes");
            }
            TextEncoding marked = byMark(head);
            if (marked != null && !marked.isUtf8()) {
                requireMoreThanMark(marked, read);
                requireValid(file, marked);
                return marked;
            }
            if (marked != null) {
                requireMoreThanMark(marked, read);
            }
            while (read > 0) {
                scan.add(chunk, read);
                read = in.read(chunk, 0, chunk.length);
            }
            scan.end();
            if (marked != null && scan.invalid == 0) {
                return marked;
            }
        }
        TextEncoding wide = wideWithoutMark(head);
        if (wide != null) {
            requireValid(file, wide);
            return wide;
        }
        if (scan.isBinary()) {
            throw new Problem(CollectProblem.UNSUPPORTED_FORMAT, "reason", "binary content");
        }
        int bom =
                head.length >= 3 && head[0] == (byte) 0xef && head[1] == (byte) 0xbb && head[2] == (byte) 0xbf ? 3 : 0;
        if (scan.invalid == 0) {
            return new TextEncoding(UTF_8, 0, Evidence.VALID_THROUGHOUT);
        }
        if (bom == 3 || (scan.valid >= 20 && scan.invalid * 50 <= scan.valid)) {
            return new TextEncoding(UTF_8, bom, Evidence.VALID_BUT_FOR_SOME_ROWS);
        }
        if (isChinese(file)) {
            boolean mark = head.length >= 4
                    && head[0] == (byte) 0x84
                    && head[1] == 0x31
                    && head[2] == (byte) 0x95
                    && head[3] == 0x33;
            return new TextEncoding(GB18030, mark ? 4 : 0, Evidence.VALID_THROUGHOUT);
        }
        return new TextEncoding(WINDOWS_1252, 0, Evidence.LAST_RESORT);
    }

    /** The encoding that a file names itself; a {@link Problem} when it is not that. */
    static TextEncoding declared(Opener file, Charset charset) throws IOException {
        TextEncoding encoding = new TextEncoding(charset, 0, Evidence.DECLARED);
        requireValid(file, encoding);
        return encoding;
    }

    /** The text as UTF-8 without its mark. */
    InputStream toUtf8(InputStream in) throws IOException {
        in.skipNBytes(bom);
        return isUtf8() ? in : new Transcoding(in, charset);
    }

    private static @org.jspecify.annotations.Nullable TextEncoding byMark(byte[] h) {
        if (h.length >= 3 && h[0] == (byte) 0xef && h[1] == (byte) 0xbb && h[2] == (byte) 0xbf) {
            return new TextEncoding(UTF_8, 3, Evidence.BYTE_ORDER_MARK);
        }
        if (h.length >= 4 && h[0] == (byte) 0xff && h[1] == (byte) 0xfe && h[2] == 0 && h[3] == 0) {
            return new TextEncoding(UTF_32LE, 4, Evidence.BYTE_ORDER_MARK);
        }
        if (h.length >= 4 && h[0] == 0 && h[1] == 0 && h[2] == (byte) 0xfe && h[3] == (byte) 0xff) {
            return new TextEncoding(UTF_32BE, 4, Evidence.BYTE_ORDER_MARK);
        }
        if (h.length >= 2 && h[0] == (byte) 0xff && h[1] == (byte) 0xfe) {
            return new TextEncoding(UTF_16LE, 2, Evidence.BYTE_ORDER_MARK);
        }
        if (h.length >= 2 && h[0] == (byte) 0xfe && h[1] == (byte) 0xff) {
            return new TextEncoding(UTF_16BE, 2, Evidence.BYTE_ORDER_MARK);
        }
        return null;
    }

    /** UTF-16 without a mark shows by its zeros, every other byte of what is mostly ASCII. */
    private static @org.jspecify.annotations.Nullable TextEncoding wideWithoutMark(byte[] head) {
        if (head.length < 8) {
            return null;
        }
        int even = 0;
        int odd = 0;
        for (int i = 0; i < head.length; i++) {
            if (head[i] == 0) {
                if (i % 2 == 0) {
                    even++;
                } else {
                    odd++;
                }
            }
        }
        int half = head.length / 2;
        if (odd * 10 >= half * 4 && even == 0) {
            return new TextEncoding(UTF_16LE, 0, Evidence.VALID_THROUGHOUT);
        }
        if (even * 10 >= half * 4 && odd == 0) {
            return new TextEncoding(UTF_16BE, 0, Evidence.VALID_THROUGHOUT);
        }
        return null;
    }

    private static void requireMoreThanMark(TextEncoding marked, int read) {
        if (read <= marked.bom) {
            throw new Problem(CollectProblem.EMPTY_FILE, "reason", "it holds a byte order mark and nothing else");
        }
    }

    private static void requireValid(Opener file, TextEncoding encoding) throws IOException {
        try (InputStream in = encoding.toUtf8(file.open())) {
            byte[] chunk = new byte[CHUNK];
            while (in.read(chunk, 0, chunk.length) > 0) {
                continue;
            }
        } catch (CharacterCodingException e) {
            throw new Problem(
                    CollectProblem.INVALID_ENCODING, "reason", "it is not valid " + encoding.charset + " throughout");
        }
    }

    /**
     * Whether the file is valid GB18030 and plausible as such: Western text in a one-byte encoding can be valid by chance, but its
     * pairs hardly ever lie in the part that Chinese is written with.
     */
    private static boolean isChinese(Opener file) throws IOException {
        long common = 0;
        long rare = 0;
        try (InputStream in = new java.io.BufferedInputStream(file.open(), CHUNK)) {
            for (int lead = in.read(); lead >= 0; lead = in.read()) {
                if (lead < 0x80) {
                    continue;
                }
                int trail = in.read();
                if (lead == 0x80 || lead == 0xff || trail < 0x30 || trail == 0x7f || trail == 0xff) {
                    return false;
                }
                if (trail <= 0x39) {
                    int third = in.read();
                    int fourth = in.read();
                    if (third < 0x81 || third == 0xff || fourth < 0x30 || fourth > 0x39) {
                        return false;
                    }
                } else if (trail < 0x40) {
                    return false;
                } else if (trail >= 0xa1 && lead >= 0xa1 && lead <= 0xf7) {
                    common++;
                } else {
                    rare++;
                }
            }
        }
        if (common < rare) {
            return false;
        }
        try {
            try (InputStream in = new Transcoding(file.open(), GB18030)) {
                byte[] chunk = new byte[CHUNK];
                while (in.read(chunk, 0, chunk.length) > 0) {
                    continue;
                }
            }
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }

    /** Whether these bytes are UTF-8. */
    static boolean isValidUtf8(byte[] b, int start, int end) {
        Scan scan = new Scan();
        scan.add(java.util.Arrays.copyOfRange(b, start, end), end - start);
        scan.end();
        return scan.invalid == 0;
    }

    /** Counts what the bytes of a file are, a chunk at a time. */
    private static final class Scan {
        private static final java.lang.invoke.VarHandle LONGS =
                java.lang.invoke.MethodHandles.byteArrayViewVarHandle(long[].class, java.nio.ByteOrder.LITTLE_ENDIAN);

        private long total;
        private long valid;
        private long invalid;
        private long controls;
        private long zeros;
        /** Continuation bytes still to come, and the bounds of the next. */
        private int open;

        private int low;
        private int high;

        void add(byte[] b, int length) {
            total += length;
            int i = 0;
            while (i < length) {
                if (open == 0 && i + 8 <= length) {
                    long word = (long) LONGS.get(b, i);
                    // No byte above 0x7f and none below 0x20 except by borrow: plain text goes eight bytes a step.
                    if (((word | (word - 0x2020202020202020L)) & 0x8080808080808080L) == 0) {
                        i += 8;
                        continue;
                    }
                }
                one(b[i++] & 0xff);
            }
        }

        void end() {
            if (open > 0) {
                invalid++;
                open = 0;
            }
        }

        private void one(int c) {
            if (open > 0) {
                if (c >= low && c <= high) {
                    low = 0x80;
                    high = 0xbf;
                    if (--open == 0) {
                        valid++;
                    }
                    return;
                }
                invalid++;
                open = 0;
            }
            if (c < 0x80) {
                if (c < 0x20) {
                    if (c == 0) {
                        zeros++;
                    } else if (c != '\t' && c != '\n' && c != '\r' && c != '\f' && c != 1 && c != 0x1a && c != 0x1e
                            && c != 0x1f) {
                        controls++;
                    }
                }
                return;
            }
            low = 0x80;
            high = 0xbf;
            if (c >= 0xc2 && c <= 0xdf) {
                open = 1;
            } else if (c >= 0xe0 && c <= 0xef) {
                open = 2;
                low = c == 0xe0 ? 0xa0 : 0x80;
                high = c == 0xed ? 0x9f : 0xbf;
            } else if (c >= 0xf0 && c <= 0xf4) {
                open = 3;
                low = c == 0xf0 ? 0x90 : 0x80;
                high = c == 0xf4 ? 0x8f : 0xbf;
            } else {
                invalid++;
            }
        }

        boolean isBinary() {
            return controls * 50 > total || zeros * 4 > total;
        }
    }

    /** Bytes of another encoding as UTF-8; what does not fit ends it with a {@link CharacterCodingException}. */
    private static final class Transcoding extends InputStream {
        private final InputStream in;
        private final CharsetDecoder decoder;
        private final ByteBuffer source = ByteBuffer.allocate(CHUNK).flip();
        private final CharBuffer chars = CharBuffer.allocate(CHUNK);
        private ByteBuffer utf8 = ByteBuffer.allocate(0);
        private boolean atEnd;
        private boolean done;
        private final boolean oneByte;

        Transcoding(InputStream in, Charset charset) {
            this.in = in;
            oneByte = charset.equals(WINDOWS_1252);
            decoder = charset.newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT);
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            while (!utf8.hasRemaining()) {
                if (done) {
                    return -1;
                }
                step();
            }
            int n = Math.min(length, utf8.remaining());
            utf8.get(target, offset, n);
            return n;
        }

        private void step() throws IOException {
            if (!atEnd) {
                source.compact();
                int read = in.read(source.array(), source.position(), source.remaining());
                if (read < 0) {
                    atEnd = true;
                } else {
                    source.position(source.position() + read);
                }
                source.flip();
            }
            // A surrogate whose partner has not come yet stays at the front of the buffer.
            CoderResult result = decoder.decode(source, chars, atEnd);
            if (result.isError()) {
                if (!oneByte) {
                    result.throwException();
                }
                // The five bytes that windows-1252 leaves open are the control characters of the same number.
                chars.put((char) (source.get() & 0xff));
            } else if (result.isUnderflow() && atEnd) {
                decoder.flush(chars);
                done = true;
            }
            chars.flip();
            int end = chars.limit();
            boolean split = !done && end > 0 && Character.isHighSurrogate(chars.get(end - 1));
            if (split) {
                chars.limit(end - 1);
            }
            utf8 = UTF_8.newEncoder().encode(chars);
            chars.limit(end);
            chars.compact();
        }

        @Override
        public void close() throws IOException {
            in.close();
        }
    }
}

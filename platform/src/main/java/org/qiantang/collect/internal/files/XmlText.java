package org.qiantang.collect.internal.files;

import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.qiantang.collect.CollectProblem;
import org.qiantang.core.Problem;

/**
 * The bytes of an XML document as UTF-8, without the declaration at its start, of which those that were taken since a place remain to be
 * looked at. This is how an element can be kept as it is written.
 */
final class XmlText extends FilterInputStream {
    private static final int LONGEST_DECLARATION = 1 << 10;
    private static final Pattern ENCODING =
            Pattern.compile("^\\s*<\\?xml[^>]*?encoding\\s*=\\s*[\"']([A-Za-z0-9._-]+)[\"']");

    private byte[] kept = new byte[64 << 10];
    private int size;
    private long base;

    private XmlText(InputStream in) {
        super(in);
    }

    static XmlText of(TextEncoding encoding, InputStream raw) throws IOException {
        BufferedInputStream utf8 = new BufferedInputStream(encoding.toUtf8(raw), 1 << 16);
        utf8.mark(LONGEST_DECLARATION);
        String start = new String(utf8.readNBytes(LONGEST_DECLARATION), StandardCharsets.ISO_8859_1);
        utf8.reset();
        int end = start.indexOf("?>");
        if (start.startsWith("<?xml") && end > 0 && Character.isWhitespace(start.charAt(5))) {
            utf8.skipNBytes(end + 2L);
        }
        return new XmlText(utf8);
    }

    /** The encoding of a document: by its mark, else as it declares, else as its bytes show. */
    static TextEncoding encoding(FileBytes file) throws IOException {
        byte[] head;
        try (InputStream in = file.open()) {
            head = in.readNBytes(LONGEST_DECLARATION);
        }
        Matcher declared = ENCODING.matcher(new String(head, StandardCharsets.ISO_8859_1));
        if (!declared.find()) {
            return TextEncoding.detect(file::open);
        }
        String name = declared.group(1).toLowerCase(Locale.ROOT);
        if (name.startsWith("utf")) {
            return TextEncoding.detect(file::open);
        }
        if (name.startsWith("gb")) {
            return TextEncoding.declared(file::open, Charset.forName("GB18030"));
        }
        try {
            return TextEncoding.declared(file::open, Charset.forName(name));
        } catch (IllegalArgumentException e) {
            throw new Problem(CollectProblem.INVALID_ENCODING, "reason", "no encoding is called " + name);
        }
    }

    /** Forgets what comes before this place. */
    void keepFrom(long place) {
        int drop = (int) (place - base);
        if (drop > 0) {
            System.arraycopy(kept, drop, kept, 0, size - drop);
            size -= drop;
            base = place;
        }
    }

    byte[] between(long from, long to) {
        return Arrays.copyOfRange(kept, (int) (from - base), (int) (to - base));
    }

    /** The place after the tag that begins at this one. */
    long afterTag(long place) {
        int quote = 0;
        for (int i = (int) (place - base); i < size; i++) {
            byte c = kept[i];
            if (quote != 0) {
                quote = c == quote ? 0 : quote;
            } else if (c == '"' || c == '\'') {
                quote = c;
            } else if (c == '>') {
                return base + i + 1;
            }
        }
        throw new IllegalStateException("The tag has not been read yet");
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        int read = in.read(target, offset, length);
        if (read > 0) {
            if (size > CsvParser.MAX_RECORD) {
                throw new Problem(
                        CollectProblem.FILE_TOO_LARGE,
                        "reason",
                        "a record of more than " + CsvParser.MAX_RECORD + " bytes");
            }
            if (size + read > kept.length) {
                kept = Arrays.copyOf(kept, Math.max(size + read, kept.length * 2));
            }
            System.arraycopy(target, offset, kept, size, read);
            size += read;
        }
        return read;
    }

    @Override
    public boolean markSupported() {
        return false;
    }
}

package org.qiantang.core;

import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Lines of CSV (RFC 4180), as people take them away from the platform. */
public final class Csv {
    private static final Pattern NUMBER = Pattern.compile("[+-]?\\d+(?:[.,]\\d+)*(?:[eE][+-]?\\d+)?");

    private Csv() {}

    /** Who reads it. */
    public enum Form {
        /** A spreadsheet: it is told that this is UTF-8, and nothing in it can run as a formula. */
        SPREADSHEET,
        /** A program: every value exactly as it is. */
        EXACT;

        /** What a file of this form begins with. */
        public String beginning() {
            return this == SPREADSHEET ? "\uFEFF" : "";
        }
    }

    /** A line with its end. */
    public static String line(List<? extends @Nullable String> values, Form form) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < values.size(); i++) {
            if (i > 0) {
                line.append(',');
            }
            String value = values.get(i);
            if (value != null) {
                line.append(form == Form.SPREADSHEET ? cell(value) : quoted(value));
            }
        }
        return line.append(form == Form.SPREADSHEET ? "\r\n" : "\n").toString();
    }

    /** Every line of a text, with its values as they were before they were quoted; lines end as they like. */
    public static List<List<String>> read(Reader text) {
        List<List<String>> lines = new ArrayList<>();
        read(text, Integer.MAX_VALUE, lines::add);
        return lines;
    }

    /**
     * Hands each line on as it is read, so that whoever takes them can stop at any.
     *
     * @param mostValues what stands beyond so many in a line is left out
     */
    public static void read(Reader text, int mostValues, Consumer<List<String>> lines) {
        try {
            List<String> line = new ArrayList<>();
            StringBuilder value = new StringBuilder();
            boolean quoted = false;
            boolean begun = false;
            int c = text.read();
            while (c >= 0) {
                int next = text.read();
                if (quoted) {
                    if (c == '"' && next == '"') {
                        value.append('"');
                        next = text.read();
                    } else if (c == '"') {
                        quoted = false;
                    } else {
                        value.append((char) c);
                    }
                } else if (c == '"' && value.isEmpty()) {
                    quoted = true;
                    begun = true;
                } else if (c == ',') {
                    add(line, value, mostValues);
                    value.setLength(0);
                    begun = true;
                } else if (c == '\n' || c == '\r' && next != '\n') {
                    add(line, value, mostValues);
                    value.setLength(0);
                    lines.accept(List.copyOf(line));
                    line.clear();
                    begun = false;
                } else if (c != '\r') {
                    value.append((char) c);
                    begun = true;
                }
                c = next;
            }
            if (begun) {
                add(line, value, mostValues);
                lines.accept(List.copyOf(line));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void add(List<String> line, StringBuilder value, int mostValues) {
        if (line.size() < mostValues) {
            line.add(value.toString());
        }
    }

    /** Null is nothing, an empty text is {@code ""}; what a spreadsheet would run as a formula is made plain text by an apostrophe. */
    static String cell(String value) {
        String text = value;
        if (!text.isEmpty()
                && "=+-@\t\r".indexOf(text.charAt(0)) >= 0
                && !NUMBER.matcher(text).matches()) {
            text = "'" + text;
        }
        return quoted(text);
    }

    private static String quoted(String text) {
        boolean quoted = text.isEmpty() || text.chars().anyMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
        return quoted ? '"' + text.replace("\"", "\"\"") + '"' : text;
    }
}

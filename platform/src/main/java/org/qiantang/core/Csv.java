package org.qiantang.core;

import java.util.List;
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

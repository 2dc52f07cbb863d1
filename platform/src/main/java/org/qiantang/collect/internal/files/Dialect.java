package org.qiantang.collect.internal.files;

/**
 * How a text file is laid out in fields.
 *
 * @param delimiter the byte between fields, or 0 when there is one column only
 * @param quote the byte around fields, or 0
 * @param escape how a quote stands inside quotes
 * @param lineEnd what ends a row
 * @param padding whether a space after the delimiter belongs to the delimiter
 */
record Dialect(byte delimiter, byte quote, Escape escape, LineEnd lineEnd, Padding padding) {
    enum Escape {
        DOUBLED,
        /** A backslash before the quote; a doubled quote is understood as well. */
        BACKSLASH,
    }

    enum LineEnd {
        LF,
        CRLF,
        CR,
    }

    enum Padding {
        NONE,
        SPACE,
    }

    Dialect withDelimiter(byte other) {
        return new Dialect(other, quote, escape, lineEnd, padding);
    }

    Dialect withQuote(byte other, Escape otherEscape) {
        return new Dialect(delimiter, other, otherEscape, lineEnd, padding);
    }

    Dialect withPadding(Padding other) {
        return new Dialect(delimiter, quote, escape, lineEnd, other);
    }

    String delimiterName() {
        return switch (delimiter) {
            case 0 -> "none";
            case '\t' -> "\\t";
            case 1 -> "\\u0001";
            case 31 -> "\\u001f";
            default -> String.valueOf((char) delimiter);
        };
    }

    String quoteName() {
        return quote == 0 ? "none" : String.valueOf((char) quote);
    }
}

package org.qiantang.catalog.web;

import jakarta.servlet.http.HttpServletResponse;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.qiantang.lake.RowSink;
import org.qiantang.lake.RowSink.ResultColumn;

/**
 * Writes an answer as CSV (RFC 4180) while it comes. The response begins with the header row, so that a refusal before it is still a
 * proper problem; a failure after it breaks the transfer off, so that nobody takes half of an answer for all of it.
 */
final class CsvSink implements RowSink {
    private static final char BYTE_ORDER_MARK = '\uFEFF';
    private static final Pattern NUMBER = Pattern.compile("[+-]?\\d+(?:[.,]\\d+)*(?:[eE][+-]?\\d+)?");

    /** Who reads it. */
    enum Form {
        /** A spreadsheet: it is told that this is UTF-8, and nothing in it can run as a formula. */
        SPREADSHEET,
        /** A program: every value exactly as it is. */
        EXACT,
    }

    private final HttpServletResponse response;
    private final Form form;
    private @Nullable Writer out;

    CsvSink(HttpServletResponse response, Form form) {
        this.response = response;
        this.form = form;
    }

    @Override
    public void columns(List<ResultColumn> columns) {
        response.setContentType("text/csv;charset=UTF-8");
        response.setHeader("Content-Disposition", "attachment; filename=\"query.csv\"");
        response.setHeader("Cache-Control", "no-store");
        try {
            Writer writer = new BufferedWriter(
                    new OutputStreamWriter(response.getOutputStream(), StandardCharsets.UTF_8), 1 << 16);
            out = writer;
            if (form == Form.SPREADSHEET) {
                writer.write(BYTE_ORDER_MARK);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        line(columns.stream().<@Nullable String>map(ResultColumn::name).toList());
    }

    @Override
    public void row(List<@Nullable String> values) {
        line(values);
    }

    void finish() throws IOException {
        if (out != null) {
            out.flush();
        }
    }

    private void line(List<? extends @Nullable String> values) {
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
        line.append(form == Form.SPREADSHEET ? "\r\n" : "\n");
        try {
            if (out == null) {
                throw new IllegalStateException("Rows before their header");
            }
            out.write(line.toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
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

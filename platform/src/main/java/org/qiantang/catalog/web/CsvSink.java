package org.qiantang.catalog.web;

import jakarta.servlet.http.HttpServletResponse;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.qiantang.catalog.Contested;
import org.qiantang.catalog.LakeReader;
import org.qiantang.core.Csv;
import org.qiantang.lake.RowSink.ResultColumn;

/**
 * Writes an answer as CSV (RFC 4180) while it comes. The response begins with the header row, so that a refusal before it is still a
 * proper problem; a failure after it breaks the transfer off, so that nobody takes half of an answer for all of it.
 */
final class CsvSink implements LakeReader.ExportSink {
    /** Names the tables of which something is contested, each with how many records. */
    static final String CONTESTED = "Qiantang-Contested";

    private final HttpServletResponse response;
    private final Csv.Form form;
    private @Nullable Writer out;

    CsvSink(HttpServletResponse response, Csv.Form form) {
        this.response = response;
        this.form = form;
    }

    @Override
    public void contested(List<Contested.InTable> tables) {
        contested(response, tables);
    }

    static void contested(HttpServletResponse response, List<Contested.InTable> tables) {
        if (!tables.isEmpty()) {
            response.setHeader(
                    CONTESTED,
                    tables.stream()
                            .map(each -> URLEncoder.encode(each.table(), StandardCharsets.UTF_8) + "=" + each.records())
                            .collect(Collectors.joining(", ")));
        }
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
            writer.write(form.beginning());
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
        try {
            if (out == null) {
                throw new IllegalStateException("Rows before their header");
            }
            out.write(Csv.line(values, form));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

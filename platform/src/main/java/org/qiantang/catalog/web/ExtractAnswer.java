package org.qiantang.catalog.web;

import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import org.qiantang.catalog.Extracts;
import org.qiantang.lake.Extract;

/** Sends a file with everything by which its receiver can tell that it is whole, what is contested of it and where it is in evidence. */
final class ExtractAnswer {
    static final String PARQUET = "application/vnd.apache.parquet";
    static final String ARROW = "application/vnd.apache.arrow.stream";

    private ExtractAnswer() {}

    /** Deletes the file when it is sent, or cannot be. */
    static void send(HttpServletResponse response, Extracts.Ready ready, Extract.Form form, String name)
            throws IOException {
        try (ready) {
            String file = name
                    + switch (form) {
                        case PARQUET -> ".parquet";
                        case ARROW -> ".arrows";
                    };
            response.setContentType(
                    switch (form) {
                        case PARQUET -> PARQUET;
                        case ARROW -> ARROW;
                    });
            response.setContentLengthLong(ready.bytes());
            response.setHeader("Content-Disposition", "attachment; filename=\"" + file + "\"");
            response.setHeader("Cache-Control", "no-store");
            response.setHeader("Repr-Digest", "sha-256=:" + Base64.getEncoder().encodeToString(ready.sha256()) + ":");
            response.setHeader("Qiantang-Rows", Long.toString(ready.rows()));
            response.setHeader(
                    "Qiantang-Evidence",
                    URLEncoder.encode(ready.evidence().log(), StandardCharsets.UTF_8) + "/"
                            + ready.evidence().index());
            CsvSink.contested(response, ready.contested());
            ready.writeTo(response.getOutputStream());
        }
    }

    /** Of {@code parquet} or {@code arrow}. */
    static Extract.Form form(String format) {
        return Extract.Form.valueOf(format.toUpperCase(Locale.ROOT));
    }

    static boolean isForm(String format) {
        return format.equals("parquet") || format.equals("arrow");
    }
}

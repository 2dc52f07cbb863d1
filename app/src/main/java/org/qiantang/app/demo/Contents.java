package org.qiantang.app.demo;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** What every column of the demo city holds, for those who judge what detectors find: written down by hand, column by column. */
final class Contents {
    /** What a column holds that is none of the kinds. */
    static final String NONE = "-";

    private Contents() {}

    /** @param kind of content, or {@link #NONE} */
    record Held(String source, String table, String column, String kind) {}

    static List<Held> read() {
        try (InputStream in = requireNonNull(Contents.class.getResourceAsStream("contents.tsv"), "contents.tsv")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .map(line -> {
                        String[] parts = line.split("\t");
                        int slash = parts[0].indexOf('/');
                        return new Held(
                                parts[0].substring(0, slash), parts[0].substring(slash + 1), parts[1], parts[2]);
                    })
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

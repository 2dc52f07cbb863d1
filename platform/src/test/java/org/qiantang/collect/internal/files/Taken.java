package org.qiantang.collect.internal.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.qiantang.collect.SourceObject;
import org.qiantang.collect.internal.Connector;
import org.qiantang.collect.internal.Connector.RejectedRow;
import org.qiantang.lake.BatchContents;

/** Everything a connector brings of a folder or a file, for tests to look at. */
record Taken(
        SourceObject object,
        Optional<Connector.Unreadable> unreadable,
        List<List<@Nullable String>> rows,
        long rowCount,
        List<RejectedRow> rejects) {
    private static final int KEPT = 50_000;

    static List<Taken> from(Path path) throws Exception {
        try (Connector connector = FolderConnector.open(path)) {
            return from(connector);
        }
    }

    static List<Taken> from(Connector connector) throws Exception {
        List<Taken> all = new ArrayList<>();
        for (SourceObject object : connector.discover()) {
            Optional<Connector.Unreadable> unreadable = connector.unreadable(object);
            List<RejectedRow> rejects = new ArrayList<>();
            List<List<@Nullable String>> rows = new ArrayList<>();
            long count = 0;
            for (Connector.Part part : connector.parts(object)) {
                try (Connector.PartReader reader = connector.open(object, part, rejects::add)) {
                    BatchContents batch = new BatchContents(object.columns().stream()
                            .map(SourceObject.SourceColumn::column)
                            .toList());
                    for (int n = batch.read(reader); n > 0; n = batch.read(reader)) {
                        count += n;
                        for (int row = 0; row < n && rows.size() < KEPT; row++) {
                            List<@Nullable String> values = new ArrayList<>();
                            for (int c = 0; c < object.columns().size(); c++) {
                                values.add(batch.text(c, row));
                            }
                            rows.add(values);
                        }
                    }
                    assertThat(reader.rowsAtSource())
                            .hasValue(count
                                    + rejects.stream()
                                            .filter(reject -> reject.column().isEmpty())
                                            .count());
                }
            }
            all.add(new Taken(object, unreadable, rows, count, rejects));
        }
        return all;
    }

    static Taken one(Path path) throws Exception {
        List<Taken> all = from(path);
        assertThat(all).as(path.toString()).hasSize(1);
        return all.get(0);
    }

    List<String> names() {
        return object.columns().stream().map(column -> column.column().name()).toList();
    }

    List<String> types() {
        return object.columns().stream()
                .map(column -> FileTable.typeName(column.column().type()))
                .toList();
    }

    String outcome() {
        if (unreadable.isPresent()) {
            return unreadable.get().code();
        }
        if (object.lakeName() == null) {
            return "nothing in it";
        }
        return rejects.isEmpty() ? "rows" : "rows and rejects";
    }

    /** A folder of the data that stands beside the checkout. */
    static Path shared(String name) {
        @Nullable String given = System.getenv("QIANTANG_SHARED_DATA");
        Path folder = given == null ? null : Path.of(given);
        for (Path at = Path.of("").toAbsolutePath(); folder == null && at != null; at = at.getParent()) {
            if (Files.isDirectory(at.resolve("shared/data"))) {
                folder = at.resolve("shared/data");
            }
        }
        boolean there = folder != null && Files.exists(folder.resolve(name));
        if (!there && "true".equals(System.getenv("CI"))) {
            throw new AssertionError("shared/data/" + name + " is not beside the checkout");
        }
        Assumptions.assumeTrue(there, "shared/data/" + name + " is not beside the checkout");
        return java.util.Objects.requireNonNull(folder).resolve(name);
    }
}

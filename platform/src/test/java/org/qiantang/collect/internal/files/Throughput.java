package org.qiantang.collect.internal.files;

import java.nio.file.Files;
import java.nio.file.Path;
import org.qiantang.collect.SourceObject;
import org.qiantang.collect.internal.Connector;
import org.qiantang.lake.BatchContents;

/** Measures how fast a file is surveyed and handed over by one thread: {@code Throughput [rows]}. */
final class Throughput {
    private Throughput() {}

    public static void main(String[] args) throws Exception {
        Path file = Files.createTempFile("throughput", ".csv");
        try {
            DelimitedFilesTests.writeTable(file, args.length > 0 ? Integer.parseInt(args[0]) : 1_200_000);
            double megabytes = Files.size(file) / 1e6;
            for (int round = 1; round <= 4; round++) {
                try (Connector connector = FolderConnector.open(file)) {
                    long start = System.nanoTime();
                    SourceObject object = connector.discover().getFirst();
                    long surveyed = System.nanoTime();
                    long rows = 0;
                    try (Connector.PartReader reader =
                            connector.open(object, connector.parts(object).getFirst(), reject -> {})) {
                        BatchContents batch = new BatchContents(object.columns().stream()
                                .map(SourceObject.SourceColumn::column)
                                .toList());
                        for (int n = batch.read(reader); n > 0; n = batch.read(reader)) {
                            rows += n;
                        }
                    }
                    long read = System.nanoTime();
                    System.out.printf(
                            "round %d: %.0f MB, %d rows, survey %.0f MB/s, read %.0f MB/s %s%n",
                            round,
                            megabytes,
                            rows,
                            megabytes / ((surveyed - start) / 1e9),
                            megabytes / ((read - surveyed) / 1e9),
                            object.details().get("types"));
                }
            }
        } finally {
            Files.delete(file);
        }
    }
}

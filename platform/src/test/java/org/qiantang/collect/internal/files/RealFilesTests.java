package org.qiantang.collect.internal.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RealFilesTests {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "frictionless-files",
                "excel-poi",
                "hostile-basic",
                "csvw-tests",
                "china-divisions",
                "csv-spectrum"
            })
    void everyFileEndsInRowsOrANamedReject(String folder) throws Exception {
        Path path = Taken.shared(folder);

        List<Taken> all = Taken.from(path);

        Map<String, Integer> outcomes = new TreeMap<>();
        for (Taken one : all) {
            outcomes.merge(one.outcome(), 1, Integer::sum);
            System.out.printf(
                    "%-18s %-60s %-24s %6d rows %4d rejects %s %s%n",
                    folder,
                    one.object().qualifiedName(),
                    one.outcome(),
                    one.rows().size(),
                    one.rejects().size(),
                    one.unreadable().map(u -> u.reason()).orElse(""),
                    one.unreadable().isPresent()
                            ? ""
                            : one.names().stream().limit(6).toList() + " "
                                    + one.types().stream().limit(6).toList() + " "
                                    + one.object().details().get("header") + " "
                                    + one.object().details().getOrDefault("delimiter", "") + " "
                                    + one.object().details().getOrDefault("encoding", "") + " "
                                    + one.object().details().getOrDefault("preamble", ""));
        }
        System.out.println(folder + " " + outcomes);
        assertThat(outcomes).isNotEmpty();
    }
}

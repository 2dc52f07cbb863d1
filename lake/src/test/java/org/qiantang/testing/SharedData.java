package org.qiantang.testing;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;

/** Data sets made by others, kept in a folder {@code shared/data} beside the checkout or named by {@code QIANTANG_SHARED_DATA}. */
public final class SharedData {
    private SharedData() {}

    /** A data set; where there is none the test is skipped, but not where every test must run. */
    public static Path folder(String name) {
        String given = System.getenv("QIANTANG_SHARED_DATA");
        if (given != null && Files.isDirectory(Path.of(given, name))) {
            return Path.of(given, name);
        }
        for (Path folder = Path.of("").toAbsolutePath(); folder != null; folder = folder.getParent()) {
            Path candidate = folder.resolve("shared").resolve("data").resolve(name);
            if (Files.isDirectory(candidate)) {
                return candidate;
            }
        }
        if ("true".equals(System.getenv("CI"))) {
            throw new IllegalStateException("No shared/data/" + name + " beside the checkout");
        }
        assumeTrue(false, "No shared/data/" + name + " beside the checkout");
        throw new IllegalStateException("not reached");
    }
}

package org.qiantang.bench;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What a benchmark says, on the terminal and in the file that is published as it is. */
final class Log implements AutoCloseable {
    private final Path file;
    private final PrintWriter out;

    private Log(Path file) throws IOException {
        this.file = file;
        this.out = new PrintWriter(Files.newBufferedWriter(file));
    }

    /**
     * Begins today's log.
     *
     * @param folder {@code bench/results} for figures worth publishing, elsewhere for a try
     */
    static Log begin(Path folder, String benchmark, String title) throws IOException {
        Files.createDirectories(folder);
        Log log = new Log(folder.resolve(benchmark + "-" + LocalDate.now(ZoneOffset.UTC) + ".log"));
        log.say("%s, %s", title, Instant.now().truncatedTo(ChronoUnit.SECONDS));
        log.say("machine   %s", Machine.description());
        return log;
    }

    void say(String format, @Nullable Object... values) {
        String line = String.format(Locale.ROOT, format, values);
        System.out.println(line);
        out.println(line);
        out.flush();
    }

    /** One line of the ratios of the pairs: the one in the middle, the lowest and the highest. */
    void ratio(String what, List<Double> ratios) {
        say("  %-44s %.2f (%.2f to %.2f)", what, median(ratios), Collections.min(ratios), Collections.max(ratios));
    }

    /** Says whether what was copied is what was there. @param how what was compared */
    boolean parity(String how, List<String> differences) {
        say("parity    %s", differences.isEmpty() ? "equal: " + how : "DIFFERS");
        differences.forEach(difference -> say("  %s", difference));
        return differences.isEmpty();
    }

    static double median(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }

    @Override
    public void close() {
        out.close();
        System.out.println("The log is " + file);
    }
}

package org.qiantang.app.cli;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** Shows how far a run is: one line that is painted over on a terminal, a plain line now and then elsewhere. */
final class Progress implements AutoCloseable {
    private static final int BAR = 24;
    private static final Duration PLAIN_EVERY = Duration.ofSeconds(5);

    private final PrintStream err;
    private final Texts texts;
    private final String name;
    private final boolean terminal;
    private final int columns;
    private long lastPlain = System.nanoTime();
    private boolean painted;

    Progress(PrintStream err, Map<String, String> environment, Texts texts, String name) {
        this.err = err;
        this.texts = texts;
        this.name = name;
        // The script that started us can tell whether standard error is a terminal; Java cannot.
        this.terminal = environment.getOrDefault("QIANTANG_TERMINAL", "").equals("1");
        String width = environment.getOrDefault("COLUMNS", "");
        this.columns = width.matches("\\d{2,4}") ? Integer.parseInt(width) : 100;
    }

    void show(JsonNode run) {
        if (terminal) {
            err.print("\r" + fit(line(run), columns - 1) + "\u001b[K");
            err.flush();
            painted = true;
        } else if (System.nanoTime() - lastPlain > PLAIN_EVERY.toNanos()) {
            lastPlain = System.nanoTime();
            err.println(line(run));
        }
    }

    @Override
    public void close() {
        if (painted) {
            err.print("\r\u001b[K");
            err.flush();
        }
    }

    private String line(JsonNode run) {
        long rows = run.path("rows").asLong(0);
        long estimated = run.path("estimatedRows").asLong(0);
        StringBuilder line = new StringBuilder(name);
        if (estimated > 0) {
            double share = Math.min(1, (double) rows / estimated);
            int full = (int) (share * BAR);
            line.append(" [")
                    .append("█".repeat(full))
                    .append("░".repeat(BAR - full))
                    .append("] ");
            line.append(String.format(Locale.ROOT, "%3.0f%%", share * 100));
        }
        JsonNode tables = run.path("tables");
        line.append(String.format(
                Locale.ROOT,
                texts.of("  %d/%d 表  %,d 行  %,d 行/秒", "  %d/%d tables  %,d rows  %,d rows/s"),
                tables.path("finished").asLong(0),
                tables.path("found").asLong(0),
                rows,
                run.path("rowsPerSecond").asLong(0)));
        if (run.path("secondsLeft").isNumber()) {
            long left = run.path("secondsLeft").asLong();
            line.append(String.format(Locale.ROOT, texts.of("  剩余 %d:%02d", "  %d:%02d left"), left / 60, left % 60));
        }
        return line.toString();
    }

    private static String fit(String line, int columns) {
        String fitting = line;
        while (TextTable.width(fitting) > columns) {
            fitting = fitting.substring(0, fitting.length() - 1);
        }
        return fitting;
    }
}

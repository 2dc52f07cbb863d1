package org.qiantang.app.demo;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The one row a table is writing: filled cell by cell from the left, handed to the sink by {@link #end}, then filled anew. Reused, so
 * that a million rows cost no million objects.
 */
final class Row {
    /** Where rows go. */
    @FunctionalInterface
    interface Sink {
        void accept(Row row);
    }

    private enum Kind {
        NONE,
        TEXT,
        NUMBER,
        DECIMAL,
        DATE,
        TIME,
        FLAG
    }

    private final SourceSystem source;
    private final Table table;
    private final Truth truth;
    private final Sink sink;
    private final Kind[] kinds;
    private final long[] numbers;
    private final int[] scales;
    private final String[] texts;
    private final int width;
    private final List<Mark> marks = new ArrayList<>();
    private int filled;
    private long written;
    private @Nullable String raw;

    private record Mark(Plant plant, int ordinal, Truth.Part part, List<String> columns) {}

    Row(SourceSystem source, Table table, Truth truth, Sink sink) {
        this.source = source;
        this.table = table;
        this.truth = truth;
        this.sink = sink;
        this.width = table.columns().size();
        this.kinds = new Kind[width];
        this.numbers = new long[width];
        this.scales = new int[width];
        this.texts = new String[width];
        Arrays.fill(kinds, Kind.NONE);
        Arrays.fill(texts, "");
    }

    Table table() {
        return table;
    }

    /** How many rows were ended so far. */
    long written() {
        return written;
    }

    Row text(@Nullable String value) {
        if (value == null) {
            return none();
        }
        int cell = next(Kind.TEXT);
        texts[cell] = value;
        return this;
    }

    Row number(long value) {
        numbers[next(Kind.NUMBER)] = value;
        return this;
    }

    /** The number unscaled / 10^scale. */
    Row decimal(long unscaled, int scale) {
        int cell = next(Kind.DECIMAL);
        numbers[cell] = unscaled;
        scales[cell] = scale;
        return this;
    }

    /** Days since 1970-01-01. */
    Row date(long epochDay) {
        numbers[next(Kind.DATE)] = epochDay;
        return this;
    }

    /** Seconds since 1970-01-01 00:00 by the clock on the city's wall. */
    Row time(long localSecond) {
        numbers[next(Kind.TIME)] = localSecond;
        return this;
    }

    Row flag(boolean value) {
        numbers[next(Kind.FLAG)] = value ? 1 : 0;
        return this;
    }

    Row none() {
        next(Kind.NONE);
        return this;
    }

    /** Dates and times that may be missing are written as this. */
    static final long MISSING = Long.MIN_VALUE;

    Row dateOrNone(long epochDay) {
        return epochDay == MISSING ? none() : date(epochDay);
    }

    Row timeOrNone(long localSecond) {
        return localSecond == MISSING ? none() : time(localSecond);
    }

    /** Records the row about to be ended in the truth, with the values of these columns. */
    Row plant(Plant plant, int ordinal, String... columns) {
        marks.add(new Mark(plant, ordinal, Truth.Part.SHOWS, List.of(columns)));
        return this;
    }

    /** Records the row about to be ended as the one that has it right where the planted row is faulty. */
    Row counterpart(Plant plant, int ordinal, String... columns) {
        marks.add(new Mark(plant, ordinal, Truth.Part.COUNTERPART, List.of(columns)));
        return this;
    }

    /** Makes the row about to be ended stand in the file as this line, which no reader can split into the file's columns. */
    Row ragged(String line) {
        raw = line;
        return this;
    }

    /** The line to write instead of the cells, or null. */
    @Nullable
    String raw() {
        return raw;
    }

    void end() {
        if (filled != width) {
            throw new IllegalStateException(
                    table.name() + " has " + width + " columns, the row " + filled + " cells: row " + written);
        }
        for (Mark mark : marks) {
            truth.plant(mark.plant, mark.ordinal, mark.part, source, this, mark.columns);
        }
        marks.clear();
        sink.accept(this);
        raw = null;
        filled = 0;
        written++;
    }

    private int next(Kind kind) {
        kinds[filled] = kind;
        return filled++;
    }

    boolean isNone(int cell) {
        return kinds[cell] == Kind.NONE;
    }

    boolean isText(int cell) {
        return kinds[cell] == Kind.TEXT;
    }

    boolean isNumeric(int cell) {
        return kinds[cell] == Kind.NUMBER || kinds[cell] == Kind.DECIMAL;
    }

    boolean isDate(int cell) {
        return kinds[cell] == Kind.DATE;
    }

    boolean isTime(int cell) {
        return kinds[cell] == Kind.TIME;
    }

    /** The text of a text cell. */
    String textAt(int cell) {
        return texts[cell];
    }

    /** The day of a date cell, the seconds of a time cell, the unscaled value of a number. */
    long numberAt(int cell) {
        return numbers[cell];
    }

    double numeric(int cell) {
        double value = numbers[cell];
        for (int i = 0; kinds[cell] == Kind.DECIMAL && i < scales[cell]; i++) {
            value /= 10;
        }
        return value;
    }

    /** A cell as people write it; nothing for a missing value. */
    @Nullable
    String value(String column) {
        int cell = table.indexOf(column);
        if (isNone(cell)) {
            return null;
        }
        StringBuilder out = new StringBuilder();
        append(cell, out);
        return out.toString();
    }

    /** Appends a cell as people write it: 2026-10-31, 2026-10-31 08:00:00, 12.50, true. */
    void append(int cell, StringBuilder out) {
        switch (kinds[cell]) {
            case NONE -> {}
            case TEXT -> out.append(texts[cell]);
            case NUMBER -> out.append(numbers[cell]);
            case DECIMAL -> decimal(numbers[cell], scales[cell], out);
            case DATE -> Days.append(numbers[cell], out);
            case TIME -> Days.appendTime(numbers[cell], out);
            case FLAG -> out.append(numbers[cell] == 1 ? "true" : "false");
        }
    }

    private static void decimal(long unscaled, int scale, StringBuilder out) {
        if (scale == 0) {
            out.append(unscaled);
            return;
        }
        if (unscaled < 0) {
            out.append('-');
        }
        long rest = Math.abs(unscaled);
        long unit = 1;
        for (int i = 0; i < scale; i++) {
            unit *= 10;
        }
        out.append(rest / unit).append('.');
        rest %= unit;
        for (unit /= 10; unit > 0; unit /= 10) {
            out.append((char) ('0' + rest / unit));
            rest %= unit;
        }
    }
}

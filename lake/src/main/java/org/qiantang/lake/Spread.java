package org.qiantang.lake;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How the values of a column that has an order lie between its lowest and its highest: rows counted in steps that are chosen beforehand, so
 * that counts of parts simply add up. Numbers have 128 steps for each power of two (within 0.4 percent), moments and dates one for each
 * day, times of the day one for each minute. What is no value of an order (infinity, not a number) is left out.
 */
final class Spread {
    private static final int PAGE = 64;
    private static final int FINE = 7;
    private static final long DAY = 86_400_000_000L;
    private static final long MINUTE = 60_000_000L;
    private static final int FIRST_DAY = -150_000;
    private static final int LAST_DAY = 250_000;
    private static final int SMALLEST_POWER = -40;
    private static final int LARGEST_POWER = 64;

    /** What the values are. */
    enum Of {
        WHOLE,
        REAL,
        DATE,
        MOMENT,
        TIME;

        static @Nullable Of of(LakeType type) {
            return switch (type) {
                case LakeType.Int32 ignored -> WHOLE;
                case LakeType.Int64 ignored -> WHOLE;
                case LakeType.Decimal decimal -> decimal.precision() <= 18 ? WHOLE : REAL;
                case LakeType.Float32 ignored -> REAL;
                case LakeType.Float64 ignored -> REAL;
                case LakeType.Date ignored -> DATE;
                case LakeType.Timestamp ignored -> MOMENT;
                case LakeType.TimestampTz ignored -> MOMENT;
                case LakeType.Time ignored -> TIME;
                case LakeType.Bool ignored -> null;
                case LakeType.Text ignored -> null;
                case LakeType.Uuid ignored -> null;
                case LakeType.Binary ignored -> null;
            };
        }
    }

    private final Of of;
    /** Steps below zero stand before those above, so that their order is that of the values. */
    private final int zero;

    private final long[][] pages;
    private long rows;
    private long lowest = Long.MAX_VALUE;
    private long highest = Long.MIN_VALUE;
    private double lowestReal = Double.POSITIVE_INFINITY;
    private double highestReal = Double.NEGATIVE_INFINITY;

    Spread(Of of) {
        this.of = of;
        int steps = switch (of) {
            case WHOLE -> (Long.SIZE - FINE + 1) << FINE;
            case REAL -> (LARGEST_POWER - SMALLEST_POWER + 2) << FINE;
            case DATE -> LAST_DAY;
            case MOMENT -> LAST_DAY;
            case TIME -> 24 * 60;
        };
        zero = switch (of) {
            case WHOLE -> steps / PAGE + 1;
            case REAL -> steps / PAGE + 1;
            case DATE -> -FIRST_DAY / PAGE + 1;
            case MOMENT -> -FIRST_DAY / PAGE + 1;
            case TIME -> 0;
        };
        pages = new long[zero + steps / PAGE + 1][];
    }

    void add(long[] values, boolean[] nulls, boolean anyNull, int from, int until) {
        switch (of) {
            case WHOLE -> wholes(values, nulls, anyNull, from, until);
            case REAL -> reals(values, nulls, anyNull, from, until);
            case DATE -> times(values, nulls, anyNull, from, until, 1, Batch.INFINITE_DATE);
            case MOMENT -> times(values, nulls, anyNull, from, until, DAY, Long.MAX_VALUE);
            case TIME -> times(values, nulls, anyNull, from, until, MINUTE, Long.MAX_VALUE);
        }
    }

    private void wholes(long[] values, boolean[] nulls, boolean anyNull, int from, int until) {
        long low = lowest;
        long high = highest;
        int counted = 0;
        for (int row = from; row < until; row++) {
            if (anyNull && nulls[row]) {
                continue;
            }
            long value = values[row];
            low = Math.min(low, value);
            high = Math.max(high, value);
            count(whole(value), 1);
            counted++;
        }
        rows += counted;
        lowest = low;
        highest = high;
    }

    private void reals(long[] values, boolean[] nulls, boolean anyNull, int from, int until) {
        double low = lowestReal;
        double high = highestReal;
        int counted = 0;
        for (int row = from; row < until; row++) {
            double value = Double.longBitsToDouble(values[row]);
            if (anyNull && nulls[row] || !Double.isFinite(value)) {
                continue;
            }
            low = Math.min(low, value);
            high = Math.max(high, value);
            count(real(value), 1);
            counted++;
        }
        rows += counted;
        lowestReal = low;
        highestReal = high;
    }

    private void times(long[] values, boolean[] nulls, boolean anyNull, int from, int until, long step, long infinite) {
        long low = lowest;
        long high = highest;
        int counted = 0;
        for (int row = from; row < until; row++) {
            long value = values[row];
            if (anyNull && nulls[row] || value >= infinite || value <= -infinite) {
                continue;
            }
            low = Math.min(low, value);
            high = Math.max(high, value);
            count(stepOfTime(value, step), 1);
            counted++;
        }
        rows += counted;
        lowest = low;
        highest = high;
    }

    /** A value that stands in so many rows. */
    void add(long value, long times) {
        switch (of) {
            case WHOLE -> add(value, whole(value), times);
            case REAL -> {
                double real = Double.longBitsToDouble(value);
                if (Double.isFinite(real)) {
                    lowestReal = Math.min(lowestReal, real);
                    highestReal = Math.max(highestReal, real);
                    count(real(real), times);
                    rows += times;
                }
            }
            case DATE -> addTime(value, times, 1, Batch.INFINITE_DATE);
            case MOMENT -> addTime(value, times, DAY, Long.MAX_VALUE);
            case TIME -> addTime(value, times, MINUTE, Long.MAX_VALUE);
        }
    }

    private void addTime(long value, long times, long step, long infinite) {
        if (value < infinite && value > -infinite) {
            add(value, stepOfTime(value, step), times);
        }
    }

    private void add(long value, int step, long times) {
        lowest = Math.min(lowest, value);
        highest = Math.max(highest, value);
        count(step, times);
        rows += times;
    }

    private static int stepOfTime(long value, long step) {
        return (int) Math.clamp(Math.floorDiv(value, step), FIRST_DAY, LAST_DAY);
    }

    private void count(int step, long times) {
        int at = (step >> 6) + zero;
        long[] page = pages[at];
        if (page == null) {
            page = new long[PAGE];
            pages[at] = page;
        }
        page[step & PAGE - 1] += times;
    }

    /** The step of a whole number; below {@code 2^(FINE+1)} each has its own. */
    private static int whole(long value) {
        long size = value < 0 ? ~value : value;
        int power = Long.SIZE - 1 - Long.numberOfLeadingZeros(size | 1);
        int coarse = Math.max(0, power - FINE);
        int step = (coarse << FINE) + (int) (size >>> coarse);
        return value < 0 ? ~step : step;
    }

    private static double middleOfWhole(int step) {
        int size = step < 0 ? ~step : step;
        int coarse = Math.max(0, (size >> FINE) - 1);
        double from = Math.scalb((double) (size - (coarse << FINE)), coarse);
        double middle = from + (Math.scalb(1.0, coarse) - 1) / 2;
        return step < 0 ? -1 - middle : middle;
    }

    private static int real(double value) {
        long bits = Double.doubleToRawLongBits(value) & Long.MAX_VALUE;
        int step = (int) (bits >>> 52 - FINE) - ((1023 + SMALLEST_POWER) << FINE);
        step = Math.clamp(step, 0, (LARGEST_POWER - SMALLEST_POWER + 1) << FINE);
        return value < 0 ? ~step : step;
    }

    private static double middleOfReal(int step) {
        int size = step < 0 ? ~step : step;
        long bits = (size + ((1023L + SMALLEST_POWER) << FINE)) << 52 - FINE;
        double middle = size == 0 ? 0 : Double.longBitsToDouble(bits | 1L << 51 - FINE);
        return step < 0 ? -middle : middle;
    }

    void add(Spread other) {
        for (int i = 0; i < pages.length; i++) {
            long[] more = other.pages[i];
            if (more == null) {
                continue;
            }
            long[] page = pages[i];
            if (page == null) {
                pages[i] = more.clone();
            } else {
                for (int j = 0; j < PAGE; j++) {
                    page[j] += more[j];
                }
            }
        }
        rows += other.rows;
        lowest = Math.min(lowest, other.lowest);
        highest = Math.max(highest, other.highest);
        lowestReal = Math.min(lowestReal, other.lowestReal);
        highestReal = Math.max(highestReal, other.highestReal);
    }

    boolean isEmpty() {
        return rows == 0;
    }

    boolean isReal() {
        return of == Of.REAL;
    }

    long lowest() {
        return lowest;
    }

    long highest() {
        return highest;
    }

    double lowestReal() {
        return of == Of.REAL ? lowestReal : lowest;
    }

    double highestReal() {
        return of == Of.REAL ? highestReal : highest;
    }

    /** The value, in the column's own unit, that so many percent of the rows do not exceed. */
    double quantile(int percent) {
        long wanted = Math.max(1, Math.ceilDiv(Math.multiplyExact(rows, percent), 100));
        double[] found = {highestReal()};
        long[] seen = {0};
        forEach((middle, count) -> {
            if (seen[0] < wanted) {
                found[0] = middle;
            }
            seen[0] += count;
        });
        return found[0];
    }

    /** Rows in equal steps between the lowest and the highest. */
    List<Long> bins(int number) {
        double from = lowestReal();
        double width = (highestReal() - from) / number;
        long[] bins = new long[number];
        forEach((middle, count) ->
                bins[width > 0 ? Math.clamp((long) ((middle - from) / width), 0, number - 1) : 0] += count);
        List<Long> list = new ArrayList<>();
        for (long bin : bins) {
            list.add(bin);
        }
        return list;
    }

    /** The highest value that does not come after another; where some do, the day of it. Null when all do. */
    @Nullable
    Long newest(long until) {
        if (highest <= until) {
            return highest;
        }
        Long[] found = {null};
        long step = of == Of.DATE ? 1 : DAY;
        forEach((start, middle, count) -> {
            long from = Math.multiplyExact(start, step);
            if (from <= until && lowest <= until) {
                found[0] = Math.max(lowest, from);
            }
        });
        return found[0];
    }

    private interface Step {
        void accept(double middle, long count);
    }

    private interface WholeStep {
        void accept(long start, double middle, long count);
    }

    /** Of what was counted, in the order of the values; none is outside of the lowest and the highest. */
    private void forEach(Step step) {
        forEach((start, middle, count) -> step.accept(middle, count));
    }

    private void forEach(WholeStep each) {
        for (int i = 0; i < pages.length; i++) {
            long[] page = pages[i];
            for (int j = 0; page != null && j < PAGE; j++) {
                if (page[j] > 0) {
                    int step = (i - zero) * PAGE + j;
                    double middle = switch (of) {
                        case WHOLE -> middleOfWhole(step);
                        case REAL -> middleOfReal(step);
                        case DATE -> step;
                        case MOMENT -> (step + 0.5) * DAY;
                        case TIME -> (double) step * MINUTE;
                    };
                    each.accept(step, Math.clamp(middle, lowestReal(), highestReal()), page[j]);
                }
            }
        }
    }
}

package org.qiantang.lake;

import static java.util.Objects.requireNonNull;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * A column's profile while it grows, a batch of rows at a time. Sketches of parts add up to the sketch of the whole, whatever their order.
 * What is done for each value is a few instructions and allocates nothing.
 *
 * <p>While a column has few different values, they and their rows are all there is to keep: what else there is to know follows from them.
 *
 * <p>Not thread-safe.
 */
final class Sketch {
    private static final int BINS = 16;
    private static final int TOP = 10;
    private static final int PATTERNS = 10;
    private static final int LONGEST_VALUE = 256;
    private static final long SECOND = 1_000_000;

    private final LakeType type;
    private final Distinct distinct = new Distinct();
    private final @Nullable KeptValues kept;
    private final @Nullable Spread spread;
    /** Whether {@link #kept} holds everything; the others know nothing yet. */
    private boolean few;

    private long values;
    private long length;
    private long shortest = Long.MAX_VALUE;
    private long longest;

    Sketch(LakeType type) {
        this.type = type;
        // Bytes tell nothing to anybody who looks at them.
        this.kept = type instanceof LakeType.Binary ? null : new KeptValues();
        Spread.Of of = Spread.Of.of(type);
        this.spread = of == null ? null : new Spread(of);
        this.few = kept != null && !(type instanceof LakeType.Decimal wide && wide.precision() > 18);
    }

    /** A text, of which the end may have been cut off. */
    private record Start(byte[] utf8, int characters) {}

    /**
     * Takes in the first rows of a batch.
     *
     * @param hashes of the values, for {@link Checksum}
     * @param numbers the values, or their size where the engine gets them as text; null for what is text
     */
    void add(
            long[] hashes,
            long @Nullable [] numbers,
            @Nullable Texts texts,
            boolean[] nulls,
            boolean anyNull,
            int rows) {
        int from = few ? rows : 0;
        if (kept != null) {
            IntFunction<Object> value = texts != null
                    ? row -> new Start(texts.start(row, LONGEST_VALUE), texts.characters(row))
                    : row -> requireNonNull(numbers)[row];
            int taken = kept.add(hashes, nulls, anyNull, 0, rows, value);
            if (kept.isTooMany()) {
                if (few) {
                    unfold();
                    from = taken;
                }
                kept.leaveOut();
                kept.add(hashes, nulls, anyNull, taken, rows, value);
            }
        }
        if (from == rows) {
            return;
        }
        if (anyNull) {
            distinct.add(hashes, nulls, from, rows);
        } else {
            distinct.add(hashes, from, rows);
        }
        if (spread != null && numbers != null) {
            spread.add(numbers, nulls, anyNull, from, rows);
        } else if (texts != null) {
            lengths(texts, nulls, anyNull, from, rows);
        }
    }

    /** Tells the others what the few values are; from now on they see every row. */
    private void unfold() {
        requireNonNull(kept).forEach(this::see);
        few = false;
    }

    private void see(long hash, Object value, long rows) {
        distinct.add(hash);
        if (value instanceof Start start) {
            length += start.characters * rows;
            values += rows;
            shortest = Math.min(shortest, start.characters);
            longest = Math.max(longest, start.characters);
        } else if (spread != null) {
            spread.add((Long) value, rows);
        }
    }

    private void lengths(Texts texts, boolean[] nulls, boolean anyNull, int from, int rows) {
        long sum = 0;
        long least = shortest;
        long most = longest;
        int counted = 0;
        for (int row = from; row < rows; row++) {
            if (anyNull && nulls[row]) {
                continue;
            }
            int each = texts.characters(row);
            sum += each;
            least = Math.min(least, each);
            most = Math.max(most, each);
            counted++;
        }
        length += sum;
        values += counted;
        shortest = least;
        longest = most;
    }

    void add(Sketch other) {
        if (few && !other.few) {
            unfold();
        } else if (!few && other.few) {
            requireNonNull(other.kept).forEach(this::see);
        }
        distinct.add(other.distinct);
        if (kept != null) {
            kept.add(requireNonNull(other.kept));
            if (kept.isTooMany()) {
                if (few) {
                    unfold();
                }
                kept.leaveOut();
            }
        }
        if (spread != null) {
            spread.add(requireNonNull(other.spread));
        }
        values += other.values;
        length += other.length;
        shortest = Math.min(shortest, other.shortest);
        longest = Math.max(longest, other.longest);
    }

    /**
     * @param at when it was measured
     * @param zone of dates and of moments of no particular zone
     */
    ColumnProfile profile(String column, long rows, long nulls, Instant at, ZoneId zone) {
        List<Map.Entry<Object, Long>> some = new ArrayList<>();
        boolean counted = false;
        if (few) {
            unfold();
        }
        if (kept != null) {
            kept.settle();
            counted = kept.isWhole();
            kept.forEach((hash, value, count) -> some.add(Map.entry(value, count)));
        }
        long different = counted ? some.size() : Math.min(distinct.estimate(), rows - nulls);
        return new ColumnProfile(
                column,
                type.label(),
                rows,
                nulls,
                different,
                counted,
                spread == null && values > 0 ? measured() : null,
                some.size(),
                (int) some.stream().filter(each -> each.getValue() == 1).count(),
                type instanceof LakeType.Text ? patterns(some) : List.of(),
                values(some, counted, at, zone));
    }

    private ColumnProfile.Lengths measured() {
        // Bytes travel as two characters each.
        int per = type instanceof LakeType.Binary ? 2 : 1;
        return new ColumnProfile.Lengths(shortest / per, (double) length / values / per, longest / per);
    }

    private static List<ColumnProfile.Pattern> patterns(List<Map.Entry<Object, Long>> some) {
        Map<String, Integer> shapes = new TreeMap<>();
        some.forEach(each -> shapes.merge(
                Shape.of(new String(((Start) each.getKey()).utf8, StandardCharsets.UTF_8)), 1, Integer::sum));
        return shapes.entrySet().stream()
                .map(each -> new ColumnProfile.Pattern(each.getKey(), each.getValue()))
                .sorted(Comparator.comparingInt(ColumnProfile.Pattern::values).reversed())
                .limit(PATTERNS)
                .toList();
    }

    private ColumnProfile.@Nullable Values values(
            List<Map.Entry<Object, Long>> some, boolean counted, Instant at, ZoneId zone) {
        List<ColumnProfile.Top> top = !counted
                ? List.of()
                : some.stream()
                        .map(each -> new ColumnProfile.Top(written(each.getKey()), each.getValue()))
                        .sorted(Comparator.comparingLong(ColumnProfile.Top::rows)
                                .reversed()
                                .thenComparing(ColumnProfile.Top::value))
                        .limit(TOP)
                        .toList();
        if (spread == null || spread.isEmpty()) {
            return top.isEmpty() ? null : new ColumnProfile.Values(null, null, List.of(), List.of(), top, null);
        }
        return new ColumnProfile.Values(
                spread.isReal() ? real(spread.lowestReal()) : written(spread.lowest()),
                spread.isReal() ? real(spread.highestReal()) : written(spread.highest()),
                quantiles(some, counted),
                spread.bins(BINS),
                top,
                newest(at, zone));
    }

    /** Exact where all values were counted. */
    private List<String> quantiles(List<Map.Entry<Object, Long>> some, boolean counted) {
        Spread all = requireNonNull(spread);
        if (!counted || type instanceof LakeType.Decimal wide && wide.precision() > 18) {
            return ColumnProfile.QUANTILES.stream()
                    .map(percent -> rounded(all.quantile(percent)))
                    .toList();
        }
        Comparator<Map.Entry<Object, Long>> order = all.isReal()
                ? Comparator.comparingDouble(each -> Double.longBitsToDouble((Long) each.getKey()))
                : Comparator.comparingLong(each -> (Long) each.getKey());
        List<Map.Entry<Object, Long>> sorted = some.stream().sorted(order).toList();
        long rows = sorted.stream().mapToLong(Map.Entry::getValue).sum();
        List<String> quantiles = new ArrayList<>();
        for (int percent : ColumnProfile.QUANTILES) {
            long wanted = Math.max(1, Math.ceilDiv(rows * percent, 100));
            long seen = 0;
            for (Map.Entry<Object, Long> each : sorted) {
                seen += each.getValue();
                if (seen >= wanted) {
                    quantiles.add(written(each.getKey()));
                    break;
                }
            }
        }
        return quantiles;
    }

    private @Nullable String newest(Instant at, ZoneId zone) {
        long until = switch (type) {
            case LakeType.Date ignored -> LocalDate.ofInstant(at, zone).toEpochDay();
            case LakeType.Timestamp ignored ->
                micros(LocalDateTime.ofInstant(at, zone).toInstant(ZoneOffset.UTC));
            case LakeType.TimestampTz ignored -> micros(at);
            default -> Long.MIN_VALUE;
        };
        Long newest = until == Long.MIN_VALUE ? null : requireNonNull(spread).newest(until);
        return newest == null ? null : written(newest);
    }

    private static long micros(Instant at) {
        return ChronoUnit.MICROS.between(Instant.EPOCH, at);
    }

    /** What the spread knows is no more exact than this. */
    private String rounded(double value) {
        return switch (type) {
            case LakeType.Decimal decimal ->
                decimal.precision() <= 18
                        ? plain(BigDecimal.valueOf(value)
                                .movePointLeft(decimal.scale())
                                .round(new MathContext(4)))
                        : plain(BigDecimal.valueOf(value).round(new MathContext(4)));
            case LakeType.Int32 ignored -> rounded4(value);
            case LakeType.Int64 ignored -> rounded4(value);
            case LakeType.Float32 ignored -> plain(BigDecimal.valueOf(value).round(new MathContext(4)));
            case LakeType.Float64 ignored -> plain(BigDecimal.valueOf(value).round(new MathContext(4)));
            case LakeType.Timestamp ignored -> day(value);
            case LakeType.TimestampTz ignored -> day(value);
            default -> written((long) value);
        };
    }

    private static String rounded4(double value) {
        return plain(BigDecimal.valueOf(value).setScale(0, RoundingMode.HALF_UP).round(new MathContext(4)));
    }

    private static String day(double micros) {
        return LocalDate.ofEpochDay(Math.floorDiv((long) micros, 86_400 * SECOND))
                .toString();
    }

    private static String plain(BigDecimal value) {
        return value.signum() == 0 ? "0" : value.stripTrailingZeros().toPlainString();
    }

    private String written(Object value) {
        return value instanceof Start start ? text(start.utf8) : written((long) (Long) value);
    }

    private static String text(byte[] utf8) {
        // A zero byte cannot be kept by a database, so its picture stands for it.
        String text = new String(utf8, StandardCharsets.UTF_8).replace('\0', '\u2400');
        // The last character may have been cut.
        return utf8.length < LONGEST_VALUE ? text : text.substring(0, text.length() - 1) + "…";
    }

    private String written(long value) {
        return switch (type) {
            case LakeType.Bool ignored -> value == 0 ? "false" : "true";
            case LakeType.Int32 ignored -> Long.toString(value);
            case LakeType.Int64 ignored -> Long.toString(value);
            case LakeType.Decimal decimal ->
                BigDecimal.valueOf(value, decimal.scale()).toPlainString();
            case LakeType.Float32 ignored -> real(Double.longBitsToDouble(value));
            case LakeType.Float64 ignored -> real(Double.longBitsToDouble(value));
            case LakeType.Date ignored ->
                Math.abs(value) >= Batch.INFINITE_DATE
                        ? infinity(value)
                        : LocalDate.ofEpochDay(value).toString();
            case LakeType.Time ignored -> LocalTime.ofNanoOfDay(value * 1_000).toString();
            case LakeType.Timestamp ignored ->
                Math.abs(value) == Long.MAX_VALUE
                        ? infinity(value)
                        : moment(value).toString();
            case LakeType.TimestampTz ignored ->
                Math.abs(value) == Long.MAX_VALUE
                        ? infinity(value)
                        : moment(value).toInstant(ZoneOffset.UTC).toString();
            case LakeType.Text ignored -> throw new IllegalStateException("A text is no number");
            case LakeType.Uuid ignored -> throw new IllegalStateException("A UUID is no number");
            case LakeType.Binary ignored -> throw new IllegalStateException("Bytes are no number");
        };
    }

    private static LocalDateTime moment(long micros) {
        return LocalDateTime.ofEpochSecond(
                Math.floorDiv(micros, SECOND), (int) Math.floorMod(micros, SECOND) * 1_000, ZoneOffset.UTC);
    }

    private static String infinity(long value) {
        return value < 0 ? "-infinity" : "infinity";
    }

    private static String real(double value) {
        return Double.isFinite(value) ? plain(BigDecimal.valueOf(value)) : Double.toString(value);
    }
}

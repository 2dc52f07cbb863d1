package org.qiantang.lake;

import static java.util.Objects.requireNonNull;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the values of a column look like as a whole, taken while they came in, so that somebody who answers for them sees at a glance what
 * a table holds and what has become of it. It is the same however the table was cut into parts.
 *
 * @param rows of the table
 * @param distinct different values; an estimate within a few percent unless they were {@code counted}
 * @param counted whether there are few enough to count each
 * @param lengths of texts and bytes; null for others
 * @param sampled different values that {@code once} and {@code patterns} are of: all when they were counted, else some chosen by hash
 * @param once how many of them stand in one row alone
 * @param patterns what the values are written like, the most frequent first: classes of characters, never a character of a word or number
 * @param values what shows single values; null where nobody may see them
 */
public record ColumnProfile(
        String column,
        String type,
        long rows,
        long nulls,
        long distinct,
        boolean counted,
        @Nullable Lengths lengths,
        int sampled,
        int once,
        List<Pattern> patterns,
        @Nullable Values values) {
    /** The shares of the rows, in percent, at which the {@link Values#quantiles} stand. */
    public static final List<Integer> QUANTILES = List.of(1, 5, 25, 50, 75, 95, 99);

    public ColumnProfile {
        requireNonNull(column, "column is null");
        requireNonNull(type, "type is null");
        patterns = List.copyOf(patterns);
    }

    /** Of the values that are not null: characters of a text, bytes of anything else. */
    public record Lengths(long shortest, double mean, long longest) {}

    /** A way of writing: {@code 9{4}-9{2}}, and how many of the sampled values have it. */
    public record Pattern(String shape, int values) {}

    /** A value and the rows it stands in. */
    public record Top(String value, long rows) {}

    /**
     * What shows single values.
     *
     * @param lowest as somebody would write it down; null of what has no order and of a column that holds nothing
     * @param quantiles at {@link #QUANTILES}; numbers within half a percent, moments by their day, times by their minute
     * @param bins rows in equal steps from the lowest to the highest
     * @param top the most frequent values, where all were counted
     * @param newest of dates and moments: the newest that is not in the future
     */
    public record Values(
            @Nullable String lowest,
            @Nullable String highest,
            List<String> quantiles,
            List<Long> bins,
            List<Top> top,
            @Nullable String newest) {
        public Values {
            quantiles = List.copyOf(quantiles);
            bins = List.copyOf(bins);
            top = List.copyOf(top);
        }
    }

    /** The same for everybody: counts and ways of writing. */
    public ColumnProfile withoutValues() {
        return withValues(null);
    }

    public ColumnProfile withValues(@Nullable Values shown) {
        return new ColumnProfile(column, type, rows, nulls, distinct, counted, lengths, sampled, once, patterns, shown);
    }
}

package org.qiantang.zone;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.qiantang.portal.SmallCells;

/**
 * What two results tell together that neither tells alone (差分攻击): where the groups that both of them count differ by a few, what is known of
 * the difference is known of those few. Groups are put together to the dimensions that both have, and each count of the one is compared with
 * each of the other, whatever they are called; and so is how many they count altogether.
 */
final class Differencing {
    /** Stands for all values of a dimension, whatever a result calls that. */
    private static final String ALL = "*";

    private Differencing() {}

    /**
     * A group in which two results differ by fewer than k, but differ.
     *
     * @param cell the values of the common dimensions
     */
    record Close(List<@Nullable String> cell, long now, long before) {}

    /** Totals are compared too, those that stand in the results and those that can be made of them: no dimension is needed for that. */
    static List<Close> compare(Held now, Held before, int k) {
        Map<String, Integer> ours = dimensions(now);
        Map<String, Integer> theirs = dimensions(before);
        List<String> common =
                ours.keySet().stream().filter(theirs::containsKey).sorted().toList();
        int[] here = common.stream().mapToInt(ours::get).toArray();
        int[] there = common.stream().mapToInt(theirs::get).toArray();
        List<Groups> a = groups(now, here);
        List<Groups> b = groups(before, there);
        List<Close> close = new ArrayList<>();
        Set<List<@Nullable String>> told = new HashSet<>();
        for (Groups one : a) {
            for (Groups other : b) {
                for (Map.Entry<List<@Nullable String>, Long> group : one.sums.entrySet()) {
                    Long also = other.sums.get(group.getKey());
                    if (also != null && differ(group.getValue(), also, k) && told.add(group.getKey())) {
                        close.add(new Close(group.getKey(), group.getValue(), also));
                    }
                }
            }
        }
        if (!close.isEmpty()) {
            return close;
        }
        // What the groups are called in the one may be nothing that they are called in the other.
        for (Groups one : a) {
            for (Groups other : b) {
                if (differ(one.whole(), other.whole(), k)) {
                    List<@Nullable String> everybody = new ArrayList<>();
                    everybody.add(ALL);
                    return List.of(new Close(everybody, one.whole(), other.whole()));
                }
            }
        }
        return List.of();
    }

    private static boolean differ(long one, long other, int k) {
        return one != other && Math.abs(one - other) < k;
    }

    private static Map<String, Integer> dimensions(Held held) {
        Map<String, Integer> dimensions = new HashMap<>();
        for (int at : held.at(Declaration.As.IDENTIFYING)) {
            dimensions.putIfAbsent(held.columns().get(at).key().toLowerCase(Locale.ROOT), at);
        }
        return dimensions;
    }

    /** How many are in each group, by one count of the rows that are totals in the same dimensions; each of these is made of all people once. */
    private record Groups(Map<List<@Nullable String>, Long> sums) {
        long whole() {
            return sums.values().stream().mapToLong(n -> n).sum();
        }
    }

    /** Of each count of the result; records count themselves. */
    private static List<Groups> groups(Held held, int[] common) {
        int[] all = held.at(Declaration.As.IDENTIFYING);
        boolean records = held.kind() == Declaration.Kind.RECORDS;
        int[] counts = records ? new int[] {-1} : held.at(Declaration.As.COUNT);
        List<Groups> groups = new ArrayList<>();
        for (int count : counts) {
            Map<List<Boolean>, Groups> byTotals = new HashMap<>();
            for (List<@Nullable String> row : held.rows()) {
                List<Boolean> totals = Held.of(row, all).stream()
                        .map(value -> !records && SmallCells.isTotal(value))
                        .toList();
                List<@Nullable String> group = new ArrayList<>(Held.of(row, common));
                if (!records) {
                    group.replaceAll(value -> SmallCells.isTotal(value) ? ALL : value);
                }
                byTotals.computeIfAbsent(totals, any -> new Groups(new HashMap<>()))
                        .sums
                        .merge(group, count < 0 ? 1 : number(row.get(count)), Long::sum);
            }
            groups.addAll(byTotals.values());
        }
        return groups;
    }

    /** What is no number of people counts none; it is found by other checks. */
    static long number(@Nullable String value) {
        try {
            return value == null ? 0 : Long.parseLong(value);
        } catch (NumberFormatException none) {
            return 0;
        }
    }
}

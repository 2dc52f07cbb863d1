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
 * each of the other, whatever they are called.
 */
final class Differencing {
    private Differencing() {}

    /**
     * A group in which two results differ by fewer than k, but differ.
     *
     * @param cell the values of the common dimensions
     */
    record Close(List<@Nullable String> cell, long now, long before) {}

    /** Empty where the two have no dimension in common and one of them has any: then there is no group that both count. */
    static List<Close> compare(Held now, Held before, int k) {
        Map<String, Integer> ours = dimensions(now);
        Map<String, Integer> theirs = dimensions(before);
        List<String> common =
                ours.keySet().stream().filter(theirs::containsKey).sorted().toList();
        if (common.isEmpty() && !(ours.isEmpty() && theirs.isEmpty())) {
            return List.of();
        }
        int[] here = common.stream().mapToInt(ours::get).toArray();
        int[] there = common.stream().mapToInt(theirs::get).toArray();
        List<Close> close = new ArrayList<>();
        Set<List<@Nullable String>> told = new HashSet<>();
        for (Map<List<@Nullable String>, Long> a : groups(now, here)) {
            for (Map<List<@Nullable String>, Long> b : groups(before, there)) {
                for (Map.Entry<List<@Nullable String>, Long> group : a.entrySet()) {
                    long count = group.getValue();
                    Long other = b.get(group.getKey());
                    if (other != null && other != count && Math.abs(other - count) < k && told.add(group.getKey())) {
                        close.add(new Close(group.getKey(), count, other));
                    }
                }
            }
        }
        return close;
    }

    private static Map<String, Integer> dimensions(Held held) {
        Map<String, Integer> dimensions = new HashMap<>();
        for (int at : held.at(Declaration.As.IDENTIFYING)) {
            dimensions.putIfAbsent(held.columns().get(at).key().toLowerCase(Locale.ROOT), at);
        }
        return dimensions;
    }

    /** One map for each count of the result; records count themselves. */
    private static List<Map<List<@Nullable String>, Long>> groups(Held held, int[] common) {
        int[] all = held.at(Declaration.As.IDENTIFYING);
        int[] counts = held.kind() == Declaration.Kind.RECORDS ? new int[] {-1} : held.at(Declaration.As.COUNT);
        List<Map<List<@Nullable String>, Long>> groups = new ArrayList<>();
        for (int count : counts) {
            Map<List<@Nullable String>, Long> sums = new HashMap<>();
            for (List<@Nullable String> row : held.rows()) {
                // Totals are made of the others again.
                if (count >= 0 && Held.of(row, all).stream().anyMatch(SmallCells::isTotal)) {
                    continue;
                }
                sums.merge(Held.of(row, common), count < 0 ? 1 : number(row.get(count)), Long::sum);
            }
            groups.add(sums);
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

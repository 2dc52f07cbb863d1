package org.qiantang.portal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which cells of a table of counts are not told, so that none of few can be computed (小单元格抑制). A cell of fewer than the threshold stays
 * in; so that totals do not give it back, it takes a box of cells with it, two values in each dimension, in which counts can move from corner
 * to corner without any total noticing (Repsilber's hypercubes). Of each box enough can move that a small count may be anything up to the
 * threshold, for all that somebody sees who knows every total of the table.
 */
public final class SmallCells {
    private static final Set<String> TOTALS = Set.of("合计", "总计", "小计", "全部", "全市", "total", "all", "sum");

    /** A box has two corners to the power of its dimensions: of more than these nothing is hidden but everything. */
    public static final int MOST_DIMENSIONS = 12;

    /** Cells that are looked at for boxes, at the most: then everything is hidden. */
    private static final long MOST_LOOKS = 50_000_000;

    private SmallCells() {}

    /** What becomes of a row. */
    public enum Fate {
        TOLD,
        /** Its counts are not told. */
        SUPPRESSED,
        /** It is a total, which everybody can make of what is told. */
        LEFT_OUT,
    }

    /**
     * @param cells of each row its values in the dimensions
     * @param counts of each row its counts, null where there is none
     */
    public static Fate[] judge(List<List<@Nullable String>> cells, List<long @Nullable []> counts, int threshold) {
        int rows = cells.size();
        Fate[] fates = new Fate[rows];
        Arrays.fill(fates, Fate.TOLD);
        Map<List<@Nullable String>, Integer> places = new HashMap<>();
        boolean whole = true;
        for (int i = 0; i < rows; i++) {
            if (cells.get(i).stream().anyMatch(SmallCells::isTotal)) {
                fates[i] = Fate.LEFT_OUT;
            } else {
                whole &= places.put(cells.get(i), i) == null && counts.get(i) != null;
            }
        }
        if (!whole) {
            // A cell in two rows, or a count that is none: then nothing is known of what could be computed.
            return all(fates);
        }
        int columns = places.isEmpty() ? 0 : width(counts, places);
        for (int column = 0; column < columns; column++) {
            if (!new Column(cells, counts, column, threshold, places, fates).judge()) {
                return all(fates);
            }
        }
        return fates;
    }

    private static int width(List<long @Nullable []> counts, Map<List<@Nullable String>, Integer> places) {
        long[] first = counts.get(places.values().iterator().next());
        return first == null ? 0 : first.length;
    }

    /** Whether a value of a dimension stands for all of them. */
    public static boolean isTotal(@Nullable String value) {
        return value == null || value.isBlank() || TOTALS.contains(value.strip().toLowerCase(java.util.Locale.ROOT));
    }

    private static Fate[] all(Fate[] fates) {
        for (int i = 0; i < fates.length; i++) {
            if (fates[i] == Fate.TOLD) {
                fates[i] = Fate.SUPPRESSED;
            }
        }
        return fates;
    }

    /** One count of all cells. */
    private static final class Column {
        private final List<List<@Nullable String>> cells;
        private final long[] values;
        private final int threshold;
        private final Map<List<@Nullable String>, Integer> places;
        private final Fate[] fates;
        private final List<Integer> bySize = new ArrayList<>();
        private long looks;

        Column(
                List<List<@Nullable String>> cells,
                List<long @Nullable []> counts,
                int column,
                int threshold,
                Map<List<@Nullable String>, Integer> places,
                Fate[] fates) {
            this.cells = cells;
            this.threshold = threshold;
            this.places = places;
            this.fates = fates;
            values = new long[cells.size()];
            places.values().forEach(place -> {
                long[] all = counts.get(place);
                values[place] = all == null ? 0 : all[column];
                // That there is nobody is told, so nobody can hide behind it.
                if (values[place] > 0) {
                    bySize.add(place);
                }
            });
            bySize.sort(
                    Comparator.<Integer>comparingLong(place -> values[place]).thenComparing(place -> place));
        }

        /** False when a small cell cannot be hidden behind others. */
        boolean judge() {
            for (int place : bySize) {
                if (values[place] >= threshold) {
                    break;
                }
                if (cells.get(place).size() > MOST_DIMENSIONS) {
                    return false;
                }
                int[] box = box(place);
                if (box == null) {
                    return false;
                }
                for (int corner : box) {
                    fates[corner] = Fate.SUPPRESSED;
                }
            }
            return true;
        }

        /** The box that costs least of those that hide the cell well enough. */
        private int @Nullable [] box(int small) {
            int @Nullable [] best = null;
            long bestCost = Long.MAX_VALUE;
            for (int opposite : bySize) {
                if (++looks > MOST_LOOKS) {
                    return null;
                }
                if (fates[opposite] == Fate.TOLD && values[opposite] >= bestCost) {
                    break;
                }
                int[] corners = corners(small, opposite);
                if (corners == null || !hides(corners)) {
                    continue;
                }
                long cost = 0;
                for (int corner : corners) {
                    cost += fates[corner] == Fate.TOLD ? values[corner] : 0;
                }
                if (cost < bestCost) {
                    bestCost = cost;
                    best = corners;
                }
            }
            return best;
        }

        /** The corners between two cells that differ in every dimension, each at the number of its dimensions that are the other's. */
        private int @Nullable [] corners(int small, int opposite) {
            List<@Nullable String> one = cells.get(small);
            List<@Nullable String> two = cells.get(opposite);
            int dimensions = one.size();
            for (int d = 0; d < dimensions; d++) {
                if (java.util.Objects.equals(one.get(d), two.get(d))) {
                    return null;
                }
            }
            int[] corners = new int[1 << dimensions];
            looks += corners.length;
            for (int bits = 0; bits < corners.length; bits++) {
                List<@Nullable String> corner = new ArrayList<>(one);
                for (int d = 0; d < dimensions; d++) {
                    if ((bits >> d & 1) == 1) {
                        corner.set(d, two.get(d));
                    }
                }
                Integer place = places.get(corner);
                if (place == null || values[place] == 0) {
                    return null;
                }
                corners[bits] = place;
            }
            return corners;
        }

        /** Whether what can move between its corners, none of which may come to nothing, reaches over the threshold. */
        private boolean hides(int[] corners) {
            long even = Long.MAX_VALUE;
            long odd = Long.MAX_VALUE;
            for (int bits = 0; bits < corners.length; bits++) {
                if (Integer.bitCount(bits) % 2 == 0) {
                    even = Math.min(even, values[corners[bits]]);
                } else {
                    odd = Math.min(odd, values[corners[bits]]);
                }
            }
            return even - 1 + (odd - 1) >= threshold - 1;
        }
    }
}

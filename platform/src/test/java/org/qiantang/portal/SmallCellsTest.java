package org.qiantang.portal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.qiantang.portal.SmallCells.Fate;

/** That nobody can be told from a table of counts, whatever totals of it are known. */
class SmallCellsTest {
    private static final int THRESHOLD = 3;

    private static Fate[] judge(int threshold, Object[]... rows) {
        List<List<String>> cells = new ArrayList<>();
        List<long[]> counts = new ArrayList<>();
        for (Object[] row : rows) {
            cells.add(Arrays.stream(row, 0, row.length - 1)
                    .map(value -> (String) value)
                    .toList());
            counts.add(new long[] {((Number) row[row.length - 1]).longValue()});
        }
        return SmallCells.judge(cells, counts, threshold);
    }

    @Test
    void aSmallCellTakesTheSecondSmallestOfItsGroupWithIt() {
        assertThat(judge(
                        5,
                        new Object[] {"上城区", 2},
                        new Object[] {"拱墅区", 9},
                        new Object[] {"西湖区", 40},
                        new Object[] {"萧山区", 0},
                        new Object[] {"合计", 51}))
                .containsExactly(Fate.SUPPRESSED, Fate.SUPPRESSED, Fate.TOLD, Fate.TOLD, Fate.LEFT_OUT);
    }

    @Test
    void inTwoDimensionsARectangleGoes() {
        Fate[] fates = judge(
                5,
                new Object[] {"上城区", "甲", 2},
                new Object[] {"上城区", "乙", 20},
                new Object[] {"上城区", "丙", 70},
                new Object[] {"拱墅区", "甲", 30},
                new Object[] {"拱墅区", "乙", 10},
                new Object[] {"拱墅区", "丙", 80});

        assertThat(fates)
                .containsExactly(
                        Fate.SUPPRESSED, Fate.SUPPRESSED, Fate.TOLD, Fate.SUPPRESSED, Fate.SUPPRESSED, Fate.TOLD);
    }

    @Test
    void ofManyDimensionsEverythingIsHiddenAndNoBoxIsMade() {
        for (int dimensions : new int[] {13, 27, 31, 40}) {
            Object[] small = new Object[dimensions + 1];
            Object[] large = new Object[dimensions + 1];
            Arrays.fill(small, "a");
            Arrays.fill(large, "b");
            small[dimensions] = 2;
            large[dimensions] = 90;

            assertThat(judge(5, small, large)).as("%d", dimensions).containsExactly(Fate.SUPPRESSED, Fate.SUPPRESSED);
        }
    }

    @Test
    void aSmallCellThatCannotHideKeepsAllCountsIn() {
        assertThat(judge(5, new Object[] {"上城区", "甲", 2}, new Object[] {"上城区", "乙", 20}))
                .containsOnly(Fate.SUPPRESSED);
        assertThat(judge(5, new Object[] {"上城区", 7}, new Object[] {"上城区", 8})).containsOnly(Fate.SUPPRESSED);
        assertThat(judge(5, new Object[] {"上城区", 7}, new Object[] {"拱墅区", 8})).containsOnly(Fate.TOLD);
    }

    @Test
    void noSuppressedCellCanBeComputedFromWhatIsToldAndEveryTotal() {
        int suppressed = 0;
        int told = 0;
        for (int seed = 0; seed < 3_000; seed++) {
            Random random = new Random(seed);
            int[] sizes = random.nextInt(4) == 0
                    ? new int[] {2, 2, 2}
                    : random.nextBoolean() ? new int[] {2 + random.nextInt(3), 2 + random.nextInt(3)} : new int[] {5};
            List<List<String>> cells = new ArrayList<>();
            List<long[]> counts = new ArrayList<>();
            fill(sizes, List.of(), random, cells, counts);
            Fate[] fates = SmallCells.judge(cells, counts, THRESHOLD);
            boolean whole = Arrays.stream(fates).allMatch(fate -> fate == Fate.SUPPRESSED);
            for (int i = 0; i < fates.length; i++) {
                long count = counts.get(i)[0];
                assertThat(fates[i] == Fate.TOLD && count > 0 && count < THRESHOLD)
                        .as("seed " + seed)
                        .isFalse();
                suppressed += fates[i] == Fate.SUPPRESSED ? 1 : 0;
                told += fates[i] == Fate.TOLD ? 1 : 0;
                // Where nothing is told at all, no total is known to whoever reads it here.
                if (fates[i] == Fate.SUPPRESSED && !whole) {
                    assertThat(canBeAnother(i, cells, counts, fates))
                            .as("seed " + seed + ", cell " + cells.get(i) + " of " + count)
                            .isTrue();
                }
            }
        }
        assertThat(suppressed).isGreaterThan(1_000);
        assertThat(told).isGreaterThan(1_000);
    }

    private static void fill(
            int[] sizes, List<String> cell, Random random, List<List<String>> cells, List<long[]> counts) {
        if (cell.size() == sizes.length) {
            cells.add(cell);
            counts.add(new long[] {random.nextInt(3) == 0 ? random.nextInt(4) : random.nextInt(12)});
            return;
        }
        for (int value = 0; value < sizes[cell.size()]; value++) {
            List<String> next = new ArrayList<>(cell);
            next.add("v" + value);
            fill(sizes, next, random, cells, counts);
        }
    }

    /** Whether another table, with another count in this cell, shows the same and has the same totals; by trying them. */
    private static boolean canBeAnother(int cell, List<List<String>> cells, List<long[]> counts, Fate[] fates) {
        Map<String, Long> left = new HashMap<>();
        Map<String, Integer> open = new HashMap<>();
        List<Integer> hidden = new ArrayList<>();
        for (int i = 0; i < fates.length; i++) {
            if (fates[i] == Fate.SUPPRESSED) {
                if (i != cell) {
                    hidden.add(i);
                }
                for (String line : lines(cells.get(i))) {
                    left.merge(line, counts.get(i)[0], Long::sum);
                    open.merge(line, 1, Integer::sum);
                }
            }
        }
        for (long other = 1; other <= 24; other++) {
            if (other != counts.get(cell)[0]) {
                Map<String, Long> rest = new HashMap<>(left);
                Map<String, Integer> missing = new HashMap<>(open);
                if (put(cells.get(cell), other, rest, missing) && completes(0, hidden, cells, rest, missing)) {
                    return true;
                }
            }
        }
        return false;
    }

    private static List<String> lines(List<String> cell) {
        List<String> lines = new ArrayList<>();
        for (int d = 0; d < cell.size(); d++) {
            List<String> line = new ArrayList<>(cell);
            line.set(d, "*");
            lines.add(line.toString());
        }
        return lines;
    }

    /** False when a total cannot be met any more; a hidden cell has somebody in it. */
    private static boolean put(List<String> cell, long count, Map<String, Long> left, Map<String, Integer> missing) {
        for (String line : lines(cell)) {
            long rest = left.merge(line, -count, Long::sum);
            int cells = missing.merge(line, -1, Integer::sum);
            if (cells == 0 ? rest != 0 : rest < cells) {
                return false;
            }
        }
        return true;
    }

    private static boolean completes(
            int at,
            List<Integer> hidden,
            List<List<String>> cells,
            Map<String, Long> left,
            Map<String, Integer> missing) {
        if (at == hidden.size()) {
            return true;
        }
        List<String> cell = cells.get(hidden.get(at));
        long most = lines(cell).stream().mapToLong(left::get).min().orElseThrow();
        for (long count = 1; count <= most; count++) {
            Map<String, Long> rest = new HashMap<>(left);
            Map<String, Integer> others = new HashMap<>(missing);
            if (put(cell, count, rest, others) && completes(at + 1, hidden, cells, rest, others)) {
                return true;
            }
        }
        return false;
    }
}

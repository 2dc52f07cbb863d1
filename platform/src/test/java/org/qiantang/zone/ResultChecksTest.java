package org.qiantang.zone;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.qiantang.catalog.Level;
import org.qiantang.zone.CheckReport.Of;
import org.qiantang.zone.CheckReport.Verdict;

/** What is found in a result before anybody looks at it: nothing of few gets by, and a reference that is slow and plain says the same. */
class ResultChecksTest {
    private static final int MANY = 4_000;

    private static Held.Column column(String name, Declaration.As as) {
        String type = as == Declaration.As.COUNT ? "BIGINT" : "VARCHAR";
        return new Held.Column(name, type, Level.L1, as, name, as == Declaration.As.COUNT);
    }

    private static Held held(Declaration.Kind kind, List<Held.Column> columns, List<List<String>> rows) {
        return new Held(kind, columns, new ArrayList<>(rows));
    }

    private static CheckReport check(Held held, int k, ResultChecks.Earlier... earlier) {
        return ResultChecks.check(
                held, new ResultChecks.About(true, Level.L1, Set.of("t")), k, 100_000, List.of(earlier));
    }

    private static ResultChecks.Earlier earlier(String table, Held held) {
        return new ResultChecks.Earlier("FB1", Set.of(table), () -> held);
    }

    private static Verdict of(CheckReport report, Of of) {
        return report.checks().stream()
                .filter(check -> check.of() == of)
                .findFirst()
                .orElseThrow()
                .verdict();
    }

    private static CheckReport.Check found(CheckReport report, Of of) {
        return report.checks().stream()
                .filter(check -> check.of() == of)
                .findFirst()
                .orElseThrow();
    }

    private static Held statistic(Object... cells) {
        List<List<String>> rows = new ArrayList<>();
        for (int i = 0; i < cells.length; i += 2) {
            rows.add(List.of(cells[i].toString(), cells[i + 1].toString()));
        }
        return held(
                Declaration.Kind.STATISTIC,
                List.of(column("area", Declaration.As.IDENTIFYING), column("n", Declaration.As.COUNT)),
                rows);
    }

    @Test
    void recordsOfFewerThanKAreFound() {
        List<Held.Column> columns =
                List.of(column("area", Declaration.As.IDENTIFYING), column("age", Declaration.As.IDENTIFYING));
        List<List<String>> rows = new ArrayList<>(Collections.nCopies(5, List.of("上城区", "60-69")));

        assertThat(of(check(held(Declaration.Kind.RECORDS, columns, rows), 5), Of.K_ANONYMITY))
                .isEqualTo(Verdict.PASS);
        rows.addAll(Collections.nCopies(4, List.of("上城区", "90-99")));
        CheckReport report = check(held(Declaration.Kind.RECORDS, columns, rows), 5);

        assertThat(report.verdict()).isEqualTo(Verdict.FAIL);
        assertThat(found(report, Of.K_ANONYMITY).figures())
                .containsEntry("small", 1L)
                .containsEntry("smallest", 4L);
        assertThat(found(report, Of.K_ANONYMITY).examples()).containsExactly("[上城区, 90-99] 4");
    }

    @Test
    void whoMayNotSeeRowsIsToldNoneOfTheirValuesAndNoNumber() {
        CheckReport words = check(statistic("上城区", 3, "拱墅区", 70), 5).inWords();

        assertThat(words.verdict()).isEqualTo(Verdict.FAIL);
        assertThat(words.checks()).allSatisfy(check -> {
            assertThat(check.figures()).isEmpty();
            assertThat(check.examples()).isEmpty();
            assertThat(check.zh() + check.en()).doesNotContain("上城", "3", "70");
        });
    }

    @Test
    void anIdentityNumberOrAPhoneInOneOfThousandsOfTextsIsEnough() {
        List<Held.Column> columns = List.of(column("note", Declaration.As.ATTRIBUTE));
        for (String telling : List.of("11010519491231002X", "13857112345", "联系人电话13857112345，请回复", "a.b@example.com")) {
            List<List<String>> rows = new ArrayList<>(Collections.nCopies(5_000, List.of("无")));
            rows.add(List.of(telling));

            CheckReport report = check(held(Declaration.Kind.RECORDS, columns, rows), 5);

            assertThat(of(report, Of.IDENTIFIERS)).as(telling).isEqualTo(Verdict.FAIL);
            assertThat(found(report, Of.IDENTIFIERS).examples().toString())
                    .as("of what it is, not the value")
                    .doesNotContain(telling);
        }
        assertThat(of(
                        check(held(Declaration.Kind.RECORDS, columns, Collections.nCopies(10, List.of("老年人"))), 5),
                        Of.IDENTIFIERS))
                .isEqualTo(Verdict.PASS);
    }

    @Test
    void identityNumbersAreFoundWhereTheyAreNumbers() {
        Held.Column number = new Held.Column("x", "BIGINT", Level.L1, Declaration.As.ATTRIBUTE, "x", false);

        CheckReport report = check(
                held(Declaration.Kind.RECORDS, List.of(number), Collections.nCopies(9, List.of("440524188001010014"))),
                5);

        assertThat(of(report, Of.IDENTIFIERS)).isEqualTo(Verdict.FAIL);
    }

    @Test
    void whatIsMoreSensitiveThanL2OrNamedByTheDataDoesNotLeave() {
        Held fine = statistic("上城区", 50);

        assertThat(of(
                        ResultChecks.check(fine, new ResultChecks.About(true, Level.L3, Set.of("t")), 5, 10, List.of()),
                        Of.LEVEL))
                .isEqualTo(Verdict.FAIL);
        assertThat(of(
                        ResultChecks.check(
                                fine, new ResultChecks.About(false, Level.L1, Set.of("t")), 5, 10, List.of()),
                        Of.SCHEMA))
                .isEqualTo(Verdict.FAIL);
        assertThat(of(check(statistic(), 5), Of.ROWS))
                .as("nothing, which says something")
                .isEqualTo(Verdict.FAIL);
        assertThat(check(fine, 5).verdict()).isEqualTo(Verdict.PASS);
    }

    @Test
    void aCountThatIsNoneIsNotTakenForOne() {
        Held.Column padded = new Held.Column("n", "BIGINT", Level.L1, Declaration.As.COUNT, "n", false);
        Held held = held(
                Declaration.Kind.STATISTIC,
                List.of(column("area", Declaration.As.IDENTIFYING), padded),
                List.of(List.of("上城区", "100")));

        assertThat(of(check(held, 5), Of.COUNTS)).isEqualTo(Verdict.FAIL);
        assertThat(of(check(statistic("上城区", "-7"), 5), Of.COUNTS)).isEqualTo(Verdict.FAIL);
        assertThat(of(check(statistic("上城区", "7.5"), 5), Of.COUNTS)).isEqualTo(Verdict.FAIL);
        Held none = held(
                Declaration.Kind.STATISTIC,
                List.of(column("area", Declaration.As.IDENTIFYING)),
                List.of(List.of("上城区")));
        assertThat(of(check(none, 5), Of.COUNTS)).as("a statistic of nothing").isEqualTo(Verdict.FAIL);
    }

    @Test
    void twoResultsThatDifferByFewAreHeldAgainstEachOther() {
        ResultChecks.Earlier before = earlier("t", statistic("上城区", 100, "拱墅区", 80));

        CheckReport report = check(statistic("上城区", 97, "拱墅区", 80), 5, before);

        assertThat(of(report, Of.DIFFERENCING)).isEqualTo(Verdict.ATTENTION);
        assertThat(found(report, Of.DIFFERENCING).examples()).containsExactly("FB1 [上城区] 100 → 97");
        assertThat(of(check(statistic("上城区", 95, "拱墅区", 80), 5, before), Of.DIFFERENCING))
                .isEqualTo(Verdict.PASS);
        ResultChecks.Earlier elsewhere = earlier("other", statistic("上城区", 100, "拱墅区", 80));
        assertThat(of(check(statistic("上城区", 97), 5, elsewhere), Of.DIFFERENCING))
                .isEqualTo(Verdict.PASS);
    }

    @Test
    void aFinerStatisticIsHeldAgainstACoarserOneAndARenamedCountAgainstTheOther() {
        Held finer = held(
                Declaration.Kind.STATISTIC,
                List.of(
                        column("area", Declaration.As.IDENTIFYING),
                        column("sex", Declaration.As.IDENTIFYING),
                        column("m", Declaration.As.COUNT)),
                List.of(List.of("上城区", "男", "50"), List.of("上城区", "女", "48")));

        CheckReport report = check(finer, 5, earlier("t", statistic("上城区", 100)));

        assertThat(found(report, Of.DIFFERENCING).examples()).containsExactly("FB1 [上城区] 100 → 98");
    }

    @Test
    void aConstantOrAnotherNameOfADimensionHidesNoDifference() {
        ResultChecks.Earlier before = earlier("t", statistic("上城区", 100, "拱墅区", 80));
        Held renamed = held(
                Declaration.Kind.STATISTIC,
                List.of(column("place", Declaration.As.IDENTIFYING), column("n", Declaration.As.COUNT)),
                List.of(List.of("上城区!", "97"), List.of("拱墅区!", "80")));
        Held otherwise = statistic("上城区!", 97, "拱墅区!", 80);

        assertThat(found(check(renamed, 5, before), Of.DIFFERENCING).examples()).containsExactly("FB1 [] 180 → 177");
        assertThat(found(check(otherwise, 5, before), Of.DIFFERENCING).examples())
                .containsExactly("FB1 [*] 180 → 177");
    }

    @Test
    void totalsThatStandInResultsAreHeldAgainstEachOther() {
        Held before = statistic("合计", 180, "上城区", 100);

        assertThat(found(check(statistic("全部", 178, "拱墅区", 70), 5, earlier("t", before)), Of.DIFFERENCING)
                        .examples())
                .containsExactly("FB1 [*] 180 → 178");
    }

    @Test
    void whatIsGroupedByDozensOfColumnsIsRefusedAndNotLookedThrough() {
        for (int dimensions : new int[] {13, 27, 40}) {
            List<Held.Column> columns = new ArrayList<>();
            List<String> one = new ArrayList<>();
            List<String> two = new ArrayList<>();
            for (int d = 0; d < dimensions; d++) {
                columns.add(column("d" + d, Declaration.As.IDENTIFYING));
                one.add("a");
                two.add("b");
            }
            columns.add(column("n", Declaration.As.COUNT));
            one.add("3");
            two.add("90");

            CheckReport report = check(held(Declaration.Kind.STATISTIC, columns, List.of(one, two)), 5);

            assertThat(of(report, Of.SMALL_CELLS)).isEqualTo(Verdict.FAIL);
            assertThat(found(report, Of.SMALL_CELLS).figures()).containsEntry("dimensions", (long) dimensions);
        }
    }

    @Test
    void rowsOfNobodyAreNoStatistic() {
        CheckReport report = check(statistic("上城区", 0, "拱墅区", 80), 5);

        assertThat(of(report, Of.COUNTS)).isEqualTo(Verdict.FAIL);
        assertThat(found(report, Of.COUNTS).figures()).containsEntry("nobody", 1L);
    }

    @Test
    void aMeasureIsANumberAndNothingThatRowsCanBePutTogetherIn() {
        for (String type :
                List.of("VARCHAR", "VARCHAR[]", "INTEGER[]", "DECIMAL(9,2)[3]", "STRUCT(a INTEGER)", "DATE")) {
            assertThat(of(measured(type), Of.COUNTS)).as(type).isEqualTo(Verdict.FAIL);
        }
        for (String type : List.of("DOUBLE", "DECIMAL(18,3)", "HUGEINT")) {
            assertThat(of(measured(type), Of.COUNTS)).as(type).isEqualTo(Verdict.PASS);
        }
    }

    private static CheckReport measured(String type) {
        Held.Column measure = new Held.Column("m", type, Level.L1, Declaration.As.MEASURE, "m", false);
        return check(
                held(
                        Declaration.Kind.STATISTIC,
                        List.of(column("area", Declaration.As.IDENTIFYING), column("n", Declaration.As.COUNT), measure),
                        List.of(List.of("上城区", "100", "1"))),
                5);
    }

    @Test
    void attributesThatAreRareTogetherAreShownToTheReviewer() {
        List<Held.Column> columns =
                List.of(column("trade", Declaration.As.ATTRIBUTE), column("height", Declaration.As.ATTRIBUTE));
        List<List<String>> rows = new ArrayList<>(Collections.nCopies(9, List.of("木工", "高")));
        rows.addAll(Collections.nCopies(9, List.of("瓦工", "矮")));
        assertThat(of(check(held(Declaration.Kind.RECORDS, columns, rows), 5), Of.ATTRIBUTES))
                .isEqualTo(Verdict.PASS);
        rows.add(List.of("木工", "矮"));

        CheckReport report = check(held(Declaration.Kind.RECORDS, columns, rows), 5);

        assertThat(of(report, Of.ATTRIBUTES)).isEqualTo(Verdict.ATTENTION);
        assertThat(found(report, Of.ATTRIBUTES).figures())
                .containsEntry("combinations", 1L)
                .containsEntry("values", 0L);
    }

    @Test
    void aPlainReferenceFindsTheSameInThousandsOfTables() {
        Random random = new Random(20_261_129);
        Map<Verdict, Integer> seen = new HashMap<>();
        for (int round = 0; round < MANY; round++) {
            int k = 5 + random.nextInt(4);
            Held now = random.nextBoolean() ? randomRecords(random) : randomStatistic(random);
            Held before = random.nextBoolean() ? randomRecords(random) : randomStatistic(random);

            CheckReport report = check(now, k, earlier("t", before));

            boolean small = now.kind() == Declaration.Kind.RECORDS ? naiveAnonymity(now, k) : naiveCells(now, k);
            Of which = now.kind() == Declaration.Kind.RECORDS ? Of.K_ANONYMITY : Of.SMALL_CELLS;
            assertThat(of(report, which))
                    .as("round %d k %d %s", round, k, now)
                    .isEqualTo(small ? Verdict.FAIL : Verdict.PASS);
            assertThat(of(report, Of.DIFFERENCING))
                    .as("round %d k %d %s %s", round, k, now, before)
                    .isEqualTo(naiveDifference(now, before, k) ? Verdict.ATTENTION : Verdict.PASS);
            seen.merge(of(report, which), 1, Integer::sum);
            seen.merge(of(report, Of.DIFFERENCING), 1, Integer::sum);
            List<List<@Nullable String>> other = new ArrayList<>(now.rows());
            Collections.shuffle(other, random);
            assertThat(check(new Held(now.kind(), now.columns(), other), k, earlier("t", before)))
                    .as("in whatever order")
                    .isEqualTo(report);
        }
        assertThat(seen.get(Verdict.FAIL)).isGreaterThan(MANY / 10);
        assertThat(seen.get(Verdict.PASS)).isGreaterThan(MANY / 10);
        assertThat(seen.get(Verdict.ATTENTION)).isGreaterThan(MANY / 20);
    }

    private static Held randomRecords(Random random) {
        int dimensions = random.nextInt(3);
        List<Held.Column> columns = new ArrayList<>();
        for (int d = 0; d < dimensions; d++) {
            columns.add(column("d" + random.nextInt(2) + d, Declaration.As.IDENTIFYING));
        }
        columns.add(column("x", Declaration.As.ATTRIBUTE));
        List<List<@Nullable String>> rows = new ArrayList<>();
        for (int i = 1 + random.nextInt(60); i > 0; i--) {
            List<@Nullable String> row = new ArrayList<>();
            for (int d = 0; d < dimensions; d++) {
                row.add(random.nextInt(12) == 0 ? null : "v" + random.nextInt(3));
            }
            row.add("y");
            rows.add(row);
        }
        return new Held(Declaration.Kind.RECORDS, columns, rows);
    }

    private static Held randomStatistic(Random random) {
        int dimensions = random.nextInt(3);
        int counts = 1 + random.nextInt(2);
        List<Held.Column> columns = new ArrayList<>();
        for (int d = 0; d < dimensions; d++) {
            columns.add(column("d" + random.nextInt(2) + d, Declaration.As.IDENTIFYING));
        }
        for (int c = 0; c < counts; c++) {
            columns.add(column("n" + c, Declaration.As.COUNT));
        }
        List<List<@Nullable String>> rows = new ArrayList<>();
        Set<List<@Nullable String>> cells = new HashSet<>();
        for (int i = 1 + random.nextInt(9); i > 0; i--) {
            List<@Nullable String> row = new ArrayList<>();
            for (int d = 0; d < dimensions; d++) {
                row.add(random.nextInt(15) == 0 ? "合计" : "v" + random.nextInt(3));
            }
            // Mostly each cell once, and seldom twice.
            if (!cells.add(List.copyOf(row)) && random.nextInt(20) > 0) {
                continue;
            }
            for (int c = 0; c < counts; c++) {
                row.add(Integer.toString(random.nextInt(25) == 0 ? random.nextInt(5) : 10 + random.nextInt(20)));
            }
            rows.add(row);
        }
        return new Held(Declaration.Kind.STATISTIC, columns, rows);
    }

    /** Each row is compared with each. */
    private static boolean naiveAnonymity(Held held, int k) {
        int[] at = held.at(Declaration.As.IDENTIFYING);
        return held.rows().stream()
                .anyMatch(one -> held.rows().stream()
                                .filter(two -> Arrays.stream(at)
                                        .allMatch(i -> java.util.Objects.equals(one.get(i), two.get(i))))
                                .count()
                        < k);
    }

    private static boolean naiveCells(Held held, int k) {
        int[] at = held.at(Declaration.As.IDENTIFYING);
        List<List<@Nullable String>> rows = held.rows();
        for (int i = 0; i < rows.size(); i++) {
            for (int count : held.at(Declaration.As.COUNT)) {
                long n = Long.parseLong(rows.get(i).get(count));
                if (n > 0 && n < k) {
                    return true;
                }
            }
            for (int j = 0; j < i; j++) {
                List<@Nullable String> one = rows.get(i);
                List<@Nullable String> two = rows.get(j);
                boolean same = Arrays.stream(at).allMatch(d -> one.get(d).equals(two.get(d)));
                if (same && Arrays.stream(at).noneMatch(d -> one.get(d).equals("合计"))) {
                    return true;
                }
            }
        }
        return false;
    }

    /** For each row of the one and each of the other: the sums of all that look like them in what both have, and the sums of all. */
    private static boolean naiveDifference(Held now, Held before, int k) {
        List<int[]> common = new ArrayList<>();
        for (int a : now.at(Declaration.As.IDENTIFYING)) {
            for (int b : before.at(Declaration.As.IDENTIFYING)) {
                if (now.columns().get(a).name().equals(before.columns().get(b).name())) {
                    common.add(new int[] {a, b});
                }
            }
        }
        int[] here = common.stream().mapToInt(pair -> pair[0]).toArray();
        int[] there = common.stream().mapToInt(pair -> pair[1]).toArray();
        for (int a : counts(now)) {
            for (int b : counts(before)) {
                for (List<@Nullable String> row : now.rows()) {
                    for (List<@Nullable String> other : before.rows()) {
                        boolean same = Held.of(row, here).equals(Held.of(other, there));
                        if (same && few(sum(now, here, a, row) - sum(before, there, b, other), k)
                                || few(sum(now, new int[0], a, row) - sum(before, new int[0], b, other), k)) {
                            return true;
                        }
                    }
                }
            }
        }
        return false;
    }

    private static boolean few(long difference, int k) {
        return difference != 0 && Math.abs(difference) < k;
    }

    private static int[] counts(Held held) {
        return held.kind() == Declaration.Kind.RECORDS ? new int[] {-1} : held.at(Declaration.As.COUNT);
    }

    /** Of the rows that are totals where this one is and look like it there. */
    private static long sum(Held held, int[] at, int count, List<@Nullable String> like) {
        return held.rows().stream()
                .filter(row -> IntStream.of(held.at(Declaration.As.IDENTIFYING))
                        .allMatch(d -> "合计".equals(row.get(d)) == "合计".equals(like.get(d))))
                .filter(row -> Held.of(row, at).equals(Held.of(like, at)))
                .mapToLong(row -> count < 0 ? 1 : Long.parseLong(row.get(count)))
                .sum();
    }
}

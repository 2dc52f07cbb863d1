package org.qiantang.org;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.LocalDate;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Hangzhou's districts before and after 2021, as they stand in records forever. */
class DivisionTreeTest {
    private static final LocalDate REFORM = LocalDate.of(2021, 4, 9);
    private static final LocalDate EVE = REFORM.minusDays(1);
    private static final LocalDate NOW = LocalDate.of(2026, 11, 23);

    private static final DivisionTree TREE = new DivisionTree(List.of(
            division("33", "浙江省", null, null),
            division("3301", "杭州市", null, null),
            division("330102", "上城区", null, REFORM, "330102"),
            division("330102", "上城区", REFORM, null),
            division("330103", "下城区", null, REFORM, "330105"),
            division("330104", "江干区", null, REFORM, "330102", "330114"),
            division("330105", "拱墅区", null, REFORM, "330105"),
            division("330105", "拱墅区", REFORM, null),
            division("330106", "西湖区", null, null),
            division("330110", "余杭区", null, REFORM, "330110", "330113"),
            division("330110", "余杭区", REFORM, null),
            division("330111", "富阳区", LocalDate.of(2014, 12, 13), null),
            division("330113", "临平区", REFORM, null),
            division("330114", "钱塘区", REFORM, null),
            division("330183", "富阳市", null, LocalDate.of(2014, 12, 13), "330111"),
            division("330106004", "西溪街道", null, null),
            division("330199", "撤销区", null, REFORM)));

    private static Division division(
            String code, String name, @Nullable LocalDate from, @Nullable LocalDate to, String... successors) {
        return new Division(code, name, null, Division.codeAbove(code), new Validity(from, to), List.of(successors));
    }

    @Test
    void aDivisionEndsOnTheDayItsSuccessorBegins() {
        assertThat(TREE.find("330103", EVE)).isPresent();
        assertThat(TREE.find("330103", REFORM)).isEmpty();
        assertThat(TREE.find("330114", EVE)).isEmpty();
        assertThat(TREE.find("330114", REFORM)).isPresent();
        assertThat(TREE.children("3301", EVE))
                .extracting(Division::code)
                .contains("330103", "330104")
                .doesNotContain("330114");
        assertThat(TREE.children("3301", REFORM))
                .extracting(Division::code)
                .contains("330113", "330114")
                .doesNotContain("330103");
    }

    @Test
    void anAbolishedCodeStandsForWhatBecameOfIt() {
        assertThat(TREE.resolve("330103", NOW)).containsExactly("330105");
        assertThat(TREE.resolve("330104", NOW)).containsExactly("330102", "330114");
        assertThat(TREE.resolve("330183", NOW)).containsExactly("330111");
        assertThat(TREE.resolve("330103", EVE)).containsExactly("330103");
        assertThat(TREE.resolve("330114", EVE)).isEmpty();
        assertThat(TREE.resolve("330199", NOW)).isEmpty();
        assertThat(TREE.resolve("999999", NOW)).isEmpty();
    }

    @Test
    void aCodeThatWasSplitHasTwoSuccessorsAlthoughItIsStillInForce() {
        assertThat(TREE.resolve("330110", NOW)).containsExactly("330110");
        assertThat(TREE.resolve("330110", EVE, NOW)).containsExactly("330110", "330113");
        assertThat(TREE.resolve("330110", REFORM, NOW)).containsExactly("330110");
    }

    @Test
    void whatBecameACodeIsKnown() {
        assertThat(TREE.predecessors("330114")).extracting(Division::name).containsExactly("江干区");
    }

    @Test
    void whoeverAnswersForADivisionAnswersForAllThatLiesInIt() {
        Jurisdiction xihu = new Jurisdiction(Set.of("330106"), TREE);
        assertThat(xihu.covers("330106", NOW)).isTrue();
        assertThat(xihu.covers("330106004", NOW)).isTrue();
        // Nobody has told of this community; its street is known.
        assertThat(xihu.covers("330106004001", NOW)).isTrue();
        assertThat(xihu.covers("330105", NOW)).isFalse();
        assertThat(xihu.covers("3301", NOW)).isFalse();
        assertThat(xihu.covers("not a code", NOW)).isFalse();
        assertThat(new Jurisdiction(Set.of("3301"), TREE).covers("330106004", NOW))
                .isTrue();
        assertThat(new Jurisdiction(Set.of(), TREE).covers("330106", NOW)).isFalse();
    }

    @Test
    void anAbolishedCodeIsCoveredOnlyByWhoAnswersForAllOfWhatBecameOfIt() {
        assertThat(new Jurisdiction(Set.of("330105"), TREE).covers("330103", NOW))
                .isTrue();
        assertThat(new Jurisdiction(Set.of("330102"), TREE).covers("330104", NOW))
                .isFalse();
        assertThat(new Jurisdiction(Set.of("330102", "330114"), TREE).covers("330104", NOW))
                .isTrue();
        assertThat(new Jurisdiction(Set.of("330105"), TREE).covers("330103", EVE))
                .isFalse();
        // A post that was given a code before the reform answers for what became of it.
        assertThat(new Jurisdiction(Set.of("330103"), TREE).covers("330105", NOW))
                .isTrue();
        assertThat(new Jurisdiction(Set.of("3301"), TREE).covers("330199", NOW)).isFalse();
    }
}

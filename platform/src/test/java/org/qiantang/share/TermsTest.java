package org.qiantang.share;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.qiantang.core.Problem;
import org.qiantang.lake.RowCondition;
import org.qiantang.lake.TableName;

/** A source department gives what was asked for or less, never more. */
class TermsTest {
    private static final Instant FROM = Instant.parse("2026-12-01T00:00:00Z");
    private static final Instant TO = Instant.parse("2027-12-01T00:00:00Z");
    private static final TableName TABLE = new TableName("raw_police", "resident");
    private static final RowCondition OWN =
            new RowCondition("area", RowCondition.Operator.STARTS_WITH, List.of("330106"));
    private static final RowCondition ADULT = new RowCondition("age", RowCondition.Operator.FROM, List.of("18"));
    private static final Terms ASKED =
            terms(FROM, TO, 100, Map.of("id", "clear", "phone", "keep(3,4)", "name", "pseudonym"), List.of(OWN));

    private static Terms terms(
            Instant from, Instant to, long calls, Map<String, String> fields, List<RowCondition> rows) {
        return new Terms(from, to, new Quota(calls, 1_000), List.of(new GrantedTable(TABLE, fields, rows)));
    }

    private static void wider(Terms terms) {
        assertThatThrownBy(() -> terms.requireWithin(ASKED))
                .isInstanceOfSatisfying(
                        Problem.class, problem -> assertThat(problem.code()).isEqualTo(ShareProblem.WIDER_THAN_ASKED));
    }

    @Test
    void lessOfEverythingIsLess() {
        assertThatCode(() -> ASKED.requireWithin(ASKED)).doesNotThrowAnyException();
        assertThatCode(() -> terms(
                                FROM.plusSeconds(60),
                                TO.minusSeconds(60),
                                99,
                                Map.of("id", "keep(1,2)", "phone", "keep(3,0)", "name", "hide"),
                                List.of(ADULT, OWN))
                        .requireWithin(ASKED))
                .doesNotThrowAnyException();
    }

    @Test
    void moreOfAnythingIsRefused() {
        Map<String, String> id = Map.of("id", "clear");
        wider(terms(FROM.minusSeconds(1), TO, 100, id, List.of(OWN)));
        wider(terms(FROM, TO.plusSeconds(1), 100, id, List.of(OWN)));
        wider(terms(FROM, TO, 101, id, List.of(OWN)));
        wider(terms(FROM, TO, 100, Map.of("marital", "hide"), List.of(OWN)));
        wider(terms(FROM, TO, 100, id, List.of()));
        wider(terms(FROM, TO, 100, id, List.of(ADULT)));
        wider(new Terms(
                FROM,
                TO,
                new Quota(100, 1_000),
                List.of(new GrantedTable(new TableName("raw_police", "vehicle"), id, List.of(OWN)))));
    }

    @Test
    void everyShowingIsWithinAnotherOnlyWhereItTellsNoMore() {
        List<String> all = List.of("clear", "keep(3,4)", "keep(3,3)", "keep(2,4)", "pseudonym", "hide");
        List<String> within = all.stream()
                .flatMap(one -> all.stream()
                        .filter(other -> !one.equals(other) && Showing.of(one).isWithin(Showing.of(other)))
                        .map(other -> one + " < " + other))
                .toList();

        assertThat(within)
                .containsExactlyInAnyOrder(
                        "keep(3,4) < clear",
                        "keep(3,3) < clear",
                        "keep(3,3) < keep(3,4)",
                        "keep(2,4) < clear",
                        "keep(2,4) < keep(3,4)",
                        "pseudonym < clear",
                        "hide < clear",
                        "hide < keep(3,4)",
                        "hide < keep(3,3)",
                        "hide < keep(2,4)",
                        "hide < pseudonym");
        assertThat(all).allSatisfy(each -> assertThat(Showing.of(each).text()).isEqualTo(each));
        assertThat(Showing.find("keep(3)")).isEmpty();
        assertThat(Showing.find("CLEAR")).isEmpty();
    }
}

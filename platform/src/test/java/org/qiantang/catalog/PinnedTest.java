package org.qiantang.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PinnedTest {
    @Test
    void onlyWhatIsBeyondDoubtIsTakenForAReadOfNamedPersons() {
        assertThat(List.of(
                                "SELECT phone FROM t WHERE id = 'x'",
                                "select t.phone from a.t where t.\"ID\" = 'x' and b >= 3 order by 1 limit 5;",
                                "SELECT phone FROM t WHERE b LIKE 'x%' AND id IN ('x', 'y')")
                        .stream()
                        .map(sql -> Pinned.by(sql, Set.of("id")))
                        .toList())
                .allMatch(Optional::isPresent);
        assertThat(List.of(
                                "SELECT phone FROM t WHERE id = 'x' OR b = 'y'",
                                "SELECT phone FROM t WHERE NOT id = 'x'",
                                "SELECT phone FROM t WHERE id = 'x' UNION SELECT phone FROM t",
                                "SELECT phone FROM t, t u WHERE id = 'x'",
                                "SELECT phone FROM t WHERE id <> 'x'",
                                "SELECT phone FROM t WHERE id = b",
                                "SELECT phone FROM t WHERE id = 'x' || 'y'",
                                "SELECT phone FROM t WHERE b BETWEEN 1 AND id = 'x'",
                                "SELECT phone FROM t WHERE CASE WHEN b = 1 AND id = 'x' AND c = 2 THEN true END",
                                "SELECT (SELECT max(phone) FROM t) FROM t WHERE id = 'x'",
                                "SELECT phone FROM t -- WHERE id = 'x'",
                                "SELECT phone FROM t /* WHERE id = 'x' */",
                                "SELECT phone FROM t WHERE id = 'x' = b",
                                "SELECT phone FROM t WHERE id IN ('x') IS NULL",
                                "SELECT phone FROM t WHERE lower(id) = 'x'",
                                "SELECT count(*) FILTER (WHERE id = 'x'), max(phone) FROM t")
                        .stream()
                        .filter(sql -> Pinned.by(sql, Set.of("id")).isPresent()))
                .isEmpty();
    }
}

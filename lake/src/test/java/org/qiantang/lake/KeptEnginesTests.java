package org.qiantang.lake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qiantang.testing.Lakes;

/** An engine that stays answers nobody but who has the same right to the same tables as they are now. */
class KeptEnginesTests {
    private static final TableName TABLE = new TableName("raw_civil", "person");
    private static final String ALL = "SELECT * FROM raw_civil.person ORDER BY id";

    @TempDir
    Path folder;

    private Lake lake;

    @BeforeEach
    void open() {
        lake = Lakes.open(folder);
        make("SELECT i::INTEGER AS id, 'n' || i AS name FROM range(4) r(i)");
    }

    @AfterEach
    void close() {
        lake.close();
    }

    private void make(String sql) {
        lake.derive(new Derivation(UUID.randomUUID().toString(), TABLE, sql, List.of("id"), Map.of(), Map.of()));
    }

    private List<List<String>> ask(String sql, TablePolicy policy) {
        return Lakes.rows(lake, new Query(sql, null, Long.MAX_VALUE, Map.of(TABLE, policy)));
    }

    private static TablePolicy from(int id) {
        return new TablePolicy(
                Map.of(),
                new Mask.Clear(),
                List.of(new RowCondition("id", RowCondition.Operator.FROM, List.of(Integer.toString(id)))));
    }

    @Test
    void whatWasCommittedMeanwhileIsSeenAndWhatWasBeforeCanBeAskedFor() {
        String before = Long.toString(lake.state(TABLE).orElseThrow().snapshotId());
        assertThat(ask(ALL, TablePolicy.OPEN)).hasSize(4);
        assertThat(ask(ALL, TablePolicy.OPEN)).hasSize(4);

        make("SELECT i::INTEGER AS id, 'm' || i AS name, i % 2 AS odd FROM range(1, 3) r(i)");

        assertThat(ask(ALL, TablePolicy.OPEN)).containsExactly(List.of("1", "m1", "1"), List.of("2", "m2", "0"));
        assertThat(Lakes.rows(lake, new Query(ALL, before, 9, Map.of()))).hasSize(4);
        assertThat(ask(ALL, TablePolicy.OPEN)).hasSize(2);
    }

    @Test
    void anotherRightSeesAnotherTable() {
        for (int round = 0; round < 3; round++) {
            assertThat(ask(ALL, TablePolicy.OPEN)).hasSize(4);
            assertThat(ask(ALL, from(2))).containsExactly(List.of("2", "n2"), List.of("3", "n3"));
            assertThat(ask(ALL, from(3))).containsExactly(List.of("3", "n3"));
            assertThat(ask(ALL, TablePolicy.masking(Map.of("name", new Mask.KeepEnds(1, 0)))))
                    .contains(List.of("1", "n*"));
        }
    }

    @Test
    void whatIsPlannedOnceIsAnsweredAnewEachTime() {
        String byId = "SELECT name FROM raw_civil.person WHERE id = CAST($1 AS INTEGER)";
        for (int round = 0; round < 30; round++) {
            String id = Integer.toString(round % 5);
            assertThat(Lakes.rows(lake, new Query(byId, null, 9, Map.of()).with(List.of(id))))
                    .isEqualTo(round % 5 == 4 ? List.of() : List.of(List.of("n" + id)));
            assertThat(ask("SELECT id + " + round + " AS n FROM raw_civil.person ORDER BY 1", TablePolicy.OPEN))
                    .first()
                    .isEqualTo(List.of(Integer.toString(round)));
        }
        for (String changing : List.of("now()", "get_current_timestamp()", "random()", "uuid()")) {
            String sql = "SELECT " + changing + " AS v FROM raw_civil.person LIMIT 1";
            assertThat(ask(sql, TablePolicy.OPEN)).as(changing).isNotEqualTo(ask(sql, TablePolicy.OPEN));
        }
    }

    @Test
    void whatFailsOrIsCutShortLeavesNothingBehind() {
        for (int round = 0; round < 3; round++) {
            assertThatThrownBy(() -> ask("SELECT name::INTEGER FROM raw_civil.person", TablePolicy.OPEN))
                    .isInstanceOf(LakeException.class);
            assertThatThrownBy(() -> ask("SELECT no_such FROM raw_civil.person", TablePolicy.OPEN))
                    .isInstanceOf(LakeException.class);
            assertThatThrownBy(() -> ask("SELECT * FROM read_csv('/etc/passwd'), raw_civil.person", TablePolicy.OPEN))
                    .isInstanceOf(LakeException.class);
            assertThat(Lakes.rows(lake, new Query(ALL, null, 1, Map.of(TABLE, TablePolicy.OPEN))))
                    .containsExactly(List.of("0", "n0"));
            assertThat(ask(ALL, TablePolicy.OPEN)).hasSize(4);
        }
    }

    @Test
    void manyAtOnceWithManyRightsGetTheirOwn() throws Exception {
        Set<String> wrong = ConcurrentHashMap.newKeySet();
        try (ExecutorService people = Executors.newFixedThreadPool(8)) {
            Map<Integer, Future<?>> all = new HashMap<>();
            for (int i = 0; i < 160; i++) {
                int first = i % 20 - 10;
                all.put(i, people.submit(() -> {
                    int rows = ask(ALL, from(first)).size();
                    if (rows != Math.min(4, Math.max(0, 4 - first))) {
                        wrong.add(first + " saw " + rows);
                    }
                }));
            }
            for (Future<?> each : all.values()) {
                each.get();
            }
        }
        assertThat(wrong).isEmpty();
    }
}

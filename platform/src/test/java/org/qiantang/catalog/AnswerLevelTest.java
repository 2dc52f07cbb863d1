package org.qiantang.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.qiantang.lake.ColumnLineage;
import org.qiantang.lake.ColumnLineage.Origin;
import org.qiantang.lake.ColumnLineage.Result;
import org.qiantang.lake.ColumnLineage.Way;
import org.qiantang.lake.Mask;
import org.qiantang.lake.TableName;
import org.qiantang.lake.TablePolicy;

class AnswerLevelTest {
    private static final TableName PERSON = new TableName("raw", "person");
    private static final TableName PARKING = new TableName("raw", "parking");
    private static final Map<TableName, Map<String, Resources.Known>> KNOWN = Map.of(
            PERSON,
                    Map.of(
                            "number", new Resources.Known(Level.L3, new Mask.KeepEnds(1, 2)),
                            "visits", new Resources.Known(Level.L4, new Mask.Hide()),
                            "district", new Resources.Known(Level.L1, null)),
            PARKING,
                    Map.of(
                            "number", new Resources.Known(Level.L3, new Mask.KeepEnds(1, 2)),
                            "space", new Resources.Known(Level.L2, null),
                            "street", new Resources.Known(Level.L1, null)));

    private static Origin from(TableName table, String column, Way way) {
        return new Origin(table, column, way);
    }

    private static Origin shown(TableName table, String column) {
        return from(table, column, Way.IDENTITY);
    }

    private static AnswerLevel graded(Map<TableName, Map<String, Mask>> masks, Origin... columns) {
        List<Result> results = java.util.Arrays.stream(columns)
                .map(origin -> new Result(origin.column(), List.of(origin), List.of()))
                .toList();
        return AnswerLevel.of(Optional.of(new ColumnLineage(results, List.of(), List.of())), policies(masks), KNOWN);
    }

    private static Map<TableName, TablePolicy> policies(Map<TableName, Map<String, Mask>> masks) {
        Map<TableName, TablePolicy> policies = new HashMap<>();
        masks.forEach((table, columns) -> policies.put(table, new TablePolicy(columns, new Mask.Clear(), List.of())));
        return policies;
    }

    @Test
    void aColumnIsWhatItShowsOfItsOrigins() {
        AnswerLevel level = graded(
                Map.of(),
                shown(PERSON, "district"),
                from(PERSON, "visits", Way.COUNT),
                from(PERSON, "number", Way.AGGREGATION),
                from(PERSON, "visits", Way.FILTER));

        assertThat(level.columns()).containsExactly(Level.L1, Level.L1, Level.L3, Level.L1);
        assertThat(level.whole()).isEqualTo(Level.L3);
        assertThat(level.combined()).isFalse();
    }

    @Test
    void whatIsMaskedIsDesensitisedAndWhatIsHiddenIsNothing() {
        Map<TableName, Map<String, Mask>> masks =
                Map.of(PERSON, Map.of("number", new Mask.KeepEnds(1, 2), "visits", new Mask.Hide()));

        AnswerLevel level = graded(masks, shown(PERSON, "number"), shown(PERSON, "visits"));

        assertThat(level.columns()).containsExactly(Level.L2, Level.L1);
    }

    @Test
    void whatSeveralTablesSayOfTheSamePersonsIsMoreThanEach() {
        AnswerLevel joined = graded(Map.of(), shown(PERSON, "number"), shown(PARKING, "space"));

        assertThat(joined.whole()).isEqualTo(Level.L4);
        assertThat(joined.combined()).isTrue();
        // Nobody is known by what is masked, and what is for everybody adds nothing.
        assertThat(graded(
                                Map.of(PERSON, Map.of("number", new Mask.Pseudonym("0".repeat(64)))),
                                shown(PERSON, "number"),
                                shown(PARKING, "space"))
                        .whole())
                .isEqualTo(Level.L2);
        assertThat(graded(Map.of(), shown(PERSON, "number"), shown(PARKING, "street"))
                        .whole())
                .isEqualTo(Level.L3);
    }

    @Test
    void whatCannotBeToldShowsAllThereIs() {
        AnswerLevel unknown =
                AnswerLevel.of(Optional.empty(), Map.of(PERSON, TablePolicy.OPEN), Map.of(PERSON, KNOWN.get(PERSON)));

        assertThat(unknown.whole()).isEqualTo(Level.L4);
        assertThat(unknown.column(0, 3)).isEqualTo(Level.L4);
        // A column that the catalogue has never heard of is strictly kept.
        assertThat(graded(Map.of(), shown(PERSON, "new")).whole()).isEqualTo(Level.L4);
    }
}

package org.qiantang.quality;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ScoreTest {
    /** Worked out by hand in docs/quality.md. */
    @Test
    void aScoreIsTheMeanOfTheMeansOfItsRules() {
        Score score = Score.ofRules(List.of(
                new Score.Part(Characteristic.ACCURACY, 0.90),
                new Score.Part(Characteristic.ACCURACY, 1.00),
                new Score.Part(Characteristic.COMPLETENESS, 0.70)));

        assertThat(score.characteristics())
                .containsExactlyInAnyOrderEntriesOf(
                        Map.of(Characteristic.ACCURACY, 0.95, Characteristic.COMPLETENESS, 0.70));
        assertThat(score.overall()).isCloseTo(0.825, within(1e-12));
    }

    @Test
    void aDepartmentIsTheMeanOfItsResourcesWhateverTheirSize() {
        Score resident = new Score(0.825, Map.of(Characteristic.ACCURACY, 0.95, Characteristic.COMPLETENESS, 0.70));
        Score vehicle = new Score(1, Map.of(Characteristic.ACCURACY, 1.0, Characteristic.TIMELINESS, 1.0));

        Score department = Score.ofResources(List.of(resident, vehicle));

        assertThat(department.characteristics().get(Characteristic.ACCURACY)).isCloseTo(0.975, within(1e-12));
        assertThat(department.overall()).isCloseTo((0.975 + 0.70 + 1.0) / 3, within(1e-12));
    }
}

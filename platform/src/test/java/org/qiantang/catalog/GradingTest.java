package org.qiantang.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class GradingTest {
    private final Grading grading = new Grading(1_000);

    private static Grading.Table table(String words, long rows, ContentKind... kinds) {
        return new Grading.Table(words, rows, List.of(kinds), false);
    }

    @Test
    void tablesOfManyIdentifiedPersonsAreProposedAsImportantAndSmallOnesAreNot() {
        Grading.Table many = table("常住人口登记", 1_000, ContentKind.ID_NUMBER, ContentKind.NAME);
        Grading.Table few = table("常住人口登记", 999, ContentKind.ID_NUMBER, ContentKind.NAME);
        Grading.Table nameless = table("满意度", 5_000, ContentKind.NAME);

        assertThat(grading.propose(many, ContentKind.NAME))
                .isEqualTo(new Grading.Proposal(Subject.PERSON, Grade.IMPORTANT, "persons:1000"));
        assertThat(grading.propose(many, null).grade()).isEqualTo(Grade.IMPORTANT);
        assertThat(grading.propose(many, ContentKind.DRUG_CODE).grade()).isEqualTo(Grade.GENERAL);
        assertThat(grading.propose(few, ContentKind.NAME).grade()).isEqualTo(Grade.GENERAL);
        assertThat(grading.propose(nameless, ContentKind.NAME).grade()).isEqualTo(Grade.GENERAL);
    }

    @Test
    void whereTheCityIsVulnerableItsCoordinatesAreImportant() {
        assertThat(grading.propose(table("城市变电站位置", 10, ContentKind.COORDINATE), ContentKind.COORDINATE))
                .isEqualTo(new Grading.Proposal(Subject.PLACE, Grade.IMPORTANT, "coordinates"));
        assertThat(grading.propose(table("公交站点", 10, ContentKind.COORDINATE), ContentKind.COORDINATE)
                        .grade())
                .isEqualTo(Grade.GENERAL);
    }

    @Test
    void aTableSaysWhatItIsAbout() {
        assertThat(grading.theme(table("门诊就诊记录", 0))).isEqualTo(Guide.Theme.HEALTH);
        assertThat(grading.theme(table("空气质量小时值", 0))).isEqualTo(Guide.Theme.ENVIRONMENT);
        assertThat(grading.theme(table("whatever", 0))).isEqualTo(Guide.Theme.PUBLIC_SERVICE);
    }
}

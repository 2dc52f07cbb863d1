package org.qiantang.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.qiantang.catalog.Entry.Statement;

/** What the guide asks of a department before it may submit an entry, and what can be said without asking it. */
class EntryRulesTest {
    private static final EntryRules.Surroundings ALONE = new EntryRules.Surroundings(null, Level.L1, false);

    /** A statement as one writes it, to be spoilt. */
    static final class Draft {
        String classification = "306001";
        String title = "机动车登记";
        String uscc = "91350100M000100Y43";
        String summary = "本市登记的机动车及其所有人。";
        Guide.Theme theme;
        List<Statement.Item> items = List.of(
                new Statement.Item("号牌号码", "plate", Guide.DataTypeCode.C),
                new Statement.Item("登记日期", "registered_on", Guide.DataTypeCode.D));
        Guide.ShareClass shareClass = Guide.ShareClass.CONDITIONAL;
        String shareCondition = "限行政执法核验";
        Guide.ShareMode shareMode = Guide.ShareMode.API;
        Guide.OpenClass openClass = Guide.OpenClass.FORBIDDEN;
        String openCondition;
        Guide.UpdateCycle cycle = Guide.UpdateCycle.DAILY;
        List<String> related = List.of("306001/7");

        Statement statement() {
            return new Statement(
                    classification,
                    title,
                    uscc,
                    summary,
                    theme,
                    Guide.Format.DATABASE,
                    items,
                    shareClass,
                    shareCondition,
                    shareMode,
                    openClass,
                    openCondition,
                    cycle,
                    related);
        }
    }

    private static List<String> codes(EntryRules.Surroundings around, UnaryOperator<Draft> spoil) {
        return EntryRules.check(spoil.apply(new Draft()).statement(), around).stream()
                .map(violation -> violation.code().replace("directory.", "") + "@" + violation.field())
                .toList();
    }

    @Test
    void aWholeStatementMayBeSubmitted() {
        assertThat(codes(ALONE, draft -> draft)).isEmpty();
    }

    @Test
    void conditionalSharingStatesItsConditionAndRefusalCitesTheLaw() {
        assertThat(codes(ALONE, draft -> {
                    draft.shareCondition = " ";
                    return draft;
                }))
                .containsExactly("share_condition_missing@shareCondition");
        assertThat(codes(ALONE, draft -> {
                    draft.shareClass = Guide.ShareClass.NOT_SHARED;
                    draft.shareCondition = "涉及隐私";
                    return draft;
                }))
                .containsExactly("share_law_missing@shareCondition");
        assertThat(codes(ALONE, draft -> {
                    draft.shareClass = Guide.ShareClass.NOT_SHARED;
                    draft.shareCondition = "《中华人民共和国反恐怖主义法》第四十八条";
                    draft.shareMode = null;
                    return draft;
                }))
                .isEmpty();
    }

    @Test
    void aClassificationIsDigitsOfTheGuidesLengths() {
        for (String wrong : List.of("406001", "30600", "3-06-001", "三06001", "306001/1")) {
            assertThat(codes(ALONE, draft -> {
                        draft.classification = wrong;
                        return draft;
                    }))
                    .as(wrong)
                    .containsExactly("classification_wrong@classification");
        }
        assertThat(new ClassificationCode("30600112").attribute()).isEqualTo(Guide.Attribute.DEPARTMENT);
        assertThat(codes(ALONE, draft -> {
                    draft.classification = "201001";
                    return draft;
                }))
                .containsExactly("theme_missing@theme");
    }

    @Test
    void aClassificationThatGaveACodeStays() {
        EntryRules.Surroundings coded = new EntryRules.Surroundings("306001/4", Level.L1, false);

        assertThat(codes(coded, draft -> draft)).isEmpty();
        assertThat(codes(coded, draft -> {
                    draft.classification = "306002";
                    return draft;
                }))
                .containsExactly("classification_fixed@classification");
    }

    @Test
    void sensitiveDataIsNotOpenToEverybody() {
        UnaryOperator<Draft> open = draft -> {
            draft.openClass = Guide.OpenClass.OPEN;
            return draft;
        };
        UnaryOperator<Draft> restricted = draft -> {
            draft.openClass = Guide.OpenClass.RESTRICTED;
            draft.openCondition = "实名申请并签订协议";
            return draft;
        };

        assertThat(codes(new EntryRules.Surroundings(null, Level.L2, false), open))
                .isEmpty();
        assertThat(codes(new EntryRules.Surroundings(null, Level.L3, false), open))
                .containsExactly("open_too_sensitive@openClass");
        assertThat(codes(new EntryRules.Surroundings(null, Level.L3, false), restricted))
                .isEmpty();
        assertThat(codes(new EntryRules.Surroundings(null, Level.L4, false), restricted))
                .containsExactly("open_too_sensitive@openClass");
    }

    @Test
    void eachThingThatIsMissingIsSaidAtItsField() {
        Statement empty = new Statement(
                "",
                "",
                "91350100I000100Y43",
                "",
                null,
                null,
                List.of(),
                null,
                null,
                null,
                null,
                null,
                null,
                List.of("x"));

        assertThat(EntryRules.check(empty, ALONE).stream().map(Violation::field))
                .containsExactlyInAnyOrder(
                        "classification",
                        "title",
                        "summary",
                        "format",
                        "providerUscc",
                        "items",
                        "shareClass",
                        "openClass",
                        "updateCycle",
                        "relatedResourceCodes[0]");
    }

    @Test
    void itemsHaveNamesOfTheirOwn() {
        assertThat(codes(ALONE, draft -> {
                    draft.items = List.of(
                            new Statement.Item("姓名", "xm", Guide.DataTypeCode.C),
                            new Statement.Item("", "x", Guide.DataTypeCode.C),
                            new Statement.Item("姓名", "xm2", Guide.DataTypeCode.C));
                    return draft;
                }))
                .containsExactly("item_name_missing@items[1].name", "item_name_twice@items[2].name");
    }

    @Test
    void aCreditCodeIssuedBeforeTheStandardIsTaken() {
        assertThat(codes(ALONE, draft -> {
                    draft.uscc = "91350100M0001TGQXM";
                    return draft;
                }))
                .isEmpty();
        assertThat(codes(ALONE, draft -> {
                    draft.uscc = "91350100M000100Z43";
                    return draft;
                }))
                .isNotEmpty();
    }

    @Test
    void theUpdateCycleIsSeenOnceThereIsEnoughToSeeIt() {
        assertThat(every(Duration.ofDays(1), 3)).isEmpty();
        assertThat(every(Duration.ofDays(1), 4)).contains(Guide.UpdateCycle.DAILY);
        assertThat(every(Duration.ofMinutes(5), 12)).contains(Guide.UpdateCycle.REALTIME);
        assertThat(every(Duration.ofHours(1), 12)).contains(Guide.UpdateCycle.HOURLY);
        assertThat(every(Duration.ofDays(7), 6)).contains(Guide.UpdateCycle.WEEKLY);
        assertThat(every(Duration.ofDays(30), 6)).contains(Guide.UpdateCycle.MONTHLY);
        assertThat(every(Duration.ofDays(91), 6)).contains(Guide.UpdateCycle.QUARTERLY);
        assertThat(every(Duration.ofDays(365), 6)).contains(Guide.UpdateCycle.YEARLY);
        Instant start = Instant.parse("2026-01-01T00:00:00Z");
        assertThat(EntryDrafts.observed(IntStream.of(0, 1, 2, 40, 41, 90, 200)
                        .mapToObj(day -> start.plus(Duration.ofDays(day)))
                        .toList()))
                .contains(Guide.UpdateCycle.IRREGULAR);
    }

    private static java.util.Optional<Guide.UpdateCycle> every(Duration gap, int times) {
        Instant start = Instant.parse("2026-01-01T00:00:00Z");
        return EntryDrafts.observed(IntStream.range(0, times)
                .mapToObj(i -> start.plus(gap.multipliedBy(i)))
                .toList());
    }
}

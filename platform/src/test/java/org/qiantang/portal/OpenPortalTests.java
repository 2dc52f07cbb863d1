package org.qiantang.portal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.qiantang.portal.TestPortal.ENGINEER;
import static org.qiantang.portal.TestPortal.HEALTH;
import static org.qiantang.portal.TestPortal.OFFICER;
import static org.qiantang.portal.TestPortal.OTHER_OFFICER;
import static org.qiantang.portal.TestPortal.POLICE;

import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qiantang.catalog.DcatExport;
import org.qiantang.catalog.Guide;
import org.qiantang.catalog.LakeReader;
import org.qiantang.catalog.RdfForm;
import org.qiantang.core.CoreProblem;
import org.qiantang.core.Problem;
import org.qiantang.lake.RowSink;
import org.qiantang.lake.TableName;

/** What everybody may see of the city's data, and that they see nothing else. */
class OpenPortalTests {
    @TempDir
    Path folder;

    private TestPortal portal;
    private UUID parks;

    @BeforeEach
    void open() throws Exception {
        portal = new TestPortal(folder);
        parks = portal.publish(
                portal.landHarmless(
                        HEALTH,
                        "park",
                        List.of("code", "park", "area"),
                        List.of(
                                List.of("P1", "湖滨公园", "12"),
                                List.of("P2", "花港公园", "30"),
                                List.of("P3", "太子湾公园", "80"))),
                OTHER_OFFICER,
                Guide.OpenClass.OPEN);
    }

    @AfterEach
    void close() {
        portal.close();
    }

    private OpenData data() {
        return portal.bean(OpenData.class);
    }

    private OpenData.OpenRows rows(UUID entry, Map<String, String> equal, long offset, int limit) {
        return data().rows(data().open(entry), new OpenData.Wanted(equal, offset, limit));
    }

    private List<List<String>> file(UUID entry) {
        List<List<String>> rows = new ArrayList<>();
        data().all(data().open(entry), new RowSink() {
            @Override
            public void columns(List<ResultColumn> columns) {
                rows.add(columns.stream().map(ResultColumn::name).toList());
            }

            @Override
            public void row(List<String> values) {
                rows.add(new ArrayList<>(values));
            }
        });
        return rows;
    }

    private static void refused(Runnable act, Problem.Code code) {
        assertThatThrownBy(act::run)
                .isInstanceOfSatisfying(
                        Problem.class, problem -> assertThat(problem.code()).isEqualTo(code));
    }

    @Test
    void whatIsOpenIsFoundReadPageByPageFilteredAndTakenAwayWhole() {
        assertThat(data().search("park", 0, 10).items())
                .extracting(OpenData.Dataset::id)
                .containsExactly(parks);
        assertThat(data().search("没有", 0, 10).total()).isZero();
        OpenData.DatasetWhole whole = data().get(parks);
        assertThat(whole.fields()).extracting(OpenData.OpenField::name).containsExactly("code", "park", "area");
        assertThat(whole.licence()).isEqualTo("CC BY 4.0");

        OpenData.OpenRows first = rows(parks, Map.of(), 0, 2);
        OpenData.OpenRows second = rows(parks, Map.of(), 2, 2);
        assertThat(first.more()).isTrue();
        assertThat(second.more()).isFalse();
        assertThat(first.rows()).extracting(List::getFirst).containsExactly("P1", "P2");
        assertThat(second.rows()).extracting(List::getFirst).containsExactly("P3");
        assertThat(rows(parks, Map.of("park", "花港公园"), 0, 10).rows()).containsExactly(List.of("P2", "花港公园", "30"));
        assertThat(rows(parks, Map.of("park", "x' OR '1'='1"), 0, 10).rows()).isEmpty();
        refused(() -> rows(parks, Map.of("nothing", "x"), 0, 10), PortalProblem.NO_SUCH_FIELD);
        assertThat(file(parks)).hasSize(4).contains(List.of("code", "park", "area"), List.of("P3", "太子湾公园", "80"));
        assertThat(data().get(parks).calls()).isEqualTo(4);
        assertThat(data().get(parks).dataset().downloads()).isEqualTo(1);
        assertThat(portal.jdbc
                        .sql("select distinct who || ' ' || unmasked from catalog_access where purpose like 'open-%'")
                        .query(String.class)
                        .list())
                .containsExactly("public false");
    }

    @Test
    void theTagChangesWithTheDataAndWithWhatIsOpen() {
        String before = data().open(parks).tag();
        assertThat(data().open(parks).tag()).isEqualTo(before);

        data().declare(ENGINEER, parks, new OpenData.Statistic(List.of("park"), List.of("area"), 5));
        String declared = data().open(parks).tag();
        portal.landHarmless(HEALTH, "park", List.of("code", "park", "area"), List.of(List.of("P9", "新公园", "50")));

        assertThat(List.of(before, declared, data().open(parks).tag())).doesNotHaveDuplicates();
    }

    @Test
    void nothingThatIsNotOpenAndNoFieldThatIsSensitiveGetsOut() {
        List<List<String>> people =
                List.of(List.of("11010519491231002X", "330106001"), List.of("440524188001010014", "330106002"));
        UUID forbidden = portal.publish(
                portal.land(POLICE, "resident", List.of(), List.of("id_number", "area"), people),
                OFFICER,
                Guide.OpenClass.FORBIDDEN);
        UUID restricted = portal.publish(
                portal.land(POLICE, "street", List.of(), List.of("name"), List.of(List.of("转塘街道"))),
                OFFICER,
                Guide.OpenClass.RESTRICTED);
        UUID draft = portal.bean(org.qiantang.catalog.Entries.class)
                .findByResource(portal.land(POLICE, "unsaid", List.of(), List.of("name"), List.of(List.of("x"))))
                .orElseThrow();
        UUID later = portal.publish(
                portal.landHarmless(POLICE, "camera", List.of("road", "kind"), List.of(List.of("北山街", "球机"))),
                OFFICER,
                Guide.OpenClass.OPEN);
        // What is found to be sensitive after it was published.
        portal.jdbc.sql("""
                        update catalog_fields set level = 'L2' where name = 'kind' and resource_id =
                            (select resource_id from catalog_entries where id = ?)""").param(later).update();

        assertThat(data().search("", 0, 100).items())
                .extracting(OpenData.Dataset::id)
                .containsExactlyInAnyOrder(parks, restricted, later);
        for (UUID hidden : List.of(forbidden, draft, UUID.randomUUID())) {
            refused(() -> data().get(hidden), CoreProblem.NOT_FOUND);
            refused(() -> data().open(hidden), CoreProblem.NOT_FOUND);
        }
        refused(() -> data().open(restricted), PortalProblem.NOT_OPEN);
        assertThat(data().get(restricted).fields()).isEmpty();
        assertThat(data().get(restricted).dataset().condition()).isEqualTo("签订协议后开放");
        assertThat(file(later)).containsExactly(List.of("road"), List.of("北山街"));
        refused(() -> rows(later, Map.of("kind", "球机"), 0, 10), PortalProblem.NO_SUCH_FIELD);
        assertThatThrownBy(() -> portal.reader()
                        .readOpen(
                                "open-rows",
                                new LakeReader.OpenRead(
                                        new TableName("raw_police", "camera"),
                                        List.of("road", "kind"),
                                        List.of(),
                                        data().open(later).snapshot(),
                                        0,
                                        10,
                                        LakeReader.Order.STABLE),
                                null))
                .isInstanceOf(IllegalArgumentException.class);
        portal.jdbc
                .sql("update catalog_resources set level = 'L3' where table_name = 'camera'")
                .update();
        refused(() -> data().open(later), CoreProblem.NOT_FOUND);
        StringWriter dcat = new StringWriter();
        portal.bean(DcatExport.class).writeOpen(RdfForm.TURTLE, "https://data.example", dcat);
        assertThat(dcat.toString())
                .contains(parks.toString(), restricted.toString())
                .doesNotContain(forbidden.toString(), later.toString());
    }

    @Test
    void smallCellsOfAStatisticAreToldThroughNoDoor() {
        UUID statistic = portal.publish(
                portal.landHarmless(
                        HEALTH,
                        "births",
                        List.of("district", "kind", "births"),
                        List.of(
                                List.of("上城区", "甲", "2"),
                                List.of("上城区", "乙", "20"),
                                List.of("上城区", "丙", "70"),
                                List.of("拱墅区", "甲", "30"),
                                List.of("拱墅区", "乙", "10"),
                                List.of("拱墅区", "丙", "80"),
                                List.of("合计", "甲", "32"))),
                OTHER_OFFICER,
                Guide.OpenClass.OPEN);
        refused(
                () -> data().declare(
                                OFFICER, statistic, new OpenData.Statistic(List.of("district"), List.of("births"), 5)),
                PortalProblem.NOT_YOURS);
        refused(
                () -> data().declare(
                                OTHER_OFFICER,
                                statistic,
                                new OpenData.Statistic(List.of("district"), List.of("nothing"), 5)),
                PortalProblem.NO_STATISTIC);
        data().declare(
                        OTHER_OFFICER,
                        statistic,
                        new OpenData.Statistic(List.of("district", "kind"), List.of("births"), 5));

        OpenData.OpenRows all = rows(statistic, Map.of(), 0, 100);
        assertThat(all.rows()).hasSize(6);
        assertThat(all.suppressed()).isEqualTo(4);
        assertThat(all.rows().stream().filter(row -> row.get(2) != null).map(row -> row.get(2)))
                .containsExactlyInAnyOrder("70", "80");
        assertThat(rows(statistic, Map.of("district", "上城区", "kind", "甲"), 0, 10)
                        .rows())
                .singleElement()
                .satisfies(row -> assertThat(row.get(2)).isNull());
        assertThat(rows(statistic, Map.of("births", "2"), 0, 10).rows())
                .as("nobody finds a small cell by asking for its number")
                .isEmpty();
        assertThat(file(statistic)).hasSize(7).noneMatch(row -> row.contains("2") || row.contains("合计"));
    }

    @Test
    void anAddressHasSoManyCallsAMinute() {
        OpenThrottle throttle = portal.bean(OpenThrottle.class);
        for (int i = 0; i < 11; i++) {
            throttle.file("203.0.113.1");
        }
        for (int i = 0; i < 10; i++) {
            throttle.call("203.0.113.1");
        }

        refused(() -> throttle.call("203.0.113.1"), PortalProblem.TOO_MANY_CALLS);
        throttle.call("203.0.113.2");
        portal.clock.pass(java.time.Duration.ofMinutes(1));
        throttle.call("203.0.113.1");
    }
}

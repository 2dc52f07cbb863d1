package org.qiantang.collect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.qiantang.collect.Delivery.Standing;
import org.qiantang.collect.RunEvent.State;
import org.qiantang.core.Problem;
import org.qiantang.testing.OtherPlatform;
import org.qiantang.testing.OtherPlatform.Way;

/** What another platform grants and sends, on its way into the lake. */
class PlatformTests {
    @TempDir
    Path folder;

    private OtherPlatform upper;
    private Lakeside lakeside;

    @BeforeEach
    void open() throws Exception {
        upper = new OtherPlatform();
        lakeside = new Lakeside(folder);
        upper.send(
                "法人库",
                "2026-11",
                "{\"code\": \"913301\", \"name\": \"钱塘药业\", \"since\": \"2019-05-01\", \"capital\": 1.50}",
                "{ \"code\": \"913302\", \"name\": \"一、二\" }",
                "{}");
        upper.send("法人库", "2026-12 补", "{\"code\": \"913311\", \"name\": \"西湖茶\"}");
        upper.send("permits", "1", "{\"id\": 1, \"_batch\": \"theirs\"}", "{\"id\": 11, \"_batch\": null}");
    }

    @AfterEach
    void close() {
        lakeside.close();
        upper.close();
    }

    private SourceAccess access(String token) {
        return new SourceAccess(SourceKind.PLATFORM, upper.location(), "", token, Map.of());
    }

    private Lakeside.Told collect() {
        return lakeside.collect("upper", access(OtherPlatform.TOKEN), Set.of());
    }

    private static List<Delivery> deliveries(Lakeside.Told told, String resource) {
        return Delivery.of(told.found(resource + ".ndjson").details());
    }

    @Test
    void everyResourceBecomesATableWhoseRowsSayWithWhichBatchTheyCame() {
        Lakeside.Told told = collect();

        assertThat(told.results().values()).hasSize(2).allMatch(result -> result.state() == State.COMPLETE);
        assertThat(lakeside.rows("SELECT _batch, code, name, since, capital FROM raw_upper.\"法人库\" ORDER BY 1, 2"))
                .containsExactly(
                        java.util.Arrays.asList("2026-11", "913301", "钱塘药业", "2019-05-01", "1.50"),
                        java.util.Arrays.asList("2026-11", "913302", "一、二", null, null),
                        java.util.Arrays.asList("2026-11", null, null, null, null),
                        java.util.Arrays.asList("2026-12 补", "913311", "西湖茶", null, null));
        assertThat(lakeside.rows("SELECT _batch, _batch_2, id FROM raw_upper.permits ORDER BY id"))
                .containsExactly(List.of("1", "theirs", "1"), java.util.Arrays.asList("1", null, "11"));
        assertThat(deliveries(told, "法人库"))
                .extracting(Delivery::batch, Delivery::rows, Delivery::arrivedRows, Delivery::standing)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("2026-11", 3L, 3L, Standing.EQUAL),
                        org.assertj.core.groups.Tuple.tuple("2026-12 补", 1L, 1L, Standing.EQUAL));
        assertThat(Delivery.difference(told.found("法人库.ndjson").details())).isNull();
    }

    @ParameterizedTest
    @EnumSource(value = Way.class, names = "WHOLE", mode = EnumSource.Mode.EXCLUDE)
    void aBatchThatIsNotWhatWasSentIsLeftOutAndNamedAndTheOthersLand(Way way) {
        upper.lead("法人库", "2026-11", way);

        Lakeside.Told told = collect();

        assertThat(lakeside.rows("SELECT _batch, count(*) FROM raw_upper.\"法人库\" GROUP BY ALL"))
                .containsExactly(List.of("2026-12 补", "1"));
        assertThat(told.of("permits.ndjson").rowsLanded()).isEqualTo(2);
        Delivery open = deliveries(told, "法人库").getFirst();
        assertThat(open.standing())
                .isEqualTo(way == Way.SHORT || way == Way.ALTERED ? Standing.DIFFERENT : Standing.MISSING);
        assertThat(open.arrivedRows()).isEqualTo(way == Way.SHORT ? Long.valueOf(2) : way == Way.ALTERED ? 3L : null);
        assertThat(Delivery.difference(told.found("法人库.ndjson").details()))
                .isNotNull()
                .satisfies(reason -> assertThat(reason.code()).isEqualTo("collect.delivery_differs"))
                .satisfies(reason ->
                        assertThat(reason.detail()).contains("2026-11").doesNotContain("2026-12"));
        if (way != Way.GONE) {
            assertThat(upper.asked("法人库", "2026-11")).isEqualTo(3);
        }

        upper.lead("法人库", "2026-11", Way.WHOLE);
        assertThat(Delivery.difference(collect().found("法人库.ndjson").details())).isNull();
        assertThat(lakeside.rows("SELECT count(*) FROM raw_upper.\"法人库\"")).containsExactly(List.of("4"));
    }

    @Test
    void whatOnlyStumblesIsAskedForAgainAtOnce() {
        upper.stumble(2);

        Lakeside.Told told = collect();

        assertThat(Delivery.difference(told.found("法人库.ndjson").details())).isNull();
        assertThat(Delivery.difference(told.found("permits.ndjson").details())).isNull();
    }

    @Test
    void aTestShowsWhatIsGrantedAndAWrongTokenIsRefused() {
        var report = lakeside.collector.inspect(access(OtherPlatform.TOKEN));

        assertThat(report.product()).isEqualTo("省平台");
        assertThat(report.objects()).containsEntry(SourceObject.Kind.FILE, 2);
        assertThat(report.estimatedRows()).isEqualTo(6);
        assertThatThrownBy(() -> lakeside.collector.inspect(access("guessed")))
                .isInstanceOfSatisfying(
                        Problem.class, e -> assertThat(e.code()).isEqualTo(CollectProblem.SIGN_IN_REFUSED));
    }
}

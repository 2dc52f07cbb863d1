package org.qiantang.quality;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.qiantang.quality.TestQuality.ANALYST;
import static org.qiantang.quality.TestQuality.ENGINEER;
import static org.qiantang.quality.TestQuality.HEALTH;
import static org.qiantang.quality.TestQuality.OFFICER;
import static org.qiantang.quality.TestQuality.OTHER_OFFICER;
import static org.qiantang.quality.TestQuality.OTHER_RESIDENT;
import static org.qiantang.quality.TestQuality.POLICE;
import static org.qiantang.quality.TestQuality.RESIDENT;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qiantang.catalog.Contested;
import org.qiantang.catalog.Guide;
import org.qiantang.catalog.LakeReader;
import org.qiantang.catalog.Lineage;
import org.qiantang.catalog.TableDerived;
import org.qiantang.core.CoreProblem;
import org.qiantang.core.Problem;
import org.qiantang.lake.TableName;

/** Objections of residents, and the marks that contested records carry through every answer. */
class ObjectionsTests {
    private static final String OWN = "11010519491231002X";
    private static final String OTHERS = "440524188001010014";
    private static final List<String> COLUMNS = List.of("resident_id", "id_number", "marital");
    private static final String TABLE = "raw_police.resident";

    @TempDir
    Path folder;

    private TestQuality quality;
    private UUID resource;
    private UUID entry;

    @BeforeEach
    void open() throws Exception {
        quality = new TestQuality(folder);
        resource = residents("单身");
        entry = quality.publish(resource, OFFICER, Guide.UpdateCycle.DAILY);
        quality.bind(RESIDENT, OWN);
        quality.bind(OTHER_RESIDENT, "330106650101001");
    }

    @AfterEach
    void close() {
        quality.close();
    }

    private UUID residents(String marital) {
        return quality.land(
                POLICE,
                "resident",
                List.of("resident_id"),
                COLUMNS,
                List.of(List.of("7", OWN.toLowerCase(java.util.Locale.ROOT), marital), List.of("8", OTHERS, "已婚")));
    }

    private OwnRecords.OwnRecord own() {
        List<OwnRecords.OwnRecord> records = quality.bean(OwnRecords.class).records(RESIDENT, entry);
        assertThat(records).hasSize(1);
        return records.getFirst();
    }

    private Objections.ObjectionWhole raise() {
        return quality.objections()
                .raise(RESIDENT, new Objections.Raised(entry, own().ref(), "marital", "已婚", "2024年已登记结婚"));
    }

    private static void refused(Runnable act, Problem.Code code) {
        assertThatThrownBy(act::run)
                .isInstanceOfSatisfying(
                        Problem.class, problem -> assertThat(problem.code()).isEqualTo(code));
    }

    @Test
    void peopleSeeTheirOwnRecordsAndNobodyElses() {
        assertThat(quality.bean(OwnRecords.class).list(RESIDENT))
                .extracting(OwnRecords.About::entry)
                .containsExactly(entry);

        assertThat(own().items())
                .extracting(OwnRecords.Shown::value)
                .containsExactly("7", OWN.toLowerCase(java.util.Locale.ROOT), "单身");
        assertThat(quality.bean(OwnRecords.class).records(OTHER_RESIDENT, entry))
                .isEmpty();
        assertThat(quality.jdbc
                        .sql("select purpose || ' ' || who from catalog_access order by id desc limit 1")
                        .query(String.class)
                        .single())
                .isEqualTo("own-records other");
    }

    @Test
    void whatIsNotPublishedIsNotLookedThrough() {
        UUID draft = quality.land(
                HEALTH, "patient", List.of(), List.of("id_number"), List.of(List.of(OWN), List.of(OTHERS)));
        UUID unpublished = quality.bean(org.qiantang.catalog.Entries.class)
                .findByResource(draft)
                .orElseThrow();

        refused(() -> quality.bean(OwnRecords.class).records(RESIDENT, unpublished), CoreProblem.NOT_FOUND);
    }

    @Test
    void aRecordThatNamesTwoPersonsKeepsTheOtherOneBack() {
        UUID couples = quality.land(
                POLICE,
                "marriage",
                List.of("certificate"),
                List.of("certificate", "husband", "wife"),
                List.of(List.of("J1", OWN, OTHERS)));
        UUID published = quality.publish(couples, OFFICER, Guide.UpdateCycle.DAILY);

        assertThat(quality.bean(OwnRecords.class).records(RESIDENT, published))
                .singleElement()
                .satisfies(record -> {
                    assertThat(record.items())
                            .extracting(OwnRecords.Shown::value)
                            .containsExactly("J1", null, null);
                    assertThat(record.items())
                            .extracting(OwnRecords.Shown::hidden)
                            .containsExactly(false, true, true);
                });
    }

    @Test
    void anAccountThatIsNobodysFindsNothing() {
        org.qiantang.org.Account unbound =
                new org.qiantang.org.Account("unbound", "居民", java.util.Set.of(org.qiantang.org.Role.RESIDENT), null);

        refused(() -> quality.bean(OwnRecords.class).list(unbound), QualityProblem.NOT_IDENTIFIED);
        refused(() -> quality.bind(RESIDENT, OTHERS), org.qiantang.org.OrgProblem.RESIDENT_IS_BOUND);
    }

    @Test
    void anObjectionIsAcceptedHandledVerifiedByALaterSnapshotAndArchived() {
        Objections.ObjectionWhole raised = raise();
        UUID id = raised.objection().id();
        assertThat(raised.objection().number()).startsWith("YY2026-");
        assertThat(raised.objection().said()).isEqualTo("单身");
        assertThat(quality.contested().of(List.of(Rules.tableName(TABLE)))).isEmpty();

        quality.objections().accept(OFFICER, id);
        assertThat(quality.contested().of(List.of(Rules.tableName(TABLE)))).hasSize(1);
        quality.objections().handle(OFFICER, id, Objection.Result.CORRECTED, "已按结婚登记更正");
        quality.objections().verify();
        assertThat(quality.objections().getOwn(RESIDENT, id).objection().state())
                .as("the record still says what it said")
                .isEqualTo(Objection.State.HANDLED);

        residents("已婚");
        quality.objections().verify();

        Objections.ObjectionWhole archived = quality.objections().getOwn(RESIDENT, id);
        assertThat(archived.objection().state()).isEqualTo(Objection.State.ARCHIVED);
        assertThat(archived.objection().result()).isEqualTo(Objection.Result.CORRECTED);
        assertThat(archived.steps())
                .extracting(Objection.ObjectionStep::act)
                .containsExactly(
                        Objection.Act.ARCHIVE,
                        Objection.Act.VERIFY,
                        Objection.Act.HANDLE,
                        Objection.Act.ACCEPT,
                        Objection.Act.RAISE);
        assertThat(quality.contested().of(List.of(Rules.tableName(TABLE)))).isEmpty();
    }

    @Test
    void aRecordThatStandsIsArchivedByTheBureauAlone() {
        UUID id = raise().objection().id();
        quality.objections().accept(OFFICER, id);
        quality.objections().handle(OFFICER, id, Objection.Result.STANDS, "登记系统中没有结婚登记");

        refused(() -> quality.objections().archive(OFFICER, id, "x"), QualityProblem.OBJECTION_NOT_YOURS);
        quality.objections().archive(ENGINEER, id, "已核对登记档案");

        assertThat(quality.objections().getOwn(RESIDENT, id).objection().result())
                .isEqualTo(Objection.Result.STANDS);
        assertThat(quality.contested().of(List.of(Rules.tableName(TABLE)))).isEmpty();
    }

    @Test
    void theMarkTravelsWithPreviewsAnswersAndExports() {
        quality.objections().accept(OFFICER, raise().objection().id());

        LakeReader.Preview preview = quality.reader().preview(ANALYST, resource, 10);
        assertThat(preview.contested()).containsExactly(new Contested.InTable(TABLE, 1));
        assertThat(preview.contestedRows())
                .singleElement()
                .satisfies(row -> assertThat(preview.rows().get(row).getFirst()).isEqualTo("7"));

        LakeReader.SqlAnswer renamed = quality.reader()
                .ask(
                        ANALYST,
                        new LakeReader.Asked(
                                null, "SELECT marital, resident_id AS no FROM " + TABLE + " ORDER BY 2 DESC", null),
                        10);
        assertThat(renamed.contestedRows()).containsExactly(1);

        LakeReader.SqlAnswer counted =
                quality.reader().ask(ANALYST, new LakeReader.Asked(null, "SELECT count(*) FROM " + TABLE, null), 10);
        assertThat(counted.contestedRows()).isEmpty();
        assertThat(counted.contested()).containsExactly(new Contested.InTable(TABLE, 1));

        assertThat(exported("SELECT resident_id, marital FROM " + TABLE + " ORDER BY 1"))
                .containsExactly(
                        "told raw_police.resident=1", "resident_id|marital|contested", "7|单身|contested", "8|已婚|null");
        assertThat(exported("SELECT marital FROM " + TABLE + " ORDER BY 1 DESC"))
                .containsExactly("told raw_police.resident=1", "marital", "已婚", "单身");
    }

    @Test
    void theMarkTravelsWithWhatIsMadeOfTheRecord() {
        TableName person = derive("person", "SELECT resident_id AS no, marital AS said FROM " + TABLE);
        TableName couples = derive("couples", "SELECT no, said FROM " + person + " WHERE said = '单身'");
        TableName counted = derive("counted", "SELECT marital, count(*) AS n FROM " + TABLE + " GROUP BY 1");
        UUID id = raise().objection().id();
        quality.objections().accept(OFFICER, id);

        LakeReader.SqlAnswer rows = quality.reader()
                .ask(
                        ENGINEER,
                        new LakeReader.Asked(null, "SELECT said, no FROM " + person + " ORDER BY no DESC", null),
                        10);
        assertThat(rows.contestedRows()).containsExactly(1);
        assertThat(rows.contested()).containsExactly(new Contested.InTable(TABLE, 1));
        LakeReader.SqlAnswer further =
                quality.reader().ask(ENGINEER, new LakeReader.Asked(null, "SELECT * FROM " + couples, null), 10);
        assertThat(further.contestedRows()).containsExactly(0);
        LakeReader.SqlAnswer sums =
                quality.reader().ask(ENGINEER, new LakeReader.Asked(null, "SELECT * FROM " + counted, null), 10);
        assertThat(sums.contestedRows()).isEmpty();
        assertThat(sums.contested()).containsExactly(new Contested.InTable(TABLE, 1));

        quality.objections().withdraw(RESIDENT, id);
        assertThat(quality.reader()
                        .ask(ENGINEER, new LakeReader.Asked(null, "SELECT * FROM " + couples, null), 10)
                        .contested())
                .isEmpty();
    }

    /** A table that a mapping makes, and that the catalogue is told of as one. */
    private TableName derive(String name, String sql) {
        quality.land(HEALTH, name, List.of(), sql, "TABLE");
        TableName table = new TableName("raw_health", name);
        quality.bean(Lineage.class)
                .derived(new TableDerived(
                        table,
                        name,
                        1,
                        sql,
                        quality.lake.state(table).orElseThrow().snapshotId(),
                        quality.lake.references(sql).tables().stream()
                                .collect(Collectors.toMap(
                                        each -> each,
                                        each -> quality.lake
                                                .state(each)
                                                .orElseThrow()
                                                .snapshotId())),
                        quality.clock.instant()));
        return table;
    }

    @Test
    void whatIsNotContestedSaysNothing() {
        raise();

        assertThat(quality.reader().preview(ANALYST, resource, 10).contested()).isEmpty();
        assertThat(exported("SELECT resident_id FROM " + TABLE + " ORDER BY 1"))
                .containsExactly("told ", "resident_id", "7", "8");
    }

    private List<String> exported(String sql) {
        List<String> lines = new ArrayList<>();
        quality.reader().export(ANALYST, new LakeReader.Asked(null, sql, null), new LakeReader.ExportSink() {
            @Override
            public void contested(List<Contested.InTable> tables) {
                lines.add("told "
                        + String.join(
                                ",",
                                tables.stream()
                                        .map(each -> each.table() + "=" + each.records())
                                        .toList()));
            }

            @Override
            public void columns(List<ResultColumn> columns) {
                lines.add(String.join(
                        "|", columns.stream().map(ResultColumn::name).toList()));
            }

            @Override
            public void row(List<String> values) {
                lines.add(String.join("|", values.stream().map(String::valueOf).toList()));
            }
        });
        return lines;
    }

    @Test
    void eachSeesWhatTheyNeedOfIt() {
        UUID id = raise().objection().id();
        quality.objections().accept(OFFICER, id);

        Objections.ObjectionWhole departments = quality.objections().get(OFFICER, id);
        assertThat(departments.keys()).containsEntry("resident_id", "7");
        assertThat(departments.objection().should()).isEqualTo("已婚");
        Objections.ObjectionWhole bureaus = quality.objections().get(ENGINEER, id);
        assertThat(bureaus.keys()).isEmpty();
        assertThat(bureaus.objection().said()).isNull();
        assertThat(bureaus.objection().objector()).isNull();
        assertThat(bureaus.steps()).extracting(Objection.ObjectionStep::who).doesNotContain("resident");
        Objections.ObjectionWhole own = quality.objections().getOwn(RESIDENT, id);
        assertThat(own.steps()).extracting(Objection.ObjectionStep::whoName).containsExactly("公安局", "居民");
        refused(() -> quality.objections().getOwn(OTHER_RESIDENT, id), CoreProblem.NOT_FOUND);
        refused(() -> quality.objections().get(OTHER_OFFICER, id), CoreProblem.NOT_FOUND);
        assertThat(quality.objections().list(OTHER_OFFICER, Objections.Wanted.OPEN))
                .isEmpty();
    }

    @Test
    void nobodyObjectsForAnotherOrTwice() {
        String ref = own().ref();
        raise();

        refused(this::raise, QualityProblem.ALREADY_OBJECTED);
        refused(
                () -> quality.objections()
                        .raise(OTHER_RESIDENT, new Objections.Raised(entry, ref, "marital", "已婚", "x")),
                QualityProblem.NOT_ABOUT_YOU);
    }

    @Test
    void whatIsTakenBackLosesItsMarkAndWhatIsLateIsToldOf() {
        UUID id = raise().objection().id();
        quality.objections().accept(OFFICER, id);
        quality.clock.pass(Duration.ofDays(15));
        quality.objections().remind();
        assertThat(quality.objections().get(OFFICER, id).objection().lateness()).isEqualTo(Ticket.Lateness.OVERDUE);
        assertThat(quality.objections().owed())
                .singleElement()
                .satisfies(owed -> assertThat(owed.overdue()).isEqualTo(1));

        quality.objections().withdraw(RESIDENT, id);

        assertThat(quality.contested().of(List.of(Rules.tableName(TABLE)))).isEmpty();
        refused(() -> quality.objections().accept(OFFICER, id), QualityProblem.OBJECTION_WRONG_STATE);
    }
}

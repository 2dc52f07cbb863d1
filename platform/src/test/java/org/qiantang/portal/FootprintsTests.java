package org.qiantang.portal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.qiantang.portal.TestPortal.ANALYST;
import static org.qiantang.portal.TestPortal.APPLICANT;
import static org.qiantang.portal.TestPortal.CIVIL;
import static org.qiantang.portal.TestPortal.ENGINEER;
import static org.qiantang.portal.TestPortal.OFFICER;
import static org.qiantang.portal.TestPortal.OTHER_OFFICER;
import static org.qiantang.portal.TestPortal.OTHER_RESIDENT;
import static org.qiantang.portal.TestPortal.POLICE;
import static org.qiantang.portal.TestPortal.RESIDENT;

import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qiantang.catalog.AccessRetention;
import org.qiantang.catalog.Guide;
import org.qiantang.catalog.LakeReader;
import org.qiantang.catalog.Withheld;
import org.qiantang.core.CoreProblem;
import org.qiantang.core.IdentityNumber;
import org.qiantang.core.Problem;
import org.qiantang.evidence.Checkpoint;
import org.qiantang.org.Account;
import org.qiantang.org.Act;
import org.qiantang.org.Actor;
import org.qiantang.org.AuditEntry;
import org.qiantang.org.AuditTrail;
import org.qiantang.org.EvidenceHold;
import org.qiantang.org.EvidenceHolds;
import org.qiantang.org.EvidenceRecords;
import org.qiantang.portal.OwnFootprints.Footprint;
import org.qiantang.portal.OwnFootprints.Reach;
import org.qiantang.portal.OwnFootprints.Reader;
import org.qiantang.quality.OwnRecords;
import org.qiantang.quality.QualityProblem;
import org.qiantang.share.Applications;
import org.qiantang.share.Asked;
import org.qiantang.share.Carts;
import org.qiantang.share.Grants;

/** Whom each read was of, and what they are told of it. */
class FootprintsTests {
    private static final String OWN = "11010519491231002X";
    private static final String OTHERS = "440524188001010014";
    private static final String TABLE = "raw_police.resident";
    private static final Actor BUREAU = new Actor("wu", "10.0.0.1");

    @TempDir
    Path folder;

    private TestPortal portal;
    private UUID resource;
    private UUID entry;

    @BeforeEach
    void open() throws Exception {
        portal = new TestPortal(folder);
        resource = portal.land(
                POLICE,
                "resident",
                List.of("resident_id"),
                List.of("resident_id", "id_number", "phone", "area"),
                List.of(
                        List.of("7", OWN.toLowerCase(java.util.Locale.ROOT), "13800138000", "330106001"),
                        List.of("8", OTHERS, "13900139000", "330106002")));
        entry = portal.publish(resource, OFFICER, Guide.OpenClass.FORBIDDEN);
        portal.bind(RESIDENT, OWN);
        portal.bind(OTHER_RESIDENT, OTHERS);
    }

    @AfterEach
    void close() {
        portal.close();
    }

    private UUID grant(String... clear) {
        portal.bean(Carts.class).add(APPLICANT, entry);
        Applications applications = portal.bean(Applications.class);
        UUID id = applications.begin(APPLICANT).application().id();
        applications.save(
                APPLICANT,
                id,
                0,
                new Asked(
                        "低保资格核对",
                        "社会救助暂行办法第十七条",
                        "核对低保申请家庭的户籍",
                        LocalDate.of(2026, 11, 23),
                        LocalDate.of(2027, 11, 22),
                        1_000,
                        1_000_000,
                        "社会救助信息系统",
                        3,
                        "0571-85000000",
                        true,
                        List.of(new Asked.Table(
                                entry,
                                java.util.Arrays.stream(clear)
                                        .map(name -> new Asked.Field(name, "clear", "核对申请人身份"))
                                        .toList(),
                                List.of(),
                                null))));
        applications.submit(APPLICANT, id);
        applications.pass(ENGINEER, id, null);
        applications.grantPart(
                OFFICER,
                applications.get(APPLICANT, id).parts().getFirst().part().id(),
                null,
                null);
        return portal.bean(Grants.class)
                .list(APPLICANT, Grants.Of.RECEIVED)
                .getFirst()
                .id();
    }

    private LakeReader.SqlAnswer read(UUID grant, String sql) {
        return portal.reader().ask(APPLICANT, new LakeReader.Asked(null, sql, null, grant, "救助-2026-0042"), 50_000);
    }

    private List<Footprint> told(Account who) {
        return portal.bean(OwnFootprints.class).timeline(who, null).footprints().stream()
                .filter(each -> each.reader() != Reader.SELF)
                .toList();
    }

    private static void refused(Runnable act, Problem.Code code) {
        assertThatThrownBy(act::run)
                .isInstanceOfSatisfying(
                        Problem.class, problem -> assertThat(problem.code()).isEqualTo(code));
    }

    @Test
    void whoeverIsReadByNumberIsToldByWhomWhyAndByWhichRightAndNobodyElseIs() {
        UUID grant = grant("id_number", "area");

        read(grant, "SELECT id_number FROM " + TABLE + " WHERE area = '330106001'");
        read(grant, "SELECT * FROM " + TABLE + " WHERE area = '330106001'");

        assertThat(told(RESIDENT)).hasSize(1);
        Footprint footprint = told(RESIDENT).getFirst();
        assertThat(footprint.times()).isEqualTo(2);
        assertThat(footprint.reach()).isEqualTo(Reach.NAMED);
        assertThat(footprint.department()).isEqualTo(CIVIL);
        assertThat(footprint.scenario()).isEqualTo("低保资格核对");
        assertThat(footprint.why()).isEqualTo("核对低保申请家庭的户籍");
        assertThat(footprint.legalBasis()).isEqualTo("社会救助暂行办法第十七条");
        assertThat(footprint.grant()).isNotBlank();
        assertThat(footprint.caseNumber()).isEqualTo("救助-2026-0042");
        assertThat(footprint.resources())
                .singleElement()
                .satisfies(held -> assertThat(held.provider()).isEqualTo(POLICE));
        assertThat(told(OTHER_RESIDENT)).isEmpty();
        assertThat(portal.bean(OwnFootprints.class).timeline(RESIDENT, null).months())
                .containsExactly(new OwnFootprints.Month("2026-11", 2));
        assertThat(portal.jdbc
                        .sql(
                                "select count(*) from catalog_footprints where position(convert_to(?, 'UTF8') in person) > 0")
                        .param(OWN)
                        .query(Long.class)
                        .single())
                .as("a number is kept nowhere")
                .isZero();
    }

    @Test
    void whoeverIsLookedForByNumberIsToldAlthoughTheAnswerHidesIt() {
        UUID grant = grant("id_number", "phone", "area");

        read(grant, "SELECT phone FROM " + TABLE + " WHERE id_number = '" + OTHERS + "' AND area <> '1'");
        read(grant, "SELECT count(*) FROM " + TABLE + " WHERE upper(id_number) = '" + OTHERS + "' OR area = '2'");

        assertThat(told(OTHER_RESIDENT)).singleElement().satisfies(footprint -> {
            assertThat(footprint.reach()).isEqualTo(Reach.NAMED);
            assertThat(footprint.times()).isEqualTo(2);
        });
        portal.bean(Holdings.class).list(RESIDENT);
        assertThat(told(RESIDENT)).as("counted in the second").singleElement().satisfies(footprint -> {
            assertThat(footprint.reach()).isEqualTo(Reach.SUMMARY);
            assertThat(footprint.times()).isEqualTo(1);
        });
    }

    @Test
    void whoeverIsLookedForByABoundNumberIsToldAlthoughTheAnswerHidesIt() {
        UUID grant = grant("id_number", "area");
        String sql = "SELECT count(*) FROM " + TABLE + " WHERE id_number = CAST($1 AS VARCHAR)";

        portal.reader()
                .ask(
                        APPLICANT,
                        new LakeReader.Asked(null, sql, null, grant, "救助-2026-0042", List.of(OTHERS), null),
                        10);

        assertThat(told(OTHER_RESIDENT)).extracting(Footprint::reach).containsExactly(Reach.NAMED);
    }

    @Test
    void numbersAndMaskedValuesConcernTheTableAndClearRowsOfNobodyKnownEverybodyInIt() {
        UUID grant = grant("id_number", "phone", "area");
        portal.reader().ask(ANALYST, new LakeReader.Asked(null, "SELECT id_number FROM " + TABLE, null), 10);
        portal.reader().ask(ANALYST, new LakeReader.Asked(null, "SELECT area FROM " + TABLE, null), 10);
        assertThat(told(RESIDENT)).as("nothing is known to be held about them").isEmpty();

        assertThat(portal.bean(Holdings.class).list(RESIDENT))
                .singleElement()
                .satisfies(holding -> assertThat(holding.records()).isEqualTo(1));
        assertThat(told(RESIDENT)).singleElement().satisfies(footprint -> {
            assertThat(footprint.reach()).isEqualTo(Reach.SUMMARY);
            assertThat(footprint.reader()).isEqualTo(Reader.BUREAU);
            assertThat(footprint.times()).isEqualTo(2);
        });

        read(grant, "SELECT count(DISTINCT id_number) FROM " + TABLE);
        read(grant, "SELECT phone FROM " + TABLE);
        read(grant, "SELECT substr(id_number, 7, 8) FROM " + TABLE);
        read(grant, "SELECT string_agg(id_number, ',') FROM " + TABLE);
        assertThat(told(RESIDENT))
                .filteredOn(each -> each.reader() == Reader.DEPARTMENT)
                .extracting(each -> each.reach() + " " + each.times())
                .containsExactlyInAnyOrder("SUMMARY 1", "EVERYBODY 3");
    }

    @Test
    void aReadOfMoreThanCanBeKeptCountsAsOneOfEverybody() {
        List<List<String>> rows = IntStream.range(0, 10_001)
                .mapToObj(i -> {
                    String first17 = "330106"
                            + LocalDate.of(1950, 1, 1)
                                    .plusDays(i / 900)
                                    .toString()
                                    .replace("-", "") + String.format("%03d", i % 900);
                    return List.of(first17 + IdentityNumber.checkCharacter(first17));
                })
                .toList();
        UUID many = portal.land(POLICE, "many", List.of(), List.of("id_number"), rows);
        entry = portal.publish(many, OFFICER, Guide.OpenClass.FORBIDDEN);
        UUID grant = grant("id_number");

        read(grant, "SELECT id_number FROM raw_police.many LIMIT 10000");
        assertThat(kept()).isEqualTo("{raw_police.many} - 10000");
        assertThat(read(grant, "SELECT id_number FROM raw_police.many").rows()).hasSize(10_001);

        assertThat(kept()).isEqualTo("- {raw_police.many} 0");
    }

    private String kept() {
        return portal.jdbc.sql("""
                        select coalesce(cast(named as text), '-') || ' ' || coalesce(cast(everybody as text), '-') || ' '
                            || (select count(*) from catalog_footprints f where f.access_id = a.id)
                        from catalog_access a order by id desc limit 1""").query(String.class).single();
    }

    @Test
    void whoeverIsNamedForBeingInASecondTableWasLookedUpThere() {
        portal.land(POLICE, "wanted", List.of(), List.of("id_number"), List.of(List.of(OWN), List.of(OTHERS)));
        portal.reader()
                .ask(
                        Account.operator(),
                        new LakeReader.Asked(
                                null,
                                "SELECT r.id_number FROM " + TABLE + " r WHERE area = '330106002' AND r.id_number IN"
                                        + " (SELECT w.id_number FROM raw_police.wanted w)",
                                null),
                        10);

        assertThat(told(OTHER_RESIDENT)).singleElement().satisfies(footprint -> {
            assertThat(footprint.resources()).hasSize(2);
            assertThat(footprint.reader()).isEqualTo(Reader.BUREAU);
        });
        assertThat(told(RESIDENT)).isEmpty();
    }

    @Test
    void aTableWithoutPersonsLeavesNoFootprint() {
        portal.land(POLICE, "station", List.of("name"), List.of("name"), List.of(List.of("转塘派出所")));
        portal.reader().ask(ANALYST, new LakeReader.Asked(null, "SELECT * FROM raw_police.station", null), 10);

        assertThat(kept()).isEqualTo("- - 0");
    }

    @Test
    void whatALawKeepsSecretIsToldOnItsDayOrWhenTheBureauEndsIt() {
        UUID grant = grant("id_number");
        read(grant, "SELECT id_number FROM " + TABLE);
        Delays delays = portal.bean(Delays.class);
        refused(
                () -> delays.delay(BUREAU, new Delays.Wanted(" ", null, portal.clock.instant(), "x", "y")),
                PortalProblem.DELAY_WITHOUT_SUBJECT);
        refused(
                () -> delays.delay(
                        BUREAU,
                        new Delays.Wanted(
                                null, "救助-2026-0042", portal.clock.instant().plus(Duration.ofDays(1_000)), "x", "y")),
                PortalProblem.DELAY_TOO_LONG);
        UUID delay = delays.delay(
                BUREAU,
                new Delays.Wanted(
                        null, "救助-2026-0042", portal.clock.instant().plus(Duration.ofDays(5)), "反有组织犯罪法第二十六条", "正在侦查"));

        assertThat(told(RESIDENT)).isEmpty();
        assertThat(portal.bean(OwnFootprints.class).timeline(RESIDENT, null).months())
                .isEmpty();
        portal.clock.pass(Duration.ofDays(6));
        assertThat(told(RESIDENT)).hasSize(1);
        portal.clock.pass(Duration.ofDays(-6));
        assertThat(told(RESIDENT)).isEmpty();
        delays.end(BUREAU, delay);
        assertThat(told(RESIDENT)).hasSize(1);
        assertThat(portal.jdbc
                        .sql("select act from org_audit order by id desc limit 2")
                        .query(String.class)
                        .list())
                .containsExactly("FOOTPRINTS_TOLD", "FOOTPRINTS_DELAYED");
    }

    @Test
    void whatTheLawKeepsFromPeopleIsNamedWithTheLawAndNotShown() {
        read(grant("id_number"), "SELECT id_number FROM " + TABLE);
        portal.bean(Withheld.class).withhold(BUREAU, resource, "反间谍法第二十三条", "公安机关要求");

        assertThat(portal.bean(Holdings.class).list(RESIDENT)).singleElement().satisfies(holding -> {
            assertThat(holding.withheld()).isEqualTo("反间谍法第二十三条");
            assertThat(holding.records()).isNull();
        });
        refused(() -> portal.bean(OwnRecords.class).records(RESIDENT, entry), QualityProblem.KEPT_BY_LAW);
        assertThat(told(RESIDENT)).isEmpty();

        portal.bean(Withheld.class).show(BUREAU, resource);
        assertThat(portal.bean(OwnRecords.class).records(RESIDENT, entry)).hasSize(1);
        assertThat(told(RESIDENT)).hasSize(1);
    }

    @Test
    void aReadIsProvedToThoseItWasOfWithoutNamingTheOfficer() throws Exception {
        read(grant("id_number", "area"), "SELECT id_number FROM " + TABLE + " WHERE area = '330106001'");
        long access = told(RESIDENT).getFirst().reads().getFirst().access();
        OwnFootprints footprints = portal.bean(OwnFootprints.class);

        OwnFootprints.ReadProof proof = org.awaitility.Awaitility.await()
                .ignoreExceptionsInstanceOf(Problem.class)
                .until(() -> footprints.prove(RESIDENT, access), each -> true);

        EvidenceRecords.LogState log = portal.bean(EvidenceRecords.class).state();
        assertThat(proof.log()).isEqualTo(log.log());
        assertThat(proof.leafHash()).matches("[0-9a-f]{64}");
        assertThat(proof.text()).doesNotContain("extra").contains("index " + proof.index());
        assertThat(Checkpoint.parse(
                                proof.text().substring(proof.text().indexOf("\n\n") + 2),
                                org.qiantang.evidence.LogKey.parse(log.key()))
                        .size())
                .isGreaterThan(proof.index());
        refused(() -> footprints.prove(OTHER_RESIDENT, access), CoreProblem.NOT_FOUND);
    }

    @Test
    void whoeverAsksWhyIsAnsweredByTheDepartmentThatReadAndTheClockRuns() {
        read(grant("id_number", "area"), "SELECT id_number FROM " + TABLE + " WHERE area = '330106001'");
        long access = told(RESIDENT).getFirst().reads().getFirst().access();
        Questions questions = portal.bean(Questions.class);
        refused(() -> questions.ask(OTHER_RESIDENT, access, "为什么？"), CoreProblem.NOT_FOUND);

        Questions.Question asked = questions.ask(RESIDENT, access, "我没有申请低保，为什么查询我？");

        assertThat(asked.department()).isEqualTo(CIVIL);
        refused(() -> questions.ask(RESIDENT, access, "再问"), PortalProblem.ALREADY_ASKED);
        refused(() -> questions.answer(OTHER_OFFICER, asked.id(), "x"), CoreProblem.NOT_FOUND);
        refused(() -> questions.answer(ENGINEER, asked.id(), "x"), PortalProblem.NOT_YOURS);
        assertThat(questions.list(OTHER_OFFICER)).isEmpty();
        portal.clock.pass(Duration.ofDays(15));
        assertThat(questions.owed())
                .singleElement()
                .satisfies(owed -> assertThat(owed.overdue()).isEqualTo(1));
        assertThat(questions.list(APPLICANT).getFirst().overdue()).isTrue();
        questions.answer(APPLICANT, asked.id(), "您的父亲申请了低保，须核对家庭成员。");
        assertThat(questions.listOwn(RESIDENT).getFirst().answer()).startsWith("您的父亲");
        assertThat(questions.owed()).isEmpty();
        refused(() -> questions.answer(APPLICANT, asked.id(), "改"), PortalProblem.ALREADY_ANSWERED);
    }

    @Test
    void whatIsOldIsForgottenAndWhatIsHeldIsNot() {
        read(grant("id_number", "area"), "SELECT id_number FROM " + TABLE + " WHERE area = '330106001'");
        AccessRetention retention = portal.bean(AccessRetention.class);
        EvidenceHold hold = portal.bean(EvidenceHolds.class)
                .place(
                        BUREAU,
                        portal.clock.instant().minus(Duration.ofDays(1)),
                        portal.clock.instant().plus(Duration.ofDays(1)),
                        "案号 (2026) 浙01 民初 1 号");

        assertThat(retention.dropWhatIsOld()).isZero();
        portal.clock.pass(Duration.ofDays(3 * 366));
        assertThat(retention.dropWhatIsOld()).as("a hold covers it").isZero();
        assertThat(footprints()).isPositive();
        portal.bean(EvidenceHolds.class).release(BUREAU, hold.id(), "结案");
        assertThat(retention.dropWhatIsOld()).isPositive();
        assertThat(footprints()).isZero();
        assertThat(portal.bean(AuditTrail.class).list(new AuditTrail.Wanted(null, null, null, 0, 10)))
                .extracting(AuditEntry::act)
                .startsWith(Act.ACCESSES_DROPPED, Act.EVIDENCE_RELEASED);
    }

    private long footprints() {
        return portal.jdbc
                .sql("select count(*) from catalog_footprints")
                .query(Long.class)
                .single();
    }

    @Test
    void whatPeopleReadOfThemselvesIsShownToThemAsTheirs() {
        portal.bean(OwnRecords.class).records(RESIDENT, entry);

        assertThat(portal.bean(OwnFootprints.class).timeline(RESIDENT, null).footprints())
                .extracting(Footprint::reader)
                .containsExactly(Reader.SELF);
        assertThat(told(OTHER_RESIDENT)).isEmpty();
    }
}

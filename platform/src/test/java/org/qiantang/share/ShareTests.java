package org.qiantang.share;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.qiantang.share.TestShare.CIVIL;
import static org.qiantang.share.TestShare.ENGINEER;
import static org.qiantang.share.TestShare.HEALTH;
import static org.qiantang.share.TestShare.POLICE;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qiantang.catalog.Guide;
import org.qiantang.catalog.Violation;
import org.qiantang.core.CoreProblem;
import org.qiantang.core.Problem;
import org.qiantang.lake.RowCondition;
import org.qiantang.org.Account;
import org.qiantang.org.AnswersOwed;
import org.qiantang.org.Role;
import org.qiantang.quality.Ticket;

/** Applications and grants between departments, over a real PostgreSQL and a clock that the test moves. */
class ShareTests {
    private static final Account APPLICANT = TestShare.officer("shen", CIVIL);
    private static final Account COLLEAGUE = TestShare.officer("zhou", CIVIL);
    private static final Account POLICEMAN = TestShare.officer("lin", POLICE);
    private static final Account OTHER_POLICEMAN = TestShare.officer("he", POLICE);
    private static final Account NURSE = TestShare.officer("qiu", HEALTH);
    private static final Account AUDITOR = new Account("xu", "xu", Set.of(Role.AUDITOR), null);

    @TempDir
    Path folder;

    private TestShare share;
    private UUID residents;
    private UUID clinics;

    @BeforeEach
    void open() {
        share = new TestShare(folder, AnswerDays.Silence.ESCALATE);
        fill();
    }

    private void fill() {
        residents = share.publish(POLICE, "resident", Guide.ShareClass.CONDITIONAL, Guide.OpenClass.FORBIDDEN);
        clinics = share.publish(HEALTH, "clinic", Guide.ShareClass.UNCONDITIONAL, Guide.OpenClass.FORBIDDEN);
    }

    @AfterEach
    void close() {
        share.close();
    }

    private static void refused(Runnable act, Problem.Code code) {
        assertThatThrownBy(act::run)
                .isInstanceOfSatisfying(
                        Problem.class, problem -> assertThat(problem.code()).isEqualTo(code));
    }

    private static Asked.Table table(UUID entry) {
        return new Asked.Table(
                entry,
                List.of(new Asked.Field("id_number", "clear", "核对申请人身份"), new Asked.Field("area", "clear", null)),
                List.of(new Asked.Rows("area", Asked.Rows.Kind.IN, List.of("330106001"))),
                null);
    }

    private static Asked.Table areas(UUID entry) {
        return new Asked.Table(entry, List.of(new Asked.Field("area", "clear", null)), List.of(), null);
    }

    private static Asked asked(Asked.Table... tables) {
        return new Asked(
                "低保资格核对",
                "社会救助暂行办法第十七条",
                "核对低保申请家庭的户籍",
                LocalDate.of(2026, 12, 1),
                LocalDate.of(2027, 11, 30),
                500,
                20_000,
                "社会救助信息系统",
                3,
                "0571-85000000",
                true,
                List.of(tables));
    }

    private UUID submitted(Asked.Table... tables) {
        for (Asked.Table each : tables) {
            share.carts().add(APPLICANT, each.entry());
        }
        UUID id = share.applications().begin(APPLICANT).application().id();
        share.applications().save(APPLICANT, id, 0, asked(tables));
        share.applications().submit(APPLICANT, id);
        return id;
    }

    private UUID part(UUID application) {
        return share.applications()
                .get(APPLICANT, application)
                .parts()
                .getFirst()
                .part()
                .id();
    }

    /** An application for the residents that is with the police. */
    private UUID withThePolice() {
        UUID id = submitted(table(residents));
        share.applications().pass(ENGINEER, id, null);
        return id;
    }

    private UUID granted() {
        UUID id = withThePolice();
        share.applications().grantPart(POLICEMAN, part(id), null, null);
        return share.grants().list(APPLICANT, Grants.Of.RECEIVED).getFirst().id();
    }

    private Part.State state(UUID application) {
        return share.applications()
                .get(APPLICANT, application)
                .parts()
                .getFirst()
                .part()
                .state();
    }

    private void atTheBeginning() {
        share.clock.now = Instant.parse("2026-11-30T16:00:00Z");
    }

    @Test
    void eachPartIsGrantedByItselfTheUnconditionalOneWithTheReview() {
        UUID id = submitted(table(residents), table(clinics));
        assertThat(share.applications().get(APPLICANT, id).application().number())
                .isEqualTo("SQ2026-000001");
        assertThat(share.applications().list(ENGINEER, Applications.Wanted.WAITING))
                .hasSize(1);
        assertThat(share.applications().list(POLICEMAN, Applications.Wanted.WAITING))
                .isEmpty();

        share.applications().pass(ENGINEER, id, "材料齐全");

        assertThat(share.applications().get(APPLICANT, id).parts())
                .extracting(each -> each.part().provider(), each -> each.part().state())
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(POLICE, Part.State.PROVIDER_REVIEW),
                        org.assertj.core.groups.Tuple.tuple(HEALTH, Part.State.GRANTED));
        assertThat(share.grants().list(APPLICANT, Grants.Of.RECEIVED)).hasSize(1);
        assertThat(share.applications().list(POLICEMAN, Applications.Wanted.WAITING))
                .hasSize(1);

        share.applications().grantPart(POLICEMAN, part(id), null, null);

        assertThat(share.grants().list(APPLICANT, Grants.Of.RECEIVED))
                .extracting(Grants.GrantBrief::provider)
                .containsExactly(POLICE, HEALTH);
        assertThat(share.applications().get(APPLICANT, id).steps())
                .extracting(step -> step.act() + " " + step.who() + " " + step.before() + " " + step.after())
                .containsExactly(
                        "GRANT lin PROVIDER_REVIEW GRANTED",
                        "GRANT wu WAITING GRANTED",
                        "FORWARD wu WAITING PROVIDER_REVIEW",
                        "PASS wu SUBMITTED REVIEWED",
                        "SUBMIT shen DRAFT SUBMITTED");
    }

    @Test
    void filesAreHandedInWithAnApplicationAndStayAsTheyWere() {
        Attachments files = share.bean(Attachments.class);
        byte[] pdf = "%PDF-1.7 批文".getBytes(StandardCharsets.UTF_8);
        share.carts().add(APPLICANT, residents);
        UUID id = share.applications().begin(APPLICANT).application().id();
        files.add(APPLICANT, id, "批文.pdf", pdf);
        UUID second = files.add(COLLEAGUE, id, "合同.PDF", pdf).stream()
                .filter(each -> each.name().equals("合同.PDF"))
                .findFirst()
                .orElseThrow()
                .id();
        assertThat(files.remove(APPLICANT, id, second))
                .extracting(Attachments.Attachment::name)
                .containsExactly("批文.pdf");

        refused(() -> files.add(APPLICANT, id, "批文.exe", pdf), ShareProblem.ATTACHMENT_KIND);
        refused(() -> files.add(APPLICANT, id, "网页.png", pdf), ShareProblem.ATTACHMENT_KIND);
        refused(() -> files.add(APPLICANT, id, "../批文.pdf", pdf), ShareProblem.ATTACHMENT_NAME);
        refused(() -> files.list(POLICEMAN, id), CoreProblem.NOT_FOUND);
        for (int i = 1; i < 10; i++) {
            files.add(APPLICANT, id, i + ".pdf", pdf);
        }
        refused(() -> files.add(APPLICANT, id, "11.pdf", pdf), ShareProblem.TOO_MANY_ATTACHMENTS);

        share.applications().save(APPLICANT, id, 0, asked(table(residents)));
        share.applications().submit(APPLICANT, id);
        UUID first = files.list(APPLICANT, id).getFirst().id();
        refused(() -> files.remove(APPLICANT, id, first), ShareProblem.WRONG_STATE);
        refused(() -> files.add(APPLICANT, id, "补充.pdf", pdf), ShareProblem.WRONG_STATE);
        refused(() -> files.list(NURSE, id), CoreProblem.NOT_FOUND);
        share.applications().pass(ENGINEER, id, null);
        assertThat(files.read(POLICEMAN, id, first).bytes()).isEqualTo(pdf);
        assertThat(files.list(AUDITOR, id)).hasSize(10);
    }

    @Test
    void aGrantOpensWhatWasGrantedToItsDepartmentFromItsFirstDayToItsLast() {
        UUID grant = granted();
        assertThat(share.grants().of(APPLICANT)).isEmpty();

        atTheBeginning();

        Grant read = share.grants().inForce(grant, COLLEAGUE).orElseThrow();
        assertThat(read.recipient()).isEqualTo("civil");
        assertThat(read.quota()).isEqualTo(new Quota(500, 20_000));
        assertThat(read.purpose()).isEqualTo("核对低保申请家庭的户籍");
        assertThat(read.tables()).singleElement().satisfies(table -> {
            assertThat(table.table()).hasToString("raw_police.resident");
            assertThat(table.fields()).isEqualTo(Map.of("id_number", "clear", "area", "clear"));
            assertThat(table.rows())
                    .containsExactly(new RowCondition("area", RowCondition.Operator.IN, List.of("330106001")));
        });
        assertThat(share.grants().inForce(grant, POLICEMAN)).isEmpty();
        assertThat(share.grants().inForce(grant, ENGINEER)).isEmpty();
        share.clock.now = Instant.parse("2027-11-30T15:59:59Z");
        assertThat(share.grants().of(APPLICANT)).hasSize(1);
        share.clock.now = Instant.parse("2027-11-30T16:00:00Z");
        assertThat(share.grants().of(APPLICANT)).isEmpty();
        share.grants().expire();
        assertThat(share.grants().get(APPLICANT, grant).brief().state()).isEqualTo(GrantState.EXPIRED);
    }

    @Test
    void theJurisdictionIsWhatTheApplicantAnswersForOnTheDayOfTheGrant() {
        UUID id = submitted(new Asked.Table(
                residents,
                List.of(new Asked.Field("area", "clear", null)),
                List.of(new Asked.Rows("area", Asked.Rows.Kind.WITHIN_JURISDICTION, List.of())),
                null));
        share.applications().pass(ENGINEER, id, null);
        refused(() -> share.applications().grantPart(POLICEMAN, part(id), null, null), ShareProblem.NO_JURISDICTION);

        share.jdbc
                .sql("update org_departments set division = '330106' where id = 'civil'")
                .update();
        share.applications().grantPart(POLICEMAN, part(id), null, null);

        atTheBeginning();
        assertThat(share.grants().of(APPLICANT).getFirst().tables().getFirst().rows())
                .containsExactly(new RowCondition("area", RowCondition.Operator.STARTS_WITH, List.of("330106")));
    }

    @Test
    void aSourceDepartmentNarrowsWhatWasAskedForAndNeverWidensIt() {
        UUID id = withThePolice();
        Applications.PartWhole part =
                share.applications().get(POLICEMAN, id).parts().getFirst();
        Terms asked = java.util.Objects.requireNonNull(part.asked());
        GrantedTable table = asked.tables().getFirst();
        Terms narrow = new Terms(
                asked.from(),
                asked.to(),
                new Quota(10, 100),
                List.of(new GrantedTable(table.table(), Map.of("id_number", "pseudonym"), table.rows())));
        Terms wide = new Terms(
                asked.from(),
                asked.to(),
                asked.quota(),
                List.of(new GrantedTable(table.table(), Map.of("phone", "hide"), table.rows())));

        refused(
                () -> share.applications().grantPart(POLICEMAN, part.part().id(), wide, null),
                ShareProblem.WIDER_THAN_ASKED);
        share.applications().grantPart(POLICEMAN, part.part().id(), narrow, "只需比对");

        atTheBeginning();
        Grant grant = share.grants().of(APPLICANT).getFirst();
        assertThat(grant.tables().getFirst().fields()).isEqualTo(Map.of("id_number", "pseudonym"));
        assertThat(grant.quota()).isEqualTo(new Quota(10, 100));
    }

    @Test
    void aChangeIsAnotherVersionAndTheOneBeforeStaysAsItWas() {
        UUID grant = granted();
        atTheBeginning();
        Terms before =
                share.grants().get(POLICEMAN, grant).versions().getFirst().terms();
        Terms narrow = new Terms(before.from(), before.to(), new Quota(1, 1), before.tables());

        refused(() -> share.applications().change(APPLICANT, grant, narrow, "x"), ShareProblem.NOT_YOURS);
        refused(() -> share.applications().change(POLICEMAN, grant, narrow, " "), ShareProblem.WORDS_MISSING);
        share.applications().change(POLICEMAN, grant, narrow, "用量过大");

        assertThat(share.grants().inForce(grant, APPLICANT).orElseThrow().quota())
                .isEqualTo(new Quota(1, 1));
        assertThat(share.grants().get(APPLICANT, grant).versions())
                .extracting(Grants.GrantVersion::version, each -> each.terms().quota())
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(2, new Quota(1, 1)),
                        org.assertj.core.groups.Tuple.tuple(1, new Quota(500, 20_000)));
        assertThatThrownBy(() -> share.jdbc
                        .sql("update share_grant_versions set who = 'nobody'")
                        .update())
                .hasMessageContaining("never changed");
        assertThatThrownBy(() -> share.jdbc.sql("delete from share_steps").update())
                .hasMessageContaining("never changed");
    }

    @Test
    void aGrantIsSuspendedAndRevokedAtOnceWithAReason() {
        UUID grant = granted();
        atTheBeginning();
        share.grants().used(grant);
        share.grants().used(grant);
        assertThat(share.grants().get(APPLICANT, grant).brief().state()).isEqualTo(GrantState.IN_USE);

        refused(() -> share.grants().suspend(POLICEMAN, grant, ""), ShareProblem.WORDS_MISSING);
        refused(() -> share.grants().suspend(APPLICANT, grant, "x"), ShareProblem.NOT_YOURS);
        refused(() -> share.grants().suspend(NURSE, grant, "x"), CoreProblem.NOT_FOUND);
        share.grants().suspend(ENGINEER, grant, "接收系统正在整改");
        assertThat(share.grants().inForce(grant, APPLICANT)).isEmpty();
        refused(() -> share.grants().resume(POLICEMAN, grant, "x"), ShareProblem.NOT_YOURS);
        assertThat(share.grants().get(POLICEMAN, grant).acts()).doesNotContain(ShareAct.RESUME);
        share.grants().resume(ENGINEER, grant, "整改完成");
        assertThat(share.grants().inForce(grant, APPLICANT)).isPresent();
        share.grants().revoke(POLICEMAN, grant, "超范围使用");

        assertThat(share.grants().inForce(grant, APPLICANT)).isEmpty();
        refused(() -> share.grants().resume(ENGINEER, grant, "x"), ShareProblem.WRONG_STATE);
        assertThat(share.grants().get(APPLICANT, grant).steps())
                .extracting(step -> step.act() + " " + step.words())
                .containsExactly("REVOKE 超范围使用", "RESUME 整改完成", "SUSPEND 接收系统正在整改", "USE null", "GRANT null");
    }

    @Test
    void aRenewalIsANewApplicationThatGoesOnFromTheGrant() {
        UUID grant = granted();
        refused(() -> share.applications().renew(POLICEMAN, grant), ShareProblem.NOT_YOURS);

        Applications.ApplicationWhole renewal = share.applications().renew(COLLEAGUE, grant);

        assertThat(renewal.application().renews()).isEqualTo(grant);
        assertThat(renewal.application().state()).isEqualTo(Application.State.DRAFT);
        assertThat(renewal.application().asked().from()).isEqualTo(LocalDate.of(2027, 12, 1));
        assertThat(renewal.application().asked().to()).isEqualTo(LocalDate.of(2028, 11, 29));
        assertThat(renewal.application().asked().tables()).containsExactly(table(residents));
        assertThat(renewal.violations()).extracting(Violation::code).containsExactly("share.not_undertaken");
    }

    @Test
    void whatIsMissingIsNamedBeforeAnybodyIsBothered() {
        UUID secret = share.publish(POLICE, "case_file", Guide.ShareClass.NOT_SHARED, Guide.OpenClass.FORBIDDEN);
        share.carts().add(APPLICANT, secret);
        UUID id = share.applications().begin(APPLICANT).application().id();
        assertThat(share.carts().list(APPLICANT)).isEmpty();
        Applications.ApplicationWhole blank = share.applications().get(APPLICANT, id);
        assertThat(blank.violations())
                .extracting(Violation::field)
                .containsExactly(
                        "scenario",
                        "legalBasis",
                        "purpose",
                        "system",
                        "contact",
                        "systemLevel",
                        "undertaken",
                        "period",
                        "tables[0].despite",
                        "tables[0].fields");
        assertThat(blank.violations()).anySatisfy(each -> assertThat(each.zh()).contains("《户口登记条例》第八条"));

        Asked.Table unreasoned = new Asked.Table(
                secret,
                List.of(new Asked.Field("id_number", "keep(6,4)", null), new Asked.Field("nonsense", "clear", null)),
                List.of(
                        new Asked.Rows("elsewhere", Asked.Rows.Kind.FROM, List.of("1")),
                        new Asked.Rows("area", Asked.Rows.Kind.IN, List.of()),
                        new Asked.Rows("area", Asked.Rows.Kind.BEFORE, List.of("1", "2"))),
                "法院裁定要求");
        share.applications().save(APPLICANT, id, 0, asked(unreasoned));

        assertThat(share.applications().get(APPLICANT, id).violations())
                .extracting(Violation::code)
                .containsExactly(
                        "share.reason_missing",
                        "share.no_such_field",
                        "share.no_such_field",
                        "share.no_values",
                        "share.no_values");
        refused(() -> share.applications().submit(APPLICANT, id), ShareProblem.INCOMPLETE);
    }

    @Test
    void nobodyIsAskedTwiceAndOpenDataIsSaidToBeOpen() {
        granted();
        atTheBeginning();
        UUID parks = share.publish(HEALTH, "station", Guide.ShareClass.UNCONDITIONAL, Guide.OpenClass.OPEN);
        share.carts().add(COLLEAGUE, residents);
        share.carts().add(COLLEAGUE, parks);
        UUID id = share.applications().begin(COLLEAGUE).application().id();
        share.applications().save(COLLEAGUE, id, 0, asked(table(residents), areas(parks)));

        assertThat(share.applications().get(COLLEAGUE, id).hints())
                .extracting(each -> each.code() + " " + each.field())
                .containsExactly(
                        "share.already_granted tables[0].fields[0]",
                        "share.already_granted tables[0].fields[1]",
                        "share.open_anyway tables[1]");
    }

    @Test
    void onlyWhatAnotherDepartmentPublishedIsApplied() {
        refused(() -> share.carts().add(POLICEMAN, residents), ShareProblem.OWN_DATA);
        UUID draft = share.land(POLICE, "draft");
        refused(() -> share.carts().add(APPLICANT, draft), ShareProblem.NOT_AVAILABLE);
        Account nobodys = new Account("li", "li", Set.of(Role.OFFICER), null);
        refused(() -> share.carts().add(nobodys, residents), ShareProblem.NO_DEPARTMENT);
        share.carts().add(APPLICANT, residents);
        share.carts().add(APPLICANT, residents);

        assertThat(share.carts().list(APPLICANT)).hasSize(1);
        assertThat(share.carts().remove(APPLICANT, residents)).isEmpty();
        assertThat(share.carts().list(COLLEAGUE)).isEmpty();
    }

    @Test
    void nobodyAnswersTheirOwnApplication() {
        Account both = new Account("shen", "shen", Set.of(Role.OFFICER, Role.ENGINEER), CIVIL);
        UUID id = submitted(table(residents));

        refused(() -> share.applications().pass(both, id, null), ShareProblem.OWN_APPLICATION);
        assertThat(share.applications().get(both, id).acts()).containsExactly(ShareAct.WITHDRAW);
        share.applications().pass(ENGINEER, id, null);
        share.applications().reject(POLICEMAN, part(id), "不属于职责范围", "条例第十二条");
        share.applications().negotiate(APPLICANT, part(id), "职责见三定方案");
        share.applications().escalate(APPLICANT, part(id), "请协调");

        refused(() -> share.applications().grantPart(both, part(id), null, null), ShareProblem.OWN_APPLICATION);
    }

    @Test
    void aRejectionNeedsAReasonAndALawAndIsNegotiatedAndDecided() {
        UUID id = withThePolice();
        UUID part = part(id);
        refused(() -> share.applications().reject(POLICEMAN, part, "不便提供", null), ShareProblem.WORDS_MISSING);
        refused(() -> share.applications().reject(POLICEMAN, part, " ", "条例"), ShareProblem.WORDS_MISSING);
        refused(() -> share.applications().negotiate(APPLICANT, part, "x"), ShareProblem.WRONG_STATE);
        share.applications().reject(POLICEMAN, part, "不属于职责范围", "条例第十二条");
        assertThat(share.applications().get(APPLICANT, id).steps().getFirst().legalBasis())
                .isEqualTo("条例第十二条");

        share.applications().negotiate(APPLICANT, part, "职责见三定方案");
        share.applications().say(POLICEMAN, part, "请补充方案");
        share.applications().say(APPLICANT, part, "已补充");
        refused(() -> share.applications().grantPart(ENGINEER, part, null, null), ShareProblem.NOT_YOURS);
        share.applications().escalate(POLICEMAN, part, "请数据局裁定");
        assertThat(share.applications().list(ENGINEER, Applications.Wanted.WAITING))
                .hasSize(1);
        share.applications().reject(ENGINEER, part, "确不属于职责范围", "条例第十二条");

        assertThat(state(id)).isEqualTo(Part.State.REFUSED);
        refused(() -> share.applications().negotiate(APPLICANT, part, "x"), ShareProblem.WRONG_STATE);
    }

    @Test
    void anApplicationIsReturnedToBeCompletedAndHandedInAgain() {
        UUID id = submitted(table(residents));
        refused(() -> share.applications().giveBack(ENGINEER, id, ""), ShareProblem.WORDS_MISSING);
        share.applications().giveBack(ENGINEER, id, "请缩小字段范围");
        refused(() -> share.applications().save(APPLICANT, id, 0, asked()), ShareProblem.CHANGED_MEANWHILE);
        share.applications().save(COLLEAGUE, id, 1, asked(table(residents)));
        share.applications().submit(COLLEAGUE, id);
        assertThat(share.applications().get(ENGINEER, id).application().applicant())
                .isEqualTo("zhou");
        refused(() -> share.applications().refuse(ENGINEER, id, "无依据", ""), ShareProblem.WORDS_MISSING);
        share.applications().refuse(ENGINEER, id, "无法定职责", "条例第十条");

        assertThat(state(id)).isEqualTo(Part.State.REFUSED);
        refused(() -> share.applications().grantPart(POLICEMAN, part(id), null, null), ShareProblem.WRONG_STATE);
    }

    @Test
    void whatIsWithdrawnIsAnsweredByNobodyAndWhatWasGrantedStays() {
        UUID id = submitted(table(residents), table(clinics));
        share.applications().pass(ENGINEER, id, null);

        share.applications().withdraw(APPLICANT, id);

        assertThat(share.applications().get(APPLICANT, id).parts())
                .extracting(each -> each.part().state())
                .containsExactly(Part.State.WITHDRAWN, Part.State.GRANTED);
        refused(() -> share.applications().grantPart(POLICEMAN, part(id), null, null), ShareProblem.WRONG_STATE);
        assertThat(share.grants().list(APPLICANT, Grants.Of.RECEIVED)).hasSize(1);
    }

    @Test
    void ofTwoWhoAnswerAtOnceOneWins() throws Exception {
        for (int round = 0; round < 5; round++) {
            UUID id = withThePolice();
            UUID part = part(id);
            CyclicBarrier together = new CyclicBarrier(2);
            List<Callable<String>> answers = List.of(
                    () -> answer(together, () -> share.applications().grantPart(POLICEMAN, part, null, null)),
                    () -> answer(together, () -> share.applications().reject(OTHER_POLICEMAN, part, "不同意", "条例")));
            List<String> outcomes = new ArrayList<>();
            try (ExecutorService both = Executors.newFixedThreadPool(2)) {
                for (Future<String> each : both.invokeAll(answers)) {
                    outcomes.add(each.get());
                }
            }

            assertThat(outcomes).containsExactlyInAnyOrder("done", "share.wrong_state 409");
        }
    }

    private static String answer(CyclicBarrier together, Runnable answer) throws Exception {
        together.await();
        try {
            answer.run();
            return "done";
        } catch (Problem problem) {
            return problem.code().id() + " " + problem.code().status();
        }
    }

    @Test
    void departmentsSeeWhatIsBetweenThemAndNothingElse() {
        share.carts().add(APPLICANT, residents);
        UUID draft = share.applications().begin(APPLICANT).application().id();
        refused(() -> share.applications().get(ENGINEER, draft), CoreProblem.NOT_FOUND);
        assertThat(share.applications().list(ENGINEER, Applications.Wanted.ALL)).isEmpty();

        UUID id = submitted(table(residents), table(clinics));

        assertThat(share.applications().get(COLLEAGUE, id).parts()).hasSize(2);
        assertThat(share.applications().get(AUDITOR, id).parts()).hasSize(2);
        assertThat(share.applications().get(NURSE, id).parts())
                .extracting(each -> each.part().provider())
                .containsExactly(HEALTH);
        assertThat(share.applications().get(AUDITOR, id).acts()).isEmpty();
        Account stranger = TestShare.officer("mao", new org.qiantang.org.Department("tax", "税务局", "Tax"));
        refused(() -> share.applications().get(stranger, id), CoreProblem.NOT_FOUND);
        refused(() -> share.applications().say(stranger, part(id), "x"), CoreProblem.NOT_FOUND);
        refused(() -> share.applications().say(NURSE, part(id), "x"), CoreProblem.NOT_FOUND);
        assertThat(share.applications().list(stranger, Applications.Wanted.ALL)).isEmpty();
    }

    @Test
    void whoCouldReadAFieldAndWhyIsAnswered() {
        UUID grant = granted();
        UUID resource = share.resource(residents);

        assertThat(share.grants().readers(POLICEMAN, resource))
                .filteredOn(each -> each.field().equals("id_number"))
                .singleElement()
                .satisfies(each -> {
                    assertThat(each.grant()).isEqualTo(grant);
                    assertThat(each.recipient()).isEqualTo(CIVIL);
                    assertThat(each.purpose()).isEqualTo("核对低保申请家庭的户籍");
                    assertThat(each.showing()).isEqualTo("clear");
                    assertThat(each.inForce()).isFalse();
                });
        refused(() -> share.grants().readers(APPLICANT, resource), ShareProblem.NOT_YOURS);
        assertThat(share.grants().readable(ENGINEER, "shen")).isEmpty();
        atTheBeginning();
        assertThat(share.grants().readable(ENGINEER, "shen"))
                .extracting(each -> each.lakeTable() + "." + each.reading().field())
                .containsExactly("raw_police.resident.id_number", "raw_police.resident.area");
        assertThat(share.grants().readable(APPLICANT, "shen")).hasSize(2);
        refused(() -> share.grants().readable(APPLICANT, "zhou"), ShareProblem.NOT_YOURS);
    }

    @Test
    void clocksCountWorkingDaysAndSilenceIsNoYes() {
        // Wednesday; the National Day lasts from Thursday 1 to Wednesday 7 October, and Saturday 10 is worked.
        share.clock.now = Instant.parse("2026-09-30T02:00:00Z");
        UUID id = submitted(table(residents));
        assertThat(share.applications().get(APPLICANT, id).application().dueAt())
                .isEqualTo("2026-10-09T09:30:00Z");
        share.clock.now = Instant.parse("2026-10-09T09:31:00Z");
        share.applications().remind();
        share.applications().remind();
        assertThat(share.applications().get(APPLICANT, id).application().lateness())
                .isEqualTo(Ticket.Lateness.OVERDUE);
        share.clock.now = Instant.parse("2026-10-12T09:31:00Z");
        share.applications().remind();
        assertThat(share.applications().get(APPLICANT, id).application().lateness())
                .isEqualTo(Ticket.Lateness.ESCALATED);
        assertThat(share.applications().waitForBureau()).isEqualTo(1);

        share.clock.now = Instant.parse("2026-09-30T02:00:00Z");
        share.applications().pass(ENGINEER, id, null);
        Part part = share.applications().get(APPLICANT, id).parts().getFirst().part();
        assertThat(part.dueAt()).isEqualTo("2026-10-13T09:30:00Z");
        assertThat(share.applications().owed()).singleElement().satisfies(owed -> {
            assertThat(owed.department()).isEqualTo(POLICE);
            assertThat(owed.overdue()).isZero();
        });
        share.clock.now = Instant.parse("2026-10-13T09:29:00Z");
        share.applications().remind();
        assertThat(share.applications().owed())
                .extracting(AnswersOwed.Owed::overdue)
                .containsExactly(0);
        share.clock.now = Instant.parse("2026-10-13T09:31:00Z");
        share.applications().remind();
        share.applications().remind();
        assertThat(share.applications().owed())
                .extracting(AnswersOwed.Owed::overdue)
                .containsExactly(1);
        assertThat(state(id)).isEqualTo(Part.State.PROVIDER_REVIEW);
        share.clock.now = Instant.parse("2026-10-15T09:31:00Z");
        share.applications().remind();

        assertThat(state(id)).isEqualTo(Part.State.ESCALATED);
        assertThat(share.applications().owed()).isEmpty();
        assertThat(share.applications().waitForBureau()).isEqualTo(1);
        assertThat(share.applications().get(APPLICANT, id).steps())
                .filteredOn(step -> step.side() == Side.PLATFORM)
                .extracting(Application.Step::act)
                .containsExactly(ShareAct.ESCALATE, ShareAct.REMIND, ShareAct.ESCALATE, ShareAct.REMIND);
        assertThat(share.grants().list(APPLICANT, Grants.Of.RECEIVED)).isEmpty();
        share.applications().grantPart(ENGINEER, part.id(), null, "依法应当共享");
        assertThat(state(id)).isEqualTo(Part.State.GRANTED);
    }

    @Test
    void silenceIsAYesOnlyWhereTheCitySaysSo() {
        share.close();
        share = new TestShare(folder, AnswerDays.Silence.GRANT);
        fill();
        UUID id = withThePolice();
        share.clock.now = Instant.parse("2026-11-30T09:31:00Z");
        share.applications().remind();
        assertThat(state(id)).isEqualTo(Part.State.PROVIDER_REVIEW);
        share.clock.now = Instant.parse("2026-12-02T09:31:00Z");
        share.applications().remind();

        assertThat(state(id)).isEqualTo(Part.State.GRANTED);
        assertThat(share.grants().of(APPLICANT)).hasSize(1);
        assertThat(share.grants()
                        .get(APPLICANT, share.grants().of(APPLICANT).getFirst().id())
                        .steps())
                .extracting(step -> step.side() + " " + step.words())
                .containsExactly("PLATFORM 逾期未答复");
    }
}

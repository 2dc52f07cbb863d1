package org.qiantang.quality;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.qiantang.quality.TestQuality.ANALYST;
import static org.qiantang.quality.TestQuality.ENGINEER;
import static org.qiantang.quality.TestQuality.HEALTH;
import static org.qiantang.quality.TestQuality.OFFICER;
import static org.qiantang.quality.TestQuality.OTHER_OFFICER;
import static org.qiantang.quality.TestQuality.POLICE;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qiantang.catalog.ContentKind;
import org.qiantang.catalog.Guide;
import org.qiantang.core.IdentityNumber;
import org.qiantang.core.Problem;

/** Rules on every snapshot, scores and tickets, over a real lake and a real PostgreSQL. */
class QualityTests {
    private static final List<String> COLUMNS = List.of("resident_id", "id_number", "sex");
    private static final List<String> GOOD = List.of("1", "11010519491231002X", "1");
    private static final List<String> BAD = List.of("2", "110105194912310021", "9");
    private static final List<String> MENDED = List.of("2", "440524188001010014", "2");

    @TempDir
    Path folder;

    private TestQuality quality;

    @BeforeEach
    void open() throws Exception {
        quality = new TestQuality(folder);
    }

    @AfterEach
    void close() {
        quality.close();
    }

    private UUID residents(List<List<String>> rows) {
        return quality.land(POLICE, "resident", List.of("resident_id"), COLUMNS, rows);
    }

    /** So many good ones that the column is one of identity numbers, and one that is not. */
    private static List<List<String>> crowd() {
        List<List<String>> rows = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            String first17 = "110105194912%02d%03d".formatted(1 + i, i);
            rows.add(List.of("c" + i, first17 + IdentityNumber.checkCharacter(first17), "1"));
        }
        rows.add(BAD);
        return rows;
    }

    private static Rule.Wanted wanted(Requirement requirement) {
        return new Rule.Wanted(requirement.kind().characteristic(), requirement, "", 0, Severity.HIGH);
    }

    private static final Requirement CHECKS = Requirement.checkDigit("id_number", ContentKind.ID_NUMBER);

    private static void refused(Runnable act, QualityProblem code) {
        assertThatThrownBy(act::run)
                .isInstanceOfSatisfying(
                        Problem.class, problem -> assertThat(problem.code()).isEqualTo(code));
    }

    @Test
    void whatTheCatalogueKnowsProposesRules() {
        UUID id = residents(List.of(GOOD, BAD, MENDED));
        quality.publish(id, OFFICER, Guide.UpdateCycle.DAILY);

        assertThat(quality.rules().propose(id))
                .extracting(Rules.Proposal::requirement)
                .containsExactlyInAnyOrder(
                        Requirement.of(Requirement.Kind.REACHABLE),
                        Requirement.of(Requirement.Kind.ROWS_KEPT),
                        Requirement.of(Requirement.Kind.UNIQUE, "resident_id"),
                        Requirement.of(Requirement.Kind.NOT_NULL, "resident_id"),
                        CHECKS,
                        Requirement.timely(Guide.UpdateCycle.DAILY));
        assertThat(quality.rules().adopt(OFFICER, id)).isEqualTo(6);
        assertThat(quality.rules().propose(id)).isEmpty();
    }

    @Test
    void aRuleIsLookedAtOnEverySnapshotAndOnceOnly() {
        UUID id = residents(List.of(GOOD, BAD));
        Rule rule = quality.rules().create(OFFICER, id, wanted(CHECKS));
        assertThat(rule.newest()).isNull();

        quality.look();
        quality.look();
        assertThat(quality.rules().outcomes(rule.id())).singleElement().satisfies(outcome -> {
            assertThat(outcome.checked()).isEqualTo(2);
            assertThat(outcome.failed()).isEqualTo(1);
        });

        quality.clock.pass(Duration.ofHours(1));
        residents(List.of(GOOD, MENDED));
        quality.look();
        assertThat(quality.rules().outcomes(rule.id()))
                .extracting(Rule.Outcome::failed)
                .containsExactly(0L, 1L);
    }

    @Test
    void anotherVersionIsLookedAtAnewAndTheOldOneStays() {
        UUID id = residents(List.of(GOOD, BAD));
        Rule rule = quality.rules().create(OFFICER, id, wanted(CHECKS));
        quality.look();

        Rule changed =
                quality.rules().change(ENGINEER, rule.id(), 1, wanted(Requirement.codes("sex", List.of("1", "2"))));
        quality.look();

        assertThat(changed.version()).isEqualTo(2);
        assertThat(quality.rules().outcomes(rule.id()))
                .extracting(Rule.Outcome::version)
                .containsExactly(2, 1);
        assertThat(quality.rules().versions(rule.id()))
                .extracting(Rule.Version::author)
                .containsExactly("wu", "shen");
        refused(() -> quality.rules().change(ENGINEER, rule.id(), 1, wanted(CHECKS)), QualityProblem.CHANGED_MEANWHILE);
        assertThatThrownBy(() -> quality.jdbc
                        .sql("update quality_rule_versions set note = 'x'")
                        .update())
                .hasMessageContaining("never changed");
    }

    @Test
    void aTrialShowsWhatWouldFailMaskedAndKeepsNothing() {
        UUID id = residents(crowd());

        Rules.Trial trial = quality.rules().attempt(OFFICER, id, wanted(CHECKS), 10);

        assertThat(trial.outcome().failed()).isEqualTo(1);
        assertThat(trial.sample().rows()).singleElement().isEqualTo(List.of("2", "1***************21", "9"));
        assertThat(trial.sample().columns().get(1).masked()).isTrue();
        assertThat(quality.rules().list(id)).isEmpty();
        assertThat(quality.jdbc
                        .sql("select purpose || ' ' || who from catalog_access order by id desc limit 1")
                        .query(String.class)
                        .single())
                .isEqualTo("quality shen");
    }

    @Test
    void aStatementOfOnesOwnCannotShowWhatIsMasked() {
        UUID id = residents(crowd());
        Requirement tricky = Requirement.statement(
                "SELECT resident_id, substr(id_number, 7, 8) AS born, id_number AS harmless, count(*) OVER () AS n"
                        + " FROM raw_police.resident WHERE sex = '9'");

        Rules.Trial trial = quality.rules().attempt(OFFICER, id, wanted(tricky), 10);

        assertThat(trial.sample().rows().getFirst().get(0)).isEqualTo("2");
        assertThat(trial.sample().rows().getFirst().get(1)).isNull();
        assertThat(trial.sample().rows().getFirst().get(2)).isEqualTo("1***************21");
    }

    @Test
    void failingRowsAreFoundAgainAsOfTheSnapshotThatFailed() {
        UUID id = residents(List.of(GOOD, BAD));
        Rule rule = quality.rules().create(OFFICER, id, wanted(CHECKS));
        quality.look();
        // A newer snapshot that nobody has looked at yet.
        residents(List.of(GOOD, MENDED));

        Rules.Failing failing = quality.rules().failing(ANALYST, rule.id(), 10);

        assertThat(failing.rows().rows())
                .singleElement()
                .satisfies(row -> assertThat(row.getFirst()).isEqualTo("2"));
        assertThat(failing.asOf())
                .isEqualTo(quality.rules().get(rule.id()).newest().snapshotId());
        assertThat(failing.sql()).startsWith("SELECT * FROM \"raw_police\".\"resident\"");
    }

    @Test
    void onlyTheDepartmentAndTheBureauMakeRulesAndOnlyAboutTheirOwnData() {
        UUID id = residents(List.of(GOOD));
        quality.land(HEALTH, "patient", List.of(), List.of("id_number"), List.of(List.of("11010519491231002X")));
        Requirement refers = Requirement.refers("id_number", "raw_health.patient", "id_number");

        refused(() -> quality.rules().create(OTHER_OFFICER, id, wanted(CHECKS)), QualityProblem.NOT_YOURS);
        refused(() -> quality.rules().attempt(ANALYST, id, wanted(CHECKS), 1), QualityProblem.NOT_YOURS);
        refused(() -> quality.rules().create(OFFICER, id, wanted(refers)), QualityProblem.NOT_YOURS_TO_READ);
        refused(
                () -> quality.rules()
                        .attempt(OFFICER, id, wanted(Requirement.statement("SELECT * FROM raw_health.patient")), 1),
                QualityProblem.NOT_YOURS_TO_READ);
        refused(
                () -> quality.rules()
                        .create(
                                ENGINEER,
                                id,
                                wanted(Requirement.statement(
                                        "SELECT 1 FROM raw_police.resident) AS f), (SELECT count(*) FROM (SELECT 2"))),
                QualityProblem.RULE_INCOMPLETE);
        assertThat(quality.rules().create(ENGINEER, id, wanted(refers)).version())
                .isEqualTo(1);
    }

    @Test
    void whatCannotBeLookedAtSaysSoAndCountsForNothing() {
        UUID id = residents(List.of(GOOD));
        Rule rule = quality.rules()
                .create(
                        ENGINEER,
                        id,
                        wanted(Requirement.statement(
                                "SELECT * FROM raw_police.resident WHERE CAST(sex AS DATE) > DATE '2020-01-01'")));

        quality.look();

        Rule.Outcome newest = quality.rules().get(rule.id()).newest();
        assertThat(newest.error().zh()).contains("无法");
        assertThat(newest.error().en()).contains("Cannot");
        assertThat(quality.bean(Scores.class).history(id)).isEmpty();
        assertThat(quality.tickets().list(ENGINEER, Tickets.Wanted.OPEN, null)).isEmpty();
    }

    @Test
    void scoresGoFromRulesToResourcesToDepartmentsWithTheirHistory() {
        Instant morning = quality.clock.instant();
        UUID id = residents(List.of(GOOD, MENDED));
        quality.rules().create(OFFICER, id, wanted(CHECKS));
        quality.rules().create(OFFICER, id, wanted(Requirement.codes("sex", List.of("1", "2"))));
        quality.look();
        quality.clock.pass(Duration.ofDays(1));
        Instant since = quality.clock.instant();
        quality.clock.pass(Duration.ofMinutes(5));
        residents(List.of(GOOD, BAD, MENDED, GOOD));
        quality.look();

        Scores scores = quality.bean(Scores.class);
        assertThat(scores.history(id))
                .extracting(point -> point.score().overall())
                .containsExactly(0.75, 1.0);
        Scores.DepartmentScore police = scores.board().departments().stream()
                .filter(each -> each.department().equals(POLICE))
                .findFirst()
                .orElseThrow();
        assertThat(police.score().characteristics().get(Characteristic.ACCURACY))
                .isCloseTo(0.75, within(1e-9));
        assertThat(police.failing()).isEqualTo(2);
        assertThat(scores.historyOf("police")).hasSize(2);
        assertThat(scores.resources("police"))
                .singleElement()
                .satisfies(each -> assertThat(each.failing()).isEqualTo(2));
        assertThat(scores.worse(since)).singleElement().satisfies(each -> {
            assertThat(each.before()).isEqualTo(1.0);
            assertThat(each.now()).isEqualTo(0.75);
        });
        assertThat(scores.worse(morning)).isEmpty();
    }

    @Test
    void lostRowsAreMissedUntilTheyAreBack() {
        UUID id = residents(List.of(GOOD, BAD, MENDED));
        Rule rule = quality.rules().create(OFFICER, id, wanted(Requirement.of(Requirement.Kind.ROWS_KEPT)));
        quality.look();
        quality.clock.pass(Duration.ofHours(1));
        residents(List.of(GOOD));
        quality.look();
        quality.clock.pass(Duration.ofHours(1));
        residents(List.of(GOOD, MENDED));
        quality.look();

        assertThat(quality.rules().get(rule.id()).newest().failed()).isEqualTo(1);
        assertThat(quality.tickets().list(OFFICER, Tickets.Wanted.MINE, null)).hasSize(1);

        quality.clock.pass(Duration.ofHours(1));
        residents(List.of(GOOD, BAD, MENDED, GOOD));
        quality.look();
        assertThat(quality.tickets().list(OFFICER, Tickets.Wanted.OPEN, null)).isEmpty();
    }

    @Test
    void whatDoesNotComeInItsCycleIsFoundByTheClockAlone() {
        UUID id = residents(List.of(GOOD));
        Rule rule = quality.rules().create(OFFICER, id, wanted(Requirement.timely(Guide.UpdateCycle.DAILY)));
        quality.look();
        assertThat(quality.rules().get(rule.id()).newest().failed()).isZero();

        quality.clock.pass(Duration.ofHours(37));
        quality.look();

        assertThat(quality.rules().get(rule.id()).newest().failed()).isEqualTo(1);
    }

    @Test
    void aFailingRuleOpensOneTicketThatALaterSnapshotCloses() {
        UUID id = residents(List.of(GOOD, BAD));
        Rule rule = quality.rules().create(OFFICER, id, wanted(CHECKS));
        quality.look();

        Tickets.TicketBrief ticket =
                quality.tickets().list(OFFICER, Tickets.Wanted.MINE, null).getFirst();
        assertThat(ticket.rule()).isEqualTo(rule.id());
        assertThat(ticket.state()).isEqualTo(Ticket.State.DISPATCHED);
        assertThat(ticket.number()).startsWith("ZL2026-");
        // Monday morning and five working days: the next Monday, when the offices close.
        assertThat(ticket.dueAt()).isEqualTo(Instant.parse("2026-11-30T09:30:00Z"));
        assertThat(quality.tickets().list(OTHER_OFFICER, Tickets.Wanted.OPEN, null))
                .isEmpty();
        assertThatThrownBy(() -> quality.tickets().get(OTHER_OFFICER, ticket.id()))
                .isInstanceOf(Problem.class);

        quality.tickets().accept(OFFICER, ticket.id());
        quality.tickets().fix(OFFICER, ticket.id(), "已在源系统更正");
        quality.clock.pass(Duration.ofHours(1));
        residents(List.of(GOOD, BAD, GOOD));
        quality.look();
        assertThat(quality.tickets().get(OFFICER, ticket.id()).ticket().state()).isEqualTo(Ticket.State.FIXING);

        quality.tickets().fix(OFFICER, ticket.id(), "这次真的更正了");
        quality.clock.pass(Duration.ofHours(1));
        residents(List.of(GOOD, MENDED));
        quality.look();

        Tickets.TicketWhole closed = quality.tickets().get(ENGINEER, ticket.id());
        assertThat(closed.ticket().state()).isEqualTo(Ticket.State.CLOSED);
        assertThat(closed.steps())
                .extracting(Ticket.TicketStep::act)
                .containsExactly(
                        Ticket.Act.CLOSE,
                        Ticket.Act.VERIFY,
                        Ticket.Act.FIX,
                        Ticket.Act.FAIL,
                        Ticket.Act.FIX,
                        Ticket.Act.ACCEPT,
                        Ticket.Act.DISPATCH,
                        Ticket.Act.OPEN);
        assertThatThrownBy(() ->
                        quality.jdbc.sql("delete from quality_ticket_steps").update())
                .hasMessageContaining("never changed");
    }

    @Test
    void theBureauIsToldOfWhatNobodyHeeds() {
        UUID id = residents(List.of(GOOD, BAD));
        quality.rules().create(OFFICER, id, wanted(CHECKS));
        quality.look();
        UUID ticket = quality.tickets()
                .list(OFFICER, Tickets.Wanted.MINE, null)
                .getFirst()
                .id();

        quality.clock.pass(Duration.ofDays(7));
        quality.tickets().remind();
        assertThat(quality.tickets().get(OFFICER, ticket).ticket().lateness()).isEqualTo(Ticket.Lateness.IN_TIME);
        quality.clock.pass(Duration.ofHours(8));
        quality.tickets().remind();
        quality.tickets().remind();
        assertThat(quality.tickets().get(OFFICER, ticket).ticket().lateness()).isEqualTo(Ticket.Lateness.OVERDUE);
        assertThat(quality.tickets().list(ENGINEER, Tickets.Wanted.MINE, null)).isEmpty();
        quality.clock.pass(Duration.ofDays(2));
        quality.tickets().remind();

        assertThat(quality.tickets().list(ENGINEER, Tickets.Wanted.MINE, null))
                .singleElement()
                .satisfies(each -> {
                    assertThat(each.lateness()).isEqualTo(Ticket.Lateness.ESCALATED);
                });
        assertThat(quality.tickets().get(OFFICER, ticket).steps().getFirst().words())
                .contains("数据局");
        assertThat(quality.tickets().owed()).singleElement().satisfies(owed -> {
            assertThat(owed.department()).isEqualTo(POLICE);
            assertThat(owed.escalated()).isEqualTo(1);
        });
    }

    @Test
    void whatAPersonFoundGoesThroughTheBureauWhichAloneClosesIt() {
        UUID id = residents(List.of(GOOD));
        Tickets.TicketWhole opened = quality.tickets().open(OTHER_OFFICER, id, "姓名与户口簿不符", Severity.LOW);
        assertThat(opened.ticket().state()).isEqualTo(Ticket.State.NEW);

        UUID ticket = opened.ticket().id();
        assertThat(quality.tickets().list(ENGINEER, Tickets.Wanted.MINE, null)).hasSize(1);
        quality.tickets().dispatch(ENGINEER, ticket, "police", "请核实");
        refused(() -> quality.tickets().close(OFFICER, ticket, "x"), QualityProblem.TICKET_NOT_YOURS);
        quality.tickets().giveBack(OFFICER, ticket, "户口簿由卫健委登记");
        quality.tickets().dispatch(ENGINEER, ticket, "health", null);
        assertThatThrownBy(() -> quality.tickets().accept(OFFICER, ticket)).isInstanceOf(Problem.class);
        quality.tickets().accept(OTHER_OFFICER, ticket);
        quality.tickets().fix(OTHER_OFFICER, ticket, "已核对");

        assertThat(quality.tickets().close(ENGINEER, ticket, "已抽查").ticket().state())
                .isEqualTo(Ticket.State.CLOSED);
    }

    @Test
    void whoHasToMendSomethingDoesNotChangeTheRuleMeanwhile() {
        UUID id = residents(List.of(GOOD, BAD));
        Rule rule = quality.rules().create(OFFICER, id, wanted(CHECKS));
        quality.look();

        refused(() -> quality.rules().retire(OFFICER, rule.id()), QualityProblem.RULE_HAS_TICKET);
        refused(() -> quality.rules().change(OFFICER, rule.id(), 1, wanted(CHECKS)), QualityProblem.RULE_HAS_TICKET);
        quality.rules().retire(ENGINEER, rule.id());

        assertThat(quality.rules().list(id)).isEmpty();
        assertThat(quality.bean(Scores.class).resources("police")).isEmpty();
        assertThat(quality.tickets().list(OFFICER, Tickets.Wanted.OPEN, null)).hasSize(1);
    }

    @Test
    void whatIsStatedToComeAndDoesNotIsLateWithoutAnyRule() {
        UUID id = residents(List.of(GOOD));
        quality.publish(id, OFFICER, Guide.UpdateCycle.DAILY);
        assertThat(quality.bean(Timeliness.class).late()).isEmpty();

        quality.clock.pass(Duration.ofHours(37));

        assertThat(quality.bean(Timeliness.class).late()).singleElement().satisfies(late -> {
            assertThat(late.resource()).isEqualTo(id);
            assertThat(late.dueAt()).isEqualTo(quality.clock.instant().minus(Duration.ofHours(1)));
        });
    }

    @Test
    void aHubThatEndsInTheMiddleLooksAgain() {
        UUID id = residents(List.of(GOOD, BAD));
        quality.rules().create(OFFICER, id, wanted(CHECKS));

        assertThat(quality.bean(Evaluations.class).next()).isPresent();

        assertThat(quality.bean(Evaluations.class).next())
                .as("what was taken and not stored is due still")
                .isPresent();
        quality.look();
        assertThat(quality.bean(Evaluations.class).next()).isEmpty();
    }
}

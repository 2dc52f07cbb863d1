package org.qiantang.quality;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.qiantang.core.Problem;
import org.qiantang.org.Account;
import org.qiantang.org.Department;
import org.qiantang.org.Role;

/** The life of a ticket. */
class TicketTest {
    private static final Instant NOW = Instant.parse("2026-11-23T02:00:00Z");
    private static final Instant DUE = NOW.plusSeconds(100_000);
    private static final Department POLICE = new Department("police", "公安局", "Public Security Bureau");
    private static final Department HEALTH = new Department("health", "卫生健康委", "Health Commission");
    private static final Account OFFICER = new Account("shen", "shen", Set.of(Role.OFFICER), POLICE);
    private static final Account ENGINEER = new Account("wu", "wu", Set.of(Role.ENGINEER), null);
    private static final Ticket.By BY = Ticket.By.person(OFFICER, NOW);
    private static final Ticket.By MACHINE = Ticket.By.machine(NOW);

    private static Ticket opened() {
        return Ticket.open(
                UUID.randomUUID(),
                "ZL2026-000001",
                new Ticket.Finding(
                        UUID.randomUUID(),
                        UUID.randomUUID(),
                        new Words("不为空", "is not empty"),
                        Ticket.FoundBy.RULE,
                        Severity.HIGH),
                failing("1", 7),
                MACHINE);
    }

    private static Ticket dispatched() {
        Ticket ticket = opened();
        ticket.dispatch(POLICE, DUE, null, MACHINE);
        return ticket;
    }

    private static Ticket.Failure failing(String snapshot, long failed) {
        return new Ticket.Failure(snapshot, NOW, failed, 100L);
    }

    @Test
    void aTicketIsAcceptedMendedVerifiedAndClosed() {
        Ticket ticket = dispatched();

        ticket.accept(BY);
        ticket.begin(BY);
        ticket.fix("已更正", BY);
        assertThat(ticket.state()).isEqualTo(Ticket.State.FIXED);
        assertThat(ticket.passes("2", MACHINE)).isTrue();

        assertThat(ticket.state()).isEqualTo(Ticket.State.CLOSED);
        assertThat(ticket.closedAt()).isEqualTo(NOW);
        assertThat(ticket.newSteps())
                .extracting(Ticket.TicketStep::act)
                .containsExactly(
                        Ticket.Act.OPEN,
                        Ticket.Act.DISPATCH,
                        Ticket.Act.ACCEPT,
                        Ticket.Act.BEGIN,
                        Ticket.Act.FIX,
                        Ticket.Act.VERIFY,
                        Ticket.Act.CLOSE);
    }

    @Test
    void theSameSnapshotCannotVerifyWhatFailedInIt() {
        Ticket ticket = dispatched();

        assertThat(ticket.passes("1", MACHINE)).isFalse();

        assertThat(ticket.state()).isEqualTo(Ticket.State.DISPATCHED);
    }

    @Test
    void whatStillFailsAfterItWasSaidToBeMendedGoesOn() {
        Ticket ticket = dispatched();
        ticket.accept(BY);
        ticket.fix("已更正", BY);

        ticket.fails(failing("2", 3), MACHINE);

        assertThat(ticket.state()).isEqualTo(Ticket.State.FIXING);
        assertThat(ticket.newSteps().getLast().words()).isEqualTo("3 / 100");
    }

    @Test
    void failingInTheSameWayIsNoNewStep() {
        Ticket ticket = dispatched();
        int steps = ticket.newSteps().size();

        ticket.fails(failing("1", 7), MACHINE);
        ticket.fails(failing("2", 7), MACHINE);

        assertThat(ticket.newSteps()).hasSize(steps + 1);
    }

    @Test
    void whatIsReturnedGoesToTheBureauAndToAnotherDepartmentWithNewTime() {
        Ticket ticket = dispatched();
        ticket.overdue("公安局", MACHINE);

        ticket.giveBack("由卫健委登记", BY);
        assertThat(ticket.acts(OFFICER)).isEmpty();
        assertThat(ticket.acts(ENGINEER)).contains(Ticket.Act.DISPATCH);
        assertThat(ticket.dueAt()).isNull();

        ticket.dispatch(HEALTH, DUE, "请核实", Ticket.By.person(ENGINEER, NOW));
        assertThat(ticket.department()).isEqualTo(HEALTH);
        assertThat(ticket.lateness()).isEqualTo(Ticket.Lateness.IN_TIME);
        assertThat(ticket.isWith(OFFICER)).isFalse();
    }

    @Test
    void nothingIsDoneOutOfItsOrder() {
        assertThatThrownBy(() -> opened().accept(BY)).isInstanceOf(Problem.class);
        assertThatThrownBy(() -> dispatched().begin(BY)).isInstanceOf(Problem.class);
        assertThatThrownBy(() -> dispatched().fix("x", BY)).isInstanceOf(Problem.class);
        Ticket closed = dispatched();
        closed.close("误报", BY);
        assertThatThrownBy(() -> closed.close("再次", BY)).isInstanceOf(Problem.class);
        assertThatThrownBy(() -> closed.passes("9", MACHINE)).isInstanceOf(Problem.class);
        assertThatThrownBy(() -> dispatched().giveBack(" ", BY)).isInstanceOf(IllegalArgumentException.class);
    }
}

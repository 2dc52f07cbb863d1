package org.qiantang.quality;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.qiantang.core.Problem;
import org.qiantang.org.Account;
import org.qiantang.org.Department;
import org.qiantang.org.Role;

/**
 * A defect of data that its department has to mend by a day (数据质量问题工单). Its transitions are its methods; each leaves a step that says
 * who took it. Being late is no state of the work: it goes on all the same.
 */
public final class Ticket {
    private final UUID id;
    private final String number;
    private final Finding finding;
    private final Opening opening;
    private final List<TicketStep> steps = new ArrayList<>();
    private State state;
    private Lateness lateness;
    private @Nullable Department department;
    private @Nullable Instant dueAt;
    private Failure failure;
    private @Nullable Instant closedAt;
    private final int revision;

    /** Where the work stands. */
    public enum State {
        NEW("新建", "new"),
        DISPATCHED("已派发", "dispatched"),
        /** By the department to the bureau: it is not its own. */
        RETURNED("已退回", "returned"),
        ACCEPTED("已受理", "accepted"),
        FIXING("整改中", "being mended"),
        /** Says the department; a later snapshot will tell. */
        FIXED("已整改，待核验", "mended, to be verified"),
        /** A later snapshot passed. */
        VERIFIED("已核验", "verified"),
        CLOSED("已办结", "closed");

        private final String zh;
        private final String en;

        State(String zh, String en) {
            this.zh = zh;
            this.en = en;
        }

        public Words words() {
            return new Words(zh, en);
        }
    }

    /** Whether its day has passed. */
    public enum Lateness {
        IN_TIME,
        OVERDUE,
        /** Overdue for so long that those above were told. */
        ESCALATED,
    }

    /** What found it. */
    public enum FoundBy {
        RULE,
        PERSON,
    }

    /** What can be done with a ticket. */
    public enum Act {
        OPEN("新建", "open it"),
        DISPATCH("派发", "dispatch it"),
        ACCEPT("受理", "accept it"),
        RETURN("退回", "return it"),
        BEGIN("开始整改", "begin to mend it"),
        FIX("报告已整改", "report it mended"),
        VERIFY("核验通过", "verify it"),
        /** It still fails after it was said to be mended, or fails again. */
        FAIL("仍有问题", "find it failing"),
        CLOSE("办结", "close it"),
        REMIND("逾期提醒", "remind of it"),
        ESCALATE("升级督办", "escalate it"),
        NOTE("备注", "note something");

        private final String zh;
        private final String en;

        Act(String zh, String en) {
            this.zh = zh;
            this.en = en;
        }

        Words words() {
            return new Words(zh, en);
        }
    }

    /**
     * What is wrong.
     *
     * @param rule null when a person found it
     * @param about what is demanded, or what the person says
     */
    public record Finding(@Nullable UUID rule, UUID resource, Words about, FoundBy foundBy, Severity severity) {}

    /** How it began. */
    record Opening(String by, Instant at) {}

    /**
     * The newest failing look at it.
     *
     * @param snapshotId of the resource; null where a person found it
     */
    public record Failure(
            @Nullable String snapshotId,
            @Nullable Instant at,
            @Nullable Long failed,
            @Nullable Long checked) {
        static final Failure NONE = new Failure(null, null, null, null);
    }

    /** Something that was done, by whom and when. */
    public record TicketStep(
            Instant at,
            String who,
            String whoName,
            Act act,
            State state,
            @Nullable String words) {}

    /** Somebody who acts, and when; the platform itself where no person did. */
    record By(String who, String name, Instant at) {
        static final String MACHINE = "quality";

        static By machine(Instant at) {
            return new By(MACHINE, "钱塘", at);
        }

        static By person(Account who, Instant at) {
            return new By(who.username(), who.displayName(), at);
        }
    }

    /** As it is stored. */
    record Stored(
            UUID id,
            String number,
            Finding finding,
            Opening opening,
            State state,
            Lateness lateness,
            @Nullable Department department,
            @Nullable Instant dueAt,
            Failure failure,
            @Nullable Instant closedAt,
            int revision) {}

    Ticket(Stored stored) {
        id = stored.id;
        number = stored.number;
        finding = stored.finding;
        opening = stored.opening;
        state = stored.state;
        lateness = stored.lateness;
        department = stored.department;
        dueAt = stored.dueAt;
        failure = stored.failure;
        closedAt = stored.closedAt;
        revision = stored.revision;
    }

    static Ticket open(UUID id, String number, Finding finding, Failure failure, By by) {
        Ticket ticket = new Ticket(new Stored(
                id,
                number,
                finding,
                new Opening(by.name, by.at),
                State.NEW,
                Lateness.IN_TIME,
                null,
                null,
                failure,
                null,
                0));
        ticket.step(Act.OPEN, by, counted(failure));
        return ticket;
    }

    /** To the department that has to mend it, by a time; anew after it was returned. */
    void dispatch(Department to, Instant due, @Nullable String words, By by) {
        from(Act.DISPATCH, EnumSet.of(State.NEW, State.RETURNED, State.DISPATCHED));
        department = requireNonNull(to, "to is null");
        dueAt = due;
        lateness = Lateness.IN_TIME;
        to(
                State.DISPATCHED,
                Act.DISPATCH,
                by,
                to.name() + (words == null || words.isBlank() ? "" : "：" + words.strip()));
    }

    void accept(By by) {
        from(Act.ACCEPT, EnumSet.of(State.DISPATCHED));
        to(State.ACCEPTED, Act.ACCEPT, by, null);
    }

    /** It is not this department's. Without a reason nobody could do better. */
    void giveBack(String reason, By by) {
        from(Act.RETURN, EnumSet.of(State.DISPATCHED, State.ACCEPTED));
        to(State.RETURNED, Act.RETURN, by, required(Act.RETURN, reason));
        dueAt = null;
        lateness = Lateness.IN_TIME;
    }

    void begin(By by) {
        from(Act.BEGIN, EnumSet.of(State.ACCEPTED));
        to(State.FIXING, Act.BEGIN, by, null);
    }

    /** What was mended, and how. */
    void fix(String words, By by) {
        from(Act.FIX, EnumSet.of(State.ACCEPTED, State.FIXING));
        to(State.FIXED, Act.FIX, by, required(Act.FIX, words));
    }

    /** A look found it failing, again or still. */
    void fails(Failure now, By by) {
        from(Act.FAIL, open());
        boolean news = state == State.FIXED
                || !java.util.Objects.equals(failure.snapshotId, now.snapshotId)
                || !java.util.Objects.equals(failure.failed, now.failed);
        failure = now;
        if (news) {
            to(state == State.FIXED ? State.FIXING : state, Act.FAIL, by, counted(now));
        }
    }

    /** A look found it passing: closes it when that was at another snapshot than the one that failed. Returns whether it did. */
    boolean passes(@Nullable String snapshotId, By by) {
        from(Act.VERIFY, open());
        boolean later = snapshotId == null || !snapshotId.equals(failure.snapshotId);
        if (later) {
            to(State.VERIFIED, Act.VERIFY, by, snapshotId);
            to(State.CLOSED, Act.CLOSE, by, null);
            closedAt = by.at;
        }
        return later;
    }

    /** By the bureau, without a snapshot that passes: it says why. */
    void close(String reason, By by) {
        from(Act.CLOSE, open());
        to(State.CLOSED, Act.CLOSE, by, required(Act.CLOSE, reason));
        closedAt = by.at;
    }

    /** Its time has passed. */
    void overdue(String told, By by) {
        from(Act.REMIND, open());
        lateness = Lateness.OVERDUE;
        step(Act.REMIND, by, told);
    }

    /** It has been overdue for long: those above are told. */
    void escalate(String told, By by) {
        from(Act.ESCALATE, open());
        lateness = Lateness.ESCALATED;
        step(Act.ESCALATE, by, told);
    }

    /** What somebody may do with it now. */
    public Set<Act> acts(Account who) {
        Set<Act> acts = EnumSet.noneOf(Act.class);
        if (state == State.CLOSED) {
            return acts;
        }
        if (who.has(Role.ENGINEER)) {
            acts.add(Act.CLOSE);
            if (state == State.NEW || state == State.RETURNED || state == State.DISPATCHED) {
                acts.add(Act.DISPATCH);
            }
        }
        if (isWith(who)) {
            switch (state) {
                case DISPATCHED -> acts.addAll(EnumSet.of(Act.ACCEPT, Act.RETURN));
                case ACCEPTED -> acts.addAll(EnumSet.of(Act.BEGIN, Act.FIX, Act.RETURN));
                case FIXING -> acts.add(Act.FIX);
                case NEW, RETURNED, FIXED, VERIFIED, CLOSED -> {
                    // Nothing is theirs to do.
                }
            }
        }
        return acts;
    }

    /** Whether it is with somebody's department. */
    boolean isWith(Account who) {
        Department own = who.department();
        Department with = department;
        return who.has(Role.OFFICER) && own != null && with != null && own.id().equals(with.id());
    }

    private static Set<State> open() {
        return EnumSet.complementOf(EnumSet.of(State.CLOSED));
    }

    private void from(Act act, Set<State> states) {
        if (!states.contains(state)) {
            throw new Problem(
                    QualityProblem.TICKET_WRONG_STATE,
                    "act",
                    act.zh + " (" + act.en + ")",
                    "state",
                    state.zh + " (" + state.en + ")");
        }
    }

    private void to(State next, Act act, By by, @Nullable String words) {
        state = next;
        step(act, by, words);
    }

    private void step(Act act, By by, @Nullable String words) {
        steps.add(new TicketStep(by.at, by.who, by.name, act, state, words));
    }

    private static String required(Act act, String words) {
        if (words.isBlank()) {
            throw new IllegalArgumentException(act + " needs words");
        }
        return words.strip();
    }

    private static @Nullable String counted(Failure failure) {
        return failure.failed == null ? null : failure.failed + " / " + failure.checked;
    }

    public UUID id() {
        return id;
    }

    public String number() {
        return number;
    }

    public Finding finding() {
        return finding;
    }

    Opening opening() {
        return opening;
    }

    public State state() {
        return state;
    }

    public Lateness lateness() {
        return lateness;
    }

    public @Nullable Department department() {
        return department;
    }

    public @Nullable Instant dueAt() {
        return dueAt;
    }

    public Failure failure() {
        return failure;
    }

    public @Nullable Instant closedAt() {
        return closedAt;
    }

    int revision() {
        return revision;
    }

    /** The steps taken since it was read. */
    List<TicketStep> newSteps() {
        return List.copyOf(steps);
    }
}

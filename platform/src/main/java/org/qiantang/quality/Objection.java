package org.qiantang.quality;

import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.qiantang.core.Problem;
import org.qiantang.org.Account;
import org.qiantang.org.Department;
import org.qiantang.org.Role;

/**
 * That somebody says a record about them is wrong (异议): raised, accepted and the record marked, handled, the mark taken away, archived. PIPL
 * Art. 46 makes it a right; the steps are those of DB3208/T 219-2024.
 */
public final class Objection {
    private final Stored at;
    private final List<ObjectionStep> steps = new ArrayList<>();
    private State state;
    private @Nullable Result result;
    private Ticket.Lateness lateness;
    private @Nullable Instant closedAt;

    /** Where it stands. */
    public enum State {
        RAISED("已提出", "raised"),
        /** The record carries its mark from here on. */
        ACCEPTED("已受理，记录已标注", "accepted, the record is marked"),
        HANDLED("已处理，待确认", "handled, to be confirmed"),
        ARCHIVED("已归档", "archived"),
        /** It is none: not about a record, or not about the person. */
        REFUSED("不予受理", "refused"),
        WITHDRAWN("已撤回", "withdrawn");

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

    /** What the department found. */
    public enum Result {
        /** The record was wrong and is corrected at its source. */
        CORRECTED,
        /** The record is right as it is. */
        STANDS,
    }

    /** What can be done with an objection. */
    public enum Act {
        RAISE("提出异议", "raise it"),
        ACCEPT("受理", "accept it"),
        REFUSE("不予受理", "refuse it"),
        HANDLE("答复处理结果", "say what was done"),
        ARCHIVE("归档", "archive it"),
        WITHDRAW("撤回", "withdraw it"),
        /** The record says in a later snapshot what it should. */
        VERIFY("核验已更正", "find it corrected"),
        REMIND("逾期提醒", "remind of it");

        private final String zh;
        private final String en;

        Act(String zh, String en) {
            this.zh = zh;
            this.en = en;
        }
    }

    /** Something that was done, by whom and when. */
    public record ObjectionStep(
            Instant at,
            String who,
            String whoName,
            Act act,
            State state,
            @Nullable String words) {}

    /**
     * What is contested.
     *
     * @param keys columns that together tell the record from all others
     * @param item the column
     * @param itemTitle as the directory calls it
     * @param said what the record says
     * @param should what it should say
     */
    record Matter(
            UUID entry,
            UUID resource,
            Map<String, String> keys,
            String item,
            String itemTitle,
            @Nullable String said,
            String should,
            String reason) {
        Matter {
            keys = Map.copyOf(keys);
        }

        @Override
        public String toString() {
            return "Matter[" + resource + ", " + item + "]";
        }
    }

    /** As it is stored. */
    record Stored(
            UUID id,
            String number,
            String username,
            Department department,
            Matter matter,
            State state,
            @Nullable Result result,
            Ticket.Lateness lateness,
            @Nullable Instant dueAt,
            Instant raisedAt,
            @Nullable Instant closedAt) {}

    Objection(Stored stored) {
        at = stored;
        state = stored.state;
        result = stored.result;
        lateness = stored.lateness;
        closedAt = stored.closedAt;
    }

    static Objection raise(UUID id, String number, Department to, Matter matter, Instant due, Ticket.By by) {
        Objection raised = new Objection(new Stored(
                id, number, by.who(), to, matter, State.RAISED, null, Ticket.Lateness.IN_TIME, due, by.at(), null));
        raised.to(State.RAISED, Act.RAISE, by, matter.reason);
        return raised;
    }

    void accept(Ticket.By by) {
        from(Act.ACCEPT, EnumSet.of(State.RAISED));
        to(State.ACCEPTED, Act.ACCEPT, by, null);
    }

    void refuse(String reason, Ticket.By by) {
        from(Act.REFUSE, EnumSet.of(State.RAISED));
        to(State.REFUSED, Act.REFUSE, by, reason);
        closedAt = by.at();
    }

    /** Says what was found and done. That does not end it: a later snapshot or the bureau does. */
    void handle(Result found, String words, Ticket.By by) {
        from(Act.HANDLE, EnumSet.of(State.ACCEPTED));
        result = found;
        to(State.HANDLED, Act.HANDLE, by, words);
    }

    /** The record says in a later snapshot what it should. */
    void verify(Ticket.By by) {
        from(Act.VERIFY, EnumSet.of(State.ACCEPTED, State.HANDLED));
        result = Result.CORRECTED;
        step(Act.VERIFY, by, null);
        to(State.ARCHIVED, Act.ARCHIVE, by, null);
        closedAt = by.at();
    }

    /** By the bureau, which says why. */
    void archive(String reason, Ticket.By by) {
        from(Act.ARCHIVE, EnumSet.of(State.HANDLED));
        to(State.ARCHIVED, Act.ARCHIVE, by, reason);
        closedAt = by.at();
    }

    void withdraw(Ticket.By by) {
        from(Act.WITHDRAW, EnumSet.of(State.RAISED, State.ACCEPTED, State.HANDLED));
        to(State.WITHDRAWN, Act.WITHDRAW, by, null);
        closedAt = by.at();
    }

    void overdue(String told, Ticket.By by) {
        from(Act.REMIND, EnumSet.of(State.RAISED, State.ACCEPTED));
        lateness = Ticket.Lateness.OVERDUE;
        step(Act.REMIND, by, told);
    }

    /** Whether the record carries a mark now. */
    boolean isMarked() {
        return state == State.ACCEPTED || state == State.HANDLED;
    }

    /** What somebody may do with it now. */
    Set<Act> acts(Account who) {
        Set<Act> acts = EnumSet.noneOf(Act.class);
        if (isWith(who)) {
            if (state == State.RAISED) {
                acts.addAll(EnumSet.of(Act.ACCEPT, Act.REFUSE));
            } else if (state == State.ACCEPTED) {
                acts.add(Act.HANDLE);
            }
        }
        if (who.has(Role.ENGINEER) && state == State.HANDLED) {
            acts.add(Act.ARCHIVE);
        }
        if (isOf(who) && closedAt == null) {
            acts.add(Act.WITHDRAW);
        }
        return acts;
    }

    boolean isWith(Account who) {
        Department own = who.department();
        return who.has(Role.OFFICER) && own != null && own.id().equals(at.department.id());
    }

    boolean isOf(Account who) {
        return who.has(Role.RESIDENT) && who.username().equals(at.username);
    }

    private void from(Act act, Set<State> states) {
        if (!states.contains(state)) {
            throw new Problem(
                    QualityProblem.OBJECTION_WRONG_STATE,
                    "act",
                    act.zh + " (" + act.en + ")",
                    "state",
                    state.zh + " (" + state.en + ")");
        }
    }

    private void to(State next, Act act, Ticket.By by, @Nullable String words) {
        state = next;
        step(act, by, words);
    }

    private void step(Act act, Ticket.By by, @Nullable String words) {
        steps.add(new ObjectionStep(by.at(), by.who(), by.name(), act, state, words));
    }

    Stored stored() {
        return at;
    }

    State state() {
        return state;
    }

    @Nullable
    Result result() {
        return result;
    }

    Ticket.Lateness lateness() {
        return lateness;
    }

    @Nullable
    Instant closedAt() {
        return closedAt;
    }

    /** The steps taken since it was read. */
    List<ObjectionStep> newSteps() {
        return List.copyOf(steps);
    }
}

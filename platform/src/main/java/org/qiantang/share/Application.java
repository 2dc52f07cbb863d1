package org.qiantang.share;

import static org.qiantang.share.ShareAct.EDIT;
import static org.qiantang.share.ShareAct.ESCALATE;
import static org.qiantang.share.ShareAct.PASS;
import static org.qiantang.share.ShareAct.REFUSE;
import static org.qiantang.share.ShareAct.REMIND;
import static org.qiantang.share.ShareAct.RETURN;
import static org.qiantang.share.ShareAct.SUBMIT;
import static org.qiantang.share.ShareAct.WITHDRAW;
import static org.qiantang.share.Side.APPLICANT;
import static org.qiantang.share.Side.BUREAU;
import static org.qiantang.share.Side.PLATFORM;

import java.time.Instant;
import java.util.EnumSet;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.qiantang.org.Account;
import org.qiantang.org.Department;
import org.qiantang.org.Role;
import org.qiantang.quality.Ticket;
import org.qiantang.quality.Words;

/**
 * A department's application to read what others hold (共享申请): reviewed by the bureau, then answered part by part by the departments that
 * answer for the data.
 *
 * @param applicant who wrote it, and therefore never answers it
 * @param renews the grant it goes on from
 * @param revision grows with every change of what is asked
 * @param dueAt when its review is due, while it waits for that
 */
public record Application(
        UUID id,
        String number,
        String applicant,
        String applicantName,
        Department department,
        State state,
        Asked asked,
        @Nullable UUID renews,
        int revision,
        Instant createdAt,
        @Nullable Instant submittedAt,
        @Nullable Instant dueAt,
        Ticket.Lateness lateness) {

    /** Where it stands. */
    public enum State {
        DRAFT("草稿", "a draft"),
        /** With the bureau, for its compliance review. */
        SUBMITTED("待合规审查", "waiting for its review"),
        /** Its parts are what goes on. */
        REVIEWED("已通过合规审查", "reviewed"),
        REFUSED("未通过合规审查", "refused"),
        WITHDRAWN("已撤回", "withdrawn");

        private final Words words;

        State(String zh, String en) {
            words = new Words(zh, en);
        }

        public Words words() {
            return words;
        }
    }

    static final Moves<State> MOVES = new Moves<>(State::words)
            .from(State.DRAFT, EDIT, State.DRAFT, APPLICANT)
            .from(State.DRAFT, SUBMIT, State.SUBMITTED, APPLICANT)
            .from(State.DRAFT, WITHDRAW, State.WITHDRAWN, APPLICANT)
            .from(State.SUBMITTED, WITHDRAW, State.WITHDRAWN, APPLICANT)
            .from(State.SUBMITTED, RETURN, State.DRAFT, BUREAU)
            .from(State.SUBMITTED, PASS, State.REVIEWED, BUREAU)
            .from(State.SUBMITTED, REFUSE, State.REFUSED, BUREAU)
            .from(State.SUBMITTED, REMIND, State.SUBMITTED, PLATFORM)
            .from(State.SUBMITTED, ESCALATE, State.SUBMITTED, PLATFORM)
            .from(State.REVIEWED, WITHDRAW, State.WITHDRAWN, APPLICANT);

    /** What somebody is to an application of this department to that one; a provider of null is none. */
    static Set<Side> sides(Account who, String applicant, @Nullable String provider) {
        Set<Side> sides = EnumSet.noneOf(Side.class);
        if (who.has(Role.ENGINEER)) {
            sides.add(BUREAU);
        }
        Department own = who.department();
        // Who works inside a zone applies for what is used there like everybody else.
        if ((who.has(Role.OFFICER) || who.has(Role.ZONE_MEMBER))
                && own != null
                && own.id().equals(applicant)) {
            sides.add(APPLICANT);
        }
        if (who.has(Role.OFFICER) && own != null && own.id().equals(provider)) {
            sides.add(Side.PROVIDER);
        }
        return sides;
    }

    /** Something that was done with it or what came of it. */
    public record Step(
            @Nullable UUID part,
            @Nullable UUID grant,
            Instant at,
            String who,
            String whoName,
            Side side,
            ShareAct act,
            String before,
            String after,
            @Nullable String words,
            @Nullable String legalBasis) {}
}

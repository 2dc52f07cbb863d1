package org.qiantang.share;

import static org.qiantang.share.ShareAct.ESCALATE;
import static org.qiantang.share.ShareAct.FORWARD;
import static org.qiantang.share.ShareAct.GRANT;
import static org.qiantang.share.ShareAct.NEGOTIATE;
import static org.qiantang.share.ShareAct.REJECT;
import static org.qiantang.share.ShareAct.REMIND;
import static org.qiantang.share.ShareAct.SAY;
import static org.qiantang.share.ShareAct.WITHDRAW;
import static org.qiantang.share.Side.APPLICANT;
import static org.qiantang.share.Side.BUREAU;
import static org.qiantang.share.Side.PLATFORM;
import static org.qiantang.share.Side.PROVIDER;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.qiantang.catalog.Guide;
import org.qiantang.catalog.Level;
import org.qiantang.org.Department;
import org.qiantang.quality.Ticket;
import org.qiantang.quality.Words;

/**
 * What one source department has to say to an application, granted or rejected by itself.
 *
 * @param shareClass what is shared unconditionally is granted with the bureau's review, the rest is its department's to answer
 * @param dueAt when the answer is due, while one is
 */
public record Part(
        UUID id,
        UUID application,
        Department provider,
        Guide.ShareClass shareClass,
        State state,
        List<Table> tables,
        @Nullable Instant dueAt,
        Ticket.Lateness lateness,
        @Nullable UUID grant) {
    public Part {
        tables = List.copyOf(tables);
    }

    /** A table of it, as it was on the day of the application. */
    public record Table(
            UUID entry, UUID resource, String title, String lakeTable, Asked.Table asked, List<Level> levels) {
        public Table {
            levels = List.copyOf(levels);
        }
    }

    /** Where it stands. */
    public enum State {
        /** For the bureau's review. */
        WAITING("待合规审查", "waiting for the review"),
        PROVIDER_REVIEW("待提供部门答复", "waiting for its department's answer"),
        REJECTED("提供部门不同意", "rejected by its department"),
        NEGOTIATION("协商中", "being negotiated"),
        /** With the bureau, which decides. */
        ESCALATED("待数据局裁定", "waiting for the bureau's decision"),
        GRANTED("已授权", "granted"),
        /** By the bureau, for good. */
        REFUSED("未获准", "refused"),
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
            .from(State.WAITING, FORWARD, State.PROVIDER_REVIEW, BUREAU)
            .from(State.WAITING, GRANT, State.GRANTED, BUREAU)
            .from(State.WAITING, REJECT, State.REFUSED, BUREAU)
            .from(State.WAITING, WITHDRAW, State.WITHDRAWN, APPLICANT)
            .from(State.PROVIDER_REVIEW, GRANT, State.GRANTED, PROVIDER, PLATFORM)
            .from(State.PROVIDER_REVIEW, REJECT, State.REJECTED, PROVIDER)
            .from(State.PROVIDER_REVIEW, REMIND, State.PROVIDER_REVIEW, PLATFORM)
            .from(State.PROVIDER_REVIEW, ESCALATE, State.ESCALATED, PLATFORM)
            .from(State.PROVIDER_REVIEW, WITHDRAW, State.WITHDRAWN, APPLICANT)
            .from(State.REJECTED, NEGOTIATE, State.NEGOTIATION, APPLICANT)
            .from(State.REJECTED, WITHDRAW, State.WITHDRAWN, APPLICANT)
            .from(State.NEGOTIATION, SAY, State.NEGOTIATION, APPLICANT, PROVIDER)
            .from(State.NEGOTIATION, GRANT, State.GRANTED, PROVIDER)
            .from(State.NEGOTIATION, REJECT, State.REJECTED, PROVIDER)
            .from(State.NEGOTIATION, REMIND, State.NEGOTIATION, PLATFORM)
            .from(State.NEGOTIATION, ESCALATE, State.ESCALATED, APPLICANT, PROVIDER, PLATFORM)
            .from(State.NEGOTIATION, WITHDRAW, State.WITHDRAWN, APPLICANT)
            .from(State.ESCALATED, SAY, State.ESCALATED, APPLICANT, PROVIDER)
            .from(State.ESCALATED, GRANT, State.GRANTED, BUREAU)
            .from(State.ESCALATED, REJECT, State.REFUSED, BUREAU)
            .from(State.ESCALATED, REMIND, State.ESCALATED, PLATFORM)
            .from(State.ESCALATED, WITHDRAW, State.WITHDRAWN, APPLICANT);

    /** Whether anything is still to be said. */
    boolean isOpen() {
        return switch (state) {
            case WAITING, PROVIDER_REVIEW, REJECTED, NEGOTIATION, ESCALATED -> true;
            case GRANTED, REFUSED, WITHDRAWN -> false;
        };
    }
}

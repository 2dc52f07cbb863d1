package org.qiantang.share;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.qiantang.core.Problem;

/** The procedure: what everybody may do in every state, and nothing else. */
class MovesTest {
    /** Every act of every side in every state, written as it came out. */
    private static <S extends Enum<S>> Set<String> procedure(Moves<S> moves, Class<S> states) {
        Set<String> all = new TreeSet<>();
        for (S state : states.getEnumConstants()) {
            for (ShareAct act : ShareAct.values()) {
                for (Side side : Side.values()) {
                    Set<Side> only = EnumSet.of(side);
                    Problem refused = catchThrowableOfType(Problem.class, () -> moves.after(state, act, only));
                    assertThat(moves.acts(state, only).contains(act)).isEqualTo(refused == null);
                    if (refused == null) {
                        all.add(state + " " + act + " " + side + " " + moves.after(state, act, only));
                        continue;
                    }
                    boolean somebodys =
                            moves.acts(state, EnumSet.allOf(Side.class)).contains(act);
                    assertThat(refused.code())
                            .as(state + " " + act + " " + side)
                            .isEqualTo(somebodys ? ShareProblem.NOT_YOURS : ShareProblem.WRONG_STATE);
                }
            }
        }
        return all;
    }

    private static List<String> lines(String text) {
        return new ArrayList<>(new TreeSet<>(Arrays.asList(text.strip().split("\n"))));
    }

    @Test
    void anApplicationIsWrittenByItsDepartmentAndReviewedByTheBureauAlone() {
        assertThat(procedure(Application.MOVES, Application.State.class)).containsExactlyElementsOf(lines("""
                DRAFT EDIT APPLICANT DRAFT
                DRAFT SUBMIT APPLICANT SUBMITTED
                DRAFT WITHDRAW APPLICANT WITHDRAWN
                REVIEWED WITHDRAW APPLICANT WITHDRAWN
                SUBMITTED ESCALATE PLATFORM SUBMITTED
                SUBMITTED PASS BUREAU REVIEWED
                SUBMITTED REFUSE BUREAU REFUSED
                SUBMITTED REMIND PLATFORM SUBMITTED
                SUBMITTED RETURN BUREAU DRAFT
                SUBMITTED WITHDRAW APPLICANT WITHDRAWN
                """));
    }

    @Test
    void aPartIsAnsweredByItsDepartmentAndDecidedByTheBureauOnlyWhereTheyDoNotAgree() {
        assertThat(procedure(Part.MOVES, Part.State.class)).containsExactlyElementsOf(lines("""
                ESCALATED GRANT BUREAU GRANTED
                ESCALATED REJECT BUREAU REFUSED
                ESCALATED REMIND PLATFORM ESCALATED
                ESCALATED SAY APPLICANT ESCALATED
                ESCALATED SAY PROVIDER ESCALATED
                ESCALATED WITHDRAW APPLICANT WITHDRAWN
                NEGOTIATION ESCALATE APPLICANT ESCALATED
                NEGOTIATION ESCALATE PLATFORM ESCALATED
                NEGOTIATION ESCALATE PROVIDER ESCALATED
                NEGOTIATION GRANT PROVIDER GRANTED
                NEGOTIATION REJECT PROVIDER REJECTED
                NEGOTIATION REMIND PLATFORM NEGOTIATION
                NEGOTIATION SAY APPLICANT NEGOTIATION
                NEGOTIATION SAY PROVIDER NEGOTIATION
                NEGOTIATION WITHDRAW APPLICANT WITHDRAWN
                PROVIDER_REVIEW ESCALATE PLATFORM ESCALATED
                PROVIDER_REVIEW GRANT PLATFORM GRANTED
                PROVIDER_REVIEW GRANT PROVIDER GRANTED
                PROVIDER_REVIEW REJECT PROVIDER REJECTED
                PROVIDER_REVIEW REMIND PLATFORM PROVIDER_REVIEW
                PROVIDER_REVIEW WITHDRAW APPLICANT WITHDRAWN
                REJECTED NEGOTIATE APPLICANT NEGOTIATION
                REJECTED WITHDRAW APPLICANT WITHDRAWN
                WAITING FORWARD BUREAU PROVIDER_REVIEW
                WAITING GRANT BUREAU GRANTED
                WAITING REJECT BUREAU REFUSED
                WAITING WITHDRAW APPLICANT WITHDRAWN
                """));
    }

    @Test
    void aGrantIsEndedByWhoGaveItOrTheBureauAndNeverComesBackFromItsEnd() {
        assertThat(procedure(GrantState.MOVES, GrantState.class)).containsExactlyElementsOf(lines("""
                EXPIRED RENEW APPLICANT EXPIRED
                GRANTED CHANGE BUREAU GRANTED
                GRANTED CHANGE PROVIDER GRANTED
                GRANTED EXPIRE PLATFORM EXPIRED
                GRANTED RENEW APPLICANT GRANTED
                GRANTED REVOKE BUREAU REVOKED
                GRANTED REVOKE PROVIDER REVOKED
                GRANTED SUSPEND BUREAU SUSPENDED
                GRANTED SUSPEND PROVIDER SUSPENDED
                GRANTED USE PLATFORM IN_USE
                IN_USE CHANGE BUREAU IN_USE
                IN_USE CHANGE PROVIDER IN_USE
                IN_USE EXPIRE PLATFORM EXPIRED
                IN_USE RENEW APPLICANT IN_USE
                IN_USE REVOKE BUREAU REVOKED
                IN_USE REVOKE PROVIDER REVOKED
                IN_USE SUSPEND BUREAU SUSPENDED
                IN_USE SUSPEND PROVIDER SUSPENDED
                SUSPENDED EXPIRE PLATFORM EXPIRED
                SUSPENDED RENEW APPLICANT SUSPENDED
                SUSPENDED RESUME BUREAU GRANTED
                SUSPENDED RESUME PROVIDER GRANTED
                SUSPENDED REVOKE BUREAU REVOKED
                SUSPENDED REVOKE PROVIDER REVOKED
                """));
    }
}

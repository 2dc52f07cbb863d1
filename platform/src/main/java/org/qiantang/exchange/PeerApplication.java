package org.qiantang.exchange;

import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.qiantang.catalog.Violation;
import org.qiantang.org.Department;
import org.qiantang.quality.Words;
import org.qiantang.share.Applications.ApplicationWhole;
import org.qiantang.share.Asked;
import org.qiantang.share.Offered;

/**
 * What a department of ours asks of another installation: written here, released by our own bureau, and answered there.
 *
 * @param applicant who wrote it, and therefore never releases it
 * @param revision grows with every change of what is asked
 * @param round how often it was released
 * @param words why our bureau, or the other side, gave it back; null where nobody did
 * @param refused what the other side refused it with when it came; null when it took it
 * @param heardAt when the other side last said how it stands
 * @param remote how it stands there; null before it came there
 * @param offers what it asks of, as the other side's directory last said; while it is a draft
 * @param violations what keeps it from being submitted; while it is a draft
 * @param acts what whoever asks may do now
 */
public record PeerApplication(
        UUID id,
        String peer,
        String peerTitle,
        Department department,
        String applicant,
        String applicantName,
        State state,
        Asked asked,
        int revision,
        int round,
        Instant createdAt,
        @Nullable Instant submittedAt,
        @Nullable Instant sentAt,
        @Nullable String words,
        @Nullable Refusal refused,
        @Nullable Instant heardAt,
        @Nullable ApplicationWhole remote,
        List<Offered> offers,
        List<Violation> violations,
        Set<Act> acts) {
    public PeerApplication {
        offers = List.copyOf(offers);
        violations = List.copyOf(violations);
        acts = Set.copyOf(acts);
    }

    /** With what whoever asks may do. */
    PeerApplication allowing(Set<Act> acts) {
        return with(offers, violations, acts);
    }

    /** A draft with what is offered, and with what keeps it from being submitted. */
    PeerApplication of(List<Offered> offers, List<Violation> violations) {
        return with(offers, violations, acts);
    }

    private PeerApplication with(List<Offered> offers, List<Violation> violations, Set<Act> acts) {
        return new PeerApplication(
                id,
                peer,
                peerTitle,
                department,
                applicant,
                applicantName,
                state,
                asked,
                revision,
                round,
                createdAt,
                submittedAt,
                sentAt,
                words,
                refused,
                heardAt,
                remote,
                offers,
                violations,
                acts);
    }

    /** Where it stands on our side. */
    public enum State {
        DRAFT("草稿", "a draft"),
        /** For our own bureau. */
        WAITING("待本市数据局放行", "waiting for our own bureau"),
        /** It goes as soon as the other side is there. */
        RELEASED("已放行，待送达", "released, on its way"),
        /** What follows is the other side's. */
        SENT("已送达对方平台", "with the other side"),
        WITHDRAWN("已撤回", "withdrawn");

        private final Words words;

        State(String zh, String en) {
            words = new Words(zh, en);
        }

        public Words words() {
            return words;
        }
    }

    /** What can be done with it on our side. */
    public enum Act {
        EDIT("修改", "edit it"),
        SUBMIT("提交", "submit it"),
        RELEASE("放行", "release it"),
        RETURN("退回补正", "return it"),
        WITHDRAW("撤回", "withdraw it"),
        NEGOTIATE("提请协商", "negotiate"),
        SAY("发表意见", "say something"),
        ESCALATE("提请对方数据局协调", "let the other side's bureau decide");

        private final Words words;

        Act(String zh, String en) {
            words = new Words(zh, en);
        }

        String named() {
            return words.zh() + " (" + words.en() + ")";
        }
    }

    /** A refusal of the other side, in its words. */
    public record Refusal(String code, String zh, String en) {}
}

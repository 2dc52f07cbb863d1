package org.qiantang.exchange;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.qiantang.core.CoreProblem;
import org.qiantang.core.Problem;
import org.qiantang.org.Account;
import org.qiantang.org.Role;
import org.qiantang.share.Application;
import org.qiantang.share.Applications;
import org.qiantang.share.Applications.ApplicationWhole;
import org.qiantang.share.Asked;
import org.qiantang.share.Carts;
import org.qiantang.share.Grants;
import org.qiantang.share.Offered;
import org.springframework.stereotype.Service;

/**
 * What peers may ask of us (受理窗口): they look through our directory and apply for what is in it, and their applications go the way that
 * those of our own departments go.
 */
@Service
public final class PeerDesk {
    /** So many offers are told at once. */
    static final int PAGE = 200;

    private final Carts carts;
    private final Applications applications;
    private final Grants grants;

    PeerDesk(Carts carts, Applications applications, Grants grants) {
        this.carts = carts;
        this.applications = applications;
        this.grants = grants;
    }

    /**
     * A piece of our directory.
     *
     * @param next where to go on; null at the end
     */
    public record Catalogue(List<Offered> offers, @Nullable UUID next) {
        public Catalogue {
            offers = List.copyOf(offers);
        }
    }

    /**
     * An application as a peer hands it in.
     *
     * @param round grows each time it is handed in anew
     * @param applicant the person there
     * @param department theirs
     */
    public record Handed(int round, String applicant, String department, Asked asked) {
        public Handed {
            requireNonNull(applicant, "applicant is null");
            requireNonNull(department, "department is null");
            requireNonNull(asked, "asked is null");
        }
    }

    /** Everything between us and a peer: what it has asked for, and what it was granted. */
    public record Standing(List<ApplicationWhole> applications, List<Grants.GrantWhole> grants) {
        public Standing {
            applications = List.copyOf(applications);
            grants = List.copyOf(grants);
        }
    }

    public Catalogue catalogue(@Nullable UUID after) {
        List<Offered> offers = carts.offers(after, PAGE + 1);
        boolean more = offers.size() > PAGE;
        List<Offered> page = more ? offers.subList(0, PAGE) : offers;
        return new Catalogue(page, more ? page.getLast().entry() : null);
    }

    /** Takes an application in; once, however often it comes. */
    public ApplicationWhole receive(Account peer, UUID id, Handed handed) {
        if (handed.round < 1 || handed.applicant.length() > 100 || handed.department.length() > 100) {
            throw new Problem(CoreProblem.BAD_REQUEST, "reason", "round, applicant, department");
        }
        Account who = new Account(
                peer.username(),
                handed.applicant + "（" + handed.department + "）",
                Set.of(Role.OFFICER),
                peer.department());
        return told(applications.receive(who, id, handed.round, handed.asked));
    }

    public ApplicationWhole withdraw(Account peer, UUID id) {
        return told(applications.withdraw(officer(peer), id));
    }

    public ApplicationWhole negotiate(Account peer, UUID id, UUID part, @Nullable String words) {
        requirePart(peer, id, part);
        return told(applications.negotiate(officer(peer), part, words));
    }

    public ApplicationWhole say(Account peer, UUID id, UUID part, @Nullable String words) {
        requirePart(peer, id, part);
        return told(applications.say(officer(peer), part, words));
    }

    public ApplicationWhole escalate(Account peer, UUID id, UUID part, @Nullable String words) {
        requirePart(peer, id, part);
        return told(applications.escalate(officer(peer), part, words));
    }

    private void requirePart(Account peer, UUID id, UUID part) {
        boolean known = applications.get(officer(peer), id).parts().stream()
                .anyMatch(each -> each.part().id().equals(part));
        if (!known) {
            throw new Problem(CoreProblem.NOT_FOUND, "what", part.toString());
        }
    }

    public Standing standing(Account peer) {
        Account who = officer(peer);
        return new Standing(
                applications.list(who, Applications.Wanted.OWN).stream()
                        .map(brief -> told(applications.get(who, brief.id())))
                        .toList(),
                grants.list(who, Grants.Of.RECEIVED).stream()
                        .map(brief -> told(grants.get(who, brief.id())))
                        .toList());
    }

    /** To applications and grants a peer is the officer of its department. */
    private static Account officer(Account peer) {
        return new Account(peer.username(), peer.displayName(), Set.of(Role.OFFICER), peer.department());
    }

    /** Under which name our people sign in is nobody's business elsewhere. */
    private static ApplicationWhole told(ApplicationWhole whole) {
        return new ApplicationWhole(
                whole.application(),
                whole.parts(),
                List.of(),
                whole.violations(),
                whole.hints(),
                told(whole.steps()),
                whole.acts());
    }

    private static Grants.GrantWhole told(Grants.GrantWhole whole) {
        return new Grants.GrantWhole(
                whole.brief(),
                whole.grant(),
                whole.application(),
                whole.system(),
                whole.systemLevel(),
                whole.versions().stream()
                        .map(version -> new Grants.GrantVersion(version.version(), version.at(), "", version.terms()))
                        .toList(),
                told(whole.steps()),
                whole.acts());
    }

    private static List<Application.Step> told(List<Application.Step> steps) {
        return steps.stream()
                .map(step -> new Application.Step(
                        step.part(),
                        step.grant(),
                        step.at(),
                        "",
                        step.whoName(),
                        step.side(),
                        step.act(),
                        step.before(),
                        step.after(),
                        step.words(),
                        step.legalBasis()))
                .toList();
    }
}

package org.qiantang.exchange;

import static java.util.Objects.requireNonNull;

import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.qiantang.catalog.Violation;
import org.qiantang.core.CityCalendar;
import org.qiantang.core.CoreProblem;
import org.qiantang.core.Problem;
import org.qiantang.exchange.PeerApplication.Act;
import org.qiantang.exchange.PeerApplication.State;
import org.qiantang.org.Account;
import org.qiantang.org.Actor;
import org.qiantang.org.AuditTrail;
import org.qiantang.org.Department;
import org.qiantang.org.Enclosures;
import org.qiantang.org.OrgProblem;
import org.qiantang.org.Role;
import org.qiantang.share.Application;
import org.qiantang.share.Applications.ApplicationWhole;
import org.qiantang.share.Asked;
import org.qiantang.share.Checks;
import org.qiantang.share.Offered;
import org.qiantang.share.ShareAct;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * What our departments ask of other installations. An application is written here and released by our bureau; from then on it waits until
 * the other side is there, goes once, however often it is sent, and stands where the other side last said.
 */
@Service
public final class PeerApplications {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final Duration FIRST_WAIT = Duration.ofSeconds(5);
    private static final Duration LONGEST_WAIT = Duration.ofMinutes(5);
    private static final int MOST_SHOWN = 500;

    private static final String APPLICATION = """
            select a.*, p.title p_title, d.name d_name, d.name_en d_name_en from exchange_applications a
            join exchange_peers p on p.name = a.peer join org_departments d on d.id = a.department_id
            """;

    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final PeerOffers offers;
    private final PeerGrants grants;
    private final Enclosures enclosures;
    private final Peers peers;
    private final PeerLine line;
    private final AuditTrail trail;
    private final CityCalendar calendar;
    private final Clock clock;

    PeerApplications(
            JdbcClient jdbc,
            TransactionTemplate transaction,
            PeerOffers offers,
            PeerGrants grants,
            Enclosures enclosures,
            Peers peers,
            PeerLine line,
            AuditTrail trail,
            CityCalendar calendar,
            Clock clock) {
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.offers = offers;
        this.grants = grants;
        this.enclosures = enclosures;
        this.peers = peers;
        this.line = line;
        this.trail = trail;
        this.calendar = calendar;
        this.clock = clock;
    }

    /** Begins an application for what is offered by a peer. */
    public PeerApplication begin(Account who, String peer, List<UUID> entries) {
        Department own = requireNonNull(who.department(), "an officer has a department");
        List<UUID> asked = List.copyOf(new LinkedHashSet<>(entries));
        if (asked.isEmpty() || offers.find(peer, asked).size() != asked.size()) {
            throw new Problem(PeerProblem.NOT_OFFERED);
        }
        UUID id = UUID.randomUUID();
        jdbc.sql("""
                        insert into exchange_applications (id, peer, department_id, applicant, applicant_name, state, asked, created_at)
                        values (:id, :peer, :department, :who, :name, 'DRAFT', cast(:asked as jsonb), :at)""")
                .param("id", id)
                .param("peer", peer)
                .param("department", own.id())
                .param("who", who.username())
                .param("name", who.displayName())
                .param(
                        "asked",
                        JSON.writeValueAsString(Asked.of(asked.stream()
                                .map(entry -> new Asked.Table(entry, List.of(), List.of(), null))
                                .toList())))
                .param("at", now())
                .update();
        return get(who, id);
    }

    /** One's department's, the newest first; the bureau and the auditor see all but drafts of others. */
    public List<PeerApplication> list(Account who) {
        Department own = who.department();
        return jdbc.sql(APPLICATION + " where a.department_id = :own or :all and a.submitted_at is not null"
                        + " order by a.created_at desc, a.id limit " + MOST_SHOWN)
                .param("all", seesAll(who))
                .param("own", own == null ? "" : own.id())
                .query((row, n) -> application(row, who))
                .list();
    }

    private static boolean seesAll(Account who) {
        return who.has(Role.ENGINEER) || who.has(Role.AUDITOR);
    }

    public PeerApplication get(Account who, UUID id) {
        PeerApplication found = jdbc.sql(APPLICATION + " where a.id = ?")
                .param(id)
                .query((row, n) -> application(row, who))
                .optional()
                .filter(each -> isOwn(who, each.department()) || seesAll(who) && each.submittedAt() != null)
                .orElseThrow(() -> new Problem(CoreProblem.NOT_FOUND, "what", id.toString()));
        if (found.state() != State.DRAFT) {
            return found;
        }
        Map<UUID, Offered> offered = offers.find(
                found.peer(),
                found.asked().tables().stream().map(Asked.Table::entry).toList());
        return found.of(List.copyOf(offered.values()), violations(found, offered));
    }

    /** Whose data it is there, the other side knows; that it is not ours is all that counts here. */
    private List<Violation> violations(PeerApplication found, Map<UUID, Offered> offered) {
        LocalDate today = LocalDate.ofInstant(clock.instant(), calendar.zone());
        return Checks.violations(found.asked(), null, offered, today);
    }

    private static boolean isOwn(Account who, Department department) {
        Department own = who.department();
        return own != null && own.id().equals(department.id());
    }

    /** @param revision the one that whoever writes has seen */
    public PeerApplication save(Account who, UUID id, int revision, Asked asked) {
        transaction.executeWithoutResult(status -> {
            PeerApplication found = locked(who, id, Act.EDIT);
            if (found.revision() != revision) {
                throw new Problem(PeerProblem.CHANGED_MEANWHILE);
            }
            jdbc.sql(
                            "update exchange_applications set asked = cast(:asked as jsonb), revision = revision + 1 where id = :id")
                    .param("asked", JSON.writeValueAsString(asked))
                    .param("id", id)
                    .update();
        });
        return get(who, id);
    }

    /** To our own bureau; whoever submits it is its applicant from then on. */
    public PeerApplication submit(Account who, UUID id) {
        transaction.executeWithoutResult(status -> {
            PeerApplication found = locked(who, id, Act.SUBMIT);
            List<Violation> violations = found.violations();
            if (!violations.isEmpty()) {
                throw new Problem(PeerProblem.INCOMPLETE, "count", Integer.toString(violations.size()))
                        .with("violations", violations);
            }
            jdbc.sql("""
                            update exchange_applications set state = 'WAITING', applicant = :who, applicant_name = :name, submitted_at = :at,
                                words = null, refused = null where id = :id""")
                    .param("who", who.username())
                    .param("name", who.displayName())
                    .param("at", now())
                    .param("id", id)
                    .update();
        });
        return get(who, id);
    }

    /** Our bureau lets it go to the other side. */
    public PeerApplication release(Account who, String address, UUID id) {
        transaction.executeWithoutResult(status -> {
            PeerApplication found = locked(who, id, Act.RELEASE);
            if (enclosures.holds(found.department())) {
                throw new Problem(OrgProblem.INSIDE_ZONE);
            }
            jdbc.sql("""
                            update exchange_applications set state = 'RELEASED', released_by = :who, released_at = :at, round = round + 1,
                                attempts = 0, next_at = :at where id = :id""")
                    .param("who", who.username())
                    .param("at", now())
                    .param("id", id)
                    .update();
            peers.soon(found.peer());
            trail.record(
                    new Actor(who.username(), address),
                    org.qiantang.org.Act.PEER_APPLICATION_RELEASED,
                    id.toString(),
                    Map.of(),
                    Map.of(
                            "peer",
                            found.peer(),
                            "department",
                            found.department().id(),
                            "scenario",
                            found.asked().scenario()));
        });
        return get(who, id);
    }

    /** Our bureau gives it back to be completed, saying what is missing. */
    public PeerApplication giveBack(Account who, UUID id, @Nullable String words) {
        transaction.executeWithoutResult(status -> {
            locked(who, id, Act.RETURN);
            jdbc.sql("update exchange_applications set state = 'DRAFT', words = :words where id = :id")
                    .param("words", required(Act.RETURN, words, "需要补正的内容", "what is missing"))
                    .param("id", id)
                    .update();
        });
        return get(who, id);
    }

    /** Takes back what is not granted yet, on the other side too where it has come there. */
    public PeerApplication withdraw(Account who, UUID id) {
        PeerApplication found = get(who, id);
        require(found, Act.WITHDRAW);
        if (found.remote() != null) {
            heard(found, asked(found, "POST", "/withdraw", Map.of()));
            return get(who, id);
        }
        transaction.executeWithoutResult(status -> {
            // One that is on its way may come there all the same: then the other side is told as soon as it says so.
            locked(who, id, Act.WITHDRAW);
            jdbc.sql("update exchange_applications set state = 'WITHDRAWN', next_at = null where id = ?")
                    .param(id)
                    .update();
        });
        return get(who, id);
    }

    public PeerApplication negotiate(Account who, UUID id, UUID part, @Nullable String words) {
        return speak(who, id, part, Act.NEGOTIATE, "/negotiate", words);
    }

    public PeerApplication say(Account who, UUID id, UUID part, @Nullable String words) {
        return speak(who, id, part, Act.SAY, "/statements", words);
    }

    public PeerApplication escalate(Account who, UUID id, UUID part, @Nullable String words) {
        return speak(who, id, part, Act.ESCALATE, "/escalate", words);
    }

    private PeerApplication speak(Account who, UUID id, UUID part, Act act, String path, @Nullable String words) {
        PeerApplication found = get(who, id);
        if (!isOwn(who, found.department()) || !who.has(Role.OFFICER)) {
            throw new Problem(PeerProblem.NOT_YOURS, "act", act.named(), "who", "申请部门 (the applying department)");
        }
        String said = required(act, words, "意见", "a statement");
        heard(found, asked(found, "POST", "/parts/" + part + path, Map.of("words", said)));
        return get(who, id);
    }

    private byte[] asked(PeerApplication found, String method, String path, Map<String, ?> body) {
        try {
            return line.ask(
                    found.peer(),
                    method,
                    "/peer/applications/" + found.id() + path,
                    JSON.writeValueAsString(body).getBytes(StandardCharsets.UTF_8));
        } catch (PeerLine.Away away) {
            throw new Problem(PeerProblem.AWAY, "reason", String.valueOf(away.getMessage()));
        } catch (PeerLine.Refused refused) {
            throw refusal(refused);
        }
    }

    static Problem refusal(PeerLine.Refused refused) {
        return new Problem(PeerProblem.REFUSED, "code", refused.code(), "zh", refused.zh(), "en", refused.en());
    }

    private static String required(Act act, @Nullable String words, String zh, String en) {
        if (words == null || words.isBlank()) {
            throw new Problem(PeerProblem.WORDS_MISSING, "act", act.named(), "what", zh + " (" + en + ")");
        }
        return words.strip();
    }

    private PeerApplication locked(Account who, UUID id, Act act) {
        lock(id);
        PeerApplication found = get(who, id);
        if (act == Act.RELEASE && fits(found, act) && found.applicant().equals(who.username())) {
            throw new Problem(PeerProblem.OWN_APPLICATION, "act", act.named());
        }
        require(found, act);
        return found;
    }

    private void lock(UUID id) {
        jdbc.sql("select id from exchange_applications where id = ? for update")
                .param(id)
                .query(UUID.class)
                .optional();
    }

    private static void require(PeerApplication found, Act act) {
        if (found.acts().contains(act)) {
            return;
        }
        if (fits(found, act)) {
            throw new Problem(
                    PeerProblem.NOT_YOURS,
                    "act",
                    act.named(),
                    "who",
                    act == Act.RELEASE || act == Act.RETURN
                            ? "数据局 (the data bureau)"
                            : "申请部门 (the applying department)");
        }
        throw new Problem(
                PeerProblem.APPLICATION_STATE,
                "act",
                act.named(),
                "state",
                found.state().words().zh() + " (" + found.state().words().en() + ")");
    }

    private static boolean fits(PeerApplication found, Act act) {
        return switch (act) {
            case EDIT, SUBMIT -> found.state() == State.DRAFT;
            case RELEASE, RETURN -> found.state() == State.WAITING;
            case WITHDRAW ->
                found.state() != State.WITHDRAWN
                        && (found.remote() == null || found.remote().acts().contains(ShareAct.WITHDRAW));
            case NEGOTIATE, SAY, ESCALATE -> found.remote() != null;
        };
    }

    private static Set<Act> acts(Account who, PeerApplication found) {
        Set<Act> acts = EnumSet.noneOf(Act.class);
        boolean applicant = isOwn(who, found.department()) && who.has(Role.OFFICER);
        for (Act act : List.of(Act.EDIT, Act.SUBMIT, Act.WITHDRAW)) {
            if (applicant && fits(found, act)) {
                acts.add(act);
            }
        }
        if (who.has(Role.ENGINEER) && fits(found, Act.RELEASE)) {
            acts.add(Act.RETURN);
            if (!found.applicant().equals(who.username())) {
                acts.add(Act.RELEASE);
            }
        }
        return acts;
    }

    /** Those that wait to be sent to a peer and are due. */
    List<UUID> due(String peer) {
        return jdbc.sql("""
                        select id from exchange_applications where peer = ? and state = 'RELEASED' and next_at <= ?
                        order by released_at, id""")
                .params(peer, now())
                .query((row, n) -> row.getObject(1, UUID.class))
                .list();
    }

    /** Sends one; what the other side refuses goes back to who wrote it, in its words. */
    void send(UUID id) {
        record Going(String peer, int round, String applicant, String department, Asked asked, String releasedBy) {}
        Going going = jdbc.sql(APPLICATION + " where a.id = ? and a.state = 'RELEASED'")
                .param(id)
                .query((row, n) -> new Going(
                        requireNonNull(row.getString("peer")),
                        row.getInt("round"),
                        requireNonNull(row.getString("applicant_name")),
                        requireNonNull(row.getString("d_name")),
                        JSON.readValue(row.getString("asked"), Asked.class),
                        requireNonNull(row.getString("released_by"))))
                .optional()
                .orElse(null);
        if (going == null) {
            return;
        }
        byte[] body = JSON.writeValueAsString(
                        new PeerDesk.Handed(going.round, going.applicant, going.department, going.asked))
                .getBytes(StandardCharsets.UTF_8);
        try {
            byte[] answer = line.ask(going.peer, "PUT", "/peer/applications/" + id, body);
            ApplicationWhole remote = JSON.readValue(answer, ApplicationWhole.class);
            transaction.executeWithoutResult(status -> {
                lock(id);
                hear(going.peer, remote, clock.instant());
            });
        } catch (PeerLine.Refused refused) {
            jdbc.sql("""
                            update exchange_applications set state = 'DRAFT', refused = cast(:refused as jsonb), next_at = null
                            where id = :id and state = 'RELEASED' and round = :round""")
                    .param(
                            "refused",
                            JSON.writeValueAsString(
                                    new PeerApplication.Refusal(refused.code(), refused.zh(), refused.en())))
                    .param("id", id)
                    .param("round", going.round)
                    .update();
        } catch (PeerLine.Away | JacksonException | IllegalArgumentException away) {
            int attempts = jdbc.sql("select attempts from exchange_applications where id = ?")
                    .param(id)
                    .query(Integer.class)
                    .single();
            long wait = Math.min(LONGEST_WAIT.toMillis(), FIRST_WAIT.toMillis() << Math.min(attempts, 10));
            jdbc.sql("update exchange_applications set attempts = attempts + 1, next_at = :next where id = :id")
                    .param("next", Timestamp.from(clock.instant().plusMillis(wait)))
                    .param("id", id)
                    .update();
            throw away;
        }
    }

    /** Those that were taken back while they were on their way, and came there all the same. */
    List<UUID> takenBack(String peer) {
        return jdbc.sql("""
                        select id from exchange_applications where peer = ? and state = 'WITHDRAWN'
                            and jsonb_exists(remote -> 'acts', 'WITHDRAW')""")
                .param(peer)
                .query((row, n) -> row.getObject(1, UUID.class))
                .list();
    }

    /** Tells a peer that one is taken back. */
    void takeBack(String peer, UUID id) {
        byte[] answer;
        try {
            answer = line.ask(
                    peer, "POST", "/peer/applications/" + id + "/withdraw", "{}".getBytes(StandardCharsets.UTF_8));
        } catch (PeerLine.Refused meanwhile) {
            // It has been answered there since; the next visit hears how.
            return;
        }
        ApplicationWhole remote = JSON.readValue(answer, ApplicationWhole.class);
        transaction.executeWithoutResult(status -> {
            lock(id);
            hear(peer, remote, clock.instant());
        });
    }

    private void heard(PeerApplication found, byte[] answer) {
        Instant answered = clock.instant();
        ApplicationWhole remote = JSON.readValue(answer, ApplicationWhole.class);
        transaction.executeWithoutResult(status -> {
            lock(found.id());
            hear(found.peer(), remote, answered);
        });
    }

    /** Everything that a peer says now of what is between us. */
    void hear(String peer, PeerDesk.Standing standing, Instant asked) {
        transaction.executeWithoutResult(status -> {
            for (ApplicationWhole each : standing.applications()) {
                lock(each.application().id());
                hear(peer, each, asked);
            }
            grants.replace(peer, standing.grants());
        });
    }

    /**
     * Inside the caller's transaction, on a locked row: how one stands there. What is older than what was released last, or was asked before
     * what we know, is passed over.
     */
    private void hear(String peer, ApplicationWhole remote, Instant asked) {
        Application there = remote.application();
        boolean returned = there.state() == Application.State.DRAFT;
        String words = remote.steps().stream()
                .filter(step -> step.act() == ShareAct.RETURN)
                .map(Application.Step::words)
                .findFirst()
                .orElse(null);
        jdbc.sql("""
                        update exchange_applications set remote = cast(:remote as jsonb), remote_at = :at,
                            sent_at = case when state = 'RELEASED' then :at else sent_at end,
                            words = case when :returned and state in ('RELEASED', 'SENT') then :words else words end,
                            state = case when :withdrawn then 'WITHDRAWN' when state not in ('RELEASED', 'SENT') then state
                                when :returned then 'DRAFT' else 'SENT' end,
                            next_at = case when :withdrawn then null else next_at end
                        where id = :id and peer = :peer and (round <= :round or :withdrawn)
                            and (remote_at is null or remote_at <= :asked)""")
                .param("remote", JSON.writeValueAsString(remote))
                .param("at", now())
                .param("asked", Timestamp.from(asked))
                .param("returned", returned)
                .param("withdrawn", there.state() == Application.State.WITHDRAWN)
                .param("words", words)
                .param("id", there.id())
                .param("peer", peer)
                .param("round", there.revision())
                .update();
    }

    private Timestamp now() {
        return Timestamp.from(clock.instant());
    }

    private static PeerApplication application(ResultSet row, Account who) throws SQLException {
        String remote = row.getString("remote");
        String refused = row.getString("refused");
        PeerApplication found = new PeerApplication(
                row.getObject("id", UUID.class),
                requireNonNull(row.getString("peer")),
                requireNonNull(row.getString("p_title")),
                new Department(row.getString("department_id"), row.getString("d_name"), row.getString("d_name_en")),
                requireNonNull(row.getString("applicant")),
                requireNonNull(row.getString("applicant_name")),
                State.valueOf(row.getString("state")),
                JSON.readValue(row.getString("asked"), Asked.class),
                row.getInt("revision"),
                row.getInt("round"),
                row.getTimestamp("created_at").toInstant(),
                instant(row.getTimestamp("submitted_at")),
                instant(row.getTimestamp("sent_at")),
                row.getString("words"),
                refused == null ? null : JSON.readValue(refused, PeerApplication.Refusal.class),
                instant(row.getTimestamp("remote_at")),
                remote == null ? null : JSON.readValue(remote, ApplicationWhole.class),
                List.of(),
                List.of(),
                Set.of());
        return found.allowing(acts(who, found));
    }

    private static @Nullable Instant instant(@Nullable Timestamp at) {
        return at == null ? null : at.toInstant();
    }
}

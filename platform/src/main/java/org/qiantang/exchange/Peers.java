package org.qiantang.exchange;

import static java.util.Objects.requireNonNull;

import java.net.URI;
import java.security.PublicKey;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.qiantang.catalog.PublicBase;
import org.qiantang.core.CoreProblem;
import org.qiantang.core.HttpSignature;
import org.qiantang.core.Problem;
import org.qiantang.core.Sealing;
import org.qiantang.core.Site;
import org.qiantang.evidence.LogKey;
import org.qiantang.exchange.Peer.State;
import org.qiantang.org.Account;
import org.qiantang.org.Act;
import org.qiantang.org.Actor;
import org.qiantang.org.AuditTrail;
import org.qiantang.org.Department;
import org.qiantang.org.Departments;
import org.qiantang.org.EvidenceRecords;
import org.qiantang.org.KeyRing;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Which installations we exchange with. An engineer enters the card that the other side handed over; the security administrator compares the
 * digits by telephone and confirms. Both sides do so, and nothing passes before.
 */
@Service
public final class Peers {
    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_]{1,29}");
    private static final Pattern HERE = Pattern.compile("localhost|127(\\.\\d{1,3}){3}|\\[::1]");
    private static final int LONGEST = 200;
    private static final int MOST_KEYS = 4;

    private static final String PEER = """
            select p.*, d.name d_name, d.name_en d_name_en, k.public_key
            from exchange_peers p join org_departments d on d.id = p.department_id
            join lateral (select public_key from exchange_peer_keys k where k.peer = p.name order by since limit 1) k on true
            """;

    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final ExchangeKeys keys;
    private final Departments departments;
    private final AuditTrail trail;
    private final EvidenceRecords evidence;
    private final PublicBase address;
    private final ReceiverRules rules;
    private final Site site;
    private final Clock clock;

    Peers(
            JdbcClient jdbc,
            TransactionTemplate transaction,
            ExchangeKeys keys,
            Departments departments,
            AuditTrail trail,
            EvidenceRecords evidence,
            PublicBase address,
            ReceiverRules rules,
            Site site,
            Clock clock) {
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.keys = keys;
        this.departments = departments;
        this.trail = trail;
        this.evidence = evidence;
        this.address = address;
        this.rules = rules;
        this.site = site;
        this.clock = clock;
    }

    /** What we hand to the other side. */
    public PeerCard card() {
        KeyRing.SigningKey key = keys.active();
        return new PeerCard(
                site.name(),
                address(),
                Base64.getEncoder().encodeToString(key.pair().getPublic().getEncoded()),
                evidence.state().key());
    }

    /** Under which peers reach us; what they sign is meant for it. */
    String address() {
        return address.reached().orElseThrow(() -> new Problem(PeerProblem.NO_ADDRESS));
    }

    public List<Peer> list() {
        return jdbc.sql(PEER + " order by p.state = 'ENDED', p.name")
                .query((row, n) -> peer(row))
                .list();
    }

    public Peer get(String name) {
        return find(name).orElseThrow(() -> new Problem(CoreProblem.NOT_FOUND, "what", name));
    }

    Optional<Peer> find(String name) {
        return jdbc.sql(PEER + " where p.name = ?")
                .param(name)
                .query((row, n) -> peer(row))
                .optional();
    }

    /** Enters the other side's card; nothing passes yet. */
    public Peer propose(Actor actor, String name, PeerCard card) {
        if (!NAME.matcher(name).matches()) {
            throw new Problem(CoreProblem.BAD_REQUEST, "reason", "name: " + NAME.pattern());
        }
        requireCard(card);
        String department = "peer_" + name;
        transaction.executeWithoutResult(status -> {
            departments.ensure(List.of(new Department(department, card.name(), card.name())));
            try {
                Timestamp now = now();
                jdbc.sql("""
                                insert into exchange_peers (name, department_id, title, address, evidence_key, state, proposed_by, proposed_at)
                                values (:name, :department, :title, :address, :evidence, 'PROPOSED', :by, :at)""")
                        .param("name", name)
                        .param("department", department)
                        .param("title", card.name())
                        .param("address", card.address())
                        .param("evidence", card.evidenceKey())
                        .param("by", actor.username())
                        .param("at", now)
                        .update();
                insertKey(name, card.key());
            } catch (DuplicateKeyException e) {
                throw new Problem(PeerProblem.NAME_TAKEN);
            }
            trail.record(
                    actor,
                    Act.PEER_PROPOSED,
                    name,
                    Map.of(),
                    Map.of("address", card.address(), "key", HttpSignature.keyId(card.key())));
        });
        return get(name);
    }

    /** The other side's card anew, after it lost its key or its address changed: it has to be compared and confirmed again. */
    public Peer replaceCard(Actor actor, String name, PeerCard card) {
        requireCard(card);
        transaction.executeWithoutResult(status -> {
            Peer peer = locked(name, Set.of(State.PROPOSED, State.CONFIRMED, State.SUSPENDED));
            jdbc.sql("""
                            update exchange_peers set state = 'PROPOSED', title = :title, address = :address, evidence_key = :evidence,
                                proposed_by = :by, proposed_at = :at, fingerprint = null, confirmed_by = null, confirmed_at = null
                            where name = :name""")
                    .param("title", card.name())
                    .param("address", card.address())
                    .param("evidence", card.evidenceKey())
                    .param("by", actor.username())
                    .param("at", now())
                    .param("name", name)
                    .update();
            jdbc.sql("delete from exchange_peer_keys where peer = ?")
                    .param(name)
                    .update();
            try {
                insertKey(name, card.key());
            } catch (DuplicateKeyException e) {
                throw new Problem(PeerProblem.NAME_TAKEN);
            }
            trail.record(
                    actor,
                    Act.PEER_PROPOSED,
                    name,
                    Map.of(
                            "address",
                            peer.card().address(),
                            "key",
                            HttpSignature.keyId(peer.card().key())),
                    Map.of("address", card.address(), "key", HttpSignature.keyId(card.key())));
        });
        return get(name);
    }

    private void insertKey(String peer, PublicKey key) {
        jdbc.sql("insert into exchange_peer_keys (key_id, peer, public_key, since) values (?, ?, ?, ?)")
                .params(HttpSignature.keyId(key), peer, key.getEncoded(), now())
                .update();
    }

    private void requireCard(PeerCard card) {
        if (card.name().isBlank()
                || card.name().length() > LONGEST
                || card.name().chars().anyMatch(Character::isISOControl)
                || card.evidenceKey().length() > LONGEST * 2) {
            throw badCard("name");
        }
        try {
            URI uri = URI.create(card.address());
            boolean plain = "http".equals(uri.getScheme())
                    && (rules.plainHttp() == ReceiverRules.PlainHttp.ALLOWED
                            || uri.getHost() != null
                                    && HERE.matcher(uri.getHost()).matches());
            if (!"https".equals(uri.getScheme()) && !plain
                    || uri.getHost() == null
                    || uri.getUserInfo() != null
                    || uri.getQuery() != null
                    || uri.getFragment() != null
                    || !uri.getPath().isEmpty()) {
                throw badCard("address");
            }
            if (card.address().equals(address())) {
                throw badCard("address: 是本平台自己 (this installation itself)");
            }
        } catch (IllegalArgumentException e) {
            throw badCard("address");
        }
        try {
            card.key();
        } catch (IllegalArgumentException e) {
            throw badCard("publicKey");
        }
        try {
            LogKey.parse(card.evidenceKey());
        } catch (IllegalArgumentException e) {
            throw badCard("evidenceKey");
        }
    }

    private static Problem badCard(String what) {
        return new Problem(PeerProblem.BAD_CARD, "what", what);
    }

    /** @param fingerprint that was compared with the other side's */
    public Peer confirm(Actor actor, String name, String fingerprint) {
        transaction.executeWithoutResult(status -> {
            Peer peer = locked(name, Set.of(State.PROPOSED));
            if (peer.proposedBy().equals(actor.username())) {
                throw new Problem(PeerProblem.ONE_PERSON);
            }
            if (!fingerprint.replaceAll("\\s", "").equals(peer.fingerprint().replace(" ", ""))) {
                throw new Problem(PeerProblem.FINGERPRINT_DIFFERS);
            }
            jdbc.sql("""
                            update exchange_peers set state = 'CONFIRMED', fingerprint = ?, confirmed_by = ?, confirmed_at = ?
                            where name = ?""")
                    .params(peer.fingerprint(), actor.username(), now(), name)
                    .update();
            trail.record(actor, Act.PEER_CONFIRMED, name, Map.of(), Map.of("fingerprint", peer.fingerprint()));
        });
        return get(name);
    }

    /** Nothing passes from this moment on, until it is resumed. */
    public Peer suspend(Actor actor, String name) {
        return move(actor, name, Set.of(State.CONFIRMED), State.SUSPENDED, Act.PEER_SUSPENDED);
    }

    public Peer resume(Actor actor, String name) {
        return move(actor, name, Set.of(State.SUSPENDED), State.CONFIRMED, Act.PEER_RESUMED);
    }

    /** For good; the cards would have to be exchanged anew under another name. */
    public Peer end(Actor actor, String name) {
        return move(actor, name, Set.of(State.PROPOSED, State.CONFIRMED, State.SUSPENDED), State.ENDED, Act.PEER_ENDED);
    }

    private Peer move(Actor actor, String name, Set<State> from, State to, Act act) {
        transaction.executeWithoutResult(status -> {
            Peer peer = locked(name, from);
            jdbc.sql("update exchange_peers set state = ? where name = ?")
                    .params(to.name(), name)
                    .update();
            trail.record(actor, act, name, Map.of("state", peer.state().name()), Map.of("state", to.name()));
        });
        return get(name);
    }

    private Peer locked(String name, Set<State> from) {
        jdbc.sql("select name from exchange_peers where name = ? for update")
                .param(name)
                .query(String.class)
                .optional();
        Peer peer = get(name);
        if (!from.contains(peer.state())) {
            throw new Problem(PeerProblem.WRONG_STATE, "state", peer.state().name());
        }
        return peer;
    }

    /** What exchange needs of a peer at each message: nothing more is asked. */
    record Line(String name, Department department, String address, State state, PublicKey key) {
        Account account() {
            return Peer.account(name, department);
        }

        void requireConfirmed() {
            if (state != State.CONFIRMED) {
                throw new Problem(PeerProblem.NOT_CONFIRMED, "state", state.name());
            }
        }
    }

    private static final String LINE = """
            select p.name, p.department_id, p.address, p.state, d.name d_name, d.name_en d_name_en, k.public_key
            from exchange_peer_keys k join exchange_peers p on p.name = k.peer join org_departments d on d.id = p.department_id
            where (k.valid_until is null or k.valid_until > :now)
            """;

    /** Whose key it is, if it counts now. */
    Optional<Line> byKey(String keyId) {
        return jdbc.sql(LINE + " and k.key_id = :key")
                .param("now", now())
                .param("key", keyId)
                .query((row, n) -> line(row))
                .optional();
    }

    /** A peer with one of its keys. */
    Line line(String name) {
        return jdbc.sql(LINE + " and p.name = :name order by k.since desc limit 1")
                .param("now", now())
                .param("name", name)
                .query((row, n) -> line(row))
                .optional()
                .orElseThrow(() -> new Problem(CoreProblem.NOT_FOUND, "what", name));
    }

    private static Line line(ResultSet row) throws SQLException {
        return new Line(
                requireNonNull(row.getString("name")),
                new Department(row.getString("department_id"), row.getString("d_name"), row.getString("d_name_en")),
                requireNonNull(row.getString("address")),
                State.valueOf(row.getString("state")),
                Sealing.publicKey(row.getBytes("public_key")));
    }

    /**
     * Takes in which keys a peer has, as it said signed by one that counts still.
     *
     * @param signedBy the id of that one
     */
    void learn(String peer, String signedBy, List<PeerKeys.Announced> announced) {
        transaction.executeWithoutResult(status -> {
            // Its card may have been replaced since it was asked.
            Peer known = locked(peer, Set.of(State.values()));
            boolean counts =
                    byKey(signedBy).filter(line -> line.name().equals(peer)).isPresent();
            if (known.state() == State.CONFIRMED && counts && announced.size() <= MOST_KEYS) {
                take(peer, announced);
            }
        });
    }

    private void take(String peer, List<PeerKeys.Announced> announced) {
        for (PeerKeys.Announced each : announced) {
            PublicKey key = Sealing.publicKey(Base64.getDecoder().decode(each.publicKey()));
            jdbc.sql("""
                            insert into exchange_peer_keys (key_id, peer, public_key, since, valid_until)
                            values (:key, :peer, :public, :since, cast(:until as timestamptz))
                            on conflict (key_id) do update set valid_until = excluded.valid_until
                            where exchange_peer_keys.peer = excluded.peer""")
                    .param("key", HttpSignature.keyId(key))
                    .param("peer", peer)
                    .param("public", key.getEncoded())
                    .param("since", now())
                    .param("until", each.until() == null ? null : Timestamp.from(each.until()))
                    .update();
        }
    }

    private static @Nullable Instant instant(@Nullable Timestamp at) {
        return at == null ? null : at.toInstant();
    }

    /** Those that are to be visited now. */
    List<String> due() {
        return jdbc.sql(
                        "select name from exchange_peers where state = 'CONFIRMED' and (next_at is null or next_at <= ?) order by name")
                .param(now())
                .query((row, n) -> requireNonNull(row.getString("name")))
                .list();
    }

    /** There is something to bring: it is visited at the next turn, however long it was to wait. */
    void soon(String name) {
        jdbc.sql("update exchange_peers set next_at = null where name = ?")
                .param(name)
                .update();
    }

    /** It answered. */
    void heard(String name, Duration next) {
        jdbc.sql("""
                        update exchange_peers set heard_at = :now, away_since = null, away = null, attempts = 0, next_at = :next
                        where name = :name""")
                .param("now", now())
                .param("next", Timestamp.from(clock.instant().plus(next)))
                .param("name", name)
                .update();
    }

    /** It did not answer, or not as a peer does. Each time it is left alone for longer, up to a minute. */
    void away(String name, String reason) {
        jdbc.sql("""
                        update exchange_peers set away_since = coalesce(away_since, :now), away = :reason, attempts = attempts + 1,
                            next_at = cast(:now as timestamptz) + make_interval(secs => least(60, 2 ^ least(attempts, 6) * 2))
                        where name = :name""")
                .param("now", now())
                .param("reason", reason)
                .param("name", name)
                .update();
    }

    private Timestamp now() {
        return Timestamp.from(clock.instant());
    }

    private Peer peer(ResultSet row) throws SQLException {
        PeerCard theirs = new PeerCard(
                requireNonNull(row.getString("title")),
                requireNonNull(row.getString("address")),
                Base64.getEncoder().encodeToString(row.getBytes("public_key")),
                requireNonNull(row.getString("evidence_key")));
        String compared = row.getString("fingerprint");
        return new Peer(
                requireNonNull(row.getString("name")),
                new Department(row.getString("department_id"), row.getString("d_name"), row.getString("d_name_en")),
                theirs,
                State.valueOf(row.getString("state")),
                compared == null ? PeerCard.fingerprint(card(), theirs) : compared,
                requireNonNull(row.getString("proposed_by")),
                row.getString("confirmed_by"),
                instant(row.getTimestamp("heard_at")),
                instant(row.getTimestamp("away_since")),
                row.getString("away"));
    }
}

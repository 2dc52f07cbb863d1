package org.qiantang.exchange;

import static java.util.Objects.requireNonNull;

import java.nio.charset.StandardCharsets;
import java.sql.Date;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.qiantang.collect.PeerSources;
import org.qiantang.collect.PeerSpool;
import org.qiantang.collect.Source;
import org.qiantang.core.CityCalendar;
import org.qiantang.core.CoreProblem;
import org.qiantang.core.Problem;
import org.qiantang.lake.TableName;
import org.qiantang.org.Account;
import org.qiantang.org.Department;
import org.qiantang.org.Enclosures;
import org.qiantang.org.OrgProblem;
import org.qiantang.org.Role;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * Tables of peers that are followed into our lake: what comes is safe on this hub's disk before the peer hears that we have it, so that
 * either side may go at any moment; the lake's own snapshots say what has landed, so that nothing lands twice.
 */
@Service
public final class Mirrors {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final TypeReference<List<Subscriptions.LedgerDay>> LEDGER = new TypeReference<>() {};

    private static final Duration FIRST_WAIT = Duration.ofSeconds(5);
    private static final Duration LONGEST_WAIT = Duration.ofMinutes(5);
    private static final Duration BETWEEN = Duration.ofSeconds(2);
    private static final Duration BETWEEN_STATEMENTS = Duration.ofMinutes(1);

    /** So much may wait for the lake; the rest waits at the peer. */
    private static final long MOST_WAITING_BYTES = 2L << 30;

    /** So many batches before another table of the peer has its turn. */
    private static final int TURN = 50;

    private static final String MIRROR = """
            select m.*, coalesce((select sum(s.events) from exchange_mirror_steps s
                where s.mirror_id = m.id and s.landed_at is null), 0) waiting
            from exchange_mirrors m
            """;

    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final PeerLine line;
    private final PeerGrants grants;
    private final Enclosures enclosures;
    private final PeerSources sources;
    private final CityCalendar calendar;
    private final Clock clock;

    Mirrors(
            JdbcClient jdbc,
            TransactionTemplate transaction,
            PeerLine line,
            PeerGrants grants,
            Enclosures enclosures,
            PeerSources sources,
            CityCalendar calendar,
            Clock clock) {
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.line = line;
        this.grants = grants;
        this.enclosures = enclosures;
        this.sources = sources;
        this.calendar = calendar;
        this.clock = clock;
    }

    /**
     * What is to be followed.
     *
     * @param grant the peer's number of the grant
     * @param table its name at the peer
     * @param source the name of a source of ours that its tables become, {@code raw_SOURCE}; made when there is none yet
     */
    public record Wanted(String peer, UUID grant, TableName table, String title, String source) {}

    /**
     * A day of the ledger: ours, and what the peer has signed of its own.
     *
     * @param received events that came and are safe here
     * @param acknowledged of these, those that the peer was told of
     * @param superseded that came and count no more, for the peer began anew in the middle of a step
     * @param landed that are in the lake, each by itself or in a whole that came later
     * @param statedAcknowledged what the peer says that we have acknowledged
     * @param difference of what the peer says and of what we acknowledged, from the beginning to the end of this day; null when the peer has
     *     said nothing
     */
    public record MirrorDay(
            LocalDate day,
            long received,
            long acknowledged,
            long superseded,
            long landed,
            @Nullable Long statedOffered,
            @Nullable Long statedDelivered,
            @Nullable Long statedAcknowledged,
            @Nullable Long statedWithdrawn,
            @Nullable Long difference) {}

    /** @param statedAt when the peer last stated its part */
    public record MirrorLedger(
            List<MirrorDay> days, @Nullable Instant statedAt) {
        public MirrorLedger {
            days = List.copyOf(days);
        }
    }

    /** As it is kept. */
    private record Stored(
            UUID id,
            String peer,
            UUID subscription,
            String object,
            String title,
            UUID source,
            String sourceName,
            String lakeName,
            String department,
            boolean ended,
            @Nullable String position,
            @Nullable String acknowledged,
            long unacknowledged,
            long batches,
            long events,
            boolean whole,
            boolean askedWhole,
            @Nullable Long handingOver,
            int attempts,
            @Nullable Instant statedAt) {}

    /** Those of a source, or of one's department; an engineer sees all. */
    public List<Mirror> list(Account who, @Nullable UUID source) {
        Department own = who.department();
        return jdbc.sql(MIRROR + """
                        where (:all or m.department_id = :own) and (cast(:source as uuid) is null or m.source_id = :source)
                        order by m.state = 'ENDED', m.created_at desc, m.id limit 500""")
                .param("all", who.has(Role.ENGINEER) || who.has(Role.AUDITOR))
                .param("own", own == null ? "" : own.id())
                .param("source", source)
                .query((row, n) -> mirror(row))
                .list();
    }

    public Mirror get(Account who, UUID id) {
        return list(who, null).stream()
                .filter(mirror -> mirror.id().equals(id))
                .findFirst()
                .orElseThrow(() -> new Problem(CoreProblem.NOT_FOUND, "what", id.toString()));
    }

    /** Subscribes at the peer, for the department of whoever asks. */
    public Mirror create(Account who, Wanted wanted) {
        Department department = requireNonNull(who.department(), "an officer has a department");
        grants.require(who, wanted.peer, wanted.grant.toString());
        if (wanted.table.name().length() > 200) {
            throw new Problem(CoreProblem.NOT_FOUND, "what", wanted.table.toString());
        }
        Source source = source(who, department, wanted);
        boolean followed = jdbc.sql(
                        "select exists (select from exchange_mirrors where source_id = ? and object = ? and state <> 'ENDED')")
                .params(source.id(), wanted.table.toString())
                .query(Boolean.class)
                .single();
        if (followed) {
            throw new Problem(
                    ExchangeProblem.MIRRORED_ALREADY, "table", wanted.table.toString(), "source", source.name());
        }
        PeerFeeds.Begun begun = read(
                askedFor(
                        wanted.peer,
                        "/peer/subscriptions",
                        Map.of(
                                "grant", wanted.grant.toString(),
                                "namespace", wanted.table.namespace(),
                                "table", wanted.table.name(),
                                "title", wanted.title)),
                PeerFeeds.Begun.class);
        UUID id = UUID.randomUUID();
        jdbc.sql("""
                        insert into exchange_mirrors (id, peer, subscription, remote_grant, object, title, source_id, source_name, lake_name,
                            department_id, state, created_by, created_at, next_at)
                        values (:id, :peer, :subscription, :grant, :object, :title, :source, :sourceName, :lakeName, :department, 'ACTIVE',
                            :who, :now, :now)""")
                .param("id", id)
                .param("peer", wanted.peer)
                .param("subscription", begun.subscription())
                .param("grant", wanted.grant)
                .param("object", wanted.table.toString())
                .param("title", begun.title())
                .param("source", source.id())
                .param("sourceName", source.name())
                .param("lakeName", freeName(source.id(), wanted.table))
                .param("department", department.id())
                .param("who", who.username())
                .param("now", now())
                .update();
        return get(who, id);
    }

    /** Where the peer's tables for this department go. */
    private Source source(Account who, Department department, Wanted wanted) {
        Optional<Source> known = sources.find(wanted.source);
        if (known.isEmpty()) {
            return sources.add(wanted.source, wanted.peer, department.id(), wanted.peer, who.username());
        }
        Source source = known.get();
        if (!sources.isOf(source, wanted.peer) || !source.department().id().equals(department.id())) {
            throw new Problem(ExchangeProblem.OTHER_SOURCE, "source", wanted.source);
        }
        return source;
    }

    /** The table's own name; with its namespace before it where another has that. Names that were used stay with who used them. */
    private String freeName(UUID source, TableName table) {
        for (String name : List.of(table.name(), table.namespace() + "_" + table.name())) {
            boolean free = jdbc.sql(
                            "select not exists (select from exchange_mirrors where source_id = ? and lower(lake_name) = lower(?) and object <> ?)")
                    .params(source, name, table.toString())
                    .query(Boolean.class)
                    .single();
            if (free) {
                return name;
            }
        }
        return table.namespace() + "_" + table.name() + "_"
                + UUID.randomUUID().toString().substring(0, 8);
    }

    /** Begins anew: the peer tells the whole again, which takes the place of what is here at once. */
    public Mirror restart(Account who, UUID id) {
        Stored mirror = own(who, id);
        askedFor(mirror.peer, path(mirror, "/restart"), Map.of());
        begunAnew(mirror);
        return get(who, id);
    }

    /** Ends the subscription at the peer; what has landed stays. When the peer is away it is told nothing more, and asks nothing of us. */
    public Mirror end(Account who, UUID id) {
        Stored mirror = own(who, id);
        askedFor(mirror.peer, path(mirror, "/end"), Map.of());
        jdbc.sql("update exchange_mirrors set state = 'ENDED' where id = ?")
                .param(id)
                .update();
        return get(who, id);
    }

    private Stored own(Account who, UUID id) {
        Stored mirror = stored(id);
        Department own = who.department();
        if (own == null || !own.id().equals(mirror.department)) {
            throw new Problem(CoreProblem.NOT_FOUND, "what", id.toString());
        }
        if (mirror.ended) {
            throw new Problem(ExchangeProblem.ENDED);
        }
        return mirror;
    }

    /** The newest day first. */
    public MirrorLedger ledger(Account who, UUID id) {
        get(who, id);
        List<MirrorDay> days = jdbc.sql("""
                        select *, case when stated_acknowledged is not null then
                            sum(coalesce(stated_acknowledged, 0)) over (order by day) - sum(acknowledged) over (order by day) end difference
                        from exchange_mirror_days where mirror_id = ? order by day desc limit 400""")
                .param(id)
                .query((row, n) -> new MirrorDay(
                        row.getObject("day", LocalDate.class),
                        row.getLong("received"),
                        row.getLong("acknowledged"),
                        row.getLong("superseded"),
                        row.getLong("landed"),
                        (Long) row.getObject("stated_offered"),
                        (Long) row.getObject("stated_delivered"),
                        (Long) row.getObject("stated_acknowledged"),
                        (Long) row.getObject("stated_withdrawn"),
                        optional(row, "difference")))
                .list();
        return new MirrorLedger(days, stored(id).statedAt);
    }

    private static @Nullable Long optional(ResultSet row, String column) throws SQLException {
        long value = row.getLong(column);
        return row.wasNull() ? null : value;
    }

    /** The peers of which something is due; each may be served by a thread of its own. */
    Set<String> due() {
        return Set.copyOf(jdbc.sql("select distinct peer from exchange_mirrors where state = 'ACTIVE' and next_at <= ?")
                .param(now())
                .query(String.class)
                .list());
    }

    /** Brings what is due of a peer. One at a time for each peer: steps of its sources have one row of numbers. */
    void bring(String peer) {
        for (UUID id : jdbc.sql(
                        "select id from exchange_mirrors where state = 'ACTIVE' and peer = ? and next_at <= ? order by next_at, id")
                .params(peer, now())
                .query((row, n) -> row.getObject(1, UUID.class))
                .list()) {
            bring(id);
        }
    }

    /** Brings what there is of one; says why when nothing comes. */
    void bring(UUID id) {
        try {
            settle(id);
            if (enclosures.holds(stored(id).department)) {
                throw new Problem(OrgProblem.INSIDE_ZONE);
            }
            if (advance(id)) {
                goesOn(id);
            }
        } catch (PeerLine.Away away) {
            halt(
                    id,
                    Mirror.State.PEER_AWAY,
                    new Problem(ExchangeProblem.PEER_SILENT, "reason", String.valueOf(away.getMessage())));
        } catch (PeerLine.Refused refused) {
            halt(id, Mirror.State.REFUSED, refused.code(), refused.zh(), refused.en());
        } catch (Problem here) {
            halt(id, Mirror.State.WAITING, here);
        } catch (JacksonException | IllegalArgumentException unreadable) {
            halt(id, Mirror.State.WAITING, new Problem(ExchangeProblem.ANSWER_WRONG));
        }
    }

    /** Does what an end in the middle left to do, and notes what has landed since. */
    private void settle(UUID id) {
        Stored mirror = stored(id);
        PeerSpool spool = spool(mirror);
        Long sequence = mirror.handingOver;
        if (sequence != null) {
            handOver(mirror, spool, sequence);
        }
        for (long waiting : jdbc.sql(
                        "select sequence from exchange_mirror_steps where mirror_id = ? and landed_at is null order by sequence")
                .param(id)
                .query(Long.class)
                .list()) {
            if (!spool.isWaiting(waiting)) {
                transaction.executeWithoutResult(status -> {
                    long events = jdbc.sql("""
                                    update exchange_mirror_steps set landed_at = ?
                                    where source_id = ? and sequence = ? and landed_at is null returning events""")
                            .params(now(), mirror.source, waiting)
                            .query(Long.class)
                            .optional()
                            .orElse(0L);
                    count(id, "landed", events);
                });
            }
        }
    }

    /** True when there is nothing more to bring for the moment. */
    private boolean advance(UUID id) {
        Stored mirror = stored(id);
        if (!sources.isFollowed(mirror.source)) {
            throw new Problem(ExchangeProblem.SOURCE_STOPPED, "source", mirror.sourceName);
        }
        PeerSpool spool = spool(mirror);
        boolean comesWhole = mirror.askedWhole || mirror.position == null || mirror.whole && mirror.batches > 0;
        if (!comesWhole
                && sources.lackingWhole(mirror.source, Set.of(mirror.lakeName)).contains(mirror.lakeName)) {
            restart(mirror);
        }
        for (int turn = 0; turn < TURN; turn++) {
            mirror = stored(id);
            if (mirror.ended) {
                return false;
            }
            acknowledge(mirror);
            mirror = stored(id);
            if (spool.bytesReady() > MOST_WAITING_BYTES) {
                throw new Problem(ExchangeProblem.LAKE_BEHIND);
            }
            PeerFeeds.Told told;
            try {
                told = told(mirror);
            } catch (PeerLine.Refused refused) {
                if (!beginsAnew(refused)) {
                    throw refused;
                }
                restart(mirror);
                continue;
            }
            if (told.first() == null) {
                caughtUp(mirror);
                return true;
            }
            take(mirror, spool, told);
        }
        acknowledge(stored(id));
        return true;
    }

    /** Where the peer cannot go on from what we have, the way out is the whole. */
    private static boolean beginsAnew(PeerLine.Refused refused) {
        return refused.code().equals(ExchangeProblem.TOO_OLD.id())
                || refused.code().equals(ExchangeProblem.NOT_A_POSITION.id());
    }

    private PeerFeeds.Told told(Stored mirror) {
        String after = mirror.position;
        PeerFeeds.Told told = read(
                line.ask(
                        mirror.peer,
                        "GET",
                        path(
                                mirror,
                                "/events?limit=" + PeerFeeds.LARGEST_BATCH + (after == null ? "" : "&after=" + after)),
                        null),
                PeerFeeds.Told.class);
        boolean answers = told.subscription().equals(mirror.subscription)
                && (after == null || told.after().equals(after))
                && told.changes().stream()
                        .allMatch(change -> change.size() == told.columns().size() + 1)
                && told.events() == told.changes().size() + (told.begins() ? 1 : 0)
                && (told.first() == null
                        || told.begins()
                        || mirror.batches == 0 && !told.whole()
                        || mirror.batches > 0 && mirror.whole == told.whole());
        if (!answers) {
            throw new Problem(ExchangeProblem.ANSWER_WRONG, "peer", mirror.peer);
        }
        return told;
    }

    /** Makes a batch safe here, and hands its step over to the lake when it is whole. */
    private void take(Stored mirror, PeerSpool spool, PeerFeeds.Told told) {
        if (told.begins() || mirror.batches == 0) {
            // Of a step that was given up, or of a batch that was safe and not noted.
            spool.discard(mirror.id);
        }
        long superseded = told.begins() ? mirror.events : 0;
        long number = told.begins() ? 1 : mirror.batches + 1;
        PeerSpool.ShownTable table = new PeerSpool.ShownTable(
                mirror.lakeName,
                mirror.object,
                mirror.title,
                told.columns().stream()
                        .map(column -> new PeerSpool.ShownColumn(column.name(), column.type(), column.comment()))
                        .toList(),
                told.key());
        Instant at = told.at();
        spool.write(
                mirror.id,
                number,
                PeerSpool.Head.of(table, told.position(), told.whole(), told.rows(), at == null ? clock.instant() : at),
                told.changes());
        Long sequence = transaction.execute(status -> {
            Long next = told.endsStep() ? next(mirror, told.events() + (told.begins() ? 0 : mirror.events)) : null;
            count(mirror.id, "received", told.events());
            if (superseded > 0) {
                count(mirror.id, "superseded", superseded);
            }
            jdbc.sql("""
                            update exchange_mirrors set position = :position, batches = :batches, events = :events, whole = :whole,
                                asked_whole = asked_whole and not :begins, handing_over = :sequence,
                                unacknowledged = unacknowledged + :came
                            where id = :id""")
                    .param("position", told.position())
                    .param("batches", next == null ? number : 0)
                    .param("events", next != null ? 0 : told.events() + (told.begins() ? 0 : mirror.events))
                    .param("whole", told.whole())
                    .param("begins", told.begins())
                    .param("sequence", next, java.sql.Types.BIGINT)
                    .param("came", told.events())
                    .param("id", mirror.id)
                    .update();
            return next;
        });
        if (sequence != null) {
            handOver(mirror, spool, sequence);
        }
    }

    private long next(Stored mirror, long events) {
        long sequence = jdbc.sql("select coalesce(max(sequence), 0) + 1 from exchange_mirror_steps where source_id = ?")
                .param(mirror.source)
                .query(Long.class)
                .single();
        jdbc.sql("insert into exchange_mirror_steps (mirror_id, source_id, sequence, events) values (?, ?, ?, ?)")
                .params(mirror.id, mirror.source, sequence, events)
                .update();
        return sequence;
    }

    private void handOver(Stored mirror, PeerSpool spool, long sequence) {
        spool.handOver(mirror.id, sequence);
        jdbc.sql("update exchange_mirrors set handing_over = null where id = ?")
                .param(mirror.id)
                .update();
    }

    /** Tells the peer what is safe here. */
    private void acknowledge(Stored mirror) {
        String position = mirror.position;
        if (position == null || position.equals(mirror.acknowledged)) {
            return;
        }
        boolean counted = true;
        try {
            asked(mirror.peer, "POST", path(mirror, "/acknowledge"), Map.of("position", position));
        } catch (PeerLine.Refused refused) {
            // It has begun anew since: what we have of before counts for neither side.
            if (!refused.code().equals(ExchangeProblem.NOT_DELIVERED.id()) && !beginsAnew(refused)) {
                throw refused;
            }
            counted = false;
        }
        boolean taken = counted;
        transaction.executeWithoutResult(status -> {
            jdbc.sql("update exchange_mirrors set acknowledged = ?, unacknowledged = 0 where id = ?")
                    .params(position, mirror.id)
                    .update();
            if (taken) {
                count(mirror.id, "acknowledged", mirror.unacknowledged);
            }
        });
    }

    /** Has the peer tell the whole; what has come of a step and is not whole counts no more. */
    private void restart(Stored mirror) {
        asked(mirror.peer, "POST", path(mirror, "/restart"), Map.of());
        begunAnew(mirror);
    }

    private void begunAnew(Stored mirror) {
        transaction.executeWithoutResult(status -> {
            if (mirror.events > 0) {
                count(mirror.id, "superseded", mirror.events);
            }
            jdbc.sql("""
                            update exchange_mirrors set position = null, acknowledged = null, unacknowledged = 0, batches = 0, events = 0,
                                whole = false, asked_whole = true, next_at = ?
                            where id = ?""").params(now(), mirror.id).update();
        });
    }

    private void caughtUp(Stored mirror) {
        jdbc.sql("update exchange_mirrors set caught_up_at = ? where id = ?")
                .params(now(), mirror.id)
                .update();
        Instant stated = mirror.statedAt;
        if (stated == null || stated.plus(BETWEEN_STATEMENTS).isBefore(clock.instant())) {
            state(mirror);
        }
    }

    /** Takes down what the peer says of its part. */
    void state(UUID id) {
        state(stored(id));
    }

    private void state(Stored mirror) {
        List<Subscriptions.LedgerDay> days =
                JSON.readValue(line.ask(mirror.peer, "GET", path(mirror, "/ledger"), null), LEDGER);
        transaction.executeWithoutResult(status -> {
            for (Subscriptions.LedgerDay day : days) {
                jdbc.sql("""
                                insert into exchange_mirror_days (mirror_id, day, stated_offered, stated_delivered, stated_acknowledged,
                                    stated_withdrawn)
                                values (:mirror, :day, :offered, :delivered, :acknowledged, :withdrawn)
                                on conflict (mirror_id, day) do update set stated_offered = excluded.stated_offered,
                                    stated_delivered = excluded.stated_delivered, stated_acknowledged = excluded.stated_acknowledged,
                                    stated_withdrawn = excluded.stated_withdrawn""")
                        .param("mirror", mirror.id)
                        .param("day", Date.valueOf(day.day()))
                        .param("offered", day.offered())
                        .param("delivered", day.delivered())
                        .param("acknowledged", day.acknowledged())
                        .param("withdrawn", day.withdrawn())
                        .update();
            }
            jdbc.sql("update exchange_mirrors set stated_at = ? where id = ?")
                    .params(now(), mirror.id)
                    .update();
        });
    }

    private void goesOn(UUID id) {
        jdbc.sql("""
                        update exchange_mirrors set attempts = 0, halt_code = null, halt_zh = null, halt_en = null, halted_at = null,
                            halt_state = null, heard_at = :now, next_at = :next
                        where id = :id""")
                .param("now", now())
                .param("next", Timestamp.from(clock.instant().plus(BETWEEN)))
                .param("id", id)
                .update();
    }

    private void halt(UUID id, Mirror.State state, Problem why) {
        halt(id, state, why.code().id(), why.zh(), why.en());
    }

    private void halt(UUID id, Mirror.State state, String code, String zh, String en) {
        int attempts = stored(id).attempts;
        long wait = Math.min(LONGEST_WAIT.toMillis(), FIRST_WAIT.toMillis() << Math.min(attempts, 10));
        long next = wait - ThreadLocalRandom.current().nextLong(wait / 4 + 1);
        jdbc.sql("""
                        update exchange_mirrors set attempts = attempts + 1, halt_state = :state, halt_zh = :zh, halt_en = :en,
                            halted_at = case when halt_code = :code then halted_at else :now end, halt_code = :code, next_at = :next
                        where id = :id""")
                .param("state", state.name())
                .param("zh", zh)
                .param("en", en)
                .param("code", code)
                .param("now", now())
                .param("next", Timestamp.from(clock.instant().plusMillis(next)))
                .param("id", id)
                .update();
    }

    /** For a person: what the peer refuses or that it is away is a refusal of ours. */
    private byte[] askedFor(String peer, String path, Map<String, String> body) {
        try {
            return asked(peer, "POST", path, body);
        } catch (PeerLine.Away away) {
            throw new Problem(ExchangeProblem.PEER_SILENT, "reason", String.valueOf(away.getMessage()));
        } catch (PeerLine.Refused refused) {
            throw new Problem(
                    ExchangeProblem.PEER_REFUSES, "code", refused.code(), "zh", refused.zh(), "en", refused.en());
        }
    }

    private byte[] asked(String peer, String method, String path, Map<String, String> body) {
        return line.ask(peer, method, path, JSON.writeValueAsString(body).getBytes(StandardCharsets.UTF_8));
    }

    private static <T> T read(byte[] answer, Class<T> type) {
        return JSON.readValue(answer, type);
    }

    private static String path(Stored mirror, String rest) {
        return "/peer/subscriptions/" + mirror.subscription + rest;
    }

    private PeerSpool spool(Stored mirror) {
        return sources.spool(mirror.sourceName);
    }

    private void count(UUID id, String column, long events) {
        jdbc.sql("insert into exchange_mirror_days as d (mirror_id, day, " + column + ") values (:id, :day, :events)"
                        + " on conflict (mirror_id, day) do update set " + column + " = d." + column + " + :events")
                .param("id", id)
                .param("day", Date.valueOf(LocalDate.ofInstant(clock.instant(), calendar.zone())))
                .param("events", events)
                .update();
    }

    private Stored stored(UUID id) {
        return jdbc.sql("select * from exchange_mirrors where id = ?")
                .param(id)
                .query((row, n) -> new Stored(
                        row.getObject("id", UUID.class),
                        row.getString("peer"),
                        row.getObject("subscription", UUID.class),
                        row.getString("object"),
                        row.getString("title"),
                        row.getObject("source_id", UUID.class),
                        row.getString("source_name"),
                        row.getString("lake_name"),
                        row.getString("department_id"),
                        row.getString("state").equals("ENDED"),
                        row.getString("position"),
                        row.getString("acknowledged"),
                        row.getLong("unacknowledged"),
                        row.getLong("batches"),
                        row.getLong("events"),
                        row.getBoolean("whole"),
                        row.getBoolean("asked_whole"),
                        (Long) row.getObject("handing_over"),
                        row.getInt("attempts"),
                        instant(row, "stated_at")))
                .optional()
                .orElseThrow(() -> new Problem(CoreProblem.NOT_FOUND, "what", id.toString()));
    }

    private static Mirror mirror(ResultSet row) throws SQLException {
        String code = row.getString("halt_code");
        String halted = row.getString("halt_state");
        Mirror.State state = row.getString("state").equals("ENDED")
                ? Mirror.State.ENDED
                : halted != null
                        ? Mirror.State.valueOf(halted)
                        : row.getString("position") == null || row.getBoolean("whole") && row.getLong("batches") > 0
                                ? Mirror.State.BEGINNING
                                : Mirror.State.FOLLOWING;
        return new Mirror(
                row.getObject("id", UUID.class),
                row.getString("peer"),
                row.getObject("subscription", UUID.class),
                row.getObject("remote_grant", UUID.class),
                row.getString("object"),
                row.getString("title"),
                row.getObject("source_id", UUID.class),
                new TableName("raw_" + row.getString("source_name"), row.getString("lake_name")),
                row.getString("department_id"),
                state,
                row.getString("created_by"),
                row.getTimestamp("created_at").toInstant(),
                row.getLong("events"),
                row.getLong("waiting"),
                instant(row, "caught_up_at"),
                instant(row, "heard_at"),
                code == null
                        ? null
                        : new Subscription.Halt(
                                code,
                                row.getString("halt_zh"),
                                row.getString("halt_en"),
                                row.getTimestamp("halted_at").toInstant()),
                state == Mirror.State.ENDED ? null : instant(row, "next_at"));
    }

    private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
        Timestamp at = row.getTimestamp(column);
        return at == null ? null : at.toInstant();
    }

    private Timestamp now() {
        return Timestamp.from(clock.instant());
    }
}

package org.qiantang.exchange;

import static java.util.Objects.requireNonNull;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.qiantang.catalog.CatalogProblem;
import org.qiantang.core.CoreProblem;
import org.qiantang.core.Problem;
import org.qiantang.exchange.Feed.Stored;
import org.qiantang.lake.TableName;
import org.qiantang.org.Account;
import org.qiantang.org.Department;
import org.qiantang.org.Role;
import org.qiantang.share.Grants;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;

/**
 * Who is told of the changes of which granted table. Officers of the department that the grant belongs to make and run them; whoever may see
 * the grant sees them. That a grant is in force is asked each time something goes out, so that its end, its suspension and a used up quota
 * hold at once, and its return too.
 */
@Service
public final class Subscriptions {
    /** Begins with the whole. */
    public static final String EARLIEST = "earliest";

    /** Begins with what comes from now on. */
    public static final String LATEST = "latest";

    public static final int LARGEST_BATCH = 1_000;

    private static final int MOST_OF_A_GRANT = 20;

    private static final String SUBSCRIPTION = """
            select s.*, (select count(*) from exchange_letters l where l.subscription_id = s.id and l.state = 'WAITING') letters
            from exchange_subscriptions s
            """;

    private final JdbcClient jdbc;
    private final Feed feed;
    private final Grants grants;
    private final Receivers receivers;
    private final Webhooks webhooks;
    private final Clock clock;

    Subscriptions(JdbcClient jdbc, Feed feed, Grants grants, Receivers receivers, Webhooks webhooks, Clock clock) {
        this.jdbc = jdbc;
        this.feed = feed;
        this.grants = grants;
        this.receivers = receivers;
        this.webhooks = webhooks;
        this.clock = clock;
    }

    /**
     * What somebody wants to be told of.
     *
     * @param url where a webhook goes
     * @param from {@value #EARLIEST} or {@value #LATEST}
     */
    public record Wanted(
            UUID grant,
            TableName table,
            String title,
            Delivery delivery,
            @Nullable String url,
            String from) {}

    /** @param secret with which a webhook's calls are signed; shown this once */
    public record NewSubscription(
            Subscription subscription, @Nullable String secret) {}

    /**
     * What was sent and received on a day.
     *
     * @param offered changes that came to be told of
     * @param delivered that went out at least once
     * @param acknowledged that were taken in
     * @param withdrawn that were offered and will not come, for it was begun anew
     * @param dead that the receiver did not take
     * @param position up to which everything was acknowledged
     */
    public record LedgerDay(
            LocalDate day,
            long offered,
            long delivered,
            long acknowledged,
            long withdrawn,
            long dead,
            String position) {}

    /**
     * Events that a receiver did not take (死信).
     *
     * @param first the number of the first of them in their step, from 1
     */
    public record DeadLetter(
            UUID id,
            long step,
            long first,
            long events,
            Instant at,
            int attempts,
            String failure,
            LetterState state,
            @Nullable String settledBy,
            @Nullable Instant settledAt,
            @Nullable String note) {}

    /** What became of them. */
    public enum LetterState {
        WAITING,
        REDELIVERED,
        DISCARDED,
    }

    /** Those of a grant, the newest first; of every grant of one's department when none is named. */
    public List<Subscription> list(Account who, @Nullable UUID grant) {
        if (grant != null) {
            grants.get(who, grant);
            return jdbc.sql(SUBSCRIPTION + " where s.grant_id = ? order by s.created_at desc, s.id")
                    .param(grant)
                    .query((row, n) -> subscription(row))
                    .list();
        }
        Department own = who.department();
        return jdbc.sql(SUBSCRIPTION
                        + " where :all or s.department_id = :own order by s.created_at desc, s.id limit 500")
                .param("all", who.has(Role.ENGINEER) || who.has(Role.AUDITOR))
                .param("own", own == null ? "" : own.id())
                .query((row, n) -> subscription(row))
                .list();
    }

    public Subscription get(Account who, UUID id) {
        Stored stored = feed.get(id);
        requireMaySee(who, stored);
        return jdbc.sql(SUBSCRIPTION + " where s.id = ?")
                .param(id)
                .query((row, n) -> subscription(row))
                .single();
    }

    private void requireMaySee(Account who, Stored stored) {
        try {
            grants.get(who, stored.grant());
        } catch (Problem notTheirs) {
            throw new Problem(CoreProblem.NOT_FOUND, "what", stored.id().toString());
        }
    }

    private Subscription subscription(ResultSet row) throws SQLException {
        Stored stored = Feed.stored(row);
        String code = row.getString("halt_code");
        Timestamp delivered = row.getTimestamp("delivered_at");
        return new Subscription(
                stored.id(),
                stored.grant(),
                stored.department(),
                stored.table(),
                requireNonNull(row.getString("title")),
                stored.delivery(),
                stored.url(),
                stored.state(),
                stored.owner(),
                row.getTimestamp("created_at").toInstant(),
                code == null
                        ? null
                        : new Subscription.Halt(
                                code,
                                requireNonNull(row.getString("halt_zh")),
                                requireNonNull(row.getString("halt_en")),
                                row.getTimestamp("halted_at").toInstant()),
                feed.token(stored, stored.acked()),
                feed.token(stored, stored.sent()),
                feed.between(stored.id(), stored.acked(), stored.end()),
                delivered == null ? null : delivered.toInstant(),
                stored.attempts(),
                stored.delivery() == Delivery.WEBHOOK
                        ? row.getTimestamp("next_at").toInstant()
                        : null,
                row.getString("failure"),
                row.getInt("letters"));
    }

    /** Refuses where the grant is not in force or is not of this table. */
    public NewSubscription create(Account who, Wanted wanted) {
        Department own = who.department();
        var grant = grants.inForce(wanted.grant, who).orElseThrow(() -> new Problem(CatalogProblem.NO_SUCH_GRANT));
        if (grant.tables().stream().noneMatch(table -> table.table().equals(wanted.table))) {
            throw new Problem(CatalogProblem.NOT_GRANTED, "table", wanted.table.toString());
        }
        requireStart(wanted.from);
        String url = null;
        String secret = null;
        if (wanted.delivery == Delivery.WEBHOOK) {
            url = receivers.check(wanted.url == null ? "" : wanted.url).toString();
            secret = Webhooks.newSecret();
        }
        long have = jdbc.sql("select count(*) from exchange_subscriptions where grant_id = ? and state <> 'ENDED'")
                .param(wanted.grant)
                .query(Long.class)
                .single();
        if (have >= MOST_OF_A_GRANT) {
            throw new Problem(ExchangeProblem.TOO_MANY, "most", Integer.toString(MOST_OF_A_GRANT));
        }
        UUID id = UUID.randomUUID();
        Instant now = clock.instant();
        jdbc.sql("""
                        insert into exchange_subscriptions (id, grant_id, department_id, namespace, table_name, title, delivery, url, state,
                            created_by, created_at, secret, next_at)
                        values (:id, :grant, :department, :namespace, :table, :title, :delivery, :url, :state, :who, :now, :secret, :now)""")
                .param("id", id)
                .param("grant", wanted.grant)
                .param("department", requireNonNull(own, "whose grant it is").id())
                .param("namespace", wanted.table.namespace())
                .param("table", wanted.table.name())
                .param("title", wanted.title.strip())
                .param("delivery", wanted.delivery.name())
                .param("url", url)
                // It begins once it is known with what.
                .param("state", Subscription.State.PAUSED.name())
                .param("who", who.username())
                .param("now", Timestamp.from(now))
                .param("secret", secret == null ? null : webhooks.sealed(id, secret), java.sql.Types.BINARY)
                .update();
        if (wanted.from.equals(LATEST)) {
            feed.restartLatest(id, who);
        }
        state(id, Subscription.State.ACTIVE);
        return new NewSubscription(get(who, id), secret);
    }

    private static void requireStart(String from) {
        if (!from.equals(EARLIEST) && !from.equals(LATEST)) {
            throw new Problem(ExchangeProblem.NOT_A_POSITION);
        }
    }

    /** One that this person's department runs, and that has not ended. */
    private Stored own(Account who, UUID id) {
        Stored stored = feed.get(id);
        Department own = who.department();
        if (own == null || !own.id().equals(stored.department())) {
            throw new Problem(CoreProblem.NOT_FOUND, "what", id.toString());
        }
        if (stored.state() == Subscription.State.ENDED) {
            throw new Problem(ExchangeProblem.ENDED);
        }
        return stored;
    }

    private void state(UUID id, Subscription.State state) {
        jdbc.sql("update exchange_subscriptions set state = ? where id = ?")
                .params(state.name(), id)
                .update();
    }

    /**
     * Begins anew: from {@value #EARLIEST}, from {@value #LATEST} or from a position that is still known. What was not acknowledged and is
     * not told again counts as withdrawn.
     */
    public Subscription restart(Account who, UUID id, String from) {
        Stored stored = own(who, id);
        switch (from) {
            case EARLIEST -> feed.restart(id);
            case LATEST -> feed.restartLatest(id, who);
            default -> feed.seek(id, feed.position(stored, from));
        }
        return get(who, id);
    }

    /** Goes on after a receiver said that it wants no more, or at once instead of later; on behalf of whoever says so. */
    public Subscription resume(Account who, UUID id) {
        own(who, id);
        jdbc.sql("""
                        update exchange_subscriptions set state = 'ACTIVE', created_by = ?, attempts = 0, failure = null, next_at = ?,
                            halt_code = null, halt_zh = null, halt_en = null, halted_at = null
                        where id = ?""")
                .params(who.username(), Timestamp.from(clock.instant()), id)
                .update();
        return get(who, id);
    }

    /** Nothing goes out from now on, for good. */
    public Subscription end(Account who, UUID id) {
        own(who, id);
        state(id, Subscription.State.ENDED);
        return get(who, id);
    }

    /** The next secret; calls are signed with it and, for a day, with the one before too. */
    public NewSubscription rotate(Account who, UUID id) {
        requireWebhook(own(who, id));
        return new NewSubscription(get(who, id), webhooks.rotate(id));
    }

    /** Calls go there from now on, once whoever is there has shown that they are the receiver. */
    public Subscription move(Account who, UUID id, String url) {
        Stored stored = own(who, id);
        requireWebhook(stored);
        webhooks.move(stored, url);
        return get(who, id);
    }

    private static void requireWebhook(Stored stored) {
        if (stored.delivery() != Delivery.WEBHOOK) {
            throw new Problem(
                    ExchangeProblem.OTHER_DELIVERY,
                    "delivery",
                    stored.delivery().name());
        }
    }

    /**
     * What comes after a position; what is not acknowledged when none is given.
     *
     * @param after a position, or null
     */
    public EventBatch events(Account who, UUID id, @Nullable String after, int limit) {
        return read(who, id, after, limit).batch();
    }

    /** The same, and of which step they are. */
    Feed.Read read(Account who, UUID id, @Nullable String after, int limit) {
        Stored stored = own(who, id);
        if (stored.delivery() == Delivery.WEBHOOK) {
            throw new Problem(
                    ExchangeProblem.OTHER_DELIVERY,
                    "delivery",
                    stored.delivery().name());
        }
        Position from = after == null ? stored.acked() : feed.position(stored, after);
        Feed.Read read;
        try {
            read = feed.read(stored, who, from, limit);
        } catch (Problem refused) {
            webhooks.halt(id, refused);
            throw refused;
        }
        webhooks.goesOn(id);
        if (!read.events().isEmpty()) {
            feed.reached(id, read.to(), Feed.Outcome.DELIVERED);
        }
        return read;
    }

    /** Everything before a position was taken in. */
    public Subscription acknowledge(Account who, UUID id, String position) {
        Stored stored = own(who, id);
        Position to = feed.position(stored, position);
        if (to.compareTo(stored.acked()) < 0 || to.compareTo(stored.sent()) > 0) {
            throw new Problem(ExchangeProblem.NOT_DELIVERED);
        }
        feed.reached(id, to, Feed.Outcome.ACKNOWLEDGED);
        return get(who, id);
    }

    /** The newest first. */
    public List<LedgerDay> ledger(Account who, UUID id) {
        Stored stored = feed.get(id);
        requireMaySee(who, stored);
        return jdbc.sql("select * from exchange_days where subscription_id = ? order by day desc limit 400")
                .param(id)
                .query((row, n) -> new LedgerDay(
                        row.getObject("day", LocalDate.class),
                        row.getLong("offered"),
                        row.getLong("delivered"),
                        row.getLong("acknowledged"),
                        row.getLong("withdrawn"),
                        row.getLong("dead"),
                        feed.token(stored, new Position(row.getLong("position_step"), row.getLong("position_offset")))))
                .list();
    }

    /** Those that wait first, then the newest. */
    public List<DeadLetter> letters(Account who, UUID id) {
        requireMaySee(who, feed.get(id));
        return jdbc.sql("""
                        select * from exchange_letters where subscription_id = ?
                        order by state <> 'WAITING', at desc, id limit 500""").param(id).query((row, n) -> letter(row)).list();
    }

    private static DeadLetter letter(ResultSet row) throws SQLException {
        Timestamp settled = row.getTimestamp("settled_at");
        long from = row.getLong("from_offset");
        return new DeadLetter(
                row.getObject("id", UUID.class),
                row.getLong("step"),
                from + 1,
                row.getLong("to_offset") - from,
                row.getTimestamp("at").toInstant(),
                row.getInt("attempts"),
                requireNonNull(row.getString("failure")),
                LetterState.valueOf(row.getString("state")),
                row.getString("settled_by"),
                settled == null ? null : settled.toInstant(),
                row.getString("note"));
    }

    private DeadLetter waiting(UUID subscription, UUID id) {
        Optional<DeadLetter> found = jdbc.sql("select * from exchange_letters where id = ? and subscription_id = ?")
                .params(id, subscription)
                .query((row, n) -> letter(row))
                .optional();
        DeadLetter letter = found.orElseThrow(() -> new Problem(CoreProblem.NOT_FOUND, "what", id.toString()));
        if (letter.state != LetterState.WAITING) {
            throw new Problem(ExchangeProblem.LETTER_SETTLED);
        }
        return letter;
    }

    /** Sends them again, now; they stay when they are not taken again. */
    public List<DeadLetter> redeliver(Account who, UUID id, UUID letter) {
        Stored stored = own(who, id);
        requireWebhook(stored);
        DeadLetter waiting = waiting(id, letter);
        Position from = new Position(waiting.step, waiting.first - 1);
        String failure = webhooks.again(stored, who, from, waiting.first - 1 + waiting.events);
        if (failure != null) {
            jdbc.sql("update exchange_letters set attempts = attempts + 1, failure = ? where id = ?")
                    .params(failure, letter)
                    .update();
            throw new Problem(ExchangeProblem.NOT_TAKEN, "failure", failure);
        }
        if (settle(who, letter, LetterState.REDELIVERED, null)) {
            feed.revived(id, waiting.events);
        }
        return letters(who, id);
    }

    /** Gives them up for good, and says why. */
    public List<DeadLetter> discard(Account who, UUID id, UUID letter, @Nullable String note) {
        own(who, id);
        waiting(id, letter);
        if (note == null || note.isBlank()) {
            throw new Problem(ExchangeProblem.NOTE_MISSING);
        }
        settle(who, letter, LetterState.DISCARDED, note.strip());
        return letters(who, id);
    }

    private boolean settle(Account who, UUID letter, LetterState state, @Nullable String note) {
        return jdbc.sql("""
                        update exchange_letters set state = :state, settled_by = :who, settled_at = :at, note = :note
                        where id = :id and state = 'WAITING'""")
                        .param("state", state.name())
                        .param("who", who.username())
                        .param("at", Timestamp.from(clock.instant()))
                        .param("note", note)
                        .param("id", letter)
                        .update()
                == 1;
    }
}

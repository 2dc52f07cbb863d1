package org.qiantang.exchange;

import static java.util.Objects.requireNonNull;

import java.sql.Date;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.qiantang.catalog.CatalogProblem;
import org.qiantang.catalog.FeedReader;
import org.qiantang.core.CityCalendar;
import org.qiantang.core.CoreProblem;
import org.qiantang.core.Problem;
import org.qiantang.core.Sealing;
import org.qiantang.lake.RowSink;
import org.qiantang.lake.TableName;
import org.qiantang.org.Account;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The steps of subscriptions. A step goes from one state of a table to another, is made when somebody asks for more than there is, and is
 * the same for ever after; a state in which nothing has changed for the reader makes none. So the same position is always followed by the
 * same events, and how often the table was written says nothing.
 */
@Service
final class Feed {
    /** So many steps may wait to be acknowledged; each keeps a state of the table. */
    static final int MOST_OPEN = 100;

    /** So many can be read again after they were acknowledged. */
    static final int REPLAYABLE = 20;

    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final FeedReader reader;
    private final Sealing sealing;
    private final CityCalendar calendar;
    private final Clock clock;

    Feed(
            JdbcClient jdbc,
            TransactionTemplate transaction,
            FeedReader reader,
            Sealing sealing,
            CityCalendar calendar,
            Clock clock) {
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.reader = reader;
        this.sealing = sealing;
        this.calendar = calendar;
        this.clock = clock;
    }

    /** A subscription as far as its changes go. */
    record Stored(
            UUID id,
            UUID grant,
            String department,
            TableName table,
            Delivery delivery,
            @Nullable String url,
            Subscription.State state,
            String owner,
            @Nullable Long baseSnapshot,
            @Nullable String baseShape,
            long steps,
            Position acked,
            Position sent,
            int attempts) {
        /** Behind everything that there is. */
        Position end() {
            return new Position(steps + 1, 0);
        }
    }

    private record Step(
            long n,
            @Nullable Long from,
            long to,
            int schema,
            String terms,
            List<String> key,
            long changes,
            Instant at) {
        boolean isWhole() {
            return from == null;
        }

        FeedReader.Step of(Stored stored) {
            return new FeedReader.Step(stored.grant, stored.table, terms, key, from, to, schema);
        }
    }

    Stored get(UUID id) {
        return find(id, "").orElseThrow(() -> new Problem(CoreProblem.NOT_FOUND, "what", id.toString()));
    }

    private Stored locked(UUID id) {
        return find(id, " for update").orElseThrow(() -> new Problem(CoreProblem.NOT_FOUND, "what", id.toString()));
    }

    private Optional<Stored> find(UUID id, String lock) {
        return jdbc.sql("select * from exchange_subscriptions where id = ?" + lock)
                .param(id)
                .query((row, n) -> stored(row))
                .optional();
    }

    static Stored stored(ResultSet row) throws SQLException {
        long base = row.getLong("base_snapshot");
        boolean whole = row.wasNull();
        return new Stored(
                row.getObject("id", UUID.class),
                row.getObject("grant_id", UUID.class),
                row.getString("department_id"),
                new TableName(row.getString("namespace"), row.getString("table_name")),
                Delivery.valueOf(row.getString("delivery")),
                row.getString("url"),
                Subscription.State.valueOf(row.getString("state")),
                row.getString("created_by"),
                whole ? null : base,
                row.getString("base_shape"),
                row.getLong("steps"),
                new Position(row.getLong("acked_step"), row.getLong("acked_offset")),
                new Position(row.getLong("sent_step"), row.getLong("sent_offset")),
                row.getInt("attempts"));
    }

    private Optional<Step> step(UUID id, String which, long n) {
        return jdbc.sql("select * from exchange_steps where subscription_id = ? and " + which + " order by n limit 1")
                .params(id, n)
                .query((row, i) -> {
                    long from = row.getLong("from_snapshot");
                    boolean whole = row.wasNull();
                    return new Step(
                            row.getLong("n"),
                            whole ? null : from,
                            row.getLong("to_snapshot"),
                            row.getInt("schema_id"),
                            requireNonNull(row.getString("terms")),
                            List.of((String[]) row.getArray("key_columns").getArray()),
                            row.getLong("changes"),
                            row.getTimestamp("at").toInstant());
                })
                .optional();
    }

    String token(Stored stored, Position position) {
        return position.token(sealing, stored.id);
    }

    Position position(Stored stored, String token) {
        return Position.of(token, sealing, stored.id).orElseThrow(() -> new Problem(ExchangeProblem.NOT_A_POSITION));
    }

    /**
     * Some events, and where they stand.
     *
     * @param columns of their rows
     * @param step null when there are none
     */
    record Read(
            List<ChangeEvent> events,
            Position from,
            Position to,
            EventBatch batch,
            List<RowSink.ResultColumn> columns,
            @Nullable Told step) {
        /** Whether a step ends behind them. */
        boolean endsStep() {
            return to.offset() == 0;
        }
    }

    /** The step that events are of. */
    record Told(long n, boolean whole, long rows, List<String> key, Instant at) {}

    /** What comes after a position, of one step at the most; nothing when there is nothing. */
    Read read(Stored begun, Account who, Position after, int limit) {
        Stored stored = begun;
        while (true) {
            Optional<Place> place = place(stored, after);
            if (place.isPresent()) {
                try {
                    return read(stored, who, place.get(), limit);
                } catch (Problem refused) {
                    if (refused.code() != CatalogProblem.OTHER_TERMS) {
                        throw refused;
                    }
                    forget(stored.id);
                }
            } else if (!make(stored, who)) {
                EventBatch none = new EventBatch(List.of(), token(stored, after), false, null);
                return new Read(List.of(), after, after, none, List.of(), null);
            }
            stored = get(stored.id);
        }
    }

    private record Place(Step step, long offset) {}

    /** Where the changes behind a position are; nothing when there are none yet. */
    private Optional<Place> place(Stored stored, Position after) {
        Optional<Step> same = step(stored.id, "n = ?", after.step());
        if (same.isPresent() && after.offset() < same.get().changes) {
            return Optional.of(new Place(same.get(), after.offset()));
        }
        if (same.isEmpty() && !after.equals(stored.end())) {
            // The whole can be gone on with from anywhere.
            Optional<Step> whole = step(stored.id, "from_snapshot is null and n >= ?", after.step());
            if (whole.isEmpty() && stored.baseSnapshot != null) {
                throw new Problem(ExchangeProblem.TOO_OLD);
            }
            return whole.map(step -> new Place(step, 0));
        }
        if (same.isPresent()) {
            return place(stored, new Position(after.step() + 1, 0));
        }
        return Optional.empty();
    }

    private Read read(Stored stored, Account who, Place place, int limit) {
        Step step = place.step;
        List<ChangeEvent> events = new ArrayList<>();
        boolean tellsReset = step.isWhole() && place.offset == 0;
        long left = step.isWhole() ? Math.max(0, place.offset - 1) : place.offset;
        Handing handing = new Handing(place.offset + (tellsReset ? 1 : 0));
        FeedReader.Handed handed;
        try {
            handed = reader.read(who, step.of(stored), left, tellsReset ? limit - 1 : limit, handing);
        } catch (Problem refused) {
            throw tooOld(refused);
        }
        if (tellsReset) {
            Map<String, @Nullable Object> data = new LinkedHashMap<>();
            data.put("key", step.key);
            data.put("rows", step.changes - 1);
            events.add(event(stored, step, 1, ChangeEvent.RESET, null, data));
        }
        handing.changes.forEach((n, change) -> {
            Map<String, @Nullable Object> data = new LinkedHashMap<>();
            for (int i = 0; i < handing.columns.size(); i++) {
                data.put(handing.columns.get(i).name(), change.values().get(i));
            }
            String type = ChangeEvent.TYPE + change.operation().name().toLowerCase(java.util.Locale.ROOT);
            events.add(event(stored, step, n, type, change.contested() ? Boolean.TRUE : null, data));
        });
        List<ChangeEvent> under =
                events.stream().map(event -> event.under(handed.number())).toList();
        Position from = new Position(step.n, place.offset);
        Position to = behind(step, place.offset + under.size());
        boolean more = to.step() == step.n || to.step() <= stored.steps;
        Told told = new Told(step.n, step.isWhole(), step.isWhole() ? step.changes - 1 : 0, step.key, step.at);
        EventBatch batch = new EventBatch(under, token(stored, to), more, handed.evidence());
        return new Read(under, from, to, batch, handing.columns, told);
    }

    /** Where a step ends the next begins. */
    private static Position behind(Step step, long offset) {
        return offset >= step.changes ? new Position(step.n + 1, 0) : new Position(step.n, offset);
    }

    private ChangeEvent event(
            Stored stored,
            Step step,
            long n,
            String type,
            @Nullable Boolean contested,
            Map<String, @Nullable Object> data) {
        return new ChangeEvent(
                "1.0",
                step.n + "-" + n,
                "/api/exchange/subscriptions/" + stored.id,
                type,
                stored.table.toString(),
                step.at,
                "application/json",
                token(stored, behind(step, n)),
                "",
                contested,
                data);
    }

    private static Problem tooOld(Problem refused) {
        return refused.code() == CatalogProblem.NO_SUCH_SNAPSHOT ? new Problem(ExchangeProblem.TOO_OLD) : refused;
    }

    private static final class Handing implements FeedReader.Sink {
        private final Map<Long, FeedReader.Change> changes = new LinkedHashMap<>();
        private List<RowSink.ResultColumn> columns = List.of();
        private long n;

        /** @param n of the change before the first */
        Handing(long n) {
            this.n = n;
        }

        @Override
        public void columns(List<RowSink.ResultColumn> header) {
            columns = List.copyOf(header);
        }

        @Override
        public void change(FeedReader.Change change) {
            changes.put(++n, change);
        }
    }

    /** Makes the next step; false when the table is where the last one ended. */
    private boolean make(Stored stored, Account who) {
        FeedReader.State now;
        try {
            now = reader.state(who, stored.grant, stored.table);
        } catch (Problem refused) {
            if (refused.code() == CatalogProblem.NO_SUCH_SNAPSHOT) {
                return false; // nothing has ever landed
            }
            throw refused;
        }
        Long base = now.shape().equals(stored.baseShape) ? stored.baseSnapshot : null;
        if (base != null && base == now.snapshot()) {
            return false;
        }
        if (stored.steps - stored.acked.step() + 1 >= MOST_OPEN) {
            throw new Problem(ExchangeProblem.ACKNOWLEDGE_FIRST, "most", Integer.toString(MOST_OPEN));
        }
        reader.keep(stored.table, now.snapshot());
        Instant at = clock.instant();
        Step next = new Step(stored.steps + 1, base, now.snapshot(), now.schema(), now.terms(), now.key(), 0, at);
        long rows;
        try {
            rows = reader.count(who, next.of(stored));
        } catch (Problem refused) {
            if (refused.code() == CatalogProblem.OTHER_TERMS) {
                return true; // look again
            }
            throw tooOld(refused);
        }
        long changes = base == null ? rows + 1 : rows;
        transaction.executeWithoutResult(status -> {
            int taken = jdbc.sql("""
                            update exchange_subscriptions set base_snapshot = :to, base_shape = :shape, steps = steps + :one
                            where id = :id and steps = :steps and base_snapshot is not distinct from :base
                                and base_shape is not distinct from :was""")
                    .param("to", now.snapshot())
                    .param("shape", now.shape())
                    .param("one", changes > 0 ? 1 : 0)
                    .param("id", stored.id)
                    .param("steps", stored.steps)
                    .param("base", stored.baseSnapshot, java.sql.Types.BIGINT)
                    .param("was", stored.baseShape, java.sql.Types.VARCHAR)
                    .update();
            if (taken == 0 || changes == 0) {
                return; // somebody else was first, or there is nothing to tell
            }
            jdbc.sql("""
                            insert into exchange_steps (subscription_id, n, from_snapshot, to_snapshot, schema_id, terms, key_columns, changes, at)
                            values (:id, :n, :from, :to, :schema, :terms, :key, :changes, :at)""")
                    .param("id", stored.id)
                    .param("n", next.n)
                    .param("from", next.from, java.sql.Types.BIGINT)
                    .param("to", next.to)
                    .param("schema", next.schema)
                    .param("terms", next.terms)
                    .param("key", next.key.toArray(String[]::new))
                    .param("changes", changes)
                    .param("at", Timestamp.from(at))
                    .update();
            count(stored.id, "offered", changes);
        });
        return true;
    }

    /** The terms have changed: what was not acknowledged is withdrawn, and the next step is the whole. */
    private void forget(UUID id) {
        transaction.executeWithoutResult(status -> begin(locked(id), null, null));
    }

    /**
     * Begins anew: with the whole, or with what comes after a state. Inside a transaction that has it locked.
     *
     * @param snapshot null for the whole
     */
    void begin(Stored stored, @Nullable Long snapshot, @Nullable String shape) {
        long open = between(stored.id, stored.acked, stored.end());
        jdbc.sql("delete from exchange_steps where subscription_id = ?")
                .param(stored.id)
                .update();
        jdbc.sql("""
                        update exchange_subscriptions set base_snapshot = :base, base_shape = :shape, attempts = 0, next_at = :now,
                            acked_step = steps + 1, acked_offset = 0, sent_step = steps + 1, sent_offset = 0
                        where id = :id""")
                .param("base", snapshot, java.sql.Types.BIGINT)
                .param("shape", shape, java.sql.Types.VARCHAR)
                .param("now", Timestamp.from(clock.instant()))
                .param("id", stored.id)
                .update();
        if (open > 0) {
            count(stored.id, "withdrawn", open);
        }
    }

    /** Begins anew from the whole. */
    void restart(UUID id) {
        forget(id);
    }

    /** Begins anew with what comes from now on. */
    void restartLatest(UUID id, Account who) {
        Stored stored = get(id);
        FeedReader.State now = reader.state(who, stored.grant, stored.table);
        reader.keep(stored.table, now.snapshot());
        transaction.executeWithoutResult(status -> begin(locked(id), now.snapshot(), now.shape()));
    }

    /** Goes back, so that what was acknowledged is offered again, or on, so that what was not is withdrawn. */
    void seek(UUID id, Position to) {
        transaction.executeWithoutResult(status -> {
            Stored stored = locked(id);
            place(stored, to);
            boolean back = to.compareTo(stored.acked) < 0;
            long events = back ? between(id, to, stored.acked) : between(id, stored.acked, to);
            if (events > 0) {
                count(id, back ? "offered" : "withdrawn", events);
            }
            jdbc.sql("""
                            update exchange_subscriptions set acked_step = :step, acked_offset = :offset, sent_step = :step,
                                sent_offset = :offset, attempts = 0, next_at = :now
                            where id = :id""")
                    .param("step", to.step())
                    .param("offset", to.offset())
                    .param("now", Timestamp.from(clock.instant()))
                    .param("id", id)
                    .update();
        });
    }

    /** How a batch ended. */
    enum Outcome {
        DELIVERED("delivered"),
        ACKNOWLEDGED("acknowledged"),
        DEAD("dead");

        private final String column;

        Outcome(String column) {
            this.column = column;
        }
    }

    /** Everything before a position was delivered, or acknowledged, or given up; what was before is not counted twice. */
    void reached(UUID id, Position to, Outcome outcome) {
        transaction.executeWithoutResult(status -> {
            Stored stored = locked(id);
            if (to.compareTo(stored.sent) > 0) {
                count(id, "delivered", between(id, stored.sent, to));
                jdbc.sql(
                                "update exchange_subscriptions set sent_step = ?, sent_offset = ?, delivered_at = ? where id = ?")
                        .params(to.step(), to.offset(), Timestamp.from(clock.instant()), id)
                        .update();
            }
            if (outcome != Outcome.DELIVERED && to.compareTo(stored.acked) > 0) {
                count(id, outcome.column, between(id, stored.acked, to));
                jdbc.sql("update exchange_subscriptions set acked_step = ?, acked_offset = ? where id = ?")
                        .params(to.step(), to.offset(), id)
                        .update();
                jdbc.sql(
                                "update exchange_days set position_step = ?, position_offset = ? where subscription_id = ? and day = ?")
                        .params(to.step(), to.offset(), id, today())
                        .update();
            }
        });
    }

    /** How many changes are between two positions, of those that are still there. */
    long between(UUID id, Position from, Position to) {
        return jdbc.sql("""
                        select coalesce(sum(
                            case when n = :toStep then :toOffset else changes end - case when n = :fromStep then :fromOffset else 0 end), 0)
                        from exchange_steps where subscription_id = :id and n >= :fromStep and n <= :toStep""")
                .param("id", id)
                .param("fromStep", from.step())
                .param("fromOffset", from.offset())
                .param("toStep", to.step())
                .param("toOffset", to.offset())
                .query(Long.class)
                .single();
    }

    /** What was given up has been taken after all. */
    void revived(UUID id, long events) {
        transaction.executeWithoutResult(status -> {
            count(id, "acknowledged", events);
            count(id, "dead", -events);
        });
    }

    private void count(UUID id, String column, long events) {
        jdbc.sql("insert into exchange_days as d (subscription_id, day, " + column + ") values (:id, :day, :events)"
                        + " on conflict (subscription_id, day) do update set " + column + " = d." + column
                        + " + :events")
                .param("id", id)
                .param("day", today())
                .param("events", events)
                .update();
    }

    private Date today() {
        return Date.valueOf(LocalDate.ofInstant(clock.instant(), calendar.zone()));
    }

    /** Lets go what nobody will read again: old steps, and with them the states of their tables. */
    void release() {
        for (TableName table : jdbc.sql("select distinct namespace, table_name from exchange_subscriptions")
                .query((row, n) -> new TableName(row.getString(1), row.getString(2)))
                .list()) {
            // Looked at before what is needed: what is kept meanwhile stays.
            java.util.Set<Long> kept = new java.util.HashSet<>(reader.kept(table));
            jdbc.sql("""
                            delete from exchange_steps s using exchange_subscriptions b
                            where b.id = s.subscription_id and b.namespace = :namespace and b.table_name = :table
                                and (b.state = 'ENDED' or s.n < b.acked_step - :replayable)
                                and not exists (select 1 from exchange_letters l
                                    where l.subscription_id = s.subscription_id and l.step = s.n and l.state = 'WAITING')""")
                    .param("namespace", table.namespace())
                    .param("table", table.name())
                    .param("replayable", REPLAYABLE)
                    .update();
            jdbc.sql("""
                            select base_snapshot from exchange_subscriptions
                            where namespace = :namespace and table_name = :table and state <> 'ENDED' and base_snapshot is not null
                            union select unnest(array[s.from_snapshot, s.to_snapshot]) from exchange_steps s
                            join exchange_subscriptions b on b.id = s.subscription_id
                            where b.namespace = :namespace and b.table_name = :table""")
                    .param("namespace", table.namespace())
                    .param("table", table.name())
                    .query(row -> {
                        kept.remove(row.getLong(1));
                    });
            if (!kept.isEmpty()) {
                reader.release(table, kept);
            }
        }
    }

    /** The events of a range again, whatever was acknowledged since. */
    Read again(Stored stored, Account who, Position from, long toOffset) {
        Step step = step(stored.id, "n = ?", from.step()).orElseThrow(() -> new Problem(ExchangeProblem.TOO_OLD));
        return read(stored, who, new Place(step, from.offset()), (int) (toOffset - from.offset()));
    }
}

package org.qiantang.collect;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** The durable side of runs: their states, attempts and objects in PostgreSQL. Transactions are the caller's. */
@Component
final class RunStore {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String OPEN = "('QUEUED', 'RUNNING', 'CANCELLING')";

    private static final String SUMMARY = """
            select r.*, s.name source_name, s.title source_title, s.department_id, o.*
            from collect_runs r
            join collect_sources s on s.id = r.source_id
            cross join lateral (
                select count(*) filter (where lake_name is not null) found,
                    count(*) filter (where lake_name is not null and state not in ('WAITING', 'READING', 'VERIFYING')) finished,
                    count(*) filter (where state in ('INCOMPLETE', 'UNREADABLE', 'FAILED', 'CANCELLED')) failed,
                    coalesce(sum(rows_landed), 0) rows,
                    coalesce(sum(rows_rejected + values_rejected), 0) rejected,
                    coalesce(sum(bytes), 0) bytes,
                    sum(case when state = 'WAITING' then estimated_rows else rows_landed end)
                        filter (where lake_name is not null) estimated
                from collect_objects where run_id = r.id) o
            """;

    private final JdbcClient jdbc;
    private final Clock clock;

    RunStore(JdbcClient jdbc, Clock clock) {
        this.jdbc = jdbc;
        this.clock = clock;
    }

    /** @throws org.springframework.dao.DuplicateKeyException when the source has an open run */
    void queue(UUID run, UUID source, String by, @Nullable Set<String> only, int priority, boolean inFull) {
        jdbc.sql("""
                        insert into collect_runs (id, source_id, state, queued_at, queued_by, only_tables, priority, in_full)
                        values (:run, :source, 'QUEUED', :now, :by, :only, :priority, :inFull)""")
                .param("run", run)
                .param("source", source)
                .param("now", now())
                .param("by", by)
                .param("only", only == null ? null : only.toArray(String[]::new))
                .param("priority", priority)
                .param("inFull", inFull)
                .update();
    }

    /**
     * Takes over, into a run of some tables only, how the others ended in the run before; each keeps the position it was read at. Does
     * nothing for a run of everything.
     */
    void carryOver(UUID run) {
        jdbc.sql("""
                        insert into collect_objects (run_id, ordinal, kind, schema_name, name, lake_name, estimated_rows, details, state,
                            reason_code, reason, rows_at_source, rows_landed, rows_rejected, values_rejected, bytes, snapshot_id,
                            position, started_at, finished_at, columns)
                        select r.id, -1, o.kind, o.schema_name, o.name, o.lake_name, o.estimated_rows, o.details, o.state,
                            o.reason_code, o.reason, o.rows_at_source, o.rows_landed, o.rows_rejected, o.values_rejected, o.bytes,
                            o.snapshot_id, o.position, o.started_at, o.finished_at, o.columns
                        from collect_runs r
                        join lateral (select id from collect_runs b where b.source_id = r.source_id and b.id <> r.id
                            and b.state in ('COMPLETE', 'INCOMPLETE') order by b.finished_at desc limit 1) b on true
                        join collect_objects o on o.run_id = b.id
                        where r.id = ? and r.only_tables is not null and o.lake_name is not null
                            and o.state in ('COMPLETE', 'INCOMPLETE') and o.lake_name <> all (r.only_tables)
                        on conflict do nothing""").param(run).update();
    }

    /** The run of a source that ended before this one and brought something. */
    private static final String BEFORE = """
            (select b.id from collect_runs r join collect_runs b on b.source_id = r.source_id and b.id <> r.id
                and b.state in ('COMPLETE', 'INCOMPLETE') where r.id = :run order by b.finished_at desc limit 1)""";

    /**
     * The files that the run before brought whole, by lake name, with their SHA-256. None in a run of some tables only: whoever names
     * tables has a reason to have them read.
     */
    Map<String, String> carriable(UUID run) {
        return jdbc
                .sql("""
                        select lake_name, details ->> 'sha256' from collect_objects where run_id = %s and state = 'COMPLETE'
                            and snapshot_id is not null and lake_name is not null and details ->> 'sha256' is not null
                            and not exists (select from collect_runs where id = :run and only_tables is not null)""".formatted(BEFORE))
                .param("run", run)
                .query((row, n) -> Map.entry(row.getString(1), row.getString(2)))
                .list()
                .stream()
                .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    /**
     * Takes over how a table ended in the run before, for its content is the same: rows, proofs, snapshot and position, and from when they
     * are. Empty when the table does not wait in this run.
     */
    Optional<Receipt.Item> carryUnchanged(UUID run, String namespace, String lakeName) {
        return jdbc.sql("""
                        update collect_objects n set state = o.state, rows_at_source = o.rows_at_source, rows_landed = o.rows_landed,
                            rows_rejected = o.rows_rejected, values_rejected = o.values_rejected, bytes = o.bytes,
                            snapshot_id = o.snapshot_id, position = o.position, started_at = o.started_at, finished_at = o.finished_at,
                            columns = o.columns, details = n.details || jsonb_build_object('unchangedSince', o.snapshot_id::text)
                        from collect_objects o
                        where n.run_id = :run and n.lake_name = :table and n.state = 'WAITING' and o.run_id = %s
                            and o.lake_name = :table and o.state = 'COMPLETE' and o.snapshot_id is not null
                            and o.details ->> 'sha256' = n.details ->> 'sha256'
                        returning n.*""".formatted(BEFORE))
                .param("run", run)
                .param("table", lakeName)
                .query((row, n) -> item(row, namespace))
                .optional();
    }

    void follower(UUID run, @Nullable String follower) {
        jdbc.sql("update collect_runs set follower = :follower where id = :run")
                .param("follower", follower)
                .param("run", run)
                .update();
    }

    /**
     * Takes the oldest queued run of the highest priority; nobody else can take it.
     *
     * @param followed whether it may be one of a source that is followed
     */
    Optional<UUID> claim(boolean followed) {
        return jdbc.sql("""
                        update collect_runs set state = 'RUNNING', started_at = coalesce(started_at, :now)
                        where id = (select id from collect_runs r where state = 'QUEUED'
                                and (:followed or not exists (select from collect_followings f where f.source_id = r.source_id and f.wanted))
                            order by priority desc, queued_at for update skip locked limit 1)
                        returning id""")
                .param("now", now())
                .param("followed", followed)
                .query(UUID.class)
                .optional();
    }

    /**
     * After a restart: runs that were under way wait for their turn again, before those that came later.
     *
     * @param underWay runs that are still being carried out
     */
    void requeueInterrupted(Set<UUID> underWay) {
        jdbc.sql("update collect_runs set state = 'QUEUED' where state = 'RUNNING' and not id = any (?)")
                .param(underWay.toArray(UUID[]::new))
                .update();
    }

    /** A run waits for its turn again. */
    void requeue(UUID run) {
        jdbc.sql("update collect_runs set state = 'QUEUED' where id = ? and state = 'RUNNING'")
                .param(run)
                .update();
    }

    List<UUID> inState(RunState state) {
        return jdbc.sql("select id from collect_runs where state = ? order by queued_at")
                .param(state.name())
                .query((row, n) -> row.getObject(1, UUID.class))
                .list();
    }

    RunState state(UUID run) {
        return jdbc.sql("select state from collect_runs where id = ?")
                .param(run)
                .query((row, n) -> RunState.valueOf(row.getString(1)))
                .single();
    }

    /** Marks an open run as to be cancelled and returns the state it was in; empty when it has ended. */
    Optional<RunState> requestCancel(UUID run) {
        return jdbc.sql("""
                        with before as (select id, state from collect_runs where id = ? and state in %s for update)
                        update collect_runs r set state = 'CANCELLING' from before where r.id = before.id returning before.state""".formatted(OPEN))
                .param(run)
                .query((row, n) -> RunState.valueOf(row.getString(1)))
                .optional();
    }

    int beginAttempt(UUID run) {
        closeAttempts(run);
        int attempt = jdbc.sql("update collect_runs set attempt = attempt + 1 where id = ? returning attempt")
                .param(run)
                .query(Integer.class)
                .single();
        jdbc.sql("insert into collect_attempts (run_id, attempt, started_at) values (?, ?, ?)")
                .params(run, attempt, now())
                .update();
        return attempt;
    }

    void closeAttempts(UUID run) {
        jdbc.sql("update collect_attempts set finished_at = ? where run_id = ? and finished_at is null")
                .params(now(), run)
                .update();
    }

    /** Writes down what an attempt found. What has ended before stays as it is; what waits is replaced. */
    void discovered(UUID run, int attempt, String namespace, RunEvent.Discovered found) {
        jdbc.sql("update collect_attempts set position = ? where run_id = ? and attempt = ?")
                .params(found.position(), run, attempt)
                .update();
        jdbc.sql("update collect_runs set position = ? where id = ?")
                .params(found.position(), run)
                .update();
        jdbc.sql("delete from collect_objects where run_id = ? and state in ('WAITING', 'RECORDED')")
                .param(run)
                .update();
        int ordinal = 0;
        for (SourceObject object : found.objects()) {
            jdbc.sql("""
                            insert into collect_objects (run_id, ordinal, kind, schema_name, name, lake_name, estimated_rows, details,
                                state, position)
                            values (:run, :ordinal, :kind, :schema, :name, :lakeName, :estimated, cast(:details as jsonb), :state, :position)
                            on conflict (run_id, kind, schema_name, name) do update set ordinal = excluded.ordinal""")
                    .param("run", run)
                    .param("ordinal", ordinal++)
                    .param("kind", object.kind().name())
                    .param("schema", object.schema())
                    .param("name", object.name())
                    .param("lakeName", object.lakeName())
                    .param(
                            "estimated",
                            object.estimatedRows().isPresent()
                                    ? object.estimatedRows().getAsLong()
                                    : null)
                    .param("details", JSON.writeValueAsString(object.details()))
                    .param("state", object.isCopied() ? "WAITING" : "RECORDED")
                    .param("position", found.position())
                    .update();
        }
        // What was carried over and is not there any more is none of this run's.
        jdbc.sql("delete from collect_objects where run_id = ? and ordinal = -1")
                .param(run)
                .update();
    }

    /** Stores how a table ended. False when it had ended before, or is not of this run. */
    boolean ended(UUID run, String lakeName, Receipt.Item item) {
        Receipt.Reason reason = item.reason();
        return jdbc.sql("""
                                update collect_objects set state = :state, reason_code = :code, reason = :reason,
                                    rows_at_source = :rowsAtSource, rows_landed = :rowsLanded, rows_rejected = :rowsRejected,
                                    values_rejected = :valuesRejected, bytes = :bytes, snapshot_id = :snapshot,
                                    position = :position, started_at = :startedAt, finished_at = :finishedAt,
                                    columns = cast(:columns as jsonb)
                                where run_id = :run and lake_name = :lakeName and state = 'WAITING'""")
                        .param("state", item.state().name())
                        .param("code", reason == null ? null : reason.code())
                        .param("reason", reason == null ? null : reason.detail())
                        .param("rowsAtSource", item.rowsAtSource())
                        .param("rowsLanded", item.rowsLanded())
                        .param("rowsRejected", item.rowsRejected())
                        .param("valuesRejected", item.valuesRejected())
                        .param("bytes", item.bytes())
                        .param("snapshot", item.snapshotId() == null ? null : Long.parseLong(item.snapshotId()))
                        .param("position", item.position())
                        .param("startedAt", timestamp(item.startedAt()))
                        .param("finishedAt", timestamp(item.finishedAt()))
                        .param("columns", JSON.writeValueAsString(item.columns()))
                        .param("run", run)
                        .param("lakeName", lakeName)
                        .update()
                == 1;
    }

    /** Ends every table that has not ended by itself. */
    void endWaiting(UUID run, RunObject.State state, String code, String reason) {
        jdbc.sql("""
                        update collect_objects set state = ?, reason_code = ?, reason = ?, finished_at = ?
                        where run_id = ? and state = 'WAITING'""").params(state.name(), code, reason, now(), run).update();
    }

    void end(UUID run, RunState state, Instant at, RunSummary.@Nullable Words message) {
        jdbc.sql(
                        "update collect_runs set state = :state, finished_at = :at, message_zh = :zh, message_en = :en where id = :run")
                .param("state", state.name())
                .param("at", Timestamp.from(at))
                .param("zh", message == null ? null : message.zh())
                .param("en", message == null ? null : message.en())
                .param("run", run)
                .update();
    }

    Set<String> finished(UUID run) {
        return jdbc
                .sql(
                        "select lake_name from collect_objects where run_id = ? and lake_name is not null and state <> 'WAITING'")
                .param(run)
                .query(String.class)
                .list()
                .stream()
                .collect(Collectors.toUnmodifiableSet());
    }

    List<Receipt.Attempt> attempts(UUID run) {
        return jdbc.sql(
                        "select started_at, finished_at, position from collect_attempts where run_id = ? order by attempt")
                .param(run)
                .query((row, n) -> new Receipt.Attempt(
                        row.getTimestamp(1).toInstant(), instant(row, "finished_at"), row.getString(3)))
                .list();
    }

    List<Receipt.Item> items(UUID run, String namespace) {
        return jdbc.sql("select * from collect_objects where run_id = ? order by ordinal, kind, schema_name, name")
                .param(run)
                .query((row, n) -> item(row, namespace))
                .list();
    }

    List<RunObject> objects(UUID run, String namespace) {
        return jdbc.sql("select * from collect_objects where run_id = ? order by ordinal, kind, schema_name, name")
                .param(run)
                .query((row, n) -> object(item(row, namespace), (Long) row.getObject("estimated_rows")))
                .list();
    }

    Optional<RunSummary> find(UUID run) {
        return jdbc.sql(SUMMARY + " where r.id = ?")
                .param(run)
                .query((row, n) -> summary(row))
                .optional();
    }

    List<RunSummary> list(@Nullable UUID source, Set<RunState> states, int limit) {
        Map<String, Object> params = new HashMap<>();
        params.put("states", states.stream().map(RunState::name).toList());
        params.put("limit", limit);
        String where = " where r.state in (:states)";
        if (source != null) {
            where += " and r.source_id = :source";
            params.put("source", source);
        }
        return jdbc.sql(SUMMARY + where + " order by r.queued_at desc, r.id limit :limit")
                .params(params)
                .query((row, n) -> summary(row))
                .list();
    }

    /** The newest run of every source that is there. */
    Map<UUID, RunSummary> newest() {
        return jdbc.sql(SUMMARY + """
                         where s.deleted_at is null and r.id = (select l.id from collect_runs l where l.source_id = s.id
                            order by l.queued_at desc, l.id limit 1)""").query((row, n) -> summary(row)).list().stream()
                .collect(Collectors.toUnmodifiableMap(RunSummary::sourceId, run -> run));
    }

    private Timestamp now() {
        return Timestamp.from(clock.instant());
    }

    private static @Nullable Timestamp timestamp(@Nullable Instant at) {
        return at == null ? null : Timestamp.from(at);
    }

    static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
        Timestamp at = row.getTimestamp(column);
        return at == null ? null : at.toInstant();
    }

    static RunObject object(Receipt.Item item, @Nullable Long estimatedRows) {
        Receipt.Reason reason = item.reason();
        return new RunObject(
                item.kind(),
                item.qualifiedName(),
                item.lakeTable(),
                item.state(),
                item.rowsAtSource(),
                item.rowsLanded(),
                item.rowsRejected() + item.valuesRejected(),
                item.bytes(),
                estimatedRows,
                reason == null ? null : Reasons.of(reason),
                item.startedAt(),
                item.finishedAt());
    }

    private static Receipt.Item item(ResultSet row, String namespace) throws SQLException {
        @Nullable String lakeName = row.getString("lake_name");
        @Nullable String code = row.getString("reason_code");
        @Nullable String snapshot = row.getString("snapshot_id");
        @Nullable Instant finishedAt = instant(row, "finished_at");
        return new Receipt.Item(
                row.getString("kind"),
                row.getString("schema_name"),
                row.getString("name"),
                lakeName == null ? null : namespace + "." + lakeName,
                RunObject.State.valueOf(row.getString("state")),
                code == null ? null : new Receipt.Reason(code, row.getString("reason")),
                (Long) row.getObject("rows_at_source"),
                row.getLong("rows_landed"),
                row.getLong("rows_rejected"),
                row.getLong("values_rejected"),
                row.getLong("bytes"),
                snapshot,
                snapshot == null ? null : finishedAt,
                row.getString("position"),
                instant(row, "started_at"),
                finishedAt,
                JSON.readValue(row.getString("columns"), new TypeReference<List<Receipt.ColumnProof>>() {}),
                JSON.readValue(row.getString("details"), new TypeReference<Map<String, String>>() {}));
    }

    private static RunSummary summary(ResultSet row) throws SQLException {
        @Nullable String zh = row.getString("message_zh");
        return new RunSummary(
                row.getObject("id", UUID.class),
                row.getObject("source_id", UUID.class),
                row.getString("source_name"),
                row.getString("source_title"),
                row.getString("department_id"),
                RunState.valueOf(row.getString("state")),
                instant(row, "started_at"),
                instant(row, "finished_at"),
                row.getInt("attempt"),
                row.getString("position"),
                new RunSummary.Tables(row.getInt("found"), row.getInt("finished"), row.getInt("failed")),
                row.getLong("rows"),
                row.getLong("rejected"),
                row.getLong("bytes"),
                row.getObject("estimated") == null ? null : row.getLong("estimated"),
                null,
                null,
                zh == null ? null : new RunSummary.Words(zh, row.getString("message_en")));
    }
}

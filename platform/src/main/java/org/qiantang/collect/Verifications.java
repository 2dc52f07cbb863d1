package org.qiantang.collect;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.qiantang.catalog.Resources;
import org.qiantang.collect.CollectionWorker.Shown;
import org.qiantang.collect.CollectionWorker.VerifyOrder;
import org.qiantang.collect.TableComparison.Repair;
import org.qiantang.core.CanonicalJson;
import org.qiantang.core.CoreProblem;
import org.qiantang.core.Problem;
import org.qiantang.core.Sealing;
import org.qiantang.core.Site;
import org.qiantang.lake.Mask;
import org.qiantang.lake.TableName;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The verifications (核对) of the city's sources: asked for, carried out by {@link VerificationLoop}, kept and signed. What differs is put
 * right row by row, or by a run that collects the table anew.
 */
@Service
public final class Verifications {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final int LONGEST_LIST = 100;
    private static final String OPEN = "('QUEUED', 'RUNNING', 'CANCELLING')";

    private static final String SUMMARY = """
            select v.*, s.name source_name, t.*
            from collect_verifications v join collect_sources s on s.id = v.source_id
            cross join lateral (
                select count(*) compared, count(*) filter (where state = 'EQUAL') equal,
                    count(*) filter (where state = 'DIFFERENT') different, count(*) filter (where state = 'NOT_COMPARED') not_compared,
                    coalesce(sum(differing), 0) differing, coalesce(sum(repaired), 0) repaired,
                    count(*) filter (where repair = 'TO_BE_COLLECTED') to_be_collected
                from collect_verified_tables where verification_id = v.id) t
            """;

    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final Sources sources;
    private final Followings followings;
    private final Resources resources;
    private final CollectionWorker worker;
    private final Sealing sealing;
    private final Site installation;
    private final Clock clock;
    private final Map<UUID, Verification.Progress> progress = new ConcurrentHashMap<>();
    private final Semaphore work = new Semaphore(0);

    Verifications(
            JdbcClient jdbc,
            TransactionTemplate transaction,
            Sources sources,
            Followings followings,
            Resources resources,
            CollectionWorker worker,
            Sealing sealing,
            Site installation,
            Clock clock) {
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.sources = sources;
        this.followings = followings;
        this.resources = resources;
        this.worker = worker;
        this.sealing = sealing;
        this.installation = installation;
        this.clock = clock;
    }

    /**
     * Queues a verification; refuses while the source has one that has not ended, and where there is nothing to compare yet.
     *
     * @param tables as the source or the lake calls them; all where it is empty
     */
    public Verification start(UUID source, boolean values, Verification.Aim aim, Set<String> tables, String by) {
        Source found = sources.get(source);
        if (found.kind() == SourceKind.EVENTS) {
            throw new Problem(CollectProblem.EVENTS_FLOW, "source", found.name());
        }
        if (found.kind() == SourceKind.PEER) {
            throw new Problem(CollectProblem.PEER_IS_FOLLOWED);
        }
        Map<String, String> known = known(source);
        if (known.isEmpty()) {
            throw new Problem(
                    CollectProblem.NOT_VERIFIABLE, "source", found.name(), "reason", "it has never been collected");
        }
        Optional<String> follower = followings.follower(source);
        if (follower.isPresent() && !followings.isCollected(source, follower.get())) {
            throw new Problem(
                    CollectProblem.NOT_VERIFIABLE,
                    "source",
                    found.name(),
                    "reason",
                    "its state to be followed from is still being collected");
        }
        String namespace = "raw_" + found.name() + ".";
        List<String> only = new ArrayList<>();
        for (String table : tables) {
            String name = table.startsWith(namespace) ? table.substring(namespace.length()) : table;
            String lakeName = known.containsValue(name) ? name : known.get(name);
            if (lakeName == null) {
                throw new Problem(CollectProblem.NO_SUCH_SOURCE_TABLE, "source", found.name(), "table", table);
            }
            only.add(lakeName);
        }
        UUID id = UUID.randomUUID();
        try {
            jdbc.sql("""
                            insert into collect_verifications (id, source_id, state, with_values, aim, only_tables, queued_at, queued_by)
                            values (?, ?, 'QUEUED', ?, ?, ?, ?, ?)""")
                    .params(id, source, values, aim.name(), only.toArray(String[]::new), now(), by)
                    .update();
        } catch (DuplicateKeyException e) {
            throw new Problem(CollectProblem.ALREADY_VERIFYING, "source", found.name());
        }
        work.release();
        return get(id);
    }

    /** Lake names of the tables that any run has ever found, by the source's names. */
    private Map<String, String> known(UUID source) {
        return jdbc
                .sql("""
                        select distinct o.schema_name, o.name, o.lake_name from collect_objects o join collect_runs r on r.id = o.run_id
                        where r.source_id = ? and o.lake_name is not null and o.snapshot_id is not null""")
                .param(source)
                .query((row, n) -> Map.entry(
                        (row.getString(1).isEmpty() ? "" : row.getString(1) + ".") + row.getString(2),
                        row.getString(3)))
                .list()
                .stream()
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue, (one, other) -> other));
    }

    /** Asks a verification to stop. It ends with the tables that were compared so far. */
    public Verification cancel(UUID id) {
        get(id);
        Optional<String> before =
                jdbc.sql("""
                        with before as (select id, state from collect_verifications where id = ? and state in %s for update)
                        update collect_verifications v set state = 'CANCELLING' from before where v.id = before.id
                        returning before.state""".formatted(OPEN)).param(id).query(String.class).optional();
        if (before.isEmpty()) {
            throw new Problem(CollectProblem.VERIFICATION_ENDED);
        }
        work.release();
        if (!before.get().equals("QUEUED")) {
            try {
                worker.cancel(id.toString());
            } catch (RuntimeException e) {
                // A worker that is not there verifies nothing; the loop sees the state and ends it.
                System.getLogger(Verifications.class.getName())
                        .log(System.Logger.Level.INFO, "The worker could not be told of a cancelled verification", e);
            }
        }
        return get(id);
    }

    public Verification get(UUID id) {
        return jdbc.sql(SUMMARY + " where v.id = ?")
                .param(id)
                .query((row, n) -> summary(row))
                .optional()
                .orElseThrow(() -> new Problem(CoreProblem.NOT_FOUND, "what", id.toString()));
    }

    /** Verifications of a source, newest first. */
    public List<Verification> listOf(UUID source) {
        sources.get(source);
        return jdbc.sql(SUMMARY + " where v.source_id = ? order by v.queued_at desc, v.id limit " + LONGEST_LIST)
                .param(source)
                .query((row, n) -> summary(row))
                .list();
    }

    /** Every table that was compared, those that differ first. */
    public List<TableComparison> tables(UUID id) {
        return jdbc.sql("""
                        select result from collect_verified_tables where verification_id = ?
                        order by (state = 'DIFFERENT') desc, (state = 'NOT_COMPARED') desc, lake_name""")
                .param(id)
                .query((row, n) -> JSON.readValue(row.getString(1), TableComparison.class))
                .list();
    }

    /** The signed result, byte for byte; without the rows, which are data. */
    public byte[] getDocument(UUID id) {
        get(id);
        return jdbc.sql("select document from collect_verifications where id = ? and document is not null")
                .param(id)
                .query(byte[].class)
                .optional()
                .orElseThrow(() -> new Problem(CollectProblem.NO_RECEIPT));
    }

    /** The newest ended verification of every connected source, except those that somebody cancelled. */
    List<Verification> newest() {
        return jdbc.sql(SUMMARY + """
                         where s.deleted_at is null and v.id = (select l.id from collect_verifications l where l.source_id = s.id
                            and l.state in ('EQUAL', 'DIFFERENT', 'INCOMPLETE', 'FAILED') order by l.queued_at desc limit 1)""").query((row, n) -> summary(row)).list();
    }

    /** Whether {@link #start} would not refuse, asked without breaking the caller's transaction. */
    boolean mayStart(UUID source) {
        Optional<String> follower = followings.follower(source);
        boolean open = jdbc.sql("select exists (select from collect_verifications where source_id = ? and state in "
                        + OPEN + ")")
                .param(source)
                .query(Boolean.class)
                .single();
        return !open
                && !Set.of(SourceKind.EVENTS, SourceKind.PEER)
                        .contains(sources.get(source).kind())
                && !known(source).isEmpty()
                && (follower.isEmpty() || followings.isCollected(source, follower.get()));
    }

    /** Takes the oldest queued verification whose source is not being collected; nobody else can take it. */
    Optional<UUID> claim() {
        return jdbc.sql("""
                        update collect_verifications set state = 'RUNNING', started_at = coalesce(started_at, ?)
                        where id = (select v.id from collect_verifications v where v.state = 'QUEUED'
                            and not exists (select from collect_runs r where r.source_id = v.source_id and r.state in %s)
                            order by v.queued_at for update of v skip locked limit 1)
                        returning id""".formatted(OPEN)).param(now()).query(UUID.class).optional();
    }

    void requeueInterrupted() {
        jdbc.sql("update collect_verifications set state = 'QUEUED' where state = 'RUNNING'")
                .update();
    }

    List<UUID> cancelling() {
        return jdbc.sql("select id from collect_verifications where state = 'CANCELLING' order by queued_at")
                .query((row, n) -> row.getObject(1, UUID.class))
                .list();
    }

    boolean isCancelling(UUID id) {
        return get(id).state() == Verification.State.CANCELLING;
    }

    /** What the worker is told. */
    VerifyOrder order(UUID id) {
        Verification verification = get(id);
        Source source = sources.get(verification.sourceId());
        Set<String> only = Set.of(jdbc.sql("select only_tables from collect_verifications where id = ?")
                .param(id)
                .query((row, n) -> (String[]) row.getArray(1).getArray())
                .single());
        Set<String> finished =
                Set.copyOf(jdbc.sql("select lake_name from collect_verified_tables where verification_id = ?")
                        .param(id)
                        .query(String.class)
                        .list());
        return new VerifyOrder(
                id.toString(),
                source.name(),
                sources.accessInFull(source.id()),
                followings
                        .follower(source.id())
                        .map(follower -> followings.order(source, follower))
                        .orElse(null),
                verification.values(),
                verification.aim(),
                only,
                finished,
                shown(source),
                sources.limits(source.id()));
    }

    private List<Shown> shown(Source source) {
        return known(source.id()).values().stream()
                .flatMap(lakeName -> shown(new TableName("raw_" + source.name(), lakeName)))
                .toList();
    }

    /** Everybody sees what a preview shows. */
    private Stream<Shown> shown(TableName table) {
        return resources.shown(table).entrySet().stream()
                .filter(column -> !(column.getValue() instanceof Mask.Hide))
                .map(column -> new Shown(
                        table.name(), column.getKey(), column.getValue().text()));
    }

    void take(UUID id, VerifyEvent event) {
        switch (event) {
            case VerifyEvent.Began began ->
                jdbc.sql("""
                                update collect_verifications set position = ?, found = ? + (select count(*) from collect_verified_tables
                                    where verification_id = ?) where id = ?""").params(began.position(), began.tables(), id, id).update();
            case VerifyEvent.Progress now -> progress.put(id, new Verification.Progress(now.object(), now.rows()));
            case VerifyEvent.Compared compared -> compared(id, compared.table());
            case VerifyEvent.Followed followed -> {
                Source source = sources.get(get(id).sourceId());
                followings.follower(source.id()).ifPresent(by -> followings.take(source, by, followed.event()));
            }
        }
    }

    /** Keeps how a table was found; that is the acknowledgement. */
    private void compared(UUID id, TableComparison table) {
        transaction.executeWithoutResult(status -> {
            jdbc.sql("""
                            insert into collect_verified_tables (verification_id, lake_name, state, repair, differing, repaired, result)
                            values (?, ?, ?, ?, ?, ?, ?::jsonb) on conflict do nothing""")
                    .params(
                            id,
                            table.lakeName(),
                            table.state().name(),
                            table.repair().name(),
                            table.differing(),
                            table.repairedRows(),
                            JSON.writeValueAsString(table))
                    .update();
            String snapshot = table.repairedSnapshot();
            Long rows = table.rowsAfter();
            Long bytes = table.bytesAfter();
            if (snapshot != null && rows != null && bytes != null) {
                resources.changed(
                        new TableName("raw_" + get(id).sourceName(), table.lakeName()),
                        Long.parseLong(snapshot),
                        rows,
                        bytes,
                        table.endedAt());
            }
        });
    }

    /** Ends a verification: its state follows from its tables, and the result is signed. */
    void end(UUID id, Verification.@Nullable State asked, RunSummary.@Nullable Words message) {
        progress.remove(id);
        transaction.executeWithoutResult(status -> {
            List<TableComparison> tables = tables(id);
            Verification.State state = asked == null ? state(tables) : asked;
            String[] anew = tables.stream()
                    .filter(table -> table.repair() == Repair.TO_BE_COLLECTED)
                    .map(TableComparison::lakeName)
                    .toArray(String[]::new);
            Instant at = clock.instant();
            jdbc.sql("""
                            update collect_verifications set state = :state, finished_at = :at, message_zh = :zh, message_en = :en,
                                to_collect = :anew where id = :id""")
                    .param("state", state.name())
                    .param("at", Timestamp.from(at))
                    .param("zh", message == null ? null : message.zh())
                    .param("en", message == null ? null : message.en())
                    .param("anew", anew)
                    .param("id", id)
                    .update();
            jdbc.sql("update collect_verifications set document = ? where id = ?")
                    .params(signed(get(id), tables), id)
                    .update();
        });
    }

    private static Verification.State state(List<TableComparison> tables) {
        if (tables.stream().anyMatch(table -> table.state() == TableComparison.State.DIFFERENT)) {
            return Verification.State.DIFFERENT;
        }
        // What has gone at the source is history in the lake; there is nothing it could be compared with.
        boolean whole = tables.stream()
                .allMatch(table -> table.state() == TableComparison.State.EQUAL
                        || CollectProblem.TABLE_GONE.id().equals(table.reasonCode()));
        return whole ? Verification.State.EQUAL : Verification.State.INCOMPLETE;
    }

    private byte[] signed(Verification verification, List<TableComparison> tables) {
        JsonNode content = JSON.valueToTree(Map.of(
                "installation",
                installation.name(),
                "verification",
                verification,
                "source",
                sources.describe(verification.sourceId()),
                "tables",
                tables.stream().map(TableComparison::withoutRows).toList()));
        Base64.Encoder base64 = Base64.getEncoder();
        return CanonicalJson.bytes(Map.of(
                "verification",
                content,
                "signature",
                Map.of(
                        "algorithm",
                        Sealing.ALGORITHM,
                        "publicKey",
                        base64.encodeToString(sealing.publicKey().getEncoded()),
                        "value",
                        base64.encodeToString(sealing.sign(CanonicalJson.bytes(content))))));
    }

    /** What is to be collected anew and not yet is. */
    record Anew(UUID verification, UUID source, Set<String> tables) {}

    List<Anew> toBeCollected() {
        return jdbc.sql("""
                        select v.id, v.source_id, v.to_collect from collect_verifications v join collect_sources s on s.id = v.source_id
                        where v.to_collect <> '{}' and v.repair_run is null and s.deleted_at is null
                            and not exists (select from collect_runs r where r.source_id = v.source_id and r.state in %s)
                        order by v.finished_at""".formatted(OPEN))
                .query((row, n) ->
                        new Anew(row.getObject(1, UUID.class), row.getObject(2, UUID.class), Set.of((String[])
                                row.getArray(3).getArray())))
                .list();
    }

    void collectedBy(UUID id, UUID run) {
        jdbc.sql("update collect_verifications set repair_run = ? where id = ?")
                .params(run, id)
                .update();
    }

    /** Waits until something was queued or cancelled, or a while has passed. */
    void awaitWork() throws InterruptedException {
        if (work.tryAcquire(3, TimeUnit.SECONDS)) {
            work.drainPermits();
        }
    }

    private Timestamp now() {
        return Timestamp.from(clock.instant());
    }

    private Verification summary(ResultSet row) throws SQLException {
        UUID id = row.getObject("id", UUID.class);
        @Nullable String zh = row.getString("message_zh");
        return new Verification(
                id,
                row.getObject("source_id", UUID.class),
                row.getString("source_name"),
                Verification.State.valueOf(row.getString("state")),
                row.getBoolean("with_values"),
                Verification.Aim.valueOf(row.getString("aim")),
                row.getTimestamp("queued_at").toInstant(),
                row.getString("queued_by"),
                RunStore.instant(row, "started_at"),
                RunStore.instant(row, "finished_at"),
                row.getString("position"),
                new Verification.Totals(
                        (Integer) row.getObject("found"),
                        row.getInt("compared"),
                        row.getInt("equal"),
                        row.getInt("different"),
                        row.getInt("not_compared"),
                        row.getLong("differing"),
                        row.getLong("repaired"),
                        row.getInt("to_be_collected")),
                progress.get(id),
                row.getObject("repair_run", UUID.class),
                zh == null ? null : new RunSummary.Words(zh, row.getString("message_en")));
    }
}

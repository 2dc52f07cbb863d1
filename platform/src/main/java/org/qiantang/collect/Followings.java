package org.qiantang.collect;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.qiantang.catalog.Findings;
import org.qiantang.catalog.Resources;
import org.qiantang.catalog.TableCollected;
import org.qiantang.collect.CollectionWorker.FollowOrder;
import org.qiantang.collect.internal.jdbc.DatabaseLocation;
import org.qiantang.core.Problem;
import org.qiantang.core.Sealing;
import org.qiantang.lake.LakeException;
import org.qiantang.lake.TableName;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;

/** The sources whose changes are followed (增量跟踪), and how far each is; {@link FollowLoop} keeps them going. */
@Service
public final class Followings {
    /** A source keeps no more log than this for us; its disk is not ours. */
    private static final long MAY_KEEP_BYTES = 4L << 30;

    /** A table that was collected for its follower's sake is not collected for it again sooner than this. */
    private static final Duration BETWEEN_COLLECTIONS = Duration.ofMinutes(10);

    /** A whole that a peer has told is there already, and collecting it costs nobody but us. */
    private static final Duration BETWEEN_WHOLES = Duration.ofSeconds(10);

    private static final Set<RunState> OPEN = Set.of(RunState.QUEUED, RunState.RUNNING, RunState.CANCELLING);

    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final Sources sources;
    private final RunStore runs;
    private final Resources resources;
    private final EventStreams streams;
    private final CollectionWorker worker;
    private final Sealing sealing;
    private final Clock clock;

    Followings(
            JdbcClient jdbc,
            TransactionTemplate transaction,
            Sources sources,
            RunStore runs,
            Resources resources,
            EventStreams streams,
            CollectionWorker worker,
            Sealing sealing,
            Clock clock) {
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.sources = sources;
        this.runs = runs;
        this.resources = resources;
        this.streams = streams;
        this.worker = worker;
        this.sealing = sealing;
        this.clock = clock;
    }

    /** How a source is followed; off when nobody ever asked for it. */
    public Following get(UUID id) {
        Source source = sources.get(id);
        return find(source)
                .orElseGet(() -> new Following(
                        id,
                        false,
                        Following.State.OFF,
                        source.createdAt(),
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        List.of()));
    }

    /** Asks for a source to be followed. Its whole content is collected first, then its changes arrive within seconds. */
    public Following start(UUID id, String by) {
        Source source = sources.get(id);
        requireFollowable(source.kind(), source.location());
        jdbc.sql("""
                        insert into collect_followings (source_id, wanted, wanted_by, generation, state, since)
                        values (:source, true, :by, 1, 'COLLECTING', :now)
                        on conflict (source_id) do update set wanted = true, wanted_by = excluded.wanted_by,
                            generation = collect_followings.generation + 1, position = null, state = 'COLLECTING', since = excluded.since,
                            message_zh = null, message_en = null
                        where not collect_followings.wanted""").param("source", id).param("by", by).param("now", now()).update();
        return get(id);
    }

    /** Ends the following of a source and makes it forget us; what is in the lake stays. */
    public Following stop(UUID id) {
        Source source = sources.get(id);
        Optional<String> follower = follower(id);
        if (follower.isEmpty()) {
            return get(id);
        }
        FollowOrder order = order(source, follower.get());
        wanted(id, false);
        try {
            worker.unfollow(source.name());
            worker.release(order);
        } catch (Problem | LakeException e) {
            // Where the source still keeps its log for us, nobody may believe that it does not.
            wanted(id, true);
            throw e instanceof Problem ? e : new Problem(CollectProblem.WORKER_LOST);
        }
        return get(id);
    }

    private static void requireFollowable(SourceKind kind, String location) {
        boolean tellsItsChanges = kind == SourceKind.POSTGRES
                || kind == SourceKind.PEER
                || kind == SourceKind.DATABASE && DatabaseLocation.of(location).isMySql();
        if (!tellsItsChanges) {
            throw new Problem(CollectProblem.FOLLOWING_IMPOSSIBLE, "reason", kind.name());
        }
    }

    /**
     * What became of an edit.
     *
     * @param leftBehind the name under which the former place may still keep its log for us, because it did not answer; null otherwise
     */
    public record Edited(Source source, @Nullable String leftBehind) {}

    /**
     * Changes a source. One that is followed goes on under a new password; with another address, account or way of asking it is another
     * place, whose whole content is collected before its changes are, and the former place is told to forget us.
     */
    public Edited edit(UUID id, Sources.Edit edit, String by) {
        Source source = sources.get(id);
        SourceAccess now = sources.access(id);
        SourceAccess next = sources.wanted(id, edit);
        boolean reconnects = !now.equals(next);
        boolean moves = reconnects
                && !new SourceAccess(now.kind(), now.location(), now.username(), next.secret(), now.settings())
                        .equals(next);
        Optional<String> follower = follower(id);
        if (moves && follower.isPresent()) {
            requireFollowable(next.kind(), next.location());
        }
        FollowOrder former = reconnects && follower.isPresent() ? order(source, follower.get()) : null;
        transaction.executeWithoutResult(status -> {
            jdbc.sql("select id from collect_sources where id = ? for update")
                    .param(id)
                    .query(UUID.class)
                    .single();
            if (reconnects) {
                runs.list(id, OPEN, 1).stream().findFirst().ifPresent(run -> {
                    throw new Problem(
                            CollectProblem.ALREADY_RUNNING,
                            "source",
                            source.name(),
                            "run",
                            run.id().toString());
                });
            }
            sources.store(id, edit, next, by);
            if (moves && former != null) {
                nextGeneration(id);
                state(id, Following.State.COLLECTING, null);
            }
        });
        streams.forget();
        return new Edited(sources.get(id), former == null ? null : leave(former, moves));
    }

    /** Ends the follower of a former place; it starts again by itself, where the source is now. */
    private @Nullable String leave(FollowOrder former, boolean forGood) {
        try {
            worker.unfollow(former.sourceName());
            if (forGood) {
                worker.release(former);
            }
            return null;
        } catch (Problem | LakeException e) {
            return forGood ? former.follower() : null;
        }
    }

    private void wanted(UUID id, boolean wanted) {
        jdbc.sql("update collect_followings set wanted = ?, state = ?, since = ? where source_id = ?")
                .params(wanted, (wanted ? Following.State.WAITING : Following.State.OFF).name(), now(), id)
                .update();
    }

    /** The name under which a source knows us, while it is to be followed. */
    Optional<String> follower(UUID source) {
        return jdbc.sql("""
                        select s.name, f.generation from collect_followings f join collect_sources s on s.id = f.source_id
                        where f.source_id = ? and f.wanted and s.deleted_at is null""")
                .param(source)
                .query((row, n) -> "qt_"
                        + Sealing.fingerprint(sealing.publicKey())
                                .replaceAll("[^0-9a-f]", "")
                                .substring(0, 8)
                        + "_" + row.getString(1) + "_" + row.getInt(2))
                .optional();
    }

    List<UUID> wanted() {
        return jdbc.sql("""
                        select f.source_id from collect_followings f join collect_sources s on s.id = f.source_id
                        where f.wanted and s.deleted_at is null""").query((row, n) -> row.getObject(1, UUID.class)).list();
    }

    FollowOrder order(Source source, String follower) {
        String from = position(source.id());
        return new FollowOrder(
                source.name(), sources.access(source.id()), follower, from == null ? "" : from, MAY_KEEP_BYTES);
    }

    /** Whether the state that the follower goes on from has been collected. */
    boolean isCollected(UUID source, String follower) {
        return jdbc.sql("""
                        select exists (select from collect_runs where source_id = ? and follower = ?
                            and state in ('COMPLETE', 'INCOMPLETE'))""").params(source, follower).query(Boolean.class).single();
    }

    boolean hasOpenRun(UUID source) {
        return !runs.list(source, OPEN, 1).isEmpty();
    }

    /** Why the newest run of the source, which we asked for, brought nothing; empty when it did, or when it was not ours. */
    Optional<RunSummary.Words> refused(UUID source, String by) {
        return jdbc.sql("""
                        select r.state, r.message_zh, r.message_en, r.queued_by
                        from collect_runs r join collect_followings f on f.source_id = r.source_id
                        where r.source_id = ? and r.queued_at >= f.since order by r.queued_at desc limit 1""")
                .param(source)
                .query((row, n) -> row.getString(4).equals(by)
                                && Set.of("FAILED", "CANCELLED").contains(row.getString(1))
                        ? Optional.of(new RunSummary.Words(
                                row.getString(2) == null ? "" : row.getString(2),
                                row.getString(3) == null ? "" : row.getString(3)))
                        : Optional.<RunSummary.Words>empty())
                .optional()
                .flatMap(words -> words);
    }

    /** Waits for somebody; {@code since} stays, so that what was tried is known. */
    void wait(UUID source, RunSummary.Words why) {
        jdbc.sql(
                        "update collect_followings set state = 'WAITING', message_zh = ?, message_en = ? where source_id = ? and wanted")
                .params(why.zh(), why.en(), source)
                .update();
    }

    void state(UUID source, Following.State state, @Nullable Problem why) {
        jdbc.sql("""
                        update collect_followings set since = case when state = :state then since else :now end, state = :state,
                            message_zh = :zh, message_en = :en
                        where source_id = :source and wanted""")
                .param("state", state.name())
                .param("now", now())
                .param("zh", why == null ? null : why.zh())
                .param("en", why == null ? null : why.en())
                .param("source", source)
                .update();
    }

    /** What the source kept for us is lost: the next follower has another name, so that nobody takes old positions for good. */
    void nextGeneration(UUID source) {
        jdbc.sql("update collect_followings set generation = generation + 1, position = null where source_id = ?")
                .param(source)
                .update();
    }

    /** @param by the follower that says so; one of a former place is not heard any more */
    void take(Source source, String by, FollowEvent event) {
        transaction.executeWithoutResult(status -> {
            if (!follower(source.id()).equals(Optional.of(by))) {
                return;
            }
            switch (event) {
                case FollowEvent.Started started -> {
                    state(source.id(), Following.State.FOLLOWING, null);
                    jdbc.sql(
                                    "update collect_followed_tables set state = 'GONE' where source_id = ? and state <> 'GONE'")
                            .param(source.id())
                            .update();
                    started.tables().forEach(table -> table(source.id(), table));
                }
                case FollowEvent.Changed changed -> {
                    table(source.id(), changed.table());
                    if (changed.table().state() == FollowEvent.State.GONE) {
                        resources.gone(
                                lakeTable(source, changed.table().lakeName()), position(source.id()), clock.instant());
                    }
                }
                case FollowEvent.Reshaped reshaped -> reshaped(source, reshaped);
                case FollowEvent.Applied applied -> {
                    heard(source.id(), applied.position(), applied.sourceAt(), null, null);
                    applied.tables().forEach(table -> applied(source, table, applied.at()));
                }
                case FollowEvent.Beat beat ->
                    heard(source.id(), beat.position(), null, beat.bytesBehind(), beat.bytesKept());
            }
        });
    }

    /** Whether a run would find something; of a peer what has not come yet cannot be asked for by a run. */
    boolean hasSomethingToCollect(UUID source) {
        return wholes(source).map(wholes -> !wholes.isEmpty()).orElse(true);
    }

    /** Of a peer the tables whose whole is there to be collected; empty of every other source, which can be asked for it. */
    private Optional<Set<String>> wholes(UUID source) {
        Source found = sources.get(source);
        return found.kind() == SourceKind.PEER
                ? Optional.of(new PeerSpool(sources.spool(found.name())).wholes())
                : Optional.empty();
    }

    /** The tables that have to be collected before they can be followed, can be, and were not collected for that just now. */
    Set<String> toBeCollected(UUID source) {
        Optional<Set<String>> wholes = wholes(source);
        Set<String> due = toBeCollected(source, wholes.isPresent() ? BETWEEN_WHOLES : BETWEEN_COLLECTIONS);
        return wholes.map(there -> due.stream().filter(there::contains).collect(Collectors.toSet()))
                .orElse(due);
    }

    /**
     * Tables of a peer that cannot go on and of which no whole is there: it has to be asked for at the peer.
     *
     * @param tables lake names of those that are followed
     */
    Set<String> lackingWhole(UUID source, Set<String> tables) {
        Optional<String> follower = follower(source);
        if (follower.isEmpty() || hasOpenRun(source)) {
            return Set.of();
        }
        Set<String> lacking = new HashSet<>(
                isCollected(source, follower.get()) ? toBeCollected(source, BETWEEN_COLLECTIONS) : tables);
        lacking.retainAll(tables);
        wholes(source).ifPresent(lacking::removeAll);
        return lacking;
    }

    private Set<String> toBeCollected(UUID source, Duration since) {
        return jdbc
                .sql("""
                        select lake_name from collect_followed_tables
                        where source_id = ? and state = 'TO_BE_COLLECTED' and (requested_at is null or requested_at < ?)""")
                .params(source, Timestamp.from(clock.instant().minus(since)))
                .query(String.class)
                .list()
                .stream()
                .collect(Collectors.toSet());
    }

    void requested(UUID source, Set<String> tables) {
        for (String table : tables) {
            jdbc.sql("update collect_followed_tables set requested_at = ? where source_id = ? and lake_name = ?")
                    .params(now(), source, table)
                    .update();
        }
    }

    private void heard(
            UUID source, String position, @Nullable Instant sourceAt, @Nullable Long behind, @Nullable Long kept) {
        jdbc.sql("""
                        update collect_followings set heard_at = :now, position = coalesce(nullif(:position, ''), position),
                            source_at = coalesce(cast(:sourceAt as timestamptz), source_at),
                            bytes_behind = coalesce(cast(:behind as bigint), bytes_behind),
                            bytes_kept = coalesce(cast(:kept as bigint), bytes_kept)
                        where source_id = :source""")
                .param("now", now())
                .param("position", position)
                .param("sourceAt", sourceAt == null ? null : Timestamp.from(sourceAt))
                .param("behind", behind)
                .param("kept", kept)
                .param("source", source)
                .update();
    }

    private void table(UUID source, FollowEvent.TableState table) {
        jdbc.sql("""
                        insert into collect_followed_tables (source_id, lake_name, object, state, reason_code, reason)
                        values (:source, :name, :object, :state, :code, :reason)
                        on conflict (source_id, lake_name) do update set object = excluded.object, state = excluded.state,
                            reason_code = excluded.reason_code, reason = excluded.reason""")
                .param("source", source)
                .param("name", table.lakeName())
                .param("object", table.object())
                .param("state", table.state().name())
                .param("code", table.reasonCode())
                .param("reason", table.reason())
                .update();
    }

    private void applied(Source source, FollowEvent.TableApplied table, Instant at) {
        jdbc.sql("""
                        update collect_followed_tables set changes = changes + ?, rows = ?, snapshot_id = ?, applied_at = ?
                        where source_id = ? and lake_name = ?""")
                .params(
                        table.changes(),
                        table.rows(),
                        Long.parseLong(table.snapshotId()),
                        Timestamp.from(at),
                        source.id(),
                        table.lakeName())
                .update();
        resources.changed(
                lakeTable(source, table.lakeName()),
                Long.parseLong(table.snapshotId()),
                table.rows(),
                table.bytes(),
                at);
    }

    private void reshaped(Source source, FollowEvent.Reshaped reshaped) {
        resources.reshaped(
                lakeTable(source, reshaped.lakeName()),
                reshaped.columns().stream()
                        .map(column -> new TableCollected.Field(
                                column.name(),
                                column.name(),
                                column.type(),
                                column.sourceType(),
                                column.comment(),
                                true,
                                column.keyPosition(),
                                null,
                                null,
                                null,
                                Findings.NONE))
                        .toList(),
                reshaped.renamed(),
                reshaped.position(),
                reshaped.at());
    }

    private static TableName lakeTable(Source source, String lakeName) {
        return new TableName("raw_" + source.name(), lakeName);
    }

    private @Nullable String position(UUID source) {
        return jdbc.sql("select coalesce(position, '') from collect_followings where source_id = ?")
                .param(source)
                .query(String.class)
                .optional()
                .filter(position -> !position.isEmpty())
                .orElse(null);
    }

    private Optional<Following> find(Source source) {
        return jdbc.sql("select * from collect_followings where source_id = ?")
                .param(source.id())
                .query((row, n) -> following(row, source))
                .optional();
    }

    private Following following(ResultSet row, Source source) throws SQLException {
        @Nullable String zh = row.getString("message_zh");
        return new Following(
                source.id(),
                row.getBoolean("wanted"),
                Following.State.valueOf(row.getString("state")),
                row.getTimestamp("since").toInstant(),
                row.getString("position"),
                RunStore.instant(row, "source_at"),
                RunStore.instant(row, "heard_at"),
                (Long) row.getObject("bytes_behind"),
                (Long) row.getObject("bytes_kept"),
                zh == null ? null : new RunSummary.Words(zh, row.getString("message_en")),
                jdbc.sql("select * from collect_followed_tables where source_id = ? order by lake_name")
                        .param(source.id())
                        .query((table, n) -> table(table, source))
                        .list());
    }

    private static Following.Table table(ResultSet row, Source source) throws SQLException {
        @Nullable String code = row.getString("reason_code");
        return new Following.Table(
                row.getString("object"),
                "raw_" + source.name() + "." + row.getString("lake_name"),
                FollowEvent.State.valueOf(row.getString("state")),
                code == null ? null : Reasons.of(new Receipt.Reason(code, row.getString("reason"))),
                row.getLong("changes"),
                (Long) row.getObject("rows"),
                RunStore.instant(row, "applied_at"));
    }

    private Timestamp now() {
        return Timestamp.from(clock.instant());
    }
}

package org.qiantang.collect;

import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.qiantang.catalog.CatalogProblem;
import org.qiantang.catalog.LakeReader;
import org.qiantang.core.Problem;
import org.qiantang.lake.RowSink;
import org.qiantang.org.Account;
import org.qiantang.org.Role;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;

/** The rows and values that could not be taken (拒收记录), which the worker keeps in the lake with their place, reason and text. */
@Service
public final class Rejects {
    private static final int MOST_ROWS = 1_000_000;
    private static final String ORDER = " order by open desc, object, \"where\", \"column\", code, raw";

    private static final String UNMARKED = "cast(null as bigint) as marked_at, cast(null as varchar) as marked_by";

    /** A reject that came again after it was replayed is another; both times are the hub's. */
    private static final String OPEN = "m.\"at\" is null or r.received_at > m.\"at\"";

    private final LakeReader reader;
    private final Collections collections;
    private final Sources sources;
    private final EventStreams streams;
    private final EventReplays replays;
    private final JdbcClient jdbc;

    Rejects(
            LakeReader reader,
            Collections collections,
            Sources sources,
            EventStreams streams,
            EventReplays replays,
            JdbcClient jdbc) {
        this.reader = reader;
        this.collections = collections;
        this.sources = sources;
        this.streams = streams;
        this.replays = replays;
        this.jdbc = jdbc;
    }

    /** How a reject stands; it is never deleted. */
    public enum State {
        /** The table as it is now lacks it, or the event waits. */
        OPEN,
        /** What it was refused from was read again, and this time it was taken. */
        REPLAYED,
        /** The source was read again and is another one by now; what was refused is kept here alone. */
        SUPERSEDED,
    }

    /**
     * What was refused, by whichever runs, each once.
     *
     * @param runs in how many runs it was refused
     * @param raw the text as it stands; null for whoever may not see it
     * @param replay what took it; null while it is open, and for events of quarantine
     */
    public record Kept(
            String object,
            String where,
            String column,
            String code,
            String reason,
            @Nullable String raw,
            Instant firstAt,
            Instant lastAt,
            long runs,
            State state,
            @Nullable Replay replay) {}

    /**
     * When, by whom and into which snapshot.
     *
     * @param run the first run that took it; null for a message, which needs none
     * @param snapshot null for a message: its event may wait in quarantine
     */
    public record Replay(
            Instant at,
            String by,
            @Nullable UUID run,
            @Nullable String snapshot) {}

    /**
     * What a replay does: tables are read again by a run; messages, which nobody can ask for again, from what was kept of them.
     *
     * @param run null for messages
     * @param messages null for tables
     */
    public record Replaying(
            @Nullable RunSummary run, @Nullable Messages messages) {}

    /**
     * Rejected messages that were read again.
     *
     * @param taken those of them that are events now, in the lake within seconds; the others stay as they are
     */
    public record Messages(long read, long taken) {}

    /** A page of what is kept. */
    public record KeptPage(long total, List<Kept> items) {
        public KeptPage {
            items = List.copyOf(items);
        }
    }

    /** How many rejects an object has under a code. */
    public record Count(String object, String code, long open, long settled) {}

    /**
     * Which rejects.
     *
     * @param object a qualified name, or empty for all
     * @param code or empty for all
     * @param open null for all
     */
    public record Wanted(
            String object, String code, @Nullable Boolean open) {}

    /** The rejects of a source, those of events and their quarantine among them. */
    public KeptPage listOfSource(Account who, UUID source, Wanted wanted, long offset, int limit) {
        String kept = kept(source, wanted);
        List<List<@Nullable String>> count = ask(who, "select count(*) from (" + kept + ") k", 1);
        List<Kept> items = new ArrayList<>();
        describe(who, source, ask(who, kept + ORDER + " limit " + limit + " offset " + offset, limit), items::add);
        return new KeptPage(count.isEmpty() ? 0 : Long.parseLong(text(count.getFirst(), 0)), items);
    }

    /** How many there are, by object and code. */
    public List<Count> counts(Account who, UUID source) {
        String kept = kept(source, new Wanted("", "", null));
        return ask(
                        who,
                        "select object, code, count(*) filter (where open), count(*) filter (where not open) from ("
                                + kept + ") k group by object, code order by object, code",
                        MOST_ROWS)
                .stream()
                .map(row -> new Count(
                        text(row, 0), text(row, 1), Long.parseLong(text(row, 2)), Long.parseLong(text(row, 3))))
                .toList();
    }

    /** All of them, one after the other. */
    public void export(Account who, UUID source, Wanted wanted, Consumer<Kept> sink) {
        Describing describing = new Describing(who, source, sink);
        read(who, kept(source, wanted) + ORDER, MOST_ROWS, describing);
    }

    /** Reads what was refused again, by the rules of now. What is taken this time is marked by that; what is refused again stays open. */
    public Replaying replay(Account who, UUID source, Wanted wanted) {
        Source found = sources.get(source);
        return found.kind() == SourceKind.EVENTS
                ? new Replaying(null, replayMessages(who, found, wanted))
                : new Replaying(replayTables(who, found, wanted), null);
    }

    private Messages replayMessages(Account who, Source source, Wanted wanted) {
        // what waits in quarantine is not among them: it comes out when its device is registered
        String marks = marks(source.id());
        Messages messages = replays.replay(
                source.id(),
                who.username(),
                "select r.id, min(r.sender), min(r.origin), min(epoch_us(r.received_at)), min(r.form), min(r.exact), min(r.raw)"
                        + " from ops_collect.rejects r" + marks + " where r.id is not null and r.run_id = "
                        + literal(source.id().toString())
                        + (marks.isEmpty() ? "" : " and (" + OPEN + ")")
                        + (wanted.object().isEmpty() ? "" : " and r.object = " + literal(wanted.object()))
                        + (wanted.code().isEmpty() ? "" : " and r.code = " + literal(wanted.code()))
                        + " group by r.id");
        if (messages.read() == 0) {
            throw new Problem(CollectProblem.NOTHING_TO_REPLAY, "source", source.name());
        }
        return messages;
    }

    /** Joins the rejects of a stream with what was replayed of them; nothing before anything was. */
    private String marks(UUID stream) {
        return streams.totals(stream).replayed() == 0
                ? ""
                : " left join (select id, max(\"at\") as \"at\", arg_max(\"by\", \"at\") as \"by\""
                        + " from ops_collect.replays where stream = " + literal(stream.toString())
                        + " group by id) m on m.id = r.id";
    }

    private RunSummary replayTables(Account who, Source found, Wanted wanted) {
        UUID source = found.id();
        Set<String> objects = counts(who, source).stream()
                .filter(count -> count.open() > 0
                        && (wanted.object().isEmpty() || wanted.object().equals(count.object()))
                        && (wanted.code().isEmpty() || wanted.code().equals(count.code())))
                .map(Count::object)
                .collect(Collectors.toSet());
        Set<String> tables = standing(source).stream()
                .filter(table -> objects.contains(table.object()))
                .map(Standing::lakeName)
                .collect(Collectors.toSet());
        if (tables.isEmpty()) {
            throw new Problem(CollectProblem.NOTHING_TO_REPLAY, "source", found.name());
        }
        return collections.startInFull(source, who.username(), tables);
    }

    /** A table as it is now: the run that made its snapshot, which carries over into the receipts of runs of other tables. */
    private record Standing(String object, String lakeName, String run) {}

    private List<Standing> standing(UUID source) {
        return jdbc.sql("""
                        select distinct on (o.lake_name) o.schema_name, o.name, o.lake_name,
                            (select f.run_id from collect_objects f join collect_runs q on q.id = f.run_id
                                where q.source_id = r.source_id and f.lake_name = o.lake_name and f.snapshot_id = o.snapshot_id
                                order by q.queued_at limit 1) run
                        from collect_objects o join collect_runs r on r.id = o.run_id
                        where r.source_id = ? and o.lake_name is not null and o.snapshot_id is not null
                        order by o.lake_name, r.queued_at desc""")
                .param(source)
                .query((row, n) -> new Standing(
                        (row.getString(1).isEmpty() ? "" : row.getString(1) + ".") + row.getString(2),
                        row.getString(3),
                        row.getString(4)))
                .list();
    }

    /** A query of a source's rejects, each once. */
    private String kept(UUID id, Wanted wanted) {
        Source source = sources.get(id);
        String rejects;
        if (source.kind() == SourceKind.EVENTS) {
            String strangers = streams.strangers(id).stream()
                    .map(stranger -> literal(stranger.device()))
                    .collect(Collectors.joining(", "));
            String marks = marks(id);
            rejects = "select r.run_id, r.object, r.\"where\", r.\"column\", r.code, r.reason, r.raw, r.\"at\", "
                    + (marks.isEmpty()
                            ? "true as open, " + UNMARKED
                            : OPEN + " as open, epoch_ms(m.\"at\") as marked_at, m.\"by\" as marked_by")
                    + " from ops_collect.rejects r" + marks
                    + " where r.run_id = " + literal(id.toString())
                    + (streams.totals(id).quarantined() == 0
                            ? ""
                            : " union all select stream, 'events', origin, '', "
                                    + literal(CollectProblem.DEVICE_NOT_REGISTERED.id())
                                    + ", device || ': ' || reason, raw, received_at, "
                                    + (strangers.isEmpty() ? "false" : "device in (" + strangers + ")") + ", "
                                    + UNMARKED + " from ops_collect.quarantine where stream = "
                                    + literal(id.toString()));
        } else {
            String open = standing(id).stream()
                    .map(table -> literal(table.run() + " " + table.object()))
                    .collect(Collectors.joining(", "));
            // A source of the same name may have been there before.
            rejects = "select run_id, object, \"where\", \"column\", code, reason, raw, \"at\", "
                    + (open.isEmpty() ? "true" : "run_id || ' ' || object in (" + open + ")")
                    + " as open, " + UNMARKED + " from ops_collect.rejects where source = " + literal(source.name())
                    + " and \"at\" >= "
                    + literal(source.createdAt().toString()) + "::timestamptz";
        }
        String which = (wanted.object().isEmpty() ? "" : " and object = " + literal(wanted.object()))
                + (wanted.code().isEmpty() ? "" : " and code = " + literal(wanted.code()));
        Boolean open = wanted.open();
        return "select object, \"where\", \"column\", code, reason, raw, epoch_ms(min(\"at\")) as first_at, epoch_ms(max(\"at\")) as"
                + " last_at, count(distinct run_id) as runs, bool_or(open) as open, arg_max(run_id, \"at\") as run,"
                + " max(marked_at) as marked_at, arg_max(marked_by, marked_at) as marked_by from ("
                + rejects + ") r where true" + which
                + " group by object, \"where\", \"column\", code, reason, raw"
                + (open == null ? "" : " having " + (open ? "" : "not ") + "bool_or(open)");
    }

    private void describe(Account who, UUID source, List<List<@Nullable String>> rows, Consumer<Kept> sink) {
        Describing describing = new Describing(who, source, sink);
        rows.forEach(describing::row);
    }

    /** Says of each row how it stands. */
    private final class Describing implements RowSink {
        private final boolean raw;
        private final UUID source;
        private final Consumer<Kept> sink;
        private final Map<List<String>, Optional<Later>> later = new HashMap<>();

        private record Later(Replay replay, boolean isSame) {}

        Describing(Account who, UUID source, Consumer<Kept> sink) {
            this.raw = who.has(Role.ENGINEER);
            this.source = source;
            this.sink = sink;
        }

        @Override
        public void columns(List<ResultColumn> columns) {
            // known
        }

        @Override
        public void row(List<@Nullable String> row) {
            Instant lastAt = Instant.ofEpochMilli(Long.parseLong(text(row, 7)));
            boolean open = Boolean.parseBoolean(text(row, 9));
            boolean isEvent = text(row, 10).equals(source.toString());
            Optional<Later> taken = open || isEvent
                    ? Optional.empty()
                    : later.computeIfAbsent(
                            List.of(text(row, 0), text(row, 10)), any -> after(text(row, 0), text(row, 10), lastAt));
            State state = open || (taken.isEmpty() && !isEvent)
                    ? State.OPEN
                    : taken.map(Later::isSame).orElse(true) ? State.REPLAYED : State.SUPERSEDED;
            sink.accept(new Kept(
                    text(row, 0),
                    text(row, 1),
                    text(row, 2),
                    text(row, 3),
                    text(row, 4),
                    raw ? row.get(5) : null,
                    Instant.ofEpochMilli(Long.parseLong(text(row, 6))),
                    lastAt,
                    Long.parseLong(text(row, 8)),
                    state,
                    state == State.REPLAYED
                            ? taken.map(Later::replay).or(() -> marked(row)).orElse(null)
                            : null));
        }

        private static Optional<Replay> marked(List<@Nullable String> row) {
            return Optional.ofNullable(row.get(11))
                    .map(at -> new Replay(Instant.ofEpochMilli(Long.parseLong(at)), text(row, 12), null, null));
        }

        /** The first run behind the last refusal that landed the table; of files the hash says whether it is the same content. */
        private Optional<Later> after(String object, String run, Instant lastAt) {
            return jdbc.sql("""
                            select o.finished_at, r.queued_by, r.id, o.snapshot_id,
                                coalesce(o.details ->> 'sha256' = b.details ->> 'sha256', true) same
                            from collect_objects o join collect_runs r on r.id = o.run_id
                            left join collect_objects b on b.run_id = cast(:run as uuid) and b.kind = o.kind
                                and b.schema_name = o.schema_name and b.name = o.name
                            where r.source_id = :source and o.snapshot_id is not null and r.id <> cast(:run as uuid)
                                and (b.snapshot_id is null or b.snapshot_id <> o.snapshot_id)
                                and concat_ws('.', nullif(o.schema_name, ''), o.name) = :object and o.finished_at > :last
                            order by o.finished_at limit 1""")
                    .param("run", run)
                    .param("source", source)
                    .param("object", object)
                    .param("last", Timestamp.from(lastAt))
                    .query((row, n) -> new Later(
                            new Replay(
                                    row.getTimestamp(1).toInstant(),
                                    row.getString(2),
                                    row.getObject(3, UUID.class),
                                    row.getString(4)),
                            row.getBoolean(5)))
                    .optional();
        }
    }

    private List<List<@Nullable String>> ask(Account who, String sql, int limit) {
        List<List<@Nullable String>> rows = new ArrayList<>();
        read(who, sql, limit, rowsInto(rows));
        return rows;
    }

    /** Before anything was refused there is no table to ask. */
    private void read(Account who, String sql, int limit, RowSink sink) {
        try {
            reader.readOwn(who, "rejects", sql, limit, sink);
        } catch (Problem e) {
            boolean nothing = e.code() == CatalogProblem.NO_SUCH_TABLE || e.code() == CatalogProblem.NO_SUCH_SNAPSHOT;
            if (!nothing) {
                throw e;
            }
        }
    }

    /**
     * One thing that was refused.
     *
     * @param where a line, a page and tuple, or a cell
     * @param column empty for a whole row
     * @param raw the text as it stands; null for whoever may not see it
     */
    public record Reject(
            String object,
            String where,
            String column,
            String code,
            String reason,
            @Nullable String raw) {}

    /** A page of rejects. */
    public record RejectPage(long total, List<Reject> items) {
        public RejectPage {
            items = List.copyOf(items);
        }
    }

    /**
     * The rejects of a run, each once. Raw texts are data nobody has classified: only those who repair sources see them.
     *
     * @param object a qualified name, or empty for all
     */
    public RejectPage list(Account who, UUID run, String object, long offset, int limit) {
        collections.get(run);
        return ofRun(who, run, object, offset, limit);
    }

    private RejectPage ofRun(Account who, UUID run, String object, long offset, int limit) {
        String filter = " from ops_collect.rejects where run_id = '" + run + "'"
                + (object.isEmpty() ? "" : " and object = " + literal(object));
        String columns = "object, \"where\", \"column\", code, reason, raw";
        List<List<@Nullable String>> count =
                ask(who, "select count(*) from (select distinct " + columns + filter + ") r", 1);
        List<List<@Nullable String>> rows = ask(
                who,
                "select distinct " + columns + filter + " order by object, \"where\", \"column\", code limit " + limit
                        + " offset " + offset,
                limit);
        boolean raw = who.has(Role.ENGINEER);
        return new RejectPage(
                count.isEmpty() ? 0 : Long.parseLong(text(count.getFirst(), 0)),
                rows.stream()
                        .map(row -> new Reject(
                                text(row, 0),
                                text(row, 1),
                                text(row, 2),
                                text(row, 3),
                                text(row, 4),
                                raw ? row.get(5) : null))
                        .toList());
    }

    private static String literal(String text) {
        return "'" + text.replace("'", "''") + "'";
    }

    private static String text(List<@Nullable String> row, int column) {
        String value = row.get(column);
        return value == null ? "" : value;
    }

    private static RowSink rowsInto(List<List<@Nullable String>> rows) {
        return new RowSink() {
            @Override
            public void columns(List<ResultColumn> columns) {
                // known
            }

            @Override
            public void row(List<@Nullable String> values) {
                rows.add(new ArrayList<>(values));
            }
        };
    }
}

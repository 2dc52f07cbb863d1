package org.qiantang.refine;

import static java.util.Objects.requireNonNull;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.qiantang.catalog.Classifier;
import org.qiantang.catalog.Completeness;
import org.qiantang.catalog.LakeReader;
import org.qiantang.catalog.Resource;
import org.qiantang.catalog.Resources;
import org.qiantang.catalog.TableCollected;
import org.qiantang.catalog.TableDerived;
import org.qiantang.core.CoreProblem;
import org.qiantang.core.Problem;
import org.qiantang.lake.Derivation;
import org.qiantang.lake.Derivations;
import org.qiantang.lake.LakeException;
import org.qiantang.lake.Queries;
import org.qiantang.lake.Rehearsal;
import org.qiantang.lake.TableName;
import org.qiantang.org.Account;
import org.qiantang.org.Departments;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** How the city's own tables are made: the mappings with their versions and tests, what is due, and what came of each run. */
@Service
public final class Mappings {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final TypeReference<Map<String, String>> WORDS = new TypeReference<>() {};
    private static final TypeReference<List<String>> NAMES = new TypeReference<>() {};
    private static final TypeReference<List<MappingState.Input>> INPUTS = new TypeReference<>() {};
    private static final int SHOWN_RUNS = 50;
    private static final int SHOWN_ROWS = 20;
    private static final int LONGEST_SHOWN = 400;
    /** A table that is followed changes every second; what is made of it need not. */
    private static final Duration REST = Duration.ofSeconds(30);

    /** So long may a table be made in parts before the whole is held against them. */
    private static final Duration CHECKED = Duration.ofHours(24);

    private static final Duration SHORTLY = Duration.ofSeconds(2);
    private static final int MOST_DOUBLINGS = 6;
    /** The source that stands for the platform itself. */
    private static final UUID PLATFORM = UUID.nameUUIDFromBytes(new byte[] {'r', 'e', 'f', 'i', 'n', 'e'});

    private static final String PURPOSE = "refine";

    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final Queries queries;
    private final Derivations derivations;
    private final Resources resources;
    private final LakeReader reader;
    private final Departments departments;
    private final ApplicationEventPublisher events;
    private final Clock clock;
    private final Map<String, Mapping> parsed = new ConcurrentHashMap<>();
    private final Semaphore work = new Semaphore(0);

    Mappings(
            JdbcClient jdbc,
            TransactionTemplate transaction,
            Queries queries,
            Derivations derivations,
            Resources resources,
            LakeReader reader,
            Departments departments,
            ApplicationEventPublisher events,
            Clock clock) {
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.queries = queries;
        this.derivations = derivations;
        this.resources = resources;
        this.reader = reader;
        this.departments = departments;
        this.events = events;
        this.clock = clock;
    }

    /** A mapping as it is stored, with its newest version. */
    private record Stored(
            TableName table,
            int version,
            Mapping mapping,
            List<TableName> inputs,
            @Nullable Map<String, String> seen,
            @Nullable Integer made,
            boolean asked,
            int failures,
            Instant notBefore,
            Derivation.@Nullable Basis basis,
            @Nullable Instant wholeAt,
            int parts,
            boolean deviated,
            boolean retired) {
        boolean isNew() {
            return made == null || made != version;
        }
    }

    /** How a text would do: nothing of it is kept. */
    public record MappingCheck(
            String table,
            List<LakeReader.SqlColumn> columns,
            List<List<@Nullable String>> rows,
            List<String> inputs,
            List<TestTried> tests) {
        public MappingCheck {
            columns = List.copyOf(columns);
            inputs = List.copyOf(inputs);
            tests = List.copyOf(tests);
        }
    }

    /** A test and how it went. */
    public record TestTried(String name, boolean good, List<String> missing, List<String> unexpected) {
        static TestTried of(Mapping.Test test, Rehearsal.Outcome outcome) {
            return new TestTried(test.name(), outcome.isGood(), outcome.missing(), outcome.unexpected());
        }
    }

    /**
     * A derivation that is to be done.
     *
     * @param basis from which it may go on
     * @param reason why it must not; null when it may
     */
    record Due(
            UUID run,
            int version,
            Mapping mapping,
            Set<TableName> inputs,
            Map<String, String> seen,
            Derivation.@Nullable Basis basis,
            MappingState.@Nullable Reason reason) {}

    /** All mappings, by layer and name: what is made first comes first. */
    public List<MappingState> list() {
        List<Stored> all = stored();
        Map<TableName, Long> snapshots = snapshots(all);
        Map<TableName, MappingState.Run> last = lastRuns();
        Map<String, UUID> known = resources.idsByLakeTable(List.of(PLATFORM));
        List<String> layers = List.of(Mapping.CODES, "std", "base", "ind");
        return all.stream()
                .map(each -> state(each, snapshots, last.get(each.table), known.get(each.table.toString())))
                .sorted(java.util.Comparator.<MappingState>comparingInt(each -> layers.indexOf(each.layer()))
                        .thenComparing(MappingState::table))
                .toList();
    }

    public MappingState.Whole get(TableName table) {
        Stored found = stored(table);
        List<MappingState.Run> runs = jdbc.sql("""
                        select * from refine_runs where namespace = ? and table_name = ? order by started_at desc limit ?""")
                .params(table.namespace(), table.name(), SHOWN_RUNS)
                .query((row, n) -> run(row))
                .list();
        List<MappingState.Version> versions = jdbc.sql("""
                        select * from refine_versions where namespace = ? and table_name = ? order by version desc""")
                .params(table.namespace(), table.name())
                .query((row, n) -> new MappingState.Version(
                        row.getInt("version"),
                        requireNonNull(row.getString("text")),
                        requireNonNull(row.getString("author")),
                        row.getTimestamp("at").toInstant()))
                .list();
        UUID resource = resources.find(table).map(Resource::id).orElse(null);
        return new MappingState.Whole(
                state(found, snapshots(List.of(found)), runs.isEmpty() ? null : runs.getFirst(), resource),
                found.mapping.key(),
                found.mapping.tests().size(),
                versions,
                runs);
    }

    /** How a table is made by its newest version. */
    Mapping mapping(TableName table) {
        return stored(table).mapping;
    }

    /** Tries a text: its tests, and its first rows as the person may see them. */
    public MappingCheck check(Account who, String text) {
        Mapping mapping = Mapping.parse(text);
        Set<TableName> inputs = inputs(mapping);
        requireOrigins(mapping, inputs);
        List<TestTried> tests =
                mapping.tests().stream().map(test -> tried(mapping, test)).toList();
        LakeReader.SqlAnswer answer = reader.ask(who, new LakeReader.Asked(null, mapping.sql(), null), SHOWN_ROWS);
        return new MappingCheck(
                mapping.table().toString(),
                answer.columns(),
                answer.rows(),
                inputs.stream().map(TableName::toString).toList(),
                tests);
    }

    /** Keeps a text as the newest version of its mapping; the same text again is no new one. Its table is made shortly. */
    public MappingState.Whole apply(Account who, String text) {
        Mapping mapping = Mapping.parse(text);
        TableName table = mapping.table();
        if (departments.list().stream().noneMatch(each -> each.id().equals(mapping.department()))) {
            throw new Problem(
                    RefineProblem.NO_SUCH_DEPARTMENT, "table", table.toString(), "department", mapping.department());
        }
        Set<TableName> inputs = inputs(mapping);
        requireOrigins(mapping, inputs);
        for (Mapping.Test test : mapping.tests()) {
            TestTried tried = tried(mapping, test);
            if (!tried.good) {
                throw new Problem(
                        RefineProblem.TEST_FAILED,
                        "table",
                        table.toString(),
                        "test",
                        test.name(),
                        "missing",
                        shown(tried.missing),
                        "unexpected",
                        shown(tried.unexpected));
            }
        }
        transaction.executeWithoutResult(status -> {
            // One after the other, or two could make a circle between them.
            jdbc.sql("lock table refine_mappings in share row exclusive mode").update();
            requireNoCycle(table, inputs);
            Optional<Stored> before = find(table);
            String former = before.isEmpty() ? "" : text(table, before.get().version);
            int version = before.map(Stored::version).orElse(0) + (former.equals(text) ? 0 : 1);
            Timestamp now = Timestamp.from(clock.instant());
            jdbc.sql("""
                            insert into refine_mappings (namespace, table_name, version, not_before)
                            values (:namespace, :table, :version, :now)
                            on conflict (namespace, table_name) do update set version = :version, failures = 0, not_before = :now,
                                deviated = false,
                                retired_at = null, retired_by = null, retired_why = null""")
                    .param("namespace", table.namespace())
                    .param("table", table.name())
                    .param("version", version)
                    .param("now", now)
                    .update();
            if (!former.equals(text)) {
                jdbc.sql("""
                                insert into refine_versions (namespace, table_name, version, text, inputs, author, at)
                                values (:namespace, :table, :version, :text, cast(:inputs as jsonb), :author, :now)""")
                        .param("namespace", table.namespace())
                        .param("table", table.name())
                        .param("version", version)
                        .param("text", text)
                        .param(
                                "inputs",
                                JSON.writeValueAsString(
                                        inputs.stream().map(TableName::toString).toList()))
                        .param("author", who.username())
                        .param("now", now)
                        .update();
            }
        });
        work.release();
        return get(table);
    }

    /** Asks for a table to be made now, as a whole, whether its inputs changed or not. */
    public void run(TableName table) {
        Stored found = stored(table);
        if (found.retired) {
            throw new Problem(RefineProblem.RETIRED, "table", table.toString());
        }
        jdbc.sql("update refine_mappings set asked = true, not_before = ? where namespace = ? and table_name = ?")
                .params(Timestamp.from(clock.instant()), table.namespace(), table.name())
                .update();
        work.release();
    }

    /** Stops making a table; what it holds stays, and every version too. */
    public void retire(Account who, TableName table, String why) {
        transaction.executeWithoutResult(status -> {
            jdbc.sql("lock table refine_mappings in share row exclusive mode").update();
            Stored found = stored(table);
            List<String> readers = stored().stream()
                    .filter(each -> !each.retired && each.inputs.contains(found.table))
                    .map(each -> each.table.toString())
                    .toList();
            if (!readers.isEmpty()) {
                throw new Problem(
                        RefineProblem.STILL_READ, "table", table.toString(), "readers", String.join(", ", readers));
            }
            jdbc.sql("""
                            update refine_mappings set retired_at = ?, retired_by = ?, retired_why = ?
                            where namespace = ? and table_name = ? and retired_at is null""")
                    .params(Timestamp.from(clock.instant()), who.username(), why, table.namespace(), table.name())
                    .update();
        });
    }

    /** Waits until there may be something to do, or a while has passed. */
    void awaitWork() throws InterruptedException {
        if (work.tryAcquire(2, TimeUnit.SECONDS)) {
            work.drainPermits();
        }
    }

    /** What a hub that ended left under way is not. */
    void forgetInterrupted() {
        jdbc.sql("update refine_runs set state = 'LOST', ended_at = ? where state = 'RUNNING'")
                .param(Timestamp.from(clock.instant()))
                .update();
    }

    /** The next table to be made: one whose inputs are up to date, as far as they can be. */
    Optional<Due> claim() {
        List<Stored> all = stored().stream().filter(each -> !each.retired).toList();
        Map<TableName, Long> snapshots = snapshots(all);
        Map<TableName, Stored> due = all.stream()
                .filter(each -> isDue(each, snapshots))
                .collect(Collectors.toMap(Stored::table, each -> each));
        Instant now = clock.instant();
        Optional<Stored> next = due.values().stream()
                .filter(each -> !each.notBefore.isAfter(now))
                .filter(each -> each.inputs.stream()
                        .map(due::get)
                        .noneMatch(input -> input != null && input.failures == 0 && !input.notBefore.isAfter(now)))
                .min(java.util.Comparator.comparing(Stored::table));
        // What was made in parts for a day is held against the whole when there is nothing else to do.
        Optional<Stored> checked = next.isPresent()
                ? Optional.empty()
                : all.stream()
                        .filter(each -> !due.containsKey(each.table)
                                && each.parts > 0
                                && each.failures == 0
                                && each.wholeAt != null
                                && each.wholeAt.plus(CHECKED).isBefore(now)
                                && !each.notBefore.isAfter(now))
                        .min(java.util.Comparator.comparing(Stored::table));
        return next.or(() -> checked).map(each -> {
            UUID run = UUID.randomUUID();
            jdbc.sql("""
                            insert into refine_runs (id, namespace, table_name, version, state, started_at)
                            values (?, ?, ?, ?, 'RUNNING', ?)""")
                    .params(run, each.table.namespace(), each.table.name(), each.version, Timestamp.from(now))
                    .update();
            return new Due(
                    run,
                    each.version,
                    each.mapping,
                    Set.copyOf(each.inputs),
                    seen(each, snapshots),
                    each.basis,
                    checked.isPresent() ? MappingState.Reason.CHECK : reason(each));
        });
    }

    /** Why a table has to be made as a whole; null when it may go on from what there is. */
    private static MappingState.@Nullable Reason reason(Stored each) {
        if (each.asked) {
            return MappingState.Reason.ASKED;
        }
        if (each.isNew()) {
            return each.made == null ? MappingState.Reason.FIRST : MappingState.Reason.VERSION;
        }
        if (each.deviated) {
            return MappingState.Reason.DEVIATED;
        }
        return each.basis == null ? MappingState.Reason.FIRST : null;
    }

    /** Makes a table and stores what came of it. */
    void carryOut(Due due) {
        Mapping mapping = due.mapping;
        TableName table = mapping.table();
        reader.noteOwnWork(PURPOSE, PURPOSE, mapping.sql(), due.inputs);
        Derivation.Result result;
        try {
            result = derivations.derive(new Derivation(
                    due.run.toString(),
                    table,
                    mapping.sql(),
                    mapping.key(),
                    mapping.columns(),
                    Map.of(
                            "qiantang.mapping",
                            table.toString(),
                            "qiantang.mapping-version",
                            "" + due.version,
                            "qiantang.refine-run",
                            due.run.toString()),
                    due.reason == null ? due.basis : null));
        } catch (LakeException e) {
            failed(due, e);
            return;
        }
        transaction.executeWithoutResult(status -> made(due, result));
        work.release();
    }

    private void made(Due due, Derivation.Result result) {
        TableName table = due.mapping.table();
        Instant now = clock.instant();
        Queries.TableState state = result.table();
        if (result.changed() || resources.find(table).isEmpty()) {
            resources.recordDerived(collected(due, result, now));
        } else {
            resources.changed(table, state.snapshotId(), state.rows(), state.bytes(), now);
        }
        if (!due.mapping.values().isEmpty()) {
            resources.noteCodes(table, due.mapping.values());
        }
        Map<TableName, Long> inputs = new HashMap<>();
        result.inputs().forEach(input -> inputs.put(input.table(), input.snapshotId()));
        events.publishEvent(new TableDerived(
                table, table.toString(), due.version, due.mapping.sql(), state.snapshotId(), inputs, now));
        boolean whole = result.course().whole() != null;
        // The same inputs, and yet another table than the parts had made of them.
        boolean deviated = due.reason == MappingState.Reason.CHECK
                && result.changed()
                && due.basis != null
                && due.basis.inputs().equals(result.basis().inputs());
        jdbc.sql("""
                        update refine_mappings set seen = cast(:seen as jsonb), made = :version, asked = false, failures = 0,
                            not_before = :later, basis = cast(:basis as jsonb), deviated = deviated or :deviated,
                            parts = case when :whole then 0 else parts + 1 end,
                            whole_at = case when :whole then :now else whole_at end
                        where namespace = :namespace and table_name = :table and version = :version""")
                .param("seen", JSON.writeValueAsString(due.seen))
                .param("version", due.version)
                .param("later", Timestamp.from(now.plus(REST)))
                .param("basis", JSON.writeValueAsString(result.basis()))
                .param("deviated", deviated)
                .param("whole", whole)
                .param("now", Timestamp.from(now))
                .param("namespace", table.namespace())
                .param("table", table.name())
                .update();
        jdbc.sql("""
                        update refine_runs set state = :state, ended_at = :now, inputs = cast(:inputs as jsonb), rows = :rows,
                            added = :added, removed = :removed, course = cast(:course as jsonb), message_zh = :zh,
                            message_en = :en where id = :id""")
                .param(
                        "state",
                        (result.changed() ? MappingState.RunState.MADE : MappingState.RunState.UNCHANGED).name())
                .param("now", Timestamp.from(now))
                .param(
                        "inputs",
                        JSON.writeValueAsString(result.inputs().stream()
                                .map(MappingState.Input::of)
                                .toList()))
                .param("rows", state.rows())
                .param("added", result.added())
                .param("removed", result.removed())
                .param("course", JSON.writeValueAsString(course(due, result.course())))
                .param("zh", deviated ? "整表核对与逐次更新的结果不同，已按整表改正；此后每次都整表生成，直到规则重新保存" : null)
                .param(
                        "en",
                        deviated
                                ? "The whole differs from what the parts had made and has taken its place; from now on the"
                                        + " whole is made each time, until the text is kept anew"
                                : null)
                .param("id", due.run)
                .update();
    }

    private static MappingState.Course course(Due due, Derivation.Course course) {
        MappingState.Reason reason = course.whole() == null
                ? null
                : due.reason != null
                        ? due.reason
                        : MappingState.Reason.valueOf(course.whole().name());
        return new MappingState.Course(
                reason,
                course.about(),
                course.read().stream()
                        .map(read -> new MappingState.Read(read.table().toString(), read.rows(), read.of()))
                        .toList());
    }

    private static TableCollected collected(Due due, Derivation.Result result, Instant now) {
        Mapping mapping = due.mapping;
        Queries.TableState state = result.table();
        List<TableCollected.Field> fields = result.columns().stream()
                .map(column -> new TableCollected.Field(
                        column.name(),
                        column.name(),
                        column.type(),
                        column.type(),
                        mapping.columns().get(column.name()),
                        !mapping.key().contains(column.name()),
                        mapping.key().indexOf(column.name()) + 1,
                        column.nulls(),
                        column.checksum(),
                        null,
                        Classifier.look(column.type(), result.samples().getOrDefault(column.name(), List.of()))))
                .toList();
        return new TableCollected(
                due.run,
                PLATFORM,
                PURPOSE,
                mapping.department(),
                mapping.table(),
                "DERIVED",
                mapping.table().toString(),
                mapping.about().isEmpty() ? mapping.title() : mapping.title() + "。" + mapping.about(),
                Completeness.COMPLETE,
                now,
                null,
                new TableCollected.Landed(state.snapshotId(), state.rows(), state.bytes()),
                fields,
                Map.of("mapping", mapping.table().toString(), "version", "" + due.version));
    }

    private void failed(Due due, LakeException e) {
        TableName table = due.mapping.table();
        boolean passing = switch (e.kind()) {
            case UNAVAILABLE, NO_SPACE, DISK_FAILED, STORAGE, CANCELLED -> true;
            default -> false;
        };
        Problem problem = translated(table, e);
        Instant now = clock.instant();
        transaction.executeWithoutResult(status -> {
            jdbc.sql("""
                            update refine_runs set state = :state, ended_at = :now, message_zh = :zh, message_en = :en
                            where id = :id""")
                    .param("state", (passing ? MappingState.RunState.LOST : MappingState.RunState.FAILED).name())
                    .param("now", Timestamp.from(now))
                    .param("zh", problem.zh())
                    .param("en", problem.en())
                    .param("id", due.run)
                    .update();
            int failures = passing ? 0 : 1;
            Duration pause = passing
                    ? SHORTLY
                    : pauseAfter(find(table).map(Stored::failures).orElse(0));
            jdbc.sql("""
                            update refine_mappings set failures = failures + :failures, not_before = :later
                            where namespace = :namespace and table_name = :table and version = :version""")
                    .param("failures", failures)
                    .param("later", Timestamp.from(now.plus(pause)))
                    .param("namespace", table.namespace())
                    .param("table", table.name())
                    .param("version", due.version)
                    .update();
        });
    }

    private static Duration pauseAfter(int failures) {
        return Duration.ofMinutes(1L << Math.min(failures, MOST_DOUBLINGS));
    }

    private Set<TableName> inputs(Mapping mapping) {
        Set<TableName> inputs;
        try {
            inputs = queries.references(mapping.sql()).tables();
        } catch (LakeException e) {
            throw translated(mapping.table(), e);
        }
        for (TableName input : inputs) {
            if (input.namespace().startsWith("ops_") || resources.find(input).isEmpty()) {
                throw new Problem(
                        RefineProblem.NO_SUCH_INPUT, "table", mapping.table().toString(), "input", input.toString());
            }
        }
        return inputs;
    }

    private void requireOrigins(Mapping mapping, Set<TableName> inputs) {
        TableName origins = mapping.origins();
        if (origins == null) {
            return;
        }
        List<String> has = inputs.contains(origins)
                ? resources.getWhole(resources.find(origins).orElseThrow().id()).columns().stream()
                        .map(Resource.Field::name)
                        .toList()
                : List.of();
        List<String> missing = java.util.stream.Stream.concat(mapping.key().stream(), GoldenRecords.ORIGINS.stream())
                .filter(column -> !has.contains(column))
                .toList();
        if (!missing.isEmpty()) {
            throw new Problem(
                    RefineProblem.WRONG_ORIGINS,
                    "table",
                    mapping.table().toString(),
                    "origins",
                    origins.toString(),
                    "reason",
                    has.isEmpty()
                            ? "the statement does not read it"
                            : "it has no column " + String.join(", ", missing));
        }
    }

    private TestTried tried(Mapping mapping, Mapping.Test test) {
        try {
            return TestTried.of(
                    test, derivations.rehearse(new Rehearsal(mapping.sql(), test.given(), test.expected())));
        } catch (LakeException e) {
            throw translated(mapping.table(), e);
        }
    }

    private static Problem translated(TableName table, LakeException e) {
        String reason = String.valueOf(e.getMessage());
        Problem problem =
                new Problem(RefineProblem.WRONG_STATEMENT, "table", table.toString(), "reason", shown(reason));
        return e.position() < 0 ? problem : problem.with("position", e.position());
    }

    private static String shown(List<String> rows) {
        return rows.isEmpty() ? "—" : shown(String.join(" ", rows));
    }

    private static String shown(String text) {
        return text.length() <= LONGEST_SHOWN ? text : text.substring(0, LONGEST_SHOWN) + "…";
    }

    private void requireNoCycle(TableName table, Set<TableName> inputs) {
        Map<TableName, List<TableName>> by = new HashMap<>();
        stored().stream().filter(each -> !each.retired).forEach(each -> by.put(each.table, each.inputs));
        by.put(table, List.copyOf(inputs));
        Map<TableName, TableName> from = new LinkedHashMap<>();
        Deque<TableName> open = new ArrayDeque<>();
        for (TableName input : inputs) {
            from.put(input, table);
            open.add(input);
        }
        Set<TableName> visited = new HashSet<>();
        while (!open.isEmpty()) {
            TableName next = open.poll();
            if (next.equals(table)) {
                List<String> path = new ArrayList<>();
                TableName at = table;
                do {
                    path.add(at.toString());
                    at = requireNonNull(from.get(at), "every step came from somewhere");
                } while (!at.equals(table));
                path.add(table.toString());
                throw new Problem(RefineProblem.CYCLE, "table", table.toString(), "path", String.join(" ← ", path));
            }
            if (visited.add(next)) {
                for (TableName input : by.getOrDefault(next, List.of())) {
                    from.putIfAbsent(input, next);
                    open.add(input);
                }
            }
        }
    }

    private MappingState state(
            Stored each, Map<TableName, Long> snapshots, MappingState.@Nullable Run last, @Nullable UUID resource) {
        MappingState.State state;
        if (each.retired) {
            state = MappingState.State.RETIRED;
        } else if (last != null && last.state() == MappingState.RunState.RUNNING) {
            state = MappingState.State.RUNNING;
        } else if (each.failures > 0) {
            state = MappingState.State.FAILED;
        } else {
            state = isDue(each, snapshots) ? MappingState.State.DUE : MappingState.State.CURRENT;
        }
        Mapping mapping = each.mapping;
        return new MappingState(
                each.table.toString(),
                mapping.layer(),
                mapping.title(),
                mapping.titleEn(),
                mapping.department(),
                mapping.about(),
                each.version,
                state,
                each.inputs.stream().map(TableName::toString).toList(),
                resource,
                last);
    }

    private static boolean isDue(Stored each, Map<TableName, Long> snapshots) {
        return each.asked || each.isNew() || !seen(each, snapshots).equals(each.seen);
    }

    private static Map<String, String> seen(Stored each, Map<TableName, Long> snapshots) {
        Map<String, String> seen = new TreeMap<>();
        for (TableName input : each.inputs) {
            Long snapshot = snapshots.get(input);
            if (snapshot != null) {
                seen.put(input.toString(), snapshot.toString());
            }
        }
        return seen;
    }

    private Map<TableName, Long> snapshots(List<Stored> of) {
        return resources.snapshots(
                of.stream().flatMap(each -> each.inputs.stream()).collect(Collectors.toSet()));
    }

    private Map<TableName, MappingState.Run> lastRuns() {
        Map<TableName, MappingState.Run> last = new HashMap<>();
        jdbc.sql(
                        "select distinct on (namespace, table_name) * from refine_runs order by namespace, table_name, started_at desc")
                .query(row -> {
                    last.put(new TableName(row.getString("namespace"), row.getString("table_name")), run(row));
                });
        return last;
    }

    private String text(TableName table, int version) {
        return jdbc.sql("select text from refine_versions where namespace = ? and table_name = ? and version = ?")
                .params(table.namespace(), table.name(), version)
                .query(String.class)
                .single();
    }

    private Stored stored(TableName table) {
        return find(table).orElseThrow(() -> new Problem(CoreProblem.NOT_FOUND, "what", table.toString()));
    }

    private Optional<Stored> find(TableName table) {
        return stored().stream().filter(each -> each.table.equals(table)).findFirst();
    }

    private List<Stored> stored() {
        return jdbc.sql("""
                        select m.*, v.text, v.inputs from refine_mappings m
                        join refine_versions v using (namespace, table_name, version) order by namespace, table_name""").query((row, n) -> stored(row)).list();
    }

    private Stored stored(ResultSet row) throws SQLException {
        TableName table = new TableName(row.getString("namespace"), row.getString("table_name"));
        int version = row.getInt("version");
        String text = requireNonNull(row.getString("text"));
        @Nullable String seen = row.getString("seen");
        int made = row.getInt("made");
        Integer madeVersion = row.wasNull() ? null : made;
        @Nullable String basis = row.getString("basis");
        @Nullable Timestamp wholeAt = row.getTimestamp("whole_at");
        return new Stored(
                table,
                version,
                // A version never changes.
                parsed.computeIfAbsent(table + "/" + version, any -> Mapping.parse(text)),
                JSON.readValue(row.getString("inputs"), NAMES).stream()
                        .map(Mapping::table)
                        .toList(),
                seen == null ? null : JSON.readValue(seen, WORDS),
                madeVersion,
                row.getBoolean("asked"),
                row.getInt("failures"),
                row.getTimestamp("not_before").toInstant(),
                basis == null ? null : JSON.readValue(basis, Derivation.Basis.class),
                wholeAt == null ? null : wholeAt.toInstant(),
                row.getInt("parts"),
                row.getBoolean("deviated"),
                row.getTimestamp("retired_at") != null);
    }

    private static MappingState.Run run(ResultSet row) throws SQLException {
        @Nullable String inputs = row.getString("inputs");
        @Nullable String course = row.getString("course");
        Timestamp ended = row.getTimestamp("ended_at");
        return new MappingState.Run(
                row.getObject("id", UUID.class),
                row.getInt("version"),
                MappingState.RunState.valueOf(row.getString("state")),
                row.getTimestamp("started_at").toInstant(),
                ended == null ? null : ended.toInstant(),
                inputs == null ? List.of() : JSON.readValue(inputs, INPUTS),
                row.getObject("rows", Long.class),
                row.getObject("added", Long.class),
                row.getObject("removed", Long.class),
                course == null ? null : JSON.readValue(course, MappingState.Course.class),
                row.getString("message_zh"),
                row.getString("message_en"));
    }
}

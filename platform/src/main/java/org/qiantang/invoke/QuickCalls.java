package org.qiantang.invoke;

import static java.util.Objects.requireNonNull;

import java.sql.Date;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.qiantang.catalog.KeyedRead;
import org.qiantang.catalog.KeyedReads;
import org.qiantang.catalog.LakeReader;
import org.qiantang.core.CityCalendar;
import org.qiantang.core.Problem;
import org.qiantang.core.Sealing;
import org.qiantang.invoke.DataService.Version;
import org.qiantang.org.Account;
import org.qiantang.org.Department;
import org.qiantang.org.EvidenceRecords;
import org.qiantang.share.Grant;
import org.qiantang.share.Grants;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Calls of clients that ask the same question by key again and again (按键快答). Their rows are kept by key as the grant shows them; one
 * transaction for all who call at the same time sees whether everything the answers were made of still stands, counts the calls and writes
 * them down. Whatever is not plainly so is not answered here: {@link Calls} answers it.
 */
@Service
public final class QuickCalls implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(QuickCalls.class.getName());

    /** So often a question is asked before its rows are kept. */
    private static final int OFTEN = 3;

    private static final int MOST_SHAPES = 10_000;
    private static final int MOST_PREPARED = 64;
    private static final int MOST_AT_ONCE = 256;
    /** Rows that change all the time are not looked through all the time. */
    private static final int PAUSES = 20;

    private static final Duration LEAST_PAUSE = Duration.ofSeconds(1);
    private static final Duration PAUSE_OF_NO = Duration.ofMinutes(10);

    private final Calls calls;
    private final DataServices services;
    private final Clients clients;
    private final Grants grants;
    private final KeyedReads reads;
    private final Pace pace;
    private final Sealing sealing;
    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final CityCalendar calendar;
    private final Clock clock;
    private final ConcurrentHashMap<Shape, Standing> shapes = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<Shape, Prepared> prepared = new ConcurrentHashMap<>();
    private final LinkedBlockingQueue<Waiting> queue = new LinkedBlockingQueue<>();
    private final AtomicBoolean preparing = new AtomicBoolean();
    private final Thread answering;
    private volatile boolean closed;

    QuickCalls(
            Calls calls,
            DataServices services,
            Clients clients,
            Grants grants,
            KeyedReads reads,
            Pace pace,
            Sealing sealing,
            JdbcClient jdbc,
            TransactionTemplate transaction,
            CityCalendar calendar,
            Clock clock) {
        this.calls = calls;
        this.services = services;
        this.clients = clients;
        this.grants = grants;
        this.reads = reads;
        this.pace = pace;
        this.sealing = sealing;
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.calendar = calendar;
        this.clock = clock;
        answering = Thread.ofPlatform().name("quick-calls").daemon().start(this::answering);
    }

    /** Calls that differ in nothing but values. */
    private record Shape(
            String client,
            String service,
            int version,
            @Nullable String grant,
            @Nullable String fields,
            @Nullable String sort,
            Set<String> given) {
        static Shape of(String client, String service, int version, Calls.Wanted wanted) {
            Map<String, String> query = wanted.query();
            return new Shape(
                    client,
                    service,
                    version,
                    Calls.named(wanted),
                    query.get("fields"),
                    query.get("sort"),
                    query.keySet());
        }
    }

    /** How often a shape was called, and from when on it may be prepared. */
    private record Standing(int calls, Instant after) {}

    /**
     * What calls of a shape are answered from.
     *
     * @param by the parameters that select
     * @param print of everything it was made of
     */
    private record Prepared(
            Shape shape,
            Version version,
            Account account,
            String department,
            Question question,
            List<Parameter> by,
            Grant grant,
            KeyedRead read,
            String print) {
        String paced() {
            return account.username() + " " + version.named();
        }
    }

    private record Waiting(
            Prepared prepared, KeyedRead.Found found, CompletableFuture<EvidenceRecords.@Nullable Underway> done) {}

    /**
     * Answers a call of a client whose token holds. Empty where it is for {@link Calls} to answer or to refuse; nothing is counted then.
     *
     * @param client whose token it was, which may have been revoked since
     */
    public Optional<Calls.Page> answer(String client, String service, int number, Calls.Wanted wanted) {
        Prepared by = prepared.get(Shape.of(client, service, number, wanted));
        if (by == null
                || closed
                || isOdd(wanted.caseNumber())
                || isOdd(wanted.scenario())
                || isOdd(wanted.operator())) {
            return Optional.empty();
        }
        Definition definition = by.version.definition();
        List<String> bound;
        int limit;
        try {
            Map<String, String> given = Calls.given(definition, wanted.query());
            Calls.requireErrand(definition, wanted);
            limit = Calls.limit(definition, wanted.query().get("limit"));
            bound = bound(definition, by.by, given);
        } catch (Problem refused) {
            return Optional.empty();
        }
        if (bound.isEmpty()) {
            return Optional.empty();
        }
        Pace.Standing standing = pace.take(by.paced(), definition.rate());
        if (standing.waitNanos() > 0) {
            return Optional.empty();
        }
        KeyedRead.Found found = by.read.find(
                bound,
                limit,
                wanted.caseNumber(),
                new LakeReader.Call(by.version.named(), wanted.scenario(), wanted.operator()),
                wanted.known());
        Waiting waiting = new Waiting(by, found, new CompletableFuture<>());
        queue.add(waiting);
        EvidenceRecords.Underway written = waiting.done.join();
        if (written == null) {
            pace.giveBack(by.paced(), definition.rate());
            return Optional.empty();
        }
        EvidenceRecords.Recorded evidence = written.await();
        LakeReader.SqlAnswer answer = found.unchanged() ? null : by.read.answer(found, evidence);
        String next = answer == null || !answer.truncated()
                ? null
                : new Place(Calls.asOf(new Place("", 0), answer), answer.rows().size())
                        .write(sealing, Calls.asked(by.version, new Question(by.question.sql(), List.copyOf(bound))));
        return Optional.of(new Calls.Page(
                by.version,
                found.state(),
                answer,
                next,
                false,
                new Calls.Left(
                        standing.left(),
                        definition.rate().perSecond(),
                        definition.rate().burst()),
                evidence));
    }

    /** What no database takes must not stop all who call at the same time. */
    private static boolean isOdd(@Nullable String said) {
        return said != null && said.indexOf('\0') >= 0;
    }

    /** The values of the keys; none where one is not plainly a key. */
    private static List<String> bound(Definition definition, List<Parameter> by, Map<String, String> given) {
        List<String> bound = new ArrayList<>(by.size());
        for (Parameter parameter : definition.parameters()) {
            String value = parameter.bound(given.get(parameter.name()));
            if (value == null) {
                continue;
            }
            if (!parameter.type().kind().orElseThrow().isPlain(value)) {
                return List.of();
            }
            bound.add(value);
        }
        return bound.size() == by.size() ? bound : List.of();
    }

    /** Hears of a call that {@link Calls} answered; who calls often is answered here before long. */
    public void heard(Account who, String service, int number, Calls.Wanted wanted) {
        if (!who.isProgram() || wanted.query().containsKey("after") || closed) {
            return;
        }
        Shape shape = Shape.of(caller(who), service, number, wanted);
        if (shapes.size() > MOST_SHAPES) {
            shapes.clear();
        }
        Instant now = clock.instant();
        Standing standing = requireNonNull(shapes.compute(
                shape,
                (any, before) -> before == null
                        ? new Standing(1, Instant.MIN)
                        : new Standing(Math.min(OFTEN, before.calls + 1), before.after)));
        if (standing.calls >= OFTEN
                && !now.isBefore(standing.after)
                && !prepared.containsKey(shape)
                && preparing.compareAndSet(false, true)) {
            Thread.ofVirtual().name("quick-calls-prepare").start(() -> {
                try {
                    prepare(shape, who);
                } finally {
                    preparing.set(false);
                }
            });
        }
    }

    /** As whom {@link #answer} is asked for somebody: a client by its id, another installation by its name. */
    public static String caller(Account who) {
        return Client.isBehind(who) ? Client.idOf(who) : who.username();
    }

    private void prepare(Shape shape, Account who) {
        Instant begun = clock.instant();
        boolean made = false;
        try {
            Optional<Prepared> next = make(shape, who);
            made = next.isPresent();
            if (next.isPresent()) {
                if (prepared.size() >= MOST_PREPARED) {
                    prepared.keySet().stream().findAny().ifPresent(prepared::remove);
                }
                prepared.put(shape, next.get());
            }
        } catch (Problem refused) {
            LOG.log(System.Logger.Level.DEBUG, "Rows are not kept for {0}: {1}", shape.service, refused.getMessage());
        } catch (RuntimeException | InternalError e) {
            LOG.log(System.Logger.Level.WARNING, "Rows cannot be kept for " + shape.service, e);
        } finally {
            Duration pause = Duration.between(begun, clock.instant()).multipliedBy(PAUSES);
            Duration atLeast = made ? LEAST_PAUSE : PAUSE_OF_NO;
            Instant after = clock.instant().plus(pause.compareTo(atLeast) > 0 ? pause : atLeast);
            shapes.put(shape, new Standing(0, after));
        }
    }

    /** Everything is read after the print, so that whatever changes meanwhile changes that. */
    private Optional<Prepared> make(Shape shape, Account who) {
        Account account = current(who).orElse(null);
        Department department = account == null ? null : account.department();
        if (account == null || department == null) {
            return Optional.empty();
        }
        Definition known = services.open(shape.service, shape.version).definition();
        if (known.table() == null) {
            return Optional.empty();
        }
        String print = print(shape, department.id(), known).orElse(null);
        if (print == null) {
            return Optional.empty();
        }
        account = current(who).orElseThrow();
        Version version = services.open(shape.service, shape.version);
        Definition definition = version.definition();
        List<Parameter> by = by(definition, shape.given);
        if (by.isEmpty()) {
            return Optional.empty();
        }
        List<String> fields = Calls.fields(definition, shape.fields);
        List<Question.Order> orders = Calls.orders(definition, shape.sort);
        Question question = Question.byKey(definition, fields, orders, by);
        UUID id = calls.grant(account, definition, question, fields, shape.grant);
        Grant grant = grants.of(account).stream()
                .filter(each -> each.id().equals(id))
                .findFirst()
                .orElse(null);
        if (grant == null) {
            return Optional.empty();
        }
        Optional<KeyedRead> read = reads.look(
                account,
                version.named(),
                new LakeReader.Asked(null, question.sql(), null, id, null),
                Question.everyKey(definition, fields, orders, by),
                by.stream().map(each -> each.type().kind().orElseThrow()).toList());
        Account named = account;
        return read.map(
                found -> new Prepared(shape, version, named, department.id(), question, by, grant, found, print));
    }

    /** A client as it is now; another installation is what its door has found it to be. */
    private Optional<Account> current(Account who) {
        return Client.isBehind(who) ? clients.account(Client.idOf(who)) : Optional.of(who);
    }

    /** The parameters that select in calls of a shape, if each does by what equals it and at least one does. */
    private static List<Parameter> by(Definition definition, Set<String> given) {
        List<Parameter> by = definition.parameters().stream()
                .filter(each -> given.contains(each.name()) || each.defaultValue() != null)
                .toList();
        boolean byKey = by.stream()
                .allMatch(each -> each.filter() != null
                        && each.filter().operator() == Parameter.Operator.EQUALS
                        && each.type().kind().isPresent());
        return byKey ? by : List.of();
    }

    private static final String PRINT = """
            md5(invoke_standing(f.client, f.service, f.version) || share_standing(f.department, :now)
                || catalog_standing(f.namespace, f.name))""";

    private Optional<String> print(Shape shape, String department, Definition definition) {
        return jdbc.sql("select " + PRINT + """
                         from (values (cast(:client as text), cast(:service as text), cast(:version as int), cast(:department as text),
                            cast(:namespace as text), cast(:name as text))) f (client, service, version, department, namespace, name)""")
                .param("now", Timestamp.from(clock.instant()))
                .param("client", shape.client)
                .param("service", shape.service)
                .param("version", shape.version)
                .param("department", department)
                .param("namespace", Question.table(definition).namespace())
                .param("name", Question.table(definition).name())
                .query((row, n) -> Optional.ofNullable(row.getString(1)))
                .single();
    }

    private void answering() {
        List<Waiting> batch = new ArrayList<>();
        while (!closed) {
            try {
                batch.add(queue.take());
            } catch (InterruptedException e) {
                break;
            }
            queue.drainTo(batch, MOST_AT_ONCE - 1);
            answer(batch);
            batch.clear();
        }
        queue.forEach(each -> each.done.complete(null));
    }

    private void answer(List<Waiting> batch) {
        try {
            Map<Waiting, EvidenceRecords.Underway> written =
                    requireNonNull(transaction.execute(status -> write(batch)));
            for (Waiting each : batch) {
                EvidenceRecords.Underway underway = written.get(each);
                if (underway == null) {
                    each.done.complete(null);
                } else {
                    underway.then(() -> each.done.complete(underway));
                }
            }
        } catch (RuntimeException | Error e) {
            // Each is asked for again the ordinary way, which says what is wrong.
            LOG.log(System.Logger.Level.DEBUG, "Calls were not answered by key", e);
            batch.forEach(each -> each.done.complete(null));
        }
    }

    /** Those that may be answered, with where they are written down. */
    private Map<Waiting, EvidenceRecords.Underway> write(List<Waiting> batch) {
        // As the same objects: what they are made of is long.
        Map<Prepared, List<Waiting>> groups = new IdentityHashMap<>();
        for (Waiting each : batch) {
            groups.computeIfAbsent(each.prepared, any -> new ArrayList<>()).add(each);
        }
        List<Prepared> of = List.copyOf(groups.keySet());
        List<Waiting> stand = new ArrayList<>(batch.size());
        List<Verdict> verdicts = verdicts(of, groups);
        for (int i = 0; i < of.size(); i++) {
            Prepared each = of.get(i);
            switch (verdicts.get(i)) {
                case GIVEN -> stand.addAll(requireNonNull(groups.get(each)));
                case CHANGED -> prepared.remove(each.shape, each);
                case USED_UP -> {
                    // How much is left of the day is looked at call by call.
                }
            }
        }
        Map<Waiting, EvidenceRecords.Underway> written = new IdentityHashMap<>();
        if (!stand.isEmpty()) {
            List<EvidenceRecords.Underway> underway =
                    reads.record(stand.stream().map(Waiting::found).toList());
            for (int i = 0; i < underway.size(); i++) {
                written.put(stand.get(i), underway.get(i));
            }
        }
        return written;
    }

    private enum Verdict {
        GIVEN,
        CHANGED,
        USED_UP,
    }

    /**
     * Whether all that each was made of stands and its grant has as much left as is asked, which is counted then. What several have in common
     * is looked at once; grants are always counted in one order, so that hubs do not wait for each other in a circle.
     */
    private static final String VERDICTS = """
            with asked as (select f.* from unnest(cast(:clients as text[]), cast(:services as text[]), cast(:versions as int[]),
                    cast(:departments as text[]), cast(:namespaces as text[]), cast(:names as text[]), cast(:prints as text[]),
                    cast(:ids as uuid[]), cast(:calls as bigint[]), cast(:rows as bigint[]), cast(:mostCalls as bigint[]),
                    cast(:mostRows as bigint[])) with ordinality f (client, service, version, department, namespace, name, print, id,
                    calls, rows, most_calls, most_rows, place)),
                rights as materialized (select department, share_standing(department, :now) standing
                    from (select distinct department from asked) d),
                tables as materialized (select namespace, name, catalog_standing(namespace, name) standing
                    from (select distinct namespace, name from asked) t),
                judged as materialized (select f.*, coalesce(f.print = md5(invoke_standing(f.client, f.service, f.version)
                        || r.standing || t.standing), false) stands
                    from asked f join rights r using (department) join tables t using (namespace, name)),
                counted as materialized (select id, share_count(id, :day, calls, rows, most_calls, most_rows) given
                    from (select id, cast(sum(calls) as bigint) calls, cast(sum(rows) as bigint) rows,
                        min(most_calls) most_calls, min(most_rows) most_rows
                        from judged where stands group by id order by id offset 0) g)
            select j.stands, c.given from judged j left join counted c using (id) order by j.place""";

    private List<Verdict> verdicts(List<Prepared> of, Map<Prepared, List<Waiting>> groups) {
        Instant now = clock.instant();
        return jdbc.sql(VERDICTS)
                .param("now", Timestamp.from(now))
                .param("day", Date.valueOf(LocalDate.ofInstant(now, calendar.zone())))
                .param("clients", texts(of, each -> each.shape.client))
                .param("services", texts(of, each -> each.shape.service))
                .param("versions", of.stream().map(each -> each.shape.version).toArray(Integer[]::new))
                .param("departments", texts(of, Prepared::department))
                .param(
                        "namespaces",
                        texts(
                                of,
                                each -> Question.table(each.version.definition())
                                        .namespace()))
                .param(
                        "names",
                        texts(
                                of,
                                each -> Question.table(each.version.definition())
                                        .name()))
                .param("prints", texts(of, Prepared::print))
                .param("ids", texts(of, each -> each.grant.id().toString()))
                .param(
                        "calls",
                        of.stream()
                                .map(each ->
                                        (long) requireNonNull(groups.get(each)).size())
                                .toArray(Long[]::new))
                .param(
                        "rows",
                        of.stream()
                                .map(each -> requireNonNull(groups.get(each)).stream()
                                        .mapToLong(call -> call.found.rows().size())
                                        .sum())
                                .toArray(Long[]::new))
                .param(
                        "mostCalls",
                        of.stream().map(each -> each.grant.quota().callsADay()).toArray(Long[]::new))
                .param(
                        "mostRows",
                        of.stream().map(each -> each.grant.quota().rowsADay()).toArray(Long[]::new))
                .query((row, n) ->
                        !row.getBoolean(1) ? Verdict.CHANGED : row.getBoolean(2) ? Verdict.GIVEN : Verdict.USED_UP)
                .list();
    }

    private static String[] texts(List<Prepared> of, Function<Prepared, String> text) {
        return of.stream().map(text).toArray(String[]::new);
    }

    @Override
    public void close() throws InterruptedException {
        closed = true;
        answering.interrupt();
        answering.join();
        queue.forEach(each -> each.done.complete(null));
    }
}

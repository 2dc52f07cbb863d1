package org.qiantang.quality;

import static java.util.Objects.requireNonNull;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.qiantang.catalog.Resource;
import org.qiantang.catalog.Resources;
import org.qiantang.core.CityCalendar;
import org.qiantang.core.CoreProblem;
import org.qiantang.core.Problem;
import org.qiantang.org.Account;
import org.qiantang.org.Department;
import org.qiantang.org.Departments;
import org.qiantang.org.Post;
import org.qiantang.org.Posts;
import org.qiantang.org.Role;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;

/** The tickets (工单): opened by rules and by people, dispatched to departments, reminded of, and closed by a later snapshot. */
@Service
public final class Tickets {
    private static final String TICKET = """
            select t.*, d.name d_name, d.name_en d_name_en, c.title r_title, c.namespace || '.' || c.table_name r_table
            from quality_tickets t join catalog_resources c on c.id = t.resource_id
            left join org_departments d on d.id = t.department_id
            """;

    private static final int MOST_SHOWN = 500;

    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final Resources resources;
    private final Departments departments;
    private final Posts posts;
    private final Deadlines deadlines;
    private final CityCalendar calendar;
    private final Clock clock;

    Tickets(
            JdbcClient jdbc,
            TransactionTemplate transaction,
            Resources resources,
            Departments departments,
            Posts posts,
            Deadlines deadlines,
            CityCalendar calendar,
            Clock clock) {
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.resources = resources;
        this.departments = departments;
        this.posts = posts;
        this.deadlines = deadlines;
        this.calendar = calendar;
        this.clock = clock;
    }

    /** A ticket as a list of them needs it. */
    public record TicketBrief(
            UUID id,
            String number,
            @Nullable UUID rule,
            UUID resource,
            String resourceTitle,
            String lakeTable,
            Words about,
            Ticket.FoundBy foundBy,
            String openedBy,
            Instant openedAt,
            Severity severity,
            @Nullable Department department,
            Ticket.State state,
            Ticket.Lateness lateness,
            @Nullable Instant dueAt,
            Ticket.Failure failure,
            @Nullable Instant closedAt) {}

    /**
     * Everything about one.
     *
     * @param steps the newest first
     * @param acts what whoever asks may do now
     */
    public record TicketWhole(TicketBrief ticket, List<Ticket.TicketStep> steps, List<Ticket.Act> acts) {
        public TicketWhole {
            steps = List.copyOf(steps);
            acts = List.copyOf(acts);
        }
    }

    /** Which tickets somebody wants to see. */
    public enum Wanted {
        /** Those that wait for the person's own department; for the bureau those that wait for it. */
        MINE,
        OPEN,
        CLOSED,
    }

    /** The tickets somebody may see, by deadline; the bureau sees all, a department those that are or were with it. */
    public List<TicketBrief> list(Account who, Wanted wanted, @Nullable UUID resource) {
        boolean bureau = seesAll(who);
        Department own = who.department();
        String waiting = who.has(Role.ENGINEER)
                ? "t.state in ('NEW', 'RETURNED') or t.lateness = 'ESCALATED' and t.closed_at is null"
                : "t.state in ('DISPATCHED', 'ACCEPTED', 'FIXING')";
        String condition = switch (wanted) {
            case MINE -> "t.closed_at is null and (" + waiting + ")";
            case OPEN -> "t.closed_at is null";
            case CLOSED -> "t.closed_at is not null";
        };
        return jdbc.sql(TICKET + " where " + condition
                        + " and (:all or t.department_id = :department)"
                        + " and (cast(:resource as uuid) is null or t.resource_id = cast(:resource as uuid))"
                        + " order by t.closed_at desc nulls first, t.due_at nulls first, t.number limit " + MOST_SHOWN)
                .param("all", bureau)
                .param("department", own == null ? "" : own.id())
                .param("resource", resource == null ? null : resource.toString())
                .query((row, n) -> brief(row))
                .list();
    }

    private static boolean seesAll(Account who) {
        return who.has(Role.ENGINEER) || who.has(Role.AUDITOR);
    }

    public TicketWhole get(Account who, UUID id) {
        Ticket ticket = ticket(id);
        requireMaySee(who, ticket);
        TicketBrief brief = jdbc.sql(TICKET + " where t.id = ?")
                .param(id)
                .query((row, n) -> brief(row))
                .single();
        List<Ticket.TicketStep> steps = jdbc.sql(
                        "select * from quality_ticket_steps where ticket_id = ? order by id desc")
                .param(id)
                .query((row, n) -> new Ticket.TicketStep(
                        row.getTimestamp("at").toInstant(),
                        requireNonNull(row.getString("who")),
                        requireNonNull(row.getString("who_name")),
                        Ticket.Act.valueOf(row.getString("act")),
                        Ticket.State.valueOf(row.getString("state")),
                        row.getString("words")))
                .list();
        return new TicketWhole(brief, steps, List.copyOf(ticket.acts(who)));
    }

    private void requireMaySee(Account who, Ticket ticket) {
        if (!seesAll(who) && !ticket.isWith(who)) {
            throw new Problem(CoreProblem.NOT_FOUND, "what", ticket.id().toString());
        }
    }

    /** Somebody saw something wrong that no rule saw. The bureau's goes to the department at once, another's to the bureau first. */
    public TicketWhole open(Account who, UUID resource, String words, Severity severity) {
        Resource about = resources.get(resource);
        UUID id = transaction.execute(status -> {
            Ticket ticket = Ticket.open(
                    UUID.randomUUID(),
                    number(),
                    new Ticket.Finding(
                            null, resource, new Words(words.strip(), words.strip()), Ticket.FoundBy.PERSON, severity),
                    Ticket.Failure.NONE,
                    by(who));
            if (who.has(Role.ENGINEER)) {
                ticket.dispatch(about.department(), due(), null, by(who));
            }
            insert(ticket);
            return ticket.id();
        });
        UUID opened = requireNonNull(id);
        Ticket ticket = ticket(opened);
        return seesAll(who) || ticket.isWith(who)
                ? get(who, opened)
                : new TicketWhole(
                        jdbc.sql(TICKET + " where t.id = ?")
                                .param(opened)
                                .query((row, n) -> brief(row))
                                .single(),
                        List.of(),
                        List.of());
    }

    public TicketWhole dispatch(Account who, UUID id, String department, @Nullable String words) {
        Department to = departments.get(department);
        return act(who, id, Ticket.Act.DISPATCH, ticket -> ticket.dispatch(to, due(), words, by(who)));
    }

    public TicketWhole accept(Account who, UUID id) {
        return act(who, id, Ticket.Act.ACCEPT, ticket -> ticket.accept(by(who)));
    }

    public TicketWhole giveBack(Account who, UUID id, String reason) {
        return act(who, id, Ticket.Act.RETURN, ticket -> ticket.giveBack(reason, by(who)));
    }

    public TicketWhole begin(Account who, UUID id) {
        return act(who, id, Ticket.Act.BEGIN, ticket -> ticket.begin(by(who)));
    }

    public TicketWhole fix(Account who, UUID id, String words) {
        return act(who, id, Ticket.Act.FIX, ticket -> ticket.fix(words, by(who)));
    }

    public TicketWhole close(Account who, UUID id, String reason) {
        return act(who, id, Ticket.Act.CLOSE, ticket -> ticket.close(reason, by(who)));
    }

    private TicketWhole act(Account who, UUID id, Ticket.Act act, Consumer<Ticket> transition) {
        transaction.executeWithoutResult(status -> {
            Ticket ticket = locked(id);
            requireMaySee(who, ticket);
            boolean bureaus = act == Ticket.Act.DISPATCH || act == Ticket.Act.CLOSE;
            if (bureaus ? !who.has(Role.ENGINEER) : !ticket.isWith(who)) {
                Department with = ticket.department();
                throw new Problem(
                        QualityProblem.TICKET_NOT_YOURS,
                        "act",
                        act.words().zh() + " (" + act.words().en() + ")",
                        "who",
                        bureaus || with == null ? "数据局 (the data bureau)" : with.name());
            }
            transition.accept(ticket);
            update(ticket);
        });
        return get(who, id);
    }

    /** What a look at a rule means for its ticket. Inside the caller's transaction. */
    void judged(Rule rule, Resource about, Rule.Outcome outcome) {
        if (outcome.error() != null) {
            return;
        }
        Ticket.By machine = Ticket.By.machine(outcome.at());
        Optional<Ticket> open = jdbc.sql(TICKET + " where t.rule_id = ? and t.closed_at is null for update of t")
                .param(rule.id())
                .query((row, n) -> stored(row))
                .optional();
        if (outcome.passes(rule.tolerance())) {
            open.ifPresent(ticket -> {
                // What the clock decides needs no other snapshot.
                boolean timely = rule.requirement().kind() == Requirement.Kind.TIMELY
                        || rule.requirement().kind() == Requirement.Kind.REACHABLE;
                if (ticket.passes(timely ? null : outcome.snapshotId(), machine)) {
                    update(ticket);
                }
            });
            return;
        }
        Ticket.Failure failure =
                new Ticket.Failure(outcome.snapshotId(), outcome.at(), outcome.failed(), outcome.checked());
        if (open.isPresent()) {
            open.get().fails(failure, machine);
            update(open.get());
            return;
        }
        Ticket ticket = Ticket.open(
                UUID.randomUUID(),
                number(),
                new Ticket.Finding(rule.id(), about.id(), rule.words(), Ticket.FoundBy.RULE, rule.severity()),
                failure,
                machine);
        ticket.dispatch(about.department(), due(), null, machine);
        insert(ticket);
    }

    /** Reminds of tickets whose day has passed, and tells those above of tickets that nobody heeded. */
    void remind() {
        Instant now = clock.instant();
        List<UUID> late = jdbc.sql("""
                        select id from quality_tickets where closed_at is null and due_at < ? and lateness <> 'ESCALATED'
                            and state in ('DISPATCHED', 'ACCEPTED', 'FIXING')""")
                .param(Timestamp.from(now))
                .query((row, n) -> row.getObject(1, UUID.class))
                .list();
        for (UUID id : late) {
            transaction.executeWithoutResult(status -> {
                Ticket ticket = locked(id);
                Instant due = ticket.dueAt();
                Department with = ticket.department();
                if (ticket.closedAt() != null || due == null || with == null || !due.isBefore(now)) {
                    return;
                }
                if (ticket.lateness() == Ticket.Lateness.IN_TIME) {
                    ticket.overdue(with.name(), Ticket.By.machine(now));
                    update(ticket);
                } else if (ticket.lateness() == Ticket.Lateness.OVERDUE
                        && calendar.due(due, deadlines.escalateDays()).isBefore(now)) {
                    ticket.escalate(above(with), Ticket.By.machine(now));
                    update(ticket);
                }
            });
        }
    }

    /** Those at the top of a department, as posts and not as persons, and the bureau. */
    private String above(Department department) {
        LocalDate today = clock.instant().atZone(calendar.zone()).toLocalDate();
        String heads = posts.of(department.id(), today).stream()
                .map(Posts.Held::post)
                .filter(post -> post.reportsTo() == null)
                .map(Post::name)
                .collect(Collectors.joining("、"));
        return "数据局" + (heads.isEmpty() ? "" : "，" + department.name() + heads);
    }

    /** What a department owes an answer to. */
    public record Owed(
            Department department,
            int open,
            int overdue,
            int escalated,
            @Nullable Instant nextDue) {}

    /** The departments that owe an answer, those whose deadline is nearest first. */
    public List<Owed> owed() {
        return jdbc.sql("""
                        select d.id, d.name, d.name_en, count(*) open, count(*) filter (where t.lateness = 'OVERDUE') overdue,
                            count(*) filter (where t.lateness = 'ESCALATED') escalated, min(t.due_at) due
                        from quality_tickets t join org_departments d on d.id = t.department_id
                        where t.closed_at is null and t.state in ('DISPATCHED', 'ACCEPTED', 'FIXING')
                        group by d.id order by due, d.ordinal""")
                .query((row, n) -> {
                    Timestamp due = row.getTimestamp("due");
                    return new Owed(
                            new Department(row.getString("id"), row.getString("name"), row.getString("name_en")),
                            row.getInt("open"),
                            row.getInt("overdue"),
                            row.getInt("escalated"),
                            due == null ? null : due.toInstant());
                })
                .list();
    }

    /** How many wait for the bureau to dispatch them. */
    public int undispatched() {
        return jdbc.sql("select count(*) from quality_tickets where state in ('NEW', 'RETURNED')")
                .query(Integer.class)
                .single();
    }

    private Instant due() {
        return calendar.due(clock.instant(), deadlines.answerDays());
    }

    private Ticket.By by(Account who) {
        return Ticket.By.person(who, clock.instant());
    }

    private String number() {
        long next = jdbc.sql("select nextval('quality_ticket_numbers')")
                .query(Long.class)
                .single();
        return "ZL%d-%06d".formatted(clock.instant().atZone(calendar.zone()).getYear(), next);
    }

    private Ticket ticket(UUID id) {
        return find(id, "");
    }

    private Ticket locked(UUID id) {
        return find(id, " for update of t");
    }

    private Ticket find(UUID id, String lock) {
        return jdbc.sql(TICKET + " where t.id = ?" + lock)
                .param(id)
                .query((row, n) -> stored(row))
                .optional()
                .orElseThrow(() -> new Problem(CoreProblem.NOT_FOUND, "what", id.toString()));
    }

    private void insert(Ticket ticket) {
        jdbc.sql("""
                        insert into quality_tickets (id, number, rule_id, resource_id, about_zh, about_en, found_by, opened_by, opened_at,
                            severity, department_id, state, lateness, due_at, failing_snapshot, failing_at, failed, checked, closed_at, revision)
                        values (:id, :number, :rule, :resource, :zh, :en, :foundBy, :openedBy, :openedAt, :severity, :department, :state,
                            :lateness, :due, cast(:snapshot as bigint), :failingAt, :failed, :checked, :closed, :revision)""").params(params(ticket)).update();
        steps(ticket);
    }

    private void update(Ticket ticket) {
        jdbc.sql("""
                        update quality_tickets set department_id = :department, state = :state, lateness = :lateness, due_at = :due,
                            failing_snapshot = cast(:snapshot as bigint), failing_at = :failingAt, failed = :failed, checked = :checked,
                            closed_at = :closed, revision = revision + 1
                        where id = :id""").params(params(ticket)).update();
        steps(ticket);
    }

    private static Map<String, @Nullable Object> params(Ticket ticket) {
        Map<String, @Nullable Object> params = new HashMap<>();
        Ticket.Finding finding = ticket.finding();
        Ticket.Failure failure = ticket.failure();
        Department department = ticket.department();
        params.put("id", ticket.id());
        params.put("number", ticket.number());
        params.put("rule", finding.rule());
        params.put("resource", finding.resource());
        params.put("zh", finding.about().zh());
        params.put("en", finding.about().en());
        params.put("foundBy", finding.foundBy().name());
        params.put("openedBy", ticket.opening().by());
        params.put("openedAt", Timestamp.from(ticket.opening().at()));
        params.put("severity", finding.severity().name());
        params.put("department", department == null ? null : department.id());
        params.put("state", ticket.state().name());
        params.put("lateness", ticket.lateness().name());
        params.put("due", timestamp(ticket.dueAt()));
        params.put("snapshot", failure.snapshotId());
        params.put("failingAt", timestamp(failure.at()));
        params.put("failed", failure.failed());
        params.put("checked", failure.checked());
        params.put("closed", timestamp(ticket.closedAt()));
        params.put("revision", ticket.revision());
        return params;
    }

    private void steps(Ticket ticket) {
        for (Ticket.TicketStep step : ticket.newSteps()) {
            jdbc.sql("""
                            insert into quality_ticket_steps (ticket_id, at, who, who_name, act, state, words)
                            values (:ticket, :at, :who, :name, :act, :state, :words)""")
                    .param("ticket", ticket.id())
                    .param("at", Timestamp.from(step.at()))
                    .param("who", step.who())
                    .param("name", step.whoName())
                    .param("act", step.act().name())
                    .param("state", step.state().name())
                    .param("words", step.words())
                    .update();
        }
    }

    private static @Nullable Timestamp timestamp(@Nullable Instant at) {
        return at == null ? null : Timestamp.from(at);
    }

    private static @Nullable Instant instant(@Nullable Timestamp at) {
        return at == null ? null : at.toInstant();
    }

    private static TicketBrief brief(ResultSet row) throws SQLException {
        Ticket ticket = stored(row);
        return new TicketBrief(
                ticket.id(),
                ticket.number(),
                ticket.finding().rule(),
                ticket.finding().resource(),
                requireNonNull(row.getString("r_title")),
                requireNonNull(row.getString("r_table")),
                ticket.finding().about(),
                ticket.finding().foundBy(),
                ticket.opening().by(),
                ticket.opening().at(),
                ticket.finding().severity(),
                ticket.department(),
                ticket.state(),
                ticket.lateness(),
                ticket.dueAt(),
                ticket.failure(),
                ticket.closedAt());
    }

    private static Ticket stored(ResultSet row) throws SQLException {
        @Nullable String department = row.getString("department_id");
        return new Ticket(new Ticket.Stored(
                row.getObject("id", UUID.class),
                requireNonNull(row.getString("number")),
                new Ticket.Finding(
                        row.getObject("rule_id", UUID.class),
                        row.getObject("resource_id", UUID.class),
                        new Words(requireNonNull(row.getString("about_zh")), requireNonNull(row.getString("about_en"))),
                        Ticket.FoundBy.valueOf(row.getString("found_by")),
                        Severity.valueOf(row.getString("severity"))),
                new Ticket.Opening(
                        requireNonNull(row.getString("opened_by")),
                        row.getTimestamp("opened_at").toInstant()),
                Ticket.State.valueOf(row.getString("state")),
                Ticket.Lateness.valueOf(row.getString("lateness")),
                department == null
                        ? null
                        : new Department(department, row.getString("d_name"), row.getString("d_name_en")),
                instant(row.getTimestamp("due_at")),
                new Ticket.Failure(
                        row.getString("failing_snapshot"),
                        instant(row.getTimestamp("failing_at")),
                        (Long) row.getObject("failed"),
                        (Long) row.getObject("checked")),
                instant(row.getTimestamp("closed_at")),
                row.getInt("revision")));
    }
}

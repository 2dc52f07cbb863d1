package org.qiantang.quality;

import static java.util.Objects.requireNonNull;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.qiantang.catalog.CatalogProblem;
import org.qiantang.catalog.Contested;
import org.qiantang.catalog.ContestedRecords;
import org.qiantang.catalog.Entry;
import org.qiantang.catalog.LakeReader;
import org.qiantang.catalog.Resource;
import org.qiantang.catalog.Resources;
import org.qiantang.core.CityCalendar;
import org.qiantang.core.CoreProblem;
import org.qiantang.core.Problem;
import org.qiantang.lake.Query;
import org.qiantang.lake.RowSink;
import org.qiantang.lake.Sql;
import org.qiantang.lake.TableName;
import org.qiantang.org.Account;
import org.qiantang.org.Department;
import org.qiantang.org.Role;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * The objections (异议) of residents and companies to what the city holds about them, from raising one to the day it is archived; while one
 * is open, the record carries its mark wherever it goes.
 */
@Service
public final class Objections {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final TypeReference<Map<String, String>> KEYS = new TypeReference<>() {};
    private static final String PURPOSE = "objection";
    private static final int MOST_SHOWN = 500;

    private static final String OBJECTION = """
            select o.*, d.name d_name, d.name_en d_name_en, c.title r_title, c.namespace || '.' || c.table_name r_table, a.display_name
            from quality_objections o join catalog_resources c on c.id = o.resource_id
            join org_departments d on d.id = o.department_id join org_accounts a on a.username = o.username
            """;

    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final OwnRecords own;
    private final Resources resources;
    private final ContestedRecords contested;
    private final LakeReader reader;
    private final Deadlines deadlines;
    private final CityCalendar calendar;
    private final Clock clock;

    Objections(
            JdbcClient jdbc,
            TransactionTemplate transaction,
            OwnRecords own,
            Resources resources,
            ContestedRecords contested,
            LakeReader reader,
            Deadlines deadlines,
            CityCalendar calendar,
            Clock clock) {
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.own = own;
        this.resources = resources;
        this.contested = contested;
        this.reader = reader;
        this.deadlines = deadlines;
        this.calendar = calendar;
        this.clock = clock;
    }

    /**
     * What somebody objects to.
     *
     * @param record as {@link OwnRecords.OwnRecord#ref} names it
     * @param item the column
     * @param should what it should say
     * @param reason how they know
     */
    public record Raised(UUID entry, String record, String item, String should, String reason) {}

    /**
     * An objection as a list of them needs it.
     *
     * @param objector whose it is; null for those who need not know
     * @param said what the record said when it was raised; null too where whoever asks may not see it
     */
    public record ObjectionBrief(
            UUID id,
            String number,
            UUID entry,
            String title,
            Department department,
            String itemTitle,
            @Nullable String said,
            String should,
            String reason,
            @Nullable String objector,
            Objection.State state,
            Objection.@Nullable Result result,
            Ticket.Lateness lateness,
            @Nullable Instant dueAt,
            Instant raisedAt,
            @Nullable Instant closedAt) {}

    /**
     * Everything about one.
     *
     * @param keys the record, for the department that has to find it; empty for others
     * @param lakeTable where it is; null for the objector
     * @param steps the newest first; the objector is not told which officer took them
     * @param acts what whoever asks may do now
     */
    public record ObjectionWhole(
            ObjectionBrief objection,
            @Nullable String lakeTable,
            @Nullable UUID resource,
            String item,
            Map<String, String> keys,
            List<Objection.ObjectionStep> steps,
            List<Objection.Act> acts) {
        public ObjectionWhole {
            keys = Map.copyOf(keys);
            steps = List.copyOf(steps);
            acts = List.copyOf(acts);
        }
    }

    /** Raises an objection to a record about oneself. */
    public ObjectionWhole raise(Account who, Raised raised) {
        Entry entry = own.published(raised.entry);
        OwnRecords.Found record = own.get(who, entry, raised.record);
        if (!record.values().containsKey(raised.item)) {
            throw new Problem(CoreProblem.NOT_FOUND, "what", raised.item);
        }
        Objection.Matter matter = new Objection.Matter(
                entry.id(),
                requireNonNull(entry.resource()),
                record.keys(),
                raised.item,
                OwnRecords.titles(entry).getOrDefault(raised.item, raised.item),
                record.values().get(raised.item),
                raised.should.strip(),
                raised.reason.strip());
        Department department = resources.get(matter.resource()).department();
        UUID id = UUID.randomUUID();
        transaction.executeWithoutResult(status -> {
            // One after the other, so that a second click finds the first.
            jdbc.sql("select username from org_accounts where username = ? for update")
                    .param(who.username())
                    .query(String.class)
                    .list();
            boolean twice = jdbc.sql("""
                            select exists (select from quality_objections where username = :who and resource_id = :resource and item = :item
                                and keys = cast(:keys as jsonb) and closed_at is null)""")
                    .param("who", who.username())
                    .param("resource", matter.resource())
                    .param("item", matter.item())
                    .param("keys", JSON.writeValueAsString(matter.keys()))
                    .query(Boolean.class)
                    .single();
            if (twice) {
                throw new Problem(QualityProblem.ALREADY_OBJECTED);
            }
            insert(Objection.raise(
                    id,
                    number(),
                    department,
                    matter,
                    calendar.due(clock.instant(), deadlines.objectionDays()),
                    Ticket.By.person(who, clock.instant())));
        });
        return getOwn(who, id);
    }

    /** One's own, the newest first. */
    public List<ObjectionBrief> listOwn(Account who) {
        return jdbc.sql(OBJECTION + " where o.username = ? order by o.raised_at desc")
                .param(who.username())
                .query((row, n) -> brief(row, Reader.OBJECTOR))
                .list();
    }

    public ObjectionWhole getOwn(Account who, UUID id) {
        Objection found = find(id, "");
        if (!found.isOf(who)) {
            throw new Problem(CoreProblem.NOT_FOUND, "what", id.toString());
        }
        return whole(who, found, Reader.OBJECTOR);
    }

    public ObjectionWhole withdraw(Account who, UUID id) {
        transaction.executeWithoutResult(status -> {
            Objection found = find(id, " for update of o");
            if (!found.isOf(who)) {
                throw new Problem(CoreProblem.NOT_FOUND, "what", id.toString());
            }
            found.withdraw(Ticket.By.person(who, clock.instant()));
            update(found);
        });
        return getOwn(who, id);
    }

    /** Which objections somebody wants to see. */
    public enum Wanted {
        OPEN,
        CLOSED,
    }

    /** The bureau sees all, a department those to its own data; by deadline. */
    public List<ObjectionBrief> list(Account who, Wanted wanted) {
        Department department = who.department();
        return jdbc.sql(OBJECTION + " where (:all or o.department_id = :department) and o.closed_at is "
                        + (wanted == Wanted.OPEN ? "null" : "not null")
                        + " order by o.closed_at desc nulls first, o.due_at, o.number limit " + MOST_SHOWN)
                .param("all", seesAll(who))
                .param("department", department == null ? "" : department.id())
                .query((row, n) -> brief(row, reader(who, row.getString("department_id"))))
                .list();
    }

    public ObjectionWhole get(Account who, UUID id) {
        Objection found = find(id, "");
        requireMaySee(who, found);
        return whole(who, found, found.isWith(who) ? Reader.DEPARTMENT : Reader.BUREAU);
    }

    /** From here on the record carries its mark. */
    public ObjectionWhole accept(Account who, UUID id) {
        return act(who, id, objection -> objection.accept(by(who)));
    }

    public ObjectionWhole refuse(Account who, UUID id, String reason) {
        return act(who, id, objection -> objection.refuse(reason.strip(), by(who)));
    }

    public ObjectionWhole handle(Account who, UUID id, Objection.Result result, String words) {
        return act(who, id, objection -> objection.handle(result, words.strip(), by(who)));
    }

    /** The bureau has looked at what the department says. */
    public ObjectionWhole archive(Account who, UUID id, String reason) {
        transaction.executeWithoutResult(status -> {
            Objection found = find(id, " for update of o");
            if (!who.has(Role.ENGINEER)) {
                throw notTheirs("归档 (archive it)", "数据局 (the data bureau)");
            }
            found.archive(reason.strip(), by(who));
            update(found);
        });
        return get(who, id);
    }

    private ObjectionWhole act(Account who, UUID id, Consumer<Objection> transition) {
        transaction.executeWithoutResult(status -> {
            Objection found = find(id, " for update of o");
            requireMaySee(who, found);
            if (!found.isWith(who)) {
                throw notTheirs("处理 (handle it)", found.stored().department().name());
            }
            transition.accept(found);
            update(found);
        });
        return get(who, id);
    }

    private static Problem notTheirs(String act, String who) {
        return new Problem(QualityProblem.OBJECTION_NOT_YOURS, "act", act, "who", who);
    }

    private static boolean seesAll(Account who) {
        return who.has(Role.ENGINEER) || who.has(Role.AUDITOR);
    }

    private static void requireMaySee(Account who, Objection objection) {
        if (!seesAll(who) && !objection.isWith(who)) {
            throw new Problem(
                    CoreProblem.NOT_FOUND, "what", objection.stored().id().toString());
        }
    }

    /** Reminds departments of objections whose day has passed. */
    void remind() {
        Instant now = clock.instant();
        List<UUID> late = jdbc.sql("""
                        select id from quality_objections where closed_at is null and due_at < ? and lateness = 'IN_TIME'
                            and state in ('RAISED', 'ACCEPTED')""")
                .param(Timestamp.from(now))
                .query((row, n) -> row.getObject(1, UUID.class))
                .list();
        late.forEach(id -> transaction.executeWithoutResult(status -> {
            Objection found = find(id, " for update of o");
            if (found.closedAt() == null && found.lateness() == Ticket.Lateness.IN_TIME) {
                found.overdue(found.stored().department().name() + "，数据局", Ticket.By.machine(now));
                update(found);
            }
        }));
    }

    /** Looks at the records of accepted objections in each new snapshot: what says what it should is archived. */
    void verify() {
        List<UUID> due =
                jdbc.sql("""
                        select o.id from quality_objections o join catalog_resources c on c.id = o.resource_id
                        where o.state in ('ACCEPTED', 'HANDLED') and c.snapshot_id is distinct from o.seen_snapshot limit 20""").query((row, n) -> row.getObject(1, UUID.class)).list();
        for (UUID id : due) {
            Objection found = find(id, "");
            Resource resource = resources.get(found.stored().matter().resource());
            boolean corrected;
            try {
                corrected = isCorrected(found.stored().matter(), resource);
            } catch (Problem problem) {
                if (problem.code() == CatalogProblem.LAKE_UNAVAILABLE) {
                    return;
                }
                // Its table has another shape by now: then people look.
                corrected = false;
            }
            boolean settled = corrected;
            transaction.executeWithoutResult(status -> {
                Objection locked = find(id, " for update of o");
                if (settled && locked.isMarked()) {
                    locked.verify(Ticket.By.machine(clock.instant()));
                    update(locked);
                }
                jdbc.sql("update quality_objections set seen_snapshot = cast(:snapshot as bigint) where id = :id")
                        .param("snapshot", resource.snapshotId())
                        .param("id", id)
                        .update();
            });
        }
    }

    private boolean isCorrected(Objection.Matter matter, Resource resource) {
        String where = matter.keys().entrySet().stream()
                .map(key -> "CAST(" + Sql.name(key.getKey()) + " AS VARCHAR) = " + Sql.text(key.getValue()))
                .collect(Collectors.joining(" AND "));
        String sql = "SELECT CAST(" + Sql.name(matter.item()) + " AS VARCHAR) AS item FROM "
                + Sql.table(Rules.tableName(resource.lakeTable())) + " WHERE " + where;
        List<String> values = new ArrayList<>();
        reader.readInClear(Rules.PURPOSE, PURPOSE, new Query(sql, null, 2, Map.of()), new RowSink() {
            @Override
            public void columns(List<ResultColumn> columns) {
                // One.
            }

            @Override
            public void row(List<@Nullable String> row) {
                values.add(String.valueOf(row.getFirst()));
            }
        });
        return values.size() == 1 && values.getFirst().equals(matter.should());
    }

    /** The departments that owe an answer to somebody, those whose deadline is nearest first. */
    public List<Tickets.Owed> owed() {
        return jdbc.sql("""
                        select d.id, d.name, d.name_en, count(*) open, count(*) filter (where o.lateness = 'OVERDUE') overdue, min(o.due_at) due
                        from quality_objections o join org_departments d on d.id = o.department_id
                        where o.state in ('RAISED', 'ACCEPTED') group by d.id order by due, d.ordinal""")
                .query((row, n) -> new Tickets.Owed(
                        new Department(row.getString("id"), row.getString("name"), row.getString("name_en")),
                        row.getInt("open"),
                        row.getInt("overdue"),
                        0,
                        row.getTimestamp("due").toInstant()))
                .list();
    }

    private Ticket.By by(Account who) {
        return Ticket.By.person(who, clock.instant());
    }

    private String number() {
        long next = jdbc.sql("select nextval('quality_objection_numbers')")
                .query(Long.class)
                .single();
        return "YY%d-%06d".formatted(clock.instant().atZone(calendar.zone()).getYear(), next);
    }

    private Objection find(UUID id, String lock) {
        return jdbc.sql(OBJECTION + " where o.id = ?" + lock)
                .param(id)
                .query((row, n) -> stored(row))
                .optional()
                .orElseThrow(() -> new Problem(CoreProblem.NOT_FOUND, "what", id.toString()));
    }

    private void insert(Objection objection) {
        jdbc.sql("""
                        insert into quality_objections (id, number, username, entry_id, resource_id, department_id, keys, item, item_title,
                            said, should, reason, state, result, lateness, due_at, raised_at, closed_at)
                        values (:id, :number, :username, :entry, :resource, :department, cast(:keys as jsonb), :item, :itemTitle,
                            :said, :should, :reason, :state, :result, :lateness, :due, :raised, :closed)""").params(params(objection)).update();
        steps(objection);
    }

    /** With the mark that goes with its state. */
    private void update(Objection objection) {
        jdbc.sql("""
                        update quality_objections set state = :state, result = :result, lateness = :lateness, closed_at = :closed
                        where id = :id""").params(params(objection)).update();
        steps(objection);
        Objection.Stored stored = objection.stored();
        if (objection.isMarked()) {
            TableName table =
                    Rules.tableName(resources.get(stored.matter().resource()).lakeTable());
            contested.mark(new Contested(stored.id(), table, stored.matter().keys(), clock.instant()));
        } else {
            contested.unmark(stored.id());
        }
    }

    private static Map<String, @Nullable Object> params(Objection objection) {
        Map<String, @Nullable Object> params = new HashMap<>();
        Objection.Stored stored = objection.stored();
        Objection.Matter matter = stored.matter();
        Objection.Result result = objection.result();
        params.put("id", stored.id());
        params.put("number", stored.number());
        params.put("username", stored.username());
        params.put("entry", matter.entry());
        params.put("resource", matter.resource());
        params.put("department", stored.department().id());
        params.put("keys", JSON.writeValueAsString(matter.keys()));
        params.put("item", matter.item());
        params.put("itemTitle", matter.itemTitle());
        params.put("said", matter.said());
        params.put("should", matter.should());
        params.put("reason", matter.reason());
        params.put("state", objection.state().name());
        params.put("result", result == null ? null : result.name());
        params.put("lateness", objection.lateness().name());
        params.put("due", timestamp(stored.dueAt()));
        params.put("raised", Timestamp.from(stored.raisedAt()));
        params.put("closed", timestamp(objection.closedAt()));
        return params;
    }

    private void steps(Objection objection) {
        for (Objection.ObjectionStep step : objection.newSteps()) {
            jdbc.sql("""
                            insert into quality_objection_steps (objection_id, at, who, who_name, act, state, words)
                            values (:objection, :at, :who, :name, :act, :state, :words)""")
                    .param("objection", objection.stored().id())
                    .param("at", Timestamp.from(step.at()))
                    .param("who", step.who())
                    .param("name", step.whoName())
                    .param("act", step.act().name())
                    .param("state", step.state().name())
                    .param("words", step.words())
                    .update();
        }
    }

    /** Who reads one: each sees what they need of it. */
    private enum Reader {
        OBJECTOR,
        DEPARTMENT,
        BUREAU,
    }

    private static Reader reader(Account who, @Nullable String department) {
        Department own = who.department();
        return who.has(Role.OFFICER) && own != null && own.id().equals(department) ? Reader.DEPARTMENT : Reader.BUREAU;
    }

    private ObjectionWhole whole(Account who, Objection found, Reader reader) {
        Objection.Stored stored = found.stored();
        ObjectionBrief brief = jdbc.sql(OBJECTION + " where o.id = ?")
                .param(stored.id())
                .query((row, n) -> brief(row, reader))
                .single();
        List<Objection.ObjectionStep> steps = jdbc.sql(
                        "select * from quality_objection_steps where objection_id = ? order by id desc")
                .param(stored.id())
                .query((row, n) -> step(row, reader, stored))
                .list();
        boolean objector = reader == Reader.OBJECTOR;
        return new ObjectionWhole(
                brief,
                objector ? null : resources.get(stored.matter().resource()).lakeTable(),
                objector ? null : stored.matter().resource(),
                stored.matter().item(),
                reader == Reader.DEPARTMENT ? stored.matter().keys() : Map.of(),
                steps,
                List.copyOf(found.acts(who)));
    }

    private static Objection.ObjectionStep step(ResultSet row, Reader reader, Objection.Stored stored)
            throws SQLException {
        String who = requireNonNull(row.getString("who"));
        boolean others = reader == Reader.OBJECTOR && !who.equals(stored.username());
        boolean theirs = reader == Reader.BUREAU && who.equals(stored.username());
        return new Objection.ObjectionStep(
                row.getTimestamp("at").toInstant(),
                others || theirs ? "" : who,
                others ? stored.department().name() : theirs ? "" : requireNonNull(row.getString("who_name")),
                Objection.Act.valueOf(row.getString("act")),
                Objection.State.valueOf(row.getString("state")),
                row.getString("words"));
    }

    private static @Nullable Timestamp timestamp(@Nullable Instant at) {
        return at == null ? null : Timestamp.from(at);
    }

    private static @Nullable Instant instant(@Nullable Timestamp at) {
        return at == null ? null : at.toInstant();
    }

    private static ObjectionBrief brief(ResultSet row, Reader reader) throws SQLException {
        Objection.Stored stored = stored(row).stored();
        Objection.Matter matter = stored.matter();
        // The bureau judges whether it was handled; the values are for those whose data it is, and for the objector.
        boolean sees = reader != Reader.BUREAU;
        return new ObjectionBrief(
                stored.id(),
                stored.number(),
                matter.entry(),
                requireNonNull(row.getString("r_title")),
                stored.department(),
                matter.itemTitle(),
                sees ? matter.said() : null,
                sees ? matter.should() : "",
                matter.reason(),
                reader == Reader.DEPARTMENT ? row.getString("display_name") : null,
                stored.state(),
                stored.result(),
                stored.lateness(),
                stored.dueAt(),
                stored.raisedAt(),
                stored.closedAt());
    }

    private static Objection stored(ResultSet row) throws SQLException {
        @Nullable String result = row.getString("result");
        return new Objection(new Objection.Stored(
                row.getObject("id", UUID.class),
                requireNonNull(row.getString("number")),
                requireNonNull(row.getString("username")),
                new Department(row.getString("department_id"), row.getString("d_name"), row.getString("d_name_en")),
                new Objection.Matter(
                        row.getObject("entry_id", UUID.class),
                        row.getObject("resource_id", UUID.class),
                        JSON.readValue(row.getString("keys"), KEYS),
                        requireNonNull(row.getString("item")),
                        requireNonNull(row.getString("item_title")),
                        row.getString("said"),
                        requireNonNull(row.getString("should")),
                        requireNonNull(row.getString("reason"))),
                Objection.State.valueOf(row.getString("state")),
                result == null ? null : Objection.Result.valueOf(result),
                Ticket.Lateness.valueOf(row.getString("lateness")),
                instant(row.getTimestamp("due_at")),
                row.getTimestamp("raised_at").toInstant(),
                instant(row.getTimestamp("closed_at"))));
    }
}

package org.qiantang.catalog;

import java.sql.Date;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.qiantang.catalog.Entry.Act;
import org.qiantang.catalog.Entry.Statement;
import org.qiantang.core.CoreProblem;
import org.qiantang.core.Problem;
import org.qiantang.org.Account;
import org.qiantang.org.Department;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.json.JsonMapper;

/**
 * The city's directory: one entry for every resource from the moment it is first collected, and for data that departments state before.
 * Drafts are not written until a person touches them, so that collecting thousands of tables costs one row each and a draft is never out
 * of date.
 */
@Service
public final class Entries {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final int LOOKED_BACK = 24;

    private static final String FROM = """
             from catalog_entries e left join catalog_resources r on r.id = e.resource_id
            join org_departments d on d.id = case when e.statement is null then r.department_id else e.department_id end
            """;
    private static final String TITLE = "coalesce(e.title, r.title)";
    private static final String BRIEF = "select e.*, " + TITLE
            + " shown_title, d.id did, d.name dname, d.name_en dname_en, e.statement is null discovered" + FROM;

    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final Resources resources;
    private final Search search;
    private final Clock clock;

    Entries(JdbcClient jdbc, TransactionTemplate transaction, Resources resources, Search search, Clock clock) {
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.resources = resources;
        this.search = search;
        this.clock = clock;
    }

    /** What somebody looks for; an empty text or null is any. */
    public record Wanted(
            String text,
            Entry.@Nullable State state,
            @Nullable String department,
            Guide.@Nullable ShareClass shareClass,
            Guide.@Nullable Theme theme,
            @Nullable Concern concern) {
        public Wanted(
                String text,
                Entry.@Nullable State state,
                @Nullable String department,
                Guide.@Nullable ShareClass shareClass,
                Guide.@Nullable Theme theme) {
            this(text, state, department, shareClass, theme, null);
        }

        public static final Wanted EVERYTHING = new Wanted("", null, null, null, null);
    }

    /** What is wrong with what was published, though it was right on the day. */
    public enum Concern {
        /** Its data were found more sensitive since than what its published version opens. */
        TOO_OPEN,
    }

    /** Whether version v opens what is as sensitive as resource r; nothing where no resource is. */
    static final String TOO_OPEN = """
            (v.statement ->> 'openClass' = 'OPEN' and r.level >= 'L3' or v.statement ->> 'openClass' <> 'FORBIDDEN' and r.level = 'L4')""";

    /** Finds entries: those that answer best first; without a question those that wait for somebody, then by name. */
    public Entry.Page search(Wanted wanted, Resources.Range range) {
        Map<String, @Nullable Object> params = new HashMap<>();
        Map<String, String> conditions = conditions(wanted, params);
        String from = FROM + hits(wanted);
        long[] total = new long[1];
        List<Entry.Facet> facets = new ArrayList<>();
        jdbc.sql(counts(from + listed(wanted), conditions.keySet()))
                .params(params)
                .query(row -> {
                    @Nullable String value = row.getString(2);
                    if (row.getString(1).equals(TOTAL)) {
                        total[0] = row.getLong(3);
                    } else if (value != null) {
                        facets.add(new Entry.Facet(row.getString(1), value, row.getLong(3)));
                    }
                });
        params.put("offset", range.offset());
        params.put("limit", range.limit());
        // The page is picked first: statements are long, and only those that are shown need to be read.
        String picked = "select e.id picked, row_number() over (order by "
                + (wanted.text().isBlank() ? "" : "hit.place, ")
                + "case e.state when 'UNDER_REVIEW' then 0 when 'SUBMITTED' then 1 when 'RETURNED' then 2"
                + " when 'CHANGED' then 3 when 'PUBLISHED' then 4 when 'DRAFT' then 5 else 6 end, " + TITLE
                + " collate \"C\", e.id) place" + from + listed(wanted) + and(conditions)
                + " order by place limit :limit offset :offset";
        List<Entry.Brief> items = jdbc.sql(
                        BRIEF + " join (" + picked + ") page on page.picked = e.id order by page.place")
                .params(params)
                .query((row, n) -> brief(row))
                .list();
        return new Entry.Page(total[0], items, facets);
    }

    private static final String TOTAL = "total";
    private static final Map<String, String> FACETS = new java.util.TreeMap<>(
            Map.of("state", "e.state", "department", "d.id", "shareClass", "e.share_class", "theme", "e.theme"));

    /** How many there are, and of each value under every other condition, in one pass. */
    private static String counts(String from, Set<String> conditions) {
        StringBuilder columns = new StringBuilder();
        StringBuilder counts = new StringBuilder();
        FACETS.forEach((name, column) -> {
            columns.append(columns.isEmpty() ? "" : ", ")
                    .append(column)
                    .append(" \"")
                    .append(name)
                    .append('"');
            counts.append(" union all select '")
                    .append(name)
                    .append("', \"")
                    .append(name)
                    .append("\", count(*) from found")
                    .append(others(conditions, name))
                    .append(" group by 2");
        });
        return "with found as materialized (select " + columns + from + ") select '" + TOTAL
                + "', null, count(*) from found" + others(conditions, "") + counts + " order by 1, 3 desc, 2";
    }

    private static String others(Set<String> conditions, String without) {
        StringBuilder where = new StringBuilder(" where true");
        conditions.stream()
                .filter(name -> !name.equals(without))
                .forEach(name ->
                        where.append(" and \"").append(name).append("\" = :").append(name));
        return where.toString();
    }

    private static String hits(Wanted wanted) {
        return wanted.text().isBlank() ? "" : Search.HITS + "e.id";
    }

    private Map<String, String> conditions(Wanted wanted, Map<String, @Nullable Object> params) {
        Map<String, String> conditions = new HashMap<>();
        if (!wanted.text().isBlank()) {
            params.put(
                    "hits", search.ids(wanted.text(), Set.of(Found.Kind.ENTRY)).toArray(UUID[]::new));
        }
        param(conditions, params, "state", wanted.state());
        param(conditions, params, "department", wanted.department());
        param(conditions, params, "shareClass", wanted.shareClass());
        param(conditions, params, "theme", wanted.theme());
        return conditions;
    }

    /** What no condition counts without: that it was not discarded, and the concern that is asked for. */
    private static String listed(Wanted wanted) {
        return " where not (e.state = 'RETIRED' and e.published_version = 0)"
                + (wanted.concern() == null
                        ? ""
                        : " and e.state <> 'RETIRED' and exists (select from catalog_entry_versions v where v.entry_id = e.id"
                                + " and v.version = e.published_version and " + TOO_OPEN + ")");
    }

    private static void param(
            Map<String, String> conditions,
            Map<String, @Nullable Object> params,
            String facet,
            @Nullable Object value) {
        if (value != null) {
            conditions.put(facet, FACETS.get(facet) + " = :" + facet);
            params.put(facet, value.toString());
        }
    }

    private static String and(Map<String, String> conditions) {
        StringBuilder and = new StringBuilder();
        conditions.values().forEach(condition -> and.append(" and ").append(condition));
        return and.toString();
    }

    /** The entries that are wanted, in an order that stays while nothing changes. */
    List<Entry> list(Wanted wanted, Resources.Range range) {
        Map<String, @Nullable Object> params = new HashMap<>();
        String where = listed(wanted) + and(conditions(wanted, params));
        params.put("offset", range.offset());
        params.put("limit", range.limit());
        return jdbc
                .sql(BRIEF + hits(wanted) + where + " order by d.id, shown_title, e.id limit :limit offset :offset")
                .params(params)
                .query((row, n) -> entry(row))
                .list()
                .stream()
                .map(this::whole)
                .toList();
    }

    /**
     * A department states data that nothing is collected of yet, or states anew what its retired entry was about.
     *
     * @param resource one of the department's that has no entry in force, or null
     */
    public Entry create(Department provider, @Nullable UUID resource, Statement statement, Account who) {
        if (resource != null) {
            requireFree(resource, provider);
        }
        return Objects.requireNonNull(transaction.execute(status -> {
            Instant now = clock.instant();
            UUID id = UUID.randomUUID();
            jdbc.sql("""
                            insert into catalog_entries (id, resource_id, department_id, revision, statement, changed_at)
                            values (:id, :resource, :department, -1, cast('{}' as jsonb), :now)""")
                    .param("id", id)
                    .param("resource", resource, Types.OTHER)
                    .param("department", provider.id())
                    .param("now", Timestamp.from(now))
                    .update();
            store(id, provider, Entry.State.DRAFT, statement, null, now, who);
            Entry entry = get(id);
            entry.require(Act.EDIT, who);
            note(id, now, who, Act.EDIT, Entry.State.DRAFT, 0, null);
            return entry;
        }));
    }

    private void requireFree(UUID resource, Department provider) {
        Resource about = resources.get(resource);
        if (!about.department().id().equals(provider.id())) {
            throw new Problem(
                    DirectoryProblem.NOT_YOURS,
                    "act",
                    Act.EDIT.zh(),
                    "who",
                    about.department().name());
        }
        boolean stated = jdbc.sql(
                        "select exists (select from catalog_entries where resource_id = ? and state <> 'RETIRED')")
                .param(resource)
                .query(Boolean.class)
                .single();
        if (stated) {
            throw new Problem(DirectoryProblem.RESOURCE_STATED, "resource", about.title());
        }
    }

    /** The entry with this code, whatever became of it. */
    Optional<UUID> findByCode(String code) {
        return jdbc.sql("select id from catalog_entries where resource_code = ?")
                .param(code)
                .query(UUID.class)
                .optional();
    }

    /** The department's entries of this name: those that somebody has stated, or else those that were only discovered. */
    List<UUID> listByTitle(Department provider, String title) {
        return jdbc.sql("with called as (select e.id, rank() over (order by e.statement is null) nearness" + FROM
                        + " where d.id = :department and " + TITLE + " = :title and e.state <> 'RETIRED')"
                        + " select id from called where nearness = 1 order by id")
                .param("department", provider.id())
                .param("title", title)
                .query((row, n) -> row.getObject(1, UUID.class))
                .list();
    }

    public Entry get(UUID id) {
        return find(id).orElseThrow(() -> new Problem(CoreProblem.NOT_FOUND, "what", id.toString()));
    }

    Optional<Entry> find(UUID id) {
        return jdbc.sql("select e.*, d.id did, d.name dname, d.name_en dname_en" + FROM + " where e.id = ?")
                .param(id)
                .query((row, n) -> entry(row))
                .optional()
                .map(this::whole);
    }

    /** The entries of which a version stands and whose collected table has a column of a kind, by title. */
    public List<Entry> listPublished(ContentKind kind) {
        return jdbc.sql("select e.*, d.id did, d.name dname, d.name_en dname_en" + FROM
                        + " where e.state in ('PUBLISHED', 'CHANGED') and r.snapshot_id is not null and exists (select from"
                        + " catalog_fields f where f.resource_id = r.id and f.present and f.detected_kind = ?)"
                        + " order by e.title collate \"C\", e.id")
                .param(kind.name())
                .query((row, n) -> entry(row))
                .list();
    }

    /** The entries of which a version stands and whose table is collected, by id: those after one, at most so many. */
    public List<Entry> listPublished(@Nullable UUID after, int most) {
        return jdbc.sql(
                        "select e.*, d.id did, d.name dname, d.name_en dname_en" + FROM
                                + " where e.state in ('PUBLISHED', 'CHANGED') and r.snapshot_id is not null"
                                + " and (cast(:after as uuid) is null or e.id > cast(:after as uuid)) order by e.id limit :most")
                .param("after", after == null ? null : after.toString())
                .param("most", most)
                .query((row, n) -> entry(row))
                .list();
    }

    /** The entry about a resource; where none is in force, the one that was last. */
    public Optional<UUID> findByResource(UUID resource) {
        return jdbc.sql("""
                        select id from catalog_entries where resource_id = ?
                        order by state = 'RETIRED', changed_at desc, id limit 1""").param(resource).query(UUID.class).optional();
    }

    /** What was published of it, the newest first. */
    public List<Entry.Version> listVersions(UUID id) {
        get(id);
        return jdbc.sql("select * from catalog_entry_versions where entry_id = ? order by version desc")
                .param(id)
                .query((row, n) -> version(row))
                .list();
    }

    /** What was done with it, the newest first. */
    public List<Entry.Event> listEvents(UUID id) {
        return jdbc.sql("select * from catalog_entry_events where entry_id = ? order by id desc limit 200")
                .param(id)
                .query((row, n) -> new Entry.Event(
                        row.getTimestamp("at").toInstant(),
                        row.getString("who"),
                        Act.valueOf(row.getString("act")),
                        Entry.State.valueOf(row.getString("state")),
                        row.getInt("version"),
                        row.getString("words")))
                .list();
    }

    /** What keeps it from being submitted. */
    public List<Violation> violations(Entry entry) {
        UUID resource = entry.resource();
        Level level = resource == null ? null : resources.get(resource).level();
        boolean titleTaken = jdbc.sql("""
                        select exists (select from catalog_entries where title = :title and department_id = :department
                            and id <> :id and state <> 'RETIRED')""")
                .param("title", entry.statement().title())
                .param("department", entry.provider().id())
                .param("id", entry.id())
                .query(Boolean.class)
                .single();
        return EntryRules.check(
                entry.statement(), new EntryRules.Surroundings(entry.resourceCode(), level, titleTaken));
    }

    /** Saves what a department's officer has written. Unfinished is fine; what is wrong with it is said, not refused. */
    public Entry save(UUID id, int revision, Statement statement, Account who) {
        return move(id, revision, Act.EDIT, statement, null, who);
    }

    public Entry submit(UUID id, int revision, Account who) {
        return move(id, revision, Act.SUBMIT, null, null, who);
    }

    /** The bureau begins to check it. */
    public Entry take(UUID id, int revision, Account who) {
        return move(id, revision, Act.TAKE, null, null, who);
    }

    /** The bureau gives it back with what has to be mended. */
    public Entry giveBack(UUID id, int revision, String words, Account who) {
        return move(id, revision, Act.RETURN, null, words, who);
    }

    /** The bureau publishes it as its next version; the first time it gets its resource code. */
    public Entry publish(UUID id, int revision, @Nullable String words, Account who) {
        return move(id, revision, Act.PUBLISH, null, words, who);
    }

    /** The department begins to write the next version; the published one stands until that is published. */
    public Entry change(UUID id, int revision, String words, Account who) {
        return move(id, revision, Act.CHANGE, null, words, who);
    }

    /** Nobody may rely on it any more. Its versions and its code stay. */
    public Entry retire(UUID id, int revision, String words, Account who) {
        return move(id, revision, Act.RETIRE, null, words, who);
    }

    /** The department takes back what it should not have begun. That it was there stays in its history. */
    public Entry discard(UUID id, int revision, Account who) {
        return move(id, revision, Act.DISCARD, null, null, who);
    }

    private Entry move(
            UUID id, int revision, Act act, @Nullable Statement written, @Nullable String words, Account who) {
        return Objects.requireNonNull(transaction.execute(status -> {
            Entry entry = locked(id);
            entry.require(act, who);
            Statement statement = written == null ? entry.statement() : written;
            if (revision != entry.revision()) {
                Problem meanwhile = new Problem(
                        DirectoryProblem.CHANGED_MEANWHILE, "who", entry.changedBy() == null ? "?" : entry.changedBy());
                throw meanwhile.with("current", entry).with("yours", statement);
            }
            Entry.State state = entry.after(act);
            if ((act == Act.RETURN || act == Act.CHANGE || act == Act.RETIRE) && (words == null || words.isBlank())) {
                throw new Problem(DirectoryProblem.WORDS_MISSING, "act", act.zh());
            }
            if (act == Act.SUBMIT || act == Act.PUBLISH) {
                List<Violation> violations = violations(entry);
                if (!violations.isEmpty()) {
                    throw new Problem(
                                    DirectoryProblem.INCOMPLETE,
                                    "act",
                                    act.zh(),
                                    "count",
                                    Integer.toString(violations.size()))
                            .with("violations", violations);
                }
            }
            Instant now = clock.instant();
            int version = entry.version();
            if (act == Act.PUBLISH) {
                version++;
                publishVersion(entry, version, now, who);
            }
            store(
                    id,
                    entry.provider(),
                    state,
                    statement,
                    act == Act.SUBMIT ? who.username() : entry.submittedBy(),
                    now,
                    who);
            note(id, now, who, act, state, version, words);
            return get(id);
        }));
    }

    /** The entry, which nobody else changes before this transaction ends. */
    Entry locked(UUID id) {
        jdbc.sql("select id from catalog_entries where id = ? for update")
                .param(id)
                .query(UUID.class)
                .optional();
        return get(id);
    }

    private void store(
            UUID id,
            Department provider,
            Entry.State state,
            Statement statement,
            @Nullable String submittedBy,
            Instant now,
            Account who) {
        Guide.Theme theme = statement.theme();
        Guide.ShareClass shareClass = statement.shareClass();
        jdbc.sql("""
                        update catalog_entries set revision = revision + 1, state = :state, statement = cast(:statement as jsonb),
                            department_id = :department, title = :title, theme = :theme, share_class = :shareClass,
                            search = lower(concat_ws(' ', cast(:title as text), cast(:summary as text), resource_code)),
                            submitted_by = :submittedBy, changed_at = :now, changed_by = :who
                        where id = :id""")
                .param("id", id)
                .param("state", state.name())
                .param("statement", JSON.writeValueAsString(statement))
                .param("department", provider.id())
                .param("title", statement.title())
                .param("summary", statement.summary())
                .param("theme", theme == null ? null : theme.name())
                .param("shareClass", shareClass == null ? null : shareClass.name())
                .param("submittedBy", submittedBy)
                .param("now", Timestamp.from(now))
                .param("who", who.username())
                .update();
    }

    private void publishVersion(Entry entry, int version, Instant now, Account who) {
        String code = entry.resourceCode() == null ? giveCode(entry) : entry.resourceCode();
        Date today = Date.valueOf(LocalDate.ofInstant(now, clock.getZone()));
        jdbc.sql("""
                        insert into catalog_entry_versions (entry_id, version, statement, resource_code, published_on, published_at,
                            published_by)
                        values (:entry, :version, cast(:statement as jsonb), :code, :on, :at, :by)""")
                .param("entry", entry.id())
                .param("version", version)
                .param("statement", JSON.writeValueAsString(entry.statement()))
                .param("code", code)
                .param("on", today)
                .param("at", Timestamp.from(now))
                .param("by", who.username())
                .update();
        jdbc.sql("update catalog_entries set resource_code = ?, published_version = ?, published_on = ? where id = ?")
                .params(code, version, today, entry.id())
                .update();
    }

    /** The next number of its classification. Two at once wait for each other here, for a number is given once only. */
    private String giveCode(Entry entry) {
        ClassificationCode classification =
                new ClassificationCode(entry.statement().classification());
        jdbc.sql("select pg_advisory_xact_lock(hashtext('catalog_resource_codes ' || ?))")
                .param(classification.text())
                .query((row, n) -> n)
                .list();
        int sequence = jdbc.sql("""
                        insert into catalog_resource_codes (classification, sequence, entry_id)
                        select :classification, coalesce(max(sequence), 0) + 1, :entry from catalog_resource_codes
                        where classification = :classification
                        returning sequence""")
                .param("classification", classification.text())
                .param("entry", entry.id())
                .query(Integer.class)
                .single();
        return classification.resourceCode(sequence);
    }

    private void note(
            UUID id, Instant now, Account who, Act act, Entry.State state, int version, @Nullable String words) {
        jdbc.sql("""
                        insert into catalog_entry_events (entry_id, at, who, act, state, version, words)
                        values (:entry, :at, :who, :act, :state, :version, nullif(trim(:words), ''))""")
                .param("entry", id)
                .param("at", Timestamp.from(now))
                .param("who", who.username())
                .param("act", act.name())
                .param("state", state.name())
                .param("version", version)
                .param("words", words == null ? "" : words)
                .update();
    }

    /** With what its resource says now, where nobody has stated anything: that is not in its row. */
    private Entry whole(Entry entry) {
        return entry.discovered()
                ? entry.with(draft(
                        Objects.requireNonNull(entry.resource()),
                        entry.provider().id()))
                : entry;
    }

    private static Entry entry(ResultSet row) throws SQLException {
        @Nullable String stated = row.getString("statement");
        UUID resource = row.getObject("resource_id", UUID.class);
        Date on = row.getDate("published_on");
        return new Entry(
                row.getObject("id", UUID.class),
                resource,
                new Department(row.getString("did"), row.getString("dname"), row.getString("dname_en")),
                Entry.State.valueOf(row.getString("state")),
                row.getInt("revision"),
                stated == null,
                stated == null ? Statement.EMPTY : JSON.readValue(stated, Statement.class),
                row.getString("resource_code"),
                row.getInt("published_version"),
                on == null ? null : on.toLocalDate(),
                row.getString("submitted_by"),
                row.getTimestamp("changed_at").toInstant(),
                row.getString("changed_by"));
    }

    private Statement draft(UUID resource, String department) {
        Resource.Whole whole = resources.getWhole(resource);
        List<Instant> times = jdbc.sql(
                        "select at from catalog_collections where resource_id = ? order by at desc limit "
                                + LOOKED_BACK)
                .param(resource)
                .query((row, n) -> row.getTimestamp(1).toInstant())
                .list();
        return EntryDrafts.of(whole.resource(), whole.columns(), whole.details(), times, uscc(department));
    }

    /** The department's credit code, from the day on which the organisation knows it. */
    private @Nullable String uscc(String department) {
        return jdbc.sql("select to_jsonb(d) ->> 'uscc' uscc from org_departments d where id = ?")
                .param(department)
                .query((row, n) -> Optional.ofNullable(row.getString(1)))
                .single()
                .orElse(null);
    }

    private static Entry.Version version(ResultSet row) throws SQLException {
        return new Entry.Version(
                row.getInt("version"),
                JSON.readValue(row.getString("statement"), Statement.class),
                row.getString("resource_code"),
                row.getDate("published_on").toLocalDate(),
                row.getString("published_by"));
    }

    private static Entry.Brief brief(ResultSet row) throws SQLException {
        @Nullable String shareClass = row.getString("share_class");
        @Nullable String theme = row.getString("theme");
        return new Entry.Brief(
                row.getObject("id", UUID.class),
                row.getString("shown_title"),
                new Department(row.getString("did"), row.getString("dname"), row.getString("dname_en")),
                Entry.State.valueOf(row.getString("state")),
                row.getBoolean("discovered"),
                row.getString("resource_code"),
                shareClass == null ? null : Guide.ShareClass.valueOf(shareClass),
                theme == null ? null : Guide.Theme.valueOf(theme),
                row.getInt("published_version"),
                row.getTimestamp("changed_at").toInstant(),
                row.getString("changed_by"));
    }
}

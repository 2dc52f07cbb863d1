package org.qiantang.catalog;

import java.sql.Date;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.qiantang.catalog.LedgerItem.Kind;
import org.qiantang.catalog.Project.Overlap;
import org.qiantang.catalog.Project.Reason;
import org.qiantang.core.CoreProblem;
import org.qiantang.core.Problem;
import org.qiantang.org.Account;
import org.qiantang.org.Department;
import org.qiantang.org.Role;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * The city's one ledger of data, applications, components and cloud resources. A new project is held against it before money is spent, and
 * what that showed stays with the project.
 */
@Service
public final class Ledger {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final int MOST_ITEMS = 500;
    private static final int MOST_OVERLAPS = 50;
    private static final int ALIKE = 45;
    private static final int SAME_DATA = 60;

    private static final String ITEM = """
            select l.*, d.id did, d.name dname, d.name_en dname_en from catalog_ledger l
            join org_departments d on d.id = l.department_id
            """;
    /** Everything that can be used, by its id. */
    private static final String NAMES = """
            select e.id, 'DATA' kind, coalesce(e.title, r.title) name from catalog_entries e
                left join catalog_resources r on r.id = e.resource_id
            union all select id, kind, name from catalog_ledger
            """;

    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final Search search;
    private final Clock clock;

    Ledger(JdbcClient jdbc, TransactionTemplate transaction, Search search, Clock clock) {
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.search = search;
        this.clock = clock;
    }

    /** How many there are of each kind; of data those that are published. */
    public Map<Kind, Long> counts() {
        Map<Kind, Long> counts = new HashMap<>();
        for (Kind kind : Kind.values()) {
            counts.put(kind, 0L);
        }
        jdbc.sql("""
                        select kind, count(*) from catalog_ledger group by 1
                        union all select 'DATA', count(*) from catalog_entries where published_version > 0 and state <> 'RETIRED'""").query(row -> {
            counts.put(Kind.valueOf(row.getString(1)), row.getLong(2));
        });
        return counts;
    }

    /** @param text words of the name or the purpose, or an empty string for everything */
    public LedgerItem.Page list(@Nullable Kind kind, String text) {
        boolean asked = !text.isBlank();
        Map<String, @Nullable Object> params = new HashMap<>();
        params.put("kind", kind == null ? null : kind.name());
        if (asked) {
            params.put(
                    "hits",
                    search.ids(text, Set.of(Found.Kind.APPLICATION, Found.Kind.COMPONENT, Found.Kind.CLOUD))
                            .toArray(UUID[]::new));
        }
        String found =
                ITEM + (asked ? Search.HITS + "l.id" : "") + " where (cast(:kind as text) is null or l.kind = :kind)";
        long total = jdbc.sql("select count(*) from (" + found + ") found")
                .params(params)
                .query(Long.class)
                .single();
        return new LedgerItem.Page(
                total,
                withUses(jdbc.sql(found + " order by " + (asked ? "hit.place, " : "") + "l.kind, l.name, l.id limit "
                                + MOST_ITEMS)
                        .params(params)
                        .query((row, n) -> item(row))
                        .list()));
    }

    public LedgerItem get(UUID id) {
        return withUses(jdbc.sql(ITEM + " where l.id = ?")
                        .param(id)
                        .query((row, n) -> item(row))
                        .list())
                .stream()
                .findFirst()
                .orElseThrow(() -> new Problem(CoreProblem.NOT_FOUND, "what", id.toString()));
    }

    /** Enters something. An officer enters what is their department's, an engineer of the bureau for any. */
    public LedgerItem add(LedgerItem.Written written, @Nullable String department, Account who) {
        String owner = owner(department, who);
        return Objects.requireNonNull(transaction.execute(status -> {
            UUID id = UUID.randomUUID();
            store("""
                    insert into catalog_ledger (id, kind, name, department_id, purpose, state, since, until, capacity, taken,
                        changed_at, changed_by)
                    values (:id, :kind, :name, :department, :purpose, :state, :since, :until, cast(:capacity as jsonb),
                        cast(:taken as jsonb), :now, :who)""", id, written, owner, 0, who);
            return get(id);
        }));
    }

    /** @param revision the one that was on the screen */
    public LedgerItem change(UUID id, int revision, LedgerItem.Written written, Account who) {
        return Objects.requireNonNull(transaction.execute(status -> {
            LedgerItem before = get(id);
            owner(before.owner().id(), who);
            if (before.kind() != written.kind()) {
                throw new Problem(CoreProblem.BAD_REQUEST, "reason", "kind: " + before.kind());
            }
            int changed = store("""
                    update catalog_ledger set name = :name, purpose = :purpose, state = :state, since = :since, until = :until,
                        capacity = cast(:capacity as jsonb), taken = cast(:taken as jsonb), revision = revision + 1,
                        changed_at = :now, changed_by = :who
                    where id = :id and revision = :revision and kind = :kind and department_id = :department""", id, written, before.owner().id(), revision, who);
            if (changed == 0) {
                LedgerItem current = get(id);
                throw new Problem(DirectoryProblem.LEDGER_CHANGED, "who", current.changedBy())
                        .with("current", current)
                        .with("yours", written);
            }
            return get(id);
        }));
    }

    private int store(String sql, UUID id, LedgerItem.Written written, String department, int revision, Account who) {
        try {
            int rows = jdbc.sql(sql)
                    .param("id", id)
                    .param("kind", written.kind().name())
                    .param("name", written.name())
                    .param("department", department)
                    .param("purpose", written.purpose())
                    .param("state", written.state().name())
                    .param("since", written.since() == null ? null : Date.valueOf(written.since()))
                    .param("until", written.until() == null ? null : Date.valueOf(written.until()))
                    .param("capacity", json(written.capacity()))
                    .param("taken", json(written.taken()))
                    .param("revision", revision)
                    .param("now", Timestamp.from(clock.instant()))
                    .param("who", who.username())
                    .update();
            if (rows > 0) {
                uses(id, written.uses());
            }
            return rows;
        } catch (DuplicateKeyException e) {
            throw new Problem(DirectoryProblem.IN_THE_LEDGER, "name", written.name());
        }
    }

    private void uses(UUID id, List<UUID> uses) {
        jdbc.sql("delete from catalog_ledger_uses where item_id = ?").param(id).update();
        for (UUID use : uses) {
            int found = jdbc.sql("insert into catalog_ledger_uses (item_id, uses_kind, uses_id)"
                            + " select :id, kind, id from (" + NAMES + ") known where id = :use and id <> :id")
                    .param("id", id)
                    .param("use", use)
                    .update();
            if (found == 0) {
                throw new Problem(CoreProblem.NOT_FOUND, "what", use.toString());
            }
        }
    }

    private static String owner(@Nullable String department, Account who) {
        Department own = who.department();
        boolean bureau = who.has(Role.ENGINEER) || who.has(Role.OPERATOR);
        String wanted = department == null && own != null ? own.id() : department;
        if (wanted == null || !bureau && (own == null || !own.id().equals(wanted))) {
            throw new Problem(
                    DirectoryProblem.NOT_YOURS, "act", "登记台账 (enter into the ledger)", "who", "所属部门 (its department)");
        }
        return wanted;
    }

    /** Holds a project against the ledger, and stores it with what that showed. */
    public Project register(Project.Wanted wanted, @Nullable String department, Account who) {
        String owner = owner(department, who);
        List<Overlap> overlaps = overlaps(wanted);
        UUID id = UUID.randomUUID();
        jdbc.sql("""
                        insert into catalog_projects (id, name, department_id, project, overlapping, registered_at, registered_by)
                        values (:id, :name, :department, cast(:project as jsonb), cast(:overlaps as jsonb), :now, :who)""")
                .param("id", id)
                .param("name", wanted.name())
                .param("department", owner)
                .param("project", JSON.writeValueAsString(wanted))
                .param("overlaps", JSON.writeValueAsString(overlaps))
                .param("now", Timestamp.from(clock.instant()))
                .param("who", who.username())
                .update();
        return getProject(id);
    }

    public Project getProject(UUID id) {
        return projects(" where p.id = ?", id).stream()
                .findFirst()
                .orElseThrow(() -> new Problem(CoreProblem.NOT_FOUND, "what", id.toString()));
    }

    /** The newest first. */
    public List<Project> listProjects() {
        return projects(" where cast(? as uuid) is null", null);
    }

    private List<Project> projects(String where, @Nullable UUID id) {
        return jdbc.sql("select p.*, d.id did, d.name dname, d.name_en dname_en from catalog_projects p"
                        + " join org_departments d on d.id = p.department_id"
                        + where.replace("?", ":id") + " order by registered_at desc, p.id limit 200")
                .param("id", id, java.sql.Types.OTHER)
                .query((row, n) -> new Project(
                        row.getObject("id", UUID.class),
                        department(row),
                        JSON.readValue(row.getString("project"), Project.Wanted.class),
                        JSON.readValue(row.getString("overlapping"), new TypeReference<List<Overlap>>() {}),
                        row.getTimestamp("registered_at").toInstant(),
                        row.getString("registered_by")))
                .list();
    }

    /** What of the ledger does the same, works on the same, holds what is wanted, or has room. */
    List<Overlap> overlaps(Project.Wanted wanted) {
        List<Overlap> overlaps = new ArrayList<>();
        Set<String> words = Likeness.pairs(wanted.name() + " " + wanted.purpose());
        LedgerItem.Capacity needed = wanted.capacity();
        for (LedgerItem item : withUses(jdbc.sql(ITEM + " where l.state <> 'STOPPED'")
                .query((row, n) -> item(row))
                .list())) {
            if (item.kind() == Kind.CLOUD) {
                if (needed != null && item.capacity() != null && !needed.isNothing()) {
                    LedgerItem.Capacity idle = item.capacity().without(item.taken());
                    if (idle.holds(needed)) {
                        overlaps.add(overlap(
                                item,
                                Reason.IDLE_CAPACITY,
                                100,
                                List.of(idle.cores() + " C", idle.memoryGb() + " GB", idle.storageGb() + " GB")));
                    }
                }
                continue;
            }
            Set<String> others = Likeness.pairs(item.name() + " " + item.purpose());
            int alike = Likeness.percent(words, others);
            if (alike >= ALIKE) {
                overlaps.add(overlap(item, Reason.SAME_PURPOSE, alike, Likeness.shared(words, others)));
            }
            Set<UUID> used = new HashSet<>();
            item.uses().forEach(use -> used.add(use.id()));
            List<String> shared = item.uses().stream()
                    .filter(use -> wanted.uses().contains(use.id()))
                    .map(LedgerItem.Use::name)
                    .toList();
            used.addAll(wanted.uses());
            // One thing in common is chance; half of everything is the same undertaking.
            if (shared.size() >= 2 && 100 * shared.size() / used.size() >= 50) {
                overlaps.add(overlap(item, Reason.SAME_USES, 100 * shared.size() / used.size(), shared));
            }
        }
        overlaps.addAll(existingData(wanted.dataWanted()));
        overlaps.sort(Comparator.comparing(Overlap::reason)
                .thenComparing(Comparator.comparingInt(Overlap::percent).reversed())
                .thenComparing(Overlap::name));
        // Cut by reason, so that many alike in purpose do not hide the one that has the data.
        Map<Reason, Integer> counts = new EnumMap<>(Reason.class);
        return overlaps.stream()
                .filter(each -> counts.merge(each.reason(), 1, Integer::sum) <= MOST_OVERLAPS)
                .toList();
    }

    private List<Overlap> existingData(List<String> wanted) {
        if (wanted.isEmpty()) {
            return List.of();
        }
        List<Overlap> overlaps = new ArrayList<>();
        Map<String, Set<String>> pairsOfWanted = new LinkedHashMap<>();
        wanted.forEach(words -> pairsOfWanted.put(words, Likeness.pairs(words)));
        jdbc.sql("""
                        select e.id, v.statement ->> 'title' title, v.statement ->> 'shareClass' share,
                            d.id did, d.name dname, d.name_en dname_en
                        from catalog_entries e
                        join catalog_entry_versions v on v.entry_id = e.id and v.version = e.published_version
                        join org_departments d on d.id = e.department_id where e.state <> 'RETIRED'""").query(row -> {
            Set<String> title = Likeness.pairs(row.getString("title"));
            for (Map.Entry<String, Set<String>> each : pairsOfWanted.entrySet()) {
                int alike = Likeness.percent(each.getValue(), title);
                if (alike >= SAME_DATA) {
                    overlaps.add(new Overlap(
                            Kind.DATA,
                            row.getObject("id", UUID.class),
                            row.getString("title"),
                            department(row),
                            Guide.ShareClass.NOT_SHARED.name().equals(row.getString("share"))
                                    ? Reason.DATA_NOT_SHARED
                                    : Reason.DATA_EXISTS,
                            alike,
                            List.of(each.getKey())));
                    return;
                }
            }
        });
        return overlaps;
    }

    private static Overlap overlap(LedgerItem item, Reason reason, int percent, List<String> shared) {
        return new Overlap(item.kind(), item.id(), item.name(), item.owner(), reason, percent, shared);
    }

    private List<LedgerItem> withUses(List<LedgerItem> items) {
        if (items.isEmpty()) {
            return items;
        }
        Map<UUID, List<LedgerItem.Use>> uses = new HashMap<>();
        jdbc.sql("select u.item_id, u.uses_kind, u.uses_id, n.name from catalog_ledger_uses u join (" + NAMES
                        + ") n on n.id = u.uses_id where u.item_id = any (:ids) order by n.name")
                .param("ids", items.stream().map(LedgerItem::id).toArray(UUID[]::new))
                .query(row -> {
                    uses.computeIfAbsent(row.getObject(1, UUID.class), each -> new ArrayList<>())
                            .add(new LedgerItem.Use(
                                    Kind.valueOf(row.getString(2)), row.getObject(3, UUID.class), row.getString(4)));
                });
        return items.stream()
                .map(item -> new LedgerItem(
                        item.id(),
                        item.kind(),
                        item.name(),
                        item.owner(),
                        item.purpose(),
                        item.state(),
                        item.since(),
                        item.until(),
                        item.capacity(),
                        item.taken(),
                        uses.getOrDefault(item.id(), List.of()),
                        item.revision(),
                        item.changedAt(),
                        item.changedBy()))
                .toList();
    }

    private static LedgerItem item(ResultSet row) throws SQLException {
        Date since = row.getDate("since");
        Date until = row.getDate("until");
        return new LedgerItem(
                row.getObject("id", UUID.class),
                Kind.valueOf(row.getString("kind")),
                row.getString("name"),
                department(row),
                row.getString("purpose"),
                LedgerItem.State.valueOf(row.getString("state")),
                since == null ? null : since.toLocalDate(),
                until == null ? null : until.toLocalDate(),
                capacity(row.getString("capacity")),
                capacity(row.getString("taken")),
                List.of(),
                row.getInt("revision"),
                row.getTimestamp("changed_at").toInstant(),
                row.getString("changed_by"));
    }

    private static Department department(ResultSet row) throws SQLException {
        return new Department(row.getString("did"), row.getString("dname"), row.getString("dname_en"));
    }

    private static @Nullable String json(LedgerItem.@Nullable Capacity capacity) {
        return capacity == null ? null : JSON.writeValueAsString(capacity);
    }

    private static LedgerItem.@Nullable Capacity capacity(@Nullable String json) {
        return json == null ? null : JSON.readValue(json, LedgerItem.Capacity.class);
    }
}

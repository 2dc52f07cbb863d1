package org.qiantang.share;

import static java.util.Objects.requireNonNull;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.qiantang.catalog.Resource;
import org.qiantang.catalog.Resources;
import org.qiantang.core.CityCalendar;
import org.qiantang.core.CoreProblem;
import org.qiantang.core.Problem;
import org.qiantang.lake.RowCondition;
import org.qiantang.lake.TableName;
import org.qiantang.org.Account;
import org.qiantang.org.Accounts;
import org.qiantang.org.Department;
import org.qiantang.org.Enclosures;
import org.qiantang.org.Role;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.json.JsonMapper;

/** The grants of the city: what opens fields to departments, who may read what and why, and the end of it. */
@Service
public final class Grants {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final int MOST_SHOWN = 500;

    private static final String GRANT = """
            select g.*, v.terms, v.at version_at, p.application_id, r.name r_name, r.name_en r_name_en, o.name o_name, o.name_en o_name_en
            from share_grants g join share_grant_versions v on v.grant_id = g.id and v.version = g.version
            join share_parts p on p.id = g.part_id
            join org_departments r on r.id = g.recipient_id join org_departments o on o.id = g.provider_id
            """;
    private static final String IN_FORCE =
            "g.state in ('GRANTED', 'IN_USE') and g.valid_from <= :now and g.valid_to > :now";

    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final Steps steps;
    private final Resources resources;
    private final Accounts accounts;
    private final Enclosures enclosures;
    private final CityCalendar calendar;
    private final Clock clock;

    Grants(
            JdbcClient jdbc,
            TransactionTemplate transaction,
            Steps steps,
            Resources resources,
            Accounts accounts,
            Enclosures enclosures,
            CityCalendar calendar,
            Clock clock) {
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.steps = steps;
        this.resources = resources;
        this.accounts = accounts;
        this.enclosures = enclosures;
        this.calendar = calendar;
        this.clock = clock;
    }

    /** As a version is stored. */
    record Content(String scenario, String legalBasis, String purpose, String system, int systemLevel, Terms terms) {}

    /** What a grant is issued from. */
    record Issued(UUID application, UUID part, String recipient, String provider, Content content) {}

    /**
     * A grant as a list of them needs it.
     *
     * @param inForce whether it opens anything at this moment
     */
    public record GrantBrief(
            UUID id,
            String number,
            int version,
            Department recipient,
            Department provider,
            String scenario,
            GrantState state,
            boolean inForce,
            Instant from,
            Instant to,
            List<String> tables) {
        public GrantBrief {
            tables = List.copyOf(tables);
        }
    }

    /**
     * Everything about one.
     *
     * @param system the system that receives it, and its security level (等保)
     * @param steps of its application and its own, the newest first
     * @param acts what whoever asks may do now
     */
    public record GrantWhole(
            GrantBrief brief,
            Grant grant,
            UUID application,
            String system,
            int systemLevel,
            List<GrantVersion> versions,
            List<Application.Step> steps,
            Set<ShareAct> acts) {
        public GrantWhole {
            versions = List.copyOf(versions);
            steps = List.copyOf(steps);
            acts = Set.copyOf(acts);
        }
    }

    /** What it said from a moment on. */
    public record GrantVersion(int version, Instant at, String who, Terms terms) {}

    /** Which grants somebody wants to see. */
    public enum Of {
        RECEIVED,
        GIVEN,
        ALL,
    }

    /** A grant that is in force now and belongs to this person's department. */
    public Optional<Grant> inForce(UUID grant, Account who) {
        return of(who).stream().filter(each -> each.id().equals(grant)).findFirst();
    }

    /** All that are in force now for this person's department. */
    public List<Grant> of(Account who) {
        Department own = who.department();
        if (own == null || who.has(Role.RESIDENT)) {
            return List.of();
        }
        enclosures.requireOutside(who);
        return of(own.id());
    }

    /** All that are in force now for a department that works inside a zone; what they open is opened there alone. */
    public List<Grant> inside(Department department) {
        return enclosures.holds(department) ? of(department.id()) : List.of();
    }

    /** What a department has that is in force now, wherever it may use it. */
    public List<Grant> had(Department department) {
        return of(department.id());
    }

    /** Whether it was, whatever became of it. */
    public boolean wasGivenTo(UUID grant, Department department) {
        return jdbc.sql("select exists (select from share_grants where id = ? and recipient_id = ?)")
                .params(grant, department.id())
                .query(Boolean.class)
                .single();
    }

    private List<Grant> of(String department) {
        return jdbc.sql(GRANT + " where g.recipient_id = :department and " + IN_FORCE + " order by g.number")
                .param("department", department)
                .param("now", now())
                .query((row, n) -> grant(row))
                .list();
    }

    /** Why a department may read: what whoever was read about is told of a grant. */
    public record Reason(String number, String recipient, String scenario, String legalBasis, String purpose) {}

    /** The reasons of these grants, whatever became of them. */
    public Map<UUID, Reason> reasons(Collection<UUID> grants) {
        Map<UUID, Reason> reasons = new HashMap<>();
        if (!grants.isEmpty()) {
            jdbc.sql(GRANT + " where g.id in (:grants)").param("grants", grants).query(row -> {
                Grant grant = grant(row);
                reasons.put(
                        grant.id(),
                        new Reason(
                                grant.number(),
                                grant.recipient(),
                                grant.scenario(),
                                grant.legalBasis(),
                                grant.purpose()));
            });
        }
        return reasons;
    }

    /** Something was read under it. */
    public void used(UUID id) {
        // Every read comes here, and all but the first have nothing to say.
        boolean first = jdbc.sql("select state = 'GRANTED' from share_grants where id = ?")
                .param(id)
                .query(Boolean.class)
                .optional()
                .orElse(false);
        if (first) {
            transaction.executeWithoutResult(status -> {
                Stored stored = locked(id);
                if (stored.state == GrantState.GRANTED) {
                    move(stored, Steps.Did.platform(ShareAct.USE, null), GrantState.IN_USE, null);
                }
            });
        }
    }

    /** The newest first; who is no bureau sees what their department gave or received. */
    public List<GrantBrief> list(Account who, Of of) {
        Department own = who.department();
        String department = own == null ? "" : own.id();
        String condition = switch (of) {
            case RECEIVED -> "g.recipient_id = :department";
            case GIVEN -> "g.provider_id = :department";
            case ALL -> ":all or g.recipient_id = :department or g.provider_id = :department";
        };
        return jdbc.sql(GRANT + " where (" + condition + ") order by g.granted_at desc, g.number desc limit "
                        + MOST_SHOWN)
                .param("all", seesAll(who))
                .param("department", department)
                .query((row, n) -> brief(row))
                .list();
    }

    static boolean seesAll(Account who) {
        return who.has(Role.ENGINEER) || who.has(Role.AUDITOR);
    }

    public GrantWhole get(Account who, UUID id) {
        Stored stored = find(id, "");
        requireMaySee(who, stored);
        GrantBrief brief = jdbc.sql(GRANT + " where g.id = ?")
                .param(id)
                .query((row, n) -> brief(row))
                .single();
        List<GrantVersion> versions = jdbc.sql(
                        "select * from share_grant_versions where grant_id = ? order by version desc")
                .param(id)
                .query((row, n) -> new GrantVersion(
                        row.getInt("version"),
                        row.getTimestamp("at").toInstant(),
                        requireNonNull(row.getString("who")),
                        content(row).terms))
                .list();
        List<Application.Step> own = steps.list(stored.application).stream()
                .filter(step -> id.equals(step.grant()))
                .toList();
        return new GrantWhole(
                brief,
                stored.grant,
                stored.application,
                stored.content.system,
                stored.content.systemLevel,
                versions,
                own,
                acts(who, stored));
    }

    private Set<ShareAct> acts(Account who, Stored stored) {
        Set<ShareAct> acts = GrantState.MOVES.acts(stored.state, sides(who, stored));
        if (stored.suspendedBy == Side.BUREAU && !who.has(Role.ENGINEER)) {
            acts.remove(ShareAct.RESUME);
        }
        return acts;
    }

    private static Set<Side> sides(Account who, Stored stored) {
        return Application.sides(who, stored.grant.recipient(), stored.provider);
    }

    private static void requireMaySee(Account who, Stored stored) {
        Department own = who.department();
        boolean theirs = own != null
                && (own.id().equals(stored.grant.recipient()) || own.id().equals(stored.provider));
        if (!seesAll(who) && !theirs) {
            throw new Problem(CoreProblem.NOT_FOUND, "what", stored.grant.id().toString());
        }
    }

    /** Nothing can be read under it from this moment on, until it is resumed. */
    public GrantWhole suspend(Account who, UUID id, @Nullable String reason) {
        return act(who, id, ShareAct.SUSPEND, reason);
    }

    /** What the bureau suspended, the bureau resumes. */
    public GrantWhole resume(Account who, UUID id, @Nullable String reason) {
        return act(who, id, ShareAct.RESUME, reason);
    }

    /** Nothing can be read under it from this moment on, for ever. */
    public GrantWhole revoke(Account who, UUID id, @Nullable String reason) {
        return act(who, id, ShareAct.REVOKE, reason);
    }

    private GrantWhole act(Account who, UUID id, ShareAct act, @Nullable String reason) {
        transaction.executeWithoutResult(status -> {
            Stored stored = locked(id);
            requireMaySee(who, stored);
            Set<Side> sides = sides(who, stored);
            GrantState next = GrantState.MOVES.after(stored.state, act, sides);
            String words = Steps.required(act, reason, "理由", "a reason");
            Side side = GrantState.MOVES.side(stored.state, act, sides);
            if (act == ShareAct.RESUME && stored.suspendedBy == Side.BUREAU && side != Side.BUREAU) {
                throw new Problem(ShareProblem.NOT_YOURS, "act", act.named(), "who", "数据局 (the data bureau)");
            }
            move(stored, new Steps.Did(who, side, act, words, null), next, act == ShareAct.SUSPEND ? side : null);
        });
        return get(who, id);
    }

    /**
     * The next version of it, with a reason; never more than was applied for.
     *
     * @param asked what was applied for
     */
    GrantWhole change(Account who, UUID id, Terms terms, Terms asked, @Nullable String reason) {
        transaction.executeWithoutResult(status -> {
            Stored stored = locked(id);
            requireMaySee(who, stored);
            Set<Side> sides = sides(who, stored);
            GrantState.MOVES.after(stored.state, ShareAct.CHANGE, sides);
            String words = Steps.required(ShareAct.CHANGE, reason, "理由", "a reason");
            terms.requireWithin(asked);
            Content before = stored.content;
            int version = jdbc.sql("""
                            update share_grants set version = version + 1, valid_from = :from, valid_to = :to where id = :id
                            returning version""")
                    .param("from", Timestamp.from(terms.from()))
                    .param("to", Timestamp.from(terms.to()))
                    .param("id", id)
                    .query(Integer.class)
                    .single();
            version(
                    id,
                    version,
                    new Content(
                            before.scenario,
                            before.legalBasis,
                            before.purpose,
                            before.system,
                            before.systemLevel,
                            terms),
                    who.username());
            steps.add(
                    new Steps.About(stored.application, stored.part, id),
                    new Steps.Did(
                            who,
                            GrantState.MOVES.side(stored.state, ShareAct.CHANGE, sides),
                            ShareAct.CHANGE,
                            words,
                            null),
                    stored.state,
                    stored.state);
        });
        return get(who, id);
    }

    /** The application it came of, for whoever may renew it. Inside the caller's transaction, which writes the new one. */
    UUID renewed(Account who, UUID id) {
        Stored stored = locked(id);
        requireMaySee(who, stored);
        Set<Side> sides = sides(who, stored);
        GrantState.MOVES.after(stored.state, ShareAct.RENEW, sides);
        steps.add(
                new Steps.About(stored.application, stored.part, id),
                new Steps.Did(who, Side.APPLICANT, ShareAct.RENEW, null, null),
                stored.state,
                stored.state);
        return stored.application;
    }

    UUID part(Account who, UUID id) {
        Stored stored = find(id, "");
        requireMaySee(who, stored);
        return stored.part;
    }

    /** Inside the caller's transaction, which writes the step. */
    UUID issue(Issued issued, String who) {
        UUID id = UUID.randomUUID();
        Instant at = clock.instant();
        long next = jdbc.sql("select nextval('share_grant_numbers')")
                .query(Long.class)
                .single();
        Terms terms = issued.content.terms;
        jdbc.sql("""
                        insert into share_grants (id, number, part_id, recipient_id, provider_id, state, version, valid_from, valid_to,
                            granted_at)
                        values (:id, :number, :part, :recipient, :provider, 'GRANTED', 1, :from, :to, :at)""")
                .param("id", id)
                .param(
                        "number",
                        "GX%d-%06d".formatted(at.atZone(calendar.zone()).getYear(), next))
                .param("part", issued.part)
                .param("recipient", issued.recipient)
                .param("provider", issued.provider)
                .param("from", Timestamp.from(terms.from()))
                .param("to", Timestamp.from(terms.to()))
                .param("at", Timestamp.from(at))
                .update();
        version(id, 1, issued.content, who);
        return id;
    }

    private void version(UUID id, int version, Content content, String who) {
        jdbc.sql("""
                        insert into share_grant_versions (grant_id, version, terms, at, who)
                        values (:id, :version, cast(:terms as json), :at, :who)""")
                .param("id", id)
                .param("version", version)
                .param("terms", JSON.writeValueAsString(content))
                .param("at", now())
                .param("who", who)
                .update();
        for (GrantedTable table : content.terms.tables()) {
            jdbc.sql("insert into share_granted_tables (grant_id, version, namespace, table_name) values (?, ?, ?, ?)")
                    .params(
                            id,
                            version,
                            table.table().namespace(),
                            table.table().name())
                    .update();
        }
    }

    /** Ends those whose last day has passed. That they open nothing any more does not wait for this. */
    void expire() {
        List<UUID> over = jdbc.sql("""
                        select id from share_grants where state not in ('EXPIRED', 'REVOKED') and valid_to <= ?""")
                .param(now())
                .query((row, n) -> row.getObject(1, UUID.class))
                .list();
        for (UUID id : over) {
            transaction.executeWithoutResult(status -> {
                Stored stored = locked(id);
                if (stored.state != GrantState.EXPIRED
                        && stored.state != GrantState.REVOKED
                        && !stored.grant.to().isAfter(clock.instant())) {
                    move(stored, Steps.Did.platform(ShareAct.EXPIRE, null), GrantState.EXPIRED, null);
                }
            });
        }
    }

    private void move(Stored stored, Steps.Did did, GrantState next, @Nullable Side suspendedBy) {
        jdbc.sql("update share_grants set state = :state, suspended_by = :by where id = :id")
                .param("state", next.name())
                .param("by", suspendedBy == null ? null : suspendedBy.name())
                .param("id", stored.grant.id())
                .update();
        steps.add(new Steps.About(stored.application, stored.part, stored.grant.id()), did, stored.state, next);
    }

    /** A grant that opens a field, in answer to: who could read this, and why? */
    public record Reading(
            UUID grant,
            String number,
            Department recipient,
            String scenario,
            String legalBasis,
            String purpose,
            String field,
            String showing,
            List<RowCondition> rows,
            Instant from,
            Instant to,
            GrantState state,
            boolean inForce) {
        public Reading {
            rows = List.copyOf(rows);
        }
    }

    /** Every grant that opens a field of a resource now, or did before; its own department, the bureau and the auditor may ask. */
    public List<Reading> readers(Account who, UUID resource) {
        Resource about = resources.get(resource);
        Department own = who.department();
        boolean theirs = own != null && own.id().equals(about.department().id());
        if (!seesAll(who) && !theirs) {
            throw new Problem(
                    ShareProblem.NOT_YOURS,
                    "act",
                    "查看谁能读取 (see who reads it)",
                    "who",
                    about.department().name() + "、数据局 (its department or the data bureau)");
        }
        int dot = about.lakeTable().indexOf('.');
        TableName table = new TableName(
                about.lakeTable().substring(0, dot), about.lakeTable().substring(dot + 1));
        List<Reading> readings = new ArrayList<>();
        jdbc.sql(GRANT + """
                         join share_granted_tables t on t.grant_id = g.id and t.version = g.version
                        where t.namespace = :namespace and t.table_name = :table order by g.number""")
                .param("namespace", table.namespace())
                .param("table", table.name())
                .query(row -> {
                    readings.addAll(readings(row, table));
                });
        return readings;
    }

    /** A field that somebody can read, and by which grant. */
    public record Readable(String lakeTable, Reading reading) {}

    /** Every field that a person can read now by a grant; everybody may ask of themselves, the bureau and the auditor of anybody. */
    public List<Readable> readable(Account who, String username) {
        if (!seesAll(who) && !who.username().equals(username)) {
            throw new Problem(
                    ShareProblem.NOT_YOURS,
                    "act",
                    "查看他人能读取的字段 (see what another reads)",
                    "who",
                    "数据局 (the data bureau)");
        }
        Account about = accounts.find(username).orElseThrow(() -> new Problem(CoreProblem.NOT_FOUND, "what", username));
        Department own = about.department();
        List<Readable> readable = new ArrayList<>();
        if (own != null && !about.has(Role.RESIDENT)) {
            jdbc.sql(GRANT + " where g.recipient_id = :department and " + IN_FORCE + " order by g.number")
                    .param("department", own.id())
                    .param("now", now())
                    .query(row -> {
                        for (GrantedTable table : content(row).terms.tables()) {
                            readings(row, table.table())
                                    .forEach(reading -> readable.add(
                                            new Readable(table.table().toString(), reading)));
                        }
                    });
        }
        return readable;
    }

    private List<Reading> readings(ResultSet row, TableName wanted) throws SQLException {
        Content content = content(row);
        GrantBrief brief = brief(row);
        List<Reading> readings = new ArrayList<>();
        for (GrantedTable table : content.terms.tables()) {
            if (table.table().equals(wanted)) {
                for (Map.Entry<String, String> field : table.fields().entrySet()) {
                    readings.add(new Reading(
                            brief.id,
                            brief.number,
                            brief.recipient,
                            content.scenario,
                            content.legalBasis,
                            content.purpose,
                            field.getKey(),
                            field.getValue(),
                            table.rows(),
                            brief.from,
                            brief.to,
                            brief.state,
                            brief.inForce));
                }
            }
        }
        return readings;
    }

    /** As it is stored. */
    private record Stored(
            Grant grant,
            UUID application,
            UUID part,
            String provider,
            GrantState state,
            @Nullable Side suspendedBy,
            Content content) {}

    private Stored locked(UUID id) {
        return find(id, " for update of g");
    }

    private Stored find(UUID id, String lock) {
        if (!lock.isEmpty()) {
            // First the row, then what its version says: whoever waited for it must not read the version before.
            jdbc.sql("select id from share_grants where id = ? for update")
                    .param(id)
                    .query(UUID.class)
                    .optional();
        }
        return jdbc.sql(GRANT + " where g.id = ?" + lock)
                .param(id)
                .query((row, n) -> {
                    @Nullable String by = row.getString("suspended_by");
                    return new Stored(
                            grant(row),
                            row.getObject("application_id", UUID.class),
                            row.getObject("part_id", UUID.class),
                            requireNonNull(row.getString("provider_id")),
                            GrantState.valueOf(row.getString("state")),
                            by == null ? null : Side.valueOf(by),
                            content(row));
                })
                .optional()
                .orElseThrow(() -> new Problem(CoreProblem.NOT_FOUND, "what", id.toString()));
    }

    private Timestamp now() {
        return Timestamp.from(clock.instant());
    }

    private static Content content(ResultSet row) throws SQLException {
        return JSON.readValue(row.getString("terms"), Content.class);
    }

    private static Grant grant(ResultSet row) throws SQLException {
        Content content = content(row);
        return new Grant(
                row.getObject("id", UUID.class),
                requireNonNull(row.getString("number")),
                requireNonNull(row.getString("recipient_id")),
                content.scenario,
                content.legalBasis,
                content.purpose,
                content.terms.from(),
                content.terms.to(),
                content.terms.quota(),
                content.terms.tables());
    }

    private GrantBrief brief(ResultSet row) throws SQLException {
        Content content = content(row);
        GrantState state = GrantState.valueOf(row.getString("state"));
        Instant now = clock.instant();
        return new GrantBrief(
                row.getObject("id", UUID.class),
                requireNonNull(row.getString("number")),
                row.getInt("version"),
                new Department(row.getString("recipient_id"), row.getString("r_name"), row.getString("r_name_en")),
                new Department(row.getString("provider_id"), row.getString("o_name"), row.getString("o_name_en")),
                content.scenario,
                state,
                state.isOpen()
                        && !content.terms.from().isAfter(now)
                        && content.terms.to().isAfter(now),
                content.terms.from(),
                content.terms.to(),
                content.terms.tables().stream()
                        .map(table -> table.table().toString())
                        .toList());
    }
}

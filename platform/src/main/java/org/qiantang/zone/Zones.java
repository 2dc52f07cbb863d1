package org.qiantang.zone;

import static java.util.Objects.requireNonNull;

import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Clock;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.qiantang.core.CityCalendar;
import org.qiantang.core.CoreProblem;
import org.qiantang.core.Problem;
import org.qiantang.org.Account;
import org.qiantang.org.Accounts;
import org.qiantang.org.Act;
import org.qiantang.org.Actor;
import org.qiantang.org.AuditTrail;
import org.qiantang.org.Department;
import org.qiantang.org.Departments;
import org.qiantang.org.Enclosures;
import org.qiantang.org.Role;
import org.qiantang.share.Grant;
import org.qiantang.share.Grants;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;

/** The authorised operation zones of the city: begun, changed and taken away by the data bureau, at once. */
@Service
public final class Zones {
    private static final String ZONE = """
            select z.*, d.name d_name, d.name_en d_name_en from zone_zones z join org_departments d on d.id = z.department_id
            """;

    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final Departments departments;
    private final Accounts accounts;
    private final Enclosures enclosures;
    private final Grants grants;
    private final AuditTrail audit;
    private final ResultFiles files;
    private final ZoneTerms terms;
    private final CityCalendar calendar;
    private final Clock clock;

    Zones(
            JdbcClient jdbc,
            TransactionTemplate transaction,
            Departments departments,
            Accounts accounts,
            Enclosures enclosures,
            Grants grants,
            AuditTrail audit,
            ResultFiles files,
            ZoneTerms terms,
            CityCalendar calendar,
            Clock clock) {
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.departments = departments;
        this.accounts = accounts;
        this.enclosures = enclosures;
        this.grants = grants;
        this.audit = audit;
        this.files = files;
        this.terms = terms;
        this.calendar = calendar;
        this.clock = clock;
    }

    /**
     * What a zone is to be.
     *
     * @param k null for what holds everywhere; so are the others
     */
    public record Wanted(
            String name,
            String agreement,
            String scope,
            LocalDate validFrom,
            LocalDate validTo,
            @Nullable Integer k,
            @Nullable Integer mostRows,
            @Nullable Integer runsADay,
            List<UUID> grants,
            List<String> members) {
        public Wanted {
            grants = List.copyOf(grants);
            members = List.copyOf(members);
        }
    }

    /**
     * A zone with what may be used in it.
     *
     * @param inForce whether anything can be done in it at this moment
     * @param usable its grants that are in force now
     */
    public record ZoneWhole(Zone zone, boolean inForce, List<Usable> usable) {
        public ZoneWhole {
            usable = List.copyOf(usable);
        }
    }

    /** A grant as a zone uses it: what of which tables, and how each field is shown. */
    public record Usable(UUID id, String number, String scenario, String purpose, List<UsableTable> tables) {
        public Usable {
            tables = List.copyOf(tables);
        }
    }

    /** Fields with how each is shown. */
    public record UsableTable(String name, Map<String, String> fields) {}

    /** Who and what a zone for a department can be made of. */
    public record Candidates(Department operator, List<Accounts.Named> accounts, List<Usable> grants) {
        public Candidates {
            accounts = List.copyOf(accounts);
            grants = List.copyOf(grants);
        }
    }

    public Candidates candidates(String department) {
        Department operator = departments.get(department);
        return new Candidates(
                operator,
                accounts.of(operator),
                grants.had(operator).stream().map(Zones::usable).toList());
    }

    /** Its department is enclosed from this moment on. */
    public ZoneWhole begin(Actor by, String department, Wanted wanted) {
        Department operator = departments.get(department);
        UUID id = UUID.randomUUID();
        transaction.executeWithoutResult(status -> {
            check(operator, wanted);
            // One after the other, so that a department has one zone.
            jdbc.sql("select id from org_departments where id = ? for update")
                    .param(operator.id())
                    .query()
                    .singleRow();
            boolean has = jdbc.sql(
                            "select exists (select from zone_zones where department_id = ? and state = 'ACTIVE')")
                    .param(operator.id())
                    .query(Boolean.class)
                    .single();
            if (has) {
                throw new Problem(ZoneProblem.DEPARTMENT_HAS_ZONE, "department", operator.name());
            }
            enclosures.enclose(operator);
            String number = number("YY", "zone_numbers");
            values(jdbc.sql("""
                            insert into zone_zones (id, number, department_id, name, agreement, scope, valid_from, valid_to, k, most_rows,
                                runs_a_day, grants, members, state, begun_at, begun_by)
                            values (:id, :number, :department, :name, :agreement, :scope, :from, :to, :k, :mostRows, :runsADay,
                                :grants, :members, 'ACTIVE', :at, :by)"""), wanted)
                    .param("id", id)
                    .param("number", number)
                    .param("department", operator.id())
                    .param("at", Timestamp.from(clock.instant()))
                    .param("by", by.username())
                    .update();
            audit.record(by, Act.ZONE_BEGUN, number, Map.of(), said(find(id)));
        });
        return whole(find(id));
    }

    public ZoneWhole change(Actor by, UUID id, int revision, Wanted wanted) {
        transaction.executeWithoutResult(status -> {
            Zone before = lock(id);
            if (before.state() != Zone.State.ACTIVE) {
                throw new Problem(ZoneProblem.NOT_IN_FORCE);
            }
            if (before.revision() != revision) {
                throw new Problem(ZoneProblem.CHANGED_MEANWHILE);
            }
            check(before.operator(), wanted);
            values(jdbc.sql("""
                            update zone_zones set name = :name, agreement = :agreement, scope = :scope, valid_from = :from, valid_to = :to,
                                k = :k, most_rows = :mostRows, runs_a_day = :runsADay, grants = :grants, members = :members,
                                revision = revision + 1 where id = :id"""), wanted).param("id", id).update();
            audit.record(by, Act.ZONE_CHANGED, before.number(), said(before), said(find(id)));
        });
        return whole(find(id));
    }

    /**
     * Ends it for good, at once: nothing runs, nothing is handed out, its products are withdrawn, what was not released is deleted. Its
     * department stays enclosed.
     */
    public ZoneWhole revoke(Actor by, UUID id, @Nullable String reason) {
        String why = required(reason, "撤销的理由 (why it is revoked)");
        List<UUID> unreleased = requireNonNull(transaction.execute(status -> {
            Zone before = lock(id);
            if (before.state() != Zone.State.ACTIVE) {
                throw new Problem(
                        ZoneProblem.WRONG_STATE, "state", before.state().name());
            }
            jdbc.sql("update zone_zones set state = 'REVOKED', reason = ?, revision = revision + 1 where id = ?")
                    .params(why, id)
                    .update();
            jdbc.sql("""
                            update zone_products set state = 'WITHDRAWN', withdrawn_at = :at, reason = :why, revision = revision + 1
                            where zone_id = :zone and state <> 'WITHDRAWN'""")
                    .param("at", Timestamp.from(clock.instant()))
                    .param("why", why)
                    .param("zone", id)
                    .update();
            List<UUID> gone = jdbc.sql("""
                            update zone_runs set state = 'DISCARDED', due_at = null where zone_id = ? and state in ('HELD', 'SUBMITTED')
                            returning id""")
                    .param(id)
                    .query((row, n) -> row.getObject(1, UUID.class))
                    .list();
            audit.record(by, Act.ZONE_REVOKED, before.number(), Map.of(), Map.of("reason", why));
            return gone;
        }));
        unreleased.forEach(files::forget);
        return whole(find(id));
    }

    /** Those that somebody may see: their own, or all. */
    public List<ZoneWhole> list(Account who) {
        return jdbc.sql(ZONE + " order by z.begun_at desc").query((row, n) -> zone(row)).list().stream()
                .filter(zone -> seesAll(who) || zone.hasMember(who))
                .map(this::whole)
                .toList();
    }

    public ZoneWhole get(Account who, UUID id) {
        return whole(seen(who, id));
    }

    /** The bureau's and the auditors' view, or a member's while the zone is in force. */
    Zone seen(Account who, UUID id) {
        Zone zone = find(id);
        if (!seesAll(who)) {
            requireMember(who, zone);
        }
        return zone;
    }

    /** Refuses who may not work in it now. */
    void requireMember(Account who, Zone zone) {
        if (!zone.hasMember(who)) {
            // Who is no member does not learn that it is there.
            throw new Problem(CoreProblem.NOT_FOUND, "what", zone.id().toString());
        }
        if (!isInForce(zone)) {
            throw new Problem(ZoneProblem.NOT_IN_FORCE);
        }
    }

    boolean isInForce(Zone zone) {
        return zone.isInForce(LocalDate.ofInstant(clock.instant(), calendar.zone()));
    }

    static boolean seesAll(Account who) {
        return who.has(Role.ENGINEER) || who.has(Role.AUDITOR);
    }

    /** The grants that can be used in it at this moment. */
    List<Grant> usable(Zone zone) {
        return grants.inside(zone.operator()).stream()
                .filter(grant -> zone.grants().contains(grant.id()))
                .toList();
    }

    private ZoneWhole whole(Zone zone) {
        return new ZoneWhole(
                zone, isInForce(zone), usable(zone).stream().map(Zones::usable).toList());
    }

    private static Usable usable(Grant grant) {
        return new Usable(
                grant.id(),
                grant.number(),
                grant.scenario(),
                grant.purpose(),
                grant.tables().stream()
                        .map(table -> new UsableTable(table.table().toString(), table.fields()))
                        .toList());
    }

    Zone find(UUID id) {
        return jdbc.sql(ZONE + " where z.id = ?")
                .param(id)
                .query((row, n) -> zone(row))
                .optional()
                .orElseThrow(() -> new Problem(CoreProblem.NOT_FOUND, "what", id.toString()));
    }

    /** Nothing else happens in the zone until the caller's transaction ends. */
    Zone lock(UUID id) {
        jdbc.sql("select id from zone_zones where id = ? for update")
                .param(id)
                .query(UUID.class)
                .optional();
        return find(id);
    }

    /** The next number of a kind in this year. */
    String number(String prefix, String sequence) {
        long next = jdbc.sql("select nextval(cast(? as regclass))")
                .param(sequence)
                .query(Long.class)
                .single();
        return prefix + LocalDate.ofInstant(clock.instant(), calendar.zone()).getYear() + "%06d".formatted(next);
    }

    static String required(@Nullable String words, String what) {
        if (words == null || words.isBlank()) {
            throw new Problem(ZoneProblem.REASON_NEEDED, "what", what);
        }
        return words.strip();
    }

    private void check(Department operator, Wanted wanted) {
        required(wanted.name, "名称 (a name)");
        required(wanted.agreement, "授权运营协议的文号 (the agreement)");
        required(wanted.scope, "运营范围 (what it is for)");
        if (wanted.validTo.isBefore(wanted.validFrom)) {
            throw new Problem(ZoneProblem.WRONG_PERIOD);
        }
        if (k(wanted) < terms.leastK()) {
            throw new Problem(ZoneProblem.WEAKER_THAN_RULE, "what", "k", "rule", "k ≥ " + terms.leastK());
        }
        if (mostRows(wanted) > terms.mostRows() || mostRows(wanted) < 1) {
            throw new Problem(ZoneProblem.WEAKER_THAN_RULE, "what", "行数 (rows)", "rule", "1–" + terms.mostRows());
        }
        if (runsADay(wanted) > terms.runsADay() || runsADay(wanted) < 1) {
            throw new Problem(
                    ZoneProblem.WEAKER_THAN_RULE, "what", "每天运行次数 (runs a day)", "rule", "1–" + terms.runsADay());
        }
        Set<UUID> given = grants.had(operator).stream().map(Grant::id).collect(Collectors.toSet());
        // A grant that has ended by now may stay; it opens nothing.
        wanted.grants.stream()
                .filter(grant -> !given.contains(grant) && !grants.wasGivenTo(grant, operator))
                .findFirst()
                .ifPresent(grant -> {
                    throw new Problem(ZoneProblem.NOT_OF_DEPARTMENT, "what", grant.toString());
                });
        Set<String> people =
                accounts.of(operator).stream().map(Accounts.Named::username).collect(Collectors.toSet());
        wanted.members.stream()
                .filter(member -> !people.contains(member))
                .findFirst()
                .ifPresent(member -> {
                    throw new Problem(ZoneProblem.NOT_OF_DEPARTMENT, "what", member);
                });
    }

    private int k(Wanted wanted) {
        return wanted.k == null ? terms.leastK() : wanted.k;
    }

    private int mostRows(Wanted wanted) {
        return wanted.mostRows == null ? terms.mostRows() : wanted.mostRows;
    }

    private int runsADay(Wanted wanted) {
        return wanted.runsADay == null ? terms.runsADay() : wanted.runsADay;
    }

    private JdbcClient.StatementSpec values(JdbcClient.StatementSpec statement, Wanted wanted) {
        return statement
                .param("name", wanted.name.strip())
                .param("agreement", wanted.agreement.strip())
                .param("scope", wanted.scope.strip())
                .param("from", wanted.validFrom)
                .param("to", wanted.validTo)
                .param("k", k(wanted))
                .param("mostRows", mostRows(wanted))
                .param("runsADay", runsADay(wanted))
                .param("grants", wanted.grants.toArray(UUID[]::new), Types.ARRAY)
                .param("members", wanted.members.toArray(String[]::new), Types.ARRAY);
    }

    private static Map<String, Object> said(Zone zone) {
        return Map.of(
                "operator",
                zone.operator().id(),
                "agreement",
                zone.agreement(),
                "from",
                zone.validFrom().toString(),
                "to",
                zone.validTo().toString(),
                "k",
                zone.k(),
                "grants",
                zone.grants().stream().map(UUID::toString).toList(),
                "members",
                zone.members());
    }

    private static Zone zone(ResultSet row) throws SQLException {
        return new Zone(
                row.getObject("id", UUID.class),
                requireNonNull(row.getString("number")),
                new Department(row.getString("department_id"), row.getString("d_name"), row.getString("d_name_en")),
                requireNonNull(row.getString("name")),
                requireNonNull(row.getString("agreement")),
                requireNonNull(row.getString("scope")),
                row.getObject("valid_from", LocalDate.class),
                row.getObject("valid_to", LocalDate.class),
                row.getInt("k"),
                row.getInt("most_rows"),
                row.getInt("runs_a_day"),
                uuids(row, "grants"),
                strings(row, "members"),
                Zone.State.valueOf(row.getString("state")),
                row.getString("reason"),
                row.getInt("revision"));
    }

    static List<UUID> uuids(ResultSet row, String column) throws SQLException {
        Array array = row.getArray(column);
        return List.of((UUID[]) array.getArray());
    }

    static List<String> strings(ResultSet row, String column) throws SQLException {
        Array array = row.getArray(column);
        return Arrays.asList((String[]) array.getArray());
    }
}

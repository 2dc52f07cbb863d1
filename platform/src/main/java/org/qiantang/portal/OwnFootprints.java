package org.qiantang.portal;

import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Instant;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.qiantang.catalog.LakeReader;
import org.qiantang.catalog.Persons;
import org.qiantang.catalog.Withheld;
import org.qiantang.core.CityCalendar;
import org.qiantang.core.CoreProblem;
import org.qiantang.core.Problem;
import org.qiantang.org.Account;
import org.qiantang.org.Department;
import org.qiantang.org.EvidenceRecords;
import org.qiantang.org.Residents;
import org.qiantang.quality.QualityProblem;
import org.qiantang.share.Grants;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;

/**
 * Who read what about whoever asks (数据足迹), as far as it can be told: by which department, for what, by which right, when and how often.
 * The person who read is not named; their department answers for them.
 */
@Service
public final class OwnFootprints {
    private static final int MOST_READS = 2_000;
    private static final int MOST_MONTHS = 36;
    private static final int MOST_LISTED = 50;

    private static final String READ = """
            select a.id, a.at, a.who, a.purpose, a.scenario, a.entitlement, a.case_number, a.department,
                (select r.role from org_account_roles r where r.username = a.who order by r.role = 'RESIDENT' limit 1) a_role,
            """;

    private final JdbcClient jdbc;
    private final Residents residents;
    private final Persons persons;
    private final Holdings holdings;
    private final Withheld withheld;
    private final Grants grants;
    private final EvidenceRecords evidence;
    private final CityCalendar calendar;
    private final Clock clock;

    OwnFootprints(
            JdbcClient jdbc,
            Residents residents,
            Persons persons,
            Holdings holdings,
            Withheld withheld,
            Grants grants,
            EvidenceRecords evidence,
            CityCalendar calendar,
            Clock clock) {
        this.jdbc = jdbc;
        this.residents = residents;
        this.persons = persons;
        this.holdings = holdings;
        this.withheld = withheld;
        this.grants = grants;
        this.evidence = evidence;
        this.calendar = calendar;
        this.clock = clock;
    }

    /** Who reads. */
    public enum Reader {
        /** Whoever asks, their own records. */
        SELF,
        DEPARTMENT,
        /** The data bureau. */
        BUREAU,
        /** The platform's own work: checks of quality, tables made of tables. */
        PLATFORM,
        /** Somebody else who looked at what is held about them both. */
        RESIDENT,
        /** Anybody, of what is open. */
        PUBLIC,
    }

    /** How whoever asks was concerned. */
    public enum Reach {
        /** Their number was read or looked for. */
        NAMED,
        /** It cannot be told who was read, or it was very many: everybody in the table. */
        EVERYBODY,
        /** Numbers or masked values only, made of everybody in the table. */
        SUMMARY,
    }

    /**
     * Reads of one kind in a month.
     *
     * @param scenario what the grant was given for
     * @param why the purpose that the grant states
     * @param reads the newest
     */
    public record Footprint(
            Instant first,
            Instant last,
            int times,
            Reader reader,
            @Nullable Department department,
            Reach reach,
            String purpose,
            @Nullable String scenario,
            @Nullable String why,
            @Nullable String legalBasis,
            @Nullable String grant,
            @Nullable String caseNumber,
            List<HeldResource> resources,
            List<Read> reads) {
        public Footprint {
            resources = List.copyOf(resources);
            reads = List.copyOf(reads);
        }
    }

    /** A resource that was read. */
    public record HeldResource(String title, Department provider) {}

    /** One read, by its number. */
    public record Read(long access, Instant at) {}

    /** How many reads of oneself there were in a month ({@code 2026-11}). */
    public record Month(String month, long reads) {}

    /**
     * A month of it.
     *
     * @param months in which there was something, the newest first
     * @param more whether there were more reads than are shown
     */
    public record Timeline(String month, List<Month> months, List<Footprint> footprints, boolean more) {
        public Timeline {
            months = List.copyOf(months);
            footprints = List.copyOf(footprints);
        }
    }

    /**
     * That a read is in the evidence log.
     *
     * @param leafHash of the entry, whose text names the officer and is shown to courts and auditors
     * @param text a C2SP tlog-proof that the entry of this hash is in the log
     */
    public record ReadProof(String log, long index, String leafHash, String text) {}

    private record Stored(
            long id,
            Instant at,
            Reader reader,
            @Nullable String department,
            Reach reach,
            String purpose,
            @Nullable String scenario,
            @Nullable UUID grant,
            @Nullable String caseNumber,
            List<String> tables) {}

    private record Kind(
            Reader reader,
            @Nullable String department,
            Reach reach,
            String purpose,
            @Nullable String scenario,
            @Nullable UUID grant,
            @Nullable String caseNumber,
            List<String> tables) {}

    /** @param wanted null for the present month */
    public Timeline timeline(Account who, @Nullable YearMonth wanted) {
        String key = key(who);
        YearMonth month = wanted == null ? YearMonth.from(clock.instant().atZone(calendar.zone())) : wanted;
        List<Stored> stored = new ArrayList<>(named(who, key, month, null));
        boolean more = stored.size() == MOST_READS;
        List<Stored> ofTables = ofTables(who, key, month, null);
        more |= ofTables.size() == MOST_READS;
        stored.addAll(ofTables);
        return new Timeline(month.toString(), months(key), footprints(shown(stored)), more);
    }

    /** What proves a read of oneself. */
    public ReadProof prove(Account who, long access) {
        find(who, access);
        Entry entry = jdbc.sql("select evidence_log, evidence_asked from catalog_access where id = ?")
                .param(access)
                .query((row, n) -> {
                    String log = row.getString(1);
                    return log == null ? Optional.<Entry>empty() : Optional.of(new Entry(log, row.getLong(2)));
                })
                .single()
                .orElseThrow(() -> new Problem(PortalProblem.PROOF_NOT_READY));
        if (!entry.log.equals(evidence.state().log())) {
            throw new Problem(PortalProblem.PROOF_ELSEWHERE, "log", entry.log);
        }
        EvidenceRecords.Hidden proof =
                evidence.proveHidden(entry.index).orElseThrow(() -> new Problem(PortalProblem.PROOF_NOT_READY));
        return new ReadProof(entry.log, entry.index, proof.leafHash(), proof.text());
    }

    private record Entry(String log, long index) {}

    /** Who has to answer for a read of oneself: a department, or else the bureau. */
    Optional<String> answerer(Account who, long access) {
        Stored found = find(who, access);
        return found.reader == Reader.DEPARTMENT ? Optional.ofNullable(found.department) : Optional.empty();
    }

    private Stored find(Account who, long access) {
        String key = key(who);
        List<Stored> found = new ArrayList<>(named(who, key, null, access));
        found.addAll(ofTables(who, key, null, access));
        return shown(found).stream()
                .findFirst()
                .orElseThrow(() -> new Problem(CoreProblem.NOT_FOUND, "what", Long.toString(access)));
    }

    private String key(Account who) {
        return residents
                .find(who)
                .map(resident -> persons.key(resident.number()))
                .orElseThrow(() -> new Problem(QualityProblem.NOT_IDENTIFIED));
    }

    private List<Month> months(String key) {
        return jdbc.sql("""
                        select to_char(a.at at time zone :zone, 'YYYY-MM') as month, count(distinct a.id) as reads
                        from catalog_footprints f join catalog_access a on a.id = f.access_id
                        where f.person = decode(:key, 'hex') and not\s""" + Delays.DELAYED + """
                         group by 1 order by 1 desc limit\s""" + MOST_MONTHS)
                .param("zone", calendar.zone().getId())
                .param("key", key)
                .param("now", Timestamp.from(clock.instant()))
                .query((row, n) -> new Month(row.getString(1), row.getLong(2)))
                .list();
    }

    private List<Stored> named(Account who, String key, @Nullable YearMonth month, @Nullable Long access) {
        return read(who, READ + """
                        'NAMED' reach, array_agg(a.named[f.place] order by f.place) tables
                        from catalog_footprints f join catalog_access a on a.id = f.access_id
                        where f.person = decode(:key, 'hex') and\s""", " group by a.id", Map.of("key", key), month, access);
    }

    private List<Stored> ofTables(Account who, String key, @Nullable YearMonth month, @Nullable Long access) {
        List<String> tables = holdings.tables(who);
        if (tables.isEmpty()) {
            return List.of();
        }
        return read(who, READ + """
                        case when a.everybody && cast(:tables as text[]) then 'EVERYBODY' else 'SUMMARY' end reach,
                        array(select t from unnest(case when a.everybody && cast(:tables as text[]) then a.everybody else a.summary end) t
                            where t = any (cast(:tables as text[])) order by t) tables
                        from catalog_access a
                        where (a.everybody && cast(:tables as text[]) or a.summary && cast(:tables as text[]))
                            and not exists (select from catalog_footprints f where f.access_id = a.id and f.person = decode(:key, 'hex'))
                            and\s""", "", Map.of("key", key, "tables", tables.toArray(String[]::new)), month, access);
    }

    private List<Stored> read(
            Account who,
            String select,
            String group,
            Map<String, ?> params,
            @Nullable YearMonth month,
            @Nullable Long access) {
        Map<String, Object> all = new HashMap<>(params);
        all.put("now", Timestamp.from(clock.instant()));
        String condition;
        if (month == null) {
            condition = "a.id = :access";
            all.put("access", Objects.requireNonNull(access));
        } else {
            condition = "a.at >= :from and a.at < :to";
            all.put("from", start(month));
            all.put("to", start(month.plusMonths(1)));
        }
        return jdbc.sql(select + condition + " and not " + Delays.DELAYED + group
                        + " order by a.at desc, a.id desc limit " + MOST_READS)
                .params(all)
                .query((row, n) -> stored(who, row))
                .list();
    }

    private Timestamp start(YearMonth month) {
        return Timestamp.from(month.atDay(1).atStartOfDay(calendar.zone()).toInstant());
    }

    private static Stored stored(Account who, ResultSet row) throws SQLException {
        String department = row.getString("department");
        String reader = Objects.requireNonNull(row.getString("who"));
        UUID grant = row.getObject("entitlement", UUID.class);
        Array tables = row.getArray("tables");
        return new Stored(
                row.getLong("id"),
                row.getTimestamp("at").toInstant(),
                reader(who, reader, row.getString("a_role"), department, grant),
                department,
                Reach.valueOf(row.getString("reach")),
                Objects.requireNonNull(row.getString("purpose")),
                row.getString("scenario"),
                grant,
                row.getString("case_number"),
                Arrays.asList((String[]) tables.getArray()));
    }

    private static Reader reader(
            Account who, String reader, @Nullable String role, @Nullable String department, @Nullable UUID grant) {
        if (reader.equals(who.username())) {
            return Reader.SELF;
        }
        if ("RESIDENT".equals(role)) {
            return Reader.RESIDENT;
        }
        // A system that reads under a grant has no person's account; its department has the grant.
        if (department != null || grant != null) {
            return Reader.DEPARTMENT;
        }
        if (role != null || reader.equals(Account.operator().username())) {
            return Reader.BUREAU;
        }
        return reader.equals(LakeReader.PUBLIC) ? Reader.PUBLIC : Reader.PLATFORM;
    }

    /** What the law keeps from people, it keeps with all that is about it. */
    private List<Stored> shown(List<Stored> all) {
        List<String> kept = withheld.list().stream()
                .map(Withheld.WithheldResource::lakeTable)
                .toList();
        List<Stored> shown = new ArrayList<>();
        for (Stored each : all) {
            List<String> tables = each.tables.stream()
                    .filter(table -> !kept.contains(table))
                    .distinct()
                    .toList();
            if (!tables.isEmpty()) {
                shown.add(new Stored(
                        each.id,
                        each.at,
                        each.reader,
                        each.department,
                        each.reach,
                        each.purpose,
                        each.scenario,
                        each.grant,
                        each.caseNumber,
                        tables));
            }
        }
        return shown;
    }

    private List<Footprint> footprints(List<Stored> stored) {
        Map<UUID, Grants.Reason> reasons = grants.reasons(stored.stream()
                .map(Stored::grant)
                .filter(Objects::nonNull)
                .map(Objects::requireNonNull)
                .collect(Collectors.toSet()));
        Map<String, Department> departments = departments();
        Map<String, HeldResource> resources = resources(
                stored.stream().flatMap(each -> each.tables.stream()).distinct().toList());
        Map<Kind, List<Stored>> kinds = new LinkedHashMap<>();
        for (Stored each : stored) {
            Grants.Reason reason = each.grant == null ? null : reasons.get(each.grant);
            kinds.computeIfAbsent(
                            new Kind(
                                    each.reader,
                                    each.department == null && reason != null ? reason.recipient() : each.department,
                                    each.reach,
                                    each.purpose,
                                    each.scenario,
                                    each.grant,
                                    each.caseNumber,
                                    each.tables),
                            kind -> new ArrayList<>())
                    .add(each);
        }
        List<Footprint> footprints = new ArrayList<>();
        kinds.forEach((kind, reads) -> {
            Grants.Reason reason = kind.grant == null ? null : reasons.get(kind.grant);
            footprints.add(new Footprint(
                    reads.getLast().at,
                    reads.getFirst().at,
                    reads.size(),
                    kind.reader,
                    kind.department == null || kind.reader != Reader.DEPARTMENT
                            ? null
                            : departments.get(kind.department),
                    kind.reach,
                    kind.purpose,
                    kind.scenario,
                    reason == null ? null : reason.purpose(),
                    reason == null ? null : reason.legalBasis(),
                    reason == null ? null : reason.number(),
                    kind.caseNumber,
                    kind.tables.stream()
                            .map(resources::get)
                            .filter(Objects::nonNull)
                            .map(Objects::requireNonNull)
                            .toList(),
                    reads.stream()
                            .limit(MOST_LISTED)
                            .map(each -> new Read(each.id, each.at))
                            .toList()));
        });
        footprints.sort(java.util.Comparator.comparing(Footprint::last).reversed());
        return footprints;
    }

    private Map<String, Department> departments() {
        Map<String, Department> departments = new HashMap<>();
        jdbc.sql("select id, name, name_en from org_departments").query(row -> {
            departments.put(row.getString(1), new Department(row.getString(1), row.getString(2), row.getString(3)));
        });
        return departments;
    }

    private Map<String, HeldResource> resources(List<String> tables) {
        Map<String, HeldResource> resources = new HashMap<>();
        if (!tables.isEmpty()) {
            jdbc.sql("""
                            select r.namespace || '.' || r.table_name, coalesce(e.title, r.title), d.id, d.name, d.name_en
                            from catalog_resources r join org_departments d on d.id = r.department_id
                            left join catalog_entries e on e.resource_id = r.id and e.state <> 'RETIRED'
                            where r.namespace || '.' || r.table_name in (:tables)""").param("tables", tables).query(row -> {
                resources.put(
                        row.getString(1),
                        new HeldResource(
                                row.getString(2),
                                new Department(row.getString(3), row.getString(4), row.getString(5))));
            });
        }
        return resources;
    }
}

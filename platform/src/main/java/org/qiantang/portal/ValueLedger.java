package org.qiantang.portal;

import java.sql.Date;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.qiantang.core.CityCalendar;
import org.qiantang.org.Department;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * What the city's data is worth to whom (数据价值台账): how often each resource is read, by which departments, for which scenarios, through
 * which door, and how many forms nobody had to fill in. An access of a case under a grant is one form that was not asked for, once a day for
 * each case and resource. Sums of days, so that it costs the same however much is read.
 */
@Service
public final class ValueLedger {
    private static final long SUMMING = 0x7661_6c75_6573L;
    private static final int MOST_DAYS_AT_ONCE = 30;
    private static final int MOST_LISTED = 50;

    /** Reads of people and of systems under a grant; what the platform does for itself and people of themselves is no use of data. */
    private static final String READ_BY_SOMEBODY = """
            (a.entitlement is not null or a.who in ('public', 'operator') or exists (select from org_accounts p where p.username = a.who))
            and a.purpose not in ('own-records', 'objection')""";

    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final CityCalendar calendar;
    private final Clock clock;

    ValueLedger(JdbcClient jdbc, TransactionTemplate transaction, CityCalendar calendar, Clock clock) {
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.calendar = calendar;
        this.clock = clock;
    }

    /** What was read of something. */
    public record Use(long reads, long rows, long forms) {}

    /** What was read on a day. */
    public record DayUse(LocalDate day, Use use) {}

    /** What was read by, for or through something. */
    public record UseBy(String name, Use use) {}

    /** What a department read; without a department it is the bureau or the public. */
    public record DepartmentUse(@Nullable Department department, Use use) {}

    /**
     * A resource and what was read of it.
     *
     * @param departments how many departments read it
     * @param scenarios for how many scenarios
     */
    public record ResourceUse(
            UUID resource, String title, Department provider, Use use, int departments, int scenarios) {}

    /**
     * A resource of which nothing was ever read.
     *
     * @param since when it was first collected
     */
    public record Unused(
            UUID resource,
            String title,
            Department provider,
            @Nullable Instant since,
            @Nullable Long rows,
            @Nullable Long bytes) {}

    /**
     * The ledger of some days.
     *
     * @param summedAt as of when; null before the first sum
     * @param resources how many the catalogue has that hold something
     * @param unusedCount how many of these were never read
     */
    public record Value(
            @Nullable Instant summedAt,
            LocalDate from,
            Use all,
            int resources,
            int used,
            int unusedCount,
            List<DayUse> days,
            List<ResourceUse> top,
            List<Unused> unused,
            List<DepartmentUse> departments,
            List<UseBy> scenarios,
            List<UseBy> doors) {
        public Value {
            days = List.copyOf(days);
            top = List.copyOf(top);
            unused = List.copyOf(unused);
            departments = List.copyOf(departments);
            scenarios = List.copyOf(scenarios);
            doors = List.copyOf(doors);
        }
    }

    /** Sums today and yesterday anew and days that were missed; false when another hub is at it. */
    boolean sum() {
        return Boolean.TRUE.equals(transaction.execute(status -> {
            boolean ours = jdbc.sql("select pg_try_advisory_xact_lock(?)")
                    .param(SUMMING)
                    .query(Boolean.class)
                    .single();
            if (!ours) {
                return false;
            }
            LocalDate today = LocalDate.ofInstant(clock.instant(), calendar.zone());
            missed(today.minusDays(1)).forEach(this::sum);
            sum(today.minusDays(1));
            sum(today);
            return true;
        }));
    }

    /** The oldest days before one that were never summed, from the first access on. */
    private List<LocalDate> missed(LocalDate before) {
        Optional<LocalDate> first = jdbc.sql("""
                        select coalesce((select max(day) from portal_value_summed where day < :before),
                            (select cast(min(at) at time zone :zone as date) - 1 from catalog_access))""")
                .param("before", Date.valueOf(before))
                .param("zone", calendar.zone().getId())
                .query((row, n) -> Optional.ofNullable(row.getDate(1)).map(Date::toLocalDate))
                .single();
        return first.map(known -> known.plusDays(1))
                .filter(day -> day.isBefore(before))
                .map(day -> day.datesUntil(before).limit(MOST_DAYS_AT_ONCE).toList())
                .orElse(List.of());
    }

    private void sum(LocalDate day) {
        jdbc.sql("delete from portal_value_days where day = ?")
                .param(Date.valueOf(day))
                .update();
        jdbc.sql("""
                        insert into portal_value_days (day, resource_id, department_id, scenario, door, reads, rows, forms)
                        select :day, r.id, coalesce(a.department, ''), coalesce(a.scenario, ''), a.purpose, count(*), coalesce(sum(a.rows), 0),
                            count(distinct a.case_number) filter (where a.entitlement is not null and a.case_number <> '')
                        from catalog_access a cross join lateral unnest(a.tables) t (name)
                        join catalog_resources r on r.namespace || '.' || r.table_name = t.name
                        where a.at >= :from and a.at < :to and\s""" + READ_BY_SOMEBODY + """
                         group by r.id, coalesce(a.department, ''), coalesce(a.scenario, ''), a.purpose""")
                .param("day", Date.valueOf(day))
                .param("from", start(day))
                .param("to", start(day.plusDays(1)))
                .update();
        jdbc.sql("""
                        insert into portal_value_summed (day, summed_at) values (?, ?)
                        on conflict (day) do update set summed_at = excluded.summed_at""").params(Date.valueOf(day), Timestamp.from(clock.instant())).update();
    }

    private Timestamp start(LocalDate day) {
        return Timestamp.from(day.atStartOfDay(calendar.zone()).toInstant());
    }

    private static final String USE = "sum(v.reads) reads, sum(v.rows) rows, sum(v.forms) forms";

    /** The ledger of the last days. */
    public Value value(int days) {
        LocalDate from = LocalDate.ofInstant(clock.instant(), calendar.zone()).minusDays(days - 1L);
        Date since = Date.valueOf(from);
        Use all = jdbc.sql("""
                        select coalesce(sum(reads), 0) reads, coalesce(sum(rows), 0) rows, coalesce(sum(forms), 0) forms
                        from portal_value_days where day >= ?""").param(since).query((row, n) -> use(row)).single();
        Optional<Instant> summed = jdbc.sql("select max(summed_at) from portal_value_summed")
                .query((row, n) -> Optional.ofNullable(row.getTimestamp(1)).map(Timestamp::toInstant))
                .single();
        int resources = jdbc.sql("select count(*) from catalog_resources where snapshot_id is not null")
                .query(Integer.class)
                .single();
        int used = jdbc.sql("select count(distinct resource_id) from portal_value_days where day >= ?")
                .param(since)
                .query(Integer.class)
                .single();
        int unused = jdbc.sql("select count(*) from catalog_resources r where " + NEVER_READ)
                .query(Integer.class)
                .single();
        return new Value(
                summed.orElse(null),
                from,
                all,
                resources,
                used,
                unused,
                days(since),
                resources(since, MOST_LISTED),
                unused(MOST_LISTED),
                departments(since),
                by("scenario", since),
                by("door", since));
    }

    private static final String NEVER_READ = """
            r.snapshot_id is not null and r.gone_since is null
            and not exists (select from portal_value_days v where v.resource_id = r.id)""";

    private List<DayUse> days(Date since) {
        return jdbc.sql("select day, " + USE + " from portal_value_days v where day >= ? group by day order by day")
                .param(since)
                .query((row, n) -> new DayUse(row.getDate("day").toLocalDate(), use(row)))
                .list();
    }

    /** What was read most, and for a file all that was. */
    List<ResourceUse> resources(Date since, int limit) {
        return jdbc.sql("select r.id, r.title, d.id did, d.name, d.name_en, " + USE + """
                        , count(distinct v.department_id) filter (where v.department_id <> '') departments,
                            count(distinct v.scenario) filter (where v.scenario <> '') scenarios
                        from portal_value_days v join catalog_resources r on r.id = v.resource_id
                        join org_departments d on d.id = r.department_id
                        where v.day >= :since group by r.id, d.id order by reads desc, r.title collate "C", r.id limit :limit""")
                .param("since", since)
                .param("limit", limit)
                .query((row, n) -> new ResourceUse(
                        row.getObject("id", UUID.class),
                        row.getString("title"),
                        new Department(row.getString("did"), row.getString("name"), row.getString("name_en")),
                        use(row),
                        row.getInt("departments"),
                        row.getInt("scenarios")))
                .list();
    }

    /** Everything that was read in the last days, that most first. */
    public List<ResourceUse> resources(int days) {
        LocalDate from = LocalDate.ofInstant(clock.instant(), calendar.zone()).minusDays(days - 1L);
        return resources(Date.valueOf(from), Integer.MAX_VALUE);
    }

    private List<Unused> unused(int limit) {
        return jdbc.sql("""
                        select r.id, r.title, r.rows, r.bytes, d.id did, d.name, d.name_en,
                            (select min(c.at) from catalog_collections c where c.resource_id = r.id) since
                        from catalog_resources r join org_departments d on d.id = r.department_id where\s""" + NEVER_READ + """
                         order by r.bytes desc nulls last, r.id limit ?""")
                .param(limit)
                .query((row, n) -> {
                    Timestamp since = row.getTimestamp("since");
                    return new Unused(
                            row.getObject("id", UUID.class),
                            row.getString("title"),
                            new Department(row.getString("did"), row.getString("name"), row.getString("name_en")),
                            since == null ? null : since.toInstant(),
                            row.getObject("rows", Long.class),
                            row.getObject("bytes", Long.class));
                })
                .list();
    }

    private List<DepartmentUse> departments(Date since) {
        return jdbc.sql("select d.id, d.name, d.name_en, " + USE + """
                         from portal_value_days v left join org_departments d on d.id = v.department_id
                        where v.day >= ? group by d.id order by reads desc, d.id limit\s""" + MOST_LISTED)
                .param(since)
                .query((row, n) -> new DepartmentUse(
                        row.getString("id") == null
                                ? null
                                : new Department(row.getString("id"), row.getString("name"), row.getString("name_en")),
                        use(row)))
                .list();
    }

    /** @param column one of its own names, never what somebody typed */
    private List<UseBy> by(String column, Date since) {
        return jdbc.sql("select " + column + " name, " + USE + " from portal_value_days v where day >= ? and " + column
                        + " <> '' group by 1 order by reads desc, 1 limit " + MOST_LISTED)
                .param(since)
                .query((row, n) -> new UseBy(row.getString("name"), use(row)))
                .list();
    }

    private static Use use(java.sql.ResultSet row) throws java.sql.SQLException {
        return new Use(row.getLong("reads"), row.getLong("rows"), row.getLong("forms"));
    }
}

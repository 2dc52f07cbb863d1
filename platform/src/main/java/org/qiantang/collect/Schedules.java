package org.qiantang.collect;

import java.sql.Date;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Time;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.qiantang.core.CityCalendar;
import org.qiantang.core.CoreProblem;
import org.qiantang.core.Problem;
import org.qiantang.core.WorkingDays;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The schedules (归集计划) by which sources are collected without anybody's doing. What is due is claimed in the database, so that several
 * hubs share the work; what was missed while no hub ran is run once; a source that is still being collected is left out, and that is said.
 */
@Service
public final class Schedules implements CityCalendar {
    /** Who starts a run that nobody started. */
    public static final String AUTHOR = "schedule";

    private static final int SHOWN = 5;
    /** What is begun within this is not late. */
    private static final Duration GRACE = Duration.ofMinutes(15);

    private static final Set<RunState> OPEN = Set.of(RunState.QUEUED, RunState.RUNNING, RunState.CANCELLING);

    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final Sources sources;
    private final Collections collections;
    private final Verifications verifications;
    private final Clock clock;

    Schedules(
            JdbcClient jdbc,
            TransactionTemplate transaction,
            Sources sources,
            Collections collections,
            Verifications verifications,
            Clock clock) {
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.sources = sources;
        this.collections = collections;
        this.verifications = verifications;
        this.clock = clock;
    }

    /**
     * A schedule and how it stands.
     *
     * @param nextTimes the next few times, the first of them the one that counts
     * @param nextVerification when it is verified next
     * @param lastAt when it was last due and looked at
     * @param lastRun the run it started then; when {@code lastSkipped} the run that was still going on
     */
    public record Planned(
            Schedule schedule,
            List<Instant> nextTimes,
            @Nullable Instant nextVerification,
            @Nullable Instant lastAt,
            @Nullable UUID lastRun,
            boolean lastSkipped,
            Instant changedAt,
            String changedBy) {
        public Planned {
            nextTimes = List.copyOf(nextTimes);
        }
    }

    /** A day that is not what its weekday says. */
    public record CalendarDay(LocalDate day, boolean working, String name) {}

    public Optional<Planned> find(UUID source) {
        sources.get(source);
        WorkingDays calendar = calendar();
        return jdbc.sql("select * from collect_schedules where source_id = ?")
                .param(source)
                .query((row, n) -> planned(row, calendar))
                .optional();
    }

    public Planned get(UUID source) {
        return find(source).orElseThrow(() -> new Problem(CoreProblem.NOT_FOUND, "what", "schedule of " + source));
    }

    /** Sets the schedule of a source, in place of the one it has. */
    public Planned set(UUID source, Schedule schedule, String by) {
        sources.get(source);
        Instant now = clock.instant();
        Optional<Instant> next = schedule.next(now, zone(), calendar());
        if (schedule.enabled() && next.isEmpty()) {
            throw new Problem(CollectProblem.BAD_SCHEDULE, "reason", schedule.rhythm() + ": never");
        }
        Schedule.Verifying verify = schedule.verify();
        Optional<Instant> nextVerification = schedule.nextVerification(now, zone(), calendar());
        if (verify != null && nextVerification.isEmpty()) {
            throw new Problem(CollectProblem.BAD_SCHEDULE, "reason", verify.rhythm() + ": never");
        }
        jdbc.sql("""
                        insert into collect_schedules (source_id, enabled, rhythm, days, window_from, window_to, priority, connections,
                            rows_per_second, next_at, verify_rhythm, verify_values, verify_next_at, changed_at, changed_by)
                        values (:source, :enabled, :rhythm, :days, :from, :to, :priority, :connections, :rows, :next, :verify, :values,
                            :verifyNext, :now, :by)
                        on conflict (source_id) do update set enabled = excluded.enabled, rhythm = excluded.rhythm,
                            days = excluded.days, window_from = excluded.window_from, window_to = excluded.window_to,
                            priority = excluded.priority, connections = excluded.connections,
                            rows_per_second = excluded.rows_per_second, next_at = excluded.next_at,
                            verify_rhythm = excluded.verify_rhythm, verify_values = excluded.verify_values,
                            verify_next_at = excluded.verify_next_at,
                            changed_at = excluded.changed_at, changed_by = excluded.changed_by""")
                .param("source", source)
                .param("enabled", schedule.enabled())
                .param("rhythm", schedule.rhythm().toString())
                .param("days", schedule.days().name())
                .param("from", time(schedule.windowFrom()))
                .param("to", time(schedule.windowTo()))
                .param("priority", schedule.priority())
                .param("connections", schedule.connections())
                .param("rows", schedule.rowsPerSecond())
                .param("next", timestamp(next))
                .param("verify", verify == null ? null : verify.rhythm().toString())
                .param("values", verify != null && verify.values())
                .param("verifyNext", timestamp(nextVerification))
                .param("now", Timestamp.from(now))
                .param("by", by)
                .update();
        return get(source);
    }

    /** Takes the schedule of a source away; runs that it started stay. */
    public void remove(UUID source) {
        get(source);
        jdbc.sql("delete from collect_schedules where source_id = ?")
                .param(source)
                .update();
    }

    /** The days of a year that are not what their weekday says. */
    public List<CalendarDay> listDays(int year) {
        return jdbc.sql("select * from collect_calendar_days where extract(year from day) = ? order by day")
                .param(year)
                .query((row, n) -> day(row))
                .list();
    }

    /** Sets all such days of a year, in place of those it had, and what follows from them for the schedules. */
    public List<CalendarDay> setDays(int year, List<CalendarDay> days) {
        days.stream().filter(day -> day.day().getYear() != year).findFirst().ifPresent(day -> {
            throw new Problem(CollectProblem.BAD_SCHEDULE, "reason", day.day() + " ≠ " + year);
        });
        transaction.executeWithoutResult(status -> {
            jdbc.sql("delete from collect_calendar_days where extract(year from day) = ?")
                    .param(year)
                    .update();
            days.forEach(day -> jdbc.sql("insert into collect_calendar_days (day, working, name) values (?, ?, ?)")
                    .params(Date.valueOf(day.day()), day.working(), day.name())
                    .update());
            WorkingDays calendar = calendar();
            Instant now = clock.instant();
            // What is due already stays due.
            jdbc.sql("select * from collect_schedules where enabled and (next_at is null or next_at > ?) for update")
                    .param(Timestamp.from(now))
                    .query((row, n) -> Map.entry(row.getObject("source_id", UUID.class), schedule(row)))
                    .list()
                    .forEach(each -> advance(each.getKey(), each.getValue().next(now, zone(), calendar)));
            jdbc.sql("select * from collect_schedules where verify_next_at > ? for update")
                    .param(Timestamp.from(now))
                    .query((row, n) -> Map.entry(row.getObject("source_id", UUID.class), schedule(row)))
                    .list()
                    .forEach(each -> advanceVerification(
                            each.getKey(), each.getValue().nextVerification(now, zone(), calendar)));
        });
        return listDays(year);
    }

    /** Starts what is due; returns how many schedules were looked at. */
    int startDue() {
        int looked = 0;
        while (Boolean.TRUE.equals(transaction.execute(status -> startOne()))) {
            looked++;
        }
        while (Boolean.TRUE.equals(transaction.execute(status -> verifyOne()))) {
            looked++;
        }
        return looked;
    }

    private boolean verifyOne() {
        Instant now = clock.instant();
        Optional<Due> claimed = jdbc.sql("""
                        select c.*, s.deleted_at is null as there from collect_schedules c join collect_sources s on s.id = c.source_id
                        where c.verify_next_at <= ? order by c.verify_next_at for update of c skip locked limit 1""")
                .param(Timestamp.from(now))
                .query((row, n) ->
                        new Due(row.getObject("source_id", UUID.class), schedule(row), row.getBoolean("there")))
                .optional();
        if (claimed.isEmpty()) {
            return false;
        }
        Due due = claimed.get();
        Schedule.Verifying verify = due.schedule.verify();
        advanceVerification(
                due.source, due.isThere ? due.schedule.nextVerification(now, zone(), calendar()) : Optional.empty());
        if (due.isThere && verify != null && verifications.mayStart(due.source)) {
            verifications.start(due.source, verify.values(), Verification.Aim.REPAIR, Set.of(), AUTHOR);
        }
        return true;
    }

    private record Due(UUID source, Schedule schedule, boolean isThere) {}

    private boolean startOne() {
        Instant now = clock.instant();
        Optional<Due> claimed = jdbc.sql("""
                        select c.*, s.deleted_at is null as there from collect_schedules c join collect_sources s on s.id = c.source_id
                        where c.enabled and c.next_at <= ? order by c.priority desc, c.next_at
                        for update of c skip locked limit 1""")
                .param(Timestamp.from(now))
                .query((row, n) ->
                        new Due(row.getObject("source_id", UUID.class), schedule(row), row.getBoolean("there")))
                .optional();
        if (claimed.isEmpty()) {
            return false;
        }
        Due due = claimed.get();
        if (!due.isThere) {
            jdbc.sql("delete from collect_schedules where source_id = ?")
                    .param(due.source)
                    .update();
            return true;
        }
        // From now on, however long no hub was there: what was missed is made up for once.
        advance(due.source, due.schedule.next(now, zone(), calendar()));
        Optional<RunSummary> open = collections.listOf(due.source).stream()
                .filter(run -> OPEN.contains(run.state()))
                .findFirst();
        UUID run = open.isPresent()
                ? open.get().id()
                : collections
                        .startScheduled(due.source, AUTHOR, due.schedule.priority())
                        .id();
        jdbc.sql("update collect_schedules set last_at = ?, last_run = ?, last_skipped = ? where source_id = ?")
                .params(Timestamp.from(now), run, open.isPresent(), due.source)
                .update();
        return true;
    }

    private void advance(UUID source, Optional<Instant> next) {
        jdbc.sql("update collect_schedules set next_at = :next where source_id = :source")
                .param("next", timestamp(next))
                .param("source", source)
                .update();
    }

    private void advanceVerification(UUID source, Optional<Instant> next) {
        jdbc.sql("update collect_schedules set verify_next_at = :next where source_id = :source")
                .param("next", timestamp(next))
                .param("source", source)
                .update();
    }

    /** The sources that should have been begun by their schedule a while ago and were not, with when. */
    Map<UUID, Instant> listMissed(Instant now) {
        Map<UUID, Instant> missed = new LinkedHashMap<>();
        jdbc.sql("select source_id, next_at from collect_schedules where enabled and next_at < ? order by next_at")
                .param(Timestamp.from(now.minus(GRACE)))
                .query(row -> {
                    missed.put(row.getObject(1, UUID.class), row.getTimestamp(2).toInstant());
                });
        return missed;
    }

    @Override
    public WorkingDays workingDays() {
        return calendar();
    }

    @Override
    public ZoneId zone() {
        return clock.getZone();
    }

    WorkingDays calendar() {
        return new WorkingDays(
                jdbc.sql("select * from collect_calendar_days").query((row, n) -> day(row)).list().stream()
                        .collect(Collectors.toMap(CalendarDay::day, CalendarDay::working)));
    }

    private static CalendarDay day(ResultSet row) throws SQLException {
        return new CalendarDay(row.getDate("day").toLocalDate(), row.getBoolean("working"), row.getString("name"));
    }

    private Planned planned(ResultSet row, WorkingDays calendar) throws SQLException {
        Schedule schedule = schedule(row);
        List<Instant> times = new ArrayList<>();
        Instant at = RunStore.instant(row, "next_at");
        while (at != null && times.size() < SHOWN) {
            times.add(at);
            at = schedule.next(at, zone(), calendar).orElse(null);
        }
        return new Planned(
                schedule,
                times,
                RunStore.instant(row, "verify_next_at"),
                RunStore.instant(row, "last_at"),
                row.getObject("last_run", UUID.class),
                row.getBoolean("last_skipped"),
                row.getTimestamp("changed_at").toInstant(),
                row.getString("changed_by"));
    }

    private static Schedule schedule(ResultSet row) throws SQLException {
        @Nullable String verify = row.getString("verify_rhythm");
        return new Schedule(
                row.getBoolean("enabled"),
                Rhythm.of(row.getString("rhythm")),
                Schedule.Days.valueOf(row.getString("days")),
                row.getObject("window_from", LocalTime.class),
                row.getObject("window_to", LocalTime.class),
                row.getInt("priority"),
                (Integer) row.getObject("connections"),
                (Long) row.getObject("rows_per_second"),
                verify == null ? null : new Schedule.Verifying(Rhythm.of(verify), row.getBoolean("verify_values")));
    }

    private static @Nullable Time time(@Nullable LocalTime time) {
        return time == null ? null : Time.valueOf(time);
    }

    private static @Nullable Timestamp timestamp(Optional<Instant> at) {
        return at.map(Timestamp::from).orElse(null);
    }
}

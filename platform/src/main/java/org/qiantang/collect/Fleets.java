package org.qiantang.collect;

import static java.util.Objects.requireNonNull;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.qiantang.catalog.Resources;
import org.qiantang.catalog.Resources.Brief;
import org.qiantang.org.Account;
import org.qiantang.org.Department;
import org.qiantang.org.Departments;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;

/** Judges how each table of each source stands: what the catalogue has, against what was promised of its source. */
@Service
public final class Fleets {
    /** More tables than these are only counted; whoever wants to see them asks for less. */
    static final int MOST = 20_000;

    private static final Duration UNPLANNED = Duration.ofDays(7);
    private static final Duration SILENCE = Duration.ofHours(1);
    private static final Duration HEARD = Duration.ofSeconds(30);
    private static final long BEHIND_BYTES = 64L << 20;

    private final JdbcClient jdbc;
    private final Departments departments;
    private final Resources resources;
    private final Clock clock;

    Fleets(JdbcClient jdbc, Departments departments, Resources resources, Clock clock) {
        this.jdbc = jdbc;
        this.departments = departments;
        this.resources = resources;
        this.clock = clock;
    }

    /**
     * What somebody asks for.
     *
     * @param text part of a table's, title's, source's or department's name, or empty
     * @param department or null for all
     * @param state or null for all; the counts are of all states
     */
    public record Wanted(String text, @Nullable String department, Fleet.@Nullable State state) {}

    private record Promise(
            Fleet.FleetSource source,
            Following.@Nullable State following,
            @Nullable Instant heardAt,
            @Nullable Instant sourceAt,
            @Nullable Long bytesBehind,
            @Nullable Instant dueAt,
            Instant since) {
        /** Whether the lake has what the source had a moment ago. */
        boolean isCaughtUp(Instant now) {
            return following == Following.State.FOLLOWING
                    && heardAt != null
                    && heardAt.isAfter(now.minus(HEARD))
                    && (bytesBehind == null || bytesBehind < BEHIND_BYTES);
        }
    }

    private record Judged(Fleet.State state, @Nullable Instant asOf, long lag) {}

    public Fleet get(Wanted wanted, Account who) {
        Instant now = clock.instant();
        List<Promise> promises = promises();
        Map<UUID, Integer> places = new HashMap<>();
        for (int i = 0; i < promises.size(); i++) {
            places.put(promises.get(i).source().id(), i);
        }
        Map<String, Department> byId = new LinkedHashMap<>();
        departments.list().forEach(department -> byId.put(department.id(), department));
        Map<String, FollowEvent.State> followed = followedTables();
        Set<UUID> unseen = resources.unseen(who);
        Map<String, Map<Fleet.State, Long>> counts = new LinkedHashMap<>();
        Fleet.Tables tables = new Fleet.Tables(
                new ArrayList<>(),
                new ArrayList<>(),
                new ArrayList<>(),
                new ArrayList<>(),
                new ArrayList<>(),
                new ArrayList<>(),
                new ArrayList<>(),
                new ArrayList<>(),
                new ArrayList<>());
        long total = 0;
        String text = wanted.text().strip().toLowerCase(Locale.ROOT);
        for (Brief table : resources.listBriefly(places.keySet())) {
            int place = requireNonNull(places.get(table.source()));
            Promise promise = promises.get(place);
            Fleet.FleetSource source = promise.source();
            Department department = byId.get(source.departmentId());
            if (wanted.department() != null && !wanted.department().equals(source.departmentId())
                    || !text.isEmpty() && !isNamed(table, source, department, text)) {
                continue;
            }
            Judged judged = judge(table, promise, followed.get(source.id() + " " + table.table()), now);
            counts.computeIfAbsent(source.departmentId(), any -> new EnumMap<>(Fleet.State.class))
                    .merge(judged.state(), 1L, Long::sum);
            if (wanted.state() != null && wanted.state() != judged.state()) {
                continue;
            }
            total++;
            if (tables.ids().size() < MOST) {
                if (unseen.contains(table.id())) {
                    tables.changed().add(tables.ids().size());
                }
                tables.ids().add(table.id());
                tables.sources().add(place);
                tables.names().add(table.name());
                tables.titles().add(table.title());
                tables.states().add(judged.state());
                tables.rows().add(table.rows());
                tables.asOf().add(judged.asOf() == null ? null : judged.asOf().getEpochSecond());
                tables.lags().add(judged.lag());
            }
        }
        return new Fleet(
                now,
                total,
                counts.entrySet().stream()
                        .flatMap(department -> department.getValue().entrySet().stream()
                                .map(state -> new Fleet.Count(department.getKey(), state.getKey(), state.getValue())))
                        .toList(),
                List.copyOf(byId.values()),
                promises.stream().map(Promise::source).toList(),
                tables);
    }

    private static boolean isNamed(
            Brief table, Fleet.FleetSource source, @Nullable Department department, String text) {
        return (table.name() + " " + table.title() + " " + source.name() + " " + source.title() + " "
                        + (department == null ? "" : department.name() + " " + department.nameEn()))
                .toLowerCase(Locale.ROOT)
                .contains(text);
    }

    private static Judged judge(Brief table, Promise promise, FollowEvent.@Nullable State follows, Instant now) {
        Instant asOf = table.asOf();
        boolean followed = promise.source().followed() && follows == FollowEvent.State.FOLLOWED;
        if (followed && promise.isCaughtUp(now)) {
            // Nothing came since, so what the lake has is what the source had when it was last heard.
            asOf = later(asOf, promise.heardAt());
        }
        if (table.gone() || promise.source().followed() && follows == FollowEvent.State.GONE) {
            return new Judged(Fleet.State.GONE, asOf, 0);
        }
        switch (table.completeness()) {
            case FAILED -> {
                return new Judged(Fleet.State.FAILED, asOf, 0);
            }
            case UNREADABLE -> {
                return new Judged(Fleet.State.UNREADABLE, asOf, 0);
            }
            case INCOMPLETE -> {
                return new Judged(Fleet.State.INCOMPLETE, asOf, 0);
            }
            case COMPLETE -> {}
        }
        boolean awaited = promise.source().followed() && follows == FollowEvent.State.TO_BE_COLLECTED;
        if (awaited || followed && !promise.isCaughtUp(now)) {
            Instant newest = promise.sourceAt() == null ? promise.since() : promise.sourceAt();
            return new Judged(Fleet.State.LAGGING, asOf, seconds(newest, now));
        }
        if (followed) {
            return new Judged(Fleet.State.FRESH, asOf, 0);
        }
        Instant due = due(table, promise);
        return due != null && due.isBefore(now) && !promise.source().running()
                ? new Judged(Fleet.State.LATE, asOf, seconds(due, now))
                : new Judged(Fleet.State.FRESH, asOf, 0);
    }

    /** When the table should have come; null when it has since, or when it never did and so is in another state. */
    private static @Nullable Instant due(Brief table, Promise promise) {
        Instant asOf = table.asOf();
        if (asOf == null) {
            return null;
        }
        if (promise.source().kind() == SourceKind.EVENTS) {
            return asOf.plus(SILENCE);
        }
        if (promise.source().planned()) {
            return promise.dueAt() != null && asOf.isBefore(promise.dueAt()) ? promise.dueAt() : null;
        }
        return asOf.plus(UNPLANNED);
    }

    private static long seconds(Instant from, Instant to) {
        return Math.max(0, Duration.between(from, to).toSeconds());
    }

    private static @Nullable Instant later(@Nullable Instant a, @Nullable Instant b) {
        return a == null || b != null && b.isAfter(a) ? b : a;
    }

    private List<Promise> promises() {
        return jdbc.sql("""
                        select s.id, s.name, s.title, s.kind, s.department_id, coalesce(f.wanted, false) followed, f.state, f.heard_at,
                            f.source_at, f.bytes_behind, coalesce(f.since, s.created_at) since, coalesce(p.enabled, false) planned, p.last_at,
                            exists (select from collect_runs r where r.source_id = s.id
                                and r.state in ('QUEUED', 'RUNNING', 'CANCELLING')) running
                        from collect_sources s join org_departments d on d.id = s.department_id
                        left join collect_followings f on f.source_id = s.id left join collect_schedules p on p.source_id = s.id
                        where s.deleted_at is null order by d.ordinal, s.name""").query((row, n) -> promise(row)).list();
    }

    private static Promise promise(ResultSet row) throws SQLException {
        @Nullable String state = row.getString("state");
        return new Promise(
                new Fleet.FleetSource(
                        row.getObject("id", UUID.class),
                        row.getString("name"),
                        row.getString("title"),
                        SourceKind.valueOf(row.getString("kind")),
                        row.getString("department_id"),
                        row.getBoolean("followed"),
                        row.getBoolean("planned"),
                        row.getBoolean("running")),
                state == null ? null : Following.State.valueOf(state),
                RunStore.instant(row, "heard_at"),
                RunStore.instant(row, "source_at"),
                (Long) row.getObject("bytes_behind"),
                RunStore.instant(row, "last_at"),
                row.getTimestamp("since").toInstant());
    }

    private Map<String, FollowEvent.State> followedTables() {
        Map<String, FollowEvent.State> states = new HashMap<>();
        jdbc.sql("""
                        select t.source_id, t.lake_name, t.state from collect_followed_tables t
                        join collect_followings f on f.source_id = t.source_id and f.wanted""").query(row -> {
            states.put(row.getString(1) + " " + row.getString(2), FollowEvent.State.valueOf(row.getString(3)));
        });
        return states;
    }
}

package org.qiantang.quality;

import java.sql.Date;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.qiantang.catalog.Resource;
import org.qiantang.core.CityCalendar;
import org.qiantang.org.Department;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** How good the city's data is, by resource and department, now and before. */
@Service
public final class Scores {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final TypeReference<Map<Characteristic, Double>> BY = new TypeReference<>() {};
    /** Less than that is noise of rounding. */
    private static final double NOTHING = 1e-9;

    private static final int SHOWN_POINTS = 90;
    private static final int MOST_WORSE = 20;

    private static final String LATEST = """
            select c.id resource_id, s.at, s.overall, s.scores, c.title, c.namespace || '.' || c.table_name lake_table, c.department_id
            from catalog_resources c join lateral (select at, overall, scores from quality_scores q where q.resource_id = c.id
                order by at desc limit 1) s on true
            where c.gone_since is null and exists (select from quality_rules r where r.resource_id = c.id and r.retired_at is null)
            """;

    private final JdbcClient jdbc;
    private final CityCalendar calendar;
    private final Clock clock;

    Scores(JdbcClient jdbc, CityCalendar calendar, Clock clock) {
        this.jdbc = jdbc;
        this.calendar = calendar;
        this.clock = clock;
    }

    /** How something stood at a time. */
    public record Point(Instant at, Score score) {}

    /**
     * A department among the six characteristics.
     *
     * @param score null while none of its resources was looked at
     * @param resources of it that were looked at
     * @param failing rules that do not pass
     * @param broken rules that could not be looked at
     */
    public record DepartmentScore(
            Department department, @Nullable Score score, int resources, int rules, int failing, int broken) {}

    /**
     * The whole city.
     *
     * @param score null while nothing was looked at
     */
    public record Board(Instant at, @Nullable Score score, List<DepartmentScore> departments) {
        public Board {
            departments = List.copyOf(departments);
        }
    }

    /** A resource as a list of them needs it. */
    public record ResourceScore(
            UUID id, String title, String lakeTable, Instant at, Score score, int rules, int failing, int broken) {}

    /** A resource whose data got worse, and from what to what. */
    public record Worse(UUID resource, String title, String departmentId, Instant at, double before, double now) {}

    /** Stores how a resource stands after its rules were looked at, when that is news. Inside the caller's transaction. */
    void settle(Resource resource) {
        List<Score.Part> parts = jdbc.sql("""
                        select v.characteristic, o.checked, o.failed from quality_rules r
                        join quality_rule_versions v on v.rule_id = r.id and v.version = r.version
                        join quality_outcomes o on o.id = r.newest
                        where r.resource_id = ? and r.retired_at is null and o.error_zh is null""")
                .param(resource.id())
                .query((row, n) -> new Score.Part(
                        Characteristic.valueOf(row.getString(1)),
                        row.getLong(2) == 0 ? 1 : 1 - (double) row.getLong(3) / row.getLong(2)))
                .list();
        if (parts.isEmpty()) {
            return;
        }
        Score now = Score.ofRules(parts);
        Optional<Score> before = latest(resource.id()).map(Point::score);
        if (before.isEmpty() || differs(before.get(), now)) {
            jdbc.sql("""
                            insert into quality_scores (resource_id, at, overall, scores) values (?, ?, ?, cast(? as jsonb))
                            on conflict (resource_id, at) do update set overall = excluded.overall, scores = excluded.scores""")
                    .params(
                            resource.id(),
                            Timestamp.from(clock.instant().truncatedTo(ChronoUnit.MICROS)),
                            now.overall(),
                            JSON.writeValueAsString(now.characteristics()))
                    .update();
        }
        settleDay(resource.department().id());
    }

    private void settleDay(String department) {
        List<Score> all = jdbc.sql(LATEST + " and c.department_id = ?")
                .param(department)
                .query((row, n) -> score(row))
                .list();
        Score score = Score.ofResources(all);
        jdbc.sql("""
                        insert into quality_days (day, department_id, overall, scores) values (?, ?, ?, cast(? as jsonb))
                        on conflict (day, department_id) do update set overall = excluded.overall, scores = excluded.scores""")
                .params(
                        Date.valueOf(today()),
                        department,
                        score.overall(),
                        JSON.writeValueAsString(score.characteristics()))
                .update();
    }

    private LocalDate today() {
        return clock.instant().atZone(calendar.zone()).toLocalDate();
    }

    private static boolean differs(Score one, Score other) {
        if (!one.characteristics().keySet().equals(other.characteristics().keySet())) {
            return true;
        }
        return one.characteristics().entrySet().stream()
                .anyMatch(each ->
                        Math.abs(each.getValue() - other.characteristics().getOrDefault(each.getKey(), 0.0)) > NOTHING);
    }

    private Optional<Point> latest(UUID resource) {
        return jdbc.sql("select * from quality_scores where resource_id = ? order by at desc limit 1")
                .param(resource)
                .query((row, n) -> new Point(row.getTimestamp("at").toInstant(), score(row)))
                .optional();
    }

    /** How a resource stood, the newest first. */
    public List<Point> history(UUID resource) {
        return jdbc.sql("select * from quality_scores where resource_id = ? order by at desc limit ?")
                .params(resource, SHOWN_POINTS)
                .query((row, n) -> new Point(row.getTimestamp("at").toInstant(), score(row)))
                .list();
    }

    /** How a department stood at the end of each day, the newest first. */
    public List<Point> historyOf(String department) {
        return jdbc.sql("select * from quality_days where department_id = ? order by day desc limit ?")
                .params(department, SHOWN_POINTS)
                .query((row, n) -> new Point(
                        row.getDate("day")
                                .toLocalDate()
                                .atStartOfDay(calendar.zone())
                                .toInstant(),
                        score(row)))
                .list();
    }

    private record Counts(int rules, int failing, int broken) {
        static final Counts NONE = new Counts(0, 0, 0);
    }

    private static final String COUNTED = """
            count(*) rules,
            count(*) filter (where o.error_zh is null and o.failed > v.tolerance * o.checked) failing,
            count(*) filter (where o.error_zh is not null) broken
            from quality_rules r join quality_rule_versions v on v.rule_id = r.id and v.version = r.version
            join catalog_resources c on c.id = r.resource_id
            left join quality_outcomes o on o.id = r.newest
            where r.retired_at is null and c.gone_since is null
            """;

    /** All departments by the six characteristics. */
    public Board board() {
        Map<String, Counts> counts = new LinkedHashMap<>();
        jdbc.sql("select c.department_id, " + COUNTED + " group by 1").query(row -> {
            counts.put(row.getString(1), counts(row));
        });
        Map<String, List<Score>> scores = new LinkedHashMap<>();
        jdbc.sql(LATEST).query(row -> {
            scores.computeIfAbsent(row.getString("department_id"), any -> new ArrayList<>())
                    .add(score(row));
        });
        List<DepartmentScore> departments = jdbc
                .sql("select id, name, name_en from org_departments order by ordinal, id")
                .query((row, n) -> new Department(row.getString(1), row.getString(2), row.getString(3)))
                .list()
                .stream()
                .map(department -> {
                    List<Score> of = scores.getOrDefault(department.id(), List.of());
                    Counts counted = counts.getOrDefault(department.id(), Counts.NONE);
                    return new DepartmentScore(
                            department,
                            of.isEmpty() ? null : Score.ofResources(of),
                            of.size(),
                            counted.rules,
                            counted.failing,
                            counted.broken);
                })
                .toList();
        List<Score> all = departments.stream()
                .map(DepartmentScore::score)
                .filter(java.util.Objects::nonNull)
                .map(score -> (Score) score)
                .toList();
        return new Board(clock.instant(), all.isEmpty() ? null : Score.ofResources(all), departments);
    }

    /** The resources of a department that were looked at, the worst first. */
    public List<ResourceScore> resources(String department) {
        Map<UUID, Counts> counts = new LinkedHashMap<>();
        jdbc.sql("select r.resource_id, " + COUNTED + " and c.department_id = ? group by 1")
                .param(department)
                .query(row -> {
                    counts.put(row.getObject(1, UUID.class), counts(row));
                });
        return jdbc
                .sql(LATEST + " and c.department_id = ?")
                .param(department)
                .query((row, n) -> {
                    UUID id = row.getObject("resource_id", UUID.class);
                    Counts counted = counts.getOrDefault(id, Counts.NONE);
                    return new ResourceScore(
                            id,
                            String.valueOf(row.getString("title")),
                            String.valueOf(row.getString("lake_table")),
                            row.getTimestamp("at").toInstant(),
                            score(row),
                            counted.rules,
                            counted.failing,
                            counted.broken);
                })
                .list()
                .stream()
                .sorted(java.util.Comparator.comparingDouble(
                                (ResourceScore each) -> each.score().overall())
                        .thenComparing(ResourceScore::lakeTable))
                .toList();
    }

    /** What got worse since a time, the most first. */
    public List<Worse> worse(Instant since) {
        return jdbc.sql("""
                        select n.resource_id, c.title, c.department_id, n.at, b.overall before, n.overall now
                        from (select distinct on (resource_id) resource_id, at, overall from quality_scores
                            where at >= :since order by resource_id, at desc) n
                        join lateral (select overall from quality_scores p where p.resource_id = n.resource_id and p.at < :since
                            order by p.at desc limit 1) b on true
                        join catalog_resources c on c.id = n.resource_id
                        where n.overall < b.overall - 0.0005 order by b.overall - n.overall desc limit :most""")
                .param("since", Timestamp.from(since))
                .param("most", MOST_WORSE)
                .query((row, n) -> new Worse(
                        row.getObject("resource_id", UUID.class),
                        String.valueOf(row.getString("title")),
                        String.valueOf(row.getString("department_id")),
                        row.getTimestamp("at").toInstant(),
                        row.getDouble("before"),
                        row.getDouble("now")))
                .list();
    }

    private static Counts counts(ResultSet row) throws SQLException {
        return new Counts(row.getInt("rules"), row.getInt("failing"), row.getInt("broken"));
    }

    private static Score score(ResultSet row) throws SQLException {
        return new Score(row.getDouble("overall"), JSON.readValue(row.getString("scores"), BY));
    }
}

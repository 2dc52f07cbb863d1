package org.qiantang.catalog;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.qiantang.core.CoreProblem;
import org.qiantang.core.Problem;
import org.qiantang.lake.ColumnProfile;
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
 * What resources hold, as it was measured while they were collected, and the alarms about what changed. Single values of a sensitive column
 * are never stored: they are left out when the profile comes in, and taken out when a level rises.
 */
@Service
public final class Profiles {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final int KEPT = 30;
    private static final int MOMENTS = 10;
    private static final int MOST_UNMEASURED = 100;

    private static final String ALARM = """
            select a.*, r.title, r.namespace || '.' || r.table_name lake_table, r.department_id, d.name department_name,
                d.name_en department_name_en, f.comment, coalesce(f.level, 'L4') level
            from catalog_profile_alarms a join catalog_resources r on r.id = a.resource_id
            join org_departments d on d.id = r.department_id
            left join catalog_fields f on f.resource_id = a.resource_id and f.name = a.field
            """;

    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final Resources resources;
    private final ProfileChanges changes;
    private final Clock clock;

    Profiles(JdbcClient jdbc, TransactionTemplate transaction, Resources resources, AlarmLimits limits, Clock clock) {
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.resources = resources;
        this.changes = new ProfileChanges(limits);
        this.clock = clock;
    }

    /**
     * Takes in what a table looked like when it was collected. Must be called in the transaction that stores the run's result, after the
     * catalogue has taken in the table, so that the levels are those of what is in it now.
     *
     * @param profiles of the columns in order; nothing is done where there are none
     */
    public void record(TableName table, long snapshotId, Instant at, List<ColumnProfile> profiles) {
        if (profiles.isEmpty()) {
            return;
        }
        UUID id = jdbc.sql("select id from catalog_resources where namespace = ? and table_name = ?")
                .params(table.namespace(), table.name())
                .query(UUID.class)
                .single();
        Set<String> open =
                Set.copyOf(jdbc.sql("select name from catalog_fields where resource_id = ? and level in ('L1', 'L2')")
                        .param(id)
                        .query(String.class)
                        .list());
        Map<String, ColumnProfile> columns = new LinkedHashMap<>();
        profiles.forEach(
                each -> columns.put(each.column(), open.contains(each.column()) ? each : each.withoutValues()));
        Optional<ProfileChanges.Taken> before = newest(id);
        ProfileChanges.Taken now = new ProfileChanges.Taken(
                at,
                profiles.getFirst().rows(),
                columns,
                moments(at, columns, before.map(ProfileChanges.Taken::moments)));
        settle(id, now, at);
        before.ifPresent(former -> raise(id, snapshotId, at, changes.between(former, now)));
        store(id, snapshotId, now);
    }

    /**
     * The tables that nothing is known of as they stand now: those that were never measured first, then whose newest profile is older than
     * this. A collection measures what it lands itself; what a followed source changes since, and what a stream brings, is left.
     *
     * @param made for tables made of others
     * @param grown for all others
     */
    public List<TableName> listUnmeasured(Instant made, Instant grown) {
        return jdbc.sql("""
                        select r.namespace, r.table_name from catalog_resources r
                        left join lateral (select at, snapshot_id from catalog_profiles p where p.resource_id = r.id
                            order by at desc limit 1) newest on true
                        where r.snapshot_id is not null and (newest.at is null or newest.snapshot_id <> r.snapshot_id
                            and newest.at < case r.kind when 'DERIVED' then cast(:made as timestamptz)
                                else cast(:grown as timestamptz) end)
                        order by newest.at nulls first, r.namespace, r.table_name limit :most""")
                .param("made", Timestamp.from(made))
                .param("grown", Timestamp.from(grown))
                .param("most", MOST_UNMEASURED)
                .query((row, n) -> new TableName(row.getString(1), row.getString(2)))
                .list();
    }

    private static Map<String, List<ProfileChanges.Moment>> moments(
            Instant at, Map<String, ColumnProfile> columns, Optional<Map<String, List<ProfileChanges.Moment>>> before) {
        Map<String, List<ProfileChanges.Moment>> moments = new HashMap<>();
        columns.forEach((field, column) -> {
            ColumnProfile.Values values = column.values();
            String newest = values == null ? null : values.newest();
            if (newest != null) {
                List<ProfileChanges.Moment> all =
                        new ArrayList<>(before.map(each -> each.get(field)).orElse(List.of()));
                all.add(new ProfileChanges.Moment(at, newest));
                moments.put(field, all.subList(Math.max(0, all.size() - MOMENTS), all.size()));
            }
        });
        return moments;
    }

    private Optional<ProfileChanges.Taken> newest(UUID id) {
        Map<String, ColumnProfile> columns = new LinkedHashMap<>();
        Map<String, List<ProfileChanges.Moment>> moments = new HashMap<>();
        jdbc.sql("select * from catalog_profile_columns where resource_id = ? order by ordinal")
                .param(id)
                .query(row -> {
                    ColumnProfile column = column(row);
                    columns.put(column.column(), column);
                    @Nullable String said = row.getString("moments");
                    if (said != null) {
                        moments.put(column.column(), JSON.readValue(said, new TypeReference<>() {}));
                    }
                });
        return jdbc.sql("select at, rows from catalog_profiles where resource_id = ? order by at desc limit 1")
                .param(id)
                .query((row, n) -> new ProfileChanges.Taken(
                        row.getTimestamp("at").toInstant(), row.getLong("rows"), columns, moments))
                .optional();
    }

    private static ColumnProfile column(ResultSet row) throws SQLException {
        ColumnProfile counts = JSON.readValue(row.getString("profile"), ColumnProfile.class);
        @Nullable String shown = row.getString("shown");
        return shown == null ? counts : counts.withValues(JSON.readValue(shown, ColumnProfile.Values.class));
    }

    /** A column as it is stored; the names are the columns'. */
    private record Stored(
            String field,
            int ordinal,
            ColumnProfile profile,
            ColumnProfile.@Nullable Values shown,
            @Nullable List<ProfileChanges.Moment> moments) {}

    private void store(UUID id, long snapshotId, ProfileChanges.Taken now) {
        Map<String, Profile.Counts> counts = new LinkedHashMap<>();
        List<Stored> stored = new ArrayList<>();
        now.columns().forEach((field, column) -> {
            counts.put(field, new Profile.Counts(column.nulls(), column.distinct()));
            stored.add(new Stored(
                    field,
                    stored.size(),
                    column.withoutValues(),
                    column.values(),
                    now.moments().get(field)));
        });
        jdbc.sql("""
                        insert into catalog_profiles (resource_id, snapshot_id, at, rows, columns)
                        values (:id, :snapshot, :at, :rows, cast(:columns as jsonb)) on conflict do nothing""")
                .param("id", id)
                .param("snapshot", snapshotId)
                .param("at", Timestamp.from(now.at()))
                .param("rows", now.rows())
                .param("columns", JSON.writeValueAsString(counts))
                .update();
        jdbc.sql("""
                        delete from catalog_profiles where resource_id = :id and snapshot_id not in (
                            select snapshot_id from catalog_profiles where resource_id = :id order by at desc limit :kept)""").param("id", id).param("kept", KEPT).update();
        jdbc.sql("delete from catalog_profile_columns where resource_id = ?")
                .param(id)
                .update();
        jdbc.sql("""
                        insert into catalog_profile_columns (resource_id, field, ordinal, profile, shown, moments)
                        select :id, field, ordinal, profile, shown, moments from jsonb_to_recordset(cast(:columns as jsonb))
                            as c(field text, ordinal integer, profile jsonb, shown jsonb, moments jsonb)""")
                .param("id", id)
                .param("columns", JSON.writeValueAsString(stored))
                .update();
    }

    private record Unsettled(long id, String field, ProfileAlarm.Kind kind, List<String> before, List<String> now) {}

    private void settle(UUID id, ProfileChanges.Taken now, Instant at) {
        jdbc
                .sql("select * from catalog_profile_alarms where resource_id = ? and state <> 'SETTLED'")
                .param(id)
                .query((row, n) -> new Unsettled(
                        row.getLong("id"),
                        row.getString("field"),
                        ProfileAlarm.Kind.valueOf(row.getString("kind")),
                        strings(row, "before"),
                        strings(row, "now")))
                .list()
                .stream()
                .filter(alarm -> changes.isOver(alarm.field, alarm.kind, alarm.before, alarm.now, now))
                .forEach(alarm -> jdbc.sql(
                                "update catalog_profile_alarms set state = 'SETTLED', settled_at = ? where id = ?")
                        .params(Timestamp.from(at), alarm.id)
                        .update());
    }

    private void raise(UUID id, long snapshotId, Instant at, List<ProfileChanges.Change> found) {
        for (ProfileChanges.Change change : found) {
            jdbc.sql("""
                            insert into catalog_profile_alarms (resource_id, field, kind, raised_at, snapshot_id, before, now)
                            values (:id, :field, :kind, :at, :snapshot, :before, :now) on conflict do nothing""")
                    .param("id", id)
                    .param("field", change.field())
                    .param("kind", change.kind().name())
                    .param("at", Timestamp.from(at))
                    .param("snapshot", snapshotId)
                    .param("before", change.before().toArray(String[]::new))
                    .param("now", change.now().toArray(String[]::new))
                    .update();
        }
    }

    /** What a resource looks like; sensitive columns by their counts and ways of writing alone. */
    public Profile get(Account who, UUID id) {
        Resource resource = resources.get(id);
        Map<String, Resource.Field> fields = new HashMap<>();
        resources.fields(id).forEach(field -> fields.put(field.name(), field));
        List<Profile.Column> columns = jdbc
                .sql("select * from catalog_profile_columns where resource_id = ? order by ordinal")
                .param(id)
                .query((row, n) -> column(row))
                .list()
                .stream()
                .map(column -> {
                    Resource.Field field = fields.get(column.column());
                    Level level = field == null ? Level.L4 : field.level();
                    return new Profile.Column(
                            level.isMasked() ? column.withoutValues() : column,
                            field == null ? null : field.comment(),
                            level,
                            level.isMasked());
                })
                .toList();
        List<Profile.Former> history = jdbc
                .sql("select * from catalog_profiles where resource_id = ?")
                .param(id)
                .query((row, n) -> new Profile.Former(
                        row.getTimestamp("at").toInstant(),
                        row.getString("snapshot_id"),
                        row.getLong("rows"),
                        JSON.readValue(row.getString("columns"), new TypeReference<Map<String, Profile.Counts>>() {})))
                .list()
                .stream()
                .sorted(Comparator.comparing(Profile.Former::at))
                .toList();
        List<ProfileAlarm> alarms = jdbc.sql(ALARM
                        + " where a.resource_id = ? and a.state <> 'SETTLED' order by a.raised_at desc, a.id desc")
                .param(id)
                .query((row, n) -> alarm(row, who))
                .list();
        if (history.isEmpty()) {
            return new Profile(null, null, 0, true, List.of(), List.of(), alarms);
        }
        Profile.Former newest = history.getLast();
        return new Profile(
                newest.at(),
                newest.snapshotId(),
                newest.rows(),
                newest.snapshotId().equals(resource.snapshotId()),
                columns,
                history,
                alarms);
    }

    /**
     * The alarms of everything somebody answers for, the newest first.
     *
     * @param states empty for any
     */
    public ProfileAlarm.Page listAlarms(
            Account who, Set<ProfileAlarm.State> states, @Nullable UUID resource, Resources.Range range) {
        Map<String, @Nullable Object> params = new HashMap<>();
        StringBuilder where = new StringBuilder(" where true");
        if (!states.isEmpty()) {
            where.append(" and a.state in (:states)");
            params.put("states", states.stream().map(Enum::name).toList());
        }
        if (resource != null) {
            where.append(" and a.resource_id = :resource");
            params.put("resource", resource);
        }
        String department = ownDepartment(who);
        if (department != null) {
            where.append(" and r.department_id = :department");
            params.put("department", department);
        }
        long total = jdbc.sql("select count(*) from (" + ALARM + where + ") alarms")
                .params(params)
                .query(Long.class)
                .single();
        params.put("offset", range.offset());
        params.put("limit", range.limit());
        return new ProfileAlarm.Page(
                total,
                jdbc.sql(ALARM + where + " order by a.raised_at desc, a.id desc limit :limit offset :offset")
                        .params(params)
                        .query((row, n) -> alarm(row, who))
                        .list());
    }

    /** Somebody has looked at it. */
    public void see(Account who, long alarm) {
        act(who, alarm, "SEEN", """
                update catalog_profile_alarms set state = 'SEEN', seen_at = :at, seen_by = :who where id = :id and state = 'OPEN'""", null);
    }

    /** Somebody says that it is as it should be. */
    public void settle(Account who, long alarm, String note) {
        act(who, alarm, "SETTLED", """
                update catalog_profile_alarms set state = 'SETTLED', settled_at = :at, settled_by = :who, note = :note
                where id = :id and state <> 'SETTLED'""", note);
    }

    private void act(Account who, long alarm, String state, String sql, @Nullable String note) {
        transaction.executeWithoutResult(status -> {
            ProfileAlarm found = jdbc.sql(ALARM + " where a.id = ? for update of a")
                    .param(alarm)
                    .query((row, n) -> alarm(row, who))
                    .optional()
                    .orElseThrow(() -> new Problem(CoreProblem.NOT_FOUND, "what", "" + alarm));
            if (!found.mayAct()) {
                throw new Problem(
                        CatalogProblem.NOT_YOUR_ALARM,
                        "department",
                        found.department().name());
            }
            var statement = jdbc.sql(sql)
                    .param("at", Timestamp.from(clock.instant()))
                    .param("who", who.displayName())
                    .param("id", alarm);
            if (note != null) {
                statement.param("note", note);
            }
            if (statement.update() == 0 && !found.state().name().equals(state)) {
                throw new Problem(CatalogProblem.ALARM_SETTLED);
            }
        });
    }

    /** A department's officer answers for its data only; the bureau's engineers for all. */
    private static @Nullable String ownDepartment(Account who) {
        Department own = who.department();
        return own == null || who.has(Role.ENGINEER) ? null : own.id();
    }

    private static boolean mayAct(Account who, String department) {
        Department own = who.department();
        return who.has(Role.ENGINEER)
                || who.has(Role.OFFICER) && own != null && own.id().equals(department);
    }

    private static ProfileAlarm alarm(ResultSet row, Account who) throws SQLException {
        ProfileAlarm.Kind kind = ProfileAlarm.Kind.valueOf(row.getString("kind"));
        String field = row.getString("field");
        boolean hidden =
                kind.showsValues() && Level.valueOf(row.getString("level")).isMasked();
        return new ProfileAlarm(
                row.getLong("id"),
                row.getObject("resource_id", UUID.class),
                row.getString("title"),
                row.getString("lake_table"),
                new Department(
                        row.getString("department_id"),
                        row.getString("department_name"),
                        row.getString("department_name_en")),
                field.isEmpty() ? null : field,
                row.getString("comment"),
                kind,
                ProfileAlarm.State.valueOf(row.getString("state")),
                row.getTimestamp("raised_at").toInstant(),
                hidden ? List.of() : strings(row, "before"),
                hidden ? List.of() : strings(row, "now"),
                instant(row, "seen_at"),
                row.getString("seen_by"),
                instant(row, "settled_at"),
                row.getString("settled_by"),
                row.getString("note"),
                mayAct(who, row.getString("department_id")));
    }

    private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
        Timestamp at = row.getTimestamp(column);
        return at == null ? null : at.toInstant();
    }

    private static List<String> strings(ResultSet row, String column) throws SQLException {
        return Arrays.asList((String[]) row.getArray(column).getArray());
    }
}

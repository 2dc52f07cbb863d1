package org.qiantang.catalog;

import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.qiantang.catalog.SchemaVersion.Change;
import org.qiantang.catalog.SchemaVersion.Column;
import org.qiantang.catalog.SchemaVersion.Kind;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** The one place where it is noted how resources change their shape, whoever noticed it. Transactions are the caller's. */
@Component
final class SchemaVersions {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final TypeReference<List<Column>> COLUMNS = new TypeReference<>() {};
    private static final TypeReference<List<Change>> CHANGES = new TypeReference<>() {};
    private static final int SHOWN = 100;
    private static final int REMEMBERED_RUNS = 64;

    private final JdbcClient jdbc;
    /** Whether a run is the first of its source. Guarded by itself; of the newest runs. */
    private final Map<UUID, Boolean> firstRuns = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<UUID, Boolean> eldest) {
            return size() > REMEMBERED_RUNS;
        }
    };

    SchemaVersions(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** Who noticed, and where the source stood. */
    record Origin(@Nullable UUID run, @Nullable String position, Instant at) {}

    private record Latest(int version, List<Column> columns, List<Change> changes) {
        boolean isGone() {
            return changes.stream().anyMatch(change -> change.kind() == Kind.TABLE_GONE);
        }
    }

    /**
     * Notes the columns a resource has now; nothing when they are those it had.
     *
     * @param name of the table, for changes of the table itself
     * @param renamed columns that the source says to have renamed, from the former name to the present one
     */
    void record(UUID resource, String name, List<Column> columns, Map<String, String> renamed, Origin origin) {
        Optional<Latest> latest = latest(resource);
        if (latest.isEmpty()) {
            append(resource, 1, columns, first(resource, name, columns, origin), origin);
            return;
        }
        List<Change> changes = new ArrayList<>();
        if (latest.get().isGone()) {
            changes.add(new Change(Kind.TABLE_BACK, name, null, null));
        }
        changes.addAll(between(latest.get().columns(), columns, renamed));
        if (!changes.isEmpty()) {
            append(resource, latest.get().version() + 1, columns, changes, origin);
        }
    }

    /** Notes that the source does not have a resource any more. */
    void gone(UUID resource, String name, Origin origin) {
        Latest latest = latest(resource).orElse(new Latest(0, List.of(), List.of()));
        if (!latest.isGone()) {
            append(
                    resource,
                    latest.version() + 1,
                    latest.columns(),
                    List.of(new Change(Kind.TABLE_GONE, name, null, null)),
                    origin);
        }
    }

    List<SchemaVersion> list(UUID resource) {
        return jdbc.sql("""
                        select version, at, run_id, position, jsonb_array_length(columns), changes from catalog_schema_versions
                        where resource_id = ? order by version desc limit ?""")
                .params(resource, SHOWN)
                .query((row, n) -> new SchemaVersion(
                        row.getInt(1),
                        row.getTimestamp(2).toInstant(),
                        row.getObject(3, UUID.class),
                        row.getString(4),
                        row.getInt(5),
                        JSON.readValue(row.getString(6), CHANGES)))
                .list();
    }

    /** The changes that lead from one shape to another. */
    static List<Change> between(List<Column> before, List<Column> after, Map<String, String> renamed) {
        Map<String, Column> former = byName(before);
        Map<String, Column> present = byName(after);
        Map<String, String> formerNames = new HashMap<>();
        renamed.forEach((from, to) -> {
            if (former.containsKey(from) && present.containsKey(to)) {
                formerNames.put(to, from);
            }
        });
        Map<String, String> identities = before.stream()
                .filter(column -> column.identity() != null && !present.containsKey(column.name()))
                .collect(Collectors.toMap(Column::identity, Column::name, (a, b) -> a));
        for (Column column : after) {
            String from = column.identity() == null || former.containsKey(column.name())
                    ? null
                    : identities.get(column.identity());
            if (from != null) {
                formerNames.putIfAbsent(column.name(), from);
            }
        }
        List<Change> changes = new ArrayList<>();
        for (Column column : after) {
            String from = formerNames.get(column.name());
            Column was = former.get(from == null ? column.name() : from);
            if (from == null && formerNames.containsValue(column.name())) {
                was = null;
            }
            if (was == null) {
                changes.add(new Change(Kind.COLUMN_NEW, column.name(), null, typed(column)));
                continue;
            }
            if (from != null) {
                changes.add(new Change(Kind.COLUMN_RENAMED, column.name(), from, null));
            }
            if (!was.type().equals(column.type()) || !was.sourceType().equals(column.sourceType())) {
                changes.add(new Change(Kind.COLUMN_RETYPED, column.name(), typed(was), typed(column)));
            }
        }
        for (Column column : before) {
            if (!present.containsKey(column.name()) && !formerNames.containsValue(column.name())) {
                changes.add(new Change(Kind.COLUMN_GONE, column.name(), typed(column), null));
            }
        }
        List<String> keyNow = key(after);
        List<String> keyThen = key(before).stream()
                .map(name -> formerNames.entrySet().stream()
                        .filter(entry -> entry.getValue().equals(name))
                        .map(Map.Entry::getKey)
                        .findFirst()
                        .orElse(name))
                .toList();
        if (!keyThen.equals(keyNow)) {
            changes.add(new Change(
                    Kind.KEY_CHANGED,
                    "",
                    keyThen.isEmpty() ? null : String.join(", ", keyThen),
                    keyNow.isEmpty() ? null : String.join(", ", keyNow)));
        }
        return changes;
    }

    private static Map<String, Column> byName(List<Column> columns) {
        Map<String, Column> byName = new LinkedHashMap<>();
        columns.forEach(column -> byName.put(column.name(), column));
        return byName;
    }

    private static List<String> key(List<Column> columns) {
        return columns.stream()
                .filter(column -> column.keyPosition() > 0)
                .sorted(Comparator.comparingInt(Column::keyPosition))
                .map(Column::name)
                .toList();
    }

    /** The source's own type, and the lake's where that says something else. */
    private static String typed(Column column) {
        return column.sourceType().equals(column.type()) || column.sourceType().isEmpty()
                ? column.type()
                : column.sourceType() + " → " + column.type();
    }

    /** A table in a source that was collected before is news; one in which the same run found another of its shape missing is that one. */
    private List<Change> first(UUID resource, String name, List<Column> columns, Origin origin) {
        if (!collectedBefore(resource, origin)) {
            return List.of();
        }
        if (origin.run() == null || columns.isEmpty()) {
            return List.of(new Change(Kind.TABLE_NEW, name, null, null));
        }
        List<String> missing = jdbc.sql("""
                                select o.name from catalog_resources r
                                join catalog_resources o on o.source_id = r.source_id and o.gone_since is not null
                                join lateral (select * from catalog_schema_versions v where v.resource_id = o.id
                                    order by version desc limit 1) v on v.run_id = :run
                                where r.id = :resource and not exists (
                                    select name, type from jsonb_to_recordset(v.columns) as was (name text, type text)
                                    except select name, type from jsonb_to_recordset(cast(:columns as jsonb)) as is_ (name text, type text))
                                    and jsonb_array_length(v.columns) = :count""")
                .param("resource", resource)
                .param("run", origin.run())
                .param("columns", JSON.writeValueAsString(columns))
                .param("count", columns.size())
                .query((row, n) -> row.getString(1))
                .list();
        return List.of(
                missing.size() == 1
                        ? new Change(Kind.TABLE_RENAMED, name, missing.getFirst(), null)
                        : new Change(Kind.TABLE_NEW, name, null, null));
    }

    /** Whether a source was collected before this run. Asked once a run: for want of an earlier collection all of its tables are looked at. */
    private boolean collectedBefore(UUID resource, Origin origin) {
        UUID run = origin.run();
        Boolean known;
        synchronized (firstRuns) {
            known = run == null ? null : firstRuns.get(run);
        }
        if (known != null) {
            return !known;
        }
        boolean before = jdbc.sql("""
                        select exists (select from catalog_collections c join catalog_resources o on o.id = c.resource_id
                            join catalog_resources r on r.source_id = o.source_id
                            where r.id = :resource and c.run_id is distinct from cast(:run as uuid))""")
                .param("resource", resource)
                .param("run", run == null ? null : run.toString())
                .query(Boolean.class)
                .single();
        if (run != null) {
            synchronized (firstRuns) {
                firstRuns.put(run, !before);
            }
        }
        return before;
    }

    private Optional<Latest> latest(UUID resource) {
        return jdbc.sql("""
                        select version, columns, changes from catalog_schema_versions
                        where resource_id = ? order by version desc limit 1""")
                .param(resource)
                .query((row, n) -> new Latest(
                        row.getInt(1),
                        JSON.readValue(row.getString(2), COLUMNS),
                        JSON.readValue(row.getString(3), CHANGES)))
                .optional();
    }

    private void append(UUID resource, int version, List<Column> columns, List<Change> changes, Origin origin) {
        // Whoever notices the same at the same time has noted it.
        jdbc.sql("""
                        insert into catalog_schema_versions (resource_id, version, at, run_id, position, columns, changes)
                        values (:resource, :version, :at, :run, :position, cast(:columns as jsonb), cast(:changes as jsonb))
                        on conflict do nothing""")
                .param("resource", resource)
                .param("version", version)
                .param("at", Timestamp.from(origin.at()))
                .param("run", origin.run())
                .param("position", origin.position())
                .param("columns", JSON.writeValueAsString(columns))
                .param("changes", JSON.writeValueAsString(changes))
                .update();
    }
}

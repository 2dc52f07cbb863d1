package org.qiantang.catalog;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.qiantang.core.CoreProblem;
import org.qiantang.core.Problem;
import org.qiantang.lake.Mask;
import org.qiantang.lake.TableName;
import org.qiantang.org.Account;
import org.qiantang.org.Department;
import org.qiantang.org.Role;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** The catalogue's resources: kept up by every collection, found by name, title, comment, column and department. */
@Service
public final class Resources {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final int LONGEST_TITLE = 40;

    private static final String RESOURCE = """
            select r.*, d.name department_name, d.name_en department_name_en,
                (select count(*) from catalog_fields f where f.resource_id = r.id and f.present) columns_count
            from catalog_resources r join org_departments d on d.id = r.department_id
            """;

    private final JdbcClient jdbc;
    private final SchemaVersions schemas;
    private final Grading grading;
    private final LevelFlow levels;
    private final Search search;

    Resources(JdbcClient jdbc, SchemaVersions schemas, Grading grading, Search search) {
        this.jdbc = jdbc;
        this.schemas = schemas;
        this.grading = grading;
        this.levels = new LevelFlow(jdbc, this);
        this.search = search;
    }

    /**
     * Takes in what a run brought of a table. Must be called in the transaction that stores the run's result. A level only ever rises
     * here: a machine may find more, but only a person may say that something is less sensitive.
     */
    public void record(TableCollected table) {
        UUID id = take(table, table.runId());
        jdbc.sql("""
                        insert into catalog_collections (resource_id, run_id, at, verdict) values (:id, :run, :at, :verdict)
                        on conflict (resource_id, run_id) do update set at = excluded.at, verdict = excluded.verdict""")
                .param("id", id)
                .param("at", Timestamp.from(table.at()))
                .param("run", table.runId())
                .param("verdict", table.completeness().name())
                .update();
    }

    /** Takes in a table that was made of others: it is a resource like any, but no run of a source brought it. */
    public void recordDerived(TableCollected table) {
        take(table, null);
    }

    /** Takes in what a code list says, so that it is found by its values. */
    public void noteCodes(TableName table, List<String> values) {
        String[] said = values.toArray(String[]::new);
        jdbc.sql("""
                        update catalog_resources set code_values = cast(:said as text[])
                        where namespace = :namespace and table_name = :table and code_values <> cast(:said as text[])""")
                .param("said", said)
                .param("namespace", table.namespace())
                .param("table", table.name())
                .update();
    }

    private UUID take(TableCollected table, @Nullable UUID run) {
        UUID id = upsert(table);
        boolean structureIsNews = table.landed() != null || !hasFields(id);
        if (structureIsNews && !table.fields().isEmpty()) {
            jdbc.sql("update catalog_fields set present = false where resource_id = ?")
                    .param(id)
                    .update();
            long rows = table.landed() == null ? 0 : table.landed().rows();
            String words = String.join(" ", table.name(), title(table), table.comment() == null ? "" : table.comment());
            upsert(id, propose(words, rows, 0, Set.of(), table.fields()));
            contradict(id, table.at());
        }
        if (table.landed() != null) {
            noteShape(
                    id,
                    table.name(),
                    table.fields(),
                    Map.of(),
                    new SchemaVersions.Origin(run, table.position(), table.at()));
        }
        summarise(id);
        // Every resource has an entry in the directory from its first moment on; until somebody touches it, it is no
        // more than this row.
        jdbc.sql("""
                        insert into catalog_entries (resource_id, department_id, changed_at)
                        select :id, :department, :at where not exists (select from catalog_entries where resource_id = :id)
                        on conflict (resource_id) where state <> 'RETIRED' do nothing""")
                .param("id", id)
                .param("department", table.departmentId())
                .param("at", Timestamp.from(table.at()))
                .update();
        return id;
    }

    /** The snapshot each of these tables has now; those that are not in the catalogue or hold nothing are left out. */
    public Map<TableName, Long> snapshots(Collection<TableName> tables) {
        Map<TableName, Long> snapshots = new HashMap<>();
        if (!tables.isEmpty()) {
            jdbc.sql("""
                            select namespace, table_name, snapshot_id from catalog_resources
                            where snapshot_id is not null and namespace || '.' || table_name in (:names)""")
                    .param("names", tables.stream().map(TableName::toString).toList())
                    .query(row -> {
                        snapshots.put(new TableName(row.getString(1), row.getString(2)), row.getLong(3));
                    });
        }
        return snapshots;
    }

    /** Takes in that a run found a table to be what the lake has already. */
    public void unchanged(TableName table, UUID run, Instant at) {
        jdbc.sql("""
                        with known as (update catalog_resources set as_of = :at, completeness = 'COMPLETE', gone_since = null
                            where namespace = :namespace and table_name = :table returning id)
                        insert into catalog_collections (resource_id, run_id, at, verdict) select id, :run, :at, 'COMPLETE' from known
                        on conflict (resource_id, run_id) do update set at = excluded.at, verdict = excluded.verdict""")
                .param("at", Timestamp.from(at))
                .param("namespace", table.namespace())
                .param("table", table.name())
                .param("run", run)
                .update();
    }

    /** Takes in that a table's rows changed without its being collected anew. */
    public void changed(TableName table, long snapshotId, long rows, long bytes, Instant at) {
        jdbc.sql("""
                        update catalog_resources set snapshot_id = ?, rows = ?, bytes = ?, as_of = ?
                        where namespace = ? and table_name = ?""")
                .params(snapshotId, rows, bytes, Timestamp.from(at), table.namespace(), table.name())
                .update();
    }

    private void noteShape(
            UUID id,
            String name,
            List<TableCollected.Field> fields,
            Map<String, String> renamed,
            SchemaVersions.Origin origin) {
        schemas.record(
                id,
                name,
                fields.stream()
                        .map(field -> new SchemaVersion.Column(
                                field.name(), field.type(), field.sourceType(), field.keyPosition(), field.identity()))
                        .toList(),
                renamed,
                origin);
        jdbc.sql("update catalog_resources set gone_since = null where id = ? and gone_since is not null")
                .param(id)
                .update();
    }

    /**
     * What the machine makes of fields of a table.
     *
     * @param first the place of the first of them
     * @param others what other fields of the table hold
     */
    private List<Stored> propose(
            String words, long rows, int first, Set<ContentKind> others, List<TableCollected.Field> fields) {
        List<Classification> found = fields.stream()
                .map(field -> Classification.of(field.name(), field.comment(), field.type(), field.findings()))
                .toList();
        Grading.Table table = new Grading.Table(
                words,
                rows,
                Stream.concat(others.stream(), found.stream().flatMap(each -> Stream.ofNullable(each.kind())))
                        .collect(Collectors.toSet()),
                fields.stream().anyMatch(field -> field.type().startsWith("timestamp")));
        List<Stored> stored = new ArrayList<>();
        for (int i = 0; i < fields.size(); i++) {
            stored.add(Stored.of(
                    first + i,
                    fields.get(i),
                    found.get(i),
                    grading.propose(table, found.get(i).kind())));
        }
        return stored;
    }

    /** Where a person had set a level lower than what was found now, and had not seen this, somebody must look again. */
    void contradict(UUID id, Instant at) {
        jdbc.sql("""
                        insert into catalog_contradictions (resource_id, field, at, level, kind)
                        select f.resource_id, f.name, :at, f.found_level, f.detected_kind
                        from catalog_fields f join catalog_decisions d on d.id = f.decision
                        where f.resource_id = :id and f.present and f.found_level > f.decided_level
                            and (f.found_level > d.proposed_level or f.detected_kind is distinct from d.proposed_kind)
                        on conflict do nothing""").param("id", id).param("at", Timestamp.from(at)).update();
    }

    /** Fields of a resource are as sensitive as what they are made of. */
    void raise(UUID id, Map<String, Set<Classifications.Origin>> origins) {
        levels.raise(id, origins);
    }

    /** What the fields make of the resource as a whole, and of all that is made of it. */
    void summarise(UUID id) {
        jdbc.sql("""
                        update catalog_resources r set
                            level = coalesce((select max(level) from catalog_fields f where f.resource_id = r.id and f.present), 'L1'),
                            search_fields = coalesce((select lower(string_agg(f.name || ' ' || f.source_name || ' ' || coalesce(f.comment, ''), ' '))
                                from catalog_fields f where f.resource_id = r.id and f.present), '')
                        where r.id = ?""").param(id).update();
        levels.flow(id);
    }

    /**
     * Takes in that a table has other columns from a position of its source on. A renamed column stays as sensitive as it was, under its
     * former name too, by which older snapshots know it.
     *
     * @param renamed from the former name to the present one
     */
    public void reshaped(
            TableName table,
            List<TableCollected.Field> columns,
            Map<String, String> renamed,
            @Nullable String position,
            Instant at) {
        Optional<Resource> known = find(table);
        if (known.isEmpty()) {
            return;
        }
        UUID id = known.get().id();
        renamed.forEach((from, to) -> jdbc.sql("""
                        insert into catalog_fields (resource_id, name, ordinal, present, source_name, type, source_type, comment, nullable,
                            key_position, level, mask, detected_kind, detected_share, proposed_level, proposed_mask, found_level, evidence,
                            subject, grade, grade_rule)
                        select resource_id, :to, ordinal, true, :to, type, source_type, comment, nullable, key_position, level, mask,
                            detected_kind, detected_share, proposed_level, proposed_mask, found_level, evidence,
                            subject, grade, grade_rule
                        from catalog_fields where resource_id = :id and name = :from
                        on conflict (resource_id, name) do update set
                            proposed_mask = case when excluded.proposed_level > catalog_fields.proposed_level
                                then excluded.proposed_mask else catalog_fields.proposed_mask end,
                            proposed_level = greatest(excluded.proposed_level, catalog_fields.proposed_level),
                            mask = case when excluded.level > catalog_fields.level and catalog_fields.decided_level is null
                                then excluded.mask else catalog_fields.mask end,
                            level = case when catalog_fields.decided_level is null
                                then greatest(excluded.level, catalog_fields.level) else catalog_fields.level end""")
                .param("id", id)
                .param("from", from)
                .param("to", to)
                .update());
        renamed.forEach((from, to) -> carryDecision(id, from, to));
        Map<String, Resource.Field> before =
                fields(id).stream().collect(Collectors.toMap(Resource.Field::name, field -> field, (a, b) -> a));
        jdbc.sql("update catalog_fields set present = false where resource_id = ?")
                .param(id)
                .update();
        Set<ContentKind> others = before.values().stream()
                .flatMap(field -> Stream.ofNullable(field.detected()))
                .map(Resource.Detected::kind)
                .collect(Collectors.toSet());
        int ordinal = 0;
        for (TableCollected.Field column : columns) {
            Resource.Field was = before.get(column.name());
            if (was == null) {
                Resource resource = known.get();
                String words = resource.name() + " " + resource.title();
                long rows = resource.rows() == null ? 0 : resource.rows();
                upsert(id, propose(words, rows, ordinal++, others, List.of(column)));
            } else {
                jdbc.sql("""
                                update catalog_fields set present = true, ordinal = ?, type = ?, source_type = ?, key_position = ?
                                where resource_id = ? and name = ?""")
                        .params(ordinal++, column.type(), column.sourceType(), column.keyPosition(), id, column.name())
                        .update();
            }
        }
        noteShape(id, known.get().name(), columns, renamed, new SchemaVersions.Origin(null, position, at));
        summarise(id);
    }

    /** What a person decided of a column holds under its new name, unless somebody has decided of that name already. */
    private void carryDecision(UUID id, String from, String to) {
        jdbc.sql("""
                        with carried as (
                            insert into catalog_decisions (resource_id, field, at, who, who_name, level, kind, grade, reason, proposed_level,
                                proposed_kind, former_level)
                            select d.resource_id, :to, d.at, d.who, d.who_name, d.level, d.kind, d.grade, d.reason, d.proposed_level,
                                d.proposed_kind, d.former_level
                            from catalog_fields f join catalog_decisions d on d.id = f.decision
                            where f.resource_id = :id and f.name = :from and not exists (select from catalog_fields t
                                where t.resource_id = :id and t.name = :to and t.decision is not null)
                            returning id)
                        update catalog_fields t set level = f.level, mask = f.mask, decided_level = f.decided_level,
                            decided_kind = f.decided_kind, decided_grade = f.decided_grade, decision = carried.id
                        from carried, catalog_fields f
                        where t.resource_id = :id and t.name = :to and f.resource_id = :id and f.name = :from""").param("id", id).param("from", from).param("to", to).update();
    }

    /** Takes in which tables of a source there are; those the catalogue knows beyond them are gone. */
    public void found(
            UUID source,
            String namespace,
            Set<String> tables,
            @Nullable UUID run,
            @Nullable String position,
            Instant at) {
        jdbc.sql("""
                        select id, name from catalog_resources
                        where source_id = :source and namespace = :namespace and gone_since is null and table_name <> all (:tables)""")
                .param("source", source)
                .param("namespace", namespace)
                .param("tables", tables.toArray(String[]::new))
                .query((row, n) -> Map.entry(row.getObject(1, UUID.class), row.getString(2)))
                .list()
                .forEach(gone -> gone(gone.getKey(), gone.getValue(), new SchemaVersions.Origin(run, position, at)));
    }

    /** Takes in that one table is not at its source any more. */
    public void gone(TableName table, @Nullable String position, Instant at) {
        find(table)
                .ifPresent(resource ->
                        gone(resource.id(), resource.name(), new SchemaVersions.Origin(null, position, at)));
    }

    private void gone(UUID id, String name, SchemaVersions.Origin origin) {
        schemas.gone(id, name, origin);
        jdbc.sql("update catalog_resources set gone_since = ? where id = ? and gone_since is null")
                .params(Timestamp.from(origin.at()), id)
                .update();
    }

    /** How a resource's columns changed, the newest version first. */
    public List<SchemaVersion> listVersions(UUID id) {
        get(id);
        return schemas.list(id);
    }

    /** What changed lately that somebody has not taken note of, source by source; the newest first. */
    public List<SchemaVersion.Unseen> listUnseen(Account who) {
        if (!who.has(Role.ENGINEER) && !who.has(Role.OFFICER) && !who.has(Role.ANALYST)) {
            return List.of();
        }
        return jdbc.sql("""
                        select r.source_id, r.department_id, count(distinct r.id) resources, (array_agg(r.id order by v.at desc))[1] resource,
                            (array_agg(r.title order by v.at desc))[1] title, max(v.at) at
                        from catalog_schema_versions v join catalog_resources r on r.id = v.resource_id
                        left join catalog_schema_seen s on s.resource_id = r.id and s.username = :who
                        where v.changes <> '[]'::jsonb and v.at > now() - interval '30 days' and v.version > coalesce(s.version, 0)
                            and (cast(:department as text) is null or r.department_id = :department)
                        group by r.source_id, r.department_id order by max(v.at) desc""")
                .param("who", who.username())
                .param("department", ownDepartment(who))
                .query((row, n) -> new SchemaVersion.Unseen(
                        row.getObject("source_id", UUID.class),
                        row.getString("department_id"),
                        row.getInt("resources"),
                        row.getObject("resource", UUID.class),
                        row.getString("title"),
                        row.getTimestamp("at").toInstant()))
                .list();
    }

    /** The resources whose changes somebody has not taken note of. */
    public Set<UUID> unseen(Account who) {
        return Set.copyOf(jdbc.sql("""
                        select distinct r.id from catalog_schema_versions v join catalog_resources r on r.id = v.resource_id
                        left join catalog_schema_seen s on s.resource_id = r.id and s.username = :who
                        where v.changes <> '[]'::jsonb and v.at > now() - interval '30 days' and v.version > coalesce(s.version, 0)
                            and (cast(:department as text) is null or r.department_id = :department)""")
                .param("who", who.username())
                .param("department", ownDepartment(who))
                .query(UUID.class)
                .list());
    }

    /** Somebody has taken note of how these resources changed up to now. */
    public void seen(Account who, @Nullable UUID resource, @Nullable UUID source) {
        jdbc.sql("""
                        insert into catalog_schema_seen (resource_id, username, version)
                        select v.resource_id, :who, max(v.version) from catalog_schema_versions v
                        join catalog_resources r on r.id = v.resource_id
                        where (r.id = cast(:resource as uuid) or r.source_id = cast(:source as uuid))
                            and (cast(:department as text) is null or r.department_id = :department)
                        group by v.resource_id
                        on conflict (resource_id, username) do update set version = excluded.version""")
                .param("who", who.username())
                .param("resource", resource == null ? null : resource.toString())
                .param("source", source == null ? null : source.toString())
                .param("department", ownDepartment(who))
                .update();
    }

    /** A department's officer answers for its data only; the bureau's engineers for all. */
    private static @Nullable String ownDepartment(Account who) {
        Department own = who.department();
        return own == null || who.has(Role.ENGINEER) ? null : own.id();
    }

    /**
     * A resource as a list of all of them needs it.
     *
     * @param title empty when it is the name
     */
    public record Brief(
            UUID id,
            UUID source,
            String table,
            String name,
            String title,
            String kind,
            Completeness completeness,
            @Nullable Long rows,
            @Nullable Instant asOf,
            boolean gone) {}

    /** Every resource of the sources there are, by source and name. */
    public List<Brief> listBriefly(Set<UUID> sources) {
        if (sources.isEmpty()) {
            return List.of();
        }
        return jdbc.sql("""
                        select id, source_id, table_name, name, title, kind, completeness, rows, as_of, gone_since from catalog_resources
                        where source_id in (:sources) order by source_name, table_name""")
                .param("sources", sources)
                .query((row, n) -> {
                    Timestamp asOf = row.getTimestamp("as_of");
                    String name = row.getString("name");
                    String title = row.getString("title");
                    return new Brief(
                            row.getObject("id", UUID.class),
                            row.getObject("source_id", UUID.class),
                            row.getString("table_name"),
                            name,
                            title.equals(name) ? "" : title,
                            row.getString("kind"),
                            Completeness.valueOf(row.getString("completeness")),
                            (Long) row.getObject("rows"),
                            asOf == null ? null : asOf.toInstant(),
                            row.getTimestamp("gone_since") != null);
                })
                .list();
    }

    /** How many tables of a source have come, and when the last one did. */
    public record Arrival(UUID source, String sourceName, String departmentId, int tables, long rows, Instant last) {}

    /** What has come since a time, changed or as it was; the newest first. */
    public List<Arrival> listArrivals(Instant since) {
        return jdbc.sql("""
                        select source_id, source_name, department_id, count(*) tables, coalesce(sum(rows), 0) rows, max(as_of) last
                        from catalog_resources where as_of >= ? and gone_since is null
                        group by source_id, source_name, department_id order by max(as_of) desc""")
                .param(Timestamp.from(since))
                .query((row, n) -> new Arrival(
                        row.getObject("source_id", UUID.class),
                        row.getString("source_name"),
                        row.getString("department_id"),
                        row.getInt("tables"),
                        row.getLong("rows"),
                        row.getTimestamp("last").toInstant()))
                .list();
    }

    /** Takes in that another department answers for a source now. */
    public void moved(UUID source, String department) {
        jdbc.sql("update catalog_resources set department_id = ? where source_id = ? and department_id <> ?")
                .params(department, source, department)
                .update();
    }

    private Guide.Theme theme(TableCollected table, String title) {
        String words = String.join(
                " ",
                table.name(),
                title,
                table.comment() == null ? "" : table.comment(),
                table.sourceName(),
                table.departmentId());
        return grading.theme(new Grading.Table(words, 0, Set.of(), false));
    }

    private boolean hasFields(UUID id) {
        return jdbc.sql("select exists (select from catalog_fields where resource_id = ?)")
                .param(id)
                .query(Boolean.class)
                .single();
    }

    private UUID upsert(TableCollected table) {
        TableCollected.Landed landed = table.landed();
        String title = title(table);
        return jdbc.sql("""
                        insert into catalog_resources (id, namespace, table_name, name, title, comment, department_id, source_id,
                            source_name, kind, rows, bytes, as_of, completeness, level, snapshot_id, details,
                            search_names, search_titles, search_fields, first_seen, theme)
                        values (:id, :namespace, :table, :name, :title, :comment, :department, :sourceId,
                            :sourceName, :kind, :rows, :bytes, :asOf, :completeness, 'L1', :snapshotId, cast(:details as jsonb),
                            :searchNames, :searchTitles, '', :at, :theme)
                        on conflict (namespace, table_name) do update set
                            name = excluded.name, title = excluded.title, comment = excluded.comment,
                            department_id = excluded.department_id, source_id = excluded.source_id,
                            source_name = excluded.source_name, kind = excluded.kind,
                            rows = coalesce(excluded.rows, catalog_resources.rows),
                            bytes = coalesce(excluded.bytes, catalog_resources.bytes),
                            as_of = coalesce(excluded.as_of, catalog_resources.as_of),
                            completeness = excluded.completeness,
                            snapshot_id = coalesce(excluded.snapshot_id, catalog_resources.snapshot_id),
                            details = excluded.details, theme = excluded.theme,
                            search_names = excluded.search_names, search_titles = excluded.search_titles
                        returning id""")
                .param("id", UUID.randomUUID())
                .param("namespace", table.table().namespace())
                .param("table", table.table().name())
                .param("name", table.name())
                .param("title", title)
                .param("comment", table.comment())
                .param("department", table.departmentId())
                .param("sourceId", table.sourceId())
                .param("sourceName", table.sourceName())
                .param("kind", table.kind())
                .param("rows", landed == null ? null : landed.rows())
                .param("bytes", landed == null ? null : landed.bytes())
                .param("asOf", landed == null ? null : Timestamp.from(table.at()))
                .param("completeness", table.completeness().name())
                .param("snapshotId", landed == null ? null : landed.snapshotId())
                .param("details", JSON.writeValueAsString(table.details()))
                .param("searchNames", (table.name() + " " + table.table()).toLowerCase(Locale.ROOT))
                .param(
                        "searchTitles",
                        (title + " " + (table.comment() == null ? "" : table.comment())).toLowerCase(Locale.ROOT))
                .param("at", Timestamp.from(table.at()))
                .param("theme", theme(table, title).name())
                .query(UUID.class)
                .single();
    }

    /** A field as it is stored; the names are the columns'. */
    private record Stored(
            String name,
            int ordinal,
            String source_name,
            String type,
            String source_type,
            @Nullable String comment,
            boolean nullable,
            int key_position,
            String level,
            @Nullable String mask,
            @Nullable String detected_kind,
            @Nullable Double detected_share,
            Evidence evidence,
            String subject,
            String grade,
            @Nullable String grade_rule,
            @Nullable Long nulls,
            @Nullable String checksum) {
        static Stored of(int ordinal, TableCollected.Field field, Classification found, Grading.Proposal proposal) {
            ContentKind kind = found.kind();
            return new Stored(
                    field.name(),
                    ordinal,
                    field.sourceName(),
                    field.type(),
                    field.sourceType(),
                    field.comment(),
                    field.nullable(),
                    field.keyPosition(),
                    found.level().name(),
                    Masks.write(found.mask()),
                    kind == null ? null : kind.name(),
                    kind == null ? null : found.share(),
                    found.evidence(),
                    proposal.subject().name(),
                    proposal.grade().name(),
                    proposal.rule(),
                    field.nulls(),
                    field.checksum());
        }
    }

    /** All at once, for a source has tens of thousands of them. */
    private void upsert(UUID resource, List<Stored> fields) {
        jdbc.sql("""
                        insert into catalog_fields (resource_id, name, ordinal, present, source_name, type, source_type, comment,
                            nullable, key_position, level, mask, detected_kind, detected_share, proposed_level, proposed_mask, found_level,
                            evidence, subject, grade, grade_rule, nulls, checksum)
                        select :resource, name, ordinal, true, source_name, type, source_type, comment,
                            nullable, key_position, level, mask, detected_kind, detected_share, level, mask, level,
                            evidence, subject, grade, grade_rule, nulls, checksum
                        from jsonb_to_recordset(cast(:fields as jsonb)) as f(name text, ordinal integer, source_name text, type text,
                            source_type text, comment text, nullable boolean, key_position integer, level text, mask text,
                            detected_kind text, detected_share double precision, evidence jsonb, subject text, grade text, grade_rule text,
                            nulls bigint, checksum text)
                        on conflict (resource_id, name) do update set ordinal = excluded.ordinal, present = true,
                            source_name = excluded.source_name, type = excluded.type, source_type = excluded.source_type,
                            comment = excluded.comment, nullable = excluded.nullable, key_position = excluded.key_position,
                            proposed_mask = case when excluded.level >= catalog_fields.proposed_level
                                then excluded.mask else catalog_fields.proposed_mask end,
                            proposed_level = greatest(excluded.level, catalog_fields.proposed_level),
                            found_level = excluded.level,
                            mask = case when catalog_fields.decided_level is null and excluded.level >= catalog_fields.level
                                then excluded.mask else catalog_fields.mask end,
                            level = case when catalog_fields.decided_level is null
                                then greatest(excluded.level, catalog_fields.level) else catalog_fields.level end,
                            evidence = excluded.evidence, subject = excluded.subject,
                            grade_rule = case when array_position(array['GENERAL', 'IMPORTANT', 'CORE'], excluded.grade)
                                >= array_position(array['GENERAL', 'IMPORTANT', 'CORE'], catalog_fields.grade)
                                then excluded.grade_rule else catalog_fields.grade_rule end,
                            grade = case when array_position(array['GENERAL', 'IMPORTANT', 'CORE'], excluded.grade)
                                >= array_position(array['GENERAL', 'IMPORTANT', 'CORE'], catalog_fields.grade)
                                then excluded.grade else catalog_fields.grade end,
                            detected_kind = excluded.detected_kind, detected_share = excluded.detected_share,
                            nulls = excluded.nulls, checksum = excluded.checksum""")
                .param("resource", resource)
                .param("fields", JSON.writeValueAsString(fields))
                .update();
    }

    /** The comment's first words when they are short enough for a heading, else the table's name. */
    private static String title(TableCollected table) {
        String comment = table.comment() == null ? "" : table.comment().strip();
        String head = comment.split("[\\n。；;（(]", 2)[0].strip();
        return head.isEmpty() || head.length() > LONGEST_TITLE ? table.name() : head;
    }

    /**
     * Finds resources, those that answer best first.
     *
     * @param text words, or an empty string for everything
     * @param completeness empty for any
     */
    public Resource.Page search(
            String text,
            @Nullable String department,
            @Nullable Level level,
            Set<Completeness> completeness,
            Range range) {
        StringBuilder where = new StringBuilder(" where true");
        Map<String, @Nullable Object> params = new HashMap<>();
        String hits = "";
        if (!text.isBlank()) {
            hits = Search.HITS + "r.id";
            params.put("hits", search.ids(text, Set.of(Found.Kind.RESOURCE)).toArray(UUID[]::new));
        }
        if (department != null) {
            where.append(" and r.department_id = :department");
            params.put("department", department);
        }
        if (level != null) {
            where.append(" and r.level = :level");
            params.put("level", level.name());
        }
        if (!completeness.isEmpty()) {
            where.append(" and r.completeness in (:completeness)");
            params.put(
                    "completeness",
                    completeness.stream().map(Completeness::name).toList());
        }
        long total = jdbc.sql("select count(*) from catalog_resources r" + hits + where)
                .params(params)
                .query(Long.class)
                .single();
        params.put("offset", range.offset());
        params.put("limit", range.limit());
        // The page is picked first: what a row says of its columns is counted for the rows that are shown alone.
        String picked =
                "select r.id picked, " + (text.isBlank() ? "0" : "hit.place") + " place from catalog_resources r"
                        + hits + where + " order by " + (text.isBlank() ? "r.namespace, r.table_name" : "hit.place")
                        + " limit :limit offset :offset";
        List<Resource> items = jdbc.sql(RESOURCE + " join (" + picked
                        + ") page on page.picked = r.id order by page.place, r.namespace, r.table_name")
                .params(params)
                .query((row, n) -> resource(row, List.of()))
                .list();
        return new Resource.Page(total, text.isBlank() ? items : withMatched(text, items));
    }

    private List<Resource> withMatched(String text, List<Resource> items) {
        Map<UUID, List<String>> matched = new HashMap<>();
        Search.Marking marking = search.marking(text);
        jdbc.sql(
                        "select resource_id, name, comment from catalog_fields where resource_id = any (:ids) and present order by ordinal")
                .param("ids", items.stream().map(Resource::id).toArray(UUID[]::new))
                .query(row -> {
                    @Nullable String comment = row.getString(3);
                    if (marking.marks(row.getString(2)) || comment != null && marking.marks(comment)) {
                        matched.computeIfAbsent(row.getObject(1, UUID.class), id -> new ArrayList<>())
                                .add(row.getString(2));
                    }
                });
        return items.stream()
                .map(item -> item.withMatched(matched.getOrDefault(item.id(), List.of())))
                .toList();
    }

    public Resource get(UUID id) {
        return jdbc.sql(RESOURCE + " where r.id = ?")
                .param(id)
                .query((row, n) -> resource(row, List.of()))
                .optional()
                .orElseThrow(() -> new Problem(CoreProblem.NOT_FOUND, "what", id.toString()));
    }

    public Optional<Resource> find(TableName table) {
        return jdbc.sql(RESOURCE + " where r.namespace = ? and r.table_name = ?")
                .params(table.namespace(), table.name())
                .query((row, n) -> resource(row, List.of()))
                .optional();
    }

    public Resource.Whole getWhole(UUID id) {
        Resource resource = get(id);
        String details = jdbc.sql("select details from catalog_resources where id = ?")
                .param(id)
                .query(String.class)
                .single();
        List<Resource.ReceiptRef> receipts = jdbc.sql(
                        "select run_id, at, verdict from catalog_collections where resource_id = ? order by at desc limit 50")
                .param(id)
                .query((row, n) -> new Resource.ReceiptRef(
                        row.getObject(1, UUID.class),
                        row.getTimestamp(2).toInstant(),
                        Completeness.valueOf(row.getString(3))))
                .list();
        return new Resource.Whole(
                resource, fields(id), JSON.readValue(details, new TypeReference<Map<String, String>>() {}), receipts);
    }

    /** Every resource of these sources by its lake table. */
    public Map<String, UUID> idsByLakeTable(List<UUID> sources) {
        if (sources.isEmpty()) {
            return Map.of();
        }
        return jdbc
                .sql("select namespace || '.' || table_name, id from catalog_resources where source_id in (:sources)")
                .param("sources", sources)
                .query((row, n) -> Map.entry(row.getString(1), row.getObject(2, UUID.class)))
                .list()
                .stream()
                .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    /** Names of tables that are spelled most like this one, for hints. */
    List<String> similar(TableName table) {
        return jdbc.sql("""
                        select namespace || '.' || table_name from catalog_resources
                        where similarity(namespace || '.' || table_name, :name) > 0.3 or table_name like :like
                        order by similarity(namespace || '.' || table_name, :name) desc limit 3""")
                .param("name", table.toString())
                .param("like", "%" + escaped(table.name()))
                .query((row, n) -> row.getString(1))
                .list();
    }

    List<Resource.Field> fields(UUID id) {
        return jdbc.sql("select * from catalog_fields where resource_id = ? and present order by ordinal")
                .param(id)
                .query((row, n) -> field(row))
                .list();
    }

    /** The columns of a table that may be shown, each with what is hidden of it; of any other nothing may. */
    public Map<String, Mask> shown(TableName table) {
        Map<String, Mask> shown = new HashMap<>();
        known(table).orElse(Map.of()).forEach((column, field) -> shown.put(column, field.shown()));
        return shown;
    }

    /** What every column the table ever had is, by name; {@link Optional#empty} when the table is not in the catalogue. */
    Optional<Map<String, Known>> known(TableName table) {
        Optional<UUID> id = jdbc.sql("select id from catalog_resources where namespace = ? and table_name = ?")
                .params(table.namespace(), table.name())
                .query(UUID.class)
                .optional();
        return id.map(resource -> {
            Map<String, Known> known = new HashMap<>();
            jdbc.sql("select name, level, mask from catalog_fields where resource_id = ?")
                    .param(resource)
                    .query(row -> {
                        Level level = Level.valueOf(row.getString(2));
                        @Nullable String mask = row.getString(3);
                        @Nullable Mask applied = level.isMasked() ? Masks.read(mask == null ? "hide" : mask) : null;
                        known.put(row.getString(1), new Known(level, applied));
                    });
            return known;
        });
    }

    /** The level of a column and how it is shown. */
    record Known(Level level, @Nullable Mask mask) {
        Mask shown() {
            return mask == null ? new Mask.Clear() : mask;
        }
    }

    /** A part of a list. */
    public record Range(long offset, int limit) {
        public Range {
            if (offset < 0 || limit < 1) {
                throw new IllegalArgumentException("Not a range: " + offset + ", " + limit);
            }
        }
    }

    private static String escaped(String term) {
        return term.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_");
    }

    private static Resource resource(ResultSet row, List<String> matched) throws SQLException {
        Timestamp asOf = row.getTimestamp("as_of");
        return new Resource(
                row.getObject("id", UUID.class),
                row.getString("namespace") + "." + row.getString("table_name"),
                row.getString("name"),
                row.getString("title"),
                row.getString("comment"),
                new Department(
                        row.getString("department_id"),
                        row.getString("department_name"),
                        row.getString("department_name_en")),
                new Resource.SourceRef(row.getObject("source_id", UUID.class), row.getString("source_name")),
                row.getString("kind"),
                (Long) row.getObject("rows"),
                (Long) row.getObject("bytes"),
                asOf == null ? null : asOf.toInstant(),
                Completeness.valueOf(row.getString("completeness")),
                Level.valueOf(row.getString("level")),
                row.getInt("columns_count"),
                row.getString("snapshot_id"),
                matched);
    }

    private static Resource.Field field(ResultSet row) throws SQLException {
        @Nullable String kind = row.getString("detected_kind");
        return new Resource.Field(
                row.getString("name"),
                row.getString("source_name"),
                row.getString("type"),
                row.getString("source_type"),
                row.getString("comment"),
                row.getBoolean("nullable"),
                row.getInt("key_position") > 0,
                Level.valueOf(row.getString("level")),
                kind == null ? null : new Resource.Detected(ContentKind.valueOf(kind), row.getDouble("detected_share")),
                row.getString("mask"),
                (Long) row.getObject("nulls"),
                row.getString("checksum"));
    }

    private static List<String> strings(ResultSet row, String column) throws SQLException {
        List<String> strings = new ArrayList<>();
        for (Object each : (Object[]) row.getArray(column).getArray()) {
            strings.add((String) each);
        }
        return strings;
    }
}

package org.qiantang.catalog;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.qiantang.core.CoreProblem;
import org.qiantang.core.Problem;
import org.qiantang.lake.ColumnLineage.Way;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * What was collected and derived, in the words of OpenLineage 2-0-2, for other platforms that follow lineage across systems. Events are
 * written from what the catalogue has stored anyway, when somebody is to be told; so none is lost and none is kept twice.
 */
@Service
public final class OpenLineage {
    /** More than so many that wait are not told. */
    static final int MOST_WAITING = 10_000;

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String PRODUCER = "https://qiantang.org/lineage";
    private static final String SPEC = "https://openlineage.io/spec/";
    private static final String NAMESPACE = "qiantang";

    private final JdbcClient jdbc;
    private final Clock clock;
    private final OpenLineageTarget target;

    OpenLineage(JdbcClient jdbc, Clock clock, OpenLineageTarget target) {
        this.jdbc = jdbc;
        this.clock = clock;
        this.target = target;
    }

    /** A run has ended: OpenLineage's RunEvent. */
    public record Event(
            Instant eventTime,
            String producer,
            @JsonProperty("schemaURL") String schemaUrl,
            String eventType,
            Run run,
            Job job,
            List<Dataset> inputs,
            List<Dataset> outputs) {}

    /** @param facets by name */
    public record Run(UUID runId, Map<String, Object> facets) {}

    /** @param facets by name */
    public record Job(String namespace, String name, Map<String, Object> facets) {}

    /** @param facets by name */
    public record Dataset(String namespace, String name, Map<String, Object> facets) {}

    /** A column that another comes from. */
    record InputField(String namespace, String name, String field, List<Transformation> transformations) {}

    record Transformation(String type, String subtype, String description, boolean masking) {}

    @JsonInclude(JsonInclude.Include.NON_NULL)
    record SchemaField(String name, String type, @Nullable String description) {}

    /**
     * How telling goes.
     *
     * @param url null when nobody is told
     * @param waiting events that have not been told; 0 when nobody is
     * @param refused told and not taken
     * @param skipped not told, because too many waited
     * @param error why the newest attempt failed; null when it did not
     */
    public record Telling(
            @Nullable String url,
            long waiting,
            long told,
            long refused,
            long skipped,
            @Nullable Instant toldAt,
            @Nullable String error,
            @Nullable Instant errorAt) {}

    /** An event and where it is stored. */
    record Pending(Key key, Event event) {}

    /** A stored thing that an event tells of: a collection of a resource, or the making of a table. */
    sealed interface Key {
        record Collected(UUID resource, UUID run) implements Key {}

        record Derived(UUID run) implements Key {}
    }

    public Telling state() {
        boolean configured = target.address().isPresent();
        return jdbc.sql("""
                        select o.*, (select count(*) from catalog_collections where told_at is null)
                            + (select count(*) from catalog_derivation_runs where told_at is null) waiting
                        from catalog_openlineage o""")
                .query((row, n) -> new Telling(
                        target.address().map(Object::toString).orElse(null),
                        configured ? row.getLong("waiting") : 0,
                        row.getLong("told"),
                        row.getLong("refused"),
                        row.getLong("skipped"),
                        instant(row, "told_at"),
                        row.getString("error"),
                        instant(row, "error_at")))
                .single();
    }

    private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
        Timestamp at = row.getTimestamp(column);
        return at == null ? null : at.toInstant();
    }

    /** The events of a collection's run, one for each of its tables, or of one making of a table. */
    public List<Event> listEvents(UUID run) {
        List<Event> events = new ArrayList<>();
        jdbc.sql("select resource_id from catalog_collections where run_id = ? order by resource_id")
                .param(run)
                .query(UUID.class)
                .list()
                .forEach(resource -> events.add(collected(new Key.Collected(resource, run))));
        if (events.isEmpty()) {
            boolean known = jdbc.sql("select exists (select from catalog_derivation_runs where id = ?)")
                    .param(run)
                    .query(Boolean.class)
                    .single();
            if (!known) {
                throw new Problem(CoreProblem.NOT_FOUND, "what", run.toString());
            }
            events.add(derived(new Key.Derived(run)));
        }
        return events;
    }

    // ---- what is to be told

    /** The oldest that have not been told; when too many wait, the oldest of them never are. */
    List<Pending> pending(int limit) {
        skip("catalog_collections", "(resource_id, run_id)", "resource_id, run_id");
        skip("catalog_derivation_runs", "id", "id");
        List<Pending> pending = new ArrayList<>();
        jdbc.sql("""
                        select * from (
                            select resource_id, run_id, at from catalog_collections where told_at is null
                            union all
                            select null, id, at from catalog_derivation_runs where told_at is null) w
                        order by at, run_id, resource_id limit ?""")
                .param(limit)
                .query((row, n) -> {
                    UUID resource = row.getObject(1, UUID.class);
                    UUID run = row.getObject(2, UUID.class);
                    return resource == null ? new Key.Derived(run) : new Key.Collected(resource, run);
                })
                .list()
                .forEach(key -> pending.add(new Pending(
                        key,
                        switch (key) {
                            case Key.Collected collected -> collected(collected);
                            case Key.Derived derived -> derived(derived);
                        })));
        return pending;
    }

    /** @param table and what names a row of it, of ours only */
    private void skip(String table, String key, String columns) {
        int skipped = jdbc.sql("update " + table + " set told_at = at where told_at is null and " + key
                        + " in (select " + columns + " from " + table
                        + " where told_at is null order by at desc offset :most)")
                .param("most", MOST_WAITING)
                .update();
        if (skipped > 0) {
            jdbc.sql("update catalog_openlineage set skipped = skipped + ?")
                    .param(skipped)
                    .update();
        }
    }

    /** Takes in that an event was told. */
    void told(Key key) {
        mark(key, "told = told + 1, told_at = :now, error = null, error_at = null", null);
    }

    /** Takes in that the receiver will never take an event. */
    void refused(Key key, String why) {
        mark(key, "refused = refused + 1, error = :why, error_at = :now", why);
    }

    /** Takes in that nobody could be told. */
    void failed(String why) {
        jdbc.sql("update catalog_openlineage set error = ?, error_at = ?")
                .params(why, Timestamp.from(clock.instant()))
                .update();
    }

    /** @param counted what changes in the count, of ours only */
    private void mark(Key key, String counted, @Nullable String why) {
        String marked = switch (key) {
            case Key.Collected ignored ->
                "update catalog_collections set told_at = :now where resource_id = :resource and run_id = :run";
            case Key.Derived ignored -> "update catalog_derivation_runs set told_at = :now where id = :run";
        };
        JdbcClient.StatementSpec statement = jdbc.sql(
                        "with marked as (" + marked + ") update catalog_openlineage set " + counted)
                .param("now", Timestamp.from(clock.instant()));
        if (why != null) {
            statement = statement.param("why", why);
        }
        switch (key) {
            case Key.Collected collected ->
                statement
                        .param("resource", collected.resource)
                        .param("run", collected.run)
                        .update();
            case Key.Derived derived -> statement.param("run", derived.run).update();
        }
    }

    // ---- events

    private Event collected(Key.Collected key) {
        return jdbc.sql("""
                        select r.*, c.at collected_at, c.verdict from catalog_collections c
                        join catalog_resources r on r.id = c.resource_id where c.resource_id = ? and c.run_id = ?""")
                .params(key.resource, key.run)
                .query((row, n) -> collected(key, row))
                .single();
    }

    private Event collected(Key.Collected key, ResultSet row) throws SQLException {
        String source = String.valueOf(row.getString("source_name"));
        String table = row.getString("namespace") + "." + row.getString("table_name");
        Dataset input = new Dataset("qiantang-source://" + source, String.valueOf(row.getString("name")), Map.of());
        Map<String, Object> fields = new LinkedHashMap<>();
        resourceFields(key.resource)
                .forEach(field -> fields.put(
                        field.name(),
                        Map.of(
                                "inputFields",
                                List.of(new InputField(
                                        input.namespace,
                                        input.name,
                                        field.sourceName(),
                                        List.of(transformation(Way.IDENTITY)))))));
        Map<String, Object> facets = new LinkedHashMap<>();
        facets.put("schema", schema(key.resource));
        facets.put("columnLineage", columnLineage(fields, List.of()));
        @Nullable String snapshot = row.getString("snapshot_id");
        if (snapshot != null) {
            facets.put("version", version(snapshot));
        }
        boolean failed = Completeness.FAILED.name().equals(row.getString("verdict"));
        return event(
                row.getTimestamp("collected_at").toInstant(),
                failed ? "FAIL" : "COMPLETE",
                new Run(
                        UUID.nameUUIDFromBytes((key.run + "/" + key.resource).getBytes(StandardCharsets.UTF_8)),
                        Map.of(
                                "parent",
                                facet(
                                        "facets/1-0-1/ParentRunFacet.json#/$defs/ParentRunFacet",
                                        Map.of(
                                                "run",
                                                Map.of("runId", key.run),
                                                "job",
                                                Map.of("namespace", NAMESPACE, "name", "collect." + source))))),
                new Job(NAMESPACE, "collect." + source + "." + row.getString("table_name"), jobType("COLLECTION")),
                List.of(input),
                List.of(new Dataset(NAMESPACE, table, facets)));
    }

    private record Field(
            String name,
            String sourceName,
            String type,
            @Nullable String comment) {}

    private List<Field> resourceFields(UUID resource) {
        return jdbc.sql("""
                        select name, source_name, type, comment from catalog_fields
                        where resource_id = ? and present order by ordinal""")
                .param(resource)
                .query((row, n) -> new Field(row.getString(1), row.getString(2), row.getString(3), row.getString(4)))
                .list();
    }

    private Event derived(Key.Derived key) {
        return jdbc.sql("""
                        select d.*, u.snapshot_id, u.inputs, u.at made_at, r.id resource from catalog_derivation_runs u
                        join catalog_derivations d on d.id = u.derivation_id
                        left join catalog_resources r on r.namespace = d.namespace and r.table_name = d.table_name
                        where u.id = ?""").param(key.run).query((row, n) -> derived(key, row)).single();
    }

    private Event derived(Key.Derived key, ResultSet row) throws SQLException {
        Map<String, Object> facets = new LinkedHashMap<>();
        UUID resource = row.getObject("resource", UUID.class);
        if (resource != null) {
            facets.put("schema", schema(resource));
        }
        facets.put("columnLineage", lineage(row.getLong("id")));
        facets.put("version", version(String.valueOf(row.getString("snapshot_id"))));
        Map<String, String> inputs =
                JSON.readValue(row.getString("inputs"), new TypeReference<TreeMap<String, String>>() {});
        Map<String, Object> job = new LinkedHashMap<>(jobType("MAPPING"));
        job.put(
                "sql",
                facet(
                        "facets/1-1-0/SQLJobFacet.json#/$defs/SQLJobFacet",
                        Map.of("query", String.valueOf(row.getString("sql")), "dialect", "duckdb")));
        return event(
                row.getTimestamp("made_at").toInstant(),
                "COMPLETE",
                new Run(key.run, Map.of()),
                new Job(NAMESPACE, String.valueOf(row.getString("process")), job),
                inputs.entrySet().stream()
                        .map(input ->
                                new Dataset(NAMESPACE, input.getKey(), Map.of("version", version(input.getValue()))))
                        .toList(),
                List.of(new Dataset(
                        NAMESPACE, row.getString("namespace") + "." + row.getString("table_name"), facets)));
    }

    private Map<String, Object> lineage(long derivation) {
        record From(@Nullable String column, String table, String field) {}
        Map<From, List<Transformation>> found = new LinkedHashMap<>();
        jdbc.sql("""
                        select column_name, from_namespace || '.' || from_table, from_column, way from catalog_lineage_edges
                        where derivation_id = ? and from_column is not null
                        order by column_name, from_namespace, from_table, from_column, way""").param(derivation).query(row -> {
            found.computeIfAbsent(
                            new From(row.getString(1), row.getString(2), row.getString(3)), any -> new ArrayList<>())
                    .add(transformation(Way.valueOf(row.getString(4))));
        });
        Map<String, List<InputField>> columns = new LinkedHashMap<>();
        List<InputField> dataset = new ArrayList<>();
        found.forEach((from, transformations) -> {
            InputField field = new InputField(NAMESPACE, from.table, from.field, transformations);
            if (from.column == null) {
                dataset.add(field);
            } else {
                columns.computeIfAbsent(from.column, any -> new ArrayList<>()).add(field);
            }
        });
        Map<String, Object> fields = new LinkedHashMap<>();
        columns.forEach((column, from) -> fields.put(column, Map.of("inputFields", from)));
        return columnLineage(fields, dataset);
    }

    private static Map<String, Object> columnLineage(Map<String, Object> fields, List<InputField> dataset) {
        return facet(
                "facets/1-2-0/ColumnLineageDatasetFacet.json#/$defs/ColumnLineageDatasetFacet",
                Map.of("fields", fields, "dataset", dataset));
    }

    private Map<String, Object> schema(UUID resource) {
        return facet(
                "facets/1-1-1/SchemaDatasetFacet.json#/$defs/SchemaDatasetFacet",
                Map.of(
                        "fields",
                        resourceFields(resource).stream()
                                .map(field -> new SchemaField(field.name, field.type, field.comment))
                                .toList()));
    }

    private static Map<String, Object> version(String snapshot) {
        return facet(
                "facets/1-0-1/DatasetVersionDatasetFacet.json#/$defs/DatasetVersionDatasetFacet",
                Map.of("datasetVersion", snapshot));
    }

    private static Map<String, Object> jobType(String kind) {
        return Map.of(
                "jobType",
                facet(
                        "facets/2-0-3/JobTypeJobFacet.json#/$defs/JobTypeJobFacet",
                        Map.of("processingType", "BATCH", "integration", "QIANTANG", "jobType", kind)));
    }

    private static Transformation transformation(Way way) {
        return new Transformation(way.kind().name(), way.subtype(), "", way.masks());
    }

    private static Map<String, Object> facet(String schema, Map<String, ?> content) {
        Map<String, Object> facet = new LinkedHashMap<>();
        facet.put("_producer", PRODUCER);
        facet.put("_schemaURL", SPEC + schema);
        facet.putAll(content);
        return facet;
    }

    private static Event event(Instant at, String type, Run run, Job job, List<Dataset> inputs, List<Dataset> outputs) {
        return new Event(
                at, PRODUCER, SPEC + "2-0-2/OpenLineage.json#/$defs/RunEvent", type, run, job, inputs, outputs);
    }
}

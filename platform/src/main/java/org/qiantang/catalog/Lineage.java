package org.qiantang.catalog;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.qiantang.catalog.LineageGraph.Affected;
import org.qiantang.catalog.LineageGraph.AffectedKind;
import org.qiantang.catalog.LineageGraph.Edge;
import org.qiantang.catalog.LineageGraph.Impact;
import org.qiantang.catalog.LineageGraph.Kind;
import org.qiantang.catalog.LineageGraph.Making;
import org.qiantang.catalog.LineageGraph.Node;
import org.qiantang.catalog.LineageGraph.Unknown;
import org.qiantang.catalog.LineageGraph.Version;
import org.qiantang.core.CoreProblem;
import org.qiantang.core.Problem;
import org.qiantang.lake.ColumnLineage;
import org.qiantang.lake.ColumnLineage.Way;
import org.qiantang.lake.LakeException;
import org.qiantang.lake.Queries;
import org.qiantang.lake.TableName;
import org.qiantang.org.Department;
import org.springframework.context.event.EventListener;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.json.JsonMapper;

/**
 * Where every column of the city's tables comes from and what depends on it (数据血缘), read out of the statements that make them and
 * never declared by anybody. What a collection brings in from a source is not kept a second time: it is what the catalogue says anyway.
 */
@Service
public final class Lineage {
    /** So many tables are shown at most. */
    private static final int MOST_TABLES = 300;

    private static final int MOST_AFFECTED = 5_000;
    private static final int DEEPEST = 50;
    private static final String UNKNOWN = "UNKNOWN";
    private static final JsonMapper JSON = JsonMapper.shared();

    private final JdbcClient jdbc;
    private final Resources resources;
    private final Queries queries;
    private final TransactionTemplate transaction;

    Lineage(JdbcClient jdbc, Resources resources, Queries queries, TransactionTemplate transaction) {
        this.jdbc = jdbc;
        this.resources = resources;
        this.queries = queries;
        this.transaction = transaction;
    }

    /** Which way to go from a resource. */
    public enum Direction {
        UP,
        DOWN,
        BOTH
    }

    /**
     * What to show around a resource.
     *
     * @param column only what leads to or from this column; null for all
     * @param depth how many tables away
     */
    public record Around(Direction direction, @Nullable String column, int depth) {
        public Around {
            if (depth < 1 || depth > DEEPEST) {
                throw new IllegalArgumentException("Not a depth: " + depth);
            }
        }
    }

    // ---- what is learnt

    /**
     * Takes in how a table was made. What the statement does not tell stands there as unknown; when there is nobody to read it just now,
     * it is refused, and with it the transaction it belongs to.
     */
    @EventListener
    public void derived(TableDerived made) {
        List<Stored> edges = edges(made);
        boolean whole = edges.stream().noneMatch(edge -> edge.way.equals(UNKNOWN));
        String print = print(made, edges);
        transaction.executeWithoutResult(status -> {
            TableName table = made.table();
            Optional<Long> same = jdbc.sql("""
                            select id from catalog_derivations
                            where namespace = ? and table_name = ? and current and print = ? for update""")
                    .params(table.namespace(), table.name(), print)
                    .query(Long.class)
                    .optional();
            long derivation = same.orElseGet(() -> add(made, edges, whole, print));
            jdbc.sql("""
                            insert into catalog_derivation_runs (derivation_id, snapshot_id, inputs, at)
                            values (?, ?, cast(? as jsonb), ?)""")
                    .params(
                            derivation,
                            made.snapshotId(),
                            JSON.writeValueAsString(made.inputs().entrySet().stream()
                                    .collect(Collectors.toMap(
                                            each -> each.getKey().toString(),
                                            each -> each.getValue().toString(),
                                            (a, b) -> a,
                                            TreeMap::new))),
                            Timestamp.from(made.at()))
                    .update();
            resources.find(table).ifPresent(resource -> resources.summarise(resource.id()));
        });
    }

    /** An edge as it is stored; the names are the columns'. */
    private record Stored(
            @Nullable String column_name,
            @Nullable String from_namespace,
            @Nullable String from_table,
            @Nullable String from_column,
            String way,
            @Nullable String reason) {
        static Stored of(@Nullable String column, ColumnLineage.Origin origin) {
            return new Stored(
                    column,
                    origin.table().namespace(),
                    origin.table().name(),
                    origin.column(),
                    origin.way().name(),
                    null);
        }

        /** It may come from anything that was read. */
        static Stream<Stored> unknown(TableDerived made, @Nullable String column, String reason) {
            return made.inputs().isEmpty()
                    ? Stream.of(new Stored(column, null, null, null, UNKNOWN, reason))
                    : made.inputs().keySet().stream()
                            .sorted()
                            .map(from -> new Stored(column, from.namespace(), from.name(), null, UNKNOWN, reason));
        }
    }

    private List<Stored> edges(TableDerived made) {
        ColumnLineage lineage;
        try {
            lineage = queries.lineage(made.sql(), made.inputs());
        } catch (LakeException e) {
            return switch (e.kind()) {
                case NOT_ALLOWED, BAD_STATEMENT, NO_SUCH_TABLE, NO_SUCH_SNAPSHOT, VALUE_DOES_NOT_FIT ->
                    Stream.concat(
                                    Stored.unknown(made, "*", String.valueOf(e.getMessage())),
                                    Stored.unknown(made, null, String.valueOf(e.getMessage())))
                            .toList();
                case PROOF_FAILED, OUT_OF_MEMORY, CANCELLED, TOO_LONG, UNAVAILABLE, NO_SPACE, DISK_FAILED, STORAGE ->
                    throw e;
            };
        }
        List<Stored> edges = new ArrayList<>();
        for (ColumnLineage.Result column : lineage.columns()) {
            column.origins().forEach(origin -> edges.add(Stored.of(column.name(), origin)));
            column.unknown()
                    .forEach(reason ->
                            Stored.unknown(made, column.name(), reason).forEach(edges::add));
        }
        lineage.influences().forEach(origin -> edges.add(Stored.of(null, origin)));
        lineage.unknown().forEach(reason -> Stored.unknown(made, null, reason).forEach(edges::add));
        return edges;
    }

    private static String print(TableDerived made, List<Stored> edges) {
        String all = made.process() + "\n" + made.version() + "\n" + made.sql() + "\n" + JSON.writeValueAsString(edges);
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(all.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private long add(TableDerived made, List<Stored> edges, boolean whole, String print) {
        TableName table = made.table();
        jdbc.sql("update catalog_derivations set current = false where namespace = ? and table_name = ? and current")
                .params(table.namespace(), table.name())
                .update();
        long id = jdbc.sql("""
                        insert into catalog_derivations (namespace, table_name, process, version, sql, whole, print, since)
                        values (?, ?, ?, ?, ?, ?, ?, ?) returning id""")
                .params(
                        table.namespace(),
                        table.name(),
                        made.process(),
                        made.version(),
                        made.sql(),
                        whole,
                        print,
                        Timestamp.from(made.at()))
                .query(Long.class)
                .single();
        jdbc.sql("""
                        insert into catalog_lineage_edges (derivation_id, column_name, from_namespace, from_table, from_column, way, reason)
                        select :id, column_name, from_namespace, from_table, from_column, way, reason
                        from jsonb_to_recordset(cast(:edges as jsonb)) as e(column_name text, from_namespace text, from_table text,
                            from_column text, way text, reason text)""")
                .param("id", id)
                .param("edges", JSON.writeValueAsString(edges))
                .update();
        return id;
    }

    // ---- what is asked

    /** A table's surroundings; of a circle each table is shown once. */
    public LineageGraph graph(UUID id, Around around) {
        Resource resource = resources.get(id);
        TableName start = name(resource.lakeTable());
        Map<TableName, Integer> steps = new LinkedHashMap<>();
        steps.put(start, 0);
        Set<Found> found = new LinkedHashSet<>();
        boolean truncated = false;
        if (around.direction != Direction.DOWN) {
            truncated = walk(start, around.depth, steps, found, Direction.UP);
        }
        if (around.direction != Direction.UP) {
            truncated |= walk(start, around.depth, steps, found, Direction.DOWN);
        }
        List<Edge> edges = new ArrayList<>();
        List<Unknown> unknown = new ArrayList<>();
        for (Found each : found) {
            if (each.from == null || each.way == null) {
                unknown.add(unknown(each));
            } else {
                edges.add(new Edge(each.from.toString(), each.fromColumn, each.to.toString(), each.column, each.way));
            }
        }
        Map<TableName, Resource> known = find(steps.keySet());
        Map<TableName, Making> makings = makings(steps.keySet());
        if (around.direction != Direction.DOWN) {
            edges.addAll(0, sourceEdges(steps, known, makings, around.depth));
        }
        if (around.column != null) {
            edges = path(edges, start.toString(), around.column);
            unknown.removeIf(each ->
                    !start.toString().equals(each.node()) && !start.toString().equals(each.from()));
        }
        List<Node> nodes = nodes(steps, known, makings, edges, unknown, start);
        return new LineageGraph(start.toString(), nodes, edges, unknown, truncated);
    }

    private boolean walk(
            TableName start, int depth, Map<TableName, Integer> steps, Set<Found> found, Direction direction) {
        Set<TableName> frontier = Set.of(start);
        for (int step = 1; !frontier.isEmpty(); step++) {
            List<Found> next = direction == Direction.UP ? into(frontier) : from(frontier);
            if (step > depth) {
                return next.stream().anyMatch(each -> {
                    TableName table = direction == Direction.UP ? each.from : each.to;
                    return table != null && !steps.containsKey(table);
                });
            }
            Set<TableName> reached = new LinkedHashSet<>();
            for (Found each : next) {
                TableName table = direction == Direction.UP ? each.from : each.to;
                if (table != null && !steps.containsKey(table)) {
                    if (steps.size() >= MOST_TABLES) {
                        return true;
                    }
                    steps.put(table, direction == Direction.UP ? -step : step);
                    reached.add(table);
                }
                found.add(each);
            }
            frontier = reached;
        }
        return false;
    }

    /** An edge as it is found; without a table to come from it says why there is none. */
    private record Found(
            TableName to,
            @Nullable String column,
            @Nullable TableName from,
            String fromColumn,
            @Nullable Way way,
            String reason) {}

    private static final String EDGES = """
            select d.namespace, d.table_name, e.column_name, e.from_namespace, e.from_table, e.from_column, e.way, e.reason
            from catalog_derivations d join catalog_lineage_edges e on e.derivation_id = d.id
            """;

    private List<Found> into(Set<TableName> tables) {
        return edges(
                EDGES
                        + " where d.current and (d.namespace, d.table_name) in (select * from unnest(cast(:spaces as text[]), cast(:names as text[])))",
                tables);
    }

    private List<Found> from(Set<TableName> tables) {
        return edges(
                EDGES
                        + " where d.current and (e.from_namespace, e.from_table) in (select * from unnest(cast(:spaces as text[]), cast(:names as text[])))",
                tables);
    }

    private List<Found> edges(String sql, Set<TableName> tables) {
        return jdbc.sql(
                        sql
                                + " order by d.namespace, d.table_name, e.column_name, e.from_namespace, e.from_table, e.from_column, e.way")
                .param("spaces", tables.stream().map(TableName::namespace).toArray(String[]::new))
                .param("names", tables.stream().map(TableName::name).toArray(String[]::new))
                .query((row, n) -> found(row))
                .list();
    }

    private static Found found(ResultSet row) throws SQLException {
        @Nullable String space = row.getString("from_namespace");
        @Nullable String table = row.getString("from_table");
        @Nullable String column = row.getString("from_column");
        @Nullable String reason = row.getString("reason");
        String way = row.getString("way");
        return new Found(
                new TableName(row.getString("namespace"), row.getString("table_name")),
                row.getString("column_name"),
                space == null || table == null ? null : new TableName(space, table),
                column == null ? "" : column,
                way.equals(UNKNOWN) ? null : Way.valueOf(way),
                reason == null ? "" : reason);
    }

    private Map<TableName, Resource> find(Collection<TableName> tables) {
        Map<TableName, Resource> known = new HashMap<>();
        tables.forEach(table -> resources.find(table).ifPresent(resource -> known.put(table, resource)));
        return known;
    }

    private Map<TableName, Making> makings(Collection<TableName> tables) {
        Map<TableName, Making> makings = new HashMap<>();
        jdbc.sql("""
                        select namespace, table_name, process, version, since, whole from catalog_derivations
                        where current and (namespace, table_name) in (select * from unnest(cast(:spaces as text[]), cast(:names as text[])))""")
                .param("spaces", tables.stream().map(TableName::namespace).toArray(String[]::new))
                .param("names", tables.stream().map(TableName::name).toArray(String[]::new))
                .query(row -> {
                    makings.put(
                            new TableName(row.getString(1), row.getString(2)),
                            new Making(
                                    row.getString(3),
                                    row.getInt(4),
                                    row.getTimestamp(5).toInstant(),
                                    row.getBoolean(6)));
                });
        return makings;
    }

    /** What a collection brought: a column of the source each, by the name it has there. */
    private List<Edge> sourceEdges(
            Map<TableName, Integer> steps, Map<TableName, Resource> known, Map<TableName, Making> makings, int depth) {
        List<Edge> edges = new ArrayList<>();
        steps.forEach((table, step) -> {
            Resource resource = known.get(table);
            if (resource == null || makings.containsKey(table) || step > 0 || -step >= depth) {
                return;
            }
            resources
                    .fields(resource.id())
                    .forEach(field -> edges.add(new Edge(
                            sourceId(resource), field.sourceName(), table.toString(), field.name(), Way.IDENTITY)));
        });
        return edges;
    }

    private static String sourceId(Resource resource) {
        return resource.source().name() + ":" + resource.name();
    }

    private record Place(String node, @Nullable String column) {}

    /** Only what leads to a column or away from it. */
    private static List<Edge> path(List<Edge> edges, String node, String column) {
        Set<Edge> kept = new LinkedHashSet<>();
        Set<Place> seen = new HashSet<>();
        List<Place> open = new ArrayList<>(List.of(new Place(node, column)));
        while (!open.isEmpty()) {
            Place place = open.removeLast();
            if (seen.add(place)) {
                edges.stream()
                        .filter(edge -> edge.to().equals(place.node) && Objects.equals(edge.toColumn(), place.column))
                        .forEach(edge -> {
                            kept.add(edge);
                            open.add(new Place(edge.from(), edge.fromColumn()));
                        });
            }
        }
        seen.clear();
        open.add(new Place(node, column));
        while (!open.isEmpty()) {
            Place place = open.removeLast();
            if (seen.add(place)) {
                edges.stream()
                        .filter(edge -> edge.from().equals(place.node)
                                && edge.fromColumn().equals(place.column))
                        .forEach(edge -> {
                            kept.add(edge);
                            if (edge.toColumn() != null) {
                                open.add(new Place(edge.to(), edge.toColumn()));
                            }
                        });
            }
        }
        return edges.stream().filter(kept::contains).toList();
    }

    private List<Node> nodes(
            Map<TableName, Integer> steps,
            Map<TableName, Resource> known,
            Map<TableName, Making> makings,
            List<Edge> edges,
            List<Unknown> unknown,
            TableName start) {
        Map<String, Set<String>> named = new HashMap<>();
        for (Edge edge : edges) {
            named.computeIfAbsent(edge.from(), any -> new TreeSet<>()).add(edge.fromColumn());
            Set<String> to = named.computeIfAbsent(edge.to(), any -> new TreeSet<>());
            if (edge.toColumn() != null) {
                to.add(edge.toColumn());
            }
        }
        unknown.forEach(each -> {
            Set<String> columns = named.computeIfAbsent(each.node(), any -> new TreeSet<>());
            if (each.from() != null) {
                named.computeIfAbsent(each.from(), any -> new TreeSet<>());
            }
            if (each.column() != null && !each.column().equals("*")) {
                columns.add(each.column());
            }
        });
        List<Node> nodes = new ArrayList<>();
        Set<String> sources = new HashSet<>();
        steps.forEach((table, step) -> {
            boolean isStart = table.equals(start);
            if (!isStart && !named.containsKey(table.toString())) {
                return;
            }
            Resource resource = known.get(table);
            Set<String> columns = named.getOrDefault(table.toString(), Set.of());
            if (resource == null) {
                nodes.add(new Node(
                        table.toString(),
                        Kind.UNKNOWN,
                        null,
                        table.toString(),
                        table.name(),
                        null,
                        step,
                        makings.get(table),
                        columns.stream()
                                .map(column -> new LineageGraph.Column(column, null, null))
                                .toList()));
                return;
            }
            Map<String, LineageGraph.Column> shown = new LinkedHashMap<>();
            List<Resource.Field> fields = resources.fields(resource.id());
            fields.stream()
                    .filter(field -> isStart || columns.contains(field.name()))
                    .forEach(field -> shown.put(
                            field.name(), new LineageGraph.Column(field.name(), field.comment(), field.level())));
            columns.forEach(column -> shown.putIfAbsent(column, new LineageGraph.Column(column, null, null)));
            nodes.add(new Node(
                    table.toString(),
                    Kind.TABLE,
                    resource.id(),
                    table.toString(),
                    resource.title(),
                    resource.department(),
                    step,
                    makings.get(table),
                    List.copyOf(shown.values())));
            Set<String> atSource = named.get(sourceId(resource));
            if (atSource != null && !makings.containsKey(table) && sources.add(sourceId(resource))) {
                nodes.add(new Node(
                        sourceId(resource),
                        Kind.SOURCE,
                        null,
                        resource.name(),
                        resource.source().name(),
                        resource.department(),
                        step - 1,
                        null,
                        fields.stream()
                                .filter(field -> atSource.contains(field.sourceName()))
                                .map(field ->
                                        new LineageGraph.Column(field.sourceName(), field.comment(), field.level()))
                                .toList()));
            }
        });
        nodes.sort(Comparator.comparingInt(Node::step).thenComparing(Node::id));
        return nodes;
    }

    /** How a table was made, the newest way first. */
    public List<Version> listVersions(UUID id) {
        TableName table = name(resources.get(id).lakeTable());
        record Row(long id, Version version) {}
        List<Row> rows = jdbc.sql("""
                        select d.*, r.at last_made, r.snapshot_id,
                            (select count(*) from catalog_derivation_runs c where c.derivation_id = d.id) times
                        from catalog_derivations d
                        left join lateral (select at, snapshot_id from catalog_derivation_runs x where x.derivation_id = d.id
                            order by at desc limit 1) r on true
                        where d.namespace = ? and d.table_name = ? order by d.id desc limit 100""")
                .params(table.namespace(), table.name())
                .query((row, n) -> {
                    Timestamp last = row.getTimestamp("last_made");
                    return new Row(
                            row.getLong("id"),
                            new Version(
                                    row.getString("process"),
                                    row.getInt("version"),
                                    row.getString("sql"),
                                    row.getBoolean("whole"),
                                    row.getTimestamp("since").toInstant(),
                                    last == null ? null : last.toInstant(),
                                    row.getString("snapshot_id"),
                                    row.getLong("times"),
                                    List.of(),
                                    List.of()));
                })
                .list();
        return rows.stream().map(row -> withEdges(row.id, row.version)).toList();
    }

    private Version withEdges(long derivation, Version version) {
        List<Edge> edges = new ArrayList<>();
        List<Unknown> unknown = new ArrayList<>();
        for (Found each : edgesOf(derivation)) {
            if (each.from == null || each.way == null) {
                unknown.add(unknown(each));
            } else {
                edges.add(new Edge(each.from.toString(), each.fromColumn, each.to.toString(), each.column, each.way));
            }
        }
        return new Version(
                version.process(),
                version.version(),
                version.sql(),
                version.whole(),
                version.since(),
                version.lastMade(),
                version.snapshotId(),
                version.times(),
                edges,
                unknown);
    }

    private static Unknown unknown(Found found) {
        return new Unknown(
                found.to.toString(), found.column, found.from == null ? null : found.from.toString(), found.reason);
    }

    private List<Found> edgesOf(long derivation) {
        return jdbc.sql(EDGES + " where d.id = ? order by e.column_name, e.from_table, e.from_column, e.way")
                .param(derivation)
                .query((row, n) -> found(row))
                .list();
    }

    /** What would break, or hold something else, if a column went (这一列没了会怎样). */
    public Impact impact(UUID id, String column) {
        Resource resource = resources.get(id);
        if (resources.fields(id).stream().noneMatch(field -> field.name().equals(column))) {
            throw new Problem(CoreProblem.NOT_FOUND, "what", column);
        }
        TableName start = name(resource.lakeTable());
        Map<TableName, Map<String, Reach>> reached = new LinkedHashMap<>();
        reached.put(start, new LinkedHashMap<>(Map.of(column, new Reach(0, true))));
        Map<TableName, Reach> tables = new LinkedHashMap<>();
        boolean truncated = spread(start, reached, tables);
        Map<TableName, Resource> known = find(reached.keySet());
        Map<TableName, Making> makings = makings(reached.keySet());
        List<Affected> affected = new ArrayList<>();
        tables.forEach((table, reach) -> {
            Resource hit = known.get(table);
            Making making = makings.get(table);
            Department department = hit == null ? null : hit.department();
            UUID where = hit == null ? null : hit.id();
            if (making != null) {
                affected.add(new Affected(
                        AffectedKind.MAPPING,
                        where,
                        null,
                        making.process(),
                        null,
                        department,
                        reach.direct,
                        reach.steps));
            }
            affected.add(new Affected(
                    AffectedKind.TABLE, where, null, table.toString(), null, department, reach.direct, reach.steps));
            reached.getOrDefault(table, Map.of())
                    .forEach((name, how) -> affected.add(new Affected(
                            AffectedKind.COLUMN,
                            where,
                            null,
                            table.toString(),
                            name,
                            department,
                            how.direct,
                            how.steps)));
        });
        affected.addAll(stated(reached, known));
        affected.sort(Comparator.comparing(Affected::kind)
                .thenComparing(Affected::steps)
                .thenComparing(Affected::name)
                .thenComparing(each -> each.column() == null ? "" : each.column()));
        return new Impact(start.toString(), column, affected, truncated);
    }

    /** How a column gets somewhere: after how many statements, and whether its values do. */
    private record Reach(int steps, boolean direct) {}

    private boolean spread(TableName start, Map<TableName, Map<String, Reach>> reached, Map<TableName, Reach> tables) {
        Set<TableName> frontier = Set.of(start);
        int count = 0;
        for (int step = 1; !frontier.isEmpty(); step++) {
            if (step > DEEPEST) {
                return true;
            }
            Set<TableName> next = new LinkedHashSet<>();
            for (Found edge : from(frontier)) {
                TableName from = Objects.requireNonNull(edge.from, "from is null");
                Map<String, Reach> there = reached.getOrDefault(from, Map.of());
                // of what is unknown it must be feared
                Reach reach = edge.way == null
                        ? there.values().stream()
                                .max(Comparator.comparing(Reach::direct))
                                .orElse(null)
                        : there.get(edge.fromColumn);
                if (reach == null) {
                    continue;
                }
                boolean direct = reach.direct && (edge.way == null || edge.way.kind() == Way.Kind.DIRECT);
                tables.merge(edge.to, new Reach(step, direct), (a, b) -> new Reach(a.steps, a.direct || b.direct));
                Map<String, Reach> columns = reached.computeIfAbsent(edge.to, any -> new LinkedHashMap<>());
                for (String column :
                        edge.column == null || edge.column.equals("*") ? columnsOf(edge.to) : Set.of(edge.column)) {
                    Reach before = columns.get(column);
                    if (before == null || direct && !before.direct) {
                        columns.put(column, new Reach(before == null ? step : before.steps, direct));
                        next.add(edge.to);
                        if (++count > MOST_AFFECTED) {
                            return true;
                        }
                    }
                }
            }
            frontier = next;
        }
        return false;
    }

    private Set<String> columnsOf(TableName table) {
        Set<String> columns = new TreeSet<>();
        resources
                .find(table)
                .ifPresent(resource -> resources.fields(resource.id()).forEach(field -> columns.add(field.name())));
        into(Set.of(table)).forEach(edge -> {
            if (edge.column != null) {
                columns.add(edge.column);
            }
        });
        columns.remove("*");
        return columns;
    }

    /** What the directory states of what is reached: items that are published, and data of which they are the one source. */
    private List<Affected> stated(Map<TableName, Map<String, Reach>> reached, Map<TableName, Resource> known) {
        List<Affected> affected = new ArrayList<>();
        known.forEach((table, resource) -> jdbc.sql("""
                        select e.id, v.statement ->> 'title' title, i ->> 'name' item, i ->> 'column' col,
                            d.id did, d.name dname, d.name_en dname_en, datum.name datum
                        from catalog_entries e
                        join catalog_entry_versions v on v.entry_id = e.id and v.version = e.published_version
                        join org_departments d on d.id = e.department_id
                        cross join lateral jsonb_array_elements(v.statement -> 'items') i
                        left join catalog_datum_claims c on c.entry_id = e.id and c.item = i ->> 'name'
                        left join catalog_data datum on datum.id = c.datum_id
                        where e.resource_id = ? and e.state <> 'RETIRED'""").param(resource.id()).query(row -> {
            @Nullable String column = row.getString("col");
            Reach reach = column == null
                    ? null
                    : reached.getOrDefault(table, Map.of()).get(column);
            if (reach == null) {
                return;
            }
            Department department =
                    new Department(row.getString("did"), row.getString("dname"), row.getString("dname_en"));
            UUID entry = row.getObject("id", UUID.class);
            affected.add(new Affected(
                    AffectedKind.ENTRY_ITEM,
                    resource.id(),
                    entry,
                    row.getString("title") + " · " + row.getString("item"),
                    column,
                    department,
                    reach.direct,
                    reach.steps));
            @Nullable String datum = row.getString("datum");
            if (datum != null) {
                affected.add(new Affected(
                        AffectedKind.DATUM,
                        resource.id(),
                        entry,
                        datum,
                        column,
                        department,
                        reach.direct,
                        reach.steps));
            }
        }));
        return affected;
    }

    private static TableName name(String lakeTable) {
        int dot = lakeTable.indexOf('.');
        return new TableName(lakeTable.substring(0, dot), lakeTable.substring(dot + 1));
    }
}

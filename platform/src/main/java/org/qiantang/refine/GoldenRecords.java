package org.qiantang.refine;

import static java.util.Objects.requireNonNull;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.qiantang.catalog.Contested;
import org.qiantang.catalog.LakeReader;
import org.qiantang.catalog.Lineage;
import org.qiantang.catalog.LineageGraph;
import org.qiantang.catalog.Resource;
import org.qiantang.catalog.Resources;
import org.qiantang.core.CoreProblem;
import org.qiantang.core.Problem;
import org.qiantang.lake.ColumnLineage.Way;
import org.qiantang.lake.Sql;
import org.qiantang.lake.TableName;
import org.qiantang.org.Account;
import org.qiantang.org.Department;
import org.qiantang.org.Role;
import org.springframework.stereotype.Service;

/**
 * Finds one record of a base library by its key, never by a list, and follows each of its values back: by the rows of the library's
 * origins where the mapping names such a table, else by the columns of the statements. Everything is found in clear and shown masked by
 * {@link LakeReader#find}, so what is shown is what each table's own fields allow.
 */
@Service
public final class GoldenRecords {
    /** What a table of origins has besides the library's key. */
    static final List<String> ORIGINS = List.of("field", "value", "origin_table", "origin_key", "precedence", "chosen");

    private static final String PURPOSE = "golden-record";
    private static final int MOST_CLAIMS = 500;
    private static final int MOST_VALUE = 500;
    private static final int DEEPEST = 20;
    /** By which a row says where it comes from. */
    private static final String ORIGIN_TABLE = "origin_table";

    private final Mappings mappings;
    private final Resources resources;
    private final Lineage lineage;
    private final LakeReader reader;

    GoldenRecords(Mappings mappings, Resources resources, Lineage lineage, LakeReader reader) {
        this.mappings = mappings;
        this.resources = resources;
        this.lineage = lineage;
        this.reader = reader;
    }

    /**
     * The record with this key.
     *
     * @param key a value for each column of the library's key, exactly as it is
     * @throws Problem {@link RefineProblem#NO_SUCH_RECORD} when there is none
     */
    public GoldenRecord get(Account who, TableName table, Map<String, String> key) {
        Mapping mapping = mappings.mapping(table);
        Resource.Whole library = resources
                .find(table)
                .map(found -> resources.getWhole(found.id()))
                .orElseThrow(() -> new Problem(CoreProblem.NOT_FOUND, "what", table.toString()));
        requireMayRead(who, table, library.resource());
        requireKey(mapping, key);
        LakeReader.Preview found =
                find(who, "SELECT * FROM " + Sql.table(table) + " AS r WHERE " + condition("r", mapping.key(), key), 2);
        if (found.rows().size() != 1) {
            throw new Problem(RefineProblem.NO_SUCH_RECORD, "table", table.toString());
        }
        List<@Nullable String> row = found.rows().getFirst();
        LineageGraph graph =
                lineage.graph(library.resource().id(), new Lineage.Around(Lineage.Direction.UP, null, DEEPEST));
        Map<String, Origins.Of> claims = new HashMap<>();
        LinkedHashSet<Contested.InTable> contested = new LinkedHashSet<>(found.contested());
        TableName origins = mapping.origins();
        if (origins != null && resources.find(origins).isPresent()) {
            claims.putAll(new Origins(who, origins, mapping.key(), key, contested).read());
        }
        @Nullable String origin = visible(found, row, ORIGIN_TABLE);
        Map<String, Resource.Field> known =
                library.columns().stream().collect(Collectors.toMap(Resource.Field::name, each -> each, (a, b) -> a));
        List<GoldenRecord.Field> fields = new ArrayList<>();
        for (int i = 0; i < found.columns().size(); i++) {
            LakeReader.PreviewColumn column = found.columns().get(i);
            fields.add(field(
                    column,
                    row.get(i),
                    known.get(column.name()),
                    mapping,
                    claims.getOrDefault(column.name(), Origins.Of.NOBODY),
                    graph,
                    origin));
        }
        return new GoldenRecord(
                table.toString(),
                mapping.title(),
                mapping.titleEn(),
                library.resource().department(),
                library.resource().id(),
                found.asOf(),
                found.contestedRows().contains(0),
                List.copyOf(contested),
                fields);
    }

    private LakeReader.Preview find(Account who, String sql, int limit) {
        return reader.find(who.username(), PURPOSE, sql, null, limit);
    }

    /** An officer reads what their department answers for; who looks after the whole city's data reads every library. */
    private static void requireMayRead(Account who, TableName table, Resource library) {
        boolean city = who.has(Role.ENGINEER) || who.has(Role.ANALYST) || who.has(Role.OPERATOR);
        Department department = who.department();
        boolean own = department != null
                && department.id().equals(library.department().id());
        if (!city && !own) {
            throw new Problem(
                    RefineProblem.NOT_YOURS_TO_READ,
                    "table",
                    table.toString(),
                    "department",
                    library.department().name());
        }
    }

    private static void requireKey(Mapping mapping, Map<String, String> key) {
        if (mapping.key().isEmpty()) {
            throw new Problem(RefineProblem.NO_KEY, "table", mapping.table().toString());
        }
        boolean whole = key.keySet().equals(Set.copyOf(mapping.key()))
                && key.values().stream().allMatch(value -> !value.isBlank() && value.length() <= MOST_VALUE);
        if (!whole) {
            throw new Problem(
                    RefineProblem.WRONG_KEY,
                    "table",
                    mapping.table().toString(),
                    "key",
                    String.join(", ", mapping.key()));
        }
    }

    private static String condition(String alias, List<String> columns, Map<String, String> key) {
        return columns.stream()
                .map(column -> "CAST(" + alias + "." + Sql.name(column) + " AS VARCHAR) = "
                        + Sql.text(requireNonNull(key.get(column)).strip()))
                .collect(Collectors.joining(" AND "));
    }

    private static @Nullable String visible(LakeReader.Preview found, List<@Nullable String> row, String column) {
        for (int i = 0; i < found.columns().size(); i++) {
            LakeReader.PreviewColumn each = found.columns().get(i);
            if (each.name().equals(column) && !each.masked()) {
                return row.get(i);
            }
        }
        return null;
    }

    private GoldenRecord.Field field(
            LakeReader.PreviewColumn column,
            @Nullable String value,
            Resource.@Nullable Field known,
            Mapping mapping,
            Origins.Of said,
            LineageGraph graph,
            @Nullable String origin) {
        boolean key = mapping.key().contains(column.name());
        boolean byRows = !said.claims.isEmpty();
        boolean nobody = !byRows && !key && isMadeOfOrigins(graph, mapping, column.name());
        List<GoldenRecord.Column> columns = byRows || nobody ? List.of() : beginnings(graph, column.name(), origin);
        GoldenRecord.Traced traced;
        if (byRows) {
            traced = GoldenRecord.Traced.ROWS;
        } else if (nobody) {
            traced = GoldenRecord.Traced.NOBODY;
        } else if (key) {
            traced = GoldenRecord.Traced.KEY;
        } else {
            traced = columns.isEmpty() ? GoldenRecord.Traced.UNKNOWN : GoldenRecord.Traced.COLUMNS;
        }
        return new GoldenRecord.Field(
                column.name(),
                known == null ? null : known.comment(),
                column.level(),
                value,
                column.masked(),
                traced,
                said.why(),
                said.claims,
                columns);
    }

    private static boolean isMadeOfOrigins(LineageGraph graph, Mapping mapping, String column) {
        TableName origins = mapping.origins();
        return origins != null
                && graph.edges().stream()
                        .anyMatch(edge -> edge.from().equals(origins.toString())
                                && edge.fromColumn().equals("value")
                                && column.equals(edge.toColumn())
                                && edge.to().equals(graph.start()));
    }

    /** The columns that departments sent and that a field is made of; where the lineage ends earlier, what it ends at. */
    private List<GoldenRecord.Column> beginnings(LineageGraph graph, String column, @Nullable String origin) {
        record At(String table, String column) {}
        Map<String, LineageGraph.Node> nodes =
                graph.nodes().stream().collect(Collectors.toMap(LineageGraph.Node::id, each -> each, (a, b) -> a));
        Map<At, List<At>> into = new HashMap<>();
        for (LineageGraph.Edge edge : graph.edges()) {
            LineageGraph.Node from = nodes.get(edge.from());
            boolean inLake = from != null && from.kind() != LineageGraph.Kind.SOURCE;
            if (inLake && edge.toColumn() != null && edge.way().kind() == Way.Kind.DIRECT) {
                into.computeIfAbsent(new At(edge.to(), edge.toColumn()), any -> new ArrayList<>())
                        .add(new At(edge.from(), edge.fromColumn()));
            }
        }
        Deque<At> open = new ArrayDeque<>(into.getOrDefault(new At(graph.start(), column), List.of()));
        Set<At> seen = new LinkedHashSet<>();
        List<GoldenRecord.Column> beginnings = new ArrayList<>();
        while (!open.isEmpty()) {
            At at = open.poll();
            if (!seen.add(at)) {
                continue;
            }
            List<At> before = into.getOrDefault(at, List.of());
            open.addAll(before);
            if (before.isEmpty()) {
                beginnings.add(begins(requireNonNull(nodes.get(at.table)), at.column, origin));
            }
        }
        return beginnings.stream()
                .sorted(Comparator.comparing((GoldenRecord.Column each) -> !each.ofThisRow())
                        .thenComparing(GoldenRecord.Column::table)
                        .thenComparing(GoldenRecord.Column::column))
                .toList();
    }

    private GoldenRecord.Column begins(LineageGraph.Node node, String column, @Nullable String origin) {
        return new GoldenRecord.Column(
                node.id(),
                column,
                node.resource(),
                node.title(),
                node.department(),
                node.resource() == null ? null : resources.get(node.resource()).asOf(),
                node.id().equals(origin));
    }

    /** The rows of a library's origins that are about one record. */
    private final class Origins {
        private final Account who;
        private final String rows;
        private final Set<Contested.InTable> contested;
        private final Map<String, Optional<Resource>> tables = new HashMap<>();

        Origins(
                Account who,
                TableName origins,
                List<String> columns,
                Map<String, String> key,
                Set<Contested.InTable> contested) {
            this.who = who;
            this.contested = contested;
            // A row's key may not be seen; its place among those of its table tells it from the others all the same.
            rows = "(SELECT o.*, dense_rank() OVER (PARTITION BY o.origin_table ORDER BY o.origin_key) AS place FROM "
                    + Sql.table(origins) + " AS o WHERE " + condition("o", columns, key) + ")";
        }

        /** What is said of a field. */
        private record Of(List<GoldenRecord.Claim> claims) {
            static final Of NOBODY = new Of(List.of());

            GoldenRecord.@Nullable Why why() {
                Optional<GoldenRecord.Claim> chosen =
                        claims.stream().filter(GoldenRecord.Claim::chosen).findFirst();
                if (chosen.isEmpty()) {
                    return null;
                }
                List<GoldenRecord.Claim> others =
                        claims.stream().filter(each -> !each.chosen()).toList();
                if (others.isEmpty()) {
                    return GoldenRecord.Why.ONLY;
                }
                Integer first = chosen.get().precedence();
                boolean alone = first != null
                        && others.stream().allMatch(each -> {
                            Integer precedence = each.precedence();
                            return precedence != null && precedence > first;
                        });
                return alone ? GoldenRecord.Why.PRECEDENCE : GoldenRecord.Why.ORDER;
            }
        }

        private record Row(String field, String table, String place) {}

        private record Shown(@Nullable String value, boolean masked, boolean contested) {}

        Map<String, Of> read() {
            Cells all =
                    new Cells(ask("SELECT * FROM " + rows + " AS a ORDER BY field, precedence, origin_table, place"));
            Set<Row> agreeing = new HashSet<>();
            Cells alike = new Cells(ask("SELECT a.field, a.origin_table, a.place FROM " + rows + " AS a JOIN " + rows
                    + " AS c ON a.field = c.field AND a.value = c.value WHERE c.chosen"));
            for (int i = 0; i < alike.size(); i++) {
                agreeing.add(alike.row(i));
            }
            Set<String> fields = new TreeSet<>();
            Set<String> from = new TreeSet<>();
            for (int i = 0; i < all.size(); i++) {
                fields.add(all.row(i).field);
                from.add(all.row(i).table);
            }
            Map<Row, Shown> own = new HashMap<>();
            from.forEach(table -> own.putAll(own(table, fields)));
            Map<String, List<GoldenRecord.Claim>> claims = new LinkedHashMap<>();
            for (int i = 0; i < all.size(); i++) {
                Row row = all.row(i);
                claims.computeIfAbsent(row.field, any -> new ArrayList<>())
                        .add(claim(all, i, own.get(row), agreeing.contains(row)));
            }
            Map<String, Of> by = new HashMap<>();
            claims.forEach((field, said) -> {
                said.sort(Comparator.comparing((GoldenRecord.Claim each) -> !each.chosen()));
                by.put(field, new Of(said));
            });
            return by;
        }

        private LakeReader.Preview ask(String sql) {
            LakeReader.Preview answer = find(who, sql, MOST_CLAIMS);
            contested.addAll(answer.contested());
            return answer;
        }

        private Optional<Resource> resource(String table) {
            return tables.computeIfAbsent(table, any -> {
                int dot = table.indexOf('.');
                return dot <= 0 || dot == table.length() - 1 ? Optional.empty() : resources.find(Mapping.table(table));
            });
        }

        /** The same fields as the rows' own table shows them, where it has them by the same names and a key of one column. */
        private Map<Row, Shown> own(String table, Set<String> fields) {
            Optional<Resource.Whole> whole = resource(table).map(found -> resources.getWhole(found.id()));
            List<Resource.Field> columns = whole.map(Resource.Whole::columns).orElse(List.of());
            List<String> keys = columns.stream()
                    .filter(Resource.Field::key)
                    .map(Resource.Field::name)
                    .toList();
            List<String> had = columns.stream()
                    .map(Resource.Field::name)
                    .filter(fields::contains)
                    .toList();
            if (keys.size() != 1 || had.isEmpty()) {
                return Map.of();
            }
            LakeReader.Preview answer = ask("SELECT DISTINCT a.place, t." + Sql.name(keys.getFirst()) + " AS row_key"
                    + had.stream().map(name -> ", t." + Sql.name(name)).collect(Collectors.joining()) + " FROM " + rows
                    + " AS a JOIN " + Sql.table(Mapping.table(table)) + " AS t ON CAST(t."
                    + Sql.name(keys.getFirst()) + " AS VARCHAR) = a.origin_key WHERE a.origin_table = "
                    + Sql.text(table));
            Map<Row, Shown> own = new HashMap<>();
            for (int i = 0; i < answer.rows().size(); i++) {
                List<@Nullable String> row = answer.rows().get(i);
                for (int j = 0; j < had.size(); j++) {
                    own.put(
                            new Row(had.get(j), table, String.valueOf(row.getFirst())),
                            new Shown(
                                    row.get(j + 2),
                                    answer.columns().get(j + 2).masked(),
                                    answer.contestedRows().contains(i)));
                }
            }
            return own;
        }

        private GoldenRecord.Claim claim(Cells all, int i, @Nullable Shown own, boolean agrees) {
            Row row = all.row(i);
            Optional<Resource> from = resource(row.table);
            @Nullable String precedence = all.cell(i, "precedence");
            boolean masked = own == null ? all.isMasked("value") : own.masked;
            return new GoldenRecord.Claim(
                    row.table.isEmpty() ? null : row.table,
                    from.map(Resource::id).orElse(null),
                    from.map(Resource::title).orElse(null),
                    from.map(Resource::department).orElse(null),
                    from.map(Resource::asOf).orElse(null),
                    all.cell(i, "origin_key"),
                    own == null ? all.cell(i, "value") : own.value,
                    masked,
                    precedence == null ? null : Integer.valueOf(precedence),
                    Boolean.parseBoolean(all.cell(i, "chosen")),
                    agrees,
                    all.isContested(i) || own != null && own.contested);
        }
    }

    /** An answer by the names of its columns. */
    private record Cells(LakeReader.Preview answer) {
        int size() {
            return answer.rows().size();
        }

        @Nullable
        String cell(int row, String column) {
            int place = place(column);
            return place < 0 ? null : answer.rows().get(row).get(place);
        }

        boolean isMasked(String column) {
            int place = place(column);
            return place >= 0 && answer.columns().get(place).masked();
        }

        boolean isContested(int row) {
            return answer.contestedRows().contains(row);
        }

        Origins.Row row(int row) {
            return new Origins.Row(said(row, "field"), said(row, "origin_table"), said(row, "place"));
        }

        private String said(int row, String column) {
            String cell = cell(row, column);
            return cell == null ? "" : cell;
        }

        private int place(String column) {
            for (int i = 0; i < answer.columns().size(); i++) {
                if (answer.columns().get(i).name().equals(column)) {
                    return i;
                }
            }
            return -1;
        }
    }
}

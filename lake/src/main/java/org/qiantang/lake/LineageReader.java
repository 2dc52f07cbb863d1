package org.qiantang.lake;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.qiantang.lake.ColumnLineage.Way;
import tools.jackson.databind.JsonNode;

/**
 * Follows each column of a statement's answer back to the columns it comes from, over the tree that the engine's own parser made. The
 * engine says how many columns there are and what they are called; whatever does not agree with that, and whatever form is not known
 * here, is an unknown. Where it cannot be told apart, more origins are named rather than fewer.
 */
final class LineageReader {
    private static final Set<String> COUNTS =
            Set.of("count", "count_star", "count_if", "countif", "approx_count_distinct", "regr_count");

    private static final Set<String> MOMENTS = Set.of(
            "current_date",
            "current_time",
            "current_timestamp",
            "localtime",
            "localtimestamp",
            "today",
            "get_current_timestamp");

    private static final int DEEPEST = 400;

    private final Map<TableName, List<String>> tables;
    private final Set<String> aggregates;
    private int depth;

    private LineageReader(Map<TableName, List<String>> tables, Set<String> aggregates) {
        this.tables = tables;
        this.aggregates = aggregates;
    }

    /**
     * @param connection to an engine in which the tables are, with or without rows
     * @param tables the columns of each table that the statement may read
     * @throws LakeException when the statement is not one that may run, or names what is not there
     */
    static ColumnLineage read(Connection connection, String sql, Map<TableName, List<String>> tables) {
        JsonNode tree = StatementGuard.essence(connection, sql)
                .path("statements")
                .path(0)
                .path("node");
        List<String> names = names(connection, sql);
        Relation answer = new LineageReader(tables, aggregates(connection)).query(tree, Scope.NONE);
        boolean agrees = answer.columns.size() == names.size();
        List<ColumnLineage.Result> results = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            Provenance from = agrees
                    ? answer.columns.get(i).from
                    : Provenance.unknown("The statement has " + names.size() + " columns, and origins were found of "
                            + answer.columns.size());
            results.add(new ColumnLineage.Result(
                    names.get(i),
                    from.list(),
                    from.unknown().stream().sorted().toList(),
                    agrees && answer.columns.get(i).counted));
        }
        return new ColumnLineage(
                results,
                answer.influences.list(),
                answer.influences.unknown().stream().sorted().toList());
    }

    private static List<String> names(Connection connection, String sql) {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            ResultSetMetaData header = statement.getMetaData();
            List<String> names = new ArrayList<>();
            for (int i = 1; i <= header.getColumnCount(); i++) {
                names.add(header.getColumnName(i));
            }
            return names;
        } catch (SQLException e) {
            throw Lake.failure("The statement cannot be read", e);
        }
    }

    private static Set<String> aggregates(Connection connection) {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(
                        "SELECT DISTINCT function_name FROM duckdb_functions() WHERE function_type = 'aggregate'")) {
            Set<String> names = new HashSet<>();
            while (rows.next()) {
                names.add(rows.getString(1));
            }
            return names;
        } catch (SQLException e) {
            throw Lake.failure("The engine does not say what its functions are", e);
        }
    }

    // ---- what names mean

    /**
     * @param name empty when only the engine knows what it is called
     * @param counted whether it is a count and nothing else
     */
    private record Item(String name, Provenance from, boolean counted) {
        Item(String name, Provenance from) {
            this(name, from, false);
        }

        Item called(String other) {
            return new Item(other, from, counted);
        }

        boolean isCalled(String other) {
            return name.equalsIgnoreCase(other);
        }
    }

    /** @param influences what decides which rows there are */
    private record Relation(List<Item> columns, Provenance influences) {
        Relation {
            columns = List.copyOf(columns);
        }

        Provenance all() {
            return union(columns.stream().map(Item::from));
        }

        Relation influencedBy(Provenance more) {
            return new Relation(columns, influences.and(more));
        }

        Relation called(JsonNode aliases) {
            List<Item> renamed = new ArrayList<>(columns);
            for (int i = 0; i < Math.min(aliases.size(), renamed.size()); i++) {
                renamed.set(i, renamed.get(i).called(aliases.path(i).asString("")));
            }
            return new Relation(renamed, influences);
        }
    }

    /** Something that stands behind FROM under a name. */
    private record Source(String alias, String schema, List<Item> columns) {
        boolean isCalled(String name) {
            return alias.equalsIgnoreCase(name);
        }

        Optional<Item> find(String name) {
            return columns.stream().filter(each -> each.isCalled(name)).findFirst();
        }
    }

    /**
     * All that stands behind FROM.
     *
     * @param merged columns that two sides share by USING; they stand once in a star, where the first of the two is
     */
    private record From(List<Source> sources, Map<String, Provenance> merged, Provenance influences) {
        static final From NOTHING = new From(List.of(), Map.of(), Provenance.NONE);
    }

    /** What names may mean in a place; what is nearest comes first. */
    private record Scope(
            From from,
            Map<String, Provenance> given,
            Map<String, Supplier<Relation>> ctes,
            Set<String> parameters,
            @Nullable Provenance star,
            @Nullable Scope outer) {
        static final Scope NONE = new Scope(From.NOTHING, Map.of(), Map.of(), Set.of(), null, null);

        Scope within(From inner) {
            return new Scope(inner, Map.of(), ctes, Set.of(), null, this);
        }

        Scope knowing(Map<String, Supplier<Relation>> tables) {
            return new Scope(from, given, tables, parameters, star, outer);
        }

        Scope giving(Map<String, Provenance> names) {
            return new Scope(from, names, ctes, parameters, star, outer);
        }

        Scope with(Set<String> more) {
            Set<String> all = new HashSet<>(parameters);
            all.addAll(more);
            return new Scope(from, given, ctes, all, star, outer);
        }

        Scope starIs(Provenance column) {
            return new Scope(from, given, ctes, parameters, column, outer);
        }
    }

    private static Provenance union(Stream<Provenance> all) {
        return all.reduce(Provenance.NONE, Provenance::and);
    }

    // ---- queries

    private Relation query(JsonNode node, Scope outer) {
        if (++depth > DEEPEST) {
            throw new LakeException(LakeException.Kind.NOT_ALLOWED, "The statement is nested too deeply");
        }
        try {
            Scope scope = withCtes(node.path("cte_map").path("map"), outer);
            return switch (text(node, "type")) {
                case "SELECT_NODE" -> select(node, scope);
                case "SET_OPERATION_NODE" -> set(node, scope);
                case "RECURSIVE_CTE_NODE" -> recursive(node, scope);
                default -> lost("A query of the form " + text(node, "type"));
            };
        } finally {
            depth--;
        }
    }

    private static Relation lost(String why) {
        return new Relation(List.of(new Item("", Provenance.unknown(why))), Provenance.unknown(why));
    }

    private Scope withCtes(JsonNode map, Scope outer) {
        if (map.isEmpty()) {
            return outer;
        }
        Map<String, Supplier<Relation>> known = new HashMap<>(outer.ctes);
        for (JsonNode entry : map) {
            JsonNode value = entry.path("value");
            Scope before = outer.knowing(Map.copyOf(known));
            known.put(
                    lower(text(entry, "key")),
                    once(() -> query(value.path("query_node"), before).called(value.path("aliases"))));
        }
        return outer.knowing(Map.copyOf(known));
    }

    /** A common table that nobody reads has no say. */
    private static Supplier<Relation> once(Supplier<Relation> made) {
        Relation[] kept = new Relation[1];
        return () -> {
            if (kept[0] == null) {
                kept[0] = made.get();
            }
            return kept[0];
        };
    }

    private Relation set(JsonNode node, Scope scope) {
        List<Relation> sides =
                stream(node.path("children")).map(child -> query(child, scope)).toList();
        String operation = text(node, "setop_type");
        Provenance influences = union(sides.stream().map(Relation::influences));
        boolean all = node.path("setop_all").asBoolean(true);
        Relation answer = switch (operation) {
            case "UNION" -> new Relation(byPosition(sides), influences);
            case "UNION_BY_NAME" -> new Relation(byName(sides), influences);
            case "EXCEPT", "INTERSECT" ->
                new Relation(
                        sides.getFirst().columns,
                        influences.and(union(sides.stream().map(Relation::all)).as(Way.FILTER)));
            default -> lost("The set operation " + operation);
        };
        if (operation.startsWith("UNION") && !all) {
            answer = answer.influencedBy(answer.all().as(Way.GROUP_BY));
        }
        return answer.influencedBy(modifiers(node, answer, answer.columns, scope));
    }

    private static List<Item> byPosition(List<Relation> sides) {
        List<Item> columns = new ArrayList<>();
        for (int i = 0; i < sides.getFirst().columns.size(); i++) {
            Provenance from = Provenance.NONE;
            for (Relation side : sides) {
                from = from.and(
                        i < side.columns.size()
                                ? side.columns.get(i).from
                                : Provenance.unknown("A side of a set operation whose columns are not known"));
            }
            int at = i;
            boolean counted = sides.stream().allMatch(side -> at < side.columns.size() && side.columns.get(at).counted);
            columns.add(new Item(sides.getFirst().columns.get(i).name, from, counted));
        }
        return columns;
    }

    private static List<Item> byName(List<Relation> sides) {
        Map<String, Item> columns = new LinkedHashMap<>();
        for (Relation side : sides) {
            for (Item item : side.columns) {
                columns.merge(
                        lower(item.name), item, (a, b) -> new Item(a.name, a.from.and(b.from), a.counted && b.counted));
            }
        }
        return List.copyOf(columns.values());
    }

    /** Each round may only add origins, of which there are no more than columns, so it comes to an end. */
    private Relation recursive(JsonNode node, Scope scope) {
        String name = lower(text(node, "cte_name"));
        Relation known = query(node.path("left"), scope).called(node.path("aliases"));
        if (!node.path("key_targets").isEmpty() || !node.path("union_all").asBoolean(false)) {
            known = known.influencedBy(known.all().as(Way.GROUP_BY));
        }
        while (true) {
            Map<String, Supplier<Relation>> ctes = new HashMap<>(scope.ctes);
            Relation round = known;
            ctes.put(name, () -> round);
            ctes.put("recurring." + name, () -> round);
            Relation next = query(node.path("right"), scope.knowing(ctes));
            List<Item> columns = byPosition(List.of(known, next));
            Relation both = new Relation(columns, known.influences.and(next.influences));
            if (!node.path("union_all").asBoolean(false)) {
                both = both.influencedBy(both.all().as(Way.GROUP_BY));
            }
            if (both.equals(known)) {
                return known;
            }
            known = both;
        }
    }

    private Relation select(JsonNode node, Scope outer) {
        From from = from(node.path("from_table"), outer);
        Scope scope = outer.within(from);
        List<JsonNode> list = stream(node.path("select_list")).toList();
        List<Item> items = new ArrayList<>();
        Map<String, Provenance> given = new HashMap<>();
        Provenance influences = from.influences;
        Provenance grouped = Provenance.NONE;
        for (JsonNode item : list) {
            Scope here = scope.giving(Map.copyOf(given));
            List<Item> expanded = expand(item, here);
            items.addAll(expanded);
            String alias = text(item, "alias");
            if (!alias.isEmpty() && expanded.size() == 1) {
                given.put(lower(alias), expanded.getFirst().from);
            }
            if (!isAggregate(item)) {
                grouped = grouped.and(union(expanded.stream().map(Item::from)));
            }
            influences = influences.and(unnested(item, here).as(Way.JOIN));
        }
        Scope after = scope.giving(Map.copyOf(given));
        influences = influences.and(optional(node.path("where_clause"), after).as(Way.FILTER));
        if (text(node, "aggregate_handling").equals("FORCE_AGGREGATES")) {
            influences = influences.and(grouped.as(Way.GROUP_BY));
        }
        for (JsonNode expression : node.path("group_expressions")) {
            influences = influences.and(place(expression, items, after).as(Way.GROUP_BY));
        }
        influences = influences.and(either(node.path("having"), after).as(Way.FILTER));
        influences = influences.and(either(node.path("qualify"), after).as(Way.FILTER));
        Relation answer = new Relation(items, influences);
        return answer.influencedBy(modifiers(node, answer, items, after));
    }

    private Provenance optional(JsonNode expression, Scope scope) {
        return expression.isMissingNode() ? Provenance.NONE : value(expression, scope);
    }

    /** Where a name may be an item's or a column's, it counts as both. */
    private Provenance either(JsonNode expression, Scope scope) {
        Provenance from = optional(expression, scope);
        for (String name : namesIn(expression)) {
            from = from.and(scope.given.getOrDefault(name, Provenance.NONE));
        }
        return from;
    }

    private static Set<String> namesIn(JsonNode node) {
        Set<String> names = new HashSet<>();
        if (text(node, "class").equals("COLUMN_REF")
                && node.path("column_names").size() == 1) {
            names.add(lower(node.path("column_names").path(0).asString("")));
        }
        for (JsonNode child : node) {
            names.addAll(namesIn(child));
        }
        return names;
    }

    /** A place of the list by its number, or an expression. */
    private Provenance place(JsonNode expression, List<Item> items, Scope scope) {
        JsonNode literal = expression.path("literal");
        if (text(literal, "kind").equals("INTEGER") && text(literal, "text").matches("[0-9]{1,6}")) {
            int position = Integer.parseInt(text(literal, "text"));
            return position >= 1 && position <= items.size()
                    ? items.get(position - 1).from
                    : Provenance.unknown("The place " + position + " of a list");
        }
        if (text(expression, "class").equals("STAR")) {
            return union(items.stream().map(Item::from));
        }
        return either(expression, scope);
    }

    private Provenance modifiers(JsonNode node, Relation answer, List<Item> items, Scope scope) {
        Map<String, Provenance> given = new HashMap<>(scope.given);
        items.forEach(item -> given.merge(lower(item.name), item.from, Provenance::and));
        Scope all = scope.giving(given);
        Provenance influences = Provenance.NONE;
        for (JsonNode modifier : node.path("modifiers")) {
            influences = influences.and(
                    switch (text(modifier, "type")) {
                        case "DISTINCT_MODIFIER" ->
                            (modifier.path("distinct_on_targets").isEmpty()
                                            ? answer.all()
                                            : union(stream(modifier.path("distinct_on_targets"))
                                                    .map(each -> place(each, items, all))))
                                    .as(Way.GROUP_BY);
                        case "ORDER_MODIFIER" ->
                            union(stream(modifier.path("orders"))
                                            .map(order -> place(order.path("expression"), items, all)))
                                    .as(Way.SORT);
                        case "LIMIT_MODIFIER", "LIMIT_PERCENT_MODIFIER" ->
                            optional(modifier.path("limit"), all)
                                    .and(optional(modifier.path("offset"), all))
                                    .as(Way.FILTER);
                        default -> Provenance.unknown("A modifier " + text(modifier, "type"));
                    });
        }
        return influences;
    }

    // ---- what stands behind FROM

    private From from(JsonNode node, Scope outer) {
        return switch (text(node, "type")) {
            case "EMPTY", "EMPTY_FROM", "" -> From.NOTHING;
            case "BASE_TABLE" -> table(node, outer);
            case "SUBQUERY" ->
                named(
                        node,
                        "",
                        query(node.path("subquery").path("node"), outer).called(node.path("column_name_alias")));
            case "EXPRESSION_LIST" -> named(node, "", values(node, outer));
            case "JOIN" -> join(node, outer);
            case "TABLE_FUNCTION" -> function(node, outer);
            case "PIVOT" -> named(node, "", pivot(node, outer).called(node.path("column_name_alias")));
            default -> {
                Relation lost = lost("A table of the form " + text(node, "type"));
                yield named(node, "", lost);
            }
        };
    }

    private static From named(JsonNode node, String otherwise, Relation relation) {
        String alias = text(node, "alias");
        Source source = new Source(alias.isEmpty() ? otherwise : alias, text(node, "schema_name"), relation.columns);
        return new From(List.of(source), Map.of(), relation.influences);
    }

    private From table(JsonNode node, Scope outer) {
        String schema = text(node, "schema_name");
        String name = text(node, "table_name");
        Supplier<Relation> common = outer.ctes.get(schema.isEmpty() ? lower(name) : lower(schema) + "." + lower(name));
        if (common != null) {
            return named(node, name, common.get().called(node.path("column_name_alias")));
        }
        TableName table = new TableName(schema, name);
        List<String> columns = tables.entrySet().stream()
                .filter(each -> each.getKey().toString().equalsIgnoreCase(table.toString()))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElseThrow(() -> new LakeException(LakeException.Kind.NO_SUCH_TABLE, "No such table: " + table));
        TableName known = tables.keySet().stream()
                .filter(each -> each.toString().equalsIgnoreCase(table.toString()))
                .findFirst()
                .orElse(table);
        Relation relation = new Relation(
                columns.stream()
                        .map(column -> new Item(column, Provenance.of(known, column)))
                        .toList(),
                Provenance.NONE);
        return named(node, name, relation.called(node.path("column_name_alias")));
    }

    private Relation values(JsonNode node, Scope outer) {
        List<Relation> rows = stream(node.path("values"))
                .map(row -> new Relation(
                        IntStream.range(0, row.size())
                                .mapToObj(i -> new Item("col" + i, value(row.path(i), outer)))
                                .toList(),
                        Provenance.NONE))
                .toList();
        return new Relation(byPosition(rows), Provenance.NONE).called(node.path("expected_names"));
    }

    /** How many rows it makes depends on what it is given. */
    private From function(JsonNode node, Scope outer) {
        JsonNode call = node.path("function");
        Provenance given =
                union(arguments(call).map(each -> value(each, outer))).transformed();
        String name = text(call, "function_name");
        List<String> columns = switch (name) {
            case "range", "generate_series", "unnest" -> List.of(name);
            case "json_each", "json_tree" -> List.of("key", "value", "type", "atom", "id", "parent", "fullkey", "path");
            default -> List.of();
        };
        Relation relation = columns.isEmpty()
                ? lost("The table function " + name)
                : new Relation(
                        columns.stream().map(each -> new Item(each, given)).toList(), given.as(Way.JOIN));
        return named(node, name, relation.called(node.path("column_name_alias")));
    }

    private From join(JsonNode node, Scope outer) {
        From left = from(node.path("left"), outer);
        // what stands on the right may look at what stands on its left
        From right = from(node.path("right"), outer.within(left));
        String kind = text(node, "join_type");
        Set<String> shared = new LinkedHashSet<>();
        node.path("using_columns").forEach(name -> shared.add(lower(name.asString(""))));
        if (text(node, "ref_type").equals("NATURAL")) {
            Set<String> theirs = visible(right);
            visible(left).stream().filter(theirs::contains).forEach(shared::add);
        }
        Provenance influences = left.influences.and(right.influences);
        Map<String, Provenance> merged = new LinkedHashMap<>(left.merged);
        merged.putAll(right.merged);
        for (String name : shared) {
            Provenance one = lookUp(left, name).orElse(Provenance.NONE);
            Provenance two = lookUp(right, name).orElse(Provenance.NONE);
            merged.put(
                    name,
                    switch (kind) {
                        case "RIGHT" -> two;
                        case "FULL", "OUTER" -> one.and(two).transformed();
                        default -> one;
                    });
            influences = influences.and(one.and(two).as(Way.JOIN));
        }
        List<Source> sources = new ArrayList<>(left.sources);
        boolean leftOnly = kind.equals("SEMI") || kind.equals("ANTI");
        if (!leftOnly) {
            sources.addAll(right.sources);
        }
        List<Source> both = new ArrayList<>(left.sources);
        both.addAll(right.sources);
        From together = new From(both, merged, Provenance.NONE);
        influences = influences.and(
                optional(node.path("condition"), outer.within(together)).as(Way.JOIN));
        return new From(sources, leftOnly ? left.merged : merged, influences);
    }

    private static Set<String> visible(From from) {
        Set<String> names = new LinkedHashSet<>();
        from.sources.forEach(source -> source.columns.forEach(item -> names.add(lower(item.name))));
        return names;
    }

    private Relation pivot(JsonNode node, Scope outer) {
        From source = from(node.path("source"), outer);
        Scope scope = outer.within(source);
        List<Item> all = star(source, "");
        if (!node.path("unpivot_names").isEmpty()) {
            return unpivot(node, source, all, scope);
        }
        Provenance made = Provenance.NONE;
        Provenance chosen = Provenance.NONE;
        Set<String> used = new HashSet<>();
        for (JsonNode aggregate : node.path("aggregates")) {
            used.addAll(namesIn(aggregate));
        }
        List<List<String>> names = new ArrayList<>(List.of(List.of()));
        for (JsonNode pivot : node.path("pivots")) {
            for (JsonNode expression : pivot.path("pivot_expressions")) {
                chosen = chosen.and(value(expression, scope));
                used.addAll(namesIn(expression));
            }
            List<List<String>> longer = new ArrayList<>();
            for (List<String> head : names) {
                for (JsonNode entry : pivot.path("entries")) {
                    List<String> more = new ArrayList<>(head);
                    String alias = text(entry, "alias");
                    more.add(alias.isEmpty() ? text(entry.path("star_expr").path("literal"), "text") : alias);
                    longer.add(more);
                }
            }
            names = longer;
        }
        Set<String> groups = new LinkedHashSet<>();
        node.path("groups").forEach(name -> groups.add(lower(name.asString(""))));
        List<Item> columns = new ArrayList<>();
        for (Item item : all) {
            if (groups.isEmpty() ? !used.contains(lower(item.name)) : groups.contains(lower(item.name))) {
                columns.add(item);
            }
        }
        Provenance grouped = union(columns.stream().map(Item::from)).as(Way.GROUP_BY);
        List<JsonNode> aggregates = stream(node.path("aggregates")).toList();
        for (List<String> name : names) {
            for (JsonNode aggregate : aggregates) {
                made = value(aggregate, scope).and(chosen.as(Way.CONDITIONAL));
                String alias = text(aggregate, "alias");
                String head = String.join("_", name);
                columns.add(new Item(
                        aggregates.size() == 1 && alias.isEmpty() ? head : alias.isEmpty() ? "" : head + "_" + alias,
                        made));
            }
        }
        return new Relation(columns, source.influences.and(grouped));
    }

    private Relation unpivot(JsonNode node, From source, List<Item> all, Scope scope) {
        JsonNode pivot = node.path("pivots").path(0);
        Set<String> turned = namesIn(pivot.path("entries"));
        List<Item> columns = new ArrayList<>(
                all.stream().filter(item -> !turned.contains(lower(item.name))).toList());
        pivot.path("unpivot_names").forEach(name -> columns.add(new Item(name.asString(""), Provenance.NONE)));
        Provenance values = union(stream(pivot.path("entries")).map(entry -> value(entry.path("star_expr"), scope)))
                .transformed();
        node.path("unpivot_names").forEach(name -> columns.add(new Item(name.asString(""), values)));
        Provenance influences = node.path("include_nulls").asBoolean(false)
                ? source.influences
                : source.influences.and(values.as(Way.FILTER));
        return new Relation(columns, influences);
    }

    // ---- stars

    private List<Item> expand(JsonNode item, Scope scope) {
        if (text(item, "class").equals("STAR")) {
            return named(item, chosen(item, scope));
        }
        JsonNode first = item.path("arguments").path(0).path("expression");
        if (text(item, "class").equals("FUNCTION")
                && LIKES.contains(text(item, "function_name"))
                && text(first, "class").equals("STAR")
                && !first.path("columns").asBoolean(false)) {
            return like(item, chosen(first, scope));
        }
        List<JsonNode> stars = new ArrayList<>();
        collectStars(item, stars);
        if (!stars.isEmpty()) {
            return chosen(stars.getFirst(), scope).stream()
                    .map(each -> new Item(
                            text(item, "alias").isEmpty() ? each.name : text(item, "alias"),
                            value(item, scope.starIs(each.from))))
                    .toList();
        }
        Provenance from = value(item, scope);
        JsonNode path = item.path("column_names");
        String alias = text(item, "alias");
        String own = path.isEmpty() ? "" : path.path(path.size() - 1).asString("");
        if (alias.isEmpty() && path.size() == 1 && isRow(scope, own)) {
            own = "";
        }
        return List.of(new Item(alias.isEmpty() ? own : alias, from, isCount(item, scope)));
    }

    /** A count of all there is in the group, or the name of one; of several tables together, each row of the one could be any of the other. */
    private static boolean isCount(JsonNode item, Scope scope) {
        return switch (text(item, "class")) {
            case "FUNCTION" ->
                Set.of("count", "count_star").contains(lower(text(item, "function_name")))
                        && item.path("filter").isMissingNode();
            case "COLUMN_REF" -> {
                JsonNode path = item.path("column_names");
                String name = path.path(path.size() - 1).asString("");
                List<Source> sources = scope.from.sources;
                yield sources.size() == 1
                        && (path.size() == 1
                                || path.size() == 2
                                        && sources.getFirst()
                                                .isCalled(path.path(0).asString("")))
                        && sources.getFirst().find(name).map(Item::counted).orElse(false);
            }
            default -> false;
        };
    }

    private static final Set<String> LIKES =
            Set.of("~~", "!~~", "~~*", "!~~*", "~~~", "like_escape", "regexp_full_match");

    private static boolean isRow(Scope scope, String name) {
        return scope.from.sources.stream().noneMatch(source -> source.find(name).isPresent())
                && scope.from.sources.stream().anyMatch(source -> source.isCalled(name));
    }

    private static List<Item> named(JsonNode star, List<Item> items) {
        String alias = text(star, "alias");
        return alias.isEmpty()
                ? items
                : items.stream().map(item -> item.called(alias)).toList();
    }

    /** The stars of an expression that make one column each, outside of queries within it. */
    private static void collectStars(JsonNode node, List<JsonNode> stars) {
        String kind = text(node, "class");
        if (kind.equals("SUBQUERY") || text(node, "type").equals("OPERATOR_UNPACK")) {
            return;
        }
        if (kind.equals("STAR")) {
            if (node.path("columns").asBoolean(false)) {
                stars.add(node);
            }
            return;
        }
        for (JsonNode child : node) {
            collectStars(child, stars);
        }
    }

    private List<Item> chosen(JsonNode star, Scope scope) {
        List<Item> all = star(scope.from, text(star, "relation_name"));
        Set<String> excluded = new HashSet<>();
        star.path("exclude_list").forEach(name -> excluded.add(lower(name.asString(""))));
        Map<String, JsonNode> replaced = new HashMap<>();
        star.path("replace_list").forEach(each -> replaced.put(lower(text(each, "key")), each.path("value")));
        Map<String, String> renamed = new HashMap<>();
        star.path("rename_list")
                .forEach(each -> renamed.put(lower(text(each.path("key"), "column")), text(each, "value")));
        List<Item> items = new ArrayList<>();
        for (Item item : all) {
            String name = lower(item.name);
            if (excluded.contains(name)) {
                continue;
            }
            JsonNode other = replaced.get(name);
            Item shown = other == null ? item : new Item(item.name, value(other, scope));
            items.add(shown.called(renamed.getOrDefault(name, item.name)));
        }
        for (JsonNode qualified : star.path("qualified_exclude_list")) {
            Set<Provenance> gone = new HashSet<>();
            for (Source source : scope.from.sources) {
                if (source.isCalled(text(qualified, "table"))) {
                    source.find(text(qualified, "column")).ifPresent(item -> gone.add(item.from));
                }
            }
            items.removeIf(item -> item.isCalled(text(qualified, "column")) && gone.contains(item.from));
        }
        return star.has("expr") ? matching(items, star.path("expr")) : items;
    }

    /** Which columns an expression chooses: those a pattern finds, or those of a list. */
    private static List<Item> matching(List<Item> all, JsonNode expression) {
        JsonNode literal = expression.path("literal");
        if (text(literal, "kind").equals("STRING")) {
            try {
                Pattern pattern = Pattern.compile(text(literal, "text"));
                return all.stream()
                        .filter(item -> pattern.matcher(item.name).find())
                        .toList();
            } catch (PatternSyntaxException e) {
                return List.of(new Item("", Provenance.unknown("COLUMNS with a pattern that is read otherwise here")));
            }
        }
        if (text(expression, "function_name").equals("list_value")) {
            List<Item> listed = new ArrayList<>();
            arguments(expression).forEach(each -> {
                String name = text(each, "class").equals("COLUMN_REF")
                        ? each.path("column_names").path(0).asString("")
                        : text(each.path("literal"), "text");
                all.stream().filter(item -> item.isCalled(name)).forEach(listed::add);
            });
            return listed;
        }
        return List.of(new Item("", Provenance.unknown("COLUMNS with a condition")));
    }

    private static List<Item> like(JsonNode item, List<Item> all) {
        String operator = text(item, "function_name");
        JsonNode literal = item.path("arguments").path(1).path("expression").path("literal");
        if (!Set.of("~~", "!~~", "~~*", "!~~*").contains(operator)
                || !text(literal, "kind").equals("STRING")) {
            return List.of(new Item("", Provenance.unknown("A star with the condition " + operator)));
        }
        StringBuilder regex = new StringBuilder();
        for (char c : text(literal, "text").toCharArray()) {
            regex.append(c == '%' ? ".*" : c == '_' ? "." : Pattern.quote(String.valueOf(c)));
        }
        Pattern pattern = Pattern.compile(
                regex.toString(), operator.endsWith("*") ? Pattern.CASE_INSENSITIVE | Pattern.DOTALL : Pattern.DOTALL);
        boolean wanted = !operator.startsWith("!");
        return all.stream()
                .filter(each -> pattern.matcher(each.name).matches() == wanted)
                .toList();
    }

    private static List<Item> star(From from, String relation) {
        List<Item> items = new ArrayList<>();
        Set<String> once = new HashSet<>();
        for (Source source : from.sources) {
            if (!relation.isEmpty() && !source.isCalled(relation)) {
                continue;
            }
            for (Item item : source.columns) {
                Provenance merged = relation.isEmpty() ? from.merged.get(lower(item.name)) : null;
                if (merged == null) {
                    items.add(from.sources.size() == 1 ? item : new Item(item.name, item.from));
                } else if (once.add(lower(item.name))) {
                    items.add(new Item(item.name, merged));
                }
            }
        }
        return items;
    }

    // ---- values

    private Provenance value(JsonNode node, Scope scope) {
        if (++depth > DEEPEST) {
            throw new LakeException(LakeException.Kind.NOT_ALLOWED, "The statement is nested too deeply");
        }
        try {
            return switch (text(node, "class")) {
                case "CONSTANT", "TYPE" -> Provenance.NONE;
                case "COLUMN_REF" -> column(node, scope);
                case "STAR" ->
                    scope.star != null && node.path("columns").asBoolean(false)
                            ? scope.star
                            : union(chosen(node, scope).stream().map(Item::from));
                case "COMPARISON", "CONJUNCTION", "BETWEEN", "OPERATOR", "CAST", "COLLATE" ->
                    children(node, scope).transformed();
                case "CASE" -> cases(node, scope);
                case "SUBQUERY" -> subquery(node, scope);
                case "FUNCTION" -> call(node, scope);
                case "WINDOW" -> window(node, scope);
                case "LAMBDA" -> lambda(node, scope);
                case "POSITIONAL_REFERENCE" -> positional(node, scope);
                default ->
                    children(node, scope)
                            .transformed()
                            .and(Provenance.unknown("An expression of the form " + text(node, "class")));
            };
        } finally {
            depth--;
        }
    }

    /** Of all expressions within. */
    private Provenance children(JsonNode node, Scope scope) {
        Provenance from = Provenance.NONE;
        for (JsonNode child : node) {
            from = from.and(child.has("class") ? value(child, scope) : children(child, scope));
        }
        return from;
    }

    private static Provenance positional(JsonNode node, Scope scope) {
        List<Item> all = star(scope.from, "");
        int index = node.path("index").asInt(0);
        return index >= 1 && index <= all.size()
                ? all.get(index - 1).from
                : Provenance.unknown("The place " + index + " of a table");
    }

    private Provenance column(JsonNode node, Scope scope) {
        List<String> path =
                stream(node.path("column_names")).map(each -> each.asString("")).toList();
        for (Scope at = scope; at != null; at = at.outer) {
            if (path.size() == 1 && at.parameters.contains(lower(path.getFirst()))) {
                return Provenance.NONE;
            }
            Optional<Provenance> found = find(at, path);
            if (found.isPresent()) {
                return found.get();
            }
            if (at.parameters.contains(lower(path.getFirst()))) {
                return Provenance.NONE;
            }
        }
        if (path.size() == 1 && MOMENTS.contains(lower(path.getFirst()))) {
            return Provenance.NONE;
        }
        // only the engine knows what it calls what has no name
        List<Item> nameless = new ArrayList<>();
        for (Scope at = scope; at != null && nameless.isEmpty(); at = at.outer) {
            at.from.sources.forEach(source ->
                    source.columns.stream().filter(item -> item.name.isEmpty()).forEach(nameless::add));
        }
        return nameless.isEmpty()
                ? Provenance.unknown("The name " + String.join(".", path))
                : union(nameless.stream().map(Item::from));
    }

    private static Optional<Provenance> find(Scope scope, List<String> path) {
        String first = path.getFirst();
        if (path.size() > 1) {
            for (Source source : scope.from.sources) {
                if (source.isCalled(first)) {
                    Optional<Item> item = source.find(path.get(1));
                    if (item.isPresent()) {
                        return item.map(found -> path.size() > 2 ? found.from.transformed() : found.from);
                    }
                }
                if (path.size() > 2
                        && source.schema.equalsIgnoreCase(first)
                        && source.isCalled(path.get(1))
                        && source.find(path.get(2)).isPresent()) {
                    return source.find(path.get(2))
                            .map(found -> path.size() > 3 ? found.from.transformed() : found.from);
                }
            }
        }
        Optional<Provenance> own = lookUp(scope.from, first);
        if (own.isPresent()) {
            return path.size() == 1 ? own : own.map(Provenance::transformed);
        }
        Provenance given = scope.given.get(lower(first));
        if (given != null) {
            return Optional.of(path.size() == 1 ? given : given.transformed());
        }
        // a whole row, by the name of what it is of
        return scope.from.sources.stream()
                .filter(source -> source.isCalled(first) && path.size() == 1)
                .findFirst()
                .map(source -> union(source.columns.stream().map(Item::from)).transformed());
    }

    private static Optional<Provenance> lookUp(From from, String name) {
        Provenance merged = from.merged.get(lower(name));
        if (merged != null) {
            return Optional.of(merged);
        }
        return from.sources.stream()
                .flatMap(source -> source.find(name).stream())
                .map(Item::from)
                .findFirst();
    }

    private Provenance cases(JsonNode node, Scope scope) {
        Provenance results = optional(node.path("else_expr"), scope);
        Provenance conditions = Provenance.NONE;
        for (JsonNode check : node.path("case_checks")) {
            conditions = conditions.and(value(check.path("when_expr"), scope));
            results = results.and(value(check.path("then_expr"), scope));
        }
        return results.transformed().and(conditions.as(Way.CONDITIONAL));
    }

    private Provenance subquery(JsonNode node, Scope scope) {
        Relation answer = query(node.path("subquery").path("node"), scope);
        Provenance child = optional(node.path("child"), scope).transformed();
        return switch (text(node, "subquery_type")) {
            case "EXISTS" -> answer.influences.as(Way.CONDITIONAL);
            case "SCALAR" -> answer.all().and(answer.influences);
            case "ANY" -> child.and(answer.all().transformed()).and(answer.influences);
            default -> Provenance.unknown("A subquery of the form " + text(node, "subquery_type"));
        };
    }

    private static Stream<JsonNode> arguments(JsonNode call) {
        return stream(call.path("arguments"))
                .map(argument -> argument.has("expression") ? argument.path("expression") : argument);
    }

    private Provenance call(JsonNode node, Scope scope) {
        String name = lower(text(node, "function_name"));
        Provenance given = union(arguments(node).map(each -> value(each, scope)));
        Provenance rest = optional(node.path("filter"), scope)
                .as(Way.CONDITIONAL)
                .and(union(stream(node.path("order_bys").path("orders"))
                                .map(order -> value(order.path("expression"), scope)))
                        .as(Way.SORT));
        return applied(name, given).and(rest);
    }

    private Provenance applied(String name, Provenance given) {
        if (COUNTS.contains(name)) {
            return given.counted();
        }
        return aggregates.contains(name) ? given.aggregated() : given.transformed();
    }

    private Provenance window(JsonNode node, Scope scope) {
        String name = lower(text(node, "function_name"));
        Provenance given = union(arguments(node).map(each -> value(each, scope)));
        Provenance over = union(stream(node.path("partitions")).map(each -> value(each, scope)))
                .and(union(Stream.of("orders", "arg_orders")
                        .flatMap(list -> stream(node.path(list)))
                        .map(order -> value(order.path("expression"), scope))))
                .and(union(Stream.of("start_expr", "end_expr", "offset_expr", "default_expr")
                        .map(each -> optional(node.path(each), scope))));
        return applied(name, given)
                .and(over.as(Way.WINDOW))
                .and(optional(node.path("filter"), scope).as(Way.CONDITIONAL));
    }

    /** What a list is turned into for each of its elements; or, where an arrow is written, a part of a JSON value. */
    private Provenance lambda(JsonNode node, Scope scope) {
        return text(node, "syntax_type").equals("LAMBDA_KEYWORD")
                ? value(node.path("expr"), scope.with(namesIn(node.path("lhs"))))
                : value(node.path("lhs"), scope)
                        .and(value(node.path("expr"), scope))
                        .transformed();
    }

    /** What is unnested among the columns decides how many rows there are. */
    private Provenance unnested(JsonNode node, Scope scope) {
        if (text(node, "class").equals("SUBQUERY")) {
            return Provenance.NONE;
        }
        if (Set.of("unnest", "unlist", "generate_subscripts").contains(lower(text(node, "function_name")))) {
            return union(arguments(node).map(each -> value(each, scope)));
        }
        return union(stream(node).map(child -> unnested(child, scope)));
    }

    private boolean isAggregate(JsonNode node) {
        String kind = text(node, "class");
        if (kind.equals("SUBQUERY") || kind.equals("WINDOW")) {
            return false;
        }
        return kind.equals("FUNCTION") && aggregates.contains(lower(text(node, "function_name")))
                || stream(node).anyMatch(this::isAggregate);
    }

    private static String lower(String name) {
        return name.toLowerCase(Locale.ROOT);
    }

    private static String text(JsonNode node, String name) {
        return node.path(name).asString("");
    }

    private static Stream<JsonNode> stream(JsonNode node) {
        return StreamSupport.stream(node.spliterator(), false);
    }
}

package org.qiantang.lake;

import static java.util.Objects.requireNonNull;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
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
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * For which rows of its tables a statement has to be asked again when only some keys of its answer matter. A column of the answer is
 * <em>bound</em> to a place where a table stands in the statement by an expression over that table's columns: the rows of the answer in
 * which the column is {@code v} need no rows of the table but those for which the expression is {@code v}, whatever the tables hold. It is
 * read off the tree that the engine's own parser made; a form that is not known here binds nothing.
 *
 * <p>Bound by one column and bound by another is bound by both together, because each holds for whatever rows are left.
 */
final class KeyLocality {
    private static final int DEEPEST = 400;
    private static final int MOST_PLACES = 400;

    /** A value of one of these types is equal to no other value: it may stand for whatever is computed of it. */
    private static final Set<String> EXACT = Set.of(
            "BOOLEAN",
            "TINYINT",
            "SMALLINT",
            "INTEGER",
            "BIGINT",
            "HUGEINT",
            "UTINYINT",
            "USMALLINT",
            "UINTEGER",
            "UBIGINT",
            "UHUGEINT",
            "VARCHAR",
            "DATE",
            "TIME",
            "TIMESTAMP",
            "TIMESTAMP WITH TIME ZONE",
            "UUID",
            "BLOB");

    private static final Set<String> MOMENTS = Set.of(
            "current_date",
            "current_time",
            "current_timestamp",
            "localtime",
            "localtimestamp",
            "today",
            "get_current_timestamp");

    /** What these give depends on the order in which rows happen to come, or on chance. */
    private static final Set<String> UNORDERED = Set.of(
            "first",
            "last",
            "any_value",
            "arbitrary",
            "list",
            "array_agg",
            "string_agg",
            "group_concat",
            "listagg",
            "mode",
            "approx_quantile",
            "approx_top_k",
            "reservoir_quantile",
            "lttb");

    private static final Set<String> MANY_ROWS = Set.of("unnest", "unlist", "generate_subscripts");

    private static final Set<String> NOT_OF_ONE_ROW =
            Set.of("SUBQUERY", "WINDOW", "LAMBDA", "STAR", "POSITIONAL_REFERENCE", "PARAMETER", "DEFAULT", "COLLATE");

    private final Connection connection;
    private final Map<TableName, Map<String, String>> tables;
    private final Functions functions;
    private final Map<String, List<JsonNode>> definitions = new HashMap<>();
    private final List<Place> places = new ArrayList<>();
    private final Set<TableName> unbound = new TreeSet<>();
    private final Map<String, String> types = new HashMap<>();
    private final Map<JsonNode, String> texts = new HashMap<>();
    private final ObjectNode select;
    private boolean named = true;
    private int depth;

    private KeyLocality(Connection connection, Map<TableName, Map<String, String>> tables, Functions functions) {
        this.connection = connection;
        this.tables = tables;
        this.functions = functions;
        this.select = (ObjectNode) StatementGuard.tree(connection, "SELECT 1");
    }

    /** What was found out about a statement. */
    sealed interface Found permits Local, Moment {}

    /**
     * Its answer depends on its tables alone.
     *
     * @param columns the answer's, with their types
     * @param bound by column of the key, then by table: the expression for each place of the table; a table is not named unless it is
     *     bound wherever it stands
     * @param named whether the statement means columns by their names only, so that those it does not name may be left out
     */
    record Local(List<RowSink.ResultColumn> columns, Map<String, Map<TableName, List<String>>> bound, boolean named)
            implements Found {
        Local {
            columns = List.copyOf(columns);
            bound = Map.copyOf(bound);
        }

        /** The tables that a column is bound to. */
        Set<TableName> tables(String column) {
            return bound.getOrDefault(column, Map.of()).keySet();
        }

        /** What it is bound to at each place of a table. */
        List<String> expressions(String column, TableName table) {
            return bound.getOrDefault(column, Map.of()).getOrDefault(table, List.of());
        }
    }

    /** Its answer depends on the moment, on chance, or on the order in which rows happen to come. */
    record Moment(String what) implements Found {}

    /**
     * @param connection to an engine in which the tables are, with or without rows
     * @param tables the tables that the statement may read
     * @param key columns of the answer
     */
    static Found of(Connection connection, String sql, Set<TableName> tables, List<String> key) throws SQLException {
        Map<TableName, Map<String, String>> shapes = new TreeMap<>();
        for (TableName table : tables) {
            Map<String, String> shape = new LinkedHashMap<>();
            for (RowSink.ResultColumn column : Lake.describe(connection, "SELECT * FROM " + Sql.table(table))) {
                shape.put(column.name(), column.type());
            }
            shapes.put(table, shape);
        }
        List<RowSink.ResultColumn> columns = Lake.describe(connection, sql);
        KeyLocality locality = new KeyLocality(connection, shapes, Functions.of(connection));
        JsonNode tree =
                StatementGuard.tree(connection, sql).path("statements").path(0).path("node");
        try {
            locality.look(tree);
            return locality.found(locality.query(tree, Scope.NONE), columns, key);
        } catch (MomentFound e) {
            return new Moment(e.what);
        } catch (TooMuch e) {
            return new Local(columns, Map.of(), false);
        }
    }

    private Found found(Relation answer, List<RowSink.ResultColumn> columns, List<String> key) throws SQLException {
        Map<String, Map<TableName, List<String>>> bound = new LinkedHashMap<>();
        if (answer.lost || answer.items.size() != columns.size()) {
            return new Local(columns, bound, false);
        }
        for (int i = 0; i < columns.size(); i++) {
            if (!key.contains(columns.get(i).name())) {
                continue;
            }
            Bound of = answer.items.get(i).bound;
            Map<TableName, List<String>> by = new TreeMap<>();
            for (TableName table : tables.keySet()) {
                List<Place> its =
                        places.stream().filter(each -> each.table.equals(table)).toList();
                if (its.isEmpty()
                        || unbound.contains(table)
                        || !of.type.equals(columns.get(i).type())
                        || !of.by.keySet().containsAll(its)) {
                    continue;
                }
                List<String> expressions = new ArrayList<>();
                for (Place place : its) {
                    expressions.add(text(requireNonNull(of.by.get(place))));
                }
                by.put(table, expressions);
            }
            if (!by.isEmpty()) {
                bound.put(columns.get(i).name(), by);
            }
        }
        return new Local(columns, bound, named);
    }

    // ---- what is true of the whole statement

    /** Refuses what depends on more than rows, and notes which common tables there are. */
    private void look(JsonNode node) {
        if (node.isObject()) {
            String name = lower(string(node, "function_name"));
            if (!name.isEmpty()) {
                look(node, name);
            }
            if (string(node, "class").equals("COLUMN_REF")
                    && node.path("column_names").size() == 1) {
                String column = lower(node.path("column_names").path(0).asString(""));
                if (MOMENTS.contains(column)) {
                    throw new MomentFound(column);
                }
            }
            named &= !string(node, "class").equals("POSITIONAL_REFERENCE")
                    && (!string(node, "type").equals("BASE_TABLE")
                            || node.path("column_name_alias").isEmpty());
            if (node.path("sample").isObject()) {
                throw new MomentFound("TABLESAMPLE");
            }
            for (JsonNode entry : node.path("cte_map").path("map")) {
                definitions
                        .computeIfAbsent(lower(string(entry, "key")), any -> new ArrayList<>())
                        .add(entry.path("value"));
            }
        }
        for (JsonNode child : node) {
            look(child);
        }
    }

    private void look(JsonNode call, String name) {
        boolean window = string(call, "class").equals("WINDOW");
        if (!functions.known.contains(name)
                || name.equals("age") && call.path("arguments").size() < 2) {
            throw new MomentFound(name);
        }
        if (call.path("schema").asString("").length()
                        + call.path("catalog").asString("").length()
                > 0) {
            throw new MomentFound(name);
        }
        if (window) {
            boolean ordered =
                    !call.path("orders").isEmpty() || !call.path("arg_orders").isEmpty();
            boolean framed = !string(call, "start").equals("UNBOUNDED_PRECEDING")
                    || !string(call, "end").equals("CURRENT_ROW_RANGE")
                    || !string(call, "exclude_clause").equals("NO_OTHER");
            if (!ordered && (framed || !functions.aggregates.contains(name) || UNORDERED.contains(name))) {
                throw new MomentFound(name);
            }
        } else if (UNORDERED.contains(name)
                && call.path("order_bys").path("orders").isEmpty()) {
            throw new MomentFound(name);
        }
    }

    /**
     * What the engine's functions are like.
     *
     * @param known those that give the same for the same, whenever
     */
    private record Functions(Set<String> known, Set<String> aggregates) {
        private static volatile @Nullable Functions kept;

        /** Every engine of a process has the same. */
        static Functions of(Connection connection) throws SQLException {
            Functions before = kept;
            if (before == null) {
                before = read(connection);
                kept = before;
            }
            return before;
        }

        private static Functions read(Connection connection) throws SQLException {
            Set<String> known = new HashSet<>();
            Set<String> aggregates = new HashSet<>();
            Set<String> refused = new HashSet<>(MOMENTS);
            Map<String, String> macros = new HashMap<>();
            refused.addAll(MANY_ROWS);
            try (Statement statement = connection.createStatement();
                    ResultSet rows = statement.executeQuery(
                            "SELECT function_name, function_type, stability, macro_definition FROM duckdb_functions()")) {
                while (rows.next()) {
                    String name = rows.getString(1).toLowerCase(Locale.ROOT);
                    switch (rows.getString(2)) {
                        case "macro" -> macros.merge(name, rows.getString(4), (one, two) -> one + " " + two);
                        case "aggregate", "window", "scalar" -> {
                            if (!"CONSISTENT".equals(rows.getString(3))) {
                                refused.add(name);
                            } else if (rows.getString(2).equals("scalar")) {
                                known.add(name);
                            } else {
                                if (rows.getString(2).equals("aggregate")) {
                                    aggregates.add(name);
                                }
                                known.add(name);
                            }
                        }
                        default -> {}
                    }
                }
            }
            // What a macro is made of counts; one that hides an aggregate is not followed.
            Set<String> hiding = new HashSet<>(refused);
            hiding.addAll(aggregates);
            boolean more = true;
            while (more) {
                more = false;
                for (Map.Entry<String, String> macro : macros.entrySet()) {
                    if (!hiding.contains(macro.getKey())
                            && Stream.of(macro.getValue()
                                            .toLowerCase(Locale.ROOT)
                                            .split("[^a-z0-9_]+"))
                                    .anyMatch(hiding::contains)) {
                        more |= hiding.add(macro.getKey());
                        refused.add(macro.getKey());
                    }
                }
            }
            known.addAll(macros.keySet());
            known.addAll(Set.of("range", "generate_series", "json_each", "json_tree"));
            known.removeAll(refused);
            known.addAll(MANY_ROWS);
            return new Functions(known, aggregates);
        }
    }

    private static final class MomentFound extends RuntimeException {
        private static final long serialVersionUID = 1;
        private final String what;

        MomentFound(String what) {
            super(what);
            this.what = what;
        }
    }

    /** More places than are worth following. */
    private static final class TooMuch extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    // ---- what names mean

    /** Where a table stands in a statement; each use of a common table is another. */
    private record Place(int number, TableName table) {}

    /**
     * Where a column's values come from.
     *
     * @param type the engine's; empty when it is not known
     * @param by for each place to which it is bound the expression over that table's columns, of the same type
     */
    private record Bound(String type, Map<Place, JsonNode> by) {
        static final Bound NONE = new Bound("", Map.of());

        Bound {
            by = Map.copyOf(by);
        }

        Bound unbound() {
            return new Bound(type, Map.of());
        }

        /** With what another value is bound to as well that is equal to this one. */
        Bound and(Bound equal) {
            if (!type.equals(equal.type) || !isExact(type)) {
                return this;
            }
            Map<Place, JsonNode> both = new HashMap<>(equal.by);
            both.putAll(by);
            return new Bound(type, both);
        }
    }

    private record Item(String name, Bound bound) {}

    /** @param lost whether not even its columns are known */
    private record Relation(List<Item> items, boolean lost) {
        static final Relation LOST = new Relation(List.of(), true);

        Relation {
            items = List.copyOf(items);
        }

        Relation unbound() {
            return new Relation(
                    items.stream()
                            .map(item -> new Item(item.name, item.bound.unbound()))
                            .toList(),
                    lost);
        }

        Relation called(JsonNode aliases) {
            List<Item> renamed = new ArrayList<>(items);
            for (int i = 0; i < Math.min(aliases.size(), renamed.size()); i++) {
                renamed.set(i, new Item(aliases.path(i).asString(""), renamed.get(i).bound));
            }
            return new Relation(renamed, lost);
        }
    }

    /** A column of what stands behind FROM; joins and conditions may bind it further. */
    private static final class Col {
        private final String name;
        private Bound bound;
        /** Columns that have the same value wherever this one is not null. */
        private final Set<Col> follows = new LinkedHashSet<>();

        Col(String name, Bound bound) {
            this.name = name;
            this.bound = bound;
        }

        /** All columns whose value this one's is, unless it is null; itself too. */
        Set<Col> leaders() {
            Set<Col> all = new LinkedHashSet<>();
            List<Col> open = new ArrayList<>(List.of(this));
            while (!open.isEmpty()) {
                Col next = open.removeLast();
                if (all.add(next)) {
                    open.addAll(next.follows);
                }
            }
            return all;
        }
    }

    /** @param lost whether it may have other columns too */
    private record Source(String alias, String schema, List<Col> columns, boolean lost) {
        List<Col> find(String name) {
            return columns.stream()
                    .filter(each -> each.name.equalsIgnoreCase(name))
                    .toList();
        }
    }

    /** @param merged what two sides share by USING */
    private record From(List<Source> sources, Map<String, Col> merged) {
        static final From NOTHING = new From(List.of(), Map.of());

        boolean lost() {
            return sources.stream().anyMatch(Source::lost);
        }

        Stream<Col> columns() {
            return Stream.concat(sources.stream().flatMap(each -> each.columns.stream()), merged.values().stream());
        }

        From unbound() {
            columns().forEach(each -> {
                each.bound = each.bound.unbound();
                each.follows.clear();
            });
            return this;
        }
    }

    private record Scope(Map<String, Supplier<Relation>> ctes) {
        static final Scope NONE = new Scope(Map.of());
    }

    // ---- queries

    private Relation query(JsonNode node, Scope outer) throws SQLException {
        if (++depth > DEEPEST) {
            throw new TooMuch();
        }
        try {
            Scope scope = withCtes(node.path("cte_map").path("map"), outer);
            return switch (string(node, "type")) {
                case "SELECT_NODE" -> select(node, scope);
                case "SET_OPERATION_NODE" -> set(node, scope);
                default -> lost(node);
            };
        } finally {
            depth--;
        }
    }

    private Scope withCtes(JsonNode map, Scope outer) {
        if (map.isEmpty()) {
            return outer;
        }
        Map<String, Supplier<Relation>> known = new HashMap<>(outer.ctes);
        for (JsonNode entry : map) {
            JsonNode value = entry.path("value");
            Scope before = new Scope(Map.copyOf(known));
            known.put(lower(string(entry, "key")), () -> {
                try {
                    return query(value.path("query_node"), before).called(value.path("aliases"));
                } catch (SQLException e) {
                    throw Lake.failure("The statement cannot be read", e);
                }
            });
        }
        return new Scope(Map.copyOf(known));
    }

    private Relation lost(JsonNode node) {
        unbind(node);
        return Relation.LOST;
    }

    /** Nothing is known of how the tables within are read. */
    private void unbind(JsonNode node) {
        unbind(node, new HashSet<>());
    }

    private void unbind(JsonNode node, Set<String> seen) {
        if (string(node, "type").equals("BASE_TABLE")) {
            if (string(node, "schema_name").isEmpty()) {
                String name = lower(string(node, "table_name"));
                if (seen.add(name)) {
                    definitions.getOrDefault(name, List.of()).forEach(each -> unbind(each, seen));
                }
            } else {
                table(node).ifPresentOrElse(unbound::add, () -> unbound.addAll(tables.keySet()));
            }
        }
        for (JsonNode child : node) {
            unbind(child, seen);
        }
    }

    private void unbindSubqueries(JsonNode node) {
        if (string(node, "class").equals("SUBQUERY")) {
            unbind(node);
            return;
        }
        for (JsonNode child : node) {
            unbindSubqueries(child);
        }
    }

    private Optional<TableName> table(JsonNode node) {
        String name = string(node, "schema_name") + "." + string(node, "table_name");
        return tables.keySet().stream()
                .filter(each -> each.toString().equalsIgnoreCase(name))
                .findFirst();
    }

    private Relation set(JsonNode node, Scope scope) throws SQLException {
        List<Relation> sides = new ArrayList<>();
        for (JsonNode child : node.path("children")) {
            sides.add(query(child, scope));
        }
        unbindSubqueries(node.path("modifiers"));
        if (sides.isEmpty()
                || !Set.of("UNION", "EXCEPT", "INTERSECT").contains(string(node, "setop_type"))
                || sides.stream()
                        .anyMatch(side -> side.lost
                                || side.items.size() != sides.getFirst().items.size())) {
            return Relation.LOST;
        }
        List<Item> items = new ArrayList<>();
        for (int i = 0; i < sides.getFirst().items.size(); i++) {
            Bound bound = sides.getFirst().items.get(i).bound;
            for (Relation side : sides.subList(1, sides.size())) {
                Bound other = side.items.get(i).bound;
                // Where types differ, values are turned into others before they are compared.
                bound = bound.type.equals(other.type) && isExact(bound.type) ? bound.and(other) : Bound.NONE;
            }
            items.add(new Item(sides.getFirst().items.get(i).name, bound));
        }
        Relation answer = new Relation(items, false);
        boolean plain = stream(node.path("modifiers"))
                .allMatch(each -> string(each, "type").equals("ORDER_MODIFIER")
                        || string(each, "type").equals("DISTINCT_MODIFIER")
                                && each.path("distinct_on_targets").isEmpty());
        return plain ? answer : answer.unbound();
    }

    private Relation select(JsonNode node, Scope scope) throws SQLException {
        From from = from(node.path("from_table"), scope);
        for (String part :
                List.of("select_list", "where_clause", "group_expressions", "having", "qualify", "modifiers")) {
            unbindSubqueries(node.path(part));
        }
        for (JsonNode conjunct : conjuncts(node.path("where_clause"))) {
            if (isEquality(conjunct)) {
                JsonNode one = conjunct.path("left");
                JsonNode two = conjunct.path("right");
                bind(one, two, from);
                bind(two, one, from);
                Col left = plain(one, from);
                Col right = plain(two, from);
                if (left != null && right != null && sameExact(left, right)) {
                    left.follows.add(right);
                    right.follows.add(left);
                }
            }
        }
        List<Listed> list = new ArrayList<>();
        boolean many = false;
        for (JsonNode item : node.path("select_list")) {
            many |= !expand(item, from, list);
        }
        if (many) {
            return Relation.LOST;
        }
        List<JsonNode> groups = stream(node.path("group_expressions")).toList();
        boolean all = string(node, "aggregate_handling").equals("FORCE_AGGREGATES");
        boolean grouped = all
                || !groups.isEmpty()
                || isAggregate(node.path("select_list"))
                || isAggregate(node.path("having"))
                || isAggregate(node.path("qualify"))
                || isAggregate(node.path("modifiers"));
        boolean odd = !string(node, "aggregate_handling").equals("STANDARD_HANDLING") && !all;
        odd |= node.path("group_sets").size() > 1
                || !groups.isEmpty() && node.path("group_sets").path(0).size() != groups.size();
        List<JsonNode> windows = new ArrayList<>();
        windows(node.path("select_list"), windows);
        windows(node.path("qualify"), windows);
        windows(node.path("modifiers"), windows);
        List<Item> items = new ArrayList<>();
        for (Listed item : list) {
            Bound bound = odd ? Bound.NONE : item.bound(this, from);
            if (grouped && !all && !within(item, groups, list, from)) {
                bound = bound.unbound();
            }
            if (grouped && (groups.isEmpty() && !all || item.expression != null && isAggregate(item.expression))) {
                bound = bound.unbound();
            }
            for (JsonNode window : windows) {
                // A number among these is a number, not a place in the list.
                List<JsonNode> partitions = stream(window.path("partitions"))
                        .filter(each -> !string(each, "class").equals("CONSTANT"))
                        .toList();
                if (!within(item, partitions, list, from)) {
                    bound = bound.unbound();
                }
            }
            for (JsonNode modifier : node.path("modifiers")) {
                bound = switch (string(modifier, "type")) {
                    case "ORDER_MODIFIER" -> bound;
                    case "DISTINCT_MODIFIER" -> {
                        List<JsonNode> on =
                                stream(modifier.path("distinct_on_targets")).toList();
                        yield on.isEmpty() || within(item, on, list, from) ? bound : bound.unbound();
                    }
                    default -> bound.unbound();
                };
            }
            items.add(new Item(item.name, bound));
        }
        return new Relation(items, false);
    }

    /**
     * Something of a select list.
     *
     * @param expression as it is written; null when a star stands for it
     * @param column when it is just that
     */
    private record Listed(
            String name,
            String alias,
            @Nullable JsonNode expression,
            @Nullable Col column) {
        Bound bound(KeyLocality locality, From from) throws SQLException {
            return column != null ? column.bound : expression != null ? locality.bound(expression, from) : Bound.NONE;
        }
    }

    /** @return whether it is known for which columns it stands */
    private boolean expand(JsonNode item, From from, List<Listed> into) {
        if (!string(item, "class").equals("STAR")) {
            if (containsStar(item)) {
                return false;
            }
            Col column = plain(item, from);
            JsonNode path = item.path("column_names");
            String alias = string(item, "alias");
            String own = path.isEmpty() ? "" : path.path(path.size() - 1).asString("");
            into.add(new Listed(alias.isEmpty() ? own : alias, alias, item, column));
            return true;
        }
        if (from.lost()
                || item.path("columns").asBoolean(false)
                || item.path("expr").isObject()
                || !item.path("replace_list").isEmpty()
                || !item.path("rename_list").isEmpty()
                || !item.path("qualified_exclude_list").isEmpty()
                || !string(item, "alias").isEmpty()) {
            return false;
        }
        Set<String> left = new HashSet<>();
        item.path("exclude_list").forEach(name -> left.add(lower(name.asString(""))));
        String of = string(item, "relation_name");
        Set<String> once = new HashSet<>();
        for (Source source : from.sources) {
            if (!of.isEmpty() && !source.alias.equalsIgnoreCase(of)) {
                continue;
            }
            for (Col column : source.columns) {
                String name = lower(column.name);
                Col merged = of.isEmpty() ? from.merged.get(name) : null;
                if (!left.contains(name) && (merged == null || once.add(name))) {
                    into.add(new Listed(column.name, "", null, merged == null ? column : merged));
                }
            }
        }
        return true;
    }

    /** Stars within an expression; {@code count(*)} has none. */
    private static boolean containsStar(JsonNode node) {
        if (string(node, "class").equals("STAR")) {
            return true;
        }
        if (string(node, "class").equals("SUBQUERY")) {
            return false;
        }
        return stream(node).anyMatch(KeyLocality::containsStar);
    }

    /** Whether an item has one value wherever these expressions have the same values. */
    private boolean within(Listed item, List<JsonNode> expressions, List<Listed> list, From from) {
        Set<Col> columns = new HashSet<>();
        for (JsonNode expression : expressions) {
            Listed meant = meant(expression, list, from);
            if (meant == item) {
                return true;
            }
            if (meant != null) {
                if (meant.column != null) {
                    columns.add(meant.column);
                }
                continue;
            }
            Col column = plain(expression, from);
            if (column != null) {
                columns.add(column);
            } else if (item.expression != null
                    && !isAmbiguous(expression, list, from)
                    && essence(item.expression).equals(essence(expression))) {
                return true;
            }
        }
        if (item.column != null) {
            return columns.contains(item.column) && isExact(item.column.bound.type);
        }
        if (item.expression == null || !isOfOneRow(item.expression)) {
            return false;
        }
        List<JsonNode> references = references(item.expression);
        return !references.isEmpty()
                && references.stream().allMatch(reference -> {
                    Col column = plain(reference, from);
                    return column != null && columns.contains(column) && isExact(column.bound.type);
                });
    }

    /** The item that a place in the list, or a name that is no column's, means. */
    private @Nullable Listed meant(JsonNode expression, List<Listed> list, From from) {
        JsonNode literal = expression.path("literal");
        if (string(literal, "kind").equals("INTEGER") && string(literal, "text").matches("[0-9]{1,6}")) {
            int position = Integer.parseInt(string(literal, "text"));
            return position >= 1 && position <= list.size() ? list.get(position - 1) : null;
        }
        JsonNode path = expression.path("column_names");
        if (path.size() != 1 || from.lost()) {
            return null;
        }
        String name = path.path(0).asString("");
        List<Listed> called =
                list.stream().filter(each -> each.alias.equalsIgnoreCase(name)).toList();
        return called.size() == 1 && find(from, name).isEmpty() ? called.getFirst() : null;
    }

    /** Whether a name in an expression could be an item's as well as a column's. */
    private static boolean isAmbiguous(JsonNode expression, List<Listed> list, From from) {
        return references(expression).stream()
                .filter(each -> each.path("column_names").size() == 1)
                .map(each -> each.path("column_names").path(0).asString(""))
                .anyMatch(name -> list.stream()
                        .anyMatch(item -> item.alias.equalsIgnoreCase(name)
                                && (item.column == null || !find(from, name).equals(List.of(item.column)))));
    }

    // ---- what stands behind FROM

    private From from(JsonNode node, Scope scope) throws SQLException {
        return switch (string(node, "type")) {
            case "EMPTY", "EMPTY_FROM", "" -> From.NOTHING;
            case "BASE_TABLE" -> base(node, scope);
            case "SUBQUERY" ->
                named(
                        node,
                        "",
                        query(node.path("subquery").path("node"), scope).called(node.path("column_name_alias")));
            case "JOIN" -> join(node, scope);
            default -> {
                unbind(node);
                yield named(node, "", Relation.LOST);
            }
        };
    }

    private static From named(JsonNode node, String otherwise, Relation relation) {
        String alias = string(node, "alias");
        return new From(
                List.of(new Source(
                        alias.isEmpty() ? otherwise : alias,
                        alias.isEmpty() ? string(node, "schema_name") : "",
                        relation.items.stream()
                                .map(item -> new Col(item.name, item.bound))
                                .toList(),
                        relation.lost)),
                Map.of());
    }

    private From base(JsonNode node, Scope scope) {
        String name = string(node, "table_name");
        if (string(node, "schema_name").isEmpty()) {
            Supplier<Relation> common = scope.ctes.get(lower(name));
            Relation relation = common == null ? lost(node) : common.get();
            return named(node, name, relation.called(node.path("column_name_alias")));
        }
        Optional<TableName> table = table(node);
        if (table.isEmpty() || node.path("at_clause").isObject()) {
            return named(node, name, lost(node));
        }
        if (places.size() == MOST_PLACES) {
            throw new TooMuch();
        }
        Place place = new Place(places.size(), table.get());
        places.add(place);
        List<Item> items = new ArrayList<>();
        tables.getOrDefault(table.get(), Map.of()).forEach((column, type) -> {
            ObjectNode reference = JSON.createObjectNode();
            reference.put("class", "COLUMN_REF");
            reference.put("type", "COLUMN_REF");
            reference.put("alias", "");
            reference.put("query_location", 0);
            reference.putArray("column_names").add(column);
            items.add(new Item(
                    column, new Bound(type, isExact(type) ? Map.of(place, (JsonNode) reference) : Map.of())));
        });
        return named(node, name, new Relation(items, false).called(node.path("column_name_alias")));
    }

    private static final JsonMapper JSON = JsonMapper.shared();

    private From join(JsonNode node, Scope scope) throws SQLException {
        From left = from(node.path("left"), scope);
        From right = from(node.path("right"), scope);
        JsonNode condition = node.path("condition");
        unbindSubqueries(condition);
        String kind = string(node, "join_type");
        List<Source> both = new ArrayList<>(left.sources);
        both.addAll(right.sources);
        Map<String, Col> merged = new LinkedHashMap<>(left.merged);
        right.merged.forEach(merged::putIfAbsent);
        List<String> shared = stream(node.path("using_columns"))
                .map(name -> lower(name.asString("")))
                .toList();
        boolean known = Set.of("REGULAR", "CROSS").contains(string(node, "ref_type"))
                && Set.of("INNER", "LEFT", "RIGHT", "OUTER", "FULL", "SEMI", "ANTI")
                        .contains(kind)
                && !node.path("ranking_expression").isObject();
        if (!known || !shared.isEmpty() && (left.lost() || right.lost())) {
            // Which columns a star stands for is not known either.
            From together = new From(both, merged).unbound();
            return new From(
                    together.sources.stream()
                            .map(each -> new Source(each.alias, each.schema, List.of(), true))
                            .toList(),
                    Map.of());
        }
        boolean full = kind.equals("OUTER") || kind.equals("FULL");
        List<Pair> pairs = new ArrayList<>();
        for (String name : shared) {
            List<Col> one = find(left, name);
            List<Col> two = find(right, name);
            if (one.size() != 1 || two.size() != 1) {
                return lostJoin(both);
            }
            Col first = one.getFirst();
            Col second = two.getFirst();
            if (full) {
                // The value of whichever side there is; both are read for it alone.
                Bound shares = first.bound.type.equals(second.bound.type) && isExact(first.bound.type)
                        ? first.bound.and(second.bound)
                        : Bound.NONE;
                merged.put(name, new Col(first.name, shares));
            } else {
                merged.put(name, kind.equals("RIGHT") ? second : first);
                pairs.add(new Pair(first, first.bound, second, second.bound));
            }
        }
        if (full) {
            left.unbound();
            right.unbound();
            return new From(both, merged);
        }
        for (JsonNode conjunct : conjuncts(condition)) {
            if (isEquality(conjunct)) {
                Pair pair = pair(conjunct.path("left"), conjunct.path("right"), left, right);
                if (pair == null) {
                    pair = pair(conjunct.path("right"), conjunct.path("left"), left, right);
                }
                if (pair != null) {
                    pairs.add(pair);
                }
            }
        }
        boolean ofLeft = !kind.equals("RIGHT");
        boolean ofRight = kind.equals("INNER") || kind.equals("RIGHT");
        if (kind.equals("LEFT")) {
            right.columns().forEach(each -> each.bound = each.bound.unbound());
        } else if (kind.equals("RIGHT")) {
            left.columns().forEach(each -> each.bound = each.bound.unbound());
        }
        for (Pair pair : pairs) {
            if (ofLeft && pair.left != null) {
                pair.left.leaders().forEach(each -> each.bound = each.bound.and(pair.boundRight));
            }
            if (ofRight && pair.right != null) {
                pair.right.leaders().forEach(each -> each.bound = each.bound.and(pair.boundLeft));
            }
        }
        for (Pair pair : pairs) {
            if (pair.left != null && pair.right != null && sameExact(pair.left, pair.right)) {
                if (ofLeft) {
                    pair.right.follows.add(pair.left);
                }
                if (ofRight) {
                    pair.left.follows.add(pair.right);
                }
            }
        }
        boolean leftOnly = kind.equals("SEMI") || kind.equals("ANTI");
        return leftOnly ? new From(left.sources, left.merged) : new From(both, merged);
    }

    private static From lostJoin(List<Source> both) {
        new From(both, Map.of()).unbound();
        return new From(
                both.stream()
                        .map(each -> new Source(each.alias, each.schema, List.of(), true))
                        .toList(),
                Map.of());
    }

    /** Two values that a join makes equal, and where they are just columns these. */
    private record Pair(
            @Nullable Col left, Bound boundLeft, @Nullable Col right, Bound boundRight) {}

    private @Nullable Pair pair(JsonNode one, JsonNode two, From left, From right) throws SQLException {
        // A name that both sides have is not this side's alone.
        if (!isOf(one, left) || isOfAny(one, right) || !isOf(two, right) || isOfAny(two, left)) {
            return null;
        }
        return new Pair(plain(one, left), bound(one, left), plain(two, right), bound(two, right));
    }

    private static boolean isOf(JsonNode expression, From from) {
        List<JsonNode> references = references(expression);
        return isOfOneRow(expression)
                && !references.isEmpty()
                && references.stream().allMatch(each -> plain(each, from) != null);
    }

    private static boolean isOfAny(JsonNode expression, From from) {
        return references(expression).stream().anyMatch(each -> plain(each, from) != null);
    }

    /** An equality that every row meets: what the one side's column is bound to, the other side's is too. */
    private void bind(JsonNode one, JsonNode two, From from) throws SQLException {
        Col column = plain(one, from);
        if (column != null && isOf(two, from)) {
            Bound other = bound(two, from);
            column.leaders().forEach(each -> each.bound = each.bound.and(other));
        }
    }

    private static boolean sameExact(Col one, Col two) {
        return one.bound.type.equals(two.bound.type) && isExact(one.bound.type);
    }

    private static boolean isEquality(JsonNode node) {
        return string(node, "class").equals("COMPARISON")
                && string(node, "type").equals("COMPARE_EQUAL");
    }

    private static List<JsonNode> conjuncts(JsonNode condition) {
        if (!condition.isObject()) {
            return List.of();
        }
        if (string(condition, "type").equals("CONJUNCTION_AND")) {
            return stream(condition.path("children"))
                    .flatMap(each -> conjuncts(each).stream())
                    .toList();
        }
        return List.of(condition);
    }

    // ---- values

    /** What an expression over columns is bound to: wherever all its columns are. */
    private Bound bound(JsonNode expression, From from) throws SQLException {
        Col column = plain(expression, from);
        if (column != null) {
            return column.bound;
        }
        List<JsonNode> references = references(expression);
        if (references.isEmpty() || !isOfOneRow(expression) || isAggregate(expression) || from.lost()) {
            return Bound.NONE;
        }
        Map<Place, JsonNode> by = new HashMap<>();
        @Nullable Set<Place> everywhere = null;
        for (JsonNode reference : references) {
            Col of = plain(reference, from);
            if (of == null) {
                return Bound.NONE;
            }
            if (everywhere == null) {
                everywhere = new HashSet<>(of.bound.by.keySet());
            } else {
                everywhere.retainAll(of.bound.by.keySet());
            }
        }
        String type = "";
        for (Place place : everywhere == null ? Set.<Place>of() : everywhere) {
            JsonNode put = put(expression, place, from);
            String its = type(place.table, put);
            if (!isExact(its) || !type.isEmpty() && !type.equals(its)) {
                return Bound.NONE;
            }
            type = its;
            by.put(place, put);
        }
        return new Bound(type, by);
    }

    /** The expression with each column replaced by what it is bound to. */
    private static JsonNode put(JsonNode node, Place place, From from) {
        if (string(node, "class").equals("COLUMN_REF")) {
            Col column = plain(node, from);
            JsonNode by = column == null ? null : column.bound.by.get(place);
            if (by == null) {
                throw new IllegalStateException("A column that is bound everywhere is not bound here");
            }
            return by.deepCopy();
        }
        if (node.isArray()) {
            ArrayNode array = JSON.createArrayNode();
            node.forEach(child -> array.add(put(child, place, from)));
            return array;
        }
        if (!node.isObject()) {
            return node;
        }
        ObjectNode copy = JSON.createObjectNode();
        node.properties().forEach(each -> copy.set(each.getKey(), put(each.getValue(), place, from)));
        if (copy.has("alias")) {
            copy.put("alias", "");
        }
        return copy;
    }

    private String type(TableName table, JsonNode expression) throws SQLException {
        String sql = "SELECT " + text(expression) + " FROM " + Sql.table(table);
        String known = types.get(sql);
        if (known == null) {
            known = Lake.describe(connection, sql).getFirst().type();
            types.put(sql, known);
        }
        return known;
    }

    /** An expression as it is written; it names columns of one table. */
    private String text(JsonNode expression) throws SQLException {
        if (string(expression, "class").equals("COLUMN_REF")) {
            return Sql.name(expression.path("column_names").path(0).asString(""));
        }
        String known = texts.get(expression);
        if (known == null) {
            known = written(expression);
            texts.put(expression, known);
        }
        return known;
    }

    private String written(JsonNode expression) throws SQLException {
        ((ObjectNode) select.path("statements").path(0).path("node"))
                .putArray("select_list")
                .add(expression);
        try (PreparedStatement statement = connection.prepareStatement("SELECT json_deserialize_sql(?::JSON)")) {
            statement.setString(1, JSON.writeValueAsString(select));
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getString(1).substring("SELECT ".length());
            }
        }
    }

    /** The column that an expression just names; null when it names none, or which is not clear. */
    private static @Nullable Col plain(JsonNode node, From from) {
        if (!string(node, "class").equals("COLUMN_REF")) {
            return null;
        }
        List<String> path =
                stream(node.path("column_names")).map(each -> each.asString("")).toList();
        List<Col> found = switch (path.size()) {
            case 1 -> find(from, path.getFirst());
            case 2 ->
                from.sources.stream()
                        .filter(each -> each.alias.equalsIgnoreCase(path.getFirst()))
                        .flatMap(each -> each.find(path.get(1)).stream())
                        .toList();
            case 3 ->
                from.sources.stream()
                        .filter(each -> each.schema.equalsIgnoreCase(path.getFirst())
                                && each.alias.equalsIgnoreCase(path.get(1)))
                        .flatMap(each -> each.find(path.get(2)).stream())
                        .toList();
            default -> List.of();
        };
        return found.size() == 1 ? found.getFirst() : null;
    }

    private static List<Col> find(From from, String name) {
        Col merged = from.merged.get(lower(name));
        return merged != null
                ? List.of(merged)
                : from.sources.stream()
                        .flatMap(each -> each.find(name).stream())
                        .toList();
    }

    private static List<JsonNode> references(JsonNode node) {
        if (string(node, "class").equals("COLUMN_REF")) {
            return List.of(node);
        }
        return stream(node).flatMap(each -> references(each).stream()).toList();
    }

    /** Whether it is computed of one row and gives one value. */
    private static boolean isOfOneRow(JsonNode node) {
        return !NOT_OF_ONE_ROW.contains(string(node, "class"))
                && !MANY_ROWS.contains(lower(string(node, "function_name")))
                && stream(node).allMatch(KeyLocality::isOfOneRow);
    }

    private boolean isAggregate(JsonNode node) {
        String kind = string(node, "class");
        if (kind.equals("SUBQUERY")) {
            return false;
        }
        return kind.equals("FUNCTION") && functions.aggregates.contains(lower(string(node, "function_name")))
                || stream(node).anyMatch(this::isAggregate);
    }

    private static void windows(JsonNode node, List<JsonNode> into) {
        String kind = string(node, "class");
        if (kind.equals("SUBQUERY")) {
            return;
        }
        if (kind.equals("WINDOW")) {
            into.add(node);
        }
        stream(node).forEach(each -> windows(each, into));
    }

    /** An expression without where it stands and what it is called. */
    private static JsonNode essence(JsonNode node) {
        if (node.isArray()) {
            ArrayNode array = JSON.createArrayNode();
            node.forEach(child -> array.add(essence(child)));
            return array;
        }
        if (!node.isObject()) {
            return node;
        }
        ObjectNode copy = JSON.createObjectNode();
        node.properties().stream()
                .filter(each -> !Set.of("alias", "query_location", "query_location_length")
                        .contains(each.getKey()))
                .forEach(each -> copy.set(each.getKey(), essence(each.getValue())));
        return copy;
    }

    private static boolean isExact(String type) {
        return EXACT.contains(type) || type.startsWith("DECIMAL(");
    }

    private static String lower(String name) {
        return name.toLowerCase(Locale.ROOT);
    }

    private static String string(JsonNode node, String name) {
        return node.path(name).asString("");
    }

    private static Stream<JsonNode> stream(JsonNode node) {
        return StreamSupport.stream(node.spliterator(), false);
    }
}

package org.qiantang.lake;

import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A statement of the platform's dialect, written anew for Trino from the tree that the engine's own parser made of it. Only what is known
 * to mean the same in both is written; everything else is refused by name, for two engines that answer one question differently are worse
 * than one that says no. Tables are replaced by what may be seen of them.
 */
final class TrinoSql {
    /** Where a table stands in a statement. */
    interface Relations {
        /** What stands behind FROM in the place of a table, in parentheses. */
        String of(TableName table);
    }

    private static final Set<String> AGGREGATES = Set.of(
            "count_star",
            "count",
            "sum",
            "min",
            "max",
            "avg",
            "mean",
            "any_value",
            "bool_and",
            "bool_or",
            "stddev",
            "stddev_samp",
            "stddev_pop",
            "variance",
            "var_samp",
            "var_pop",
            "string_agg",
            "listagg",
            "group_concat");

    /** Aggregates that are the same by the same name. */
    private static final Set<String> PLAIN_AGGREGATES = Set.of(
            "count",
            "min",
            "max",
            "bool_and",
            "bool_or",
            "any_value",
            "stddev",
            "stddev_samp",
            "stddev_pop",
            "variance",
            "var_samp",
            "var_pop");

    private static final Set<String> RANKINGS =
            Set.of("row_number", "rank", "dense_rank", "percent_rank", "cume_dist", "ntile");

    private static final Set<String> NEIGHBOURS = Set.of("lag", "lead", "first_value", "last_value", "nth_value");

    /** Functions of one or more arguments that are the same, by Trino's name. */
    private static final Map<String, String> PLAIN = Map.ofEntries(
            Map.entry("abs", "abs"),
            Map.entry("sqrt", "sqrt"),
            Map.entry("ln", "ln"),
            Map.entry("exp", "exp"),
            Map.entry("log10", "log10"),
            Map.entry("power", "power"),
            Map.entry("pow", "power"),
            Map.entry("floor", "floor"),
            Map.entry("ceil", "ceil"),
            Map.entry("ceiling", "ceil"),
            Map.entry("round", "round"),
            Map.entry("lower", "lower"),
            Map.entry("lcase", "lower"),
            Map.entry("upper", "upper"),
            Map.entry("ucase", "upper"),
            Map.entry("length", "length"),
            Map.entry("char_length", "length"),
            Map.entry("starts_with", "starts_with"),
            Map.entry("strpos", "strpos"),
            Map.entry("instr", "strpos"),
            Map.entry("position", "strpos"),
            Map.entry("nullif", "nullif"),
            Map.entry("year", "year"),
            Map.entry("quarter", "quarter"),
            Map.entry("month", "month"),
            Map.entry("week", "week"),
            Map.entry("day", "day"),
            Map.entry("hour", "hour"),
            Map.entry("minute", "minute"),
            Map.entry("second", "second"),
            Map.entry("dayofyear", "day_of_year"),
            Map.entry("isodow", "day_of_week"));

    private static final Map<String, String> DATE_PARTS = Map.ofEntries(
            Map.entry("year", "year"),
            Map.entry("quarter", "quarter"),
            Map.entry("month", "month"),
            Map.entry("week", "week"),
            Map.entry("day", "day"),
            Map.entry("hour", "hour"),
            Map.entry("minute", "minute"),
            Map.entry("second", "second"),
            Map.entry("doy", "day_of_year"),
            Map.entry("dayofyear", "day_of_year"),
            Map.entry("isodow", "day_of_week"));

    private static final Set<String> UNITS =
            Set.of("year", "quarter", "month", "week", "day", "hour", "minute", "second");

    private static final Map<String, String> INTERVALS = Map.of(
            "to_years", "year",
            "to_months", "month",
            "to_weeks", "week",
            "to_days", "day",
            "to_hours", "hour",
            "to_minutes", "minute",
            "to_seconds", "second");

    private static final Map<String, String> COMPARISONS = Map.of(
            "COMPARE_EQUAL", "=",
            "COMPARE_NOTEQUAL", "<>",
            "COMPARE_LESSTHAN", "<",
            "COMPARE_GREATERTHAN", ">",
            "COMPARE_LESSTHANOREQUALTO", "<=",
            "COMPARE_GREATERTHANOREQUALTO", ">=",
            "COMPARE_DISTINCT_FROM", "IS DISTINCT FROM",
            "COMPARE_NOT_DISTINCT_FROM", "IS NOT DISTINCT FROM");

    /** What every node may say beside its own. */
    private static final Set<String> COMMON =
            Set.of("class", "type", "alias", "query_location", "query_location_length", "qualified_name");

    private static final int DEEPEST = 400;

    private final Relations relations;
    private final Map<String, LakeType> columns;
    private final ZoneId zone;
    private final Map<String, Integer> aliases = new HashMap<>();
    /** Names that a query within the statement may give to something else than a table's column. */
    private final Set<String> shadows = new HashSet<>();

    /** Whether names are those of the answer before those of the tables. */
    private boolean ordering;

    /** Whether rows of several queries come together, so that a column may be wider than its name says. */
    private boolean mixed;

    private int depth;

    private TrinoSql(Relations relations, Map<String, LakeType> columns, ZoneId zone) {
        this.relations = relations;
        this.columns = columns;
        this.zone = zone;
    }

    /**
     * The statement in Trino's words.
     *
     * @param tree of one statement, without what is null, empty or as usual
     * @param columns types of the columns of all the tables, by lower-case name; {@link #UNSURE} for those that have several
     * @param limit rows at the most
     */
    static String of(JsonNode tree, Relations relations, Map<String, LakeType> columns, ZoneId zone, long limit) {
        TrinoSql sql = new TrinoSql(relations, columns, zone);
        JsonNode statement = tree.path("statements").path(0);
        sql.only(statement, "node");
        JsonNode node = statement.path("node");
        sql.countAliases(node, true);
        boolean bounded =
                sql.modifiers(node).stream().anyMatch(each -> text(each, "type").equals("LIMIT_MODIFIER"));
        String query = sql.query(node, Set.of());
        return bounded || limit == Long.MAX_VALUE ? query : query + " LIMIT " + limit;
    }

    /** Stands for the type of a name that several columns have. */
    static final LakeType UNSURE = new LakeType.Binary();

    private static LakeException refused(String what) {
        return new LakeException(
                LakeException.Kind.NOT_ALLOWED,
                what + " may mean something else in the cluster, so it is not sent there. Write it another way");
    }

    private void only(JsonNode node, String... names) {
        Set<String> known = new HashSet<>(COMMON);
        known.addAll(List.of(names));
        for (String name : node.propertyNames()) {
            if (!known.contains(name)) {
                throw refused(name.replace('_', ' ') + " of "
                        + text(node, "type").replace('_', ' ').toLowerCase(Locale.ROOT));
            }
        }
    }

    private void countAliases(JsonNode node, boolean outermost) {
        if (node.isObject()) {
            mixed |= text(node, "type").equals("SET_OPERATION_NODE");
            for (JsonNode item : node.path("select_list")) {
                count(text(item, "alias"), !outermost);
            }
            for (String list : List.of("column_name_alias", "aliases")) {
                for (JsonNode name : node.path(list)) {
                    count(name.asString(""), true);
                }
            }
        }
        for (JsonNode child : node) {
            countAliases(child, false);
        }
    }

    private void count(String alias, boolean shadow) {
        if (!alias.isEmpty()) {
            String name = alias.toLowerCase(Locale.ROOT);
            aliases.merge(name, 1, Integer::sum);
            if (shadow) {
                shadows.add(name);
            }
        }
    }

    // ---- queries

    private String query(JsonNode node, Set<String> outer) {
        if (++depth > DEEPEST) {
            throw refused("A statement as deep as this");
        }
        try {
            Set<String> ctes = new HashSet<>(outer);
            String with = with(node.path("cte_map").path("map"), ctes);
            String body = switch (text(node, "type")) {
                case "SELECT_NODE" -> select(node, ctes);
                case "SET_OPERATION_NODE" -> set(node, ctes);
                default -> throw refused(text(node, "type").replace('_', ' '));
            };
            return with + body;
        } finally {
            depth--;
        }
    }

    private String with(JsonNode map, Set<String> ctes) {
        List<String> each = new ArrayList<>();
        for (JsonNode entry : map) {
            String name = text(entry, "key");
            JsonNode value = entry.path("value");
            only(value, "aliases", "materialized", "query_node");
            each.add(Sql.name(name) + names(value.path("aliases")) + " AS ("
                    + query(value.path("query_node"), Set.copyOf(ctes)) + ")");
            ctes.add(name.toLowerCase(Locale.ROOT));
        }
        return each.isEmpty() ? "" : "WITH " + String.join(", ", each) + " ";
    }

    private static String names(JsonNode list) {
        if (list.isEmpty()) {
            return "";
        }
        return stream(list).map(name -> Sql.name(name.asString(""))).collect(Collectors.joining(", ", "(", ")"));
    }

    private List<JsonNode> modifiers(JsonNode node) {
        return stream(node.path("modifiers")).toList();
    }

    private String set(JsonNode node, Set<String> ctes) {
        only(node, "modifiers", "cte_map", "setop_type", "setop_all", "children");
        String operator = text(node, "setop_type");
        if (!Set.of("UNION", "EXCEPT", "INTERSECT").contains(operator)) {
            throw refused(operator.replace('_', ' '));
        }
        String all = node.path("setop_all").asBoolean(true) ? " ALL " : " DISTINCT ";
        Scope scope = new Scope(Map.of(), ctes);
        return stream(node.path("children"))
                        .map(child -> "SELECT * FROM (" + query(child, ctes) + ")")
                        .collect(Collectors.joining(" " + operator + all))
                + tail(node, scope);
    }

    /** The names a select list gives, and the common tables in sight. */
    private record Scope(Map<String, JsonNode> given, Set<String> ctes) {}

    private String select(JsonNode node, Set<String> ctes) {
        only(
                node,
                "modifiers",
                "cte_map",
                "select_list",
                "from_table",
                "where_clause",
                "group_expressions",
                "group_sets",
                "aggregate_handling",
                "having");
        Map<String, JsonNode> given = new HashMap<>();
        for (JsonNode item : node.path("select_list")) {
            String alias = text(item, "alias").toLowerCase(Locale.ROOT);
            if (!alias.isEmpty() && !columns.containsKey(alias) && aliases.getOrDefault(alias, 0) == 1) {
                given.put(alias, item);
            }
        }
        Scope scope = new Scope(given, ctes);
        StringBuilder sql = new StringBuilder("SELECT ");
        if (modifiers(node).stream().anyMatch(each -> text(each, "type").equals("DISTINCT_MODIFIER"))) {
            sql.append("DISTINCT ");
        }
        JsonNode from = node.path("from_table");
        sql.append(stream(node.path("select_list"))
                .map(item -> item(item, from, scope))
                .collect(Collectors.joining(", ")));
        if (!text(from, "type").equals("EMPTY")) {
            sql.append(" FROM ").append(relation(from, scope));
        }
        if (node.has("where_clause")) {
            sql.append(" WHERE ").append(value(node.path("where_clause"), scope));
        }
        sql.append(groups(node, scope));
        if (node.has("having")) {
            sql.append(" HAVING ").append(value(node.path("having"), scope));
        }
        return sql + tail(node, scope);
    }

    private String item(JsonNode item, JsonNode from, Scope scope) {
        if (text(item, "class").equals("STAR")) {
            only(item, "relation_name");
            if (hasUsing(from)) {
                throw refused("* beside USING");
            }
            String relation = text(item, "relation_name");
            return relation.isEmpty() ? "*" : Sql.name(relation) + ".*";
        }
        String alias = text(item, "alias");
        String value = value(item, new Scope(without(scope.given, alias), scope.ctes));
        return alias.isEmpty() ? value : value + " AS " + Sql.name(alias);
    }

    private static Map<String, JsonNode> without(Map<String, JsonNode> given, String alias) {
        Map<String, JsonNode> rest = new HashMap<>(given);
        rest.remove(alias.toLowerCase(Locale.ROOT));
        return rest;
    }

    private static boolean hasUsing(JsonNode from) {
        return text(from, "type").equals("JOIN")
                && (!from.path("using_columns").isEmpty()
                        || hasUsing(from.path("left"))
                        || hasUsing(from.path("right")));
    }

    private String groups(JsonNode node, Scope scope) {
        if (text(node, "aggregate_handling").equals("FORCE_AGGREGATES")) {
            List<String> positions = new ArrayList<>();
            int position = 0;
            for (JsonNode item : node.path("select_list")) {
                position++;
                if (text(item, "class").equals("STAR")) {
                    throw refused("* beside GROUP BY ALL");
                }
                if (!aggregates(item)) {
                    positions.add("" + position);
                }
            }
            return positions.isEmpty() ? "" : " GROUP BY " + String.join(", ", positions);
        }
        JsonNode expressions = node.path("group_expressions");
        if (expressions.isEmpty()) {
            return "";
        }
        JsonNode sets = node.path("group_sets");
        if (sets.size() != 1 || sets.path(0).size() != expressions.size()) {
            throw refused("GROUPING SETS");
        }
        return " GROUP BY "
                + stream(expressions).map(each -> value(each, scope)).collect(Collectors.joining(", "));
    }

    private static boolean aggregates(JsonNode node) {
        String kind = text(node, "class");
        if (kind.equals("SUBQUERY") || kind.equals("WINDOW")) {
            return false;
        }
        if (kind.equals("FUNCTION") && AGGREGATES.contains(function(node))) {
            return true;
        }
        for (JsonNode child : node) {
            if (aggregates(child)) {
                return true;
            }
        }
        return false;
    }

    /** ORDER BY, OFFSET and LIMIT. */
    private String tail(JsonNode node, Scope scope) {
        StringBuilder sql = new StringBuilder();
        for (JsonNode modifier : modifiers(node)) {
            switch (text(modifier, "type")) {
                case "ORDER_MODIFIER" -> {
                    only(modifier, "orders");
                    ordering = true;
                    sql.append(" ORDER BY ").append(orders(modifier.path("orders"), new Scope(Map.of(), scope.ctes)));
                    ordering = false;
                }
                case "LIMIT_MODIFIER" -> {
                    only(modifier, "limit", "offset");
                    if (modifier.has("offset")) {
                        sql.append(" OFFSET ").append(count(modifier.path("offset"), "OFFSET"));
                    }
                    if (modifier.has("limit")) {
                        sql.append(" LIMIT ").append(count(modifier.path("limit"), "LIMIT"));
                    }
                }
                case "DISTINCT_MODIFIER" -> only(modifier);
                default -> throw refused(text(modifier, "type").replace('_', ' '));
            }
        }
        return sql.toString();
    }

    private static long count(JsonNode node, String where) {
        JsonNode literal = node.path("literal");
        if (!text(literal, "kind").equals("INTEGER")) {
            throw refused(where + " of anything but a number");
        }
        return Long.parseLong(text(literal, "text"));
    }

    private String orders(JsonNode orders, Scope scope) {
        List<String> each = new ArrayList<>();
        for (JsonNode order : orders) {
            only(order, "null_order", "expression");
            JsonNode expression = order.path("expression");
            if (text(expression, "class").equals("STAR")) {
                throw refused("ORDER BY ALL");
            }
            String nulls = text(order, "null_order").replace('_', ' ');
            each.add(value(expression, scope)
                    + (text(order, "type").equals("DESCENDING") ? " DESC" : "")
                    + (nulls.startsWith("NULLS") ? " " + nulls : " NULLS LAST"));
        }
        return String.join(", ", each);
    }

    // ---- what stands behind FROM

    private String relation(JsonNode node, Scope scope) {
        return switch (text(node, "type")) {
            case "BASE_TABLE" -> table(node, scope);
            case "SUBQUERY" -> {
                only(node, "subquery", "column_name_alias");
                only(node.path("subquery"), "node");
                String alias = text(node, "alias");
                yield "(" + query(node.path("subquery").path("node"), scope.ctes) + ")"
                        + (alias.isEmpty() ? "" : " AS " + Sql.name(alias) + names(node.path("column_name_alias")));
            }
            case "EXPRESSION_LIST" -> {
                only(node, "values");
                yield stream(node.path("values"))
                        .map(row ->
                                stream(row).map(each -> value(each, scope)).collect(Collectors.joining(", ", "(", ")")))
                        .collect(Collectors.joining(", ", "(VALUES ", ")"));
            }
            case "JOIN" -> join(node, scope);
            case "TABLE_FUNCTION" -> throw refused("The table function " + function(node.path("function")));
            default -> throw refused(text(node, "type").replace('_', ' '));
        };
    }

    private String table(JsonNode node, Scope scope) {
        only(node, "schema_name", "table_name", "column_name_alias");
        String schema = text(node, "schema_name");
        String name = text(node, "table_name");
        String alias = text(node, "alias");
        String given = Sql.name(alias.isEmpty() ? name : alias) + names(node.path("column_name_alias"));
        if (schema.isEmpty()) {
            if (!scope.ctes.contains(name.toLowerCase(Locale.ROOT))) {
                throw new LakeException(LakeException.Kind.NO_SUCH_TABLE, "No such table: " + name);
            }
            return Sql.name(name) + " AS " + given;
        }
        return relations.of(new TableName(schema, name)) + " AS " + given;
    }

    private String join(JsonNode node, Scope scope) {
        only(node, "left", "right", "condition", "join_type", "ref_type", "using_columns", "is_implicit");
        String left = relation(node.path("left"), scope);
        String right = relation(node.path("right"), scope);
        if (text(node.path("right"), "type").equals("JOIN")) {
            right = "(" + right + ")";
        }
        String kind = text(node, "join_type");
        switch (text(node, "ref_type")) {
            case "CROSS" -> {
                return left + " CROSS JOIN " + right;
            }
            case "REGULAR" -> {
                if (!Set.of("INNER", "LEFT", "RIGHT", "FULL").contains(kind)) {
                    throw refused(kind + " JOIN");
                }
                String on = node.path("using_columns").isEmpty()
                        ? " ON " + value(node.path("condition"), scope)
                        : " USING " + names(node.path("using_columns"));
                return left + " " + kind + " JOIN " + right + on;
            }
            default -> throw refused(text(node, "ref_type") + " JOIN");
        }
    }

    // ---- values

    private String value(JsonNode node, Scope scope) {
        if (++depth > DEEPEST) {
            throw refused("A statement as deep as this");
        }
        try {
            return switch (text(node, "class")) {
                case "CONSTANT" -> constant(node);
                case "COLUMN_REF" -> column(node, scope);
                case "COMPARISON" -> {
                    only(node, "left", "right");
                    yield comparison(node.path("left"), operator(text(node, "type")), node.path("right"), scope);
                }
                case "CONJUNCTION" -> {
                    only(node, "children");
                    String word = text(node, "type").equals("CONJUNCTION_AND") ? " AND " : " OR ";
                    yield stream(node.path("children"))
                            .map(each -> value(each, scope))
                            .collect(Collectors.joining(word, "(", ")"));
                }
                case "BETWEEN" -> {
                    only(node, "input", "lower", "upper");
                    JsonNode input = node.path("input");
                    yield "(" + value(input, scope) + " BETWEEN " + like(node.path("lower"), input, scope) + " AND "
                            + like(node.path("upper"), input, scope) + ")";
                }
                case "OPERATOR" -> operation(node, scope);
                case "CASE" -> cases(node, scope);
                case "CAST" -> cast(node, scope);
                case "SUBQUERY" -> subquery(node, scope);
                case "FUNCTION" -> call(node, scope);
                case "WINDOW" -> window(node, scope);
                default -> throw refused(text(node, "type").replace('_', ' '));
            };
        } finally {
            depth--;
        }
    }

    private static String operator(String type) {
        String operator = COMPARISONS.get(type);
        if (operator == null) {
            throw refused(type.replace('_', ' '));
        }
        return operator;
    }

    private static String constant(JsonNode node) {
        JsonNode literal = node.path("literal");
        String text = text(literal, "text");
        return switch (text(literal, "kind")) {
            case "NULL_LITERAL" -> "NULL";
            case "BOOLEAN" -> text;
            case "STRING" -> Sql.text(text);
            case "INTEGER" -> fits(text) ? text : "DECIMAL " + Sql.text(text);
            case "NUMERIC" ->
                text.contains("e") || text.contains("E") ? "DOUBLE " + Sql.text(text) : "DECIMAL " + Sql.text(text);
            default -> throw refused("A " + text(literal, "kind").toLowerCase(Locale.ROOT));
        };
    }

    private static boolean fits(String integer) {
        try {
            Long.parseLong(integer);
            return true;
        } catch (NumberFormatException e) {
            return false;
        }
    }

    private String column(JsonNode node, Scope scope) {
        only(node, "column_names");
        List<String> path =
                stream(node.path("column_names")).map(each -> each.asString("")).toList();
        if (path.size() == 1) {
            String name = path.getFirst().toLowerCase(Locale.ROOT);
            JsonNode given = scope.given.get(name);
            if (given != null) {
                return "(" + value(given, new Scope(without(scope.given, name), scope.ctes)) + ")";
            }
            if (!columns.containsKey(name) && !aliases.containsKey(name)) {
                switch (name) {
                    case "current_date" -> {
                        return "current_date";
                    }
                    case "current_timestamp" -> {
                        return "CAST(current_timestamp AS timestamp(6) with time zone)";
                    }
                    default -> {
                        if (!name.matches("col\\d+")) {
                            // no column of a table or of a subquery; the engine has other names of its own
                            throw refused("The name " + name);
                        }
                    }
                }
            }
        }
        // A table stands under its bare name.
        return path.stream().skip(Math.max(0, path.size() - 2)).map(Sql::name).collect(Collectors.joining("."));
    }

    private String comparison(JsonNode left, String operator, JsonNode right, Scope scope) {
        return "(" + like(left, right, scope) + " " + operator + " " + like(right, left, scope) + ")";
    }

    /** A text beside a value of another type is read as one of that type. */
    private String like(JsonNode node, JsonNode other, Scope scope) {
        LakeType type = type(other, scope);
        if (text(node, "class").equals("CONSTANT")
                && text(node.path("literal"), "kind").equals("STRING")
                && type != null
                && !(type instanceof LakeType.Text)) {
            return "CAST(" + constant(node) + " AS " + Types.trino(Types.iceberg(type)) + ")";
        }
        return value(node, scope);
    }

    private String operation(JsonNode node, Scope scope) {
        only(node, "children");
        List<JsonNode> children = stream(node.path("children")).toList();
        return switch (text(node, "type")) {
            case "OPERATOR_NOT" -> "(NOT " + value(children.getFirst(), scope) + ")";
            case "OPERATOR_IS_NULL" -> "(" + value(children.getFirst(), scope) + " IS NULL)";
            case "OPERATOR_IS_NOT_NULL" -> "(" + value(children.getFirst(), scope) + " IS NOT NULL)";
            case "COMPARE_IN" -> in(children, " IN ", scope);
            case "COMPARE_NOT_IN" -> in(children, " NOT IN ", scope);
            case "OPERATOR_COALESCE" ->
                children.stream().map(each -> value(each, scope)).collect(Collectors.joining(", ", "coalesce(", ")"));
            default -> throw refused(text(node, "type").replace('_', ' '));
        };
    }

    private String in(List<JsonNode> children, String word, Scope scope) {
        JsonNode first = children.getFirst();
        return "(" + value(first, scope) + word
                + children.stream()
                        .skip(1)
                        .map(each -> like(each, first, scope))
                        .collect(Collectors.joining(", ", "(", ")"))
                + ")";
    }

    private String cases(JsonNode node, Scope scope) {
        only(node, "case_checks", "else_expr");
        StringBuilder sql = new StringBuilder("(CASE");
        for (JsonNode check : node.path("case_checks")) {
            sql.append(" WHEN ")
                    .append(value(check.path("when_expr"), scope))
                    .append(" THEN ")
                    .append(value(check.path("then_expr"), scope));
        }
        if (node.has("else_expr")) {
            sql.append(" ELSE ").append(value(node.path("else_expr"), scope));
        }
        return sql + " END)";
    }

    private String subquery(JsonNode node, Scope scope) {
        only(node, "subquery_type", "subquery", "comparison_type", "child");
        String query = "(" + query(node.path("subquery").path("node"), scope.ctes) + ")";
        return switch (text(node, "subquery_type")) {
            case "EXISTS" -> "(EXISTS " + query + ")";
            case "SCALAR" -> query;
            case "ANY" -> {
                String operator = operator(text(node, "comparison_type"));
                String child = value(node.path("child"), scope);
                yield "(" + child + (operator.equals("=") ? " IN " : " " + operator + " ANY ") + query + ")";
            }
            default -> throw refused(text(node, "subquery_type") + " subquery");
        };
    }

    // ---- types and casts

    /** The type of a value where that is sure; null where it is not. */
    private @Nullable LakeType type(JsonNode node, Scope scope) {
        return switch (text(node, "class")) {
            case "COLUMN_REF" -> columnType(node, scope);
            case "CONSTANT" -> {
                JsonNode literal = node.path("literal");
                yield switch (text(literal, "kind")) {
                    case "BOOLEAN" -> LakeType.BOOL;
                    case "STRING" -> LakeType.TEXT;
                    case "INTEGER" -> fits(text(literal, "text")) ? LakeType.INT64 : null;
                    default -> null;
                };
            }
            case "CAST" -> castType(node.path("type_expr"));
            case "FUNCTION" -> functionType(node, scope);
            default -> null;
        };
    }

    private @Nullable LakeType columnType(JsonNode node, Scope scope) {
        JsonNode names = node.path("column_names");
        String name = names.path(names.size() - 1).asString("").toLowerCase(Locale.ROOT);
        LakeType type = columns.get(name);
        if (type == UNSURE || shadows.contains(name) || (ordering || type == null) && aliases.containsKey(name)) {
            JsonNode given = names.size() == 1 ? scope.given.get(name) : null;
            return given == null ? null : type(given, new Scope(without(scope.given, name), scope.ctes));
        }
        if (type == null && names.size() == 1) {
            return switch (name) {
                case "current_date" -> LakeType.DATE;
                case "current_timestamp" -> LakeType.TIMESTAMP_TZ;
                default -> null;
            };
        }
        return type;
    }

    private @Nullable LakeType functionType(JsonNode node, Scope scope) {
        List<JsonNode> arguments = arguments(node);
        return switch (function(node)) {
            case "now" -> LakeType.TIMESTAMP_TZ;
            case "today" -> LakeType.DATE;
            case "count",
                    "count_star",
                    "length",
                    "char_length",
                    "strpos",
                    "year",
                    "month",
                    "day",
                    "quarter",
                    "week",
                    "hour",
                    "minute",
                    "date_diff",
                    "datediff" -> LakeType.INT64;
            case "lower",
                    "upper",
                    "trim",
                    "ltrim",
                    "rtrim",
                    "substr",
                    "substring",
                    "left",
                    "right",
                    "replace",
                    "concat",
                    "strftime",
                    "||" -> LakeType.TEXT;
            case "date_trunc" -> {
                LakeType of = arguments.size() == 2 ? type(arguments.get(1), scope) : null;
                yield of instanceof LakeType.Date ? LakeType.TIMESTAMP : of;
            }
            case "min", "max", "abs", "any_value", "coalesce" ->
                arguments.isEmpty() ? null : type(arguments.getFirst(), scope);
            default -> null;
        };
    }

    private static LakeType castType(JsonNode type) {
        String name = text(type, "type_name").toUpperCase(Locale.ROOT);
        List<String> sizes = stream(type.path("children"))
                .map(each -> text(each.path("literal"), "text"))
                .toList();
        return switch (name) {
            case "BOOLEAN", "BOOL", "LOGICAL" -> LakeType.BOOL;
            case "INTEGER", "INT", "INT4", "SIGNED" -> LakeType.INT32;
            case "BIGINT", "INT8", "LONG" -> LakeType.INT64;
            case "FLOAT", "REAL", "FLOAT4" -> LakeType.FLOAT32;
            case "DOUBLE", "FLOAT8" -> LakeType.FLOAT64;
            case "DATE" -> LakeType.DATE;
            case "TIME" -> LakeType.TIME;
            case "TIMESTAMP", "DATETIME" -> LakeType.TIMESTAMP;
            case "TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ" -> LakeType.TIMESTAMP_TZ;
            case "VARCHAR", "TEXT", "STRING", "CHAR", "BPCHAR" -> LakeType.TEXT;
            case "UUID" -> LakeType.UUID;
            case "DECIMAL", "NUMERIC" ->
                sizes.isEmpty()
                        ? LakeType.decimal(18, 3)
                        : LakeType.decimal(
                                Integer.parseInt(sizes.getFirst()),
                                sizes.size() > 1 ? Integer.parseInt(sizes.get(1)) : 0);
            default -> throw refused("The type " + name);
        };
    }

    private String cast(JsonNode node, Scope scope) {
        only(node, "child", "type_expr", "try_cast");
        JsonNode child = node.path("child");
        LakeType to = castType(node.path("type_expr"));
        LakeType from = type(child, scope);
        String value = value(child, scope);
        if (isNull(child)) {
            return "CAST(NULL AS " + Types.trino(Types.iceberg(to)) + ")";
        }
        if (node.path("try_cast").asBoolean(false) && (from == null || from instanceof LakeType.Text)) {
            // what one engine cannot read as a number or a date the other may
            throw refused("TRY_CAST of text");
        }
        boolean same = switch (to) {
            case LakeType.Text ignored -> keepsText(from);
            case LakeType.Int32 ignored -> from != null && !isFloating(from) || isWhole(child);
            case LakeType.Int64 ignored -> from != null && !isFloating(from) || isWhole(child);
            case LakeType.Bool ignored ->
                from instanceof LakeType.Bool || from instanceof LakeType.Int32 || from instanceof LakeType.Int64;
            default -> true;
        };
        if (!same) {
            throw refused("A cast to " + to.label() + " of "
                    + (from == null ? "something whose type depends on the engine" : from.label()));
        }
        String word = node.path("try_cast").asBoolean(false) ? "TRY_CAST(" : "CAST(";
        String cast = word + value + " AS " + Types.trino(Types.iceberg(to)) + ")";
        return to instanceof LakeType.TimestampTz ? "(" + cast + " AT TIME ZONE " + Sql.text(zone.getId()) + ")" : cast;
    }

    private static boolean isNull(JsonNode node) {
        return text(node.path("literal"), "kind").equals("NULL_LITERAL");
    }

    private boolean keepsText(@Nullable LakeType type) {
        return hasSameText(type) && (!mixed || type instanceof LakeType.Text);
    }

    /** Values whose text both engines write alike. */
    static boolean hasSameText(@Nullable LakeType type) {
        return switch (type) {
            case null -> false;
            case LakeType.Bool ignored -> true;
            case LakeType.Int32 ignored -> true;
            case LakeType.Int64 ignored -> true;
            case LakeType.Decimal decimal -> decimal.scale() < decimal.precision();
            case LakeType.Date ignored -> true;
            case LakeType.Text ignored -> true;
            case LakeType.Uuid ignored -> true;
            case LakeType.Float32 ignored -> false;
            case LakeType.Float64 ignored -> false;
            case LakeType.Time ignored -> false;
            case LakeType.Timestamp ignored -> false;
            case LakeType.TimestampTz ignored -> false;
            case LakeType.Binary ignored -> false;
        };
    }

    private static boolean isFloating(LakeType type) {
        return type instanceof LakeType.Float32 || type instanceof LakeType.Float64;
    }

    /** Where there is no half that could be rounded either way. */
    private static boolean isWhole(JsonNode node) {
        return text(node, "class").equals("FUNCTION")
                && Set.of("round", "floor", "ceil", "ceiling", "trunc").contains(function(node))
                && arguments(node).size() == 1;
    }

    private static boolean isInteger(@Nullable LakeType type) {
        return type instanceof LakeType.Int32 || type instanceof LakeType.Int64;
    }

    // ---- functions

    private static String function(JsonNode node) {
        return text(node, "function_name").toLowerCase(Locale.ROOT);
    }

    private static List<JsonNode> arguments(JsonNode node) {
        return stream(node.path("arguments"))
                .map(argument -> argument.path("expression"))
                .toList();
    }

    private String call(JsonNode node, Scope scope) {
        only(node, "function_name", "arguments", "distinct", "filter", "order_bys", "is_operator");
        String name = function(node);
        List<JsonNode> arguments = arguments(node);
        for (JsonNode argument : node.path("arguments")) {
            if (argument.has("name")) {
                throw refused("An argument by name of " + name);
            }
        }
        if (AGGREGATES.contains(name)) {
            return aggregate(node, name, arguments, scope);
        }
        if (node.has("distinct") || node.has("filter") || node.path("order_bys").has("orders")) {
            throw refused("The function " + name + " with DISTINCT, FILTER or ORDER BY");
        }
        if (node.path("is_operator").asBoolean(false)) {
            return symbol(name, arguments, scope);
        }
        String plain = PLAIN.get(name);
        if (plain != null) {
            return plain + list(arguments, scope);
        }
        return switch (name) {
            case "now", "current_timestamp", "transaction_timestamp", "get_current_timestamp" ->
                "CAST(current_timestamp AS timestamp(6) with time zone)";
            case "today", "current_date" -> "current_date";
            case "replace" -> {
                expect(name, arguments, 3);
                if (word(arguments.get(1)).isEmpty()) {
                    throw refused("The function replace of what is not written out");
                }
                yield "replace" + list(arguments, scope);
            }
            case "trunc" -> "truncate" + list(arguments, scope);
            case "trim" -> trim("BOTH", name, arguments, scope);
            case "ltrim" -> trim("LEADING", name, arguments, scope);
            case "rtrim" -> trim("TRAILING", name, arguments, scope);
            case "contains" -> "(strpos" + list(arguments, scope) + " > 0)";
            case "concat" ->
                arguments.stream()
                        .map(each -> "coalesce(" + asText(each, scope) + ", '')")
                        .collect(Collectors.joining(" || ", "(", ")"));
            case "substr", "substring" -> substring(name, arguments, scope);
            case "left" -> {
                long n = whole(name, arguments, 1, 0);
                yield "substr(" + value(arguments.getFirst(), scope) + ", 1, " + n + ")";
            }
            case "right" -> {
                long n = whole(name, arguments, 1, 0);
                String text = value(arguments.getFirst(), scope);
                yield "substr(" + text + ", greatest(length(" + text + ") - " + (n - 1) + ", 1), " + n + ")";
            }
            case "regexp_matches" -> {
                expect(name, arguments, 2);
                yield "regexp_like" + list(arguments, scope);
            }
            case "date_part", "datepart" -> datePart(name, arguments, scope);
            case "dayofweek", "weekday" -> "(day_of_week" + list(arguments, scope) + " % 7)";
            case "date_trunc", "datetrunc" -> {
                expect(name, arguments, 2);
                yield "date_trunc(" + unit(arguments.getFirst()) + ", " + value(arguments.get(1), scope) + ")";
            }
            case "date_diff", "datediff" -> {
                expect(name, arguments, 3);
                String unit = unit(arguments.getFirst());
                // the platform's dialect counts the borders that lie between, not whole units
                yield "date_diff(" + unit + ", date_trunc(" + unit + ", " + value(arguments.get(1), scope)
                        + "), date_trunc(" + unit + ", " + value(arguments.get(2), scope) + "))";
            }
            case "strftime" -> format(name, arguments, scope);
            default -> throw refused("The function " + name);
        };
    }

    private String list(List<JsonNode> arguments, Scope scope) {
        return arguments.stream().map(each -> value(each, scope)).collect(Collectors.joining(", ", "(", ")"));
    }

    private static void expect(String name, List<JsonNode> arguments, int count) {
        if (arguments.size() != count) {
            throw refused("The function " + name + " with " + arguments.size() + " arguments");
        }
    }

    private String trim(String side, String name, List<JsonNode> arguments, Scope scope) {
        expect(name, arguments, 1);
        return "trim(" + side + " ' ' FROM " + value(arguments.getFirst(), scope) + ")";
    }

    private String asText(JsonNode node, Scope scope) {
        LakeType type = type(node, scope);
        if (!keepsText(type)) {
            throw refused(
                    "Text made of " + (type == null ? "something whose type depends on the engine" : type.label()));
        }
        return type instanceof LakeType.Text ? value(node, scope) : "CAST(" + value(node, scope) + " AS varchar)";
    }

    private String substring(String name, List<JsonNode> arguments, Scope scope) {
        if (arguments.size() != 2 && arguments.size() != 3) {
            throw refused("The function " + name + " with " + arguments.size() + " arguments");
        }
        whole(name, arguments, 1, 1);
        if (arguments.size() == 3) {
            whole(name, arguments, 2, 0);
        }
        return "substr" + list(arguments, scope);
    }

    /** An argument that is a number written out, for what a smaller one means differs. */
    private static long whole(String name, List<JsonNode> arguments, int at, long least) {
        JsonNode literal = at < arguments.size()
                ? arguments.get(at).path("literal")
                : tools.jackson.databind.node.MissingNode.getInstance();
        if (!text(literal, "kind").equals("INTEGER") || !fits(text(literal, "text"))) {
            throw refused("The function " + name + " with a position that is not a number");
        }
        long n = Long.parseLong(text(literal, "text"));
        if (n < least) {
            throw refused("The function " + name + " with a position of " + n);
        }
        return n;
    }

    private static String word(JsonNode node) {
        JsonNode literal = node.path("literal");
        return text(literal, "kind").equals("STRING") ? text(literal, "text").toLowerCase(Locale.ROOT) : "";
    }

    private static String unit(JsonNode node) {
        String unit = word(node);
        if (!UNITS.contains(unit)) {
            throw refused("The unit " + (unit.isEmpty() ? "of a date" : unit));
        }
        return Sql.text(unit);
    }

    private String datePart(String name, List<JsonNode> arguments, Scope scope) {
        expect(name, arguments, 2);
        String part = word(arguments.getFirst());
        String of = "(" + value(arguments.get(1), scope) + ")";
        if (part.equals("dow") || part.equals("dayofweek") || part.equals("weekday")) {
            return "(day_of_week" + of + " % 7)";
        }
        String function = DATE_PARTS.get(part);
        if (function == null) {
            throw refused("The part " + part + " of a date");
        }
        return function + of;
    }

    private String format(String name, List<JsonNode> arguments, Scope scope) {
        expect(name, arguments, 2);
        JsonNode literal = arguments.get(1).path("literal");
        if (!text(literal, "kind").equals("STRING")) {
            throw refused("The function " + name + " with a pattern that is not written out");
        }
        String pattern = text(literal, "text");
        StringBuilder theirs = new StringBuilder();
        for (int i = 0; i < pattern.length(); i++) {
            char c = pattern.charAt(i);
            if (c != '%') {
                theirs.append(c);
                continue;
            }
            char directive = ++i < pattern.length() ? pattern.charAt(i) : ' ';
            switch (directive) {
                case 'Y', 'm', 'd', 'H', 'j', 'y' -> theirs.append('%').append(directive);
                case 'M' -> theirs.append("%i");
                case 'S' -> theirs.append("%s");
                default -> throw refused("The directive %" + directive + " of " + name);
            }
        }
        return "date_format(" + value(arguments.getFirst(), scope) + ", " + Sql.text(theirs.toString()) + ")";
    }

    private String symbol(String name, List<JsonNode> arguments, Scope scope) {
        if (arguments.size() == 1 && (name.equals("-") || name.equals("+"))) {
            return "(" + name + value(arguments.getFirst(), scope) + ")";
        }
        if (name.equals("like_escape") && arguments.size() == 3) {
            return "(" + value(arguments.get(0), scope) + " LIKE " + value(arguments.get(1), scope) + " ESCAPE "
                    + value(arguments.get(2), scope) + ")";
        }
        expect(name, arguments, 2);
        JsonNode left = arguments.get(0);
        JsonNode right = arguments.get(1);
        return switch (name) {
            case "+", "-" -> sum(name, left, right, scope);
            case "*" -> "(" + number(left, scope) + " * " + number(right, scope) + ")";
            // a quotient is a floating-point number in the platform's dialect, and an integer's division by zero
            // infinite
            case "/" -> "(CAST(" + number(left, scope) + " AS double) / CAST(" + number(right, scope) + " AS double))";
            case "//" -> {
                if (!isInteger(type(left, scope)) || !isInteger(type(right, scope))) {
                    throw refused("// of anything but integers");
                }
                yield "(" + value(left, scope) + " / " + value(right, scope) + ")";
            }
            case "%" -> "(" + number(left, scope) + " % " + number(right, scope) + ")";
            case "||" -> "(" + asText(left, scope) + " || " + asText(right, scope) + ")";
            case "~~" -> "(" + value(left, scope) + " LIKE " + value(right, scope) + ")";
            case "!~~" -> "(" + value(left, scope) + " NOT LIKE " + value(right, scope) + ")";
            case "~~*" -> "(lower(" + value(left, scope) + ") LIKE lower(" + value(right, scope) + "))";
            case "!~~*" -> "(lower(" + value(left, scope) + ") NOT LIKE lower(" + value(right, scope) + "))";
            case "^@" -> "starts_with(" + value(left, scope) + ", " + value(right, scope) + ")";
            default -> throw refused("The operator " + name);
        };
    }

    private String number(JsonNode node, Scope scope) {
        if (isInterval(node)) {
            throw refused("Arithmetic with intervals");
        }
        return value(node, scope);
    }

    private static boolean isInterval(JsonNode node) {
        return text(node, "class").equals("FUNCTION") && INTERVALS.containsKey(function(node));
    }

    private String sum(String operator, JsonNode left, JsonNode right, Scope scope) {
        if (isInterval(right)) {
            return shifted(left, operator, right, scope);
        }
        if (isInterval(left) && operator.equals("+")) {
            return shifted(right, operator, left, scope);
        }
        LakeType one = type(left, scope);
        LakeType two = type(right, scope);
        if (one instanceof LakeType.Date && two instanceof LakeType.Date && operator.equals("-")) {
            return "date_diff('day', " + value(right, scope) + ", " + value(left, scope) + ")";
        }
        if (one instanceof LakeType.Date && isInteger(two)) {
            return "date_add('day', " + (operator.equals("-") ? "-" : "") + "(" + value(right, scope) + "), "
                    + value(left, scope) + ")";
        }
        return "(" + number(left, scope) + " " + operator + " " + number(right, scope) + ")";
    }

    /** A point in time and an interval: what comes of a date is a timestamp. */
    private String shifted(JsonNode time, String operator, JsonNode interval, Scope scope) {
        LakeType type = type(time, scope);
        String unit = INTERVALS.get(function(interval));
        String shifted = "date_add('" + unit + "', " + (operator.equals("-") ? "-" : "") + "(" + amount(interval, scope)
                + "), "
                + (type instanceof LakeType.Date
                        ? "CAST(" + value(time, scope) + " AS timestamp(6))"
                        : value(time, scope))
                + ")";
        return switch (type) {
            case LakeType.Date ignored -> shifted;
            case LakeType.Timestamp ignored -> shifted;
            case LakeType.TimestampTz ignored -> shifted;
            case null, default ->
                throw refused(
                        "An interval beside something that is not surely a date or a time; with a cast it is, which");
        };
    }

    /** How many units: the number that was written, or the whole part of a value. */
    private String amount(JsonNode interval, Scope scope) {
        JsonNode node = arguments(interval).getFirst();
        while (text(node, "class").equals("CAST")
                || text(node, "class").equals("FUNCTION") && function(node).equals("trunc")) {
            node = text(node, "class").equals("CAST")
                    ? node.path("child")
                    : arguments(node).getFirst();
        }
        String number = text(node.path("literal"), "text");
        if (!number.matches("-?[0-9]{1,18}")) {
            throw refused("An interval that is not a whole number of units");
        }
        return number;
    }

    private String aggregate(JsonNode node, String name, List<JsonNode> arguments, Scope scope) {
        String distinct = node.path("distinct").asBoolean(false) ? "DISTINCT " : "";
        String filter = node.has("filter") ? " FILTER (WHERE " + value(node.path("filter"), scope) + ")" : "";
        JsonNode orders = node.path("order_bys").path("orders");
        if (Set.of("string_agg", "listagg", "group_concat").contains(name)) {
            if (orders.isEmpty() || arguments.isEmpty() || arguments.size() > 2) {
                throw refused("The function " + name + " without ORDER BY");
            }
            String separator = arguments.size() == 2 ? value(arguments.get(1), scope) : "','";
            return "listagg(" + distinct + asText(arguments.getFirst(), scope) + ", " + separator
                    + ") WITHIN GROUP (ORDER BY " + orders(orders, scope) + ")" + filter;
        }
        if (!orders.isEmpty()) {
            throw refused("The function " + name + " with ORDER BY");
        }
        return aggregate(name, distinct, arguments, filter, scope);
    }

    private String aggregate(String name, String distinct, List<JsonNode> arguments, String rest, Scope scope) {
        if (name.equals("count_star") || name.equals("count") && arguments.isEmpty()) {
            return "count(*)" + rest;
        }
        if (PLAIN_AGGREGATES.contains(name)) {
            return name + "(" + distinct
                    + arguments.stream().map(each -> value(each, scope)).collect(Collectors.joining(", ")) + ")" + rest;
        }
        expect(name, arguments, 1);
        String value = value(arguments.getFirst(), scope);
        LakeType type = type(arguments.getFirst(), scope);
        // sums of integers do not overflow, and a mean is of the exact sum where there is one
        String addend = isInteger(type) ? "CAST(" + value + " AS decimal(38, 0))" : value;
        String sum = "sum(" + distinct + addend + ")" + rest;
        return switch (name) {
            case "sum" -> sum;
            case "avg", "mean" ->
                isInteger(type) || type instanceof LakeType.Decimal
                        ? "(CAST(" + sum + " AS double) / count(" + distinct + value + ")" + rest + ")"
                        : "avg(" + distinct + "CAST(" + value + " AS double))" + rest;
            default -> throw refused("The function " + name);
        };
    }

    private String window(JsonNode node, Scope scope) {
        only(
                node,
                "function_name",
                "arguments",
                "partitions",
                "orders",
                "start",
                "end",
                "start_expr",
                "end_expr",
                "filter",
                "distinct",
                "ignore_nulls",
                "has_ignore_nulls");
        String name = function(node);
        List<String> over = new ArrayList<>();
        if (!node.path("partitions").isEmpty()) {
            over.add("PARTITION BY "
                    + stream(node.path("partitions"))
                            .map(each -> value(each, scope))
                            .collect(Collectors.joining(", ")));
        }
        if (!node.path("orders").isEmpty()) {
            over.add("ORDER BY " + orders(node.path("orders"), scope));
        }
        String frame = frame(node);
        if (!frame.isEmpty()) {
            over.add(frame);
        }
        String nulls = node.path("ignore_nulls").asBoolean(false) ? " IGNORE NULLS" : "";
        String filter = node.has("filter") ? " FILTER (WHERE " + value(node.path("filter"), scope) + ")" : "";
        String rest = filter + nulls + " OVER (" + String.join(" ", over) + ")";
        List<JsonNode> arguments = arguments(node);
        if (RANKINGS.contains(name) || NEIGHBOURS.contains(name)) {
            return name + list(arguments, scope) + rest;
        }
        if (AGGREGATES.contains(name)) {
            String distinct = node.path("distinct").asBoolean(false) ? "DISTINCT " : "";
            return aggregate(name, distinct, arguments, rest, scope);
        }
        throw refused("The window function " + name);
    }

    private String frame(JsonNode node) {
        String start = text(node, "start");
        String end = text(node, "end");
        if (start.equals("UNBOUNDED_PRECEDING") && end.equals("CURRENT_ROW_RANGE")) {
            return "";
        }
        boolean rows = start.endsWith("_ROWS") || end.endsWith("_ROWS");
        if (start.endsWith("_GROUPS")
                || end.endsWith("_GROUPS")
                || !rows && (start.startsWith("EXPR") || end.startsWith("EXPR"))) {
            throw refused("A window of a range of values");
        }
        return (rows ? "ROWS" : "RANGE") + " BETWEEN " + bound(start, node.path("start_expr")) + " AND "
                + bound(end, node.path("end_expr"));
    }

    private static String bound(String bound, JsonNode expression) {
        return switch (bound) {
            case "UNBOUNDED_PRECEDING" -> "UNBOUNDED PRECEDING";
            case "UNBOUNDED_FOLLOWING" -> "UNBOUNDED FOLLOWING";
            case "CURRENT_ROW_RANGE", "CURRENT_ROW_ROWS" -> "CURRENT ROW";
            case "EXPR_PRECEDING_ROWS" -> count(expression, "A window's border") + " PRECEDING";
            case "EXPR_FOLLOWING_ROWS" -> count(expression, "A window's border") + " FOLLOWING";
            default -> throw refused("A window from or to " + bound.replace('_', ' '));
        };
    }

    private static String text(JsonNode node, String name) {
        return node.path(name).asString("");
    }

    private static java.util.stream.Stream<JsonNode> stream(JsonNode node) {
        return StreamSupport.stream(node.spliterator(), false);
    }
}

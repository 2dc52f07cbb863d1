package org.qiantang.invoke;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.qiantang.lake.Sql;
import org.qiantang.lake.TableName;

/**
 * A call as the lake is asked: the statement and what is bound to its places. Names come out of the definition, values never into the text.
 *
 * @param bound to {@code $1}, {@code $2} …
 */
record Question(String sql, List<@Nullable String> bound) {
    /** By which field, and which way. */
    record Order(String field, Way way) {}

    enum Way {
        ASCENDING,
        DESCENDING,
    }

    /**
     * The whole answer in one order: first as the caller wants it, then by every field, so that a page goes on just where the one before
     * ended.
     *
     * @param given values by the names of parameters
     */
    static Question of(
            Definition definition, Map<String, String> given, List<String> fields, List<Order> orders, long offset) {
        List<@Nullable String> bound = new ArrayList<>();
        String from = from(definition, given, bound);
        StringBuilder sql = selected(fields);
        ordered(sql.append(" FROM ").append(from), fields, orders);
        if (offset > 0) {
            sql.append(" OFFSET ").append(offset);
        }
        return new Question(sql.toString(), bound);
    }

    /**
     * What {@link #of} makes of a call in which these parameters select, with nothing bound.
     *
     * @param by each by what equals it, in the definition's order
     */
    static Question byKey(Definition definition, List<String> fields, List<Order> orders, List<Parameter> by) {
        StringBuilder sql = selected(fields).append(" FROM ").append(Sql.table(table(definition)));
        sql.append(" WHERE ")
                .append(IntStream.range(0, by.size())
                        .mapToObj(i -> condition(requireNonNull(by.get(i).filter()), place(i + 1, by.get(i))))
                        .collect(Collectors.joining(" AND ")));
        return new Question(ordered(sql, fields, orders).toString(), List.of());
    }

    private static StringBuilder selected(List<String> fields) {
        return new StringBuilder("SELECT ")
                .append(fields.stream().map(Sql::name).collect(Collectors.joining(", ")));
    }

    private static String place(int number, Parameter parameter) {
        return "CAST($" + number + " AS " + parameter.type().sql() + ")";
    }

    /**
     * The rows of all keys, as far as they are looked for by what equals a parameter, with the values of these keys behind its fields.
     *
     * @param by parameters, each of which selects
     */
    static String everyKey(Definition definition, List<String> fields, List<Order> orders, List<Parameter> by) {
        StringBuilder sql = selected(fields);
        for (int i = 0; i < by.size(); i++) {
            String column = requireNonNull(by.get(i).filter()).column();
            sql.append(", ").append(Sql.name(column)).append(" AS ").append(Sql.name("key " + (i + 1)));
        }
        return ordered(sql.append(" FROM ").append(Sql.table(table(definition))), fields, orders)
                .toString();
    }

    private static StringBuilder ordered(StringBuilder sql, List<String> fields, List<Order> orders) {
        sql.append(" ORDER BY ");
        orders.forEach(order -> sql.append(Sql.name(order.field))
                .append(order.way == Way.DESCENDING ? " DESC" : " ASC")
                .append(" NULLS LAST, "));
        return sql.append(IntStream.rangeClosed(1, fields.size())
                .mapToObj(i -> i + " NULLS LAST")
                .collect(Collectors.joining(", ")));
    }

    /** With every parameter as null, to know what columns there are. */
    static Question bare(Definition definition) {
        String sql = definition.sql();
        if (sql == null) {
            return new Question("SELECT * FROM " + Sql.table(table(definition)), List.of());
        }
        Template template = Template.of(closed(sql), definition.byName());
        List<@Nullable String> nothing = new ArrayList<>();
        template.names().forEach(name -> nothing.add(null));
        return new Question(template.sql(), nothing);
    }

    private static String from(Definition definition, Map<String, String> given, List<@Nullable String> bound) {
        String sql = definition.sql();
        if (sql != null) {
            Map<String, Parameter> parameters = definition.byName();
            Template template = Template.of(closed(sql), parameters);
            // Every one is looked at, whether the statement names it or not.
            parameters.forEach((name, parameter) -> parameter.bound(given.get(name)));
            for (String name : template.names()) {
                Parameter parameter = parameters.get(name);
                bound.add(parameter == null ? null : parameter.bound(given.get(name)));
            }
            return "(\n" + template.sql() + "\n) AS answer";
        }
        List<String> conditions = new ArrayList<>();
        for (Parameter parameter : definition.parameters()) {
            String value = parameter.bound(given.get(parameter.name()));
            Parameter.Filter filter = parameter.filter();
            if (value != null && filter != null) {
                bound.add(value);
                conditions.add(condition(filter, place(bound.size(), parameter)));
            }
        }
        // No star: what is not named is not read.
        String table = Sql.table(table(definition));
        return conditions.isEmpty() ? table : table + " WHERE " + String.join(" AND ", conditions);
    }

    private static String condition(Parameter.Filter filter, String value) {
        String column = Sql.name(filter.column());
        return switch (filter.operator()) {
            case EQUALS -> column + " = " + value;
            case STARTS_WITH -> "starts_with(CAST(" + column + " AS VARCHAR), CAST(" + value + " AS VARCHAR))";
            case FROM -> column + " >= " + value;
            case BEFORE -> column + " < " + value;
        };
    }

    static TableName table(Definition definition) {
        String table = String.valueOf(definition.table());
        int dot = table.indexOf('.');
        return new TableName(table.substring(0, Math.max(0, dot)), table.substring(dot + 1));
    }

    private static String closed(String sql) {
        String closed = sql.strip();
        while (closed.endsWith(";")) {
            closed = closed.substring(0, closed.length() - 1).stripTrailing();
        }
        return closed;
    }
}

package org.qiantang.invoke;

import static java.util.Objects.requireNonNull;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a version of a data service asks and how it answers: chosen fields of one resource, or a statement with named parameters.
 *
 * @param table of a resource, {@code namespace.table}; null when there is a statement
 * @param sql with parameters {@code :name}; null when there is a table
 * @param fields of the answer, in order
 * @param sortable fields by which a caller may have it sorted
 * @param pageSize rows of an answer when a caller does not say how many
 * @param mostRows of an answer, whatever a caller says
 * @param cacheSeconds for how long a caller may take an answer for fresh
 * @param personal whether it gives personal information, so that each call says by whom and for which case
 */
public record Definition(
        String title,
        @Nullable String description,
        @Nullable String table,
        @Nullable String sql,
        List<Parameter> parameters,
        List<Field> fields,
        List<String> sortable,
        int pageSize,
        int mostRows,
        int cacheSeconds,
        Rate rate,
        boolean personal) {
    public Definition {
        requireNonNull(title, "title is null");
        requireNonNull(rate, "rate is null");
        parameters = List.copyOf(parameters);
        fields = List.copyOf(fields);
        sortable = List.copyOf(sortable);
    }

    /**
     * A field of the answer.
     *
     * @param type as the lake's engine calls it, while nothing is masked
     */
    public record Field(String name, String title, String type) {}

    /** How often each caller may call. */
    public record Rate(int perSecond, int burst) {}

    Map<String, Parameter> byName() {
        Map<String, Parameter> byName = new LinkedHashMap<>();
        parameters.forEach(parameter -> byName.put(parameter.name(), parameter));
        return byName;
    }

    Definition with(List<Field> fields, boolean personal) {
        return new Definition(
                title,
                description,
                table,
                sql,
                parameters,
                fields,
                sortable,
                pageSize,
                mostRows,
                cacheSeconds,
                rate,
                personal);
    }
}

package org.qiantang.lake;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A read-only question to the lake.
 *
 * @param id by which it can be stopped while it runs
 * @param sql one SELECT statement (DuckDB's dialect) over lake tables named {@code namespace.table}
 * @param asOf null for now; a snapshot id, or a time ({@code 2026-11-23T08:00:00Z}): each table is read as it stood then
 * @param limit rows at the most; the answer says whether there were more
 * @param policies what the asker may see of each table; a table without an entry is shown as it is
 * @param parameters what {@code $1}, {@code $2} … of the statement stand for; null for null. They are bound and never become part of it
 */
public record Query(
        String id,
        String sql,
        @Nullable String asOf,
        long limit,
        Map<TableName, TablePolicy> policies,
        List<@Nullable String> parameters) {
    public Query {
        requireNonNull(id, "id is null");
        requireNonNull(sql, "sql is null");
        if (limit < 0) {
            throw new IllegalArgumentException("limit is negative");
        }
        policies = Map.copyOf(policies);
        parameters = Collections.unmodifiableList(new ArrayList<>(parameters));
    }

    /** A query without parameters. */
    public Query(String id, String sql, @Nullable String asOf, long limit, Map<TableName, TablePolicy> policies) {
        this(id, sql, asOf, limit, policies, List.of());
    }

    /** The same with what its places stand for. */
    public Query with(List<@Nullable String> bound) {
        return new Query(id, sql, asOf, limit, policies, bound);
    }

    /** What the asker may see of a table. */
    public TablePolicy policy(TableName table) {
        return policies.getOrDefault(table, TablePolicy.OPEN);
    }

    /** A query that nobody will stop. */
    public Query(String sql, @Nullable String asOf, long limit, Map<TableName, TablePolicy> policies) {
        this(UUID.randomUUID().toString(), sql, asOf, limit, policies);
    }
}

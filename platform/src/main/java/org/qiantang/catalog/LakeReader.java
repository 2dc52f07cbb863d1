package org.qiantang.catalog;

import static java.util.Objects.requireNonNull;

import java.sql.Timestamp;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.qiantang.core.Problem;
import org.qiantang.lake.LakeException;
import org.qiantang.lake.Mask;
import org.qiantang.lake.Queries;
import org.qiantang.lake.Queries.Answer;
import org.qiantang.lake.Query;
import org.qiantang.lake.RowSink;
import org.qiantang.lake.RowSink.ResultColumn;
import org.qiantang.lake.TableName;
import org.qiantang.org.Account;
import org.qiantang.org.Role;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;

/**
 * The only way from people to the rows of the lake. Every table asked for must be in the catalogue; whatever is of {@link Level#L3} or
 * above, or not in the catalogue yet, is masked inside the read itself; and each read is written down with who asked before its first row
 * is handed over.
 */
@Service
public final class LakeReader {
    private final Queries queries;
    private final Resources resources;
    private final JdbcClient jdbc;
    private final Clock clock;

    LakeReader(Queries queries, Resources resources, JdbcClient jdbc, Clock clock) {
        this.queries = queries;
        this.resources = resources;
        this.jdbc = jdbc;
        this.clock = clock;
    }

    /** The first rows of a resource. Masked for everybody, the operator included. */
    public Preview preview(Account who, UUID resource, int limit) {
        Resource found = resources.get(resource);
        if (found.snapshotId() == null) {
            throw new Problem(CatalogProblem.NOTHING_LANDED, "name", found.name());
        }
        TableName table = tableName(found.lakeTable());
        Map<String, Resources.Known> known = resources.known(table).orElseThrow();
        String sql = "select * from " + quoted(table);
        Rows rows = new Rows();
        Answer answer = read(who, "preview", sql, null, limit, Map.of(table, masks(table, null, known)), rows);
        List<PreviewColumn> columns = rows.columns.stream()
                .map(column -> {
                    Resources.Known field = known.get(column.name());
                    boolean masked = field == null || field.mask() != null;
                    return new PreviewColumn(
                            column.name(), column.type(), field == null ? Level.L4 : field.level(), masked);
                })
                .toList();
        Instant asOf =
                answer.tables().isEmpty() ? null : answer.tables().getFirst().committedAt();
        return new Preview(asOf, columns, rows.rows);
    }

    /** Answers a statement with rows in memory. */
    public SqlAnswer ask(Account who, String sql, @Nullable String asOf, int limit) {
        Instant start = clock.instant();
        Rows rows = new Rows();
        Answer answer = stream(who, "sql", sql, asOf, limit, rows);
        List<TableRead> tables = answer.tables().stream()
                .map(state -> new TableRead(
                        state.table().toString(),
                        Long.toString(state.snapshotId()),
                        state.committedAt(),
                        resources
                                .find(state.table())
                                .map(Resource::completeness)
                                .orElse(null)))
                .toList();
        Instant oldest = tables.stream()
                .map(TableRead::asOf)
                .min(java.util.Comparator.naturalOrder())
                .orElse(null);
        return new SqlAnswer(
                rows.columns,
                rows.rows,
                answer.truncated(),
                rows.rows.size(),
                java.time.Duration.between(start, clock.instant()).toMillis(),
                oldest,
                tables);
    }

    /** Answers a statement row by row, for an export. */
    public void export(Account who, String sql, @Nullable String asOf, RowSink sink) {
        stream(who, "export", sql, asOf, Long.MAX_VALUE, sink);
    }

    /** Reads one of the platform's own tables ({@code ops_*}), for the parts that own them; the caller has checked who may. */
    public void readOwn(Account who, String purpose, String sql, int limit, RowSink sink) {
        read(who, purpose, sql, null, limit, Map.of(), sink);
    }

    private Answer stream(Account who, String purpose, String sql, @Nullable String asOf, long limit, RowSink sink) {
        String time = asOf == null || asOf.isBlank() ? null : asOf.strip();
        boolean operator = who.has(Role.OPERATOR);
        Map<TableName, Map<String, Mask>> masks = new HashMap<>();
        if (!operator) {
            for (TableName table : translated(() -> queries.references(sql))) {
                Map<String, Resources.Known> known = resources.known(table).orElseThrow(() -> noSuchTable(table));
                masks.put(table, masks(table, time, known));
            }
        }
        return read(who, purpose, sql, time, limit, masks, sink);
    }

    private Answer read(
            Account who,
            String purpose,
            String sql,
            @Nullable String asOf,
            long limit,
            Map<TableName, Map<String, Mask>> masks,
            RowSink sink) {
        Set<TableName> tables = translated(() -> queries.references(sql));
        boolean unmasked = masks.isEmpty() && !tables.isEmpty();
        long access = jdbc.sql("""
                        insert into catalog_access (at, who, purpose, sql, as_of, tables, unmasked)
                        values (:at, :who, :purpose, :sql, :asOf, :tables, :unmasked) returning id""")
                .param("at", Timestamp.from(clock.instant()))
                .param("who", who.username())
                .param("purpose", purpose)
                .param("sql", sql)
                .param("asOf", asOf)
                .param("tables", tables.stream().map(TableName::toString).toArray(String[]::new))
                .param("unmasked", unmasked)
                .query(Long.class)
                .single();
        Counting counting = new Counting(sink);
        try {
            return translated(() -> queries.run(new Query(sql, asOf, limit, masks), counting));
        } finally {
            jdbc.sql("update catalog_access set rows = ?, ended_at = ? where id = ?")
                    .params(counting.rows, Timestamp.from(clock.instant()), access)
                    .update();
        }
    }

    /**
     * What must not be seen of a table. Its columns are taken from the lake itself, as of the time that is asked for, so that one the
     * catalogue has never heard of is hidden rather than shown.
     */
    private Map<String, Mask> masks(TableName table, @Nullable String asOf, Map<String, Resources.Known> known) {
        Map<String, Mask> masks = new HashMap<>();
        translated(() ->
                queries.run(new Query("select * from " + quoted(table), asOf, 0, Map.of()), new Header(columns -> {
                    for (ResultColumn column : columns) {
                        Resources.Known field = known.get(column.name());
                        if (field == null) {
                            masks.put(column.name(), new Mask.Hide());
                        } else if (field.mask() != null) {
                            masks.put(column.name(), field.mask());
                        }
                    }
                })));
        return masks;
    }

    private Problem noSuchTable(TableName table) {
        List<String> similar = resources.similar(table);
        String hint = similar.isEmpty() ? "" : "→ " + String.join(", ", similar);
        return new Problem(CatalogProblem.NO_SUCH_TABLE, "table", table.toString(), "hint", hint);
    }

    private static TableName tableName(String lakeTable) {
        int dot = lakeTable.indexOf('.');
        return new TableName(lakeTable.substring(0, dot), lakeTable.substring(dot + 1));
    }

    private static String quoted(TableName table) {
        return quoted(table.namespace()) + "." + quoted(table.name());
    }

    private static String quoted(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }

    private interface LakeCall<T> {
        T call();
    }

    private <T> T translated(LakeCall<T> call) {
        try {
            return call.call();
        } catch (LakeException e) {
            String reason = requireNonNull(e.getMessage(), "a lake's refusal has words");
            throw switch (e.kind()) {
                case NOT_ALLOWED -> new Problem(CatalogProblem.SQL_NOT_ALLOWED, "reason", reason);
                case BAD_STATEMENT -> new Problem(CatalogProblem.SQL_WRONG, "reason", reason);
                case NO_SUCH_TABLE ->
                    new Problem(
                            CatalogProblem.NO_SUCH_TABLE,
                            "table",
                            reason.replaceFirst("^No such table: ", ""),
                            "hint",
                            "");
                case NO_SUCH_SNAPSHOT -> new Problem(CatalogProblem.NO_SUCH_SNAPSHOT, "reason", reason);
                case OUT_OF_MEMORY -> new Problem(CatalogProblem.SQL_TOO_LARGE);
                case CANCELLED -> new Problem(CatalogProblem.SQL_STOPPED, "reason", reason);
                case UNAVAILABLE, STORAGE -> new Problem(CatalogProblem.LAKE_UNAVAILABLE, "reason", reason);
                case VALUE_DOES_NOT_FIT, PROOF_FAILED -> e;
            };
        }
    }

    /** The first rows of a table. */
    public record Preview(@Nullable Instant asOf, List<PreviewColumn> columns, List<List<@Nullable String>> rows) {}

    /** A column of a preview. */
    public record PreviewColumn(String name, String type, Level level, boolean masked) {}

    /**
     * The answer to a statement.
     *
     * @param asOf the oldest of the snapshots that were read
     */
    public record SqlAnswer(
            List<ResultColumn> columns,
            List<List<@Nullable String>> rows,
            boolean truncated,
            long rowCount,
            long millis,
            @Nullable Instant asOf,
            List<TableRead> tables) {}

    /** A table that was read, and at which snapshot; completeness is null for the platform's own tables. */
    public record TableRead(
            String name,
            String snapshotId,
            Instant asOf,
            @Nullable Completeness completeness) {}

    private static final class Rows implements RowSink {
        private List<ResultColumn> columns = List.of();
        private final List<List<@Nullable String>> rows = new ArrayList<>();

        @Override
        public void columns(List<ResultColumn> header) {
            columns = List.copyOf(header);
        }

        @Override
        public void row(List<@Nullable String> values) {
            rows.add(new ArrayList<>(values));
        }
    }

    private record Header(Consumer<List<ResultColumn>> taker) implements RowSink {
        @Override
        public void columns(List<ResultColumn> columns) {
            taker.accept(columns);
        }

        @Override
        public void row(List<@Nullable String> values) {
            // none was asked for
        }
    }

    private static final class Counting implements RowSink {
        private final RowSink sink;
        private long rows;

        Counting(RowSink sink) {
            this.sink = sink;
        }

        @Override
        public void columns(List<ResultColumn> columns) {
            sink.columns(columns);
        }

        @Override
        public void row(List<@Nullable String> values) {
            sink.row(values);
            rows++;
        }
    }
}

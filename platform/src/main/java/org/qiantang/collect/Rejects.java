package org.qiantang.collect;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.qiantang.catalog.CatalogProblem;
import org.qiantang.catalog.LakeReader;
import org.qiantang.core.Problem;
import org.qiantang.lake.RowSink;
import org.qiantang.org.Account;
import org.qiantang.org.Role;
import org.springframework.stereotype.Service;

/** The rows and values that could not be taken (拒收记录), which the worker keeps in the lake with their place, reason and text. */
@Service
public final class Rejects {
    private final LakeReader reader;
    private final Collections collections;

    Rejects(LakeReader reader, Collections collections) {
        this.reader = reader;
        this.collections = collections;
    }

    /**
     * One thing that was refused.
     *
     * @param where a line, a page and tuple, or a cell
     * @param column empty for a whole row
     * @param raw the text as it stands; null for whoever may not see it
     */
    public record Reject(
            String object,
            String where,
            String column,
            String code,
            String reason,
            @Nullable String raw) {}

    /** A page of rejects. */
    public record RejectPage(long total, List<Reject> items) {
        public RejectPage {
            items = List.copyOf(items);
        }
    }

    /**
     * The rejects of a run, each once. Raw texts are data nobody has classified: only those who repair sources see them.
     *
     * @param object a qualified name, or empty for all
     */
    public RejectPage list(Account who, UUID run, String object, long offset, int limit) {
        collections.get(run);
        return read(who, run, object, offset, limit);
    }

    /** What came in a stream of events and was none, each once. */
    public RejectPage listOfStream(Account who, UUID stream, long offset, int limit) {
        return read(who, stream, "", offset, limit);
    }

    private RejectPage read(Account who, UUID run, String object, long offset, int limit) {
        String filter = " from ops_collect.rejects where run_id = '" + run + "'"
                + (object.isEmpty() ? "" : " and object = " + literal(object));
        String columns = "object, \"where\", \"column\", code, reason, raw";
        List<List<@Nullable String>> count = new ArrayList<>();
        List<List<@Nullable String>> rows = new ArrayList<>();
        try {
            reader.readOwn(
                    who,
                    "rejects",
                    "select count(*) from (select distinct " + columns + filter + ") r",
                    1,
                    rowsInto(count));
            reader.readOwn(
                    who,
                    "rejects",
                    "select distinct " + columns + filter + " order by object, \"where\", \"column\", code limit "
                            + limit + " offset " + offset,
                    limit,
                    rowsInto(rows));
        } catch (Problem e) {
            if (e.code() == CatalogProblem.NO_SUCH_TABLE || e.code() == CatalogProblem.NO_SUCH_SNAPSHOT) {
                return new RejectPage(0, List.of());
            }
            throw e;
        }
        boolean raw = who.has(Role.ENGINEER);
        return new RejectPage(
                Long.parseLong(text(count.getFirst(), 0)),
                rows.stream()
                        .map(row -> new Reject(
                                text(row, 0),
                                text(row, 1),
                                text(row, 2),
                                text(row, 3),
                                text(row, 4),
                                raw ? row.get(5) : null))
                        .toList());
    }

    private static String literal(String text) {
        return "'" + text.replace("'", "''") + "'";
    }

    private static String text(List<@Nullable String> row, int column) {
        String value = row.get(column);
        return value == null ? "" : value;
    }

    private static RowSink rowsInto(List<List<@Nullable String>> rows) {
        return new RowSink() {
            @Override
            public void columns(List<ResultColumn> columns) {
                // known
            }

            @Override
            public void row(List<@Nullable String> values) {
                rows.add(new ArrayList<>(values));
            }
        };
    }
}

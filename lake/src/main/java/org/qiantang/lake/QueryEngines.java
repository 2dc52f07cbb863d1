package org.qiantang.lake;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Engines for what people ask: each answers one statement at a time and knows nothing but the tables that the statement is about, as the
 * reader may see them. One that has answered well stays for whoever has the very same right to the very same tables at the same snapshots:
 * to start one, to show it the tables and to look into their files takes longer than a small answer. So does planning: a statement that is
 * asked again is not planned again. The next engine is started, and the last one is ended, while nobody waits.
 */
final class QueryEngines implements AutoCloseable {
    /** Idle engines; each keeps the ends of its files and the places of deleted rows in memory, and nothing of their rows. */
    private static final int KEPT = 16;
    /** Planned statements of each; a plan is small. */
    private static final int STATEMENTS = 8;

    private final LakeSettings settings;
    private final ExecutorService aside = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("query-engines").factory());
    /** Those used last come first. */
    private final Deque<Shown> kept = new ArrayDeque<>();

    private @Nullable Connection spare;
    private boolean closed;

    QueryEngines(LakeSettings settings) {
        this.settings = settings;
    }

    /** What a table is to a reader. */
    private record View(long snapshot, int schema, TablePolicy policy) {
        static Map<TableName, View> of(Map<TableName, Scan> scans) {
            Map<TableName, View> views = new TreeMap<>();
            scans.forEach((name, scan) -> views.put(
                    name, new View(scan.state().snapshotId(), scan.schema().schemaId(), scan.policy())));
            return views;
        }
    }

    /** @param statements by what was asked, those used last coming last */
    private record Shown(Map<TableName, View> views, Connection connection, Map<String, Ready> statements) {
        Shown(Map<TableName, View> views, Connection connection) {
            this(views, connection, new LinkedHashMap<>(16, 0.75f, true));
        }
    }

    /** A statement that an engine has planned: what it answers with stays true for as long as the engine's tables do. */
    record Ready(List<RowSink.ResultColumn> columns, PreparedStatement statement) {
        Ready {
            columns = List.copyOf(columns);
        }
    }

    /** Plans a statement. */
    interface Planner {
        Ready plan() throws SQLException;
    }

    /** The right to an engine; closing it does not wait. */
    interface Lease extends AutoCloseable {
        Connection connection();

        /** The statement as this engine has planned it, or as it is planned now. */
        Ready ready(String sql, long limit, Planner planner) throws SQLException;

        /** Says that the statement has ended well. */
        void keep();

        @Override
        void close();
    }

    /** An engine that knows no table; it is not kept. */
    Lease take() throws SQLException {
        return lease(new Shown(Map.of(), fresh()), false);
    }

    /** An engine that knows just these tables and has every other door closed. */
    Lease take(Map<TableName, Scan> scans) throws SQLException {
        Map<TableName, View> views = View.of(scans);
        Shown ready = takeKept(views);
        if (ready != null) {
            return lease(ready, true);
        }
        Connection connection = fresh();
        try (Statement statement = connection.createStatement()) {
            // Files never change: what is known of one stays true.
            statement.execute("SET parquet_metadata_cache = true");
            Lake.show(connection, scans);
            Lake.close(connection, settings, scans, List.of());
        } catch (SQLException | RuntimeException e) {
            aside(() -> end(connection));
            throw e;
        }
        return lease(new Shown(views, connection), true);
    }

    private Lease lease(Shown shown, boolean stays) {
        return new Lease() {
            private boolean well;

            @Override
            public Connection connection() {
                return shown.connection;
            }

            @Override
            public Ready ready(String sql, long limit, Planner planner) throws SQLException {
                String asked = limit + " " + sql;
                Ready ready = shown.statements.get(asked);
                if (ready == null) {
                    ready = planner.plan();
                    shown.statements.put(asked, ready);
                    if (shown.statements.size() > STATEMENTS) {
                        Iterator<Ready> oldest = shown.statements.values().iterator();
                        PreparedStatement last = oldest.next().statement;
                        oldest.remove();
                        last.close();
                    }
                }
                return ready;
            }

            @Override
            public void keep() {
                well = true;
            }

            @Override
            public void close() {
                Connection last = well && stays ? kept(shown) : shown.connection;
                if (last != null) {
                    aside(() -> end(last));
                }
            }
        };
    }

    private synchronized @Nullable Shown takeKept(Map<TableName, View> views) {
        for (Iterator<Shown> each = kept.iterator(); each.hasNext(); ) {
            Shown shown = each.next();
            if (shown.views.equals(views)) {
                each.remove();
                return shown;
            }
        }
        return null;
    }

    /** Keeps an engine; the one that has to go for it. */
    private synchronized @Nullable Connection kept(Shown shown) {
        if (closed) {
            return shown.connection;
        }
        kept.addFirst(shown);
        return kept.size() > KEPT ? kept.removeLast().connection : null;
    }

    private Connection fresh() throws SQLException {
        Connection ready = takeSpare();
        Connection connection = ready == null ? open() : ready;
        aside(this::prepare);
        return connection;
    }

    /** Here and now when everything ends. */
    private void aside(Runnable task) {
        try {
            aside.execute(task);
        } catch (RejectedExecutionException ending) {
            task.run();
        }
    }

    private Connection open() throws SQLException {
        return Engine.open(settings, settings.queryMemoryBytes());
    }

    private synchronized @Nullable Connection takeSpare() {
        Connection taken = spare;
        spare = null;
        return taken;
    }

    private void prepare() {
        try {
            synchronized (this) {
                if (spare != null || closed) {
                    return;
                }
            }
            Connection next = open();
            synchronized (this) {
                if (!closed) {
                    spare = next;
                    return;
                }
            }
            end(next);
        } catch (SQLException e) {
            System.getLogger(QueryEngines.class.getName())
                    .log(System.Logger.Level.DEBUG, "The next query starts its engine itself", e);
        }
    }

    private static void end(Connection connection) {
        try {
            connection.close();
        } catch (SQLException e) {
            System.getLogger(QueryEngines.class.getName())
                    .log(System.Logger.Level.WARNING, "An engine does not end", e);
        }
    }

    /** Ends what is under way first. */
    @Override
    public void close() {
        List<Connection> last = new ArrayList<>();
        synchronized (this) {
            closed = true;
            kept.forEach(shown -> last.add(shown.connection));
            kept.clear();
        }
        aside.close();
        Connection next = takeSpare();
        if (next != null) {
            last.add(next);
        }
        last.forEach(QueryEngines::end);
    }
}

package org.qiantang.lake;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Engines for what people ask: each answers one statement and is gone. To start and to end one takes longer than a small answer, so the
 * next is started, and the last is ended, while nobody waits.
 */
final class QueryEngines implements AutoCloseable {
    private final LakeSettings settings;
    private final ExecutorService aside = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("query-engines").factory());
    private @Nullable Connection spare;
    private boolean closed;

    QueryEngines(LakeSettings settings) {
        this.settings = settings;
    }

    /** The right to an engine; closing it does not wait. */
    interface Lease extends AutoCloseable {
        Connection connection();

        @Override
        void close();
    }

    Lease take() throws SQLException {
        Connection ready = takeSpare();
        Connection connection = ready == null ? open() : ready;
        aside(this::prepare);
        return new Lease() {
            @Override
            public Connection connection() {
                return connection;
            }

            @Override
            public void close() {
                aside(() -> end(connection));
            }
        };
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
        synchronized (this) {
            closed = true;
        }
        aside.close();
        Connection last = takeSpare();
        if (last != null) {
            end(last);
        }
    }
}

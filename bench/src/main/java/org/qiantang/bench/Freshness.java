package org.qiantang.bench;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.qiantang.bench.Column.Kind;
import tools.jackson.databind.JsonNode;

/**
 * How old the lake is while its source changes steadily. A transaction is due at its time whether or not the one before it has ended,
 * and its age counts from when it was due until somebody who asked the hub has an answer with it: a stall on either side is not hidden.
 */
final class Freshness {
    static final String TABLE = "readings";
    static final List<Column> COLUMNS = List.of(
            new Column("id", Kind.NUMBER, "bigint"),
            new Column("n", Kind.NUMBER, "bigint"),
            new Column("device", Kind.TEXT, "text"),
            new Column("value", Kind.NUMBER, "numeric(12,2)"));
    private static final int CHANGES_PER_TRANSACTION = 20;
    /** Rows inserted, updated and deleted by one transaction; together the above. */
    private static final int INSERTED = 10;

    private static final int UPDATED = 8;
    private static final int DELETED = 2;
    /** How many transactions later a row is changed, and deleted. */
    private static final int CHANGED_AFTER = 50;

    private static final int DELETED_AFTER = 200;
    private static final long PAUSE_MILLIS = 50;
    private static final long PATIENCE_SECONDS = 120;

    private final Source source;

    Freshness(Source source) throws SQLException {
        this.source = source;
        try (Connection connection = source.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("create table " + TABLE
                    + " (id bigint primary key, n bigint not null, device text, value numeric(12,2))");
            statement.execute("insert into " + TABLE + " select g, (g - 1) / " + INSERTED
                    + ", 'd' || g % 1000, g % 500 / 2.0 from generate_series(1::bigint, "
                    + DELETED_AFTER * INSERTED + ") g");
        }
    }

    /** All of it in nanoseconds, sorted. */
    record Ages(long[] ages, long[] writersLateness, long[] answers) {
        static long part(long[] sorted, double share) {
            return sorted[Math.min(sorted.length - 1, (int) (sorted.length * share))];
        }
    }

    /** @param rate changes a second */
    Ages measure(Hub hub, int rate, int seconds) throws Exception {
        int transactions = rate * seconds / CHANGES_PER_TRANSACTION;
        long interval = TimeUnit.SECONDS.toNanos(1) * CHANGES_PER_TRANSACTION / rate;
        long start = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(200);
        long[] lateness = new long[transactions];
        long[] ages = new long[transactions];
        List<Long> answers = new ArrayList<>();
        try (ExecutorService executor = Executors.newSingleThreadExecutor()) {
            Future<?> writer = executor.submit(() -> {
                write(start, interval, lateness);
                return null;
            });
            int seen = 0;
            long deadline = start + interval * transactions + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
            while (seen < transactions) {
                long asked = System.nanoTime();
                JsonNode answer =
                        hub.post("api/sql", Map.of("sql", "select max(n) from " + FollowLeg.lakeTable(TABLE)));
                long now = System.nanoTime();
                answers.add(now - asked);
                long newest = Long.parseLong(answer.path("rows").path(0).path(0).asString());
                for (; seen <= newest - DELETED_AFTER; seen++) {
                    ages[seen] = now - (start + seen * interval);
                }
                if (now > deadline || writer.isDone() && writer.state() == Future.State.FAILED) {
                    writer.cancel(true);
                    throw new IllegalStateException("Only " + seen + " of " + transactions + " transactions arrived.");
                }
                TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
            }
            writer.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("Cannot write the changes", e.getCause());
        }
        Arrays.sort(ages);
        Arrays.sort(lateness);
        return new Ages(
                ages,
                lateness,
                answers.stream().mapToLong(Long::longValue).sorted().toArray());
    }

    private void write(long start, long interval, long[] lateness) throws SQLException {
        try (Connection connection = source.connect();
                PreparedStatement statement = connection.prepareStatement("""
                        with added as (
                            insert into readings select ? * 10 + g, ?, 'd' || g * 37 % 1000, g % 500 / 2.0
                            from generate_series(1, 10) g),
                        changed as (update readings set value = value + 0.5 where id between ? and ?)
                        delete from readings where id between ? and ?""")) {
            for (int i = 0; i < lateness.length; i++) {
                long due = start + i * interval;
                for (long wait = due - System.nanoTime(); wait > 0; wait = due - System.nanoTime()) {
                    LockSupport.parkNanos(wait);
                }
                long n = DELETED_AFTER + i;
                statement.setLong(1, n);
                statement.setLong(2, n);
                long changed = (n - CHANGED_AFTER) * INSERTED + DELETED;
                statement.setLong(3, changed + 1);
                statement.setLong(4, changed + UPDATED);
                long deleted = (n - DELETED_AFTER) * INSERTED;
                statement.setLong(5, deleted + 1);
                statement.setLong(6, deleted + DELETED);
                if (statement.executeUpdate() != DELETED) {
                    throw new IllegalStateException("Transaction " + n + " did not find its rows.");
                }
                lateness[i] = System.nanoTime() - due;
            }
        }
    }
}

package org.qiantang.bench;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.qiantang.bench.Column.Kind;

/**
 * What happens all day in a department's system: half new rows, most of the rest changed ones, a tenth deleted, in transactions of a
 * thousand. Which rows follows from the numbers alone, so each run writes the same.
 */
final class Changes {
    static final String TABLE = "permits";
    static final List<Column> COLUMNS = List.of(
            new Column("id", Kind.NUMBER, "bigint"),
            new Column("applicant", Kind.TEXT, "varchar(60)"),
            new Column("district", Kind.NUMBER, "integer"),
            new Column("amount", Kind.NUMBER, "numeric(12,2)"),
            new Column("filed", Kind.DATE, "date"),
            new Column("remark", Kind.TEXT, "text"));
    static final String PUBLICATION = "bench";
    private static final int ROWS_PER_TRANSACTION = 1_000;
    /** Ten transactions of each kind of change in turn: I insert, U update, D delete. */
    private static final String ROUND = "IUIUIUIUID";

    private final Source source;
    private final int rounds;
    private long oldest = 1;
    private long newest;
    private String end = "";

    /** @param perPair how many changes one pair is to have; rounded to tens of transactions */
    Changes(Source source, int perPair) throws SQLException {
        this.source = source;
        this.rounds = Math.max(1, perPair / (ROUND.length() * ROWS_PER_TRANSACTION));
        try (Connection connection = source.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("create table " + TABLE + " (id bigint primary key, applicant varchar(60) not null,"
                    + " district integer, amount numeric(12,2), filed date, remark text)");
            // As many old rows as a pair deletes, and as many again that stay.
            newest = 2L * rounds * ROWS_PER_TRANSACTION;
            insert(connection, 1, newest);
            statement.execute("create publication " + PUBLICATION + " for table " + TABLE);
            statement.execute("vacuum (freeze, analyze)");
        }
    }

    long perPair() {
        return (long) rounds * ROUND.length() * ROWS_PER_TRANSACTION;
    }

    /** Where the log ends after the changes. */
    String end() {
        return end;
    }

    /** What the table holds now. */
    Digest digest() throws SQLException {
        try (Connection connection = source.connect()) {
            return Digest.of(connection, COLUMNS, TABLE, Digest.Dialect.POSTGRESQL);
        }
    }

    /** Makes a pair's changes. */
    void write() throws SQLException {
        long goes = oldest + (long) rounds * ROWS_PER_TRANSACTION;
        try (Connection connection = source.connect()) {
            for (int round = 0; round < rounds; round++) {
                for (int i = 0; i < ROUND.length(); i++) {
                    switch (ROUND.charAt(i)) {
                        case 'I' -> {
                            insert(connection, newest + 1, newest + ROWS_PER_TRANSACTION);
                            newest += ROWS_PER_TRANSACTION;
                        }
                        case 'U' -> update(connection, goes, (long) round * ROUND.length() + i);
                        default -> delete(connection, oldest + round);
                    }
                }
            }
            oldest = goes;
            try (Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery("select pg_current_wal_flush_lsn()")) {
                row.next();
                end = row.getString(1);
            }
        }
    }

    private static void insert(Connection connection, long from, long to) throws SQLException {
        execute(
                connection,
                to - from + 1,
                "insert into " + TABLE + " select g, '申请人' || g * 104729 % 999983, (g % 13)::integer,"
                        + " (g * 31 % 10000000) / 100.0, date '2020-01-01' + (g % 2000)::integer, md5(g::text)"
                        + " from generate_series(?::bigint, ?) g",
                from,
                to);
    }

    /** Changes rows that are spread over everything that stays. */
    private void update(Connection connection, long from, long number) throws SQLException {
        long all = newest - from + 1;
        execute(
                connection,
                ROWS_PER_TRANSACTION,
                "update " + TABLE + " set amount = amount + 0.01, district = (district + 1) % 13, remark = md5(remark)"
                        + " where id in (select ? + (g * ? + ?) % ? from generate_series(0::bigint, ?) g)",
                from,
                all / ROWS_PER_TRANSACTION,
                number * 7_919,
                all,
                ROWS_PER_TRANSACTION - 1L);
    }

    /** Deletes rows that are spread over those which go in this pair. */
    private void delete(Connection connection, long first) throws SQLException {
        execute(
                connection,
                ROWS_PER_TRANSACTION,
                "delete from " + TABLE + " where id in (select ? + g * ? from generate_series(0::bigint, ?) g)",
                first,
                (long) rounds,
                ROWS_PER_TRANSACTION - 1L);
    }

    private static void execute(Connection connection, long rows, String sql, long... values) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < values.length; i++) {
                statement.setLong(i + 1, values[i]);
            }
            int changed = statement.executeUpdate();
            if (changed != rows) {
                throw new IllegalStateException(changed + " rows were changed, not " + rows + ", by " + sql);
            }
        }
    }

    /** Makes a place in the log that a reader goes on from. */
    void createSlot(String name) throws SQLException {
        source.single("select count(pg_create_logical_replication_slot('" + name + "', 'pgoutput'))");
    }

    /** Lets the log before the end go, which the slot's reader has had. */
    void advance(String slot) throws SQLException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (source.single("select count(*) from pg_replication_slots where slot_name = '" + slot + "' and active")
                > 0) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException("Slot " + slot + " stays in use.");
            }
            TimeUnit.MILLISECONDS.sleep(20);
        }
        source.single("select count(pg_replication_slot_advance('" + slot + "', '" + end + "'))");
    }
}

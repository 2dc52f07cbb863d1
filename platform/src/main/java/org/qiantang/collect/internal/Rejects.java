package org.qiantang.collect.internal;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.qiantang.collect.internal.Connector.RejectedRow;
import org.qiantang.lake.Batch;
import org.qiantang.lake.ChunkReader;
import org.qiantang.lake.Column;
import org.qiantang.lake.Lake;
import org.qiantang.lake.LakeType;
import org.qiantang.lake.TableName;
import org.qiantang.lake.TableWrite;

/**
 * What a run could not take, kept in the lake table {@code ops_collect.rejects} with its reason and its text. Rejects of a table are
 * committed before the table itself, so that a table never counts as collected while what it left out is unknown; a table that is
 * collected again after a crash may therefore leave the same reject twice, and readers take each once.
 */
public final class Rejects {
    public static final TableName TABLE = new TableName("ops_collect", "rejects");

    private static final List<Column> COLUMNS = List.of(
            text("run_id"),
            text("source"),
            text("object"),
            text("where"),
            text("column"),
            text("code"),
            text("reason"),
            text("raw"),
            new Column("at", LakeType.TIMESTAMP_TZ, "timestamp", null),
            text("id"),
            text("sender"),
            text("origin"),
            new Column("received_at", LakeType.TIMESTAMP_TZ, "timestamp", null),
            text("form"),
            text("exact"));
    private static final int BUFFERED_ROWS = 2_000;
    private static final int BUFFERED_CHARACTERS = 4 << 20;

    /** Tables of all runs share the rejects table, whose writers take turns. */
    private static final ReentrantLock TURN = new ReentrantLock();

    private final Lake lake;
    private final String runId;
    private final String source;

    public Rejects(Lake lake, String runId, String source) {
        this.lake = lake;
        this.runId = runId;
        this.source = source;
    }

    /** Gives the table the columns of today, when it is of yesterday. */
    public static void reshape(Lake lake) {
        if (!lake.shape(TABLE).isEmpty()) {
            lake.reshape(TABLE, COLUMNS, Map.of());
        }
    }

    /** The rejects of one attempt at one table. */
    public Of of(String object) {
        return new Of(object);
    }

    /** Thread-safe. */
    public final class Of {
        private final String object;
        private final List<RejectedRow> buffer = new ArrayList<>();
        private int characters;
        private long rows;
        private long values;

        private Of(String object) {
            this.object = object;
        }

        public synchronized void add(RejectedRow row) {
            if (row.column().isEmpty()) {
                rows++;
            } else {
                values++;
            }
            buffer.add(row);
            characters += row.raw().length() + row.reason().length();
            if (row.message() != null && row.message().exact() != null) {
                characters += row.message().exact().length();
            }
            if (buffer.size() >= BUFFERED_ROWS || characters >= BUFFERED_CHARACTERS) {
                spill();
            }
        }

        synchronized long rows() {
            return rows;
        }

        synchronized long values() {
            return values;
        }

        public synchronized void commit() {
            if (!buffer.isEmpty()) {
                spill();
            }
        }

        private void spill() {
            TURN.lock();
            try (TableWrite write = lake.append(TABLE, COLUMNS)) {
                write.write(reader(List.copyOf(buffer)));
                write.commit(Map.of("qiantang.run-id", runId));
            } catch (Exception e) {
                throw new IllegalStateException("Rejects of " + object + " cannot be kept: " + e.getMessage(), e);
            } finally {
                TURN.unlock();
            }
            buffer.clear();
            characters = 0;
        }

        private ChunkReader reader(List<RejectedRow> rejected) {
            int[] next = {0};
            long at = Instant.now().toEpochMilli() * 1_000;
            return (Batch batch) -> {
                int n = 0;
                for (; n < batch.capacity() && next[0] < rejected.size(); n++) {
                    RejectedRow row = rejected.get(next[0]++);
                    batch.setText(0, n, runId);
                    batch.setText(1, n, source);
                    batch.setText(2, n, object);
                    batch.setText(3, n, row.where());
                    batch.setText(4, n, row.column());
                    batch.setText(5, n, row.code());
                    batch.setText(6, n, row.reason());
                    batch.setText(7, n, row.raw());
                    batch.setLong(8, n, at);
                    Connector.Message message = row.message();
                    text(batch, 9, n, message == null ? null : message.id());
                    text(batch, 10, n, message == null ? null : message.sender());
                    text(batch, 11, n, message == null ? null : message.origin());
                    if (message == null) {
                        batch.setNull(12, n);
                    } else {
                        batch.setLong(12, n, message.receivedAtMicros());
                    }
                    text(batch, 13, n, message == null ? null : message.form());
                    text(batch, 14, n, message == null ? null : message.exact());
                }
                return n;
            };
        }

        private static void text(Batch batch, int column, int row, @Nullable String text) {
            if (text == null) {
                batch.setNull(column, row);
            } else {
                batch.setText(column, row, text);
            }
        }
    }

    private static Column text(String name) {
        return new Column(name, LakeType.TEXT, "text", null);
    }
}

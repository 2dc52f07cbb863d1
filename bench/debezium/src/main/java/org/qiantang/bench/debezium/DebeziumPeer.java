package org.qiantang.bench.debezium;

import io.debezium.embedded.Connect;
import io.debezium.engine.DebeziumEngine;
import io.debezium.engine.RecordChangeEvent;
import io.debezium.engine.format.ChangeEventFormat;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;

/**
 * Reads changes from a slot of a PostgreSQL with Debezium's engine and counts them, nothing else:
 * {@code HOST PORT USER PASSWORD DATABASE SLOT PUBLICATION COUNT}. Records keep the engine's own form, which spares it any text.
 */
public final class DebeziumPeer {
    private DebeziumPeer() {}

    /** Ends when it has seen COUNT changes, and prints how many of each kind there were and the seconds since the first came. */
    public static void main(String[] args) throws Exception {
        Properties settings = new Properties();
        settings.setProperty("name", "peer");
        settings.setProperty("connector.class", "io.debezium.connector.postgresql.PostgresConnector");
        settings.setProperty("offset.storage", "org.apache.kafka.connect.storage.MemoryOffsetBackingStore");
        settings.setProperty("topic.prefix", "peer");
        settings.setProperty("database.hostname", args[0]);
        settings.setProperty("database.port", args[1]);
        settings.setProperty("database.user", args[2]);
        settings.setProperty("database.password", args[3]);
        settings.setProperty("database.dbname", args[4]);
        settings.setProperty("plugin.name", "pgoutput");
        settings.setProperty("slot.name", args[5]);
        settings.setProperty("publication.name", args[6]);
        settings.setProperty("publication.autocreate.mode", "disabled");
        settings.setProperty("snapshot.mode", "no_data");
        long expected = Long.parseLong(args[7]);

        Counts counts = new Counts(expected);
        AtomicReference<String> failure = new AtomicReference<>("");
        // Never closed but by the end of the program: how long it takes to close is nobody's speed.
        DebeziumEngine<RecordChangeEvent<SourceRecord>> engine = DebeziumEngine.create(
                        ChangeEventFormat.of(Connect.class))
                .using(settings)
                .using((success, message, error) -> {
                    if (!success) {
                        failure.set(message + (error == null ? "" : " " + error));
                        counts.reached.countDown();
                    }
                })
                .notifying(counts)
                .build();
        Thread.ofPlatform().daemon().start(engine);
        counts.reached.await();
        if (!failure.get().isEmpty()) {
            System.err.println(failure.get());
            System.exit(1);
        }
        System.out.printf(
                Locale.ROOT,
                "created %d%nupdated %d%ndeleted %d%nseconds %.3f%n",
                counts.created,
                counts.updated,
                counts.deleted,
                (System.nanoTime() - counts.first) / 1e9);
        System.exit(0);
    }

    private static final class Counts implements DebeziumEngine.ChangeConsumer<RecordChangeEvent<SourceRecord>> {
        final CountDownLatch reached = new CountDownLatch(1);
        private final long expected;
        long first;
        long created;
        long updated;
        long deleted;

        Counts(long expected) {
            this.expected = expected;
        }

        @Override
        public void handleBatch(
                List<RecordChangeEvent<SourceRecord>> events,
                DebeziumEngine.RecordCommitter<RecordChangeEvent<SourceRecord>> committer)
                throws InterruptedException {
            if (first == 0) {
                first = System.nanoTime();
            }
            for (RecordChangeEvent<SourceRecord> event : events) {
                // Heartbeats, transactions' ends and the empty record after a deletion are no changes.
                if (event.record().value() instanceof Struct value && value.schema().field("op") != null) {
                    switch (value.getString("op")) {
                        case "c" -> created++;
                        case "u" -> updated++;
                        case "d" -> deleted++;
                        default -> {}
                    }
                }
            }
            committer.markProcessed(events.getLast());
            committer.markBatchFinished();
            if (created + updated + deleted >= expected) {
                reached.countDown();
            }
        }
    }
}

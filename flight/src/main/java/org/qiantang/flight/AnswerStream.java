package org.qiantang.flight;

import java.io.IOException;
import java.io.InputStream;
import java.util.UUID;
import org.apache.arrow.flight.BackpressureStrategy;
import org.apache.arrow.flight.BackpressureStrategy.WaitResult;
import org.apache.arrow.flight.CallStatus;
import org.apache.arrow.flight.FlightProducer.ServerStreamListener;
import org.apache.arrow.flight.FlightRuntimeException;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorLoader;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.VectorUnloader;
import org.apache.arrow.vector.ipc.ArrowStreamReader;
import org.apache.arrow.vector.ipc.message.ArrowRecordBatch;
import org.qiantang.flight.Session.Prepared;

/**
 * One answer on its way from the hub to a tool, a batch at a time and no faster than the tool takes it. The tool has the columns at once, so
 * that it can stop what takes long.
 */
final class AnswerStream {
    private static final long LONGEST_WAIT_MILLIS = 10 * 60_000L;

    private final String id = UUID.randomUUID().toString();
    private final Session session;
    private final Prepared prepared;
    private final Asked asked;
    private final BufferAllocator memory;
    private final ServerStreamListener listener;
    private final BackpressureStrategy pace = new BackpressureStrategy.CallbackBackpressureStrategy() {
        @Override
        protected void cancelCallback() {
            Thread.ofVirtual().start(AnswerStream.this::stop);
        }
    };

    AnswerStream(
            Session session, Prepared prepared, Asked asked, BufferAllocator memory, ServerStreamListener listener) {
        this.session = session;
        this.prepared = prepared;
        this.asked = asked;
        this.memory = memory;
        this.listener = listener;
        pace.register(listener);
    }

    void run() {
        try (VectorSchemaRoot root = VectorSchemaRoot.create(prepared.schema(), memory)) {
            listener.start(root);
            send(root);
            if (!listener.isCancelled()) {
                listener.completed();
            }
        } catch (FlightRuntimeException e) {
            fail(e);
        } catch (IOException e) {
            fail(Session.broken(e));
        } catch (RuntimeException e) {
            fail(CallStatus.INTERNAL
                    .withDescription(String.valueOf(e.getMessage()))
                    .withCause(e)
                    .toRuntimeException());
        }
    }

    private void send(VectorSchemaRoot root) throws IOException {
        try (InputStream rows = session.rows(id, prepared.sql(), asked);
                ArrowStreamReader reader = new ArrowStreamReader(rows, memory)) {
            if (!ColumnTypes.inUtc(reader.getVectorSchemaRoot().getSchema()).equals(prepared.schema())) {
                throw CallStatus.INVALID_ARGUMENT
                        .withDescription("The columns have changed since the statement was prepared: ask again.")
                        .toRuntimeException();
            }
            VectorLoader loader = new VectorLoader(root);
            VectorUnloader unloader = new VectorUnloader(reader.getVectorSchemaRoot());
            while (!listener.isCancelled() && reader.loadNextBatch()) {
                try (ArrowRecordBatch batch = unloader.getRecordBatch()) {
                    loader.load(batch);
                }
                if (pace.waitForListener(LONGEST_WAIT_MILLIS) != WaitResult.READY) {
                    throw CallStatus.TIMED_OUT
                            .withDescription("Nobody took the answer")
                            .toRuntimeException();
                }
                session.touch();
                listener.putNext();
                root.clear();
            }
        }
    }

    private void stop() {
        try {
            session.stop(id);
        } catch (FlightRuntimeException gone) {
            // With the session ends what it asked.
        }
    }

    private void fail(FlightRuntimeException why) {
        if (!listener.isCancelled()) {
            listener.error(why);
        }
    }
}

package org.qiantang.collect;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.qiantang.collect.internal.events.EventLines;
import org.qiantang.collect.internal.events.EventRecord;
import org.qiantang.collect.internal.events.Hj212Listener;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/** The ways by which events come other than HTTP: each is open as long as the hub runs and a stream wants it. */
@Component
public final class EventDoors implements SmartLifecycle {
    private static final System.Logger LOG = System.getLogger(EventDoors.class.getName());
    private static final Duration LOOK = Duration.ofSeconds(2);

    private final EventStreams streams;
    private final EventIntake intake;
    private final EventPorts ports;
    private volatile @Nullable Thread thread;
    private volatile boolean stopping;
    private volatile @Nullable Hj212Listener instruments;

    EventDoors(EventStreams streams, EventIntake intake, Optional<EventPorts> ports) {
        this.streams = streams;
        this.intake = intake;
        this.ports = ports.orElse(new EventPorts(0));
    }

    /** The port at which instruments are heard; empty when nobody listens. */
    public Optional<Integer> hj212Port() {
        return Optional.ofNullable(instruments).map(Hj212Listener::port);
    }

    @Override
    public void start() {
        stopping = false;
        thread = Thread.ofPlatform().daemon().name("event-doors").start(this::keepOpen);
    }

    @Override
    public void stop() {
        stopping = true;
        Thread running = thread;
        if (running != null) {
            running.interrupt();
            try {
                running.join(Duration.ofSeconds(10));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        Hj212Listener listening = instruments;
        if (listening != null) {
            listening.close();
            instruments = null;
        }
        thread = null;
    }

    @Override
    public boolean isRunning() {
        return thread != null;
    }

    private void keepOpen() {
        while (!stopping) {
            if (ports.hj212() != 0 && instruments == null) {
                try {
                    instruments = Hj212Listener.open(Math.max(0, ports.hj212()), new Instruments());
                } catch (IOException e) {
                    LOG.log(
                            System.Logger.Level.WARNING,
                            "Instruments cannot be heard at port " + ports.hj212() + ": " + e.getMessage());
                }
            }
            java.util.concurrent.locks.LockSupport.parkNanos(LOOK.toNanos());
            if (Thread.interrupted()) {
                return;
            }
        }
    }

    /** What instruments say, in the stream in which they are registered. */
    private final class Instruments implements Hj212Listener.Sink {
        @Override
        public void events(String device, byte[] events) {
            UUID stream = streams.streamOf(EventLocation.HJ212, device).orElse(EventRecord.NO_STREAM);
            intake.take(new EventStreams.Sender(stream, device), "", EventLines.ofLines(events));
        }

        @Override
        public void rejected(String from, String reason, String raw) {
            UUID stream = streams.streamOf(EventLocation.HJ212, "").orElse(EventRecord.NO_STREAM);
            intake.reject(stream, from, CollectProblem.EVENT_BAD_PACKET, reason, raw);
        }
    }
}

package org.qiantang.collect;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.qiantang.collect.internal.events.EventLines;
import org.qiantang.collect.internal.events.EventLog;
import org.qiantang.collect.internal.events.EventRecord;
import org.qiantang.collect.internal.events.Reject;
import org.qiantang.core.Problem;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.stereotype.Service;

/**
 * Where all events come in, whatever way they came: what is taken is safe on disk when the call returns, and lands in the lake soon after.
 * The hub keeps the log, for it is the process that has to survive a worker's death.
 */
@Service
public final class EventIntake implements DisposableBean {
    private static final int SHOWN = 100;
    private static final int REJECTS_TOGETHER = 4 << 20;

    private final EventLog log;
    private final Path folder;
    private final Storage storage;
    private final Clock clock;

    EventIntake(Sources.HomeFolder home, Storage storage, Clock clock) {
        this.storage = storage;
        this.folder = home.path().resolve("events");
        this.log = EventLog.open(folder, EventLog.Limits.USUAL);
        this.clock = clock;
    }

    /**
     * What became of what was sent.
     *
     * @param accepted events that are safe
     * @param rejected lines that are no events; they are kept with their reason
     * @param rejects the first of them
     */
    public record Taken(long accepted, long rejected, List<RejectedLine> rejects) {
        public Taken {
            rejects = List.copyOf(rejects);
        }
    }

    /** A line that was not taken. */
    public record RejectedLine(int line, String code, String reason) {}

    /**
     * Takes what somebody sent. Returns when all of it is safe.
     *
     * @param origin the topic or the like it came by; may be empty
     * @throws Problem when nothing of it is
     */
    public Taken take(EventStreams.Sender sender, String origin, EventLines lines) {
        List<EventRecord> records = new ArrayList<>(2);
        add(records, sender, origin, lines);
        if (!records.isEmpty()) {
            append(records);
        }
        return new Taken(
                lines.count(),
                lines.bad().size(),
                lines.bad().stream()
                        .limit(SHOWN)
                        .map(bad -> new RejectedLine(bad.line(), bad.code().id(), bad.reason()))
                        .toList());
    }

    /** Takes what several messages brought, all of it or nothing. */
    void takeAll(List<Arrival> arrivals) {
        List<EventRecord> records = new ArrayList<>(arrivals.size());
        arrivals.forEach(each -> add(records, each.sender(), each.origin(), each.lines()));
        if (!records.isEmpty()) {
            append(records);
        }
    }

    /** What one message brought. */
    record Arrival(EventStreams.Sender sender, String origin, EventLines lines) {}

    private void add(List<EventRecord> records, EventStreams.Sender sender, String origin, EventLines lines) {
        long now = micros(clock.instant());
        if (lines.count() > 0) {
            records.add(new EventRecord(
                    EventRecord.Kind.EVENTS, sender.stream(), now, sender.device(), origin, lines.events()));
        }
        if (!lines.bad().isEmpty()) {
            String from = origin.isEmpty() ? sender.device() : origin;
            List<Reject> rejects = new ArrayList<>();
            long characters = 0;
            for (EventLines.Bad bad : lines.bad()) {
                rejects.add(new Reject(
                        from + ":" + bad.line(), bad.code().id(), bad.reason(), bad.raw(), bad.form(), bad.exact()));
                characters += bad.raw().length()
                        + (bad.exact() == null ? 0 : bad.exact().length());
                if (characters > REJECTS_TOGETHER) {
                    records.add(rejected(sender, now, origin, rejects));
                    rejects.clear();
                    characters = 0;
                }
            }
            if (!rejects.isEmpty()) {
                records.add(rejected(sender, now, origin, rejects));
            }
        }
    }

    private static EventRecord rejected(EventStreams.Sender sender, long at, String origin, List<Reject> rejects) {
        return new EventRecord(
                EventRecord.Kind.REJECT, sender.stream(), at, sender.device(), origin, Reject.write(rejects));
    }

    /** Keeps something that could not be an event at all. */
    void reject(UUID stream, String where, CollectProblem code, String reason, String raw) {
        reject(stream, new Reject(where, code.id(), reason, raw, null, null));
    }

    /** Keeps what an instrument said and nobody understood. */
    void rejectPacket(UUID stream, String from, String reason, String raw) {
        reject(
                stream,
                new Reject(from, CollectProblem.EVENT_BAD_PACKET.id(), reason, raw, EventLines.Form.PACKET, null));
    }

    private void reject(UUID stream, Reject reject) {
        append(List.of(new EventRecord(
                EventRecord.Kind.REJECT, stream, micros(clock.instant()), "", "", Reject.write(List.of(reject)))));
    }

    /** Puts events that waited in quarantine, or were rejects, back on their way. */
    void release(List<EventRecord> records) {
        append(records);
    }

    /** Everybody who acknowledges events passes here. */
    private void append(List<EventRecord> records) {
        storage.requireWell();
        try {
            log.append(records);
        } catch (Problem e) {
            if (e.code() == CollectProblem.EVENTS_NOT_DURABLE) {
                storage.failed(folder, e.arguments().getOrDefault("reason", ""));
            }
            throw e;
        }
    }

    /** Why nothing is taken at the moment. */
    public Optional<String> refusal() {
        return storage.refusal().map(Problem::en).or(log::refusal);
    }

    EventLog log() {
        return log;
    }

    Path folder() {
        return folder;
    }

    @Override
    public void destroy() {
        log.close();
    }

    static long micros(Instant at) {
        return at.getEpochSecond() * 1_000_000L + at.getNano() / 1_000;
    }
}

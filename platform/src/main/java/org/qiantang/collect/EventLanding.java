package org.qiantang.collect;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.qiantang.catalog.Findings;

/** The lake worker as the hub sees it when events have come: it reads them from the log's files and lands them. */
public interface EventLanding {
    /**
     * Lands every record between two positions of a log, each in the table of its stream. Asking again for the same positions changes
     * nothing and gives the same answer, whatever happened to the first answer.
     *
     * @throws org.qiantang.lake.LakeException when something could not be landed; the others may have been
     */
    Landed land(Order order);

    /**
     * What to land.
     *
     * @param folder of the log, on the worker's machine
     * @param streams those whose events may be there; events of others are quarantined
     */
    record Order(String folder, UUID log, long from, long to, List<Stream> streams) {
        public Order {
            requireNonNull(folder, "folder is null");
            requireNonNull(log, "log is null");
            streams = List.copyOf(streams);
        }

        @Override
        public String toString() {
            return "Order[" + log + ", " + from + " to " + to + "]";
        }
    }

    /**
     * A stream as it is to be landed.
     *
     * @param source the name of its source
     * @param devices numbers of the registered devices
     * @param gateways those of them that may speak for other devices
     */
    record Stream(UUID id, String source, Map<String, String> settings, Set<String> devices, Set<String> gateways) {
        public Stream {
            requireNonNull(id, "id is null");
            requireNonNull(source, "source is null");
            settings = Map.copyOf(settings);
            devices = Set.copyOf(devices);
            gateways = Set.copyOf(gateways);
        }
    }

    /** @param damaged stretches of the log that could not be read, as people can be told of them */
    record Landed(List<OfStream> streams, List<Quarantined> quarantined, List<String> damaged) {
        public Landed {
            streams = List.copyOf(streams);
            quarantined = List.copyOf(quarantined);
            damaged = List.copyOf(damaged);
        }
    }

    /**
     * What became of a stream's events: received = landed + duplicates + quarantined, rejected beside them.
     *
     * @param replayed rejects that are events now
     * @param table what is in the lake now, or null when nothing new landed
     * @param newest the table of the newest events when it was brought up to date at this opportunity, which is not at every one
     */
    record OfStream(
            UUID id,
            long received,
            long landed,
            long duplicates,
            long quarantined,
            long rejected,
            long replayed,
            List<OfDevice> devices,
            @Nullable Table table,
            @Nullable Latest newest) {
        public OfStream {
            devices = List.copyOf(devices);
        }
    }

    /** What came from a device. */
    record OfDevice(String device, long events, Instant last) {}

    /** The table a stream's events are in. */
    record Table(long snapshotId, long bytes, List<Field> fields) {
        public Table {
            fields = List.copyOf(fields);
        }
    }

    /** The table of each device's newest event; its columns are those of the events. */
    record Latest(long snapshotId, long rows, long bytes) {}

    /** @param findings what its samples showed */
    record Field(String name, String type, String sourceType, Findings findings) {}

    /** Events of a device that is not registered; {@code stream} is all zeros when nobody could say whose they are. */
    record Quarantined(UUID stream, String device, long events, Instant first, Instant last) {}
}

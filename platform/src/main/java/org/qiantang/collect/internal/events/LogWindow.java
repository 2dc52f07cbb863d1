package org.qiantang.collect.internal.events;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * The records between two positions of a log, read from its files while somebody may be appending behind them.
 *
 * @param damaged stretches in which no record could be found although there were some
 */
public record LogWindow(List<Entry> entries, List<Damage> damaged) {
    public LogWindow {
        entries = List.copyOf(entries);
        damaged = List.copyOf(damaged);
    }

    /** A record and where it begins. */
    public record Entry(long position, EventRecord record) {}

    public record Damage(long from, long to) {}

    /**
     * The last position not beyond {@code to} at which a record ends, so that a window from {@code from} holds about {@code bytes}; one
     * record at least.
     */
    public static long boundary(Path folder, long from, long to, long bytes) {
        long at = from;
        for (Segment segment : Segment.list(folder)) {
            long segmentEnd = segment.base() + length(segment);
            while (at >= segment.base() && at < Math.min(to, segmentEnd)) {
                byte[] header = bytes(segment, at, Math.min(at + Segment.RECORD_HEADER, segmentEnd));
                int length = header.length < Segment.RECORD_HEADER
                        ? -1
                        : java.nio.ByteBuffer.wrap(header).getInt();
                if (length <= 0 || at + Segment.RECORD_HEADER + length > to) {
                    return to;
                }
                long next = at + Segment.RECORD_HEADER + length;
                if (next - from > bytes && at > from) {
                    return at;
                }
                at = next;
            }
        }
        return at > from ? at : to;
    }

    static LogWindow read(Path folder, UUID log, long from, long to) {
        List<Entry> entries = new ArrayList<>();
        List<Damage> damaged = new ArrayList<>();
        List<Segment> segments = Segment.list(folder).stream()
                .filter(each -> each.log().equals(log))
                .toList();
        long at = from;
        for (int i = 0; i < segments.size() && at < to; i++) {
            Segment segment = segments.get(i);
            long end = i + 1 < segments.size() ? segments.get(i + 1).base() : to;
            if (end <= at) {
                continue;
            }
            if (segment.base() > at) {
                damaged.add(new Damage(at, segment.base()));
                at = segment.base();
            }
            long stop = Math.min(end, to);
            read(segment, at, stop, entries, damaged);
            at = stop;
        }
        if (at < to) {
            damaged.add(new Damage(at, to));
        }
        return new LogWindow(entries, damaged);
    }

    private static void read(Segment segment, long from, long to, List<Entry> entries, List<Damage> damaged) {
        byte[] bytes = bytes(segment, from, to);
        int at = 0;
        int bad = -1;
        while (at < bytes.length) {
            int length = Segment.recordAt(bytes, at, bytes.length, from + at);
            if (length < 0) {
                bad = bad < 0 ? at : bad;
                at++;
                continue;
            }
            if (bad >= 0) {
                damaged.add(new Damage(from + bad, from + at));
                bad = -1;
            }
            entries.add(new Entry(from + at, EventRecord.read(bytes, at + Segment.RECORD_HEADER, length)));
            at += Segment.RECORD_HEADER + length;
        }
        if (bad >= 0 || from + bytes.length < to) {
            damaged.add(new Damage(bad >= 0 ? from + bad : from + bytes.length, to));
        }
    }

    private static long length(Segment segment) {
        try {
            return segment.length();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read the event log", e);
        }
    }

    private static byte[] bytes(Segment segment, long from, long to) {
        try {
            return segment.bytes(from, to);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read the event log", e);
        }
    }
}

package org.qiantang.collect.internal.events;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.util.UUID;

/**
 * What one request, message or packet brought, as the log keeps it.
 *
 * @param stream whose events these are; all zeros when nobody could say
 * @param receivedAtMicros since 1970
 * @param device whose token or number was shown; empty when the events themselves say
 * @param origin the topic or the like it came by; may be empty
 * @param content UTF-8 JSON objects, one a line; for rejects one {@link Reject} a line
 */
public record EventRecord(Kind kind, UUID stream, long receivedAtMicros, String device, String origin, byte[] content) {
    private static final int FIXED = 1 + 16 + 8 + 2 + 2;
    /** Characters of a device's name or an origin. */
    public static final int LONGEST_NAME = 4_096;

    /** What the content is. */
    public enum Kind {
        /** Events that passed the door. */
        EVENTS,
        /** Something that could not be an event, kept with its reason. */
        REJECT,
        /** Events that came out of quarantine when their device was registered. */
        RELEASED,
        /** Rejects that were read again and have become events: what they are known by, one a line; the device is who had it done. */
        REPLAYED,
    }

    public static final UUID NO_STREAM = new UUID(0, 0);

    public EventRecord {
        if (device.length() > LONGEST_NAME || origin.length() > LONGEST_NAME) {
            throw new IllegalArgumentException("A device's name or an origin is longer than " + LONGEST_NAME);
        }
    }

    int size() {
        return FIXED + utf8Length(device) + utf8Length(origin) + content.length;
    }

    private static int utf8Length(String text) {
        return text.isEmpty() ? 0 : text.getBytes(UTF_8).length;
    }

    /** Writes length, checksum and content of the record that begins at a position of the log. */
    void put(ByteBuffer into, long position) {
        byte[] deviceBytes = device.getBytes(UTF_8);
        byte[] originBytes = origin.getBytes(UTF_8);
        int size = FIXED + deviceBytes.length + originBytes.length + content.length;
        int start = into.position();
        into.putInt(size).putInt(0);
        into.put((byte) kind.ordinal())
                .putLong(stream.getMostSignificantBits())
                .putLong(stream.getLeastSignificantBits())
                .putLong(receivedAtMicros);
        into.putShort((short) deviceBytes.length).put(deviceBytes);
        into.putShort((short) originBytes.length).put(originBytes);
        into.put(content);
        into.putInt(start + 4, Segment.crc(position, into.slice(start + Segment.RECORD_HEADER, size)));
    }

    static EventRecord read(byte[] bytes, int offset, int length) {
        ByteBuffer in = ByteBuffer.wrap(bytes, offset, length);
        Kind kind = Kind.values()[in.get()];
        UUID stream = new UUID(in.getLong(), in.getLong());
        long receivedAt = in.getLong();
        String device = name(in);
        String origin = name(in);
        byte[] content = new byte[in.remaining()];
        in.get(content);
        return new EventRecord(kind, stream, receivedAt, device, origin, content);
    }

    private static String name(ByteBuffer in) {
        byte[] name = new byte[Short.toUnsignedInt(in.getShort())];
        in.get(name);
        return new String(name, UTF_8);
    }
}

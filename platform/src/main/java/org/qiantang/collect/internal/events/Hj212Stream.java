package org.qiantang.collect.internal.events;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.Arrays;
import java.util.Optional;

/**
 * Finds the packets in what a line brings: glued together, cut in two, or with rubbish between them. Whatever comes, every whole packet is
 * found and everything else is handed on as what it is. Never holds more than one packet's length of bytes that are not decided.
 */
final class Hj212Stream {
    private static final int PREFIX = 6;
    private static final int CHECKSUM = 4;
    private static final int LONGEST_SEGMENT = 9_999;
    private static final int LONGEST_RUBBISH = 4_096;
    /** A damaged packet is kept whole, for whoever reads it again. */
    private static final int LONGEST_PACKET = PREFIX + LONGEST_SEGMENT + CHECKSUM;

    private byte[] buffer = new byte[16 << 10];
    private int start;
    private int end;

    /** What was found next: a packet, or bytes that are none with the reason. */
    sealed interface Found {
        record Packet(Hj212Packet packet, String raw) implements Found {}

        record Rubbish(String reason, String raw) implements Found {}
    }

    void add(byte[] bytes, int length) {
        if (buffer.length - end < length) {
            int kept = end - start;
            byte[] room = buffer.length - kept < length ? new byte[2 * (kept + length)] : buffer;
            System.arraycopy(buffer, start, room, 0, kept);
            buffer = room;
            start = 0;
            end = kept;
        }
        System.arraycopy(bytes, 0, buffer, end, length);
        end += length;
    }

    /** The next thing that can be decided; empty when more has to come. */
    Optional<Found> next() {
        skipLineEnds();
        if (start == end) {
            return Optional.empty();
        }
        int mark = mark(start);
        if (mark > start) {
            return rubbish(mark, "no packet begins here");
        }
        if (mark < 0) {
            // A last # may be the first half of a beginning.
            int until = buffer[end - 1] == '#' ? end - 1 : end;
            return until - start > 0 && (until - start >= LONGEST_RUBBISH || buffer[start] != '#')
                    ? rubbish(until, "no packet begins here")
                    : Optional.empty();
        }
        int whole = whole(start);
        if (whole == WAIT) {
            // Half a packet must not hold back whole ones that follow it.
            for (int other = mark(start + 1); other >= 0; other = mark(other + 1)) {
                if (whole(other) > 0) {
                    return rubbish(other, "the packet is not complete");
                }
            }
            return Optional.empty();
        }
        if (whole < 0) {
            int other = mark(start + 1);
            return rubbish(
                    other < 0 ? damagedEnd() : other,
                    whole == BAD_LENGTH ? "the length is no number" : "the checksum is wrong");
        }
        String segment = new String(buffer, start + PREFIX, whole, ISO_8859_1);
        String raw = new String(buffer, start, PREFIX + whole + CHECKSUM, ISO_8859_1);
        start += PREFIX + whole + CHECKSUM;
        return Optional.of(new Found.Packet(Hj212Packet.parse(segment), raw));
    }

    /** What is left when nothing more will come. */
    Optional<Found> rest() {
        skipLineEnds();
        return start == end ? Optional.empty() : rubbish(end, "the line ended within a packet");
    }

    private static final int WAIT = -1;
    private static final int BAD_LENGTH = -2;
    private static final int BAD_CHECKSUM = -3;

    /** The length of the segment of the whole packet that begins there, or why there is none. */
    private int whole(int at) {
        if (end - at < PREFIX) {
            return WAIT;
        }
        int length = 0;
        for (int i = at + 2; i < at + PREFIX; i++) {
            int digit = buffer[i] - '0';
            if (digit < 0 || digit > 9) {
                return BAD_LENGTH;
            }
            length = 10 * length + digit;
        }
        if (length > LONGEST_SEGMENT) {
            return BAD_LENGTH;
        }
        if (end - at < PREFIX + length + CHECKSUM) {
            return WAIT;
        }
        int said = 0;
        for (int i = at + PREFIX + length; i < at + PREFIX + length + CHECKSUM; i++) {
            int digit = Character.digit(buffer[i], 16);
            if (digit < 0) {
                return BAD_CHECKSUM;
            }
            said = 16 * said + digit;
        }
        return said == Hj212Packet.crc(buffer, at + PREFIX, length) ? length : BAD_CHECKSUM;
    }

    /** Up to where a damaged packet reaches when no other begins after it: its line's end, or all there is. */
    private int damagedEnd() {
        for (int i = start; i < end; i++) {
            if (buffer[i] == '\n') {
                return i + 1;
            }
        }
        return buffer[end - 1] == '#' ? end - 1 : end;
    }

    private Optional<Found> rubbish(int until, String reason) {
        int shown = Math.min(until, start + LONGEST_PACKET);
        String raw = new String(Arrays.copyOfRange(buffer, start, shown), ISO_8859_1);
        start = until;
        return Optional.of(new Found.Rubbish(reason, raw.stripTrailing()));
    }

    private int mark(int from) {
        for (int i = from; i + 1 < end; i++) {
            if (buffer[i] == '#' && buffer[i + 1] == '#') {
                return i;
            }
        }
        return -1;
    }

    private void skipLineEnds() {
        while (start < end
                && (buffer[start] == '\r' || buffer[start] == '\n' || buffer[start] == ' ' || buffer[start] == 0)) {
            start++;
        }
    }
}

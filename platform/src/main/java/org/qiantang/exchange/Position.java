package org.qiantang.exchange;

import static java.util.Objects.requireNonNull;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import java.util.UUID;
import org.qiantang.core.Sealing;

/**
 * How far a subscription has come: so many changes of a step are behind it. Steps are counted by what there was to tell, so a position says
 * nothing of changes that its reader may not see.
 */
record Position(long step, long offset) implements Comparable<Position> {
    private static final String PURPOSE = "positions of subscriptions";
    private static final int CODE_BYTES = 12;

    Position {
        if (step < 1 || offset < 0) {
            throw new IllegalArgumentException("Not a position: " + step + ", " + offset);
        }
    }

    /** As it is given out: nobody can make one up, and none is another subscription's. */
    String token(Sealing sealing, UUID subscription) {
        ByteBuffer bytes = ByteBuffer.allocate(2 * Long.BYTES + CODE_BYTES);
        bytes.putLong(step).putLong(offset).put(code(sealing, subscription));
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes.array());
    }

    static Optional<Position> of(String token, Sealing sealing, UUID subscription) {
        byte[] bytes;
        try {
            bytes = Base64.getUrlDecoder().decode(requireNonNull(token, "token is null"));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
        if (bytes.length != 2 * Long.BYTES + CODE_BYTES) {
            return Optional.empty();
        }
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        long step = buffer.getLong();
        long offset = buffer.getLong();
        if (step < 1 || offset < 0) {
            return Optional.empty();
        }
        Position position = new Position(step, offset);
        byte[] code = Arrays.copyOfRange(bytes, 2 * Long.BYTES, bytes.length);
        return MessageDigest.isEqual(code, position.code(sealing, subscription))
                ? Optional.of(position)
                : Optional.empty();
    }

    private byte[] code(Sealing sealing, UUID subscription) {
        ByteBuffer message = ByteBuffer.allocate(4 * Long.BYTES);
        message.putLong(subscription.getMostSignificantBits())
                .putLong(subscription.getLeastSignificantBits())
                .putLong(step)
                .putLong(offset);
        return Arrays.copyOf(sealing.mac(PURPOSE, message.array()), CODE_BYTES);
    }

    @Override
    public int compareTo(Position other) {
        int steps = Long.compare(step, other.step);
        return steps == 0 ? Long.compare(offset, other.offset) : steps;
    }
}

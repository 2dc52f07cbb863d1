package org.qiantang.collect;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;
import org.qiantang.lake.DiskSpace;

/**
 * Room that is kept for the hub's database and given up when somebody else has taken the rest of the disk: who asks for data is written
 * down before anything is answered, and that must not fail for a last page. It is given up piece by piece, for those who are in the middle
 * of writing something large take what they find before they learn that they have to wait. Not thread-safe.
 */
final class Ballast {
    /** Many files of our own database's log, or two of another's usual ones, for it grows by whole files; of a small disk half the reserve. */
    private static final long MOST_BYTES = 32L << 20;

    private static final int OF_RESERVE = 2;

    private static final int LAST_OF_RESERVE = 8;
    private static final int PIECES = 5;
    private static final int PIECE_BYTES = 1 << 20;

    private final Path file;

    Ballast(Path home) {
        this.file = home.resolve("ballast");
    }

    /** Gives a piece of the room up when hardly any is left, and takes it again when there is much more than the reserve. */
    void look(DiskSpace space) throws IOException {
        // Less than the reserve: when it is given up nobody may believe that there is room again.
        long bytes = Math.min(MOST_BYTES, space.reserveBytes() / OF_RESERVE);
        if (space.freeBytes() < space.reserveBytes() / LAST_OF_RESERVE) {
            giveUp(Math.ceilDiv(bytes, PIECES));
        } else if (space.freeBytes() > space.reserveBytes() + 2 * bytes
                && !(Files.exists(file) && Files.size(file) >= bytes)) {
            take(bytes);
        }
    }

    private void giveUp(long bytes) throws IOException {
        if (Files.exists(file)) {
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                channel.truncate(Math.max(0, channel.size() - bytes));
            }
        }
    }

    /** Bytes that no disk makes smaller, so that as many are free when the file is gone. */
    private void take(long bytes) throws IOException {
        byte[] noise = new byte[PIECE_BYTES];
        Random random = new Random(bytes);
        try (OutputStream out = Files.newOutputStream(file)) {
            for (long left = bytes; left > 0; left -= noise.length) {
                random.nextBytes(noise);
                out.write(noise, 0, (int) Math.min(left, noise.length));
            }
        }
    }
}

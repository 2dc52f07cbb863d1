package org.qiantang.collect;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qiantang.lake.DiskSpace;

/** The ballast is there before it is needed, goes piece by piece when the reserve goes, and comes back only with more room than it takes. */
class BallastTest {
    private static final long RESERVE = 16 << 20;

    @TempDir
    Path home;

    private void look(long free) throws Exception {
        new Ballast(home).look(new DiskSpace(free, RESERVE));
    }

    private long size() throws Exception {
        Path file = home.resolve("ballast");
        return Files.exists(file) ? Files.size(file) : 0;
    }

    @Test
    void isTakenWhenThereIsRoomAndGivenUpPieceByPieceWhenTheReserveIsNearlyGone() throws Exception {
        look(100 << 20);
        assertThat(size()).isEqualTo(8 << 20);

        look(RESERVE - 1);
        look(3 << 20);
        assertThat(size()).isEqualTo(8 << 20);

        look(1 << 20);
        assertThat(size()).isBetween(6L << 20, 7L << 20);

        for (int piece = 1; piece < 5; piece++) {
            assertThat(size()).isPositive();
            look(1 << 20);
        }
        assertThat(size()).isZero();

        look(9 << 20);
        look(RESERVE + (16 << 20));
        assertThat(size()).isZero();

        look(RESERVE + (16 << 20) + 1);
        assertThat(size()).isEqualTo(8 << 20);
    }

    @Test
    void isMadeWholeWhenSomebodyDiedWhileMakingIt() throws Exception {
        Files.write(home.resolve("ballast"), new byte[1000]);

        look(100 << 20);

        assertThat(size()).isEqualTo(8 << 20);
    }

    @Test
    void takesNoMoreOfALargeDiskThanTheDatabaseNeeds() throws Exception {
        new Ballast(home).look(new DiskSpace(10L << 30, 256 << 20));

        assertThat(size()).isEqualTo(32 << 20);
    }
}

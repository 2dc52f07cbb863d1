package org.qiantang.invoke;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** How fast a caller may call. */
class PaceTest {
    private static final Definition.Rate RATE = new Definition.Rate(2, 3);

    private long now = Long.MAX_VALUE - 1_000_000_000L;
    private final Pace pace = new Pace(() -> now);

    private void pass(long millis) {
        now += millis * 1_000_000L;
    }

    @Test
    void burstGoesThroughAndThenAsManyAsComeBack() {
        assertThat(pace.take("a", RATE).left()).isEqualTo(2);
        assertThat(pace.take("a", RATE).left()).isEqualTo(1);
        assertThat(pace.take("a", RATE).waitNanos()).isZero();

        assertThat(pace.take("a", RATE).waitNanos()).isEqualTo(500_000_000L);
        assertThat(pace.take("a", RATE).waitSeconds()).isEqualTo(1);
        pass(400);
        assertThat(pace.take("a", RATE).waitNanos()).isPositive();
        pass(100);
        assertThat(pace.take("a", RATE).waitNanos()).isZero();
        assertThat(pace.take("a", RATE).waitNanos()).isPositive();
    }

    @Test
    void nobodyWaitsForAnotherAndNobodySavesUpMoreThanTheBurst() {
        for (int i = 0; i < 5; i++) {
            pace.take("a", RATE);
        }
        assertThat(pace.take("b", RATE).left()).isEqualTo(2);

        pass(60_000);
        for (int i = 0; i < 3; i++) {
            assertThat(pace.take("a", RATE).waitNanos()).isZero();
        }
        assertThat(pace.take("a", RATE).waitNanos()).isPositive();
    }
}

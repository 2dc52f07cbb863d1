package org.qiantang.org;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.qiantang.core.Problem;

class SignInThrottleTest {
    private Instant now = Instant.parse("2026-11-23T08:00:00Z");
    private final SignInThrottle throttle = new SignInThrottle(new Clock() {
        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return now;
        }
    });

    @Test
    void theWaitDoublesFromTheFifthFailureOnAndEndsWithSuccess() {
        fail(4);
        assertThatCode(this::check).doesNotThrowAnyException();
        fail(1);
        assertThatThrownBy(this::check).isInstanceOf(Problem.class);
        now = now.plusSeconds(2);
        assertThatCode(this::check).doesNotThrowAnyException();
        fail(2);
        now = now.plusSeconds(3);
        assertThatThrownBy(this::check).isInstanceOf(Problem.class);
        throttle.succeeded("engineer", "10.0.0.1");
        assertThatCode(this::check).doesNotThrowAnyException();
    }

    @Test
    void nobodyElseWaits() {
        fail(9);
        assertThatCode(() -> throttle.check("engineer", "10.0.0.2")).doesNotThrowAnyException();
        assertThatCode(() -> throttle.check("officer", "10.0.0.1")).doesNotThrowAnyException();
    }

    private void fail(int times) {
        for (int i = 0; i < times; i++) {
            throttle.failed("engineer", "10.0.0.1");
        }
    }

    private void check() {
        throttle.check("engineer", "10.0.0.1");
    }
}

package org.qiantang.org;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.qiantang.core.Problem;

/** Slows down whoever guesses passwords: from the fifth failure on, each doubles the wait for that account from that address. */
final class SignInThrottle {
    private static final int FREE_FAILURES = 4;
    private static final long LONGEST_SECONDS = 300;
    private static final Duration MEMORY = Duration.ofHours(1);
    private static final int CAPACITY = 20_000;

    private final Clock clock;
    private final Map<Key, Failures> failures = new ConcurrentHashMap<>();

    SignInThrottle(Clock clock) {
        this.clock = clock;
    }

    /** Refuses while the account must wait. */
    void check(String username, String address) {
        Failures known = failures.get(new Key(username, address));
        Instant now = clock.instant();
        if (known != null && known.blockedUntil.isAfter(now)) {
            long seconds = Math.max(1, Duration.between(now, known.blockedUntil).toSeconds() + 1);
            throw new Problem(OrgProblem.TOO_MANY_ATTEMPTS, "seconds", Long.toString(seconds));
        }
    }

    void failed(String username, String address) {
        Instant now = clock.instant();
        if (failures.size() >= CAPACITY) {
            failures.values().removeIf(entry -> entry.blockedUntil.plus(MEMORY).isBefore(now));
            if (failures.size() >= CAPACITY) {
                // So many names at once are made up; forgetting them keeps the hub alive.
                failures.values().removeIf(entry -> !entry.blockedUntil.isAfter(now));
            }
        }
        failures.compute(new Key(username, address), (key, before) -> {
            int count = before == null || before.blockedUntil.plus(MEMORY).isBefore(now) ? 1 : before.count + 1;
            long wait = count <= FREE_FAILURES
                    ? 0
                    : Math.min(LONGEST_SECONDS, 1L << Math.min(20, count - FREE_FAILURES - 1));
            return new Failures(count, now.plusSeconds(wait));
        });
    }

    void succeeded(String username, String address) {
        failures.remove(new Key(username, address));
    }

    private record Key(String username, String address) {}

    private record Failures(int count, Instant blockedUntil) {}
}

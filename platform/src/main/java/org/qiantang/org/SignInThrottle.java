package org.qiantang.org;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Optional;
import org.qiantang.core.Problem;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Slows down whoever guesses passwords: from the fifth failure on, each doubles the wait for that account from that address; the tenth in
 * a row, wherever they come from, locks the account for a while. Kept in the database, so that no restart forgives anything.
 */
final class SignInThrottle {
    static final String EVERYWHERE = "*";
    static final int LOCKING_FAILURES = 10;
    static final Duration LOCK = Duration.ofMinutes(30);

    private static final int FREE_FAILURES = 4;
    private static final long LONGEST_SECONDS = 300;
    private static final Duration MEMORY = Duration.ofHours(1);
    private static final int CAPACITY = 20_000;

    private final JdbcClient jdbc;
    private final Clock clock;

    SignInThrottle(JdbcClient jdbc, Clock clock) {
        this.jdbc = jdbc;
        this.clock = clock;
    }

    /** Refuses while the account must wait. */
    void check(String username, String address) {
        Instant now = clock.instant();
        blockedUntil(username, EVERYWHERE).filter(until -> until.isAfter(now)).ifPresent(until -> {
            throw new Problem(OrgProblem.ACCOUNT_LOCKED, "seconds", seconds(now, until));
        });
        blockedUntil(username, address).filter(until -> until.isAfter(now)).ifPresent(until -> {
            throw new Problem(OrgProblem.TOO_MANY_ATTEMPTS, "seconds", seconds(now, until));
        });
    }

    /** True when this failure locked the account. */
    boolean failed(String username, String address) {
        Instant now = clock.instant();
        forget(now);
        int here = count(username, address, now);
        if (here > FREE_FAILURES) {
            long wait = Math.min(LONGEST_SECONDS, 1L << Math.min(20, here - FREE_FAILURES - 1));
            block(username, address, now.plusSeconds(wait));
        }
        int everywhere = count(username, EVERYWHERE, now);
        if (everywhere >= LOCKING_FAILURES) {
            block(username, EVERYWHERE, now.plus(LOCK));
        }
        return everywhere == LOCKING_FAILURES;
    }

    /** One failure more; those of long ago are no row any more and begin anew. */
    private int count(String username, String address, Instant now) {
        return jdbc.sql("""
                        insert into org_sign_in_failures as f (username, address, failures, blocked_until)
                        values (:username, :address, 1, :now)
                        on conflict (username, address) do update set failures =
                                case when f.blocked_until < :forgotten then 1 else f.failures + 1 end,
                            blocked_until = greatest(f.blocked_until, excluded.blocked_until)
                        returning failures""")
                .param("username", username)
                .param("address", address)
                .param("now", utc(now))
                .param("forgotten", utc(now.minus(MEMORY)))
                .query(Integer.class)
                .single();
    }

    private void block(String username, String address, Instant until) {
        jdbc.sql("update org_sign_in_failures set blocked_until = ? where username = ? and address = ?")
                .params(utc(until), username, address)
                .update();
    }

    private void forget(Instant now) {
        jdbc.sql("delete from org_sign_in_failures where blocked_until < ?")
                .param(utc(now.minus(MEMORY)))
                .update();
        long known = jdbc.sql("select count(*) from org_sign_in_failures")
                .query(Long.class)
                .single();
        if (known >= CAPACITY) {
            // So many names at once are made up; forgetting them keeps the table small.
            jdbc.sql("delete from org_sign_in_failures where blocked_until <= ?")
                    .param(utc(now))
                    .update();
        }
    }

    void succeeded(String username, String address) {
        jdbc.sql("delete from org_sign_in_failures where username = ? and address in (?, ?)")
                .params(username, address, EVERYWHERE)
                .update();
    }

    /** Forgives an account everything, wherever it comes from. */
    void forgive(String username) {
        jdbc.sql("delete from org_sign_in_failures where username = ?")
                .param(username)
                .update();
    }

    private Optional<Instant> blockedUntil(String username, String address) {
        return jdbc.sql("select blocked_until from org_sign_in_failures where username = ? and address = ?")
                .params(username, address)
                .query(OffsetDateTime.class)
                .optional()
                .map(OffsetDateTime::toInstant);
    }

    private static String seconds(Instant now, Instant until) {
        return Long.toString(Math.max(1, Duration.between(now, until).toSeconds() + 1));
    }

    private static OffsetDateTime utc(Instant at) {
        return at.atOffset(ZoneOffset.UTC);
    }
}

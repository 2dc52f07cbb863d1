package org.qiantang.org;

import static java.util.Objects.requireNonNull;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.qiantang.core.Problem;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Slows down whoever guesses passwords. An attempt counts as failed before it is looked at, so that those made at the same time count
 * each other, and is given back when it was right. Kept in the database, so that no restart forgives anything.
 */
final class SignInThrottle {
    static final Duration LOCK = Duration.ofMinutes(30);
    private static final String EVERYWHERE = "*";
    private static final String DEVICE = "device:";
    private static final long LONGEST_SECONDS = 300;
    private static final Duration MEMORY = Duration.ofHours(1);
    private static final int CAPACITY = 20_000;

    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final Clock clock;

    SignInThrottle(JdbcClient jdbc, TransactionTemplate transaction, Clock clock) {
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.clock = clock;
    }

    /** What is counted: after so many free failures each further one doubles the wait, until the last locks. */
    enum Count {
        /** One account, from one address. */
        ADDRESS(4, 10),
        /** One account, from a browser it was signed in to before. Never locked: strangers cannot count here. */
        KNOWN_DEVICE(4, Integer.MAX_VALUE),
        /** One account, from all strangers together, as many addresses as they may have. */
        ALL_STRANGERS(100, Integer.MAX_VALUE),
        /** One program, from one address. Several of it may ask at once, and none is there to be unlocked by somebody. */
        PROGRAM(10, Integer.MAX_VALUE);

        final int free;
        final int locking;

        Count(int free, int locking) {
            this.free = free;
            this.locking = locking;
        }

        Duration pause(int failures) {
            if (failures >= locking) {
                return LOCK;
            }
            return failures <= free
                    ? Duration.ZERO
                    : Duration.ofSeconds(Math.min(LONGEST_SECONDS, 1L << Math.min(20, failures - free - 1)));
        }
    }

    /** What an attempt was counted in. */
    private record Counted(Count count, String from, int failures) {}

    /** An attempt that counts as failed until it is known to be right. */
    final class Attempt {
        private final String username;
        private final List<Counted> counted = new ArrayList<>();

        private Attempt(String username) {
            this.username = username;
        }

        /** Whether it was the one that locked the account for where it comes from. */
        boolean locked() {
            return counted.stream().anyMatch(each -> each.failures == each.count.locking);
        }

        /** It was no guess, and nothing is said of those before it. */
        void giveBack() {
            for (Counted each : counted) {
                // A pause that a later attempt has begun stays.
                jdbc.sql("""
                                update org_sign_in_failures set failures = failures - 1,
                                    blocked_until = case when failures = :own then least(blocked_until, :now) else blocked_until end
                                where username = :username and address = :from""")
                        .param("own", each.failures)
                        .param("now", utc(clock.instant()))
                        .param("username", username)
                        .param("from", each.from)
                        .update();
                jdbc.sql("delete from org_sign_in_failures where username = ? and address = ? and failures < 1")
                        .params(username, each.from)
                        .update();
            }
        }

        /** It was right: where it comes from begins anew. What strangers did elsewhere stays counted. */
        void succeeded() {
            giveBack();
            counted.stream()
                    .filter(each -> each.count != Count.ALL_STRANGERS)
                    .forEach(each -> jdbc.sql("delete from org_sign_in_failures where username = ? and address = ?")
                            .params(username, each.from)
                            .update());
        }
    }

    /** Counts an attempt, or refuses it while the account has to wait there. */
    Attempt begin(String username, String address) {
        Attempt attempt = new Attempt(username);
        take(attempt, Count.ADDRESS, address);
        take(attempt, Count.ALL_STRANGERS, EVERYWHERE);
        return attempt;
    }

    /** The same in a browser that is known; what strangers do plays no part. */
    Attempt beginKnown(String username, String device) {
        Attempt attempt = new Attempt(username);
        take(attempt, Count.KNOWN_DEVICE, DEVICE + device);
        return attempt;
    }

    /** The same for a program, whose name is none that an account can have. */
    Attempt beginProgram(String program, String address) {
        Attempt attempt = new Attempt("client:" + program);
        take(attempt, Count.PROGRAM, address);
        return attempt;
    }

    private void take(Attempt attempt, Count count, String from) {
        Instant now = clock.instant();
        forget(now);
        Optional<Integer> failures = requireNonNull(transaction.execute(status -> {
            // The row is held until the pause is written: of those who come at once one goes first.
            Optional<Integer> counted = jdbc.sql("""
                            insert into org_sign_in_failures as f (username, address, failures, blocked_until)
                            values (:username, :from, 1, :now)
                            on conflict (username, address) do update set failures =
                                    case when f.blocked_until < :forgotten then 1 else f.failures + 1 end,
                                blocked_until = :now
                            where f.blocked_until <= :now
                            returning failures""")
                    .param("username", attempt.username)
                    .param("from", from)
                    .param("now", utc(now))
                    .param("forgotten", utc(now.minus(MEMORY)))
                    .query(Integer.class)
                    .optional();
            counted.map(count::pause)
                    .filter(Duration::isPositive)
                    .ifPresent(pause -> jdbc.sql(
                                    "update org_sign_in_failures set blocked_until = ? where username = ? and address = ?")
                            .params(utc(now.plus(pause)), attempt.username, from)
                            .update());
            return counted;
        }));
        if (failures.isEmpty()) {
            attempt.giveBack();
            throw refusal(attempt.username, count, from, now);
        }
        attempt.counted.add(new Counted(count, from, failures.get()));
    }

    private Problem refusal(String username, Count count, String from, Instant now) {
        record Wait(int failures, Instant until) {}
        Optional<Wait> wait = jdbc.sql(
                        "select failures, blocked_until from org_sign_in_failures where username = ? and address = ?")
                .params(username, from)
                .query((row, n) -> new Wait(
                        row.getInt(1), row.getObject(2, OffsetDateTime.class).toInstant()))
                .optional();
        boolean locked = wait.filter(each -> each.failures >= count.locking).isPresent();
        long seconds = wait.map(each -> Duration.between(now, each.until).toSeconds() + 1)
                .orElse(1L);
        return new Problem(
                locked ? OrgProblem.ACCOUNT_LOCKED : OrgProblem.TOO_MANY_ATTEMPTS,
                "seconds",
                Long.toString(Math.max(1, seconds)));
    }

    private void forget(Instant now) {
        jdbc.sql("delete from org_sign_in_failures where blocked_until < ?")
                .param(utc(now.minus(MEMORY)))
                .update();
        long known = jdbc.sql("select count(*) from org_sign_in_failures")
                .query(Long.class)
                .single();
        if (known >= CAPACITY) {
            // So many names at once are made up; forgetting them keeps the table small. Those of accounts stay counted.
            jdbc.sql("""
                            delete from org_sign_in_failures where blocked_until <= ?
                                and username not in (select username from org_accounts)""").param(utc(now)).update();
        }
    }

    /** Forgives an account everything, wherever it comes from. */
    void forgive(String username) {
        jdbc.sql("delete from org_sign_in_failures where username = ?")
                .param(username)
                .update();
    }

    private static OffsetDateTime utc(Instant at) {
        return at.atOffset(ZoneOffset.UTC);
    }
}

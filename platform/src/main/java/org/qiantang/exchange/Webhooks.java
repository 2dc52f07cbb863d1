package org.qiantang.exchange;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.qiantang.core.Problem;
import org.qiantang.core.Sealing;
import org.qiantang.exchange.Feed.Stored;
import org.qiantang.org.Account;
import org.qiantang.org.Accounts;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import tools.jackson.databind.json.JsonMapper;

/**
 * Calls receivers with what is new to them, signed as Standard Webhooks says, one batch after the other. A subscription is one hub's at a
 * time; a receiver that is away holds up nobody else, and loses nothing. A batch that a receiver answers but does not take is halved after
 * some attempts until the one change is found that is in the way; that goes to the dead letters, and the next has its turn.
 */
@Service
final class Webhooks {
    static final int BATCH = 100;

    /** So often a batch is sent that the receiver answers and does not take. */
    static final int MOST_ATTEMPTS = 8;

    /** So often where only one change is looked for that is in the way: that something is was seen {@value #MOST_ATTEMPTS} times. */
    static final int ATTEMPTS_NARROWED = 2;

    private static final Duration FIRST_WAIT = Duration.ofSeconds(5);
    private static final Duration LONGEST_WAIT = Duration.ofMinutes(15);

    /** When there is nothing new, and when nothing may go out. */
    private static final Duration NEXT_LOOK = Duration.ofSeconds(1);

    private static final Duration HALTED = Duration.ofSeconds(15);

    /** Longer than a call may take. */
    private static final Duration CLAIM = Duration.ofMinutes(2);

    private static final Duration BOTH_SECRETS = Duration.ofDays(1);
    private static final int AT_ONCE = 64;
    private static final int IN_A_ROW = 50;
    private static final String PREFIX = "whsec_";
    private static final int GONE = 410;
    private static final JsonMapper JSON = JsonMapper.shared();

    private final JdbcClient jdbc;
    private final Feed feed;
    private final Receivers receivers;
    private final Accounts accounts;
    private final Sealing sealing;
    private final Clock clock;
    private final Semaphore free = new Semaphore(AT_ONCE);

    Webhooks(JdbcClient jdbc, Feed feed, Receivers receivers, Accounts accounts, Sealing sealing, Clock clock) {
        this.jdbc = jdbc;
        this.feed = feed;
        this.receivers = receivers;
        this.accounts = accounts;
        this.sealing = sealing;
        this.clock = clock;
    }

    static String newSecret() {
        byte[] bytes = new byte[32];
        new SecureRandom().nextBytes(bytes);
        return PREFIX + Base64.getEncoder().encodeToString(bytes);
    }

    byte[] sealed(UUID id, String secret) {
        return sealing.seal(secret, purpose(id));
    }

    private static String purpose(UUID id) {
        return "secret of subscription " + id;
    }

    String rotate(UUID id) {
        String secret = newSecret();
        jdbc.sql("""
                        update exchange_subscriptions set former_secret = secret, former_until = :until, secret = :secret where id = :id""")
                .param("until", Timestamp.from(clock.instant().plus(BOTH_SECRETS)))
                .param("secret", sealed(id, secret))
                .param("id", id)
                .update();
        return secret;
    }

    /** Delivers what is due, all of it side by side, and returns when that is done; how many subscriptions had their turn. */
    int deliverDue() throws InterruptedException {
        List<Claimed> claimed = claim();
        try (ExecutorService each = Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name("webhook-", 1).factory())) {
            claimed.forEach(one -> each.submit(() -> deliver(one)));
        }
        return claimed.size();
    }

    /** Begins to deliver what is due. A receiver that hangs is waited for by nobody. */
    void begin() {
        for (Claimed one : claim()) {
            free.acquireUninterruptibly();
            Thread.ofVirtual().name("webhook").start(() -> {
                try {
                    deliver(one);
                } finally {
                    free.release();
                }
            });
        }
    }

    private record Claimed(UUID id, UUID claim) {}

    private List<Claimed> claim() {
        int most = free.availablePermits();
        if (most == 0) {
            return List.of();
        }
        UUID claim = UUID.randomUUID();
        Instant now = clock.instant();
        return jdbc.sql("""
                        update exchange_subscriptions set claimed_by = :claim, claimed_until = :until where id in (
                            select id from exchange_subscriptions
                            where delivery = 'WEBHOOK' and state = 'ACTIVE' and next_at <= :now
                                and (claimed_until is null or claimed_until < :now)
                            order by next_at limit :most for update skip locked)
                        returning id""")
                .param("claim", claim)
                .param("until", Timestamp.from(now.plus(CLAIM)))
                .param("now", Timestamp.from(now))
                .param("most", most)
                .query((row, n) -> new Claimed(row.getObject(1, UUID.class), claim))
                .list();
    }

    /** Whether it is still ours; then it is for another while. */
    private boolean holds(Claimed claimed) {
        return jdbc.sql("""
                        update exchange_subscriptions set claimed_until = :until where id = :id and claimed_by = :claim and state = 'ACTIVE'""")
                        .param("until", Timestamp.from(clock.instant().plus(CLAIM)))
                        .param("id", claimed.id)
                        .param("claim", claimed.claim)
                        .update()
                == 1;
    }

    private void deliver(Claimed claimed) {
        Duration next = HALTED;
        try {
            next = Duration.ZERO;
            for (int i = 0; i < IN_A_ROW && next.isZero() && holds(claimed); i++) {
                next = deliverNext(claimed);
            }
        } catch (Problem refused) {
            next = HALTED;
            halt(claimed.id, refused);
        } catch (RuntimeException e) {
            next = HALTED;
            System.getLogger(Webhooks.class.getName())
                    .log(System.Logger.Level.WARNING, "Subscription " + claimed.id + " is delivered later", e);
        } finally {
            jdbc.sql("""
                            update exchange_subscriptions set claimed_by = null, claimed_until = null, next_at = :at
                            where id = :id and claimed_by = :claim""")
                    .param("at", Timestamp.from(clock.instant().plus(next)))
                    .param("id", claimed.id)
                    .param("claim", claimed.claim)
                    .update();
        }
    }

    /** Sends the next batch; returns after what time to look again. */
    private Duration deliverNext(Claimed claimed) {
        Stored stored = feed.get(claimed.id);
        Account owner = accounts.find(stored.owner())
                .flatMap(accounts::current)
                .orElseThrow(() -> new Problem(ExchangeProblem.ACCOUNT_GONE));
        Narrowed narrowed = narrowed(stored);
        Feed.Read read = feed.read(stored, owner, stored.acked(), narrowed.size());
        goesOn(stored.id());
        if (read.events().isEmpty()) {
            return NEXT_LOOK;
        }
        Failure failure = send(stored, read);
        if (failure == null) {
            feed.reached(stored.id(), read.to(), Feed.Outcome.ACKNOWLEDGED);
            attempts(stored.id(), 0, null);
            return Duration.ZERO;
        }
        int attempts = stored.attempts() + 1;
        attempts(stored.id(), attempts, failure.words);
        if (failure.status == GONE) {
            jdbc.sql("update exchange_subscriptions set state = 'PAUSED' where id = ?")
                    .param(stored.id())
                    .update();
            throw new Problem(ExchangeProblem.RECEIVER_GONE);
        }
        int events = read.events().size();
        if (failure.reached && attempts >= (narrowed.isSearch() && events > 1 ? ATTEMPTS_NARROWED : MOST_ATTEMPTS)) {
            if (events > 1) {
                narrow(stored.id(), read.from().step(), read.from().offset() + events);
                attempts(stored.id(), 0, failure.words);
            } else {
                bury(stored, read, attempts, failure.words);
                narrow(stored.id(), null, null);
            }
            return Duration.ZERO;
        }
        return wait(attempts);
    }

    /**
     * How much is sent at once.
     *
     * @param left how many changes one is among that is in the way; 0 where nothing is known to be
     */
    private record Narrowed(long left) {
        boolean isSearch() {
            return left > 0;
        }

        int size() {
            return left == 0 ? BATCH : (int) Math.max(1, left / 2);
        }
    }

    private Narrowed narrowed(Stored stored) {
        return jdbc.sql("select narrow_to from exchange_subscriptions where id = ? and narrow_step = ?")
                .params(stored.id(), stored.acked().step())
                .query(Long.class)
                .optional()
                .map(to -> new Narrowed(Math.max(0, to - stored.acked().offset())))
                .orElse(new Narrowed(0));
    }

    private void narrow(UUID id, @Nullable Long step, @Nullable Long to) {
        jdbc.sql("update exchange_subscriptions set narrow_step = :step, narrow_to = :to where id = :id")
                .param("step", step, java.sql.Types.BIGINT)
                .param("to", to, java.sql.Types.BIGINT)
                .param("id", id)
                .update();
    }

    /**
     * Sends calls to another address from now on, once whoever is there has shown that they are this receiver: they answer a signed call with
     * what it asks for.
     */
    void move(Stored stored, String url) {
        String address = receivers.check(url).toString();
        byte[] bytes = new byte[24];
        new SecureRandom().nextBytes(bytes);
        String challenge = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        byte[] body = JSON.writeValueAsBytes(Map.of("type", "org.qiantang.webhook.challenge", "challenge", challenge));
        Map<String, String> headers =
                headers(stored.id(), "msg_" + stored.id() + "_challenge_" + challenge, "application/json", body);
        String failure;
        try {
            failure = receivers.echoes(address, headers, body, challenge) ? null : "challenge";
        } catch (IOException e) {
            failure = words(e);
        }
        if (failure != null) {
            throw new Problem(ExchangeProblem.NOT_PROVED, "failure", failure);
        }
        jdbc.sql("""
                        update exchange_subscriptions set url = :url, attempts = 0, failure = null, next_at = :now, narrow_step = null,
                            narrow_to = null
                        where id = :id""")
                .param("url", address)
                .param("now", Timestamp.from(clock.instant()))
                .param("id", stored.id())
                .update();
    }

    /** Twice as long each time up to a limit, and never just when everybody else comes. */
    private static Duration wait(int attempts) {
        long longest = Math.min(LONGEST_WAIT.toMillis(), FIRST_WAIT.toMillis() << Math.min(attempts - 1, 20));
        return Duration.ofMillis(longest / 2 + ThreadLocalRandom.current().nextLong(longest / 2 + 1));
    }

    private void attempts(UUID id, int attempts, @Nullable String failure) {
        jdbc.sql("update exchange_subscriptions set attempts = :attempts, failure = :failure where id = :id")
                .param("attempts", attempts)
                .param("failure", failure)
                .param("id", id)
                .update();
    }

    private void bury(Stored stored, Feed.Read read, int attempts, String failure) {
        jdbc.sql("""
                        insert into exchange_letters (id, subscription_id, step, from_offset, to_offset, at, attempts, failure, state)
                        values (:id, :subscription, :step, :from, :to, :at, :attempts, :failure, 'WAITING')""")
                .param("id", UUID.randomUUID())
                .param("subscription", stored.id())
                .param("step", read.from().step())
                .param("from", read.from().offset())
                .param("to", read.from().offset() + read.events().size())
                .param("at", Timestamp.from(clock.instant()))
                .param("attempts", attempts)
                .param("failure", failure)
                .update();
        feed.reached(stored.id(), read.to(), Feed.Outcome.DEAD);
        attempts(stored.id(), 0, failure);
    }

    /** Sends a range again; what went wrong, or null. */
    @Nullable
    String again(Stored stored, Account who, Position from, long toOffset) {
        Feed.Read read = feed.again(stored, who, from, toOffset);
        Failure failure = send(stored, read);
        return failure == null ? null : failure.words;
    }

    /** @param reached whether somebody answered, or may have heard it */
    private record Failure(String words, int status, boolean reached) {}

    private @Nullable Failure send(Stored stored, Feed.Read read) {
        byte[] body = JSON.writeValueAsBytes(read.events());
        // The same for the same events, so that a receiver that has them already can tell.
        String id = "msg_" + stored.id() + "_" + read.events().getFirst().id() + "_"
                + read.events().size();
        Map<String, String> headers =
                headers(stored.id(), id, "application/cloudevents-batch+json; charset=utf-8", body);
        try {
            int status = receivers.post(requireNonNull(stored.url(), "a webhook has an address"), headers, body);
            return status >= 200 && status < 300 ? null : new Failure("HTTP " + status, status, true);
        } catch (Receivers.Unreached | SSLException e) {
            return new Failure(words(e), 0, false);
        } catch (IOException e) {
            return new Failure(words(e), 0, true);
        }
    }

    private Map<String, String> headers(UUID subscription, String message, String type, byte[] body) {
        String timestamp = Long.toString(clock.instant().getEpochSecond());
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("Content-Type", type);
        headers.put("User-Agent", "Qiantang");
        headers.put("webhook-id", message);
        headers.put("webhook-timestamp", timestamp);
        headers.put("webhook-signature", signatures(subscription, message, timestamp, body));
        return headers;
    }

    private static String words(IOException e) {
        String words = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        return words.substring(0, Math.min(words.length(), 200));
    }

    private String signatures(UUID id, String message, String timestamp, byte[] body) {
        record Secrets(
                byte[] now,
                byte @Nullable [] former,
                @Nullable Timestamp until) {}
        Secrets secrets = jdbc.sql(
                        "select secret, former_secret, former_until from exchange_subscriptions where id = ?")
                .param(id)
                .query((row, n) -> new Secrets(requireNonNull(row.getBytes(1)), row.getBytes(2), row.getTimestamp(3)))
                .single();
        List<byte[]> keys = new ArrayList<>(List.of(secrets.now));
        if (secrets.former != null && secrets.until != null && clock.instant().isBefore(secrets.until.toInstant())) {
            keys.add(secrets.former);
        }
        return keys.stream()
                .map(key -> "v1," + signature(sealing.open(key, purpose(id)), message, timestamp, body))
                .collect(Collectors.joining(" "));
    }

    static String signature(String secret, String message, String timestamp, byte[] body) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(Base64.getDecoder().decode(secret.substring(PREFIX.length())), "HmacSHA256"));
            mac.update((message + "." + timestamp + ".").getBytes(StandardCharsets.UTF_8));
            return Base64.getEncoder().encodeToString(mac.doFinal(body));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Says why nothing can go out. */
    void halt(UUID id, Problem refused) {
        jdbc.sql("""
                        update exchange_subscriptions set halted_at = case when halt_code = :code then halted_at else :at end,
                            halt_code = :code, halt_zh = :zh, halt_en = :en
                        where id = :id""")
                .param("code", refused.code().id())
                .param("at", Timestamp.from(clock.instant()))
                .param("zh", refused.zh())
                .param("en", refused.en())
                .param("id", id)
                .update();
    }

    /** What was in the way is not any more. */
    void goesOn(UUID id) {
        jdbc.sql("""
                        update exchange_subscriptions set halt_code = null, halt_zh = null, halt_en = null, halted_at = null
                        where id = ? and halt_code is not null""").param(id).update();
    }
}

package org.qiantang.exchange;

import static java.util.Objects.requireNonNull;

import java.security.KeyPair;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.qiantang.core.HttpSignature;
import org.qiantang.core.Sealing;
import org.qiantang.org.Act;
import org.qiantang.org.Actor;
import org.qiantang.org.AuditTrail;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The keys by which this installation signs what it says to its peers, the same for all its hubs. The next one is announced, signed by the
 * present one, for a day before it signs; the present one counts for a day more after that.
 */
@Service
public final class ExchangeKeys {
    /** For how long peers can hear of a key before it signs. */
    static final Duration ANNOUNCED = Duration.ofDays(1);

    private static final Duration OVERLAP = Duration.ofDays(1);
    private static final Duration REMEMBERED = Duration.ofSeconds(5);
    private static final long TURN = 0x6578_6368_6b65_7973L;
    private static final String PURPOSE = "exchange key ";

    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final Sealing sealing;
    private final AuditTrail trail;
    private final Clock clock;
    private volatile Known known = new Known(List.of(), Instant.MIN);

    ExchangeKeys(JdbcClient jdbc, TransactionTemplate transaction, Sealing sealing, AuditTrail trail, Clock clock) {
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.sealing = sealing;
        this.trail = trail;
        this.clock = clock;
    }

    /** @param until from when on nothing it signed counts; null for the newest */
    record ExchangeKey(
            String keyId,
            KeyPair pair,
            Instant signsFrom,
            @Nullable Instant until) {
        @Override
        public String toString() {
            return "ExchangeKey[" + keyId + "]";
        }
    }

    private record Known(List<ExchangeKey> keys, Instant at) {}

    /** The one that signs now. */
    ExchangeKey active() {
        List<ExchangeKey> valid = valid();
        // The very first one is made while it is asked for.
        Instant now = clock.instant();
        return valid.stream()
                .filter(key -> !key.signsFrom.isAfter(now))
                .findFirst()
                .orElseThrow();
    }

    /** All that count now or soon will, the newest first. */
    List<ExchangeKey> valid() {
        Instant now = clock.instant();
        Known before = known;
        if (before.keys.isEmpty() || now.isAfter(before.at.plus(REMEMBERED)) || now.isBefore(before.at)) {
            List<ExchangeKey> stored = stored();
            if (stored.isEmpty()) {
                transaction.executeWithoutResult(status -> {
                    turn();
                    if (stored().isEmpty()) {
                        add(clock.instant());
                    }
                });
                stored = stored();
            }
            before = new Known(stored, now);
            known = before;
        }
        return before.keys.stream()
                .filter(key -> key.until == null || now.isBefore(key.until))
                .toList();
    }

    /** Makes the next key; it signs in a day. Does nothing while one is announced already. */
    public void rotate(Actor actor) {
        transaction.executeWithoutResult(status -> {
            active();
            turn();
            Instant signs = clock.instant().plus(ANNOUNCED);
            if (stored().stream().anyMatch(key -> key.signsFrom.isAfter(clock.instant()))) {
                return;
            }
            jdbc.sql("update exchange_keys set valid_until = ? where valid_until is null")
                    .param(Timestamp.from(signs.plus(OVERLAP)))
                    .update();
            trail.record(actor, Act.EXCHANGE_KEY_ROTATED, add(signs), Map.of(), Map.of());
        });
        known = new Known(List.of(), Instant.MIN);
    }

    private void turn() {
        jdbc.sql("select pg_advisory_xact_lock(?)")
                .param(TURN)
                .query((row, n) -> 0)
                .list();
    }

    private String add(Instant signsFrom) {
        KeyPair pair = Sealing.newKeyPair();
        String keyId = HttpSignature.keyId(pair.getPublic());
        String secret = Base64.getEncoder().encodeToString(pair.getPrivate().getEncoded());
        jdbc.sql(
                        "insert into exchange_keys (key_id, sealed, public_key, created_at, signs_from) values (?, ?, ?, ?, ?)")
                .params(
                        keyId,
                        sealing.seal(secret, PURPOSE + keyId),
                        pair.getPublic().getEncoded(),
                        Timestamp.from(clock.instant()),
                        Timestamp.from(signsFrom))
                .update();
        return keyId;
    }

    private List<ExchangeKey> stored() {
        return jdbc.sql(
                        "select * from exchange_keys where valid_until is null or valid_until > ? order by signs_from desc")
                .param(Timestamp.from(clock.instant()))
                .query((row, n) -> {
                    String keyId = requireNonNull(row.getString("key_id"));
                    byte[] secret = Base64.getDecoder().decode(sealing.open(row.getBytes("sealed"), PURPOSE + keyId));
                    Timestamp until = row.getTimestamp("valid_until");
                    return new ExchangeKey(
                            keyId,
                            Sealing.keyPair(secret),
                            row.getTimestamp("signs_from").toInstant(),
                            until == null ? null : until.toInstant());
                })
                .list();
    }
}

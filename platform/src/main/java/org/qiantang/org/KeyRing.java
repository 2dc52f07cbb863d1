package org.qiantang.org;

import static java.util.Objects.requireNonNull;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.PublicKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.qiantang.core.Sealing;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Keys by which the installation signs one kind of thing, the same for all its hubs, one after the other: the next one may be announced before
 * it signs, and the one before counts for a while after. Private halves are sealed by the master key.
 */
public final class KeyRing {
    private static final Duration REMEMBERED = Duration.ofSeconds(5);

    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final Sealing sealing;
    private final AuditTrail trail;
    private final Clock clock;
    private final Kind kind;
    private volatile Known known = new Known(List.of(), Instant.MIN);

    public KeyRing(
            JdbcClient jdbc,
            TransactionTemplate transaction,
            Sealing sealing,
            AuditTrail trail,
            Clock clock,
            Kind kind) {
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.sealing = sealing;
        this.trail = trail;
        this.clock = clock;
        this.kind = kind;
    }

    /**
     * What the keys of a ring are for.
     *
     * @param table where they are, a name of the program's own
     * @param purpose under which the private halves are sealed
     * @param turn by which hubs wait for each other
     * @param algorithm of {@link KeyFactory}
     * @param make a new pair
     * @param name by which others know a key
     * @param announced for how long others can hear of a key before it signs
     * @param overlap for how long the key before counts once another signs
     * @param rotated what the audit trail says
     */
    public record Kind(
            String table,
            String purpose,
            long turn,
            String algorithm,
            Supplier<KeyPair> make,
            Function<PublicKey, String> name,
            Duration announced,
            Duration overlap,
            Act rotated) {}

    /** @param until from when on nothing it signed counts; null for the newest */
    public record SigningKey(
            String keyId,
            KeyPair pair,
            Instant signsFrom,
            @Nullable Instant until) {
        @Override
        public String toString() {
            return "SigningKey[" + keyId + "]";
        }
    }

    /** What a key does at a moment. */
    public enum State {
        /** Others may hear of it; it signs nothing yet. */
        ANNOUNCED,
        SIGNS,
        /** What it signed still counts. */
        COUNTS,
    }

    /**
     * As people see one.
     *
     * @param until from when on nothing it signed counts; null while no other takes over
     */
    public record PublishedKey(
            String keyId,
            String algorithm,
            State state,
            Instant signsFrom,
            @Nullable Instant until) {}

    private record Known(List<SigningKey> keys, Instant at) {}

    /** The one that signs now; makes the first. */
    public SigningKey active() {
        return signing(valid());
    }

    private SigningKey signing(List<SigningKey> keys) {
        Instant now = clock.instant();
        return keys.stream()
                .filter(key -> !key.signsFrom.isAfter(now))
                .findFirst()
                // This hub's clock may be behind that of the one that made the first.
                .orElseGet(keys::getLast);
    }

    /** All that count now or soon will, the newest first. */
    public List<SigningKey> valid() {
        Instant now = clock.instant();
        Known before = known;
        List<SigningKey> keys =
                before.keys.isEmpty() || now.isAfter(before.at.plus(REMEMBERED)) || now.isBefore(before.at)
                        ? refreshed()
                        : before.keys;
        return keys.stream()
                .filter(key -> key.until == null || now.isBefore(key.until))
                .toList();
    }

    /** The same, asked anew: somebody shows a key that was not among them. */
    public List<SigningKey> validNow() {
        refreshed();
        return valid();
    }

    /** All of {@link #valid}, for people. */
    public List<PublishedKey> list() {
        List<SigningKey> keys = validNow();
        Instant now = clock.instant();
        SigningKey active = signing(keys);
        return keys.stream()
                .map(key -> new PublishedKey(
                        key.keyId,
                        kind.algorithm,
                        key.signsFrom.isAfter(now)
                                ? State.ANNOUNCED
                                : key.keyId.equals(active.keyId) ? State.SIGNS : State.COUNTS,
                        key.signsFrom,
                        key.until))
                .toList();
    }

    /** Makes the next key, which signs once it was announced for long enough. Does nothing while one is announced already. */
    public List<PublishedKey> rotate(Actor actor) {
        transaction.executeWithoutResult(status -> {
            active();
            turn();
            Instant now = clock.instant();
            if (stored().stream().anyMatch(key -> key.signsFrom.isAfter(now))) {
                return;
            }
            Instant signs = now.plus(kind.announced);
            jdbc.sql("update " + kind.table + " set valid_until = ? where valid_until is null")
                    .param(Timestamp.from(signs.plus(kind.overlap)))
                    .update();
            trail.record(actor, kind.rotated, add(signs), Map.of(), Map.of());
        });
        return list();
    }

    private List<SigningKey> refreshed() {
        List<SigningKey> keys = stored();
        if (keys.isEmpty()) {
            transaction.executeWithoutResult(status -> {
                turn();
                if (stored().isEmpty()) {
                    add(clock.instant());
                }
            });
            keys = stored();
        }
        known = new Known(keys, clock.instant());
        return keys;
    }

    private void turn() {
        jdbc.sql("select pg_advisory_xact_lock(?)")
                .param(kind.turn)
                .query((row, n) -> 0)
                .list();
    }

    private String add(Instant signsFrom) {
        KeyPair pair = kind.make.get();
        String id = kind.name.apply(pair.getPublic());
        String secret = Base64.getEncoder().encodeToString(pair.getPrivate().getEncoded());
        jdbc.sql("insert into " + kind.table
                        + " (key_id, sealed, public_key, created_at, signs_from) values (?, ?, ?, ?, ?)")
                .params(
                        id,
                        sealing.seal(secret, kind.purpose + id),
                        pair.getPublic().getEncoded(),
                        Timestamp.from(clock.instant()),
                        Timestamp.from(signsFrom.truncatedTo(ChronoUnit.MICROS)))
                .update();
        return id;
    }

    private List<SigningKey> stored() {
        return jdbc.sql(
                        "select * from " + kind.table
                                + " where valid_until is null or valid_until > ? order by signs_from desc, valid_until desc nulls first")
                .param(Timestamp.from(clock.instant()))
                .query((row, n) -> key(row))
                .list();
    }

    private SigningKey key(ResultSet row) throws SQLException {
        String id = requireNonNull(row.getString("key_id"));
        byte[] secret = Base64.getDecoder().decode(sealing.open(row.getBytes("sealed"), kind.purpose + id));
        Timestamp until = row.getTimestamp("valid_until");
        try {
            KeyFactory factory = KeyFactory.getInstance(kind.algorithm);
            return new SigningKey(
                    id,
                    new KeyPair(
                            factory.generatePublic(new X509EncodedKeySpec(row.getBytes("public_key"))),
                            factory.generatePrivate(new PKCS8EncodedKeySpec(secret))),
                    row.getTimestamp("signs_from").toInstant(),
                    until == null ? null : until.toInstant());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("A signing key cannot be read", e);
        }
    }
}

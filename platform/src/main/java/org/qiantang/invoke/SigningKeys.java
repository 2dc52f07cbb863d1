package org.qiantang.invoke;

import static java.util.Objects.requireNonNull;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.qiantang.core.Sealing;
import org.qiantang.org.Act;
import org.qiantang.org.Actor;
import org.qiantang.org.AuditTrail;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The keys that sign access tokens, the same for all hubs of an installation. When the next takes over, the one before stays good until the
 * last token it signed has ended.
 */
@Service
public final class SigningKeys {
    /** How long an access token lasts. */
    public static final Duration TOKEN_LIFE = Duration.ofMinutes(5);

    /** For how long another hub may not have heard of a new key, and more. */
    private static final Duration MARGIN = Duration.ofMinutes(1);

    private static final Duration REMEMBERED = Duration.ofSeconds(5);
    private static final long TURN = 0x696e_766f_6b65_6b79L;
    private static final String PURPOSE = "signing key ";

    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final Sealing sealing;
    private final AuditTrail trail;
    private final Clock clock;
    private volatile Known known = new Known(List.of(), Instant.MIN);

    SigningKeys(JdbcClient jdbc, TransactionTemplate transaction, Sealing sealing, AuditTrail trail, Clock clock) {
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.sealing = sealing;
        this.trail = trail;
        this.clock = clock;
    }

    /**
     * One of the keys.
     *
     * @param until from when on nothing it signed counts; null for the one that signs now
     */
    public record SigningKey(
            String kid,
            ECPublicKey publicKey,
            ECPrivateKey privateKey,
            Instant since,
            @Nullable Instant until) {
        @Override
        public String toString() {
            return "SigningKey[" + kid + "]";
        }
    }

    /** As people see one. */
    public record PublishedKey(
            String kid, Instant since, @Nullable Instant until) {}

    private record Known(List<SigningKey> keys, Instant at) {}

    /** The one that signs now. */
    public SigningKey active() {
        return valid().stream().filter(key -> key.until == null).findFirst().orElseGet(() -> {
            transaction.executeWithoutResult(status -> {
                turn();
                if (stored().stream().noneMatch(key -> key.until == null)) {
                    add();
                }
            });
            return refreshed().stream()
                    .filter(key -> key.until == null)
                    .findFirst()
                    .orElseThrow();
        });
    }

    /** All whose signatures count now, the one that signs first. */
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
        active();
        return validNow().stream()
                .map(key -> new PublishedKey(key.kid, key.since, key.until))
                .toList();
    }

    /** Lets a new key sign from now on. */
    public List<PublishedKey> rotate(Actor actor) {
        transaction.executeWithoutResult(status -> {
            turn();
            jdbc.sql("update invoke_signing_keys set valid_until = ? where valid_until is null")
                    .param(Timestamp.from(clock.instant().plus(TOKEN_LIFE).plus(MARGIN)))
                    .update();
            String kid = add();
            trail.record(actor, Act.SIGNING_KEY_ROTATED, kid, Map.of(), Map.of());
        });
        return list();
    }

    private void turn() {
        jdbc.sql("select pg_advisory_xact_lock(?)")
                .param(TURN)
                .query((row, n) -> 0)
                .list();
    }

    private List<SigningKey> refreshed() {
        List<SigningKey> keys = stored();
        known = new Known(keys, clock.instant());
        return keys;
    }

    private List<SigningKey> stored() {
        return jdbc.sql("""
                        select * from invoke_signing_keys where valid_until is null or valid_until > ?
                        order by valid_until desc nulls first, created_at desc""")
                .param(Timestamp.from(clock.instant()))
                .query((row, n) -> key(row))
                .list();
    }

    private String add() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            KeyPair pair = generator.generateKeyPair();
            String kid = UUID.randomUUID().toString();
            String secret = Base64.getEncoder().encodeToString(pair.getPrivate().getEncoded());
            jdbc.sql("insert into invoke_signing_keys (kid, sealed, public_key, created_at) values (?, ?, ?, ?)")
                    .params(
                            kid,
                            sealing.seal(secret, PURPOSE + kid),
                            pair.getPublic().getEncoded(),
                            Timestamp.from(clock.instant()))
                    .update();
            return kid;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("A signing key cannot be made", e);
        }
    }

    private SigningKey key(ResultSet row) throws SQLException {
        String kid = requireNonNull(row.getString("kid"));
        Timestamp until = row.getTimestamp("valid_until");
        byte[] secret = Base64.getDecoder().decode(sealing.open(row.getBytes("sealed"), PURPOSE + kid));
        try {
            KeyFactory factory = KeyFactory.getInstance("EC");
            return new SigningKey(
                    kid,
                    (ECPublicKey) factory.generatePublic(new X509EncodedKeySpec(row.getBytes("public_key"))),
                    (ECPrivateKey) factory.generatePrivate(new PKCS8EncodedKeySpec(secret)),
                    row.getTimestamp("created_at").toInstant(),
                    until == null ? null : until.toInstant());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("A signing key cannot be read", e);
        }
    }
}

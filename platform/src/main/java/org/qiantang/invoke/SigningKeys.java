package org.qiantang.invoke;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.qiantang.core.Sealing;
import org.qiantang.org.Act;
import org.qiantang.org.Actor;
import org.qiantang.org.AuditTrail;
import org.qiantang.org.KeyRing;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The keys that sign access tokens. A new one signs at once, for whoever checks a token asks for keys it has not seen; the one before stays
 * good until the last token it signed has ended.
 */
@Service
public final class SigningKeys {
    /** How long an access token lasts. */
    public static final Duration TOKEN_LIFE = Duration.ofMinutes(5);

    /** For how long another hub may not have heard of a new key, and more. */
    private static final Duration MARGIN = Duration.ofMinutes(1);

    private static final long TURN = 0x696e_766f_6b65_6b79L;

    private final KeyRing ring;

    SigningKeys(JdbcClient jdbc, TransactionTemplate transaction, Sealing sealing, AuditTrail trail, Clock clock) {
        ring = new KeyRing(
                jdbc,
                transaction,
                sealing,
                trail,
                clock,
                new KeyRing.Kind(
                        "invoke_signing_keys",
                        "signing key ",
                        TURN,
                        "EC",
                        SigningKeys::newPair,
                        key -> UUID.randomUUID().toString(),
                        Duration.ZERO,
                        TOKEN_LIFE.plus(MARGIN),
                        Act.SIGNING_KEY_ROTATED));
    }

    /** All of them, for people. */
    public List<KeyRing.PublishedKey> list() {
        return ring.list();
    }

    /** Lets a new key sign from now on. */
    public List<KeyRing.PublishedKey> rotate(Actor actor) {
        return ring.rotate(actor);
    }

    /** All whose signatures count now, the one that signs first. */
    public List<KeyRing.SigningKey> valid() {
        return ring.valid();
    }

    /** The same, asked anew: somebody shows a key that was not among them. */
    public List<KeyRing.SigningKey> validNow() {
        return ring.validNow();
    }

    private static KeyPair newPair() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("A signing key cannot be made", e);
        }
    }
}

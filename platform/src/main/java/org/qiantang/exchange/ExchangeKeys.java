package org.qiantang.exchange;

import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.qiantang.core.HttpSignature;
import org.qiantang.core.Sealing;
import org.qiantang.org.Act;
import org.qiantang.org.Actor;
import org.qiantang.org.AuditTrail;
import org.qiantang.org.KeyRing;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The keys by which this installation signs what it says to its peers. The next one is announced, signed by the present one, for a day before
 * it signs; the present one counts for a day more after that.
 */
@Service
public final class ExchangeKeys {
    /** For how long peers can hear of a key before it signs. */
    static final Duration ANNOUNCED = Duration.ofDays(1);

    private static final Duration OVERLAP = Duration.ofDays(1);
    private static final long TURN = 0x6578_6368_6b65_7973L;

    private final KeyRing ring;

    ExchangeKeys(JdbcClient jdbc, TransactionTemplate transaction, Sealing sealing, AuditTrail trail, Clock clock) {
        ring = new KeyRing(
                jdbc,
                transaction,
                sealing,
                trail,
                clock,
                new KeyRing.Kind(
                        "exchange_keys",
                        "exchange key ",
                        TURN,
                        Sealing.ALGORITHM,
                        Sealing::newKeyPair,
                        HttpSignature::keyId,
                        ANNOUNCED,
                        OVERLAP,
                        Act.EXCHANGE_KEY_ROTATED));
    }

    /** All of them, for people. */
    public List<KeyRing.PublishedKey> list() {
        return ring.list();
    }

    /** Makes the next key; it signs in a day. Does nothing while one is announced already. */
    public List<KeyRing.PublishedKey> rotate(Actor actor) {
        return ring.rotate(actor);
    }

    /** The one that signs now. */
    KeyRing.SigningKey active() {
        return ring.active();
    }

    /** All that count now or soon will, the newest first. */
    List<KeyRing.SigningKey> valid() {
        return ring.valid();
    }
}

package org.qiantang.catalog;

import static java.util.Objects.requireNonNull;

import java.sql.Timestamp;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.Period;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.qiantang.core.HubLoop;
import org.qiantang.org.Act;
import org.qiantang.org.Actor;
import org.qiantang.org.AuditTrail;
import org.qiantang.org.EvidenceHold;
import org.qiantang.org.EvidenceHolds;
import org.qiantang.org.EvidenceRetention;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Lets go of who read what, and of whom, once it has been kept as long as the evidence of it: what somebody may be asked about is there, and
 * what nobody may any more is no longer known of anybody. What a hold covers stays.
 */
@Service
public final class AccessRetention extends HubLoop {
    private static final Duration LOOK = Duration.ofHours(1);
    private static final int AT_ONCE = 10_000;

    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final EvidenceHolds holds;
    private final AuditTrail trail;
    private final EvidenceRetention.Kept kept;
    private final Clock clock;

    AccessRetention(
            JdbcClient jdbc,
            TransactionTemplate transaction,
            EvidenceHolds holds,
            AuditTrail trail,
            EvidenceRetention.Kept kept,
            Clock clock) {
        super("access-retention");
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.holds = holds;
        this.trail = trail;
        this.kept = kept;
        this.clock = clock;
    }

    @Override
    protected void turn() throws InterruptedException {
        dropWhatIsOld();
        rest(LOOK);
    }

    /** How many reads were forgotten, with the footprints of each. */
    public long dropWhatIsOld() {
        Instant before = clock.instant()
                .atOffset(ZoneOffset.UTC)
                .minus(Period.ofYears(kept.years()))
                .toInstant();
        long all = 0;
        for (long some = drop(before); some > 0; some = drop(before)) {
            all += some;
        }
        return all;
    }

    /** A part of them, together with the entry that says so; footprints go with the reads that they are of. */
    private long drop(Instant before) {
        return requireNonNull(transaction.execute(status -> {
            List<EvidenceHold> inForce = holds.inForce();
            long dropped = jdbc.sql("""
                            delete from catalog_access where id in (
                                select a.id from catalog_access a where a.at < :before
                                    and not exists (select from org_evidence_holds h
                                        where h.released_at is null and a.at >= h.starts and a.at < h.ends)
                                order by a.at limit :some for update skip locked)""")
                    .param("before", Timestamp.from(before))
                    .param("some", AT_ONCE)
                    .update();
            if (dropped > 0) {
                trail.record(
                        Actor.INSTALLATION,
                        Act.ACCESSES_DROPPED,
                        "catalog_access",
                        Map.of(),
                        Map.of("reads", dropped, "before", before.toString(), "holds", inForce.size()));
            }
            return dropped;
        }));
    }
}

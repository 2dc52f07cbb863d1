package org.qiantang.org;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.Period;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.qiantang.core.HubLoop;
import org.springframework.stereotype.Component;

/** Lets this hub's evidence forget what it has kept for as long as the law and the city want; that it was there stays. */
@Component
public final class EvidenceRetention extends HubLoop {
    private static final Duration LOOK = Duration.ofHours(1);

    private final EvidenceRecords records;
    private final EvidenceHolds holds;
    private final AuditTrail trail;
    private final Kept kept;
    private final Clock clock;

    EvidenceRetention(EvidenceRecords records, EvidenceHolds holds, AuditTrail trail, Kept kept, Clock clock) {
        super("evidence-retention");
        this.records = records;
        this.holds = holds;
        this.trail = trail;
        this.kept = kept;
        this.clock = clock;
    }

    /**
     * For how long the entries of the evidence can be read.
     *
     * @param years {@value #LEAST_YEARS} at least
     */
    public record Kept(int years) {
        /** As long as what was done with somebody's data may be asked for. */
        public static final int LEAST_YEARS = 3;

        public Kept {
            if (years < LEAST_YEARS) {
                throw new IllegalArgumentException("Evidence is kept for " + LEAST_YEARS + " years at least");
            }
        }
    }

    @Override
    protected void turn() throws InterruptedException {
        dropWhatIsOld();
        rest(LOOK);
    }

    /** How many entries were dropped. */
    long dropWhatIsOld() {
        Instant before = clock.instant()
                .atOffset(ZoneOffset.UTC)
                .minus(Period.ofYears(kept.years))
                .toInstant();
        List<EvidenceHold> inForce = holds.inForce();
        long dropped = records.drop(before, inForce);
        if (dropped > 0) {
            trail.record(
                    Actor.INSTALLATION,
                    Act.EVIDENCE_DROPPED,
                    "evidence",
                    Map.of(),
                    Map.of("entries", dropped, "before", before.toString(), "holds", inForce.size()));
        }
        return dropped;
    }
}

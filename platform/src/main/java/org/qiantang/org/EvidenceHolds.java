package org.qiantang.org;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.qiantang.core.CoreProblem;
import org.qiantang.core.Problem;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;

/** The legal holds on the evidence of all hubs. To place and to release one is an act of the audit trail. */
@Service
public final class EvidenceHolds {
    private static final int LONGEST_REASON = 500;

    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final AuditTrail trail;
    private final Clock clock;

    EvidenceHolds(JdbcClient jdbc, TransactionTemplate transaction, AuditTrail trail, Clock clock) {
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.trail = trail;
        this.clock = clock;
    }

    /** All of them, the newest first; those that were released too. */
    public List<EvidenceHold> list() {
        return jdbc.sql("select * from org_evidence_holds order by placed_at desc, id")
                .query((row, n) -> hold(row))
                .list();
    }

    /** Those that hold now. */
    public List<EvidenceHold> inForce() {
        return list().stream().filter(hold -> hold.releasedAt() == null).toList();
    }

    /** Keeps the evidence of a span of time. Refuses one that ends before it begins, and one without a reason. */
    public EvidenceHold place(Actor who, Instant from, Instant until, String reason) {
        if (!from.isBefore(until)) {
            throw new Problem(OrgProblem.HOLD_WITHOUT_SPAN);
        }
        String said = said(reason);
        UUID id = UUID.randomUUID();
        transaction.executeWithoutResult(status -> {
            jdbc.sql("""
                            insert into org_evidence_holds (id, starts, ends, reason, placed_by, placed_at)
                            values (?, ?, ?, ?, ?, ?)""")
                    .params(id, Timestamp.from(from), Timestamp.from(until), said, who.username(), now())
                    .update();
            trail.record(who, Act.EVIDENCE_HELD, id.toString(), Map.of(), words(get(id)));
        });
        return get(id);
    }

    /** Lets the evidence go when its time has come. */
    public EvidenceHold release(Actor who, UUID id, String reason) {
        EvidenceHold placed = get(id);
        String said = said(reason);
        transaction.executeWithoutResult(status -> {
            int released = jdbc.sql("""
                            update org_evidence_holds set released_by = ?, released_at = ?
                            where id = ? and released_at is null""").params(who.username(), now(), id).update();
            if (released == 0) {
                throw new Problem(OrgProblem.HOLD_RELEASED);
            }
            trail.record(who, Act.EVIDENCE_RELEASED, id.toString(), words(placed), Map.of("reason", said));
        });
        return get(id);
    }

    private static String said(String reason) {
        String said = reason.strip();
        if (said.isEmpty() || said.length() > LONGEST_REASON) {
            throw new Problem(OrgProblem.HOLD_WITHOUT_REASON);
        }
        return said;
    }

    private static Map<String, String> words(EvidenceHold hold) {
        return Map.of("from", hold.from().toString(), "until", hold.until().toString(), "reason", hold.reason());
    }

    private EvidenceHold get(UUID id) {
        return jdbc.sql("select * from org_evidence_holds where id = ?")
                .param(id)
                .query((row, n) -> hold(row))
                .optional()
                .orElseThrow(() -> new Problem(CoreProblem.NOT_FOUND, "what", id.toString()));
    }

    private Timestamp now() {
        return Timestamp.from(clock.instant());
    }

    private static EvidenceHold hold(ResultSet row) throws SQLException {
        @Nullable Timestamp released = row.getTimestamp("released_at");
        return new EvidenceHold(
                row.getObject("id", UUID.class),
                row.getTimestamp("starts").toInstant(),
                row.getTimestamp("ends").toInstant(),
                row.getString("reason"),
                row.getString("placed_by"),
                row.getTimestamp("placed_at").toInstant(),
                row.getString("released_by"),
                released == null ? null : released.toInstant());
    }
}

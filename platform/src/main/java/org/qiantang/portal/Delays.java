package org.qiantang.portal;

import java.sql.Timestamp;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.qiantang.core.CoreProblem;
import org.qiantang.core.Problem;
import org.qiantang.org.Act;
import org.qiantang.org.Actor;
import org.qiantang.org.AuditTrail;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Reads that people are told of later, because a law on secrecy says so (PIPL Art. 18, 35): set by the bureau with law, reason and an end,
 * each time an act in the audit trail. When the day has come they are told of like all others.
 */
@Service
public final class Delays {
    private static final Duration LONGEST = Duration.ofDays(730);

    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final AuditTrail audit;
    private final Clock clock;

    Delays(JdbcClient jdbc, TransactionTemplate transaction, AuditTrail audit, Clock clock) {
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.audit = audit;
        this.clock = clock;
    }

    /** Whether access {@code a} is not told of at {@code :now}. */
    static final String DELAYED = """
            exists (select from portal_delays d where d.ended_at is null and d.until > :now
                and (d.grant_number is null or d.grant_number = a.entitlement_number)
                and (d.case_number is null or d.case_number = a.case_number))""";

    /** @param ended when it was ended before its day */
    public record Delay(
            UUID id,
            @Nullable String grant,
            @Nullable String caseNumber,
            Instant until,
            String law,
            String reason,
            Instant at,
            String by,
            @Nullable Instant ended) {}

    /** What is delayed: what is read under a grant, for a case, or under the grant for the case. */
    public record Wanted(
            @Nullable String grant, @Nullable String caseNumber, Instant until, String law, String reason) {}

    /** The newest first. */
    public List<Delay> list() {
        return jdbc.sql("select * from portal_delays order by set_at desc, id limit 500")
                .query((row, n) -> {
                    Timestamp ended = row.getTimestamp("ended_at");
                    return new Delay(
                            row.getObject("id", UUID.class),
                            row.getString("grant_number"),
                            row.getString("case_number"),
                            row.getTimestamp("until").toInstant(),
                            row.getString("legal_basis"),
                            row.getString("reason"),
                            row.getTimestamp("set_at").toInstant(),
                            row.getString("set_by"),
                            ended == null ? null : ended.toInstant());
                })
                .list();
    }

    public UUID delay(Actor who, Wanted wanted) {
        String grant = text(wanted.grant);
        String caseNumber = text(wanted.caseNumber);
        if (grant == null && caseNumber == null) {
            throw new Problem(PortalProblem.DELAY_WITHOUT_SUBJECT);
        }
        Instant now = clock.instant();
        if (!wanted.until.isAfter(now) || wanted.until.isAfter(now.plus(LONGEST))) {
            throw new Problem(PortalProblem.DELAY_TOO_LONG, "days", Long.toString(LONGEST.toDays()));
        }
        UUID id = UUID.randomUUID();
        transaction.executeWithoutResult(status -> {
            jdbc.sql("""
                            insert into portal_delays (id, grant_number, case_number, until, legal_basis, reason, set_at, set_by)
                            values (:id, :grant, :case, :until, :law, :reason, :at, :by)""")
                    .param("id", id)
                    .param("grant", grant)
                    .param("case", caseNumber)
                    .param("until", Timestamp.from(wanted.until))
                    .param("law", wanted.law.strip())
                    .param("reason", wanted.reason.strip())
                    .param("at", Timestamp.from(now))
                    .param("by", who.username())
                    .update();
            Map<String, String> said = new TreeMap<>();
            said.put("until", wanted.until.toString());
            said.put("law", wanted.law.strip());
            said.put("reason", wanted.reason.strip());
            if (grant != null) {
                said.put("grant", grant);
            }
            if (caseNumber != null) {
                said.put("case", caseNumber);
            }
            audit.record(who, Act.FOOTPRINTS_DELAYED, id.toString(), Map.of(), said);
        });
        return id;
    }

    /** What was delayed is told from now on. */
    public void end(Actor who, UUID id) {
        transaction.executeWithoutResult(status -> {
            int ended = jdbc.sql(
                            "update portal_delays set ended_at = ?, ended_by = ? where id = ? and ended_at is null")
                    .params(Timestamp.from(clock.instant()), who.username(), id)
                    .update();
            if (ended == 0) {
                throw new Problem(CoreProblem.NOT_FOUND, "what", id.toString());
            }
            audit.record(who, Act.FOOTPRINTS_TOLD, id.toString(), Map.of(), Map.of());
        });
    }

    private static @Nullable String text(@Nullable String text) {
        return text == null || text.isBlank() ? null : text.strip();
    }
}

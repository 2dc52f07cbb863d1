package org.qiantang.org;

import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.qiantang.core.CanonicalJson;
import org.qiantang.core.Sm3;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** The trail of administrative acts (审计): it only grows, and what was changed behind the platform's back shows. */
@Service
public final class AuditTrail {
    private static final long CHAIN = 0x6f72_675f_6175_6469L;
    private static final int LARGEST_PAGE = 200;
    private static final JsonMapper JSON = JsonMapper.shared();

    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final Clock clock;

    AuditTrail(JdbcClient jdbc, TransactionTemplate transaction, Clock clock) {
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.clock = clock;
    }

    /** Which entries are asked for; null and zero ask for all. */
    public record Wanted(
            @Nullable String actor,
            @Nullable Act act,
            @Nullable String subject,
            long before,
            int limit) {}

    /**
     * What the hashes say of the whole trail.
     *
     * @param entries how many were looked at
     * @param broken the first entry that is not as it was written, or does not follow the one before it
     */
    public record Verdict(long entries, @Nullable Long broken) {}

    /** Adds an entry, in the caller's transaction if there is one. */
    void record(Actor who, Act act, String subject, Map<String, ?> before, Map<String, ?> after) {
        transaction.executeWithoutResult(status -> {
            // One after the other, for each goes on from the one before.
            jdbc.sql("select pg_advisory_xact_lock(?)")
                    .param(CHAIN)
                    .query((row, n) -> 0)
                    .list();
            String previous = jdbc.sql("select hash from org_audit order by id desc limit 1")
                    .query(String.class)
                    .optional()
                    .orElse("");
            Instant at = clock.instant().truncatedTo(ChronoUnit.MICROS);
            String was = text(before);
            String is = text(after);
            jdbc.sql("""
                            insert into org_audit (at, actor, address, act, subject, before, after, previous, hash)
                            values (:at, :actor, :address, :act, :subject, :before, :after, :previous, :hash)""")
                    .param("at", at.atOffset(java.time.ZoneOffset.UTC))
                    .param("actor", who.username())
                    .param("address", who.address())
                    .param("act", act.name())
                    .param("subject", subject)
                    .param("before", was)
                    .param("after", is)
                    .param("previous", previous)
                    .param("hash", hash(at, who, act.name(), subject, was, is, previous))
                    .update();
        });
    }

    /** The newest first. */
    public List<AuditEntry> list(Wanted wanted) {
        Act act = wanted.act();
        return jdbc.sql("""
                        select * from org_audit
                        where (cast(:actor as text) is null or actor = :actor) and (cast(:act as text) is null or act = :act)
                            and (cast(:subject as text) is null or subject = :subject) and (:before = 0 or id < :before)
                        order by id desc limit :limit""")
                .param("actor", wanted.actor())
                .param("act", act == null ? null : act.name())
                .param("subject", wanted.subject())
                .param("before", wanted.before())
                .param("limit", Math.clamp(wanted.limit(), 1, LARGEST_PAGE))
                .query((row, n) -> new AuditEntry(
                        row.getLong("id"),
                        row.getObject("at", java.time.OffsetDateTime.class).toInstant(),
                        row.getString("actor"),
                        row.getString("address"),
                        Act.valueOf(row.getString("act")),
                        row.getString("subject"),
                        members(row.getString("before")),
                        members(row.getString("after")),
                        row.getString("hash")))
                .list();
    }

    /** Reads the whole trail and sums it again. That it was done is an entry too. */
    public Verdict verify(Actor who) {
        AtomicReference<String> previous = new AtomicReference<>("");
        long[] seen = {0};
        long[] broken = {0};
        jdbc.sql("select * from org_audit order by id").query(row -> {
            seen[0]++;
            Instant at = row.getObject("at", java.time.OffsetDateTime.class).toInstant();
            String hash = hash(
                    at,
                    new Actor(row.getString("actor"), row.getString("address")),
                    row.getString("act"),
                    row.getString("subject"),
                    row.getString("before"),
                    row.getString("after"),
                    row.getString("previous"));
            boolean follows = row.getString("previous").equals(previous.get());
            if (broken[0] == 0 && (!follows || !hash.equals(row.getString("hash")))) {
                broken[0] = row.getLong("id");
            }
            previous.set(row.getString("hash"));
        });
        OptionalLong first = broken[0] == 0 ? OptionalLong.empty() : OptionalLong.of(broken[0]);
        Verdict verdict = new Verdict(seen[0], first.isPresent() ? first.getAsLong() : null);
        record(
                who,
                Act.AUDIT_VERIFIED,
                "audit",
                Map.of(),
                Map.of("entries", verdict.entries(), "intact", first.isEmpty()));
        return verdict;
    }

    private static Map<String, Object> members(String text) {
        return JSON.readValue(text, new TypeReference<Map<String, Object>>() {});
    }

    private static String text(Map<String, ?> value) {
        return new String(CanonicalJson.bytes(JSON.valueToTree(value)), StandardCharsets.UTF_8);
    }

    private static String hash(
            Instant at, Actor who, String act, String subject, String before, String after, String previous) {
        byte[] entry = CanonicalJson.bytes(
                List.of(at.toString(), who.username(), who.address(), act, subject, before, after, previous));
        return HexFormat.of().formatHex(Sm3.digest(entry));
    }
}

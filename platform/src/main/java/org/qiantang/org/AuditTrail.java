package org.qiantang.org;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.qiantang.core.CanonicalJson;
import org.qiantang.core.Sealing;
import org.qiantang.core.Sm3;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * The trail of administrative acts (审计): it only grows, and what was changed behind the platform's back shows. Each entry's hash takes a
 * key that is not in the database, and how far the trail has come is kept outside of it.
 */
@Service
public final class AuditTrail {
    private static final long CHAIN = 0x6f72_675f_6175_6469L;
    private static final String PURPOSE = "audit trail";
    private static final int LARGEST_PAGE = 200;
    private static final JsonMapper JSON = JsonMapper.shared();

    private static final System.Logger LOG = System.getLogger(AuditTrail.class.getName());

    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final Clock clock;
    private final Sealing sealing;
    private final TrailHead head;
    private final EvidenceRecords evidence;
    /** Whether this process has added an entry while there was no mark; the chain's lock is held by who asks. */
    private volatile boolean unmarked;

    AuditTrail(
            JdbcClient jdbc,
            TransactionTemplate transaction,
            Clock clock,
            Sealing sealing,
            TrailHead head,
            EvidenceRecords evidence) {
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.clock = clock;
        this.sealing = sealing;
        this.head = head;
        this.evidence = evidence;
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
     * @param end whether the trail goes as far as it had come
     * @param newest the newest entry, for who wants to note it down outside of the installation; null where there is none
     */
    public record Verdict(long entries, @Nullable Long broken, End end, TrailHead.@Nullable Mark newest) {
        public boolean isIntact() {
            return broken == null && end == End.THERE;
        }
    }

    /** Whether the newest entry that the installation remembers is in the trail. */
    public enum End {
        THERE,
        /** The trail's end was cut off, or the database is older than the installation's folder. */
        CUT,
        /** The installation's folder does not say how far the trail had come. */
        UNKNOWN,
    }

    /** Adds an entry, in the caller's transaction if there is one. */
    public void record(Actor who, Act act, String subject, Map<String, ?> before, Map<String, ?> after) {
        transaction.executeWithoutResult(status -> {
            // One after the other, for each goes on from the one before.
            jdbc.sql("select pg_advisory_xact_lock(?)")
                    .param(CHAIN)
                    .query((row, n) -> 0)
                    .list();
            // After a cut the mark stays where it is: it is what tells of the cut.
            Optional<TrailHead.Mark> mark = head.read();
            boolean whole = mark.isEmpty() || holds(mark.get());
            if (!whole) {
                LOG.log(System.Logger.Level.ERROR, "The end of the audit trail was cut off; verify it");
            }
            Last last = jdbc.sql("select ordinal, hash from org_audit order by id desc limit 1")
                    .query((row, n) -> new Last(row.getLong(1), row.getString(2)))
                    .optional()
                    .orElse(new Last(0, ""));
            // Entries of the first moments may come before the mark of the first of them.
            boolean lost = mark.isEmpty() && !unmarked;
            unmarked = mark.isEmpty();
            if (lost && last.ordinal > 0) {
                last = append(last, Actor.INSTALLATION, Act.TRAIL_HEAD_LOST, "audit", "{}", "{}");
            }
            if (last.ordinal == 0 && !last.hash.isEmpty()) {
                last = append(
                        last, Actor.INSTALLATION, Act.TRAIL_BEGUN, "audit", "{}", text(Map.of("before", count())));
            }
            last = append(last, who, act, subject, text(before), text(after));
            if (whole) {
                advanceAfterCommit(new TrailHead.Mark(last.ordinal, last.hash));
            }
        });
    }

    /** The newest entry; 0 where it is from before the entries were counted. */
    private record Last(long ordinal, String hash) {}

    private Last append(Last last, Actor who, Act act, String subject, String before, String after) {
        Instant at = clock.instant().truncatedTo(ChronoUnit.MICROS);
        long ordinal = last.ordinal + 1;
        String hash = HexFormat.of()
                .formatHex(
                        sealing.mac(PURPOSE, bytes(ordinal, at, who, act.name(), subject, before, after, last.hash)));
        jdbc.sql("""
                        insert into org_audit (ordinal, at, actor, address, act, subject, before, after, previous, hash)
                        values (:ordinal, :at, :actor, :address, :act, :subject, :before, :after, :previous, :hash)""")
                .param("ordinal", ordinal)
                .param("at", at.atOffset(java.time.ZoneOffset.UTC))
                .param("actor", who.username())
                .param("address", who.address())
                .param("act", act.name())
                .param("subject", subject)
                .param("before", before)
                .param("after", after)
                .param("previous", last.hash)
                .param("hash", hash)
                .update();
        // Before the act is committed: one that was then undone is told by its place, which another act takes.
        evidence.record(Map.of(
                "kind",
                "act",
                "at",
                at.toString(),
                "who",
                who.username(),
                "address",
                who.address(),
                "act",
                act.name(),
                "subject",
                subject,
                "ordinal",
                ordinal,
                "hash",
                hash));
        return new Last(ordinal, hash);
    }

    private long count() {
        return jdbc.sql("select count(*) from org_audit").query(Long.class).single();
    }

    private boolean holds(TrailHead.Mark mark) {
        return jdbc.sql("select 1 from org_audit where ordinal = ? and hash = ?")
                .params(mark.ordinal(), mark.hash())
                .query()
                .optionalValue()
                .isPresent();
    }

    private void advanceAfterCommit(TrailHead.Mark mark) {
        TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
            @Override
            public void afterCommit() {
                try {
                    head.advance(mark);
                } catch (IOException e) {
                    // The next entry brings it up again; until then a cut shows only before the entry it stands at.
                    LOG.log(
                            System.Logger.Level.WARNING,
                            "The head of the audit trail could not be kept: {0}",
                            e.toString());
                }
            }
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
        // The mark first: entries that come meanwhile are later than it.
        Optional<TrailHead.Mark> mark = head.read();
        Check check = new Check();
        jdbc.sql("select * from org_audit order by id").query(check::take);
        End end = mark.map(kept -> holds(kept) ? End.THERE : End.CUT)
                .orElse(check.ordinal == 0 ? End.THERE : End.UNKNOWN);
        TrailHead.Mark newest = check.ordinal == 0 ? null : new TrailHead.Mark(check.ordinal, check.previous);
        Verdict verdict = new Verdict(check.entries, check.broken, end, newest);
        record(
                who,
                Act.AUDIT_VERIFIED,
                "audit",
                Map.of(),
                Map.of("entries", verdict.entries(), "intact", verdict.isIntact()));
        return verdict;
    }

    /** What has been read of the trail so far. */
    private final class Check {
        private String previous = "";
        private long ordinal;
        private long entries;
        private @Nullable Long broken;

        void take(ResultSet row) throws SQLException {
            entries++;
            Instant at = row.getObject("at", java.time.OffsetDateTime.class).toInstant();
            Actor who = new Actor(row.getString("actor"), row.getString("address"));
            String act = row.getString("act");
            String subject = row.getString("subject");
            String before = row.getString("before");
            String after = row.getString("after");
            String follows = row.getString("previous");
            long place = row.getLong("ordinal");
            // Entries without a place are from before the key, and come before all that have one.
            byte[] sum = place == 0
                    ? Sm3.digest(CanonicalJson.bytes(List.of(
                            at.toString(), who.username(), who.address(), act, subject, before, after, follows)))
                    : sealing.mac(PURPOSE, bytes(place, at, who, act, subject, before, after, follows));
            boolean inPlace = place == 0 ? ordinal == 0 : place == ordinal + 1;
            String hash = row.getString("hash");
            if (broken == null
                    && !(inPlace
                            && follows.equals(previous)
                            && hash.equals(HexFormat.of().formatHex(sum)))) {
                broken = row.getLong("id");
            }
            previous = hash;
            ordinal = place;
        }
    }

    private static Map<String, Object> members(String text) {
        return JSON.readValue(text, new TypeReference<Map<String, Object>>() {});
    }

    private static String text(Map<String, ?> value) {
        return new String(CanonicalJson.bytes(JSON.valueToTree(value)), StandardCharsets.UTF_8);
    }

    private static byte[] bytes(
            long ordinal,
            Instant at,
            Actor who,
            String act,
            String subject,
            String before,
            String after,
            String previous) {
        return CanonicalJson.bytes(List.of(
                Long.toString(ordinal),
                at.toString(),
                who.username(),
                who.address(),
                act,
                subject,
                before,
                after,
                previous));
    }
}

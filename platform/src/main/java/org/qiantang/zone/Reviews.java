package org.qiantang.zone;

import java.sql.Timestamp;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.qiantang.core.Problem;
import org.qiantang.org.Account;
import org.qiantang.org.Act;
import org.qiantang.org.Actor;
import org.qiantang.org.AnswersOwed;
import org.qiantang.org.AuditTrail;
import org.qiantang.org.Department;
import org.qiantang.org.EvidenceRecords;
import org.qiantang.share.GrantedReads;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;

/** The second pair of eyes: nothing leaves a zone that somebody of the bureau, who did not run it, has not approved with a reason. */
@Service
public final class Reviews implements AnswersOwed {
    private static final int SAMPLE = 20;

    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final Zones zones;
    private final ZoneRuns runs;
    private final Leaving leaving;
    private final Releases releases;
    private final GrantedReads granted;
    private final AuditTrail audit;
    private final EvidenceRecords evidence;
    private final ResultFiles files;
    private final Clock clock;

    Reviews(
            JdbcClient jdbc,
            TransactionTemplate transaction,
            Zones zones,
            ZoneRuns runs,
            Leaving leaving,
            Releases releases,
            GrantedReads granted,
            AuditTrail audit,
            EvidenceRecords evidence,
            ResultFiles files,
            Clock clock) {
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.zones = zones;
        this.runs = runs;
        this.leaving = leaving;
        this.releases = releases;
        this.granted = granted;
        this.audit = audit;
        this.evidence = evidence;
        this.files = files;
        this.clock = clock;
    }

    /** A result that waits, and where it comes from. */
    public record Waiting(Zone zone, ZoneRun run) {}

    /** What waits, what is due first. */
    public List<Waiting> list() {
        return jdbc
                .sql(ZoneRuns.RUN + " where state = 'SUBMITTED' order by due_at, ordinal")
                .query((row, n) -> runs.run(row))
                .list()
                .stream()
                .map(run -> new Waiting(zones.find(run.zone()), run))
                .toList();
    }

    /**
     * Rows that a reviewer looks at.
     *
     * @param rows some of them, evenly over the result; a column above L2 is not shown
     * @param evidence where it is written down that they were seen
     */
    public record Sample(List<String> columns, List<List<@Nullable String>> rows, EvidenceRecords.Recorded evidence) {}

    /** Looks at some rows of a result that waits. It is written down before they are shown. */
    public Sample sample(Account who, String address, UUID id) {
        ZoneRun run = runs.find(id);
        ZoneRuns.requireState(run, ZoneRun.State.SUBMITTED);
        requireOther(who, zones.find(run.zone()), run);
        return files.alone(() -> sampled(who, address, run, leaving.held(id)));
    }

    private Sample sampled(Account who, String address, ZoneRun run, Held held) {
        UUID id = run.id();
        audit.record(
                new Actor(who.username(), address),
                Act.RESULT_SAMPLED,
                id.toString(),
                Map.of(),
                Map.of("digest", String.valueOf(run.digest())));
        EvidenceRecords.Recorded seen = evidence.record(Map.of(
                "kind",
                "sample",
                "at",
                clock.instant().truncatedTo(ChronoUnit.MICROS).toString(),
                "who",
                who.username(),
                "run",
                id.toString(),
                "rows",
                Math.min(SAMPLE, held.rows().size()),
                "digest",
                String.valueOf(run.digest())));
        List<List<@Nullable String>> rows = new ArrayList<>();
        int all = held.rows().size();
        for (int i = 0; i < Math.min(SAMPLE, all); i++) {
            List<@Nullable String> row = held.rows().get((int) ((long) i * all / Math.min(SAMPLE, all)));
            List<@Nullable String> shown = new ArrayList<>();
            for (int at = 0; at < row.size(); at++) {
                shown.add(held.columns().get(at).level().isMasked() ? null : row.get(at));
            }
            rows.add(shown);
        }
        return new Sample(held.columns().stream().map(Held.Column::name).toList(), rows, seen);
    }

    /**
     * Lets it leave. The checks are made once more, beside what has left since.
     *
     * @param acknowledged the checks that need attention and were looked at
     */
    public Release approve(
            Account who, String address, UUID id, @Nullable String reason, Set<CheckReport.Of> acknowledged) {
        String why = Zones.required(reason, "批准的理由 (why it may leave)");
        return files.alone(() -> java.util.Objects.requireNonNull(transaction.execute(status -> {
            Zone zone = zones.lock(runs.find(id).zone());
            ZoneRun run = runs.find(id);
            ZoneRuns.requireState(run, ZoneRun.State.SUBMITTED);
            requireOther(who, zone, run);
            if (!zones.isInForce(zone)) {
                throw new Problem(ZoneProblem.NOT_IN_FORCE);
            }
            runs.requireGrants(zone, id);
            CheckReport report = leaving.check(zone, id);
            ZoneRuns.requirePassed(report);
            List<CheckReport.Of> unseen = report.needingAttention().stream()
                    .filter(check -> !acknowledged.contains(check))
                    .toList();
            if (!unseen.isEmpty()) {
                throw new Problem(
                        ZoneProblem.NOT_ACKNOWLEDGED,
                        "checks",
                        unseen.stream().map(Enum::name).collect(Collectors.joining(", ")));
            }
            decide(who, id, ZoneRun.State.RELEASED, why, null);
            jdbc.sql("update zone_runs set report = cast(? as jsonb) where id = ?")
                    .params(ZoneRuns.JSON.writeValueAsString(report), id)
                    .update();
            Release release = releases.make(zone, run, who, why);
            // Now it goes out, and counts so.
            jdbc.sql("select unnest(grants) from zone_runs where id = ?")
                    .param(id)
                    .query(UUID.class)
                    .list()
                    .forEach(grant -> granted.delivered(grant, release.rows()));
            audit.record(
                    new Actor(who.username(), address),
                    Act.RESULT_RELEASED,
                    release.number(),
                    Map.of(),
                    Map.of("run", id.toString(), "sha256", release.sha256(), "reason", why));
            return release;
        })));
    }

    /** Keeps it from leaving; its rows are deleted. */
    public ZoneRun refuse(Account who, String address, UUID id, @Nullable String reason, @Nullable String legalBasis) {
        String why = Zones.required(reason, "不予带出的理由 (why it may not leave)");
        String law = Zones.required(legalBasis, "依据 (the legal basis)");
        transaction.executeWithoutResult(status -> {
            Zone zone = zones.lock(runs.find(id).zone());
            ZoneRun run = runs.find(id);
            ZoneRuns.requireState(run, ZoneRun.State.SUBMITTED);
            requireOther(who, zone, run);
            decide(who, id, ZoneRun.State.REFUSED, why, law);
            audit.record(
                    new Actor(who.username(), address),
                    Act.RESULT_REFUSED,
                    id.toString(),
                    Map.of(),
                    Map.of("reason", why, "legalBasis", law));
        });
        files.forget(id);
        return runs.get(who, id);
    }

    private void decide(Account who, UUID id, ZoneRun.State state, String reason, @Nullable String legalBasis) {
        jdbc.sql("""
                        update zone_runs set state = :state, reviewer = :who, reviewer_name = :name, reviewed_at = :at, reason = :reason,
                            legal_basis = :law, due_at = null where id = :id""")
                .param("state", state.name())
                .param("who", who.username())
                .param("name", who.displayName())
                .param("at", Timestamp.from(clock.instant()))
                .param("reason", reason)
                .param("law", legalBasis)
                .param("id", id)
                .update();
    }

    private void requireOther(Account who, Zone zone, ZoneRun run) {
        Department own = who.department();
        if (who.username().equals(run.who())
                || who.username().equals(leaving.submitter(run.id()))
                || own != null && own.id().equals(zone.operator().id())) {
            throw new Problem(ZoneProblem.FOUR_EYES);
        }
    }

    @Override
    public List<Owed> owed() {
        return List.of();
    }

    @Override
    public int waitForBureau() {
        return jdbc.sql("select count(*) from zone_runs where state = 'SUBMITTED'")
                .query(Integer.class)
                .single();
    }
}

package org.qiantang.quality;

import java.sql.Timestamp;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.qiantang.catalog.CatalogProblem;
import org.qiantang.catalog.Resource;
import org.qiantang.catalog.Resources;
import org.qiantang.core.Problem;
import org.qiantang.lake.LakeException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Looks at every snapshot by every rule, one at a time: what is due is what differs from what was looked at last, so nothing is lost when a
 * hub ends.
 */
@Service
public final class Evaluations {
    /** A table that is followed changes every second; it is looked at again after a rest, and after longer the longer it took. */
    private static final Duration REST = Duration.ofSeconds(10);

    private static final int REST_FOR_WORK = 20;
    private static final Duration SHORTLY = Duration.ofSeconds(20);
    /** What the clock decides is looked at again without a new snapshot. */
    private static final Duration BY_THE_CLOCK = Duration.ofMinutes(15);

    private static final Duration KEPT = Duration.ofDays(400);

    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final Rules rules;
    private final Resources resources;
    private final Scores scores;
    private final Tickets tickets;
    private final Clock clock;
    private final Semaphore work = new Semaphore(0);

    Evaluations(
            JdbcClient jdbc,
            TransactionTemplate transaction,
            Rules rules,
            Resources resources,
            Scores scores,
            Tickets tickets,
            Clock clock) {
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.rules = rules;
        this.resources = resources;
        this.scores = scores;
        this.tickets = tickets;
        this.clock = clock;
    }

    /** A resource with the rules by which it has to be looked at. */
    record Due(UUID resource, List<UUID> rules) {}

    private record Before(@Nullable Long rows) {}

    /** Looks now rather than in a moment. */
    public void hurry() {
        work.release();
    }

    void awaitWork() throws InterruptedException {
        if (work.tryAcquire(3, TimeUnit.SECONDS)) {
            work.drainPermits();
        }
    }

    /** The resource that has waited longest. */
    Optional<Due> next() {
        Timestamp now = Timestamp.from(clock.instant());
        String due = """
                select r.id, r.resource_id, r.asked, r.seen_at from quality_rules r
                join catalog_resources c on c.id = r.resource_id
                join quality_rule_versions v on v.rule_id = r.id and v.version = r.version
                where r.retired_at is null and r.not_before <= :now
                    and (c.snapshot_id is not null or v.requirement ->> 'kind' in ('TIMELY', 'ROWS_KEPT', 'REACHABLE'))
                    and (r.asked or r.seen_version is distinct from r.version or r.seen_snapshot is distinct from c.snapshot_id
                        or v.requirement ->> 'kind' in ('TIMELY', 'REACHABLE') and r.seen_at < :before)
                """;
        Timestamp before = Timestamp.from(clock.instant().minus(BY_THE_CLOCK));
        Optional<UUID> resource = jdbc.sql(
                        "select resource_id from (" + due + ") due order by asked desc, seen_at nulls first limit 1")
                .param("now", now)
                .param("before", before)
                .query(UUID.class)
                .optional();
        return resource.map(id -> new Due(
                id,
                jdbc.sql("select id from (" + due + ") due where resource_id = :resource")
                        .param("now", now)
                        .param("before", before)
                        .param("resource", id)
                        .query((row, n) -> row.getObject(1, UUID.class))
                        .list()));
    }

    /** Looks, and stores what came of it. False when the lake does not answer now, so that it is due again shortly. */
    boolean carryOut(Due due) {
        Resource about = resources.get(due.resource);
        for (UUID id : due.rules) {
            Rule rule = rules.get(id);
            Before before = jdbc.sql(
                            "select case when seen_version = version then rows end from quality_rules where id = ?")
                    .param(id)
                    .query((row, n) -> new Before((Long) row.getObject(1)))
                    .single();
            Rule.Outcome outcome;
            try {
                outcome = rules.look(Rules.PURPOSE, about, rule.requirement(), rule.version(), before.rows);
            } catch (Problem problem) {
                if (problem.code() == CatalogProblem.LAKE_UNAVAILABLE) {
                    postpone(id);
                    return false;
                }
                outcome = broken(rule, about, new Words(problem.zh(), problem.en()));
            } catch (LakeException e) {
                String reason = String.valueOf(e.getMessage());
                outcome = broken(rule, about, new Words(reason, reason));
            }
            store(rule, about, outcome);
        }
        transaction.executeWithoutResult(status -> scores.settle(about));
        return true;
    }

    private Rule.Outcome broken(Rule rule, Resource about, Words why) {
        return new Rule.Outcome(rule.version(), about.snapshotId(), clock.instant(), 0, 0, 0, why);
    }

    private void postpone(UUID rule) {
        jdbc.sql("update quality_rules set not_before = ? where id = ?")
                .params(Timestamp.from(clock.instant().plus(SHORTLY)), rule)
                .update();
    }

    private void store(Rule rule, Resource about, Rule.Outcome outcome) {
        Rule.Outcome before = rule.newest();
        boolean isNews = before == null
                || before.version() != outcome.version()
                || !java.util.Objects.equals(before.snapshotId(), outcome.snapshotId())
                || before.failed() != outcome.failed()
                || before.checked() != outcome.checked()
                || (before.error() == null) != (outcome.error() == null);
        Duration rest = REST.plus(Duration.ofMillis(outcome.millis()).multipliedBy(REST_FOR_WORK));
        transaction.executeWithoutResult(status -> {
            Long newest = isNews ? insert(rule, outcome) : null;
            jdbc.sql("""
                            update quality_rules set seen_version = :version, seen_snapshot = cast(:snapshot as bigint), seen_at = :at,
                                asked = false, not_before = :later, newest = coalesce(:newest, newest),
                                rows = coalesce(cast(:rows as bigint), rows)
                            where id = :id""")
                    .param("version", rule.version())
                    .param("snapshot", about.snapshotId())
                    .param("at", Timestamp.from(outcome.at()))
                    .param("later", Timestamp.from(clock.instant().plus(rest)))
                    .param("newest", newest, java.sql.Types.BIGINT)
                    // What it is held against stays until the rows are back, or somebody says in a new version that
                    // they may be gone.
                    .param("rows", outcome.passes(rule.tolerance()) ? about.rows() : null, java.sql.Types.BIGINT)
                    .param("id", rule.id())
                    .update();
            tickets.judged(rule, about, outcome);
        });
    }

    private long insert(Rule rule, Rule.Outcome outcome) {
        Words error = outcome.error();
        String snapshot = outcome.snapshotId();
        return jdbc.sql("""
                        insert into quality_outcomes (rule_id, version, snapshot_id, at, checked, failed, millis, error_zh, error_en)
                        values (:rule, :version, cast(:snapshot as bigint), :at, :checked, :failed, :millis, :zh, :en) returning id""")
                .param("rule", rule.id())
                .param("version", outcome.version())
                .param("snapshot", snapshot)
                .param("at", Timestamp.from(outcome.at()))
                .param("checked", outcome.checked())
                .param("failed", outcome.failed())
                .param("millis", outcome.millis())
                .param("zh", error == null ? null : error.zh())
                .param("en", error == null ? null : error.en())
                .query(Long.class)
                .single();
    }

    /** Lets go of outcomes older than anybody asks for; the newest of each rule stays. */
    void thin() {
        jdbc.sql("""
                        delete from quality_outcomes o where o.at < ?
                            and not exists (select from quality_rules r where r.newest = o.id)""").param(Timestamp.from(clock.instant().minus(KEPT))).update();
    }
}

package org.qiantang.quality;

import java.sql.Timestamp;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.qiantang.catalog.Guide;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;

/** What has not come in the update cycle that its department states in the directory (时效), whether there is a rule about it or not. */
@Service
public final class Timeliness {
    private static final int MOST_SHOWN = 200;

    private final JdbcClient jdbc;
    private final Clock clock;

    Timeliness(JdbcClient jdbc, Clock clock) {
        this.jdbc = jdbc;
        this.clock = clock;
    }

    /** @param dueAt until when it could have come in time */
    public record Late(UUID resource, String title, String departmentId, Guide.UpdateCycle cycle, Instant dueAt) {}

    /** Those that have been late longest first. */
    public List<Late> late() {
        record Stated(UUID resource, String title, String departmentId, Guide.UpdateCycle cycle, Instant asOf) {}
        Instant now = clock.instant();
        List<Stated> stated = jdbc.sql("""
                        select r.id, r.title, r.department_id, e.update_cycle as cycle, r.as_of
                        from catalog_entries e join catalog_resources r on r.id = e.resource_id
                        where e.update_cycle is not null and r.as_of < ? and r.gone_since is null
                            and e.state <> 'RETIRED' order by r.as_of""")
                .param(Timestamp.from(now))
                .query((row, n) -> new Stated(
                        row.getObject("id", UUID.class),
                        row.getString("title"),
                        row.getString("department_id"),
                        Guide.UpdateCycle.valueOf(row.getString("cycle")),
                        row.getTimestamp("as_of").toInstant()))
                .list();
        return stated.stream()
                .flatMap(each -> Cycles.allowance(each.cycle)
                        .map(each.asOf::plus)
                        .filter(due -> due.isBefore(now))
                        .map(due -> new Late(each.resource, each.title, each.departmentId, each.cycle, due))
                        .stream())
                .sorted(java.util.Comparator.comparing(Late::dueAt).thenComparing(Late::resource))
                .limit(MOST_SHOWN)
                .toList();
    }
}

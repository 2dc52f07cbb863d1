package org.qiantang.share;

import java.time.Instant;
import java.util.List;
import org.qiantang.core.Problem;

/** From when to when, how much and what of which tables: what a source department may narrow before it grants. */
public record Terms(Instant from, Instant to, Quota quota, List<GrantedTable> tables) {
    public Terms {
        tables = List.copyOf(tables);
        if (!from.isBefore(to)) {
            throw new IllegalArgumentException("A period has a beginning and then an end");
        }
        if (tables.isEmpty()
                || tables.stream().map(GrantedTable::table).distinct().count() != tables.size()) {
            throw new IllegalArgumentException("Each table is granted once, and at least one is");
        }
    }

    /** Refuses whatever opens more than the others. */
    void requireWithin(Terms asked) {
        if (from.isBefore(asked.from) || to.isAfter(asked.to)) {
            throw wider("期限 (the period)");
        }
        if (!quota.isWithin(asked.quota)) {
            throw wider("用量 (the quota)");
        }
        for (GrantedTable table : tables) {
            if (asked.tables.stream().noneMatch(table::isWithin)) {
                throw wider(table.table().toString());
            }
        }
    }

    private static Problem wider(String what) {
        return new Problem(ShareProblem.WIDER_THAN_ASKED, "what", what);
    }
}

package org.qiantang.catalog;

import java.sql.Timestamp;
import java.time.Clock;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.qiantang.lake.Query;
import org.qiantang.lake.TableName;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;

/**
 * What is written down of every read of the lake: before its first row that somebody asks, what for and by which right, and at its end what
 * they were given.
 */
@Service
final class Accesses {
    private final JdbcClient jdbc;
    private final Clock clock;

    Accesses(JdbcClient jdbc, Clock clock) {
        this.jdbc = jdbc;
        this.clock = clock;
    }

    /** Who reads, what for, and whether anything sensitive is seen in clear. */
    record Errand(
            String who,
            String purpose,
            @Nullable String caseNumber,
            @Nullable Entitlement entitlement,
            boolean unmasked) {}

    /** Returns by which id the end is told. */
    long begin(Errand errand, Query query, Set<TableName> tables) {
        Entitlement entitlement = errand.entitlement;
        return jdbc.sql("""
                        insert into catalog_access (at, who, purpose, sql, as_of, tables, unmasked, entitlement, entitlement_number, case_number)
                        values (:at, :who, :purpose, :sql, :asOf, :tables, :unmasked, :entitlement, :number, :case) returning id""")
                .param("entitlement", entitlement == null ? null : entitlement.id())
                .param("number", entitlement == null ? null : entitlement.number())
                .param("case", errand.caseNumber)
                .param("at", Timestamp.from(clock.instant()))
                .param("who", errand.who)
                .param("purpose", errand.purpose)
                .param("sql", query.sql())
                .param("asOf", query.asOf())
                .param("tables", tables.stream().map(TableName::toString).toArray(String[]::new))
                .param("unmasked", errand.unmasked)
                .query(Long.class)
                .single();
    }

    void end(long access, long rows) {
        jdbc.sql("update catalog_access set rows = ?, ended_at = ? where id = ?")
                .params(rows, Timestamp.from(clock.instant()), access)
                .update();
    }
}
